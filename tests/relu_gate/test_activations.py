"""Activations: their claims against grids, their antiderivatives against quadrature, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.relu_gate.activations import Activation, decreasing, leaky, relu, slope, tanh

SLOPES = st.floats(0.1, 5)
U = np.linspace(-3, 3, 601)


@given(SLOPES, st.floats(0, 5))
def test_what_the_activations_claim_is_what_the_grid_shows(L, a):
    for gate, steepest in ((relu, 1), (slope(L), L), (leaky(L, a), max(L, a)), (tanh(L), L)):
        check = gate.check()
        assert (check.is_lipschitz, check.is_monotone, gate.is_monotone) == (True, True, True)
        assert gate.lipschitz == steepest
        assert check.steepest > 0.999 * steepest  # the claimed constant is the least one
        assert check.witness == ""


@given(SLOPES)
def test_a_falling_activation_is_found_with_its_witness(L):
    check = decreasing(L).check()
    assert (check.is_lipschitz, check.is_monotone, decreasing(L).is_monotone) == (True, False, False)
    assert check.lowest == pytest.approx(-L)
    u, v = check.lowest_at
    assert decreasing(L)(v) < decreasing(L)(u)
    assert "σ falls from" in check.witness


def test_a_short_fall_is_found_where_it_is():
    dip = Activation("dip", lambda u: np.where((u > 1) & (u < 1.02), 1 - 0.5 * (u - 1), u), 1.0)
    check = dip.check(np.linspace(0, 2, 2001))
    assert not check.is_monotone
    assert 0.99 < check.lowest_at[0] < 1.03


def test_a_constant_that_is_claimed_too_small_is_found():
    check = Activation("claims 1", lambda u: 1.01 * u, 1.0).check()
    assert (check.is_lipschitz, check.is_monotone) == (False, True)
    assert check.witness.startswith("σ has slope 1.01 > L = 1 in size")
    both = Activation("both", lambda u: -2 * u, 1.0).check()
    assert "falls" in both.witness
    assert "L = 1" in both.witness


def test_no_pair_of_points_is_steeper_than_the_steepest_neighbours():
    u = np.sort(np.random.default_rng(0).uniform(-2, 2, 40))
    s = tanh(1.3)(u)
    pairs = [(s[j] - s[i]) / (u[j] - u[i]) for i in range(40) for j in range(i + 1, 40)]
    check = tanh(1.3).check(u)
    assert (max(pairs), min(pairs)) == (pytest.approx(check.steepest), pytest.approx(check.lowest))


@pytest.mark.parametrize("gate", [relu, slope(1.5), leaky(1.5, 0.2), tanh(0.7), decreasing(2)])
def test_antiderivatives_against_the_trapezoid_rule(gate):
    fine = np.linspace(0, 1, 2001)
    for u in (-2.5, -0.3, 0.0, 0.4, 3.0):
        area = u * np.trapezoid(gate(u * fine), fine)
        assert gate.antiderivative(u) == pytest.approx(area, abs=2e-6)  # error (1/2000)² |u|³ max|σ''| / 12 < 1e-6


def test_values_at_a_few_points():
    assert relu([-1.0, 0.0, 2.0]).tolist() == [0, 0, 2]
    assert leaky(2, 0.5)(np.array([-1.0, 3.0])).tolist() == [-0.5, 6]
    assert tanh(3)(0.0) == 0
    assert decreasing()(4.0) == -4


@pytest.mark.parametrize(("call", "words"), [
    (lambda: slope(0), "slope > 0"), (lambda: tanh(-1), "slope > 0"), (lambda: leaky(float("nan")), "slope > 0"),
    (lambda: decreasing(-1), "slope > 0"), (lambda: leaky(1, -0.1), "Use `decreasing`"),
    (lambda: relu.check([1.0]), "two or more"), (lambda: relu.check([0, float("nan")]), "two or more"),
    (lambda: Activation("pole", lambda u: np.full_like(u, np.inf), 1.0).check(), "one finite value"),
    (lambda: Activation("sum", lambda u: u.sum(), 1.0).check(U), "elementwise")])
def test_refusals_name_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()
