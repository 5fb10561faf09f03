"""What a reader may pass by mistake, or on purpose: a clear error, or the right answer by every method."""

import numpy as np
import pytest

from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rational import exact_minimum
from mathdl.exact_erm.solve import global_minimum

METHODS = (global_minimum, branch_and_bound, erm_bruteforce)
GENERIC = np.random.default_rng(0).normal(size=(6, 2))
LABELS = np.random.default_rng(1).normal(size=6)

ODD = {
    "one sample": ([[1.0, 2]], [3.0], 1),
    "one sample, two gates": ([[1.0, 2]], [3.0], 2),
    "more gates than samples": ([1.0, 2], [3.0, -1], 4),
    "all labels equal": (GENERIC, np.ones(6), 1),
    "all labels zero": (GENERIC, np.zeros(6), 1),
    "collinear in the plane": ([[0, 0], [1, 1], [2, 2], [3, 3]], [0, 1, 0, 2], 2),
    "one point three times": ([[1, 1]] * 3, [0, 1, 5], 1),
    "points of size 1e12": (GENERIC * 1e12, LABELS, 1),
    "points of size 1e-12": (GENERIC * 1e-12, LABELS, 1),
    "inputs in different units": (GENERIC * [1e12, 1e-6], LABELS, 1),
    "labels of size 1e12": (GENERIC, LABELS * 1e12, 1),
    "one point far out": ([0, 1, 2, 3, 1e12], [0, 1, 0, 1, 2], 1),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("x", "y", "width"), ODD.values(), ids=ODD)
def test_odd_data_get_the_exact_optimum(method, x, y, width):
    problem = ERMProblem(x, y, width)
    found, exact = method(problem), float(exact_minimum(problem).value)
    scale = 1e-9 * problem.zero_value  # the gap at which the methods stop
    assert found.value == pytest.approx(exact, rel=0, abs=scale)
    assert found.lower <= exact + scale
    assert found.status == "stopped" or found.lower >= found.value - 2.1 * scale


def test_samples_near_and_far_leave_an_honest_interval():
    """Weights of size 1e12 are within reach here: no float method may claim more than it has proved."""
    problem = ERMProblem([0, 1, 2, 3, 1e12], [0, 1, 0, 1, 2], 2)
    exact = float(exact_minimum(problem).value)
    for method in METHODS:
        found = method(problem)
        assert found.lower <= exact * (1 + 1e-9)
        assert found.value >= exact * (1 - 1e-9)
        assert found.status == "stopped" or found.gap <= 2e-9 * problem.zero_value


@pytest.mark.parametrize(("x", "y", "message"), [
    ([[np.nan, 1.0]], [1.0], "x: expected finite numbers; got nan at index 0, 0"),
    ([[1.0, 1.0]], [np.inf], "y: expected finite numbers; got inf at index 0"),
    (GENERIC, LABELS[:5], r"y: expected shape \(6,\), one label for each"),
    (np.zeros((0, 2)), [], "with at least one of each; got"),
    ([1e12, 1e12 + 1, 1e12 + 2], [0, 1, 0], "Subtract the median, 1000000000001"),
])
def test_what_cannot_be_fitted_is_refused_with_what_to_do(x, y, message):
    with pytest.raises(ValueError, match=message):
        ERMProblem(x, y, 1)


def test_an_enumeration_that_would_take_years_says_so_and_offers_branch_and_bound():
    rng = np.random.default_rng(0)
    problem = ERMProblem(rng.normal(size=(60, 2)), rng.normal(size=60), 5)
    with pytest.raises(ValueError, match=r"about .* (years|days).*branch and bound"):
        global_minimum(problem, method="enumerate")
    with pytest.raises(ValueError, match="convex subproblems; expected at most .* Use branch_and_bound"):
        erm_bruteforce(problem)
    found = global_minimum(problem, time_limit=0.5)
    assert (found.method, found.status) == ("branch and bound", "stopped")
    assert 0 <= found.lower <= found.value <= problem.zero_value


@pytest.mark.parametrize("method", METHODS)
def test_losses_without_a_best_net_are_refused(method):
    separable = np.where(GENERIC[:, 0] > 0, 1.0, -1.0)
    with pytest.raises(ValueError, match="zero-one.*not convex"):
        method(ERMProblem(GENERIC, separable, 1, "zero-one"))
    with pytest.raises(ValueError, match="loss 'logistic'"):
        method(ERMProblem(GENERIC, separable, 1, "logistic"))
