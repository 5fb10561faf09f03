"""Figures, explorers and exercises on Boolean inputs, read back from their artists and answers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.function_spaces import boolean
from mathdl.function_spaces.exercises import boolean as exercises
from mathdl.function_spaces.explorers.boolean import (
    NAMED,
    Threshold,
    TruthTable,
    draw_threshold,
    draw_truth_table,
    explore_threshold,
    explore_truth_table,
)
from mathdl.function_spaces.figures.boolean import parity_figure
from mathdl.function_spaces.ltf import ltf_table, ltf_to_relu
from mathdl.nets.relu_net import ReLUNet


def bars(picture):
    return [patch.get_height() for patch in picture.axes[1].patches]


def test_spectrum_bars_are_the_coefficients_by_size_of_the_set():
    picture = draw_truth_table(TruthTable(3, "majority"))
    assert bars(picture) == pytest.approx([0, 0.5, 0.5, 0.5, 0, 0, 0, -0.5], abs=0)
    names = [tick.get_text() for tick in picture.axes[1].get_xticklabels()]
    assert names == ["∅", "3", "2", "1", "23", "13", "12", "123"]
    assert picture.axes[1].get_title() == "gates: vertices 8, parities 6, merged ≤ 3"
    assert picture.axes[0].get_title() == "1 on 4 of 8 inputs"
    assert "123: -0.5" in picture.alt


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_table_markers_stand_on_the_true_and_false_inputs(n):
    true, false = draw_truth_table(TruthTable(n, "PARITY")).axes[0].collections
    down, across = n // 2, n - n // 2
    places = {(i % 2**across, i // 2**across): sum(map(int, f"{i:b}")) % 2 for i in range(2**n)}
    assert {tuple(map(int, v)) for v in true.get_offsets()} == {v for v, value in places.items() if value}
    assert {tuple(map(int, v)) for v in false.get_offsets()} == {v for v, value in places.items() if not value}
    assert 2**down * 2**across == 2**n


def test_table_number_is_read_in_binary():
    picture = draw_truth_table(TruthTable(2, "table number", 0b0110 + 16 * 7))
    assert bars(picture) == [0, 0, 0, -1]  # 0110 is XOR, −x_1 x_2


@pytest.mark.parametrize(("gate", "ramp"), [((1, 1, 1, 0), [-1, 0]), ((2, 0, 0, 1), [-1, 0]), ((1, 1, 1, -3), [-2, 0])])
def test_ramp_fills_the_gap(gate, ramp):
    picture = draw_threshold(Threshold(*map(float, gate)))
    line = picture.axes[0].lines[0]
    assert line.get_xdata()[1:3] == pytest.approx(ramp)
    assert list(line.get_ydata()) == [-1, -1, 1, 1]
    dots = picture.axes[0].collections[-1].get_offsets()
    inside = (dots[:, 0] > ramp[0]) & (dots[:, 0] < ramp[1])
    assert not inside.any()
    assert (dots[:, 1] == np.where(dots[:, 0] >= 0, 1, -1)).all()


def test_constant_gate_has_no_ramp():
    picture = draw_threshold(Threshold(0.0, 0.0, 0.0, 0.5))
    assert "without a gate" in picture.axes[0].get_title()


def test_both_zigzags_pass_through_parity():
    picture = parity_figure(6)
    long, short, dots = picture.axes[0].lines
    for line in (long, short):
        values = np.interp(range(7), line.get_xdata(), line.get_ydata())
        assert values == pytest.approx(np.arange(7) % 2, abs=0.02)  # the curve is drawn in steps of 1/50
    assert max(short.get_ydata()) > 1.2
    assert max(long.get_ydata()) == pytest.approx(1, abs=0.02)
    assert dots.get_ydata().tolist() == [0, 1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("state", [*(TruthTable(n, name) for n in (1, 4) for name in NAMED),
                                   TruthTable(4, "table number", 65535), Threshold(), Threshold(3, -3, 3, 4),
                                   Threshold(-3.0, -3.0, -3.0, -4.0), Threshold(0.5, 1.5, -2.5, 0.0)])
def test_no_label_is_clipped_and_alt_text_has_numbers(state):
    picture = draw_truth_table(state) if isinstance(state, TruthTable) else draw_threshold(state)
    assert clipped_text(picture) == []
    assert any(c.isdigit() for c in picture.alt)


def test_static_figure_is_not_clipped():
    assert clipped_text(parity_figure()) == []


def test_explorers_move():
    explorer = explore_truth_table()
    explorer.controls["n"].value = 2
    explorer.controls["function"].value = "AND"
    assert explorer.state == replace(TruthTable(), n=2, function="AND")
    assert explorer.view.picture.axes[0].get_title() == "1 on 1 of 4 inputs"
    explorer = explore_threshold()
    explorer.controls["bias"].value = -3.0
    assert explorer.view.picture.axes[0].get_title().startswith("the ramp fills the gap (−2, 0)")


def test_cheap_tables():
    parity = np.prod(boolean.cube(3), axis=1)
    right = {t for t in product((-1, 1), repeat=8) if exercises.check_cheap_table(t).right}
    assert right == {tuple(parity.tolist()), tuple((-parity).tolist())}
    for wrong in ([1] * 8, [1, -1], ltf_table([1, 1, 1]), parity * 2, "parity"):
        assert exercises.check_cheap_table(wrong).right is False


def test_two_bit_parity():
    for right in (((0, 1), (1, -2)), [(1, -2), (0, 1)]):
        assert exercises.check_two_bit_parity(right).right
    for wrong in (((0, 1), (1, -1)), ((0, 1), (1, -2), (2, 2)), (), 3):
        assert exercises.check_two_bit_parity(wrong).right is False


def test_gap():
    assert exercises.check_gap(2).right
    assert exercises.check_gap(2.0).right
    assert exercises.check_gap(1).right is False


def test_three_gates():
    two = ltf_to_relu([1, 1, 1])
    third = ReLUNet([[*two.weights[0], [0, 0, 0]], [[*two.weights[1][0], -1]]], [[*two.biases[0], 1], [0]])
    assert exercises.check_three_gates(third).right
    assert exercises.check_three_gates(third.rounded()).right
    for wrong in (two, third.scaled(2), boolean.indicator_net(ltf_table([1, 1, 1])), 5):
        assert exercises.check_three_gates(wrong).right is False


def test_strip():
    assert exercises.check_strip((-0.5, 0, 0)).right
    for wrong in ((1, 1, 1), (-0.5, 0), (0, 0, 0), (-3, 2.5, 0), (0, 0, -1)):
        assert exercises.check_strip(wrong).right is False


def test_no_answer_yet():
    for name, check in vars(exercises).items():
        if name.startswith("check_"):
            assert check(...).right is None
