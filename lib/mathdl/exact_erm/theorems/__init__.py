"""Chapter 2's statements, one module a topic, registered in the order of the text."""

from importlib import import_module

TOPICS = ("problem", "cells", "algorithm", "rays", "line", "branching", "certificates", "landscape", "cost", "reliable")

for topic in TOPICS:
    import_module(f"{__name__}.{topic}")
