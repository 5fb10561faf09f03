"""Every hyperplane through d affinely independent points of a sample in R^d, and on which side each point lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.affine_span import Index, SpanningPoints

UNIT = 2.0 ** -53
CHUNK = 1 << 20  # signs decided at once
PRECISE = 1e-13  # a normal that floats give less accurately than this, relative to its largest entry, is made exactly


@dataclass(frozen=True, eq=False)
class Hyperplanes:
    """H hyperplanes {a . z + b = 0} through d of m points z in R^d, each once.

    `normals` (H, d + 1) holds (a, b) for the points as `SpanningPoints.floats`, largest |a . z_j + b| equal to 1;
    `signs` (H, m) the exact sign of every point; `through` (H, d) the d points that found the hyperplane.
    """

    normals: NDArray[np.float64]
    signs: NDArray[np.int8]
    through: Index


def hyperplanes(points: SpanningPoints) -> Hyperplanes:
    """All of them, over all d-subsets: O(m^(d+1)) signs, floats first and integers where floats cannot decide."""
    m, d = points.integers.shape
    parts = [_of_tuples(points, tuples) for tuples in _tuples(m, d, max(1, CHUNK // m))]
    normals, signs, through = (np.concatenate(column) for column in zip(*parts, strict=True))
    once = _first_of_each(signs, d)
    return Hyperplanes(normals[once], signs[once], through[once])


def cofactors(rows: NDArray[Any], *, signed: bool = True) -> NDArray[Any]:
    """The vector a (T, d) with det[v; rows] = a . v, for T stacks of d - 1 rows in R^d; any ring.

    Minors are built row by row, by Laplace expansion, for all column sets of that size: d 2^(d-1) products.
    With signed=False all terms are added: the sum of |terms| when the rows are non-negative.
    """
    count, height, d = rows.shape
    minors = {0: np.ones(count, dtype=rows.dtype)}
    for r in range(height):
        larger: dict[int, NDArray[Any]] = {}
        for columns in combinations(range(d), r + 1):
            mask = sum(1 << c for c in columns)
            terms = [minors[mask ^ 1 << c] * rows[:, r, c] * (-1 if signed and (r + i) % 2 else 1)
                     for i, c in enumerate(columns)]
            larger[mask] = sum(terms[1:], start=terms[0])
        minors = larger
    everything = (1 << d) - 1
    return np.stack([minors[everything ^ 1 << c] * (-1 if signed and c % 2 else 1) for c in range(d)], axis=1)


def _tuples(m: int, d: int, size: int) -> Iterator[Index]:
    subsets = combinations(range(m), d)
    while chunk := list(islice(subsets, size)):
        yield np.array(chunk, dtype=np.intp).reshape(len(chunk), d)


def _of_tuples(points: SpanningPoints, tuples: Index) -> tuple[NDArray[np.float64], NDArray[np.int8], Index]:
    """Normals and signs for the d-subsets in the rows of `tuples`, without those that are affinely dependent."""
    z, (count, d) = points.floats, tuples.shape
    if not d:  # no coordinate is left: the only functional is the constant
        return np.ones((1, 1)), np.ones((1, len(z)), dtype=np.int8), tuples
    base, others = z[tuples[:, 0]], z[tuples[:, 1:]]
    a = cofactors(others - base[:, None])
    size = cofactors(abs(others) + abs(base)[:, None], signed=False)
    offset = (a * base).sum(axis=1)
    values = a @ z.T - offset[:, None]
    # A value is a sum of products of d coordinates. On its way each product is rounded at most d^2/2 + 5d/2 - 1 times
    # (twice for each difference, in d - 1 products, in the additions), so it is off by at most (d^2 + 4d) units times
    # the same sum with all terms made positive; 2^-1000 covers underflow, since no number here exceeds d! 2^d.
    units = (d * d + 4 * d) * UNIT
    doubt = units * (size @ abs(z).T + (size * abs(base)).sum(axis=1)[:, None]) + 2.0 ** -1000
    certain = abs(values) > doubt
    rows = np.arange(count)[:, None]
    values[rows, tuples] = 0
    certain[rows, tuples] = True
    signs = np.sign(values).astype(np.int8)
    largest = abs(a).max(axis=1)
    vague = units * size.max(axis=1) > PRECISE * largest
    again = np.flatnonzero(vague | ~certain.all(axis=1))
    if len(again):
        exact = points.exact
        a_int = cofactors(exact[tuples[again, 1:]] - exact[tuples[again, 0]][:, None])
        signs[again] = _signs(a_int @ exact.T - (a_int * exact[tuples[again, 0]]).sum(axis=1)[:, None])
        inexact = np.flatnonzero(vague[again])
        for k in inexact[a_int[inexact].any(axis=1)]:
            a[again[k]] = _rounded([int(v) * int(s) for v, s in zip(a_int[k], points.reach, strict=True)])
        offset[again] = (a[again] * base[again]).sum(axis=1)
        values[again] = a[again] @ z.T - offset[again][:, None]
    normals = np.column_stack([a, -offset])
    kept = signs.any(axis=1)
    tops = np.where(signs != 0, abs(values), 0).max(axis=1)
    return normals[kept] / tops[kept, None], signs[kept], tuples[kept]


def _signs(values: NDArray[Any]) -> NDArray[np.int8]:
    return ((values > 0).astype(np.int8) - (values < 0).astype(np.int8)).astype(np.int8)


def _rounded(a: list[int]) -> list[float]:
    top = max(map(abs, a))
    return [v / top for v in a]


def _first_of_each(signs: NDArray[np.int8], d: int) -> Index:
    """The rows to keep so that each hyperplane appears once: only those through more than d points can repeat."""
    kept = np.ones(len(signs), dtype=bool)
    crowded = np.flatnonzero((signs == 0).sum(axis=1) > d)
    if len(crowded):
        on = np.packbits(signs[crowded] == 0, axis=1)  # the points on it determine a hyperplane
        kept[crowded] = False
        kept[crowded[np.unique(on, axis=0, return_index=True)[1]]] = True
    return np.flatnonzero(kept)
