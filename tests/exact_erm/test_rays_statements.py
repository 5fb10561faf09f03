"""The statements on rays, near-equal and small patterns, and faces: they hold, can fall silent, and can fail."""

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.exact_erm.theorems import rays as verdict

BENT_TWICE = (0.0, 0.0, 0.0, 0.0, 1.0, 0.5)  # bends +1 at the point 3, -1.5 at the point 4


def line(samples):
    return tuple((float(i),) for i in range(samples))


@pytest.mark.statement("exact_erm/ours-extreme-rays")
@pytest.mark.parametrize(("inputs", "width", "samples"), [(1, 1, 6), (1, 3, 9), (2, 1, 8), (2, 2, 9), (3, 1, 8)])
def test_rays_give_the_value_of_the_cell_problem(inputs, width, samples):
    shown = verdict.ray_problem(samples=samples, inputs=inputs, width=width, products=15, seed=inputs + width)
    assert shown.state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-extreme-rays")
def test_without_one_ray_the_value_is_too_large():
    shown = verdict.ray_problem(dropped=True)
    assert shown.state is State.SILENT
    assert shown.measured > 0.01


@pytest.mark.statement("exact_erm/ours-near-equal-patterns")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("options", [{}, {"points": line(6)}, {"points": line(6), "output_bias": True}])
def test_two_gates_need_no_near_equal_patterns(options, seed):
    shown = verdict.near_equal_patterns(seed=seed, **options)
    assert shown.state is State.HOLDS
    assert not shown.satisfied or shown.measured == pytest.approx(shown.bound, abs=1e-8)


@pytest.mark.statement("exact_erm/ours-near-equal-patterns")
def test_labels_that_near_equal_patterns_fit_are_fitted_by_others():
    assert verdict.near_equal_patterns(points=line(6), labels=BENT_TWICE).measured == pytest.approx(0, abs=1e-12)


@pytest.mark.statement("exact_erm/ours-near-equal-patterns")
def test_three_gates_may_need_near_equal_patterns():
    shown = verdict.near_equal_patterns(points=line(7), labels=verdict.SPIKE, width=3)
    assert shown.state is State.SILENT
    assert shown.bound == pytest.approx(0, abs=1e-12)
    assert shown.measured == pytest.approx(0.2, rel=1e-6)


@pytest.mark.statement("exact_erm/ours-near-equal-patterns")
def test_points_that_do_not_span_are_out_of_scope():
    points = tuple((float(i), 2.0 * i) for i in range(4))
    assert verdict.near_equal_patterns(points=points, labels=(1.0, 0.0, 1.0, 0.0)).given == (True, False)


@pytest.mark.statement("exact_erm/ours-small-patterns")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("options", [{}, {"points": line(6)}, {"points": line(5), "width": 3},
                                     {"points": line(6), "output_bias": True}])
def test_gates_need_no_small_patterns(options, seed):
    assert verdict.small_patterns(seed=seed, **options).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-small-patterns")
def test_a_gate_on_for_one_sample_only_is_replaced():
    assert verdict.small_patterns(points=line(6), labels=BENT_TWICE).measured == pytest.approx(0, abs=1e-12)


@pytest.mark.statement("exact_erm/ours-small-patterns")
def test_both_rules_together_lose_an_optimum():
    shown = verdict.small_patterns(points=line(6), labels=BENT_TWICE, both=True)
    assert shown.state is State.SILENT
    assert shown.bound == pytest.approx(0, abs=1e-12)
    assert shown.measured == pytest.approx(0.2, rel=1e-6)


@pytest.mark.statement("exact_erm/ours-small-patterns")
def test_small_patterns_of_points_that_do_not_span_are_out_of_scope():
    points = tuple((float(i), 2.0 * i) for i in range(4))
    assert verdict.small_patterns(points=points, labels=(1.0, 0.0, 1.0, 0.0)).given == (False, True)


@pytest.mark.statement("exact_erm/ours-faces")
@pytest.mark.parametrize(("samples", "inputs"), [(4, 1), (9, 1), (7, 2), (5, 3)])
def test_closed_forms_on_faces_find_the_optimum(samples, inputs):
    assert verdict.faces(samples=samples, inputs=inputs, seed=samples).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-faces")
def test_every_kind_of_face_is_needed():
    kinds = {k: [verdict.faces(samples=7, skipped=k, seed=s) for s in range(6)] for k in (1, 2)}
    for shown in kinds.values():
        assert {v.state for v in shown} == {State.SILENT}
        assert any(not v.satisfied for v in shown)


@pytest.mark.statement("exact_erm/ours-faces")
def test_faces_of_one_gate_say_nothing_about_two():
    shown = verdict.faces(width=2)
    assert shown.state is State.SILENT
    assert shown.measured > shown.bound


def test_the_dual_route_agrees_with_a_feasible_point():
    """The value in θ is at most the loss of any feasible θ, and reached where the unconstrained optimum is feasible."""
    problem = verdict.noise_problem(9, 2, 1, seed=0)
    theta = np.array([1.0, 0.4, 0.1])
    p = problem.lifted @ theta > 0
    value = verdict.value_in_theta(p[:, None] * problem.lifted, p[None], problem)
    assert value <= ((p * (problem.lifted @ theta) - problem.y) ** 2).sum()
    exact = verdict.ERMProblem(problem.x, p * (problem.lifted @ theta), 1)
    assert verdict.value_in_theta(p[:, None] * problem.lifted, p[None], exact) == pytest.approx(0, abs=1e-12)
