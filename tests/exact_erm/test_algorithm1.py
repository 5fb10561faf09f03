"""Algorithm 1: optima that are known, counts, losses, degenerate data, refusals."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.exact_erm.algorithm1 import erm_bruteforce, guesses
from mathdl.exact_erm.printed import printed_objective
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.theorems.algorithm import best_over

KINK = np.array([-1.0, 0, 1, 2])


def planted(seed, noise=0.3, D=8):
    rng = np.random.default_rng(seed)
    X, A = rng.normal(size=(D, 2)), rng.normal(size=(2, 3))
    lifted = np.column_stack([X, np.ones(D)])
    return X, np.maximum(lifted @ A[0], 0) - np.maximum(lifted @ A[1], 0) + noise * rng.normal(size=D)


def test_the_optimum_of_the_reference_instance():
    result = erm_bruteforce(ERMProblem(*planted(3), 2))
    assert result.value == pytest.approx(0.0551083038, abs=1e-10)
    assert (result.n_subproblems, result.n_solved, result.status) == (6786, 6786, "optimal")
    assert 0 <= result.gap < 1e-12
    assert result.problem.value(result.net) == result.value
    assert result.proof.stationarity < 1e-12
    assert result.proof.multipliers.min() >= 0


def test_one_gate_needs_116_programs_in_the_plane():
    X, y = planted(0)
    result = erm_bruteforce(ERMProblem(X, y, 1))
    assert result.n_subproblems == 116 == 2 * 2 * sum(comb(7, i) for i in range(3))
    assert result.value == erm_bruteforce(ERMProblem(X, y, 1), symmetry=False).value


@pytest.mark.parametrize("seed", range(3))
def test_planted_nets_without_noise_are_found(seed):
    assert erm_bruteforce(ERMProblem(*planted(seed, noise=0, D=6), 2)).value < 1e-8


def test_hinge_on_xor_labels():
    X, _ = planted(3)
    y = np.sign(X[:, 0] * X[:, 1])
    assert erm_bruteforce(ERMProblem(X, y, 1, "hinge")).value == pytest.approx(4, abs=1e-7)


@pytest.mark.parametrize(("width", "bias", "value"), [(1, False, 0.3), (1, True, 0), (2, False, 0)])
def test_one_plus_relu(width, bias, value):
    result = erm_bruteforce(ERMProblem(KINK, 1 + np.maximum(KINK, 0), width, output_bias=bias))
    assert result.value == pytest.approx(value, abs=1e-12)
    assert (result.bias != 0) == bias


@pytest.mark.parametrize(("n", "w"), [(1, 1), (2, 2), (3, 3), (5, 3), (4, 1)])
def test_guesses_are_counted_and_complete(n, w):
    short, full = list(guesses(n, w)), list(guesses(n, w, symmetry=False))
    kinds = [{tuple(sorted(zip(*g, strict=True))) for g in which} for which in (short, full)]
    assert kinds[0] == kinds[1]
    assert len(short) == len(kinds[0]) == sum(comb(n + q - 1, q) * comb(n + w - q - 1, w - q) for q in range(w + 1))
    assert len(full) == len(set(full)) == (2 * n) ** w


def test_the_counts_of_the_ledger():
    assert [sum(comb(N + q - 1, q) * comb(N + 1 - q, 2 - q) for q in range(3)) for N in (58, 32)] == [6786, 2080]


@given(st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1), st.integers(-2, 2)), min_size=1, max_size=4),
       st.booleans())
@settings(max_examples=25)
def test_degenerate_data_agree_with_all_patterns(samples, bias):
    *x, y = np.array(samples, dtype=float).T
    problem = ERMProblem(np.column_stack(x), y, 1, output_bias=bias)
    every = np.array(np.meshgrid(*[[False, True]] * len(y))).reshape(len(y), -1).T
    assert erm_bruteforce(problem).value == pytest.approx(best_over(problem, every), abs=1e-9)


@pytest.mark.parametrize(("problem", "value"), [
    (ERMProblem([5.0], [3.0], 2), 0), (ERMProblem([1, 2, 3], [3, 3, 3], 4), 0), (ERMProblem([1, 1], [1, 3], 2), 2),
    (ERMProblem([-1e12, 0, 1e12], [1, 2, -3], 2), 0), (ERMProblem(np.zeros((3, 2)), [1, 2, 6], 1), 14),
    (ERMProblem([[0, 0], [1, 1], [2, 2]], [0, 1, 0], 1), 2 / 3)])
def test_corner_cases(problem, value):
    assert erm_bruteforce(problem).value == pytest.approx(value, abs=1e-12)


def test_polyhedral_and_smooth_losses_by_hand():
    x, y = [0, 0, 0], [1, 2, 6]  # one gate is one constant c >= 0
    for loss, value in (("absolute", 5), ("quantile 0.75", 1.75), ("huber", 4)):
        got = erm_bruteforce(ERMProblem(x, y, 1, loss)).value
        best = min(ERMProblem(x, y, 1, loss).losses([c] * 3).sum() for c in np.linspace(0, 7, 701))
        assert got == pytest.approx(best, abs=1e-6), (loss, value)


def test_a_function_as_loss_is_the_named_one():
    x, y = planted(1, D=5)
    named = erm_bruteforce(ERMProblem(x, y, 1))
    function = erm_bruteforce(ERMProblem(x, y, 1, lambda f, label: (f - label) ** 2))
    assert function.value == pytest.approx(named.value, abs=1e-8 * (y @ y))
    assert function.lower <= named.value + 1e-12


def test_logistic_where_the_infimum_is_not_attained():
    words = r"infimum 1.386294361 is not attained.*active on samples \[2\]\).*samples \[2\] go to 0"
    with pytest.raises(ValueError, match=words):
        erm_bruteforce(ERMProblem([0, 1, 2], [1, -1, 1], 1, "logistic"))


def test_logistic_where_it_is_attained_although_cells_run_away():
    result = erm_bruteforce(ERMProblem([0, 1, 2], [1, -1, 1], 1, "logistic", sample_weight=[1, 100, 1]))
    t = np.linspace(0, 10, 100001)  # by symmetry and convexity the best gate is the constant -t
    by_hand = (2 * np.log1p(np.exp(t)) + 100 * np.log1p(np.exp(-t))).min()
    assert result.value == pytest.approx(by_hand, abs=1e-6)


def test_backends_agree_or_are_refused():
    x, y = planted(2, D=5)
    problem = ERMProblem(x, y, 1)
    assert erm_bruteforce(problem, backend="qp").value == erm_bruteforce(problem).value
    assert erm_bruteforce(problem, backend="batched").value == pytest.approx(erm_bruteforce(problem).value, abs=1e-9)
    lp = ERMProblem(x, y, 1, "absolute")
    assert erm_bruteforce(lp, backend="lp").value == erm_bruteforce(lp).value
    for backend, which in (("lp", problem), ("qp", lp), ("batched", lp)):
        with pytest.raises(ValueError, match=f"backend '{backend}' does not solve"):
            erm_bruteforce(which, backend=backend)
    with pytest.raises(ValueError, match="backend: expected one of 'auto'"):
        erm_bruteforce(problem, backend="gpu")


def test_too_many_subproblems_are_counted_before_they_are_solved():
    with pytest.raises(ValueError, match=r"80 cells and width 5 make 929,632,032.*branch_and_bound"):
        erm_bruteforce(ERMProblem(np.arange(40), np.arange(40), 5))
    with pytest.raises(ValueError, match="expected at most 15"):
        erm_bruteforce(ERMProblem(KINK, KINK, 1), max_subproblems=15)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("width", [1, 2])
def test_the_printed_objective_is_zero_on_any_data(seed, width):
    problem = ERMProblem(*planted(seed), width)
    printed = printed_objective(problem)
    assert printed.value == 0
    assert not printed.patterns.any()
    assert printed.true_value == problem.zero_value


def test_the_bound_meets_the_value_when_residuals_are_zero_where_labels_are():
    found = erm_bruteforce(ERMProblem([[0, 0], [1, 1], [2, 2], [3, 3]], [0, 1, 0, 2], 2))
    assert found.value == pytest.approx(2 / 3, rel=1e-12)
    assert found.lower == pytest.approx(2 / 3, rel=1e-12)
