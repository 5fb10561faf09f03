"""Statements on filters, on what the summary claims and on the search: they hold and need their hypotheses."""

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate import adversary, single_filter, stationarity
from mathdl.relu_gate.confinement import Confinement, r_star
from mathdl.relu_gate.laws import Gaussian
from mathdl.relu_gate.theorems import filters


@pytest.mark.statement("relu_gate/definition-16")
@pytest.mark.parametrize(("length", "size", "stride", "alpha"), [(6, 6, 1, 0.0), (10, 3, 1, 0.5), (13, 4, 3, 1.0)])
def test_the_net_is_a_convolution(length, size, stride, alpha):
    assert filters.single_filter(length=length, filter=size, stride=stride, alpha=alpha, seed=size).state is State.HOLDS


@pytest.mark.statement("relu_gate/definition-16")
def test_a_repeated_input_is_no_convolution_patch():
    verdict = filters.single_filter(repeated_input=True)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0.01


@pytest.mark.statement("relu_gate/definition-16")
def test_a_wrong_net_is_seen(monkeypatch):
    monkeypatch.setattr(single_filter, "leaky_relu", lambda u, alpha: np.abs(u))
    assert filters.single_filter().state is State.VIOLATED


@pytest.mark.statement("relu_gate/ours-filter-tron")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("alpha", "factor"), [(0.0, 1.0), (0.5, 0.3), (1.5, 1.9)])
def test_algorithm_4_contracts_for_symmetric_inputs(seed, alpha, factor):
    verdict = filters.filter_tron(alpha=alpha, step_factor=factor, iterates=60, seed=seed)
    assert verdict.state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-filter-tron")
@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5])
def test_the_rate_is_attained_by_a_linear_gate(factor):
    verdict = filters.filter_tron(A=[[[1]]], points=[[1]], alpha=1, step_factor=factor, iterates=20)
    assert verdict.measured == pytest.approx(verdict.bound, abs=1e-10)


@pytest.mark.statement("relu_gate/ours-filter-tron")
def test_without_symmetry_the_target_repels():
    verdict = filters.filter_tron(A=[[[1, 0]], [[0, 1]]], points=[[1, -2]], alpha=0, symmetric=False)
    assert verdict.state is State.SILENT
    assert verdict.measured > 1 > verdict.bound
    mirrored = filters.filter_tron(A=[[[1, 0]], [[0, 1]]], points=[[1, -2]], alpha=0)
    assert mirrored.state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-filter-tron")
def test_a_step_of_two_says_nothing_and_a_longer_one_diverges():
    assert filters.filter_tron(step_factor=2.0).state is State.VACUOUS
    longer = filters.filter_tron(A=[[[1]]], points=[[1]], alpha=1, step_factor=2.5)
    assert longer.measured > 1


@pytest.mark.statement("relu_gate/ours-filter-rest")
@pytest.mark.parametrize("k", [1, 3, 6])
def test_where_algorithm_2_rests(k):
    assert filters.filter_rest(k=k, samples=40_000, seed=k).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-filter-rest")
@pytest.mark.parametrize("broken", [{"k": 3, "stride": 1}, {"alpha": 0.3}])
def test_elsewhere_it_is_pushed(broken):
    verdict = filters.filter_rest(samples=40_000, **broken)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("relu_gate/ours-filter-rest")
def test_it_does_not_rest_at_the_target(monkeypatch):
    monkeypatch.setattr(filters, "gaussian_shrinkage", lambda k: 1.0)
    assert filters.filter_rest(samples=40_000).state is State.VIOLATED


@pytest.mark.statement("relu_gate/discussion-3.2")
@pytest.mark.parametrize(("step", "C"), [(0.01, 1.0), (0.02, 1.0), (0.3, 0.4), (1.0, 2.0)])
def test_the_printed_radius_ends_where_the_claim_says(step, C):
    verdict = filters.radius_exists(step=step, data_norm=C)
    assert verdict.state is State.HOLDS
    assert verdict.bound - verdict.measured <= 1
    setting = Confinement(n=2, step=step, updates=verdict.measured or 1, margin=1.0, start=0.5, data_norm=C, cutoff=0.5)
    later = Confinement(n=2, step=step, updates=verdict.measured + 1, margin=1.0, start=0.5, data_norm=C, cutoff=0.5)
    assert np.isfinite(r_star(setting)) == (verdict.measured > 0)
    assert r_star(later) == np.inf
    assert np.isfinite(r_star(later, "improved"))


@pytest.mark.statement("relu_gate/discussion-3.2")
def test_without_data_the_radius_exists_for_ever():
    verdict = filters.radius_exists(data_norm=0.0)
    assert verdict.state is State.SILENT
    assert verdict.measured > 10 ** 17


@pytest.mark.statement("relu_gate/ours-samples-needed")
@pytest.mark.parametrize("n", [1, 2, 8])
def test_n_active_samples_are_needed_and_enough(n):
    assert filters.samples_needed(n=n, seed=n).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-samples-needed")
def test_inputs_on_a_line_never_determine_the_gate():
    verdict = filters.samples_needed(one_direction=True)
    assert verdict.state is State.SILENT
    assert verdict.measured == np.inf


@pytest.mark.statement("relu_gate/ours-samples-needed")
def test_the_algorithm_of_the_theorem_takes_far_more():
    moments = Gaussian(5).moments(np.eye(5)[0])
    taken = [moments.required_steps(0.1, 0.1, 1.0, kind) for kind in ("seed", "sharp")]
    assert taken[0] > taken[1] > 2 * 5 * 5


@pytest.mark.statement("relu_gate/ours-samples-needed")
def test_another_gate_is_not_found_when_n_samples_are_active():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 3))
    w_star = np.eye(3)[0]
    active = x[x @ w_star > 0]
    assert filters.other_gate(active[:2], np.vstack([active[:2], x[x @ w_star < 0]]), w_star)
    assert not filters.other_gate(active[:2], x, w_star)


@pytest.mark.statement("relu_gate/ours-no-limit-law")
@pytest.mark.parametrize("places", [5, 200])
def test_the_invariant_measure_is_infinite(places):
    assert filters.no_limit_law(places=places).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-no-limit-law")
def test_other_weights_are_not_invariant():
    assert filters.no_limit_law(on_mass=filters.Fraction(1)).state is State.VIOLATED


@pytest.mark.statement("relu_gate/ours-energy-test")
@pytest.mark.parametrize("level", [0.05, 0.5])
def test_false_alarms_stay_below_the_level(level):
    assert filters.energy_level(tests=300, rows=20, level=level, seed=1).state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-energy-test")
def test_another_law_or_steps_of_one_chain_alarm():
    for broken in ({"shift": 1.0}, {"memory": 0.9}):
        verdict = filters.energy_level(tests=100, rows=30, **broken)
        assert verdict.state is State.SILENT
        assert not verdict.satisfied


@pytest.mark.statement("relu_gate/ours-energy-test")
def test_a_p_value_without_the_sample_itself_is_seen(monkeypatch):
    def too_small(a, b, *, relabellings, rng):
        test = stationarity.energy_test(a, b, relabellings=relabellings, rng=rng)
        return stationarity.EnergyTest(test.distance, test.p_value / 2, relabellings)

    monkeypatch.setattr(filters, "energy_test", too_small)
    assert filters.energy_level(tests=200, rows=20).state is State.VIOLATED


@pytest.mark.statement("relu_gate/ours-adversary")
def test_the_search_is_right_about_all_bounds():
    verdict = filters.adversary()
    assert verdict.state is State.HOLDS
    assert verdict.measured == 0


@pytest.mark.statement("relu_gate/ours-adversary")
def test_too_short_a_search_misses_what_is_false():
    verdict = filters.adversary(targets=("printed 3.4.1", "k² without symmetry"), evaluations=3, seed=5)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == 2


@pytest.mark.statement("relu_gate/ours-adversary")
def test_a_start_that_already_violates_is_no_neutral_start(monkeypatch):
    monkeypatch.setattr(adversary, "TRON_START", np.array([1.0, 0.48, 0.0, 1.0, 1.0]))
    verdict = filters.adversary(targets=("printed 3.5.3",), evaluations=1)
    assert verdict.state is State.SILENT
