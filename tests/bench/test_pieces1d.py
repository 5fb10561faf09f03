"""Counting pieces on the line: cost a piece, and the plain way in Fractions on the same net."""

from fractions import Fraction
from time import perf_counter

import pytest

from mathdl.function_spaces.zigzag import zigzag_net
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet


def tent_net(layers):
    """The integer sawtooth with two gates a layer: 2^k teeth on [0, 1] and a piece on either side."""
    tent = ReLUNet([[[2], [4]], [[1, -1]]], [[0, -2], [0]])
    net = tent
    for _ in range(layers - 1):
        net = tent.compose(net)
    return net


NETS = {"10^4 pieces": (zigzag_net(9, 4), 10**4), "10^6 pieces": (zigzag_net(9, 6), 10**6),
        "2^14 pieces": (zigzag_net(3, 7), 2**14), "2^20 pieces": (zigzag_net(3, 10), 2**20),
        "2^20 + 2 pieces, two gates": (tent_net(20), 2**20 + 2)}


@pytest.mark.parametrize("name", NETS)
def test_exact_count(benchmark, name):
    net, pieces = NETS[name]
    assert benchmark(count_pieces_1d, net) == pieces
    benchmark.extra_info["microseconds a piece"] = round(benchmark.stats["min"] / pieces * 1e6, 3)


@pytest.mark.parametrize("counter", [count_pieces_1d, lambda net: PWL1D.from_net(net).n_pieces],
                         ids=["integers, all at once", "Fractions, one by one"])
def test_against_the_plain_way(benchmark, counter):
    net = zigzag_net(3, 6).exact()
    assert benchmark.pedantic(counter, args=(net,), rounds=3, warmup_rounds=1) == 4**6


def test_float_weights_take_long_integers(benchmark):
    net = zigzag_net(9, 4).scaled(Fraction(1, 3)).rounded()
    bent = ReLUNet([W * (1 + 2.0**-30) for W in net.weights], net.biases)
    assert benchmark.pedantic(count_pieces_1d, args=(bent,), rounds=3, warmup_rounds=1) == 10**4


@pytest.mark.parametrize(("small", "large"), [("10^4 pieces", "10^6 pieces"), ("2^14 pieces", "2^20 pieces")])
def test_the_cost_is_linear_in_the_pieces(small, large):
    """A piece among 10^6 costs at most twice as much as one among 10^4."""
    assert cost_of_a_piece(*NETS[large]) <= 2 * cost_of_a_piece(*NETS[small])


def cost_of_a_piece(net, pieces, rounds=7):
    times = []
    for _ in range(rounds):
        start = perf_counter()
        count_pieces_1d(net)
        times.append(perf_counter() - start)
    return min(times) / pieces
