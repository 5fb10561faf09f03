"""Lemma 3.E.1 and its erratum: hold or fail as announced, are attained, and need their hypotheses."""

from fractions import Fraction as F

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate.recursion import Recursion, printed_limit
from mathdl.relu_gate.theorems import recursion


@pytest.mark.statement("relu_gate/lemma-3.E.1")
@pytest.mark.parametrize("seed", range(4))
def test_the_estimate_on_random_constants(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        epsilon = F(int(rng.integers(2, 30)), 20)
        ratio = F(int(rng.integers(0, 100)), 100)
        limit = (epsilon + 1 / epsilon) ** 2 if ratio else 4
        sharp = limit * F(int(rng.integers(10, 100)), 100)
        verdict = recursion.recursion_estimate(b=sharp, c1=sharp, c2=ratio * sharp, start=epsilon ** 2 * 9,
                                               epsilon=epsilon)
        assert verdict.state is State.HOLDS


@pytest.mark.statement("relu_gate/lemma-3.E.1")
@pytest.mark.parametrize("c2", [0, 1, F(19, 10)])
def test_one_step_earlier_is_too_early(c2):
    r = Recursion(1, 2, c2, 5, F(3, 10))
    assert r.value(r.steps) <= r.target < r.value(r.steps - 1)
    assert recursion.recursion_estimate(c2=c2).measured == r.value(r.steps)


@pytest.mark.statement("relu_gate/lemma-3.E.1")
def test_the_estimate_in_floats():
    assert recursion.recursion_estimate(b=0.5, c1=2.0, c2=1.9, start=3.0, epsilon=0.4).state is State.HOLDS


@pytest.mark.statement("relu_gate/lemma-3.E.1")
def test_a_wrong_T_is_seen(monkeypatch):
    monkeypatch.setattr(Recursion, "steps", property(lambda self: 100))
    assert recursion.recursion_estimate().state is State.VIOLATED


@pytest.mark.statement("relu_gate/lemma-3.E.1")
def test_each_hypothesis_is_needed():
    equal = recursion.recursion_estimate(c2=2)
    assert (equal.state, equal.satisfied, equal.given[0]) == (State.SILENT, False, False)
    below = recursion.recursion_estimate(start=F(1, 20))  # c2 < c1 keeps it below the target all the same
    assert (below.state, below.given[1]) == (State.SILENT, False)
    steep = recursion.recursion_estimate(b=10, c1=10, c2=9, start=F(1, 2), epsilon=F(1, 2))
    assert (steep.state, steep.given[2]) == (State.SILENT, False)
    assert steep.measured == F(9, 25) > steep.bound == F(1, 4)


@pytest.mark.statement("relu_gate/erratum-E11")
@pytest.mark.parametrize("T", [2, 50, 1000])
def test_printed_bound_is_violated_for_equal_constants(T):
    verdict = recursion.printed_equal_constants(T=T)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == Recursion(1, 2, 2, 5, F(3, 10)).alpha ** (T - 1) * (5 - F(9, 100))
    corrected = recursion.printed_equal_constants(ratio=F(9995, 10000), T=302)
    assert corrected.state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E11")
def test_equal_constants_need_the_printed_hypotheses_to_count():
    steep = recursion.printed_equal_constants(b=20, c1=20, start=50, epsilon=F(1, 5))
    assert F(20) > printed_limit(F(1, 5))
    assert steep.state is State.SILENT
    assert recursion.printed_equal_constants(start=F(1, 20)).state is State.SILENT
    assert recursion.printed_equal_constants(ratio=F(3, 2)).state is State.SILENT


@pytest.mark.statement("relu_gate/erratum-E11-beta")
@pytest.mark.parametrize(("c1", "violated"), [(2, True), (F(1, 3), True), (1, False), (2.0, True), (1.0, False)])
def test_printed_bound_is_violated_by_beta(c1, violated):
    verdict = recursion.printed_beta_value(c1=c1)
    assert (verdict.state is State.VIOLATED) == violated
    assert float(verdict.bound) == pytest.approx(float(c1) * float(verdict.measured), rel=1e-12)


@pytest.mark.statement("relu_gate/erratum-E11-beta")
def test_beta_by_numbers():
    verdict = recursion.printed_beta_value()
    assert (float(verdict.measured), float(verdict.bound)) == pytest.approx((0.00170, 0.00341), abs=5e-6)
    assert recursion.printed_beta_value(c2=0).state is State.SILENT
