"""Small instances of Theorem 3.5.3 on a line, whose expected risk is a fraction: all sign patterns, no rounding."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from mathdl.relu_gate.activations import relu
from mathdl.relu_gate.tron_pieces import tron_by_pieces


@dataclass(frozen=True)
class TronCase:
    """An instance of Theorem 3.5.3 on a line: inputs in [−1, 1], target w_* > 0, ReLU, label noise ±θ; all rational."""

    x: tuple[Fraction, ...]
    w_star: Fraction
    theta: Fraction
    epsilon: Fraction

    @property
    def printed_T(self) -> int:
        """⌊w_* / ε⌋, at least 1."""
        return max(1, int(self.w_star / self.epsilon))

    @property
    def corrected_T(self) -> int:
        """⌊w_*² / ε⌋ + 1."""
        return int(self.w_star ** 2 / self.epsilon) + 1

    @property
    def threshold(self) -> Fraction:
        """thr = ε + θ² + 4 θ w_*, the bound of Theorem 3.5.2 for L = 1."""
        return self.epsilon + self.theta ** 2 + 4 * self.theta * self.w_star

    def bound(self, kind: str) -> float:
        """"printed": θ² + thr at T = w_* / ε; "replacement": (√thr + θ)² for the best iterate up to the corrected T."""
        thr, theta = float(self.threshold), float(self.theta)
        return theta ** 2 + thr if kind == "printed" else (math.sqrt(thr) + theta) ** 2

    def patterns(self) -> list[list[Fraction]]:
        """The labels for every pattern of signs of the noise, all equally likely."""
        clean = [max(Fraction(0), self.w_star * v) for v in self.x]
        return [[c + s * self.theta for c, s in zip(clean, signs, strict=True)]
                for signs in product((1, -1), repeat=len(self.x))]

    def log_ratio(self, kind: str) -> float:
        """log₁₀ of expected risk over bound, in floats, over all sign patterns."""
        T = self.printed_T if kind == "printed" else self.corrected_T
        labels = np.array(self.patterns(), dtype=float)
        risk = tron_by_pieces(np.array(self.x, dtype=float)[:, None], labels, relu, T - 1).risk
        expected = (risk[-1] if kind == "printed" else risk.min(axis=0)).mean()
        return math.log10(max(expected, 1e-300) / self.bound(kind))

    def exact_risk(self) -> Fraction:
        """E L_S(h_T) at the printed T as a fraction.

        With m the common denominator of inputs and labels and d = S m², w_{t+1} = N_t / dᵗ for whole numbers N_t, and
        N_t = N_{t−1} (d − Σ active a_i²) + d^{t−1} Σ a_i b_i, where a = m x and b = m y.
        """
        risks = [self._risk(labels) for labels in self.patterns()]
        return sum(risks, Fraction(0)) / len(risks)

    def _risk(self, labels: list[Fraction]) -> Fraction:
        m = math.lcm(*(v.denominator for v in (*self.x, *labels)))
        a, b = [int(v * m) for v in self.x], [int(v * m) for v in labels]
        d, push, N, power = len(a) * m * m, sum(u * v for u, v in zip(a, b, strict=True)), 0, 1
        for _ in range(self.printed_T - 1):
            N = N * (d - sum(u * u for u in a if u * N > 0)) + power * push
            power *= d
        w = Fraction(N, power)
        return sum((max(Fraction(0), w * v) - y) ** 2 for v, y in zip(self.x, labels, strict=True)) / len(a)
