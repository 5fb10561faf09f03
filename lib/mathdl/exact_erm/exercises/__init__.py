"""Chapter 2, checks for the exercises, one module a topic."""
