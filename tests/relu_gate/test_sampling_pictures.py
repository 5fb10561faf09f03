"""Figures, explorers and exercises on Algorithm 2, read back from their artists and answers."""

import math

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.exercises.sampling import check_blind_half, check_equality
from mathdl.relu_gate.explorers import sampling as explorer
from mathdl.relu_gate.explorers.sampling import EPS, FAN_LAWS, KINDS, LAWS, Fan, Paths, draw_fan, draw_paths
from mathdl.relu_gate.figures.sampling import FLOOR, breaks_figure, fan_figure, time_constants_figure
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.moments import GateMoments


def lines(ax):
    """The labelled lines of an axes."""
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


@pytest.mark.parametrize("ratio", [0.1, 1.0, 4.0])
def test_the_paths_and_their_slopes_are_the_librarys(ratio):
    picture = draw_paths(Paths(ratio))
    left, right = picture.axes
    m = GateMoments.gaussian(2)
    step = ratio * m.step_size()
    runs = modified_sgd(LAWS["Gaussian"](2), explorer.TARGET, explorer.START, step=step, updates=80, runs=200,
                        rng=np.random.default_rng(0), keep=True)
    assert (left.lines[3].get_xdata() == runs.path[:, 3, 0]).all()
    assert lines(right)["mean of the runs"].get_ydata() == pytest.approx(
        np.log10(runs.squared_distance.mean(axis=1)))
    for name, rate in (("bound with c₁", m.rate(step)), ("bound with Λ", m.rate(step, "sharp"))):
        y = lines(right)[name].get_ydata()
        assert y[1] - y[0] == pytest.approx(80 * math.log10(rate), abs=1e-9)
    assert f"{ratio:g} times" in right.get_title()
    assert clipped_text(picture) == []


def test_a_law_without_a_fourth_moment_is_drawn_without_slopes():
    picture = draw_paths(Paths(law="Pareto, tail 3"))
    assert set(lines(picture.axes[1])) == {"mean of the runs"}
    assert "silent, not E‖x‖⁴ < ∞" in picture.axes[1].get_title()
    assert "no slope" in picture.alt


@pytest.mark.parametrize("law", FAN_LAWS)
@pytest.mark.parametrize("kind", KINDS)
def test_fans_in_all_corners(law, kind):
    picture = draw_fan(Fan(10 if KINDS[kind] == "seed" else 1, law, kind))
    drawn = lines(picture.axes[0])
    silent = "silent" in picture.axes[0].get_title()
    assert silent == (law in ("Pareto, tail 3", "half-space supported"))
    assert ("1 - λ²/c₁, for λ/c₁" in drawn) == (not silent)
    assert picture.alt.count("log10") == 1
    assert clipped_text(picture) == []


def test_the_fan_marks_the_theorems_time():
    drawn = lines(draw_fan(Fan(4)).axes[0])
    m = GateMoments.gaussian(4)
    T = m.required_steps(EPS, explorer.DELTA, 1.0)
    marker = drawn[f"T of this step = {T}"]
    assert (marker.get_xdata()[0], marker.get_ydata()[0]) == (T, math.log10(EPS ** 2))
    for name, kind in (("1 - λ²/c₁, for λ/c₁", "seed"), ("1 - λ²/Λ, for λ/Λ", "sharp")):
        t, y = drawn[name].get_data()
        assert (y[1] - y[0]) / (t[1] - t[0]) == pytest.approx(math.log10(m.rate(kind=kind)))


def test_the_fan_is_of_quantiles():
    squared = 10.0 ** np.array([[0.0, 0, 0, 0, 0], [-1, -2, -3, -4, -5]])
    ax = fan_figure(squared, [], None, .1, "a title").axes[0]
    assert lines(ax)["median"].get_ydata() == pytest.approx([0, -3])
    assert lines(ax)["mean"].get_ydata() == pytest.approx([0, math.log10(squared[1].mean())])
    edges = ax.collections[0].get_paths()[0].vertices
    assert edges[:, 1].min() == pytest.approx(-4.8)
    assert fan_figure(0 * squared, [], None, .1, "zero").axes[0].lines[0].get_ydata()[0] == math.log10(FLOOR)


def test_the_silent_direction_keeps_the_fan_up():
    median = lines(draw_fan(Fan(3, "half-space supported")).axes[0])["median"].get_ydata()
    assert median[-1] == pytest.approx(math.log10(.5), abs=.02)


def test_time_constants_are_drawn():
    picture = time_constants_figure((2, 10, 20))
    drawn = lines(picture.axes[0])
    assert drawn["theorem's bound, step λ/c₁"].get_ydata() == pytest.approx([15.5, 239.5, 879.5], abs=.05)
    assert drawn["truth at that step"].get_ydata() == pytest.approx([10, 126, 451], abs=.5)
    assert drawn["bound and truth, step λ/Λ"].get_ydata() == pytest.approx([7.5, 23.5, 43.5], abs=.05)
    assert "879.5" in picture.alt
    assert clipped_text(picture) == []


def test_three_broken_hypotheses():
    picture = breaks_figure(runs=20_000)
    stuck, heavy, noisy = picture.axes
    assert (lines(stuck)["coordinate 3"].get_ydata() == 1).all()
    assert lines(stuck)["coordinate 1"].get_ydata()[-1] < 1e-3
    means = lines(heavy)["Pareto, tail 3: mean"].get_ydata()
    assert max(means) > 4 * min(means)
    assert np.ptp(lines(heavy)["Gaussian: mean"].get_ydata()) < .15
    assert lines(noisy)["noise 0"].get_ydata()[-1] < 1e-6
    assert lines(noisy)["noise 0.001"].get_ydata()[-1] > .1  # (1/3)² is the squared bias, and there is variance
    assert clipped_text(picture) == []


def test_the_explorers_open_and_move():
    paths, fan = explorer.explore_paths(), explorer.explore_fan()
    paths.controls["ratio"].value = 2.0
    fan.controls["n"].value = 2
    assert (paths.state.ratio, fan.state.n) == (2.0, 2)


@pytest.mark.parametrize(("answer", "right"), [
    ((((1, 0), (-1, 2)), (1, 0)), True), ((((2, 2), (1, 1), (-3, 0)), (1, 0)), True),
    ((((1, 0), (-1, 0)), (1, 0)), False),  # all points on a line: nothing to wonder about
    ((((1, 0), (0, 1)), (1, 1)), False), ((((-1, 0), (0, -1)), (1, 1)), False),
    (((1, 2), (1, 0)), False), ((((1, 2, 3), (1, 0, 0)), (1, 0, 0)), False)])
def test_a_blind_half(answer, right):
    assert check_blind_half(answer).right is right
    assert check_blind_half(...).right is None


@pytest.mark.parametrize(("answer", "right"), [
    ((((1, 2), (-1, -2), (2, -1), (-2, 1)), (3, 1)), True), ((((1, 1), (1, -1)), (1, 0)), True),
    ((((1, 0), (0, 1)), (1, 1)), False),  # on the axes
    ((((1, 1), (2, -2)), (1, 0)), False), ((((1, 1), (-1, 1)), (-1, -3)), False), ("12", False)])
def test_equality_in_the_moment_inequality(answer, right):
    assert check_equality(answer).right is right
    assert check_equality(...).right is None
