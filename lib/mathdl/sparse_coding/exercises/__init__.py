"""Chapter 4, checks for the exercises, one module a topic."""
