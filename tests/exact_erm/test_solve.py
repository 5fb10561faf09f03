"""`global_minimum`: the method it chooses, and what it says when an enumeration would take too long."""

import numpy as np
import pytest

from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rational import exact_minimum
from mathdl.exact_erm.solve import count_tuples, global_minimum


def problem(samples=8, inputs=2, width=1, loss="squared"):
    rng = np.random.default_rng(0)
    return ERMProblem(rng.standard_normal((samples, inputs)), rng.choice([-1.0, 1.0], samples), width, loss)


def test_all_methods_agree():
    p = problem()
    values = [global_minimum(p, method=m).value for m in ("auto", "enumerate", "branch and bound", "brute force")]
    assert values == pytest.approx(4 * values[:1], rel=1e-8)


def test_the_squared_loss_is_enumerated():
    assert global_minimum(problem()).method == "enumeration"


@pytest.mark.parametrize("hard", [problem(loss="absolute"), problem(loss="hinge")])
def test_other_losses_are_branched(hard):
    assert "branch" in global_minimum(hard).method


def test_large_problems_are_branched():
    result = global_minimum(problem(width=2), max_subproblems=10)
    assert "branch" in result.method


def test_an_enumeration_of_hours_is_refused_with_its_size():
    with pytest.raises(ValueError, match=r"this problem has 5.37e\+13, about 62.2 days.*branch and bound"):
        global_minimum(problem(60, 3, 3), method="enumerate")


def test_bad_methods_are_refused():
    with pytest.raises(ValueError, match="expected one of 'auto', 'enumerate'.*got 'guess'"):
        global_minimum(problem(), method="guess")


def test_tuples_are_counted_without_order():
    assert count_tuples(problem(7, 2, 2)) == 44 * 45 // 2


def test_what_rounding_leaves_open_goes_to_branch_and_bound():
    far = ERMProblem([0, 1, 2, 3, 1e12], [0, 1, 0, 1, 2], 2)
    assert global_minimum(far, method="enumerate").status == "stopped"
    found = global_minimum(far)
    assert (found.method, found.status) == ("branch and bound", "optimal")
    assert found.value == pytest.approx(float(exact_minimum(far).value), rel=1e-9)
