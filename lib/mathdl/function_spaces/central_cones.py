"""The full-dimensional cones into which m hyperplanes through the origin cut R^n, exactly, in integers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from math import comb, gcd, lcm

from mathdl.nets.entries import as_exact

Row = tuple[int, ...]
Signs = tuple[int, ...]


def max_cones(n: int, m: int) -> int:
    """N(n, m) = 2 Σ_{i<n} C(m−1, i), the number of cones of m hyperplanes in general position in R^n.

    Twice the count printed in Mukherjee 2020, Theorem 2.3.7. Raises ValueError unless n, m >= 1.
    """
    if n < 1 or m < 1:
        raise ValueError(f"expected a dimension n >= 1 and m >= 1 generators; got n = {n}, m = {m}")
    return 2 * sum(comb(m - 1, i) for i in range(n))


def integer_rows(B: Sequence) -> list[Row]:
    """Each row of B (m, n) as the primitive integer vector of the same direction; a zero row stays zero."""
    exact = as_exact(B)
    return [_primitive([int(v * lcm(*(u.denominator for u in row))) for v in row]) for row in exact]


def count_cones(rows: Sequence[Row]) -> int:
    """The number of cones {r : sign⟨row_i, r⟩ constant}, by deletion and restriction; 1 when all rows are zero.

    A new hyperplane cuts exactly the cones that it meets, and it meets as many as the others cut on it.
    """
    lines = _distinct(rows)
    if not lines:
        return 1
    *rest, b = lines
    return count_cones(rest) + count_cones([_quotient(a, b) for a in rest])


def central_cones(rows: Sequence[Row]) -> dict[Signs, Row]:
    """Sign vector -> an integer point inside, for every cone {r : σ_i ⟨row_i, r⟩ > 0}; σ_i is 0 for a zero row."""
    n = len(rows[0])
    cones: dict[Signs, Row] = {(): (0,) * n}
    for i, b in enumerate(rows):
        cut = _cut_by(rows[:i], b) if _is_new(b, rows[:i]) else {}
        sides = ((signs, point, _sign(_dot(b, point))) for signs, point in cones.items())
        # A point on a new hyperplane lies in a cone that is cut, and `cut` has both halves.
        kept = {(*signs, side): point for signs, point, side in sides if side or not cut}
        cones = {**cut, **kept}
    return cones


def _cut_by(rows: Sequence[Row], b: Row) -> dict[Signs, Row]:
    """Both halves of every cone of `rows` that the hyperplane b⊥ cuts."""
    halves = {}
    for point in central_cones([_quotient(a, b) for a in rows]).values() if rows else [(0,) * (len(b) - 1)]:
        r = _lift(point, b)
        # K r ± b has the signs of r on all rows: K |⟨a, r⟩| > |⟨a, b⟩|.
        K = 1 + max((abs(_dot(a, b)) // abs(_dot(a, r)) for a in rows if any(a)), default=0)
        signs = tuple(_sign(_dot(a, r)) for a in rows)
        for side in (1, -1):
            halves[(*signs, side)] = _primitive([K * x + side * y for x, y in zip(r, b, strict=True)])
    return halves


def _quotient(a: Row, b: Row) -> Row:
    """The functional of `a` on b⊥, whose coordinates are those of R^n without the pivot of b."""
    j = _pivot(b)
    s = _sign(b[j])
    return _primitive([s * (b[j] * x - a[j] * y) for i, (x, y) in enumerate(zip(a, b, strict=True)) if i != j])


def _lift(point: Row, b: Row) -> Row:
    """The point of b⊥ with the given coordinates off the pivot, times |b_pivot|."""
    j = _pivot(b)
    off = [y for i, y in enumerate(b) if i != j]
    scaled = [abs(b[j]) * x for x in point]
    return (*scaled[:j], -_sign(b[j]) * _dot(off, point), *scaled[j:])


def _pivot(b: Row) -> int:
    return next(i for i, x in enumerate(b) if x)


def _distinct(rows: Sequence[Row]) -> list[Row]:
    """The non-zero rows, one for each hyperplane."""
    return list(compress(rows, (_is_new(b, rows[:i]) for i, b in enumerate(rows))))


def _is_new(b: Row, earlier: Sequence[Row]) -> bool:
    """True when the primitive row b is not zero and its hyperplane is none of the earlier ones."""
    return any(b) and b not in earlier and tuple(-x for x in b) not in earlier


def _primitive(row: Sequence[int]) -> Row:
    g = gcd(*row) or 1
    return tuple(x // g for x in row)


def _dot(a: Sequence[int], r: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(a, r, strict=True))


def _sign(x: int) -> int:
    return (x > 0) - (x < 0)
