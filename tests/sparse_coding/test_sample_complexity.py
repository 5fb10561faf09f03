"""Deviation bounds against the exact law of the gradient and against multinomial samples of it."""

import math

import numpy as np
import pytest

from mathdl.core.intervals import mean_error
from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.basin import start_at_distance
from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.exact_one_sparse import one_sparse_gradient
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.proxy import true_gradient
from mathdl.sparse_coding.sample_complexity import (
    KINDS,
    SignalGradients,
    deviation_bound,
    enumerated_gradients,
    largest_gradient,
    samples_needed,
    signal_gradients,
)


def instance(seed=0, k=2, h=8):
    r = np.random.default_rng(seed)
    model = SparseCodingModel(gaussian(6, h, rng=r), k, 0.5, 1.5, law="two-valued")
    return model, start_at_distance(model.dictionary, 0.1, rng=r), r


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_mean_is_the_population_gradient_by_two_routes(k):
    model, W, _ = instance(k=k)
    law = enumerated_gradients(model, W, 0.6)
    assert law.chances.sum() == pytest.approx(1)
    assert law.mean == pytest.approx(true_gradient(model, W, 0.6), abs=1e-13)
    if k == 1:
        assert law.mean == pytest.approx(one_sparse_gradient(model, W, 0.6)[1], abs=1e-13)


def test_the_gradients_of_signals_average_to_that_of_the_autoencoder():
    model, W, r = instance()
    Y = model.sample(50, rng=r).signals
    G = signal_gradients(W, 0.6, Y)
    assert G.mean(0) == pytest.approx(TiedReLUAutoencoder(W, 0.6).gradient(Y), abs=1e-13)
    assert G[7] == pytest.approx(TiedReLUAutoencoder(W, 0.6).gradient(Y[:, 7:8]), abs=1e-13)


def test_the_second_moment_of_a_deviation():
    model, W, r = instance()
    law = enumerated_gradients(model, W, 0.6)
    squares = law.deviations(100, 3000, rng=r) ** 2
    exact = (law.second_moment - (law.mean ** 2).sum(1)) / 100
    assert (np.abs(squares.mean(0) - exact) <= mean_error(squares)).all()


def test_one_signal_deviates_by_its_own_distance():
    law = SignalGradients(np.array([[[1.0, 0.0]], [[-1.0, 0.0]]]), np.array([0.5, 0.5]))
    assert law.deviations(1, 20, rng=np.random.default_rng(0)) == pytest.approx(np.ones((20, 1)))
    assert law.largest == law.second_moment == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("units_on", [None, 3])
def test_the_a_priori_bound_is_a_bound(seed, units_on):
    model, W, _ = instance(seed, k=3)
    Y_on = np.maximum(W @ model.dictionary, 0)
    bias = 0.0 if units_on is None else 2.0 * Y_on.max()  # with the second, at most three units can be on
    law = enumerated_gradients(model, W, bias)
    assert (law.largest <= largest_gradient(model, W, bias, units_on=units_on)).all()


def test_fewer_units_on_give_a_smaller_bound():
    r = np.random.default_rng(0)
    model = SparseCodingModel(gaussian(60, 120, rng=r), 2, 0.9, 1.1)
    W = model.dictionary.T
    assert (largest_gradient(model, W, 0.5, units_on=1) < 0.7 * largest_gradient(model, W, 0.5)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_bounds_are_their_formulas(kind):
    L, power, N, alarm = np.array([2.0, 3.0]), np.array([1.0, 4.0]), 50, 0.1
    u, v = math.log(2 / alarm), math.log(4 / alarm)
    by_hand = {"bounded differences": (np.sqrt(power) + L * math.sqrt(2 * u)) / math.sqrt(N),
               "Bernstein": np.sqrt(2 * power * v / N) + 2 * L * v / N}[kind]
    assert deviation_bound(L, N, alarm, second_moment=power, kind=kind) == pytest.approx(by_hand)
    assert (deviation_bound(L, N, alarm, kind=kind) >= by_hand).all()


def test_the_number_of_signals_is_the_least_that_is_enough():
    for L, power, t in ((10.0, 4.0, 0.5), (3.0, 9.0, 0.01), (1.0, 0.0, 2.0)):
        N = samples_needed(L, t, 0.05, second_moment=power, units=8)

        def bound(N, L=L, power=power):
            return deviation_bound(np.full(8, L), N, 0.05, second_moment=np.full(8, power), kind="Bernstein").max()

        assert bound(N) <= t * (1 + 1e-9)
        assert N == 1 or bound(N - 1) > t


def test_the_deviation_falls_like_one_over_root_n():
    model, W, r = instance()
    law = enumerated_gradients(model, W, 0.6)
    typical = [np.sqrt((law.deviations(N, 2000, rng=r) ** 2).mean()) for N in (100, 6400)]
    assert typical[0] / typical[1] == pytest.approx(8, rel=0.1)


@pytest.mark.parametrize("bad", [{"alarm": 0}, {"alarm": 1}, {"samples": 0}, {"kind": "hope"},
                                 {"second_moment": [5.0]}, {"second_moment": [-1.0]}])
def test_refusals(bad):
    with pytest.raises(ValueError, match="expected"):
        deviation_bound([2.0], **{"samples": 10, "alarm": 0.1, **bad})
    with pytest.raises(ValueError, match="accuracy"):
        samples_needed(1.0, 0.0, 0.1, second_moment=1.0, units=1)
    with pytest.raises(ValueError, match="law"):
        enumerated_gradients(SparseCodingModel(np.eye(3), 1, 0.5, 1.5), np.eye(3), 0.1)
    with pytest.raises(ValueError, match="codes"):
        enumerated_gradients(SparseCodingModel(np.eye(22), 4, 0.5, 1.5, law="two-valued"), np.eye(22), 0.1)
