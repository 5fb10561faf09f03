"""Observable, effective and fresh risk: the identity that ties them, and closed forms for the identity gate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.relu_gate.activations import leaky, relu, slope
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.noise import FiniteNoise
from mathdl.relu_gate.sign_patterns import noise_patterns, two_point
from mathdl.relu_gate.tron_risk import label_noise, linear_gate_risks, tron_risk_report


def unit_inputs(samples, inputs, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((samples, inputs))
    return x / np.linalg.norm(x, axis=1)[:, None], rng.standard_normal(inputs)


@given(st.integers(0, 10 ** 6))
def test_the_three_risks_are_tied(seed):
    rng = np.random.default_rng(seed)
    S, n = rng.integers(1, 6, 2)
    x, w_star, w = rng.standard_normal((S, n)), rng.standard_normal(n), rng.standard_normal((4, n))
    y = relu(x @ w_star) + rng.standard_normal((4, S))
    report = tron_risk_report(w, x, y, relu, w_star)
    slow = [sum((max(a @ v, 0) - c) ** 2 for a, c in zip(x, row, strict=True)) / S for v, row in zip(w, y, strict=True)]
    assert report.risk == pytest.approx(slow, rel=1e-12)
    assert report.risk == pytest.approx(report.effective + report.noise - 2 * report.cross, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("L", [0.7, 1.0, 1.8])
@pytest.mark.parametrize("noise", [two_point(0.5), FiniteNoise((1.0, -0.5), (1 / 3, 2 / 3))])
def test_the_closed_form_against_all_patterns(L, noise):
    """Any centred law with that variance: the closed form does not ask for symmetry."""
    x, w_star = unit_inputs(6, 4)
    patterns = noise_patterns(noise, 6)
    y = L * (x @ w_star) + patterns.values
    run = glm_tron(x, y, slope(L), 40, w_star=w_star)
    report = tron_risk_report(run.w, x, y, slope(L), w_star, theta=noise.bound)
    exact = linear_gate_risks(x, w_star, noise.second_moment, 40, L)
    for found, closed in ((run.effective_risk, exact.effective), (run.risk, exact.risk), (report.cross, exact.cross)):
        assert patterns.mean(found) == pytest.approx(closed, rel=1e-11, abs=1e-13)


def test_the_gap_is_what_the_degrees_of_freedom_cost():
    x, w_star = unit_inputs(10, 20)
    exact = linear_gate_risks(x, w_star, 0.25, 3000)
    assert exact.degrees[0] == 0
    assert exact.degrees[-1] == pytest.approx(10, abs=1e-6)  # more inputs than samples: everything is fitted
    assert (np.diff(exact.degrees) >= 0).all()
    assert exact.effective + 0.25 - exact.risk == pytest.approx(2 * 0.25 * exact.degrees / 10, abs=1e-12)
    few = linear_gate_risks(x[:, :3], w_star[:3], 0.25, 3000)
    assert few.degrees[-1] == pytest.approx(3, abs=1e-3)  # as many directions as there are inputs


def test_fresh_labels_over_all_pairs_of_patterns():
    x, w_star = unit_inputs(4, 3, seed=2)
    patterns = noise_patterns(two_point(0.5), 4)
    clean = relu(x @ w_star)
    run = glm_tron(x, clean + patterns.values, relu, 30, w_star=w_star)
    pairs = tron_risk_report(run.w[-1], x, (clean + patterns.values)[:, None, :], relu, w_star)
    assert patterns.mean(patterns.probabilities @ pairs.cross) == pytest.approx(0, abs=1e-15)
    seen = tron_risk_report(run.w[-1], x, clean + patterns.values, relu, w_star)
    fresh = patterns.mean(seen.on_fresh_labels(0.25))
    assert patterns.mean(patterns.probabilities @ pairs.risk) == pytest.approx(fresh, rel=1e-13)
    assert patterns.mean(seen.cross) > 0.05  # the same iterate on the labels it was trained on


@pytest.mark.parametrize(("theta", "fails"), [(0.5, False), (0.4, True), (float("nan"), True)])
def test_labels_of_another_form_are_named(theta, fails):
    x, w_star = unit_inputs(3, 2)
    y = leaky(1.0)(x @ w_star) + np.array([[0.1, 0.2, -0.3], [0.1, 0.0, -0.5]])
    if fails:
        with pytest.raises(ValueError, match=r"\|ξ\| = 0.5 at sample 2. Take θ from theta_for_confidence"):
            label_noise(x, y, leaky(1.0), w_star, theta=theta)
    else:
        assert label_noise(x, y, leaky(1.0), w_star, theta=theta)[1] == pytest.approx([0.1, 0, -0.5])


def test_shapes_are_refused():
    with pytest.raises(ValueError, match=r"expected x \(S, n\)"):
        label_noise(np.ones((3, 2)), np.ones(2), relu, np.ones(2))
