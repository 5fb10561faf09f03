"""Laws with finitely many points: every expectation is a sum, in Fractions when the points are rational."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from numbers import Rational, Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.moments import GateMoments

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FiniteLaw:
    """The input is `points[k]` with probability `weights[k]`; equally likely when no weights are given.

    Raises ValueError for points of different lengths, negative weights, or weights that do not add up to 1.
    """

    points: Sequence[Sequence[Real]]
    weights: Sequence[Real] | None = None
    name: str = "finite"

    def __post_init__(self) -> None:
        points = tuple(tuple(_plain(v) for v in point) for point in self.points)
        if not points or not points[0] or len({len(point) for point in points}) > 1:
            raise ValueError(f"points: expected rows of one length n >= 1; got {self.points}")
        weights = (Fraction(1, len(points)),) * len(points) if self.weights is None else self.weights
        weights = tuple(_plain(v) for v in weights)
        if len(weights) != len(points) or min(weights) < 0 or abs(sum(weights) - 1) > 1e-12:
            raise ValueError(f"weights: expected {len(points)} numbers >= 0 with sum 1; got {weights}")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "weights", weights)

    @property
    def n(self) -> int:
        """The number of inputs."""
        return len(self.points[0])

    @property
    def x(self) -> Array:
        """The points as floats, shape (K, n)."""
        return np.array(self.points, dtype=float)

    @property
    def probabilities(self) -> Array:
        """The weights as floats, shape (K,)."""
        return np.array(self.weights, dtype=float)

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent inputs, shape + (n,)."""
        p = self.probabilities
        return self.x[rng.choice(len(p), size=shape, p=p / p.sum())]

    @property
    def second_moment(self) -> float:
        """E‖x‖²."""
        return float(self.probabilities @ (self.x ** 2).sum(axis=1))

    def matrices(self, w_star: ArrayLike) -> tuple[Real, NDArray, NDArray]:
        """p₊, Σ₊ and E[1_A ‖x‖² x xᵀ] as arrays of Fractions when points, weights and w_* are rational."""
        w_star = [_plain(v) for v in np.asarray(w_star, dtype=object)]
        if len(w_star) != self.n:
            raise ValueError(f"w_star: expected {self.n} numbers, one an input; got {w_star}")
        p, (sigma, weighted) = 0, (np.full((self.n, self.n), Fraction(0), dtype=object) for _ in range(2))
        for point, weight in zip(self.points, self.weights, strict=True):
            at = [i for i, v in enumerate(point) if v]
            if sum(w_star[i] * point[i] for i in at) > 0:
                size = sum(point[i] ** 2 for i in at)
                p += weight
                for i, j in product(at, at):
                    sigma[i, j] += weight * point[i] * point[j]
                    weighted[i, j] += weight * size * point[i] * point[j]
        return p, sigma, weighted

    def moments(self, w_star: ArrayLike) -> GateMoments:
        """The moments by enumeration of the points."""
        p, sigma, weighted = self.matrices(w_star)
        return GateMoments.of(sigma.astype(float), weighted.astype(float), float(p))

    def breaks(self, w_star: ArrayLike) -> tuple[str, ...]:
        """The hypotheses of Theorem 3.3.1 that this law breaks for the target w_*."""
        moments = self.moments(w_star)
        return () if moments.lam > moments.errors[0] else ("Σ₊ ≻ 0",)


def _plain(v: Real) -> Real:
    """A Fraction for a rational number, numpy's included, a float else."""
    return Fraction(int(v)) if isinstance(v, int | np.integer) else v if isinstance(v, Rational) else float(v)
