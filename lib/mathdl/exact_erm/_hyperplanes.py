"""Every hyperplane through samples, once, with the side on which each sample lies decided exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, islice
from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DOUBT = 1e-6  # relative size below which a determinant is computed exactly; above, it is good to 1e-9
MOST = 16_000_000  # entries of the table: 128 MB
CHUNK = 1_000_000  # coordinates of differences at a time


@dataclass(frozen=True, eq=False)
class Hyperplanes:
    """The hyperplanes spanned by distinct points (n_points, n) that span R^n.

    `values[h, j]` is the height of point j over hyperplane h, scaled to a maximum of 1 in absolute value; it is 0.0
    exactly for the points on h, and has the right sign for all others. `thetas[h]` is (a, b) with a·x + b = height.
    `base` are n + 1 affinely independent points, the earliest in the given order, and `opposite[k]` is the hyperplane
    through all of them but the k-th.
    """

    values: Array
    thetas: Array
    base: NDArray[np.int64]
    opposite: NDArray[np.int64]

    def through(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The hyperplanes through point j: indices[start[j]:start[j + 1]]."""
        on = np.argwhere((self.values == 0).T)
        counts = np.bincount(on[:, 0], minlength=self.values.shape[1])
        return np.concatenate([[0], np.cumsum(counts)]), np.ascontiguousarray(on[:, 1])


def hyperplanes(points: Array, order: NDArray[np.int64]) -> Hyperplanes:
    """The table for distinct points that affinely span R^n; raises ValueError when it would be too large."""
    m, n = points.shape
    if comb(m, n) * m > MOST:
        raise ValueError(f"expected at most {MOST:.0e} pairs of a sample and a hyperplane through {n} samples; got "
                         f"{comb(m, n) * m:.1e} for {m} points in {n} dimensions. Take fewer samples or inputs")
    whole, common = _integers(points)
    values, thetas = zip(*(_chunk(points, whole, common, subsets) for subsets in _subsets(m, n)), strict=True)
    V, theta = np.concatenate(values), np.concatenate(thetas)
    _, first = np.unique(np.packbits(V == 0, axis=1), axis=0, return_index=True)
    first.sort()
    V, theta = V[first], theta[first]
    base = independent(points, order)
    corners = V[:, base] == 0
    opposite = [np.flatnonzero(np.delete(corners, k, axis=1).all(axis=1) & ~corners[:, k])[0] for k in range(n + 1)]
    return Hyperplanes(V, theta, base, np.array(opposite, dtype=np.int64))


def independent(points: Array, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first affinely independent points in the given order, by exact elimination."""
    lifted = [[Fraction(float(v)) for v in points[j]] + [Fraction(1)] for j in order]
    return order[np.array(_independent_rows(lifted, points.shape[1] + 1), dtype=np.int64)]


def spanning_columns(x: Array) -> NDArray[np.int64]:
    """A maximal set of columns that are independent together with the constant, by exact elimination."""
    _, pivots = np.unique(x, axis=0, return_index=True)
    rows = [[Fraction(1)] * len(pivots)] + [[Fraction(float(v)) for v in column] for column in x[pivots].T]
    return np.array(_independent_rows(rows, len(rows))[1:], dtype=np.int64) - 1


def _independent_rows(rows: list[list[Fraction]], most: int) -> list[int]:
    """Indices of the first independent rows, at most `most` of them."""
    reduced: list[tuple[int, list[Fraction]]] = []
    found: list[int] = []
    for i, row in enumerate(rows):
        row = list(row)
        for pivot, other in reduced:
            if row[pivot]:
                factor = row[pivot] / other[pivot]
                row = [a - factor * b if b else a for a, b in zip(row, other, strict=True)]
        pivot = next((k for k, v in enumerate(row) if v), None)
        if pivot is not None:
            reduced.append((pivot, row))
            found.append(i)
            if len(found) == most:
                break
    return found


def _subsets(m: int, n: int) -> Iterator[NDArray[np.int64]]:
    found = combinations(range(m), n)
    while len(block := list(islice(found, 1 + CHUNK // (m * max(n, 1))))):
        yield np.fromiter(chain.from_iterable(block), dtype=np.int64).reshape(len(block), n)


def _integers(points: Array) -> tuple[NDArray[np.object_], int]:
    """The points times a power of two, as whole numbers, and this power: the same configuration, without rounding."""
    fractions = [Fraction(float(v)) for v in points.ravel()]
    common = max((f.denominator for f in fractions), default=1)
    return np.array([int(f * common) for f in fractions] or [], dtype=object).reshape(points.shape), common


def _chunk(points: Array, whole: NDArray[np.object_], common: int, subsets: NDArray[np.int64]) -> tuple[Array, Array]:
    """Heights and (a, b) for the hyperplanes through each subset; dependent subsets are left out."""
    m, n = points.shape
    if n == 0:
        return np.ones((1, m)), np.ones((1, 1))
    anchor = points[subsets[:, 0]]
    normal = _cross(points[subsets[:, 1:]] - anchor[:, None])
    V = np.einsum("hk,hjk->hj", normal, points[None] - anchor[:, None])
    # Hadamard: no product in the determinant is larger than `room`, so that rounding is a few eps of it. What is small
    # beside it is computed again in whole numbers: sign and size are then right for the nearest of degenerate points.
    edges = np.linalg.norm(points[subsets[:, 1:]] - anchor[:, None], axis=2).prod(axis=1)
    room = edges[:, None] * np.linalg.norm(points[None] - anchor[:, None], axis=2)
    doubtful = (abs(V) <= DOUBT * room) & (n > 1)
    np.put_along_axis(doubtful, subsets, False, axis=1)
    np.put_along_axis(V, subsets, 0.0, axis=1)
    h, j = np.nonzero(doubtful)
    if len(h):
        V[h, j] = _exact_heights(whole, common, subsets[h], j)
    thin = np.flatnonzero((np.linalg.norm(normal, axis=1) <= DOUBT * edges) & (n > 2))
    if len(thin):
        normal[thin] = _exact_normals(whole, common, subsets[thin])
    kept = (V != 0).any(axis=1)
    V, normal, anchor = V[kept], normal[kept], anchor[kept]
    scale = abs(V).max(axis=1, keepdims=True)
    theta = np.column_stack([normal, -(normal * anchor).sum(axis=1)]) / scale
    return V / scale, theta


def _cross(edges: Array) -> Array:
    """A normal of the n - 1 edges (H, n - 1, n): the signed minors."""
    n = edges.shape[2]
    if n == 2:
        return np.stack([-edges[:, 0, 1], edges[:, 0, 0]], axis=1)
    minors = [np.linalg.det(np.delete(edges, k, axis=2)) * (-1) ** (n - 1 + k) for k in range(n)]
    return np.stack(minors, axis=1) if n > 1 else np.ones((len(edges), 1))


def _exact_heights(whole: NDArray[np.object_], common: int, subsets: NDArray[np.int64],
                   j: NDArray[np.int64]) -> Array:
    """Determinants with rows x_i - x_anchor for i in the rest of the subset and x_j last, rounded once."""
    anchor, n = whole[subsets[:, 0]], whole.shape[1]
    rows = [whole[subsets[:, i]] - anchor for i in range(1, n)] + [whole[j] - anchor]
    return np.array([d / common ** n for d in _minors(rows)[tuple(range(n))]])


def _exact_normals(whole: NDArray[np.object_], common: int, subsets: NDArray[np.int64]) -> Array:
    """The signed minors of the edges of each subset, rounded once."""
    n = whole.shape[1]
    minors = _minors([whole[subsets[:, i]] - whole[subsets[:, 0]] for i in range(1, n)])
    signed = [(-1) ** (n - 1 + k) * minors[tuple(c for c in range(n) if c != k)] for k in range(n)]
    return np.array([[m / common ** (n - 1) for m in column] for column in signed]).T


def _minors(rows: list[NDArray[np.object_]]) -> dict[tuple[int, ...], NDArray[np.object_]]:
    """All minors of full height by their columns: Laplace expansion from the last of the rows (U, n) upwards."""
    n = rows[0].shape[1]
    below = {(c,): rows[-1][:, c] for c in range(n)}
    for row in reversed(rows[:-1]):
        size = len(next(iter(below))) + 1
        below = {columns: sum((-1) ** i * row[:, c] * below[columns[:i] + columns[i + 1:]]
                              for i, c in enumerate(columns)) for columns in combinations(range(n), size)}
    return below
