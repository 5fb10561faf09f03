"""Statements on Theorem 3.4.1: each holds or fails as announced, is silent without a hypothesis, and needs it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate.confinement import confinement_bound
from mathdl.relu_gate.confinement_examples import coin_descent, far_coin, jumping_coin, one_sided_descent
from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import FiniteNoise, GaussianNoise, NoNoise, SphereNoise
from mathdl.relu_gate.theorems import confinement

ALL = (confinement.confined, confinement.confined_at_every_horizon, confinement.confined_by_variance)


def random_descent(seed, step_over_limit=0.9, updates=4, margin=6.0):
    """Random data in R³, target and start; ξ₂ with three values and mean zero."""
    rng = np.random.default_rng(seed)
    x, w_star = rng.standard_normal((4, 3)), rng.standard_normal(3)
    points, weights = rng.standard_normal((3, 3)) * 0.3, rng.dirichlet(np.ones(3))
    points -= weights @ points
    eta = step_over_limit / ((x ** 2).sum(1).max() * math.sqrt(2 * updates))
    return NoisyDescent(x, labels(x, w_star), w_star + rng.standard_normal(3) * 0.3, w_star, NoNoise(3),
                        FiniteNoise(points, weights), eta, updates, margin, 1.7)


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.statement("relu_gate/ours-confinement-variance")
@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("seed", range(4))
def test_confined_on_random_data(check, seed):
    d = random_descent(seed)
    assume = np.linalg.norm(d.noise2.points, axis=1).max() < 1.7  # nothing is shortened: ξ₂' = ξ₂ has mean zero
    verdict = check(descent=d)
    assert assume
    assert verdict.state in (State.HOLDS, State.VACUOUS)
    assert check(descent=random_descent(seed, margin=0.05)).satisfied  # a small margin, so that runs do leave


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.statement("relu_gate/ours-confinement-variance")
@pytest.mark.parametrize("check", ALL)
def test_confined_by_default(check):
    assert check().state is State.HOLDS


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.parametrize("check", ALL[:2])
@pytest.mark.parametrize("distance", [10, 100, 1000])
@pytest.mark.parametrize("units", [0.3, 1.2, 2.4])
def test_the_square_of_k_holds_where_the_printed_bound_does_not(check, distance, units):
    verdict = check(descent=far_coin(distance, units=units))
    assert verdict.state is State.HOLDS
    assert verdict.measured > 0.1


@pytest.mark.statement("relu_gate/ours-confinement")
def test_one_update_comes_within_a_fifth_of_the_bound():
    """λ just below 2aR: the coin leaves with its outward value, 1/2 against e^{−1/2}; no factor below .82 would do."""
    d = far_coin(1e6, units=1.9999, updates=1, size=1.9, cutoff=1.9)
    verdict = confinement.confined_at_every_horizon(descent=d)
    assert verdict.measured == 0.5
    assert verdict.bound == pytest.approx(math.exp(-0.5), rel=1e-3)


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(("descent", "failing"), [
    (coin_descent(label_error=0.3), "labels are realizable"),
    (replace(coin_descent(updates=8), noise1=GaussianNoise((0.1, 0.1))), "‖ξ₁‖ ≤ S₁ < ∞"),
    (replace(coin_descent(updates=20), noise1=FiniteNoise([[0.1, 0.0]], [1.0])), "Eξ₁ = 0"),
    (one_sided_descent(), "Eξ₂' = 0")])
def test_silent_without_a_hypothesis(check, descent, failing):
    verdict = check(descent=descent)
    assert verdict.state is State.SILENT
    assert [h for h, a in zip(verdict.theorem.hypotheses, verdict.given, strict=True) if not a] == [failing]


@pytest.mark.statement("relu_gate/theorem-3.4.1")
def test_silent_at_the_step_limit_and_with_a_long_cutoff():
    assert confinement.confined(descent=coin_descent(step=0.0708, size=0.1, cutoff=0.1)).state is State.SILENT
    assert confinement.confined(descent=coin_descent(step=0.0706, size=0.1, cutoff=0.1)).state is not State.SILENT
    assert confinement.confined(descent=coin_descent(cutoff=1.42)).state is State.SILENT


@pytest.mark.statement("relu_gate/ours-confinement")
def test_silent_above_the_largest_step_only():
    long = confinement.long_descent()
    assert confinement.confined_at_every_horizon(descent=replace(long, step=2.0, updates=50)).state is not State.SILENT
    assert confinement.confined_at_every_horizon(descent=replace(long, step=2.001, updates=50)).state is State.SILENT


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.parametrize("check", ALL)
def test_needs_truncated_noise_without_mean(check):
    """The rare jump back is shortened to nothing: pushes in one direction are left, and E‖ξ₂‖² < n does not help."""
    verdict = check(descent=one_sided_descent())
    assert all(one_sided_descent().hypotheses("printed").values())
    assert verdict.measured > 0.99
    assert verdict.bound < 0.011


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.parametrize("check", ALL)
def test_needs_realizable_labels(check):
    """Without noise, a label that the target does not give: descent walks to the label, away from the target."""
    d = coin_descent(label_error=30.0, step=0.05, size=1e-4, cutoff=1e-4, noise1_size=0.0)
    verdict = check(descent=d)
    assert (verdict.measured, verdict.state) == (1, State.SILENT)
    assert verdict.bound < 1


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.parametrize("check", ALL)
def test_needs_noise1_without_mean(check):
    d = replace(coin_descent(step=0.01, size=0.01, cutoff=0.01, margin=0.1), noise1=FiniteNoise([[-0.6, 0]], [1.0]))
    verdict = check(descent=replace(d, updates=100) if check is not confinement.confined else replace(d, updates=1000,
                                    step=0.02, x=0.01 * d.x, margin=100.0))
    assert verdict.state is State.SILENT
    assert verdict.measured > verdict.bound


@pytest.mark.statement("relu_gate/theorem-3.4.1")
def test_needs_a_cutoff_below_root_n():
    """One update of length K > √n from the target leaves for certain, and the radius does not know."""
    d = coin_descent(step=1.0, updates=1, margin=1.0, start=0.0, data_norm=0.1, size=2.0, cutoff=2.0, noise1_size=0.0)
    verdict = confinement.confined(descent=d)
    assert (verdict.measured, verdict.state) == (1, State.SILENT)
    assert verdict.bound < 1
    improved = confinement.confined_at_every_horizon(descent=d)
    assert (improved.measured, improved.state) == (0, State.HOLDS)  # its radius does


@pytest.mark.statement("relu_gate/ours-confinement")
def test_needs_steps_up_to_two_over_c_squared():
    """η = 3/C² on a line on which the gate stays active: the distance doubles at every update."""
    x, w_star = np.array([[1.0]]), np.array([1e4])
    d = NoisyDescent(x, labels(x, w_star), w_star + 1, w_star, NoNoise(1), FiniteNoise([1e-3, -1e-3], [0.5, 0.5]), 3.0,
                     6, 30.0, 1e-3)
    verdict = confinement.confined_at_every_horizon(descent=d)
    assert (verdict.measured, verdict.state) == (1, State.SILENT)
    assert verdict.bound < 1e-6
    assert confinement.confined_at_every_horizon(descent=replace(d, step=2.0)).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-confinement")
def test_beyond_the_printed_limit_of_the_step():
    d = confinement.long_descent()
    assert d.step > 44 * d.setting().step_limit
    assert confinement.confined(descent=d).state is State.SILENT
    assert confinement.confined_at_every_horizon(descent=d).state is State.HOLDS


@pytest.mark.statement("relu_gate/theorem-3.4.1")
@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.parametrize("check", ALL)
def test_other_noise_is_simulated(check):
    d = replace(coin_descent(updates=20), noise2=SphereNoise(2, 0.5))
    verdict = check(descent=d)
    assert verdict.satisfied
    assert 0 < verdict.error < 0.02


@pytest.mark.statement("relu_gate/ours-confinement-variance")
def test_variance_helps_when_the_noise_mostly_rests_and_hardly_hurts_else():
    lazy, coin = confinement.lazy_descent().setting(), coin_descent().setting()
    by_variance, by_size = (confinement_bound(lazy, kind).log10 for kind in ("variance", "improved"))
    assert by_variance < by_size - 3
    assert confinement_bound(coin, "variance").log10 < 0.85 * confinement_bound(coin, "improved").log10 < 0


@pytest.mark.statement("relu_gate/remark-3.4.1")
@pytest.mark.parametrize("n", [1, 4, 12])
def test_the_gaussian_tail_bound(n):
    verdict = confinement.gaussian_noise(n=n, instances=12, seed=n)
    assert verdict.state is State.HOLDS
    assert verdict.measured < 0.1


@pytest.mark.statement("relu_gate/remark-3.4.1")
def test_the_tail_bound_is_silent_without_noise_and_nearest_at_a_small_cutoff():
    assert confinement.gaussian_noise(n=2, sigmas=(0.0, 0.0)).state is State.SILENT
    near = confinement.gaussian_noise(n=1, sigmas=(1.0,), cutoff=0.01)
    assert near.state is State.HOLDS
    assert near.measured == pytest.approx(0.25, abs=0.01)  # a tail near 1 against 4


@pytest.mark.statement("relu_gate/remark-3.4.1")
def test_a_variance_taken_for_a_deviation_breaks_the_tail_bound(monkeypatch):
    exact = confinement.gaussian_tail
    monkeypatch.setattr(confinement, "gaussian_tail", lambda c, s, kind="exact": exact(c, s if kind != "exact" else
                                                                                      np.sqrt(s), kind))
    assert confinement.gaussian_noise().state is State.VIOLATED


@pytest.mark.statement("relu_gate/ours-gaussian-noise")
@pytest.mark.parametrize("n", [1, 4, 12])
def test_the_concentration_bound(n):
    assert confinement.gaussian_concentration(n=n, instances=10, seed=n).state is State.HOLDS
    assert confinement.gaussian_concentration(n=n, instances=5, load=4.0).state is State.SILENT


@pytest.mark.statement("relu_gate/ours-gaussian-noise")
def test_with_too_much_noise_the_formula_is_no_bound():
    """Far beyond C_L the square grows again although the tail goes to 1."""
    assert not confinement.gaussian_concentration(n=5, load=400.0).satisfied


@pytest.mark.statement("relu_gate/erratum-E4")
@pytest.mark.parametrize(("distance", "exits", "bound"), [(10, 0.34375, 0.139), (100, 0.548828125, 2.4e-27),
                                                          (1000, 0.548828125, 1.1e-287)])
def test_printed_bound_is_violated_by_a_far_coin(distance, exits, bound):
    verdict = confinement.printed_confinement(descent=far_coin(distance))
    assert verdict.state is State.VIOLATED
    assert (verdict.measured, verdict.error) == (exits, 0)
    assert verdict.bound == pytest.approx(bound, rel=0.04)
    assert all(far_coin(distance).hypotheses("printed").values())
    assert confinement.confined(descent=far_coin(distance)).state is State.HOLDS
    assert confinement.confined_at_every_horizon(descent=far_coin(distance)).state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E4")
def test_printed_bound_is_only_weak_when_k_is_small():
    verdict = confinement.printed_confinement(descent=coin_descent(margin=2.0))
    assert verdict.state is State.VACUOUS
    assert verdict.bound == pytest.approx(70, rel=0.01)
    assert confinement.printed_confinement(descent=jumping_coin(10)).state is State.SILENT  # E‖ξ₂‖² >= n


@pytest.mark.statement("relu_gate/erratum-E6")
def test_printed_bound_is_violated_e6_nothing_is_lost_without_the_factor_and_the_second_moment():
    verdict = confinement.needless_hypotheses()
    assert verdict.state is State.VIOLATED
    assert 0.5 < verdict.measured < 1
    assert confinement.needless_hypotheses(power=4.01).state is State.VIOLATED
    assert confinement.needless_hypotheses(power=3.9).state is State.SILENT  # below n: not what is asked
    assert confinement.needless_hypotheses(updates=(1, 5)).state is State.SILENT


@pytest.mark.statement("relu_gate/erratum-E6")
def test_printed_bound_is_violated_e6_the_union_counts_one_exit_many_times():
    """Σ_t P[‖w'_t − w_*‖ > r] against P[some t]: a frozen path that left early stays out at all later times."""
    d = far_coin(100)
    found = exit_probability(d, confinement_bound(d.setting()).radius)
    assert found.by_step.sum() > 5 * found.value
    assert found.by_step.sum() > 1  # the printed chain of inequalities ends above 1


@pytest.mark.statement("relu_gate/erratum-E6")
def test_one_instance_without_a_hypothesis_silences_the_whole_family(monkeypatch):
    usual = confinement.jumping_coin
    monkeypatch.setattr(confinement, "jumping_coin", lambda R, **options: replace(usual(R, **options), y=np.ones(1))
                        if R == 100 else usual(R, **options))
    verdict = confinement.needless_hypotheses()
    assert verdict.state is State.SILENT
    assert verdict.given == (True, True, False, True, True, True, True, True)
