"""Formulas on GLM-Tron against exact arithmetic and their proofs' extreme cases; problems and their refusals."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.relu_gate.activations import Activation, decreasing, leaky, relu, slope, tanh
from mathdl.relu_gate.tron_bounds import (
    first_hit,
    is_vacuous,
    largest_useful_noise,
    slowest_line_risk,
    summed_risk_bound,
    tron_step_bound,
    tron_steps,
    tron_threshold,
)
from mathdl.relu_gate.tron_problem import (
    TronProblem,
    drifting_problem,
    erased_problem,
    random_problem,
    slow_problem,
    stubborn_problem,
)

POSITIVE = st.floats(0.01, 10)


def test_threshold_and_steps_in_fractions():
    F = Fraction
    assert tron_threshold(F(3, 2), F(1, 10), F(1, 5), F(2)) == 3 * (F(1, 10) + F(1, 25) + F(2, 5) * 2 * F(5, 2))
    assert tron_threshold(F(1), F(1, 10), 0, F(2), "sharp") == F(1, 10)
    assert tron_threshold(1, 9, 4, 5, "sharp") == 9 + 2 * 4 * 4 - 16
    assert (tron_steps(F(20), F(1, 10), "printed"), tron_steps(F(20), F(1, 10))) == (200, 4001)
    assert (tron_steps(20.0, 0.1, "printed"), tron_steps(20.0, 0.1)) == (200, 4001)  # 0.1 is a little above 1/10
    assert (tron_steps(np.nextafter(2, 0), 0.05), tron_steps(2, 0.05)) == (81, 81)
    assert tron_steps(0, 1) == 1


@given(POSITIVE, POSITIVE, st.floats(0, 10), st.floats(0.1, 100))
def test_thresholds_scale_like_squares_of_labels_and_the_printed_time_does_not(W, epsilon, theta, c):
    for kind in ("printed", "sharp"):
        scaled = tron_threshold(1, c * c * epsilon, c * theta, c * W, kind)
        assert scaled == pytest.approx(c * c * tron_threshold(1, epsilon, theta, W, kind), rel=1e-6) or \
            abs(theta ** 2 + epsilon - W ** 2) < 1e-6 * W ** 2
    assert abs(tron_steps(c * W, c * c * epsilon) - tron_steps(W, epsilon)) <= 1
    assert tron_steps(4.0, 0.5, "printed") != tron_steps(4.0 * 2, 0.5 * 4, "printed")


@given(st.floats(0.05, 1.95), st.floats(1e-6, 1), st.floats(0, 1), POSITIVE)
def test_the_sharp_threshold_is_below_the_printed_one(L, e, tau, W):
    sharp = tron_threshold(L, e * W ** 2, tau * W, W, "sharp")
    assert sharp <= tron_threshold(L, e * W ** 2, tau * W, W) * (1 + 1e-12) or sharp == math.inf
    assert (sharp == math.inf) == (tau ** 2 * W ** 2 > W ** 2 - e * W ** 2)


@given(st.floats(0.05, 1.95))
def test_useful_noise_is_where_vacuity_begins(L):
    for kind in ("printed", "sharp"):
        tau = largest_useful_noise(L, kind)
        assert is_vacuous(L, 1e-13, tau * (1 + 1e-6), 1, kind)
        assert not is_vacuous(L, 1e-13, tau * (1 - 1e-3), 1, kind)
    assert largest_useful_noise(L) <= min(0.25, largest_useful_noise(L, "sharp"))


def test_the_numbers_of_useful_noise():
    assert largest_useful_noise(1) == pytest.approx(math.sqrt(5) - 2)
    assert largest_useful_noise(0.75) == 0.25
    assert (largest_useful_noise(1, "sharp"), largest_useful_noise(0.5, "sharp")) == (1, 0.5)


def test_first_hit_counts_from_one_and_says_never():
    risk = np.array([[3.0, 3], [1, 2], [0.5, 2]])
    assert first_hit(risk, 2.0).tolist() == [2, 0]
    assert first_hit(risk[:, 0], 4) == 1
    assert first_hit([np.nan, 1.0], 2) == 2


@pytest.mark.parametrize("W", [1.0, 3.0])
def test_the_slowest_line_is_a_maximum_over_inputs(W):
    s = np.linspace(0, 1, 200001)
    for t in (1, 2, 3, 10, 100):
        assert slowest_line_risk(t, W) == pytest.approx((W ** 2 * s * (1 - s) ** (2 * t - 2)).max(), rel=1e-6)
    rng = np.random.default_rng(0)
    for _ in range(20):
        p = random_problem(4, 3, W, 0, slope(1), rng=rng)
        assert all(e <= slowest_line_risk(t, W) for t, e in enumerate(p.run(50).effective_risk, start=1))


def test_the_step_bound_on_a_slow_loop():
    rng = np.random.default_rng(5)
    p = random_problem(4, 3, 2.0, 0.5, leaky(1.4, 0.2), rng=rng)
    w = rng.standard_normal((6, 3))
    b = tron_step_bound(p.x, p.y, w, p.w_star, p.activation, W=3.0)
    for k in range(6):
        new = w[k] + sum((y - p.activation(w[k] @ x)) * x for x, y in zip(p.x, p.y, strict=True)) / 4
        eta = np.linalg.norm(sum(xi * x for x, xi in zip(p.x, p.noise, strict=True)) / 4)
        risk = np.mean([(p.activation(w[k] @ x) - p.activation(p.w_star @ x)) ** 2 for x in p.x])
        before = ((w[k] - p.w_star) ** 2).sum()
        kept = before - (2 / 1.4 - 1) * risk
        expected = (((new - p.w_star) ** 2).sum(), before, risk, eta, kept + eta ** 2 + 2 * eta * 3 * 2.4,
                    (math.sqrt(kept) + eta) ** 2)
        got = (b.after, b.before, b.effective_risk, b.eta, b.printed, b.sharp)
        assert [g[k] if np.ndim(g) else g for g in got] == pytest.approx(expected, rel=1e-12)
    assert (b.rounding < 1e-10).all()


@given(st.integers(0, 10 ** 6), st.floats(0.1, 3), st.floats(0, 2), st.sampled_from(["leaky", "tanh", "mixed"]))
def test_one_step_never_exceeds_either_bound(seed, L, theta, kind):
    rng = np.random.default_rng(seed)
    gate = {"leaky": leaky(L), "tanh": tanh(L), "mixed": leaky(L, L / 3)}[kind]
    p = random_problem(int(rng.integers(1, 7)), int(rng.integers(1, 5)), rng.uniform(0.1, 5), theta, gate, rng=rng)
    w_t, w = rng.standard_normal((2, 50, p.x.shape[1])) * 3  # any reference, not only the target
    b = tron_step_bound(p.x, p.y, w_t, w, gate)
    assert (b.after <= b.sharp + b.rounding).all()
    assert (b.sharp <= b.printed + b.rounding).all()


@pytest.mark.statement("relu_gate/ours-sharper-step")
@given(st.floats(0.1, 1.9), st.floats(-3, 3), st.floats(0, 2))
def test_the_sharper_step_is_attained_for_every_slope_and_noise(L, v, theta):
    sign = np.sign(v * (1 - L)) or 1.0  # noise in the direction of what is left of the error
    b = tron_step_bound([[1.0]], [L * 2.0 + sign * theta], [2.0 + v], [2.0], slope(L))
    assert b.after == pytest.approx(b.sharp, abs=1e-12 + 1e-12 * (theta + 3) ** 2)


def test_an_inactive_sample_attains_the_noise_term_without_the_factor():
    b = tron_step_bound([[1.0]], [1.0], [-1.0], [-2.0], relu)  # ‖w_t − w‖ = W = 1, η = 1, L̃ = 0
    assert (b.after, b.sharp, b.printed) == (4, 4, 1 + 1 + 4)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: tron_threshold(2, 1, 0, 1), "needs L < 2"), (lambda: tron_threshold(2.5, 1, 0, 1), "Scale the labels"),
    (lambda: tron_threshold(0, 1, 0, 1), "Lipschitz constant > 0"), (lambda: tron_threshold(1, 0, 0, 1), "epsilon"),
    (lambda: tron_threshold(float("nan"), 1, 0, 1), "Lipschitz"), (lambda: tron_threshold(1, 1, -1, 1), "theta"),
    (lambda: tron_threshold(1, 1, float("nan"), 1), "theta"), (lambda: tron_threshold(1, 1, 0, math.inf), "W: "),
    (lambda: tron_threshold(1, 1, 0, 1, "best"), "'sharp'"), (lambda: tron_steps(1, -1), "epsilon"),
    (lambda: tron_steps(1, 1, "true"), "'corrected'"), (lambda: summed_risk_bound(2, 1), "needs L < 2"),
    (lambda: largest_useful_noise(2), "needs L < 2"), (lambda: largest_useful_noise(1, "x"), "'sharp'"),
    (lambda: stubborn_problem(1, 0.2), "at most 3/17"), (lambda: stubborn_problem(1, 0), "at most 3/17")])
def test_refusals_name_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(("change", "name", "words"), [
    ({"x": 2 * np.eye(2)}, "‖x_i‖ ≤ 1", "‖x_1‖ = 2"), ({"noise": np.array([0.1, -0.3])}, "|ξ_i| ≤ θ", "ξ_2"),
    ({"activation": decreasing()}, "σ never falls", "σ falls from"), ({"activation": slope(2)}, "L < 2", "L = 2"),
    ({"activation": Activation("", lambda u: 1.5 * u, 1.0)}, "σ is L-Lipschitz", "slope 1.5 > L = 1")])
def test_problems_outside_the_theorem_are_named(change, name, words):
    p = TronProblem(np.eye(2), np.ones(2), np.zeros(2), 0.1)
    assert p.require() is p
    assert (p.witness, p.given) == ("ok", (True,) * 5)
    bad = replace(p, **change)
    assert bad.given.count(False) == 1
    assert words in bad.witness
    with pytest.raises(ValueError) as refusal:
        bad.require()
    assert name in str(refusal.value)
    assert words in str(refusal.value)


def test_the_examples_are_problems_of_the_theorem():
    for p in (slow_problem(20, 200), slow_problem(1, 0), drifting_problem(), stubborn_problem(), erased_problem(3, 0.5),
              random_problem(5, 2, 1.0, 0.3, rng=np.random.default_rng(0))):
        p.require()
    assert slow_problem(20, 200).x[0, 0] == pytest.approx(1 / 20)
    p = random_problem(5, 2, 1.5, 0.3, rng=np.random.default_rng(0))
    assert abs(p.W - 1.5) < 1e-15
    assert np.abs(erased_problem(3, 0.5).y).max() == 0
