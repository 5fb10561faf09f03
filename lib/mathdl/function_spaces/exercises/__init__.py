"""Chapter 1, exercises, one module a topic."""
