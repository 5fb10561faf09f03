"""Statements on Algorithm 3, its gradient and its supermartingale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.relu_gate.azuma import azuma_bound, freedman_bound, walk_crossing, walk_tail
from mathdl.relu_gate.co_coercivity import Monotonicity, monotonicity
from mathdl.relu_gate.confinement import confinement_bound
from mathdl.relu_gate.dynamics_instances import ball_points, drawn_data, named_noise, rare_recoil
from mathdl.relu_gate.exit_probability import walk_exit
from mathdl.relu_gate.gates import labels, relu
from mathdl.relu_gate.noise import NoNoise, SphereNoise
from mathdl.relu_gate.noise_law import is_zero
from mathdl.relu_gate.noisy_gd import noisy_gd
from mathdl.relu_gate.steps import gate_gradient
from mathdl.relu_gate.stopped_process import extreme_increments, k_constant, mean_increment, reach

Array = NDArray[np.float64]
EPS = np.finfo(float).eps
ACTIVATIONS = {"relu": relu, "decreasing": np.negative, "slope 2": lambda u: 2 * relu(u)}
GRID = np.linspace(-2, 2, 401)


@statement("relu_gate/algorithm-3", "Without noise the distance never grows",
           "Mukherjee 2020, Algorithm 3; the step limit is ours",
           says=r"\xi_1 = \xi_2 = 0,\ \eta \le 2/C^2 \implies \|w_{t+1} - w_*\| \le \|w_t - w_*\|",
           measures="largest growth of the squared distance in one step, in units of the first",
           hypotheses=("no noise", "η ≤ 2/C²"))
def no_noise(theorem: Theorem, /, *, relative_step: float = 2.0, noise_length: float = 0.0, samples: int = 20,
             n_inputs: int = 3, updates: int = 200, seed: int = 0) -> Verdict:
    """All steps of 20 runs from random starts, with η = `relative_step`/C²; one sample in R^1 starts at w_* + 1/2."""
    rng = np.random.default_rng(seed)
    x, w_star = drawn_data(samples, n_inputs, rng)
    start = w_star + (0.5 if samples == n_inputs == 1 else rng.standard_normal((20, n_inputs)))
    step, noise = relative_step / reach(x) ** 2, SphereNoise(n_inputs, noise_length)
    runs = noisy_gd(x, labels(x, w_star), start, w_star=w_star, step=step, noise1=NoNoise(n_inputs), noise2=noise,
                    updates=updates, runs=20, rng=rng)
    first = runs.at(0)
    rounding = 8 * (samples + n_inputs) * EPS * (1 + np.linalg.norm(w_star) / np.sqrt(first.min())) ** 2
    return theorem.verdict(given=(noise.bound == 0, relative_step <= 2), at_most=0, error=max(1, step) * rounding,
                           measured=float((np.diff(runs.squared_distance, axis=0) / first).max()),
                           instance=f"n={n_inputs}, S={samples}, ηC²={relative_step:g}, {updates} updates, 20 runs")


@statement("relu_gate/lemma-3.4.2", "The gradient points away from the target", "Mukherjee 2020, Lemma 3.4.2",
           says=r"\langle w - w_*, g\rangle \ge \frac1S\sum_i 1_{w^\top x_i \ge 0}(f_w(x_i) - f_{w_*}(x_i))^2 \ge 0",
           measures="least left side minus right side, in units of C²(‖w‖ + ‖w_*‖)²",
           hypotheses=("labels are realizable", "the activation does not decrease", "its slope is at most 1"))
def gradient_direction(theorem: Theorem, /, *, label_noise: float = 0.0, activation: str = "relu", samples: int = 10,
                       n_inputs: int = 4, instances: int = 2000, seed: int = 0) -> Verdict:
    """Random data, w and w_*, of lengths from 0.1 to 10; at x = 1, w = 2, w_* = 1 both sides are equal."""
    found = random_instances(label_noise, activation, samples, n_inputs, instances, seed)
    return theorem.verdict(given=lemma_hypotheses(label_noise, activation), at_least=0,
                           measured=float(((found.inner - found.squares) / found.scale).min()),
                           error=8 * (samples + n_inputs) * EPS,
                           instance=f"n={n_inputs}, S={samples}, {activation}, {instances} instances")


@statement("relu_gate/ours-co-coercive", "The gradient is co-coercive at the target", "ours, from Lemma 3.4.2",
           says=r"\langle w - w_*, g\rangle \ge \|g\|^2/C^2",
           measures="least left side minus right side, in units of C²(‖w‖ + ‖w_*‖)²",
           hypotheses=("labels are realizable", "the activation does not decrease", "its slope is at most 1"))
def co_coercive(theorem: Theorem, /, *, label_noise: float = 0.0, activation: str = "relu", samples: int = 10,
                n_inputs: int = 4, instances: int = 2000, seed: int = 0) -> Verdict:
    """The same instances as for Lemma 3.4.2; with one sample, active under w and w_*, both sides are equal."""
    found = random_instances(label_noise, activation, samples, n_inputs, instances, seed)
    return theorem.verdict(given=lemma_hypotheses(label_noise, activation), at_least=0,
                           measured=float(((found.inner - found.gradient) / found.scale).min()),
                           error=8 * (samples + n_inputs) * EPS,
                           instance=f"n={n_inputs}, S={samples}, {activation}, {instances} instances")


@statement("relu_gate/equation-3.11", "z is a supermartingale", "Mukherjee 2020, (3.11), (3.16) and Section 3.4",
           says=r"E[z_{t+1} - z_t \mid w'_t] \le 0", measures="largest conditional mean increment, by exact moments",
           hypotheses=("Eξ₁ = 0", "Eξ₂' = 0", "E⟨ξ₁, ξ₂'⟩ = 0", "C_L < √n"))
def supermartingale(theorem: Theorem, /, *, noise: str = "sphere", first: str = "sphere", cut: float = 0.5,
                    step: float = 0.01, r: float = 1.0, S1: float = 0.1, correlation: float = 0.0, samples: int = 20,
                    n_inputs: int = 3, instances: int = 2000, seed: int = 0) -> Verdict:
    """Random w in the ball, some on its edge and one at w_*; `cut` is C_L/√n, `correlation` that of ξ₁ and ξ₂'."""
    rng = np.random.default_rng(seed)
    x, w_star = drawn_data(samples, n_inputs, rng)
    C_L = cut * math.sqrt(n_inputs)
    one, second = named_noise(first, n_inputs, S1), named_noise(noise, n_inputs, C_L)
    cross = correlation * S1 * math.sqrt(second.truncated_second_moment(C_L))
    w = np.vstack([w_star, w_star + ball_points(instances, n_inputs, r, rng)])
    mean = mean_increment(x, labels(x, w_star), w, w_star=w_star, step=step, noise1=one, noise2=second, C_L=C_L,
                          r=r, cross=cross)
    rounding = 8 * (samples + n_inputs) * EPS * (r + np.linalg.norm(w_star)) ** 2
    return theorem.verdict(given=(is_zero(one.mean, S1), "Eξ₂' = 0" not in second.breaks(C_L), cross == 0, cut < 1),
                           measured=float(mean.max()), at_most=0, error=rounding,
                           instance=f"n={n_inputs}, {noise} noise, C_L²/n={cut * cut:.4g}, η={step:g}, r={r:g}")


@statement("relu_gate/lemma-3.4.3", "One step of z is at most k", "Mukherjee 2020, Lemma 3.4.3, (3.15) to (3.20)",
           says=r"|z_{t+1} - z_t| \le k", measures="largest possible |z_{t+1} − z_t| over k",
           hypotheses=("η > 0 is constant", "C_L < √n"))
def bounded_differences(theorem: Theorem, /, *, kind: str = "corrected", step: float = 1e-3, cut: float = 0.35,
                        r: float = 1.0, S1: float = 0.1, samples: int = 20, n_inputs: int = 2, instances: int = 2000,
                        seed: int = 0) -> Verdict:
    """The worst bounded noise at random places in the ball, on its edge and outside; `cut` is C_L/√n."""
    worst, given, told = worst_step(kind, step, cut, r, S1, samples, n_inputs, instances, seed)
    return theorem.verdict(given=given, measured=worst, at_most=1, error=1e-12, instance=told)


@statement("relu_gate/ours-smaller-difference", "A smaller k", "ours, beside Lemma 3.4.3",
           says=r"|z_{t+1} - z_t| \le 2r_*(\eta S_1 + \sqrt\eta C_L + \eta C^2 r_*) "
                r"+ 2\eta^2(C^4r_*^2 + S_1^2) + \eta n \le k",
           measures="largest possible |z_{t+1} − z_t| over the smaller k",
           hypotheses=("η > 0 is constant", "C_L < √n"))
def smaller_difference(theorem: Theorem, /, *, step: float = 1e-3, cut: float = 0.35, r: float = 1.0, S1: float = 0.1,
                       samples: int = 20, n_inputs: int = 2, instances: int = 2000, seed: int = 0) -> Verdict:
    """As for Lemma 3.4.3; this value also lies below the k printed with C²r², so that misprint does no harm."""
    worst, given, told = worst_step("smaller", step, cut, r, S1, samples, n_inputs, instances, seed)
    return theorem.verdict(given=given, measured=worst, at_most=1, error=1e-12, instance=told)


@statement("relu_gate/theorem-3.D.1", "Azuma-Hoeffding for supermartingales", "Mukherjee 2020, Theorem 3.D.1",
           says=r"P[X_n - X_0 \ge \lambda] \le e^{-\lambda^2/(2\sum_i c_i^2)}",
           measures="exact probability for a walk", hypotheses=("|X_i − X_{i−1}| ≤ c", "E[X_i − X_{i−1}] ≤ 0"))
def azuma(theorem: Theorem, /, *, steps: int = 50, level: float = 20, values: Sequence[int] = (-1, 1),
          weights: Sequence[float] = (0.5, 0.5), c: float = 1.0) -> Verdict:
    """Independent steps `values` with probabilities `weights`: the distribution of the sum by convolution."""
    exact = walk_tail(steps, level, values, weights)
    return theorem.verdict(given=(max(map(abs, values)) <= c, walk_mean(values, weights) <= 0), measured=exact,
                           at_most=azuma_bound([c] * steps, level), trivial=1, error=2 * steps * len(values) * EPS,
                           instance=f"{steps} steps, λ={level:g}")


@statement("relu_gate/ours-freedman", "Freedman's bound sees the variance", "Freedman 1975, Theorem 1.6; proof ours",
           says=r"P[\max_{t\le n} X_t - X_0 \ge \lambda] \le e^{-(V/c^2)\,h(c\lambda/V)},\ h(u) = (1+u)\log(1+u) - u",
           measures="exact probability that a walk reaches the level",
           hypotheses=("X_i − X_{i−1} ≤ c", "E[X_i − X_{i−1}] ≤ 0", "Σ E(X_i − X_{i−1})² ≤ V"))
def freedman(theorem: Theorem, /, *, steps: int = 400, level: float = 20, values: Sequence[int] = (-1, 0, 1),
             weights: Sequence[float] = (0.025, 0.95, 0.025), c: float = 1.0, variance: float | None = None) -> Verdict:
    """A walk that mostly rests: exact first passage, beside the bound; Azuma-Hoeffding's is the trivial one."""
    second = steps * math.fsum(w * v * v for v, w in zip(values, weights, strict=True))
    V = second if variance is None else variance
    known = min(1.0, azuma_bound([max(map(abs, values))] * steps, level))
    return theorem.verdict(given=(max(values) <= c, walk_mean(values, weights) <= 0, second <= V),
                           measured=walk_crossing(steps, level, values, weights), at_most=freedman_bound(V, c, level),
                           trivial=known, error=2 * steps * len(values) * EPS,
                           instance=f"{steps} steps, λ={level:g}, V={V:.6g}; Azuma-Hoeffding {known:.4g}")


@statement("relu_gate/erratum-E5", "Mean zero is not enough", "Mukherjee 2020, Theorem 3.4.1 and the text after (3.11)",
           says=r"E\xi_2 = 0 \implies P[\exists i \le i_{\max}: \|w_i - w_*\| > r_*] \le "
                r"i_{\max}\bigl(P[\|\xi_2\| > C_L] + e^{-\lambda^2/(2 i_{\max}k^2)}\bigr)",
           measures="exact probability of leaving the ball",
           hypotheses=("labels are realizable", "‖ξ₁‖ ≤ S₁ < ∞", "Eξ₁ = 0", "η below the limit", "C_L < √n", "Eξ₂ = 0",
                       "E‖ξ₂‖² < n"),
           erratum="the proof needs a mean of zero after truncation, Eξ₂' = 0, which a symmetric law has; ξ₁ and ξ₂' "
                   "have to be uncorrelated",
           expected=State.VIOLATED)
def mean_zero_is_not_enough(theorem: Theorem, /, *, symmetric: bool = False, rare: float = 1e-4, start: float = 1e5,
                            margin: float = 1.8e6, n_inputs: int = 100, updates: int = 100) -> Verdict:
    """Noise 0.1 outward almost always, one long way back rarely; `symmetric` flips a coin for its sign.

    Neither noise nor gradient leaves the first axis, so the process is a walk on a line and its law is enumerated.
    """
    descent = rare_recoil(symmetric, rare, start, margin, n_inputs, updates)
    bound, moves = confinement_bound(descent.setting()), descent.noise2
    exact = walk_exit(start, moves.points[:, 0], moves.weights, updates=updates, radius=bound.radius)
    printed = descent.hypotheses("printed")
    return theorem.verdict(given=tuple(printed[h] for h in theorem.hypotheses), measured=exact.value, trivial=1,
                           at_most=bound.tail + updates * math.exp(bound.log_exponential), error=1e-12,
                           instance=f"n={n_inputs}, i_max={updates}, R={start:g}, λ={margin:g}, r_*={bound.radius:.8g}")


@statement("relu_gate/erratum-E7", "A square too many in k", "Mukherjee 2020, k before Lemma 3.4.3",
           says=r"\|w - w_* - \eta(g + \xi_1)\| \le r_* + \eta(C^2r_*^2 + S_1) \quad\text{for } \|w - w_*\| \le r_*",
           measures="largest left side", hypotheses=("η > 0 is constant", "‖w − w_*‖ ≤ r_*"),
           erratum="by (3.9), and in (3.20), the bracket is r_* + η(C²r_* + S₁); the d in (3.17) is n",
           expected=State.VIOLATED)
def printed_bracket(theorem: Theorem, /, *, kind: str = "printed", step: float = 1.0, C: float = 2.0, r: float = 0.25,
                    S1: float = 0.1, farthest: float = 1.0) -> Verdict:
    """One sample x = C in R^1, w_* = 2r, ξ₁ = ±S₁, a grid of |w − w_*| ≤ `farthest` r; k has this bracket."""
    x, w_star = np.array([[C]]), np.array([2 * r])
    u = farthest * np.linspace(-r, r, 201)[:, None]
    after = u - step * gate_gradient(u + w_star, x, labels(x, w_star))
    return theorem.verdict(given=(step > 0, bool(np.abs(u).max() <= r)),
                           measured=float(np.abs(after).max() + step * S1), error=16 * EPS * step * C * C * r,
                           at_most=r + step * (C ** 2 * (r ** 2 if kind == "printed" else r) + S1),
                           instance=f"n=S=1, x={C:g}, η={step:g}, r_*={r:g}, S₁={S1:g}")


def random_instances(label_noise: float, activation: str, samples: int, n_inputs: int, instances: int,
                     seed: int) -> Monotonicity:
    """Both sides of Lemma 3.4.2 on random data, and on one sample x = 1, w = 2, w_* = 1 when n = S = 1."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((instances, samples, n_inputs))
    w, w_star = rng.standard_normal((2, instances, n_inputs)) * 10 ** rng.uniform(-1, 1, (2, instances, 1))
    if samples == n_inputs == 1:
        x, w, w_star = np.ones((1, 1, 1)), np.full((1, 1), 2.0), np.ones((1, 1))
    noise = label_noise * rng.standard_normal(x.shape[:2])
    return monotonicity(x, w, w_star, label_noise=noise, activation=ACTIVATIONS[activation])


def lemma_hypotheses(label_noise: float, activation: str) -> tuple[bool, bool, bool]:
    """Realizable, non-decreasing and slope at most 1, the last two on a grid."""
    slopes = np.diff(ACTIVATIONS[activation](GRID)) / np.diff(GRID)
    return label_noise == 0, bool(slopes.min() >= 0), bool(slopes.max() <= 1 + 1e-9)


def worst_step(kind: str, step: float, cut: float, r: float, S1: float, samples: int, n_inputs: int, instances: int,
               seed: int) -> tuple[float, tuple[bool, bool], str]:
    """The largest possible |z_{t+1} − z_t|/k, the hypotheses of Lemma 3.4.3, and the instance in words."""
    rng = np.random.default_rng(seed)
    x, w_star = drawn_data(samples, n_inputs, rng)
    C_L, inside = cut * math.sqrt(n_inputs), ball_points(instances, n_inputs, r, rng)
    w = w_star + np.vstack([inside, np.zeros((1, n_inputs)), 2 * inside])
    low, high = extreme_increments(x, labels(x, w_star), w, w_star=w_star, step=step, S1=S1, C_L=C_L, r=r)
    k = k_constant(step, C_L, r, reach(x), S1, n_inputs, kind)
    told = f"n={n_inputs}, S={samples}, η={step:g}, C_L={C_L:g}, S₁={S1:g}, r_*={r:g}, k={k:.6g}"
    return float(max(-low.min(), high.max()) / k), (step > 0, cut < 1), told


def walk_mean(values: Sequence[int], weights: Sequence[float]) -> float:
    """The mean step, to a rounding that counts as zero."""
    mean = math.fsum(v * w for v, w in zip(values, weights, strict=True))
    return 0.0 if abs(mean) <= 4 * EPS * max(map(abs, values)) else mean


