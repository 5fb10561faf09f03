"""What a net is: values, widths, one gate and its kink."""

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.function_spaces.theorems.nets import gate_by_gate, is_affine_on, nets_of_given_widths, relu_net_values
from mathdl.nets.entries import as_exact
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

WIDTHS = [(1, 1, 1), (2, 4, 3, 1), (3, 2, 2, 2, 2), (1, 10, 10, 10, 1)]


@pytest.mark.statement("function_spaces/definition-1")
@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("seed", range(3))
def test_float_values_are_exact_values_up_to_rounding(widths, seed):
    verdict = relu_net_values(widths=widths, points=20, seed=seed)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-9


@pytest.mark.statement("function_spaces/definition-1")
def test_gate_by_gate_is_a_second_route_that_sees_a_wrong_value(monkeypatch):
    net = random_net((2, 3, 1), rng=np.random.default_rng(0), exact=True)
    x = as_exact([[1, -2]])
    assert gate_by_gate(net, x[0]) == list(net(x)[0])
    right = ReLUNet.__call__
    monkeypatch.setattr(ReLUNet, "__call__", lambda self, x: right(self, x) + 1e-9)
    assert relu_net_values(points=5).state is State.VIOLATED


@pytest.mark.statement("function_spaces/definition-1")
def test_an_affine_map_has_no_hidden_layer_and_the_definition_is_silent():
    verdict = relu_net_values(widths=(2, 1), points=5)
    assert verdict.state is State.SILENT
    assert verdict.given == (False, True)  # no layer, so none without gates


@pytest.mark.statement("function_spaces/definition-2")
@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("seed", range(3))
def test_a_composition_of_affine_maps_and_gates_is_a_net(widths, seed):
    assert nets_of_given_widths(widths=widths, points=10, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-2")
def test_a_map_that_bends_is_no_layer_and_the_conclusion_fails():
    verdict = nets_of_given_widths(bend=1)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


def test_the_affinity_test_can_fail():
    rng = np.random.default_rng(1)
    assert is_affine_on(lambda x: 2 * x + 1, 3, rng=rng)
    assert not is_affine_on(lambda x: x * x, 3, rng=rng)
    assert not is_affine_on(lambda x: abs(x - 30), 3, rng=rng)
