"""Statements on the risk of one gate, Algorithm 2 and Theorem 3.3.1, and its errata E1 to E3."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.core.intervals import binomial_interval, mean_error
from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.laws import FiniteLaw, Gaussian, InputLaw, cross_polytope
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.risk import gaussian_risk, risk_bound, sampled_risk
from mathdl.relu_gate.steps import modified_sgd_step

Array = NDArray[np.float64]
SOURCE = "Mukherjee 2020, Theorem 3.3.1"
NEEDS = ("E‖x‖⁴ < ∞", "Σ₊ ≻ 0")
ROUNDING = 1e-12  # of a few dozen operations on numbers of order one


@statement("relu_gate/problem-3.3", "The risk of a gate", "Mukherjee 2020, problem of section 3.3",
           says=r"E(\sigma(\langle w,x\rangle)-\sigma(\langle w_*,x\rangle))^2 = \tfrac12\|w-w_*\|^2 "
                r"-\tfrac1\pi\|w\|\|w_*\|(\sin\theta-\theta\cos\theta)",
           measures="mean over fresh inputs", hypotheses=("x is standard normal",))
def gaussian_risk_formula(theorem: Theorem, /, *, law: InputLaw | None = None, n_inputs: int = 5,
                          samples: int = 200_000, seed: int = 0) -> Verdict:
    """A sample mean of the risk against the closed form (Cho and Saul 2009, rearranged), at random w and w_*."""
    rng = np.random.default_rng(seed)
    law = Gaussian(n_inputs) if law is None else law
    w, w_star = rng.standard_normal((2, law.n))
    mean, error = sampled_risk(w, w_star, law, samples, rng=rng)
    return theorem.verdict(given=(isinstance(law, Gaussian),), measured=mean, equals=gaussian_risk(w, w_star),
                           error=error, instance=f"{law.name}, n={law.n}, {samples} inputs")


@statement("relu_gate/claim-risk-bound", "Near weights, small risk", "Mukherjee 2020, after Theorem 3.3.1",
           says=r"E(\sigma(\langle w,x\rangle)-\sigma(\langle w_*,x\rangle))^2 \le \|w-w_*\|^2\,E\|x\|^2",
           measures="risk of w", hypotheses=("E‖x‖² < ∞", "σ is 1-Lipschitz"))
def risk_of_near_weights(theorem: Theorem, /, *, law: InputLaw | None = None, n_inputs: int = 5, slope: float = 1.0,
                         w: ArrayLike | None = None, w_star: ArrayLike | None = None, seed: int = 0) -> Verdict:
    """The exact risk for Gaussian and finite laws, a mean over 10⁵ inputs else, of gates with σ = slope · max(0, ·)."""
    rng = np.random.default_rng(seed)
    law = Gaussian(n_inputs) if law is None else law
    drawn = rng.standard_normal((2, law.n))
    w, w_star = (np.asarray(d if v is None else v, dtype=float) for v, d in zip((w, w_star), drawn, strict=True))
    risk, error = exact_or_sampled(law, w, w_star, slope, rng)
    return theorem.verdict(given=(math.isfinite(law.second_moment), abs(slope) <= 1), measured=risk,
                           at_most=risk_bound(w, w_star, law.second_moment), error=error,
                           instance=f"{law.name}, n={law.n}, slope {slope:g}")


@statement("relu_gate/algorithm-2", "One update comes nearer on average", "Mukherjee 2020, Algorithm 2",
           says=r"E\|w_2-w_*\|^2 \le \big(1-\tfrac{\lambda^2}{c_1}\big)\|w_1-w_*\|^2 \text{ from every } w_1",
           measures="largest ratio over random starts, by enumeration of the inputs",
           hypotheses=("α < 0", "Σ₊ ≻ 0"))
def one_update(theorem: Theorem, /, *, alpha: float = -1.0, n_inputs: int = 3, points: int = 40, starts: int = 50,
               law: FiniteLaw | None = None, seed: int = 0) -> Verdict:
    """The update of the algorithm on every point of a random finite law, averaged exactly, at η = λ/(|α| c₁)."""
    rng = np.random.default_rng(seed)
    law = FiniteLaw(rng.standard_normal((points, n_inputs))) if law is None else law
    w_star, w1 = rng.standard_normal(law.n), 3 * rng.standard_normal((starts, law.n))
    moments = law.moments(w_star)
    positive = moments.lam > moments.errors[0]
    eta = (moments.lam if positive else 1.0) / (abs(alpha) * moments.c1)
    ratio = max(mean_after(law, w, w_star, -alpha * eta) / ((w - w_star) ** 2).sum() for w in w1)
    return theorem.verdict(given=(alpha < 0, positive), measured=ratio,
                           at_most=moments.rate(abs(alpha) * eta), error=ROUNDING, trivial=1,
                           instance=f"n={law.n}, {len(law.points)} points, {starts} starts, α={alpha:g}")


@statement("relu_gate/equation-3.5", "What one update does to the mean square", "Mukherjee 2020, (3.4) and (3.5)",
           says=r"E\|v_{t+1}\|^2 \le (1-2s\lambda+s^2c_1)\,E\|v_t\|^2,\quad s=\eta|\alpha|",
           measures="largest ratio over all v, exactly", hypotheses=("E‖x‖⁴ < ∞", "s ≥ 0"))
def mean_recursion(theorem: Theorem, /, *, law: InputLaw | None = None, n_inputs: int = 5, ratio: float = 1.0,
                   seed: int = 0) -> Verdict:
    """λ_max(I - 2 s Σ₊ + s² E[1 ‖x‖² x xᵀ]), attained at its eigenvector, at s = ratio · λ/c₁ and a random w_*."""
    law = Gaussian(n_inputs) if law is None else law
    moments, exists, positive = judged(law, direction(law.n, seed))
    s = ratio * (moments.step_size() if positive else 1 / moments.c1)
    return theorem.verdict(given=(exists, ratio >= 0), measured=moments.contraction(s), at_most=moments.rate(s),
                           error=numerical(moments, s), trivial=1, instance=f"{law.name}, n={law.n}, s={s:.4g}")


@statement("relu_gate/theorem-3.3.1", "Learning a gate from fresh samples", SOURCE,
           says=r"P\big[\|w_T-w_*\|^2\le\epsilon^2\big]\ge1-\delta,\quad "
                r"T=1+\Big\lceil\tfrac{\log(\|w_1-w_*\|^2/(\epsilon^2\delta))}{-\log(1-\lambda^2/c_1)}\Big\rceil",
           measures="fraction of the runs that are there at T",
           hypotheses=(*NEEDS, "noiseless labels", "α < 0"))
def learned_gate(theorem: Theorem, /, *, law: InputLaw | None = None, n_inputs: int = 5, eps: float = 0.5,
                 delta: float = 0.1, runs: int = 400, label_noise: float = 0.0, alpha: float = -1.0,
                 w1: ArrayLike | None = None, seed: int = 0) -> Verdict:
    """Algorithm 2 from w_1 (0 unless given) towards w_* = e₁ with η = λ/(|α| c₁); the interval is exact.

    Where the law has no λ/c₁, step and T are those of Gaussian inputs, which somebody who did not look would take.
    """
    law = Gaussian(n_inputs) if law is None else law
    w_star = np.eye(law.n)[0]
    moments, exists, positive = judged(law, w_star)
    used = moments if exists and positive else GateMoments.gaussian(law.n)
    w1 = np.zeros(law.n) if w1 is None else np.asarray(w1, dtype=float)
    T = used.required_steps(eps, delta, float(((w1 - w_star) ** 2).sum()))
    done = modified_sgd(law, w_star, w1, step=-math.copysign(used.step_size(), alpha), updates=T - 1,
                        runs=runs, rng=np.random.default_rng(seed), label_noise=label_noise)
    there = int((done.at(T) <= eps ** 2).sum())
    high = binomial_interval(there, runs)[1]
    return theorem.verdict(given=(exists, positive, label_noise == 0, alpha < 0), measured=there / runs,
                           at_least=1 - delta, error=high - there / runs, trivial=0,
                           instance=f"{law.name}, n={law.n}, T={T}, {runs} runs")


@statement("relu_gate/ours-moment-inequality", "No law is kinder than this", f"ours, beside {SOURCE}",
           says=r"c_1 \ge \frac{n^2\lambda^2}{p_+}", measures="c₁", hypotheses=("E‖x‖⁴ < ∞",))
def moment_inequality(theorem: Theorem, /, *, law: InputLaw | None = None, n_inputs: int = 4,
                      seed: int = 0) -> Verdict:
    """nλ <= tr Σ₊ = E[1 · 1‖x‖²] <= √(p₊ c₁); the source has n²λ², to which a bound no better is called vacuous."""
    law = Gaussian(n_inputs) if law is None else law
    moments, exists, _ = judged(law, direction(law.n, seed))
    n, lam = law.n, moments.lam
    bound = n ** 2 * lam ** 2 / moments.p_plus if moments.p_plus else 0.0
    lam_error, c1_error, _, p_error = moments.errors
    slope = 2 * n ** 2 * lam / max(moments.p_plus, 1e-300) * lam_error + bound * p_error / max(moments.p_plus, 1e-300)
    return theorem.verdict(given=(exists,), measured=moments.c1 if exists else math.inf, at_least=bound,
                           error=rounded_up(c1_error + 2 * slope), trivial=n ** 2 * lam ** 2,
                           instance=f"{law.name}, n={n}")


@statement("relu_gate/ours-sharp-step", "A larger step, a better rate", f"ours, beside {SOURCE}",
           says=r"\eta|\alpha|=\frac\lambda\Lambda \implies "
                r"E\|v_{t+1}\|^2 \le \Big(1-\frac{\lambda^2}{\Lambda}\Big)E\|v_t\|^2",
           measures="largest ratio over all v, exactly", hypotheses=NEEDS)
def sharp_step(theorem: Theorem, /, *, law: InputLaw | None = None, n_inputs: int = 5, seed: int = 0) -> Verdict:
    """The exact worst ratio at s = λ/Λ against 1 - λ²/Λ; vacuous where that is the source's 1 - λ²/c₁."""
    law = Gaussian(n_inputs) if law is None else law
    moments, exists, positive = judged(law, direction(law.n, seed))
    s = moments.step_size("sharp") if positive else 1 / moments.Lambda
    seed_rate = moments.rate() if positive else 1.0
    return theorem.verdict(given=(exists, positive), measured=moments.contraction(s), at_most=moments.rate(s, "sharp"),
                           error=numerical(moments, s), trivial=seed_rate, instance=f"{law.name}, n={law.n}, s={s:.4g}")


@statement("relu_gate/ours-label-noise", "The smallest noise moves the limit", "ours, on Algorithm 2",
           says=r"E\,w_t \to \big(\Sigma_+ + \tfrac12\Sigma_-\big)^{-1}\Sigma_+ w_* = \tfrac23 w_* "
                r"\quad(\text{noise} \to 0)",
           measures="mean of ⟨w_t, w_*⟩/‖w_*‖² over the runs", hypotheses=("Σ₋ = Σ₊ ≻ 0", "label noise > 0"))
def label_noise_limit(theorem: Theorem, /, *, law: InputLaw | None = None, n_inputs: int = 3, noise: float = 1e-6,
                      updates: int = 300, runs: int = 2000, seed: int = 0) -> Verdict:
    """Half of the inactive inputs get a positive label when noise is symmetric, however small, and pull w to 0.

    Where Σ₊ is a multiple of I the mean converges like (1 - 3sλ/2)^t; that, the noise and the sample are the error.
    """
    law = Gaussian(n_inputs) if law is None else law
    w_star = np.eye(law.n)[0]
    moments, mirrored = law.moments(w_star), law.moments(-w_star)
    same = np.abs(moments.sigma - mirrored.sigma).max() <= 2 * max(moments.errors[0], mirrored.errors[0])
    s = moments.step_size("sharp") / 2
    along = modified_sgd(law, w_star, w_star, step=s, updates=updates, runs=runs, rng=np.random.default_rng(seed),
                         label_noise=noise).w[:, 0]
    error = float(mean_error(along)) + (1 - 1.5 * s * moments.lam) ** updates + 10 * noise
    return theorem.verdict(given=(same and moments.lam > moments.errors[0], noise > 0), measured=along.mean(),
                           equals=2 / 3, error=error, instance=f"{law.name}, n={law.n}, noise {noise:g}, {runs} runs")


@statement("relu_gate/erratum-E1", "The update, as printed in the proof", "Mukherjee 2020, proof of Theorem 3.3.1",
           says=r"w_{t+1}=w_t+\eta g_t \implies E\|w_2-w_*\|^2 \le (1-2s\lambda+s^2c_1)\|w_1-w_*\|^2",
           measures="largest ratio over random starts, by enumeration of the inputs",
           hypotheses=("α < 0", "Σ₊ ≻ 0"), expected=State.VIOLATED,
           erratum="The sign: Algorithm 2 has w_t - η g_t, and α < 0 makes that a step towards w_*. The next display "
                   "of the proof uses the minus again. The inequalities of its Term 1 are equalities.")
def printed_update(theorem: Theorem, /, *, sign: int = 1, n_inputs: int = 3, points: int = 40, starts: int = 50,
                   seed: int = 0) -> Verdict:
    """w_1 + sign · η g_1 on every point of a random finite law, averaged exactly, at η = λ/c₁ and α = -1."""
    rng = np.random.default_rng(seed)
    law = FiniteLaw(rng.standard_normal((points, n_inputs)))
    w_star, w1 = rng.standard_normal(n_inputs), 3 * rng.standard_normal((starts, n_inputs))
    moments = law.moments(w_star)
    eta, alpha = moments.step_size(), -1.0
    ratio = max(mean_after(law, w, w_star, sign * eta * alpha) / ((w - w_star) ** 2).sum() for w in w1)
    return theorem.verdict(given=(alpha < 0, moments.lam > moments.errors[0]), measured=ratio,
                           at_most=moments.rate(), error=ROUNDING, instance=f"n={n_inputs}, {points} points")


@statement("relu_gate/erratum-E2", "The number of steps, as printed", SOURCE,
           says=r"T = K\log\tfrac{\|w_1-w_*\|^2}{\epsilon^2\delta} \implies "
                r"P\big[\|w_T-w_*\|^2\le\epsilon^2\big]\ge1-\delta",
           measures="probability to be there at T, exactly", hypotheses=NEEDS, expected=State.VIOLATED,
           erratum="O(log) hides the factor 1/log(1/(1 - λ²/c₁)) >= n²/p₊ - 1, which no K bounds for all laws.")
def printed_steps(theorem: Theorem, /, *, n_inputs: int = 5, eps: float = 0.1, delta: float = 0.1,
                  constant: float | None = 1.0) -> Verdict:
    """Inputs ±e_i, w_1 - w_* = e₁: only e₁ moves v, so ‖v_T‖² = (1 - s)^(2K) with K binomial; Fractions throughout.

    `constant` is K, or None for the theorem's T with its own factor.
    """
    law, w_star = cross_polytope(n_inputs), np.ones(n_inputs, dtype=int)
    _, sigma, weighted = law.matrices(w_star)
    positive = all(sigma[i, i] > 0 for i in range(n_inputs)) and not (sigma - np.diag(np.diag(sigma))).any()
    T = (law.moments(w_star).required_steps(eps, delta, 1.0) if constant is None
         else math.ceil(constant * math.log(1 / (eps ** 2 * delta))))
    s = min(np.diag(sigma)) / np.trace(weighted)
    return theorem.verdict(given=(math.isfinite(np.trace(weighted)), positive),
                           measured=float(reached(T - 1, s, Fraction(1, 2 * n_inputs), Fraction(eps) ** 2)),
                           at_least=1 - delta, trivial=0, instance=f"±e_i, n={n_inputs}, T={T}")


@statement("relu_gate/erratum-E3", "Strictness, as printed", "Mukherjee 2020, proof of Theorem 3.3.1",
           says=r"c_1 > \tfrac{b^2}{4},\quad b = 2\lambda", measures="1 when the strict inequality holds, else 0",
           hypotheses=("b > 0",), expected=State.VIOLATED,
           erratum="c₁ >= n² b²/(4 p₊); equality with b²/4 exactly for n = 1, p₊ = 1 and constant |x|, where one step "
                   "suffices. The step is positive all the same.")
def printed_strictness(theorem: Theorem, /, *, law: FiniteLaw | None = None, w_star: tuple = (1,)) -> Verdict:
    """c₁ and λ of a finite law with a diagonal Σ₊, in Fractions; by default x = 1."""
    law = FiniteLaw(((1,),)) if law is None else law
    _, sigma, weighted = law.matrices(w_star)
    if (sigma - np.diag(np.diag(sigma))).any():
        raise ValueError("law: expected a diagonal Σ₊, whose eigenvalues are rational; use points on the axes")
    b, c1 = 2 * min(np.diag(sigma)), np.trace(weighted)
    return theorem.verdict(given=(b > 0,), measured=int(c1 > b ** 2 / 4), equals=1,
                           instance=f"n={law.n}, c₁={c1}, b²/4={b ** 2 / 4}")


def direction(n: int, seed: int) -> Array:
    """A random target w_* on the sphere."""
    w = np.random.default_rng(seed).standard_normal(n)
    return w / np.linalg.norm(w)


def judged(law: InputLaw, w_star: ArrayLike) -> tuple[GateMoments, bool, bool]:
    """Moments, whether E‖x‖⁴ < ∞, whether Σ₊ ≻ 0; those of Gaussian inputs and Σ₊ undecided when there are none."""
    try:
        moments = law.moments(w_star)
    except ValueError:
        return GateMoments.gaussian(law.n), False, None
    return moments, True, moments.lam > moments.errors[0]


def mean_after(law: FiniteLaw, w: Array, w_star: Array, step: float) -> float:
    """E‖w_2 - w_*‖² after one update from w_1 = w with η|α| = `step`, over all points of the law."""
    x = law.x
    after = modified_sgd_step(w, x, labels(x, w_star), step)
    return float(law.probabilities @ ((after - w_star) ** 2).sum(axis=1))


def exact_or_sampled(law: InputLaw, w: Array, w_star: Array, slope: float, rng: np.random.Generator
                     ) -> tuple[float, float]:
    """The risk of σ = slope · max(0, ·) with an error."""
    if isinstance(law, Gaussian):
        risk = slope ** 2 * gaussian_risk(w, w_star)
    elif isinstance(law, FiniteLaw):
        risk = float(law.probabilities @ (slope * (labels(law.x, w) - labels(law.x, w_star))) ** 2)
    else:
        return sampled_risk(w, w_star, law, 100_000, rng=rng, lipschitz=slope)
    return risk, ROUNDING * max(1.0, risk)


def numerical(moments: GateMoments, s: float) -> float:
    """How far computed ratios at the step s may be off: errors of the moments, and of a few sums of them."""
    lam_error, c1_error, Lambda_error, _ = moments.errors
    return rounded_up(ROUNDING + 4 * abs(s) * lam_error + 2 * s * s * (c1_error + Lambda_error))


def rounded_up(error: float) -> float:
    """The next power of ten, so that a card does not show the last bits of a machine."""
    return 10.0 ** math.ceil(math.log10(error)) if error > 0 else 0.0


def reached(updates: int, s: Fraction, hit: Fraction, target: Fraction) -> Fraction:
    """P[(1 - s)^(2K) <= target] for K ~ Binomial(updates, hit), exactly."""
    if (1 - s) ** (2 * updates) > target:
        return Fraction(0)
    needed = 1 if s == 1 else max(0, math.floor(math.log(target) / (2 * math.log(1 - s))) - 1)
    while (1 - s) ** (2 * needed) > target:
        needed += 1
    a, b = hit.numerator, hit.denominator
    miss = sum(math.comb(updates, k) * a ** k * (b - a) ** (updates - k) for k in range(needed))
    return 1 - Fraction(miss, b ** updates)
