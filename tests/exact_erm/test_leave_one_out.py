"""Leave-one-out: pruned against plain, bounds against least squares, the loss of the nets returned."""

from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.exact_erm import leave_one_out as module
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.leave_one_out import leave_one_out, leave_one_out_again
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import ray_cells
from mathdl.exact_erm.theorems.landscape import without

CASES = [(7, 1, 1, False), (6, 1, 2, True), (6, 2, 1, True), (5, 2, 2, False), (4, 1, 3, False)]


@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_algorithm_1(case):
    D, n, w, bias = case
    problem = planted(D, n, w, output_bias=bias, rng=np.random.default_rng(1))
    found = leave_one_out(problem)
    scale = float(problem.y @ problem.y)
    assert found.value == pytest.approx(erm_bruteforce(problem).value, abs=1e-10 * scale)
    plain = [erm_bruteforce(without(problem, j)).value for j in range(D)]
    assert found.values == pytest.approx(plain, abs=1e-10 * scale)
    assert found.n_solved < found.n_subproblems
    assert leave_one_out(problem, prune=False).n_solved == found.n_subproblems


@pytest.mark.parametrize("bias", [False, True])
def test_losses_windows_and_nets_fit_together(bias):
    rng = np.random.default_rng(2)
    base = planted(7, 1, 2, output_bias=bias, rng=rng)
    problem = replace(base, sample_weight=rng.uniform(0.2, 3, 7))
    found = leave_one_out(problem)
    own = problem.losses(found.net(problem.x).ravel())
    assert own.sum() == pytest.approx(found.value)
    assert found.windows == pytest.approx(found.value - own)
    assert (found.values <= found.windows + 1e-11).all()
    for j, net in enumerate(found.nets):
        losses = problem.losses(net(problem.x).ravel())
        assert losses.sum() - losses[j] == pytest.approx(found.values[j], abs=1e-9)
        assert losses[j] == pytest.approx(found.losses[j])
    assert found.risk == pytest.approx(found.losses.sum())


@pytest.mark.parametrize(("width", "bias"), [(1, False), (2, False), (2, True)])
def test_the_bounds_are_least_squares_without_each_sample(width, bias):
    problem = planted(6, 2, width, output_bias=bias, rng=np.random.default_rng(0))
    cells = ray_cells(problem)
    rows = np.array(list(combinations_with_replacement(range(len(cells)), width)))[::7]
    values, bounds = module._bounds(cells, rows)
    for row, value, bound in zip(rows, values, bounds, strict=True):
        M = np.hstack([cells.patterns[i][:, None] * problem.lifted for i in row] + [np.ones((6, 1))] * bias)
        for j in range(7):
            keep = np.arange(6) != j  # j = 6: all
            fit = np.linalg.lstsq(M[keep], problem.y[keep], rcond=1e-10)[0]
            residual = ((M[keep] @ fit - problem.y[keep]) ** 2).sum()
            assert residual == pytest.approx(bound[j] if j < 6 else value, abs=1e-9)


def test_a_bound_without_its_correction_prunes_too_much():
    # The least squares value with all samples is no lower bound for the value without one of them.
    problem = ERMProblem(np.arange(6.0), [1.0, 2.0, 3.0, 9.0, 5.0, 6.0], 1)
    cells = ray_cells(problem)
    values, bounds = module._bounds(cells, np.arange(len(cells))[:, None])
    found = leave_one_out(problem)
    assert found.values[3] == pytest.approx(0, abs=1e-20)
    assert values.min() > 1
    assert (bounds.min(axis=0) <= found.values + 1e-12).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=2, max_size=6), st.booleans())
def test_degenerate_integer_data(samples, bias):
    x, y = np.array(samples, dtype=float).T
    problem = ERMProblem(x, y, 1, output_bias=bias)
    found = leave_one_out(problem)
    plain = [erm_bruteforce(without(problem, j)).value for j in range(len(y))]
    assert found.values == pytest.approx(plain, abs=1e-10 * max(1.0, float(y @ y)))


@pytest.mark.parametrize("bias", [False, True])
def test_solving_again_for_every_sample_agrees(bias):
    problem = planted(8, 1, 2, output_bias=bias, rng=np.random.default_rng(4))
    window, again = leave_one_out(problem), leave_one_out_again(problem)
    scale = float(problem.y @ problem.y)
    assert again.values == pytest.approx(window.values, abs=1e-9 * scale)
    assert again.value == pytest.approx(window.value, abs=1e-9 * scale)
    assert again.windows == pytest.approx(again.value - problem.losses(again.net(problem.x).ravel()))
    for j, net in enumerate(again.nets):
        assert problem.losses(net(problem.x).ravel())[j] == pytest.approx(again.losses[j])
    hinge = ERMProblem(np.arange(5.0), [1, -1, 1, 1, -1], 1, "hinge", output_bias=bias)
    plain = [erm_bruteforce(without(hinge, j)).value for j in range(5)]
    assert leave_one_out_again(hinge).values == pytest.approx(plain, abs=1e-7)
    with pytest.raises(ValueError, match="at least two"):
        leave_one_out_again(ERMProblem([0.0], [1.0], 1))


def test_data_that_fit_exactly_cost_nothing_in_sample_and_something_outside():
    problem = ERMProblem([0.0, 1.0, 2.0, 3.0], [1.0, 0.0, 1.0, 5.0], 2)
    found = leave_one_out(problem)
    assert found.value == pytest.approx(0, abs=1e-25)
    assert found.values == pytest.approx(0, abs=1e-25)
    assert found.risk > 0.1


@pytest.mark.parametrize(("problem", "message"), [
    (ERMProblem([0.0, 1.0], [0.0, 1.0], 1, "absolute"), "expected 'squared'"),
    (ERMProblem([0.0], [1.0], 1), "at least two samples"),
    (planted(40, 2, 2, rng=np.random.default_rng(0)), "at most 2000000 tuples")])
def test_bad_input_is_refused(problem, message):
    with pytest.raises(ValueError, match=message):
        leave_one_out(problem)
