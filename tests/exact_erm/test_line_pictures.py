"""Figures, explorers and exercises on one-dimensional inputs, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.exact_erm.exercises.line import check_left_slopes, check_three_pieces
from mathdl.exact_erm.explorers.line import (
    LineFits,
    LineWidths,
    draw_line_fits,
    draw_line_widths,
    explore_line_fits,
    explore_line_widths,
)
from mathdl.exact_erm.figures.line import counts_figure, inequalities_figure, message_figure, ranking
from mathdl.exact_erm.theorems.line import TENT

NO_SUM = ((-4.0, -2.0), (-2.0, -1.0), (1.0, -1.0), (3.0, 3.0))  # left slope 1/2, jumps -1/2 and 2: it does fit
LACKING = ((-2.0, -1.0), (0.0, 1.0), (4.0, -1.0))  # slopes 1 and -1/2


def numbers(picture):
    """The values in the legend of a picture of fits."""
    return [float(t.get_text().split(": ")[1]) for t in picture.axes[0].get_legend().get_texts()]


@pytest.mark.parametrize(("points", "title", "certificate"), [
    (LineWidths().points, "3 pieces: width 2 with bias, 3 without", "needed -1 = (-1)"),
    (NO_SUM, "3 pieces: width 2 with bias, 3 without", "needed -1/2 = (-1/2)"),
    (LACKING, "2 pieces: width 2 with bias, 3 without", "needed -1: no subset sum, nearest -3/2"),
    (((0.0, 0.0), (1.0, 1.0)), "1 piece: width 2 with bias, 2 without", "needed -1: no jumps to add up"),
    (((0.0, 1.0), (1.0, 1.0)), "1 piece: width 0 with bias, 1 without", "needed 0: no jumps to add up")])
def test_the_panel_tells_width_and_certificate(points, title, certificate):
    picture = draw_line_widths(LineWidths(points))
    left, right = picture.axes
    assert (left.get_title(), right.get_title()) == (title, certificate)
    assert certificate in picture.alt
    assert clipped_text(picture) == []


def test_the_gates_add_up_to_the_function():
    left = draw_line_widths(LineWidths()).axes[0]
    *gates, f, _ = left.lines
    total = sum(g.get_ydata() for g in gates)
    assert np.ptp(f.get_ydata() - total) < 1e-12  # up to the output bias
    assert len(gates) == 2


def test_the_sums_are_drawn_where_they_are():
    right = draw_line_widths(LineWidths()).axes[1]
    assert sorted(right.lines[0].get_xdata()) == [-1, 0, 1, 2]
    assert right.lines[1].get_xdata()[0] == -1
    assert right.lines[2].get_xdata() == [-1]


def test_points_above_one_x_are_refused_in_words():
    picture = draw_line_widths(LineWidths(((0.0, 0.0), (0.1, 1.0), (2.0, 0.0))))
    assert "move one of them" in picture.axes[0].texts[0].get_text()
    assert draw_line_widths(LineWidths(((1.0, 1.0),) * 3)).alt
    assert clipped_text(message_figure("Nothing to draw.")) == []


@pytest.mark.parametrize(("points", "width", "expected"), [
    (((-1, 0), (0, 0), (1, 1), (2, 2)), 1, (0.3, 0, 0)), (((-1, -1), (0, 0), (1, 1), (2, 2)), 1, (0, 1, 0)),
    (((0, 0), (1, 1), (2, 2), (3, 1.5), (4, 1), (5, 0.5)), 2, (0, 0, 0))])
def test_fits_show_the_values_of_the_ledger(points, width, expected):
    picture = draw_line_fits(LineFits(tuple((float(a), float(b)) for a, b in points), width))
    assert numbers(picture) == pytest.approx(expected, abs=1e-4)
    assert clipped_text(picture) == []


def test_ranking():
    assert ranking((2.0, 1.0, 0.5)) == "biased net < net < pieces"
    assert ranking((0.0, 1.0, 0.0)) == "pieces = biased net < net"
    assert ranking((1.0, 1.0 + 1e-12, 1.0)) == "pieces = biased net = net"


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_bias_never_hurts_and_titles_say_the_order(width):
    picture = draw_line_fits(LineFits(width=width))
    _, net, biased = numbers(picture)
    assert biased <= net + 1e-9
    assert picture.axes[0].get_title().startswith(f"w = {width}: ")
    assert clipped_text(picture) == []
    same_x = LineFits(((0.0, 1.0), (0.0, 2.0), (1.0, 0.0)), width)
    assert draw_line_fits(same_x).alt


def test_explorers_redraw():
    widths, fits = explore_line_widths(), explore_line_fits()
    before = widths.view.png
    widths.controls["points"].field.value = "(-2, -2), (0, 0), (4, -2), (5, -2)"
    assert widths.view.png != before
    before = fits.view.png
    fits.controls["width"].value = 2
    assert fits.state == replace(LineFits(), width=2)
    assert fits.view.png != before


def test_inequalities_figure():
    picture = inequalities_figure(TENT)
    left, right = picture.axes
    corrected, printed = (np.array(p.get_xy()) for p in left.patches[:2])
    assert corrected[:, 0].max() == printed[:, 0].min() == 0
    assert corrected[:, 1].min() == printed[:, 1].max() == 0
    assert [t.get_text() for t in right.get_legend().get_texts()] == ["data", "corrected: 0", "printed: 10.48"]
    assert clipped_text(picture) == []


def test_counts_figure():
    picture = counts_figure(3, [4, 8, 12])
    bound, counted, inner, distinct = (line.get_ydata() for line in picture.axes[0].lines)
    assert list(bound) == [512, 4096, 13824]
    assert counted[1] == 144
    assert (inner < counted).all()
    assert (distinct < inner).all()
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_left_slopes, [{0, -1, -2, -3}, [0, -1, -2, -3], (-3.0, -2, -1, 0)], [[0, 1, 2, 3], [0, -1], "all", [None]]),
    (check_three_pieces, [(0, 1, 4, 9, 16, 25), (0, 0, 1, 3, 4, 4)],
     [(0, 1, 0, 1, 0, 1), (0, 0, 0, 1, 1, 1), (0, 1, 2, 3, 4, 5), (0, 1), 3])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer
