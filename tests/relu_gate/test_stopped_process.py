"""The process z_t: exact means against enumeration, extremes against search, k, freezing, and its refusals."""

import itertools
import math

import numpy as np
import pytest

from mathdl.core.intervals import mean_error
from mathdl.relu_gate.confinement import Confinement, difference_bound
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import BallNoise, FiniteNoise, GaussianNoise, NoNoise, SphereNoise
from mathdl.relu_gate.steps import noisy_gd_step
from mathdl.relu_gate.stopped_process import (
    drift,
    extreme_increments,
    k_constant,
    mean_increment,
    stopped_process,
    truncated,
)

NEAR = np.array([0.3, 0.1])
X = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-0.6, 0.8], [-1.0, 0.0]])  # C = 1
W_STAR = np.array([1.0, -0.5])
Y = labels(X, W_STAR)
FIRST = FiniteNoise([[0.2, 0.0], [-0.1, 0.1], [-0.1, -0.1]], [0.6, 0.2, 0.2])  # biased
SECOND = FiniteNoise([[0.4, 0.0], [-2.0, 0.0], [0.0, 3.0]], [0.8, 0.15, 0.05])
TOLD = {"w_star": W_STAR, "step": 0.05, "C_L": 0.6, "r": 0.8}


def test_mean_increments_against_enumeration():
    """All pairs of noise values, each through one update of Algorithm 3, weighted: a route without moments."""
    for u in ([0.3, 0.1], [-0.5, 0.2], [0.0, 0.0], [0.79, 0.0], [0.9, 0.0]):
        w = W_STAR + u
        total = 0.0
        for (a, p), (b, q) in itertools.product(zip(FIRST.points, FIRST.weights, strict=True),
                                                zip(SECOND.points, SECOND.weights, strict=True)):
            b = b * min(1.0, 0.6 / np.linalg.norm(b))
            after = noisy_gd_step(w, X, Y, 0.05, a, b) if np.linalg.norm(u) < 0.8 else w
            total += p * q * (((after - W_STAR) ** 2).sum() - np.dot(u, u))
        exact = mean_increment(X, Y, w, noise1=FIRST, noise2=SECOND, **TOLD)
        assert exact == pytest.approx(total - drift(0.05, 0.8, 1.0, FIRST.bound, 2), abs=1e-13)


def test_mean_increments_of_correlated_noise_against_enumeration():
    """ξ₁ = −ξ₂'/3 always: E⟨ξ₁, ξ₂'⟩ enters through `cross`."""
    values = FiniteNoise([[0.6, 0.0], [-0.6, 0.0]], [0.5, 0.5])
    opposite = FiniteNoise(-values.points / 3, values.weights)
    w = W_STAR + NEAR
    total = sum(((noisy_gd_step(w, X, Y, 0.05, -b / 3, b) - W_STAR) ** 2).sum() / 2 for b in values.points)
    exact = mean_increment(X, Y, w, noise1=opposite, noise2=values, cross=-0.6 ** 2 / 3, **TOLD)
    assert exact == pytest.approx(total - 0.1 - drift(0.05, 0.8, 1.0, 0.2, 2), abs=1e-13)


@pytest.mark.parametrize("second", [GaussianNoise((0.3, 0.5)), BallNoise(2, 1.0), SphereNoise(2, 0.5)])
def test_mean_increments_against_draws(second):
    runs = stopped_process(X, Y, W_STAR + NEAR, noise1=SphereNoise(2, 0.1), noise2=second, updates=1, runs=20_000,
                           rng=np.random.default_rng(0), **TOLD)
    drawn = runs.z[1] - runs.z[0]
    exact = mean_increment(X, Y, W_STAR + NEAR, noise1=SphereNoise(2, 0.1), noise2=second, **TOLD)
    assert abs(drawn.mean() - exact) <= mean_error(drawn)


def test_extremes_against_a_search_over_directions():
    angle = np.linspace(0, 2 * np.pi, 721)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    for u in ([0.3, 0.1], [-0.5, 0.2], [0.0, 0.0], [0.01, 0.02]):
        found = []
        for scale in np.linspace(0, 1, 41):
            after = noisy_gd_step(W_STAR + u, X, Y, 0.05, -0.1 * scale * circle, 0.6 * scale * circle)
            found.append(((after - W_STAR) ** 2).sum(axis=1) - np.dot(u, u) - drift(0.05, 0.8, 1.0, 0.1, 2))
        low, high = extreme_increments(X, Y, W_STAR + u, S1=0.1, **TOLD)
        assert high == pytest.approx(np.max(found), abs=1e-5)  # half a degree from the best direction
        assert low == pytest.approx(np.min(found), abs=3e-5)  # and half a length
        assert low - 1e-15 <= np.min(found)
        assert np.max(found) <= high + 1e-15


@pytest.mark.statement("relu_gate/lemma-3.4.3")
@pytest.mark.parametrize(("margin", "most"), [(0.25, 0.97), (0.5, 0.88), (1.0, 0.74), (2.0, 0.61)])
def test_no_step_of_a_run_exceeds_k(margin, most):
    """The instance of the ledger, with its radii; the longest noise allowed at every step; runs that are frozen too."""
    eta, S1, C_L, T = 1e-3, 0.1, 0.5, 100
    r = math.sqrt((margin + 0.25 + T * (2 * eta + 2 * eta ** 2 * S1 ** 2)) / (1 - 2 * T * eta ** 2))
    runs = stopped_process(X, Y, np.add(W_STAR, [0.5, 0]), w_star=W_STAR, step=eta, noise1=SphereNoise(2, S1),
                           noise2=SphereNoise(2, C_L), C_L=C_L, r=r, updates=T, runs=400, rng=np.random.default_rng(0))
    worst = np.abs(np.diff(runs.z, axis=0)).max() / runs.k
    assert 0.4 < worst < most
    assert runs.k == k_constant(eta, C_L, r, 1.0, S1, 2)
    assert runs.k == pytest.approx(difference_bound(Confinement(2, eta, T, margin, 0.5, 1.0, C_L, S1), "corrected", r))


@pytest.mark.statement("relu_gate/ours-smaller-difference")
def test_the_three_values_of_k_are_ordered():
    for r in (0.2, 0.9, 1.0, 3.0):
        smaller, printed, corrected = (k_constant(0.1, 0.5, r, 2.0, 0.3, 2, kind)
                                       for kind in ("smaller", "printed", "corrected"))
        assert smaller < printed
        assert (printed < corrected) == (r < 1)
    with pytest.raises(ValueError, match="kind: expected one of corrected, printed, smaller"):
        k_constant(0.1, 0.5, 1.0, 2.0, 0.3, 2, "improved")


@pytest.mark.statement("relu_gate/ours-smaller-difference")
def test_the_smaller_k_survives_a_random_search():
    """Steps far beyond the theorem's limit, C_L up to √n, tiny and large balls: one sample in R^1, all u."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        eta, C, r, S1 = 10 ** rng.uniform(-3, 1.5, 4)
        C_L = rng.uniform(0, 1) ** 0.1 * 0.999
        x, w_star = np.array([[C]]), np.array([rng.choice([-1, 0.3, 2.0]) * r])
        w = w_star + np.linspace(-r, r, 41)[:, None] * (1 - 1e-12)
        low, high = extreme_increments(x, labels(x, w_star), w, w_star=w_star, step=eta, S1=S1, C_L=C_L, r=r)
        k = k_constant(eta, C_L, r, C, S1, 1, "smaller")
        assert max(-low.min(), high.max()) <= k * (1 + 1e-12)


@pytest.mark.statement("relu_gate/equation-3.11")
def test_frozen_runs_stay_and_their_z_falls_by_the_drift():
    runs = stopped_process(X, Y, np.add(W_STAR, [0.7, 0]), noise1=NoNoise(2), noise2=GaussianNoise((1, 1)), updates=40,
                           runs=50, rng=np.random.default_rng(1), keep=True, **TOLD)
    left = runs.left_at <= 40
    assert left.sum() > 20
    for k in np.flatnonzero(left):
        t = runs.left_at[k]
        assert runs.squared_distance[t, k] >= 0.64 > runs.squared_distance[:t, k].max()
        assert (runs.path[t:, k] == runs.path[t, k]).all()
        assert np.diff(runs.z[t:, k]) == pytest.approx(-drift(0.05, 0.8, 1.0, 0.0, 2))
    assert (runs.squared_distance[:, ~left] < 0.64).all()
    assert runs.z[7] == pytest.approx(runs.squared_distance[7] - 7 * drift(0.05, 0.8, 1.0, 0.0, 2))


def test_truncation_shortens_and_keeps_the_direction():
    xi = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    assert truncated(xi, 1.0) == pytest.approx(np.array([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]]))
    with pytest.raises(ValueError, match="C_L: expected a length"):
        truncated(xi, 0.0)


@pytest.mark.parametrize(("changes", "match"), [
    ({"y": Y + 0.1}, "realizable"), ({"noise1": GaussianNoise((1, 1))}, "bounded law"), ({"step": -0.1}, "step: "),
    ({"C_L": 0.0}, "C_L: ")])
def test_refusals(changes, match):
    options = {"y": Y, "noise1": NoNoise(2), "noise2": SphereNoise(2, 0.5)} | TOLD | changes
    with pytest.raises(ValueError, match=match):
        stopped_process(X, options.pop("y"), W_STAR, updates=2, runs=2, rng=np.random.default_rng(0), **options)
