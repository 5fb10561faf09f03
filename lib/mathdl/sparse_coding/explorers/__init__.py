"""Chapter 4, explorers, one module a topic."""
