"""One atom a signal: the true gradient in closed form against quadrature, every value, differences and samples."""

import numpy as np
import pytest

from mathdl.core.intervals import mean_error
from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.code_laws import SkewedEntries, TwoValued, UniformEntries
from mathdl.sparse_coding.dictionaries import gaussian, identity_hadamard
from mathdl.sparse_coding.exact_one_sparse import interval_moments, one_sparse_gradient, open_intervals
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.one_sparse_quadrature import quadrature_gradient
from mathdl.sparse_coding.population_gradient import proxy_gradient
from mathdl.sparse_coding.population_instances import moved


def instance(law="uniform", low=0.2, high=2.0, n=5, h=9, seed=0):
    rng = np.random.default_rng(seed)
    model = SparseCodingModel(gaussian(n, h, rng=rng), 1, low, high, law=law)
    return model, moved(model.dictionary, 0.6, rng=rng), rng.normal(0, 0.5, h)


@pytest.mark.parametrize("law", ["uniform", "skewed"])
@pytest.mark.parametrize("seed", range(3))
def test_integrals_agree_with_quadrature(law, seed):
    model, W, eps = instance(law, seed=seed)
    wanted = quadrature_gradient(model, W, eps)
    assert np.abs(one_sparse_gradient(model, W, eps)[1] - wanted).max() < 1e-10 * np.abs(wanted).max()


@pytest.mark.parametrize("law", ["uniform", "skewed", "two-valued"])
def test_loss_and_gradient_agree_with_samples(law):
    model, W, eps = instance(law)
    loss, G = one_sparse_gradient(model, W, eps)
    net = TiedReLUAutoencoder(W, eps)
    parts = [net.loss_and_gradient(model.sample(500, rng=np.random.default_rng(s)).signals) for s in range(60)]
    losses, gradients = np.array([p[0] for p in parts]), np.array([p[1] for p in parts])
    assert abs(losses.mean() - loss) <= mean_error(losses)
    assert (np.abs(gradients.mean(0) - G) <= mean_error(gradients)).all()


@pytest.mark.parametrize("law", ["uniform", "skewed"])
def test_gradient_is_the_derivative_of_the_loss(law):
    model, W, eps = instance(law)
    V, step = np.random.default_rng(1).normal(size=W.shape), 1e-5
    up, down = (one_sparse_gradient(model, W + s * step * V, eps)[0] for s in (1, -1))
    assert (up - down) / (2 * step) == pytest.approx((one_sparse_gradient(model, W, eps)[1] * V).sum(), abs=1e-7)


def test_two_values_are_the_plain_mean():
    model, W, eps = instance(TwoValued(0.2, 2.0, 0.25))
    net, h = TiedReLUAutoencoder(W, eps), model.atoms
    low, high = net.loss_and_gradient(0.2 * model.dictionary), net.loss_and_gradient(2.0 * model.dictionary)
    loss, G = one_sparse_gradient(model, W, eps)
    assert loss == pytest.approx(0.75 * low[0] + 0.25 * high[0], rel=1e-12)
    assert np.allclose(G, 0.75 * low[1] + 0.25 * high[1], rtol=1e-12, atol=1e-14 * h)


def test_proxy_where_gates_are_certain_and_not_elsewhere():
    model = SparseCodingModel(identity_hadamard(16), 1, 0.9, 1.1)
    W = moved(model.dictionary, 0.05, rng=np.random.default_rng(0))
    P = W @ model.dictionary
    off = np.abs(P[~np.eye(32, dtype=bool)]).max()
    right = 1.1 * off + 0.01
    assert right < 0.9 * P.diagonal().min()  # the instance is one where every gate is right
    assert np.abs(one_sparse_gradient(model, W, right)[1] - proxy_gradient(model, W, right)).max() < 1e-14
    assert np.abs(one_sparse_gradient(model, W, 0.1)[1] - proxy_gradient(model, W, 0.1)).max() > 0.01


def test_constant_entries_and_gates_that_are_always_or_never_open():
    model = SparseCodingModel(np.eye(2), 1, 1.0, 1.0)
    W = np.array([[1.0, 0.0], [0.0, 1.0]])
    loss, G = one_sparse_gradient(model, W, 0.0)
    assert loss == 0
    assert not G.any()
    spread = SparseCodingModel(np.eye(2), 1, 1.0, 2.0)
    loss, G = one_sparse_gradient(spread, W, 5.0)
    assert loss == pytest.approx(spread.m2 / 2)
    assert not G.any()
    low, high = open_intervals(np.array([2.0, -2.0, 0.0, 0.0]), np.array([1.0, 1.0, -1.0, 0.0]))
    assert low.tolist() == [0.5, -np.inf, -np.inf, np.inf]
    assert high.tolist() == [np.inf, -0.5, np.inf, -np.inf]


@pytest.mark.parametrize("law", [UniformEntries(0.5, 2.0), SkewedEntries(0.5, 2.0, 3.0)])
def test_moments_of_intervals(law):
    low, high = np.array([-1.0, 0.7, 1.5, 3.0]), np.array([9.0, 1.2, 1.0, 4.0])
    found = interval_moments(law, low, high)
    assert found[:, 0] == pytest.approx([1, law.m1, law.m2])
    assert not found[:, 2:].any()
    x = law.draw(20000, rng=np.random.default_rng(0))
    for r in range(3):
        values = x ** r * ((x > 0.7) & (x < 1.2))
        assert abs(values.mean() - found[r, 1]) <= mean_error(values)


def test_refusals():
    two = SparseCodingModel(np.eye(3), 2, 1.0, 2.0)
    with pytest.raises(ValueError, match="sparsity 1"):
        one_sparse_gradient(two, np.eye(3), 0.0)
    with pytest.raises(ValueError, match="uniform or skewed"):
        interval_moments(TwoValued(0.0, 1.0), np.zeros(1), np.ones(1))
