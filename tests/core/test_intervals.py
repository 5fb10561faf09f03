"""Intervals keep their promises: exactly for the binomial, and seen to fail when they are too short."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from mathdl.core.intervals import ALARM, COMPARISONS, FAMILY, binomial_interval, mean_error


@pytest.mark.parametrize("p", [0.0, 0.003, 0.2, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("alarm", [0.1, 1e-3])
def test_the_binomial_interval_misses_as_rarely_as_it_says(p, alarm):
    """The exact probability of a miss, summed over all counts."""
    trials = 60
    intervals = [binomial_interval(k, trials, alarm) for k in range(trials + 1)]
    missed = sum(binom.pmf(k, trials, p) for k, (low, high) in enumerate(intervals) if not low <= p <= high)
    assert missed <= alarm * (1 + 1e-9)


def test_a_shorter_interval_misses_too_often():
    trials, p, alarm = 60, 0.2, 0.1
    shrunk = [(k / trials + 0.5 * (low - k / trials), k / trials + 0.5 * (high - k / trials))
              for k, (low, high) in ((k, binomial_interval(k, trials, alarm)) for k in range(trials + 1))]
    assert sum(binom.pmf(k, trials, p) for k, (low, high) in enumerate(shrunk) if not low <= p <= high) > alarm


def test_ends_and_errors():
    assert binomial_interval(0, 10)[0] == 0
    assert binomial_interval(10, 10)[1] == 1
    for bad in ((-1, 5), (6, 5), (0, 0)):
        with pytest.raises(ValueError, match="expected 0 <= successes"):
            binomial_interval(*bad)
    with pytest.raises(ValueError, match="at least two values"):
        mean_error([1.0])


def test_the_error_of_a_mean_is_its_normal_quantile():
    sample = np.random.default_rng(0).standard_normal((50, 3))
    expected = norm.isf(0.005) * sample.std(axis=0, ddof=1) / np.sqrt(50)
    assert mean_error(sample, alarm=0.01) == pytest.approx(expected, rel=1e-12)


def test_the_family_is_shared_out():
    assert COMPARISONS * ALARM <= FAMILY * (1 + 1e-12)
