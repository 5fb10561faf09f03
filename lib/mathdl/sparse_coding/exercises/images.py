"""Checks of the exercises on autoencoders of images."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from mathdl.core.exercise import Feedback, feedback


def check_copies(answer: ArrayLike) -> Feedback:
    """Weights (h, 2), no bias, that return every vector of the plane: Wᵀ ReLU(W y) = y."""
    return feedback(answer, _copies, right="Positive and negative parts of each coordinate are kept apart.",
                    hint="One atom a row, two columns. ReLU loses what is below 0: y = ReLU(y) − ReLU(−y).")


def check_fewest(answer: int) -> Feedback:
    """The smallest number of hidden units of a net with linear output that copies every vector of 784 numbers."""
    return feedback(answer, lambda h: isinstance(h, Integral) and h == 2 * 784,
                    right="Half of them are on at y and the other half at −y, and each half must span the space.",
                    hint="Far out, which units are on at y, and which at −y? What rank does each side need?")


def _copies(weights: ArrayLike) -> bool:
    """The net is linear between the lines on which a unit switches; points on a fine circle meet every such cone."""
    w = np.asarray(weights, dtype=float)
    if w.ndim != 2 or w.shape[1] != 2:
        raise ValueError(f"expected rows of two numbers; got shape {w.shape}")
    turns = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    y = np.column_stack([np.cos(turns), np.sin(turns)])
    return bool(np.abs(np.maximum(y @ w.T, 0) @ w - y).max() < 1e-6)
