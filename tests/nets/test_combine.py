"""Padding, nets side by side, sums and maxima: values exactly, and the number of gates they cost."""

from fractions import Fraction

import numpy as np
import pytest

from mathdl.nets.combine import Cost, max_gate, max_net, min_net, pad, parallel, sum_net
from mathdl.nets.entries import as_exact
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

TREE = {"4": (4, 10, 12, 20, 24, 26, 28, 38), "3": (3, 8, 9, 16, 19, 20, 21, 30)}  # nodes for m = 2, …, 9


def nets_of(*hidden, seed=0):
    rng = np.random.default_rng(seed)
    return [random_net((2, *rng.integers(1, 4, size=k), 1), rng=rng, exact=True) for k in hidden]


POINTS = as_exact(np.random.default_rng(9).integers(-20, 21, size=(40, 2))) / 3


@pytest.mark.parametrize("gate", ["4", "3"])
def test_the_gate_is_the_maximum_of_two_numbers(gate):
    net = max_gate(gate)
    assert (net.size, net.depth) == (int(gate), 2)
    assert (net.exact()(POINTS)[:, 0] == POINTS.max(axis=1)).all()


@pytest.mark.parametrize("gate", ["4", "3"])
def test_tree_nodes_for_two_to_nine_affine_maps(gate):
    lines = [ReLUNet.affine([[i, -i * i]], [i]) for i in range(9)]
    assert tuple(max_net(lines[:m], gate)[1].size for m in range(2, 10)) == TREE[gate]


@pytest.mark.parametrize("gate", ["4", "3"])
@pytest.mark.parametrize("hidden", [(1,), (2, 2), (0, 3, 1), (1, 1, 2, 1, 4)])
def test_maxima_and_minima_are_exact_and_cost_what_they_say(gate, hidden):
    nets = nets_of(*hidden)
    values = np.array([f(POINTS)[:, 0] for f in nets])
    for (net, cost), expected in ((max_net(nets, gate), values.max(axis=0)), (min_net(nets, gate), values.min(axis=0))):
        assert (net(POINTS)[:, 0] == expected).all()
        assert (cost.depth, cost.size) == (net.depth, net.size)
        assert cost.size == sum(f.size for f in nets) + int(gate) * (len(nets) - 1) + cost.padding
        assert cost.depth <= max(hidden) + (len(nets) - 1).bit_length() + 1


def test_a_deep_and_a_shallow_net_cost_118_gates_of_padding():
    assert max_net(nets_of(60, 1))[1].padding == 118


def test_padding_keeps_the_function_and_costs_two_gates_a_layer_and_output():
    net = random_net((2, 3, 2), rng=np.random.default_rng(1), exact=True)
    padded = pad(net, 4)
    assert (padded(POINTS) == net(POINTS)).all()
    assert padded.widths == (3, 4, 4, 4)
    assert pad(net, 1) is net
    with pytest.raises(ValueError, match="hidden_layers >= 1, which the net has; got 0"):
        pad(net, 0)


def test_parallel_stacks_the_outputs():
    f, g = nets_of(2, 1)
    both = parallel([f, g])
    assert (both(POINTS) == np.hstack([f(POINTS), g(POINTS)])).all()
    assert both.size == f.size + g.size + 2


def test_a_sum_says_what_it_costs():
    f, g, h = nets_of(3, 1, 0)
    net, cost = sum_net([f, g, h])
    assert (net(POINTS) == f(POINTS) + g(POINTS) + h(POINTS)).all()
    assert cost == Cost(depth=4, size=f.size + g.size + 4 + 6, padding=10)


def test_one_exact_net_makes_the_maximum_exact():
    net, _ = max_net([ReLUNet.affine([[1.5]], [0]), ReLUNet.affine([[Fraction(1, 3)]], [0])])
    assert net([[Fraction(1, 7)]]).tolist() == [[Fraction(3, 14)]]


@pytest.mark.parametrize("combined", [max_net, parallel, sum_net])
def test_nothing_and_mixed_inputs_are_refused(combined):
    with pytest.raises(ValueError, match="expected"):
        combined([])
    with pytest.raises(ValueError, match="input dimension; got \\[1, 2\\]"):
        combined([ReLUNet.affine([[1]], [0]), ReLUNet.affine([[1, 1]], [0])])


def test_a_maximum_needs_one_output_and_a_known_gate():
    with pytest.raises(ValueError, match=r"each with one output; got outputs \[2\]"):
        max_net([ReLUNet.affine([[1], [1]], [0, 0])])
    with pytest.raises(ValueError, match='gate "4" or "3"; got "5"|gate "4" or "3"; got \'5\''):
        max_net(nets_of(1, 1), "5")
