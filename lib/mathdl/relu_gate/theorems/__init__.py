"""Chapter 3's statements, one module a topic, registered in the order of the text."""

from importlib import import_module

TOPICS = ("sampling", "recursion", "rates", "dynamics", "confinement", "tron", "benign", "filters")

for topic in TOPICS:
    import_module(f"{__name__}.{topic}")
