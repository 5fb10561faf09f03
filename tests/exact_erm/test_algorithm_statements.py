"""Statements on Algorithm 1 and its subproblem: they hold, fall silent, and fail without their hypotheses."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.theorems import algorithm as T

seeds = st.integers(0, 10 ** 6)
few = settings(max_examples=5)


@pytest.mark.statement("exact_erm/equation-2.5")
@few
@given(seeds, st.integers(1, 3), st.integers(1, 3))
def test_cells_are_convex_programs(seed, inputs, width):
    assert T.cell_subproblem(cells_tried=8, inputs=inputs, width=width, seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/equation-2.5")
def test_a_wrong_cell_is_silent_and_its_value_is_nobody_s():
    verdict = T.cell_subproblem(flip=True)
    assert (verdict.state, verdict.satisfied) == (State.SILENT, False)


@pytest.mark.statement("exact_erm/equation-2.5")
def test_a_wrong_multiplier_is_seen(monkeypatch):
    solve = T.solve_cell

    def spoilt(M, y, G):
        solution = solve(M, y, G)
        solution.multipliers[:] = 0
        return type(solution)(**{**vars(solution), "stationarity": abs(M.T @ solution.slope).max()})

    monkeypatch.setattr(T, "solve_cell", spoilt)
    assert T.cell_subproblem(cells_tried=5).state is State.VIOLATED


@pytest.mark.statement("exact_erm/algorithm-1")
@few
@given(seeds, st.sampled_from([(1, 1, 5), (1, 2, 3), (2, 1, 5)]), st.sampled_from(["squared", "absolute", "hinge"]))
def test_cells_are_enough(seed, shape, loss):
    inputs, width, samples = shape
    assert T.corrected_algorithm(samples=samples, inputs=inputs, width=width, loss=loss, seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/algorithm-1")
def test_the_trivial_cells_must_not_be_forgotten():
    verdict = T.corrected_algorithm(without="all", width=1)  # all active: where data above zero are fitted
    assert (verdict.state, verdict.satisfied) == (State.SILENT, False)
    assert T.corrected_algorithm(without="none", width=1).state is State.SILENT


@pytest.mark.statement("exact_erm/algorithm-1")
@few
@given(seeds)
def test_a_search_of_another_kind_agrees(seed):
    rng = np.random.default_rng(seed)
    problem = ERMProblem(rng.standard_normal((6, 1)), rng.standard_normal(6), 2)
    other = branch_and_bound(problem, gap=1e-6, node_limit=5000)
    assert other.value == pytest.approx(erm_bruteforce(problem).value, abs=1e-6 * problem.zero_value)


@pytest.mark.statement("exact_erm/theorem-2.4.1")
@few
@given(seeds, st.sampled_from([(2, 1, 5), (2, 2, 4), (3, 1, 5), (2, 1, 2)]), st.sampled_from(["squared", "absolute"]))
def test_the_number_of_programs_is_polynomial(seed, shape, loss):
    inputs, width, samples = shape
    verdict = T.polynomial_search(samples=samples, inputs=inputs, width=width, loss=loss, nets=10, seed=seed)
    assert verdict.state is State.HOLDS
    assert math.log2(verdict.bound) == pytest.approx(width * (1 + inputs * math.log2(samples)))


@pytest.mark.statement("exact_erm/theorem-2.4.1")
@pytest.mark.parametrize("shape", [{"inputs": 1, "samples": 6}, {"inputs": 2, "samples": 1}])
def test_the_line_and_the_single_sample_have_more(shape):
    verdict = T.polynomial_search(**shape)
    assert (verdict.state, verdict.satisfied) == (State.SILENT, False)


@pytest.mark.statement("exact_erm/theorem-2.4.1")
def test_a_search_that_is_beaten_does_not_count(monkeypatch):
    monkeypatch.setattr(T, "random_net_value", lambda problem, rng: 0.0)
    assert T.polynomial_search().state is State.VIOLATED


@pytest.mark.statement("exact_erm/erratum-E1")
@few
@given(seeds, st.integers(1, 2))
def test_the_printed_objective_is_zero(seed, width):
    verdict = T.printed_minimum(samples=6, width=width, seed=seed)
    assert verdict.measured == 0
    assert verdict.state is (State.VIOLATED if verdict.bound > verdict.error else State.HOLDS)


@pytest.mark.statement("exact_erm/erratum-E1")
def test_the_corrected_objective_holds_there():
    assert T.printed_minimum().state is State.VIOLATED
    assert T.corrected_algorithm(samples=5, inputs=2, width=1).state is State.HOLDS


@pytest.mark.statement("exact_erm/erratum-E9")
@few
@given(seeds, st.integers(1, 3), st.integers(2, 4))
def test_ties_do_not_matter(seed, width, grid):
    assert T.closed_cells(grid=grid, width=width, nets=60, seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/erratum-E9")
def test_a_step_would_matter(monkeypatch):
    def steps(lifted, patterns, signs):  # the gate 1[z > 0] in place of σ: a tie is worth 1 or 0
        p = np.asarray(patterns)
        return np.hstack([s * q[:, None] * (lifted + np.array([0, 0, 1])) for s, q in zip(signs, p, strict=True)]), None

    monkeypatch.setattr(T, "cell_matrices", steps)
    assert T.closed_cells().state is State.VIOLATED


@pytest.mark.statement("exact_erm/erratum-E9")
def test_without_ties_it_is_silent():
    assert T.closed_cells(nets=0).state is State.SILENT
