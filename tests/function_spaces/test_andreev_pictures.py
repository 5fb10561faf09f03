"""Figures, explorers and exercises on restrictions and Andreev's function, read back from artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.function_spaces.andreev import Andreev
from mathdl.function_spaces.andreev_bound import explicit_andreev_bound
from mathdl.function_spaces.exercises import andreev as exercises
from mathdl.function_spaces.explorers import andreev as explorers
from mathdl.function_spaces.explorers.andreev import AndreevBounds, AndreevGrid, GateUnderRestriction
from mathdl.function_spaces.figures import andreev as figures
from mathdl.function_spaces.restrictions import equal_parts, survival_probability


def lines(picture, axes=1):
    return {line.get_label(): np.asarray(line.get_ydata(), dtype=float) for line in picture.axes[axes].lines}


@pytest.mark.parametrize("law", explorers.LAWS)
def test_curve_of_survival_is_exact_and_below_the_bound(law):
    picture = explorers.draw_restriction(GateUnderRestriction(48, 2, law, 3))
    drawn = lines(picture)
    sizes = picture.axes[1].lines[2].get_xdata()
    assert list(sizes) == [16, 32, 48, 64, 128, 256]
    for n, value in zip(sizes, drawn["exact"], strict=True):
        weights = explorers.gate_weights(law, int(n), 3)
        assert value == survival_probability(weights, equal_parts(int(n), 2))
    assert (drawn["exact"] <= drawn["bound (ours)"]).all()
    assert drawn["|P|/√n"] == pytest.approx(2 / np.sqrt(np.array(sizes, dtype=float)))


@pytest.mark.parametrize("parts", [1, 2, 4, 8, 16])
def test_histogram_counts_the_gates_in_the_band(parts):
    picture = explorers.draw_restriction(GateUnderRestriction(64, parts))
    outline = picture.axes[0].patches[1].get_xy()  # steps of the histogram after the band
    edges, heights = outline[:, 0], outline[:, 1]
    width = max(0.5, 2 / parts)
    inside = sum(heights[np.flatnonzero(np.isclose(edges, left) & (np.roll(edges, -1) > edges))[0]]
                 for left in np.arange(-1, 1, width))
    claimed = float(picture.axes[0].get_title().split("in ")[1].split("%")[0])
    assert 100 * inside / explorers.SAMPLES == pytest.approx(claimed, abs=0.06)  # the title has one digit
    exact = survival_probability([1] * 64, equal_parts(64, parts))
    # five standard deviations of a frequency
    assert claimed / 100 == pytest.approx(exact, abs=5 * np.sqrt(exact * (1 - exact) / explorers.SAMPLES) + 6e-4)


def digits(ax):
    """The bits that the markers of an axes show, by (column, row)."""
    zeros, ones = ax.collections[:2]
    return {tuple(map(int, v)): bit for bit, drawn in ((0, zeros), (1, ones)) for v in drawn.get_offsets()}


@pytest.mark.parametrize("state", [AndreevGrid(), AndreevGrid(32, 1, 2, 3, 4, 5), AndreevGrid(8, 2, 1, seed=4)])
def test_grid_shows_the_matrix_and_both_tables(state):
    picture = explorers.draw_andreev(state)
    left, right = picture.axes
    A = Andreev(state.n)
    free = {tuple(map(int, v)) for v in left.collections[2].get_offsets()}
    wanted = (state.first, state.second, state.third, state.fourth)[:A.rows]
    assert free == {((c - 1) % A.columns, row) for row, c in enumerate(wanted)}
    matrix, tables = digits(left), digits(right)
    assert set(matrix) | free == {(j, i) for i in range(A.rows) for j in range(A.columns)}
    address = int("".join(str(sum(v for (_, i), v in matrix.items() if i == row) % 2) for row in range(A.rows)), 2)
    for y in range(2**A.rows):
        assert tables[y, 1] == tables[y ^ address, 0]
    moved = sum(tables[y, 0] != tables[y, 1] for y in range(2**A.rows))
    assert f": {moved} of {2**A.rows} entries change" in right.get_title()


def test_bounds_are_drawn_where_they_speak():
    picture = explorers.draw_bounds(AndreevBounds(0.25))
    drawn = lines(picture, 0)
    powers = np.arange(8, 66, 4)
    ours = np.array([explicit_andreev_bound(2 ** (int(k) + 1), 0.25).size for k in powers])
    assert drawn["lower bound (ours)"][ours >= 1] == pytest.approx(np.log2(ours[ours >= 1]))
    assert np.isnan(drawn["lower bound (ours)"][ours < 1]).all()
    assert (drawn["a circuit (ours)"] > drawn["n"]).all()
    source = drawn["source's chain, constants 1"]
    known = ~np.isnan(source)
    assert known.any()
    assert (source[known] < drawn["lower bound (ours)"][known]).all()


def test_tail_lies_below_the_bound():
    bound, exact = figures.tail_figure(6).axes[0].lines
    assert (np.array(exact.get_ydata()) < np.array(bound.get_ydata())).all()


def test_agreement_figure_marks_the_majority():
    picture = figures.agreement_figure([0.49, 0.5, 0.51], 0.598, 0.864)
    assert [line.get_xdata()[0] for line in picture.axes[0].lines] == [0.598, 0.864]
    assert clipped_text(picture) == []


@pytest.mark.parametrize("state", [
    GateUnderRestriction(), GateUnderRestriction(16, 16), GateUnderRestriction(256, 1, "powers of two"),
    GateUnderRestriction(112, 8, "Gaussian", 7), AndreevGrid(), AndreevGrid(8), AndreevBounds(),
    AndreevBounds(0.01, 0.1), AndreevBounds(0.5, 8.0)])
def test_no_label_is_clipped_and_alt_text_has_numbers(state):
    draw = {GateUnderRestriction: explorers.draw_restriction, AndreevGrid: explorers.draw_andreev,
            AndreevBounds: explorers.draw_bounds}[type(state)]
    picture = draw(state)
    assert clipped_text(picture) == []
    assert any(c.isdigit() for c in picture.alt)


def test_tail_figure_is_not_clipped():
    assert clipped_text(figures.tail_figure()) == []


def test_explorers_move():
    explorer = explorers.explore_restriction()
    explorer.controls["n"].value = 256
    explorer.controls["law"].value = "powers of two"
    assert explorer.state == replace(GateUnderRestriction(), n=256, law="powers of two")
    assert "0.0156 at n = 256" in explorer.view.picture.axes[1].get_title()
    explorer = explorers.explore_andreev()
    explorer.controls["n"].value = 8
    assert "of 4 entries" in explorer.view.picture.axes[1].get_title()
    explorer = explorers.explore_bounds()
    explorer.controls["eps"].value = 0.1
    assert explorer.view.picture.axes[0].get_title() == "What is known at ε = 0.1"


def test_no_bit_ignored():
    for right in (2**17, 2**33):
        assert exercises.check_no_bit_ignored(right).right
    for wrong in (512, 1024, 2**16, 2**17 + 1, "many", 0):
        assert exercises.check_no_bit_ignored(wrong).right is False


def test_short_lived():
    assert exercises.check_short_lived([100] + [1] * 15).right
    assert exercises.check_short_lived([2**i for i in range(16)]).right
    for wrong in ([1] * 16, [0] * 16, [100] + [1] * 14, [0.5] * 16, 7):
        assert exercises.check_short_lived(wrong).right is False


def test_immortal():
    assert exercises.check_immortal(((0,), (1, 2), (3, 4, 5), tuple(range(6, 16)))).right
    for wrong in (equal_parts(16, 4), ((0,), (1,), (2,), (3,)), ((0,), (0, 1), (2,), tuple(range(3, 16))), 3):
        assert exercises.check_immortal(wrong).right is False


def test_no_answer_yet():
    for name, check in vars(exercises).items():
        if name.startswith("check_"):
            assert check(...).right is None
