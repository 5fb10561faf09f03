"""A search for instances that violate a bound, from a start where it holds, with every find certified exactly.

Two families of small instances: noise with two values that moves w along one line, for Theorem 3.4.1, and two samples
on a line with two-valued label noise, for Theorem 3.5.3. What the search does not find may still exist.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mathdl.relu_gate.tron_case import TronCase
from mathdl.relu_gate.walk_case import WalkCase, rounded

Array = NDArray[np.float64]
LENGTH = 0.3  # of the first moves of a climb, in sides of the cube
PATIENCE = 40  # failures in a row that end a climb
ROUNDING = 1e-9  # of log₁₀ of a bound, relative: a few dozen operations on floats, each good to 1e-16


@dataclass(frozen=True)
class Found:
    """The worst instance of a search: `log_ratio` is log₁₀(measured / bound), above 0 a violation.

    `start` is the log-ratio at the neutral start, `best` (E,) the largest so far after each evaluation.
    """

    case: WalkCase | TronCase
    log_ratio: float
    start: float
    best: tuple[float, ...]

    @property
    def refutes(self) -> bool:
        """True when the search started where the bound holds and ended where it does not."""
        return self.start <= 0 < self.log_ratio


def search(build: Callable[[Array], WalkCase | TronCase], start: Array, kind: str, *, evaluations: int,
           rng: np.random.Generator) -> Found:
    """The largest `log_ratio(kind)` of build(u) met from u = `start` (d,) in the unit cube by random climbs.

    Each try moves a random half of the coordinates; the length of a move grows after a success and shrinks after a
    failure, and after `PATIENCE` failures in a row a new climb begins at `start`. Nothing about the instances is used.
    """
    start = np.array(start, dtype=float)
    case = build(start)
    value = first = here = case.log_ratio(kind)
    best, u, length, failures = [value], start, LENGTH, 0
    for _ in range(evaluations - 1):
        if failures == PATIENCE:
            u, here, length, failures = start, first, LENGTH, 0
        trial = np.clip(u + length * (rng.random(len(u)) < 0.5) * rng.standard_normal(len(u)), 0, 1)
        candidate = build(trial)
        there = candidate.log_ratio(kind)
        if there > here:
            u, here, length, failures = trial, there, min(1.5 * length, 0.5), 0
        else:
            length, failures = max(0.93 * length, 0.01), failures + 1
        if there > value:
            case, value = candidate, there
        best.append(value)
    return Found(case, value, first, tuple(best))


def walk_case(u: Array, *, symmetric: bool) -> WalkCase:
    """A point of the unit cube as a walk: updates, √η, start, λ, size of the noise, C_L, rarity of its jump back."""
    n, back = 4, Fraction(1, 2) if symmetric else rounded(10 ** -(0.30103 + 4.5 * u[6]))
    back = min(back, Fraction(1, 2))
    square = Fraction(99, 100) * n * rounded(10 ** (-3 * (1 - u[4])))  # E ξ², below n
    up = rounded(math.sqrt(square * back / (1 - back)))
    cutoff = min(rounded(math.sqrt(n) * 10 ** (-4 * (1 - u[5]))), Fraction(199, 100))
    return WalkCase(n, round(5 * 8 ** u[0]), rounded(10 ** (-2 + 2.5 * u[1])), rounded(10 ** (6 * u[2])),
                    rounded(10 ** (-2 + 11 * u[3])), up, back, cutoff)


def tron_case(u: Array) -> TronCase:
    """A point of the unit cube as two samples: inputs, target, θ and ε, with T at most 1000."""
    w_star = rounded(0.1 + 1.9 * u[2])
    x = tuple(Fraction(round(100 * (2 * v - 1)), 100) for v in u[:2])
    steps = 10 ** (0.3 + 2.7 * u[4])
    return TronCase(x, w_star, rounded(0.05 + 0.95 * u[3]), w_star / round(steps))


WALK_START = np.array([1 / 3, 0.4, 0.0, 0.2, 0.8, 0.99, 0.0])  # T = 10, λ = 1.58, start 1, fair coin, small noise
TRON_START = np.array([1.0, 0.75, 0.5, 0.5, 0.3])  # x = (1, 1/2), w_* ≈ 1, θ ≈ 1/2
TARGETS = ("printed 3.4.1", "k² without symmetry", "corrected 3.4.1", "improved 3.4.1", "variance 3.4.1",
           "printed 3.5.3", "replacement 3.5.3")


def attack(target: str, *, evaluations: int = 400, rng: np.random.Generator) -> Found:
    """Search for a violation of one of `TARGETS` from the neutral start; ValueError for another name."""
    if target not in TARGETS:
        raise ValueError(f"target: expected one of {', '.join(TARGETS)}; got {target!r}")
    kind = kind_of(target)
    if target.endswith("3.5.3"):
        return search(tron_case, TRON_START, kind, evaluations=evaluations, rng=rng)
    symmetric = target != "k² without symmetry"
    return search(lambda u: walk_case(u, symmetric=symmetric), WALK_START[:6 if symmetric else 7], kind,
                  evaluations=evaluations, rng=rng)


def kind_of(target: str) -> str:
    """The kind of bound that a target is measured against."""
    return "corrected" if target == "k² without symmetry" else target.split()[0]


def certified(found: Found, target: str) -> bool:
    """True when exact enumeration puts the measured side of the find above the bound, beyond the bound's rounding."""
    case, kind = found.case, kind_of(target)
    if isinstance(case, TronCase):
        exact = kind == "printed"
        return case.exact_risk() > case.theta ** 2 + case.threshold if exact else found.log_ratio > ROUNDING
    exit_, bound = case.exact_exit(kind), case.bound(kind).log10
    return exit_ > 0 and _log10(exit_) > bound + ROUNDING * max(1.0, abs(bound))


def allowed(found: Found, target: str) -> bool:
    """Whether the instance meets the hypotheses of its bound; for "k² without symmetry" those that are printed."""
    case = found.case
    if isinstance(case, TronCase):
        return all(abs(v) <= 1 for v in case.x) and min(case.theta, case.epsilon, case.w_star) > 0
    kind = "printed" if target == "k² without symmetry" else kind_of(target)
    return all(case.as_descent().hypotheses(kind).values())


def _log10(x: Fraction) -> float:
    return math.log10(x.numerator) - math.log10(x.denominator)
