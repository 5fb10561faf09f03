"""Theorem 3.4.1: how likely noisy gradient descent is to leave a ball around the target, printed and corrected.

Every bound is `tail + exp(log_exponential)`; the second part stays a logarithm, so that 1e-287 can be shown. Kinds:

- "printed": Mukherjee 2020, Theorem 3.4.1 as it stands, i_max (P[‖ξ₂‖ > C_L] + exp(−λ²/(2 i_max k)));
- "corrected": k² for k, and the factor i_max on the first part only;
- "improved" (ours): the gradient step never increases the distance, so C and n disappear and the radius shrinks;
- "variance" (ours): the improved radius, and the variance of the noise in one direction instead of its largest size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mathdl.relu_gate.stopped_process import k_constant

KINDS = ("printed", "corrected", "improved", "variance")


@dataclass(frozen=True)
class Confinement:
    """The numbers that the bounds need; lengths in the units of w, moments of ξ₂ as named.

    `n` inputs, `step` η, `updates` i_max, `margin` λ > 0 (a squared length), `start` ‖w_0 − w_*‖, `data_norm` C = max
    ‖x_i‖, `noise1_bound` S_1 >= ‖ξ₁‖, `cutoff` C_L, `tail` P[‖ξ₂‖ > C_L]. Of the noise ξ₂' that is shortened to length
    C_L: `second_moment` E‖ξ₂'‖² and `spread`, the largest eigenvalue of E ξ₂' ξ₂'ᵀ. `noise1_spread` is the same for ξ₁.
    What is left out takes the largest value it can have. Raises ValueError for numbers that no noise has.
    """

    n: int
    step: float
    updates: int
    margin: float
    start: float
    data_norm: float
    cutoff: float
    noise1_bound: float = 0.0
    tail: float = 0.0
    second_moment: float | None = None
    spread: float | None = None
    noise1_spread: float | None = None

    def __post_init__(self):
        positive = {"n": self.n, "step": self.step, "updates": self.updates, "margin": self.margin}
        for name, value in positive.items():
            if not 0 < value < math.inf:
                raise ValueError(f"{name}: expected a finite number > 0; got {value}")
        for name in ("start", "data_norm", "cutoff", "noise1_bound", "tail"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name}: expected a finite number >= 0; got {getattr(self, name)}")
        for name, most in (("second_moment", self.cutoff ** 2), ("spread", self.second_moment),
                           ("noise1_spread", self.noise1_bound ** 2)):
            most = self.second_moment if name == "spread" else most
            value = most if getattr(self, name) is None else getattr(self, name)
            if not 0 <= value <= most * (1 + 1e-12):
                raise ValueError(f"{name}: expected a number from 0 to {most}; got {value}")
            object.__setattr__(self, name, value)

    @property
    def step_limit(self) -> float:
        """1/(C² √(2 i_max)): at this step and above no radius satisfies the theorem; inf when C = 0."""
        C2 = self.data_norm ** 2
        return 1 / (C2 * math.sqrt(2 * self.updates)) if C2 else math.inf

    @property
    def growth(self) -> float:
        """μ = η² S_1² + η E‖ξ₂'‖², at most what one update adds to the mean of ‖w − w_*‖²."""
        return self.step ** 2 * self.noise1_bound ** 2 + self.step * self.second_moment

    @property
    def reach(self) -> float:
        """a = η S_1 + √η C_L, the longest the (shortened) noise of one update can be."""
        return self.step * self.noise1_bound + math.sqrt(self.step) * self.cutoff


@dataclass(frozen=True)
class ExitBound:
    """P[some i <= i_max has ‖w_i − w_*‖ > radius] <= tail + exp(log_exponential)."""

    kind: str
    radius: float
    tail: float
    log_exponential: float

    @property
    def log10(self) -> float:
        """log₁₀ of the bound; −inf when it is zero."""
        tail = math.log(self.tail) if self.tail else -math.inf
        low, high = sorted((tail, self.log_exponential))
        return -math.inf if high == -math.inf else (high + math.log1p(math.exp(low - high))) / math.log(10)

    @property
    def value(self) -> float:
        """The bound as a number: 0 below 5e-324, above 1 when it says nothing."""
        return self.tail + math.exp(self.log_exponential)

    def __str__(self) -> str:
        return scientific(self.log10)


def r_star(setting: Confinement, kind: str = "corrected") -> float:
    """The smallest radius that the theorem speaks about.

    Printed and corrected: the root of r² = λ + ‖w_0 − w_*‖² + i_max (2η²(C⁴r² + S_1²) + ηn), which is inf from the step
    limit on. Improved and variance: r² = λ + ‖w_0 − w_*‖² + i_max μ. Source: Mukherjee 2020, Remark after 3.4.1.
    """
    s, T, eta = setting, setting.updates, setting.step
    _known(kind)
    if kind in ("improved", "variance"):
        return math.sqrt(s.margin + s.start ** 2 + T * s.growth)
    left = 1 - 2 * T * eta ** 2 * s.data_norm ** 4
    free = s.margin + s.start ** 2 + T * (eta * s.n + 2 * eta ** 2 * s.noise1_bound ** 2)
    return math.sqrt(free / left) if left > 0 else math.inf


def confinement_bound(setting: Confinement, kind: str = "corrected") -> ExitBound:
    """The bound of that kind at its own radius `r_star(setting, kind)`.

    It is evaluated whether or not the hypotheses hold; `confinement_hypotheses` says that. Where no radius exists
    the radius is inf and the exponential part is 1. Raises ValueError for an unknown kind.
    """
    r, T, lam = r_star(setting, kind), setting.updates, setting.margin
    if math.isinf(r):
        return ExitBound(kind, r, T * setting.tail, 0.0)
    if kind == "variance":  # Freedman's inequality in Bernstein's form
        v, b = T * step_variance(setting, r), 2 * r * setting.reach + setting.reach ** 2
        return ExitBound(kind, r, T * setting.tail, -_ratio(lam ** 2, 2 * (v + b * lam / 3)))
    k = difference_bound(setting, kind, r)
    if kind == "printed":
        return ExitBound(kind, r, T * setting.tail, math.log(T) - _ratio(lam ** 2, 2 * T * k))
    return ExitBound(kind, r, T * setting.tail, -_ratio(lam ** 2, 2 * T * k ** 2))


def difference_bound(setting: Confinement, kind: str, radius: float) -> float:
    """How far one update moves the supermartingale: k of Theorem 3.4.1, or D = 2ra + max(a² − μ, μ) when improved."""
    s = setting
    if kind == "improved":
        return 2 * radius * s.reach + max(s.reach ** 2 - s.growth, s.growth)
    return k_constant(s.step, s.cutoff, radius, s.data_norm, s.noise1_bound, s.n)


def step_variance(setting: Confinement, radius: float) -> float:
    """At most Var(2⟨u, N⟩ + ‖N‖²) for ‖u‖ <= r and the noise N of one update: (2 r s + a √μ)².

    s² is the largest eigenvalue of E N Nᵀ. Minkowski adds the two standard deviations, and E‖N‖⁴ <= a² E‖N‖² <= a² μ.
    """
    s = math.sqrt(setting.step ** 2 * setting.noise1_spread + setting.step * setting.spread)
    return (2 * radius * s + setting.reach * math.sqrt(setting.growth)) ** 2


def scientific(log10: float, digits: int = 2) -> str:
    """10 to the power `log10` as text: 0.36, 1.1e-287, 4.5e-1042."""
    if log10 == -math.inf:
        return "0"
    if -4 < log10 < 6:
        return f"{10 ** log10:.{digits}g}"
    power = math.floor(log10)
    lead = f"{10 ** (log10 - power):.{digits - 1}f}"
    return f"{1:.{digits - 1}f}e{power + 1}" if lead.startswith("10") else f"{lead}e{power}"


def _ratio(top: float, bottom: float) -> float:
    """top/bottom for top > 0; without any noise the bottom is 0, and the ratio inf."""
    return top / bottom if bottom > 0 else math.inf


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}; got {kind!r}")
