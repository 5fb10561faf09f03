"""Chapter 4's statements, one module a topic, registered in the order of the text."""

from importlib import import_module

TOPICS = ("model", "autoencoder", "support", "population", "criticality", "tables", "images", "learners")

for topic in TOPICS:
    import_module(f"{__name__}.{topic}")
