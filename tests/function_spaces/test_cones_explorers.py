"""Pictures, explorers and exercises of the cones topic, read back from what is drawn."""

import math

import numpy as np
import pytest

from mathdl.function_spaces.block_matrices import row_groups
from mathdl.function_spaces.chattopadhyay_mande import chattopadhyay_mande, separate_rows
from mathdl.function_spaces.exercises.cones import ROWS, check_four_weights, check_neighbours, check_separating_row
from mathdl.function_spaces.explorers.cones import (
    Blocks,
    CMFunction,
    TwoRoutes,
    WeightPlane,
    draw_blocks,
    draw_cm_function,
    draw_exponents,
    draw_two_routes,
    draw_weight_plane,
    explore_blocks,
    explore_cm_function,
    explore_two_routes,
    explore_weight_plane,
)
from mathdl.function_spaces.sign_rank import signrank_route


def test_lines_cross_exactly_when_the_weights_leave_their_cone():
    apart = draw_weight_plane(WeightPlane())
    values = {line.get_label(): line.get_ydata() for line in apart.axes[1].get_lines()}
    order = [sorted(values, key=lambda name: values[name][p]) for p in (0, 1)]
    assert order[0] != order[1]
    assert apart.axes[1].get_title() == "−+ and +− change places"
    together = draw_weight_plane(WeightPlane(((1.0, 2.5), (1.0, 1.0))))  # on the border of the cone
    assert together.axes[1].get_title() == "one order suits all gates"
    assert draw_weight_plane(WeightPlane(((0.0, 0.0), (-4.0, 4.0)))).alt


def test_the_heat_map_has_its_rows_in_groups_and_depth_adds_none():
    heat, count = draw_blocks(Blocks()).axes
    image = heat.get_images()[0].get_array()
    assert len(row_groups(image)) + 1 == int(heat.get_title().split()[0])
    drawn = {line.get_label(): 2.0 ** np.array(line.get_ydata()) for line in count.get_lines()}
    assert drawn["measured"].max() <= drawn["ours"][0] + 1e-9
    assert drawn["ours"] == pytest.approx([25] * 4)
    assert drawn["printed"] == pytest.approx([13, 25, 97, 385])
    assert drawn["all rows"] == pytest.approx([64] * 4)


def test_two_cones_break_the_bound_in_the_default_picture():
    count = draw_blocks(Blocks(two_cones=True)).axes[1]
    drawn = {line.get_label(): 2.0 ** np.array(line.get_ydata()) for line in count.get_lines()}
    assert drawn["measured"].max() > drawn["ours"][0] + 1
    assert count.get_title().startswith("two cones: 36 different rows, over 25")


@pytest.mark.parametrize("state", [Blocks(depth=2, gates=1, bound=1),
                                   Blocks(depth=6, gates=5, bound=6, two_cones=True)])
def test_the_ends_of_the_sliders_draw(state):
    assert "row groups" in draw_blocks(state).alt


def test_the_two_routes_are_drawn_to_scale():
    ax = draw_two_routes(TwoRoutes(depth=3)).axes[0]
    x, y = ax.get_lines()[0].get_data()
    at = np.searchsorted(x, 40)
    assert 2.0 ** y[at] == pytest.approx(signrank_route(2.0 ** x[at], 1, 3).row_count)
    printed = ax.get_lines()[1]
    visible = printed.get_xdata()[np.isfinite(printed.get_ydata())]
    assert visible[visible > 10].min() == pytest.approx(44, abs=1.5)
    speaks = float(ax.get_title().split("2^")[-1].split()[0])
    before, after = (signrank_route(2 ** (speaks + d), 1, 3) for d in (-0.1, 0.1))
    assert before.printed < before.trivial < after.printed + 1e-9


@pytest.mark.parametrize(("depth", "log2_bound"), [(2, 0), (2, 40), (12, 0), (12, 40)])
def test_the_two_routes_draw_at_their_ends(depth, log2_bound):
    assert "printed bound" in draw_two_routes(TwoRoutes(depth, log2_bound)).alt


@pytest.mark.parametrize(("n", "l"), [(1, 1), (3, 2), (4, 2)])
def test_the_matrix_of_g_is_drawn_with_its_numbers(n, l):
    heat, bars = draw_cm_function(CMFunction(n, l)).axes
    assert (heat.get_images()[0].get_array() == chattopadhyay_mande(n, l)).all()
    widths = [bar.get_width() for bar in bars.patches]
    assert widths[1:] == pytest.approx([math.log2(1 + n * (2**l - 1)), n * l])
    assert widths[0] <= widths[1]


def test_the_printed_exponent_crosses_the_upper_bound_at_8_to_the_4():
    ax = draw_exponents().axes[0]
    printed, upper, corrected = (line.get_ydata() for line in ax.get_lines())
    above = [k for k, p, u in zip(range(1, 9), printed, upper, strict=True) if p > u]
    assert above == [4, 5, 6, 7, 8]
    assert all(c < u for c, u in zip(corrected, upper, strict=True))
    assert "8^4" in ax.get_title()


def test_explorers_move_their_state():
    blocks = explore_blocks()
    blocks.controls["two_cones"].value = True
    assert blocks.state.two_cones
    routes = explore_two_routes()
    routes.controls["depth"].value = 7
    assert routes.state.depth == 7
    assert explore_cm_function().state == CMFunction()
    assert explore_weight_plane().state == WeightPlane()


def test_exercises_accept_right_answers_and_keep_them_to_themselves():
    assert check_neighbours([[0, 0, 1, 0], [0, 1, 1, 0]]).right
    assert check_separating_row(separate_rows(*ROWS, 3)).right
    assert check_separating_row(separate_rows(*ROWS[::-1], 3)).right
    assert check_four_weights((3, 5, 6, 7)).right
    assert check_four_weights((-7, 3, 6, 5)).right
    wrong = (check_neighbours([[1, 1, 1, 1], [0, 0, 1, 1]]), check_neighbours([[1, 1, 1, 1]] * 2), check_neighbours(3),
             check_separating_row([-1] * 6), check_separating_row([0] * 6), check_four_weights((1, 2, 4, 8)),
             check_four_weights((1, 2, 4, 7)), check_four_weights((1, 2, 4)), check_four_weights((0.5, 1, 2, 4)))
    assert [f.right for f in wrong] == [False] * 9
    assert all(check(...).right is None for check in (check_neighbours, check_separating_row, check_four_weights))
