"""Noise with finitely many values: moments, truncation and tails are exact."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.noise_law import EPS, Noise, checked_dimension, checked_length

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FiniteNoise(Noise):
    """Finitely many values `points` (m, n), or (m,) for n = 1, with probabilities `weights` (m,): everything is exact.

    Sums are rounded once (math.fsum). ValueError when the weights are negative or do not add up to 1.
    """

    points: ArrayLike
    weights: ArrayLike

    def __post_init__(self):
        points, weights = np.array(self.points, dtype=float), np.array(self.weights, dtype=float)
        points = points[:, None] if points.ndim == 1 else points
        if points.ndim != 2 or not points.size or not np.isfinite(points).all():
            raise ValueError(f"points: expected finite values, shape (m, n) or (m,); got {self.points!r}")
        if weights.shape != (len(points),) or not (weights >= 0).all() or abs(math.fsum(weights) - 1) > 1e-12:
            raise ValueError(f"weights: expected {len(points)} probabilities that add up to 1; got {self.weights!r}")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "weights", weights)

    @property
    def n(self) -> int:
        """The dimension."""
        return self.points.shape[1]

    @property
    def bound(self) -> float:
        """The largest ‖ξ‖ of positive probability."""
        return float(_norms(self.points[self.weights > 0]).max())

    @property
    def second_moment(self) -> float:
        """E‖ξ‖²."""
        return math.fsum(self.weights * _norms(self.points) ** 2)

    @property
    def mean(self) -> Array:
        """Eξ (n,)."""
        return np.array([math.fsum(self.weights * column) for column in self.points.T])

    @property
    def is_symmetric(self) -> bool:
        """Whether every value has the probability of its opposite, to rounding of the weights."""
        mass: dict[tuple[float, ...], float] = {}
        for point, weight in zip(self.points + 0.0, self.weights, strict=True):  # + 0.0 turns -0.0 into 0.0
            mass[tuple(point)] = mass.get(tuple(point), 0.0) + weight
        opposite = {key: tuple(-np.array(key) + 0.0) for key in mass}
        return all(abs(w - mass.get(opposite[key], 0.0)) <= 4 * EPS for key, w in mass.items())

    def tail(self, C_L: float) -> float:
        """P(‖ξ‖ > C_L)."""
        return math.fsum(self.weights[_norms(self.points) > checked_length(C_L)])

    def truncated(self, C_L: float) -> FiniteNoise:
        """The law of ξ', with the same weights in the same order."""
        lengths = _norms(self.points)
        factor = np.where(lengths > checked_length(C_L), C_L / np.where(lengths > 0, lengths, 1.0), 1.0)
        return FiniteNoise(self.points * factor[:, None], self.weights)

    def truncated_mean(self, C_L: float) -> Array:
        """Eξ' (n,); in general not zero when Eξ is."""
        return self.truncated(C_L).mean

    def truncated_second_moment(self, C_L: float) -> float:
        """E min(C_L, ‖ξ‖)²."""
        return math.fsum(self.weights * np.minimum(_norms(self.points), checked_length(C_L)) ** 2)

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent draws, shape + (n,)."""
        return self.points[rng.choice(len(self.points), size=shape, p=self.weights / self.weights.sum())]


class NoNoise(FiniteNoise):
    """ξ = 0 in R^n: choice (a) of the remark after Theorem 3.4.1."""

    def __init__(self, n: int):
        super().__init__(np.zeros((1, checked_dimension(n))), np.ones(1))


def _norms(points: Array) -> Array:
    return np.linalg.norm(points, axis=1)
