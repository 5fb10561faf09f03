"""Pictures, explorers and exercises on what a net is, read back from what was drawn."""

import numpy as np
import pytest

from mathdl.function_spaces.exercises.nets import check_absolute_value, check_counts, check_plateau
from mathdl.function_spaces.explorers.nets import (
    Gates,
    Wiring,
    draw_autoencoder,
    draw_gates,
    draw_wiring,
    explore_gates,
    explore_wiring,
    net_with_kinks,
)
from mathdl.nets.relu_net import ReLUNet


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_the_sum_of_the_gates_is_drawn_with_its_kinks():
    kinks = ((-1.0, 1.0), (0.5, -2.0))
    left, right = draw_gates(Gates(kinks)).axes
    drawn = lines(right)["sum of the gates"]
    x = drawn.get_xdata()
    assert drawn.get_ydata() == pytest.approx(np.maximum(x + 1, 0) - 2 * np.maximum(x - 0.5, 0), abs=1e-12)
    assert lines(right)["it bends"].get_xdata().tolist() == [-1.0, 0.5]
    assert [tuple(line.get_xydata()[-1]) for line in left.get_lines() if line.get_marker() == "o"] == list(kinks)


@pytest.mark.parametrize(("kinks", "bends"), [(((0.0, 1.0), (0.0, -1.0)), 0), (((0.0, 1.0), (0.0, 1.0)), 1),
                                             (((1.0, 0.0), (2.0, 1.0)), 1)])
def test_gates_that_meet_or_vanish_bend_less(kinks, bends):
    picture = draw_gates(Gates(kinks))
    assert len(lines(picture.axes[1])["it bends"].get_xdata()) == bends
    assert f"kinks: {bends}" in picture.axes[1].get_title()
    assert f"Kinks: {bends}" in picture.alt


def test_the_wiring_has_all_nodes_and_wires():
    (ax,) = draw_wiring(Wiring(hidden_layers=3, width=4, inputs=2, outputs=5)).axes
    assert [len(line.get_xdata()) for line in ax.get_lines()] == [2, 4, 4, 4, 5]
    assert len(ax.collections[0].get_segments()) == 2 * 4 + 4 * 4 + 4 * 4 + 4 * 5
    assert ax.get_title() == "depth 4, width 4, size 12: 77 weights and biases"


def test_the_wiring_of_an_affine_map_has_no_gates():
    (ax,) = draw_wiring(Wiring(hidden_layers=0)).axes
    assert [line.get_marker() for line in ax.get_lines()] == ["s", "s"]
    assert "size 0" in ax.get_title()


def test_the_autoencoder_of_figure_1_1_is_4_15_4():
    (ax,) = draw_autoencoder().axes
    assert [len(line.get_xdata()) for line in ax.get_lines()] == [4, 15, 4]
    assert "depth 2, width 15" in ax.get_title()


def test_dragging_a_gate_moves_the_picture():
    explorer = explore_gates()
    before = explorer.view.picture
    explorer.controls["kinks"].value = ((-1.5, 1.5), (0.0, -2.5), (1.5, 0.0))
    assert explorer.state.kinks[2] == (1.5, 0.0)
    assert "kinks: 2" in explorer.view.picture.axes[1].get_title()
    assert explorer.view.picture is not before


def test_the_wiring_explorer_draws_at_the_ends_of_its_sliders():
    explorer = explore_wiring()
    for layers, width in ((0, 1), (6, 15)):
        explorer.controls["hidden_layers"].value, explorer.controls["width"].value = layers, width
        assert f"size {layers * width}" in explorer.view.picture.axes[0].get_title()


def test_counts_are_checked():
    assert check_counts((4, 5, 13)).right
    assert check_counts([4, 5, 13]).right
    for wrong in ((3, 5, 13), (4, 5, 18), (5, 5, 13), 4, None, "depth 4"):
        assert check_counts(wrong).right is False
    assert check_counts(...).right is None


def test_any_net_of_the_absolute_value_with_two_gates_is_right():
    for c in (1, 2, 0.5):
        assert check_absolute_value(ReLUNet([[[c], [-c]], [[1 / c, 1 / c]]], [[0, 0], [0]])).right
    for wrong in (ReLUNet([[[1], [-1]], [[1, -1]]], [[0, 0], [0]]), ReLUNet([[[1]], [[1]]], [[0], [0]]), 3,
                  ReLUNet([[[1], [-1], [0]], [[1, 1, 0]]], [[0, 0, 0], [0]]), ReLUNet.affine([[1, 1]], [0])):
        assert check_absolute_value(wrong).right is False
    assert check_absolute_value(...).right is None


def test_the_plateau_is_checked_exactly_in_any_order():
    assert check_plateau([(0, 1), (1, -1), (2, -1), (3, 1)]).right
    assert check_plateau([(3, 0.5), (2, -1), (0, 1.0), (1, -1), (3, 0.5)]).right
    for wrong in ([(0, 1), (1, -1), (2, -1)], [(0, 1), (1, -1), (2, -1), (3, 1 + 1e-12)], [], 7, [(0,)]):
        assert check_plateau(wrong).right is False
    assert check_plateau(...).right is None


def test_net_with_kinks_has_them():
    assert net_with_kinks(((0.0, 2.0),))([[3.0], [-1.0]]).ravel().tolist() == [6.0, 0.0]
