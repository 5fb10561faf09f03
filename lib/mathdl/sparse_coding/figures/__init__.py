"""Chapter 4, figures, one module a topic."""
