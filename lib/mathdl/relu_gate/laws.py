"""Input laws for Algorithm 2: how to draw from them, and the exact moments of the half space where a gate is active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.finite_law import FiniteLaw
from mathdl.relu_gate.half_space import HalfSpace
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.skew_exponential import SkewExponential

__all__ = ["FiniteLaw", "Gaussian", "HalfSpace", "InputLaw", "Pareto", "SkewExponential", "StudentT", "broken",
           "cross_polytope"]

Array = NDArray[np.float64]


class InputLaw(Protocol):
    """A law of inputs on ℝⁿ."""

    n: int

    @property
    def name(self) -> str:
        """Its name in words."""

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent inputs, shape + (n,)."""

    @property
    def second_moment(self) -> float:
        """E‖x‖², infinite when there is none."""

    def moments(self, w_star: ArrayLike) -> GateMoments:
        """The moments of the half space where w_* is active; ValueError when E‖x‖⁴ is infinite."""

    def breaks(self, w_star: ArrayLike) -> tuple[str, ...]:
        """The hypotheses of Theorem 3.3.1 that this law breaks for the target w_*."""


def broken(law: InputLaw, w_star: ArrayLike) -> tuple[str, ...]:
    """The hypotheses of Theorem 3.3.1 that fail, found by computing the moments."""
    try:
        moments = law.moments(w_star)
    except ValueError:
        return ("E‖x‖⁴ < ∞",)
    return () if moments.lam > moments.errors[0] else ("Σ₊ ≻ 0",)


def target(w_star: ArrayLike, n: int) -> Array:
    """w_* as a finite array (n,), else ValueError."""
    w_star = np.asarray(w_star, dtype=float)
    if w_star.shape != (n,) or not np.isfinite(w_star).all():
        raise ValueError(f"w_star: expected {n} finite numbers, one an input; got {w_star}")
    return w_star


@dataclass(frozen=True)
class Gaussian:
    """Standard normal inputs on ℝⁿ."""

    n: int
    name = "Gaussian"

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent inputs, shape + (n,)."""
        return rng.standard_normal((*_tuple(shape), self.n))

    @property
    def second_moment(self) -> float:
        """E‖x‖²."""
        return float(self.n)

    def moments(self, w_star: ArrayLike) -> GateMoments:
        """Σ₊ = I/2, c₁ = n(n+2)/2, Λ = (n+2)/2 for every w_* ≠ 0."""
        return GateMoments.radial(self.n, self.n, self.n * (self.n + 2), target(w_star, self.n).any())

    breaks = broken


@dataclass(frozen=True)
class StudentT:
    """Multivariate t: a Gaussian vector over √(χ²/degrees), the same χ² for all coordinates; tail index `degrees`."""

    n: int
    degrees: float = 9.0

    @property
    def name(self) -> str:
        """Its name in words."""
        return f"Student t, {self.degrees:g} degrees"

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent inputs, shape + (n,)."""
        z = rng.standard_normal((*_tuple(shape), self.n))
        return z / np.sqrt(rng.chisquare(self.degrees, _tuple(shape)) / self.degrees)[..., None]

    @property
    def second_moment(self) -> float:
        """E‖x‖²."""
        return self.n * self.degrees / (self.degrees - 2) if self.degrees > 2 else float("inf")

    def moments(self, w_star: ArrayLike) -> GateMoments:
        """With d degrees E‖x‖⁴ = n(n+2) d²/((d-2)(d-4)); ValueError unless d > 4."""
        n, d = self.n, self.degrees
        active = target(w_star, n).any()
        _needs_fourth_moment(self.name, d)
        return GateMoments.radial(n, self.second_moment, n * (n + 2) * d * d / ((d - 2) * (d - 4)), active)

    breaks = broken


@dataclass(frozen=True)
class Pareto:
    """x = r u with u uniform on the sphere and P(r > t) = t^(-tail) for t >= 1."""

    n: int
    tail: float = 3.0

    @property
    def name(self) -> str:
        """Its name in words."""
        return f"Pareto, tail {self.tail:g}"

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent inputs, shape + (n,)."""
        z = rng.standard_normal((*_tuple(shape), self.n))
        r = rng.random(_tuple(shape)) ** (-1 / self.tail)
        return z * (r / np.linalg.norm(z, axis=-1))[..., None]

    @property
    def second_moment(self) -> float:
        """E‖x‖²."""
        return self.tail / (self.tail - 2) if self.tail > 2 else float("inf")

    def moments(self, w_star: ArrayLike) -> GateMoments:
        """With tail index a, E r⁴ = a/(a-4); ValueError unless a > 4."""
        active = target(w_star, self.n).any()
        _needs_fourth_moment(self.name, self.tail)
        return GateMoments.radial(self.n, self.second_moment, self.tail / (self.tail - 4), active)

    breaks = broken


def cross_polytope(n: int) -> FiniteLaw:
    """The 2n points ±e_i, equally likely: c₁ = n² λ²/p₊ for every w_* without a zero coordinate, the least possible."""
    return FiniteLaw(tuple(tuple(sign * (i == j) for j in range(n)) for i in range(n) for sign in (1, -1)), name="±e_i")


def _needs_fourth_moment(name: str, tail: float) -> None:
    if not tail > 4:
        raise ValueError(f"expected inputs with a fourth moment; {name}: the tail index {tail:g} is not above 4, so "
                         "E‖x‖⁴ is infinite (a Hill estimate of a sample would show it). Use a lighter tail")


def _tuple(shape: int | tuple[int, ...]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
