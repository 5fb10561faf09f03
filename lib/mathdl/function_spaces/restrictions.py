"""Random restrictions: fix all bits but one in each part, and see whether a threshold gate is forced to a constant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, prod, sqrt
from numbers import Real

import numpy as np

from mathdl.function_spaces.boolean import bits
from mathdl.nets.entries import as_exact

Parts = Sequence[Sequence[int]]
LARGEST_WORK = 10**8
LARGEST_GRID = 10**6


@dataclass(frozen=True)
class Restriction:
    """Bit i of an input is fixed to values[i], except the bits at the positions `free`, in increasing order.

    `values` holds 0 or 1 for each of the n bits; what stands there for a free bit has no effect. Raises ValueError for
    other values, and for positions that are out of range or out of order.
    """

    free: tuple[int, ...]
    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if not set(self.values) <= {0, 1}:
            raise ValueError(f"expected a bit 0 or 1 for each position; got {self.values}")
        if list(self.free) != sorted({i for i in self.free if 0 <= i < len(self.values)}):
            raise ValueError(f"expected free positions in increasing order, each below {len(self.values)}; "
                             f"got {self.free}")

    def fill(self, y: np.ndarray) -> np.ndarray:
        """The full inputs, shape (n_samples, n), for values y of the free bits, shape (n_samples, n_free)."""
        y = np.asarray(y)
        if y.ndim != 2 or y.shape[1] != len(self.free):
            raise ValueError(f"expected y of shape (n_samples, {len(self.free)}); got {y.shape}")
        z = np.tile(np.array(self.values, dtype=np.int8), (len(y), 1))
        z[:, list(self.free)] = y
        return z


def restrict(f: Callable[[np.ndarray], np.ndarray], rho: Restriction) -> Callable[[np.ndarray], np.ndarray]:
    """The function of the free bits alone that f becomes under the restriction (Mukherjee 2020, Definition 15)."""
    return lambda y: f(rho.fill(y))


def truth_table(f: Callable[[np.ndarray], np.ndarray], n: int) -> np.ndarray:
    """The values of f at the rows of `bits(n)`, shape (2^n,)."""
    return np.asarray(f(bits(n)))


def equal_parts(n: int, parts: int) -> tuple[tuple[int, ...], ...]:
    """[n] cut into consecutive parts of equal size; ValueError when the number of parts does not divide n."""
    if parts < 1 or n < 1 or n % parts:
        raise ValueError(f"expected a number of parts that divides n = {n}; got {parts}")
    return tuple(tuple(int(i) for i in part) for part in np.arange(n).reshape(parts, -1))


def sample_restriction(n: int, parts: Parts, *, rng: np.random.Generator) -> Restriction:
    """One uniform position of each part stays free, and all n bits get uniform values."""
    _check_parts(n, parts)
    free = sorted(int(rng.choice(part)) for part in parts)
    return Restriction(tuple(free), tuple(int(v) for v in rng.integers(0, 2, n)))


def is_forced(bias: np.ndarray | Real, free_weights: np.ndarray) -> np.ndarray:
    """True where the LTF of bias + ⟨free_weights, y⟩ has one sign on y ∈ {−1, 1}^q; shapes (…,) and (…, q).

    A ReLU gate with that argument is then 0 or linear, and no gate is needed for it (Mukherjee 2020, Lemma 2.6.1).
    """
    reach = np.abs(free_weights).sum(axis=-1)
    return (bias - reach >= 0) | (bias + reach < 0)


def survival_probability(weights: Sequence[int], parts: Parts, *, bias: Real = 0) -> float:
    """P[the LTF of ⟨a, x⟩ + b is not forced] when each part keeps one uniform bit free and all others are uniform.

    With s the sum of the fixed terms and A the sum of the free |a_i|, that is P[s + A ≥ −b] − P[s + A ≤ b], because s
    is symmetric; the law of s + A needs one pass over the weights. All terms are sums of products of numbers ≥ 0, so
    the error is at most 3 (n + 1) eps. A weight above the sum of all others decides alone: then the gate survives if
    that bit is free. Positions in no part are fixed. Raises ValueError for weights that are not integers, or when
    n Σ |a_i| exceeds 10^8 and no weight decides alone: use `sampled_survival`.
    """
    a = [abs(v) for v in as_exact(weights)]
    if any(v.denominator != 1 for v in a):
        raise ValueError("expected integer weights; got others: multiply, round, or use sampled_survival")
    a = [int(v) for v in a]
    _check_parts(len(a), parts)
    if 2 * max(a) > sum(a) + abs(bias):
        return sum(1 / len(part) for part in parts if a.index(max(a)) in part)
    if len(a) * sum(a) > LARGEST_WORK:
        raise ValueError(f"expected n * sum |a_i| <= {LARGEST_WORK}, the steps of the exact count; got about "
                         f"10^{len(str(len(a) * sum(a))) - 1}: use sampled_survival")
    law = _law_of_reach(a, parts)
    value = np.arange(len(law)) - len(law) // 2
    return float(law[value >= -bias].sum() - law[value <= bias].sum())


@dataclass(frozen=True)
class Estimate:
    """A frequency with the exact binomial (Clopper and Pearson) interval that misses the truth once in a million."""

    value: float
    low: float
    high: float


def sampled_survival(weights: Sequence[Real], parts: Parts, *, bias: Real = 0, samples: int = 10_000,
                     rng: np.random.Generator) -> Estimate:
    """The frequency of gates that are not forced among random restrictions; any real weights."""
    argument, reach = sampled_arguments(weights, parts, bias=bias, samples=samples, rng=rng)
    return estimate(int((~is_forced(argument, reach[:, None])).sum()), samples)


def sampled_arguments(weights: Sequence[Real], parts: Parts, *, bias: Real = 0, samples: int,
                      rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The fixed part of the argument and the sum of the free |a_i| under random restrictions, both (samples,)."""
    a = np.asarray(weights, dtype=float)
    if a.ndim != 1 or not np.isfinite(a).all() or samples < 1:
        raise ValueError(f"expected a list of finite weights and samples >= 1; got shape {a.shape}, {samples} samples")
    _check_parts(len(a), parts)
    signs = rng.integers(0, 2, (samples, len(a)), dtype=np.int8) * 2.0 - 1
    free = np.stack([rng.choice(part, samples) for part in parts], axis=1)  # (samples, |P|)
    np.put_along_axis(signs, free, 0.0, axis=1)
    return signs @ a + bias, np.abs(a)[free].sum(axis=1)


def estimate(successes: int, samples: int) -> Estimate:
    """The frequency with its exact binomial interval of error probability 10^-6."""
    from scipy.stats import binomtest

    interval = binomtest(successes, samples).proportion_ci(confidence_level=1 - 1e-6, method="exact")
    return Estimate(successes / samples, float(interval.low), float(interval.high))


def survival_bound(n: int, parts: int) -> float:
    """min{1, (|P|/√n) √(1 + 3|P|/n)}, which bounds P[not forced] for every LTF and equal parts (ours)."""
    return min(1.0, parts / sqrt(n) * sqrt(1 + 3 * parts / n))


def diagonal_bound(n: int, parts: int) -> float:
    """The total variation distance of Bin(m − 1, ½)^|P| from its shift by (1, …, 1), m = n/|P| (ours).

    It bounds P[not forced] for every unate function, and lies below `survival_bound`. Raises ValueError when the grid
    of m^|P| points is larger than 10^6.
    """
    m = len(equal_parts(n, parts)[0])
    if m**parts > LARGEST_GRID:
        raise ValueError(f"expected (n/|P|)^|P| <= {LARGEST_GRID} grid points; got {m}^{parts}: use survival_bound")
    b = np.array([comb(m - 1, k) for k in range(m)], dtype=float) / 2.0 ** (m - 1)
    here, shifted = (prod(np.ix_(*[law] * parts)) for law in (np.append(b, 0), np.insert(b, 0, 0)))
    return float(np.abs(here - shifted).sum() / 2)


def _law_of_reach(a: list[int], parts: Parts) -> np.ndarray:
    """P[s + A = v] for v = −Σ a, …, Σ a: each part mixes over which of its weights is free and counts with plus."""
    law = np.ones(1)
    for i in set(range(len(a))) - {i for part in parts for i in part}:
        law = _fixed(law, a[i])
    for part in parts:
        none_free, one_free = law, np.zeros(len(law))
        for i in part:
            one_free = _fixed(one_free, a[i])
            one_free[2 * a[i]:] += none_free / len(part)
            none_free = _fixed(none_free, a[i])
        law = one_free
    return law


def _fixed(law: np.ndarray, weight: int) -> np.ndarray:
    """The law after adding ±weight with equal probability."""
    wider = np.zeros(len(law) + 2 * weight)
    wider[:len(law)] += law / 2
    wider[2 * weight:] += law / 2
    return wider


def _check_parts(n: int, parts: Parts) -> None:
    members = [i for part in parts for i in part]
    if not members or min(map(len, parts)) == 0 or sorted(members) != sorted(set(members) & set(range(n))):
        raise ValueError(f"expected disjoint, non-empty parts of the positions 0, …, {n - 1}; got {parts}")
