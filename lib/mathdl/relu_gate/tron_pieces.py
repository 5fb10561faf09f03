"""GLM-Tron on a gate with one kink, in closed form from piece to piece: tens of thousands of updates in milliseconds.

While no ⟨w, x_i⟩ changes its sign, σ is linear on the data and an update is w ↦ (I − A) w + b, A = (1/S) Σ s_i x_i x_iᵀ
(s_i the slope on the side of sample i), b = (1/S) Σ y_i x_i. In the eigenvectors of A, k updates are a power and a
geometric sum; the formula is used up to the first iterate on which some sign has changed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.activations import Activation
from mathdl.relu_gate.glm_tron import TronRun

Array = NDArray[np.float64]
FLAT = 1e-14  # an eigenvalue of A below this is zero: its true size is rounding of entries of size at most 2


def tron_by_pieces(x: ArrayLike, y: ArrayLike, activation: Activation, updates: int, *,
                   w_star: ArrayLike | None = None) -> TronRun:
    """What `glm_tron` returns from w_1 = 0, for labels `y` (R, S) and an activation that is linear on each side of 0.

    Fast when signs change rarely. ValueError for another activation, with the two slopes that were tried.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or y.ndim != 2 or y.shape[1] != len(x):
        raise ValueError(f"expected inputs (S, n) and labels (R, S); got shapes {x.shape} and {y.shape}")
    slopes = kink_slopes(activation)
    w = np.stack([_path(x, labels, slopes, updates) for labels in y], axis=1)
    h = activation(w @ x.T)
    target = None if w_star is None else activation(x @ np.asarray(w_star, dtype=float))
    return TronRun(w, ((h - y) ** 2).mean(-1), None if target is None else ((h - target) ** 2).mean(-1))


def kink_slopes(activation: Activation) -> tuple[float, float]:
    """The slopes of σ left and right of 0; ValueError when σ is not linear on both sides."""
    u = np.array([-8.0, -1.0, -0.125, 0.0, 0.125, 1.0, 8.0])
    left, right = -float(activation(u)[1]), float(activation(u)[5])
    if not np.allclose(activation(u), np.where(u >= 0, right, left) * u, rtol=1e-12, atol=0):
        raise ValueError(f"activation: expected σ(u) = {right:g} u for u ≥ 0 and {left:g} u for u < 0, a kink at 0; "
                         f"{activation.name} is not: use glm_tron")
    return left, right


def _path(x: Array, y: Array, slopes: tuple[float, float], updates: int) -> Array:
    """All iterates (updates + 1, n) for one vector of labels (S,)."""
    w, b, t = np.zeros((updates + 1, x.shape[1])), y @ x / len(x), 0
    reach = 64  # a piece is tried this far, and twice as far each time that it was not left
    while t < updates:
        side = x @ w[t] >= 0
        ahead = _linear_updates(w[t], x, np.where(side, slopes[1], slopes[0]), b, min(reach, updates - t))
        left = np.flatnonzero(((ahead @ x.T >= 0) != side).any(axis=1))
        steps = left[0] + 1 if left.size else len(ahead)
        w[t + 1:t + 1 + steps] = ahead[:steps]
        t, reach = t + steps, 64 if left.size else 2 * reach
    return w


def _linear_updates(w: Array, x: Array, slope: Array, b: Array, count: int) -> Array:
    """The iterates after 1, …, `count` updates (count, n) when sample i has the fixed slope s_i."""
    a, Q = np.linalg.eigh((x.T * slope) @ x / len(x))
    k = np.arange(1, count + 1)[:, None]
    power = (1 - a) ** k
    small = np.where((a > FLAT) & (a < 0.5), a, 0.25)  # 1 − (1 − a)^k cancels there: take it from its logarithm
    total = np.where(a < 0.5, -np.expm1(k * np.log1p(-small)) / small, (1 - power) / np.where(a < 0.5, 1, a))
    return (power * (w @ Q) + np.where(a > FLAT, total, k) * (b @ Q)) @ Q.T
