"""Chapter 2, figures, one module a topic."""
