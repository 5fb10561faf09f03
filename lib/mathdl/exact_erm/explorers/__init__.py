"""Chapter 2, explorers, one module a topic."""
