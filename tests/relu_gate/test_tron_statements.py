"""Statements on GLM-Tron: each holds or fails as announced, is attained where it can be, and needs its hypotheses."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate.activations import Activation, decreasing, leaky, relu, slope, tanh
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.theorems import tron
from mathdl.relu_gate.tron_bounds import first_hit, slowest_line_risk, tron_step_bound, tron_steps, tron_threshold
from mathdl.relu_gate.tron_problem import (
    TronProblem,
    drifting_problem,
    erased_problem,
    random_problem,
    slow_problem,
    stubborn_problem,
)

GATES = (leaky(0.5), relu, leaky(1.5), tanh(1.5), slope(1.8), leaky(1.2, 0.4))
TOO_STEEP = Activation("claims L = 1", lambda u: 2.5 * u, 1.0, True, lambda u: 1.25 * u ** 2)
FALLING = Activation("falling ReLU", lambda u: np.minimum(-u, 0.0), 1.0, False)


def one_sample(x=1.0, w=1.0, gate=None, noise=0.0, theta=None):
    theta = abs(noise) if theta is None else theta
    return TronProblem(np.array([[x]]), np.array([float(w)]), np.array([noise]), theta, gate or slope(1))


@pytest.mark.statement("relu_gate/algorithm-4")
@pytest.mark.parametrize(("shape", "L", "updates"), [((5, 3), 1, 6), ((1, 1), 2, 8), ((8, 2), Fraction(3, 2), 5)])
def test_the_algorithm_is_the_printed_loop(shape, L, updates):
    verdict = tron.algorithm(samples=shape[0], n_inputs=shape[1], L=L, updates=updates, seed=updates)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-11


@pytest.mark.statement("relu_gate/algorithm-4")
def test_the_comparison_with_the_loop_sees_a_wrong_step_and_its_own_limits(monkeypatch):
    assert tron.algorithm(longest=4).state is State.SILENT
    assert tron.algorithm(L=3).state is State.SILENT
    monkeypatch.setattr(tron, "glm_tron", lambda x, y, gate, updates: glm_tron(x, y, gate, updates - 1))
    assert tron.algorithm().state is State.VIOLATED


@pytest.mark.statement("relu_gate/lemma-3.5.1")
@pytest.mark.parametrize("gate", [*GATES, leaky(3), tanh(3), slope(2)])
def test_one_step_on_random_instances(gate):
    assert tron.one_step(activation=gate, instances=100, seed=1).state is State.HOLDS


@pytest.mark.slow
@pytest.mark.statement("relu_gate/lemma-3.5.1")
@pytest.mark.parametrize("seed", range(20))
def test_one_step_on_twenty_thousand_random_instances(seed):
    rng = np.random.default_rng(seed)
    gate = (leaky, tanh)[seed % 2](rng.uniform(0.5, 3))
    assert tron.one_step(activation=gate, instances=1000, seed=seed).state is State.HOLDS
    assert tron.sharper_step(activation=gate, instances=1000, seed=seed).state is State.HOLDS


@pytest.mark.statement("relu_gate/lemma-3.5.1")
@pytest.mark.parametrize("L", [0.25, 1.0, 1.5, 3.0])
def test_one_step_is_attained_without_noise(L):
    b = tron_step_bound([[1.0]], [L * 2.0], [0.0], [2.0], slope(L))
    assert b.after == 4 * (1 - L) ** 2  # dyadic numbers: no rounding
    assert abs(b.after - b.printed) <= b.rounding < 1e-10


@pytest.mark.statement("relu_gate/lemma-3.5.1")
@pytest.mark.parametrize("change", [{"longest": 2.0}, {"activation": decreasing()}, {"activation": TOO_STEEP},
                                    {"reach": 0.0}])
def test_one_step_needs_each_of_its_hypotheses(change):
    verdicts = [tron.one_step(**change, instances=100, seed=seed) for seed in range(3)]
    assert {v.state for v in verdicts} == {State.SILENT}
    assert {v.given.count(False) for v in verdicts} == {1}
    assert any(not v.satisfied for v in verdicts)


@pytest.mark.statement("relu_gate/lemma-3.5.1")
def test_one_step_fails_on_the_smallest_examples():
    for x, gate in ((2.0, relu), (1.0, FALLING)):
        b = tron_step_bound([[x]], gate(np.array([x])), [0.0], [1.0], gate)
        assert b.after > b.printed + b.rounding


@pytest.mark.statement("relu_gate/ours-sharper-step")
@pytest.mark.parametrize("gate", [*GATES, leaky(3), tanh(3)])
def test_the_sharper_step_on_random_instances(gate):
    assert tron.sharper_step(activation=gate, instances=100, seed=2).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-sharper-step")
@pytest.mark.parametrize("change", [{"longest": 2.0}, {"activation": decreasing()}, {"activation": TOO_STEEP}])
def test_the_sharper_step_needs_each_of_its_hypotheses(change):
    verdict = tron.sharper_step(**change)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


def random_problems(count, seed):
    """Problems with and without noise, and a gain ε, over all gates."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        W = rng.uniform(0.3, 3)
        theta = rng.choice([0, rng.uniform(0, 1) * W])
        p = random_problem(int(rng.integers(1, 9)), int(rng.integers(1, 5)), W, theta, GATES[rng.integers(6)], rng=rng)
        yield p, rng.uniform(0.01, 0.3) * W * W


@pytest.mark.statement("relu_gate/theorem-3.5.2")
@pytest.mark.statement("relu_gate/ours-noise-floor")
def test_the_first_hit_comes_in_time_on_random_instances():
    states = []
    for p, epsilon in random_problems(300, 3):
        for check in (tron.reaches_the_noise, tron.below_the_noise):
            states.append(check(problem=p, epsilon=epsilon).state)
    assert set(states) == {State.HOLDS, State.VACUOUS}
    assert states.count(State.HOLDS) > 200


@pytest.mark.statement("relu_gate/theorem-3.5.2")
@pytest.mark.statement("relu_gate/ours-noise-floor")
@pytest.mark.parametrize(("problem", "failing"), [
    (one_sample(x=2.0, gate=relu), "‖x_i‖ ≤ 1"), (one_sample(noise=-1.0, theta=0.0), "|ξ_i| ≤ θ"),
    (one_sample(gate=decreasing()), "σ never falls"), (one_sample(gate=TOO_STEEP), "σ is L-Lipschitz")])
def test_without_a_hypothesis_the_risk_stays_above_the_threshold(problem, failing):
    for check in (tron.reaches_the_noise, tron.below_the_noise):
        verdict = check(problem=problem, epsilon=0.1)
        assert verdict.state is State.SILENT
        assert [h for h, ok in zip(check.theorem.hypotheses, verdict.given, strict=True) if not ok] == [failing]
        assert not verdict.satisfied
        assert problem.witness in verdict.instance


@pytest.mark.statement("relu_gate/theorem-3.5.2")
@pytest.mark.parametrize("L", [2.0, 2.5])
def test_from_slope_two_on_the_risk_never_falls_below_its_start(L):
    p = one_sample(gate=slope(L))
    assert tron.reaches_the_noise(problem=p).state is State.SILENT
    risk = p.run(500).effective_risk
    assert np.nanmin(risk) == risk[0] == L * L


@pytest.mark.statement("relu_gate/theorem-3.5.2")
@pytest.mark.parametrize(("theta", "state"), [(0.20, State.HOLDS), (0.22, State.HOLDS), (0.24, State.VACUOUS)])
def test_the_promise_is_vacuous_from_a_quarter_of_the_target_on(theta, state):
    p = one_sample(w=1.0, noise=-theta, gate=relu)
    assert tron.reaches_the_noise(problem=p, epsilon=0.01).state is state  # sqrt(5) - 2 = 0.236
    assert tron.below_the_noise(problem=p, epsilon=0.01).state is State.HOLDS


@pytest.mark.statement("relu_gate/theorem-3.5.2")
def test_the_default_instance_is_not_done_at_the_start():
    verdict = tron.reaches_the_noise()
    p = tron.usual_problem(0)
    assert p.run(0).effective_risk[0] > verdict.bound
    assert "first below at t=7" in verdict.instance


@pytest.mark.statement("relu_gate/ours-noise-floor")
def test_the_noise_floor_is_attained_when_the_noise_leaves_almost_nothing():
    for left in (0.1, 0.03, 0.01):
        p = erased_problem(1.0, 1.0, left)
        verdict = tron.below_the_noise(problem=p, epsilon=left ** 2)
        assert verdict.state is State.HOLDS
        assert verdict.measured == pytest.approx(p.theta ** 2)
        assert verdict.bound - verdict.measured < 3 * left
    p = erased_problem(1.0, 0.5)  # L = 1/2 and θ = L W: all labels are 0 and nothing moves
    assert p.run(100).effective_risk.tolist() == [0.25] * 101


@pytest.mark.statement("relu_gate/ours-noise-order")
@pytest.mark.parametrize(("W", "theta"), [(10, 0.5), (1, 3 / 17), (1000, 0.1), (20, 3)])
def test_the_noise_costs_theta_times_the_distance(W, theta):
    verdict = tron.noise_order(W=W, theta=theta, updates=500)
    assert verdict.state is State.HOLDS
    assert verdict.measured > theta ** 2 + 0.1 * theta * W  # so no multiple of θ² can be the floor: W/θ is free
    assert verdict.measured < tron_threshold(1, 1e-9, theta, W, "sharp") < 6 * verdict.measured


@pytest.mark.statement("relu_gate/ours-noise-order")
def test_other_noise_of_that_size_does_not_cost_it():
    p = stubborn_problem()
    fair = replace(p, noise=p.noise * np.array([1, -1, 1, -1]))
    assert fair.run(2000).effective_risk.min() < 0.1 * p.run(2000).effective_risk.min()
    with pytest.raises(ValueError, match="3/17"):
        tron.noise_order(W=1, theta=0.5)


@pytest.mark.statement("relu_gate/ours-summed-risk")
def test_the_summed_risk_on_random_instances():
    for p, _ in random_problems(60, 4):
        if p.theta == 0:
            assert tron.summed_risk(problem=p, iterates=60).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-summed-risk")
@pytest.mark.parametrize("L", [0.5, 1.0, 1.5, 1.9])
def test_the_summed_risk_is_attained_by_one_sample(L):
    verdict = tron.summed_risk(problem=one_sample(gate=slope(L), w=2.0), iterates=2000)
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(verdict.bound, rel=1e-12)


@pytest.mark.statement("relu_gate/ours-summed-risk")
@pytest.mark.parametrize("problem", [one_sample(x=2.0, gate=relu), one_sample(gate=decreasing()),
                                     one_sample(noise=-0.5), one_sample(gate=TOO_STEEP)])
def test_the_summed_risk_needs_its_hypotheses(problem):
    verdict = tron.summed_risk(problem=problem, iterates=20)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied
    assert tron.summed_risk(problem=one_sample(gate=slope(2))).state is State.SILENT


@pytest.mark.statement("relu_gate/ours-tight-horizon")
@pytest.mark.parametrize(("W", "epsilon"), [(2.0, 0.01), (20.0, 0.5), (1.0, 0.18), (0.1, 1e-5)])
def test_the_horizon_is_tight_up_to_two_e(W, epsilon):
    verdict = tron.tight_horizon(W=W, epsilon=epsilon)
    assert verdict.state is State.HOLDS
    assert 2 <= verdict.measured <= tron_steps(W, epsilon)
    # and for lines 2e is the truth: no sample is slower than the slowest line
    slowest = next(t for t in range(1, tron_steps(W, epsilon) + 1) if slowest_line_risk(t, W) < epsilon)
    assert slowest <= W ** 2 / (2 * math.e * epsilon) + 2
    assert tron.tight_horizon(W=1.0, epsilon=0.5).state is State.SILENT


@pytest.mark.statement("relu_gate/ours-matching-loss")
@pytest.mark.parametrize("gate", [*GATES, slope(2)])
def test_the_matching_loss_goes_down_whatever_the_labels(gate):
    assert tron.matching_loss(activation=gate, theta=5.0, runs=8, seed=5).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-matching-loss")
@pytest.mark.parametrize("gate", GATES)
def test_its_gradient_is_minus_the_update(gate):
    rng = np.random.default_rng(6)
    x, y, w, h = rng.uniform(-0.5, 0.5, (5, 3)), rng.standard_normal(5), rng.standard_normal(3), 1e-5
    update = glm_tron(x, y, gate, 1, w1=w).w[1] - w
    difference = (tron.loss_matched(x, y, w + h * np.eye(3), gate)
                  - tron.loss_matched(x, y, w - h * np.eye(3), gate)) / (2 * h)
    assert np.abs(difference + update).max() < 1e-5


@pytest.mark.statement("relu_gate/ours-matching-loss")
def test_the_matching_loss_is_attained_and_needs_its_hypotheses():
    w = glm_tron([[1.0]], [1.5], slope(1.5), 4).w
    F = tron.loss_matched(np.ones((1, 1)), np.array([1.5]), w, slope(1.5))
    assert np.diff(F) == pytest.approx(-0.25 * np.diff(w[:, 0]) ** 2)
    for change in ({"longest": 3.0}, {"activation": TOO_STEEP}):
        verdict = tron.matching_loss(**change)
        assert verdict.state is State.SILENT
        assert not verdict.satisfied
    assert tron.matching_loss(activation=slope(2.5)).state is State.SILENT
    assert tron.matching_loss(activation=decreasing()).given == (True, False, True, True)


@pytest.mark.statement("relu_gate/erratum-E8")
@pytest.mark.parametrize(("W", "epsilon", "risk", "hit"), [(20.0, 0.1, 0.369263, 461), (10.0, 0.05, 0.0923158, 323)])
def test_printed_bound_is_violated_because_the_time_is_too_short(W, epsilon, risk, hit):
    verdict = tron.printed_time(W=W, epsilon=epsilon)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == pytest.approx(risk, rel=1e-5)
    assert f"first below at t={hit}" in verdict.instance
    p = slow_problem(W, 200)
    assert p.run(200).effective_risk.min() > epsilon  # one more update does not help
    assert tron.reaches_the_noise(problem=p, epsilon=epsilon).state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E8")
def test_printed_bound_is_violated_in_exact_arithmetic():
    x, w, risks = Fraction(1, 20), Fraction(0), []
    for _ in range(200):
        risks.append((20 * x - w * x) ** 2)
        w += (20 * x - w * x) * x
        w = w.limit_denominator(10 ** 40)  # a change below 1e-39 an update
    assert min(risks) == risks[-1] > Fraction(36, 100)
    assert tron.printed_time().measured == pytest.approx(float(risks[-1]), rel=1e-12)
    assert float(risks[-1]) == pytest.approx((1 - 1 / 400) ** 398, rel=1e-12)


@pytest.mark.statement("relu_gate/erratum-E8")
@pytest.mark.parametrize(("W", "state"), [(5.0, State.HOLDS), (5.25, State.HOLDS), (5.5, State.VIOLATED),
                                          (8.0, State.VIOLATED), (50.0, State.VIOLATED)])
def test_the_printed_time_fails_from_two_e_on(W, state):
    assert tron.printed_time(W=W, epsilon=W / 500).state is state  # T = 500; 2e = 5.44


@pytest.mark.statement("relu_gate/erratum-E8")
def test_the_printed_time_changes_with_the_unit_of_the_labels():
    runs = [slow_problem(W, 200).run(1000).effective_risk for W in (1.0, 10.0)]
    assert np.abs(runs[1] - 100 * runs[0]).max() < 1e-10  # the same run in another unit
    assert first_hit(runs[0], 5e-4) == first_hit(runs[1], 5e-2) == 323
    assert (tron_steps(1.0, 5e-4), tron_steps(10.0, 5e-2)) == (2001, 2001)
    assert (tron_steps(1.0, 5e-4, "printed"), tron_steps(10.0, 5e-2, "printed")) == (2000, 200)


@pytest.mark.statement("relu_gate/erratum-E9")
def test_printed_bound_is_violated_once_the_iterates_are_further_away_than_W():
    verdict = tron.printed_for_all_times()
    assert verdict.state is State.VIOLATED
    assert "first at t=8: ‖w_t − w‖ = 2.5 > W = 1" in verdict.instance
    p = drifting_problem()
    w = p.run(20).w[:-1]
    corrected = tron_step_bound(p.x, p.y, w, p.w_star, relu)  # W = ‖w_t − w_*‖ at every t
    assert (corrected.after <= corrected.printed).all()
    b = tron_step_bound(p.x, p.y, w, p.w_star, relu, W=1.0)
    assert ((b.after <= b.printed) | (b.before > 1)).all()  # and it held wherever ‖w_t − w‖ ≤ W
    assert (b.after[7], b.printed[7]) == (9, 8.5)


@pytest.mark.statement("relu_gate/erratum-E9")
def test_the_lemma_for_all_times_needs_only_time_or_no_noise():
    assert tron.printed_for_all_times(updates=7).state is State.HOLDS
    assert tron.printed_for_all_times(noise=-0.0, updates=50).state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E9")
@pytest.mark.parametrize("W", [0.0, 1.0, 1.4])
def test_printed_bound_is_violated_when_W_is_left_free(W):
    p = stubborn_problem(20, 3)  # effective risk 29.8 for ever
    assert abs(p.W - 20) < 1e-12
    verdict = tron.reaches_the_noise(problem=p, epsilon=0.5, W=W)
    assert verdict.state is State.SILENT
    assert verdict.given == (*[True] * 5, False)
    threshold = tron_threshold(1, 0.5, 3, W)
    assert p.run(1000).effective_risk.min() > threshold == verdict.bound
    assert p.run(1000).effective_risk.min() < tron_threshold(1, 0.5, 3, p.W)


@pytest.mark.statement("relu_gate/ours-noise-order")
def test_without_the_noise_the_risk_falls(monkeypatch):
    """The same samples with the labels of the target: the iterates are no longer stuck."""
    stuck = tron.stubborn_problem(10.0, 0.5)
    clean = replace(stuck, noise=np.zeros_like(stuck.noise))
    monkeypatch.setattr(tron, "stubborn_problem", lambda W, theta: clean)
    assert tron.noise_order().state is State.VIOLATED
