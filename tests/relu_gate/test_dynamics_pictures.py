"""Figures, explorer and exercises on noisy gradient descent, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.azuma import azuma_bound, freedman_bound, walk_crossing
from mathdl.relu_gate.exercises.dynamics import check_hidden_drift, check_rare_moves
from mathdl.relu_gate.explorers.dynamics import (
    DATA,
    PLANE,
    RADIUS,
    S1,
    W_STAR,
    Recoil,
    draw_recoil,
    explore_recoil,
    recoil_noise,
)
from mathdl.relu_gate.figures.dynamics import descent_figure, grows_in, tails_figure
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import SphereNoise
from mathdl.relu_gate.stopped_process import mean_increment


def mean_around(state):
    return mean_increment(DATA, labels(DATA, W_STAR), W_STAR + PLANE, w_star=W_STAR, step=state.step, r=RADIUS,
                          noise1=SphereNoise(2, S1), noise2=recoil_noise(state.outward, state.length), C_L=state.length)


def test_the_orange_region_is_where_the_mean_is_positive():
    state = Recoil(outward=90)
    left = draw_recoil(state).axes[0]
    places, mean = PLANE[1:-1, 1:-1].reshape(-1, 2), mean_around(state)[1:-1, 1:-1].ravel()
    orange = np.any([p.contains_points(places) for c in left.collections for p in c.get_paths()], axis=0)
    assert ((mean > 0) == orange).all()
    share = grows_in(PLANE, mean_around(state))
    assert 0.05 < share < 0.5
    assert f"{share:.0%}" in left.get_title()


def test_symmetric_noise_shows_no_region():
    picture = draw_recoil(Recoil())
    assert not picture.axes[0].collections
    assert picture.axes[0].get_title() == "z falls on average everywhere"
    assert mean_around(Recoil()).max() < 0


def test_the_share_of_a_ball():
    assert grows_in(PLANE, PLANE[..., 0] - 1e-9) == pytest.approx(0.5, abs=0.02)
    assert grows_in(PLANE, 0.5 - np.hypot(PLANE[..., 0], PLANE[..., 1])) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("state", [Recoil(), Recoil(98, 1.4, 0.1), Recoil(50, 0.1, 0.001), Recoil(75, 1.0, 0.05, 3)])
def test_the_histogram_counts_all_steps_within_k(state):
    picture = draw_recoil(state)
    right = picture.axes[1]
    heights, edges, _ = right.patches[0].get_data()
    assert heights.sum() == pytest.approx(1)
    assert (heights[(edges[1:] <= -1) | (edges[:-1] >= 1)] == 0).all()
    assert [line.get_xdata()[0] for line in right.lines] == [-1, 1]
    assert clipped_text(picture) == []


def test_the_explorer_redraws():
    explorer = explore_recoil()
    for name, value in (("outward", 51), ("length", 0.7), ("step", 0.031), ("seed", 1)):
        before = explorer.view.png
        explorer.controls[name].value = value
        assert explorer.view.png != before, name
    assert explorer.state == replace(Recoil(), outward=51, length=0.7, step=0.031, seed=1)


@pytest.mark.parametrize("outward", [50, 73, 98])
def test_the_recoil_balances_the_mean(outward):
    law = recoil_noise(outward, 0.8)
    assert "Eξ₂ = 0" not in law.breaks(0.8, "printed")
    assert law.truncated_mean(0.8) == pytest.approx([0.8 * (outward / 100 - 0.5), 0])
    assert law.is_symmetric == (outward == 50)


def test_descent_figure():
    distance = np.array([[1.0, 1.0], [0.5, 1.5], [0.25, 1.2]])
    picture = descent_figure((1.0, 2.5), distance)
    first, second = picture.axes[0].lines
    assert list(first.get_ydata()) == [1.0, 0.5, 0.25]
    assert list(second.get_ydata()) == [1.0, 1.5, 1.2]
    assert picture.axes[0].get_title().endswith("ηC² = 1")
    assert "ηC² = 2.5: from 1 to 1.2, with a step away" in picture.alt
    assert clipped_text(picture) == []


def test_tails_figure():
    picture = tails_figure(100, [5, 10, 20], 0.1)
    for ax, move in zip(picture.axes, (1.0, 0.1), strict=True):
        exact, azuma, freedman = (list(line.get_ydata()) for line in ax.lines)
        weights = (move / 2, 1 - move, move / 2)
        assert exact == [walk_crossing(100, a, (-1, 0, 1), weights) for a in (5, 10, 20)]
        assert azuma == [azuma_bound([1] * 100, a) for a in (5, 10, 20)]
        assert freedman == [freedman_bound(100 * move, 1, a) for a in (5, 10, 20)]
    assert [("Freedman" in ax.get_title()) for ax in picture.axes] == [False, True]
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_hidden_drift, [([0.1, -0.9], [0.9, 0.1]), ((1, -0.25), (0.2, 0.8)), ([0.1, -9.9], [0.99, 0.01])],
     [([0.5, -0.5], [0.5, 0.5]), ([0.1, -99.9], [0.999, 0.001]), ([1, 0], [0.5, 0.5]), ([0.1, -0.3], [0.75, 0.25]),
      ([0.1], [0.5]), "none", 3, ([[1, 0], [-1, 0]], [0.5, 0.5])]),
    (check_rare_moves, [0.04, 4 / 100], [0.05, 0.03, 0.0401, 0, -1, "0.04", (0.04,)])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer
