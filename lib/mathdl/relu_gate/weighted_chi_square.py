"""Sums Q = Σ σ_i² z_i² of squared independent normal variables: tails and cut means by a series with a proved rest.

With b = min σ_i² and d variables, Q/b is chi-square with d + 2K degrees of freedom, where K is a sum of d independent
negative binomial numbers, NB(1/2) with ratio γ_i = 1 − b/σ_i² (Ruben 1962). So P(Q > x) = Σ_k c_k P(χ²_{d+2k} > x/b)
with c_k = P(K = k) >= 0. K is stochastically smaller than one NB(d/2) number with the largest ratio, whose tail bounds
what is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEFT_OUT = 1e-16  # of the result
TINY = 1e-40  # or this much, where the result is very small
LONGEST = 2 ** 18  # terms; up to 90 (σ_max/σ_min)² are needed


def chi_square_sum_tail(x: float, sigmas: Sequence[float]) -> float:
    """P(Σ σ_i² z_i² > x) for x >= 0; coordinates with σ_i = 0 do not count.

    What the series leaves out is below 1e-16 of the result or 1e-40, rounding below 1e-11 of it. ValueError when the
    deviations are so unequal that more than 2^18 terms are needed.
    """
    from scipy.special import gammaincc

    positive = [s for s in sigmas if s > 0]
    if not positive:
        return 0.0
    b, c = _mixture(x, positive)
    return float(c @ gammaincc(len(positive) / 2 + np.arange(len(c)), x / (2 * b)))


def chi_square_sum_cut(x: float, sigmas: Sequence[float]) -> float:
    """E min(x, Σ σ_i² z_i²) for x >= 0, from E[χ²_m; χ²_m <= y] = m P(χ²_{m+2} <= y); errors as for the tail."""
    from scipy.special import gammainc, gammaincc

    positive = [s for s in sigmas if s > 0]
    if not positive:
        return 0.0
    b, c = _mixture(x, positive)
    half = len(positive) / 2 + np.arange(len(c))
    return float(c @ (2 * b * half * gammainc(half + 1, x / (2 * b)) + x * gammaincc(half, x / (2 * b))))


def _mixture(x: float, sigmas: Sequence[float]) -> tuple[float, Array]:
    """b and c_0, ..., c_K with P(K' > K) below 1e-16 of a lower bound on P(Q > x) and on E min(x, Q)/x."""
    from scipy.special import erfc

    ratios = (min(sigmas) / np.array(sigmas)) ** 2
    least = erfc(math.sqrt(x / 2) / max(sigmas))  # P(σ_max² z² > x), below both
    terms = _terms(len(sigmas) / 2, ratios.min(), max(LEFT_OUT * least, TINY))
    return min(sigmas) ** 2, _negative_binomials(ratios, terms)


def _terms(r: float, success: float, left_out: float) -> int:
    """The smallest power of two K with P(NB(r) > K) <= left_out."""
    from scipy.special import betainc

    K = 1
    while success < 1 and betainc(K + 1, r, 1 - success) > left_out:  # P(NB(r) > K) = I_{1-p}(K + 1, r)
        K *= 2
        if K > LONGEST:
            raise ValueError(f"sigmas: expected standard deviations within a factor 50 of each other (zeros do not "
                             f"count); got a factor {success ** -0.5:.3g}, whose series has over {LONGEST} terms")
    return K


def _negative_binomials(ratios: Array, terms: int) -> Array:
    """P(K = k) for k <= terms: k c_k = ½ Σ_i s_i with s_i <- γ_i (s_i + c_{k-1}); nothing negative, so no digits go."""
    gamma, s = 1 - ratios, np.zeros(len(ratios))
    c = np.zeros(terms + 1)
    c[0] = math.sqrt(math.prod(ratios))
    for k in range(1, terms + 1):
        s = gamma * (s + c[k - 1])
        c[k] = s.sum() / (2 * k)
    return c
