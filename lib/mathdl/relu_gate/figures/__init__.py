"""Chapter 3, figures, one module a topic."""
