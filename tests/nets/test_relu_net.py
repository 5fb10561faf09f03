"""ReLU nets: evaluation by independent routes, what is refused, torch, composition and addition."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from mathdl.nets.entries import as_exact
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet
from mathdl.nets.rounding import rounding_bound

SHAPES = [(1, 3, 1), (2, 4, 3, 1), (3, 2, 2, 2, 2), (2, 1), (1, 1, 1, 1)]


def slowly(net, x):
    """One point, one gate at a time, in Python numbers."""
    a = list(x)
    for i, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        a = [max(v, 0) for v in a] if i else a
        a = [sum(w * v for w, v in zip(row, a, strict=True)) + c for row, c in zip(W.tolist(), b.tolist(), strict=True)]
    return a


def test_counts():
    net = ReLUNet([[[1, 2], [3, 4], [5, 6]], [[1, 1, 1]], [[2], [3]]], [[0, 0, 0], [1], [0, 1]])
    assert (net.n_inputs, net.n_outputs, net.widths) == (2, 2, (3, 1))
    assert (net.hidden_layers, net.depth, net.width, net.size) == (2, 3, 3, 4)
    assert (net.is_exact, net.has_output_bias) == (False, True)
    assert repr(net) == "ReLUNet(2-3-1-2, float64)"


def test_an_affine_map_is_a_net_of_depth_1():
    net = ReLUNet.affine([[1, -2]], [3])
    assert (net.hidden_layers, net.depth, net.width, net.size) == (0, 1, 0, 0)
    assert net([[1.0, 1.0]]).tolist() == [[2.0]]


@pytest.mark.parametrize("shape", SHAPES)
def test_exact_values_are_those_of_the_slow_loop(shape):
    rng = np.random.default_rng(0)
    net = random_net(shape, rng=rng, exact=True)
    x = as_exact(rng.integers(-50, 50, size=(20, shape[0]))) / 7
    assert net(x).tolist() == [slowly(net, row) for row in x]
    assert all(isinstance(v, Fraction) for v in net(x).flat)


def test_float_values_are_within_the_bound_of_the_exact_ones_on_100_nets_and_100_dyadic_points():
    rng = np.random.default_rng(1)
    largest = 0.0
    for i in range(100):
        net = random_net(SHAPES[i % len(SHAPES)], rng=rng)
        x = rng.integers(-128, 129, size=(100, net.n_inputs)) / 32
        gap = abs(as_exact(net(x)) - net.exact()(x)).astype(float)
        bound = rounding_bound(net, x)
        assert (gap <= bound).all()
        largest = max(largest, (gap / bound).max())
    assert largest > 0.01  # the bound is not idle: some net comes within a factor of 100


def test_an_exact_net_takes_a_float_at_its_binary_value():
    net = ReLUNet.affine([[Fraction(1)]], [0])
    assert net([[0.1]])[0, 0] == Fraction(3602879701896397, 36028797018963968) != Fraction(1, 10)


def test_one_fraction_makes_the_whole_net_exact():
    net = ReLUNet([[[1], [Fraction(1, 3)]], [[1, 1]]], [[0, 0], [0]])
    assert net.is_exact
    assert net.weights[1][0, 0] == Fraction(1)
    assert ReLUNet([[[1]]], [[0]], exact=True).is_exact


def test_exact_and_rounded_are_inverse_on_float_nets():
    net = random_net((2, 3, 1), rng=np.random.default_rng(2))
    back = net.exact().rounded()
    assert not back.is_exact
    assert all((V == W).all() for V, W in zip(back.weights, net.weights, strict=True))
    assert net.exact().exact() is not net
    assert net.exact().is_exact


@pytest.mark.parametrize(("weights", "biases", "says"), [
    ([], [], "one bias vector for each"),
    ([[[1]]], [], "1 matrices and 0 vectors"),
    ([[[1]], [[1, 1]]], [[0], [0]], r"layer 2: expected a matrix with 1 columns.*\(1, 2\)"),
    ([[[1]], [[np.nan]]], [[0], [0]], "layer 2: expected finite numbers"),
    ([[[1]], [[1]]], [[np.inf], [0]], "layer 1: expected finite numbers"),
    ([[[1], [1]]], [[0]], r"layer 1: expected a weight matrix .* got \(2, 1\) and \(1,\)"),
    ([[1, 2]], [[0]], r"layer 1: expected a weight matrix"),
    ([np.zeros((0, 1)), np.zeros((1, 0))], [np.zeros(0), [0]], "w, v >= 1"),
    ([[[1, 2], [3]]], [[0, 0]], "layer 1: .*rows of equal length"),
    ([[["a"]]], [[0]], "layer 1: "),
    ([[[Fraction(1)]], [[np.nan]]], [[0], [0]], "layer 2: expected finite numbers; got nan"),
    ([[[1j]]], [[0]], "layer 1: "),
    ([[[None]]], [[0]], "layer 1: "),
])
def test_what_is_no_net_is_refused_by_layer(weights, biases, says):
    with pytest.raises(ValueError, match=says):
        ReLUNet(weights, biases)


@pytest.mark.parametrize(("x", "says"), [([1.0, 2.0], r"n_samples, 2\); got \(2,\)"), ([[1.0]], r"got \(1, 1\)"),
                                         ([[1.0, np.nan]], "finite")])
def test_points_of_the_wrong_shape_are_refused(x, says):
    with pytest.raises(ValueError, match=says):
        ReLUNet.affine([[1, 1]], [0])(x)


def test_a_net_cannot_be_changed():
    W = np.array([[1.0]])
    net = ReLUNet([W], [[0.0]])
    W[0, 0] = 7
    assert net([[1.0]])[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        net.weights[0][0, 0] = 7
    with pytest.raises(AttributeError):
        net.weights = ()


def test_tied_autoencoder_of_figure_1_1():
    rng = np.random.default_rng(3)
    W, epsilon, y = rng.normal(size=(15, 4)), rng.normal(size=15), rng.normal(size=(6, 4))
    net = ReLUNet.tied_autoencoder(W, epsilon)
    assert (net.depth, net.width, net.n_inputs, net.n_outputs) == (2, 15, 4, 4)
    expected = [W.T @ np.maximum(W @ row - epsilon, 0) for row in y]
    assert abs(net(y) - expected).max() <= rounding_bound(net, y).max() * 2  # both sides round
    with pytest.raises(ValueError, match=r"epsilon of shape \(h,\)"):
        ReLUNet.tied_autoencoder(W, epsilon[:3])


@pytest.mark.parametrize("shape", SHAPES)
def test_torch_computes_the_same_and_gives_the_net_back(shape):
    rng = np.random.default_rng(4)
    net = random_net(shape, rng=rng)
    x = rng.normal(size=(50, shape[0]))
    module = net.to_torch()
    with torch.no_grad():
        assert (abs(module(torch.tensor(x)).numpy() - net(x)) <= 2 * rounding_bound(net, x)).all()
    back = ReLUNet.from_torch(module)
    assert all((V == W).all() for V, W in zip([*back.weights, *back.biases], [*net.weights, *net.biases], strict=True))


def test_to_torch_touches_no_global_seed_and_takes_a_type():
    net = random_net((2, 3, 1), rng=np.random.default_rng(5))
    before = torch.get_rng_state()
    assert net.to_torch(torch.float32)[0].weight.dtype == torch.float32
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(ValueError, match=r"layer 1: an entry is too large for torch\.float32"):
        ReLUNet.affine([[1e300]], [0]).to_torch(torch.float32)


def test_from_torch_merges_linears_opens_sequentials_and_needs_no_bias():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 3, bias=False), nn.Sequential(nn.Linear(3, 4), nn.ReLU()), nn.Linear(4, 1))
    net = ReLUNet.from_torch(module)
    assert net.widths == (4,)
    x = np.random.default_rng(6).normal(size=(10, 2))
    with torch.no_grad():
        expected = module(torch.tensor(x, dtype=torch.float32)).numpy()
    # float32 on torch's side: 2^-24 a product, fewer than 40 terms of size below 10
    assert abs(net(x) - expected).max() < 40 * 10 * 2.0 ** -24


@pytest.mark.parametrize(("module", "says"), [
    (nn.Linear(1, 1), "torch.nn.Sequential; got Linear"),
    (nn.Sequential(), "got no layer"),
    (nn.Sequential(nn.ReLU(), nn.Linear(1, 1)), r"layer 0: .* got ReLU\(\)"),
    (nn.Sequential(nn.Linear(1, 1), nn.ReLU()), "got a ReLU: append nn.Linear with the identity"),
    (nn.Sequential(nn.Linear(1, 1), nn.ReLU(), nn.ReLU(), nn.Linear(1, 1)), "layer 2: "),
    (nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1)), r"layer 1: .* got Tanh\(\)"),
    (nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Dropout())), r"layer 1\.0: .* got Dropout"),
    (nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(3, 1)), "layer 2: expected in_features=2"),
])
def test_from_torch_names_the_layer_it_cannot_take(module, says):
    with pytest.raises(ValueError, match=says):
        ReLUNet.from_torch(module)


def test_from_torch_names_the_layer_with_a_nan():
    module = nn.Sequential(nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1))
    with torch.no_grad():
        module[2].weight[0, 0] = torch.nan
    with pytest.raises(ValueError, match=r"layer 2 \(Linear.*finite"):
        ReLUNet.from_torch(module)


def test_composition_addition_and_multiples_are_those_of_the_values():
    rng = np.random.default_rng(7)
    f, g, h = (random_net(s, rng=rng, exact=True) for s in ((2, 3, 2), (2, 4, 1), (2, 2, 3, 1)))
    x = as_exact(rng.integers(-20, 20, size=(20, 2))) / 3
    assert (g.compose(f)(x) == g(f(x))).all()
    assert (g.add(h)(x) == g(x) + h(x)).all()
    assert (g.scaled(Fraction(-2, 3))(x) == Fraction(-2, 3) * g(x)).all()
    assert g.scaled(-2).size == g.size


def test_an_exact_partner_makes_the_result_exact():
    f, g = random_net((1, 2, 1), rng=np.random.default_rng(8)), ReLUNet.affine([[Fraction(1, 3)]], [0])
    assert f.compose(g).is_exact
    assert g.compose(f).is_exact
    assert f.add(g).is_exact
    assert f.scaled(Fraction(1, 2)).is_exact


@pytest.mark.parametrize("combined", [lambda f, g: f.compose(g), lambda f, g: f.add(g)])
def test_what_does_not_fit_is_refused(combined):
    f, g = ReLUNet.affine([[1, 1]], [0]), ReLUNet.affine([[1], [1], [1]], [0, 0, 0])
    with pytest.raises(ValueError, match="got one with|output dimension|input dimension"):
        combined(f, g)


def test_random_nets_refuse_empty_layers():
    with pytest.raises(ValueError, match="all >= 1"):
        random_net((1, 0, 1), rng=np.random.default_rng(0))
