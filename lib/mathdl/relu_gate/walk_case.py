"""Small instances of Theorem 3.4.1 on a line, with noise of two values, whose exit probability is a fraction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mathdl.relu_gate.confinement import Confinement, ExitBound, confinement_bound, r_star
from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.exit_probability import walk_exit
from mathdl.relu_gate.noise import FiniteNoise, NoNoise

DATA_NORM = Fraction(1, 1000)  # the one sample, orthogonal to the motion: its gradient is 0


@dataclass(frozen=True)
class WalkCase:
    """An instance of Theorem 3.4.1 whose iterates walk on the line through w_* and w_0; all numbers rational.

    ξ_2 is `up` outwards with probability 1 − `back`, else up (1 − back) / back inwards: mean zero. `root_step` is √η,
    `start` ‖w_0 − w_*‖, `margin` λ, `cutoff` C_L. There is no ξ_1, and the gradient vanishes on the whole line.
    """

    n: int
    updates: int
    root_step: Fraction
    start: Fraction
    margin: Fraction
    up: Fraction
    back: Fraction
    cutoff: Fraction

    @property
    def values(self) -> tuple[Fraction, Fraction]:
        """The two values of ξ_2 on the line."""
        return self.up, -self.up * (1 - self.back) / self.back

    @property
    def chances(self) -> tuple[Fraction, Fraction]:
        """Their probabilities."""
        return 1 - self.back, self.back

    @property
    def tail(self) -> Fraction:
        """P(|ξ_2| > C_L)."""
        return sum((q for v, q in zip(self.values, self.chances, strict=True) if abs(v) > self.cutoff), Fraction(0))

    @property
    def shortened_moment(self) -> Fraction:
        """E min(|ξ_2|, C_L)²."""
        return sum(q * min(abs(v), self.cutoff) ** 2 for v, q in zip(self.values, self.chances, strict=True))

    def setting(self) -> Confinement:
        """The numbers that the bounds need."""
        cutoff = float(self.cutoff)
        return Confinement(n=self.n, step=float(self.root_step ** 2), updates=self.updates, margin=float(self.margin),
                           start=float(self.start), data_norm=float(DATA_NORM), cutoff=cutoff, tail=float(self.tail),
                           second_moment=min(float(self.shortened_moment), cutoff ** 2))

    def as_descent(self) -> NoisyDescent:
        """The same instance as data, start and noises in R^n, whose hypotheses the theorem's own evaluator checks."""
        e1, e2 = np.eye(self.n)[:2]
        noise = FiniteNoise(np.outer([float(v) for v in self.values], e1), [float(q) for q in self.chances])
        return NoisyDescent(float(DATA_NORM) * e2[None], np.zeros(1), float(self.start) * e1, np.zeros(self.n),
                            NoNoise(self.n), noise, float(self.root_step ** 2), self.updates, float(self.margin),
                            float(self.cutoff))

    def bound(self, kind: str) -> ExitBound:
        """The bound of that kind; see `confinement_bound`."""
        return confinement_bound(self.setting(), kind)

    def log_ratio(self, kind: str) -> float:
        """log₁₀ of exit probability over bound, in floats; without any exit, −1000 less what the walk is short of."""
        radius, root = r_star(self.setting(), kind), float(self.root_step)
        moves = [root * float(v) for v in self.values]
        reach = float(self.start) + self.updates * max(moves)
        reach = max(reach, self.updates * abs(min(moves)) - float(self.start))
        if reach <= radius:
            return -1000 - math.log10(radius / reach)
        exit_ = walk_exit(float(self.start), moves, [float(q) for q in self.chances], updates=self.updates,
                          radius=radius).value
        return math.log10(exit_) - max(self.bound(kind).log10, -1e6) if exit_ > 0 else -1000.0

    def square_radius(self, kind: str) -> Fraction:
        """r_*² exactly, in the way of `r_star`."""
        eta, T = self.root_step ** 2, self.updates
        free = self.margin + self.start ** 2
        if kind in ("improved", "variance"):
            return free + T * eta * self.shortened_moment
        return (free + T * eta * self.n) / (1 - 2 * T * eta ** 2 * DATA_NORM ** 4)

    def exact_exit(self, kind: str) -> Fraction:
        """The exit probability as a fraction: whole numbers of paths by their number of outward moves, none rounded."""
        limit, (up, down), q = self.square_radius(kind), self.values, 1 - self.back
        paths, total = {0: 1}, Fraction(0)
        for t in range(1, self.updates + 1):
            reached: dict[int, int] = {}
            for j, count in paths.items():
                reached[j] = reached.get(j, 0) + count
                reached[j + 1] = reached.get(j + 1, 0) + count
            place = {j: self.start + self.root_step * (j * up + (t - j) * down) for j in reached}
            total += sum((m * q ** j * self.back ** (t - j) for j, m in reached.items() if place[j] ** 2 > limit),
                         Fraction(0))
            paths = {j: m for j, m in reached.items() if place[j] ** 2 <= limit}
        return total


def heavy_start(start: int = 100) -> WalkCase:
    """A violation found by hand: n = 4, η = 1, T = 10, ξ = ±1.9, C_L = 1.95, λ = 1.2 · 1.9 R √10 with R = `start`."""
    margin = rounded(1.2 * 1.9 * start * math.sqrt(10))
    return WalkCase(4, 10, Fraction(1), Fraction(start), margin, Fraction(19, 10), Fraction(1, 2), Fraction(39, 20))


def rounded(value: float) -> Fraction:
    """Three significant digits as a fraction, so that certificates stay short."""
    return Fraction(f"{value:.2e}")
