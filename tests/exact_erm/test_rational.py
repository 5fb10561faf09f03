"""The exact method: integer linear algebra, cones, least squares and linear programs, and the rational optimum."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mathdl.core.theorem import State
from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.enumeration import erm_enumerate
from mathdl.exact_erm.exact_cone import GateCone, dot
from mathdl.exact_erm.exact_least_squares import nonnegative_least_squares, solve_integers
from mathdl.exact_erm.exact_linear_program import two_sided_fit
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rational import exact_minimum
from mathdl.exact_erm.theorems import certificates as T

seeds = st.integers(0, 10 ** 6)
few = settings(max_examples=25, deadline=None)


def instance(seed):
    """A small problem of any kind: real or integer points, copies, weights (some 0), losses, output bias."""
    rng = np.random.default_rng(seed)
    D, n, w = int(rng.integers(2, 7)), int(rng.integers(1, 3)), int(rng.integers(1, 3))
    x = rng.standard_normal((D, n)) if rng.integers(2) else rng.integers(-1, 2, (D, n)).astype(float)
    loss = ("squared", "squared", "absolute", "hinge", "quantile 0.3")[rng.integers(5)]
    y = rng.choice((-1.0, 1.0), D) if loss == "hinge" else rng.integers(-3, 4, D) + rng.integers(2) * rng.random(D)
    weight = rng.integers(0, 3, D) + 0.5 * (np.arange(D) == 0)
    return ERMProblem(x, y, w, loss, bool(rng.integers(2)), weight)


@few
@given(st.integers(1, 5), seeds)
def test_integer_systems_are_solved_exactly(n, seed):
    rng = np.random.default_rng(seed)
    A, b = (rng.integers(-4, 5, shape).tolist() for shape in ((n, n), n))
    solved = solve_integers(A, b)
    if solved is None:
        assert round(np.linalg.det(np.array(A, dtype=float))) == 0
    else:
        p, q = solved
        assert q > 0
        assert [dot(row, p) for row in A] == [q * right for right in b]


@few
@given(seeds)
def test_nonnegative_least_squares_against_every_support(seed):
    rng = np.random.default_rng(seed)
    A, y = rng.integers(-3, 4, (4, 5)), rng.integers(-4, 5, 4)
    A[:, 4] = A[:, 3] * rng.integers(0, 3)  # a column may be a copy, a multiple, or 0
    Q, b = (A.T @ A).tolist(), (A.T @ y).tolist()
    objective = lambda c: sum(c[i] * c[k] * Q[i][k] for i in range(5) for k in range(5)) - 2 * dot(b, c)  # noqa: E731
    found = []
    for size in range(5):
        for support in combinations(range(5), size):
            solved = solve_integers([[Q[i][k] for k in support] for i in support], [b[i] for i in support])
            if solved and min(solved[0], default=0) >= 0:
                c = [Fraction(0)] * 5
                for k, p in zip(support, solved[0], strict=True):
                    c[k] = Fraction(p, solved[1])
                found.append(objective(c))
    for guess in ((), (0, 1), (3, 4), range(5)):
        c = nonnegative_least_squares(Q, b, guess)
        assert min(c) >= 0
        assert objective(c) == min(found)


def test_the_smallest_gain_counts():
    assert nonnegative_least_squares([[3]], [1]) == [Fraction(1, 3)]
    assert nonnegative_least_squares([[3]], [0]) == nonnegative_least_squares([[3]], [-1]) == [0]


@few
@given(seeds)
def test_two_sided_fits_have_a_dual_proof_and_the_value_of_a_float_solver(seed):
    rng = np.random.default_rng(seed)
    A, t = rng.integers(-3, 4, (5, 3)), rng.integers(-4, 5, 5)
    down, up = ([Fraction(int(k), 2) for k in rng.integers(0, 4, 5)] for _ in range(2))
    c, g = two_sided_fit(A.T.tolist(), t.tolist(), down, up)
    f = [dot(row, c) for row in A.tolist()]
    value = sum(max(d * (a - b), u * (b - a)) for a, b, d, u in zip(t.tolist(), f, down, up, strict=True))
    assert min(c) >= 0
    assert all(-d <= slope <= u for slope, d, u in zip(g, down, up, strict=True))
    assert all(dot(column, g) >= 0 for column in A.T.tolist())
    assert value == -dot(t.tolist(), g)
    eye = np.eye(5)
    peer = linprog([*np.zeros(3), *map(float, down), *map(float, up)], A_eq=np.hstack([A, eye, -eye]), b_eq=t)
    assert float(value) == pytest.approx(peer.fun, abs=1e-9)


def ways_round(points):
    """Every labelling of the points with its cone, or None."""
    for bits in product((0, 1), repeat=len(points)):
        cone = GateCone.whole(len(points[0]))
        for p, a in zip(bits, points, strict=True):
            cone = cone and cone.cut(tuple((2 * p - 1) * int(v) for v in a))
        yield bits, cone


@few
@given(st.integers(1, 3), st.integers(1, 5), seeds)
def test_cones_have_an_interior_exactly_when_the_labels_are_a_strict_dichotomy(n, D, seed):
    points = np.column_stack([np.random.default_rng(seed).integers(-1, 2, (D, n)), np.ones(D, dtype=int)])
    for bits, cone in ways_round(points):
        G = (2 * np.array(bits) - 1)[:, None] * points
        strict = linprog(np.zeros(n + 1), A_ub=-G, b_ub=-np.ones(D), bounds=(None, None)).status == 0
        assert (cone is not None) is strict
        if cone:
            rays = np.array([ray.direction for ray in cone.rays], dtype=int)
            assert (G @ np.array(cone.lines, dtype=int).reshape(-1, n + 1).T == 0).all()
            assert (rays @ G.T >= 0).all()
            assert ((rays @ G.T).sum(axis=0) > 0).all()
            for ray in cone.rays:
                assert [dot(ray.direction, a) == 0 for a in cone.constraints] == [
                    bool(ray.tight >> k & 1) for k in range(len(cone.constraints))]


def test_cones_in_general_position_are_as_many_as_cover_says():
    rng = np.random.default_rng(0)
    for D, n, count in ((3, 2, 8), (4, 2, 14), (5, 2, 22), (5, 3, 30), (6, 1, 12)):
        points = np.column_stack([rng.integers(-999, 1000, (D, n)), np.ones(D, dtype=int)])
        assert sum(cone is not None for _, cone in ways_round(points)) == count


def test_every_ray_of_a_cell_is_extreme():
    rng = np.random.default_rng(4)
    points = np.column_stack([rng.integers(-50, 50, (7, 3)), np.ones(7, dtype=int)])
    for _, cone in ways_round(points):
        for ray in cone.rays if cone else ():
            tight = [a for k, a in enumerate(cone.constraints) if ray.tight >> k & 1]
            assert np.linalg.matrix_rank(np.array(tight, dtype=float)) == 3
    assert cone is None or not cone.lines


@pytest.mark.parametrize("seed", range(44))
def test_pruned_search_every_cell_and_branch_and_bound_agree(seed):
    problem = instance(seed)
    best = exact_minimum(problem)
    if problem.width == 1 or problem.n_samples < 5:
        assert best.value == exact_minimum(problem, prune=False).value
    # The bar: 1e-9 of the loss of the net 0, which is the scale that the float search works in.
    assert branch_and_bound(problem).value == pytest.approx(float(best.value), abs=1e-9 * max(problem.zero_value, 1))


@pytest.mark.parametrize("seed", range(44))
def test_the_fast_enumeration_agrees(seed):
    problem = instance(seed)
    problem = ERMProblem(problem.x, problem.y, problem.width, "squared", problem.output_bias, problem.sample_weight)
    best = float(exact_minimum(problem).value)
    assert erm_enumerate(problem).value == pytest.approx(best, abs=1e-9 * max(problem.zero_value, 1))


def test_the_net_has_the_value():
    for seed in range(12):
        problem = instance(seed)
        best = exact_minimum(problem)
        assert best.net.is_exact
        assert best.pattern.shape == (problem.width, problem.n_samples)
        assert (best.pattern == (np.array(best.theta, dtype=float) @ problem.lifted.T > 1e-9)).all()
        assert problem.value(best.net.rounded()) == pytest.approx(float(best.value), abs=1e-9)


def test_known_values():
    x = np.array([-1.0, 0, 1, 2])
    y = 1 + np.maximum(x, 0)
    values = [exact_minimum(ERMProblem(x, y, w, output_bias=b)).value for w, b in ((1, False), (1, True), (2, False))]
    assert values == [Fraction(3, 10), 0, 0]
    assert exact_minimum(ERMProblem(x, x, 1)).value == 1
    x = np.arange(-2.0, 3)  # |x| = σ(x) + σ(-x): two gates of equal sign, neither active wherever the other is
    assert exact_minimum(ERMProblem(x, abs(x), 2)).value == 0
    assert float(exact_minimum(planted(8, 2, 2, rng=np.random.default_rng(3))).value) == pytest.approx(
        0.0551083038, abs=5e-11)


def test_repr_says_how_large_the_fraction_is():
    assert repr(exact_minimum(ERMProblem([0.0, 1], [1.0, 1], 1))) == "exact optimum 0, denominator of 1 bits"


@pytest.mark.parametrize("loss", ["huber", "logistic"])
def test_losses_without_a_rational_optimum_are_refused(loss):
    with pytest.raises(ValueError, match=f"expected the squared loss or a polyhedral one .* got '{loss}'"):
        exact_minimum(ERMProblem([0.0, 1], [1.0, -1], 1, loss))


def test_huge_and_tiny_numbers_do_not_disturb():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((6, 2)), rng.standard_normal(6)
    small = exact_minimum(ERMProblem(x, y, 1)).value
    scaled = exact_minimum(ERMProblem(x * 2.0 ** 90, y * 2.0 ** -200, 1)).value
    assert scaled == small / 2 ** 400


@pytest.mark.statement("exact_erm/ours-exact-optimum")
@pytest.mark.parametrize("arguments", [{"seed": 1}, {"loss": "absolute", "seed": 2}, {"loss": "hinge", "samples": 6},
                                       {"output_bias": True, "width": 1}, {"inputs": 2, "samples": 6, "width": 1}])
def test_the_optimum_is_rational(arguments):
    assert T.rational_optimum(**arguments).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-exact-optimum")
@pytest.mark.parametrize("loss", ["huber", "logistic"])
def test_other_losses_are_outside_the_statement(loss):
    verdict = T.rational_optimum(loss=loss) if loss == "huber" else T.rational_optimum(loss="huber 2")
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("exact_erm/ours-exact-optimum")
def test_a_cubic_loss_has_an_irrational_optimum():
    # Labels 0 and 1 (weight 2) at one point: f³ + 2 (1 - f)³ is least at f = 2 - √2, where it is 12 - 8 √2 + ...
    cubic = ERMProblem([0.0, 0.0], [0.0, 1.0], 1, lambda f, y: abs(f - y) ** 3, sample_weight=[1.0, 2.0])
    f = 2 - 2 ** 0.5
    assert branch_and_bound(cubic).value == pytest.approx(f ** 3 + 2 * (1 - f) ** 3, abs=1e-8)
    with pytest.raises(ValueError, match="rational"):
        exact_minimum(cubic)


@pytest.mark.statement("exact_erm/ours-exact-optimum")
def test_a_search_that_stops_early_is_seen(monkeypatch):
    def short(problem, *, prune=True):
        return exact_minimum(problem, prune=False) if not prune else exact_minimum(
            ERMProblem(problem.x, problem.y, 1, problem.loss))

    monkeypatch.setattr(T, "exact_minimum", short)
    assert T.rational_optimum().state is State.VIOLATED
