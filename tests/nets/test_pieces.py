"""One count for nets and functions on the line and on the plane."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.function_spaces.piece_examples import example_nets, grid_pieces, random_grid_net
from mathdl.nets.pieces import count_pieces
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.pwl2d import PWL2D
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet


@pytest.mark.parametrize(("name", "pieces", "closed"), [
    ("|x|", 2, 2), ("x1", 1, 1), ("|x1|", 2, 2), ("|x1| + |x2|", 4, 4), ("max(0, x1, x2)", 3, 3),
    ("two quadrants", 6, 5), ("duplicate gates", 2, 2), ("square", 9, 9)])
def test_pieces_counted_by_hand(name, pieces, closed):
    """`two quadrants` is 0 on two quadrants that touch in a point: two pieces when open, one when closed."""
    net = example_nets()[name]
    assert count_pieces(net) == pieces
    assert count_pieces(net, "closed") == closed


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 7), st.sampled_from(["open", "closed"]))
def test_against_flood_fill_on_a_grid(seed, gates, mode):
    """The kinks lie on lines with |c| <= 2 and meet within |x| <= 4: a window of 6 sees each piece in one part."""
    net = random_grid_net(gates, rng=np.random.default_rng(seed))
    assert count_pieces(net, mode) == grid_pieces(lambda x: net(x)[:, 0], 2, mode, half_width=6)


def test_functions_and_nets_on_the_line():
    net = random_net((1, 5, 5, 1), rng=np.random.default_rng(0))
    assert count_pieces(net) == count_pieces(PWL1D.from_net(net)) == count_pieces_1d(net)
    assert count_pieces(net, "closed") == count_pieces(net)
    assert count_pieces(PWL1D([0], [1, 2], [0, 0])) == 2


def test_a_function_given_by_cells():
    f = PWL2D.from_net(example_nets()["two quadrants"])
    assert (count_pieces(f), count_pieces(f, "closed")) == (6, 5)


def test_cells_that_meet_at_infinity_only_do_not_touch():
    """A ridge between two half-planes where the function is 0."""
    net = ReLUNet([[(1, 0)] * 3, [[1, -2, 1]]], [[0, -1, -2], [0]])
    assert count_pieces(net) == count_pieces(net, "closed") == 4


def test_a_line_through_the_plane_keeps_its_pieces():
    """f(x1, x2) = g(x1) has the pieces of g."""
    g = random_net((1, 4, 4, 1), rng=np.random.default_rng(2), exact=True)
    f = g.compose(ReLUNet.affine([[1, 0]], [Fraction(0)]))
    assert count_pieces(f) == count_pieces(f, "closed") == count_pieces(g)


@pytest.mark.parametrize(("net", "options", "message"), [
    (random_net((3, 2, 1), rng=np.random.default_rng(0)), {}, "one or two inputs and one output; got 3 and 1"),
    (random_net((2, 2, 2), rng=np.random.default_rng(0)), {}, "got 2 and 2"),
    (example_nets()["|x1|"], {"mode": "half"}, "open"),
    (random_net((2, 300, 300, 1), rng=np.random.default_rng(0)), {}, "at most 20000 activation regions; a net of"),
    (random_net((2, 9, 1), rng=np.random.default_rng(0)), {"limit": 7}, "at most 7 activation regions"),
    (random_net((1, 9, 1), rng=np.random.default_rng(0)), {"limit": 3}, "3"),
])
def test_what_is_refused(net, options, message):
    with pytest.raises(ValueError, match=message):
        count_pieces(net, **options)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_never_get_this_far(bad):
    with pytest.raises(ValueError, match="layer 1: expected finite numbers"):
        ReLUNet([[[bad, 0]], [[1]]], [[0], [0]])
