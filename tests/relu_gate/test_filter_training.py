"""Algorithms 2 and 4 on nets with one filter: moments, exact steps, rest points, and where they fail."""

from itertools import pairwise

import numpy as np
import pytest

from mathdl.core.intervals import binomial_interval, mean_error
from mathdl.relu_gate.filter_training import (
    active_regression,
    attraction_share,
    filter_descent,
    filter_direction,
    filter_moments,
    filter_sgd,
    found_fraction,
    gaussian_shrinkage,
    mean_square_after,
    pull,
)
from mathdl.relu_gate.laws import FiniteLaw, Gaussian
from mathdl.relu_gate.single_filter import SingleFilterNet
from mathdl.relu_gate.steps import glm_tron_step, modified_sgd_step

TWO = SingleFilterNet([[[1, 0]], [[0, 1]]])


def test_on_one_gate_both_rules_are_the_algorithms():
    rng = np.random.default_rng(0)
    x, w, w_star = rng.standard_normal((20, 4)), rng.standard_normal(4), rng.standard_normal(4)
    net = SingleFilterNet.gate(4)
    y = net(w_star, x)
    tron = w + filter_direction(net, w, x, y, "tron").mean(0)
    assert tron == pytest.approx(glm_tron_step(w, x, y, lambda u: np.maximum(u, 0)), abs=1e-14)
    active = w + 0.1 * filter_direction(net, w, x, y, "active")
    assert active == pytest.approx(modified_sgd_step(np.tile(w, (20, 1)), x, y, 0.1), abs=1e-14)


def test_moments_by_slow_sums():
    rng = np.random.default_rng(1)
    net, x = SingleFilterNet(rng.standard_normal((3, 2, 4)), 0.4), rng.standard_normal((5, 4))
    p = np.array([0.1, 0.2, 0.3, 0.15, 0.25])
    mean = sum(net.A) / 3
    sigma = sum(q * np.outer(mean @ v, mean @ v) for q, v in zip(p, x, strict=True))
    c1 = sum(q * np.linalg.norm(mean @ v) ** 2 * sum((A @ v) @ (A @ v) for A in net.A) / 3
             for q, v in zip(p, x, strict=True))
    moments = filter_moments(net, x, p)
    assert moments.b == pytest.approx(1.4 * np.linalg.eigvalsh(sigma)[0])
    assert moments.c1 == pytest.approx(c1)
    assert not moments.is_symmetric
    assert filter_moments(net, np.vstack([x, -x]), np.concatenate([p, p]) / 2).is_symmetric
    assert not filter_moments(net, np.vstack([x, -x]), np.concatenate([p, p[::-1]]) / 2).is_symmetric
    assert filter_moments(SingleFilterNet(net.A, 2.0), x, p).c1 == pytest.approx(4 * c1)
    assert 0 <= moments.rate < 1


def test_for_symmetric_inputs_the_mean_update_is_linear():
    """E[(f_* − f_w) Āx] = (1 + α)/2 Ā Σ Āᵀ (w_* − w): the even part of the leaky gate drops out."""
    rng = np.random.default_rng(2)
    net, x = SingleFilterNet(rng.standard_normal((3, 2, 4)), 0.3), rng.standard_normal((6, 4))
    x = np.vstack([x, -x])
    w, w_star = rng.standard_normal((2, 2))
    mean = x @ net.mean_map.T
    push = filter_direction(net, w, x, net(w_star, x), "tron").mean(0)
    assert push == pytest.approx(0.65 * (mean.T @ mean / 12) @ (w_star - w), abs=1e-14)


def test_exact_mean_square_against_simulation():
    rng = np.random.default_rng(3)
    x, weights = rng.standard_normal((5, 6)), np.array([0.1, 0.2, 0.3, 0.15, 0.25])
    net, w_star, w1 = SingleFilterNet.from_conv1d(6, 2, 2, alpha=0.1), np.array([1.0, -0.5]), np.array([0.3, 0.8])
    for rule in ("tron", "active"):
        exact = mean_square_after(net, x, w_star, w1, 0.4, rule, weights)
        runs = filter_sgd(net, FiniteLaw(x.tolist(), weights.tolist()), w_star, w1, step=0.4, updates=1, runs=20_000,
                          rng=rng, rule=rule)
        assert abs(runs.at(2).mean() - exact) <= mean_error(runs.at(2))
        assert runs.at(1) == pytest.approx(((w1 - w_star) ** 2).sum())


def test_symmetric_inputs_let_algorithm_4_arrive():
    rng = np.random.default_rng(4)
    net, x = SingleFilterNet.from_conv1d(6, 2, 2), rng.standard_normal((8, 6))
    x = np.vstack([x, -x])
    runs = filter_descent(net, x, [1.0, 0.5], [[3.0, -2.0], [-1.0, -1.0]], step=1.0, updates=400)
    assert (runs.squared_distance[-1] < 1e-12).all()
    assert runs.path.shape == (401, 2, 2)


@pytest.mark.parametrize(("tilt", "leaves"), [(0.0, False), (0.32, False), (0.35, True), (1.0, True)])
def test_inputs_on_one_side_drive_algorithm_4_away_beyond_a_third(tilt, leaves):
    """x = (1, −2): the push on w − 1 is −(1/8)(1 − 3 tilt), by hand; the target stops attracting at tilt 1/3."""
    x, p = [[1, -2], [-1, 2]], [(1 + tilt) / 2, (1 - tilt) / 2]
    runs = filter_descent(TWO, x, [1.0], [[1.1], [0.9]], step=0.5, updates=1, weights=p)
    assert runs.path[1, :, 0] - 1 == pytest.approx(np.array([0.1, -0.1]) * (1 - 0.5 * (1 - 3 * tilt) / 8), rel=1e-12)
    assert (runs.at(2) > runs.at(1)).all() == leaves


def test_patches_that_cancel_are_refused():
    with pytest.raises(ValueError, match="mean does not cancel"):
        filter_moments(TWO, [[1, -1], [-2, 2]])


@pytest.mark.parametrize("k", [1, 2, 3])
def test_algorithm_2_rests_at_the_fraction_of_the_formula(k):
    rng = np.random.default_rng(k)
    net, w_star = SingleFilterNet.from_conv1d(2 * k, 2, 2), np.array([0.6, 0.8])
    rest = active_regression(net, rng.standard_normal((40_000, 2 * k)), w_star)
    assert rest == pytest.approx(gaussian_shrinkage(k) * w_star, abs=0.03)
    runs = filter_sgd(net, Gaussian(2 * k), w_star, [0.0, 0.0], step=0.1, updates=150 * k, runs=300, rng=rng,
                      rule="active")
    along = runs.w @ w_star
    left = (1 - 0.1 * 0.25 / k) ** (150 * k)  # the slowest the mean can approach: half of the smallest ū² is 1/4k
    assert abs(along.mean() - gaussian_shrinkage(k)) <= mean_error(along) + left + 1e-9
    assert (gaussian_shrinkage(k) == 1) == (k == 1)


def test_the_factor_decreases_to_one_half():
    values = [gaussian_shrinkage(k) for k in range(1, 40)]
    assert values[:3] == pytest.approx([1, 0.846246, 0.698475], abs=1e-6)
    assert all(a > b for a, b in pairwise(values))
    assert values[-1] == pytest.approx(0.5, abs=1e-9)
    with pytest.raises(ValueError, match="k ≥ 1"):
        gaussian_shrinkage(0)


def test_the_pull_is_the_derivative_of_the_mean_update():
    rng = np.random.default_rng(5)
    net, x, w_star = SingleFilterNet(rng.standard_normal((3, 2, 4)), 0.3), rng.standard_normal((6, 4)), np.ones(2)
    J = pull(net, x, w_star)
    for v in 1e-6 * np.eye(2):
        push = filter_direction(net, w_star + v, x, net(w_star, x), "tron").mean(0)
        assert push == pytest.approx(-J @ v, rel=1e-8, abs=1e-15)
    both, mean = np.vstack([x, -x]), x @ net.mean_map.T
    assert pull(net, both, w_star) == pytest.approx(0.65 * mean.T @ mean / 6, abs=1e-14)
    assert pull(TWO, [[1, -2]], [1.0]) == pytest.approx(-0.25)


def test_where_the_target_attracts():
    rng = np.random.default_rng(6)
    low, high = binomial_interval(round(400 * attraction_share(1, laws=400, points=8, rng=rng)), 400)
    assert low <= 1 - 9 / 256 <= high  # one gate: at least two of eight samples have to be active
    assert attraction_share(3, laws=100, mirrored=True, rng=rng) == 1
    one_sided = attraction_share(3, laws=200, rng=rng)
    assert 0.5 < one_sided < 1


def test_found_fractions():
    rng = np.random.default_rng(7)
    mean, error = found_fraction(2, "active", updates=200, runs=200, rng=rng)
    assert abs(mean - gaussian_shrinkage(2)) <= error + 0.9 ** 20
    assert found_fraction(2, "tron", updates=300, runs=50, rng=rng)[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: filter_direction(TWO, np.zeros(1), np.zeros((1, 2)), np.zeros(1), "sgd"), "rule"),
    (lambda: filter_moments(TWO, [[1, 2, 3]]), "shape"), (lambda: filter_moments(TWO, [[1, 2]], [0.5]), "sum 1"),
    (lambda: filter_moments(TWO, [[1, np.nan]]), "finite"),
    (lambda: filter_descent(TWO, [[1, 2]], [1.0], [[0.0]], step=1, updates=1, weights=[-1.0]), "weights")])
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
