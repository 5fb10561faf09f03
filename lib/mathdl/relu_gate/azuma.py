"""Tails of supermartingales: the Azuma-Hoeffding bound, Freedman's, and random walks where the tail is exact."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def azuma_bound(differences: ArrayLike, level: float) -> float:
    """exp(−λ²/(2 Σ c_i²)), a bound on P(max_{t <= n} X_t − X_0 >= λ) for supermartingales with |X_i − X_{i−1}| <= c_i.

    `differences` (n,) are the c_i. ValueError unless all c_i >= 0 and λ > 0. Source: Mukherjee 2020, Theorem 3.D.1,
    there for X_n alone; the maximum follows by freezing X at the first passage.
    """
    c = np.asarray(differences, dtype=float)
    if c.ndim != 1 or not (np.isfinite(c) & (c >= 0)).all():
        raise ValueError(f"differences: expected one bound c_i >= 0 a step, shape (n,); got {differences!r}")
    total = math.fsum(c ** 2)
    return math.exp(-checked_level(level) ** 2 / (2 * total)) if total else 0.0


def freedman_bound(variance: float, largest: float, level: float) -> float:
    """(V/(V + cλ))^{(V + cλ)/c²} e^{λ/c}, a bound on P(max_{t <= n} X_t − X_0 >= λ) for supermartingales.

    The increments are at most `largest` = c above (how far down does not matter), and the sum of their conditional
    second moments is at most `variance` = V. Source: Freedman 1975, Theorem 1.6.
    """
    if not (variance >= 0 and largest > 0):
        raise ValueError(f"expected a variance >= 0 and a largest increment > 0; got {variance} and {largest}")
    a, b = checked_level(level) / largest, variance / largest ** 2
    if b == 0:
        return 0.0
    u = a / b  # b ((1 + u) log(1 + u) - u), by its series where the difference would lose its digits
    exponent = b * ((1 + u) * math.log1p(u) - u) if u > 1e-4 else b * u ** 2 * (1 / 2 - u / 6 + u ** 2 / 12)
    return math.exp(-exponent)


def checked_level(level: float) -> float:
    """λ, if it is one that a bound can be asked for."""
    if not level > 0:
        raise ValueError(f"level: expected a height λ > 0; got {level}")
    return float(level)


def walk(steps: int, values: Sequence[int], weights: ArrayLike) -> tuple[NDArray[np.int64], Array]:
    """Where a walk with independent integer steps stands after `steps` of them: the places and their probabilities.

    Repeated convolution of nonnegative numbers, so the relative error is below 1e-15 times the number of operations.
    """
    law, low = _step_law(values, weights)
    held = np.ones(1)
    for _ in range(steps):
        held = np.convolve(held, law)
    return steps * low + np.arange(len(held)), held


def walk_tail(steps: int, level: float, values: Sequence[int], weights: ArrayLike) -> float:
    """P(S_steps >= level) of that walk."""
    places, held = walk(steps, values, weights)
    return math.fsum(held[places >= level])


def walk_crossing(steps: int, level: float, values: Sequence[int], weights: ArrayLike) -> float:
    """P(max_{t <= steps} S_t >= level) of that walk, level > 0: what reaches the level is taken out and added up."""
    law, low = _step_law(values, weights)
    checked_level(level)
    held, crossed = np.ones(1), []
    for t in range(1, steps + 1):
        held = np.convolve(held, law)
        over = t * low + np.arange(len(held)) >= level
        crossed += held[over].tolist()
        held[over] = 0.0
    return math.fsum(crossed)


def _step_law(values: Sequence[int], weights: ArrayLike) -> tuple[Array, int]:
    """The probabilities of low, low + 1, ..., and low, the smallest value."""
    values, weights = np.asarray(values), np.asarray(weights, dtype=float)
    if values.dtype.kind not in "iu" or values.shape != weights.shape or values.ndim != 1:
        raise ValueError(f"values: expected whole numbers, one a weight; got {values!r}")
    if not (weights >= 0).all() or abs(math.fsum(weights) - 1) > 1e-12:
        raise ValueError(f"weights: expected probabilities that add up to 1; got {weights!r}")
    low = int(values.min())
    return np.bincount(values - low, weights=weights), low
