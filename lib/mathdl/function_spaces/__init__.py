"""Chapter 1. Function spaces: ReLU nets as piecewise linear functions."""
