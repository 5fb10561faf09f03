"""Figures, explorers and exercises of section 2.3.1, read back from what they draw."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from matplotlib.colors import to_hex

from mathdl.core.figures import Picture
from mathdl.core.layout import clipped
from mathdl.function_spaces import triangle
from mathdl.function_spaces.exercises.hard import cheapest_size, check_accuracy, check_crossover, check_widths
from mathdl.function_spaces.explorers.hard import (
    Sawtooths,
    ShallowFit,
    draw_sawtooths,
    draw_shallow_fit,
    explore_sawtooths,
    explore_shallow_fit,
)
from mathdl.function_spaces.figures import hard as figures
from mathdl.function_spaces.gap import min_size_lower_bound
from mathdl.function_spaces.hard import hard_function

TIE = ((0.3, -0.14), (0.3, -0.14))


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_figure_2_1_draws_the_composition():
    state = Sawtooths()
    top, middle, bottom = draw_sawtooths(state).axes
    H = hard_function(1, [(Fraction(3, 10), Fraction(4, 5)), (Fraction(9, 20),)])
    for ax, line, f in ((top, 0, H.teeth[0]), (middle, 0, H.teeth[1]), (bottom, 1, H.pwl)):
        x, y = ax.lines[line].get_data()
        assert np.abs(y - f.rounded()(x)).max() == 0
        assert {float(t) for t in f.breaks} <= set(x)
    assert bottom.lines[0].get_linestyle() == ":"
    assert (bottom.lines[0].get_ydata() == top.lines[0].get_ydata()).all()
    assert "6 pieces in [0, 1] = 3·2, 7 on the line" in bottom.get_title(loc="left")


def test_moving_a_breakpoint_moves_the_peak():
    moved = draw_sawtooths(replace(Sawtooths(), first=((0.2, -0.1), (0.8, -0.1))))
    x, y = moved.axes[0].lines[0].get_data()
    assert x[np.argmax(np.where(x < 0.5, y, -1))] == 0.2
    order = draw_sawtooths(replace(Sawtooths(), first=((0.8, -0.1), (0.2, -0.1))))
    assert (order.axes[0].lines[0].get_xdata() == x).all()


@pytest.mark.parametrize(("state", "count"), [
    (Sawtooths(depth=4), "36 pieces"), (Sawtooths(first_width=5, second_width=5, depth=4), "625 pieces"),
    (Sawtooths(first_width=2, second_width=4), "8 pieces"), (Sawtooths(second_width=5, depth=3), "45 pieces")])
def test_widths_and_depth_are_followed(state, count):
    assert count in draw_sawtooths(state).axes[2].get_title(loc="left")


def test_a_tie_is_told_in_words():
    refused = draw_sawtooths(replace(Sawtooths(), first=TIE))
    assert "Pull them apart" in texts(refused.axes[2])[0]
    drawn = draw_sawtooths(Sawtooths())
    for picture in (refused, drawn):  # the handles sit on panels that do not move, so that a tie can be undone
        picture.pixels()
    for before, after in zip(drawn.axes, refused.axes, strict=True):
        assert (before.get_xlim(), before.get_ylim()) == (after.get_xlim(), after.get_ylim())
    assert "too many to see" in texts(draw_sawtooths(Sawtooths(first_width=5, second_width=5, depth=5)).axes[2])[0]
    assert "too many to see" in texts(draw_shallow_fit(ShallowFit(width=5, depth=5)).axes[0])[0]


def test_no_state_of_the_sliders_raises():
    for width in (2, 3, 5):
        for other in (2, 4):
            for depth in (2, 3, 4):
                state = Sawtooths(first_width=width, second_width=other, depth=depth)
                assert isinstance(draw_sawtooths(state), Picture)
    for width, depth, pieces in ((2, 1, 1), (2, 1, 16), (5, 4, 16), (3, 2, 9), (3, 1, 1)):
        assert isinstance(draw_shallow_fit(ShallowFit(width, depth, pieces)), Picture)
    edges = ((0.001, -0.19), (0.999, -0.09))
    assert isinstance(draw_sawtooths(Sawtooths(first=edges, second=edges, first_width=5, second_width=5)), Picture)


def test_shallow_fit_draws_wave_fit_and_both_bars():
    picture = draw_shallow_fit(ShallowFit())
    left, right = picture.axes
    fit = triangle.best_l1_fit(8, 3)
    (x, s), (_, g) = (line.get_data() for line in left.lines)
    assert np.abs(s - triangle.ramps(8).rounded()(x)).max() == 0
    assert np.abs(g - fit.function.rounded()(x)).max() == 0
    assert [bar.get_height() for bar in right.patches] == [float(fit.error), 0.125]
    assert "0.1989" in picture.alt


def test_heat_map_shows_the_integers_and_the_nets_built():
    (ax,) = figures.gap_heat_map(3, 4).axes
    shown = texts(ax)
    assert {"27", "9", "7", "built: 9", "built: 12"} <= set(shown)
    values = np.ma.filled(ax.images[0].get_array(), np.nan)
    assert 10 ** values[0, 2] == pytest.approx(min_size_lower_bound(28, 1))
    assert np.isnan(values[3, 0])


def test_thresholds_fall_and_ours_is_a_staircase():
    (ax,) = figures.size_thresholds(2, 6).axes
    assert len(ax.lines) == 8
    for line in ax.lines:
        assert (np.diff(line.get_ydata()) <= 0).all()
    ours = ax.lines[0].get_ydata()
    assert ours[24] == triangle.size_needed(64, 1, Fraction(25, 400))


def test_errors_over_pieces_keep_their_order():
    (ax,) = figures.errors_over_pieces(8).axes
    errors, bounds = (line.get_ydata() for line in ax.lines)
    assert (np.array(errors) >= bounds).all()
    assert errors[0] == bounds[0] == 0.25
    assert errors[-1] == 0


def test_trained_nets_are_drawn_above_the_bound():
    picture = figures.trained_against_bound(4, (1, 2), runs=2, steps=40)
    (ax,) = picture.axes
    dots = ax.lines[2:]
    assert [set(d.get_xdata()) for d in dots] == [{2}, {3}]
    for m, line in zip((1, 2), dots, strict=True):
        assert (line.get_ydata() >= float(triangle.l1_lower_bound(4, m + 1))).all()
    assert "4 of 4 lie on or above the lower bound" in picture.alt


@pytest.mark.parametrize("draw", [
    lambda: draw_sawtooths(Sawtooths()), lambda: draw_sawtooths(Sawtooths(first_width=5, second_width=5, depth=4)),
    lambda: draw_sawtooths(Sawtooths(first=TIE)), lambda: draw_shallow_fit(ShallowFit()),
    lambda: draw_shallow_fit(ShallowFit(5, 4, 16)), figures.gap_heat_map, figures.size_thresholds,
    figures.errors_over_pieces])
def test_labels_are_not_cut_and_pictures_are_described(draw):
    picture = draw()
    picture.pixels()
    assert clipped(picture) == []
    assert picture.alt


@pytest.mark.parametrize("draw", [lambda: draw_sawtooths(Sawtooths(first=TIE)),
                                  lambda: draw_shallow_fit(ShallowFit(width=5, depth=5)), figures.gap_heat_map])
def test_no_text_is_black_or_white(draw):
    for ax in draw().axes:
        for text in (*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label):
            assert to_hex(text.get_color()) not in ("#000000", "#ffffff")


def test_a_single_sawtooth_is_no_stack():
    with pytest.raises(ValueError, match="at least two sawtooths"):
        figures.stacked_sawtooths(hard_function(1, [(0.5,)]))


def test_explorers_follow_their_controls():
    saw, fit = explore_sawtooths(), explore_shallow_fit()
    before = saw.view.png
    saw.controls["depth"].value = 3
    assert saw.state.depth == 3
    assert saw.view.png != before
    saw.controls["first"].value = TIE
    assert "Pull them apart" in saw.view.alt
    saw.controls["first"].value = Sawtooths().first
    assert "3·2·3" in saw.view.picture.axes[2].get_title(loc="left")
    fit.controls["pieces"].value = 5
    assert f"{float(triangle.best_l1_fit(8, 5).error):.4f}" in fit.view.alt


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_widths, [(2, 3, 5), [5, 2, 3]], [(5, 6), (30,), (2, 3, 5, 1), (-2, -3, 5), (2.0, 3, 5), 30]),
    (check_accuracy, [3 / 32, Fraction(3, 32)], [0.125, 0.0, "a"]),
    (check_crossover, [9], [4, 16, 9.5, True])])
def test_exercises_accept_what_is_right_and_only_that(check, right, wrong):
    assert check(...).right is None
    assert all(check(a).right for a in right)
    assert not any(check(a).right for a in wrong)


def test_the_cheapest_size_is_the_cheapest_product():
    def by_hand(n, least=2):
        return min([n, *(f + by_hand(n // f, f) for f in range(least, n) if n % f == 0)])

    assert [cheapest_size(n) for n in range(2, 60)] == [by_hand(n) for n in range(2, 60)]
