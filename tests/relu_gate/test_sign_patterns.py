"""All patterns of finite label noise, and GLM-Tron in closed form from piece to piece."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.relu_gate.activations import leaky, relu, slope, tanh
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.noise import FiniteNoise, SphereNoise
from mathdl.relu_gate.sign_patterns import LIMIT, noise_patterns, rare_outlier, two_point
from mathdl.relu_gate.tron_pieces import kink_slopes, tron_by_pieces

GATES = [relu, slope(1.0), slope(1.9), leaky(1.5, 0.3), leaky(0.5, 1.2)]


def random_sample(rng, activation, runs=3):
    """Inputs in the unit ball, a target, noisy labels (runs, S)."""
    S, n = rng.integers(1, 6, 2)
    x = rng.standard_normal((S, n))
    x /= np.maximum(1, np.linalg.norm(x, axis=1))[:, None]
    w_star = 3 * rng.standard_normal(n)
    return x, activation(x @ w_star) + rng.standard_normal((runs, S)), w_star


@pytest.mark.parametrize(("points", "weights", "samples"), [((-1, 1), (0.5, 0.5), 4), ((0, 2, -3), (0.5, 0.3, 0.2), 3),
                                                            ((7,), (1.0,), 2)])
def test_patterns_against_a_product_in_fractions(points, weights, samples):
    patterns = noise_patterns(FiniteNoise(points, weights), samples)
    chances = dict(zip(points, map(Fraction, map(str, weights)), strict=True))
    expected = {row: np.prod([chances[v] for v in row]) for row in product(points, repeat=samples)}
    found = dict(zip(map(tuple, patterns.values), patterns.probabilities, strict=True))
    assert found.keys() == expected.keys()
    assert all(abs(found[row] - float(p)) < 1e-15 for row, p in expected.items())
    square = sum(p * row[0] ** 2 for row, p in expected.items())
    assert patterns.mean(patterns.values[:, 0] ** 2) == pytest.approx(float(square), rel=1e-14)


def test_values_without_probability_make_no_patterns():
    assert len(noise_patterns(FiniteNoise((1, 2, 3), (0.5, 0, 0.5)), 3).values) == 8


def test_conditioning_on_an_event():
    patterns = noise_patterns(rare_outlier(0.5, 1 / 3), 2)  # +.5 or −1
    small = patterns.within(0.5)
    assert patterns.probability(small) == pytest.approx(4 / 9)
    likely = patterns.given(small)
    assert likely.values.tolist() == [[0.5, 0.5]]
    assert likely.probabilities == pytest.approx(1)
    with pytest.raises(ValueError, match="positive probability"):
        patterns.given(patterns.within(0.1))


@given(st.floats(0.01, 5), st.floats(0.01, 0.99))
def test_a_rare_outlier_leaves_the_mean_at_zero(size, probability):
    noise = rare_outlier(size, probability)
    assert abs(noise.mean[0]) <= 1e-14 * size / probability
    assert noise.tail(size) == pytest.approx(probability if probability < 0.5 else 0, abs=1e-12)


@pytest.mark.parametrize(("noise", "samples", "words"), [
    (two_point(1.0), 17, f"at most {LIMIT} patterns"), (two_point(1.0), 0, "expected 1 or more"),
    (FiniteNoise(np.eye(2), (0.5, 0.5)), 2, "n = 1, one a label; got n = 2")])
def test_patterns_refuse_by_name(noise, samples, words):
    with pytest.raises(ValueError, match=words):
        noise_patterns(noise, samples)


def test_outliers_are_neither_sure_nor_impossible():
    for probability in (0, 1, -0.5, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            rare_outlier(0.1, probability)


@pytest.mark.parametrize("gate", GATES, ids=lambda g: g.name)
def test_pieces_against_the_loop(gate):
    rng = np.random.default_rng(3)
    for _ in range(12):
        x, y, w_star = random_sample(rng, gate)
        pieces, loop = (f(x, y, gate, 300, w_star=w_star) for f in (tron_by_pieces, glm_tron))
        size = max(1.0, np.abs(loop.w).max())
        assert np.abs(pieces.w - loop.w).max() < 1e-11 * size  # 300 contractions, each rounded a few times
        assert np.abs(pieces.risk - loop.risk).max() < 1e-10 * size ** 2
        assert np.abs(pieces.effective_risk - loop.effective_risk).max() < 1e-10 * size ** 2


def test_a_drift_in_a_direction_without_data_is_followed():
    """The label −1 at input 1 is never fitted: w falls by 1 at every step, an eigenvalue zero of A."""
    run = tron_by_pieces([[1.0]], [[-1.0]], relu, 50)
    assert run.w[:, 0, 0].tolist() == [float(-t) for t in range(51)]
    assert run.effective_risk is None


def test_a_nearly_flat_piece_loses_no_digits():
    """w_t = −s (1 − (1 − a)^(t−1))/a for A = a = 10⁻⁸ on the second input; exact in Fractions."""
    x = np.array([[1.0], [-2.0 ** -13]])
    run = tron_by_pieces(x, np.array([[-1.0, 0.0]]), relu, 400)
    a = Fraction(1, 2 ** 27)  # x₂²/2
    exact = -Fraction(1, 2) * sum(((1 - a) ** k for k in range(400)), Fraction(0))
    assert run.w[-1, 0, 0] == pytest.approx(float(exact), rel=1e-13)


def test_no_updates_leave_the_start():
    assert tron_by_pieces([[1.0]], [[2.0]], relu, 0).w.tolist() == [[[0.0]]]


def test_pieces_refuse_other_gates_and_shapes():
    assert kink_slopes(leaky(1.5, 0.3)) == (0.3, 1.5)
    with pytest.raises(ValueError, match="use glm_tron"):
        kink_slopes(tanh(1.0))
    with pytest.raises(ValueError, match=r"labels \(R, S\)"):
        tron_by_pieces([[1.0]], [2.0], relu, 3)


def test_a_law_on_a_circle_has_no_patterns():
    with pytest.raises(ValueError, match="n = 1"):
        noise_patterns(SphereNoise(2, 1.0), 2)
