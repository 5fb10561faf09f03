"""Statements on nets with a single filter, on what the summary claims, and on the search for counterexamples."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mathdl.core.intervals import ALARM, mean_error
from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict
from mathdl.relu_gate.adversary import allowed, attack, certified
from mathdl.relu_gate.filter_training import filter_moments, gaussian_shrinkage, mean_square_after
from mathdl.relu_gate.single_filter import SingleFilterNet, leaky_relu
from mathdl.relu_gate.stationarity import drifting_chain, drifting_step, energy_test

EPS = 2.0 ** -52
SMALL_V = 1e-10  # w, w_* up to 30 long and v rarely below 1e-3: rounding of 1e-15 grows by 30/1e-3, twice in a square
PROVED = ("corrected 3.4.1", "improved 3.4.1", "variance 3.4.1", "replacement 3.5.3")
DEFAULT_TARGETS = ("printed 3.4.1", "k² without symmetry", "corrected 3.4.1", "printed 3.5.3", "replacement 3.5.3")


@statement("relu_gate/definition-16", "One filter, many patches", "Mukherjee 2020, Definition 16 and the note after it",
           says=r"f_w(x) = \tfrac1k \sum_i \sigma_\alpha(w^\top A_i x) = "
                r"\operatorname{mean} \sigma_\alpha(\operatorname{conv}(x, w))",
           measures="largest difference from the convolution, also for the net written with ReLU gates",
           hypotheses=("each A_i picks r different inputs",))
def single_filter(theorem: Theorem, /, *, length: int = 11, filter: int = 3, stride: int = 2, alpha: float = 0.2,
                  repeated_input: bool = False, seed: int = 0) -> Verdict:
    """The net against numpy's correlation, leaky gate and mean; with a repeated input it is no convolution."""
    rng = np.random.default_rng(seed)
    net = SingleFilterNet.from_conv1d(length, filter, stride, alpha=alpha)
    if repeated_input:
        A = net.A.copy()
        A[0, 1] = A[0, 0]
        net = SingleFilterNet(A, alpha)
    x, w = rng.standard_normal((50, length)), rng.standard_normal(filter)
    u = np.array([np.correlate(row, w, "valid")[::stride] for row in x])
    expected = np.where(u >= 0, u, alpha * u).mean(axis=1)
    gap = max(np.abs(net(w, x) - expected).max(), np.abs(net.as_relu_net(w)(x)[:, 0] - expected).max())
    return theorem.verdict(given=(net.is_patchwise,), measured=float(gap), equals=0,
                           error=8 * (filter + net.k) * EPS * np.abs(w).sum() * np.abs(x).max(),
                           instance=f"n={length}, r={filter}, stride {stride}, k={net.k}, α={alpha:g}")


@statement("relu_gate/ours-filter-tron", "GLM-Tron on one filter, symmetric inputs", "ours, on Algorithm 4",
           says=r"E\|v'\|^2 \le (1 - s b + s^2 c_1) \|v\|^2, \; "
                r"b = (1 + \alpha) \lambda_{\min}(\bar A \Sigma \bar A^\top)",
           measures="largest E‖v'‖² / ‖v‖² over many w, by enumeration",
           hypotheses=("x and −x equally likely", "Ā Σ Āᵀ positive definite"))
def filter_tron(theorem: Theorem, /, *, A: Sequence | None = None, points: Sequence | None = None, alpha: float = 0.2,
                symmetric: bool = True, step_factor: float = 1.0, iterates: int = 200, seed: int = 0) -> Verdict:
    """One update of w + s (y − f_w(x)) Āx from random w, exactly, on a law with finitely many points (and mirrors)."""
    rng = np.random.default_rng(seed)
    net = SingleFilterNet.from_conv1d(7, 3, 2, alpha=alpha) if A is None else SingleFilterNet(A, alpha)
    x = rng.standard_normal((6, net.n)) if points is None else np.asarray(points, dtype=float)
    x = np.vstack([x, -x]) if symmetric else x
    moments = filter_moments(net, x)
    s, w_star, worst = step_factor * moments.step, rng.standard_normal(net.r), 0.0
    for scale in rng.choice((0.01, 0.3, 1.0, 10.0), iterates):
        v = scale * rng.standard_normal(net.r)
        worst = max(worst, mean_square_after(net, x, w_star, w_star + v, s) / (v @ v))
    bound = 1 - s * moments.b + s ** 2 * moments.c1
    return theorem.verdict(given=(moments.is_symmetric, moments.b > 0), measured=worst, at_most=bound, trivial=1,
                           error=SMALL_V, instance=f"k={net.k}, r={net.r}, {len(x)} points, α={alpha:g}")


@statement("relu_gate/ours-filter-rest", "Where Algorithm 2 comes to rest with k patches", "ours, on Algorithm 2",
           says=r"E[1_{y > 0} (y - c\, \bar u)\, \bar u] = 0, \quad "
                r"c = \tfrac12 \big/ \big(1 - 2^{-k} (1 + \tfrac{2 (k-1)}{\pi})\big)",
           measures="the mean push along w_* at c w_*", hypotheses=("patches share no input", "α = 0"))
def filter_rest(theorem: Theorem, /, *, k: int = 2, filter: int = 2, stride: int | None = None, alpha: float = 0.0,
                samples: int = 100_000, seed: int = 0) -> Verdict:
    """The mean over Gaussian inputs of the update of Algorithm 2 at c w_*, in the direction of w_*; Monte Carlo."""
    stride = filter if stride is None else stride
    net = SingleFilterNet.from_conv1d(filter + (k - 1) * stride, filter, stride, alpha=alpha)
    overlaps = np.einsum("irn,jsn->ij", net.A, net.A) - np.diag(np.full(k, filter))
    x = np.random.default_rng(seed).standard_normal((samples, net.n))
    u = net.patches(x) @ np.full(filter, filter ** -0.5)  # w_* has length 1
    y, mean = leaky_relu(u, alpha).mean(1), u.mean(1)
    push = (y > 0) * (y - gaussian_shrinkage(k) * mean) * mean
    return theorem.verdict(given=(bool((overlaps == 0).all()), alpha == 0), measured=float(push.mean()), equals=0,
                           error=float(mean_error(push)), instance=f"k={k}, c={gaussian_shrinkage(k):.4f}, S={samples}")


@statement("relu_gate/discussion-3.2", "Within √T: for how long", "Mukherjee 2020, section 3.2, with Theorem 3.4.1",
           says=r"r_* \text{ exists} \;\Rightarrow\; T < 1 / (2 \eta^2 C^4)",
           measures="largest T for which some radius satisfies the printed condition",
           hypotheses=("C > 0", "η > 0"))
def radius_exists(theorem: Theorem, /, *, step: float = 0.01, data_norm: float = 1.0, n: int = 2, margin: float = 1.0,
                  start: float = 0.5) -> Verdict:
    """Bisection on T of "some r² from 10⁻⁶ to 10³⁰ has r² ≥ λ + ‖w_0 − w_*‖² + T (2η²C⁴r² + ηn)"."""
    eta, C, free = Fraction(step), Fraction(data_norm), Fraction(margin) + Fraction(start) ** 2
    squares = [Fraction(10) ** k for k in range(-6, 31)]  # fractions: in floats the constant terms would be lost
    low, high = 0, 2 ** 60
    while high - low > 1:
        T = (low + high) // 2
        exists = any(r2 >= free + T * (2 * eta ** 2 * C ** 4 * r2 + eta * n) for r2 in squares)
        low, high = (T, high) if exists else (low, T)
    return theorem.verdict(given=(data_norm > 0, step > 0), measured=low,
                           at_most=1 / (2 * step ** 2 * data_norm ** 4) if data_norm else 0,
                           instance=f"η={step:g}, C={data_norm:g}")


@statement("relu_gate/ours-samples-needed", "How many samples any algorithm needs", "ours, beside section 3.2",
           says=r"\text{labels determine } w_* \iff n \text{ samples have } y > 0",
           measures="samples drawn by the algorithm that waits for n active ones and solves, on average",
           hypotheses=("any n active samples are independent", "n − 1 active samples leave another gate"))
def samples_needed(theorem: Theorem, /, *, n: int = 5, runs: int = 2000, one_direction: bool = False,
                   seed: int = 0) -> Verdict:
    """Gaussian inputs: the mean time of the n-th active sample against n / P(y > 0) = 2n; the hypotheses by rank.

    With `one_direction` all inputs are multiples of one vector: the labels never determine the gate.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((runs, 12 * n + 60, n))
    x = x[..., :1] * np.ones(n) if one_direction else x
    w_star = np.eye(n)[0]
    order = np.argsort(x @ w_star <= 0, axis=1, kind="stable")[:, :n]
    found = np.take_along_axis(x, order[..., None], axis=1)
    full = np.linalg.svd(found, compute_uv=False)[:, -1] > 1e-12
    times = np.where(full, order[:, -1] + 1.0, np.inf)
    checked = [other_gate(found[i, :-1], x[i, :order[i, -1]], w_star) for i in range(50)]
    return theorem.verdict(given=(bool(full.all()), all(checked)), measured=float(times.mean()), equals=2 * n,
                           error=float(mean_error(times)) if full.all() else 0, instance=f"n={n}, R={runs}")


@statement("relu_gate/ours-no-limit-law", "Algorithm 3 need not converge in distribution", "ours, on section 3.6",
           says=r"\pi P = \pi, \quad \pi(w) = 1 \; (w < 0), \quad \pi(\tfrac14) = \pi(\tfrac34) = \tfrac12, "
                r"\quad \pi(\mathbb R) = \infty",
           measures="largest |πP − π| over the places looked at, in fractions",
           hypotheses=("every place is reached from every other",))
def no_limit_law(theorem: Theorem, /, *, places: int = 60, on_mass: Fraction = Fraction(1, 2)) -> Verdict:
    """The chain on one sample x = 1 with w_* = 1/4, η = 1, ξ_2 = ±1/2: an invariant measure with an infinite sum."""
    pi = np.array([Fraction(1)] * places + [on_mass] * 2, dtype=object)
    gap = np.abs(drifting_step(pi) - pi)[1:].max()
    spread = drifting_chain(places).mass  # from 1/4 to every place; from each place back to 1/4 by moves of +1/2
    return theorem.verdict(given=(bool((spread[1:] > 0).all()),), measured=gap, equals=0, instance=f"{places} places")


@statement("relu_gate/ours-energy-test", "The two-sample test keeps its level", "permutation test of energy distance",
           says=r"P(p \le q) \le q \text{ when both samples have one law}", measures="share of tests with p ≤ q",
           hypotheses=("both samples have one law", "rows are independent"))
def energy_level(theorem: Theorem, /, *, tests: int = 400, rows: int = 30, level: float = 0.2, shift: float = 0.0,
                 memory: float = 0.0, seed: int = 0) -> Verdict:
    """The test of the test: false alarms on samples of one law. With `memory` ρ the rows are steps of one chain."""
    from scipy.stats import binom

    rng, alarms = np.random.default_rng(seed), 0
    for _ in range(tests):
        a, b = stationary_rows(rows, memory, rng), stationary_rows(rows, memory, rng)
        alarms += energy_test(a, b + shift, relabellings=19, rng=rng).p_value <= level
    error = binom.isf(ALARM, tests, level) / tests - level
    return theorem.verdict(given=(shift == 0, memory == 0), measured=alarms / tests, at_most=level, error=error,
                           trivial=1, instance=f"{tests} tests of {rows} rows")


@statement("relu_gate/ours-adversary", "A search refutes what is false in print", "ours, on Theorems 3.4.1 and 3.5.3",
           says=r"\text{found } \tfrac{\text{measured}}{\text{bound}} > 1 \iff \text{the bound is not proved}",
           measures="bounds on which the search is wrong", hypotheses=(
               "every search starts where the bound holds", "every find meets the hypotheses of its bound"))
def adversary(theorem: Theorem, /, *, targets: Sequence[str] = DEFAULT_TARGETS, evaluations: int = 120,
              seed: int = 1) -> Verdict:
    """Each search from the neutral start; a find counts only with its exact certificate."""
    finds = {t: attack(t, evaluations=evaluations, rng=np.random.default_rng(seed)) for t in targets}
    wrong = sum((t in PROVED) == certified(f, t) for t, f in finds.items())
    return theorem.verdict(given=(all(f.start <= 0 for f in finds.values()), all(map(allowed, finds.values(), finds))),
                           measured=wrong, equals=0, instance=f"{len(finds)} bounds, {evaluations} tries each")


def other_gate(active: NDArray, seen: NDArray, w_star: NDArray) -> bool:
    """True when some w ≠ w_* has the label of w_* on every sample in `seen`, whose active ones are `active`.

    A direction orthogonal to the active samples, as long as no inactive sample becomes active.
    """
    u = np.linalg.svd(np.vstack([active, np.zeros((1, active.shape[1]))]))[2][-1]
    off = seen[seen @ w_star <= 0]
    rises = off @ u > 0
    t = 0.5 * min((-(off @ w_star)[rises] / (off @ u)[rises]).min(initial=1.0), 1.0)
    w = w_star + t * u
    same = np.abs(np.maximum(seen @ w, 0) - np.maximum(seen @ w_star, 0)).max(initial=0)
    return bool(same <= 1e-12 * np.abs(seen).max(initial=1) and np.linalg.norm(w - w_star) > 1e-6)


def stationary_rows(rows: int, memory: float, rng: np.random.Generator) -> NDArray:
    """Rows (rows, 2) of a stationary chain z_{t+1} = ρ z_t + √(1 − ρ²) ξ with Gaussian ξ; ρ = 0 is independence."""
    z = rng.standard_normal((rows, 2))
    for t in range(1, rows if memory else 0):
        z[t] = memory * z[t - 1] + (1 - memory ** 2) ** 0.5 * z[t]
    return z
