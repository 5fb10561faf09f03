"""Statements on the exact second moment of Algorithm 2, and tests of its rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import product
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from mathdl.core.intervals import binomial_interval
from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.relu_gate.fast_gates import sample_order, slow_gates, train_gates
from mathdl.relu_gate.finite_law import FiniteLaw
from mathdl.relu_gate.laws import Gaussian, InputLaw, StudentT
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.online_step import estimate_step
from mathdl.relu_gate.rate_test import EXACT, rate_test
from mathdl.relu_gate.runs import GateRuns
from mathdl.relu_gate.second_moment import SecondMoment, exact_mean_squares

Array = NDArray[np.float64]
Points = Sequence[Sequence[Real]]
POINTS = ((1, 2), (2, -1), (0, 1), (-1, 0), (1, 1))
FEW_SAMPLES = 200  # under so many, no mean of fourth powers is taken as normal here
Step = Real | Callable[[NDArray], Real]  # a step, or the step of a sample


@statement("relu_gate/ours-second-moment", "The exact mean square of Algorithm 2", "ours, beside Mukherjee 2020, "
           "Theorem 3.3.1", says=r"E\|v_{t+1}\|^2 = \operatorname{tr} T_s(M_t),\quad T_s(M) = M - s(\Sigma_+M + "
           r"M\Sigma_+) + s^2E[1_A\,(x^\top Mx)\,xx^\top]", measures="E‖v‖² over all sequences of samples",
           hypotheses=("labels are max(0, ⟨w_*, x⟩)",))
def second_moment(theorem: Theorem, /, *, points: Points = POINTS, w_star: Sequence[Real] = (2, 1),
                  v1: Sequence[Real] = (1, -1), step: Real = Fraction(1, 5), updates: int = 4,
                  shift: Real = 0) -> Verdict:
    """The recursion beside the mean over all sequences, in Fractions; labels of active samples are moved by `shift`."""
    law = FiniteLaw(points)
    realizable = all(_label(w_star, x, shift) == max(0, _dot(w_star, x)) for x in law.points)
    measured = enumerated_mean_square(law, w_star, v1, step, updates, shift)
    return theorem.verdict(given=(realizable,), measured=measured, instance=f"{len(points)} points, {updates} updates",
                           equals=exact_mean_squares(law, w_star, v1, step, updates)[-1])


@statement("relu_gate/ours-true-rate", "The true rate is below every bound", "ours, beside Mukherjee 2020, Theorem "
           "3.3.1", says=r"\rho(T_s) \le \lambda_{\max}(T_s(I)) \le 1 - 2s\lambda + s^2\Lambda",
           measures="the spectral radius of T_s", hypotheses=("E‖x‖⁴ is finite",))
def true_rate(theorem: Theorem, /, *, n_inputs: int = 5, spread: float = 10.0, degrees: float = 9.0,
              step: float | None = None) -> Verdict:
    """Student's t stretched so that variances go from 1 to 1/`spread`; by default at the sharp step."""
    C = np.diag(np.linspace(1, 1 / spread, n_inputs))
    finite = degrees > 4
    second, fourth = (degrees / (degrees - 2), degrees ** 2 / (degrees - 2) / (degrees - 4)) if finite else (1.0, 1.0)
    operator, moments = SecondMoment.elliptical(C, second, fourth), stretched_moments(C, second, fourth)
    s = moments.step_size("sharp") if step is None else step
    return theorem.verdict(given=(finite,), measured=float(operator.rate(s)) if finite else np.inf,
                           at_most=moments.rate(s, "sharp"), error=operator.error(s),
                           instance=f"n={n_inputs}, {degrees:g} degrees, s={s:.4g}")


@statement("relu_gate/ours-rate-test", "A test of a claimed rate", "ours, beside Mukherjee 2020, Theorem 3.3.1",
           says=r"P[\text{claim rejected}] \le \text{level}", measures="frequency of rejections",
           hypotheses=("the claimed rate is true", "the test is exact for this number of runs"))
def false_alarms(theorem: Theorem, /, *, n_inputs: int = 3, runs: int = 50, window: int = 5, tests: int = 1000,
                 level: float = 0.05, factor: float = 1.0, method: str = "betting", seed: int = 0) -> Verdict:
    """Tests of the claim "the rate is the exact one times `factor`" on Gaussian inputs with the sharp step."""
    rng, true = np.random.default_rng(seed), gaussian_rate(n_inputs, window)
    p = p_values(Gaussian(n_inputs), true * factor, runs=runs, window=window, tests=tests, method=method, rng=rng)
    rejected = int((p <= level).sum())
    low, high = binomial_interval(rejected, tests)
    return theorem.verdict(given=(factor >= 1, method in EXACT or None), measured=rejected / tests,
                           at_most=level, error=max(high - rejected / tests, rejected / tests - low), trivial=1.0,
                           instance=f"{method}, n={n_inputs}, R={runs}, {tests} tests")


@statement("relu_gate/ours-online-step", "A step estimated with confidence", "ours, beside Mukherjee 2020, Theorem "
           "3.3.1", says=r"P[\underline\lambda \le \lambda,\ \Lambda \le \overline\Lambda] \ge 1 - \text{miss}",
           measures="frequency with which both bounds hold", expected=State.HOLDS_IF,
           hypotheses=("x has an eighth moment", "labels are realizable", "means of this many samples are normal"))
def estimated_bounds(theorem: Theorem, /, *, n_inputs: int = 4, degrees: float = np.inf, samples: int = 256,
                     trials: int = 300, miss: float = 0.05, noise: float = 0.0, seed: int = 0) -> Verdict:
    """Bounds from `trials` samples of Gaussian inputs, or of Student's t with `degrees`, against the exact λ and Λ."""
    law: InputLaw = Gaussian(n_inputs) if np.isinf(degrees) else StudentT(n_inputs, degrees)
    rng, w_star = np.random.default_rng(seed), np.eye(n_inputs)[0]
    x, exact = law.sample((trials, samples), rng=rng), law.moments(w_star)
    y = np.maximum(x @ w_star, 0.0)
    noisy = y + noise * rng.standard_normal(y.shape)
    found = estimate_step(x, noisy, miss=miss)
    good = int(((found.lam_low <= exact.lam) & (found.Lambda_high >= exact.Lambda)).sum())
    low, high = binomial_interval(good, trials)
    return theorem.verdict(given=(degrees > 8, bool((noisy == y).all()), None if samples >= FEW_SAMPLES else False),
                           measured=good / trials, at_least=1 - miss, trivial=0.0,
                           error=max(high - good / trials, good / trials - low),
                           instance=f"{law.name}, n={n_inputs}, S={samples}, {trials} trials")


@statement("relu_gate/ours-normalized-step", "A step that needs no moment", "ours, beside Mukherjee 2020, Algorithm 2",
           says=r"s_t = 1/\|x_t\|^2:\ E\|v_T\|^2 \le (1-\mu)^{T-1}\|v_1\|^2,\ \mu = "
           r"\lambda_{\min}(E[1_A\,xx^\top/\|x\|^2])", measures="E‖v‖² over all sequences of samples",
           hypotheses=("labels are max(0, ⟨w_*, x⟩)",))
def normalized_step(theorem: Theorem, /, *, points: Points = POINTS, w_star: Sequence[Real] = (2, 1),
                    v1: Sequence[Real] = (1, -1), updates: int = 4, shift: Real = 0) -> Verdict:
    """All sequences of samples in Fractions beside the bound; the bound has the rounding of one eigenvalue."""
    from mathdl.relu_gate.online_step import normalized_rate

    law, start = FiniteLaw(points), _dot(v1, v1)
    realizable = all(_label(w_star, x, shift) == max(0, _dot(w_star, x)) for x in law.points)
    measured = enumerated_mean_square(law, w_star, v1, lambda x: Fraction(1, 1) / (x @ x), updates, shift)
    rate = normalized_rate(law, w_star)
    return theorem.verdict(given=(realizable,), measured=float(measured), at_most=rate ** updates * float(start),
                           error=1e-14 * (updates + len(v1)) * float(start), trivial=float(start),
                           instance=f"{len(points)} points, {updates} updates")


@statement("relu_gate/ours-fast-gates", "The fast path is the slow path", "ours",
           says=r"\|w^{\text{fast}} - w^{\text{slow}}\| \le D,\quad D_{t+1} = \|I - \rho\sum_jx_jx_j^\top\|D_t + "
           r"\delta_t", measures="distance between both paths, the run nearest to its bound",
           hypotheses=("no gate within rounding of its kink", "no number overflows"))
def fast_is_slow(theorem: Theorem, /, *, n_inputs: int = 20, runs: int = 6, samples: int = 50, updates: int = 30,
                 batch: int = 1, step: float = 0.03, mode: str = "gradient", dtype: type = np.float32,
                 seed: int = 0) -> Verdict:
    """The compiled training beside plain numpy in float64, on the same order of noisy samples."""
    rng = np.random.default_rng(seed)
    x, w0 = rng.standard_normal((samples, n_inputs)), rng.standard_normal((runs, n_inputs))
    y = np.maximum(x @ rng.standard_normal(n_inputs), 0) + 0.1 * rng.standard_normal(samples)
    order = sample_order(rng.integers(2 ** 63, size=runs), samples, updates, batch)
    fast = train_gates(x, y, w0, step=step, updates=updates, batch=batch, order=order, mode=mode, dtype=dtype).w
    slow = slow_gates(x, y, w0, order, step=step, mode=mode, dtype=dtype)
    apart = np.linalg.norm(fast - slow.w, axis=1)
    worst = int(np.argmax(apart / slow.bound))
    return theorem.verdict(given=(bool(slow.decided.all()), bool(np.isfinite(fast).all())), measured=apart[worst],
                           equals=0, error=slow.bound[worst],
                           instance=f"{np.dtype(dtype)}, {mode}, n={n_inputs}, b={batch}, {updates} updates")


def enumerated_mean_square(law: FiniteLaw, w_star: Sequence[Real], v1: Sequence[Real], step: Step, updates: int,
                           shift: Real = 0) -> Real:
    """E‖w − w_*‖² after Algorithm 2's updates on every sequence of points, one after the other."""
    w_star, total = np.array(w_star, dtype=object), 0
    for path in product(range(len(law.points)), repeat=updates):
        w, chance = w_star + np.array(v1, dtype=object), 1
        for k in path:
            x = np.array(law.points[k], dtype=object)
            chance = chance * law.weights[k]
            if (y := _label(w_star, x, shift)) > 0:
                w = w + (step(x) if callable(step) else step) * (y - w @ x) * x
        total += chance * ((w - w_star) @ (w - w_star))
    return total


def stretched_moments(C: Array, second: float, fourth: float) -> GateMoments:
    """The moments of the active half of an elliptical law, as in `SecondMoment.elliptical`."""
    return GateMoments.of(second * C / 2, fourth * (2 * C @ C + np.trace(C) * C) / 2, 0.5)


def gaussian_rate(n: int, window: int) -> float:
    """(E‖v_{1+window}‖²/‖v_1‖²)^(1/window) for standard normal inputs and the sharp step, by the exact recursion."""
    squares = SecondMoment.gaussian(n).mean_squares(np.eye(n)[0], GateMoments.gaussian(n).step_size("sharp"), window)
    return float((squares[-1] / squares[0]) ** (1 / window))


def p_values(law: InputLaw, claimed: float, *, runs: int, window: int, tests: int, method: str,
             rng: np.random.Generator) -> Array:
    """p-values of so many independent tests of the claimed rate, each on so many runs with the sharp step.

    A test that refuses, because of what Hill's estimate says, rejects nothing: its p-value is 1.
    """
    w_star = np.eye(law.n)[0]
    every = modified_sgd(law, w_star, np.zeros(law.n), step=law.moments(w_star).step_size("sharp"), updates=window,
                         runs=tests * runs, rng=rng)
    squared = every.squared_distance.reshape(window + 1, tests, runs)
    found = np.ones(tests)
    for k in range(tests):
        with suppress(ValueError):
            found[k] = rate_test(GateRuns(1, squared[:, k], every.w[:runs]), claimed, first=1, last=1 + window,
                                 method=method, rng=rng).p_value
    return found


def _dot(a: Sequence[Real], b: Sequence[Real]) -> Real:
    return sum(p * q for p, q in zip(a, b, strict=True))


def _label(w_star: Sequence[Real], x: Sequence[Real], shift: Real) -> Real:
    """max(0, ⟨w_*, x⟩), moved by `shift` where it is positive."""
    height = _dot(w_star, x)
    return height + shift if height > 0 else 0
