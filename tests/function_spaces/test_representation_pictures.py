"""Figures, explorers and exercises on representing functions: the artists say what the numbers say."""

from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from mathdl.function_spaces.density import lq_approximate_1d
from mathdl.function_spaces.exercises.representation import (
    FOUR,
    ROOF,
    check_left_slope,
    check_signed_maxes,
    check_smallest_net,
)
from mathdl.function_spaces.explorers.representation import FlapsView, SignedMaxView, draw_flaps, draw_signed_maxes
from mathdl.function_spaces.figures.representation import density_figure, growth_figure, simplex_figure
from mathdl.function_spaces.flaps import pwl_to_net
from mathdl.function_spaces.signed_max import alternating_reduction
from mathdl.function_spaces.simplex import Simplex
from mathdl.function_spaces.sizes_1d import smallest_net_1d
from mathdl.nets.relu_net import ReLUNet


def lines(picture, axes):
    return {line.get_label(): line for line in picture.axes[axes].lines}


def test_the_sum_of_flaps_lies_on_the_function_and_the_gates_are_counted():
    picture = draw_flaps(FlapsView())
    drawn = lines(picture, 0)
    np.testing.assert_allclose(drawn["sum of flaps"].get_ydata(), drawn["f"].get_ydata(), atol=1e-12)
    assert picture.axes[0].get_title() == "5 pieces from 5 gates; 4 are enough"
    assert len(picture.axes[1].lines) == 5 + 1
    assert "least possible number is 4" in picture.alt


def test_without_output_bias_the_constant_costs_a_gate():
    picture = draw_flaps(FlapsView(output_bias=False))
    assert picture.axes[0].get_title() == "5 pieces from 6 gates; 5 are enough"
    assert "a gate more" in picture.axes[1].get_title()
    through_zero = replace(FlapsView(), points=((0.0, 2.0), (1.0, 0.0)), right_slope=1.0, output_bias=False)
    assert "no gate" in draw_flaps(through_zero).axes[1].get_title()


def test_breakpoints_may_be_dragged_past_each_other_but_not_onto_each_other():
    swapped = replace(FlapsView(), points=FlapsView().points[::-1])
    assert draw_flaps(swapped).alt == draw_flaps(FlapsView()).alt
    assert "Two points share one x" in draw_flaps(replace(FlapsView(), points=((1.0, 0.0), (1.0, 2.0)))).alt


def test_typed_decimals_mean_what_they_say():
    view = FlapsView(points=((0.0, 0.0), (0.1, 0.0)), left_slope=-0.5, right_slope=0.5)  # jumps 1/2 and 1/2
    assert "2 are enough" in draw_flaps(view).axes[0].get_title()


@pytest.mark.parametrize("inputs", [1, 2])
@pytest.mark.parametrize("rows", [1, 2, 8, 16])
def test_the_signed_sum_lies_on_the_maximum(inputs, rows):
    picture = draw_signed_maxes(SignedMaxView(inputs=inputs, rows=rows))
    drawn = lines(picture, 1)
    np.testing.assert_allclose(drawn["signed sum of the terms"].get_ydata(), drawn["maximum of the rows"].get_ydata(),
                               atol=1e-9)


def test_depth_before_and_after():
    titles = [draw_signed_maxes(SignedMaxView(inputs=n, rows=16)).axes[1].get_title() for n in (2, 1)]
    assert titles == ["depth 5 for one maximum, 3 for the sum", "depth 4 for one maximum, 2 for the sum"]


def test_every_corner_of_the_ranges_draws():
    for points in (((-2.0, -4.0), (6.0, 6.0)), ((0.0, 0.0),)):
        for slope in (-4.0, 0.0, 4.0):
            for bias in (True, False):
                assert draw_flaps(FlapsView(points, slope, slope, bias)).alt
    for seed in range(0, 21, 5):
        assert draw_signed_maxes(SignedMaxView(1 + seed % 2, 16, seed)).alt


def test_density_and_growth_and_simplex_show_their_numbers():
    f = lambda x: max(0.0, 1 - x * x)  # noqa: E731
    picture = density_figure(f, [lq_approximate_1d(f, (-1, 1), p, 1) for p in (4, 8, 16)], (-1.2, 1.2))
    error = picture.axes[1].lines[0]
    assert list(error.get_xdata()) == [5, 9, 17]
    np.testing.assert_allclose(error.get_ydata(), [1 / 12, 1 / 48, 1 / 192], rtol=1e-9)
    ridge = ReLUNet([[[1, 0]] * 3, [[1, -2, 1]]], [[1, 0, -1], [0]])
    grown = growth_figure({"ridge": ridge}, [1, 2, 4])
    np.testing.assert_allclose(grown.axes[0].lines[0].get_ydata(), [2, 4, 8], rtol=1e-9)
    x, y = simplex_figure(Simplex(1, 2), samples=50, rng=np.random.default_rng(0)).axes[0].lines[0].get_data()
    assert len(x) == 50
    assert ((x > 0) & (x < y) & (y < 1)).all()


def test_explorers_start():
    from mathdl.function_spaces.explorers.representation import explore_flaps, explore_signed_maxes

    flaps, maxes = explore_flaps(), explore_signed_maxes()
    before = flaps.view.picture.alt
    flaps.controls["output_bias"].value = False
    assert flaps.view.picture.alt != before
    maxes.controls["rows"].value = 3
    assert "3 affine functions" in maxes.view.picture.alt


def test_exercises_accept_any_right_answer_and_no_wrong_one():
    assert check_smallest_net(...).right is None
    net = smallest_net_1d(ROOF)
    turned = ReLUNet([-net.weights[0], net.weights[1]], net.biases)
    answers = (net, pwl_to_net(ROOF), turned, 3)
    assert [check_smallest_net(a).right for a in answers] == [True, True, False, False]
    assert [check_left_slope(a).right for a in (-1, F(-4), 6, 9)] == [True] * 4
    assert [check_left_slope(a).right for a in (0, 5, 2, 0.5, "a")] == [False] * 5
    terms = alternating_reduction(FOUR).terms
    assert check_signed_maxes(terms).right is True
    for wrong in (terms[:2], [(1, FOUR)], [(2, FOUR[:2])], 7):
        assert check_signed_maxes(wrong).right is False
