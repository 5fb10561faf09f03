"""The fast count of pieces against the plain one in Fractions, on nets where floats and overflow would fail."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.function_spaces.zigzag import zigzag_net
from mathdl.nets import line_cells
from mathdl.nets.piece_bounds import printed_bound, product_bound, region_bound
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet


def plainly(net):
    return PWL1D.from_net(net.exact()).n_pieces


@st.composite
def degenerate_nets(draw):
    """Tiny integer weights: duplicate, opposite and dead gates, common zeros and cancelled kinks are the rule."""
    widths = (1, *draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)), 1)
    entry = st.integers(-2, 2)
    rows = [[[draw(entry) for _ in range(v)] for _ in range(w)] for v, w in pairwise(widths)]
    return ReLUNet(rows, [[draw(entry) for _ in range(w)] for w in widths[1:]])


@settings(max_examples=150)
@given(degenerate_nets())
def test_degenerate_nets_are_counted_as_the_plain_way_counts_them(net):
    assert count_pieces_1d(net) == plainly(net)


@settings(max_examples=100)
@given(degenerate_nets())
def test_degenerate_nets_are_rounded_as_the_plain_way_rounds_them(net):
    assert PWL1D.from_net(net) == PWL1D.from_net(net.exact()).rounded()


def test_gates_that_never_switch_keep_their_value():
    for bias in (1, -1):
        net = ReLUNet([[[0]], [[2]], [[3]]], [[bias], [1], [0]])
        assert PWL1D.from_net(net) == PWL1D([], [0.0], [3.0 * (2 * max(bias, 0) + 1)])
        assert count_pieces_1d(net) == 1


@pytest.mark.parametrize("shape", [(1, 8, 1), (1, 6, 6, 1), (1, 4, 4, 4, 1), (1, 1, 1, 1), (1, 1)])
@pytest.mark.parametrize("seed", range(4))
def test_float_nets_are_counted_at_their_binary_values(shape, seed):
    net = random_net(shape, rng=np.random.default_rng(seed))
    assert count_pieces_1d(net) == plainly(net)


@pytest.mark.parametrize("bits", [3, 20, 29, 31, 45, 61, 63, 80])
def test_integers_around_and_beyond_64_bits(bits):
    rng, big = np.random.default_rng(bits), 2 ** bits
    for _ in range(3):
        small, large = (random_net((1, 4, 4, 1), rng=rng, exact=True) for _ in range(2))
        rows = [V * big + W for V, W in zip(large.weights, small.weights, strict=True)]
        biases = [c * big + 1 for c in large.biases]
        net = ReLUNet(rows, biases, exact=True)
        assert count_pieces_1d(net) == plainly(net)


@pytest.mark.parametrize("seed", range(5))
def test_long_weights_after_short_ones(seed):
    """The products of the second layer pass 2^63 although all its factors fit."""
    net = random_net((1, 4, 4, 1), rng=np.random.default_rng(seed), exact=True)
    first, second, last = net.weights
    long = ReLUNet([first, second * 2**59 + first, last], [net.biases[0], net.biases[1] * 2**59, net.biases[2]])
    assert count_pieces_1d(long) == plainly(long)


def test_a_kink_of_one_part_in_10_to_the_40_is_seen():
    tiny = Fraction(1, 10 ** 40)
    net = ReLUNet([[[1], [1]], [[1, -1 + tiny]]], [[0, 0], [0]])
    assert count_pieces_1d(net) == 2
    assert count_pieces_1d(ReLUNet([[[1], [1]], [[1, -1]]], [[0, 0], [Fraction(0)]])) == 1


def test_several_outputs_bend_together():
    net = ReLUNet([[[1], [1]], [[1, 0], [0, 1]]], [[0, -1], [0, 0]])
    assert count_pieces_1d(net) == 3


@pytest.mark.parametrize(("width", "layers"), [(3, 6), (4, 5), (9, 3)])
@pytest.mark.parametrize("block", [6, 27, 2 ** 17])
def test_blocks_of_any_size_give_the_same_count(monkeypatch, width, layers, block):
    monkeypatch.setattr(line_cells, "BLOCK", block)
    if (width + 1) ** layers <= 5000 or block > 27:
        assert count_pieces_1d(zigzag_net(width, layers)) == (width + 1) ** layers
    net = random_net((1, 5, 5, 5, 1), rng=np.random.default_rng(3))
    assert count_pieces_1d(net) == plainly(net)


def test_a_million_pieces():
    assert count_pieces_1d(zigzag_net(9, 6)) == 10 ** 6
    assert count_pieces_1d(zigzag_net(3, 10)) == 2 ** 20


def test_thirds_stay_in_64_bits(monkeypatch):
    """A tent that divides by 3 and multiplies again: the common factor is taken out before integers grow long."""
    thirds = [[Fraction(2, 3), Fraction(-4, 3)]]
    tent = ReLUNet([[[1], [1]], thirds, [[3]]], [[0, Fraction(-1, 2)], [0], [0]])
    net = tent
    for _ in range(15):
        net = tent.compose(net)
    monkeypatch.setattr(line_cells, "_long", lambda cells: pytest.fail("went to long integers"))
    assert count_pieces_1d(net) == 2 ** 16 + 2


def test_a_count_beyond_the_limit_is_stopped_with_its_bound():
    with pytest.raises(ValueError, match=r"limit = 1000 intervals; widths \(3, .*\) allow up to 1152921504606846976"):
        count_pieces_1d(zigzag_net(3, 30), limit=1000)
    assert count_pieces_1d(zigzag_net(3, 4), limit=256) == 256


def test_a_net_with_two_inputs_is_refused():
    with pytest.raises(ValueError, match="one input; got 2"):
        count_pieces_1d(ReLUNet.affine([[1, 1]], [0]))


def test_bounds_by_hand():
    assert (printed_bound((3, 3)), product_bound((3, 3)), region_bound((3, 3), 2)) == (24, 16, 49)
    assert (printed_bound(()), product_bound(()), region_bound((), 2)) == (1, 1, 1)
    assert region_bound((4, 5), 1) == product_bound((4, 5))
