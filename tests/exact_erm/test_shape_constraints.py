"""Shape constraints: against a solver with the constraints written out, feasibility, order of the values."""

import numpy as np
import pytest

from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.cell_problem import solve_cell
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import ray_cells, sign_vectors
from mathdl.exact_erm.reliable import combinations_with_zero
from mathdl.exact_erm.shape_constraints import constrained_erm, shape_constrained_erm, shape_rows

SHAPES = ["increasing", "decreasing", "convex", "concave", "nonnegative"]


def plain(problem, rows):
    """Every cell with the constraints on its predictions added to the inequalities of the cell."""
    cells, best = ray_cells(problem), np.inf
    for i in range(len(cells)):
        for signs in sign_vectors((i,)):
            pattern = cells.patterns[i]
            M = signs[0] * pattern[:, None] * problem.lifted
            asked = rows @ M
            asked[abs(asked) <= 1e-12 * (abs(rows) @ abs(M))] = 0  # constraints that always hold, up to rounding
            G = np.vstack([np.where(pattern, 1, -1)[:, None] * problem.lifted, asked[asked.any(axis=1)]])
            best = min(best, solve_cell(M, problem.y, G, weight=problem.sample_weight).value)
    return best


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_gate_against_a_solver_with_the_constraints_written_out(shape, seed):
    problem = planted(6, 1, 1, rng=np.random.default_rng(seed))
    found = shape_constrained_erm(problem, shape)
    assert found.value == pytest.approx(plain(problem, shape_rows(problem.x, shape)), abs=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [False, True])
def test_nets_have_the_shape_and_the_value(shape, bias):
    problem = planted(6, 1, 2, output_bias=bias, rng=np.random.default_rng(5))
    found = shape_constrained_erm(problem, shape)
    predictions = found.net(problem.x).ravel()
    assert (shape_rows(problem.x, shape) @ predictions).min() >= -1e-9 * max(1, abs(found.theta).max())
    assert problem.value(found.net) == pytest.approx(found.value, abs=1e-9)
    assert found.value >= erm_bruteforce(problem).value - 1e-10


def test_a_constraint_that_the_optimum_meets_changes_nothing_and_another_costs():
    x, y = np.arange(5.0), np.array([0.0, 0.0, 1.0, 2.0, 3.5])
    free = erm_bruteforce(ERMProblem(x, y, 1)).value
    assert shape_constrained_erm(ERMProblem(x, y, 1), "increasing").value == pytest.approx(free)
    assert shape_constrained_erm(ERMProblem(x, y, 1), "convex").value == pytest.approx(free)
    down = shape_constrained_erm(ERMProblem(x, y, 1), "decreasing")
    assert down.value == pytest.approx(((y - y.mean()) ** 2).sum())  # the best decreasing gate is constant


def test_shapes_are_read_in_the_order_of_x():
    x = np.array([2.0, 0.0, 1.0, 4.0, 2.0])
    for shape, f in (("increasing", x), ("convex", x ** 2), ("concave", -x ** 2), ("decreasing", -x)):
        assert (shape_rows(x, shape) @ f).min() > -1e-12
        assert (shape_rows(x, shape) @ -f).min() < -1e-3 or shape in {"convex", "concave"}
    assert shape_rows(x, "increasing").shape == (3, 5)
    assert shape_rows(x, "convex") @ x ** 2 == pytest.approx([2.0, 3.0])


def test_rows_of_ones_own():
    problem = planted(5, 2, 1, rng=np.random.default_rng(0))
    row = np.array([[1.0, -1.0, 0, 0, 0]])
    one, other = constrained_erm(problem, row), constrained_erm(problem, -row)
    assert min(one.value, other.value) == pytest.approx(erm_bruteforce(problem).value)
    assert one.value == pytest.approx(plain(problem, row), abs=1e-9)


def test_rays_of_a_cone_with_equalities():
    C = combinations_with_zero(np.array([[1.0, 1.0, -1.0, 0.0]]))
    assert {tuple(c) for c in C.T.tolist()} == {(0, 0, 0, 1), (1, 0, 1, 0), (0, 1, 1, 0)}
    rng = np.random.default_rng(0)
    for _ in range(20):
        E = rng.standard_normal((2, 6))
        C = combinations_with_zero(E)
        assert abs(E @ C).max(initial=0) < 1e-9
        # extreme: no ray is a combination of the others, so each has the fewest non-zeros that two equalities allow
        assert ((C > 0).sum(axis=0) <= 3).all()
        inside = C @ rng.uniform(0, 1, C.shape[1]) if C.size else np.zeros(6)
        assert inside.min() >= 0


@pytest.mark.parametrize(("call", "message"), [
    (lambda: shape_rows(np.zeros((3, 2)), "increasing"), "expected one input; got 2"),
    (lambda: shape_rows(np.arange(3), "wavy"), "shape: expected one of nonnegative, increasing"),
    (lambda: constrained_erm(ERMProblem([0.0, 1.0], [0.0, 1.0], 1), np.ones((1, 3))), "rows: expected shape"),
    (lambda: shape_constrained_erm(ERMProblem([0.0, 1.0], [0.0, 1.0], 1, "absolute"), "convex"), "'squared'"),
    (lambda: shape_constrained_erm(ERMProblem(np.arange(200.0), np.arange(200.0), 2), "convex"), "at most 100000")])
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
