"""The recursion X_{t+1} ≤ α X_t + β of Lemma 3.E.1: step, fixed point, and the exact number of steps instead of an O.

Index convention: X_1 = C is the start, so X_t is reached after t - 1 steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from fractions import Fraction
from numbers import Rational, Real

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Recursion:
    """X_{t+1} ≤ (1 - η' b + η'² c1) X_t + η'² c2 from X_1 = `start`, with the lemma's step η' for the target ε'².

    Case 1 is c2 = 0, case 2 is c2 > 0. Whole numbers and Fractions keep every property but `T` exact; one float makes
    all of them floats. Source: Mukherjee 2020, Lemma 3.E.1. Raises ValueError unless b, c1, start, epsilon > 0 and
    c2 ≥ 0 are finite.
    """

    b: Real
    c1: Real
    c2: Real
    start: Real
    epsilon: Real

    def __post_init__(self) -> None:
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        exact = all(isinstance(v, Rational) for v in given.values())
        for name, value in given.items():
            if not (math.isfinite(value) and (value >= 0 if name == "c2" else value > 0)):
                raise ValueError(f"{name}: expected a finite number {'≥' if name == 'c2' else '>'} 0; got {value}")
            object.__setattr__(self, name, Fraction(value) if exact else float(value))

    @property
    def target(self) -> Real:
        """ε'²."""
        return self.epsilon ** 2

    @property
    def step(self) -> Real:
        """η': b / 2c1 in case 1, (b / c1) ε'² / (1 + ε'²) in case 2."""
        share = self.target / (1 + self.target) if self.c2 else Fraction(1, 2)
        return self.b / self.c1 * share

    @property
    def alpha(self) -> Real:
        """1 - η' b + η'² c1; at most 1, and negative when b² / c1 is too large."""
        return 1 - self.step * self.b + self.step ** 2 * self.c1

    @property
    def beta(self) -> Real:
        """η'² c2."""
        return self.step ** 2 * self.c2

    @property
    def fixed_point(self) -> Real:
        """β / (1 - α), which is ε'² c2 / c1 in case 2 and 0 in case 1."""
        return self.target * self.c2 / self.c1

    def value(self, t: int) -> Real:
        """X_t when every step is an equality: α^{t-1} (C - X_∞) + X_∞. Raises ValueError for t < 1."""
        if t < 1:
            raise ValueError(f"expected t ≥ 1, X_1 is the start; got {t}")
        return self.alpha ** (t - 1) * (self.start - self.fixed_point) + self.fixed_point

    @property
    def T(self) -> float:
        """The real T with X_T = ε'² when every step is an equality; 1 at or below the target, infinite when never.

        Raises ValueError when α ≤ 0: then no real power of α is the needed one (α = 0 reaches the fixed point at 2).
        """
        if self.start <= self.target:
            return 1.0
        if self.alpha <= 0:
            raise ValueError(f"T: expected α > 0; got α = {float(self.alpha):.6g}. Take b² / c1 below "
                             f"{'(ε + 1/ε)²' if self.c2 else 4}")
        if self.fixed_point >= self.target:
            return math.inf
        share = (self.target - self.fixed_point) / (self.start - self.fixed_point)
        return 1 + math.log(share) / math.log1p(self.alpha - 1)

    @property
    def steps(self) -> float:
        """The least whole t with X_t ≤ ε'² when every step is an equality, decided by X_t itself; may be infinite.

        `T` only says where to look: a rounded logarithm cannot decide between two neighbours, fractions can.
        """
        if self.alpha == 0 and self.start > self.target:
            return 2 if self.fixed_point <= self.target else math.inf
        if not math.isfinite(self.T):
            return math.inf
        t = max(1, math.ceil(self.T) - 1)
        while self.value(t) > self.target:
            t += 1
        return t


def recursion_T(b: Real, c1: Real, c2: Real, start: Real, epsilon: Real) -> float:
    """T of Lemma 3.E.1 with its constants: 1 + log(...)/log(...), both cases; see `Recursion.T`."""
    return Recursion(b, c1, c2, start, epsilon).T


def unroll(alpha: Real, beta: Real, start: Real, updates: int) -> list[Real]:
    """X_1, ..., X_{updates + 1} of X_{t+1} = α X_t + β, one step after the other; exact on Fractions."""
    x = [start]
    for _ in range(updates):
        x.append(alpha * x[-1] + beta)
    return x


def worst_nonnegative(alpha: Real, beta: Real, start: Real, updates: int) -> list[Real]:
    """How large X_t can be, for every t, when X_{t+1} ≤ α X_t + β and all X_t ≥ 0.

    For α ≥ 0 this is `unroll`. For α < 0 a *small* X_t allows a large X_{t+1}: the worst predecessor is 0 when 0 is
    allowed there, and the unrolled equality is no bound.
    """
    if alpha >= 0:
        return unroll(alpha, beta, start, updates)
    first = alpha * start + beta
    return [start, first, *[beta] * (updates - 1)][:updates + 1] if first >= 0 else [start]


def printed_beta(b: Real, c1: Real, c2: Real, epsilon: Real) -> Real:
    """β as the source's proof prints it, b² c2 ε'⁴ / (c1 (1 + ε'²)²): c1 times too large."""
    return b ** 2 * c2 / c1 * epsilon ** 4 / (1 + epsilon ** 2) ** 2


def printed_limit(epsilon: Real) -> Real:
    """The printed upper limit of b² / c1, (√ε' + 1/√ε')² = ε' + 1/ε' + 2; what is needed is (ε' + 1/ε')²."""
    return epsilon + 1 / epsilon + 2


def steps_by_ratio(recursion: Recursion, ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """T for each c2 / c1 in `ratios` (m,), the rest as in `recursion`; like log(1 / (1 - ratio)), infinite at 1."""
    return np.array([recursion_T(recursion.b, recursion.c1, float(q) * float(recursion.c1), recursion.start,
                                 recursion.epsilon) for q in ratios])
