"""Chapter 4. Sparse coding: why an autoencoder finds the dictionary, and how far from it the promise reaches."""
