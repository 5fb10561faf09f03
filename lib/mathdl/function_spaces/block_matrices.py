"""Matrices that are constant on blocks of rows and columns, and what their number of rows says about a circuit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np


def row_groups(A: np.ndarray, order: Sequence[int] | None = None) -> tuple[int, ...]:
    """The cuts between unequal neighbouring rows of A (M, N) in this order: k in 1..M−1 when row k starts a new group.

    There is one group more than cuts. Rows are equal when all entries are, bit by bit, so A must be exact. Columns:
    `row_groups(A.T, order)`.
    """
    A = np.asarray(A)
    if A.ndim != 2 or 0 in A.shape:
        raise ValueError(f"expected a matrix with at least one row and one column; got shape {A.shape}")
    rows = A if order is None else A[_permutation(order, len(A))]
    return tuple(int(k) for k in np.flatnonzero((rows[1:] != rows[:-1]).any(axis=1)) + 1)


def merge_groups(cuts: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The cuts of the common refinement: the union of the cuts (Mukherjee 2020, Claim 5)."""
    return tuple(sorted(set().union(*map(set, cuts))))


def block_matrix(row_cuts: Sequence[int], column_cuts: Sequence[int], values: np.ndarray, size: int) -> np.ndarray:
    """The (size, size) matrix that equals values[i, j] on row group i and column group j."""
    i, j = (np.searchsorted(np.asarray(cuts, dtype=int), np.arange(size), side="right")
            for cuts in (row_cuts, column_cuts))
    values = np.asarray(values)
    if values.shape != (len(row_cuts) + 1, len(column_cuts) + 1):
        raise ValueError(f"expected values of shape {(len(row_cuts) + 1, len(column_cuts) + 1)}, one for each block; "
                         f"got {values.shape}")
    return values[np.ix_(i, j)]


def random_block_matrix(size: int, groups: int, *, rng: np.random.Generator) -> np.ndarray:
    """A (size, size) integer matrix constant on groups x groups contiguous blocks that are cut at random places."""
    if not 1 <= groups <= size:
        raise ValueError(f"expected 1 <= groups <= size = {size}; got {groups}")
    cuts = [sorted(rng.choice(np.arange(1, size), groups - 1, replace=False)) for _ in range(2)]
    return block_matrix(*cuts, rng.integers(-99, 100, (groups, groups)), size)


def distinct_rows(A: np.ndarray) -> int:
    """The number of different rows of the matrix A: the fewest row groups that any order of its rows can reach."""
    return len(np.unique(np.asarray(A), axis=0))


def row_lower_bound(F: np.ndarray, bound: int) -> Fraction:
    """(R − 1)/(mW) with R the larger of the numbers of distinct rows and columns of F of shape (2^m, 2^m).

    *Ours.* Every circuit for F whose bottom gates satisfy Definition 12 with weights up to W = `bound` has at least so
    many bottom gates, whatever its depth and whatever computes above them.
    """
    F = np.asarray(F)
    m = max(len(F), 1).bit_length() - 1
    if F.shape != (2**m, 2**m) or m < 1 or bound < 1:
        raise ValueError(f"expected F of shape (2^m, 2^m) with m >= 1, and bound >= 1; got {F.shape}, bound {bound}")
    return Fraction(max(distinct_rows(F), distinct_rows(F.T)) - 1, m * bound)


def _permutation(order: Sequence[int], size: int) -> np.ndarray:
    order = np.asarray(order)
    if order.shape != (size,) or sorted(order.tolist()) != list(range(size)):
        raise ValueError(f"expected an order of all {size} rows, each named once; got shape {order.shape}")
    return order
