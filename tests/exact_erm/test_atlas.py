"""The landscape atlas: values against Algorithm 1, genuine and fake minima against steps and against hand examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.atlas import landscape_atlas
from mathdl.exact_erm.descent import restarts
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import nonnegative_fit, ray_cells, sign_vectors, widest
from mathdl.exact_erm.theorems.landscape import descends

CASES = [(6, 1, 1, False), (6, 1, 1, True), (6, 2, 1, False), (5, 1, 2, False), (4, 1, 2, True), (4, 3, 1, False)]


def problem_of(case, seed=0):
    D, n, w, bias = case
    return planted(D, n, w, output_bias=bias, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("case", CASES)
def test_each_minimum_is_the_least_value_of_its_cells_at_its_point(case):
    problem = problem_of(case)
    atlas = landscape_atlas(problem)
    for m in atlas.minima:
        assert problem.value(problem.net(m.theta, m.signs, m.bias)) == pytest.approx(m.value, abs=1e-9)
        inside = np.where(atlas.patterns[list(m.cells)], 1, -1) * (m.theta @ problem.lifted.T)
        assert inside.min() >= -1e-9 * max(1, abs(m.theta).max())
    assert atlas.value == pytest.approx(erm_bruteforce(problem).value, abs=1e-10)
    assert [m.value for m in atlas.minima] == sorted(m.value for m in atlas.minima)


def test_cell_values_against_a_general_solver():
    problem = problem_of((5, 1, 1, False), seed=4)
    atlas = landscape_atlas(problem)
    for m in atlas.minima:
        pattern, sign = atlas.patterns[m.cells[0]], m.signs[0]
        G = np.where(pattern, 1, -1)[:, None] * problem.lifted

        def risk(t, pattern=pattern, sign=sign):
            return ((sign * pattern * (problem.lifted @ t) - problem.y) ** 2).sum()

        slsqp = minimize(risk, m.theta[0], constraints=[{"type": "ineq", "fun": lambda t, G=G: G @ t}], method="SLSQP",
                         options={"ftol": 1e-14, "maxiter": 500})
        assert m.value <= slsqp.fun + 1e-9


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_genuine_and_fake_are_told_apart_by_steps(case, seed):
    atlas, rng = landscape_atlas(problem_of(case, seed)), np.random.default_rng(seed)
    for m in atlas.minima:
        assert descends(atlas, m, 100, rng) != m.genuine
    kinds = {m.kind for m in atlas.minima}
    assert "interior" in kinds
    assert "fake" in kinds or case == (4, 3, 1, False)  # four samples in space: every split is a cell
    assert atlas.minima[0].genuine


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=5), st.booleans())
def test_degenerate_integer_data(samples, bias):
    x, y = np.array(samples, dtype=float).T
    if not y.any():
        return
    problem = ERMProblem(x, y, 1, output_bias=bias)
    atlas, rng = landscape_atlas(problem), np.random.default_rng(0)
    assert atlas.value == pytest.approx(erm_bruteforce(problem).value, abs=1e-9)
    for m in atlas.minima:
        assert descends(atlas, m, 40, rng) != m.genuine


def test_two_samples_by_hand():
    # (0, 1), (1, -1) and one gate +: the loss is at least 1, attained by σ(1 - c x) with c >= 1: a flat set of minima
    # that reaches into the cell "only sample 0" (c > 1); "both" touches it at c = 1 only, on a wall.
    atlas = landscape_atlas(ERMProblem([0.0, 1.0], [1.0, -1.0], 1))
    plus = {tuple(atlas.patterns[m.cells[0]].tolist()): m for m in atlas.minima if m.signs[0] > 0}
    first = plus[True, False]
    assert (first.value, first.kind, first.flat, first.dead) == (pytest.approx(1), "interior", 1, 0)
    both = plus[True, True]
    assert (both.value, both.kind, both.flat) == (pytest.approx(1), "boundary", 0)
    second = plus[False, True]  # to be active at sample 1 only harms: best on the wall where the gate dies, a plateau
    assert (second.value, second.kind, second.flat) == (pytest.approx(2), "boundary", 1)
    none = plus[False, False]
    assert (none.value, none.kind, none.flat, none.dead) == (pytest.approx(2), "interior", 2, 1)


def test_a_fake_minimum_on_a_wall():
    # Data on a line through both samples: the cell "only sample 1" stops at the wall of sample 0, "both" fits exactly.
    atlas = landscape_atlas(ERMProblem([0.0, 1.0], [1.0, 2.0], 1))
    minima = {tuple(atlas.patterns[m.cells[0]].tolist()): m for m in atlas.minima if m.signs[0] > 0}
    assert minima[True, True].kind == "interior"
    assert minima[True, True].value == pytest.approx(0, abs=1e-15)
    assert minima[False, True].value == pytest.approx(1)
    # σ(2x) reaches sample 1 exactly, and any inner point of the set of minimisers keeps off sample 0: a plateau
    assert (minima[False, True].kind, minima[False, True].flat) == ("interior", 1)
    three = landscape_atlas(ERMProblem([0.0, 1.0, 2.0], [1.0, 2.0, 3.0], 1))
    upper = next(m for m in three.minima if three.patterns[m.cells[0]].tolist() == [False, True, True]
                 and m.signs[0] > 0)
    # least squares through (1, 2), (2, 3) with σ = 0 at x = 0: the best line a x gives a = 8/5, and the wall holds it
    assert upper.value == pytest.approx(1 + (2 - 1.6) ** 2 + (3 - 3.2) ** 2)
    assert upper.kind == "fake"


def test_dead_gates_are_flat_local_minima():
    problem = planted(5, 1, 2, rng=np.random.default_rng(3))
    atlas = landscape_atlas(problem)
    none = next(i for i, p in enumerate(atlas.patterns) if not p.any())
    dead = [m for m in atlas.minima if m.cells == (none, none)]
    assert len(dead) == 3
    assert all(m.kind == "interior" and m.flat == 4 and m.dead == 2 for m in dead)
    assert all(m.value == pytest.approx(problem.y @ problem.y) for m in dead)


def test_homes_of_points_and_settled_runs():
    problem = planted(6, 1, 2, rng=np.random.default_rng(0))
    atlas = landscape_atlas(problem)
    for m in atlas.minima:
        if m.kind == "interior":
            assert atlas.home(m.theta, m.signs) is m
            assert atlas.home(m.theta[::-1], m.signs[::-1]) is m
    runs = restarts(problem, 50, steps=20_000, rng=np.random.default_rng(0))
    assert atlas.settled(runs).all()
    short = restarts(problem, 50, steps=5, rng=np.random.default_rng(0))
    alive = np.array([(t @ problem.lifted.T > 0).any() for t in short.theta])
    assert not atlas.settled(short)[alive].any()
    assert atlas.settled(short)[~alive].all()
    assert 0 < alive.sum() < 50
    homes = [atlas.home(t, s).value for t, s in zip(short.theta, short.signs, strict=True)]
    assert (short.values >= np.array(homes) - 1e-12).all()


def test_values_of_one_kind_are_different_and_sorted():
    atlas = landscape_atlas(planted(7, 1, 1, rng=np.random.default_rng(0)))
    for kinds in ((), ("interior",), ("fake",), ("boundary", "fake")):
        values = atlas.values(*kinds)
        wanted = {m.value for m in atlas.minima if m.kind in (kinds or ("interior", "boundary"))}
        assert (np.diff(values) > atlas.tolerance).all()
        assert all(abs(values - v).min() <= atlas.tolerance for v in wanted)
        assert set(values) <= wanted


def test_the_widest_minimiser_uses_every_column_that_some_minimiser_uses():
    rng = np.random.default_rng(0)
    for _ in range(30):
        A = rng.standard_normal((3, 6)) * rng.integers(0, 2, 6)
        b = rng.standard_normal(3)
        fit = nonnegative_fit(A, b)
        c = widest(A, fit)
        assert c.min() >= 0
        assert A @ c == pytest.approx(A @ fit.coefficients, abs=1e-8)
        fitted = A @ fit.coefficients
        for k in range(6):  # the largest coefficient that a minimiser can have, by its own linear program
            found = linprog(-np.eye(6)[k], A_eq=A, b_eq=fitted, bounds=[(0, 1e3)] * 6)
            if found.status == 0:
                assert (c[k] > 0) == (found.x[k] > 1e-7)


def test_sign_vectors_skip_exchanges_only():
    assert len(sign_vectors((0, 1))) == 4
    assert [s.tolist() for s in sign_vectors((2, 2))] == [[1, 1], [1, -1], [-1, -1]]
    assert len(sign_vectors((0, 0, 1))) == 6


def test_ray_columns_reproduce_nets():
    problem = planted(6, 2, 2, output_bias=True, rng=np.random.default_rng(1))
    cells, rng = ray_cells(problem), np.random.default_rng(0)
    for _ in range(20):
        rows, signs = rng.integers(len(cells), size=2), rng.choice([-1.0, 1.0], 2)
        A = cells.columns(rows, signs)
        c = rng.uniform(0, 1, A.shape[1])
        theta, bias = cells.point(rows, c)
        assert problem.net(theta, signs, bias)(problem.x).ravel() == pytest.approx(A @ c, abs=1e-12)


@pytest.mark.parametrize(("problem", "message"), [
    (ERMProblem([0.0, 1.0], [0.0, 1.0], 1, "absolute"), "expected 'squared' for an atlas"),
    (planted(30, 2, 2, rng=np.random.default_rng(0)), "at most 20000 products of cells")])
def test_other_losses_and_large_problems_are_refused(problem, message):
    with pytest.raises(ValueError, match=message):
        landscape_atlas(problem)
