"""Chapter 3, checks for the exercises, one module a topic."""
