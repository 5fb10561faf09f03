"""How much Gaussian noise Theorem 3.4.1 allows: the tail bound of its remark, a sharper one, and the exact tail."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mathdl.relu_gate.noise import GaussianNoise

TAILS = ("printed", "concentration", "exact")


def gaussian_tail(cutoff: float, sigmas: Sequence[float], kind: str = "exact") -> float:
    """P[‖ξ‖ > C_L] for ξ with independent N(0, σ_i²) coordinates, `sigmas` standard deviations; or a bound on it.

    "exact": `GaussianNoise.tail`. "printed": 4 exp(−C_L²/(8 Σσ_i²)) (Mukherjee 2020, Remark after Theorem 3.4.1, after
    Ledoux and Talagrand). "concentration" (ours): exp(−(C_L − √Σσ_i²)²/(2 max σ_i²)) where C_L² >= Σσ_i², else 1: ‖ξ‖
    is max σ_i times a 1-Lipschitz function of normal variables, and its mean is at most √Σσ_i².
    """
    noise = GaussianNoise(tuple(sigmas))
    if kind not in TAILS:
        raise ValueError(f"kind: expected one of {', '.join(TAILS)}; got {kind!r}")
    if kind == "exact" or not any(noise.sigmas):
        return noise.tail(cutoff)
    power = noise.second_moment
    if kind == "printed":
        return 4 * math.exp(-cutoff ** 2 / (8 * power))
    return math.exp(-max(cutoff - math.sqrt(power), 0.0) ** 2 / (2 * max(noise.sigmas) ** 2))


def max_noise(cutoff: float, updates: int, *, shape: Sequence[float] = (1.0,), budget: float = 1.0,
              kind: str = "printed") -> float:
    """The largest Σσ_i², with σ proportional to `shape`, at which i_max times the tail of that kind is `budget`.

    With budget 1 and kind "printed" this is C_L²/(8 log(4 i_max)), the condition of the remark, whatever the shape.
    Raises ValueError unless 0 < budget <= i_max.
    """
    from scipy.optimize import brentq

    if not 0 < budget <= updates:
        raise ValueError(f"budget: expected a number above 0, at most i_max = {updates}; got {budget}")
    wanted = math.log(updates / budget)
    power, top = math.fsum(s * s for s in shape), max(shape)
    if kind == "printed":
        return cutoff ** 2 / (8 * (wanted + math.log(4)))
    if kind == "concentration":
        return power * (cutoff / (math.sqrt(power) + top * math.sqrt(2 * wanted))) ** 2

    def excess(log_scale: float) -> float:
        tail = gaussian_tail(cutoff, [s * math.exp(log_scale) for s in shape], kind)
        return (math.log(tail) if tail else -1e6) + wanted

    centre = math.log(cutoff / math.sqrt(power))
    return power * math.exp(2 * brentq(excess, centre - math.log(60), centre + 40, xtol=1e-13))
