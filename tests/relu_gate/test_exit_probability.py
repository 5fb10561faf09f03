"""Exit probabilities: all paths one by one, whole numbers of paths, closed forms, and simulation."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from mathdl.relu_gate.azuma import walk_crossing
from mathdl.relu_gate.confinement_examples import coin_descent, far_coin, one_sided_descent
from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.exit_probability import exit_probability, walk_exit
from mathdl.relu_gate.exit_simulation import CHUNK, rare_exit_probability, simulate_exit
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import FiniteNoise, GaussianNoise, NoNoise, SphereNoise


def live_descent(seed, updates=4):
    """Three samples in the plane whose gates switch along the way; two noises with unequal weights."""
    rng = np.random.default_rng(seed)
    x, w_star = rng.standard_normal((3, 2)), 0.3 * rng.standard_normal(2)
    return NoisyDescent(x, labels(x, w_star), w_star + np.array([0.4, -0.2]), w_star,
                        FiniteNoise(rng.standard_normal((2, 2)), [0.3, 0.7]),
                        FiniteNoise(rng.standard_normal((3, 2)), [0.2, 0.5, 0.3]), 0.15, updates, 1.0, 1.0)


def path_by_path(d, radius):
    """The probability of an exit, one path of noises at a time, with the update written out."""
    total = 0.0
    pairs = [(a, b, p * q) for (a, p), (b, q) in product(zip(d.noise1.points, d.noise1.weights, strict=True),
                                                         zip(d.noise2.points, d.noise2.weights, strict=True))]
    for path in product(pairs, repeat=d.updates):
        w, chance, out = d.w0, 1.0, np.linalg.norm(d.w0 - d.w_star) > radius
        for xi1, xi2, p in path:
            g = -sum(((y - max(w @ x, 0)) * x for x, y in zip(d.x, d.y, strict=True) if w @ x >= 0), np.zeros(2)) / 3
            w = w - d.step * (g + xi1) + math.sqrt(d.step) * xi2
            chance *= p
            out = out or np.linalg.norm(w - d.w_star) > radius
        total += chance * out
    return total


@pytest.mark.parametrize(("seed", "radius"), [(0, 0.9), (1, 0.7), (2, 0.7)])
def test_against_every_path(seed, radius):
    d = live_descent(seed)
    found = exit_probability(d, radius)
    assert 0.01 < found.value < 0.99
    assert found.value == pytest.approx(path_by_path(d, radius), rel=1e-10)
    assert found.nearest > 1e-8
    assert (np.diff(found.by_step) >= 0).all()


@pytest.mark.parametrize(("distance", "paths"), [(10, 352), (100, 562), (1000, 562)])
def test_the_far_coin_in_whole_numbers_of_paths(distance, paths):
    """A path leaves when R + 1.9 S_i > r; counted as integers, with r² of the corrected theorem as a fraction."""
    d = far_coin(distance)
    eta, C, T = 1, Fraction(1, 1000), 10
    square = (Fraction(d.margin) + distance ** 2 + T * eta * 4) / (1 - 2 * T * eta ** 2 * C ** 4)
    alive, left = {0: 1}, 0
    for t in range(1, T + 1):
        moved = {}
        for s, count in alive.items():
            for move in (1, -1):
                moved[s + move] = moved.get(s + move, 0) + count
        leaving = {s for s in moved if (distance + Fraction(19, 10) * s) ** 2 > square}
        left += sum(moved[s] for s in leaving) * 2 ** (T - t)
        alive = {s: c for s, c in moved.items() if s not in leaving}
    assert left == paths
    found = exit_probability(d, math.sqrt(square))
    assert (found.value, found.error) == (paths / 1024, 0.0)
    assert found.nearest > 1e-5


def test_the_one_sided_walk_leaves_unless_a_jump_comes_in_its_first_91_moves():
    found = exit_probability(one_sided_descent(), 100009.05)
    assert found.value == pytest.approx(0.9999 ** 91, rel=1e-12)


@pytest.mark.parametrize(("updates", "level"), [(7, 3), (50, 10), (200, 1)])
def test_against_crossings_of_a_level(updates, level):
    """From far inside only one side counts; independent convolution code."""
    start = 1000.0
    found = walk_exit(start, [0.5, -0.5], [0.5, 0.5], updates=updates, radius=start + 0.5 * level - 0.25)
    assert found.value == pytest.approx(walk_crossing(updates, level, (1, -1), (0.5, 0.5)), rel=1e-12)


def test_in_the_plane_iterates_are_merged():
    e = 0.5 * np.eye(2)
    found = walk_exit(np.zeros(2), np.vstack([e, -e]), [0.25] * 4, updates=40, radius=4.1)
    assert found.states < 41 ** 2
    rng = np.random.default_rng(0)
    steps = np.vstack([e, -e])[rng.integers(0, 4, (4000, 40))]
    seen = (np.linalg.norm(np.cumsum(steps, axis=1), axis=2) > 4.1).any(1).mean()
    assert abs(seen - found.value) < 5 * math.sqrt(found.value * (1 - found.value) / 4000)


def test_ends_of_the_range():
    assert walk_exit(3.0, [1.0, -1.0], [0.5, 0.5], updates=5, radius=2.0).value == 1
    assert walk_exit(0.0, [1.0, -1.0], [0.5, 0.5], updates=5, radius=math.inf).value == 0
    assert walk_exit(0.0, [1.0, -1.0], [0.5, 0.5], updates=5, radius=5.0).value == 0  # on the sphere is not outside
    assert walk_exit(0.0, [1.0, -1.0], [0.5, 0.5], updates=5, radius=5.0).nearest == 0
    assert walk_exit(0.0, [1.0, -1.0], [0.5, 0.5], updates=5, radius=4.5).value == 2 / 32
    assert walk_exit(0.0, [1.0], [1.0], updates=0, radius=1.0).value == 0
    assert walk_exit(0.0, [1.0, -1.0], [0.5, 0.5], updates=100, radius=9.5).error > 0


def test_refusals(monkeypatch):
    d = coin_descent()
    with pytest.raises(ValueError, match="use simulate_exit for NoNoise and SphereNoise"):
        exit_probability(replace(d, noise1=NoNoise(2), noise2=SphereNoise(2, 1.0)), 1.0)
    with pytest.raises(ValueError, match="probabilities that add up to 1"):
        walk_exit(0.0, [1.0, -1.0], [0.5, 0.6], updates=5, radius=2.0)
    monkeypatch.setattr("mathdl.relu_gate.exit_probability.MOST", 1000)
    with pytest.raises(ValueError, match="expected at most 1000 iterates"):
        walk_exit(0.0, np.sqrt([2.0, 3, 5, 7, 11, 13, 17, 19]), [0.125] * 8, updates=40, radius=1e3)
    with pytest.raises(ValueError, match="runs"):
        simulate_exit(d, runs=0, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="SphereNoise"):
        rare_exit_probability(replace(d, noise2=SphereNoise(2, 1.0)), 1.0, runs=5, rng=np.random.default_rng(0))


@pytest.mark.parametrize("seed", [0, 1])
def test_simulation_meets_the_exact_probability(seed):
    d = live_descent(seed)
    runs = simulate_exit(d, runs=CHUNK + 900, rng=np.random.default_rng(seed))
    assert runs.peaks.shape == (CHUNK + 900,)
    for radius in (0.8, 1.1):
        low, high = runs.interval(radius)
        assert low <= exit_probability(d, radius).value <= high
        assert high - low < 0.08


@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_importance_sampling_meets_rare_exact_probabilities(margin):
    d = coin_descent(margin=margin, noise1_size=0.0)
    radius = math.sqrt(margin + 0.275)
    exact = exit_probability(d, radius)
    found = rare_exit_probability(d, radius, runs=3000, rng=np.random.default_rng(0))
    assert exact.value < 0.02
    assert found.relative_error < 0.3
    assert 10 ** found.log10 == pytest.approx(exact.value, rel=found.relative_error)


def test_importance_sampling_with_three_values_live_gradient_and_any_tilt():
    d = live_descent(0)
    exact = exit_probability(d, 1.1).value
    for tilt in (0.0, 0.4):
        found = rare_exit_probability(d, 1.1, runs=4000, rng=np.random.default_rng(1), tilt=tilt)
        assert 10 ** found.log10 == pytest.approx(exact, rel=found.relative_error)


@pytest.mark.parametrize("radius", [3.5, 5.0, 60.0])
def test_one_gaussian_update_in_closed_form(radius):
    """‖3 e₁ + Z e₁‖ > r after one update, down to probabilities that no float holds."""
    d = replace(coin_descent(updates=1, step=1.0, start=3.0, noise1_size=0.0), noise2=GaussianNoise((1.0, 0.0)))
    found = rare_exit_probability(d, radius, runs=20000, rng=np.random.default_rng(2))
    exact = np.logaddexp(norm.logsf(radius - 3), norm.logsf(radius + 3)) / math.log(10)
    assert found.log10 == pytest.approx(exact, abs=max(math.log10(1 + found.relative_error), 1e-12))
    assert found.relative_error < 0.5


def test_no_run_left():
    d = replace(coin_descent(updates=2, noise1_size=0.0), noise2=NoNoise(2))
    assert rare_exit_probability(d, 1.0, runs=5, rng=np.random.default_rng(0), tilt=0.0).log10 == -math.inf
