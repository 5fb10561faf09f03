"""Where one bias can tell active units from the others: a sharp worst case, and the picture over (p, ζ)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def equicorrelated(h: int, coherence: float) -> Array:
    """A dictionary (h, h) with ⟨A_i, A_j⟩ = ±C for every pair: + if i and j are both even or both odd, − otherwise.

    Any C in [0, 1), hence any exponent ζ, at every h. Raises ValueError unless h >= 2 and 0 <= C < 1.
    """
    if h < 2 or not 0 <= coherence < 1:
        raise ValueError(f"expected h >= 2 and 0 <= coherence < 1; got {h} and {coherence}")
    even = (math.sqrt(1 + (h - 1) * coherence) - math.sqrt(1 - coherence)) / h
    return (math.sqrt(1 - coherence) * np.eye(h) + even) * (-1.0) ** np.arange(h)


def recovery_margin(dictionary: ArrayLike, sparsity: int, low: float, high: float) -> float:
    """min over active units of ⟨A_i, y⟩ minus max over idle ones, over all supports of at most k atoms and all codes.

    A common bias that recovers the support of every code at W = Aᵀ exists if and only if this is positive. Exact, by
    sorting; with C the coherence it is at least low − (2k − 1) C high (*ours*). Raises ValueError as `input_range`.
    """
    from mathdl.sparse_coding.worst_case import input_range

    A = np.asarray(dictionary, dtype=float)
    idle, active = input_range(A.T, A, sparsity, low, high).bias_interval
    return active - idle


def promised_margin(coherence: float, sparsity: int, low: float, high: float) -> float:
    """low − (2k − 1) C high: below the margin of every dictionary with that coherence, and equal to it for some."""
    return low - (2 * sparsity - 1) * coherence * high


@dataclass(frozen=True, eq=False)
class PhaseDiagram:
    """Over p (P,) and ζ (Z,), arrays (P, Z): `recovered` is the share of signals whose support the best bias finds.

    `every_code`: some bias recovers every code (worst case, exact); `printed`: the condition of Theorem 4.3.1 at δ = 0,
    a >= (b + 2 m1) k C; `critical`: the region 2p < ζ of Theorem 4.3.2. `sparsities` (P,) are the k used.
    """

    exponents: Array
    zetas: Array
    sparsities: NDArray[np.int64]
    recovered: Array
    every_code: NDArray[np.bool_]
    printed: NDArray[np.bool_]
    critical: NDArray[np.bool_]


def phase_diagram(h: int, exponents: ArrayLike, zetas: ArrayLike, *, low: float, high: float, samples: int,
                  rng: np.random.Generator) -> PhaseDiagram:
    """Equicorrelated dictionaries, C = h^{−ζ}, k = max(1, round(h^p)) entries uniform on [low, high], W = Aᵀ.

    The promised margin is the true one there. Raises ValueError when some k is h/2 or more, or some ζ is not positive.
    """
    p, zeta = np.asarray(exponents, dtype=float), np.asarray(zetas, dtype=float)
    k = np.maximum(1, np.round(h ** p)).astype(int)
    if (2 * k >= h).any() or (zeta <= 0).any():
        raise ValueError(f"expected k < h/2 = {h / 2:g} and ζ > 0; got k up to {k.max()} and ζ from {zeta.min():g}")
    C = h ** -zeta
    recovered = np.array([[_best_share(*_edges(h, int(s), c, low, high, samples, rng)) for c in C] for s in k])
    printed = low >= (high + (low + high)) * k[:, None] * C
    every_code = promised_margin(C, k[:, None], low, high) > 0
    return PhaseDiagram(p, zeta, k, recovered, every_code, printed, 2 * p[:, None] < zeta)


def _edges(h: int, k: int, C: float, low: float, high: float, samples: int,
           rng: np.random.Generator) -> tuple[Array, Array]:
    """For each signal the largest value of an idle unit and the least of an active one.

    With signs s the value of unit i is (1 − C) x_i + C s_i Σ_j s_j x_j, and both signs occur among idle units.
    """
    chosen = rng.random((samples, h)).argpartition(k, axis=1)[:, :k]
    s, x = (-1.0) ** chosen, rng.uniform(low, high, (samples, k))
    total = (s * x).sum(1)
    return C * np.abs(total), ((1 - C) * x + C * s * total[:, None]).min(1)


def _best_share(off: Array, on: Array) -> float:
    """The largest share of intervals [off, on) that contain one number: unit i is on where its value exceeds ε."""
    good = off < on
    if not good.any():
        return 0.0
    started = np.searchsorted(np.sort(off[good]), off[good], side="right")
    ended = np.searchsorted(np.sort(on[good]), off[good], side="right")
    return float((started - ended).max() / len(off))
