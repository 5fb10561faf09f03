"""Chapter 4, the tables and figures of the source, at scale "laptop" or "paper"."""
