"""Noise with a density, or on a sphere: closed forms and one series."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.relu_gate.noise_law import SymmetricNoise, checked_dimension, checked_length
from mathdl.relu_gate.weighted_chi_square import chi_square_sum_cut, chi_square_sum_tail

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianNoise(SymmetricNoise):
    """Independent N(0, σ_i²) coordinates, `sigmas` standard deviations (n,): choice (b) of that remark.

    ‖ξ‖² is a sum of σ_i² z_i²: chi-square when all σ_i agree, else the series of `weighted_chi_square`.
    """

    sigmas: tuple[float, ...]

    def __post_init__(self):
        sigmas = tuple(float(s) for s in np.atleast_1d(self.sigmas))
        if not sigmas or not all(0 <= s < math.inf for s in sigmas):
            raise ValueError(f"sigmas: expected one finite standard deviation >= 0 a coordinate; got {self.sigmas!r}")
        object.__setattr__(self, "sigmas", sigmas)

    @property
    def n(self) -> int:
        """The dimension."""
        return len(self.sigmas)

    @property
    def bound(self) -> float:
        """Infinite, unless all σ_i are zero."""
        return math.inf if any(self.sigmas) else 0.0

    @property
    def second_moment(self) -> float:
        """E‖ξ‖² = Σ σ_i²."""
        return math.fsum(s * s for s in self.sigmas)

    def tail(self, C_L: float) -> float:
        """P(‖ξ‖ > C_L), to a relative error below 1e-11 (`chi_square_sum_tail`)."""
        return chi_square_sum_tail(checked_length(C_L) ** 2, self.sigmas)

    def truncated_second_moment(self, C_L: float) -> float:
        """E min(C_L, ‖ξ‖)², to a relative error below 1e-11."""
        return chi_square_sum_cut(checked_length(C_L) ** 2, self.sigmas)

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent draws, shape + (n,)."""
        return rng.standard_normal((*np.atleast_1d(shape), self.n)) * self.sigmas


@dataclass(frozen=True)
class _RoundNoise(SymmetricNoise):
    n: int
    radius: float

    def __post_init__(self):
        checked_dimension(self.n)
        if not 0 <= self.radius < math.inf:
            raise ValueError(f"radius: expected a finite length >= 0; got {self.radius}")

    @property
    def bound(self) -> float:
        """The radius."""
        return self.radius

    def _directions(self, shape: int | tuple[int, ...], rng: np.random.Generator) -> Array:
        z = rng.standard_normal((*np.atleast_1d(shape), self.n))
        return z / np.linalg.norm(z, axis=-1, keepdims=True)


@dataclass(frozen=True)
class SphereNoise(_RoundNoise):
    """Uniform on the sphere of a radius in R^n: ‖ξ‖ = radius always."""

    @property
    def second_moment(self) -> float:
        """E‖ξ‖² = radius²."""
        return self.radius ** 2

    def tail(self, C_L: float) -> float:
        """P(‖ξ‖ > C_L), 0 or 1."""
        return float(self.radius > checked_length(C_L))

    def truncated_second_moment(self, C_L: float) -> float:
        """E min(C_L, ‖ξ‖)²."""
        return min(checked_length(C_L), self.radius) ** 2

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent draws, shape + (n,)."""
        return self.radius * self._directions(shape, rng)


@dataclass(frozen=True)
class BallNoise(_RoundNoise):
    """Uniform in the ball of a radius in R^n: P(‖ξ‖ <= s) = (s/radius)^n."""

    @property
    def second_moment(self) -> float:
        """E‖ξ‖² = radius² n/(n + 2)."""
        return self.radius ** 2 * self.n / (self.n + 2)

    def tail(self, C_L: float) -> float:
        """P(‖ξ‖ > C_L) = 1 − (C_L/radius)^n, or 0 when the ball is smaller."""
        inside = checked_length(C_L) >= self.radius
        return 0.0 if inside else -math.expm1(self.n * math.log(C_L / self.radius))

    def truncated_second_moment(self, C_L: float) -> float:
        """E min(C_L, ‖ξ‖)²: the radius integrated up to C_L, and C_L² on the rest."""
        if self.radius <= checked_length(C_L):
            return self.second_moment
        inside = C_L ** 2 * (C_L / self.radius) ** self.n * self.n / (self.n + 2)
        return inside + C_L ** 2 * self.tail(C_L)

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent draws, shape + (n,)."""
        lengths = self.radius * rng.random((*np.atleast_1d(shape), 1)) ** (1 / self.n)
        return lengths * self._directions(shape, rng)
