"""θ as the quantile of the largest noise: exact for every law, and not the quantile of one label."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from mathdl.core.intervals import binomial_interval
from mathdl.relu_gate.activations import relu
from mathdl.relu_gate.confidence import coverage, theta_for_confidence
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.noise import BallNoise, FiniteNoise, GaussianNoise, NoNoise, SphereNoise
from mathdl.relu_gate.sign_patterns import noise_patterns, rare_outlier, two_point
from mathdl.relu_gate.tron_bounds import tron_steps, tron_threshold

SIZES = [(1, 0.5), (20, 0.1), (1000, 1e-3), (7, 1 - 1e-9)]


@pytest.mark.parametrize(("samples", "delta"), SIZES)
def test_closed_forms(samples, delta):
    tail = -math.expm1(math.log1p(-delta) / samples)  # of one label
    assert theta_for_confidence(GaussianNoise((0.3,)), samples, delta) == pytest.approx(0.3 * norm.isf(tail / 2),
                                                                                        rel=1e-10)
    assert theta_for_confidence(BallNoise(1, 2.0), samples, delta) == pytest.approx(2 * (1 - tail), rel=1e-12)
    assert theta_for_confidence(two_point(0.3), samples, delta) == 0.3


@pytest.mark.parametrize(("samples", "expected"), [(10, 0.1), (11, 9.9)])
def test_a_finite_law_gives_one_of_its_values(samples, expected):
    noise = rare_outlier(0.1, 0.01)  # .99^10 = .904, .99^11 = .895
    assert theta_for_confidence(noise, samples, 0.1) == pytest.approx(expected, rel=1e-15)
    assert theta_for_confidence(noise, samples, 0.1) in np.abs(noise.points)


@given(st.integers(1, 6), st.floats(0.01, 0.99), st.integers(0, 10 ** 6))
def test_least_theta_against_all_patterns(samples, delta, seed):
    rng = np.random.default_rng(seed)
    noise = FiniteNoise(rng.standard_normal(3), rng.dirichlet(np.ones(3)))
    patterns = noise_patterns(noise, samples)
    theta = theta_for_confidence(noise, samples, delta)
    enough = [t for t in np.abs(noise.points[:, 0]) if patterns.probability(patterns.within(t)) >= 1 - delta - 1e-12]
    assert theta == min(enough)
    assert coverage(noise, samples, theta) == pytest.approx(patterns.probability(patterns.within(theta)), abs=1e-12)


def test_theta_grows_with_samples_and_confidence():
    noise = GaussianNoise((1.0,))
    for thetas in ([theta_for_confidence(noise, S, 0.1) for S in (1, 2, 5, 20, 100)],
                   [theta_for_confidence(noise, 5, d) for d in (0.9, 0.5, 0.1, 1e-6)]):
        assert all(a < b for a, b in pairwise(thetas))


def test_dependent_noise_needs_the_union_bound():
    """If one draw decides which label gets the outlier, P(some outlier) = S p, which is more than 1 − (1 − p)^S."""
    p, S = 0.02, 5
    noise = rare_outlier(0.1, p)
    assert theta_for_confidence(noise, S, 0.1) == 0.1  # 1 − .98^5 = .096
    assert theta_for_confidence(noise, S, 0.1, independent=False) == 0.1  # S p = .1, just enough
    assert theta_for_confidence(noise, S, 0.098) == 0.1
    assert theta_for_confidence(noise, S, 0.098, independent=False) == pytest.approx(4.9)


@pytest.mark.statement("relu_gate/corollary-3.5.4")
@pytest.mark.parametrize("noise", [GaussianNoise((1.0,)), BallNoise(1, 1.0), two_point(1.0)])
def test_the_quantile_of_one_label_is_not_enough_for_twenty(noise):
    theta = theta_for_confidence(noise, 1, 0.1)
    if noise.bound == theta:  # the largest value is the quantile: nothing can go wrong
        assert coverage(noise, 20, theta) == 1
    else:
        assert coverage(noise, 20, theta) == pytest.approx(0.9 ** 20, rel=1e-9)  # .1216
        assert coverage(noise, 20, theta_for_confidence(noise, 20, 0.1)) == pytest.approx(0.9, rel=1e-9)


@pytest.mark.statement("relu_gate/corollary-3.5.4")
def test_gaussian_noise_is_covered_as_often_as_promised():
    S, delta, runs, eps, noise = 20, 0.1, 400, 0.05, GaussianNoise((0.05,))
    rng = np.random.default_rng(0)
    x = rng.standard_normal((S, 3))
    x /= np.linalg.norm(x, axis=1)[:, None]
    w_star = np.array([2.0, 0, 0])
    theta = theta_for_confidence(noise, S, delta)
    xi = noise.sample((runs, S), rng=rng)[..., 0]
    inside = int((np.abs(xi).max(axis=1) <= theta).sum())
    low, high = binomial_interval(inside, runs)
    assert low <= 0.9 <= high  # the law of the maximum is right
    run = glm_tron(x, relu(x @ w_star) + xi, relu, tron_steps(2.0, eps) - 1, w_star=w_star)
    hit = (run.effective_risk < tron_threshold(1.0, eps, theta, 2.0)).any(axis=0)
    assert hit[np.abs(xi).max(axis=1) <= theta].all()  # what the theorem promises, without exception
    assert binomial_interval(int(hit.sum()), runs)[1] >= 1 - delta


@pytest.mark.parametrize(("noise", "samples", "delta", "words"), [
    (GaussianNoise((1.0, 1.0)), 3, 0.1, "n = 1, one a label"), (SphereNoise(2, 1.0), 3, 0.1, "n = 1, one a label"),
    (two_point(1.0), 0, 0.1, "1 or more labels"), (two_point(1.0), 3, 0.0, "delta"), (two_point(1.0), 3, 1.0, "delta"),
    (two_point(1.0), 3, float("nan"), "delta")])
def test_refusals(noise, samples, delta, words):
    with pytest.raises(ValueError, match=words):
        theta_for_confidence(noise, samples, delta)


def test_no_noise_needs_no_theta():
    assert theta_for_confidence(NoNoise(1), 20, 0.1) == 0
    with pytest.raises(ValueError, match="n = 1"):
        coverage(GaussianNoise((1.0, 1.0)), 3, 1.0)
