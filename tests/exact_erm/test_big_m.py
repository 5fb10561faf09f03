"""The big-M model: right while M is valid, wrong on both sides of that, and no M is valid for all data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.big_m import big_m_erm, least_big_m
from mathdl.exact_erm.losses import quantile
from mathdl.exact_erm.problem import ERMProblem

STEEP = (np.array([-1, 0, 0.01]), np.array([0, 0, 1.0]))


def gaussian(D, n, w, seed, **options):
    rng = np.random.default_rng(seed)
    return ERMProblem(rng.standard_normal((D, n)), rng.standard_normal(D), w, "absolute", **options)


@pytest.mark.parametrize(("shape", "options"), [((5, 1, 1), {}), ((5, 2, 1), {}), ((4, 1, 2), {}),
                                                ((4, 1, 1), {"output_bias": True}),
                                                ((5, 1, 1), {"sample_weight": [1, 2, 0, 3, 0.5]})])
def test_a_valid_m_finds_the_optimum(shape, options):
    problem = gaussian(*shape, 4, **options)
    answer, certified = big_m_erm(problem, 1000), erm_bruteforce(problem)
    assert answer.status == "optimal"
    assert answer.claimed == pytest.approx(certified.value, abs=1e-5)
    assert answer.value == pytest.approx(certified.value, abs=1e-2)  # a gate that is off may put out 1000 x 1e-6
    assert answer.bound <= certified.value + 1e-5


def test_hinge_and_quantile_losses_too():
    x = np.array([-1.0, 0, 1, 2])
    for problem in (ERMProblem(x, [1, -1, 1, -1.0], 1, "hinge"),
                    ERMProblem(x, [0, 2, 1, 3.0], 1, quantile(0.8))):
        assert big_m_erm(problem, 100).claimed == pytest.approx(erm_bruteforce(problem).value, abs=1e-5)


@pytest.mark.statement("exact_erm/ours-big-m")
@pytest.mark.parametrize("M", [1.0, 20.0, 90.0])
def test_too_small_an_m_claims_the_optimum_of_another_problem(M):
    """On x = -1, 0, e the best gate with slope at most M + b pays (1 - M e) / (1 + e): at x = 0, none elsewhere."""
    answer = big_m_erm(ERMProblem(*STEEP, 1, "absolute"), M)
    assert answer.status == "optimal"
    assert answer.claimed == pytest.approx((1 - 0.01 * M) / 1.01, abs=1e-6)
    assert answer.value == pytest.approx(answer.claimed, abs=1e-6)
    assert answer.largest == pytest.approx(M, abs=1e-6)


def test_an_ordinary_sample_needs_more_than_twenty():
    problem = gaussian(8, 2, 1, 2)
    certified = erm_bruteforce(problem)
    small, large = big_m_erm(problem, 20), big_m_erm(problem, 200)
    assert small.claimed > certified.value + 0.3
    assert large.claimed == pytest.approx(certified.value, abs=1e-4)
    assert abs(certified.theta @ problem.lifted.T).max() > 20


@pytest.mark.statement("exact_erm/ours-large-big-m")
def test_too_large_an_m_claims_what_no_net_has():
    problem = ERMProblem([0, 1, 2.0], [1, 0, 1.0], 1, "absolute")
    answer = big_m_erm(problem, 1e6)
    assert answer.status == "optimal"
    assert answer.claimed < 1e-6 < 1 == pytest.approx(erm_bruteforce(problem).value)
    assert answer.value >= 1 - 1e-6


def test_a_time_limit_stops_with_a_bound():
    answer = big_m_erm(gaussian(16, 2, 2, 0), 5000, time_limit=0.3)
    assert answer.status == "stopped"
    assert answer.bound <= answer.claimed
    assert answer.seconds < 5


@pytest.mark.parametrize(("problem", "M", "message"), [
    (ERMProblem([0, 1.0], [1, 0.0], 1), 20, "straight lines"), (ERMProblem(*STEEP, 1, "absolute"), 0, "positive")])
def test_bad_requests(problem, M, message):
    with pytest.raises(ValueError, match=message):
        big_m_erm(problem, M)


@pytest.mark.statement("exact_erm/ours-no-big-m")
@settings(max_examples=15)
@given(st.integers(1, 3), st.floats(1e-3, 1))
def test_the_least_m_of_three_samples(w, spacing):
    problem = ERMProblem([-1, 0, spacing], [0, 0, 1.0], w, "absolute")
    assert least_big_m(problem) == pytest.approx(1 / (w * spacing), rel=1e-6)


@pytest.mark.parametrize(("w", "M"), [(1, 101), (1, 99), (2, 51), (2, 49)])
def test_the_model_with_just_enough_and_just_too_little(w, M):
    answer = big_m_erm(ERMProblem(*STEEP, w, "absolute"), M)
    assert (answer.claimed < 1e-5) == (w * M > 100)


def test_a_net_of_loss_0_is_needed():
    with pytest.raises(ValueError, match="no net of width 1"):
        least_big_m(ERMProblem([0, 1, 2.0], [1, 0, 1.0], 1, "absolute"))
    with pytest.raises(ValueError, match="without output bias"):
        least_big_m(ERMProblem(*STEEP, 1, "absolute", output_bias=True))
