"""The risk of a gate: closed form, quadrature, samples, bound."""

import numpy as np
import pytest

from mathdl.relu_gate.laws import Gaussian, SkewExponential
from mathdl.relu_gate.risk import SERIES, gaussian_risk, risk_bound, sampled_risk


def by_angle(w, w_star):
    """The same by quadrature over the angle in the plane of w and w_*: E r² = 2 for the length r there."""
    phi = np.linspace(0, 2 * np.pi, 200_001)
    x = np.stack([np.cos(phi), np.sin(phi)])
    gap = np.maximum(np.asarray(w) @ x, 0) - np.maximum(np.asarray(w_star) @ x, 0)
    return 2 * np.trapezoid(gap ** 2, phi) / (2 * np.pi)


@pytest.mark.parametrize(("w", "w_star"), [
    ((1, 2), (2, 1)), ((1, 0), (-1, 0)), ((1, 0), (1, 1e-3)), ((.3, -2), (-1, .4)), ((0, 0), (1, 1)), ((2, 0), (1, 0))])
def test_closed_form_against_quadrature(w, w_star):
    assert gaussian_risk(w, w_star) == pytest.approx(by_angle(w, w_star), rel=1e-8)
    assert gaussian_risk(w, w_star) == gaussian_risk(w_star, w)


def test_nothing_cancels_near_the_target():
    """At w = (1, 1e-9) the risk is 1e-18/2 to the first order of the angle."""
    assert gaussian_risk((1, 1e-9), (1, 0)) == pytest.approx(.5e-18, rel=1e-8)
    assert gaussian_risk((1, 0), (1, 0)) == 0


def test_the_series_meets_the_formula():
    below, above = (gaussian_risk((np.cos(t), np.sin(t)), (1, 0)) for t in (SERIES * (1 - 1e-9), SERIES * (1 + 1e-9)))
    assert above == pytest.approx(below, rel=1e-8)
    slope = (above - below) / (2e-9 * SERIES)
    assert slope == pytest.approx(SERIES, rel=0.05)  # the risk is about t²/2 - t³/(3π)


@pytest.mark.parametrize("seed", range(3))
def test_closed_form_against_a_sample(seed):
    w, w_star = np.random.default_rng(seed).standard_normal((2, 4))
    mean, error = sampled_risk(w, w_star, Gaussian(4), 50_000, rng=np.random.default_rng(seed))
    assert abs(mean - gaussian_risk(w, w_star)) <= error


def test_gaussian_risk_is_at_most_half_the_squared_distance():
    """Ours: sin θ >= θ cos θ on [0, π], so the bound ‖v‖² E‖x‖² = n ‖v‖² is off by 2n or more."""
    for w, w_star in np.random.default_rng(0).standard_normal((200, 2, 5)):
        assert gaussian_risk(w, w_star) <= ((w - w_star) ** 2).sum() / 2
        assert risk_bound(w, w_star, 5) == pytest.approx(5 * ((w - w_star) ** 2).sum())


def test_a_steeper_gate_needs_its_square():
    law, rng = SkewExponential(2), np.random.default_rng(0)
    mean, _ = sampled_risk((2, 2), (1, 1), law, 20_000, rng=rng, lipschitz=3.0)
    again, _ = sampled_risk((2, 2), (1, 1), law, 20_000, rng=np.random.default_rng(0))
    assert mean == pytest.approx(9 * again)
    assert risk_bound((2, 2), (1, 1), 2, 3.0) == 9 * risk_bound((2, 2), (1, 1), 2)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="expected 3 finite numbers"):
        gaussian_risk((1, 2, 3), (1, 2))
    with pytest.raises(ValueError, match="expected 2 finite numbers"):
        sampled_risk((1, 2, 3), (1, 2), Gaussian(2), 10, rng=np.random.default_rng(0))
