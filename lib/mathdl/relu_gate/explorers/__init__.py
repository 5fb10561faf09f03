"""Chapter 3, explorers, one module a topic."""
