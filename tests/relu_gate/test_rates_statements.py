"""Statements on rates: each holds on other instances, is silent without its hypotheses, and fails without them."""

from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate.theorems import rates

AXES = ((1, 0), (0, 1), (-1, 0), (0, -1))


@pytest.mark.statement("relu_gate/ours-second-moment")
@pytest.mark.parametrize("seed", range(4))
def test_the_recursion_on_random_laws(seed):
    rng = np.random.default_rng(seed)
    points, (w_star, v1) = rng.integers(-3, 4, (4, 2)).tolist(), rng.integers(-2, 3, (2, 2)).tolist()
    verdict = rates.second_moment(points=points, w_star=w_star, v1=v1, step=Fraction(seed + 1, 9), updates=3)
    assert verdict.state is State.HOLDS
    assert verdict.measured == verdict.bound


@pytest.mark.statement("relu_gate/ours-second-moment")
def test_the_recursion_needs_realizable_labels():
    for shift in (1, Fraction(-1, 10)):
        verdict = rates.second_moment(shift=shift)
        assert verdict.state is State.SILENT
        assert verdict.measured != verdict.bound


@pytest.mark.statement("relu_gate/ours-second-moment")
def test_a_recursion_without_its_last_term_is_seen(monkeypatch):
    right = rates.exact_mean_squares
    monkeypatch.setattr(rates, "exact_mean_squares", lambda law, w, v, s, T: right(law, w, v, s, T - 1))
    assert rates.second_moment().state is State.VIOLATED


@pytest.mark.statement("relu_gate/ours-true-rate")
@pytest.mark.parametrize(("n", "spread", "degrees"), [(2, 3.0, 9.0), (8, 30.0, 5.0), (4, 10.0, 1e6)])
def test_the_true_rate_is_below_the_bound(n, spread, degrees):
    verdict = rates.true_rate(n_inputs=n, spread=spread, degrees=degrees)
    assert verdict.state is State.HOLDS
    assert verdict.slack > 1e-5


@pytest.mark.statement("relu_gate/ours-true-rate")
def test_spherical_laws_attain_the_bound():
    for step in (0.01, 0.1, 0.3):
        verdict = rates.true_rate(spread=1.0, step=step)
        assert verdict.state is State.HOLDS
        assert abs(verdict.slack) <= verdict.error


@pytest.mark.statement("relu_gate/ours-true-rate")
def test_without_a_fourth_moment_nothing_is_claimed():
    verdict = rates.true_rate(degrees=3.0)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("relu_gate/ours-rate-test")
@pytest.mark.parametrize(("method", "state"), [("betting", State.HOLDS), ("t", State.HOLDS_IF)])
def test_true_claims_are_kept(method, state):
    assert rates.false_alarms(method=method, seed=3).state is state
    assert rates.false_alarms(method=method, factor=1.1, tests=200).satisfied


@pytest.mark.statement("relu_gate/ours-rate-test")
def test_false_claims_are_found():
    verdict = rates.false_alarms(method="t", factor=0.95, tests=300)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied
    assert verdict.measured > 0.8


@pytest.mark.statement("relu_gate/ours-online-step")
@pytest.mark.parametrize("n", [2, 6])
def test_estimated_bounds_hold_on_gaussians(n):
    assert rates.estimated_bounds(n_inputs=n, seed=n).state is State.HOLDS_IF


@pytest.mark.statement("relu_gate/ours-online-step")
@pytest.mark.parametrize("change", [{"degrees": 4.2, "trials": 200}, {"noise": 0.5, "samples": 2000, "trials": 100},
                                    {"samples": 4, "n_inputs": 1, "trials": 200}])
def test_estimated_bounds_need_each_hypothesis(change):
    verdict = rates.estimated_bounds(**change)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("relu_gate/ours-normalized-step")
@pytest.mark.parametrize("seed", range(4))
def test_the_normalized_step_on_random_laws(seed):
    rng = np.random.default_rng(seed)
    points, (w_star, v1) = rng.integers(-3, 4, (6, 2)), rng.integers(1, 4, (2, 2)).tolist()
    points = [[*map(int, p)] for p in points if p.any()]
    verdict = rates.normalized_step(points=points, w_star=w_star, v1=v1, updates=3)
    assert verdict.state in (State.HOLDS, State.VACUOUS)
    assert rates.normalized_step(points=[[10 * a for a in p] for p in points], w_star=w_star, v1=v1,
                                 updates=3).measured == pytest.approx(verdict.measured, rel=1e-12)  # no scale


@pytest.mark.statement("relu_gate/ours-normalized-step")
def test_the_normalized_step_attained_vacuous_silent():
    attained = rates.normalized_step(points=AXES)
    assert attained.state is State.HOLDS
    assert abs(attained.slack) <= attained.error
    assert rates.normalized_step(points=((1, 0), (2, 0))).state is State.VACUOUS  # the active half is a line
    silent = rates.normalized_step(shift=1)
    assert silent.state is State.SILENT
    assert not silent.satisfied


@pytest.mark.statement("relu_gate/ours-fast-gates")
@pytest.mark.parametrize(("mode", "batch", "dtype"), [("gradient", 1, np.float64), ("labels", 1, np.float32),
                                                      ("gradient", 5, np.float32), ("labels", 4, np.float64)])
def test_fast_is_slow(mode, batch, dtype):
    verdict = rates.fast_is_slow(mode=mode, batch=batch, dtype=dtype, updates=20)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-3


@pytest.mark.statement("relu_gate/ours-fast-gates")
def test_fast_is_slow_needs_room_at_the_kink_and_finite_numbers():
    near = rates.fast_is_slow(runs=40, updates=200, seed=1)
    assert near.state is State.SILENT
    overflow = rates.fast_is_slow(step=50.0, mode="labels")
    assert overflow.state is State.SILENT
    assert not overflow.satisfied


@pytest.mark.statement("relu_gate/ours-fast-gates")
def test_another_training_is_seen(monkeypatch):
    right = rates.train_gates
    monkeypatch.setattr(rates, "train_gates", lambda *a, step, **o: right(*a, step=1.01 * step, **o))
    assert rates.fast_is_slow().state is State.VIOLATED
