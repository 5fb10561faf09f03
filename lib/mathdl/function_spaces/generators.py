"""Tuples of generators: general position, the normal form that the support function determines, balancing signs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from mathdl.function_spaces.zonotope import Zonotope
from mathdl.nets.entries import as_exact, as_float

MOST_MINORS = 100_000
MOST_SIGNED = 36  # generators: two halves of 2^18 signed sums


def is_generic(generators: Sequence) -> bool:
    """True when every min(n, m) of the m generators are independent, decided by exact determinants.

    For n >= 2 these tuples are the extremal set S(n, m) of Mukherjee 2020, Definition 8, with the corrected count; for
    n = 1 that set asks for one non-zero generator only.
    """
    return all(_minors(generators))


def distance_to_degeneracy(generators: Sequence) -> Fraction | float:
    """The least volume |det| of the boxes spanned by min(n, m) generators: 0 exactly when they are not generic.

    A Fraction when the generators are exact and m >= n.
    """
    Z = Zonotope(generators)
    least = min(_minors(generators))
    if Z.n_generators < Z.dimension:
        return math.sqrt(least)
    return least if Z.is_exact else float(least)


def canonicalize(generators: Sequence) -> np.ndarray:
    """The normal form of the generators: equal for two tuples exactly when their support functions are equal.

    Zero rows are dropped, parallel rows summed with aligned signs, first non-zero entries made positive, rows sorted.
    Shape (m', n) with m' <= m; for generic tuples with n >= 2 only signs and order change.
    """
    Z = Zonotope(generators)
    lines: dict[tuple, np.ndarray] = {}
    for b in as_exact(Z.generators):
        if any(b):
            b = b * np.sign(b[b != 0][0])
            line = tuple(b / b[b != 0][0])
            lines[line] = lines.get(line, 0) + b
    rows = sorted(map(tuple, lines.values()))
    return (as_exact if Z.is_exact else as_float)(rows).reshape(-1, Z.dimension)


def balancing_signs(generators: Sequence) -> np.ndarray | None:
    """Signs ε with Σ ε_i b^i = 0 exactly, shape (m,), or None when there are none (two halves of 2^(m/2) sums meet).

    Raises ValueError for more than 36 generators.
    """
    B = as_exact(Zonotope(generators).generators)
    m = len(B)
    if m > MOST_SIGNED:
        raise ValueError(f"expected at most {MOST_SIGNED} generators, whose halves have 2^{MOST_SIGNED // 2} signed "
                         f"sums; got {m}")
    left, right = B[:m // 2], B[m // 2:]
    meets = {tuple(-(e @ right)): e for e in _signs(len(right))}
    for e in _signs(len(left)):
        found = meets.get(tuple(e @ left if len(left) else 0 * B[0]))
        if found is not None:
            return np.concatenate([e, found])
    return None


def random_generic(dimension: int, generators: int, *, rng: np.random.Generator) -> np.ndarray:
    """A generic tuple of integer generators, shape (m, n), drawn from [−9, 9] until it is generic."""
    while True:
        B = rng.integers(-9, 10, (generators, dimension))
        if is_generic(B):
            return B


def _signs(m: int) -> Iterator[np.ndarray]:
    return (np.array(signs, dtype=int) for signs in product((1, -1), repeat=m))


def _minors(generators: Sequence) -> Iterator[Fraction]:
    """|det| of all choices of n generators, exactly; when m < n, the one Gram determinant of all of them."""
    B = as_exact(Zonotope(generators).generators)
    m, n = B.shape
    if math.comb(m, n) > MOST_MINORS:
        raise ValueError(f"expected at most {MOST_MINORS} determinants; {m} generators in dimension {n} have "
                         f"{math.comb(m, n)}: take fewer generators")
    if m < n:
        yield _volume(B @ B.T)
    for rows in combinations(range(m), n):
        yield _volume(B[list(rows)])


def _volume(A: np.ndarray) -> Fraction:
    """|det A| by elimination over the rationals."""
    A, det = A.copy(), Fraction(1)
    for j in range(len(A)):
        pivots = np.flatnonzero(A[j:, j])
        if not len(pivots):
            return Fraction(0)
        i = j + pivots[0]
        A[[i, j]] = A[[j, i]]
        det *= A[j, j]
        A[j + 1:] -= np.outer(A[j + 1:, j] / A[j, j], A[j])
    return abs(det)
