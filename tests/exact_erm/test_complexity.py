"""What exact training costs: counts against enumeration, refusals, and (slowly) times against counts."""

from itertools import combinations_with_replacement, product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.exact_erm import complexity
from mathdl.exact_erm.algorithm1 import erm_bruteforce, guesses
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.complexity import (
    complexity_report,
    distinct_subproblems,
    duration,
    largest_sample,
    measured_times,
    ordered_subproblems,
    seconds_per_subproblem,
)
from mathdl.exact_erm.problem import ERMProblem


@pytest.mark.parametrize(("n_cells", "distinct", "ordered"), [(58, 6786, 13456), (32, 2080, 4096)])
def test_known_counts(n_cells, distinct, ordered):
    assert distinct_subproblems(n_cells, 2) == distinct
    assert ordered_subproblems(n_cells, 2) == ordered


@given(st.integers(1, 40), st.integers(1, 6))
def test_one_binomial_is_the_sum_over_signs(N, w):
    by_signs = sum(comb(N + q - 1, q) * comb(N + w - q - 1, w - q) for q in range(w + 1))
    assert distinct_subproblems(N, w) == by_signs <= ordered_subproblems(N, w) <= (2 * N) ** w


@pytest.mark.parametrize(("N", "w"), [(1, 1), (3, 1), (2, 2), (4, 2), (3, 3)])
def test_counts_by_listing(N, w):
    assert sum(1 for _ in guesses(N, w)) == distinct_subproblems(N, w)
    assert sum(1 for _ in guesses(N, w, symmetry=False)) == ordered_subproblems(N, w)
    assert sum(1 for _ in combinations_with_replacement(product((1, -1), range(N)), w)) == distinct_subproblems(N, w)


@pytest.mark.parametrize(("D", "n", "w"), [(8, 2, 2), (5, 1, 3), (6, 3, 1), (1, 2, 2), (2, 5, 1)])
def test_the_report_counts_what_the_algorithm_solves(D, n, w):
    report = complexity_report(D, n, w)
    x = np.random.default_rng(0).standard_normal((D, n))
    assert report.cells == cells(x).n_cells
    if report.subproblems < 300:
        assert erm_bruteforce(ERMProblem(x, x[:, 0], w)).n_subproblems == report.subproblems
    assert report.seconds is None
    assert f"{report.subproblems:,} subproblems" in repr(report)


def test_the_printed_bound_is_one_from_two_inputs_on():
    assert all((r := complexity_report(D, n, w)).ordered <= r.printed
               for D in range(2, 15) for n in (2, 3, 4) for w in (1, 2))
    line = complexity_report(5, 1, 1)
    assert line.ordered > line.printed


def test_predictions_scale_and_too_much_is_refused_with_advice():
    report = complexity_report(20, 2, 2, seconds_each=1e-4)
    assert report.seconds == pytest.approx(29.223)
    assert "29.2 s" in str(report)
    assert complexity_report(20, 2, 2, seconds_each=1e-4, budget=30).seconds < 30
    with pytest.raises(ValueError, match=r"expected at most 20 s. With the same n and w it fits up to D = (\d+)") as no:
        complexity_report(20, 2, 2, seconds_each=1e-4, budget=20)
    D = largest_sample(2, 2, 1e-4, 20)
    assert f"D = {D};" in str(no.value)
    assert complexity_report(D, 2, 2, seconds_each=1e-4).seconds <= 20
    assert complexity_report(D + 1, 2, 2, seconds_each=1e-4).seconds > 20
    assert largest_sample(2, 2, 1.0, 1e-3) == 0


@pytest.mark.parametrize(("arguments", "options", "message"), [
    ((0, 2, 2), {}, "n_samples: expected a positive integer; got 0"), ((5, 2.0, 2), {}, "n_inputs"),
    ((5, 2, True), {}, "width"), ((5, 2, 2), {"budget": 3.0}, "seconds_each with it"),
    ((5, 2, 2), {"seconds_each": 0.0}, "positive number of seconds"),
    ((5, 2, 2), {"seconds_each": 1.0, "budget": float("nan")}, "budget")])
def test_bad_requests(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        complexity_report(*arguments, **options)


@pytest.mark.parametrize(("seconds", "words"), [(2.5e-5, "0.025 ms"), (0.0023, "2.3 ms"), (41, "41 s"), (60, "1 min"),
                                                (7200, "2 h"), (3 * 86400, "3 days"), (4.2e16, "1.33e+09 years")])
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words


def test_the_time_of_one_is_measured(monkeypatch):
    clock = iter([10.0, 13.0])
    monkeypatch.setattr(complexity, "process_time", lambda: next(clock))
    assert seconds_per_subproblem(5, 2, 1, rng=np.random.default_rng(0), trials=30) == pytest.approx(0.1)


def test_times_come_with_the_counts():
    counts, seconds = measured_times((2, 4, 3), 2, 1, rng=np.random.default_rng(0), rounds=1)
    assert counts.tolist() == [complexity_report(D, 2, 1).subproblems for D in (2, 4, 3)]
    assert (seconds > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 2])
def test_time_is_proportional_to_the_count(width):
    """Slope of log processor time against log count 1.0 +- 0.15 for D = 5, …, 10 points of the plane."""
    counts, seconds = measured_times(range(5, 11), 2, width, rng=np.random.default_rng(1), rounds=16 // width ** 2)
    assert np.polyfit(np.log(counts), np.log(seconds), 1)[0] == pytest.approx(1.0, abs=0.15)
