"""Reliable learning: losses by counting, the optimum against a solver with equalities, sampling against simulation."""

from fractions import Fraction
from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.cell_problem import solve_cell
from mathdl.exact_erm.losses import as_loss
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import ray_cells, sign_vectors
from mathdl.exact_erm.reliable import reliable_erm, reliable_losses, trade_off
from mathdl.exact_erm.reliable_sampling import (
    Atoms,
    deviation_probability,
    enough_samples,
    failure_probability,
    learn,
)

THIRDS = (Fraction(1, 3),) * 3


def problem_of(D, n, w, zeros, *, seed=0, bias=False, loss="squared"):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((D, n)), rng.uniform(0.1, 1, D)
    y[:zeros] = 0
    return ERMProblem(x, y, w, loss, output_bias=bias, sample_weight=rng.uniform(0.5, 2, D))


def plain(problem, missed=()):
    """Every tuple of cells with the equalities added as pairs of inequalities, by the general cell solver."""
    cells, best = ray_cells(problem), np.inf
    held = [j for j in np.flatnonzero(problem.y == 0) if j not in missed]
    weight = np.where(problem.y > 0, problem.sample_weight, 0)
    keep = problem.y > 0
    if not keep.any():
        return 0.0
    for rows in combinations_with_replacement(range(len(cells)), problem.width):
        for signs in sign_vectors(rows):
            p = cells.patterns[list(rows)]
            M = np.hstack([s * on[:, None] * problem.lifted for s, on in zip(signs, p, strict=True)])
            G = np.kron(np.eye(len(p)), problem.lifted) * np.where(p, 1.0, -1.0).reshape(-1, 1)
            E = M[held][M[held].any(axis=1)]
            found = solve_cell(M[keep], problem.y[keep], np.vstack([G, E, -E]), as_loss(problem.loss, problem.y),
                               weight=weight[keep])
            best = min(best, found.value)
    return best


@pytest.mark.parametrize(("case", "loss"), [((6, 1, 1, 2), "squared"), ((6, 2, 1, 3), "squared"),
                                            ((5, 1, 2, 2), "squared"), ((5, 1, 1, 2), "absolute")])
def test_the_reliable_optimum_against_a_solver_with_equalities(case, loss):
    problem = problem_of(*case, loss=loss)
    found = reliable_erm(problem)
    assert found.value == pytest.approx(plain(problem), abs=1e-9)
    one = reliable_erm(problem, allowed=1)
    assert one.value == pytest.approx(min(plain(problem, [j]) for j in range(case[3])), abs=1e-9)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_nets_are_zero_where_they_must_and_have_the_value(width, bias, allowed):
    problem = problem_of(6, 1, width, 3, seed=1, bias=bias)
    found = reliable_erm(problem, allowed=allowed)
    predictions = found.net(problem.x).ravel()
    held = (problem.y == 0) & ~found.false_positives
    assert found.false_positives.sum() <= allowed
    assert abs(predictions[held]).max(initial=0) <= 1e-9 * max(1, abs(found.theta).max())
    assert problem.losses(predictions)[problem.y > 0].sum() == pytest.approx(found.value, abs=1e-9)


def test_two_gates_may_cancel_on_a_zero_label():
    # σ(1 - x) - σ(-2x) is 1 at 0 and 0 at the other points; at -1 both gates are active and their outputs cancel.
    x, y = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0, 0.0])
    found = reliable_erm(ERMProblem(x, y, 2))
    assert found.value == pytest.approx(0, abs=1e-12)
    hidden = np.maximum(found.theta @ found.problem.lifted.T, 0)
    assert (hidden[:, (y == 0)] > 0.5).all(axis=0).any()
    assert reliable_erm(ERMProblem(x, y, 1)).value == pytest.approx(1)


def test_equal_to_the_free_optimum_when_that_has_no_false_positive():
    x, y = np.arange(6.0), np.array([0.0, 0.0, 0.0, 0.3, 0.6, 0.9])
    problem = ERMProblem(x, y, 1)
    assert reliable_erm(problem).value == pytest.approx(erm_bruteforce(problem).value, abs=1e-12)
    free = ERMProblem(x, y[::-1] * (-1) ** np.arange(6) ** 2 + 1, 1)
    assert trade_off(free).shape == (1,)
    assert reliable_erm(free).value == pytest.approx(erm_bruteforce(free).value)


def test_trade_off_falls_to_the_optimum_on_positive_labels():
    for width in (1, 2):
        problem = problem_of(7, 1, width, 3, seed=3)
        curve = trade_off(problem)
        keep = problem.y > 0
        alone = erm_bruteforce(ERMProblem(problem.x[keep], problem.y[keep], width,
                                          sample_weight=problem.sample_weight[keep]))
        assert (np.diff(curve) <= 1e-12).all()
        assert curve[0] > curve[-1] + 1e-3  # false positives are worth something here
        assert curve[-1] == pytest.approx(alone.value, abs=1e-10)
        by_choice = [min(plain(problem, missed) for missed in combinations(range(3), k)) for k in range(4)] \
            if width == 1 else curve
        assert curve == pytest.approx(by_choice, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 2), st.sampled_from([0.0, 0.0, 0.5, 1.0])), min_size=1, max_size=5))
def test_degenerate_data_with_contradictions(samples):
    x, y = np.array(samples, dtype=float).T
    problem = ERMProblem(x, y, 1)
    found = reliable_erm(problem)
    assert abs(found.net(problem.x).ravel()[y == 0]).max(initial=0) <= 1e-9
    assert found.value == pytest.approx(plain(problem), abs=1e-9)


def test_losses_by_counting():
    x, y = np.arange(4.0)[:, None], [0.0, 0.0, 0.5, 1.0]
    h = lambda x: np.array([0.0, 2.0, 0.0, 1.5])[x[:, 0].astype(int)]  # noqa: E731
    assert reliable_losses(h, x, y) == pytest.approx((0.25, (0.25 + 0.25) / 4))
    assert reliable_losses(h, x, y, "absolute") == pytest.approx((0.25, (0.5 + 0.5) / 4))
    weighted = reliable_losses(h, x, y, probability=[0.4, 0.3, 0.2, 0.1])
    assert weighted == pytest.approx((0.3, 0.25 * 0.2 + 0.25 * 0.1))
    assert reliable_losses(h, x, y, zero=2.0).false_positives == 0


def test_failure_probability_against_simulation():
    atoms = Atoms((0.0, 1.0, 2.0), (0.0, 1.0, 0.5), (Fraction(9, 20), Fraction(7, 20), Fraction(1, 5)))
    exact = failure_probability(atoms, 3, 0.1)
    rng, failed, runs = np.random.default_rng(0), 0, 400
    least = reliable_erm(atoms.problem([0.45, 0.35, 0.2], 1)).value
    for counts in rng.multinomial(3, [0.45, 0.35, 0.2], size=runs):
        h = learn(atoms, counts, 1)
        found = reliable_losses(h, np.array(atoms.points)[:, None], atoms.labels, probability=[0.45, 0.35, 0.2],
                                zero=1e-9)
        failed += found.false_positives > 0.1 or found.positive > least + 0.1 + 1e-9
    assert failed / runs == pytest.approx(float(exact), abs=4 * (float(exact) / runs) ** 0.5)
    assert 0 < exact < 1


def test_deviations_by_hand():
    coin = Atoms((0.0, 1.0), (0.0, 1.0), (Fraction(1, 2), Fraction(1, 2)))
    assert deviation_probability(coin, 2, 0.5) == Fraction(1, 2)  # two heads or two tails
    assert deviation_probability(coin, 2, 1.0) == 0
    assert deviation_probability(coin, 3, 0.5) == Fraction(1, 4)
    assert deviation_probability(coin, 5, -1) == 1  # the probabilities of all samples
    assert deviation_probability(coin, 1, 0.5) == 1
    assert deviation_probability(Atoms((0.0, 1.0, 2.0), (0, 0, 1), THIRDS), 1, 1.3) == 1


@pytest.mark.parametrize("epsilon", [0.5, 1.0])
def test_enough_samples_are_enough(epsilon):
    atoms = Atoms((0.0, 1.0), (0.0, 1.0), (Fraction(1, 3), Fraction(2, 3)))
    m = enough_samples(2, epsilon, 0.25)
    assert deviation_probability(atoms, m, epsilon / 2) <= 0.25
    assert m == int(np.ceil(8 / epsilon ** 2 * np.log(8)))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: reliable_erm(ERMProblem([0.0, 1.0], [-1.0, 1.0], 1)), "labels >= 0"),
    (lambda: reliable_erm(ERMProblem([0.0, 1.0], [0.0, 1.0], 1), allowed=-1), "allowed: expected"),
    (lambda: reliable_erm(ERMProblem(np.arange(300.0), np.ones(300), 2)), "at most 200000"),
    (lambda: reliable_losses(np.zeros_like, np.zeros((2, 1)), [0, 1], probability=[0.5, 0.4]), "add up to 1"),
    (lambda: Atoms((0.0,), (2.0,), (Fraction(1),)), "labels in \\[0, 1\\]"),
    (lambda: Atoms((0.0,), (1.0,), (Fraction(1, 2),)), "add up to 1"),
    (lambda: Atoms((0.0, 1.0), (1.0,), (Fraction(1),)), "as many labels")])
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
