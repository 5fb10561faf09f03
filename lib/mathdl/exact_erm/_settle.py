"""One tuple of cells by non-negative least squares over its rays, with a lower bound that rounding cannot spoil."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from mathdl.exact_erm.affine_span import SpanningPoints, independent_columns, sample_matrix
from mathdl.exact_erm.arrangement import Arrangement, arrangement
from mathdl.exact_erm.problem import ERMProblem

Array = NDArray[np.float64]
UNIT = 2.0 ** -53
THIN = 1e-5  # a ray over whose positive side all heights are below this (largest height 1) has them to 1e-11 only
TIE = 1e-6  # a column whose product with the residual is above -TIE may take part in the exact optimum


@dataclass(frozen=True, eq=False)
class Settled:
    """A net on the cells of a tuple, its value, and a lower bound on all nets there (labels of norm 1)."""

    value: float
    lower: float
    normals: Array  # (width, d), in the coordinates of the sample
    signs: Array
    bias: float


@dataclass(frozen=True, eq=False)
class Sample:
    """The data as the search sees it: distinct points in general coordinates, labels times sqrt(weight), norm 1."""

    problem: ERMProblem
    columns: NDArray[np.intp]
    points: SpanningPoints
    root: Array
    labels: Array
    norm: float
    constant: float

    @classmethod
    def of(cls, problem: ERMProblem) -> Sample:
        """One sample for each distinct point with positive weight, on coordinates that are independent on them."""
        whole, _, constant = problem.collapsed()
        used = whole.sample_weight > 0
        exact = sample_matrix(whole.x[used])
        columns = independent_columns(exact)
        root = np.sqrt(whole.sample_weight[used])
        labels = root * whole.y[used]
        norm = float(np.linalg.norm(labels))
        points = SpanningPoints.of(exact[:, columns])
        return cls(problem, columns, points, root, labels / norm if norm else labels, norm, constant)

    @property
    def plane(self) -> Array:
        """The points as given, on the coordinates in use."""
        first = self.problem.distinct().points
        weight = np.bincount(self.problem.distinct().inverse, self.problem.sample_weight, len(first))
        return first[weight > 0][:, self.columns]

    @cached_property
    def heights(self) -> Array:
        """(z_j, 1), shape (D, d): times a normal, the heights of the samples."""
        return np.column_stack([self.points.floats, np.ones(len(self.root))])

    @cached_property
    def rows(self) -> Array:
        """sqrt(v_j) (z_j, 1), shape (D, d)."""
        return self.heights * self.root[:, None]

    def value(self, normals: Array, signs: Array, bias: float) -> float:
        """What the net with these gates is worth as the reader would evaluate it, in the unit of the search.

        Gates of size 1e16 that tell apart points which almost lie on a line have no accurate value in floats.
        """
        net = self.problem.net(self.gates(normals), signs, bias * self.norm)
        return (self.problem.value(net) - self.constant) / self.norm ** 2

    def gates(self, normals: Array) -> Array:
        """Gates (width, n_inputs + 1) for x from gates (width, d) for z, times the size of the labels."""
        stretch = (self.points.scale / self.points.reach).astype(float)
        theta = np.zeros((len(normals), self.problem.n_inputs + 1))
        theta[:, self.columns] = normals[:, :-1] * stretch
        theta[:, -1] = normals[:, -1] - normals[:, :-1] @ (stretch * self.points.centre.astype(float))
        return theta * self.norm


@dataclass(frozen=True, eq=False)
class Settler:
    """Solves single tuples; `cells` (N,) are the rows of the arrangement in the order of the search."""

    sample: Sample
    found: Arrangement
    cells: NDArray[np.int64]

    @classmethod
    def of(cls, sample: Sample) -> Settler:
        """The arrangement of a sample, its cells in lexicographic order."""
        found = arrangement(sample.points)
        return cls(sample, found, np.arange(len(found.patterns)))

    @cached_property
    def fragile(self) -> NDArray[np.bool_]:
        """Cells of the arrangement with a ray that is known too roughly to prove anything by it."""
        heights = np.where(self.found.signs > 0, self.found.normals @ self.sample.heights.T, 0).max(axis=1, initial=0)
        thin = (heights < THIN) & (self.found.signs > 0).any(axis=1)
        return np.logical_or.reduceat(thin[self.found.rays], self.found.starts[:-1])

    def __call__(self, tuple_: NDArray[np.int64]) -> Settled:
        """The best over all sign vectors, and the least of their lower bounds."""
        each = [self.with_signs(tuple_, np.array(signs)) for signs in product((1.0, -1.0), repeat=len(tuple_))]
        best = min(each, key=lambda s: s.value)
        return replace(best, lower=min(s.lower for s in each))

    def with_signs(self, tuple_: NDArray[np.int64], signs: Array) -> Settled:
        """One sign vector."""
        rays = [self.found.rays[self.found.starts[i]:self.found.starts[i + 1]] for i in self.cells[tuple_]]
        parts = [s * self._features(r) for s, r in zip(signs, rays, strict=True)]
        if self.sample.problem.output_bias:
            parts += [self.sample.root[:, None], -self.sample.root[:, None]]
        A = np.hstack(parts)
        c, lower = nonnegative_fit(A, self.sample.labels)
        if self.fragile[self.cells[tuple_]].any():
            lower = 0.0
        weights = np.split(c, np.cumsum([len(k) for k in rays]))
        normals = np.array([u @ self.found.normals[k] for u, k in zip(weights, rays, strict=False)])
        bias = float(weights[-1] @ [1, -1]) if len(weights[-1]) else 0.0
        return Settled(self.sample.value(normals, signs, bias), lower, normals, signs, bias)

    def _features(self, rays: NDArray[np.intp]) -> Array:
        normals, signs = self.found.normals[rays], self.found.signs[rays]
        return np.where(signs > 0, np.maximum(normals @ self.sample.rows.T, 0), 0).T


def nonnegative_fit(A: Array, y: Array) -> tuple[Array, float]:
    """Coefficients c >= 0 for min |A c - y|², |y| = 1, and a lower bound on the minimum (0 when none is certain)."""
    length = np.linalg.norm(A, axis=0)
    alive = np.flatnonzero(length > 0)
    unit = A[:, alive] / length[alive]
    c = np.zeros(A.shape[1])
    if not len(alive):
        return c, float(y @ y) * (1 - len(y) * UNIT)
    try:
        x = nnls(unit, y)[0]
    except RuntimeError:  # it gives up after a number of steps
        return c, 0.0
    on = x > 0
    again = np.linalg.lstsq(unit[:, on], y, rcond=None)[0] if on.any() else np.empty(0)
    if (again >= 0).all():
        x[on] = again
    c[alive] = x / length[alive]
    return c, dual_bound(unit, y, x)


def dual_bound(unit: Array, y: Array, x: Array) -> float:
    """A lower bound on min |A x - y|² over x >= 0 from the residual r at x; columns and y have norm 1; 0 if none.

    For r orthogonal to the columns in use and a·r <= 0 on all others, |r|² is a bound (weak duality). Rounding leaves
    products up to `margin`; each costs at most twice itself times the coefficient of that column in an optimum. A
    column with product below -TIE has coefficient 0 there, since the optimal residual is closer than sqrt(gap) to r;
    the other coefficients are at most 1 / (least singular value).
    """
    on = x > 0
    r = y - unit @ x
    k = int(on.sum())
    margin = 4 * len(y) * UNIT
    if k:
        basis, R = np.linalg.qr(unit[:, on])
        r = r - basis @ (basis.T @ r)
        least = np.linalg.svd(R, compute_uv=False)[-1]
        if least < 1e-9:
            return 0.0
        margin *= 1 + np.sqrt(k) / least
    price = unit.T @ r
    taken = on | (price > -TIE)
    excess = max(0.0, float((price[taken & ~on]).max(initial=-1.0)) + margin)
    cost = 0.0
    if excess > 0:
        least = np.linalg.svd(unit[:, taken], compute_uv=False)[-1] if taken.sum() <= len(y) else 0.0
        if least < 1e-9:
            return 0.0
        cost = 2 * excess * np.sqrt(taken.sum()) / least
        if cost > TIE ** 2 / 4:
            return 0.0
    return max(0.0, float(r @ r) * (1 - 4 * len(y) * UNIT) - cost - 2 * margin)


def spans(integers: NDArray) -> bool:
    """Whether the points span their space affinely, decided in whole numbers."""
    return len(integers) > 0 and len(independent_columns(integers)) == integers.shape[1]
