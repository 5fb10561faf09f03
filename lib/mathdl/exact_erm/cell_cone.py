"""The cone {θ : G θ >= 0} of a cell, and its edges: the few directions whose nonnegative combinations fill it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DEPENDENT = 1e-11  # a column that differs from the span of the others by less, relative to its size, adds nothing
ON_IT = 1e-12  # |g · v| below this times sum |g_i v_i| is the rounding of that sum
COFACTOR = 8 * np.finfo(float).eps  # rounding of a cofactor of a few rows, in units of the product of their lengths


def edge_candidates(rows: Array) -> tuple[Array, NDArray[np.int8]]:
    """Directions (E, k) that are orthogonal to as many independent rows g of `rows` (m, k) as possible, both ways.

    With them the sign (E, m) of every g · v. Every edge of a cone {s_j g_j · θ >= 0}, whatever the signs s, is among
    them; directions on which all rows vanish are left out, since they change nothing that the rows can see.
    """
    scale = abs(rows).max(axis=0)
    used = _independent_columns(rows / np.where(scale > 0, scale, 1))
    g = np.unique(rows[:, used] / scale[used], axis=0)
    v, rounding = _orthogonal(g) if len(used) > 1 else (np.ones((1, len(used))), np.zeros(1))
    scaled = (rows[:, used] / scale[used]).T
    values, slack = v @ scaled, (ON_IT * abs(v) + rounding[:, None]) @ abs(scaled)
    signs = np.where(abs(values) > slack, np.sign(values), 0).astype(np.int8)
    once = np.unique(signs * _first_sign(signs), axis=0, return_index=True)[1]
    once = once[signs[once].any(axis=1)]
    directions = np.zeros((len(once), rows.shape[1]))
    directions[:, used] = v[once] / scale[used] / abs(values[once]).max(axis=1)[:, None]
    return np.vstack([directions, -directions]), np.vstack([signs[once], -signs[once]])


def cone_edges(G: Array) -> Array:
    """The edges (R, k) of {θ : G θ >= 0}, G of shape (m, k), as rows with largest g · v equal to 1.

    Nonnegative combinations of them are the whole cone, up to directions on which G vanishes. All (r-1)-subsets of the
    rows are tried, r the rank: meant for the few rows and columns of one gate.
    """
    directions, signs = edge_candidates(G)
    return directions[(signs >= 0).all(axis=1)]


def _independent_columns(rows: Array) -> list[int]:
    """A maximal set of columns that are linearly independent, the last column (the constant) first."""
    used: list[int] = []
    basis = np.zeros((len(rows), 0))
    for i in reversed(range(rows.shape[1])):
        column = rows[:, i]
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)  # once more: the first pass leaves rounding of the size of `column`
        if np.linalg.norm(rest) > DEPENDENT * np.linalg.norm(column):
            used.append(i)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return sorted(used)


def _orthogonal(g: Array) -> tuple[Array, Array]:
    """The vectors of cofactors (S, k) of all (k-1)-subsets of the rows of g (m, k), without the zero ones.

    With them a bound (S,) on the rounding of their entries: a cofactor that is 0 comes out as anything below it.
    """
    k = g.shape[1]
    subsets = np.array(list(combinations(range(len(g)), k - 1)))
    chosen = g[subsets]
    v = np.stack([(-1) ** c * np.linalg.det(np.delete(chosen, c, axis=2)) for c in range(k)], axis=1)
    rounding = COFACTOR * np.linalg.norm(chosen, axis=2).prod(axis=1)
    found = abs(v).max(axis=1) > rounding
    return v[found], rounding[found]


def _first_sign(signs: NDArray[np.int8]) -> NDArray[np.int8]:
    """The first non-zero sign of each row, as a column: v and -v are told apart by it."""
    first = signs[np.arange(len(signs)), (signs != 0).argmax(axis=1)]
    return np.where(first == 0, 1, first)[:, None]
