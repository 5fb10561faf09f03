"""Branch and bound against Algorithm 1 and by hand: every loss, degenerate data, limits, interrupts and checkpoints."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.exact_erm import _cones, _starts
from mathdl.exact_erm._hyperplanes import hyperplanes, spanning_columns
from mathdl.exact_erm._search import Search
from mathdl.exact_erm._setting import setting
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.losses import Loss
from mathdl.exact_erm.problem import ERMProblem

CLOSE = 5e-9  # relative to the loss of the net 0: the search stops at a gap of 1e-9, brute force is good to 1e-9
GRID = [(a / 10, b / 10) for a in range(3) for b in range(3)]


def planted(seed, D, n, w, loss="squared", noise=0.3, **options):
    rng = np.random.default_rng(seed)
    X, A = rng.normal(size=(D, n)), rng.normal(size=(w, n + 1))
    signs = np.array([(-1) ** i for i in range(w)])
    y = signs @ np.maximum(A @ np.column_stack([X, np.ones(D)]).T, 0) + noise * rng.normal(size=D)
    return ERMProblem(X, np.where(y > np.median(y), 1.0, -1.0) if loss == "hinge" else y, w, loss, **options)


def size(problem):
    return problem.losses(np.zeros(problem.n_samples)).sum() + 1e-300


def check(problem, result, optimum):
    assert result.status == "optimal"
    assert result.value == pytest.approx(optimum, abs=CLOSE * size(problem))
    assert result.value == problem.value(result.net)
    assert result.lower <= min(result.value, optimum + CLOSE * size(problem))
    assert result.gap <= 1.1e-9 * size(problem)


@pytest.mark.parametrize("loss", ["squared", "absolute", "hinge", "quantile 0.3"])
@pytest.mark.parametrize(("D", "n", "w"), [(5, 1, 1), (4, 1, 2), (5, 2, 1), (3, 2, 2), (5, 3, 1)])
@pytest.mark.parametrize("bias", [False, True])
def test_equals_algorithm_1(loss, D, n, w, bias):
    problem = planted(D + 10 * n + 100 * w, D, n, w, loss, output_bias=bias)
    optimum = erm_bruteforce(problem).value
    check(problem, branch_and_bound(problem), optimum)
    check(problem, branch_and_bound(problem, record=True), optimum)


@pytest.mark.parametrize("bias", [False, True])
def test_three_gates_equal_algorithm_1(bias):
    problem = planted(308, 4, 1, 3, output_bias=bias)
    check(problem, branch_and_bound(problem), erm_bruteforce(problem).value)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(GRID), min_size=1, max_size=6), st.integers(0, 10 ** 6), st.booleans())
def test_degenerate_points_and_weights(points, seed, bias):
    rng = np.random.default_rng(seed)
    D = len(points)
    weight = rng.integers(0, 3, D).astype(float)
    weight[0] = 1
    w = 2 if seed % 2 and D < 5 else 1
    problem = ERMProblem(np.array(points), rng.integers(-2, 3, D).astype(float), w, "squared", bias, weight)
    check(problem, branch_and_bound(problem), erm_bruteforce(problem).value)


@pytest.mark.parametrize(("x", "y", "w", "loss", "bias", "optimum"), [
    ([-1, 0, 1, 2], [1, 1, 2, 3], 1, "squared", False, 0.3), ([-1, 0, 1, 2], [1, 1, 2, 3], 1, "squared", True, 0.0),
    ([-1, 0, 1, 2], [1, 1, 2, 3], 2, "squared", False, 0.0), ([5], [-2], 1, "squared", False, 0.0),
    ([[1, 1], [1, 1], [1, 1]], [0, 3, 0], 1, "squared", False, 6.0), ([1, 2], [0, 0], 2, "absolute", False, 0.0),
    ([[1, 1], [1, 1], [1, 1]], [0, 3, 0], 1, "absolute", True, 3.0), ([0, 1, 2], [1, -1, 1], 1, "absolute", False, 2.0),
    ([[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1], 1, "hinge", False, 3.0)])
def test_by_hand(x, y, w, loss, bias, optimum):
    problem = ERMProblem(np.array(x, dtype=float), np.array(y, dtype=float), w, loss, bias)
    result = branch_and_bound(problem)
    assert result.value == pytest.approx(optimum, abs=1e-8)
    assert result.lower == pytest.approx(optimum, abs=1e-7)


def test_the_ledger_instance():
    rng = np.random.default_rng(3)
    X, A = rng.normal(size=(8, 2)), rng.normal(size=(2, 3))
    lifted = np.column_stack([X, np.ones(8)])
    y = np.maximum(lifted @ A[0], 0) - np.maximum(lifted @ A[1], 0) + 0.3 * rng.normal(size=8)
    result = branch_and_bound(ERMProblem(X, y, 2))
    assert result.value == pytest.approx(0.0551083038, abs=1e-9)
    assert result.n_solved < 233  # the prototype's nodes


@pytest.mark.parametrize(("D", "n", "w"), [(24, 2, 2), (16, 3, 2), (10, 2, 3)])
def test_closes_what_the_prototype_did_not(D, n, w):
    problem = planted(3, D, n, w)
    result = branch_and_bound(problem, time_limit=20)
    assert result.status == "optimal"
    assert result.n_solved < 10_000
    assert result.gap <= 1e-9 * size(problem)


@pytest.mark.parametrize(("D", "n", "loss"), [(20, 2, "absolute"), (16, 3, "squared"), (14, 2, "quantile 0.3")])
def test_credits_change_the_nodes_and_not_the_optimum(D, n, loss):
    problem, found = planted(1, D, n, 2, loss), []
    for credit in (0, 1, 2, 3):
        search = Search(setting(problem, credit), 1e-9)
        search.plant()
        search.run(10 ** 6)
        assert search.proven
        found.append((search.nodes, search.upper))
    assert found[0][0] > 1.5 * found[1][0]
    assert [value for _, value in found] == pytest.approx([found[0][1]] * 4, abs=CLOSE * size(problem))


@pytest.mark.parametrize("seed", range(6))
def test_huber_and_functions(seed):
    problem = planted(seed, 5, 1 + seed % 2, 1, "huber")
    result = branch_and_bound(problem)
    assert result.status == "optimal"
    wide = branch_and_bound(planted(seed, 5, 1 + seed % 2, 1, "huber 1000")).value
    squared = branch_and_bound(planted(seed, 5, 1 + seed % 2, 1))
    assert wide == pytest.approx(squared.value / 2, abs=CLOSE * size(problem))

    def square(f, y):
        return (f - y) ** 2

    own = branch_and_bound(planted(seed, 5, 1 + seed % 2, 1, square))
    assert own.value == pytest.approx(squared.value, abs=1e-8 * size(own.problem))


def test_the_narrow_huber_loss_approaches_the_absolute_loss():
    absolute = branch_and_bound(planted(2, 6, 1, 1, "absolute")).value
    result = branch_and_bound(planted(2, 6, 1, 1, "huber 0.0001"))
    assert absolute - 6 * 0.0001 / 2 <= result.value / 0.0001 <= absolute + 1e-6


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
def test_every_bound_holds_at_every_moment(loss):
    problem = planted(5, 9 if loss != "huber" else 6, 2, 2 if loss != "huber" else 1, loss)
    optimum, seen = branch_and_bound(problem, gap=1e-10).value, []
    result = branch_and_bound(problem, on_node=seen.append)
    slack = CLOSE * size(problem)
    assert len(seen) > 5
    assert all(p.lower <= optimum + slack and optimum <= p.upper + slack and p.gap >= 0 for p in seen)
    assert all(a.lower <= b.lower and a.upper >= b.upper and a.splits < b.splits
               for a, b in pairwise(seen))
    assert (result.lower, result.status) == (seen[-1].lower, "optimal")


def test_limits_leave_an_honest_gap():
    problem = planted(4, 14, 2, 2)
    optimum = branch_and_bound(problem).value
    for limit in ({"node_limit": 3}, {"time_limit": 1e-9}):
        result = branch_and_bound(problem, **limit)
        assert result.status == "stopped"
        assert result.lower < optimum <= result.value + 1e-9
    assert branch_and_bound(problem, gap=0.5).n_solved < branch_and_bound(problem).n_solved


def test_an_interrupt_keeps_the_incumbent():
    problem = planted(4, 14, 2, 2)
    optimum = branch_and_bound(problem).value

    def interrupt(now):
        if now.splits >= 7:
            raise KeyboardInterrupt

    for record in (False, True):
        result = branch_and_bound(problem, on_node=interrupt, record=record)
        assert result.status == "stopped"
        assert result.value == pytest.approx(problem.value(result.net))
        assert result.lower < optimum <= result.value + 1e-9


@pytest.mark.parametrize("where", ["look_around", "plant", "judge"])
def test_an_interrupt_before_the_first_split_claims_nothing(where, monkeypatch, tmp_path):
    problem, path = planted(4, 10, 2, 2), tmp_path / "search.npz"
    calls = []

    def interrupt(*args):
        calls.append(args)
        if where != "judge" or len(calls) > 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Search, where, interrupt)
        result = branch_and_bound(problem, checkpoint=path)
    assert (result.status, result.lower) == ("stopped", 0.0)
    assert branch_and_bound(problem, checkpoint=path).value == pytest.approx(branch_and_bound(problem).value)


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
def test_a_resumed_search_ends_with_the_same_optimum(loss, tmp_path):
    problem = planted(8, 12 if loss != "huber" else 6, 2, 2 if loss != "huber" else 1, loss)
    straight = branch_and_bound(problem)
    path, rounds = tmp_path / "search.npz", 0
    while (result := branch_and_bound(problem, node_limit=(rounds + 1) * 5, checkpoint=path)).status == "stopped":
        rounds += 1
    assert rounds > 1
    assert result.value == pytest.approx(straight.value, abs=1e-9 * size(problem))
    assert result.n_solved == straight.n_solved  # best first is the same search, however often it is stopped
    assert [p.name for p in tmp_path.iterdir()] == ["search.npz"]
    assert branch_and_bound(problem, checkpoint=path).n_solved == straight.n_solved


def test_a_killed_search_can_be_resumed(tmp_path):
    problem, path = planted(8, 12, 2, 2), tmp_path / "search.npz"

    def interrupt(now):
        raise KeyboardInterrupt

    assert branch_and_bound(problem, on_node=interrupt, checkpoint=path).status == "stopped"
    assert branch_and_bound(problem, checkpoint=path).value == pytest.approx(branch_and_bound(problem).value)


def test_foreign_and_damaged_checkpoints_are_refused(tmp_path):
    problem, path = planted(8, 10, 2, 2), tmp_path / "search.npz"
    branch_and_bound(problem, node_limit=3, checkpoint=path)
    good = path.read_bytes()
    for other in (planted(9, 10, 2, 2), planted(8, 10, 2, 1), planted(8, 10, 2, 2, "absolute"),
                  planted(8, 10, 2, 2, output_bias=True)):
        with pytest.raises(ValueError, match="one of another"):
            branch_and_bound(other, checkpoint=path)
    with pytest.raises(ValueError, match="gap of at most 1e-12"):
        branch_and_bound(problem, gap=1e-12, checkpoint=path)
    for bad in (good[:len(good) // 2], b"", b"something else", good[:-30]):
        path.write_bytes(bad)
        with pytest.raises(ValueError, match="damaged or foreign"):
            branch_and_bound(problem, checkpoint=path)
    assert path.read_bytes() == good[:-30]  # nothing was written over it


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    problem, path = planted(8, 10, 2, 2), tmp_path / "search.npz"
    branch_and_bound(problem, node_limit=3, checkpoint=path)
    good = path.read_bytes()

    def fail(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        branch_and_bound(problem, node_limit=6, checkpoint=path)
    assert path.read_bytes() == good
    assert [p.name for p in tmp_path.iterdir()] == ["search.npz"]


def test_pools_grow(monkeypatch):
    from mathdl.exact_erm import _search

    problem = planted(1, 16, 3, 1, "absolute")
    expected = branch_and_bound(problem)
    monkeypatch.setattr(_search, "FIRST_SLOTS", 4)
    monkeypatch.setattr(_search, "FIRST_RAYS", (2, 2, 2, 2, 2))
    monkeypatch.setattr(Search, "look_around", lambda self, starts, until: None)
    for record in (False, True):
        assert branch_and_bound(problem, record=record).value == pytest.approx(expected.value, abs=1e-8)


def test_the_bar_shows_the_gap(capsys):
    branch_and_bound(planted(3, 12, 2, 2), progress=True)
    shown = capsys.readouterr().err
    assert "branch and bound" in shown
    assert "gap" in shown


@pytest.mark.parametrize(("options", "word"), [
    ({"time_limit": 0}, "time_limit"), ({"node_limit": 0}, "node_limit"), ({"gap": 0}, "gap"), ({"gap": 1.5}, "gap"),
    ({"record": True, "checkpoint": "x.npz"}, "record")])
def test_bad_options_are_refused(options, word):
    with pytest.raises(ValueError, match=word):
        branch_and_bound(planted(0, 4, 1, 1), **options)


def test_too_many_hyperplanes_are_refused():
    with pytest.raises(ValueError, match="Take fewer samples or inputs"):
        branch_and_bound(planted(0, 60, 8, 1))


def test_negative_losses_are_refused():
    lowered = Loss("lowered", lambda f, y: (f - y) ** 2 - 1, lambda f, y: 2 * (f - y), "smooth")
    with pytest.raises(ValueError, match="Add a constant"):
        branch_and_bound(planted(0, 4, 1, 1, lowered))


# The table of hyperplanes


@pytest.mark.parametrize(("n", "m"), [(1, 7), (2, 9), (3, 8), (4, 7)])
def test_hyperplanes_in_general_position(n, m):
    points = np.random.default_rng(n).normal(size=(m, n))
    planes = hyperplanes(points, np.arange(m))
    assert ((planes.values == 0).sum(axis=1) == n).all()
    heights = planes.thetas[:, :-1] @ points.T + planes.thetas[:, -1:]
    assert heights == pytest.approx(planes.values, abs=1e-12)
    assert abs(planes.values).max(axis=1) == pytest.approx(1)
    for k, h in enumerate(planes.opposite):
        assert (planes.values[h, planes.base] == 0).tolist() == [i != k for i in range(n + 1)]


def test_collinear_points_share_a_line_and_near_misses_do_not():
    third = np.nextafter(0.5, 1)
    for y, lines in ((0.5, 4), (third, 6)):
        planes = hyperplanes(np.array([[0.0, 0.0], [0.5, y], [1.0, 1.0], [1.0, 0.0]]), np.arange(4))
        assert len(planes.values) == lines
    middle = planes.values[(planes.values[:, [0, 2]] == 0).all(axis=1)][0]
    assert middle[1] * middle[3] < 0  # the moved point is above the diagonal, the corner below


def test_near_misses_in_space_are_decided_exactly():
    base = [[0.1, 0.2, 0.7], [0.4, 0.3, 0.3], [0.9, 0.05, 0.05], [1.0, 1.0, 1.0]]
    inside = [(a + b) / 2 for a, b in zip(base[0], base[1], strict=True)]
    for shift in (-2e-16, 2e-16):
        moved = [inside[0], inside[1], inside[2] + shift]
        planes = hyperplanes(np.array([*base, moved]), np.arange(5))
        from fractions import Fraction as F

        rows = [[F(v) - F(o) for v, o in zip(p, base[0], strict=True)] for p in (base[1], base[2], moved)]
        exact = sum(s * rows[0][i] * rows[1][j] * rows[2][k] for i, j, k, s in
                    ((0, 1, 2, 1), (1, 2, 0, 1), (2, 0, 1, 1), (0, 2, 1, -1), (1, 0, 2, -1), (2, 1, 0, -1)))
        through = planes.values[(planes.values[:, :3] == 0).all(axis=1)]
        assert len(through) == 1
        corner = 1 if sum(base[3]) > 1 else -1
        normal_up = through[0, 3] * corner
        assert np.sign(through[0, 4]) * np.sign(normal_up) == np.sign(exact) * _up(base)


def _up(base):
    a, b, c, d = (np.array(p) for p in base)
    return np.sign(np.linalg.det(np.array([b - a, c - a, d - a])))


def test_thin_triangles_have_exact_heights():
    # three points almost on a line: the height is the rounded difference, not the noise of a determinant
    points = np.array([[0.1, 0.3], [0.7, 0.9], [0.4, np.nextafter(0.6, 1)]])
    planes = hyperplanes(points, np.arange(3))
    from fractions import Fraction as F

    a, b, c = ([F(v) for v in p] for p in points)
    exact = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    assert exact != 0
    row = planes.values[(planes.values[:, :2] == 0).all(axis=1)]
    assert abs(row[0, 2]) == 1  # the only point off the line has height 1 after scaling
    length = np.hypot(*planes.thetas[(planes.values[:, :2] == 0).all(axis=1)][0, :2])
    assert 1 / length == pytest.approx(float(abs(exact)) / np.hypot(0.6, 0.6), rel=1e-6)


def test_dependent_inputs_are_dropped():
    x = np.array([[1, 2, 3, 5], [1, 3, 4, 5], [1, 4, 5, 5], [1, 4, 5, 6]], dtype=float)
    assert spanning_columns(x).tolist() == [1, 3]
    problem = ERMProblem(x, np.array([1.0, -1.0, 2.0, 0.5]), 1)
    alone = ERMProblem(x[:, [1, 3]], problem.y, 1)
    assert branch_and_bound(problem).value == pytest.approx(branch_and_bound(alone).value, abs=1e-9)


@pytest.mark.parametrize("points", [np.random.default_rng(5).normal(size=(6, 3)), np.array(GRID[:7]),
                                    np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0.0]])])
def test_cones_are_those_of_the_cells(points):
    from mathdl.exact_erm.cells import cells

    planes = hyperplanes(points, np.arange(len(points)))
    start, through = planes.through()
    table = _cones.Table(np.ascontiguousarray(planes.values), start, through, planes.base, planes.opposite)
    signs = np.vstack([np.sign(planes.values), -np.sign(planes.values)])
    realised = {tuple(p) for p in cells(points).patterns.astype(int).tolist()}
    for pattern in np.ndindex(*[2] * len(points)):
        rays = np.zeros(64, dtype=np.int32)
        n = _cones.cone_of(table, np.array(pattern, dtype=np.int8), rays)
        assert (n > 0) == (pattern in realised)
        if n > 0:  # with all points labelled, every ray of the arrangement in the closed cell is extreme
            inside = (signs * (2 * np.array(pattern) - 1) >= 0).all(axis=1)
            expected = {2 * (k % len(planes.values)) + k // len(planes.values) for k in np.flatnonzero(inside)}
            assert set(rays[:n].tolist()) == expected


def test_descents_stop_when_the_time_is_over(monkeypatch):
    search = Search(setting(planted(4, 10, 2, 2), 2, merge=True), 1e-9)
    made = []
    monkeypatch.setattr(_starts, "starts", lambda *arguments: made.append(arguments))
    search.look_around(20, until=-np.inf)
    assert len(made) == 1
    search.look_around(20)
    assert len(made) == 21
