"""Linear algebra over the rationals, for matrices of a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Matrix = Sequence[Sequence[Fraction]]


def reduced_rows(M: Matrix) -> tuple[list[list[Fraction]], list[int]]:
    """The reduced row echelon form of M without its zero rows, and the columns of its pivots."""
    R, pivots = [list(row) for row in M], []
    for column in range(len(R[0])):
        top = len(pivots)
        found = next((i for i in range(top, len(R)) if R[i][column]), None)
        if found is None:
            continue
        R[top], R[found] = R[found], R[top]
        lead = Fraction(R[top][column])  # an integer lead would divide to a float
        R[top] = [v / lead for v in R[top]]
        for i, row in enumerate(R):
            if i != top and row[column]:
                R[i] = [v - row[column] * w for v, w in zip(row, R[top], strict=True)]
        pivots.append(column)
        if len(pivots) == len(R):
            break
    return R[:len(pivots)], pivots


def null_vector(M: Matrix) -> list[Fraction] | None:
    """Some c ≠ 0 with M c = 0, or None when the columns are linearly independent."""
    R, pivots = reduced_rows(M)
    free = next((j for j in range(len(M[0])) if j not in pivots), None)
    if free is None:
        return None
    c = [Fraction(0)] * len(M[0])
    c[free] = Fraction(1)
    for row, j in zip(R, pivots, strict=True):
        c[j] = -row[free]
    return c


def inverse(M: Matrix) -> list[list[Fraction]] | None:
    """The inverse of a square matrix, or None when it is singular."""
    n = len(M)
    R, pivots = reduced_rows([[*row, *(Fraction(i == j) for j in range(n))] for i, row in enumerate(M)])
    return [row[n:] for row in R] if pivots == list(range(n)) else None
