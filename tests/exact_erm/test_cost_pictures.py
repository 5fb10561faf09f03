"""Figures, explorers and exercises on cost, read back from their artists and answers."""

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.exact_erm.complexity import complexity_report
from mathdl.exact_erm.exercises.cost import check_needs_a_thousand, check_three_gates
from mathdl.exact_erm.explorers.cost import (
    BigM,
    Cost,
    draw_big_m_trap,
    draw_cost,
    draw_two_traps,
    explore_big_m_trap,
    explore_cost,
    number_words,
    timing_picture,
)
from mathdl.exact_erm.figures import cost as figures


def line(ax, i):
    return np.array(ax.lines[i].get_data(), dtype=float)


def test_slopes_of_the_growth_figure_approach_n_w():
    picture = figures.growth_figure()
    left, right = picture.axes
    for i, (n, w) in enumerate(((1, 1), (2, 1), (1, 2), (2, 2), (3, 2))):
        D, counts = line(left, i)
        assert 10 ** counts[0] == pytest.approx(complexity_report(5, n, w).subproblems)
        assert 10 ** D[[0, -1]] == pytest.approx([5, 200])
        assert np.polyfit(D[-5:], counts[-5:], 1)[0] == pytest.approx(n * w, rel=0.04)
    n, counts = line(right, 1)
    assert 10 ** counts[1] == pytest.approx(complexity_report(100, 2, 2).subproblems)
    assert (np.diff(counts) > 0).all()
    assert "n = 3, w = 2: slope 6.0" in picture.alt
    assert clipped_text(picture) == []


def test_logarithms_of_long_integers():
    for k in (1, 7, 10 ** 14, 3 * 10 ** 40, 10 ** 500):
        digits = len(str(k)) - 1
        assert figures.log10(k) == pytest.approx(digits + np.log10(int(str(k)[0])))
    assert number_words(6786) == "6,786"
    assert number_words(2 * 10 ** 12) == "10^12.3"


@pytest.mark.parametrize("state", [Cost(), Cost(200, 8, 4, 0.0), Cost(5, 1, 1, -7.0), Cost(20, 8, 4, -3.0)])
def test_the_cost_explorer_says_what_is_counted(state):
    picture = draw_cost(state)
    left, right = picture.axes
    report = complexity_report(state.samples, state.inputs, state.width, seconds_each=10 ** state.log_seconds)
    assert left.get_title() == f"{number_words(report.subproblems)} subproblems"
    assert 10 ** line(left, 3) == pytest.approx(np.array([[state.samples], [report.subproblems]]))
    assert 10 ** line(right, 1)[1] == pytest.approx(report.seconds)
    n, seconds = line(right, 0)
    assert 10 ** seconds[n == state.inputs] == pytest.approx(report.seconds)
    assert "this would take" in right.get_title()
    assert clipped_text(picture) == []


def test_measured_times_are_drawn_with_their_slopes():
    picture = figures.time_figure([(1, [10, 100], [1e-3, 1e-2]), (2, [50, 500], [1e-2, 1.0])])
    assert [text.get_text() for text in picture.axes[0].get_legend().get_texts()] == [
        "w=1: slope 1.00", "w=2: slope 2.00", "proportional"]
    assert line(picture.axes[0], 1) == pytest.approx(np.array([[50, 500], [1e-2, 1]]))
    assert "w = 2: slope 2.00" in picture.alt
    assert clipped_text(picture) == []


def test_time_follows_the_count_here():
    assert "subproblems" in timing_picture().alt


def test_both_traps_show_in_one_picture():
    """Between M = 100 and 10^5 the model is right; below it claims more, from 10^6 on less than any net has."""
    certified, real, claimed = (line(draw_two_traps().axes[0], i)[1] for i in range(3))
    assert certified == pytest.approx([1, 1])
    assert claimed[:2].min() > 1.3
    assert claimed[2:6] == pytest.approx(1, abs=1e-4)
    assert claimed[6:].max() < 0.9
    assert real.min() > 1 - 1e-6
    assert clipped_text(draw_two_traps()) == []


def test_big_m_figure_shows_what_it_is_given():
    picture = figures.big_m_figure([1, 10], [0.5, 0.25], [0.5, 1.0], 0.25)
    certified, real, claimed = (line(picture.axes[0], i) for i in range(3))
    assert certified[1] == pytest.approx([0.25, 0.25])
    assert real[1] == pytest.approx([0.5, 1.0])
    assert claimed[1] == pytest.approx([0.5, 0.25])
    assert "M = 10: claimed 0.25, net 1" in picture.alt
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("log_m", "wrong"), [(0.5, True), (1.0, False), (6.5, True)])
def test_the_trap_explorer_tells_right_from_wrong(log_m, wrong):
    points = ((-1.0, 0.0), (0.0, 0.0), (0.2, 1.0)) if log_m < 2 else ((-1.0, 1.0), (0.0, 0.0), (1.0, 1.0))
    picture = draw_big_m_trap(BigM(points, log_m))
    assert ("is wrong" in picture.axes[0].get_title()) is wrong
    assert clipped_text(picture) == []


@pytest.mark.parametrize("points", [((0.0, 0.0),) * 3, ((1.0, 1.0), (1.0, -1.0), (1.0, 0.0)),
                                    ((-1.0, -1.0), (-0.998, 1.0), (1.0, -1.0))])
@pytest.mark.parametrize("log_m", [-1.0, 3.0, 7.0])
def test_the_trap_explorer_never_raises(points, log_m):
    assert draw_big_m_trap(BigM(points, log_m)).alt


def test_explorers_open():
    assert set(explore_cost().controls) == {"samples", "inputs", "width", "log_seconds"}
    assert set(explore_big_m_trap().controls) == {"points", "log_m"}


def test_exercises():
    assert check_three_gates(...).right is None
    assert check_three_gates(45760).right is True
    assert check_three_gates(64 ** 3).right is False
    assert check_needs_a_thousand([(-1, 0), (0, 0), (0.0005, 1)]).right is True
    assert check_needs_a_thousand([(1, 0), (0.5, 0), (0.4999, 1)]).right is True
    assert check_needs_a_thousand([(-1, 0), (0, 0), (0.01, 1)]).right is False
    assert check_needs_a_thousand([(-2, 0), (0, 0), (0.0001, 1)]).right is False
    assert check_needs_a_thousand([(0, 1), (0.0001, 0), (0.0002, 1)]).right is False  # one gate cannot fit it
    assert check_needs_a_thousand("no").right is False
