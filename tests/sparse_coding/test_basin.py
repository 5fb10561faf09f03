"""Gradient descent near the dictionary, and the stretched dictionary against the exact population gradient."""

import numpy as np
import pytest

from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.basin import (
    gd_recovery,
    gradient_at_dictionary,
    only_own_unit,
    start_at_distance,
    stretch,
    zero_baseline,
)
from mathdl.sparse_coding.dictionaries import gaussian, identity_hadamard
from mathdl.sparse_coding.exact_one_sparse import one_sparse_gradient
from mathdl.sparse_coding.model import SparseCodingModel

A = identity_hadamard(16)
MODEL = SparseCodingModel(A, 1, 0.9, 1.1)


def descend(distance, *, bias=0.7, seed=0, **options):
    r = np.random.default_rng(seed)
    Y = MODEL.sample(640, rng=r).signals
    return gd_recovery(Y, start_at_distance(A, distance, rng=r), bias, planted=A, **options)


def test_the_start_is_at_the_distance():
    W = start_at_distance(A, 0.3, rng=np.random.default_rng(0))
    assert np.linalg.norm(W - A.T, axis=1) == pytest.approx(np.full(32, 0.3))


@pytest.mark.parametrize("seed", range(3))
def test_descent_ends_at_the_stretched_dictionary(seed):
    run = descend(0.1, seed=seed)
    s = stretch(0.7, MODEL.m1, MODEL.m2)
    assert run.settled
    assert run.distances[-1] == pytest.approx(s - 1, abs=2e-3)  # 20 signals an atom: moments off by some 1e-3
    assert run.distances[-1] > 4 * run.distances[0]
    assert run.matched(A).cosines.min() > 0.9999
    assert run.matched(A).columns.tolist() == list(range(32))
    assert (np.diff(run.losses) < 0).all()
    assert run.gradient_norms[-1] <= 2e-5 * run.gradient_norms[0]


def test_the_basin_is_smaller_than_the_distances_of_the_table():
    assert descend(5.0, max_steps=100).matched(A).recovered() < 0.2
    assert descend(2.0, max_steps=100).matched(A).recovered() < 0.2


def test_a_run_can_be_cut_and_a_critical_start_is_left_alone():
    run = descend(0.1, max_steps=3)
    assert len(run.losses) == 4
    assert not run.settled
    dead = gd_recovery(A, A.T, 50.0, planted=A)
    assert len(dead.losses) == 1
    assert dead.losses[0] == pytest.approx(0.5)


@pytest.mark.parametrize("bias", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("law", ["uniform", "two-valued", "skewed"])
def test_the_closed_forms_are_the_exact_gradient(bias, law):
    model = SparseCodingModel(A, 1, 0.9, 1.1, law=law)
    s = stretch(bias, model.m1, model.m2)
    assert only_own_unit(A, 0.9, 1.1, bias)
    G = one_sparse_gradient(model, A.T, bias)[1]
    assert np.linalg.norm(G, axis=1) == pytest.approx(np.full(32, gradient_at_dictionary(bias, model.m1, 32)))
    assert ((A.T * G).sum(1) < 0).all()  # lengthening an atom lowers the loss
    if only_own_unit(A, 0.9, 1.1, bias, scale=s):
        assert np.abs(one_sparse_gradient(model, s * A.T, bias)[1]).max() < 1e-14


def test_the_stretched_dictionary_is_a_minimum_in_every_direction_tried():
    s, r = stretch(0.7, MODEL.m1, MODEL.m2), np.random.default_rng(0)
    least = one_sparse_gradient(MODEL, s * A.T, 0.7)[0]
    for size in (1e-3, 1e-2, 0.05):
        assert one_sparse_gradient(MODEL, start_at_distance(s * A, size, rng=r), 0.7)[0] > least
        assert one_sparse_gradient(MODEL, (s + size) * A.T, 0.7)[0] > least
        assert one_sparse_gradient(MODEL, (s - size) * A.T, 0.7)[0] > least


def test_the_stretch_of_a_constant_code_is_the_root_of_a_quadratic():
    for bias in (0.0, 0.2, 0.9):
        assert stretch(bias, 1.0, 1.0) == pytest.approx((bias + np.sqrt(bias ** 2 + 4)) / 2)
        W = stretch(bias, 1.0, 1.0) * np.eye(3)
        assert TiedReLUAutoencoder(W, bias).loss(np.eye(3)) == pytest.approx(0, abs=1e-15)
    s = stretch(2.3, 5.5, 37.0)
    assert 2 * 37 * s ** 3 - 3 * 5.5 * 2.3 * s ** 2 + (2.3 ** 2 - 74) * s + 5.5 * 2.3 == pytest.approx(0, abs=1e-9)


def test_the_baseline_of_the_zero_matrix():
    for h, p, percent in ((256, 0.05, 96.60), (512, 0.05, 98.18), (4096, 0.1, 99.36)):  # 1 − 5 h^{2p−1}
        assert 100 * zero_baseline(h ** (1 - 2 * p) / 5) == pytest.approx(percent, abs=0.005)


@pytest.mark.slow
def test_the_distances_of_the_source_at_h_256():
    """From 0.1 the distance more than doubles, the directions stay; from 5 nothing is found."""
    r = np.random.default_rng(0)
    A = gaussian(50, 256, rng=r)
    Y = SparseCodingModel(A, 1, 1.0, 10.0).sample(1500, rng=r).signals
    near = gd_recovery(Y, start_at_distance(A, 0.1, rng=r), 2.3, planted=A, max_steps=150)
    far = gd_recovery(Y, start_at_distance(A, 5.0, rng=r), 2.3, planted=A, max_steps=150)
    assert 0.2 < near.distances[-1] < 0.3
    assert near.matched(A).recovered(0.9) > 0.97
    assert far.distances[-1] > 1
    assert far.matched(A).recovered(0.9) < 0.05


@pytest.mark.parametrize("call", [lambda: zero_baseline(0), lambda: stretch(3, 1, 1), lambda: stretch(-1, 1, 1),
                                  lambda: stretch(0.1, 2, 1), lambda: gd_recovery(A, A, 0.1, planted=A)])
def test_refusals(call):
    with pytest.raises(ValueError, match="expected"):
        call()
