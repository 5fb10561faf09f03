"""The cones of weight vectors that sort the cube {−1, 1}^m in one order (Mukherjee 2020, Definition 11)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, count, islice, product

import numpy as np

from mathdl.nets.entries import as_exact

LARGEST_CUBE = 10


def vertices(m: int) -> np.ndarray:
    """The vertices of {−1, 1}^m as integers of shape (2^m, m), in lexicographic order: vertex 0 is (−1, …, −1).

    Raises ValueError for m < 1 or m > 10, where tables over the cube get too large.
    """
    if not 1 <= m <= LARGEST_CUBE:
        raise ValueError(f"expected 1 <= m <= {LARGEST_CUBE}, since tables over the cube have 2^m rows; got m = {m}")
    return np.array(list(product((-1, 1), repeat=m)))


def cone_id(a: np.ndarray | Sequence) -> np.ndarray:
    """The order in which <a, x> sorts the vertices, shape (..., 2^m) for a of shape (..., m) (Definition 11).

    The order is exact: entries are taken at their binary value. Vertices with equal <a, x> keep their lexicographic
    order, so on a face shared by several cones one of them is named. Raises ValueError when an entry is not finite.
    """
    a = np.asarray(a)
    m = a.shape[-1]
    flat = a.reshape(-1, m)
    if a.dtype.kind != "f":
        return _sorted_cube(_integers(flat)).reshape(*a.shape[:-1], 2**m)
    if not np.isfinite(flat).all():
        raise ValueError("expected finite weights; got NaN or infinity")
    values = flat @ vertices(m).T
    order = np.argsort(values, axis=1, kind="stable")
    gaps = np.diff(np.take_along_axis(values, order, axis=1), axis=1).min(axis=1)
    # Each value carries an error of at most m eps |a|_1, so a gap above twice that is a true one; factor 2 spare.
    doubtful = gaps <= 4 * m * np.finfo(float).eps * np.abs(flat).sum(axis=1)
    if doubtful.any():
        order[doubtful] = _sorted_cube(_integers(flat[doubtful]))
    return order.reshape(*a.shape[:-1], 2**m)


@dataclass(frozen=True)
class ConeConflict:
    """Weight vectors `first` and `second` (their positions) put the vertices x and x' in opposite strict order."""

    first: int
    second: int
    x: tuple[int, ...]
    x_prime: tuple[int, ...]

    def __str__(self) -> str:
        return f"vector {self.first} has {self.x} strictly before {self.x_prime}, vector {self.second} strictly after"


def cone_conflict(vectors: Sequence) -> ConeConflict | None:
    """None when some cone P_{m,σ} contains all the vectors of shape (w, m); else two vectors and two vertices at odds.

    Exact, and no linear program is needed: vectors of one cone all sort the cube as their sum does, because where
    they do not contradict each other nothing can cancel in the sum.
    """
    A = _integers(vectors)
    cube = vertices(A.shape[1])
    order = _sorted_cube(A.sum(axis=0)[None])[0]
    values = (cube @ A.T)[order]
    falls = np.argwhere(values[1:] < values[:-1])
    if len(falls) == 0:
        return None
    k, second = falls[0]
    first = np.flatnonzero(values[k + 1] > values[k])[0]  # it exists, since the sum does not fall from k to k + 1
    return ConeConflict(int(first), int(second), *(tuple(map(int, cube[order[i]])) for i in (k, k + 1)))


def same_cone(vectors: Sequence) -> bool:
    """True when one closed cone P_{m,σ} contains all the vectors of shape (w, m); ties are allowed (Definition 11)."""
    return cone_conflict(vectors) is None


def same_cone_lp(vectors: Sequence) -> bool:
    """The answer of `same_cone` by another route, a linear program in floats, slower and for checking.

    Some order suits all vectors exactly when one vector c has <c, x'> ≥ <c, x> + 1 wherever <a, x'> > <a, x> for
    some of them.
    """
    from scipy.optimize import linprog

    A = _integers(vectors)
    cube = vertices(A.shape[1])
    values = cube @ A.T
    i, j = np.nonzero((values[:, None, :] < values[None, :, :]).any(axis=2))
    program = linprog(np.zeros(A.shape[1]), A_ub=(cube[i] - cube[j]) * 1.0, b_ub=-np.ones(len(i)), bounds=(None, None))
    return program.status == 0


def cones_containing(a: Sequence) -> int:
    """How many of the (2^m)! cones P_{m,σ} contain a of shape (m,): a tie of t vertices gives a factor t!."""
    values = (vertices(len(a)) @ _integers([a])[0]).tolist()
    return math.prod(math.factorial(values.count(v)) for v in set(values))


def integer_vectors_in_cone(order: Sequence[int], bound: int) -> np.ndarray:
    """All integer vectors a with |a_i| ≤ bound that sort the cube in this order, shape (N, m), 0 among them.

    `order` is a permutation of the 2^m vertex numbers. The search runs over increasing magnitudes, since σ decides
    the signs and the order of |a_1|, …, |a_m|: C(bound + m, m) candidates, refused with ValueError above 10^6.
    """
    order, m = _checked_order(order)
    if bound < 0 or math.comb(bound + m, m) > 10**6:
        raise ValueError(f"expected 0 <= bound with at most 10^6 candidates C(bound + m, m); got bound = {bound}, "
                         f"m = {m}: {math.comb(bound + m, m) if bound >= 0 else 0}. Lower the bound or m")
    cube, position = vertices(m), np.argsort(order)
    flip = 2 ** np.arange(m - 1, -1, -1)  # vertex 2^m − 1 is (1, …, 1); subtracting flip[i] turns coordinate i
    signs = np.where(position[-1] > position[2**m - 1 - flip], 1, -1)
    lone = signs * (2 * np.eye(m, dtype=int) - 1)  # row i: the vertex where <a, ·> = 2|a_i| − |a|_1
    a = np.zeros((math.comb(bound + m, m), m), dtype=np.int64)
    a[:, np.argsort(position[(lone + 1) // 2 @ flip])] = list(combinations_with_replacement(range(bound + 1), m))
    a *= signs
    return a[(np.diff(a @ cube[order].T, axis=1) >= 0).all(axis=1)]


def cone_representatives(m: int, bound: int) -> np.ndarray:
    """One integer vector 0 < a_1 < … < a_m ≤ bound inside each cone that has such a vector, shape (N, m).

    All other full-dimensional cones come from these by permuting and negating coordinates. All N are found once the
    bound is large enough: 2, 4, 10 for m = 2, 3, 4.
    """
    a = np.array(list(combinations(range(1, bound + 1), m)), dtype=np.int64).reshape(-1, m)
    values = np.sort(a @ vertices(m).T, axis=1)
    a = a[(np.diff(values, axis=1) > 0).all(axis=1)]
    _, first = np.unique(cone_id(a), axis=0, return_index=True)
    return a[np.sort(first)]


def number_of_cones(m: int) -> int:
    """The exact number of full-dimensional cones P_{m,σ}: 2, 8, 96, 5376, 1981440 for m = 1, …, 5.

    They are the regions of the hyperplanes Σ ε_i a_i = 0 with ε in {−1, 0, 1}^m, so Zaslavsky's theorem gives their
    number as |χ(−1)|, and the characteristic polynomial χ(q) counts the points over F_q on no hyperplane, for every
    prime q above all minors, which Hadamard bounds by m^(m/2) (Athanasiadis 1996). χ is monic and divisible by q − 1.
    """
    if not 1 <= m <= 5:
        raise ValueError(f"expected 1 <= m <= 5; got {m}: for m = 6 the count runs over some 10^9 points of F_q^m")
    primes = list(islice((q for q in count(math.isqrt(m**m) + 1) if q > 2 and all(q % r for r in range(2, q))), m - 1))
    rest = {q: Fraction(_points_off_hyperplanes(m, q), q - 1) for q in primes}  # χ/(q − 1), monic of degree m − 1
    at_minus_one = Fraction(math.prod(-1 - q for q in primes))  # Lagrange for the polynomial without its leading term
    for q, value in rest.items():
        at_minus_one += value * math.prod((Fraction(-1 - p, q - p) for p in primes if p != q), start=Fraction(1))
    return int(2 * abs(at_minus_one))


def _points_off_hyperplanes(m: int, q: int) -> int:
    """Points of F_q^m on no hyperplane Σ ε_i a_i = 0; signs and order of coordinates are divided out."""
    a = np.array(list(combinations(range(1, (q - 1) // 2 + 1), m)), dtype=np.int64).reshape(-1, m)
    off = np.ones(len(a), dtype=bool)
    for epsilon in product((-1, 0, 1), repeat=m):
        if epsilon > (0,) * m:  # one of ±ε
            off &= (a @ np.array(epsilon)) % q != 0
    return int(off.sum()) * 2**m * math.factorial(m)


def _sorted_cube(A: np.ndarray) -> np.ndarray:
    """The stable order of <a, x> over the vertices for each integer row a."""
    return np.argsort(A @ vertices(A.shape[1]).T, axis=1, kind="stable")


def _integers(vectors: Sequence) -> np.ndarray:
    """The rows (w, m), each times a positive number that makes it integer: no order of the cube changes."""
    A = np.asarray(vectors)
    if A.ndim != 2 or 0 in A.shape:
        raise ValueError(f"expected weight vectors of shape (w, m) with w, m >= 1; got shape {A.shape}")
    if A.dtype.kind in "iu" and np.abs(A).max() < 2**40:  # sums over m ≤ 10 entries and w rows stay below 2^63
        return A.astype(np.int64)
    exact = as_exact(A)
    scales = [math.lcm(*(v.denominator for v in row)) for row in exact]
    whole = np.empty(exact.shape, dtype=object)
    whole.flat = [int(v * s) for row, s in zip(exact, scales, strict=True) for v in row]
    return whole


def _checked_order(order: Sequence[int]) -> tuple[np.ndarray, int]:
    order = np.asarray(order)
    m = max(len(order), 1).bit_length() - 1
    if order.ndim != 1 or m < 1 or sorted(order.tolist()) != list(range(2**m)):
        raise ValueError(f"expected a permutation of the vertex numbers 0, …, 2^m − 1; got shape {order.shape}")
    return order, m
