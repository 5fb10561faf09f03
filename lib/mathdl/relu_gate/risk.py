"""The risk of one gate when another gate labels the data: exact for Gaussian inputs, with its error for other laws."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mathdl.relu_gate.gates import relu
from mathdl.relu_gate.laws import InputLaw, target

SERIES = 0.03  # below this angle sin θ - θ cos θ is summed: its terms cancel to θ³/3


def gaussian_risk(w: ArrayLike, w_star: ArrayLike) -> float:
    """E(σ(⟨w, x⟩) - σ(⟨w_*, x⟩))² for standard normal x and gates σ = max(0, ·); w and w_* of shape (n,).

    ½‖w - w_*‖² - ‖w‖‖w_*‖ (sin θ - θ cos θ)/π with θ the angle between them: the arc-cosine kernel of degree one (Cho
    and Saul 2009) written so that nothing cancels when w is near w_*. Source: Mukherjee 2020, problem of section 3.3.
    """
    w = np.asarray(w, dtype=float)
    w_star = target(w_star, len(w))
    a, b = float(np.linalg.norm(w)), float(np.linalg.norm(w_star))
    half = float(((w - w_star) ** 2).sum()) / 2
    if a == 0 or b == 0:
        return half
    u, v = w / a, w_star / b
    angle = 2 * float(np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v)))
    return half - a * b * _bend(angle) / np.pi


def sampled_risk(w: ArrayLike, w_star: ArrayLike, law: InputLaw, samples: int, *, rng: np.random.Generator,
                 lipschitz: float = 1.0) -> tuple[float, float]:
    """The mean of (σ(⟨w, x⟩) - σ(⟨w_*, x⟩))² over fresh inputs, σ = lipschitz · max(0, ·), and its error.

    The error is that of `core.intervals.mean_error`. Source: Mukherjee 2020, problem of section 3.3.
    """
    from mathdl.core.intervals import mean_error

    w = target(w, law.n)
    x = law.sample((samples,), rng=rng)
    losses = lipschitz ** 2 * (relu(x @ w) - relu(x @ target(w_star, law.n))) ** 2
    return float(losses.mean()), float(mean_error(losses))


def risk_bound(w: ArrayLike, w_star: ArrayLike, second_moment: float, lipschitz: float = 1.0) -> float:
    """L² ‖w - w_*‖² E‖x‖², a bound of the risk for gates with Lipschitz constant L (the source has L = 1).

    |σ(⟨w, x⟩) - σ(⟨w_*, x⟩)| <= L |⟨w - w_*, x⟩| <= L ‖w - w_*‖ ‖x‖. Source: Mukherjee 2020, after Theorem 3.3.1.
    """
    difference = np.asarray(w, dtype=float) - np.asarray(w_star, dtype=float)
    return float(lipschitz ** 2 * (difference @ difference) * second_moment)


def _bend(angle: float) -> float:
    """sin θ - θ cos θ, to rounding also for small θ."""
    if angle < SERIES:  # θ³ (1/3 - θ²/30 + θ⁴/840), the next term is below 1e-16 of the first
        return angle ** 3 * (1 / 3 - angle ** 2 / 30 + angle ** 4 / 840)
    return float(np.sin(angle) - angle * np.cos(angle))
