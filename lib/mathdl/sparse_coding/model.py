"""The generative model of sparse coding: signals y = A x with a random support and non-negative entries on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mathdl.sparse_coding.code_laws import ENTRY_LAWS, CodeLaw, check_interval
from mathdl.sparse_coding.dictionaries import checked_dictionary
from mathdl.sparse_coding.supports import SUPPORT_LAWS, SupportLaw, check_sparsity

DENSE = 16  # from h/16 entries a signal on, one product with the dense codes is faster than k gathers


@dataclass(frozen=True, eq=False)
class Samples:
    """N samples of the model: `signals` (n, N), `supports` (N, k) increasing in a row, `entries` (N, k) on them."""

    signals: np.ndarray
    supports: np.ndarray
    entries: np.ndarray
    atoms: int

    @cached_property
    def codes(self) -> np.ndarray:
        """The codes X, dense, shape (h, N): built when first asked for."""
        X = np.zeros((self.atoms, len(self.supports)))
        np.put_along_axis(X, self.supports.T, self.entries.T, axis=0)
        return X


@dataclass(frozen=True, eq=False)
class SparseCodingModel:
    """y = A x: A = `dictionary` (n, h) with unit columns, x >= 0 with k = `sparsity` entries in [low, high].

    `support` is "uniform" (all k-subsets), "windows", "blocks", or a support law; `law` is "uniform", "two-valued",
    "skewed", or a law of the entries, which are independent given the support (Mukherjee 2020, section 4.2).
    Raises ValueError when k > h, a column is not of length 1, low < 0 (codes would be negative), a value is not finite,
    or a law given as an object does not fit h, k and [low, high].
    """

    dictionary: np.ndarray
    sparsity: int
    low: float
    high: float
    support: str | SupportLaw = "uniform"
    law: str | CodeLaw = "uniform"
    support_law: SupportLaw = field(init=False, repr=False)
    entry_law: CodeLaw = field(init=False, repr=False)

    def __post_init__(self):
        A = checked_dictionary(self.dictionary)
        check_sparsity(self.sparsity, A.shape[1])
        check_interval(self.low, self.high)
        object.__setattr__(self, "dictionary", A)
        object.__setattr__(self, "support_law", _support_law(self.support, A.shape[1], self.sparsity))
        object.__setattr__(self, "entry_law", _entry_law(self.law, self.low, self.high))

    @property
    def dimension(self) -> int:
        """n, the length of a signal."""
        return self.dictionary.shape[0]

    @property
    def atoms(self) -> int:
        """h, the number of columns of the dictionary."""
        return self.dictionary.shape[1]

    @property
    def m1(self) -> float:
        """E x_i of an entry on the support."""
        return self.entry_law.m1

    @property
    def m2(self) -> float:
        """E x_i² of an entry on the support."""
        return self.entry_law.m2

    def inclusion(self, order: int) -> float:
        """q_order, the probability that `order` given atoms are in the support; ValueError when it depends on which."""
        return self.support_law.inclusion(order)

    @property
    def q1(self) -> float:
        """P[i in S]; raises ValueError when it depends on i."""
        return self.inclusion(1)

    @property
    def q2(self) -> float:
        """P[i in S and j in S], i ≠ j; raises ValueError when it depends on the pair."""
        return self.inclusion(2)

    def sample(self, count: int, *, rng: np.random.Generator) -> Samples:
        """`count` independent samples. Raises ValueError unless count >= 1."""
        if count < 1:
            raise ValueError(f"expected at least one sample; got {count}")
        S = self.support_law.draw(count, rng=rng)
        entries = self.entry_law.draw(S.shape, rng=rng)
        return samples_from(self.dictionary, S, entries)


def samples_from(dictionary: np.ndarray, supports: np.ndarray, entries: np.ndarray) -> Samples:
    """The samples with given supports (N, k) and entries (N, k) >= 0: y = sum of entries times atoms.

    Raises ValueError for entries that are negative or not finite, and for shapes that do not fit.
    """
    S, x = np.asarray(supports, dtype=np.int64), np.asarray(entries, dtype=float)
    if S.shape != x.shape or S.ndim != 2:
        raise ValueError(f"expected supports and entries of one shape (N, k); got {S.shape} and {x.shape}")
    if not (np.isfinite(x).all() and (x >= 0).all()):
        raise ValueError("expected codes that are finite and >= 0; got a negative entry or NaN: the model has none")
    A = dictionary
    if S.shape[1] * DENSE > A.shape[1]:
        empty = Samples(np.empty((len(A), 0)), S, x, A.shape[1])
        return Samples(A @ empty.codes, S, x, A.shape[1])
    rows, Y = np.ascontiguousarray(A.T), np.zeros((len(S), len(A)))
    for j in range(S.shape[1]):
        Y += rows[S[:, j]] * x[:, j, None]
    return Samples(np.ascontiguousarray(Y.T), S, x, A.shape[1])


def _support_law(support: str | SupportLaw, h: int, k: int) -> SupportLaw:
    if isinstance(support, str):
        if support not in SUPPORT_LAWS:
            raise ValueError(f"expected a support among {', '.join(SUPPORT_LAWS)} or a support law; got {support!r}")
        return SUPPORT_LAWS[support](h, k)
    if (support.atoms, support.sparsity) != (h, k):
        raise ValueError(f"expected a support law for h={h}, k={k}; got h={support.atoms}, k={support.sparsity}")
    return support


def _entry_law(law: str | CodeLaw, low: float, high: float) -> CodeLaw:
    if isinstance(law, str):
        if law not in ENTRY_LAWS:
            raise ValueError(f"expected a law among {', '.join(ENTRY_LAWS)} or a law of entries; got {law!r}")
        return ENTRY_LAWS[law](low, high)
    if law.low < low or law.high > high:
        raise ValueError(f"expected a law within [{low}, {high}]; got one on [{law.low}, {law.high}]")
    return law
