"""Support recovery: the finite form against slow routes, exact chances, worst cases against enumeration, refusals."""

import math
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest

from mathdl.sparse_coding import support_recovery
from mathdl.sparse_coding.code_laws import TwoValued, UniformEntries
from mathdl.sparse_coding.dependent_codes import TwoHalves, largest_covariance, line_codes, sum_tail
from mathdl.sparse_coding.dictionaries import coherence, gaussian, identity_hadamard, welch_bound
from mathdl.sparse_coding.finite_entries import (
    FiniteEntries,
    JointLaw,
    finite_law,
    linear_tail,
    outcomes,
    shared_tail,
    sum_law,
)
from mathdl.sparse_coding.model import SparseCodingModel, samples_from
from mathdl.sparse_coding.support_failures import support_failures, unit_failures
from mathdl.sparse_coding.support_recovery import (
    false_alarm_bound,
    promise,
    recovery_promise,
    support_confusion,
    support_recovery_bias,
    support_recovery_certificate,
)
from mathdl.sparse_coding.theorems.support import enumerated_range, near_weights
from mathdl.sparse_coding.worst_case import certify_support, input_range, largest_input, recovery_ball, worst_weights

HADAMARD = identity_hadamard(256)
THREE = FiniteEntries((1.0, 2.0, 5.0), (0.5, 0.3, 0.2))


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_sum_law_is_the_enumeration(count):
    law = FiniteEntries((Fraction(1), Fraction(5, 2), Fraction(3)), (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)))
    slow: dict = {}
    for draw in product(zip(law.values, law.weights, strict=True), repeat=count):
        total = sum((v for v, _ in draw), Fraction(0))
        slow[total] = slow.get(total, 0) + math.prod((w for _, w in draw), start=Fraction(1))
    assert sum_law(law, count) == slow


def test_shared_tail_is_a_binomial_tail():
    """x = 1 + 2B: Σx > 2 m1 k is B_1 + … + B_k > (2 m1 − 1)k/2."""
    chance = Fraction(1, 10)
    law = FiniteEntries((Fraction(1), Fraction(3)), (1 - chance, chance))
    for k in (1, 3, 8):
        least = math.floor((2 * law.m1 - 1) * k / 2) + 1
        exact = sum(math.comb(k, r) * chance ** r * (1 - chance) ** (k - r) for r in range(least, k + 1))
        assert shared_tail(law, k) == exact
        assert shared_tail(finite_law(TwoValued(1.0, 3.0, 0.1)), k) == pytest.approx(float(exact), rel=1e-12)


def test_a_tie_is_no_alarm():
    assert shared_tail(FiniteEntries((0, 2), (Fraction(1, 2), Fraction(1, 2))), 1) == 0  # 2 > 2 is false
    assert shared_tail(FiniteEntries((0.0, 0.3), (0.5, 0.5)), 3) == 0
    assert shared_tail(FiniteEntries((0.0, 0.3), (0.51, 0.49)), 3) == pytest.approx(0.49 ** 3)


@pytest.mark.parametrize("k", [1, 2, 5, 12])
def test_the_exponential_is_above_the_exact_tail(k):
    for law in (THREE, finite_law(TwoValued(1.0, 3.0, 0.1)), finite_law(TwoValued(0.0, 1.0, 0.45))):
        c = 0.07
        bound = false_alarm_bound(2 * law.m1 * k * c, k, c, law.low, law.high, law.m1)
        assert bound == pytest.approx(math.exp(-2 * k * law.m1 ** 2 / (law.high - law.low) ** 2))
        assert shared_tail(law, k) <= bound


def test_the_exponential_is_the_least_over_t_of_chernoff_with_hoeffdings_lemma():
    bias, k, c, a, b, m1 = 1.3, 4, 0.1, 0.5, 3.0, 1.1
    t = np.linspace(0, 100, 200_001)
    slow = np.exp(-t * bias + k * (t * c * m1 + t ** 2 * c ** 2 * (b - a) ** 2 / 8)).min()
    assert false_alarm_bound(bias, k, c, a, b, m1) == pytest.approx(slow, rel=1e-6)
    assert false_alarm_bound(k * m1 * c, k, c, a, b, m1) == 1
    assert false_alarm_bound(1.0, k, c, 1.0, 1.0, 1.0) == 0  # one value: the sum is below the bias


def test_joint_laws_know_whether_entries_are_independent():
    assert outcomes(THREE, 3).independent
    x = np.array(line_codes(5, low=Fraction(2, 5)), dtype=float)
    assert not JointLaw(x, np.full(25, 1 / 25)).independent
    assert JointLaw(x[:, :2], np.full(25, 1 / 25)).independent  # two entries are
    assert not JointLaw(np.array([[1.0, 1.0], [3.0, 3.0]]), np.array([0.9, 0.1])).independent


def test_linear_tail_is_the_loop_over_outcomes():
    rng = np.random.default_rng(0)
    coefficients, threshold = rng.standard_normal((6, 3)), 0.7
    low, high = linear_tail(coefficients, outcomes(THREE, 3), threshold)
    draws = [*product(zip(THREE.values, THREE.weights, strict=True), repeat=3)]
    slow = [sum(math.prod(w for _, w in draw) for draw in draws
                if sum(c * v for c, (v, _) in zip(row, draw, strict=True)) > threshold) for row in coefficients]
    assert low == pytest.approx(slow, abs=1e-14)
    assert (low == high).all()
    low, high = linear_tail(np.array([[0.1, 0.2]]), outcomes(FiniteEntries((1.0,), (1.0,)), 2), 0.3)
    assert (low[0], high[0]) == (0, 1)  # 0.1 + 0.2 against 0.3: rounding hides which


@pytest.mark.parametrize(("k", "delta", "low", "needed", "holds"), [
    (1, 0.02, 0.9, 0.26, True), (3, 0.02, 0.9, 0.78, True), (4, 0.005, 0.9, 0.84, True), (6, 0.02, 0.9, 1.57, False),
    (10, 0.02, 0.9, 2.61, False), (3, 0.02, 0.1, 0.58, False)])
def test_identity_and_hadamard(k, delta, low, needed, holds):
    rng = np.random.default_rng(k)
    model = SparseCodingModel(HADAMARD, k, low, 1.1)
    W = near_weights(HADAMARD, delta, rng=rng)
    found = support_recovery_certificate(model, W)
    assert found.needed_low == pytest.approx(needed, abs=0.006)
    assert found.bias == pytest.approx(2 * model.m1 * k * (delta + 1 / 16))
    assert (found.no_misses, found.no_false_alarms, found.failure) == (holds, True, 0.0 if holds else 1.0)
    samples = model.sample(500, rng=rng)
    seen = support_confusion(W, found.bias, samples.codes, samples.signals)
    assert seen.false_alarm == 0
    assert certify_support(W, HADAMARD, k, low, 1.1, found.bias).holds == holds
    if holds:
        assert (seen.miss, seen.exact) == (0, 1)
    else:
        assert seen.miss > 0.15
        assert seen.exact < 0.6


def test_the_printed_requirement_is_enough_and_the_finite_form_asks_less():
    enough = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        low = rng.uniform(0.5, 3)
        model = SparseCodingModel(identity_hadamard(64), int(rng.integers(1, 4)), low, low + rng.uniform(0, 2))
        found = recovery_promise(model, rng.uniform(0, 0.03))
        enough += found.needed_low <= low
        assert found.no_misses or found.needed_low > low
    assert 5 < enough < 55
    model = SparseCodingModel(HADAMARD, 2, 1.0, 8.0)
    assert recovery_promise(model, 0.0).needed_low > 1 > 0
    assert not recovery_promise(model, 1.0).no_misses
    assert recovery_promise(model, 1.0).needed_low == math.inf
    k2 = recovery_promise(SparseCodingModel(HADAMARD, 2, 1.0, 3.0, law=TwoValued(1.0, 3.0, 0.6)), 0.0)
    assert k2.needed_low == pytest.approx((3 + 4.4) / 8)
    assert k2.margin == pytest.approx(1 - 3 / 16 - 8.8 / 16)


def test_the_sharper_bias():
    model = SparseCodingModel(HADAMARD, 4, 1.0, 3.0, law=TwoValued(1.0, 3.0, 0.1))
    c = 0.01 + 1 / 16
    for t in (0.3, 1.0, 1.5):
        bias = support_recovery_bias(model, 0.01, t)
        assert recovery_promise(model, 0.01, bias=bias).failure_bound == pytest.approx(math.exp(-t * t))
    assert support_recovery_bias(model, 0.01, 100.0) == pytest.approx(4 * 3 * c)
    assert recovery_promise(model, 0.01, bias=4 * 3 * c).no_false_alarms
    assert not recovery_promise(model, 0.01, bias=4 * 3 * c - 1e-6).no_false_alarms
    assert support_recovery_bias(model, 0.01) == pytest.approx(2 * 1.2 * 4 * c)


def test_confusion_by_hand(monkeypatch):
    W = np.eye(3)
    X = np.array([[1.0, 0, 1], [0, 0.2, 0], [0, 0, 0]])
    Y = np.array([[1.0, 0.6, 0.5], [0, 0.2, 0], [0, 0, 0.6]])
    for block in (1, 2 ** 20):
        monkeypatch.setattr(support_recovery, "BLOCK", block)
        seen = support_confusion(W, 0.5, X, Y)
        assert (seen.miss, seen.false_alarm, seen.exact) == (pytest.approx(2 / 3), pytest.approx(2 / 6), 1 / 3)
        seen = support_confusion(W, np.array([0.4, 0.1, 0.6]), X, Y)  # 0.6 > 0.6 is off
        assert (seen.miss, seen.false_alarm, seen.exact) == (0, pytest.approx(1 / 6), pytest.approx(2 / 3))


@pytest.mark.parametrize(("h", "k", "low", "high"), [(7, 1, 0.5, 2), (7, 3, 0, 1), (6, 6, 1, 1), (6, 5, 0.2, 0.7)])
def test_worst_inputs_are_those_of_the_enumeration(h, k, low, high):
    rng = np.random.default_rng(h + k)
    A, W = gaussian(4, h, rng=rng), rng.standard_normal((h, 4))
    found = input_range(W, A, k, low, high)
    active, silent = enumerated_range(W @ A, k, low, high)
    assert found.lowest_active == pytest.approx(active, abs=1e-12)
    assert found.highest_silent == pytest.approx(silent, abs=1e-12)


def test_certify_agrees_with_every_support_and_corner():
    A = identity_hadamard(4)
    lowest, highest = enumerated_range(A.T @ A, 1, 0.9, 1.0)
    assert highest.max() < lowest.min()
    inside, outside = (highest.max(), (highest.max() + lowest.min()) / 2), (highest.max() - 1e-6, lowest.min())
    assert all(certify_support(A.T, A, 1, 0.9, 1.0, bias).holds for bias in inside)
    assert not any(certify_support(A.T, A, 1, 0.9, 1.0, bias).holds for bias in outside)
    found = input_range(A.T, A, 1, 0.9, 1.0)
    assert found.bias_interval == pytest.approx((0.5, 0.9))
    assert found.common_bias == pytest.approx(0.7)
    assert certify_support(A.T, A, 1, 0.9, 1.0, found.unit_biases).holds
    assert input_range(A.T, A, 2, 0.9, 1.0).common_bias is None
    assert input_range(A.T, A, 2, 0.9, 1.0).unit_biases is None


def test_each_unit_may_have_a_bias_where_no_common_one_is_good():
    """Rows of different length: what is much for one unit is little for another."""
    A = identity_hadamard(16)
    W = A.T * np.where(np.arange(32) % 2, 1.0, 10.0)[:, None]
    found = input_range(W, A, 1, 0.9, 1.1)
    assert found.common_bias is None
    assert certify_support(W, A, 1, 0.9, 1.1, found.unit_biases).holds


def test_a_better_bias_wakes_the_units():
    """k = 6: the theorem's bias misses half of the active units, the middle of the interval none."""
    W = near_weights(HADAMARD, 0.02, rng=np.random.default_rng(0))
    model = SparseCodingModel(HADAMARD, 6, 0.9, 1.1)
    samples = model.sample(300, rng=np.random.default_rng(1))
    own = support_recovery_certificate(model, W).bias
    better = input_range(W, HADAMARD, 6, 0.9, 1.1).common_bias
    assert support_confusion(W, own, samples.codes, samples.signals).miss == pytest.approx(0.48, abs=0.06)
    assert support_confusion(W, better, samples.codes, samples.signals).exact == 1
    assert certify_support(W, HADAMARD, 6, 0.9, 1.1, better).holds


def test_the_better_bias_reaches_k_7_and_no_bias_reaches_8():
    silent, active = input_range(HADAMARD.T, HADAMARD, 7, 0.9, 1.1).bias_interval
    assert (silent, active) == pytest.approx((7 * 1.1 / 16, 0.9 - 6 * 1.1 / 16))
    assert silent < active
    assert recovery_ball(HADAMARD, 8, 0.9, 1.1) is None
    ends = [recovery_promise(SparseCodingModel(HADAMARD, k, 0.9, 1.1), 0.0) for k in (4, 5)]
    assert ends[0].margin > 0.19
    assert ends[1].margin == pytest.approx(0, abs=1e-12)  # a tie, and a unit at its bias is off


def test_the_ball_is_three_times_the_theorems_and_sharp_for_one_atom():
    ball = recovery_ball(HADAMARD, 3, 0.9, 1.1)
    stretch = 1 + 2 / 16
    U, L = 3 * 1.1 / 16, 0.9 - 2 * 1.1 / 16
    radius = (L - U) / math.sqrt(stretch) / (math.sqrt(0.81 + 2 * 1.21) + 1.1 * math.sqrt(3))
    assert ball.radius == pytest.approx(radius)
    numbers = {"C": 1 / 16, "sparsity": 3, "low": 0.9, "high": 1.1, "m1": 1.0}
    allowed = max(d for d in np.linspace(0, 0.2, 2001) if promise(delta=d, **numbers).no_misses)
    assert ball.radius / allowed == pytest.approx(3.3, abs=0.05)
    A = identity_hadamard(64)
    one = recovery_ball(A, 1, 0.9, 1.1)
    assert one.radius == pytest.approx((0.9 - 1.1 / 8) / 2)
    for times, holds in ((0.999, True), (1.001, False)):
        found = [certify_support(W, A, 1, 0.9, 1.1, one.bias)
                 for W in worst_weights(A, 1, 0.9, 1.1, one.radius * times)]
        assert (found[0].spares.min() > 0) == holds  # the first weights bring a false alarm, the second a miss
        assert (found[1].clears.min() > 0) == holds


@pytest.mark.parametrize("seed", range(4))
def test_unit_failures_are_the_worst_over_all_supports(seed):
    rng = np.random.default_rng(seed)
    A = gaussian(4, 7, rng=rng)
    model = SparseCodingModel(A, 3, 1.0, 5.0, law=THREE)
    W, bias = A.T + 0.3 * rng.standard_normal((7, 4)), 1.5
    P, worst = W @ A, np.zeros((2, 7))
    for S in combinations(range(7), 3):
        heard = P[:, S] @ np.array([*product(THREE.values, repeat=3)]).T
        p = np.array([math.prod(w) for w in product(THREE.weights, repeat=3)])
        on = (heard > bias) @ p
        for i in range(7):
            row = int(i in S)
            worst[row, i] = max(worst[row, i], 1 - on[i] if row else on[i])
    found = unit_failures(model, W, bias)
    assert found.false_alarm[0] == pytest.approx(worst[0], abs=1e-12)
    assert found.miss[0] == pytest.approx(worst[1], abs=1e-12)
    assert found.worst == (pytest.approx(worst.max(), abs=1e-12), pytest.approx(0, abs=1e-12))


@pytest.mark.parametrize("bias", [0.8, 1.8])
def test_support_failures_are_those_of_the_samples_one_by_one(bias):
    rng = np.random.default_rng(3)
    A = gaussian(4, 6, rng=rng)
    model = SparseCodingModel(A, 2, 1.0, 5.0, law=THREE)
    W, S = A.T + 0.2 * rng.standard_normal((6, 4)), (1, 4)
    wrong = mean = 0.0
    for (x, p), (z, q) in product(zip(THREE.values, THREE.weights, strict=True), repeat=2):
        samples = samples_from(A, np.array([S]), np.array([[x, z]]))
        seen = support_confusion(W, bias, samples.codes, samples.signals)
        wrong += p * q * (seen.exact < 1)
        mean += p * q * seen.false_alarm * 4
    found = support_failures(model, W, bias, [S])
    assert found.any_wrong[:, 0] == pytest.approx([wrong, wrong], abs=1e-12)
    assert found.expected_false[0] == pytest.approx(mean, abs=1e-12)
    assert wrong > 0


def test_every_false_alarm_is_inside_the_shared_event():
    """Z_i > 2 m1 k c for some i outside S only when Σx_j > 2 m1 k: one event for all units, no factor h − k."""
    law = TwoValued(1.0, 5.0, 0.2)
    model = SparseCodingModel(HADAMARD, 2, 1.0, 5.0, law=law)
    W = near_weights(HADAMARD, 0.005, rng=np.random.default_rng(0))
    found = support_recovery_certificate(model, W)
    samples = model.sample(3000, rng=np.random.default_rng(1))
    on = W @ samples.signals > found.bias
    false = (on & (samples.codes == 0)).any(axis=0)
    assert 0 < false.sum() < 3000
    assert (samples.entries.sum(axis=1)[false] > 2 * model.m1 * 2).all()


def test_dead_units_of_the_source():
    """n = 50, h = 256, entries in [1, 10]: the stated bias is above every input that a code can make."""
    A = gaussian(50, 256, rng=np.random.default_rng(0))
    for k, exponent in ((1, 0.01), (2, 0.1), (4, 0.2), (16, 0.5)):
        model = SparseCodingModel(A, k, 1.0, 10.0)
        bias = support_recovery_bias(model, 256 ** (-2 * exponent))
        assert bias > largest_input(A.T, A, k, 10.0)
        samples = model.sample(100, rng=np.random.default_rng(k))
        assert support_confusion(A.T, bias, samples.codes, samples.signals).miss == 1
    few = A[:, :6]
    slow = max((few.T @ few[:, S]).sum(axis=1).max() for S in combinations(range(6), 2))
    assert largest_input(few.T, few, 2, 10.0) == pytest.approx(10 * slow)


@pytest.mark.parametrize(("requirement", "at_256", "at_every_h"), [(21, 163, 441), (11, 83, 121)])
def test_from_which_dimension_the_sources_entries_would_do(requirement, at_256, at_every_h):
    """Printed form: C ≤ 1/21; finite form at k = 1: C < 1/11."""
    allowed = Fraction(1, requirement) ** 2

    def possible(n, h):
        return Fraction(h - n, n * (h - 1)) <= allowed

    assert min(n for n in range(1, 256) if possible(n, 256)) == at_256
    assert all(possible(at_every_h, h) for h in range(at_every_h + 1, 20_000, 37))
    assert not possible(at_every_h - 1, 10 ** 9)
    assert welch_bound(at_256, 256) <= 1 / requirement < welch_bound(at_256 - 1, 256)


@pytest.mark.parametrize("q", [2, 3, 17])
def test_line_codes_are_pairwise_independent_and_not_more(q):
    codes = line_codes(q, low=Fraction(2, 5))
    assert len(codes) == q * q
    assert largest_covariance(codes) == 0
    m1 = Fraction(2, 5) + Fraction(3, 5 * q)
    assert all(sum(x[j] for x in codes) / len(codes) == m1 for j in range(q))
    both = sum(x[0] == x[1] == 1 for x in codes)
    assert Fraction(both, q * q) == Fraction(1, q * q)
    assert sum(set(x) == {Fraction(1)} for x in codes) == 1


def test_the_numbers_of_q_17():
    codes = line_codes(17, low=Fraction(2, 5))
    m1 = Fraction(2, 5) + Fraction(3, 85)
    assert float(m1) == pytest.approx(0.4353, abs=1e-4)
    assert sum_tail(codes, 2 * m1 * 17) == Fraction(1, 289)
    assert math.exp(-2 * 17 * float(m1) ** 2 / 0.36) == pytest.approx(1.7e-8, rel=0.01)
    chance = Fraction(1, 17)
    alone = shared_tail(FiniteEntries((Fraction(2, 5), Fraction(1)), (1 - chance, chance)), 17)
    assert alone == sum(math.comb(17, r) * chance ** r * (1 - chance) ** (17 - r) for r in range(14, 18))
    assert alone < 1e-14


@pytest.mark.parametrize(("n", "k"), [(3, 3), (8, 5), (8192, 17)])
def test_two_halves_have_equal_inclusions(n, k):
    law = TwoHalves(n, k)
    assert sum(law.counts.values()) == 1
    assert min(law.counts.values()) >= 0
    q1, q2 = law.inclusions()
    assert set(q1) == {Fraction(k, 2 * n)}
    assert set(q2) == {Fraction(k * (k - 1), 2 * n * (2 * n - 1))}


def test_two_halves_by_enumeration():
    law, n, k = TwoHalves(3, 3), 3, 3
    pairs = np.zeros((6, 6))
    for r, p in law.counts.items():
        chosen = [(*one, *two) for one in combinations(range(3), r) for two in combinations(range(3, 6), k - r)]
        for S in chosen:
            pairs[np.ix_(S, S)] += float(p) / len(chosen)
    assert np.diag(pairs) == pytest.approx(k / (2 * n))
    assert pairs[~np.eye(6, dtype=bool)] == pytest.approx(k * (k - 1) / (2 * n * (2 * n - 1)))


MODEL = SparseCodingModel(identity_hadamard(4), 2, 1.0, 2.0)
GRAM = identity_hadamard(4)


@pytest.mark.parametrize(("call", "told"), [
    (lambda: support_recovery_bias(MODEL, -0.1), "delta >= 0"),
    (lambda: support_recovery_bias(MODEL, math.nan), "delta >= 0"),
    (lambda: support_recovery_bias(MODEL, 0.1, -1.0), "t >= 0"),
    (lambda: support_recovery_certificate(MODEL, GRAM), "weights of shape"),
    (lambda: support_recovery_certificate(MODEL, GRAM.T * np.nan), "finite weights"),
    (lambda: recovery_promise(MODEL, 0.1, bias=math.inf), "finite bias"),
    (lambda: support_confusion(GRAM.T, 0.1, -np.ones((8, 1)), np.ones((4, 1))), "negative code"),
    (lambda: support_confusion(GRAM.T, 0.1, np.ones((8, 1)), np.ones((3, 1))), "expected weights"),
    (lambda: support_confusion(GRAM.T, 0.1, np.ones((8, 1)), np.full((4, 1), np.nan)), "NaN"),
    (lambda: input_range(GRAM.T, GRAM, 9, 1, 2), "1 <= k <= h"),
    (lambda: input_range(GRAM.T, 2 * GRAM, 2, 1, 2), "unit columns"),
    (lambda: input_range(GRAM.T, GRAM, 2, -1, 2), "codes >= 0"),
    (lambda: certify_support(GRAM.T, GRAM, 2, 1, 2, math.nan), "finite bias"),
    (lambda: worst_weights(GRAM, 2, 1, 2, -1.0), "radius >= 0"),
    (lambda: worst_weights(GRAM, 5, 1, 2, 0.1), "k"),
    (lambda: largest_input(GRAM.T, GRAM, 2, 0.0), "high > 0"),
    (lambda: unit_failures(MODEL, GRAM.T, 0.1), "finitely many values"),
    (lambda: outcomes(THREE, 9), "smaller k"),
    (lambda: sum_law(THREE, -1), "count >= 0"),
    (lambda: FiniteEntries((1.0,), (0.5,)), "sum 1"),
    (lambda: FiniteEntries((1.0, 2.0), (1.0,)), "as many weights"),
    (lambda: FiniteEntries((-1.0, 2.0), (0.5, 0.5)), "codes >= 0"),
    (lambda: line_codes(4, low=Fraction(1, 2)), "prime"),
    (lambda: line_codes(5, low=Fraction(2)), "low <= high"),
    (lambda: TwoHalves(8, 4), "odd")])
def test_refusals(call, told):
    with pytest.raises(ValueError, match=told.replace("(", r"\(")):
        call()


def test_finite_laws():
    assert (THREE.m1, THREE.m2, THREE.low, THREE.high) == (pytest.approx(2.1), pytest.approx(6.7), 1, 5)
    drawn = THREE.draw((4000,), rng=np.random.default_rng(0))
    assert set(drawn) == {1, 2, 5}
    assert abs(drawn.mean() - 2.1) < 5 * math.sqrt((6.7 - 2.1 ** 2) / 4000)
    assert finite_law(UniformEntries(1, 2)) is None
    assert finite_law(THREE) is THREE
    assert finite_law(TwoValued(1.0, 3.0, 0.1)).m1 == pytest.approx(TwoValued(1.0, 3.0, 0.1).m1)
    assert abs(coherence(HADAMARD).C - 1 / 16) < 1e-15
