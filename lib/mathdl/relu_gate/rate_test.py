"""Does E‖v_t‖² shrink as fast as a theorem claims? Tests on runs, and Holm's correction for several tests at once.

A rate q < 1 is claimed: E‖v_b‖² <= q^(b−a) E‖v_a‖². Small p-values speak against the claim. Three methods:

* "t": the logarithm of the ratio of both means over the runs, against (b − a) log q, in standard errors by the delta
  method. Its chance of a false alarm tends to the level as the number of runs grows.
* "bootstrap": the same statistic beside its values on resampled runs (the studentized bootstrap, Hall 1992), which
  follows the skewness of ‖v_b‖². Times within a run depend on each other and runs do not, so a block is a whole run.
* "betting": for the stronger claim of Theorem 3.3.1, E[‖v_b‖² | v_a] <= q^(b−a) ‖v_a‖². Then
  X = ‖v_b‖²/(q^(b−a) ‖v_a‖²) is nonnegative with mean at most 1, so is Π_r (1 + β (X_r − 1)) for every β in [0, 1], and
  by Markov's inequality it reaches 1/level with probability at most level (Shafer 2021). Exact for every number of
  runs and every tail.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.relu_gate.moments import hill_estimate
from mathdl.relu_gate.runs import GateRuns

Array = NDArray[np.float64]
METHODS = ("t", "bootstrap", "betting")
EXACT = ("betting",)  # at any number of runs; the others rest on means being close to normal
STAKES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)  # β; the mean of the products over them is as good as a product
FEWEST = 25  # runs below which no tail can be estimated


@dataclass(frozen=True)
class RateTest:
    """`p_value` against the claim that the rate is at most `claimed`.

    `estimate` is (mean ‖v_b‖² / mean ‖v_a‖²)^(1/(b−a)).
    `evidence` is t, in standard errors, for "t" and "bootstrap", and the product, at most 1/p_value, for "betting".
    """

    claimed: float
    estimate: float
    p_value: float
    evidence: float
    method: str


def rate_test(runs: GateRuns, claimed: float, *, first: int, last: int, method: str = "t",
              rng: np.random.Generator | None = None, resamples: int = 999) -> RateTest:
    """Test "the rate is at most `claimed`" between the source's times a = `first` and b = `last`.

    "bootstrap" needs `rng`. ValueError for times that do not fit, runs at distance 0 at time a, and for "t" and
    "bootstrap" when there are fewer than 25 runs or Hill's estimate of the tail index of ‖v_b‖ is at most 4: the
    variance of ‖v_b‖² is then doubtful.
    """
    if not (claimed > 0 and first < last and method in METHODS):
        raise ValueError(f"expected claimed > 0, first < last and one of {METHODS}; got {claimed}, {first}, {last}, "
                         f"{method!r}")
    before, after, window = runs.at(first), runs.at(last), last - first
    if not (before > 0).all():
        raise ValueError(f"expected runs away from w_* at time {first}; {(before <= 0).sum()} arrived. Test earlier")
    estimate = float((after.mean() / before.mean()) ** (1 / window))
    if method == "betting":
        wealth = _wealth(after / before / claimed ** window)
        return RateTest(claimed, estimate, min(1.0, 1 / wealth), wealth, method)
    _refuse(after)
    statistic, spread = _t(before, after, window * math.log(claimed))
    if spread == 0:
        return RateTest(claimed, estimate, float(estimate <= claimed * (1 + 1e-12)), statistic, method)
    if method == "t":
        from scipy.stats import t

        return RateTest(claimed, estimate, float(t.sf(statistic, len(after) - 1)), statistic, method)
    if rng is None:
        raise ValueError('rng: expected a numpy generator for method "bootstrap"; got None')
    beyond = (_resampled(before, after, resamples, rng) >= statistic).sum()
    return RateTest(claimed, estimate, float((1 + beyond) / (1 + resamples)), statistic, method)


def holm(p_values: Sequence[float]) -> Array:
    """p-values for several tests at once: rejecting those <= level errs anywhere with probability at most level.

    However the tests depend on each other (Holm 1979). ValueError unless all lie in [0, 1].
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p_values: expected a list of numbers in [0, 1]; got {p_values}")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
    return adjusted


def _t(before: Array, after: Array, expected: float) -> tuple[float, float]:
    """(log(mean after / mean before) − expected) in standard errors, and one standard error."""
    influence = after / after.mean() - before / before.mean()
    spread = float(influence.std(ddof=1) / math.sqrt(len(after)))
    excess = float(np.log(after.mean() / before.mean()) - expected)
    return (excess / spread if spread > 0 else math.copysign(math.inf, excess)), spread


def _resampled(before: Array, after: Array, resamples: int, rng: np.random.Generator) -> Array:
    """The statistic on runs drawn with replacement, about the value on the runs themselves."""
    R = len(after)
    counts = rng.multinomial(R, np.full(R, 1 / R), size=resamples).astype(float)
    a, b = counts @ before / R, counts @ after / R
    aa, bb, ab = (counts @ (u * v) / R for u, v in ((before, before), (after, after), (before, after)))
    variance = bb / b ** 2 + aa / a ** 2 - 2 * ab / (a * b)  # the influence has mean zero
    excess = np.log(b / a) - np.log(after.mean() / before.mean())
    return excess / np.sqrt(np.maximum(variance, np.finfo(float).tiny) / (R - 1))


def _wealth(ratios: Array) -> float:
    """The mean over the stakes of Π (1 + β (X − 1))."""
    logs = np.log1p(np.multiply.outer(STAKES, ratios - 1)).sum(axis=1)
    return float(np.exp(min(logs.max(), 700.0)) * np.exp(logs - logs.max()).mean())


def _refuse(after: Array) -> None:
    if len(after) < FEWEST:
        raise ValueError(f'expected at least {FEWEST} runs; got {len(after)}. Take more runs, or method="betting"')
    index = hill_estimate(np.sqrt(after)[:, None])
    if not index > 4:
        raise ValueError(f"expected distances with a fourth moment; the Hill estimate of the tail index of ‖v_b‖ is "
                         f'{index:.2f}, not above 4. Take a shorter window, more runs, or method="betting"')
