"""One cell: edges of its cone, the solution with its multipliers, all losses, ranks and scales."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from mathdl.exact_erm import cell_problem
from mathdl.exact_erm.cell_cone import cone_edges
from mathdl.exact_erm.cell_problem import best_combination, cell_matrices, solve_cell
from mathdl.exact_erm.losses import LOSSES, quantile
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.pwl_cells import pwl_constraints
from mathdl.exact_erm.tangents import minimise_by_tangents
from mathdl.exact_erm.theorems.algorithm import dual_value, violation
from mathdl.exact_erm.theorems.line import noisy_samples, piece_values
from mathdl.exact_erm.unattained import runaway

seeds = st.integers(0, 10 ** 6)


def random_cell(rng, D=8, n=2, w=2, grid=False):
    x = rng.integers(-1, 2, (D, n)).astype(float) if grid else rng.standard_normal((D, n))
    lifted = np.column_stack([x, np.ones(D)])
    patterns = (lifted @ rng.standard_normal((n + 1, w)) > 0).T
    signs = rng.choice([-1, 1], w)
    return x, rng.standard_normal(D), patterns, signs, *cell_matrices(lifted, patterns, signs)


def test_edges_of_a_quadrant_and_of_a_wedge():
    assert sorted(map(tuple, cone_edges(np.eye(2)))) == [(0, 1), (1, 0)]
    edges = cone_edges(np.array([[1.0, 0], [1, 1], [1, -1]]))
    assert sorted(np.sign(edges).tolist()) == [[1, -1], [1, 1]]


def test_edges_of_half_space_and_of_nothing():
    assert cone_edges(np.array([[2.0, 0]])).tolist() == [[0.5, 0]]  # up to the line on which the row vanishes
    assert len(cone_edges(np.array([[1.0], [-1.0]]))) == 0


def test_an_edge_is_kept_when_a_cofactor_that_is_zero_comes_out_as_rounding():
    x, y = noisy_samples(6, 2)
    I, S = (2, 4), (1, -1)
    M, G = piece_values(I, x), pwl_constraints(I, S, x)
    second = minimize(lambda t: ((M @ t - y) ** 2).sum(), np.zeros(M.shape[1]), method="SLSQP", tol=1e-12,
                      constraints={"type": "ineq", "fun": lambda t: G @ t})
    assert solve_cell(M, y, G).value == pytest.approx(second.fun, rel=1e-6)  # what SLSQP promises for this tol


@given(seeds)
def test_edges_span_the_cone(seed):
    rng = np.random.default_rng(seed)
    *_, G = random_cell(rng, D=6, n=2, w=1)
    edges = cone_edges(G)
    assert (G @ edges.T >= -1e-12).all()
    theta = next(t for t in rng.standard_normal((10 ** 5, 3)) if (G @ t > 0).all()) if len(edges) else None
    if theta is not None:  # a point inside is a combination of three edges
        best = min(np.where(np.linalg.matrix_rank(B) == 3, -np.linalg.lstsq(B, theta)[0].min(), np.inf)
                   for B in (edges[list(c)].T for c in combinations(range(len(edges)), 3)))
        assert best <= 1e-9


def test_five_hundred_random_cells():
    rng = np.random.default_rng(0)
    full = 0
    for _ in range(500):
        x, y, _, signs, M, G = random_cell(rng)
        solution = solve_cell(M, y, G)
        assert violation(solution, M, y, G) < 1e-8
        assert solution.gap <= 1e-12 * (y @ y)
        assert (solution.multipliers @ (G @ solution.theta)) == pytest.approx(0, abs=1e-9)
        net = ERMProblem(x, y, 2).net(solution.theta.reshape(2, 3), signs)
        assert ERMProblem(x, y, 2).value(net) == pytest.approx(solution.value, abs=1e-9)
        if np.linalg.matrix_rank(M) == 6:
            full += 1
            assert dual_value(M, y, G) == pytest.approx(solution.value, abs=1e-8)
    assert full > 100


@given(seeds, st.booleans())
def test_degenerate_cells_have_multipliers_too(seed, tie):
    rng = np.random.default_rng(seed)
    _, y, _, _, M, G = random_cell(rng, D=7, grid=True, w=2)
    if tie:  # two equal gates: M has rank 3 at most
        M[:, 3:], G[7:, 3:] = M[:, :3], G[:7, :3]
    solution = solve_cell(M, y, G)
    assert violation(solution, M, y, G) < 1e-8
    assert solution.value <= y @ y * (1 + 1e-12)


@pytest.mark.parametrize("loss", [*LOSSES.values(), quantile(0.3)], ids=lambda l: l.name)
def test_every_loss_agrees_with_a_general_solver(loss):
    rng = np.random.default_rng(5)
    _, y, _, _, M, G = random_cell(rng, D=7)
    y = np.sign(y) if loss.binary else y
    weight = rng.uniform(0.5, 2, 7)
    if not loss.attained:
        M = M[:, :3]
        G = np.zeros((1, 3))
        y = np.where(np.arange(7) % 2 == 0, y, -y)
    solution = solve_cell(M, y, G, loss, weight=weight)
    objective = lambda t: (weight * loss.value(M @ t, y)).sum()  # noqa: E731
    constraint = {"type": "ineq", "fun": lambda t: G @ t}
    for start in [solution.theta, *rng.standard_normal((5, M.shape[1]))]:
        found = minimize(objective, start, constraints=constraint, method="SLSQP")
        if (G @ found.x >= 0).all():
            assert solution.value <= found.fun + 1e-6
    assert solution.gap <= 1e-7
    assert objective(solution.theta) == pytest.approx(solution.value, abs=1e-12)


def test_weights_count_samples():
    rng = np.random.default_rng(1)
    _, y, _, _, M, G = random_cell(rng)
    twice = np.arange(8) % 2 + 1
    again = np.repeat(np.arange(8), twice)
    assert solve_cell(M, y, G, weight=twice).value == pytest.approx(solve_cell(M[again], y[again], G).value, rel=1e-12)


def test_an_output_bias_is_free():
    lifted = np.array([[0.0, 1], [1, 1], [2, 1]])
    M, G = cell_matrices(lifted, [[False, True, True]], [1], output_bias=True)
    solution = solve_cell(M, [-3, -3, -2], G)
    assert solution.value == pytest.approx(0, abs=1e-24)
    assert solution.theta == pytest.approx([1, -1, -3])


def test_an_empty_cell_gives_the_value_of_zero():
    M, G = cell_matrices(np.array([[0.0, 1], [1, 1]]), [[False, False]], [1])
    solution = solve_cell(M, [3, 4], G)
    assert (solution.value, solution.theta.tolist()) == (25, [0, 0])


def test_active_constraints_are_named():
    # y decreases: on the all-active cell of sign + the best gate with b = σ(a x + b) goes through the last sample.
    M, G = cell_matrices(np.array([[0.0, 1], [1, 1], [2, 1]]), [[True] * 3], [1])
    solution = solve_cell(M, [2, 0, -1], G)
    assert solution.active_set.tolist() == [2]
    assert solution.multipliers[2] > 0
    assert solution.value == pytest.approx(1.8)  # min (2 - 2c)² + c² + 1 = 1.8 at c = 0.8


def test_huge_ranges():
    x = np.array([-1e12, 0, 3, 4, 1e12])
    lifted = np.column_stack([x, np.ones(5)])
    M, G = cell_matrices(lifted, [[False, True, True, True, True]], [1])
    solution = solve_cell(M, [0, 1, 2, 3, 4], G)
    assert violation(solution, M, np.arange(5.0), G) < 1e-8


def test_half_planes_and_free_variables():
    solution = solve_cell(np.eye(2), [-1, -3], [[1, 0]])
    assert (solution.value, solution.theta.tolist()) == (1, [0, -3])
    assert solve_cell(np.eye(2), [-1, -3], [[1, 1], [2, 2]]).theta == pytest.approx([1, -1])


@given(seeds)
def test_the_bound_of_least_squares_is_sharp(seed):
    rng = np.random.default_rng(seed)
    F, y, v = rng.standard_normal((6, 4)), rng.standard_normal(6), rng.uniform(0, 2, 6)
    best = best_combination(F, y, LOSSES["squared"], v)
    assert best.lower == pytest.approx(best.value, rel=1e-10, abs=1e-12)


def test_an_inexact_solver_gets_no_bound(monkeypatch):
    F, y = np.array([[1.0], [1]]), np.array([1.0, 2])
    assert best_combination(F, y, LOSSES["squared"], np.ones(2)).lower == pytest.approx(0.5)
    monkeypatch.setattr(cell_problem, "_nnls", lambda A, b: np.array([1.4]))
    assert best_combination(F, y, LOSSES["squared"], np.ones(2)).lower == pytest.approx(0.5)  # the second solver's
    monkeypatch.setattr(cell_problem, "fit_cone", lambda F, y, sample_weight: (np.array([1.4]), 0.0, 0.0))
    assert best_combination(F, y, LOSSES["squared"], np.ones(2)).lower == 0


def test_a_column_beside_its_negative():
    """The features of one cell of an integer problem, at which scipy's nnls 1.17 stops at 42.6 instead of 3."""
    F = np.array([[0, 1 / 2, 0, -1 / 2], [1 / 3, 1, -1 / 3, -1], [0] * 4, [0, 1 / 2, 0, -1 / 2], [0] * 4])
    best = best_combination(F, np.array([0.0, 2, 1, 2, 0]), LOSSES["squared"], np.ones(5))
    assert (best.value, best.lower) == pytest.approx((3, 3), rel=1e-9)


def test_wrong_shapes():
    with pytest.raises(ValueError, match=r"expected M \(D, m\)"):
        solve_cell(np.eye(2), [1, 2], np.eye(3))


def test_a_flipped_constraint_gives_a_value_that_no_net_has():
    x, y = np.array([[0.0], [1], [2]]), np.array([0.0, 1, 1])
    M, G = cell_matrices(np.column_stack([x, np.ones(3)]), [[False, True, True]], [1])
    problem = ERMProblem(x, y, 1)
    for G_used, promised, delivered in ((G, 0.2, 0.2), (G * [[-1], [1], [1]], 0, 1)):
        solution = solve_cell(M, y, G_used)
        assert solution.value == pytest.approx(promised, abs=1e-12)
        assert problem.value(problem.net([solution.theta], [1])) == pytest.approx(delivered, abs=1e-12)


def test_tangents_refuse_what_has_no_minimum():
    with pytest.raises(ValueError, match="run away"):
        minimise_by_tangents(np.ones((1, 1)), np.array([1.0]), LOSSES["logistic"], np.ones(1))


def test_tangents_stop_at_the_cutoff():
    F, y = np.ones((2, 1)), np.array([0.0, 8.0])
    _, value, lower, _ = minimise_by_tangents(F, y, LOSSES["huber"], np.ones(2), cutoff=0.1)
    assert lower >= 0.1
    assert minimise_by_tangents(F, y, LOSSES["huber"], np.ones(2))[1] == pytest.approx(7, abs=1e-7)
    assert value >= 7 - 1e-7


def test_who_runs_away():
    ones = np.ones(3)
    away, direction = runaway(np.array([[1.0, 0], [0, 1], [0, 2]]), np.array([1.0, 1, -1]), ones)
    assert away.tolist() == [True, False, False]  # the second column helps one sample and hurts the other
    assert direction[0] > 0
    assert not runaway(np.array([[1.0], [0], [2]]), np.array([1.0, 1, -1]), ones)[0].any()
    assert runaway(np.array([[1.0], [0], [2]]), np.array([1.0, 1, -1]), np.array([1.0, 1, 0]))[0].tolist() == [1, 0, 0]
    assert not runaway(np.zeros((3, 0)), ones, ones)[0].any()
