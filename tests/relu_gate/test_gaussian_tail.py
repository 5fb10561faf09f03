"""Gaussian tails: closed forms, the two bounds, and how much noise each of them allows."""

import math

import numpy as np
import pytest
from scipy.stats import chi2, norm

from mathdl.core.intervals import binomial_interval
from mathdl.relu_gate.gaussian_tail import TAILS, gaussian_tail, max_noise


@pytest.mark.parametrize("n", [1, 2, 20])
def test_equal_deviations_are_chi_square(n):
    assert gaussian_tail(3.0, (0.7,) * n) == pytest.approx(chi2.sf((3 / 0.7) ** 2, n), rel=1e-10)
    assert gaussian_tail(3.0, (1.0,)) == pytest.approx(2 * norm.sf(3), rel=1e-10)
    assert gaussian_tail(3.0, (0.0, 0.0), "printed") == 0


@pytest.mark.parametrize("seed", range(20))
def test_both_bounds_are_above_the_tail(seed):
    rng = np.random.default_rng(seed)
    sigmas, C_L = rng.uniform(0.1, 1, int(rng.integers(1, 12))), rng.uniform(0.5, 6)
    exact = gaussian_tail(C_L, sigmas)
    assert exact <= gaussian_tail(C_L, sigmas, "printed")
    assert exact <= gaussian_tail(C_L, sigmas, "concentration") * (1 + 1e-9)


def test_the_exact_tail_against_draws():
    sigmas = (0.3, 0.5, 1.0)
    draws = np.random.default_rng(0).standard_normal((20000, 3)) * sigmas
    low, high = binomial_interval(int((np.linalg.norm(draws, axis=1) > 1.5).sum()), 20000)
    assert low < gaussian_tail(1.5, sigmas) < high


@pytest.mark.parametrize("kind", TAILS)
@pytest.mark.parametrize(("updates", "budget"), [(100, 1.0), (1000, 0.01), (2, 1.5)])
def test_the_allowed_noise_uses_up_the_budget(kind, updates, budget):
    shape = np.array([1.0, 2.0, 3.0])
    power = max_noise(0.8, updates, shape=shape, budget=budget, kind=kind)
    sigmas = shape * math.sqrt(power / (shape @ shape))
    assert updates * gaussian_tail(0.8, sigmas, kind) == pytest.approx(budget, rel=1e-8)


def test_the_condition_of_the_remark():
    assert max_noise(2.0, 1000) == pytest.approx(4 / (8 * math.log(4000)))
    allowed = max_noise(1.0, 50)
    assert 50 * gaussian_tail(1.0, [math.sqrt(0.99 * allowed)], "printed") < 1
    assert 50 * gaussian_tail(1.0, [math.sqrt(1.01 * allowed)], "printed") > 1  # condition violated
    assert 50 * gaussian_tail(1.0, [math.sqrt(1.01 * allowed)]) < 1e-7  # although the exact sum of tails is tiny


def test_the_order_of_the_three():
    for n in (1, 5, 50):
        printed, concentration, exact = (max_noise(1.0, 100, shape=(1.0,) * n, kind=kind) for kind in TAILS)
        assert printed < concentration < exact


@pytest.mark.parametrize(("call", "message"), [
    (lambda: gaussian_tail(1.0, [1.0], "sharp"), "printed, concentration, exact"),
    (lambda: max_noise(1.0, 10, budget=0), "budget"),
    (lambda: max_noise(1.0, 10, budget=11), "at most i_max = 10"), (lambda: gaussian_tail(1.0, [-1.0]), "sigmas")])
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
