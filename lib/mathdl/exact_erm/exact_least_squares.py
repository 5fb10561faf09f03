"""Nonnegative least squares and small linear systems, exactly, in integers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

Matrix = Sequence[Sequence[int]]


def solve_integers(A: Matrix, b: Sequence[int]) -> tuple[list[int], int] | None:
    """(p, q) with q > 0 and A p = q b for a square integer matrix, or None when A is singular.

    Fraction-free elimination: every intermediate number is a minor of (A, b), and every division is exact. Source:
    Bareiss 1968, "Sylvester's identity and multistep integer-preserving Gaussian elimination".
    """
    n, last = len(b), 1
    rows = [[*row, right] for row, right in zip(A, b, strict=True)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        top, lead = rows[k], rows[k][k]
        for i in range(n):
            if i != k:
                row, factor = rows[i], rows[i][k]
                rows[i] = [(lead * x - factor * y) // last for x, y in zip(row, top, strict=True)]
        last = lead
    sign = -1 if last < 0 else 1
    return [sign * row[n] for row in rows], sign * last


def _on_support(Q: Matrix, b: Sequence[int], support: Sequence[int]) -> tuple[list[int], int] | None:
    """The minimiser (p, q) of c'Qc - 2 b'c with c = 0 off `support`, on the support, or None when it is not unique."""
    return solve_integers([[Q[i][k] for k in support] for i in support], [b[i] for i in support])


def nonnegative_least_squares(Q: Matrix, b: Sequence[int], guess: Iterable[int] = ()) -> list[Fraction]:
    """The c >= 0 that minimises c'Qc - 2 b'c, exactly: Q = A'A and b = A'y for nonnegative least squares.

    The columns where c > 0 are independent. `guess` is a support to start from; a bad one costs time only. Source:
    Lawson and Hanson 1974, Algorithm NNLS; in exact arithmetic the objective falls at every step, so it ends.
    """
    support = sorted(set(guess))
    solved = _on_support(Q, b, support)
    if solved is None or any(p <= 0 for p in solved[0]):
        support, solved = [], ([], 1)
    while True:
        p, q = solved
        enters = _steepest(Q, b, support, p, q)
        if enters is None:
            c = [Fraction(0)] * len(b)
            for k, value in zip(support, p, strict=True):
                c[k] = Fraction(value, q)
            return c
        support, solved = _descend(Q, b, [*support, enters], [*(Fraction(x, q) for x in p), Fraction(0)])


def _steepest(Q: Matrix, b: Sequence[int], support: list[int], p: list[int], q: int) -> int | None:
    """The column along which the objective falls fastest for its length, at c = p/q; None at the optimum."""
    best, square, length = None, 0, 1
    for k, row in enumerate(Q):
        if k not in support:
            down = b[k] * q - sum(row[i] * x for i, x in zip(support, p, strict=True))
            if down > 0 and down * down * length > square * row[k]:
                best, square, length = k, down * down, row[k]
    return best


def _descend(Q: Matrix, b: Sequence[int], support: list[int],
             c: list[Fraction]) -> tuple[list[int], tuple[list[int], int]]:
    """Go to the least squares solution on the support, leaving out one column after another that would go negative."""
    while True:
        solved = _on_support(Q, b, support)
        assert solved is not None  # a column that lowers the objective is independent of those where it is stationary
        goal = [Fraction(p, solved[1]) for p in solved[0]]
        if all(z > 0 for z in goal):
            return support, solved
        step = min(old / (old - new) for old, new in zip(c, goal, strict=True) if new <= 0)
        moved = [old + step * (new - old) for old, new in zip(c, goal, strict=True)]
        kept = [i for i, value in enumerate(moved) if value > 0]
        support, c = [support[i] for i in kept], [moved[i] for i in kept]
