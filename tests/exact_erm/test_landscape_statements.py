"""Statements on the landscape: they hold, are attained, fall silent without a hypothesis, and fail where they must."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.exact_erm import atlas as atlas_module
from mathdl.exact_erm.atlas import landscape_atlas
from mathdl.exact_erm.descent import restarts
from mathdl.exact_erm.leave_one_out import leave_one_out
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.theorems import landscape as T


@pytest.mark.parametrize("name", ["cell_minima", "atlas_contains_restarts", "leave_one_out_window", "width_from_below",
                                  "width_from_above"])
def test_default_instances_hold(name):
    assert getattr(T, name)().state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-cell-minima")
@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("case", [{"inputs": 2}, {"width": 2, "samples": 4}, {"output_bias": True}])
def test_the_criterion_holds_on_random_data(case, seed):
    assert T.cell_minima(seed=seed, **case).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-cell-minima")
def test_the_criterion_is_silent_when_one_kind_is_missing():
    verdict = T.cell_minima(samples=1)
    assert (verdict.given, verdict.state) == ((False,), State.SILENT)


@pytest.mark.statement("exact_erm/ours-cell-minima")
def test_looking_at_one_cell_only_is_not_enough(monkeypatch):
    # without the neighbours every cell minimum passes for genuine, and steps tell otherwise
    monkeypatch.setattr(atlas_module.RayCells, "around", lambda self, row, wall: np.array([row]))
    verdict = T.cell_minima()
    assert verdict.state is not State.HOLDS
    assert verdict.measured > 10


@pytest.mark.statement("exact_erm/ours-cell-minima")
def test_any_point_of_the_minimisers_will_not_do(monkeypatch):
    # a corner of the set of minimisers touches more cells than its inner points: it may fail where they pass
    honest = [landscape_atlas(planted(5, 1, 1, rng=np.random.default_rng(s))) for s in range(6)]
    monkeypatch.setattr(atlas_module, "widest", lambda A, fit: fit.coefficients)
    corner = [landscape_atlas(planted(5, 1, 1, rng=np.random.default_rng(s))) for s in range(6)]
    genuine = [[m.genuine for a in group for m in a.minima] for group in (corner, honest)]
    assert sum(genuine[0]) < sum(genuine[1])


@pytest.mark.statement("exact_erm/ours-atlas")
@pytest.mark.parametrize("case", [{"inputs": 2, "width": 1, "seed": 1}, {"width": 1, "samples": 9},
                                  {"samples": 5, "seed": 3},
                                  {"samples": 5, "width": 1, "method": "gd", "steps": 60_000}])
def test_training_at_rest_is_in_the_atlas(case):
    assert T.atlas_contains_restarts(**case).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-atlas")
def test_every_kind_of_genuine_minimum_catches_runs():
    problem = planted(8, 1, 1, rng=np.random.default_rng(0))
    atlas = landscape_atlas(problem)
    runs = restarts(problem, 200, steps=20_000, rng=np.random.default_rng(1))
    homes = [atlas.home(t, s) for t, s, ok in zip(runs.theta, runs.signs, atlas.settled(runs), strict=True) if ok]
    assert {h.kind for h in homes} == {"interior", "boundary"}
    assert any(h.dead for h in homes)
    assert any(abs(h.value - atlas.value) < 1e-9 for h in homes)


@pytest.mark.statement("exact_erm/ours-atlas")
def test_training_that_has_not_come_to_rest_is_silent_and_elsewhere():
    for case in ({"steps": 30}, {"method": "sgd", "decay": False, "steps": 3000}):
        verdict = T.atlas_contains_restarts(**case)
        assert verdict.given[0] is False
        assert verdict.state is State.SILENT
        assert not verdict.satisfied


@pytest.mark.statement("exact_erm/ours-atlas")
def test_a_top_weight_of_zero_is_outside_the_claim(monkeypatch):
    def with_zero_top(problem, n, **options):  # top weight 0 on a gate that no sample sees: no gradient moves either
        gates = np.zeros((n, problem.width, problem.n_inputs + 1)) + np.eye(problem.n_inputs + 1)[-1] * -1
        return restarts(problem, n, start=(gates, np.zeros((n, problem.width))), **options)

    monkeypatch.setattr(T, "restarts", with_zero_top)
    verdict = T.atlas_contains_restarts(width=1, runs=3, steps=10)
    assert verdict.given[1] is False
    assert verdict.state is State.SILENT


@pytest.mark.statement("exact_erm/ours-leave-one-out")
@pytest.mark.parametrize("case", [{"seed": 1}, {"inputs": 2, "width": 1}, {"output_bias": True, "samples": 5},
                                  {"noise": 0.0, "samples": 6}, {"width": 3, "samples": 4}])
def test_the_window_loses_nothing(case):
    assert T.leave_one_out_window(**case).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-leave-one-out")
def test_the_window_is_attained_where_the_optimum_stays():
    found = leave_one_out(planted(6, 1, 2, rng=np.random.default_rng(1)))
    kept = abs(found.windows - found.values) <= 1e-12
    assert kept.tolist() == [True, True, True, False, True, True]
    assert found.windows[3] > found.values[3] + 0.05


@pytest.mark.statement("exact_erm/ours-leave-one-out")
def test_leave_one_out_is_silent_when_nothing_is_saved(monkeypatch):
    plain = T.leave_one_out
    monkeypatch.setattr(T, "leave_one_out", lambda problem: plain(problem, prune=False))
    assert T.leave_one_out_window().state is State.SILENT


@pytest.mark.statement("exact_erm/ours-leave-one-out")
def test_a_value_that_is_not_optimal_is_noticed(monkeypatch):
    plain = T.leave_one_out
    monkeypatch.setattr(T, "leave_one_out", lambda problem: replace(found := plain(problem),
                                                                    values=found.values + 1e-9))
    assert T.leave_one_out_window().state is State.VIOLATED


@pytest.mark.statement("exact_erm/ours-breakpoints")
@pytest.mark.parametrize("labels", [(0, 1, 0), (0, 1, 3, 6, 10), (0, 2, 1, 3), (0, 1, 0, 1, 0)])
@pytest.mark.parametrize("output_bias", [False, True])
def test_widths_lie_between_the_two_bounds(labels, output_bias):
    below = T.width_from_below(labels=labels, output_bias=output_bias)
    above = T.width_from_above(labels=labels, output_bias=output_bias)
    assert below.satisfied
    assert above.state is State.HOLDS
    assert below.measured == above.measured


@pytest.mark.statement("exact_erm/ours-breakpoints")
def test_fewest_gates_are_attained_and_constant_labels_are_silent():
    assert T.width_from_below(labels=T.WAVE).slack == 0
    assert T.width_from_below(labels=(2, 2, 2)).state is State.SILENT


@pytest.mark.statement("exact_erm/ours-smallest-width")
def test_zigzags_of_three_and_four_need_all_gates_allowed():
    for D in (3, 4):
        verdict = T.width_from_above(labels=tuple(i % 2 for i in range(D)))
        assert verdict.measured == verdict.bound == D - 1
    assert T.width_from_above(labels=(-1, 0, 1), output_bias=False).slack == 0  # k = 0, and two gates


@pytest.mark.statement("exact_erm/ours-smallest-width")
def test_two_labels_at_a_point_are_silent_and_no_width_is_enough():
    verdict = T.width_from_above(points=(0, 0, 1), labels=(0, 1, 0))
    assert verdict.state is State.SILENT
    assert verdict.measured == np.inf
