"""Activations that say how steep they are and whether they ever fall, and a check of both on a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class ActivationCheck:
    """What a grid says: the steepest and the lowest difference quotient of neighbours, and where they occur.

    `steepest_at` and `lowest_at` are the pairs (u, v) of neighbours; `slack` bounds the rounding of a quotient.
    """

    claimed: float
    steepest: float
    steepest_at: tuple[float, float]
    lowest: float
    lowest_at: tuple[float, float]
    slack: float

    @property
    def is_lipschitz(self) -> bool:
        """No two points of the grid contradict the claimed constant L."""
        return self.steepest <= self.claimed + self.slack

    @property
    def is_monotone(self) -> bool:
        """No two points of the grid show a decrease."""
        return self.lowest >= -self.slack

    @property
    def witness(self) -> str:
        """The two points where a claim fails, in words; empty when both claims pass."""
        (a, b), (c, d) = self.lowest_at, self.steepest_at
        falls = f"σ falls from u = {a:.4g} to u = {b:.4g} (slope {self.lowest:.4g})"
        steep = f"σ has slope {self.steepest:.4g} > L = {self.claimed:.4g} in size between u = {c:.4g} and u = {d:.4g}"
        return "; ".join(t for t, bad in ((falls, not self.is_monotone), (steep, not self.is_lipschitz)) if bad)


@dataclass(frozen=True)
class Activation:
    """A function σ of one number, elementwise on arrays, with what it claims: its constant L and that it never falls.

    Source: Mukherjee 2020, Lemma 3.5.1, asks for an L-Lipschitz non-decreasing σ. Call it like a function.
    `antiderivative` is u ↦ ∫₀ᵘ σ, or None when it is not known.
    """

    name: str
    function: Callable[[Array], Array]
    lipschitz: float
    is_monotone: bool = True
    antiderivative: Callable[[Array], Array] | None = None

    def __call__(self, u: ArrayLike) -> Array:
        """σ(u), same shape as `u`."""
        return self.function(u)

    def check(self, grid: ArrayLike | None = None) -> ActivationCheck:
        """Slopes between neighbours of `grid` (default: 2001 points of [-10, 10]); no pair of points is steeper.

        A grid refutes, it does not prove: what happens between its points is not seen. The slack is four roundings of
        the largest value over the smallest gap. ValueError for fewer than two points, or when σ is not finite there.
        """
        u = np.unique(np.asarray(np.linspace(-10, 10, 2001) if grid is None else grid, dtype=float))
        if len(u) < 2 or not np.isfinite(u).all():
            raise ValueError(f"grid: expected two or more different finite numbers; got {len(u)}")
        s = np.asarray(self(u), dtype=float)
        if s.shape != u.shape or not np.isfinite(s).all():
            raise ValueError(f"{self.name}: expected one finite value a point; make the function elementwise")
        gaps = np.diff(u)
        slopes = np.diff(s) / gaps
        i, j = int(np.argmax(np.abs(slopes))), int(np.argmin(slopes))
        slack = 4 * EPS * (np.abs(s).max() + self.lipschitz * np.abs(u).max()) / gaps.min()
        return ActivationCheck(self.lipschitz, float(abs(slopes[i])), (float(u[i]), float(u[i + 1])),
                               float(slopes[j]), (float(u[j]), float(u[j + 1])), float(slack))


relu = Activation("ReLU", lambda u: np.maximum(u, 0.0), 1.0, True, lambda u: np.maximum(u, 0.0) ** 2 / 2)


def slope(L: float) -> Activation:
    """The line u ↦ L u, with L > 0; the identity for L = 1."""
    return Activation(f"{_positive(L):g}·u", lambda u: L * np.asarray(u), float(L), True,
                      lambda u: L * np.asarray(u) ** 2 / 2)


def leaky(L: float, a: float = 0.0) -> Activation:
    """u ↦ L u for u ≥ 0 and a u for u < 0, with L > 0 and a ≥ 0; a ReLU of slope L for a = 0."""
    if not 0 <= a < np.inf:
        raise ValueError(f"a: expected a slope >= 0 on the left; got {a}. Use `decreasing` for a gate that falls")

    def function(u: Array) -> Array:
        return np.where(np.asarray(u) >= 0, L, a) * u

    return Activation(f"leaky({_positive(L):g}, {a:g})", function, float(max(L, a)), True,
                      lambda u: function(u) * u / 2)


def tanh(L: float) -> Activation:
    """u ↦ L tanh u, with L > 0: bounded, steepest at 0."""
    return Activation(f"{_positive(L):g}·tanh", lambda u: L * np.tanh(u), float(L), True,
                      lambda u: L * (np.logaddexp(u, np.negative(u)) - np.log(2)))


def decreasing(L: float = 1.0) -> Activation:
    """u ↦ −L u, with L > 0: L-Lipschitz, and it falls, so no theorem on GLM-Tron covers it."""
    return Activation(f"-{_positive(L):g}·u", lambda u: -L * np.asarray(u), float(L), False,
                      lambda u: -L * np.asarray(u) ** 2 / 2)


def _positive(L: float) -> float:
    if not 0 < L < np.inf:
        raise ValueError(f"L: expected a finite slope > 0; got {L}")
    return L
