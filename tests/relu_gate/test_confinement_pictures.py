"""Pictures, explorers and exercises on confinement: what is drawn is what the library computes."""

import math
from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.confinement import confinement_bound
from mathdl.relu_gate.confinement_audit import audit
from mathdl.relu_gate.confinement_examples import far_coin
from mathdl.relu_gate.exercises.confinement import check_allowed_noise, check_violation
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.explorers.confinement import (
    RUNS,
    Break,
    Fan,
    coin_exit,
    draw_break,
    draw_fan,
    explore_break,
    explore_fan,
    fan_descent,
    levels,
)
from mathdl.relu_gate.figures.confinement import FLOOR, allowed_noise_figure, far_coin_figure
from mathdl.relu_gate.gaussian_tail import max_noise


def marks(axes):
    """The bounds and the intervals of exits in the right panel, in the order of the kinds."""
    lines = axes.lines[:8]
    return [line.get_xdata()[0] for line in lines[::2]], [tuple(line.get_xdata()) for line in lines[1::2]]


@pytest.mark.parametrize("state", [Fan(), Fan(margin=0.2, symmetric=False), Fan(start=1.0, step=-2.0, updates=50)])
def test_the_fan_draws_the_audit(state):
    picture = draw_fan(state)
    found = audit(fan_descent(state))
    bounds, exits = marks(picture.axes[1])
    assert bounds == pytest.approx([row.bound.log10 for row in found.rows])
    assert exits == [pytest.approx((math.log10(row.low), math.log10(row.high))) for row in found.rows]
    radii = [line.get_ydata()[0] for line in picture.axes[0].lines[2:]]
    assert radii == pytest.approx([found["corrected"].bound.radius, found["improved"].bound.radius])
    assert all(row.state.value in picture.alt for row in found.rows)
    assert clipped_text(picture) == []


def test_the_fan_shows_the_runs_and_their_interval():
    state = Fan(noise="ball", step=-1.0, margin=0.1, updates=60)
    picture = draw_fan(state)
    median, farthest = (line.get_ydata() for line in picture.axes[0].lines[:2])
    assert median[0] == farthest[0] == 0.5
    assert (farthest >= median).all()
    low, high = marks(picture.axes[1])[1][2]
    assert FLOOR < low < high <= 0
    assert 10 ** high - 10 ** low < 5 / math.sqrt(RUNS)


def test_one_sided_noise_makes_the_corrected_forms_silent():
    picture = draw_fan(Fan(symmetric=False, margin=0.1))
    assert picture.axes[1].get_title().endswith("silent")
    assert "one-sided" in picture.axes[0].get_title()
    found = audit(fan_descent(Fan(symmetric=False, margin=0.06, updates=200)))
    assert found["improved"].low > 0.8 > 0.25 > found["improved"].bound.value  # and the conclusion is false there
    assert all(fan_descent(Fan(symmetric=False)).hypotheses("printed").values())


@pytest.mark.parametrize("state", [Break(), Break(distance=2.0, units=1.2),
                                   Break(distance=3.0, units=0.7, updates=25, size=0.8),
                                   Break(distance=0.3, updates=3, size=0.5)])
def test_the_search_draws_exact_exits_and_bounds(state):
    picture = draw_break(state)
    exits, printed, corrected = (line.get_ydata() for line in picture.axes[0].lines[:3])
    units = picture.axes[0].lines[0].get_xdata()
    for i in (0, 11, 29):
        d = far_coin(10 ** state.distance, units=units[i], updates=state.updates, size=state.size, cutoff=state.cutoff)
        bound = confinement_bound(d.setting(), "printed")
        exact = exit_probability(d, bound.radius).value
        assert exits[i] == pytest.approx(max(math.log10(exact) if exact else -math.inf, FLOOR))
        assert printed[i] == pytest.approx(np.clip(bound.log10, FLOOR, 3))
        assert corrected[i] == pytest.approx(confinement_bound(d.setting()).log10)
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("state", "start"), [
    (Break(), "No violation here"), (Break(distance=2.0), "You found a violation"),
    (Break(size=2.1), "The printed theorem is silent here: not E‖ξ₂‖² < n"),
    (Break(cutoff=2.0), "The printed theorem is silent here: not C_L < √n")])
def test_the_title_says_what_was_found(state, start):
    picture = draw_break(state)
    assert picture.axes[0].get_title().startswith(start)
    assert start in picture.alt


def test_levels_and_coin():
    assert levels(10.0, 1.9, 14.56, 10) == (3, 11)
    assert coin_exit(10, 3, 11) == 0.34375
    assert coin_exit(2, 1, 1) == 1
    assert coin_exit(3, 4, 4) == 0


def test_explorers_redraw():
    fan, search = explore_fan(), explore_break()
    before = fan.view.png
    fan.controls["margin"].value = 0.5
    assert fan.state == replace(Fan(), margin=0.5)
    assert fan.view.png != before
    before = search.view.png
    search.controls["distance"].value = 2.0
    assert search.view.png != before
    assert "violation" in search.view.alt


def test_far_coin_figure():
    picture = far_coin_figure((10, 100))
    exits, printed, _ = (line.get_ydata() for line in picture.axes[0].lines)
    assert exits == pytest.approx(np.log10([0.34375, 0.548828125]))
    assert printed == pytest.approx([-0.857, -26.6], abs=0.1)
    assert picture.axes[0].get_title() == "From 100 away: exits 0.55, printed bound 2.4e-27"
    assert clipped_text(picture) == []


def test_allowed_noise_figure():
    picture = allowed_noise_figure(5, (1, 10, 100))
    rows = [line.get_ydata() for line in picture.axes[0].lines]
    assert rows[0] == pytest.approx([max_noise(1.0, 10), max_noise(1.0, 100)])
    assert rows[2][1] == pytest.approx(max_noise(1.0, 100, shape=(1.0,) * 5, kind="exact"))
    assert (rows[0] < rows[1]).all()
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_violation, [(100, 800), (1000, 8000)], [(1, 10), (100, 4e5), (100,), "far", (-1, 2)]),
    (check_allowed_noise, [0.0603, max_noise(2.0, 1000)], [0.0151, 0.139, "much", None])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer
