"""Chapter 1's statements, one module a topic, registered in the order of the text."""

from importlib import import_module

TOPICS = ("nets", "pieces", "representation", "combining", "hard", "zonotopes",
          "boolean", "one_hidden", "andreev", "cones")

for topic in TOPICS:
    import_module(f"{__name__}.{topic}")
