"""The expected proxy gradient: three routes, autograd, a plain mean over every code, samples; gap and curvature."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.intervals import mean_error
from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.code_laws import TwoValued
from mathdl.sparse_coding.decomposition import READINGS, decompose, summed_parts
from mathdl.sparse_coding.dictionaries import gaussian, identity_hadamard
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.population_gradient import (
    enumerated_proxy_gradient,
    proxy_gradient,
    proxy_loss,
    sampled_proxy_gradient,
)
from mathdl.sparse_coding.population_instances import equiangular, false_alarms, moved, random_instance
from mathdl.sparse_coding.proxy import (
    every_code,
    gated_gradient,
    proxy_gap,
    sampled_proxy_gap,
    sampled_true_gradient,
    support_gates,
    true_gradient,
)
from mathdl.sparse_coding.proxy_hessian import proxy_hessian_product, smallest_curvature
from mathdl.sparse_coding.support_moments import SupportMoments, support_moments
from mathdl.sparse_coding.supports import line_supports

ROUTE = 1e-10  # relative: thousands of terms that cancel to a tenth, at 2^-53 each, with room
SHAPES = [(6, 7, 4), (6, 7, 1), (5, 8, 2), (5, 8, 3), (4, 6, 6), (1, 1, 1), (3, 3, 2)]


def apart(found, wanted):
    return np.linalg.norm(found - wanted) / np.linalg.norm(wanted)


@pytest.mark.parametrize(("n", "h", "k"), SHAPES)
@pytest.mark.parametrize("law", ["uniform", "skewed", "two-valued"])
def test_closed_form_and_enumeration_agree(n, h, k, law):
    case = random_instance(n, h, k, law=law, seed=n + k)
    args = (case.model, case.weights, case.bias)
    assert apart(proxy_gradient(*args), enumerated_proxy_gradient(*args)) < ROUTE


@pytest.mark.parametrize(("n", "h", "k"), SHAPES)
def test_autograd_of_the_expected_loss_is_the_gradient(n, h, k):
    torch = pytest.importorskip("torch")
    case = random_instance(n, h, k, seed=h)
    W = torch.tensor(case.weights, requires_grad=True)
    A, eps = torch.tensor(case.model.dictionary), torch.tensor(case.bias)
    proxy_loss(A, W, eps, support_moments(case.model)).backward()
    assert apart(W.grad.numpy(), proxy_gradient(case.model, case.weights, case.bias)) < ROUTE


def test_expected_loss_is_the_mean_over_every_code():
    case = random_instance()
    samples, chances = every_code(case.model)
    W, eps, Y = case.weights, case.bias, samples.signals
    R = support_gates(samples.supports, len(W)) * (W @ Y - eps[:, None])
    wanted = chances @ ((W.T @ R - Y) ** 2).sum(0) / 2
    found = proxy_loss(case.model.dictionary, W, eps, support_moments(case.model))
    assert found == pytest.approx(wanted, rel=ROUTE)


def test_gradient_in_fractions():
    """A dictionary, weights and biases with rational entries: the whole expectation in exact arithmetic."""
    A = [[Fraction(3, 5), Fraction(0), Fraction(-4, 5)], [Fraction(4, 5), Fraction(1), Fraction(3, 5)]]
    W = [[Fraction(1, 2), Fraction(2, 3)], [Fraction(-1, 4), Fraction(5, 4)], [Fraction(-1), Fraction(1, 3)]]
    eps, values, k = [Fraction(1, 7), Fraction(2, 7), Fraction(-1, 7)], (Fraction(1, 2), Fraction(2)), 2
    G = [[Fraction(0)] * 2 for _ in W]
    for S in itertools.combinations(range(3), k):
        for x in itertools.product(values, repeat=k):
            y = [sum(A[a][j] * v for j, v in zip(S, x, strict=True)) for a in range(2)]
            r = {j: sum(W[j][a] * y[a] for a in range(2)) - eps[j] for j in S}
            f = [sum(r[j] * W[j][a] for j in S) - y[a] for a in range(2)]
            for i in S:
                dot = sum(W[i][a] * f[a] for a in range(2))
                for a in range(2):
                    G[i][a] += (r[i] * f[a] + dot * y[a]) / 12
    model = SparseCodingModel(np.array(A, dtype=float), k, 0.5, 2.0, law="two-valued")
    found = proxy_gradient(model, np.array(W, dtype=float), np.array(eps, dtype=float))
    assert apart(found, np.array(G, dtype=float)) < ROUTE


def test_sampled_supports_agree_within_their_interval():
    case = random_instance(n=5, h=20, k=4)
    exact = proxy_gradient(case.model, case.weights, case.bias)
    found = sampled_proxy_gradient(case.model, case.weights, case.bias, samples=1500, rng=np.random.default_rng(0))
    assert (np.abs(found.gradient - exact) <= found.error).all()
    assert found.error.max() < 0.3 * np.abs(exact).max()
    assert found.counts.sum() == 4 * 1500


def test_sampled_supports_of_a_listed_law():
    case = random_instance(n=6, h=9, k=3, support=line_supports(3))
    args = (case.model, case.weights, case.bias)
    found = sampled_proxy_gradient(*args, samples=2000, rng=np.random.default_rng(1))
    assert (np.abs(found.gradient - enumerated_proxy_gradient(*args)) <= found.error).all()


def test_samples_with_the_gates_replaced_agree_with_the_closed_form():
    case = random_instance(n=5, h=8, k=3, law="uniform")
    drawn = case.model.sample(4000, rng=np.random.default_rng(2))
    gates = support_gates(drawn.supports, 8)
    rows = np.array([gated_gradient(drawn.signals[:, s:s + 1], case.weights, case.bias, gates[:, s:s + 1], np.ones(1))
                     for s in range(4000)])
    exact = proxy_gradient(case.model, case.weights, case.bias)
    assert (np.abs(rows.mean(0) - exact) <= mean_error(rows)).all()


@pytest.mark.parametrize(("n", "h", "k"), SHAPES)
def test_parts_are_those_of_the_source_and_add_up(n, h, k):
    case = random_instance(n, h, k, seed=k)
    args = (case.model, case.weights, case.bias)
    fast, slow = decompose(*args), summed_parts(*args)
    size = np.abs(slow.gradient).max()
    for name in ("alpha", "beta", "rest"):
        assert np.allclose(getattr(fast, name), getattr(slow, name), rtol=ROUTE, atol=ROUTE * size)
    assert apart(fast.gradient, proxy_gradient(*args)) < ROUTE
    assert apart(fast.vectors.sum(0), fast.gradient) < ROUTE
    norms = np.linalg.norm(fast.gradient, axis=1)
    assert (fast.sizes.sum(0) >= norms * (1 - ROUTE)).all()
    along = norms ** 2 - np.linalg.norm(fast.gradient - fast.rest, axis=1) ** 2 - fast.sizes[2] ** 2
    if k > 1:  # the law of cosines, with the angle
        product = np.linalg.norm(fast.gradient - fast.rest, axis=1) * fast.sizes[2]
        assert np.allclose(along, 2 * product * np.cos(np.radians(fast.angles)), atol=1e-9 * size ** 2)


def test_one_atom_a_signal_has_no_rest():
    case = random_instance(k=1)
    assert not decompose(case.model, case.weights, case.bias).rest.any()


def test_what_the_appendix_drops():
    """Printed minus corrected is 2 m1² q2 Σ_{j ≠ i} (P_ii − P_ij) A_j."""
    case = random_instance()
    right, printed = (summed_parts(case.model, case.weights, case.bias, r).rest for r in READINGS[:2])
    P, A = case.weights @ case.model.dictionary, case.model.dictionary
    wanted = 2 * case.model.m1 ** 2 * case.model.q2 * (P.diagonal()[:, None] - P) @ A.T
    assert np.allclose(printed - right, wanted, atol=1e-12)


def test_inclusion_probabilities_and_what_coincidence_adds():
    moments = support_moments(SparseCodingModel(np.eye(10), 3, 1.0, 2.0))
    assert moments.inclusion == pytest.approx([math.comb(10 - r, 3 - r) / 120 for r in (1, 2, 3)] + [0])
    q1, q2, q3, q4 = moments.inclusion
    assert moments.by_coincidence == pytest.approx((q1, q1 - q2, q1 - 3 * q2 + 2 * q3, q1 - 7 * q2 + 12 * q3 - 6 * q4))
    full = support_moments(SparseCodingModel(np.eye(6), 6, 1.0, 2.0))
    assert full.by_coincidence == pytest.approx((1, 0, 0, 0))  # every sum is free
    single = support_moments(SparseCodingModel(np.eye(6), 1, 1.0, 2.0))
    assert single.by_coincidence == pytest.approx([1 / 6] * 4)  # every sum has one index


def test_true_gradient_is_that_of_the_autoencoder():
    case = random_instance()  # two-valued with chance 1/2: all codes equally likely
    Y = every_code(case.model)[0].signals
    wanted = TiedReLUAutoencoder(case.weights, case.bias).gradient(Y)
    assert apart(true_gradient(case.model, case.weights, case.bias), wanted) < ROUTE


def test_gap_is_proxy_minus_truth_and_below_cauchy_schwarz():
    case = random_instance()
    args = (case.model, case.weights, case.bias)
    gap = proxy_gap(*args)
    assert np.allclose(gap.gap, proxy_gradient(*args) - true_gradient(*args), atol=1e-12)
    assert gap.sizes.max() > 0.1
    assert (gap.sizes <= gap.bound * (1 + ROUTE)).all()
    assert gap.any_wrong <= gap.wrong.sum() + 1e-12


def test_gap_is_zero_where_the_support_is_certain():
    model = SparseCodingModel(equiangular(7, 0.02), 4, 0.9, 1.1, law=TwoValued(0.9, 1.1))
    W = moved(model.dictionary, 0.005, rng=np.random.default_rng(0))
    gap = proxy_gap(model, W, 2 * model.m1 * 4 * 0.025)
    assert gap.any_wrong == 0
    assert not gap.gap.any()
    far = proxy_gap(model, W, 1.0)  # a bias at which some gates of the support stay shut
    assert far.sizes.max() > 0.1 * np.linalg.norm(proxy_gradient(model, W, 1.0), axis=1).max()


def test_sampled_gap_agrees_with_the_exact_one():
    case = random_instance()
    args = (case.model, case.weights, case.bias)
    exact, found = proxy_gap(*args), sampled_proxy_gap(*args, samples=3000, rng=np.random.default_rng(0))
    assert (np.abs(found.gap - exact.gap) <= found.error).all()
    assert abs(found.any_wrong - exact.any_wrong) < 0.05
    assert found.any_wrong_upper >= exact.any_wrong
    quiet = false_alarms(high=2.2)
    none = sampled_proxy_gap(quiet.model, quiet.weights, quiet.bias, samples=500, rng=np.random.default_rng(0))
    assert none.any_wrong == 0
    assert none.any_wrong_upper > 0.01  # 500 samples do not show more


def test_control_variate_is_exact_where_gates_are_right():
    model = SparseCodingModel(identity_hadamard(64), 2, 0.9, 1.1)
    W = model.dictionary.T
    found = sampled_true_gradient(model, W, 0.45, samples=50, rng=np.random.default_rng(0))
    assert apart(found, proxy_gradient(model, W, 0.45)) < ROUTE
    case = random_instance()
    args = (case.model, case.weights, case.bias)
    gap = sampled_proxy_gap(*args, samples=2000, rng=np.random.default_rng(3))
    truth = sampled_true_gradient(*args, samples=2000, rng=np.random.default_rng(3))
    assert np.allclose(proxy_gradient(*args) - truth, gap.gap, atol=1e-12)


def test_hessian_product_and_smallest_eigenvalue():
    case = random_instance(n=3, h=4, k=2)
    size = case.weights.size
    step, eye = 1e-5, np.eye(size).reshape(size, *case.weights.shape)
    product = proxy_hessian_product(case.model, case.weights, case.bias)
    H = np.array([product(V).ravel() for V in eye])
    assert np.allclose(H, H.T, atol=1e-12)
    slopes = [(proxy_gradient(case.model, case.weights + step * V, case.bias)
               - proxy_gradient(case.model, case.weights - step * V, case.bias)).ravel() / (2 * step) for V in eye]
    assert np.allclose(H, slopes, atol=1e-8)  # the third derivative times step², and rounding over step
    low = smallest_curvature(case.model, case.weights, case.bias)
    assert low.value == pytest.approx(np.linalg.eigvalsh(H)[0], abs=1e-9)
    assert low.residual < 1e-6


def test_refusals():
    case = random_instance(n=6, h=9, k=3, support=line_supports(3))
    with pytest.raises(ValueError, match="exchangeable"):
        proxy_gradient(case.model, case.weights, case.bias)
    small = random_instance()
    with pytest.raises(ValueError, match="one row for each atom"):
        proxy_gradient(small.model, small.weights.T, small.bias)
    with pytest.raises(ValueError, match="NaN"):
        proxy_gradient(small.model, small.weights, np.full(7, np.nan))
    wide = SparseCodingModel(gaussian(10, 60, rng=np.random.default_rng(0)), 6, 1.0, 2.0)
    with pytest.raises(ValueError, match="at most 200000 supports"):
        enumerated_proxy_gradient(wide, wide.dictionary.T, 0.0)
    with pytest.raises(ValueError, match="draw more samples"):
        sampled_proxy_gradient(wide, wide.dictionary.T, 0.0, samples=2, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="sample it"):
        proxy_gap(random_instance(law="uniform").model, small.weights, small.bias)
    with pytest.raises(ValueError, match="m2 >= m1"):
        SupportMoments(2.0, 1.0, (0.5, 0.2, 0.1, 0.0))
    with pytest.raises(ValueError, match="q1 >= q2"):
        SupportMoments(1.0, 1.0, (0.2, 0.5, 0.1, 0.0))
    with pytest.raises(ValueError, match="reading"):
        summed_parts(small.model, small.weights, small.bias, "typo")
    with pytest.raises(ValueError, match="two samples"):
        sampled_proxy_gap(small.model, small.weights, small.bias, samples=1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="cosine"):
        equiangular(4, 1.0)
