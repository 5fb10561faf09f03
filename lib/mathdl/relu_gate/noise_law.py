"""Noise laws that know what Theorem 3.4.1 needs: moments, bound, symmetry, and what radial truncation does to them.

Truncation at a length C_L > 0 means ξ' = min(C_L, ‖ξ‖) ξ/‖ξ‖, the noise that the proof of Theorem 3.4.1 works with.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
EPS = np.finfo(float).eps


class NoiseLaw(Protocol):
    """A law of ξ in R^n. `bound` is the supremum of ‖ξ‖, `second_moment` is E‖ξ‖², `mean` is Eξ (n,)."""

    n: int

    @property
    def bound(self) -> float: ...

    @property
    def second_moment(self) -> float: ...

    @property
    def mean(self) -> Array: ...

    @property
    def is_symmetric(self) -> bool:
        """Whether ξ and −ξ have the same law."""
        ...

    def tail(self, C_L: float) -> float:
        """P(‖ξ‖ > C_L)."""
        ...

    def truncated_mean(self, C_L: float) -> Array:
        """Eξ' (n,) of the noise truncated at C_L."""
        ...

    def truncated_second_moment(self, C_L: float) -> float:
        """E‖ξ'‖² = E min(C_L, ‖ξ‖)²."""
        ...

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent draws, shape + (n,)."""
        ...

    def breaks(self, C_L: float, kind: str = "corrected") -> tuple[str, ...]:
        """The hypotheses of Theorem 3.4.1 on ξ₂ that this law does not satisfy, in words; () when it does."""
        ...


class Noise:
    """What all laws share: which hypotheses they break."""

    def breaks(self, C_L: float, kind: str = "corrected") -> tuple[str, ...]:
        """The hypotheses on ξ₂ that fail with truncation at C_L; () when all hold.

        "printed": Mukherjee 2020, Theorem 3.4.1 (Eξ = 0, E‖ξ‖² < n, C_L < √n). "corrected": the truncated noise has
        mean zero, C_L < √n; E‖ξ‖² < n is not needed.
        """
        if kind not in ("printed", "corrected"):
            raise ValueError(f'kind: expected "printed" or "corrected"; got {kind!r}')
        broken = [] if checked_length(C_L) < math.sqrt(self.n) else ["C_L < √n"]
        if kind == "printed":
            broken += [] if is_zero(self.mean, math.sqrt(self.second_moment)) else ["Eξ₂ = 0"]
            broken += [] if self.second_moment < self.n else ["E‖ξ₂‖² < n"]
        elif not is_zero(self.truncated_mean(C_L), C_L):
            broken.append("Eξ₂' = 0")
        return tuple(broken)


class SymmetricNoise(Noise):
    """A law that −ξ shares: all means are zero."""

    is_symmetric = True

    @property
    def mean(self) -> Array:
        """Eξ = 0, shape (n,)."""
        return np.zeros(self.n)

    def truncated_mean(self, C_L: float) -> Array:
        """Eξ' = 0, shape (n,), by symmetry."""
        checked_length(C_L)
        return np.zeros(self.n)


def checked_length(C_L: float) -> float:
    """C_L, if it is a length that noise can be truncated at."""
    if not C_L > 0:
        raise ValueError(f"C_L: expected a length > 0 at which the noise is truncated; got {C_L}")
    return C_L


def checked_dimension(n: int) -> int:
    """n, if it is a dimension."""
    if n != int(n) or n < 1:
        raise ValueError(f"n: expected a dimension, a whole number >= 1; got {n}")
    return int(n)


def is_zero(mean: Array, scale: float) -> bool:
    """Whether a mean of values of size `scale` is zero up to the rounding of decimal weights and values."""
    return bool(np.abs(mean).max() <= 4 * EPS * scale)  # w p: half an EPS each for w, p, their product and the sum
