"""Figures, explorer and exercise on Lemma 3.E.1, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.exercises.recursion import check_escape
from mathdl.relu_gate.explorers.recursion import Contraction, draw_contraction, explore_contraction
from mathdl.relu_gate.figures.recursion import conditions_figure, recursion_figure
from mathdl.relu_gate.recursion import Recursion, unroll


def test_the_sequence_drawn_is_the_recursion():
    r = Recursion(1, 2, 1, 5, 0.3)
    left, right = recursion_figure(r).axes
    drawn = left.lines[0].get_ydata()
    assert drawn == pytest.approx(unroll(r.alpha, r.beta, r.start, r.steps - 1), rel=1e-12)
    assert left.lines[1].get_ydata()[0] == r.target
    assert left.lines[2].get_xdata() == [123]
    assert left.lines[3].get_ydata()[0] == r.fixed_point
    assert right.lines[1].get_xdata() == [0.5]
    assert right.lines[1].get_ydata() == [r.T]


@pytest.mark.parametrize(("change", "title"), [
    ({}, "target reached at t = 123"), ({"ratio": 1.0}, "target never reached"), ({"ratio": 0.0}, "reached at t = 32"),
    ({"sharpness": 15.0}, "no $X_2"), ({"sharpness": 15.0, "start": 0.1}, "a small $X_t$"),
    ({"sharpness": 4.0, "ratio": 0.0}, "reached at t = 2"), ({"start": 0.1, "epsilon": 1.0}, "reached at t = 1"),
    ({"ratio": 1.0, "sharpness": 4.0, "epsilon": 1.0}, "reached at t = 2")])
def test_every_corner_draws_and_says_what_happens(change, title):
    picture = draw_contraction(replace(Contraction(), **change))
    assert title in picture.axes[0].get_title()
    assert clipped_text(picture) == []


def test_nothing_in_the_ranges_raises():
    for ratio in (0.0, 0.02, 1.0):
        for sharpness in (0.1, 4.0, 30.0):
            for epsilon in (0.1, 1.5):
                for start in (0.1, 10.0):
                    assert draw_contraction(Contraction(ratio, sharpness, epsilon, start)).alt


def test_the_explorer_redraws():
    explorer = explore_contraction()
    before = explorer.view.png
    explorer.controls["ratio"].value = 0.52
    assert explorer.view.png != before


def test_conditions():
    picture = conditions_figure(np.array([0.2, 1.0, 5.0]))
    needed, printed = (line.get_ydata() for line in picture.axes[0].lines)
    assert needed == pytest.approx([27.04, 4, 27.04])
    assert printed == pytest.approx([7.2, 4, 7.2])
    assert clipped_text(picture) == []


def test_exercise():
    assert check_escape(...).right is None
    for right in ([0.5, 0, 0.36], (0.25, 0.01, 0.3), ["1/2", "0.05", "0.33"]):
        assert check_escape(right).right, right
    for wrong in ([0.5, 0.06, 0.324001], [0.5, 0, 0.37], [0.1, 0, 0.3], [0.5, -0.1, 0.4], [1, 0, 0.36], [0.5, 0], "no",
                  [0.5, 0.06, 0.2]):
        assert check_escape(wrong).right is False, wrong
