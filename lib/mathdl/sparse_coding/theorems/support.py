"""Statements on Theorem 4.3.1, recovery of the support by a layer of gates."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from mathdl.core.intervals import mean_error
from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.sparse_coding.code_laws import CodeLaw, TwoValued
from mathdl.sparse_coding.dependent_codes import TwoHalves, largest_covariance, line_codes, sum_tail
from mathdl.sparse_coding.dictionaries import gaussian, identity_hadamard, welch_bound
from mathdl.sparse_coding.finite_entries import JointLaw, finite_law, shared_tail
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.support_failures import independent_entries, support_failures, unit_failures
from mathdl.sparse_coding.support_recovery import recovery_promise, weight_distance
from mathdl.sparse_coding.worst_case import certify_support, input_range, recovery_ball, worst_weights

ROUNDING = 1e-12  # of a sum of k products of numbers near 1, with k at most a few tens
NEAR = "‖W_i − A_i‖ ≤ δ"
INDEPENDENT = "entries independent given the support"
ROOM = "a(1 − δ) > (b(k − 1) + 2m₁k)(δ + C)"
POWER = r"\exp\Big(-\frac{2 k m_1^2}{(b - a)^2}\Big)"
BIAS = r"\epsilon = 2 m_1 k (\delta + C)"
RARE = TwoValued(1.0, 3.0, 0.1)  # m1 = 1.2 < b/2: false alarms are possible
RARER = TwoValued(1.0, 5.0, 0.2)


@statement("sparse_coding/theorem-4.3.1", "Gates find the support", "Mukherjee 2020, Theorem 4.3.1, in finite form",
           says=BIAS + r" \;\Rightarrow\; P[\text{unit } i \text{ is wrong}] \le " + POWER,
           measures="largest exact chance that a unit is wrong, over units and supports",
           hypotheses=(NEAR, INDEPENDENT, ROOM))
def gates_find_the_support(theorem: Theorem, /, *, n: int = 256, sparsity: int = 3, delta: float = 0.01,
                           moved: float = 1.0, law: CodeLaw = RARE, joint: JointLaw | None = None,
                           seed: int = 0) -> Verdict:
    """Identity beside Hadamard, weights at distance `moved` · δ in random directions; worst supports."""
    model, W = _instance(n, sparsity, delta * moved, law, seed)
    joint = independent_entries(model) if joint is None else joint
    promise = recovery_promise(model, delta)
    failures = unit_failures(model, W, promise.bias, joint)
    measured, error = failures.worst
    return theorem.verdict(given=(_near(model, W, delta), joint.independent, promise.no_misses), measured=measured,
                           at_most=promise.failure_bound, error=error + ROUNDING, trivial=1,
                           instance=_named(model, delta))


@statement("sparse_coding/ours-all-at-once", "All units at once", "ours, beside Mukherjee 2020, Theorem 4.3.1",
           says=BIAS + r" \;\Rightarrow\; P[\text{some unit is wrong}] \le P\Big[\sum_{j \in S} x_j > 2 m_1 k\Big] \le "
                + POWER, measures="largest exact chance that some unit is wrong, over supports",
           hypotheses=(NEAR, INDEPENDENT, ROOM))
def all_units_at_once(theorem: Theorem, /, *, n: int = 256, sparsity: int = 2, delta: float = 0.0, moved: float = 1.0,
                      law: CodeLaw = RARER, joint: JointLaw | None = None, supports: int = 30,
                      seed: int = 0) -> Verdict:
    """The first k atoms, the first k Hadamard columns and random supports; every outcome of the entries."""
    model, W = _instance(n, sparsity, delta * moved, law, seed)
    k, promise = sparsity, recovery_promise(model, delta)
    drawn = model.support_law.draw(supports, rng=np.random.default_rng(seed))
    joint = independent_entries(model) if joint is None else joint
    low, high = support_failures(model, W, promise.bias, [range(k), range(n, n + k), *drawn], joint).any_wrong
    given = (_near(model, W, delta), joint.independent, promise.no_misses)
    return theorem.verdict(given=given, measured=low.max(), at_most=shared_tail(finite_law(model.entry_law), k),
                           error=(high - low).max() + ROUNDING, trivial=1,
                           instance=_named(model, delta) + f", the exponential {promise.failure_bound:.4g}")


@statement("sparse_coding/ours-no-false-alarms", "No false alarms", "ours, beside Mukherjee 2020, Theorem 4.3.1",
           says=BIAS + r", \; 2 m_1 \ge b \;\Rightarrow\; \langle W_i, y\rangle \le \epsilon \text{ if } i \notin S",
           measures="largest input of a unit outside the support over ε, all supports and codes",
           hypotheses=(NEAR, "2m₁ ≥ b"))
def no_false_alarms(theorem: Theorem, /, *, n: int = 256, sparsity: int = 3, delta: float = 0.02, moved: float = 1.0,
                    low: float = 0.9, high: float = 1.1, law: str | CodeLaw = "uniform", seed: int = 0) -> Verdict:
    """The worst case over supports and codes by sorting; no independence and no room for active units is needed."""
    model = SparseCodingModel(identity_hadamard(n), sparsity, low, high, law=law)
    W = near_weights(model.dictionary, delta * moved, rng=np.random.default_rng(seed))
    bias = recovery_promise(model, delta).bias
    worst = input_range(W, model.dictionary, sparsity, low, high).highest_silent.max()
    return theorem.verdict(given=(_near(model, W, delta), 2 * model.m1 >= high), measured=worst / bias, at_most=1,
                           error=ROUNDING, instance=_named(model, delta))


@statement("sparse_coding/ours-worst-case", "The worst case by sorting", "ours",
           says=r"\max_{S \not\ni i} \langle W_i, y\rangle = b \sum_{\text{top } k} (P_{ij})_+, \quad "
                r"\min_{S \ni i} \langle W_i, y\rangle = \min(a P_{ii}, b P_{ii}) - b \!\!\sum_{\text{top } k - 1}\!\! "
                r"(-P_{ij})_+",
           measures="largest difference from all supports and corners, one by one",
           hypotheses=("at most k atoms in a signal", "entries in [a, b]"))
def worst_case_by_sorting(theorem: Theorem, /, *, n: int = 5, h: int = 8, sparsity: int = 3, low: float = 0.5,
                          high: float = 2.0, used: int | None = None, stretch: float = 1.0, seed: int = 0) -> Verdict:
    """Random dictionary and weights; signals of at most `used` atoms (k by default), entries up to `stretch` · b."""
    rng = np.random.default_rng(seed)
    A, W = gaussian(n, h, rng=rng), rng.standard_normal((h, n))
    found, most = input_range(W, A, sparsity, low, high), sparsity if used is None else used
    active, silent = enumerated_range(W @ A, most, low, high * stretch)
    gap = max(np.abs(active - found.lowest_active).max(), np.abs(silent - found.highest_silent).max())
    return theorem.verdict(given=(most <= sparsity, stretch <= 1), measured=gap, equals=0,
                           error=ROUNDING * h * high * np.abs(W @ A).max(), instance=f"n={n}, h={h}, k={sparsity}")


@statement("sparse_coding/ours-optimal-bias", "A better bias, and a ball", "ours",
           says=r"\|W_i - A_i\| \le \frac{L - U}{\sqrt{1 + \rho}\,(\sqrt{a^2 + (k - 1) b^2} + b \sqrt k)} "
                r"\;\Rightarrow\; \text{one bias finds every support}",
           measures="least distance of an input from the wrong side of the bias, over supports and codes",
           hypotheses=("U < L at W = Aᵀ", NEAR))
def optimal_bias(theorem: Theorem, /, *, n: int = 64, sparsity: int = 3, low: float = 0.9, high: float = 1.1,
                 moved: float = 1.0, instances: int = 3, seed: int = 0) -> Verdict:
    """The two worst weights at distance `moved` · δ and random ones, with the bias of the ball; sorting."""
    A = identity_hadamard(n)
    ball, rng = recovery_ball(A, sparsity, low, high), np.random.default_rng(seed)
    radius, bias = (0.0, low) if ball is None else (ball.radius * moved, ball.bias)
    weights = [*worst_weights(A, sparsity, low, high, radius),
               *(near_weights(A, radius, rng=rng) for _ in range(instances))]
    found = [certify_support(W, A, sparsity, low, high, bias) for W in weights]
    near = max(weight_distance(A, W) for W in weights)
    return theorem.verdict(given=(ball is not None, ball is not None and near <= ball.radius * (1 + ROUNDING)),
                           measured=min(min(g.clears.min(), g.spares.min()) for g in found), at_least=0,
                           error=max(g.error for g in found),
                           instance=f"n={n}, h={2 * n}, k={sparsity}, δ={radius:.4g}, ε={bias:.4g}")


@statement("sparse_coding/erratum-E4.3", "Uncorrelated entries", "Mukherjee 2020, section 4.2 and Theorem 4.3.1",
           says=BIAS + r" \;\Rightarrow\; P[r_i \ne 0 \mid i \notin S] \le " + POWER,
           measures="exact chance that one unit is on, its atom not used",
           hypotheses=("entries uncorrelated given the support", "q₁, q₂ the same for all atoms", "p < ζ",
                       "a(1 − δ) ≥ (b + 2m₁)k(δ + C)"),
           erratum="The Chernoff step factorises the moment generating function, so the entries must be independent "
                   "given the support; uncorrelated, even pairwise independent, is not enough.",
           expected=State.VIOLATED)
def uncorrelated_entries(theorem: Theorem, /, *, q: int = 17, n: int = 8192, low: Fraction = Fraction(2, 5)) -> Verdict:
    """W = Aᵀ of identity and Hadamard, k = q, the unit of the constant Hadamard column; exact fractions.

    Its input is the sum of the entries on the identity half, over sqrt(n). Only supports inside that half are counted,
    so the chance is at least what is measured.
    """
    codes, halves = line_codes(q, low=low), TwoHalves(n, q)
    m1 = sum(x[0] for x in codes) / len(codes)
    alarm = sum_tail(codes, 2 * m1 * q)
    q1, q2 = halves.inclusions()
    given = (largest_covariance(codes) == 0, len({*q1}) == len({*q2}) == 1, q * q < n,
             low ** 2 * n >= ((1 + 2 * m1) * q) ** 2)
    return theorem.verdict(given=given, measured=float(halves.counts[q] * alarm / (1 - q1[0])),
                           at_most=math.exp(-2 * q * float(m1 / (1 - low)) ** 2), trivial=1, error=0,
                           instance=f"n={n}, h={2 * n}, k={q}; {alarm} given a support in the identity half")


@statement("sparse_coding/erratum-E4.5", "One unit, or all of them", "Mukherjee 2020, Theorem 4.3.1",
           says=BIAS + r" \;\Rightarrow\; E\,\#\{i \notin S : r_i \ne 0\} \le " + POWER,
           measures="mean number of units that are on outside the support, over uniform supports",
           hypotheses=(NEAR, INDEPENDENT, ROOM),
           erratum="The proof treats one unit, the text speaks of the support; the bound added up over units fails, as "
                   "here. Yet no factor h − k is needed: all false alarms share the event Σx_j > 2m₁k, so the printed "
                   "bound holds for the chance that any unit is wrong.",
           expected=State.VIOLATED)
def mean_number_of_false_alarms(theorem: Theorem, /, *, n: int = 256, sparsity: int = 2, law: CodeLaw = RARER,
                                delta: float = 0.0, joint: JointLaw | None = None, supports: int = 1000,
                                seed: int = 0) -> Verdict:
    """Identity and Hadamard, uniform supports, every outcome of the entries: one unlucky code wakes many units."""
    model, W = _instance(n, sparsity, delta, law, seed)
    promise = recovery_promise(model, delta)
    drawn = model.support_law.draw(supports, rng=np.random.default_rng(seed))
    joint = independent_entries(model) if joint is None else joint
    found = support_failures(model, W, promise.bias, drawn, joint)
    given = (_near(model, W, delta), joint.independent, promise.no_misses)
    return theorem.verdict(given=given, measured=found.expected_false.mean(), at_most=promise.failure_bound,
                           error=float(mean_error(found.expected_false)), instance=_named(model, delta)
                           + f"; some unit wrong with probability at most {found.any_wrong[1].max():.4g}")


@statement("sparse_coding/claim-own-experiment", "The source's experiment", "Mukherjee 2020, section 4.6; Welch 1974",
           says=r"\min_{A,\, k} \big(b (k - 1) + 2 m_1 k\big)\, C(A) \ge 2 m_1 \sqrt{\tfrac{h - n}{n (h - 1)}} > a",
           measures="least low end a that Theorem 4.3.1 could ask for",
           hypotheses=("h > n",))
def own_experiment(theorem: Theorem, /, *, n: int = 50, h: int = 256, low: float = 1.0, high: float = 10.0) -> Verdict:
    """Entries uniform on [a, b], δ = 0, the best imaginable dictionary, the best k: what a would have to be."""
    m1 = (low + high) / 2
    asked = min((high * (k - 1) + 2 * m1 * k) * welch_bound(n, h) for k in range(1, h + 1))
    return theorem.verdict(given=(h > n,), measured=asked, at_least=low, instance=f"n={n}, h={h}, [{low:g}, {high:g}]")


def near_weights(dictionary: np.ndarray, distance: float, *, rng: np.random.Generator) -> np.ndarray:
    """Weights (h, n), each row at that distance from its atom in an independent uniform direction."""
    D = rng.standard_normal(dictionary.T.shape)
    return dictionary.T + distance * D / np.linalg.norm(D, axis=1, keepdims=True)


def enumerated_range(P: np.ndarray, most: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """The extreme inputs (h,) with and without the unit's atom, from every support of at most `most` atoms and every
    corner of its box: the slow route to `input_range`."""
    h = len(P)
    active, silent = np.full(h, np.inf), np.zeros(h)
    for size in range(1, most + 1):
        corners = np.array([*product((low, high), repeat=size)]).T
        for S in combinations(range(h), size):
            Q, inside = P[:, S] @ corners, np.isin(np.arange(h), S)
            active = np.where(inside, np.minimum(active, Q.min(axis=1)), active)
            silent = np.where(inside, silent, np.maximum(silent, Q.max(axis=1)))
    return active, silent


def _instance(n: int, k: int, distance: float, law: CodeLaw, seed: int) -> tuple[SparseCodingModel, np.ndarray]:
    model = SparseCodingModel(identity_hadamard(n), k, law.low, law.high, law=law)
    return model, near_weights(model.dictionary, distance, rng=np.random.default_rng(seed))


def _near(model: SparseCodingModel, W: np.ndarray, delta: float) -> bool:
    return weight_distance(model.dictionary, W) <= delta * (1 + 1e-9) + 1e-15


def _named(model: SparseCodingModel, delta: float) -> str:
    return f"n={model.dimension}, h={model.atoms}, k={model.sparsity}, δ={delta:g}, m₁={model.m1:.4g}"
