"""Statements on Theorem 4.3.1: each holds or fails as announced, is silent without a hypothesis, and needs it."""

import math
from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.sparse_coding.code_laws import TwoValued
from mathdl.sparse_coding.dependent_codes import TwoHalves
from mathdl.sparse_coding.finite_entries import FiniteEntries, JointLaw, shared_tail
from mathdl.sparse_coding.theorems import support
from mathdl.sparse_coding.theorems.support import INDEPENDENT, NEAR, ROOM


def failing(verdict):
    return [h for h, a in zip(verdict.theorem.hypotheses, verdict.given, strict=True) if a is False]


def together(law, k):
    """All k entries equal: each has the law, and they are as dependent as can be."""
    return JointLaw(np.array([[law.low] * k, [law.high] * k]), np.array([1 - law.chance, law.chance]))


@pytest.mark.statement("sparse_coding/theorem-4.3.1")
@pytest.mark.parametrize("seed", range(5))
def test_theorem_on_random_instances(seed):
    rng = np.random.default_rng(seed)
    law = TwoValued(1.0, float(rng.uniform(2, 3.5)), float(rng.uniform(0.02, 0.2)))
    k, delta = int(rng.integers(1, 3)), float(rng.uniform(0, 0.012))
    verdict = support.gates_find_the_support(sparsity=k, delta=delta, law=law, seed=seed)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-11


@pytest.mark.statement("sparse_coding/theorem-4.3.1")
def test_theorem_by_default_and_with_more_values():
    verdict = support.gates_find_the_support()
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(0.001)  # all three entries high
    assert verdict.bound == pytest.approx(math.exp(-2 * 3 * 1.2 ** 2 / 4))
    law = FiniteEntries((1.0, 1.5, 3.0), (0.8, 0.1, 0.1))
    assert support.gates_find_the_support(law=law, delta=0.0).state is State.HOLDS


@pytest.mark.statement("sparse_coding/theorem-4.3.1")
def test_theorem_comes_within_a_fifth_of_equality():
    """One atom, and a high value just above twice the mean: .465 against .567, so no factor below .82 would do."""
    verdict = support.gates_find_the_support(sparsity=1, delta=0.0, law=TwoValued(1.0, 15.82, 0.465))
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(0.465)
    assert 0.81 < verdict.measured / verdict.bound < 0.83


@pytest.mark.statement("sparse_coding/theorem-4.3.1")
@pytest.mark.statement("sparse_coding/ours-all-at-once")
@pytest.mark.statement("sparse_coding/erratum-E4.5")
@pytest.mark.parametrize("check", [support.gates_find_the_support, support.all_units_at_once,
                                   support.mean_number_of_false_alarms])
def test_silent_without_a_hypothesis(check):
    law = TwoValued(1.0, 3.0, 0.1)
    options = {"supports": 5} if check is support.mean_number_of_false_alarms else {}
    usual = {"sparsity": 3, "law": law, "delta": 0.005, **options}
    assert failing(check(**usual)) == []
    assert failing(check(**{**usual, "sparsity": 4})) == [ROOM]
    assert failing(check(joint=together(law, 3), **usual)) == [INDEPENDENT]
    if check is not support.mean_number_of_false_alarms:
        assert failing(check(moved=1.01, **usual)) == [NEAR]


@pytest.mark.statement("sparse_coding/theorem-4.3.1")
def test_theorem_needs_its_hypotheses():
    def broken(verdict):
        return verdict.state is State.SILENT and not verdict.satisfied and verdict.bound < 1

    law = TwoValued(1.0, 3.0, 0.1)
    assert broken(support.gates_find_the_support(sparsity=10, law=law, delta=0.0))  # no room: units are missed
    assert broken(support.gates_find_the_support(moved=60.0))
    law = TwoValued(1.0, 3.0, 0.12)
    dependent = support.gates_find_the_support(law=law, delta=0.0, joint=together(law, 3))
    assert broken(dependent)
    assert dependent.measured == pytest.approx(0.12)


@pytest.mark.statement("sparse_coding/theorem-4.3.1")
def test_a_bound_without_the_square_of_the_mean_is_refuted(monkeypatch):
    """The same check with an exponent twice as large: the instance near equality sees it."""
    usual = support.recovery_promise
    monkeypatch.setattr(support, "recovery_promise", lambda *args: Squared(usual(*args)))
    verdict = support.gates_find_the_support(sparsity=1, delta=0.0, law=TwoValued(1.0, 15.82, 0.465))
    assert verdict.state is State.VIOLATED


class Squared:
    """A promise whose failure bound is squared."""

    def __init__(self, found):
        self.bias, self.no_misses, self.failure_bound = found.bias, found.no_misses, found.failure_bound ** 2


@pytest.mark.statement("sparse_coding/ours-all-at-once")
@pytest.mark.parametrize("seed", range(4))
def test_all_at_once_on_random_instances(seed):
    rng = np.random.default_rng(seed)
    law = TwoValued(1.0, float(rng.uniform(2.5, 4.5)), float(rng.uniform(0.02, 0.2)))
    verdict = support.all_units_at_once(law=law, sparsity=1 + seed % 2, delta=float(rng.uniform(0, 0.003)), seed=seed)
    assert verdict.state is State.HOLDS
    assert verdict.bound <= math.exp(-2 * (1 + seed % 2) * law.m1 ** 2 / (law.high - 1) ** 2)


@pytest.mark.statement("sparse_coding/ours-all-at-once")
def test_all_at_once_is_attained_on_the_identity_half():
    verdict = support.all_units_at_once()
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(verdict.bound, rel=1e-12) == pytest.approx(0.04)


@pytest.mark.statement("sparse_coding/ours-all-at-once")
def test_all_at_once_needs_its_hypotheses():
    law = TwoValued(1.0, 3.0, 0.1)
    assert not support.all_units_at_once(law=law, sparsity=10).satisfied  # no room
    assert not support.all_units_at_once(delta=0.002, moved=300.0).satisfied
    assert not support.all_units_at_once(law=law, sparsity=3, joint=together(law, 3)).satisfied


@pytest.mark.statement("sparse_coding/ours-no-false-alarms")
@pytest.mark.parametrize(("sparsity", "low", "high"), [(1, 1, 10), (6, 0.9, 1.1), (40, 0, 1)])
def test_no_false_alarms_even_where_units_are_missed(sparsity, low, high):
    for seed in range(2):
        verdict = support.no_false_alarms(n=64, sparsity=sparsity, low=low, high=high, delta=0.1, seed=seed)
        assert verdict.state is State.HOLDS


@pytest.mark.statement("sparse_coding/ours-no-false-alarms")
def test_no_false_alarms_is_attained_when_the_mean_is_half_of_b():
    half = TwoValued(0.5, 2.0, 1 / 3)
    verdict = support.no_false_alarms(law=half, low=0.5, high=2.0, delta=0.0)
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(1, abs=1e-12)


@pytest.mark.statement("sparse_coding/ours-no-false-alarms")
def test_no_false_alarms_needs_its_hypotheses():
    skewed = support.no_false_alarms(law=TwoValued(1.0, 3.0, 0.1), low=1.0, high=3.0, delta=0.0)
    assert failing(skewed) == ["2m₁ ≥ b"]
    assert skewed.measured == pytest.approx(1.25)
    far = support.no_false_alarms(moved=40.0)
    assert failing(far) == [NEAR]
    assert far.measured > 1


@pytest.mark.statement("sparse_coding/ours-worst-case")
@pytest.mark.parametrize("k", [1, 2, 4])
def test_sorting_is_the_enumeration(k):
    for seed in range(3):
        assert support.worst_case_by_sorting(sparsity=k, seed=seed).state is State.HOLDS


@pytest.mark.statement("sparse_coding/ours-worst-case")
def test_sorting_needs_its_hypotheses():
    more, larger = support.worst_case_by_sorting(used=4), support.worst_case_by_sorting(stretch=1.1)
    assert failing(more) == ["at most k atoms in a signal"]
    assert failing(larger) == ["entries in [a, b]"]
    assert not more.satisfied
    assert not larger.satisfied


@pytest.mark.statement("sparse_coding/ours-worst-case")
def test_a_sort_of_the_wrong_sign_is_seen(monkeypatch):
    usual = support.input_range
    monkeypatch.setattr(support, "input_range", lambda W, A, k, low, high: usual(W * np.sign(W), A, k, low, high))
    assert support.worst_case_by_sorting().state is State.VIOLATED


@pytest.mark.statement("sparse_coding/ours-optimal-bias")
@pytest.mark.parametrize(("n", "k"), [(64, 1), (64, 3), (256, 7)])
def test_the_ball_finds_every_support(n, k):
    verdict = support.optimal_bias(n=n, sparsity=k)
    assert verdict.state is State.HOLDS
    assert support.optimal_bias(n=n, sparsity=k, moved=0.5).state is State.HOLDS


@pytest.mark.statement("sparse_coding/ours-optimal-bias")
def test_the_ball_is_the_largest_for_one_atom():
    assert support.optimal_bias(sparsity=1).measured == pytest.approx(0, abs=1e-12)
    beyond = support.optimal_bias(sparsity=1, moved=1.01)
    assert failing(beyond) == [NEAR]
    assert not beyond.satisfied


@pytest.mark.statement("sparse_coding/ours-optimal-bias")
def test_the_ball_needs_its_hypotheses():
    assert not support.optimal_bias(moved=1.3).satisfied
    none = support.optimal_bias(sparsity=5)
    assert failing(none) == ["U < L at W = Aᵀ", NEAR]
    assert not none.satisfied


@pytest.mark.statement("sparse_coding/erratum-E4.3")
def test_printed_theorem_is_violated_by_uncorrelated_entries():
    verdict = support.uncorrelated_entries()
    assert verdict.state is State.VIOLATED
    halves = TwoHalves(8192, 17).counts[17]
    assert verdict.measured == pytest.approx(float(halves / 289 / (1 - Fraction(17, 16384))), rel=1e-14)
    assert verdict.measured > 5000 * verdict.bound
    chance = Fraction(1, 17)
    assert shared_tail(FiniteEntries((Fraction(2, 5), Fraction(1)), (1 - chance, chance)), 17) < verdict.bound
    assert support.gates_find_the_support(n=64, law=TwoValued(0.4, 1.0, 1 / 17), sparsity=1).state is State.HOLDS


@pytest.mark.statement("sparse_coding/erratum-E4.3")
@pytest.mark.parametrize(("options", "broken"), [
    ({"n": 4096}, ["a(1 − δ) ≥ (b + 2m₁)k(δ + C)"]),
    ({"n": 256}, ["p < ζ", "a(1 − δ) ≥ (b + 2m₁)k(δ + C)"]),
    ({"low": Fraction(1, 10)}, ["a(1 − δ) ≥ (b + 2m₁)k(δ + C)"])])
def test_uncorrelated_entries_are_silent_without_room(options, broken):
    verdict = support.uncorrelated_entries(**options)
    assert verdict.state is State.SILENT
    assert failing(verdict) == broken


@pytest.mark.statement("sparse_coding/erratum-E4.3")
def test_uncorrelated_entries_look_at_the_covariance_and_at_q2(monkeypatch):
    monkeypatch.setattr(support, "line_codes", lambda q, *, low: [(Fraction(1),) * q, (low,) * q])
    assert failing(support.uncorrelated_entries())[0] == "entries uncorrelated given the support"
    monkeypatch.undo()
    monkeypatch.setattr(TwoHalves, "counts", {0: Fraction(1, 2), 17: Fraction(1, 2)})
    assert failing(support.uncorrelated_entries()) == ["q₁, q₂ the same for all atoms"]


@pytest.mark.statement("sparse_coding/erratum-E4.5")
def test_printed_bound_is_violated_by_the_number_of_false_alarms_and_holds_for_any_of_them():
    verdict = support.mean_number_of_false_alarms()
    assert verdict.state is State.VIOLATED
    exact = 0.04 * exact_pairs(256)
    assert abs(verdict.measured - exact) <= verdict.error
    assert exact > verdict.bound
    assert support.all_units_at_once().satisfied  # the corrected form, on the same model


def exact_pairs(n):
    """The mean number of units, over uniform pairs, that have positive products with both: they wake at (5, 5)."""
    G = support.identity_hadamard(n).T @ support.identity_hadamard(n)
    np.fill_diagonal(G, 0)
    positive = (G > 1e-9).sum(axis=1)
    return (positive * (positive - 1)).sum() / (2 * n * (2 * n - 1))


@pytest.mark.statement("sparse_coding/claim-own-experiment")
@pytest.mark.parametrize("h", [256, 512, 1024, 2048, 4096])
def test_the_sources_experiment_is_outside_its_theorem(h):
    verdict = support.own_experiment(h=h)
    assert verdict.state is State.HOLDS
    assert verdict.measured >= 11 * math.sqrt((h - 50) / (50 * (h - 1))) * (1 - 1e-12) > 1.39


@pytest.mark.statement("sparse_coding/claim-own-experiment")
def test_more_dimensions_or_narrower_entries_would_do():
    assert support.own_experiment(n=82).satisfied
    assert not support.own_experiment(n=83).satisfied
    assert not support.own_experiment(low=5.0).satisfied
    assert support.own_experiment(n=256).state is State.SILENT
    assert support.own_experiment(n=300).state is State.SILENT
    assert not support.own_experiment(n=300).satisfied
