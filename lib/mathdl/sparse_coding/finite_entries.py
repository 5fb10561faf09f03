"""Laws of an entry with finitely many values, and exact probabilities of sums of independent entries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational, Real

import numpy as np

from mathdl.sparse_coding.code_laws import CodeLaw, TwoValued, check_interval

MOST = 2 ** 14  # outcomes of one support that are enumerated at most
ROUNDING = 1e-12  # relative: a sum this near to a threshold may lie on either side of it


@dataclass(frozen=True)
class FiniteEntries:
    """`values[i]` with probability `weights[i]`: a law of an entry that can be summed exactly.

    Raises ValueError for values that are negative or not finite, none above 0, and weights that are no probabilities.
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self):
        values, weights = tuple(self.values), tuple(self.weights)
        if not values or len(values) != len(weights):
            raise ValueError(f"expected as many weights as values, at least one; got {len(values)} and {len(weights)}")
        check_interval(min(values), max(values))
        if not (min(weights) >= 0 and abs(sum(weights) - 1) <= 1e-9):
            raise ValueError(f"expected weights >= 0 with sum 1; got {weights}: divide them by their sum")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "weights", weights)

    @property
    def low(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The largest value."""
        return max(self.values)

    @property
    def m1(self) -> float:
        """E x."""
        return sum(v * w for v, w in zip(self.values, self.weights, strict=True))

    @property
    def m2(self) -> float:
        """E x²."""
        return sum(v * v * w for v, w in zip(self.values, self.weights, strict=True))

    def draw(self, size: int | tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
        """Independent values, shape `size`."""
        return rng.choice(np.array(self.values, dtype=float), size, p=np.array(self.weights, dtype=float))


def finite_law(law: CodeLaw) -> FiniteEntries | None:
    """The law as values and weights; None when it has a density."""
    if isinstance(law, FiniteEntries):
        return law
    return FiniteEntries((law.low, law.high), (1 - law.chance, law.chance)) if isinstance(law, TwoValued) else None


def sum_law(law: FiniteEntries, count: int) -> dict[Fraction, Real]:
    """The law of the sum of `count` independent entries, by convolution: probability by value, values in fractions.

    A float is a fraction too, so equal sums are recognised without rounding; probabilities are of the weights' kind.
    Raises ValueError when count < 0.
    """
    if count < 0:
        raise ValueError(f"expected a count >= 0; got {count}")
    atoms = [(Fraction(v), w) for v, w in zip(law.values, law.weights, strict=True)]
    sums: dict[Fraction, Real] = {Fraction(0): 1}
    for _ in range(count):
        wider: dict[Fraction, Real] = {}
        for s, p in sums.items():
            for v, w in atoms:
                wider[s + v] = wider.get(s + v, 0) + p * w
        sums = wider
    return sums


def shared_tail(law: FiniteEntries, sparsity: int, multiple: Real = 2) -> Real:
    """P[x_1 + … + x_k > multiple · k · m1], exact: with the bias of Mukherjee 2020, Theorem 4.3.1, no unit outside the
    support is on unless this happens, whatever the dictionary. In fractions when values and weights are fractions.
    """
    if not all(isinstance(v, Rational) for v in (*law.values, *law.weights)):
        threshold = float(multiple) * sparsity * law.m1
        above = [p for s, p in sum_law(law, sparsity).items() if float(s) > threshold * (1 + ROUNDING)]
        return math.fsum(above)
    threshold = multiple * sparsity * law.m1
    return sum((p for s, p in sum_law(law, sparsity).items() if s > threshold), start=Fraction(0))


@dataclass(frozen=True, eq=False)
class JointLaw:
    """The entries on a support as finitely many outcomes: `values` (M, k) with probabilities `weights` (M,)."""

    values: np.ndarray
    weights: np.ndarray

    @property
    def independent(self) -> bool:
        """Whether the probability of every outcome is the product of its entries' own, within 1e-12."""
        x, places = np.unique(self.values, axis=0, return_inverse=True)
        p = np.bincount(places.reshape(-1), weights=self.weights)
        own = np.ones(len(x))
        for j in range(x.shape[1]):
            own *= (x[:, j, None] == x[None, :, j]) @ p
        return bool(np.abs(p - own).max() <= ROUNDING and abs(own.sum() - 1) <= ROUNDING * len(x))


def outcomes(law: FiniteEntries, count: int) -> JointLaw:
    """Every outcome of `count` independent entries, with its probability.

    Raises ValueError when there are more than 16,384, (number of values)^count.
    """
    size = len(law.values) ** count
    if size > MOST:
        raise ValueError(f"expected at most {MOST} outcomes; got {len(law.values)}^{count} = {size}: take a smaller k")
    places = np.indices((len(law.values),) * count).reshape(count, size).T
    weights = np.array(law.weights, dtype=float)[places].prod(axis=1)
    return JointLaw(np.array(law.values, dtype=float)[places], weights)


def linear_tail(coefficients: np.ndarray, joint: JointLaw, threshold: float) -> np.ndarray:
    """P[Σ_j coefficients[m, j] x_j > threshold] between two numbers, shape (2, m): rounding may hide which.

    An outcome within 1e-12 (relative) of the threshold counts in the upper number only.
    """
    sums = coefficients @ joint.values.T
    slack = ROUNDING * (np.abs(coefficients) @ joint.values.T + abs(threshold))
    return np.stack([(sums > threshold + slack) @ joint.weights, (sums >= threshold - slack) @ joint.weights])
