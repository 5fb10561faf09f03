"""The gate f_w(x) = σ(⟨w, x⟩) with σ = max(0, ·), its labels, and what training data must be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def relu(u: Array) -> Array:
    """max(0, u), elementwise."""
    return np.maximum(u, 0.0)


def labels(x: ArrayLike, w_star: ArrayLike) -> Array:
    """Realizable labels y = σ(⟨w_*, x⟩), shape (...,) for inputs `x` (..., n) and target `w_star` (n,)."""
    return relu(np.asarray(x, dtype=float) @ np.asarray(w_star, dtype=float))


def checked_sample(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Finite data as float64 arrays x (S, n), y (S,); ValueError says what is wrong and what to do."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or not x.size:
        raise ValueError(f"x: expected samples in rows, shape (S, n) with S, n >= 1; got shape {x.shape}")
    if y.shape != (len(x),):
        raise ValueError(f"y: expected one label a sample, shape ({len(x)},); got {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("x and y: expected finite numbers; got NaN or infinity. Remove those samples")
    return x, y
