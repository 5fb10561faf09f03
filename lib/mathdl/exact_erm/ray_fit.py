"""Least squares over one product of closed cells, in the coefficients of extreme rays: readable, one product at a time.

On a product of cells every net is a combination, with coefficients >= 0, of the features s σ(r · x̄_j) of the extreme
rays r of its cells. So the least value over the product is a non-negative least squares problem with few columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from mathdl.exact_erm.cone_fit import fit_cone
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rays import Rays, extreme_rays

Array = NDArray[np.float64]
PRICED = 1e-9  # a column of length 1 whose product with the residual is below this times |y| may enter at no cost


@dataclass(frozen=True, eq=False)
class RayFit:
    """The least value over one product of cells; `coefficients` (K,) >= 0 belong to `RayCells.columns`."""

    value: float
    coefficients: Array
    free: NDArray[np.bool_]  # columns that may be positive in some minimiser
    dead: NDArray[np.bool_]  # columns of zeros: rays that no sample sees


@dataclass(frozen=True, eq=False)
class RayCells:
    """The closed cells of one gate on the samples of a problem, each with its extreme rays and their features.

    `patterns` (N, n_samples); cell i has rays `rays[i]` (k_i, n_inputs + 1), features `features[i]` (n_samples, k_i),
    and `zero[i]` (k_i, n_samples) tells which samples lie on the hyperplane of each ray.
    """

    problem: ERMProblem
    patterns: NDArray[np.bool_]
    rays: tuple[Array, ...]
    features: tuple[Array, ...]
    zero: tuple[NDArray[np.bool_], ...]

    def __len__(self) -> int:
        return len(self.patterns)

    @cached_property
    def root(self) -> Array:
        """The square roots of the sample weights."""
        return np.sqrt(self.problem.sample_weight)

    @cached_property
    def target(self) -> Array:
        """The labels, times `root`."""
        return self.root * self.problem.y

    def columns(self, rows: Sequence[int], signs: Sequence[float]) -> Array:
        """What each coefficient adds to the predictions, shape (n_samples, K): rays gate by gate, then the bias ±1."""
        parts = [s * self.features[i] for i, s in zip(rows, signs, strict=True)]
        ones = np.ones((self.problem.n_samples, 1))
        return np.hstack([*parts, ones, -ones] if self.problem.output_bias else parts)

    def fit(self, rows: Sequence[int], signs: Sequence[float]) -> RayFit:
        """The least value over the product of the cells `rows` with top weights `signs`."""
        return nonnegative_fit(self.columns(rows, signs) * self.root[:, None], self.target)

    def point(self, rows: Sequence[int], coefficients: Array) -> tuple[Array, float]:
        """The gates (width, n_inputs + 1) and the output bias that the coefficients stand for."""
        parts = np.split(coefficients, np.cumsum([len(self.rays[i]) for i in rows]))
        theta = np.array([c @ self.rays[i] for c, i in zip(parts, rows, strict=False)])
        return theta, float(parts[-1] @ [1, -1]) if self.problem.output_bias else 0.0

    def walls(self, rows: Sequence[int], coefficients: Array) -> NDArray[np.bool_]:
        """Which samples lie on the hyperplane of each gate, shape (width, n_samples): all rays in use vanish there."""
        parts = np.split(coefficients, np.cumsum([len(self.rays[i]) for i in rows]))
        return np.array([self.zero[i][c > 0].all(axis=0) for c, i in zip(parts, rows, strict=False)])

    def around(self, row: int, wall: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The cells that agree with cell `row` on every sample off the `wall`: those that touch there."""
        return np.flatnonzero((self.patterns == self.patterns[row])[:, ~wall].all(axis=1))


def ray_cells(problem: ERMProblem) -> RayCells:
    """All cells of one gate on the samples, with their rays."""
    found = _rays(problem.x.tobytes(), problem.x.shape)
    features, zero = found.features(), found.signs == 0
    of_cell = [found.of_cell(i) for i in range(found.cells.n_cells)]
    return RayCells(problem, found.cells.patterns, tuple(found.directions[i] for i in of_cell),
                    tuple(features[i].T for i in of_cell), tuple(zero[i] for i in of_cell))


@lru_cache(maxsize=32)
def _rays(x: bytes, shape: tuple[int, int]) -> Rays:
    """The rays of a sample: exact and worth keeping, since labels, weights and widths change more often than points."""
    return extreme_rays(np.frombuffer(x).reshape(shape))


def sign_vectors(rows: Sequence[int]) -> list[Array]:
    """The sign vectors for a tuple of cells, without those that only exchange neighbouring gates in one cell."""
    return [np.array(signs) for signs in product((1.0, -1.0), repeat=len(rows))
            if all(a >= b for a, b, i, k in zip(signs, signs[1:], rows, rows[1:], strict=False) if i == k)]


def nonnegative_fit(A: Array, b: Array) -> RayFit:
    """min |A c - b|² over c >= 0; columns of zeros get coefficient 0 and are free."""
    length = np.linalg.norm(A, axis=0)
    alive = length > 0
    c = np.zeros(A.shape[1])
    if alive.any():
        unit = A[:, alive] / length[alive]
        c[alive] = _polished(unit, b, fit_cone(unit, b)[0]) / length[alive]
    r = b - A @ c
    price = np.divide(A.T @ r, length, out=np.zeros(A.shape[1]), where=alive)
    return RayFit(float(r @ r), c, (c > 0) | (abs(price) <= PRICED * np.linalg.norm(b)), ~alive)


def _polished(unit: Array, b: Array, c: Array) -> Array:
    """Least squares on the support of c once more, by orthogonal factors, where that stays non-negative."""
    on = c > 0
    again = np.linalg.lstsq(unit[:, on], b, rcond=None)[0] if on.any() else np.empty(0)
    if (again >= 0).all():
        c = c.copy()
        c[on] = again
    return c


def widest(A: Array, fit: RayFit) -> Array:
    """Coefficients of a minimiser of which as many as possible are positive: an inner point of the set of minimisers.

    Minimisers c satisfy A c = A c* and are zero off `fit.free`. Scaling t (A c = t A c*, t >= 1) makes room for every
    coefficient that can be positive at all to reach 1, so one linear program finds them all at once.
    """
    c, length = np.where(fit.dead, 1.0, fit.coefficients), np.linalg.norm(A, axis=0)
    free = np.flatnonzero(fit.free & ~fit.dead)
    unit = A[:, free] / length[free]
    if np.linalg.matrix_rank(unit, tol=1e-9) == len(free):
        return c
    k, fitted = len(free), A @ fit.coefficients
    size = np.linalg.norm(fitted) or 1.0
    equal = np.hstack([unit, np.zeros((len(A), k)), -fitted[:, None] / size])
    below = np.hstack([-np.eye(k), np.eye(k), np.zeros((k, 1))])
    found = linprog(-np.repeat([0.0, 1.0, 0.0], [k, k, 1]), A_ub=below, b_ub=np.zeros(k), A_eq=equal,
                    b_eq=np.zeros(len(A)), bounds=[(0, None)] * k + [(0, 1)] * k + [(size, None)])
    used = np.where(found.x[k:2 * k] > 0.5, found.x[:k], 0.0)
    c[free] = used / length[free] * size / found.x[-1]
    return c
