"""Two-sided linear fits with nonnegative coefficients, exactly: the simplex method in integers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def two_sided_fit(columns: Sequence[Sequence[int]], target: Sequence[int], down: Sequence[Fraction],
                  up: Sequence[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """(c, g): c >= 0 minimises sum_j down_j max(t_j - f_j, 0) + up_j max(f_j - t_j, 0), where f = sum_k c_k column_k.

    g holds one subgradient for each sample; g·column_k >= 0 for all k, and -g·t is the minimum: it proves c optimal.
    Simplex method on a tableau of integers with one common denominator, Bland's rule, so it ends. Source: Bland 1977,
    "New finite pivoting rules for the simplex method"; integer pivots: Edmonds and Maurras 1997.
    """
    m, n = len(target), len(columns)
    scale = lcm(*(Fraction(cost).denominator for cost in [*down, *up]))
    low, high = [int(x * scale) for x in down], [int(x * scale) for x in up]
    cost = [0] * n + low + high
    # f + below - above = t: the starting basis is `below` where t >= 0, `above` (row times -1) where t < 0.
    sides = [1 if t >= 0 else -1 for t in target]
    rows = [[s * column[j] for column in columns] + [s * (i == j) for i in range(m)] + [-s * (i == j) for i in range(m)]
            + [s * target[j]] for j, s in enumerate(sides)]
    basis = [n + j if s > 0 else n + m + j for j, s in enumerate(sides)]
    reduced = [c - sum(cost[basis[j]] * rows[j][k] for j in range(m)) for k, c in enumerate([*cost, 0])]
    last = _optimise(rows, reduced, basis)
    c = [Fraction(0)] * n
    for row, k in zip(rows, basis, strict=True):
        if k < n:
            c[k] = Fraction(row[-1], last)
    # reduced cost of below_j = down_j - π_j with π the dual variables, and g = -π
    g = [Fraction(reduced[n + j] - last * low[j], last * scale) for j in range(m)]
    return c, g


def _optimise(rows: list[list[int]], reduced: list[int], basis: list[int]) -> int:
    """Pivot until no reduced cost is negative; returns the common denominator of the tableau."""
    last = 1
    while True:
        enters = next((k for k, r in enumerate(reduced[:-1]) if r < 0), None)
        if enters is None:
            return last
        ratios = [(Fraction(row[-1], row[enters]), basis[j], j) for j, row in enumerate(rows) if row[enters] > 0]
        leaves = min(ratios)[-1]  # never empty: the costs are >= 0, so the objective is bounded below
        pivot, top = rows[leaves][enters], rows[leaves]
        for row in [*(row for row in rows if row is not top), reduced]:
            factor = row[enters]
            row[:] = [(pivot * x - factor * y) // last for x, y in zip(row, top, strict=True)]
        basis[leaves], last = enters, pivot
