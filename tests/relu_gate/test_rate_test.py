"""Tests of a claimed rate: exact on small laws, false alarms and power by simulation, refusals."""

from itertools import product

import numpy as np
import pytest

from mathdl.core.intervals import binomial_interval
from mathdl.relu_gate.laws import Gaussian, Pareto
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.rate_test import holm, rate_test
from mathdl.relu_gate.runs import GateRuns
from mathdl.relu_gate.theorems.rates import gaussian_rate, p_values

LEVEL, SLACK = 0.05, 0.02  # SLACK: what 50 skewed runs may add to the level of a test that is right in the limit


def runs_of(before, after):
    return GateRuns(1, np.array([before, after], dtype=float), np.zeros((len(before), 1)))


def rejections(n, factor, method, tests, seed=0):
    p = p_values(Gaussian(n), gaussian_rate(n, 5) * factor, runs=50, window=5, tests=tests, method=method,
                 rng=np.random.default_rng(seed))
    return int((p <= LEVEL).sum())


@pytest.mark.statement("relu_gate/ours-rate-test")
@pytest.mark.parametrize(("method", "tests", "slack"), [("t", 1500, SLACK), ("bootstrap", 200, SLACK),
                                                       ("betting", 1500, 0.0)])
@pytest.mark.parametrize("n", [2, 8])
def test_false_alarms(method, tests, slack, n):
    assert binomial_interval(rejections(n, 1.0, method, tests), tests)[0] <= LEVEL + slack


@pytest.mark.statement("relu_gate/ours-rate-test")
@pytest.mark.parametrize(("method", "factor", "power"), [("t", 0.95, 0.8), ("bootstrap", 0.95, 0.7),
                                                        ("betting", 0.9, 0.8)])
def test_power_against_a_worse_rate(method, factor, power):
    assert binomial_interval(rejections(3, factor, method, 300), 300)[0] >= power


@pytest.mark.statement("relu_gate/ours-rate-test")
def test_betting_is_exact_for_few_runs_of_a_coin():
    """All outcomes of 10 runs in which the square doubles or vanishes: E X = 1, and the level holds exactly."""
    rejected = 0
    for outcome in product((0.0, 2.0), repeat=10):
        p = rate_test(runs_of(np.ones(10), np.array(outcome)), 1.0, first=1, last=2, method="betting").p_value
        rejected += p <= LEVEL
    assert 0 < rejected / 2 ** 10 <= LEVEL
    worse = rate_test(runs_of(np.ones(10), np.full(10, 2.0)), 1.0, first=1, last=2, method="betting")
    stakes = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.8])
    assert worse.evidence == pytest.approx(((1 + stakes) ** 10).mean(), rel=1e-12)


def test_betting_needs_no_moments():
    """Pareto inputs have no fourth moment: E‖v‖² is infinite after one step, and no spread can test its mean."""
    squares = modified_sgd(Pareto(2), [1, 0], [0, 0], step=0.5, updates=3, runs=2000, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="Hill estimate"):
        rate_test(squares, 0.9, first=1, last=4)
    assert 0 < rate_test(squares, 0.9, first=1, last=4, method="betting").p_value <= 1


def test_the_statistic_by_hand():
    before, after = np.ones(30), np.linspace(0.5, 1.0, 30)
    found = rate_test(runs_of(before, after), 0.7, first=1, last=2)
    spread = after.std(ddof=1) / after.mean() / np.sqrt(30)
    assert found.evidence == pytest.approx((np.log(after.mean()) - np.log(0.7)) / spread, rel=1e-12)
    assert found.estimate == pytest.approx(after.mean())
    resampled = rate_test(runs_of(before, after), 0.74, first=1, last=2, method="bootstrap",
                          rng=np.random.default_rng(0), resamples=4000).p_value
    assert resampled == pytest.approx(rate_test(runs_of(before, after), 0.74, first=1, last=2).p_value, abs=0.03)


def test_runs_without_spread():
    same = runs_of(np.ones(30), np.full(30, 0.5))
    assert rate_test(same, 0.5, first=1, last=2).p_value == 1
    assert rate_test(same, 0.4, first=1, last=2).p_value == 0


def test_holm():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        holm([1.5])


@pytest.mark.statement("relu_gate/ours-rate-test")
def test_holm_over_several_n_keeps_the_family_s_level():
    """Four sizes tested together, 400 times: some true claim is rejected in at most a twentieth of the families."""
    p = np.array([p_values(Gaussian(n), gaussian_rate(n, 4), runs=50, window=4, tests=400, method="t",
                           rng=np.random.default_rng(n)) for n in (2, 4, 6, 8)])
    wrong = sum((holm(family) <= LEVEL).any() for family in p.T)
    assert binomial_interval(int(wrong), 400)[0] <= LEVEL + SLACK
    uncorrected = int((p <= LEVEL).any(axis=0).sum())
    assert binomial_interval(uncorrected, 400)[0] > LEVEL  # without Holm the family's level is lost


def test_refusals():
    runs = runs_of(np.ones(30), np.ones(30))
    for options in ({"first": 2, "last": 2}, {"first": 1, "last": 2, "method": "z"}):
        with pytest.raises(ValueError, match="expected claimed > 0"):
            rate_test(runs, 0.5, **options)
    with pytest.raises(ValueError, match="arrived"):
        rate_test(runs_of(np.zeros(30), np.ones(30)), 0.5, first=1, last=2)
    with pytest.raises(ValueError, match="at least 25 runs"):
        rate_test(runs_of(np.ones(5), np.ones(5)), 0.5, first=1, last=2)
    with pytest.raises(ValueError, match="rng"):
        rate_test(runs_of(np.ones(30), np.linspace(1, 2, 30)), 0.5, first=1, last=2, method="bootstrap")
    with pytest.raises(ValueError, match="a time from 1 to 2"):
        rate_test(runs, 0.5, first=0, last=1)
