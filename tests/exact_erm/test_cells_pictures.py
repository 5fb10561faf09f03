"""Figures, explorers and exercises on cells, read back from their artists and answers."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from mathdl.core.figures import COLOURS, clipped_text
from mathdl.exact_erm.cells import cells, cover_count
from mathdl.exact_erm.exercises.cells import FEWEST, ONE_TRIPLE, check_fewest_cells, check_one_triple
from mathdl.exact_erm.explorers import cells as explorers
from mathdl.exact_erm.explorers.cells import DualLines, Sweep, draw_dual_lines, draw_sweep
from mathdl.exact_erm.figures import cells as figures

IN_LINE = ((-1.0, -1.0), (0.1, 0.1), (1.3, 1.3), (0.5, -1.0), (1.5, -1.2), (-1.5, 1.2))
TWICE = ((0.3, 0.1), (0.3, 0.1), (1.0, 1.3), (0.5, -1.0), (1.5, -1.2), (-1.5, 1.2))
ALL_SAME = ((0.3, 0.1),) * 6


def markers(ax, marker):
    """The points drawn with a marker on an axes, shape (k, 2)."""
    return np.concatenate([np.empty((0, 2)), *(line.get_xydata() for line in ax.lines if line.get_marker() == marker)])


def test_every_split_is_drawn_once_and_by_its_line():
    picture = figures.splits_figure()
    found = cells(figures.SQUARE)
    drawn = set()
    for ax in picture.axes:
        on, off = markers(ax, "o"), markers(ax, "s")
        drawn.add(tuple(any((p == q).all() for q in on) for p in found.x))
        assert len(on) + len(off) == 4
        if ax.patches and len(on) < 4:
            corners = ax.patches[0].get_xy()
            centre = corners.mean(axis=0)
            lines = [line.get_xydata() for line in ax.lines if line.get_marker() == "None"]
            (p, *_, q), = lines
            normal = np.array([p[1] - q[1], q[0] - p[0]])
            side = np.sign((centre - p) @ normal)
            assert (side * ((on - p) @ normal) > 0).all()
            assert (side * ((off - p) @ normal) < 0).all()
    assert drawn == {tuple(p) for p in found.patterns}
    assert picture._suptitle.get_text() == "14 of the 16 labellings of 4 points are cells"
    assert clipped_text(picture) == []


def test_counts_are_drawn_as_they_are():
    picture = figures.count_figure((2, 3), 12)
    for ax, n in zip(picture.axes, (2, 3), strict=True):
        D, N = ax.lines[0].get_data()
        assert N.tolist() == [cover_count(int(d), n) for d in D]
        assert (ax.lines[1].get_ydata() < N).all()
        assert (ax.lines[2].get_ydata() >= N).all()
    assert picture.axes[0].get_title() == "n = 2: printed is 2 too low"
    assert clipped_text(picture) == []


def test_clipping_a_square():
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=float)
    assert figures.clip(square, (1, 1, -1)).tolist() == [[1, 0], [1, 1], [0, 1]]
    assert figures.clip(square, (1, 0, 1)).tolist() == square.tolist()
    assert len(figures.clip(square, (1, 0, -2))) == 0
    assert len(figures.clip(figures.clip(square, (1, 0, -2)), (1, 0, 0))) == 0


def test_the_sweep_shows_every_cell_once_none_and_all_first():
    found = cells(explorers.SIX)
    order = figures.sweep_order(found)
    assert sorted(order) == list(range(32))
    assert {found.patterns[i].sum() for i in order[:2]} == {0, 6}


@pytest.mark.parametrize("cell", range(1, 33))
def test_each_cell_of_the_sweep_is_drawn_beside_its_row(cell):
    picture = draw_sweep(Sweep(cell=cell))
    left, right = picture.axes
    shown = right.images[0].get_array()[cell - 1].astype(bool)
    on = markers(left, "o")
    assert [any((np.array(p) == q).all() for q in on) for p in explorers.SIX] == shown.tolist()
    frame = next(patch for patch in right.patches if isinstance(patch, Rectangle))
    assert frame.get_y() == cell - 0.5
    assert left.get_title() == f"cell {cell}: {shown.sum()} samples active"
    assert right.get_title() == "32 cells, formula 32"


@pytest.mark.parametrize(("points", "count", "why"), [
    (IN_LINE, 30, "Samples 1, 2, 3 are on one line."), (TWICE, 22, "Two points coincide."),
    (ALL_SAME, 2, "Two points coincide.")])
def test_bad_position_is_flagged(points, count, why):
    picture = draw_sweep(Sweep(points=points, cell=32))
    right = picture.axes[1]
    assert right.get_title() == f"{count} cells, formula 32"
    assert right.title.get_color() == COLOURS[5]
    assert why in right.get_xlabel()
    assert why in picture.alt
    assert right.images[0].get_array().shape == (count, 6)
    assert clipped_text(picture) == []


def test_explorers_take_their_controls():
    sweep = explorers.explore_sweep()
    sweep.controls["cell"].value = 3
    sweep.controls["points"].value = IN_LINE
    assert sweep.state == Sweep(IN_LINE, 3)
    dual = explorers.explore_dual_lines()
    dual.controls["line"].value = ((-1.0, 0.5),)
    assert dual.state == replace(DualLines(), line=((-1.0, 0.5),))


def test_the_dual_polygon_is_the_set_of_lines_with_the_same_split():
    state = DualLines()
    picture = draw_dual_lines(state)
    left, right = picture.axes
    x, ((s, t),) = np.array(state.points), state.line
    pattern = x[:, 1] > s * x[:, 0] + t
    corners = right.patches[0].get_xy()
    middle = corners[:-1].mean(axis=0)
    inside = 0.999 * corners + 0.001 * middle
    assert all(np.array_equal(x[:, 1] > u * x[:, 0] + v, pattern) for u, v in inside)
    marked = markers(right, "D")
    for u, v in marked:  # a corner of the polygon is a line through two samples
        assert (abs(x[:, 1] - u * x[:, 0] - v) < 1e-12).sum() == 2
        assert abs(corners - (u, v)).sum(axis=1).min() < 1e-12
    assert right.get_title() == f"its cell has {len(marked)} rays"
    assert left.get_title() == f"{pattern.sum()} of 5 samples above the line"
    assert len(markers(left, "o")) == pattern.sum()
    assert clipped_text(picture) == []


@pytest.mark.parametrize("line", [((0.0, -2.0),), ((2.0, 2.0),), ((-2.0, 0.3),)])
def test_rays_outside_the_picture_are_counted(line):
    picture = draw_dual_lines(DualLines(line=line))
    right = picture.axes[1]
    inside = (abs(markers(right, "D")) <= explorers.REACH).all(axis=1).sum()
    title = right.get_title().split()
    assert int(title[3]) - int(title[5]) == inside


@pytest.mark.parametrize(("points", "line"), [
    (((0.0, 0.1), (0.1, 0.2), (0.3, 0.4), (1.0, 0.0), (0.0, 1.0)), ((1.0, 0.1),)),  # three samples on the line
    (((0.5, 0.5),) * 5, ((1.0, 0.0),)), (((0.5, -1.0), (0.5, 1.0), (0.5, 0.2), (0.5, 2.0), (0.5, 0.0)), ((0.0, 0.1),))])
def test_lines_through_samples_and_flat_samples_do_not_break_the_dual(points, line):
    picture = draw_dual_lines(DualLines(points=points, line=line))
    assert clipped_text(picture) == []
    x, ((s, t),) = np.array(points), line
    touches = (abs(x[:, 1] - s * x[:, 0] - t) < 1e-9).any()
    assert picture.axes[1].get_title().startswith("on a wall") == touches


def test_exercise_on_a_triple():
    triples = [np.linalg.det([[*ONE_TRIPLE[i], 1] for i in ijk]) for ijk in combinations(range(7), 3)]
    assert sum(abs(d) < 0.5 for d in triples) == 1  # determinants of integers
    assert check_one_triple(42).right
    assert check_one_triple(44).right is False
    assert check_one_triple(...).right is None


def test_exercise_on_the_fewest_cells():
    assert check_fewest_cells([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (0, 1)]).right
    assert check_fewest_cells([(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1)]).right is False
    assert check_fewest_cells([(i, 0) for i in range(6)]).right is False  # 12 cells, but on one line
    assert check_fewest_cells([(0, 0), (0, 0), (2, 0), (3, 0), (4, 0), (0, 1)]).right is False
    assert check_fewest_cells("six").right is False
    grid = list(product(range(5), range(3)))
    rng = np.random.default_rng(0)
    drawn = [[grid[i] for i in rng.choice(len(grid), 6, replace=False)] for _ in range(150)]
    assert min(cells(points).n_cells for points in drawn) >= FEWEST
