"""Statements on Algorithm 3: each holds or fails as announced, is attained somewhere, and needs its hypotheses."""

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate.co_coercivity import monotonicity
from mathdl.relu_gate.confinement import confinement_bound
from mathdl.relu_gate.dynamics_instances import named_noise, rare_recoil
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import FiniteNoise
from mathdl.relu_gate.theorems import dynamics

LEMMA = pytest.mark.parametrize("verdict", [dynamics.gradient_direction, dynamics.co_coercive])


@pytest.mark.statement("relu_gate/algorithm-3")
@pytest.mark.parametrize(("relative", "samples", "n"), [(2.0, 20, 3), (1.0, 5, 8), (0.1, 3, 1), (1.99, 50, 2)])
def test_descent_never_steps_away(relative, samples, n):
    verdict = dynamics.no_noise(relative_step=relative, samples=samples, n_inputs=n, updates=80, seed=samples)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-10


@pytest.mark.statement("relu_gate/algorithm-3")
def test_the_step_limit_is_attained_and_needed():
    at_limit = dynamics.no_noise(relative_step=2.0, samples=1, n_inputs=1)
    assert at_limit.state is State.HOLDS
    assert at_limit.measured == 0  # the distance 1/2 stays for ever
    beyond = dynamics.no_noise(relative_step=2.01, samples=1, n_inputs=1)
    assert beyond.state is State.SILENT
    assert not beyond.satisfied


@pytest.mark.statement("relu_gate/algorithm-3")
def test_with_noise_runs_do_step_away():
    verdict = dynamics.no_noise(relative_step=0.5, noise_length=0.05)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@LEMMA
@pytest.mark.statement("relu_gate/lemma-3.4.2")
@pytest.mark.statement("relu_gate/ours-co-coercive")
@pytest.mark.parametrize(("samples", "n"), [(1, 5), (3, 2), (30, 6)])
def test_both_lemmas_hold_on_random_data(verdict, samples, n):
    assert verdict(samples=samples, n_inputs=n, instances=4000, seed=n).state is State.HOLDS


@LEMMA
@pytest.mark.statement("relu_gate/lemma-3.4.2")
@pytest.mark.statement("relu_gate/ours-co-coercive")
def test_both_lemmas_are_attained(verdict):
    assert verdict(samples=1, n_inputs=1).measured == 0
    one = monotonicity([[1.0]], [2.0], [1.0])
    assert (one.inner, one.squares, one.gradient) == (1, 1, 1)


@LEMMA
@pytest.mark.statement("relu_gate/lemma-3.4.2")
@pytest.mark.statement("relu_gate/ours-co-coercive")
@pytest.mark.parametrize(("broken", "which"), [({"label_noise": 0.5}, 0), ({"activation": "decreasing"}, 1)])
def test_both_lemmas_need_their_hypotheses(verdict, broken, which):
    found = verdict(**broken)
    assert found.state is State.SILENT
    assert found.given[which] is False
    assert not found.satisfied


@LEMMA
@pytest.mark.statement("relu_gate/lemma-3.4.2")
@pytest.mark.statement("relu_gate/ours-co-coercive")
def test_a_slope_of_two_breaks_both_lemmas_somewhere(verdict):
    """g with f = 2 relu: ⟨w − w_*, g⟩ = 2, the squares 4, ‖g‖²/C² = 4 on x = 1, w = 2, w_* = 1."""
    found = verdict(activation="slope 2", samples=1, n_inputs=1)
    assert found.state is State.SILENT
    assert found.given == (True, True, False)
    assert found.measured == pytest.approx(-2 / 9)


@pytest.mark.statement("relu_gate/lemma-3.4.2")
def test_label_noise_of_scale_two_turns_a_fifth_of_the_gradients():
    """The counter-experiment of the ledger in its setting: the inner product is negative in a fair share of draws."""
    rng = np.random.default_rng(0)
    x, w, w_star = rng.standard_normal((2000, 10, 3)), *rng.standard_normal((2, 2000, 3))
    noisy = monotonicity(x, w, w_star, label_noise=2 * rng.standard_normal((2000, 10))).inner
    assert 0.1 < (noisy < 0).mean() < 0.4
    assert (monotonicity(x, w, w_star).inner >= 0).all()


@pytest.mark.statement("relu_gate/equation-3.11")
@pytest.mark.parametrize("noise", ["sphere", "ball", "gaussian", "two-sided"])
@pytest.mark.parametrize(("step", "r", "S1"), [(0.01, 1.0, 0.1), (0.5, 0.3, 2.0), (3.0, 5.0, 0.0)])
def test_symmetric_noise_gives_a_supermartingale(noise, step, r, S1):
    verdict = dynamics.supermartingale(noise=noise, step=step, r=r, S1=S1, cut=0.9, seed=1)
    assert verdict.state is State.HOLDS


@pytest.mark.statement("relu_gate/equation-3.11")
def test_the_largest_mean_tends_to_zero_at_the_target():
    """With C_L → √n and no ξ₁ the mean at w = w_* is −ηn(1 − C_L²/n), less the gradient's part of the drift."""
    verdict = dynamics.supermartingale(cut=0.999999, S1=0.0, step=1e-6, r=1e-3)
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(-3e-6 * (1 - 0.999999 ** 2) - 2e-18, rel=1e-6)


@pytest.mark.statement("relu_gate/equation-3.11")
@pytest.mark.statement("relu_gate/erratum-E5")
def test_asymmetric_noise_gives_a_positive_mean():
    verdict = dynamics.supermartingale(noise="one-sided")
    assert verdict.state is State.SILENT
    assert verdict.given == (True, False, True, True)
    assert verdict.measured > 0.1
    assert "Eξ₂ = 0" not in named_noise("one-sided", 3, 0.8).breaks(0.8, "printed")


@pytest.mark.statement("relu_gate/equation-3.11")
def test_a_first_noise_with_a_direction_gives_a_positive_mean():
    verdict = dynamics.supermartingale(first="constant", S1=5.0)
    assert verdict.state is State.SILENT
    assert verdict.given == (False, True, True, True)
    assert verdict.measured > 0.01
    assert dynamics.supermartingale(first="two-sided", S1=5.0).state is State.HOLDS


@pytest.mark.statement("relu_gate/equation-3.11")
def test_a_cut_beyond_root_n_gives_a_positive_mean():
    verdict = dynamics.supermartingale(cut=1.1, S1=0.0)
    assert verdict.state is State.SILENT
    assert verdict.measured == pytest.approx(0.01 * 3 * (1.21 - 1) - 2e-4, rel=1e-6)  # ηn(C_L²/n − 1) − 2η²C⁴r², at w_*


@pytest.mark.statement("relu_gate/equation-3.11")
@pytest.mark.parametrize(("cut", "positive"), [(0.99, True), (0.7, False)])
def test_correlated_noises_can_break_it_only_when_half_of_n_is_cut_short(cut, positive):
    """(a + b)² <= 2a² + 2b²: for C_L² <= n/2 the drift pays for any correlation; beyond, the worst is S₁√η = C_L."""
    for S1 in (1.0, 10.0, cut * np.sqrt(3) / 0.1, 40.0):
        verdict = dynamics.supermartingale(cut=cut, S1=S1, correlation=-1.0, r=0.1)
        assert verdict.state is State.SILENT
        if not positive:
            assert verdict.satisfied
    worst = dynamics.supermartingale(cut=cut, S1=cut * np.sqrt(3) / 0.1, correlation=-1.0, r=0.1)
    assert (worst.measured > 0) == positive


@pytest.mark.statement("relu_gate/lemma-3.4.3")
@pytest.mark.statement("relu_gate/ours-smaller-difference")
@pytest.mark.parametrize(("step", "r", "S1", "samples", "n"), [
    (1e-3, 1.0, 0.1, 20, 2), (0.3, 0.2, 1.0, 5, 4), (4.0, 0.05, 0.0, 1, 1), (10.0, 3.0, 5.0, 1, 1)])
def test_no_noise_moves_z_by_more_than_k(step, r, S1, samples, n):
    sizes = {"step": step, "r": r, "S1": S1, "samples": samples, "n_inputs": n, "cut": 0.9}
    corrected, printed = (dynamics.bounded_differences(kind=kind, **sizes) for kind in ("corrected", "printed"))
    smaller = dynamics.smaller_difference(**sizes)
    assert corrected.state is printed.state is smaller.state is State.HOLDS
    assert smaller.measured > corrected.measured


@pytest.mark.statement("relu_gate/lemma-3.4.3")
@pytest.mark.statement("relu_gate/ours-smaller-difference")
def test_k_is_attained_in_the_limit_of_small_steps():
    for verdict in (dynamics.bounded_differences, dynamics.smaller_difference):
        assert 0.9999 < verdict(step=1e-10).measured <= 1


@pytest.mark.statement("relu_gate/lemma-3.4.3")
@pytest.mark.statement("relu_gate/ours-smaller-difference")
def test_k_needs_the_cut_below_root_n():
    for verdict in (dynamics.bounded_differences, dynamics.smaller_difference):
        found = verdict(cut=80.0)
        assert found.state is State.SILENT
        assert found.measured > 2


@pytest.mark.statement("relu_gate/theorem-3.D.1")
@pytest.mark.parametrize(("values", "weights", "steps", "level"), [
    ((-1, 1), (0.5, 0.5), 50, 10), ((-1, 0, 1), (0.5, 0.2, 0.3), 30, 6), ((-1, 1), (0.6, 0.4), 80, 9)])
def test_azuma_holds(values, weights, steps, level):
    assert dynamics.azuma(values=values, weights=weights, steps=steps, level=level).state is State.HOLDS


@pytest.mark.statement("relu_gate/theorem-3.D.1")
def test_azuma_needs_both_hypotheses():
    drift = dynamics.azuma(weights=(0.35, 0.65))
    assert drift.state is State.SILENT
    assert drift.measured == pytest.approx(0.280104, abs=1e-6)
    long_steps = dynamics.azuma(values=(-3, 3), level=20)
    assert long_steps.state is State.SILENT
    assert not long_steps.satisfied


@pytest.mark.statement("relu_gate/ours-freedman")
@pytest.mark.parametrize("move", [0.01, 0.05, 0.3])
def test_freedman_is_tighter_where_the_variance_is_small(move):
    verdict = dynamics.freedman(weights=(move / 2, 1 - move, move / 2), level=25)
    assert verdict.state is State.HOLDS
    assert verdict.bound < verdict.trivial


@pytest.mark.statement("relu_gate/ours-freedman")
def test_freedman_is_vacuous_beside_azuma_when_every_step_moves():
    assert dynamics.freedman(values=(-1, 1), weights=(0.5, 0.5)).state is State.VACUOUS


@pytest.mark.statement("relu_gate/ours-freedman")
def test_only_upward_steps_need_to_be_short():
    """Down by 9 with probability 1/10, up by 1 else: Azuma-Hoeffding has to count 9s, Freedman's bound does not."""
    verdict = dynamics.freedman(values=(-9, 1), weights=(0.1, 0.9), steps=100, level=60)
    assert verdict.state is State.HOLDS
    assert verdict.bound < 0.2 < 0.7 < verdict.trivial


@pytest.mark.statement("relu_gate/ours-freedman")
@pytest.mark.parametrize(("broken", "which"), [
    ({"values": (-1, 0, 100), "weights": (0.01, 0.9899, 0.0001), "level": 60}, 0),
    ({"weights": (0.0, 0.95, 0.05)}, 1), ({"variance": 2.0}, 2)])
def test_freedman_needs_its_hypotheses(broken, which):
    verdict = dynamics.freedman(**({"level": 15} | broken))
    assert verdict.state is State.SILENT
    assert [i for i, given in enumerate(verdict.given) if not given] == [which]
    assert not verdict.satisfied


@pytest.mark.statement("relu_gate/erratum-E5")
def test_printed_bound_is_violated_by_noise_that_recoils_rarely():
    verdict = dynamics.mean_zero_is_not_enough()
    assert verdict.state is State.VIOLATED
    assert verdict.given == (True,) * 7
    assert verdict.measured == pytest.approx(0.9999 ** 91, rel=1e-12)  # 91 steps outward leave the ball
    assert 0.0100 < verdict.bound < 0.0143


@pytest.mark.statement("relu_gate/erratum-E5")
def test_the_ball_is_left_at_step_91_and_no_rounding_decides():
    descent = rare_recoil(False, 1e-4, 1e5, 1.8e6, 100, 100)
    r = confinement_bound(descent.setting()).radius
    assert 1e5 + 9.0 < r < 1e5 + 9.1
    found = exit_probability(descent, r)
    assert found.by_step[90] == 0 < found.by_step[91] == found.value
    assert found.nearest > 1e-8
    assert dynamics.mean_zero_is_not_enough().measured == pytest.approx(found.value, rel=1e-12)  # the same on a line


@pytest.mark.statement("relu_gate/erratum-E5")
def test_the_same_noise_made_symmetric_obeys_the_bound():
    verdict = dynamics.mean_zero_is_not_enough(symmetric=True)
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(1 - (1 - 5e-5) ** 100, rel=1e-2)  # a long step outward, from near the edge
    assert rare_recoil(True, 1e-4, 1e5, 1.8e6, 100, 100).noise2.breaks(0.1) == ()
    assert rare_recoil(False, 1e-4, 1e5, 1.8e6, 100, 100).noise2.breaks(0.1) == ("Eξ₂' = 0",)


@pytest.mark.statement("relu_gate/erratum-E5")
def test_the_erratum_is_silent_when_a_printed_hypothesis_fails():
    assert dynamics.mean_zero_is_not_enough(n_inputs=50).state is State.SILENT  # E‖ξ₂‖² = 99.99
    assert dynamics.mean_zero_is_not_enough(rare=0.5, margin=1e4).state is not State.VIOLATED  # ± 0.1 is symmetric


@pytest.mark.statement("relu_gate/erratum-E7")
def test_printed_bound_is_violated_by_a_long_step_in_a_small_ball():
    verdict = dynamics.printed_bracket()
    assert verdict.state is State.VIOLATED
    assert (verdict.measured, verdict.bound) == pytest.approx((0.85, 0.6))  # 3r + ηS₁, r + 4r² + ηS₁
    assert dynamics.printed_bracket(kind="corrected").state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E7")
@pytest.mark.parametrize(("step", "C", "r", "violated"), [
    (1.0, 2.0, 0.25, True), (0.51, 2.0, 0.01, True), (0.4, 2.0, 0.01, False), (1.0, 2.0, 1.0, False)])
def test_where_the_printed_bracket_fails(step, C, r, violated):
    """|1 − ηC²| r > r + ηC²r², so for ηC²(1 − r) > 2; the corrected bracket holds everywhere."""
    assert (step * C ** 2 * (1 - r) > 2) == violated
    assert (dynamics.printed_bracket(step=step, C=C, r=r).state is State.VIOLATED) == violated
    assert dynamics.printed_bracket(step=step, C=C, r=r, kind="corrected").state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E7")
def test_outside_the_ball_nothing_is_said():
    verdict = dynamics.printed_bracket(kind="corrected", farthest=2.0)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("relu_gate/erratum-E7")
def test_the_printed_norm_of_the_gradient_is_too_small_in_a_small_ball():
    """(3.9) gives ‖g‖ <= C²r, attained by one sample; the printed bracket would need C²r²."""
    one = monotonicity([[2.0]], [0.75], [0.5])  # r = 1/4, C = 2
    assert np.sqrt(one.gradient * 4) == pytest.approx(1.0)  # C²r = 1 > C²r² = 1/4
    assert labels([[2.0]], [0.5]) == 1.0


@pytest.mark.statement("relu_gate/erratum-E5")
def test_names_of_noises():
    assert isinstance(named_noise("two-sided", 2, 0.5), FiniteNoise)
    with pytest.raises(KeyError):
        named_noise("none", 2, 0.5)
