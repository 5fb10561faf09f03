"""Functions given by cells: covers with holes, overlaps and jumps are refused, corners inside edges are not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.nets.pwl2d import PWL2D, first_jump, is_continuous
from mathdl.nets.random_nets import random_net
from mathdl.nets.regions import exact_regions
from mathdl.nets.relu_net import ReLUNet

RIGHT = ((0, 0), (0, -1, 0), (1, 0, 0), (0, 1, 0))
LEFT = ((0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0))
ZERO = (0, 0, 0)


def square(x, y, side=1):
    return ((x, y), (x + side, y), (x + side, y + side), (x, y + side))


def test_the_absolute_value_on_two_half_planes():
    f = PWL2D([(RIGHT, (1, 0, 0)), (LEFT, (-1, 0, 0))])
    assert f.n_pieces == f.pieces("closed") == 2
    assert f([(3, 1), (-2.5, 7), (0, 0)]).tolist() == [3, Fraction(5, 2), 0]
    assert {s.line for s in f.kinks} == {(1, 0, 0)}
    assert [(f.functions[s.left[0]], f.functions[s.right[0]]) for s in f.kinks] == [((1, 0, 0), (-1, 0, 0))] * 2


def test_cells_in_either_order_and_equal_functions():
    f = PWL2D([(RIGHT[::-1], (2, 1, 3)), (LEFT, (2, 1, 3))])
    assert f.n_pieces == 1
    assert not f.kinks
    assert f([(1, 1)])[0] == 6


@pytest.mark.parametrize(("left", "where"), [
    ((-1, 0, 1), r"cells 0 and 1 disagree at \(0, 0\): value 0 and value 1"),
    ((0, 1, 0), r"cells 0 and 1 disagree at infinity along \(0, 1\): slope 0 and slope 1"),
])
def test_a_cover_with_a_jump_is_rejected_and_the_two_cells_are_named(left, where):
    cells = [(RIGHT, (1, 0, 0)), (LEFT, left)]
    assert not is_continuous(cells)
    with pytest.raises(ValueError, match=f"expected one value where cells meet; {where}"):
        PWL2D(cells)


def test_the_smallest_jump_is_seen():
    cells = [(square(0, 0), ZERO), (square(1, 0), (0, 0, Fraction(1, 10**50)))]
    assert "cells 0 and 1 disagree at (1, 1): value 0" in first_jump(cells)
    assert not is_continuous([(square(0, 0), (0.1 + 0.2, 0, 0)), (square(1, 0), (0.3, 0, 0))])  # 0.1 + 0.2 is not 0.3
    assert first_jump([(square(0, 0), ZERO), (square(1, 0), ZERO)]) == ""


def test_a_jump_along_half_of_an_edge_is_seen():
    cells = [(square(0, 0, 2), ZERO), (square(2, 0), ZERO), (square(2, 1), (0, 1, -1))]
    assert first_jump(cells) == "cells 0 and 2 disagree at (2, 2): value 0 and value 1"


def test_corners_inside_an_edge_of_a_neighbour():
    """One large square beside two small ones: the lower one has its function, the upper one touches it."""
    cells = [(square(0, 0, 2), ZERO), (square(2, 0), ZERO), (square(2, 1), (1, 0, -2))]
    with pytest.raises(ValueError, match="cells 1 and 2 disagree"):
        PWL2D(cells)
    triangles = [((2, 1), (3, 1), (3, 2)), ((2, 1), (3, 2), (2, 2))]
    f = PWL2D([*cells[:2], (triangles[0], (0, 1, -1)), (triangles[1], (1, 0, -2))])
    assert f.labels().tolist() == [0, 0, 1, 2]
    assert f.labels("closed").tolist() == [0, 0, 1, 2]


def test_equal_functions_that_touch_inside_an_edge_are_one_piece_when_closed():
    """x2 below the line x2 = 0 and on the wedge x2 >= |x1|, something else between: they touch in (0, 0) only."""
    below, wedge = ((-2, -1), (2, -1), (2, 0), (-2, 0)), ((0, 0), (1, 1), (-1, 1))
    between = [cell for s in (1, -1) for cell in ((((0, 0), (2 * s, 0), (2 * s, 1)), (0, -1, 0)),
                                                  (((0, 0), (2 * s, 1), (s, 1)), (-2 * s, 3, 0)))]
    f = PWL2D([(below, (0, 1, 0)), (wedge, (0, 1, 0)), *between])
    assert (f.pieces("open"), f.pieces("closed")) == (6, 4)  # the two cells with -x2 touch there as well
    assert f.labels("open")[0] != f.labels("open")[1]
    assert f.labels("closed")[0] == f.labels("closed")[1]


@pytest.mark.parametrize(("cells", "message"), [
    ([], "at least one cell"),
    ([(square(0, 0), ZERO), (square(2, 0), ZERO)], "cell 0 has no neighbour at the edge from"),
    ([(square(0, 0), ZERO), (square(1, 0), ZERO), (square(0, 1), ZERO)], "has no neighbour"),
    ([(RIGHT, ZERO), (square(-1, 0), ZERO)], "has no neighbour"),
    ([(square(0, 0), ZERO), (square(Fraction(1, 2), 0), ZERO)], "cells 0 and 1 lie on the same side of the edge"),
    ([(square(0, 0), ZERO), (square(0, 0), ZERO)], "cells 0 and 1 lie on the same side"),
    ([(((0, 0), (1, 1), (1, 0), (0, 1)), ZERO)], "cell 0: expected the corners of a convex polygon"),
    ([(((0, 0), (2, 0), (0.5, 0.5), (0, 2)), ZERO)], "convex polygon"),
    ([(((0, 0), (1, 0), (2, 0)), ZERO)], "convex polygon"),
    ([(((0, 0), (1, 0)), ZERO)], "convex polygon"),
    ([(((0, 0), (0, 0), (1, 0), (0, 1)), ZERO)], "convex polygon"),
    ([(((1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0)), ZERO)], "with a point between opposite directions"),
    ([(((0, 0), (1, 0), (0, 1, -1)), ZERO)], "w >= 0"),
    ([(((0, 0), (1, 0), (0, float("inf"))), ZERO)], "finite numbers"),
    ([(square(0, 0), (1, 0))], r"affine function \(a1, a2, c\)"),
])
def test_what_is_no_cover_is_refused(cells, message):
    for make in (PWL2D, is_continuous):
        with pytest.raises(ValueError, match=message):
            make(cells)


def test_a_pentagram_winds_twice():
    t = 4 * np.pi * np.arange(5) / 5
    with pytest.raises(ValueError, match="convex polygon"):
        PWL2D([(np.column_stack([np.cos(t), np.sin(t)]), ZERO)])


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([(2, 3, 1), (2, 4, 3, 1), (2, 2, 2, 2, 1)]))
def test_a_net_as_cells_has_its_values_and_its_pieces(seed, widths):
    net = random_net(widths, rng=np.random.default_rng(seed), exact=True)
    f, x = PWL2D.from_net(net), np.random.default_rng(seed).integers(-50, 51, size=(20, 2))
    assert (f(x) == net(x)[:, 0]).all()
    for mode in ("open", "closed"):
        assert f.pieces(mode) == exact_regions(net).pieces(mode)
    assert is_continuous(f.cells)


def test_points_outside_modes_and_nets_are_checked():
    f = PWL2D([(square(0, 0), (1, 1, 0))])
    assert f([(1, 1), (0.5, 0)]).tolist() == [2, Fraction(1, 2)]
    with pytest.raises(ValueError, match=r"inside the cells; got \(2, 0\)"):
        f([(2, 0)])
    with pytest.raises(ValueError, match=r"shape \(n_samples, 2\)"):
        f([1, 2])
    with pytest.raises(ValueError, match="open"):
        f.pieces("both")
    with pytest.raises(ValueError, match="3 inputs"):
        PWL2D.from_net(ReLUNet.affine([[1, 2, 3]], [0]))
    with pytest.raises(ValueError, match="at most 5 activation regions"):
        PWL2D.from_net(random_net((2, 6, 1), rng=np.random.default_rng(0)), limit=5)
