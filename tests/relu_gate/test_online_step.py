"""Steps that are found while running: bounds that hold, a projection that needs no moments, and what waiting costs."""

from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.intervals import binomial_interval, mean_error
from mathdl.relu_gate.laws import FiniteLaw, Gaussian, Pareto, SkewExponential, StudentT, cross_polytope
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.online_step import estimate_step, normalized_rate, parameter_free_sgd
from mathdl.relu_gate.theorems.rates import enumerated_mean_square

N, TARGET = 5, np.eye(5)[0]
NEARLY = 0.01  # what 2000 numbers x⁴, whose skewness is above 10, may take from the confidence


@pytest.mark.statement("relu_gate/ours-online-step")
@pytest.mark.parametrize("miss", [0.05, 0.3])
def test_both_bounds_hold_with_the_confidence_asked_for(miss):
    rng, moments = np.random.default_rng(1), Gaussian(1).moments([1.0])  # n = 1: nothing but the two means is slack
    x = Gaussian(1).sample((1000, 2000), rng=rng)
    found = estimate_step(x, np.maximum(x[..., 0], 0), miss=miss)
    good = int(((found.lam_low <= moments.lam) & (found.Lambda_high >= moments.Lambda)).sum())
    low, high = binomial_interval(good, 1000)
    assert high >= 1 - miss - NEARLY
    assert low <= 1 - miss / 4  # and the confidence is not bought with bounds that always hold


def test_the_estimated_step_is_safe_and_grows_to_the_sharp_one():
    rng, moments = np.random.default_rng(2), Gaussian(N).moments(TARGET)
    steps = []
    for S in (32, 1000, 100_000):
        x = Gaussian(N).sample(S, rng=rng)
        found = estimate_step(x, np.maximum(x @ TARGET, 0))
        assert found.step <= moments.step_size("sharp")
        assert found.rate >= moments.rate(kind="sharp")
        assert moments.rate(float(found.step), "sharp") <= found.rate + 1e-12  # what it promises is true
        steps.append(float(found.step))
    assert steps[0] < steps[1] < steps[2]
    assert steps[2] > 0.85 * moments.step_size("sharp")


def test_no_step_without_evidence():
    x = np.random.default_rng(0).standard_normal((3, N))
    found = estimate_step(x, np.maximum(x @ TARGET, 0))
    assert found.step == 0
    assert found.rate == 1
    assert estimate_step(np.ones((4, 2)), np.zeros(4)).step == 0  # nothing active at all


def test_estimates_are_per_run():
    x = np.random.default_rng(0).standard_normal((3, 200, 2))
    y = np.maximum(x @ np.eye(2)[0], 0)
    together, alone = estimate_step(x, y), estimate_step(x[1], y[1])
    assert together.step.shape == (3,)
    assert together.step[1] == pytest.approx(float(alone.step), rel=1e-12)


@pytest.mark.statement("relu_gate/ours-normalized-step")
@pytest.mark.parametrize(("law", "rate"), [(Gaussian(N), 0.9), (StudentT(N, 9.0), 0.9), (Pareto(N), 0.9)])
def test_the_normalized_step_has_its_rate_for_every_tail(law, rate):
    """For spherical laws the bound is an equality, so the mean must agree with it."""
    assert normalized_rate(law, TARGET) == pytest.approx(rate)
    runs = parameter_free_sgd(law, TARGET, np.zeros(N), updates=20, runs=3000, rng=np.random.default_rng(3),
                              method="normalized")
    for t in (2, 6, 21):
        assert abs(runs.at(t).mean() - rate ** (t - 1)) <= mean_error(runs.at(t))
    assert (np.diff(runs.squared_distance, axis=0) <= 1e-12).all()  # never away from the target, in any run


@pytest.mark.statement("relu_gate/ours-normalized-step")
def test_attained_on_the_cross_polytope():
    law = cross_polytope(3)
    exact = enumerated_mean_square(law, (1, 1, 1), (1, 0, 2), lambda x: Fraction(1) / (x @ x), 3)
    assert exact == Fraction(5, 6) ** 3 * 5
    assert normalized_rate(law, (1, 1, 1)) == pytest.approx(5 / 6)


def test_the_normalized_step_beats_the_sharp_one_on_gaussians():
    for n in (1, 2, 5, 20):
        assert normalized_rate(Gaussian(n), np.eye(n)[0]) < Gaussian(n).moments(np.eye(n)[0]).rate(kind="sharp")


def test_waiting_costs_and_the_end_is_the_same():
    rng, start = np.random.default_rng(4), np.zeros(2)
    law, w_star = Gaussian(2), np.array([1.0, 0.0])
    found = parameter_free_sgd(law, w_star, start, updates=1500, runs=60, rng=rng)
    sharp = law.moments(w_star).step_size("sharp")
    oracle = modified_sgd(law, w_star, start, step=sharp, updates=1500, runs=60, rng=rng)
    assert (found.at(60) == found.at(1)).all()  # w waits for 64 samples
    assert oracle.at(200).mean() < 1e-3 < found.at(200).mean()
    assert found.at(1501).mean() < 1e-6


def test_refusals():
    with pytest.raises(ValueError, match="S >= 2"):
        estimate_step(np.ones((1, 2)), np.ones(1))
    with pytest.raises(ValueError, match="method among"):
        parameter_free_sgd(Gaussian(2), [1, 0], [0, 0], updates=1, runs=1, rng=np.random.default_rng(0), method="best")
    with pytest.raises(ValueError, match="FiniteLaw or a spherical law"):
        normalized_rate(SkewExponential(2), [1, 0])
    assert normalized_rate(FiniteLaw(((0, 0), (1, 0), (0, 2))), (1, 1)) == pytest.approx(1 - 1 / 3)
