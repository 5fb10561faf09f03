"""Pictures, explorer and exercises on the autoencoder: what is drawn is what the library computes."""

from time import perf_counter

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.sparse_coding.exercises.autoencoder import check_bias_loss, check_other_minimum
from mathdl.sparse_coding.explorers.autoencoder import (
    ATOMS,
    DESTINATIONS,
    Turning,
    draw_turning,
    explore_turning,
    turn_of_codes,
    turning_codes,
)
from mathdl.sparse_coding.figures.autoencoder import kink_figure

STATES = [Turning(), Turning(time=1.0), Turning(destination=DESTINATIONS[1], bias=0.2, sparsity=6),
          Turning(destination=DESTINATIONS[2], signed=True, time=0.5), Turning(time=0.0, bias=0.5, sparsity=1)]


@pytest.mark.parametrize("state", STATES)
def test_the_drawn_loss_is_the_mean_of_what_is_lost(state):
    picture = draw_turning(state)
    losses, formula, dot = (line.get_ydata() for line in picture.axes[0].lines[:3])
    assert losses == pytest.approx(formula, abs=1e-13)
    times = picture.axes[0].lines[0].get_xdata()
    here = int(abs(times - state.time).argmin())
    assert times[here] == state.time
    assert dot[0] == losses[here]
    X = turning_codes(state)
    assert losses[0] == pytest.approx(0.5 * (np.minimum(X, state.bias) ** 2).sum(0).mean(), abs=1e-13)
    turned = turn_of_codes(state) @ X
    assert losses[-1] == pytest.approx(0.5 * (np.minimum(turned, state.bias) ** 2).sum(0).mean(), abs=1e-13)
    assert clipped_text(picture) == []


def test_at_both_ends_of_a_relabelling_nothing_is_lost_and_between_something_is():
    losses = draw_turning(Turning()).axes[0].lines[0].get_ydata()
    assert max(losses[0], losses[-1]) < 1e-25
    assert losses[1:-1].min() > 1e-6
    dots = draw_turning(Turning(time=1.0)).axes[1].lines[1]
    assert dots.get_ydata() == pytest.approx(dots.get_xdata(), abs=1e-12)
    away = draw_turning(Turning(time=0.5)).axes[1].lines[1]
    assert abs(away.get_ydata() - away.get_xdata()).max() > 0.1


def test_the_codes_have_the_sparsity_and_the_destinations_are_rotations():
    for k in range(1, ATOMS + 1):
        assert ((turning_codes(Turning(sparsity=k)) != 0).sum(0) == k).all()
    assert turning_codes(Turning(signed=True)).min() < 0 <= turning_codes(Turning()).min()
    for name in DESTINATIONS:
        turn = turn_of_codes(Turning(destination=name))
        assert np.linalg.det(turn) == pytest.approx(1)
        assert abs(turn @ turn.T - np.eye(ATOMS)).max() < 1e-14


def test_the_explorer_moves_and_is_quick():
    explorer = explore_turning()
    before = explorer.view.alt
    explorer.controls["time"].value += 0.02
    assert explorer.view.alt != before
    draw_turning(Turning())
    times = []
    for time in np.linspace(0, 1, 7):
        start = perf_counter()
        draw_turning(Turning(time=time))
        times.append(perf_counter() - start)
    assert min(times) < 0.1


def test_the_kink_has_the_slopes_it_is_given():
    steps = np.linspace(-0.1, 0.1, 5)
    picture = kink_figure(steps, np.array([0.5, 0.5, 0.5, 0.45, 0.4]), {"flat": 0.0, "steep": -1.0})
    drawn = [line.get_ydata() for line in picture.axes[0].lines[:3]]
    assert drawn[1].tolist() == [0.5] * 5
    assert drawn[2] == pytest.approx(0.5 - steps)
    assert "-1 (steep)" in picture.alt
    assert clipped_text(picture) == []


def test_exercises():
    assert check_bias_loss(1 / 12).right
    assert check_bias_loss(...).right is None
    assert not check_bias_loss(1 / 6).right
    assert not check_bias_loss("a").right
    x = (np.arange(10_000) + 0.5) / 10_000
    assert check_bias_loss(float(0.5 * (np.minimum(x, 0.5) ** 2).mean())).right
    assert check_other_minimum([[0, 1], [1, 0]]).right
    for wrong in ([[1, 0], [0, 1]], [[0, -1], [1, 0]], [[0, 2], [2, 0]], [[0.6, 0.8], [0.8, -0.6]], [1, 2]):
        assert not check_other_minimum(wrong).right
