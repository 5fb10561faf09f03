"""Chapter 1, explorers, one module a topic."""
