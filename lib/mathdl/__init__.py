"""Theorems That Run: an executable companion to the mathematics of deep learning."""

__version__ = "0.1.0"
