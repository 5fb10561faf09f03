"""How large θ must be for |ξ_i| ≤ θ to hold for all labels at once, with confidence 1 − δ."""

from __future__ import annotations

import math

import numpy as np

from mathdl.relu_gate.noise import NoiseLaw


def theta_for_confidence(noise: NoiseLaw, samples: int, delta: float, *, independent: bool = True) -> float:
    """The least θ with P(max |ξ_i| ≤ θ) ≥ 1 − δ for S labels: the (1 − δ) quantile of the maximum, not of one ξ_i.

    Independent noise: P(|ξ| > θ) ≤ 1 − (1 − δ)^(1/S). With `independent=False`, P(|ξ| > θ) ≤ δ/S, which is enough for
    identically distributed noise of any dependence (union bound). Found by bisection down to neighbouring floats: a
    value of a finite law, and as exact as `noise.tail` else. Source: Mukherjee 2020, Corollary 3.5.4.
    ValueError for a law of vectors, S < 1, or δ outside (0, 1).
    """
    _check(noise, samples)
    if not 0 < delta < 1:
        raise ValueError(f"delta: expected a probability between 0 and 1, both excluded; got {delta}")
    if noise.bound == 0:
        return 0.0
    high = noise.bound if math.isfinite(noise.bound) else math.sqrt(noise.second_moment)
    while not _is_enough(noise, samples, delta, independent, high):
        high *= 2
    low, high = 0, int(np.float64(high).view(np.int64))  # floats ≥ 0 are ordered like their bits
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _is_enough(noise, samples, delta, independent, _float(middle)) else (middle, high)
    return _float(high)


def coverage(noise: NoiseLaw, samples: int, theta: float) -> float:
    """P(max |ξ_i| ≤ θ) = P(|ξ| ≤ θ)^S for S independent labels, exact. ValueError for a law of vectors, θ ≤ 0."""
    _check(noise, samples)
    return (1 - noise.tail(theta)) ** samples


def _is_enough(noise: NoiseLaw, samples: int, delta: float, independent: bool, theta: float) -> bool:
    tail = noise.tail(theta)
    if not independent:
        return samples * tail <= delta
    return tail < 1 and samples * math.log1p(-tail) >= math.log1p(-delta)


def _float(bits: int) -> float:
    return float(np.int64(bits).view(np.float64))


def _check(noise: NoiseLaw, samples: int) -> None:
    if noise.n != 1:
        raise ValueError(f"noise: expected a law of numbers, n = 1, one a label; got n = {noise.n}")
    if samples < 1:
        raise ValueError(f"samples: expected 1 or more labels; got {samples}")
