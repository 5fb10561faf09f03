"""Figures, explorer and exercises on GLM-Tron, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.exercises.tron import check_erasing_noise, check_slow_input
from mathdl.relu_gate.explorers.tron import (
    SAMPLES,
    TronPromise,
    draw_tron_promise,
    explore_tron_promise,
    tron_problem,
)
from mathdl.relu_gate.figures.tron import dead_start_figure, noise_figure, slopes_figure, stubborn_figure
from mathdl.relu_gate.tron_bounds import largest_useful_noise, tron_threshold

SLOW = TronPromise(distance=10.0, epsilon=0.05, sample=SAMPLES[1])


def lines(picture, axes=0):
    return {line.get_label(): line for line in picture.axes[axes].lines}


@pytest.mark.parametrize("state", [TronPromise(), SLOW, TronPromise(theta=0.3, L=0.5), TronPromise(epsilon=1.0)])
def test_the_curves_are_the_numbers_of_the_library(state):
    picture, p = draw_tron_promise(state), tron_problem(state)
    drawn = lines(picture)
    t, risk = drawn["effective risk"].get_data()
    assert t[0] == 1
    assert risk == pytest.approx(np.maximum(p.run(len(t) - 1).effective_risk, 1e-9))
    for kind, name in (("printed", "threshold, printed"), ("sharp", "threshold, ours")):
        expected = tron_threshold(state.L, state.epsilon, state.theta, p.W, kind)
        assert drawn[name].get_ydata()[0] == pytest.approx(expected)
    marks = {name.split(": ")[0]: int(name.split(": ")[1]) for name in drawn if name.startswith("T, ")}
    assert marks == {"T, printed": int(np.floor(state.distance / state.epsilon + 1e-9)),
                     "T, corrected": int(np.floor(state.distance ** 2 / state.epsilon + 1e-9)) + 1}
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("state", "title"), [
    (TronPromise(), "First below 0.2 at t = 73: later than the printed T"),
    (SLOW, "First below 0.05 at t = 323: later than the printed T"),
    (TronPromise(distance=2.0), "First below 0.2 at t = 1"),
    (TronPromise(distance=1.0, theta=0.5), "Vacuous: threshold 2.45 ≥ L²W² = 1, no step needed"),
    (TronPromise(L=2.2), "L = 2.2: from 2 on no theorem says where it ends")])
def test_the_title_tells_the_finding(state, title):
    picture = draw_tron_promise(state)
    assert picture.axes[0].get_title() == title
    assert title in picture.alt
    assert clipped_text(picture) == []


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("L", [0.1, 1.9, 2.0, 2.5])
def test_every_corner_of_the_controls_draws(sample, L):
    for distance, epsilon, theta in ((0.4, 1.0, 2.0), (12.0, 0.05, 2.0), (12.0, 0.05, 0.0)):
        assert draw_tron_promise(TronPromise(distance, epsilon, theta, L, sample)).alt


def test_the_first_control_moves_the_picture():
    explorer = explore_tron_promise()
    assert explorer.state == TronPromise()
    moved = replace(TronPromise(), distance=10.2)
    a, b = (lines(draw_tron_promise(s))["effective risk"].get_ydata()[:100] for s in (TronPromise(), moved))
    assert np.abs(a - b).max() > 0.01


def test_the_slopes_are_powers_of_one_minus_L():
    picture = slopes_figure()
    for name, line in lines(picture).items():
        if name.startswith("L = "):
            t, w = line.get_data()
            assert w == pytest.approx(1 - (1 - float(name[4:])) ** (t - 1.0), abs=1e-9)
    assert "0 for L = 2" in picture.alt
    assert clipped_text(picture) == []


def test_the_noise_figure_draws_the_three_limits():
    picture = noise_figure(points=100)
    drawn = lines(picture)
    L, printed = drawn["printed useful below"].get_data()
    sharp, erased = (drawn[k].get_ydata() for k in ("ours useful below", "labels can be erased above"))
    assert printed == pytest.approx([largest_useful_noise(v) for v in L])
    assert np.array_equal(erased[L <= 1], L[L <= 1])
    assert np.abs(sharp - erased)[L <= 1].max() < 1e-15
    assert (sharp < erased)[L > 1].all()
    assert "at most 0.25, at L = 0.75" in picture.alt
    assert clipped_text(picture) == []


def test_from_a_dead_start_one_curve_is_flat():
    picture = dead_start_figure([[1, 0], [0.6, 0.8], [0.8, 0.6]], [2, 0.5], [-2, -0.5])
    stuck, free = (lines(picture)[k].get_ydata() for k in ("gradient descent", "GLM-Tron"))
    assert np.ptp(stuck) == 0
    assert stuck[0] == free[0] > 1 > 1e-3 > free[-1]
    assert clipped_text(picture) == []


def test_the_stubborn_sample_moves_sideways():
    picture = stubborn_figure()
    x, y = lines(picture)["$w_t$"].get_data()
    assert np.abs(x).max() < 1e-12
    assert (np.diff(y) > 0).all()
    assert np.ptp(lines(picture, 1)["effective risk"].get_ydata()) < 1e-12
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("answer", "right"), [(1 / 20, True), (-1 / 20, True), (0.04, True), (0.02, False),
                                               (0.1, False), (1.0, False), (0.0, False), ("x", False), (None, False)])
def test_slow_inputs(answer, right):
    assert check_slow_input(answer).right is right


@pytest.mark.parametrize(("answer", "right"), [((-3, 1.5, -0.75), True),
                                               ((-3.9375, 0, 0), True), ([3, -1.5, 0.75], False), ((0, 0, 0), False),
                                               ((-3, 1.5), False), ("abc", False), ((-3, 1.5, np.nan), False)])
def test_noise_that_erases(answer, right):
    assert check_erasing_noise(answer).right is right


def test_no_answer_is_no_answer():
    assert check_slow_input(...).right is None
    assert check_erasing_noise(...).right is None
