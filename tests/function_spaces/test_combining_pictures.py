"""Pictures, explorers and exercises on nets put together, read back from what was drawn."""

from itertools import product

import numpy as np
import pytest

from mathdl.function_spaces.exercises.combining import check_least_size, check_max_of_two, check_seven_pieces
from mathdl.function_spaces.explorers.combining import (
    Depth,
    LineNet,
    Lines,
    draw_depth,
    draw_line_net,
    draw_lines,
    draw_padding_costs,
    draw_tree_costs,
    explore_depth,
    explore_line_net,
    explore_lines,
    line_net,
    pieces_by_layer,
)
from mathdl.function_spaces.zigzag import zigzag_net
from mathdl.nets.combine import max_gate
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.random_nets import random_line_net, random_net
from mathdl.nets.relu_net import ReLUNet


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


@pytest.mark.parametrize("state", [LineNet(), LineNet("random", 1, 1, 3), LineNet("random", 5, 8, 50),
                                   LineNet("zigzag", 3, 3), LineNet("zigzag", 2, 1)])
def test_the_net_is_drawn_with_its_pieces_under_both_bounds(state):
    left, right = draw_line_net(state).axes
    net = line_net(state)
    x, y = left.get_lines()[0].get_data()
    assert y == pytest.approx(net(x[:, None])[:, 0], abs=1e-9 * max(1, abs(y).max()))
    counts = [bar.get_height() for bar in right.patches]
    assert counts == list(pieces_by_layer(net))
    assert counts[-1] == count_pieces_1d(net)
    product_, printed = lines(right)["∏ (wᵢ + 1)"].get_ydata(), lines(right)["as printed"].get_ydata()
    assert (counts <= product_).all()
    assert (product_ <= printed).all()
    assert f"{counts[-1]:g} piece" in left.get_title()


def test_the_zigzag_meets_the_product_bound_after_each_layer():
    right = draw_line_net(LineNet("zigzag", 4, 4)).axes[1]
    assert [bar.get_height() for bar in right.patches] == [5, 25, 125, 625]
    assert lines(right)["∏ (wᵢ + 1)"].get_ydata().tolist() == [5, 25, 125, 625]


def test_random_nets_on_the_line_have_their_kinks_where_they_can_be_seen():
    net = random_line_net((6, 5), rng=np.random.default_rng(0))
    first = -net.biases[0] / net.weights[0][:, 0]
    assert abs(first).max() <= 1
    assert count_pieces_1d(net) > 6


def test_the_maximum_of_the_lines_is_drawn_with_what_it_costs():
    state = Lines()
    (ax,) = draw_lines(state).axes
    x, top = lines(ax)["maximum"].get_data()
    values = [y - a * a + a * x for a, y in state.points]
    assert top == pytest.approx(np.max(values, axis=0), abs=1e-12)
    assert ax.get_title() == "depth 3, 12 gates, 0 of them padding"
    assert draw_lines(Lines(gate="3")).axes[0].get_title() == "depth 3, 9 gates, 0 of them padding"


def test_equal_lines_are_no_trouble():
    picture = draw_lines(Lines(points=((1.0, 1.0),) * 3))
    assert "1 pieces" in picture.alt


@pytest.mark.parametrize("bits", [2, 12, 24])
def test_no_net_is_built_with_fewer_gates_than_needed(bits):
    (ax,) = draw_depth(Depth(bits, 12)).axes
    drawn = lines(ax)
    built, sharp, printed = (drawn[name].get_ydata() for name in (
        "a zigzag net that makes them", "needed: k(p^(1/k) − 1)", "needed, as printed"))
    assert (printed <= sharp).all()
    assert (sharp <= built).all()
    assert built[0] == 2**bits - 1
    assert f"{2**bits:,} pieces" in ax.get_title()


def test_the_zigzag_drawn_over_depth_has_enough_pieces():
    for k, gates in enumerate(lines(draw_depth(Depth(6, 4)).axes[0])["a zigzag net that makes them"].get_ydata(), 1):
        assert count_pieces_1d(zigzag_net(int(gates) // k, k)) >= 2**6


def test_tree_costs_are_the_ledger_s_table():
    drawn = lines(draw_tree_costs(9).axes[0])
    assert drawn["built, 4-node gate"].get_ydata().tolist() == [4, 10, 12, 20, 24, 26, 28, 38]
    assert drawn["built, 3-node gate"].get_ydata().tolist() == [3, 8, 9, 16, 19, 20, 21, 30]
    assert list(drawn["printed: 4(2m − 1)"].get_ydata()) == [12, 20, 28, 36, 44, 52, 60, 68]


def test_padding_grows_by_two_gates_a_layer():
    picture = draw_padding_costs(10)
    (drawn,) = (line for line in picture.axes[0].get_lines() if line.get_marker() == "o")
    assert drawn.get_ydata().tolist() == [4 + 2 * gap for gap in range(11)]
    assert "from a difference of 5 layers on" in picture.alt


def test_the_explorers_draw_at_the_ends_of_their_ranges():
    explorer = explore_line_net()
    for kind, layers, width in product(("random", "zigzag"), (1, 3), (1, 8)):
        explorer.controls["kind"].value = kind
        explorer.controls["hidden_layers"].value, explorer.controls["width"].value = layers, width
        assert f"{kind}, {layers} layer" in explorer.view.picture.axes[0].get_title()
    lines_ = explore_lines()
    lines_.controls["points"].value = ((-3.0, -3.0), (3.0, 5.0), (0.0, 0.0), (0.0, 0.0))
    assert "pieces" in lines_.view.picture.alt
    depth = explore_depth()
    depth.controls["deepest"].value = 1
    assert "1,024 pieces" in depth.view.picture.axes[0].get_title() or depth.state.deepest == 1


def test_any_three_gate_maximum_is_right():
    three = max_gate("3")
    other = ReLUNet([[[-1, 1], [1, 0], [-1, 0]], [[1, 1, -1]]], [[0, 0, 0], [0]])
    assert check_max_of_two(three).right
    assert check_max_of_two(other).right
    wrong_sign = ReLUNet([[[-1, 1], [1, 0], [-1, 0]], [[1, 1, 1]]], [[0, 0, 0], [0]])
    for wrong in (max_gate("4"), wrong_sign, 3, None):
        assert check_max_of_two(wrong).right is False
    assert check_max_of_two(...).right is None


def test_the_least_size_is_checked():
    assert check_least_size(27).right
    assert not check_least_size(26).right
    assert check_least_size("many").right is False
    assert check_least_size(...).right is None
    assert count_pieces_1d(zigzag_net(9, 3)) == 1000


def test_seven_pieces_with_two_by_two_gates():
    nets = [random_line_net((2, 2), rng=np.random.default_rng(seed)) for seed in range(60)]
    feedback = {count_pieces_1d(net): check_seven_pieces(net).right for net in nets}
    assert max(feedback) == 7
    assert feedback == {pieces: pieces >= 7 for pieces in feedback}
    assert check_seven_pieces(random_net((1, 3, 3, 1), rng=np.random.default_rng(0))).right is False
    assert check_seven_pieces(None).right is False
    assert check_seven_pieces(...).right is None
