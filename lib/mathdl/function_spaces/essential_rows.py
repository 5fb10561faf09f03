"""The affine functions that a maximum needs: every one that is dropped is dropped with an exact certificate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from mathdl.function_spaces.exact_algebra import inverse, reduced_rows
from mathdl.function_spaces.signed_max import Row


def essential_rows(rows: Iterable[Row]) -> list[Row]:
    """Rows with the same maximum everywhere, without those found to be dominated; sorted.

    A row (a, b) is dropped only when exact weights λ >= 0 with Σ λ_i = 1, Σ λ_i a_i = a and Σ λ_i b_i >= b are found
    on rows that stay. Floating point only proposes the rows and the weights, so its errors can keep a row too many and
    never drop one too few.
    """
    highest: dict[tuple, Fraction] = {}
    for *a, b in rows:
        highest[tuple(a)] = max(b, highest.get(tuple(a), b))
    kept = sorted((*a, b) for a, b in highest.items())
    columns = spanning_columns(kept)
    if len(kept) <= len(columns) + 1:
        return kept
    simplices = upper_simplices(kept, columns)
    corners = sorted({i for F in simplices for i in F})
    others = [i for i in range(len(kept)) if i not in set(corners)]
    if not simplices:
        return kept
    stay = {i for i, dropped in zip(others, _dominated(kept, columns, simplices, others), strict=True) if not dropped}
    return [kept[i] for i in sorted(stay.union(corners))]


def spanning_columns(rows: Sequence[Row]) -> list[int]:
    """Coordinates in which the affine span of the a_i is parametrised one to one."""
    found: list[list[Fraction]] = []
    pivots: list[int] = []
    for row in rows[1:]:
        R, columns = reduced_rows([*found, [u - v for u, v in zip(row[:-1], rows[0][:-1], strict=True)]])
        if len(columns) > len(pivots):
            found, pivots = R, columns
        if len(pivots) == len(row) - 1:
            break
    return pivots


def upper_simplices(rows: Sequence[Row], columns: Sequence[int]) -> list[tuple[int, ...]]:
    """Simplices of the upper convex hull of the points (a_i, b_i) as Qhull sees it; none when it gives up.

    A point far below makes the hull full-dimensional: the facets without it are the upper ones.
    """
    from scipy.spatial import ConvexHull, QhullError

    points = np.array([[float(row[j]) for j in (*columns, -1)] for row in rows])
    points = (points - points.mean(axis=0)) / np.maximum(np.abs(points - points.mean(axis=0)).max(axis=0), 1e-300)
    apex = np.append(np.zeros(len(columns)), -10.0)
    try:
        hull = ConvexHull(np.vstack([points, apex]))
    except QhullError:
        return []
    upright = hull.equations[:, -2] > 1e-9  # vertical facets are walls of the boundary, of no area in a
    return [tuple(map(int, F)) for F in hull.simplices[upright] if len(rows) not in F]


def _dominated(rows: Sequence[Row], columns: Sequence[int], simplices: list[tuple[int, ...]],
               others: list[int]) -> list[bool]:
    """For each of the other rows, whether the simplex that seems to hold its a certifies that it is dominated."""
    maps: dict[int, list | None] = {}
    certified = []
    for i, F in zip(others, _nearest(rows, columns, simplices, others), strict=True):
        if F not in maps:
            maps[F] = _weights_map(rows, columns, simplices[F])
        certified.append(_certified(rows, columns, simplices[F], i, maps[F]))
    return certified


def _nearest(rows: Sequence[Row], columns: Sequence[int], simplices: list[tuple[int, ...]],
             others: list[int]) -> list[int]:
    """For each of the other rows, the simplex in which the least barycentric weight of its a is largest."""
    a = np.array([[1.0, *(float(row[j]) for j in columns)] for row in rows])
    a[:, 1:] /= np.maximum(np.abs(a[:, 1:]).max(axis=0), 1e-300)
    corners = a[np.array(simplices)].transpose(0, 2, 1)  # (F, r + 1, r + 1)
    flat = np.abs(np.linalg.det(corners)) < 1e-14  # Qhull's halves of a facet may have no area
    corners[flat] = np.eye(len(columns) + 1)
    to_weights = np.linalg.inv(corners)
    to_weights[flat] = -np.inf
    block = max(1, 1_000_000 // to_weights.size)
    return [F for start in range(0, len(others), block)
            for F in _least_weights(to_weights, a[others[start:start + block]]).argmax(axis=0).tolist()]


def _least_weights(to_weights: np.ndarray, a: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # 0 · ∞ in flat simplices
        return np.nan_to_num((to_weights @ a.T).min(axis=1), nan=-np.inf)


def _weights_map(rows: Sequence[Row], columns: Sequence[int], F: tuple[int, ...]) -> list[list[Fraction]] | None:
    """The exact matrix from (1, a) to the barycentric weights of a in the simplex; None when it is flat."""
    return inverse([[Fraction(1)] * len(F), *([rows[i][j] for i in F] for j in columns)])


def _certified(rows: Sequence[Row], columns: Sequence[int], F: tuple[int, ...], i: int,
               to_weights: list[list[Fraction]] | None) -> bool:
    """True when the exact weights of row i in the simplex F are >= 0 and lift at least to its height."""
    if to_weights is None:
        return False
    a = [Fraction(1), *(rows[i][j] for j in columns)]
    weights = [sum(m * v for m, v in zip(row, a, strict=True)) for row in to_weights]
    height = sum(w * rows[k][-1] for w, k in zip(weights, F, strict=True))
    return min(weights) >= 0 and height >= rows[i][-1]
