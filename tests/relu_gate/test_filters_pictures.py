"""Figures, explorer and exercises on filters, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.adversary import attack
from mathdl.relu_gate.confinement import Confinement, r_star
from mathdl.relu_gate.exercises.filters import check_last_update, check_runaway
from mathdl.relu_gate.explorers.filters import (
    TARGET,
    FilterPlane,
    draw_filter_plane,
    explore_filter_plane,
    tilted_inputs,
)
from mathdl.relu_gate.figures.filters import (
    climbs_figure,
    escape_figure,
    plane_loss,
    radius_figure,
    rest_figure,
    settling_figure,
)
from mathdl.relu_gate.filter_training import filter_moments, gaussian_shrinkage
from mathdl.relu_gate.single_filter import SingleFilterNet
from mathdl.relu_gate.stationarity import drifting_chain, energy_test


@pytest.mark.parametrize(("change", "title"), [
    ({}, "Algorithm 4 finds, Algorithm 2 misses"), ({"patches": 1}, "Algorithm 4 finds, Algorithm 2 finds"),
    ({"patches": 1, "tilt": 1.0}, "Algorithm 4 finds, Algorithm 2 finds"), ({"tilt": 0.8}, "Algorithm 4 misses"),
    ({"leak": 1.0}, "Algorithm 4 finds"), ({"patches": 4, "tilt": 1.0, "leak": 0.3}, "Algorithm 4")])
def test_the_titles_say_what_the_paths_do(change, title):
    picture = draw_filter_plane(replace(FilterPlane(), **change))
    assert title in picture.axes[1].get_title()
    assert clipped_text(picture) == []


def test_the_paths_drawn_end_where_the_distances_say():
    left, right = draw_filter_plane(FilterPlane()).axes
    for path, distance in zip(left.lines[:2], right.lines[:2], strict=True):
        end = np.array([path.get_xdata()[-1], path.get_ydata()[-1]])
        assert max(np.linalg.norm(end - TARGET), 1e-3) == pytest.approx(distance.get_ydata()[-1], rel=1e-6)
        assert (path.get_xdata()[0], path.get_ydata()[0]) == FilterPlane().start[0]


def test_nothing_in_the_ranges_raises():
    for patches, tilt, leak in ((1, 1.0, 0.0), (2, 1.0, 0.0), (3, 1.0, 1.0), (4, 0.0, 1.0), (4, 1.0, 0.0)):
        assert draw_filter_plane(FilterPlane(patches, tilt, leak, ((3.0, -3.0),))).alt
    assert draw_filter_plane(FilterPlane(start=(tuple(TARGET),))).alt


def test_inputs_are_symmetric_without_tilt_only():
    net = SingleFilterNet.from_conv1d(4, 2, 2)
    assert filter_moments(net, *tilted_inputs(2, 0.0)).is_symmetric
    assert not filter_moments(net, *tilted_inputs(2, 0.1)).is_symmetric
    assert tilted_inputs(3, 0.4)[1].sum() == pytest.approx(1)


def test_the_loss_is_least_at_the_target():
    net, (x, weights) = SingleFilterNet.from_conv1d(4, 2, 2), tilted_inputs(2, 0.0)
    loss = plane_loss(net, x, weights, TARGET, np.linspace(-3, 3, 13))
    assert loss.min() == loss[7, 8] == 0
    slow = np.mean((net(np.array([-3.0, 0.5]), x) - net(TARGET, x)) ** 2)
    assert loss[7, 0] == pytest.approx(slow)


def test_the_explorer_redraws():
    explorer = explore_filter_plane()
    before = explorer.view.png
    explorer.controls["patches"].value = 3
    assert explorer.view.png != before


def test_rest_figure():
    picture = rest_figure({1: (1.0, 0.01), 2: (0.85, 0.02)}, {1: (1.0, 0.0), 2: (1.0, 0.0)})
    assert picture.axes[0].lines[0].get_ydata() == pytest.approx([gaussian_shrinkage(k) for k in (1, 2, 3, 4)])
    assert "k = 2: 0.850" in picture.alt
    assert clipped_text(picture) == []


def test_settling_figure():
    rng = np.random.default_rng(0)
    early, late = rng.standard_normal((2, 30, 2))
    test = energy_test(early, late, relabellings=19, rng=rng)
    picture = settling_figure({"one": (test, early, late), "two": (test, late, early)})
    assert picture.axes[0].get_title() == f"one: p = {test.p_value:.3g}"
    assert picture.axes[0].lines[1].get_xydata() == pytest.approx(early)
    assert clipped_text(picture) == []


def test_escape_figure():
    picture = escape_figure((50, 100, 200), 5)
    assert list(picture.axes[0].lines[0].get_ydata()) == [drifting_chain(T).inside(5) for T in (50, 100, 200)]
    assert clipped_text(picture) == []


def test_radius_figure():
    setting = Confinement(n=2, step=0.1, updates=1, margin=1.0, start=0.5, data_norm=1.0, cutoff=0.5)
    picture = radius_figure(setting, [1, 10, 49, 50, 1000])
    printed, improved, horizon = picture.axes[0].lines
    assert list(printed.get_xdata()) == [1, 10, 49]
    assert improved.get_ydata()[-1] == r_star(replace(setting, updates=1000), "improved")
    assert horizon.get_xdata()[0] == pytest.approx(50)
    assert clipped_text(picture) == []


def test_climbs_figure():
    finds = {t: attack(t, evaluations=20, rng=np.random.default_rng(0)) for t in ("printed 3.4.1", "corrected 3.4.1")}
    picture = climbs_figure(finds)
    for line, found in zip(picture.axes[0].lines, finds.values(), strict=False):
        assert tuple(line.get_ydata()) == found.best
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_runaway, [(1, -2), (-3.0, 1), [0.5, -0.6], (1e-9, -2e-9)],
     [(1, 2), (1, -1), (2, -1), (-1, -2), (1,), "no", 0]),
    (check_last_update, [1249, 1249.0], [1250, 1248, 1249.5, "1249"])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer
