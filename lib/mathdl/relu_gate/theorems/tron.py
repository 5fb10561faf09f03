"""Statements on Algorithm 4, Lemma 3.5.1, Theorem 3.5.2."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.relu_gate.activations import EPS, Activation, relu
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.tron_bounds import (
    TronStepBound,
    first_hit,
    summed_risk_bound,
    tron_step_bound,
    tron_steps,
    tron_threshold,
)
from mathdl.relu_gate.tron_problem import (
    HYPOTHESES,
    TronProblem,
    drifting_problem,
    random_problem,
    slow_problem,
    stubborn_problem,
)

Array = NDArray[np.float64]
SHAPE = (HYPOTHESES[0], HYPOTHESES[2], HYPOTHESES[3])  # what the lemma asks of inputs and activation


@statement("relu_gate/algorithm-4", "GLM-Tron", "Mukherjee 2020, Algorithm 4",
           says=r"\mathbf w_{t+1} = \mathbf w_t + \tfrac1S \textstyle\sum_i (y_i - \sigma(\langle \mathbf w_t, "
                r"\mathbf x_i\rangle))\, \mathbf x_i",
           measures="largest difference of a weight to the printed loop in Fractions",
           hypotheses=("‖x_i‖ ≤ 1", "0 ≤ slope ≤ 2"))
def algorithm(theorem: Theorem, /, *, samples: int = 5, n_inputs: int = 3, updates: int = 6, L: int | Fraction = 1,
              longest: int = 1, seed: int = 0) -> Verdict:
    """The vectorised run against the printed loop in exact rational numbers, on a ReLU of slope L.

    Under the hypotheses an update brings no two weights further apart, so the roundings of the updates only add up.
    """
    rng = np.random.default_rng(seed)
    x = [[Fraction(int(v), 8 * n_inputs) * longest for v in row] for row in rng.integers(-8, 9, (samples, n_inputs))]
    y = [Fraction(int(v), 4) for v in rng.integers(-4, 9, samples)]
    exact = printed_loop(x, y, Fraction(L), updates)
    gate = Activation("", lambda u: float(L) * np.maximum(u, 0), float(L))
    run = glm_tron(np.array(x, dtype=float), np.array(y, dtype=float), gate, updates)
    size = 2 + (1 + float(L)) * np.abs(run.w).max() * n_inputs
    norms = [sum(v * v for v in row) for row in x]
    return theorem.verdict(given=(max(norms) <= 1, 0 <= L <= 2),
                           measured=max(abs(float(a) - b) for a, b in zip(exact, run.w[-1], strict=True)), equals=0,
                           error=updates * (samples + n_inputs + 6) * EPS * size * n_inputs,
                           instance=f"S={samples}, n={n_inputs}, L={L}, {updates} updates")


def printed_loop(x: list[list[Fraction]], y: list[Fraction], L: Fraction, updates: int) -> list[Fraction]:
    """Algorithm 4 as it is printed, one sample and one weight at a time, for a ReLU of slope L."""
    w = [Fraction(0)] * len(x[0])
    for _ in range(updates):
        left = [b - L * max(sum(p * q for p, q in zip(w, row, strict=True)), 0) for row, b in zip(x, y, strict=True)]
        w = [v + sum(r * row[j] for r, row in zip(left, x, strict=True)) / len(x) for j, v in enumerate(w)]
    return w


@statement("relu_gate/lemma-3.5.1", "One step of GLM-Tron", "Mukherjee 2020, Lemma 3.5.1",
           says=r"\|\mathbf w_{t+1}-\mathbf w\|^2 \le \|\mathbf w_t-\mathbf w\|^2 - (\tfrac2L-1)\tilde L_S(h_t) + "
                r"\eta^2 + 2\eta W(L+1)",
           measures="largest excess of the left side over the right side", hypotheses=(*SHAPE, "‖w_t − w‖ ≤ W"))
def one_step(theorem: Theorem, /, *, activation: Activation = relu, longest: float = 1.0, reach: float = 1.0,
             instances: int = 300, seed: int = 0) -> Verdict:
    """Random data, references and iterates; W is `reach` times the distance ‖w_t − w‖."""
    bounds, given = random_steps(activation, longest, reach, instances, seed)
    return theorem.verdict(given=(*given, reach >= 1), at_most=0, **excess(bounds, "printed"))


@statement("relu_gate/ours-sharper-step", "One step, without W", "ours, beside Mukherjee 2020, Lemma 3.5.1",
           says=r"\|\mathbf w_{t+1}-\mathbf w\| \le \sqrt{\|\mathbf w_t-\mathbf w\|^2 - (\tfrac2L-1)\tilde L_S(h_t)} "
                r"+ \eta", measures="largest excess of the left side over the right side, squared", hypotheses=SHAPE)
def sharper_step(theorem: Theorem, /, *, activation: Activation = relu, longest: float = 1.0, instances: int = 300,
                 seed: int = 0) -> Verdict:
    """The same random steps as for Lemma 3.5.1, against the triangle inequality on top of the noiseless step."""
    bounds, given = random_steps(activation, longest, 1.0, instances, seed)
    return theorem.verdict(given=given, at_most=0, **excess(bounds, "sharp"))


def random_steps(activation: Activation, longest: float, reach: float, instances: int,
                 seed: int) -> tuple[list[TronStepBound], tuple[bool, ...]]:
    """Steps from w_t = w_* + v with ‖v‖ up to ‖w_*‖, and which of SHAPE hold on all of the data."""
    rng = np.random.default_rng(seed)
    bounds, given = [], []
    for _ in range(instances):
        S, n = (int(k) for k in rng.integers(1, 6, 2))
        p = random_problem(S, n, rng.uniform(0.5, 3), rng.uniform(0, 1), activation, longest=longest, rng=rng)
        v = rng.standard_normal(n)
        v *= p.W * rng.uniform() / np.linalg.norm(v)
        bounds.append(tron_step_bound(p.x, p.y, p.w_star + v, p.w_star, activation, W=reach * np.linalg.norm(v)))
        given.append(p.given)
    held = np.all(given, axis=0)
    return bounds, (held[0], held[2], held[3])


def excess(bounds: list[TronStepBound], kind: str) -> dict:
    """The worst left side minus right side, the worst rounding, and on how many steps the left side is larger."""
    gaps = np.array([b.after - getattr(b, kind) for b in bounds])
    rounding = np.array([b.rounding for b in bounds])
    return {"measured": float(gaps.max()), "error": float(rounding.max()),
            "instance": f"{len(bounds)} steps, {int((gaps > rounding).sum())} above"}


@statement("relu_gate/theorem-3.5.2", "GLM-Tron reaches the noise level", "Mukherjee 2020, Theorem 3.5.2, corrected",
           says=r"\min_{t \le \lfloor W^2/\epsilon \rfloor + 1} \tilde L_S(h_t) < \tfrac{L}{2-L}\big(\epsilon + "
                r"\theta^2 + 2\theta W(L+1)\big)",
           measures="least effective risk of these iterates", hypotheses=(*HYPOTHESES, "W ≥ ‖w_*‖"))
def reaches_the_noise(theorem: Theorem, /, *, problem: TronProblem | None = None, epsilon: float = 0.03,
                      W: float | None = None, seed: int = 0) -> Verdict:
    """The least effective risk of the first iterates against the threshold; known without it: L² W², at the start."""
    return hit_verdict(theorem, problem or usual_problem(seed), epsilon, W, "printed")


@statement("relu_gate/ours-noise-floor", "GLM-Tron below the noise level",
           "ours, beside Mukherjee 2020, Theorem 3.5.2",
           says=r"\min_{t \le \lfloor W^2/\epsilon \rfloor + 1} \tilde L_S(h_t) < \tfrac{L}{2-L}\big(\epsilon + "
                r"2\theta\sqrt{W^2-\epsilon} - \theta^2\big)",
           measures="least effective risk of these iterates", hypotheses=(*HYPOTHESES, "W ≥ ‖w_*‖"))
def below_the_noise(theorem: Theorem, /, *, problem: TronProblem | None = None, epsilon: float = 0.03,
                    W: float | None = None, seed: int = 0) -> Verdict:
    """As Theorem 3.5.2, with the threshold that the sharper step gives."""
    return hit_verdict(theorem, problem or usual_problem(seed), epsilon, W, "sharp")


def usual_problem(seed: int) -> TronProblem:
    """Eight samples in the plane, ‖w_*‖ = 2, noise ±0.01."""
    return random_problem(8, 2, 2.0, 0.01, rng=np.random.default_rng(seed))


def hit_verdict(theorem: Theorem, p: TronProblem, epsilon: float, W: float | None, kind: str) -> Verdict:
    """The least effective risk among the first ⌊W²/ε⌋ + 1 iterates; the threshold is inf where L ≥ 2."""
    W, L = p.W if W is None else W, p.activation.lipschitz
    T = tron_steps(W, epsilon)
    risk = p.run(T - 1).effective_risk
    threshold = tron_threshold(L, epsilon, p.theta, W, kind) if L < 2 else math.inf
    hit = int(first_hit(risk, threshold))
    words = f"T={T}, " + (f"first below at t={hit}" if hit else "never below")
    return theorem.verdict(given=(*p.given, p.W <= W), measured=float(np.nanmin(risk)), at_most=threshold,
                           trivial=(L * W) ** 2, instance="; ".join([words, *filter(None, p.failures)]))


@statement("relu_gate/ours-noise-order", "Noise of size θ costs about θ W", "ours",
           says=r"\min_t \tilde L_S(h_t) \ge 0.36\, \theta W \text{ on the stubborn sample}",
           measures="least effective risk of the iterates", hypotheses=HYPOTHESES)
def noise_order(theorem: Theorem, /, *, W: float = 10.0, theta: float = 0.5, updates: int = 1000) -> Verdict:
    """Four samples on which the iterates only move sideways, so that the risk stays at its start for ever.

    What rounds is a first weight that is 0: up to (S + n + 8) eps W an update, which the risk sees at most twice.
    """
    p = stubborn_problem(W, theta)
    risk = p.run(updates).effective_risk
    return theorem.verdict(given=p.given, measured=float(risk.min()), at_least=0.36 * theta * W, trivial=0,
                           error=2 * updates * 14 * EPS * W ** 2,
                           instance=f"W={W:g}, θ={theta:g}, {updates} updates, θ²={theta ** 2:.4g}")


@statement("relu_gate/ours-summed-risk", "All effective risks together", "ours, after Mukherjee 2020, 3.B",
           says=r"\textstyle\sum_{t=1}^{T} \tilde L_S(h_t) \le \tfrac{L}{2-L} \|\mathbf w_*\|^2",
           measures="sum of the effective risks of T iterates", hypotheses=(*HYPOTHESES, "θ = 0"))
def summed_risk(theorem: Theorem, /, *, problem: TronProblem | None = None, iterates: int = 200,
                seed: int = 0) -> Verdict:
    """The risks of all iterates added up. Rounding: each is good to (S + n + 8) eps of itself and of its iterate."""
    p = problem or random_problem(20, 5, 2.0, 0.0, rng=np.random.default_rng(seed))
    risk, L = p.run(iterates - 1).effective_risk, p.activation.lipschitz
    bound = summed_risk_bound(L, p.W) if L < 2 else math.inf
    return theorem.verdict(given=(*p.given, p.theta == 0), measured=float(risk.sum()), at_most=bound,
                           error=4 * iterates * (sum(p.x.shape) + 8) * EPS * (1 + L) ** 2 * p.W ** 2,
                           instance=f"L={L:g}, T={iterates}, mean risk {risk.mean():.4g}")


@statement("relu_gate/ours-tight-horizon", "No better than ‖w_*‖²/(2eε) steps", "ours",
           says=r"t_{\text{first hit}} \ge \lfloor W^2/(2e\epsilon) \rfloor + 1 \text{ for } x = "
                r"1/\sqrt{2 \lfloor W^2/(2e\epsilon) \rfloor}",
           measures="first time with effective risk below ε", hypotheses=("2eε ≤ W²",))
def tight_horizon(theorem: Theorem, /, *, W: float = 2.0, epsilon: float = 0.01) -> Verdict:
    """One sample, no noise, L = 1: the risk at time t ≤ T is at least W²/(2T) (1 − 1/(2T))^(2T−2) > W²/(2eT) ≥ ε."""
    T = math.floor(W * W / (2 * math.e * epsilon))
    hit = int(first_hit(slow_problem(W, T).run(tron_steps(W, epsilon)).effective_risk, epsilon))
    return theorem.verdict(given=(2 * math.e * epsilon <= W * W,), measured=hit, at_least=T + 1, trivial=1,
                           instance=f"W={W:g}, ε={epsilon:g}, enough are {tron_steps(W, epsilon)}")


@statement("relu_gate/ours-matching-loss", "GLM-Tron descends another loss", "ours",
           says=r"F(\mathbf w_{t+1}) \le F(\mathbf w_t) - (1 - \tfrac L2) \|\mathbf w_{t+1}-\mathbf w_t\|^2, \quad "
                r"F(\mathbf w) = \tfrac1S \textstyle\sum_i \int_0^{\langle \mathbf w, \mathbf x_i \rangle} "
                r"(\sigma(u) - y_i)\, du",
           measures="largest excess of the left side over the right side", hypotheses=(*SHAPE, "L ≤ 2"))
def matching_loss(theorem: Theorem, /, *, activation: Activation = relu, longest: float = 1.0, theta: float = 1.0,
                  runs: int = 20, updates: int = 30, seed: int = 0) -> Verdict:
    """F along random runs with labels of any kind; F is convex, and an update is −∇F, a step of size 1."""
    rng = np.random.default_rng(seed)
    worst, given = [], []
    for _ in range(runs):
        p = random_problem(6, 3, 2.0, theta, activation, longest=longest, rng=rng)
        w = p.run(updates).w
        F = loss_matched(p.x, p.y, w, activation)
        moved = (np.diff(w, axis=0) ** 2).sum(axis=1)
        size = (1 + activation.lipschitz) * (np.abs(w).max() * 3 + np.abs(p.y).max()) ** 2
        worst.append((float((np.diff(F) + (1 - activation.lipschitz / 2) * moved).max()), 80 * EPS * size))
        given.append(p.given)
    held = np.all(given, axis=0)
    value, error = np.max(worst, axis=0)
    return theorem.verdict(given=(held[0], held[2], held[3], activation.lipschitz <= 2), measured=float(value),
                           at_most=0, error=float(error), instance=f"{activation.name}, {runs} runs, {updates} updates")


def loss_matched(x: Array, y: Array, w: Array, activation: Activation) -> Array:
    """F(w) = mean of ∫₀^⟨w, x_i⟩ (σ(u) − y_i) du for weights (..., n); its gradient is minus the update of GLM-Tron."""
    u = w @ x.T
    return (activation.antiderivative(u) - y * u).mean(axis=-1)


@statement("relu_gate/erratum-E8", "The printed number of steps", "Mukherjee 2020, Theorem 3.5.2, as printed",
           says=r"\min_{t \le \|\mathbf w_*\|/\epsilon} \tilde L_S(h_t) < \tfrac{L}{2-L}\big(\epsilon + \theta^2 + "
                r"2\theta W(L+1)\big)",
           measures="least effective risk of these iterates", hypotheses=HYPOTHESES, expected=State.VIOLATED,
           erratum="The proof gains ε of the squared distance ‖w_*‖² a step, so ‖w_*‖²/ε steps are what it gives: "
                   "⌊‖w_*‖²/ε⌋ + 1 iterates, and the first of them that is good, not the last.")
def printed_time(theorem: Theorem, /, *, W: float = 20.0, epsilon: float = 0.1) -> Verdict:
    """One sample x = 1/√(2T) with T = ‖w_*‖/ε, no noise, L = 1. Each of the T updates rounds by at most 8 eps W."""
    T = max(tron_steps(W, epsilon, "printed"), 1)
    p = slow_problem(W, T)
    risk = p.run(tron_steps(W, epsilon) - 1).effective_risk
    return theorem.verdict(given=p.given, measured=float(risk[:T].min()), at_most=tron_threshold(1, epsilon, 0, W),
                           error=16 * T * EPS * W ** 2, trivial=W ** 2,
                           instance=f"W={W:g}, ε={epsilon:g}, T={T}, first below at t={int(first_hit(risk, epsilon))}, "
                                    f"{tron_steps(W, epsilon)} are enough")


@statement("relu_gate/erratum-E9", "The lemma for all t", "Mukherjee 2020, Lemma 3.5.1, as printed",
           says=r"\forall t: \|\mathbf w_{t+1}-\mathbf w\|^2 \le \|\mathbf w_t-\mathbf w\|^2 - (\tfrac2L-1)"
                r"\tilde L_S(h_t) + \eta^2 + 2\eta W(L+1)",
           measures="largest excess of the left side over the right side",
           hypotheses=(*SHAPE, "‖w_1 − w‖ ≤ W"), expected=State.VIOLATED,
           erratum="The lemma is about one step, and holds at the times t with ‖w_t − w‖ ≤ W. In Theorem 3.5.2, which "
                   "does not define W, it has to be ‖w_*‖.")
def printed_for_all_times(theorem: Theorem, /, *, distance: float = 1.0, noise: float = -0.5,
                          updates: int = 20) -> Verdict:
    """One sample with a label that no ReLU can have: the iterates drift away, and W = ‖w_1 − w_*‖ does not follow."""
    p = drifting_problem(distance, noise)
    w = p.run(updates).w[:-1]
    W = float(np.linalg.norm(w[0] - p.w_star))
    b = tron_step_bound(p.x, p.y, w, p.w_star, p.activation, W=W)
    gaps = b.after - b.printed
    i = int(np.argmax(gaps > b.rounding))
    first = f"first at t={i + 1}: ‖w_t − w‖ = {math.sqrt(b.before[i]):g} > W = {W:g}"
    return theorem.verdict(given=(p.given[0], p.given[2], p.given[3], bool(b.before[0] <= W * W)),
                           measured=float(gaps.max()), at_most=0, error=float(b.rounding.max()),
                           instance=first if (gaps > b.rounding).any() else f"{updates} updates, none above")
