"""Statements on Theorem 3.4.1, printed, corrected and improved."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.relu_gate.confinement import ExitBound, confinement_bound
from mathdl.relu_gate.confinement_examples import coin_descent, far_coin, jumping_coin
from mathdl.relu_gate.confinement_instance import CORRECTED, IMPROVED, PRINTED, NoisyDescent
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.exit_simulation import simulate_exit
from mathdl.relu_gate.gaussian_tail import gaussian_tail, max_noise
from mathdl.relu_gate.noise import FiniteNoise

ROUNDING = 1e-9  # of a ratio: its two sides are good to 1e-10
EXIT = r"P[\exists i \le i_{\max}: \|w_i - w_*\| > r] \le i_{\max} P[\|\xi_2\| > C_L] + "


@statement("relu_gate/theorem-3.4.1", "Confined to a ball", "Mukherjee 2020, Theorem 3.4.1, corrected",
           says=EXIT + r"\exp\Big(-\frac{\lambda^2}{2 i_{\max} k^2}\Big)", measures="probability of an exit",
           hypotheses=CORRECTED)
def confined(theorem: Theorem, /, *, descent: NoisyDescent | None = None) -> Verdict:
    """The exit probability, computed over all paths, against the bound with k² and one factor i_max."""
    return _exit_verdict(theorem, coin_descent() if descent is None else descent, "corrected")


@statement("relu_gate/ours-confinement", "Confined at every horizon", "ours, beside Mukherjee 2020, Theorem 3.4.1",
           says=EXIT + r"\exp\Big(-\frac{\lambda^2}{2 i_{\max} D^2}\Big), \; r^2 = \lambda + \|w_0 - w_*\|^2 + "
                       r"i_{\max} \mu",
           measures="probability of an exit", hypotheses=IMPROVED)
def confined_at_every_horizon(theorem: Theorem, /, *, descent: NoisyDescent | None = None) -> Verdict:
    """The same with the radius and the constant of co-coercivity: default η = 1/C² and 1000 updates."""
    return _exit_verdict(theorem, long_descent() if descent is None else descent, "improved")


@statement("relu_gate/ours-confinement-variance", "Confined, by variance", "ours, with Freedman 1975",
           says=EXIT + r"\exp\Big(-\frac{\lambda^2}{2(i_{\max} (2 r s + a \sqrt\mu)^2 + (2 r a + a^2) \lambda / 3)}"
                       r"\Big)",
           measures="probability of an exit", hypotheses=IMPROVED)
def confined_by_variance(theorem: Theorem, /, *, descent: NoisyDescent | None = None) -> Verdict:
    """The same with the variance of the noise in place of its largest size: by default a coin that mostly rests."""
    return _exit_verdict(theorem, lazy_descent() if descent is None else descent, "variance")


@statement("relu_gate/remark-3.4.1", "How much Gaussian noise", "Mukherjee 2020, Remark after Theorem 3.4.1",
           says=r"P[\|\xi_2\| > C_L] \le 4 e^{-C_L^2 / (8 E \|\xi_2\|^2)}, \quad "
                r"i_{\max} P < 1 \text{ if } \textstyle\sum \sigma_i^2 < \frac{C_L^2}{8 \log(4 i_{\max})}",
           measures="largest exact tail over its bound", hypotheses=("σ_i < ∞, not all 0",))
def gaussian_noise(theorem: Theorem, /, *, n: int = 5, instances: int = 20, cutoff: float = 1.0,
                   sigmas: Sequence[float] | None = None, seed: int = 0) -> Verdict:
    """Random deviations, scaled so that the condition holds with equality for i_max = 1, 10, ...; exact tails."""
    rng = np.random.default_rng(seed)
    drawn = [rng.uniform(0.2, 1, n) for _ in range(instances)] if sigmas is None else [np.array(sigmas, dtype=float)]
    given = all(np.isfinite(s).all() and s.any() for s in drawn)
    ratios = []
    for i, s in enumerate(drawn if given else []):
        allowed = max_noise(cutoff, 10 ** (i % 6))
        s = s * math.sqrt(allowed / (s @ s)) if sigmas is None else s
        ratios.append(gaussian_tail(cutoff, s) / gaussian_tail(cutoff, s, "printed"))
    return theorem.verdict(given=(given,), measured=max(ratios, default=math.nan), at_most=1, error=ROUNDING,
                           instance=f"n={n}, {len(drawn)} choices of σ")


@statement("relu_gate/ours-gaussian-noise", "How much Gaussian noise, by concentration", "ours",
           says=r"P[\|\xi_2\| > C_L] \le \exp\Big(-\frac{(C_L - \sqrt{\sum \sigma_i^2})^2}{2 \max \sigma_i^2}\Big)",
           measures="largest exact tail over its bound", hypotheses=("C_L² ≥ Σσ_i²",))
def gaussian_concentration(theorem: Theorem, /, *, n: int = 5, instances: int = 20, load: float = 0.5,
                           seed: int = 0) -> Verdict:
    """Random deviations with Σσ_i² up to `load` · C_L², against the exact tail."""
    rng = np.random.default_rng(seed)
    ratios, most = [], 0.0
    for _ in range(instances):
        s = rng.uniform(0.2, 1, n)
        s *= math.sqrt(load * rng.uniform(0.1, 1) / (s @ s))
        most = max(most, s @ s)
        power = math.exp(-(1 - math.sqrt(s @ s)) ** 2 / (2 * s.max() ** 2))
        ratios.append(gaussian_tail(1.0, s) / power)
    return theorem.verdict(given=(most <= 1,), measured=max(ratios), at_most=1, error=ROUNDING,
                           instance=f"n={n}, {instances} choices of σ")


@statement("relu_gate/erratum-E4", "Confined to a ball, as printed", "Mukherjee 2020, Theorem 3.4.1",
           says=r"P[\exists i \le i_{\max}: \|w_i - w_*\| > r_*] \le i_{\max} \Big(P[\|\xi_2\| > C_L] + "
                r"\exp\Big(-\frac{\lambda^2}{2 i_{\max} k}\Big)\Big)",
           measures="probability of an exit", hypotheses=PRINTED,
           erratum="The inequality of Azuma and Hoeffding has squares of the differences, so k must be k². k is a "
                   "squared length: when it is large, the printed bound is far too small.", expected=State.VIOLATED)
def printed_confinement(theorem: Theorem, /, *, descent: NoisyDescent | None = None) -> Verdict:
    """A coin far from the target, with a margin λ of a few standard deviations, against the printed bound."""
    return _exit_verdict(theorem, far_coin(100.0) if descent is None else descent, "printed")


@statement("relu_gate/erratum-E6", "What Theorem 3.4.1 can do without", "Mukherjee 2020, Theorem 3.4.1",
           says=r"\exists \text{ instance with } E\|\xi_2\|^2 \ge n: \; P[\text{exit}] > i_{\max} P[\|\xi_2\| > C_L] + "
                r"\exp\Big(-\frac{\lambda^2}{2 i_{\max} k^2}\Big)",
           measures="largest exact exit probability over that bound, searched for a value above 1",
           hypotheses=("E‖ξ₂‖² ≥ n everywhere", "i_max > 1", *CORRECTED[:5], "Eξ₂' = 0"),
           erratum="Neither the factor i_max before the exponential nor E‖ξ₂‖² < n is needed: the frozen process "
                   "leaves at most once, and the noise that moves it is shorter than √n anyway.",
           expected=State.VIOLATED)
def needless_hypotheses(theorem: Theorem, /, *, updates: Sequence[int] = (5, 20),
                        distances: Sequence[float] = (1, 100), units: Sequence[float] = (0.3, 1.2, 2.4),
                        power: float = 40.0) -> Verdict:
    """Coins with rare long jumps, E‖ξ₂‖² = `power` and n = 4: if something were needed, some ratio would exceed 1."""
    family = [jumping_coin(R, units=u, updates=T, power=power) for T in updates for R in distances for u in units]
    heavy = all(d.noise2.second_moment >= d.noise2.n for d in family)
    kept = [all(d.hypotheses("corrected")[name] for d in family) for name in CORRECTED]
    bounds = [confinement_bound(d.setting(), "corrected") for d in family]
    worst = max(exit_probability(d, b.radius).value / b.value for d, b in zip(family, bounds, strict=True))
    return theorem.verdict(given=(heavy, min(updates) > 1, *kept), measured=worst, at_least=1, error=ROUNDING,
                           instance=f"{len(family)} instances, E‖ξ₂‖² = {power:g}, n = 4")


def long_descent() -> NoisyDescent:
    """A thousand updates with η = 1/C² = 1, 45 times the printed limit of the step."""
    return coin_descent(step=1.0, updates=1000, margin=4.0, size=0.01, cutoff=0.01, noise1_size=0.0)


def lazy_descent() -> NoisyDescent:
    """The coin of the first verdict, which nine times out of ten stays where it is."""
    return coin_descent(margin=0.5, rest=0.9, noise1_size=0.0)


def _exit_verdict(theorem: Theorem, d: NoisyDescent, kind: str) -> Verdict:
    """The probability of an exit from the radius of that kind, exact when the noise is finite, against its bound."""
    bound = confinement_bound(d.setting(), kind)
    measured, error = _exits(d, bound.radius)
    return theorem.verdict(given=tuple(d.hypotheses(kind).values()), measured=measured, at_most=bound.value,
                           error=error, trivial=1, instance=_named(d, bound))


def _exits(d: NoisyDescent, radius: float) -> tuple[float, float]:
    """The probability and its error: rounding, or the distance to the far end of the binomial interval of 2000 runs."""
    if isinstance(d.noise1, FiniteNoise) and isinstance(d.noise2, FiniteNoise):
        exit = exit_probability(d, radius)
        return exit.value, exit.error
    runs = simulate_exit(d, runs=2000, rng=np.random.default_rng(0))
    seen, (low, high) = runs.exits(radius) / 2000, runs.interval(radius)
    return seen, max(seen - low, high - seen)


def _named(d: NoisyDescent, bound: ExitBound) -> str:
    return (f"n={d.x.shape[1]}, η={d.step:g}, i_max={d.updates}, λ={d.margin:.4g}, r={bound.radius:.4g}, "
            f"bound {bound}")

