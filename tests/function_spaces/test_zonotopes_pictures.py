"""Figures, explorer and exercises on zonotopes, read back from their artists and answers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.patches import Wedge

from mathdl.core.figures import clipped_text
from mathdl.function_spaces.exercises.zonotopes import check_flat_triple, check_four_gates, check_piece_count
from mathdl.function_spaces.explorers.zonotopes import ZonogonMap, draw_zonogon_map, explore_zonogon_map
from mathdl.function_spaces.figures import zonotopes as figures
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.function_spaces.zonotope_function import ZonotopeFunction, even_knots

PARALLEL = ((0.3, 0.0), (0.0, 0.4), (0.1, 0.3), (0.3, 0.9))  # as typed; the nearest floats are not parallel
ON_A_LINE = ((0.1, 0.2), (0.3, 0.6), (0.0, 0.0), (0.2, 0.4))


def polygons(ax):
    return next(c for c in ax.collections if isinstance(c, PolyCollection))


def area(corners):
    x, y = corners.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def test_cells_tile_the_outer_polygon_and_carry_the_function():
    f = ZonotopeFunction(1, even_knots(3, 2), figures.FOUR)
    corners, values, gradients = figures.cells(f)
    assert len(corners) == 8 * 9
    # H has turned for the last time at γ = 8/9, and the drawing ends at 1.3 times that
    rays = f.zonotope.vertices().rays.astype(float)
    outer = rays / Zonotope(figures.FOUR).rounded().support(rays)[:, None] * 1.3 * 8 / 9
    assert sum(map(area, corners)) == pytest.approx(area(outer), rel=1e-12)
    middles = corners.mean(axis=1)
    heights = f(middles).astype(float)
    assert f(corners.reshape(-1, 2)).astype(float) == pytest.approx(values.ravel(), abs=1e-12)
    for corner, value in zip(np.moveaxis(corners, 1, 0), values.T, strict=True):  # affine with that gradient
        assert heights + ((corner - middles) * gradients).sum(axis=1) == pytest.approx(value, abs=1e-12)


def test_cells_need_two_directions():
    with pytest.raises(ValueError, match="parallel"):
        figures.cells(ZonotopeFunction(1, even_knots(2, 1), [(1, 0), (2, 0)]))


def test_colours_turn_with_the_gradient_and_the_flat_zone_is_pale():
    colours = figures.gradient_colours(np.array([[1.0, 0], [1e-9, 1], [-2, 0], [2, 0], [0, 0]]))
    assert colours[0] == pytest.approx(colours[3])
    assert abs(colours[0] - colours[2])[:3].max() > 0.3
    assert colours[:, 3].tolist() == [0.85] * 4 + [0.25]


@pytest.mark.parametrize(("state", "counted", "formula"), [
    (ZonogonMap(), 33, 33), (ZonogonMap(depth=3), 65, 65), (ZonogonMap(width=3), 72, 72), (ZonogonMap(depth=1), 16, 16),
    (ZonogonMap(generators=PARALLEL), 25, 33)])
def test_the_map_tells_the_exact_count(state, counted, formula):
    picture = draw_zonogon_map(state)
    left, right = picture.axes
    assert right.get_title() == f"{counted} pieces counted, formula {formula}"
    assert f"{counted} pieces by exact count" in picture.alt
    vertices = 8 if counted == formula else 6
    assert left.get_title().startswith(f"{vertices} vertices")
    slabs = state.width ** state.depth + (state.depth > 1 and state.width % 2 == 0)
    assert len(polygons(right).get_paths()) == vertices * slabs


def test_the_map_says_when_there_is_nothing_to_draw():
    picture = draw_zonogon_map(ZonogonMap(generators=ON_A_LINE))
    assert "on one line" in picture.axes[1].texts[0].get_text()
    assert clipped_text(picture) == []
    assert draw_zonogon_map(ZonogonMap(generators=((0.0, 0.0),) * 4)).alt


@pytest.mark.parametrize("state", [ZonogonMap(depth=k, width=w) for k, w in product((1, 3), (2, 3))])
def test_no_text_is_cut(state):
    assert clipped_text(draw_zonogon_map(state)) == []


def test_the_explorer_redraws():
    explorer = explore_zonogon_map()
    before = explorer.view.png
    explorer.controls["depth"].value = 3
    assert explorer.state == replace(ZonogonMap(), depth=3)
    assert explorer.view.png != before
    explorer.controls["generators"].field.value = "(0.3, 0), (0, 0.4), (0.1, 0.3), (0.3, 0.9)"
    assert explorer.state.generators == PARALLEL
    assert "formula" in explorer.view.picture.axes[1].get_title()


def test_figure_2_2():
    picture = figures.figure_2_2()
    assert [ax.get_title().split(":")[0] for ax in picture.axes] == ["17 pieces", "33 pieces", "65 pieces"]
    facets = [len(ax.collections[0].get_facecolor()) for ax in picture.axes]
    assert facets == [4 * 5, 8 * 5, 8 * 9]  # the flat zone is one piece, drawn as a facet a cone
    assert clipped_text(picture) == []


def test_zonogon_figure():
    picture = figures.zonogon_figure(((1, 0), (1, 1), (0, 1), (-1, 2), (1, 3)))
    left, right = picture.axes
    assert len([p for p in right.patches if isinstance(p, Wedge)]) == 10
    assert len(left.lines[0].get_xdata()) == 10
    turns = sum((p.theta2 - p.theta1) % 360 for p in right.patches)
    assert turns == pytest.approx(360)
    assert clipped_text(picture) == []


def test_line_figure():
    f = ZonotopeFunction(1, even_knots(2, 2), figures.FOUR)
    picture = figures.line_figure(f)
    left, right = picture.axes
    assert "13 pieces" in left.get_title()
    assert len(left.lines[1].get_xdata()) == 12
    assert len(right.lines[1].get_xdata()) == 4
    assert set(right.lines[1].get_xdata()) <= set(left.lines[1].get_xdata())
    slopes = np.diff(right.lines[0].get_ydata()) / np.diff(right.lines[0].get_xdata())
    assert (np.diff(slopes) > 0).all()  # convex: only γ bends there
    assert clipped_text(picture) == []


def test_race_figure():
    picture = figures.race_figure(deepest=5)
    ten, two = picture.axes
    assert ten.lines[0].get_ydata()[1] == 3201
    assert ten.lines[3].get_ydata()[1] == 1024
    assert two.lines[3].get_ydata()[-1] == 4 ** 8 * 37
    assert len({line.get_linestyle() for line in ten.lines}) == 4
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_piece_count, [108, 108.0], [54, 109, "many"]),
    (check_four_gates, [[(1, 0), (0, 1), (1, 2), (2, 3)], [(1.5, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, -2.0)]],
     [[(1, 0), (0, 1), (1, 1)], [(1, 0), (0, 1), (1, 1), (2, 2)], [(1, 0), (0, 1), (1, 2), (5, 1)], 3]),
    (check_flat_triple, [[(1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1), (1, 2, 3)]],
     [[(1, t, t * t) for t in range(5)], [(1, 0, 0), (2, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)], [(1, 2)]])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right
    for answer in wrong:
        assert check(answer).right is False
        assert check(answer).text.startswith(("Not yet", "That answer"))
