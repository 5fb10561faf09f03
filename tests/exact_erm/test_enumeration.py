"""The enumeration against a brute force over all cells and signs, on random and degenerate data; its certificates."""

from dataclasses import replace
from itertools import combinations_with_replacement, product

import numpy as np
import pytest

import mathdl.exact_erm.enumeration as enumeration
from mathdl.exact_erm._cone import workspace
from mathdl.exact_erm._local_search import _solve_tuple
from mathdl.exact_erm._settle import Settled
from mathdl.exact_erm._sweep import BLOCK, _bounds
from mathdl.exact_erm.enumeration import TOLERANCE, erm_enumerate
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import ray_cells


def brute_force(problem):
    cells = ray_cells(problem)
    return min(cells.fit(rows, signs).value for rows in combinations_with_replacement(range(len(cells)), problem.width)
               for signs in product((1, -1), repeat=problem.width))


def scale(problem):
    return max(problem.zero_value, 1e-300)


def instance(seed):
    """Points in general position, on lattices or on a line; labels of all kinds; weights with zeros; tiny samples."""
    rng = np.random.default_rng(seed)
    n, w = int(rng.choice([1, 2, 2, 3])), int(rng.integers(1, 4))
    D = int(rng.integers(1, 9 if n == 1 else 7))
    D = min(D, {(3, 1): 6, (3, 2): 5, (3, 3): 4}.get((w, n), D))
    x = [lambda: rng.standard_normal((D, n)), lambda: rng.integers(-1, 2, (D, n)),
         lambda: np.outer(rng.integers(-2, 3, D), rng.integers(-1, 2, n))][(0, 0, 1, 1, 2)[seed % 5]]()
    y = rng.standard_normal(D) if seed % 5 in (0, 2) else rng.integers(-1, 2, D)
    y = np.ones(D) if seed % 11 == 0 else y
    v = rng.integers(0, 3, D) if seed % 3 == 0 else None
    return ERMProblem(x, y, w, output_bias=bool(seed % 2), sample_weight=v if v is not None and v.any() else None)


@pytest.mark.parametrize("seed", range(70))
def test_the_optimum_is_that_of_brute_force(seed):
    problem = instance(seed)
    result, value = erm_enumerate(problem), brute_force(problem)
    assert result.status == "optimal"
    assert result.value == pytest.approx(value, rel=1e-9, abs=1e-12 * scale(problem))
    assert result.lower <= value + 1e-13 * scale(problem)
    assert result.lower >= result.value - 2 * TOLERANCE * scale(problem)
    assert problem.value(result.net) == result.value


@pytest.mark.parametrize("seed", range(40))
def test_the_turning_line_agrees_with_the_tuples(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    D = int(rng.integers(3, 40))
    x = rng.standard_normal((D, 2)) if seed % 2 else rng.integers(-3, 4, (D, 2))
    y = rng.standard_normal(D) if seed % 3 else np.maximum(x @ [1, .5] + .2, 0) + .1 * rng.standard_normal(D)
    problem = ERMProblem(x, y, 1, sample_weight=rng.integers(1, 4, D) if seed % 5 == 0 else None)
    turned = erm_enumerate(problem)
    monkeypatch.setattr(enumeration, "_in_the_plane", lambda sample: False)
    listed = erm_enumerate(problem)
    assert turned.value == pytest.approx(listed.value, rel=1e-10)
    assert turned.status == listed.status == "optimal"
    assert turned.lower == pytest.approx(listed.lower, abs=4 * TOLERANCE * scale(problem))


@pytest.mark.parametrize("seed", range(12))
def test_the_bounds_prune_nothing_that_wins(seed, monkeypatch):
    """From the optimum raised a little, without local search: the best net must pass every bound on its way."""
    rng = np.random.default_rng(seed)
    n, w, D = ((1, 2, 14), (2, 2, 10), (1, 3, 9), (3, 1, 9))[seed % 4]
    problem = ERMProblem(rng.standard_normal((D, n)), rng.standard_normal(D), w, output_bias=bool(seed // 4 % 2))
    value = erm_enumerate(problem).value

    def barely_worse(search):
        start(search)
        search.best = replace(search.best, value=value / search.sample.norm ** 2 * (1 + 1e-6))

    start = enumeration.Search.start
    monkeypatch.setattr(enumeration.Search, "start", barely_worse)
    monkeypatch.setattr(enumeration, "_in_the_plane", lambda sample: False)
    assert erm_enumerate(problem).value == pytest.approx(value, rel=1e-9)
    monkeypatch.setattr(enumeration.Search, "start", lambda search: setattr(search, "best", nothing(search)))
    assert erm_enumerate(problem).value == pytest.approx(value, rel=1e-9)


def nothing(search):
    """The net that is 0 everywhere, and loses everything."""
    w, d = search.width, search.Q.shape[1]
    return Settled(1.0, 0.0, np.zeros((w, d)), np.ones(w), 0.0)


@pytest.mark.parametrize(("n", "w", "bias"), [(1, 2, False), (2, 2, False), (2, 2, True), (1, 3, True), (3, 1, False)])
def test_cones_and_rays_give_one_value(n, w, bias):
    rng = np.random.default_rng(n + w)
    problem = ERMProblem(rng.standard_normal((12, n)), rng.standard_normal(12), w, output_bias=bias)
    search = enumeration.Search(enumeration.Sample.of(problem), None, np.inf)
    first, places = np.zeros((w, 2)), np.zeros((w, 2), np.int64)
    solved = 0
    for tuple_ in rng.choice(np.flatnonzero(search.usable), (60, w)):
        value, code, _ = _solve_tuple(search.Q, search.unit, float(search.y @ search.ones), search.patterns, search.G,
                                      search.beta, search.gamma, tuple_, w, bias, search.e, -1, np.inf,
                                      workspace(w, n + 1), first, places)
        if np.isfinite(value):
            signs = np.array([1.0 if code >> i & 1 else -1.0 for i in range(w)])
            assert value == pytest.approx(search.settler(tuple_).value, rel=1e-8)
            assert value == pytest.approx(search.settler.with_signs(tuple_, signs).value, rel=1e-8)
            solved += 1
    assert solved > 20


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_block_bounds_are_those_of_least_squares(d):
    rng = np.random.default_rng(d)
    m, e = 2 * d, 1e-15
    B, y = rng.standard_normal((BLOCK, 20, d)) / 9, rng.standard_normal(20) / 9
    F = np.linalg.qr(rng.standard_normal((20, m)))[0]
    r = y - F @ (F.T @ y)
    cross, right = np.einsum("jm,kjd->kmd", F, B), np.einsum("kjd,j->kd", B, r)
    buffer = np.vstack([cross.reshape(BLOCK, -1).T, right.T])
    rows, columns = np.tril_indices(d)
    grams = np.einsum("kji,kjl->kil", B, B)[:, rows, columns].T.copy()
    margin = np.zeros(BLOCK)
    _bounds(buffer, grams, 0, m, d, 0.5, e, np.zeros((d * (d + 1) // 2 + 5, BLOCK)), margin)
    gain = [r @ r - np.linalg.lstsq(np.hstack([F, b]), y, rcond=None)[1][0] for b in B]
    assert np.allclose(margin, 0.5 - np.array(gain), atol=1e-9)
    assert (margin < 0.5 - np.array(gain)).all()


def test_known_values():
    rng = np.random.default_rng(3)
    x, a = rng.normal(size=(8, 2)), rng.normal(size=(2, 3))
    gates = np.maximum(np.column_stack([x, np.ones(8)]) @ a.T, 0)
    y = gates[:, 0] - gates[:, 1] + .3 * rng.normal(size=8)
    assert erm_enumerate(ERMProblem(x, y, 2)).value == pytest.approx(0.0551083038, abs=1e-10)
    line, shifted = np.arange(-1.0, 3), 1 + np.maximum(np.arange(-1.0, 3), 0)
    values = [erm_enumerate(ERMProblem(line, shifted, w, output_bias=b)).value for w, b in ((1, 0), (1, 1), (2, 0))]
    assert values == pytest.approx([0.3, 0, 0], abs=1e-12)


@pytest.mark.parametrize(("inputs", "width", "samples"), [(1, 3, 25), (2, 2, 20), (2, 1, 60), (3, 1, 15), (2, 1, 5)])
def test_planted_nets_are_found(inputs, width, samples):
    rng = np.random.default_rng(inputs + 10 * width)
    x = rng.standard_normal((samples, inputs))
    y = np.maximum(np.column_stack([x, np.ones(samples)]) @ rng.standard_normal((inputs + 1, width)), 0).sum(axis=1)
    result = erm_enumerate(ERMProblem(x, y, width))
    assert result.value <= 1e-12 * (y @ y)
    assert result.status == "optimal"


def test_weights_count_as_copies():
    rng = np.random.default_rng(5)
    x, y, v = rng.standard_normal((9, 2)), rng.standard_normal(9), rng.integers(1, 4, 9)
    copies = ERMProblem(np.repeat(x, v, axis=0), np.repeat(y, v), 2)
    weighted = erm_enumerate(ERMProblem(x, y, 2, sample_weight=v))
    assert weighted.value == pytest.approx(erm_enumerate(copies).value, rel=1e-10)


def test_contradicting_copies_keep_their_loss():
    problem = ERMProblem([[0.0], [0.0], [1.0]], [0.0, 2.0, 5.0], 2)
    result = erm_enumerate(problem)
    assert result.value == pytest.approx(2.0)
    assert result.lower == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize("shift", [0, 1e5])
@pytest.mark.parametrize("size", [1e-8, 1e8])
def test_units_do_not_matter(shift, size):
    rng = np.random.default_rng(8)
    x, y = rng.integers(-8, 9, (10, 2)) / 8, rng.standard_normal(10)
    value = erm_enumerate(ERMProblem(x, y, 2)).value
    assert erm_enumerate(ERMProblem(x + shift, y * size, 2)).value == pytest.approx(value * size ** 2, rel=1e-8)


def test_points_that_only_almost_lie_on_a_line_get_an_honest_bound():
    """Multiples of 0.1 miss their lines by 1e-17: gates of size 1e16 could tell them apart, and floats cannot say."""
    rng = np.random.default_rng(83)
    rng.integers(3, 40)
    problem = ERMProblem(0.1 * rng.integers(-3, 4, (30, 2)), rng.normal(size=30), 1)
    result = erm_enumerate(problem)
    assert problem.value(result.net) == result.value
    assert result.lower < result.value - 1e-3
    assert result.status == "stopped"


def test_all_labels_zero():
    result = erm_enumerate(ERMProblem([[0.0], [1.0]], [0.0, 0.0], 2))
    assert (result.value, result.lower, result.status) == (0, 0, "optimal")


def test_a_time_limit_leaves_a_valid_interval():
    rng = np.random.default_rng(0)
    problem = ERMProblem(rng.standard_normal((70, 2)), rng.standard_normal(70), 2)
    result = erm_enumerate(problem, time_limit=1e-9)
    assert result.status == "stopped"
    assert result.lower == 0
    assert problem.value(result.net) == result.value < problem.zero_value


@pytest.mark.parametrize("width", [1, 2])
def test_interrupts_keep_the_best_net(width):
    rng = np.random.default_rng(1)
    problem = ERMProblem(rng.standard_normal((60, 2)), rng.standard_normal(60), width)

    def interrupt(lower, upper, fraction):
        assert 0 <= lower <= upper
        assert 0 < fraction <= 1
        raise KeyboardInterrupt

    result = erm_enumerate(problem, on_progress=interrupt)
    assert result.status == "stopped"
    assert result.value < problem.zero_value


def test_progress_ends_at_one():
    rng, seen = np.random.default_rng(2), []
    problem = ERMProblem(rng.standard_normal((12, 2)), rng.standard_normal(12), 2)
    result = erm_enumerate(problem, on_progress=lambda *state: seen.append(state))
    assert seen[-1][2] == 1
    assert seen[-1][1] == pytest.approx(result.value)


def test_other_losses_and_too_many_cells_are_refused():
    with pytest.raises(ValueError, match="expected the squared loss; got 'hinge'"):
        erm_enumerate(ERMProblem([[0.0], [1.0]], [1.0, -1.0], 1, "hinge"))
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="Use branch_and_bound"):
        erm_enumerate(ERMProblem(rng.standard_normal((300, 3)), rng.standard_normal(300), 1))
