"""Statements on Theorem 3.5.3 and Corollary 3.5.4: GLM-Tron on labels with benign noise, all expectations exact."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.relu_gate.activations import Activation, leaky, slope
from mathdl.relu_gate.confidence import coverage, theta_for_confidence
from mathdl.relu_gate.glm_tron import TronRun, glm_tron
from mathdl.relu_gate.noise import FiniteNoise
from mathdl.relu_gate.sign_patterns import NoisePatterns, noise_patterns, rare_outlier, two_point
from mathdl.relu_gate.tron_bounds import tron_steps, tron_threshold
from mathdl.relu_gate.tron_pieces import tron_by_pieces
from mathdl.relu_gate.tron_risk import linear_gate_risks, tron_risk_report

Array = NDArray[np.float64]
Rows = tuple[tuple[float, ...], ...]
ROUNDING = 1e-11  # relative: 10^4 updates and sums of at most 2^16 patterns, each rounded to 1e-16
LONG = 1000  # updates from which the closed form from piece to piece is faster than the loop
DRIFT = ((1.0,), (-0.05,))  # the second input looks the other way, a little
CORNER = ((0.0, 1.0), (0.0, -0.02), (1.0, 0.0))  # the same pair of inputs across the target (1, 0), and one along it


@dataclass(frozen=True, eq=False)
class Trained:
    """Algorithm 4 on every pattern of label noise, up to w_T."""

    patterns: NoisePatterns
    run: TronRun
    thr: float
    activation: Activation
    x: Array
    w_star: Array

    @property
    def first_hits(self) -> NDArray[np.int64]:
        """The first row with L̃_S < thr for each pattern (P,), -1 where there is none."""
        below = self.run.effective_risk < self.thr
        return np.where(below.any(axis=0), below.argmax(axis=0), -1)

    def risks_on(self, noise: Array, rows: NDArray[np.int64]) -> Array:
        """L_S at these rows, one a pattern, on labels with `noise` (..., P, S); inf where the row is -1."""
        w = np.take_along_axis(self.run.w, rows[None, :, None], axis=0)[0]
        y = self.activation(self.x @ self.w_star) + noise
        risk = tron_risk_report(w, self.x, y, self.activation, self.w_star).risk
        return np.where(rows >= 0, risk, np.inf)


def train(x: Rows, w_star: tuple[float, ...], noise: FiniteNoise, eps: float, L: float, theta: float,
          kind: str = "corrected", threshold: str = "printed") -> Trained:
    """Every pattern of noise, a ReLU gate of slope L, T as printed or corrected, thr as printed or as sharpened."""
    X, w, activation = np.array(x), np.array(w_star), leaky(L)
    norm = float(np.linalg.norm(w))
    updates = max(tron_steps(norm, eps, kind), 1) - 1  # w_T is reached after T − 1 of them
    patterns = noise_patterns(noise, len(X))
    method = tron_by_pieces if updates >= LONG else glm_tron
    run = method(X, activation(X @ w) + patterns.values, activation, updates, w_star=w)
    thr = float(tron_threshold(L, eps, theta, norm, threshold)) if L < 2 else math.inf  # from 2 on nothing is promised
    return Trained(patterns, run, thr, activation, X, w)


@statement("relu_gate/theorem-3.5.3", "Fresh labels at the first hit", "Mukherjee 2020, Theorem 3.5.3, what survives",
           says=r"\mathbb E\,L'_S(h_\tau) \le \mathbb E\,\xi^2 + \tfrac{L}{2-L}(\epsilon+\theta^2+2\theta W(L+1))",
           measures="mean risk of h_τ over all patterns of training noise and of fresh noise",
           hypotheses=("‖x_i‖ ≤ 1", "L < 2", "Eξ = 0", "E[ξ'ξ] = 0: fresh labels"))
def fresh_labels(theorem: Theorem, /, *, x: Rows = CORNER, w_star: tuple[float, ...] = (1.0, 0.0),
                 noise: FiniteNoise | None = None, eps: float = 0.01, L: float = 1.0, fresh: bool = True) -> Verdict:
    """All patterns of training noise times all patterns of fresh noise; τ is the first t with L̃_S(h_t) below thr."""
    noise = noise or two_point(0.05)
    s2, mean = noise.second_moment, float(noise.mean[0])
    trained = train(x, w_star, noise, eps, L, noise.bound)
    seen, rows = trained.patterns, trained.first_hits
    if fresh:
        risk = seen.probabilities @ trained.risks_on(seen.values[:, None, :], rows)
    else:
        risk = trained.risks_on(seen.values, rows)
    moment = mean ** 2 if fresh else s2
    return theorem.verdict(given=(*fits(x, L), is_zero(mean, noise.bound), is_zero(moment, s2)),
                           measured=float(seen.mean(risk)), at_most=trained.thr + s2, error=ROUNDING * trained.thr,
                           trivial=(L * np.linalg.norm(w_star)) ** 2 + s2, instance=where(x, noise, eps))


@statement("relu_gate/ours-minkowski", "The least observable risk", "ours, in place of Theorem 3.5.3",
           says=r"\mathbb E\min_{t\le T}L_S(h_t)\le\big(\sqrt{\mathrm{thr}}+\sqrt{\mathbb E\,\xi^2}\big)^2,\quad "
                r"T=\lfloor\|w_*\|^2/\epsilon\rfloor+1",
           measures="mean over all patterns of the least L_S (or of L_S at the first hit)",
           hypotheses=("‖x_i‖ ≤ 1", "L < 2"))
def least_risk(theorem: Theorem, /, *, x: Rows = CORNER, w_star: tuple[float, ...] = (1.0, 0.0),
               noise: FiniteNoise | None = None, eps: float = 0.01, L: float = 1.0,
               at: str = "best", threshold: str = "printed") -> Verdict:
    """`best` is the iterate that the observable risk selects, "first hit" the one that the proof compares it with."""
    noise = noise or two_point(0.05)
    trained = train(x, w_star, noise, eps, L, noise.bound, threshold=threshold)
    rows = trained.run.best if at == "best" else trained.first_hits
    measured = trained.patterns.mean(trained.risks_on(trained.patterns.values, rows))
    s2 = noise.second_moment
    return theorem.verdict(given=fits(x, L), measured=float(measured), error=ROUNDING * trained.thr,
                           at_most=(math.sqrt(trained.thr) + math.sqrt(s2)) ** 2,
                           trivial=start_risk(w_star, noise, L), instance=where(x, noise, eps))


@statement("relu_gate/ours-best-iterate", "What the observable choice costs", "ours",
           says=r"\mathbb E\,\tilde L_S(h_{\mathrm{best}})\le\big(\sqrt{\mathrm{thr}}+2\sqrt{\mathbb E\,\xi^2}\big)^2",
           measures="mean over all patterns of L̃_S at the iterate with the least L_S",
           hypotheses=("‖x_i‖ ≤ 1", "L < 2"))
def best_iterate(theorem: Theorem, /, *, x: Rows = CORNER, w_star: tuple[float, ...] = (1.0, 0.0),
                 noise: FiniteNoise | None = None, eps: float = 0.01, L: float = 1.0) -> Verdict:
    """The effective risk, which nobody sees, of the iterate chosen by the risk that everybody sees.

    Pattern by pattern it is at most (√thr + 2√((1/S) Σ ξ_i²))², and the mean of that at most the bound (Jensen).
    """
    noise = noise or two_point(0.05)
    trained = train(x, w_star, noise, eps, L, noise.bound)
    effective = np.take_along_axis(trained.run.effective_risk, trained.run.best[None], axis=0)[0]
    return theorem.verdict(given=fits(x, L), measured=float(trained.patterns.mean(effective)),
                           at_most=(math.sqrt(trained.thr) + 2 * math.sqrt(noise.second_moment)) ** 2,
                           error=ROUNDING * trained.thr, trivial=(L * np.linalg.norm(w_star)) ** 2,
                           instance=where(x, noise, eps))


@statement("relu_gate/corollary-3.5.4", "With confidence 1 − δ", "Mukherjee 2020, Corollary 3.5.4, corrected",
           says=r"\mathbb P\big[\exists t\le T:\tilde L_S(h_t)<\mathrm{thr},\ "
                r"L_S(h_{\mathrm{best}})\le(\sqrt{\mathrm{thr}}+\theta)^2\big]\ge1-\delta",
           measures="probability of that event, all patterns counted",
           hypotheses=("‖x_i‖ ≤ 1", "L < 2", "P[max |ξ_i| ≤ θ] ≥ 1 − δ"))
def with_confidence(theorem: Theorem, /, *, samples: int = 10, size: float = 0.06, outlier: float = -20.0,
                    chance: float = 0.01, delta: float = 0.1, eps: float = 0.01, x: float = 1.0,
                    per_sample: bool = False) -> Verdict:
    """S labels on the input x, noise `size` but for rare outliers, each of which ruins the run; θ for all or for one.

    With x = 1 the probability is exactly P[max |ξ_i| ≤ θ]: the corollary cannot promise more.
    """
    noise = FiniteNoise((size, outlier), (1 - chance, chance))
    theta = theta_for_confidence(noise, 1 if per_sample else samples, delta)
    trained = train(((x,),) * samples, (1.0,), noise, eps, 1.0, theta)
    rows = trained.run.best
    observed = trained.risks_on(trained.patterns.values, rows) <= (math.sqrt(trained.thr) + theta) ** 2 * (1 + ROUNDING)
    event = (trained.first_hits >= 0) & observed
    return theorem.verdict(given=(abs(x) <= 1, trained.activation.lipschitz < 2,
                                  coverage(noise, samples, theta) >= 1 - delta),
                           measured=trained.patterns.probability(event), at_least=1 - delta, error=ROUNDING, trivial=0,
                           instance=f"S={samples}, θ={theta:g}, P[max |ξ| ≤ θ]={coverage(noise, samples, theta):.6g}")


@statement("relu_gate/erratum-E10", "The printed risk at step T", "Mukherjee 2020, Theorem 3.5.3",
           says=r"\mathbb E\,L_S(h_T) \le \mathbb E\,\xi^2 + \tfrac{L}{2-L}(\epsilon+\theta^2+2\theta W(L+1))",
           measures="mean of L_S(h_T) over all patterns of noise", hypotheses=("‖x_i‖ ≤ 1", "L < 2", "Eξ = 0"),
           erratum="3.5.2 holds at a first hit, not at a fixed T: a label below 0 cannot be fitted and pushes w on for "
                   "ever. Corrected: E min over t ≤ T of L_S(h_t) ≤ (√thr + √Eξ²)², T = ⌊‖w_*‖²/ε⌋ + 1",
           expected=State.VIOLATED)
def printed_risk(theorem: Theorem, /, *, x: Rows = DRIFT, w_star: tuple[float, ...] = (0.1,),
                 noise: FiniteNoise | None = None, eps: float = 1e-5, L: float = 1.0,
                 kind: str = "printed") -> Verdict:
    """Four patterns of two labels; two of them drift. `kind` chooses T = ‖w_*‖/ε or ⌊‖w_*‖²/ε⌋ + 1."""
    noise = noise or two_point(0.5)
    trained = train(x, w_star, noise, eps, L, noise.bound, kind)
    return theorem.verdict(given=(*fits(x, L), is_zero(noise.mean[0], noise.bound)),
                           measured=float(trained.patterns.mean(trained.run.risk[-1])),
                           at_most=trained.thr + noise.second_moment, error=ROUNDING * trained.thr,
                           trivial=start_risk(w_star, noise, L),
                           instance=f"T={len(trained.run.w)}, {where(x, noise, eps)}")


@statement("relu_gate/erratum-E10-cross-term", "The term that does not vanish",
           "Mukherjee 2020, proof of Theorem 3.5.3",
           says=r"\mathbb E\big[\tilde L_S(h_T)-L_S(h_T)\big]=-\mathbb E\,\xi^2", measures="E[L̃_S(h_T) − L_S(h_T)]",
           hypotheses=("‖x_i‖ ≤ 1", "Eξ = 0"),
           erratum="w_T is fitted to the same ξ_i, so E[ξ_i σ(⟨w_T, x_i⟩)] does not vanish; it does on fresh labels",
           expected=State.VIOLATED)
def cross_term(theorem: Theorem, /, *, samples: int = 10, inputs: int = 20, noise: FiniteNoise | None = None,
               times: int = 400, gate: str = "identity", seed: int = 0) -> Verdict:
    """Unit inputs, at t = `times`: centred noise on the identity gate in closed form, else over all patterns."""
    noise = noise or two_point(0.5)
    x, w_star = unit_inputs(samples, inputs, seed)
    s2, centred = noise.second_moment, is_zero(noise.mean[0], noise.bound)
    if gate == "identity" and centred:
        exact = linear_gate_risks(x, w_star, s2, times - 1)
        effective, risk = float(exact.effective[-1]), float(exact.risk[-1])
    else:
        activation, patterns = slope(1.0) if gate == "identity" else leaky(1.0), noise_patterns(noise, samples)
        run = glm_tron(x, activation(x @ w_star) + patterns.values, activation, times - 1, w_star=w_star)
        effective, risk = (float(patterns.mean(r[-1])) for r in (run.effective_risk, run.risk))
    inside = bool(np.linalg.norm(x, axis=1).max() <= 1 + ROUNDING)
    return theorem.verdict(given=(inside, centred), measured=effective - risk, equals=-s2, error=ROUNDING,
                           instance=f"S={samples}, n={inputs}, t={times}, {gate} gate, E L̃_S={effective:.4g}")


@statement("relu_gate/erratum-E12", "Conditioned on small noise", "Mukherjee 2020, Corollary 3.5.4",
           says=r"\mathbb E\big[L'_S(h_\tau)\,\big|\,\max|\xi_i|\le\theta\big]\le\mathbb E\,\xi^2+\mathrm{thr}",
           measures="mean risk of the first hit on fresh labels, given that no noise exceeds θ",
           hypotheses=("‖x_i‖ ≤ 1", "L < 2", "Eξ = 0", "P[max |ξ_i| ≤ θ] ≥ 1 − δ"),
           erratum="given max |ξ_i| ≤ θ the noise need not be centred, and an expectation cannot hold with a "
                   "probability. Corrected: with probability 1 − δ some t ≤ T has L̃_S(h_t) < thr, and L_S(h_best) ≤ "
                   "(√thr + θ)²", expected=State.VIOLATED)
def conditioned_noise(theorem: Theorem, /, *, noise: FiniteNoise | None = None, x: Rows = ((0.15,),),
                      w_star: tuple[float, ...] = (10.0,), delta: float = 0.1, eps: float = 0.01) -> Verdict:
    """The printed corollary read as a conditional expectation, with fresh labels at the first hit, so on better terms.

    The noise is .05, or rarely an outlier that makes its mean zero; without the outlier its mean is .05.
    """
    noise = noise or rare_outlier(0.05, 0.1)
    theta = theta_for_confidence(noise, len(x), delta)
    trained = train(x, w_star, noise, eps, 1.0, theta)
    small = trained.patterns.within(theta)
    likely, rows = trained.patterns.given(small), trained.first_hits
    risk = likely.probabilities @ trained.risks_on(likely.values[:, None, :], rows)
    mean = float(likely.mean(likely.values[:, 0]))
    enough = coverage(noise, len(x), theta) >= 1 - delta
    return theorem.verdict(given=(*fits(x, 1.0), is_zero(noise.mean[0], noise.bound), enough),
                           measured=float(likely.mean(risk[small])), at_most=trained.thr + noise.second_moment,
                           error=ROUNDING * trained.thr, trivial=start_risk(w_star, noise, 1.0),
                           instance=f"θ={theta:g}, E[ξ | |ξ| ≤ θ]={mean:.6g}, Eξ²={noise.second_moment:.6g}")


def unit_inputs(samples: int, inputs: int, seed: int) -> tuple[Array, Array]:
    """Inputs on the unit sphere (S, n) and a Gaussian target (n,)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((samples, inputs))
    return x / np.linalg.norm(x, axis=1)[:, None], rng.standard_normal(inputs)


def fits(x: Rows, L: float) -> tuple[bool, bool]:
    """Whether all inputs lie in the unit ball, and whether L < 2."""
    return bool(np.linalg.norm(np.array(x), axis=1).max() <= 1), L < 2


def is_zero(value: float, scale: float) -> bool:
    """Whether a sum of products of decimals of size `scale` is zero up to rounding."""
    return bool(abs(value) <= ROUNDING * scale)


def start_risk(w_star: tuple[float, ...], noise: FiniteNoise, L: float) -> float:
    """L²‖w_*‖² + Eξ², which bounds E L_S(h_1): before the first update h_1 = 0, whatever the labels are."""
    return (L * float(np.linalg.norm(w_star))) ** 2 + noise.second_moment


def where(x: Rows, noise: FiniteNoise, eps: float) -> str:
    """The instance in a few words."""
    return f"S={len(x)}, n={len(x[0])}, |ξ| ≤ {noise.bound:g}, ε={eps:g}"
