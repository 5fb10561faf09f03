"""Chapter 1, figures, one module a topic."""
