"""Signed sums of maxima of few affine functions, and the alternating reduction that makes a large maximum into one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb

import numpy as np

from mathdl.function_spaces.exact_algebra import null_vector
from mathdl.nets.entries import as_exact, fraction

Row = tuple[Fraction, ...]  # (a_1, …, a_n, b): the affine function <a, x> + b
Term = tuple[int, tuple[Row, ...]]  # (s_j, S_j): s_j times the maximum of the rows in S_j


@dataclass(frozen=True)
class SignedMaxes:
    """The function Σ_j s_j max_{i ∈ S_j} ℓ_i with signs s_j = ±1 (Mukherjee 2020, eq. 2.1); rows are rational."""

    terms: tuple[Term, ...]
    n_inputs: int

    @property
    def n_terms(self) -> int:
        """The number of terms."""
        return len(self.terms)

    @property
    def largest(self) -> int:
        """max |S_j|, the number of rows of the largest term; 0 for the empty sum."""
        return max((len(S) for _, S in self.terms), default=0)

    def __repr__(self) -> str:
        return f"SignedMaxes({self.n_terms} terms of at most {self.largest} rows, {self.n_inputs} inputs)"

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The exact values, of shape (n_samples,), at x of shape (n_samples, n_inputs)."""
        X = as_exact(x)
        if X.ndim != 2 or X.shape[1] != self.n_inputs:
            raise ValueError(f"expected x of shape (n_samples, {self.n_inputs}); got {X.shape}")
        total = np.array([Fraction(0)] * len(X), dtype=object)
        for sign, S in self.terms:
            total = total + sign * _values(S, X).max(axis=1)
        return total


def affine_rows(rows: Sequence[Sequence]) -> list[Row]:
    """Rows (a_1, …, a_n, b) as tuples of Fractions; ValueError when there is none or their lengths differ."""
    exact = [tuple(fraction(v) for v in row) for row in rows]
    if not exact or len({len(row) for row in exact}) > 1 or len(exact[0]) < 2:
        raise ValueError("expected at least one row (a_1, …, a_n, b), all of one length >= 2; "
                         f"got lengths {[len(row) for row in exact]}")
    return exact


def max_of_rows(rows: Sequence[Row], x: np.ndarray) -> np.ndarray:
    """The exact values of max_i (<a_i, x> + b_i), of shape (n_samples,), at x of shape (n_samples, n)."""
    return _values(affine_rows(rows), as_exact(x)).max(axis=1)


def affine_dependence(rows: Sequence[Row]) -> list[Fraction] | None:
    """Some c ≠ 0 with Σ c_i = 0, Σ c_i a_i = 0 and Σ c_i b_i <= 0; None when the a_i are affinely independent."""
    n = len(rows[0]) - 1
    c = null_vector([[Fraction(1)] * len(rows), *([row[k] for row in rows] for k in range(n))])
    if c is None:
        return None
    defect = sum(ci * row[-1] for ci, row in zip(c, rows, strict=True))
    if defect == 0:  # either sign will do: the shorter side makes fewer terms
        return c if sum(ci > 0 for ci in c) <= sum(ci < 0 for ci in c) else [-ci for ci in c]
    return c if defect < 0 else [-ci for ci in c]


def lower_side(rows: Sequence[Row]) -> tuple[int, ...] | None:
    """I = {i : c_i > 0} for an affine dependence c: wherever one looks, the least row of I is not the only maximum."""
    c = affine_dependence(rows)
    return None if c is None else tuple(i for i, ci in enumerate(c) if ci > 0)


def without_side(rows: Sequence[Row], side: Sequence[int]) -> SignedMaxes:
    """Σ_{∅ ≠ J ⊆ side} (−1)^{|J|+1} max over rows∖J, which is the maximum of all rows when `side` is a lower side."""
    if not set(side) <= set(range(len(rows))) or not 0 < len(set(side)) < len(rows):
        raise ValueError(f"expected a proper, non-empty part of the indices 0, …, {len(rows) - 1}; got {side}")
    terms = tuple((sign, tuple(row for i, row in enumerate(rows) if i not in J)) for sign, J in _signed_subsets(side))
    return SignedMaxes(terms, len(rows[0]) - 1)


def alternating_reduction(rows: Sequence[Sequence], *, limit: int = 1_000_000) -> SignedMaxes:
    """max_i (<a_i, x> + b_i) as a signed sum of maxima over affinely independent a_i, so of at most n + 1 rows each.

    Equal terms are merged before they are split again, which keeps the work near the number of terms of the answer.
    Raises ValueError, with the number, when more terms than `limit` are possible.
    """
    rows = sorted(set(affine_rows(rows)))
    n = len(rows[0]) - 1
    refuse_many_terms(len(rows), n, limit)
    side = cache(lambda chosen: lower_side([rows[i] for i in chosen]))
    by_size: dict[int, dict[frozenset, int]] = defaultdict(lambda: defaultdict(int))
    by_size[len(rows)][frozenset(range(len(rows)))] = 1
    done = []
    for size in range(len(rows), 0, -1):
        for S, count in by_size.pop(size, {}).items():
            if not count:
                continue
            chosen = tuple(sorted(S)[:n + 2])
            I = side(chosen)
            if I is None:
                done.append(signed_term(count, [rows[i] for i in chosen]))
                continue
            for sign, J in _signed_subsets([chosen[i] for i in I]):
                by_size[size - len(J)][S - set(J)] += sign * count
    return SignedMaxes(tuple(sorted(done, key=lambda term: (len(term[1]), term[1]))), n)


def possible_terms(rows: int, n: int) -> int:
    """An upper bound on the terms that so many rows in n variables can need.

    Each term is a face of a simplex of the upper hull of the points (a_i, b_i) in R^{n+1}, and a polytope has at most
    as many facets as the cyclic one (McMullen 1970).
    """
    d, half = n + 1, (n + 1) // 2
    if rows <= d:
        return 2 ** rows
    facets = 2 * comb(rows - half - 1, half) if d % 2 else comb(rows - half, half) + comb(rows - half - 1, half - 1)
    return min(2 ** rows, facets * 2 ** d)


def refuse_many_terms(rows: int, n: int, limit: int) -> None:
    """ValueError, with the number, when so many rows in n variables can need more terms than `limit`."""
    if possible_terms(rows, n) > limit:
        raise ValueError(f"the maximum of {rows} rows in {n} variables can need {possible_terms(rows, n):,} terms, "
                         f"more than the limit of {limit:,}. Take a smaller net, or raise limit")


def signed_term(weight: Fraction | int, rows: Sequence[Row]) -> Term:
    """weight · max over the rows as one signed term: a positive factor goes into the rows."""
    return (1 if weight > 0 else -1), tuple(tuple(abs(weight) * v for v in row) for row in rows)


def _values(rows: Sequence[Row], X: np.ndarray) -> np.ndarray:
    R = np.array(rows, dtype=object)
    return X @ R[:, :-1].T + R[:, -1]


def _signed_subsets(side: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The non-empty subsets J of a side with the sign (−1)^{|J|+1}."""
    for k in range(1, len(side) + 1):
        for J in combinations(side, k):
            yield (-1) ** (k + 1), J
