"""Figures, explorer and exercises on the problem, read back from their artists and answers."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.exercises.problem import check_needs_bias, check_two_gates
from mathdl.exact_erm.explorers.problem import Landscape, draw_landscape, explore_landscape
from mathdl.exact_erm.figures import problem as figures
from mathdl.exact_erm.losses import quantile
from mathdl.exact_erm.problem import ERMProblem

ODD = [Landscape(sign="-1"), Landscape(samples=((0.0, 1.0),) * 3), Landscape(walk=((0.0, 0.0), (0.0, 0.0))),
       Landscape(samples=((-2.0, 0.0), (2.0, 0.0))), Landscape(samples=((1.0, 3.0), (1.01, -3.0), (1.02, 3.0)))]


def test_risks_are_values_of_nets():
    problem, theta = ERMProblem([0, 1, 2], [1, -1, 2], 1, "absolute"), np.array([[1.0, -0.5], [-2, 1]])
    assert figures.risks(problem, theta, -1.0) == pytest.approx([problem.value(problem.net([t], [-1])) for t in theta])


def test_the_landscape_shows_the_best_gate_of_its_sign():
    picture = draw_landscape(Landscape())
    data, plane, along = picture.axes
    problem = ERMProblem(*np.array(Landscape().samples).T, 1)
    best = erm_bruteforce(problem)
    assert data.get_title() == f"best gate: risk {best.value:.4g}"
    star = plane.lines[-1].get_xydata()[0]
    assert figures.risks(problem, star, 1.0) == pytest.approx(best.value)
    t, f = data.lines[1].get_xydata().T
    assert f == pytest.approx(best.net(t[:, None])[:, 0])
    assert along.get_title() == "3 walls crossed: not convex"


def test_the_walk_is_convex_between_walls_only():
    state = Landscape()
    heights = draw_landscape(state).axes[2].lines[0].get_ydata()
    walls = [0, *(line.get_xdata()[0] for line in draw_landscape(state).axes[2].lines[1:]), 1]
    s = np.linspace(0, 1, 301)
    for low, high in pairwise(walls):
        piece = heights[(low < s) & (s < high)]
        assert np.diff(piece, 2).min() >= -1e-12
    inside = replace(state, walk=((0.3, 1.0), (0.8, 2.5)))
    assert draw_landscape(inside).axes[2].get_title() == "0 walls crossed: convex"


def test_walls_are_where_a_sample_changes_sides():
    problem, start, end = ERMProblem([0.0, 1, 1, 3], np.zeros(4), 1), np.array([1.0, -2]), np.array([-1.0, 2])
    assert figures.walls_crossed(problem, start, end).tolist() == [0.5] * 3
    assert figures.walls_crossed(problem, start, start).size == 0


@pytest.mark.parametrize("state", [Landscape(), *ODD])
def test_no_text_is_cut_and_no_state_fails(state):
    picture = draw_landscape(state)
    assert clipped_text(picture) == []
    assert "risk" in picture.alt


@pytest.mark.parametrize("seed", range(4))
def test_random_states_are_drawn(seed):
    rng = np.random.default_rng(seed)
    samples, walk = rng.uniform(-2, 2, (5, 2)), rng.uniform(-3, 3, (2, 2))
    for sign in ("+1", "-1"):
        assert draw_landscape(Landscape(tuple(map(tuple, samples)), sign, tuple(map(tuple, walk)))).alt


def test_the_quantile_figure_counts_samples():
    picture = figures.exchanged_figure()
    x, y = np.array(figures.SPREAD).T
    texts = [t.get_text() for t in picture.axes[0].get_legend().get_texts()]
    for q, text in ((0.8, texts[1]), (0.2, texts[2])):
        f = erm_bruteforce(ERMProblem(x, y, 1, quantile(q))).net(x[:, None])[:, 0]
        assert f"{(y <= f + 1e-9).sum()} samples not above" in text
    assert clipped_text(picture) == []


def test_the_explorer_redraws():
    explorer = explore_landscape()
    before = explorer.view.png
    explorer.controls["sign"].value = "-1"
    assert explorer.state == Landscape(sign="-1")
    assert explorer.view.png != before


def test_exercises():
    assert check_two_gates(...).right is None
    assert check_two_gates(((0.37, 0.85), (1.88, -1.12))).right
    assert not check_two_gates(((0.5, 1.0), (0.6, 1.1))).right
    assert "could not be read" in check_two_gates((1, 2)).text
    x = (-1, 0, 1, 2)
    assert check_needs_bias([(t, 3 * max(t, 0) - 2) for t in x]).right
    assert not check_needs_bias([(t, max(t, 0)) for t in x]).right
    assert not check_needs_bias([(t, (-1) ** t) for t in x]).right
