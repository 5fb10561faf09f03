"""Laws of the support of a code: which k of the h atoms a signal uses, with exact inclusion probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

ROUNDINGS = {"ceil": math.ceil, "floor": math.floor, "round": round}
EQUAL = 1e-12  # relative: how near to a whole number h**p counts as one; and how equal two probabilities are


class SupportLaw(Protocol):
    """A law on k-subsets of {0, ..., h − 1}."""

    atoms: int
    sparsity: int

    def inclusion(self, order: int) -> float:
        """q_order: the probability that `order` given atoms are all in S; ValueError when it depends on which."""

    def pairs(self) -> np.ndarray:
        """P[i in S and j in S], shape (h, h); the diagonal is P[i in S]."""

    def draw(self, count: int, *, rng: np.random.Generator) -> np.ndarray:
        """Independent supports, shape (count, k), each row increasing."""


@dataclass(frozen=True)
class UniformSupports:
    """All k-subsets of the h = `atoms` atoms, equally likely: q_r = C(h − r, k − r)/C(h, k) for every r.

    Raises ValueError unless 1 <= k <= h.
    """

    atoms: int
    sparsity: int

    def __post_init__(self):
        check_sparsity(self.sparsity, self.atoms)

    def inclusion(self, order: int) -> float:
        """q_order = k(k − 1)…/(h(h − 1)…), `order` factors each; 1 for order 0, 0 beyond k."""
        return float(self.exact_inclusion(order))

    def exact_inclusion(self, order: int) -> Fraction:
        """The same as a fraction."""
        if not 0 <= order <= self.atoms:
            raise ValueError(f"expected an order from 0 to h = {self.atoms}; got {order}")
        return Fraction(math.perm(self.sparsity, order), math.perm(self.atoms, order))

    def pairs(self) -> np.ndarray:
        """q2 off the diagonal, q1 on it, shape (h, h)."""
        P = np.full((self.atoms, self.atoms), self.inclusion(2) if self.atoms > 1 else 0.0)
        np.fill_diagonal(P, self.inclusion(1))
        return P

    def draw(self, count: int, *, rng: np.random.Generator) -> np.ndarray:
        """Independent supports, shape (count, k), each row increasing."""
        small = self.sparsity ** 2 <= 8 * self.atoms
        S = _floyd(count, self, rng) if small else _smallest_keys(count, self, rng)
        S.sort(axis=1)
        return S


@dataclass(frozen=True, eq=False)
class FiniteSupports:
    """A law on listed supports: `supports` (M, k) without repetition in a row, `weights` (M,), uniform when None.

    Raises ValueError for an atom outside 0..h−1, a repeated atom, and weights that are no probabilities.
    """

    atoms: int
    supports: np.ndarray
    weights: np.ndarray | None = None

    def __post_init__(self):
        S = np.sort(np.array(self.supports, dtype=np.int64), axis=1)
        check_sparsity(S.shape[1], self.atoms)
        if S.min() < 0 or S.max() >= self.atoms:
            raise ValueError(f"expected atoms from 0 to {self.atoms - 1}; got {S.min()} to {S.max()}")
        if (np.diff(S, axis=1) == 0).any():
            raise ValueError("expected different atoms in a support; got one twice: list each atom once")
        w = np.full(len(S), 1 / len(S)) if self.weights is None else np.array(self.weights, dtype=float)
        if w.shape != (len(S),) or not (w >= 0).all() or abs(w.sum() - 1) > 1e-9:
            raise ValueError(f"expected {len(S)} weights >= 0 with sum 1; got {w}")
        object.__setattr__(self, "supports", S)
        object.__setattr__(self, "weights", w)

    @property
    def sparsity(self) -> int:
        """k."""
        return self.supports.shape[1]

    def inclusion(self, order: int) -> float:
        """q_order if it is the same for all choices of `order` <= 2 atoms; raises ValueError when it is not."""
        if order not in (0, 1, 2):
            raise ValueError(f"expected order 0, 1 or 2 for a listed law; got {order}: higher ones are not computed")
        if order == 0:
            return 1.0
        P = self.pairs()
        q = np.diag(P) if order == 1 else P[~np.eye(self.atoms, dtype=bool)]
        if q.size and q.max() - q.min() > EQUAL:
            raise ValueError(f"expected q{order} to be the same for all atoms; got {q.min():.6g} to {q.max():.6g}: "
                             "this support law breaks the source's hypothesis")
        return float(q.mean()) if q.size else 0.0

    def pairs(self) -> np.ndarray:
        """P[i in S and j in S], shape (h, h); the diagonal is P[i in S]."""
        members = np.zeros((len(self.supports), self.atoms))
        np.put_along_axis(members, self.supports, 1.0, axis=1)
        return members.T @ (self.weights[:, None] * members)

    def draw(self, count: int, *, rng: np.random.Generator) -> np.ndarray:
        """Independent supports, shape (count, k), each row increasing."""
        return self.supports[rng.choice(len(self.supports), count, p=self.weights)]


def window_supports(atoms: int, sparsity: int) -> FiniteSupports:
    """All h cyclic windows of k neighbours, equally likely: q1 = k/h, but q2 depends on the distance of the atoms."""
    check_sparsity(sparsity, atoms)
    return FiniteSupports(atoms, (np.arange(atoms)[:, None] + np.arange(sparsity)) % atoms)


def block_supports(atoms: int, sparsity: int) -> FiniteSupports:
    """The h/k disjoint blocks of k neighbours, equally likely: q1 = k/h, and q2 is k/h within a block, 0 across.

    Raises ValueError unless k divides h.
    """
    check_sparsity(sparsity, atoms)
    if atoms % sparsity:
        raise ValueError(f"expected a sparsity that divides h = {atoms}; got {sparsity}")
    return FiniteSupports(atoms, np.arange(atoms).reshape(-1, sparsity))


def line_supports(q: int) -> FiniteSupports:
    """The q(q + 1) lines of the plane over the prime field F_q, equally likely: h = q², k = q, not uniform on k-sets.

    Two points lie on exactly one line, so q1 = k/h and q2 = k(k − 1)/(h(h − 1)) as for the uniform law, while three
    points lie on a line or not: the source's hypotheses hold without exchangeability of order three.
    Raises ValueError unless q is a prime.
    """
    from mathdl.sparse_coding.dictionaries import is_prime

    if not is_prime(q):
        raise ValueError(f"expected a prime q; got {q}: take 2, 3, 5, 7, ...")
    x, slope, offset = np.arange(q), np.arange(q)[:, None, None], np.arange(q)[None, :, None]
    slanted = (x * q + (slope * x + offset) % q).reshape(-1, q)
    return FiniteSupports(q * q, np.vstack([slanted, np.arange(q * q).reshape(q, q)]))


def support_size(atoms: int, exponent: float, rounding: str = "ceil") -> int:
    """k = h^p as a whole number, rounded up ("ceil"), down ("floor") or to the nearest ("round").

    Floating-point 1024**0.4 is 16.000000000000004, whose ceiling would be 17, and 1024**0.3 falls below 8; a value
    within 1e-12 of a whole number counts as that number.
    Raises ValueError unless h >= 1, 0 <= p <= 1 and the rounding is one of the three.
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"expected a rounding among {', '.join(ROUNDINGS)}; got {rounding!r}")
    if not (atoms >= 1 and 0 <= exponent <= 1):
        raise ValueError(f"expected h >= 1 and an exponent in [0, 1]; got h={atoms}, p={exponent}")
    power = float(atoms) ** float(exponent)
    near = round(power)
    return near if abs(power - near) <= EQUAL * power else ROUNDINGS[rounding](power)


def check_sparsity(sparsity: int, atoms: int) -> None:
    """Raises ValueError unless k and h are whole numbers with 1 <= k <= h."""
    whole = all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in (sparsity, atoms))
    if not (whole and 1 <= sparsity <= atoms):
        raise ValueError(f"expected a whole sparsity k with 1 <= k <= h = {atoms}; got k={sparsity}: a support cannot "
                         "have more elements than there are atoms")


def _floyd(count: int, law: UniformSupports, rng: np.random.Generator) -> np.ndarray:
    """Floyd's sampling (Bentley and Floyd 1987), all rows at once: k draws and k²/2 comparisons a row, h is free."""
    h, k = law.atoms, law.sparsity
    S = np.empty((count, k), dtype=np.int64)
    for i, last in enumerate(range(h - k, h)):
        t = rng.integers(0, last + 1, count)
        taken = (S[:, :i] == t[:, None]).any(axis=1)
        S[:, i] = np.where(taken, last, t)
    return S


def _smallest_keys(count: int, law: UniformSupports, rng: np.random.Generator) -> np.ndarray:
    """The places of the k smallest of h random keys, in blocks that fit the cache; ties have probability zero."""
    h, k = law.atoms, law.sparsity
    S, rows = np.empty((count, k), dtype=np.int64), max(1, 2 ** 18 // h)
    for start in range(0, count, rows):
        keys = rng.random((min(rows, count - start), h))
        S[start:start + rows] = np.argpartition(keys, k - 1, axis=1)[:, :k]
    return S


SUPPORT_LAWS = {"uniform": UniformSupports, "windows": window_supports, "blocks": block_supports}
