"""Figures, explorers and exercises on rays and exact fits."""

import numpy as np
import pytest

from mathdl.core.figures import new_figure
from mathdl.exact_erm.enumeration import erm_enumerate
from mathdl.exact_erm.exercises.rays import check_hinge_mixture, check_two_rules
from mathdl.exact_erm.explorers import rays as explorers
from mathdl.exact_erm.figures.rays import box_ends, draw_best_line
from mathdl.exact_erm.problem import ERMProblem

CORNER = np.array([1.0, 1.0])


def test_the_drawn_net_is_the_optimum():
    state = explorers.LineFit(width=3, output_bias=True, descents=2)
    x, y = np.array(state.samples).T
    result = erm_enumerate(ERMProblem(x, y, 3, output_bias=True))
    picture = explorers.draw_line_fit(state)
    lines = {line.get_label(): line for line in picture.axes[0].get_lines()}
    t, f = lines["global optimum"].get_data()
    assert np.allclose(result.net(np.array(t)[:, None])[:, 0], f)
    assert ((np.interp(x, t, f) - y) ** 2).sum() == pytest.approx(result.value)
    assert f"{result.value:.5g}, proved least" in picture.alt
    assert "best descent" in lines


@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_line_explorer_never_fails(width):
    for samples in (((0.0, 1.0),) * 3, ((0.0, 0.0), (1.0, 0.0)), ((-3.0, 2.5), (3.0, -2.5), (-3.0, -2.5))):
        assert "proved least" in explorers.draw_line_fit(explorers.LineFit(samples, width)).alt


def test_the_crease_runs_where_the_gate_is_zero():
    state = explorers.PlaneFit()
    result = erm_enumerate(ERMProblem(np.array(state.points), np.array(state.labels), 1))
    picture = explorers.draw_plane_fit(state)
    crease = np.array(picture.axes[0].get_lines()[0].get_data()).T
    theta = result.theta[0]
    assert abs(crease @ theta[:2] + theta[2]).max() < 1e-9 * abs(theta).max()
    profile = picture.axes[1].get_lines()[0]
    heights = (np.array(state.points) @ theta[:2] + theta[2]) / np.linalg.norm(theta[:2])
    fitted = np.interp(heights, *profile.get_data())
    assert ((fitted - state.labels) ** 2).sum() == pytest.approx(result.value)


def test_the_plane_explorer_takes_labels_that_want_no_gate():
    picture = explorers.draw_plane_fit(explorers.PlaneFit(labels=(0.0,) * 10))
    assert any("no gate" in text.get_text() for text in picture.axes[1].texts)


@pytest.mark.parametrize("cell", [0, 19, 43])
def test_rays_of_a_cell_pass_through_two_samples(cell):
    state = explorers.CellRays(cell=cell)
    lines = [line for line in explorers.draw_cell_rays(state).axes[1].get_lines() if line.get_linestyle() != "None"]
    for drawn in lines:
        (a, b), (c, d) = np.array(drawn.get_data()).T
        on = [abs((c - a) * (y - b) - (d - b) * (x - a)) < 1e-9 for x, y in state.points]
        assert sum(on) == 2


def test_kinks_inside_the_window_are_marked():
    x = np.arange(5.0)
    result = erm_enumerate(ERMProblem(x, np.maximum(x - 1.5, 0), 1))
    _, ax = new_figure()
    assert draw_best_line(ax, result, 0, 4) == pytest.approx([1.5])
    assert len(draw_best_line(ax, result, 2, 4)) == 0


def test_lines_are_cut_by_the_box():
    assert np.allclose(box_ends(np.array([1.0, -1.0, 0.0]), -CORNER, CORNER), [(-1, -1), (1, 1)])
    assert np.allclose(box_ends(np.array([0.0, 2.0, -1.0]), -CORNER, CORNER), [(-1, 0.5), (1, 0.5)])
    assert box_ends(np.array([1.0, 1.0, 9.0]), -CORNER, CORNER) == []


def test_explorers_move():
    explorer = explorers.explore_line_fit()
    explorer.controls["width"].value = 1
    assert explorer.state.width == 1
    for build in (explorers.explore_plane_fit, explorers.explore_cell_rays):
        assert build().view.picture.alt


def test_exercises():
    assert check_hinge_mixture((0.75, 2.25)).right
    assert check_hinge_mixture((0.75, 3)).right is False
    assert check_hinge_mixture(...).right is None
    assert check_two_rules((0, 0, 0, 0, 2, 1)).right
    assert check_two_rules((0, 0, 0, 0, 1, 2)).right is False
    assert check_two_rules((1, 2)).right is False
