"""The normal form (2.4) of nets with one hidden layer."""

from fractions import Fraction

import numpy as np
import pytest

from mathdl.exact_erm.homogeneity import normalize_top
from mathdl.nets.relu_net import ReLUNet


def test_a_thousand_nets_keep_their_outputs():
    rng = np.random.default_rng(0)
    for _ in range(1000):
        W, b, top, bias = rng.standard_normal((3, 2)), rng.standard_normal(3), rng.standard_normal(3), rng.normal()
        net = ReLUNet([W, top[None]], [b, [bias]])
        signs, theta, c = normalize_top(net)
        x = rng.standard_normal((5, 2))
        again = np.maximum(x @ theta[:, :2].T + theta[:, 2], 0) @ signs + c
        assert again == pytest.approx(net(x)[:, 0], abs=1e-12)
        assert set(signs) <= {-1.0, 1.0}


def test_fractions_stay_exact_and_a_dead_top_weight_kills_its_gate():
    third = Fraction(1, 3)
    signs, theta, bias = normalize_top(ReLUNet([[[third], [2], [5]], [[-third, 0, 2]]], [[1, 1, third], [third]]))
    assert signs.tolist() == [-1, 1, 1]
    assert theta.tolist() == [[third ** 2, third], [0, 0], [10, 2 * third]]
    assert bias == third


@pytest.mark.parametrize("net", [ReLUNet.affine([[1.0]], [0.0]), ReLUNet([[[1.0]], [[1.0], [2.0]]], [[0.0], [0, 0]])])
def test_other_nets_have_no_normal_form(net):
    with pytest.raises(ValueError, match="one hidden layer and one output"):
        normalize_top(net)
