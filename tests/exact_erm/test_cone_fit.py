"""The convex problem of one cone against scipy's solvers, and its lower bounds against their definition."""

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.optimize import nnls as scipy_nnls

from mathdl.exact_erm._cone_fit import boxed_lp, nnls
from mathdl.exact_erm.cone_fit import fit_cone
from mathdl.exact_erm.losses import ABSOLUTE, HINGE, SQUARED, Loss, huber, quantile
from mathdl.exact_erm.problem import ERMProblem

CLOSE = 1e-8  # HiGHS stops at 1e-7 in the constraints; labels and coefficients are of size 1 to 10


def drawn(seed):
    """Features as rays have them, on every third draw small integers, on every fifth columns a, -a, a."""
    rng = np.random.default_rng(seed)
    m, k = rng.integers(1, 14), rng.integers(1, 9)
    A, y = rng.normal(size=(m, k)), rng.normal(size=m)
    if seed % 3 == 0:
        A = np.round(1.2 * A)
    if seed % 5 == 0 and k > 2:
        A[:, 1], A[:, 2] = -A[:, 0], A[:, 0]
    return A, y if seed % 2 else np.round(2 * y), rng


def by_linprog(A, t, low, high):
    m, k = A.shape
    rows = np.block([[-high[:, None] * A, -np.eye(m)], [-low[:, None] * A, -np.eye(m)]])
    found = linprog(np.r_[np.zeros(k), np.ones(m)], A_ub=rows, b_ub=np.r_[-high * t, -low * t],
                    bounds=[(0, None)] * k + [(None, None)] * m)
    return found.fun


@pytest.mark.parametrize("block", range(4))
def test_least_squares_equals_scipy(block):
    for seed in range(60 * block, 60 * block + 60):
        A, y, _ = drawn(seed)
        c, value, lower = nnls(A, y)
        assert (c >= 0).all()
        assert value == pytest.approx(scipy_nnls(A, y)[1] ** 2, abs=1e-11)
        assert value == pytest.approx(((A @ c - y) ** 2).sum(), abs=1e-13)
        assert value - 1e-9 <= lower <= value + 1e-13


@pytest.mark.parametrize("block", range(4))
def test_boxed_programs_equal_highs(block):
    for seed in range(40 * block, 40 * block + 40):
        A, t, rng = drawn(seed)
        high, low = rng.uniform(0, 2, (2, len(t))) * (rng.random((2, len(t))) > 0.2) * np.array([[1], [-1]])
        c, value, lower, u = boxed_lp(A, t, low, high)
        assert (c >= 0).all()
        assert value == pytest.approx(by_linprog(A, t, low, high), abs=CLOSE)
        assert value == pytest.approx(np.maximum(low * (t - A @ c), high * (t - A @ c)).sum(), abs=1e-12)
        assert value - 1e-9 <= lower <= value + 1e-13
        assert ((low <= u) & (u <= high)).all()
        assert (A.T @ u).max() <= 1e-12 * (1 + abs(A).max())


def test_boxes_need_not_contain_zero():
    # a line 0.5 f and a kink at 1: minimise 0.5 c + max(1 - c, 0) over c >= 0, at c = 1
    c, value, lower, _ = boxed_lp(np.ones((2, 1)), np.array([0.0, 1.0]), np.array([-0.5, 0.0]), np.array([-0.5, 1.0]))
    assert (c[0], value) == (1.0, 0.5)
    assert lower == pytest.approx(0.5, abs=1e-9)


def test_ties_do_not_cycle():
    rng = np.random.default_rng(0)
    for _ in range(60):  # equal labels and few different features: every pivot is degenerate
        A = rng.integers(0, 2, (30, 8)) * rng.choice([-1.0, 1.0], 8)
        t = rng.integers(-1, 2, 30).astype(float)
        _, value, lower, _ = boxed_lp(A, t, -np.ones(30), np.ones(30))
        assert lower == pytest.approx(value, abs=1e-8)


@pytest.mark.parametrize("turn", [1e-3, 1e-6, 1e-9])
def test_nearly_dependent_columns_keep_the_bound(turn):
    # y is the difference of two columns at a small angle: huge coefficients are right
    a, b = np.array([1.0, 0.0, 0.0]), np.array([1.0, turn, 0.0])
    y = np.array([0.0, 1.0, 0.5])
    c, value, lower = nnls(np.column_stack([-a, b]), y)
    assert value == pytest.approx(0.25, abs=1e-6)
    assert c.max() == pytest.approx(1 / turn, rel=1e-6)
    assert 0.25 - 1e-9 <= lower <= 0.25 + 1e-13


def test_weights_count_samples():
    rng = np.random.default_rng(1)
    A, y, v = rng.normal(size=(6, 3)), rng.normal(size=6), np.array([0, 1, 2, 3, 0, 1])
    for loss in (SQUARED, ABSOLUTE, quantile(0.3), huber()):
        repeated = fit_cone(np.repeat(A, v, axis=0), np.repeat(y, v), loss)
        assert fit_cone(A, y, loss, v)[1] == pytest.approx(repeated[1], abs=1e-9)


def test_hinge_by_hand():
    # labels 1, 1, -1 and one feature 1 everywhere: max(1 - c, 0) twice and 1 + c: smallest at c = 1
    c, value, lower = fit_cone(np.ones((3, 1)), np.array([1.0, 1.0, -1.0]), HINGE)
    assert c[0] == pytest.approx(1)
    assert value == pytest.approx(2)
    assert lower == pytest.approx(2, abs=1e-9)


@pytest.mark.parametrize("seed", range(25))
def test_huber_meets_its_bound_and_no_point_is_below(seed):
    A, y, rng = drawn(seed)
    loss = huber(0.7)
    c, value, lower = fit_cone(A, y, loss)
    assert value == pytest.approx(loss.value(A @ c, y).sum(), abs=1e-12)
    assert value - lower <= 2e-9 * (1 + loss.value(0 * y, y).sum())
    for _ in range(200):
        near = np.maximum(c + rng.normal(size=len(c)) * 10.0 ** rng.uniform(-6, 1), 0)
        assert loss.value(A @ near, y).sum() >= lower


def test_huber_with_a_wide_middle_is_half_the_square():
    A, y, _ = drawn(7)
    assert fit_cone(A, y, huber(100.0))[1] == pytest.approx(nnls(A, y)[1] / 2, abs=1e-9)


def test_a_function_is_fitted_like_the_loss_it_is():
    A, y, _ = drawn(11)

    def distance(f, y):
        return np.abs(f - y)

    loss = ERMProblem(np.arange(len(y)), y, 1, distance).loss
    assert fit_cone(A, y, loss)[1:] == pytest.approx(fit_cone(A, y, ABSOLUTE)[1:], abs=1e-7)


def test_wrong_slopes_make_wrong_bounds():
    wrong = Loss("wrong slopes", lambda f, y: (f - y) ** 2, lambda f, y: 0 * f, "smooth")
    fits = [(fit_cone(A, y, wrong)[2], nnls(A, y)[1]) for A, y, _ in map(drawn, range(1, 12, 2))]
    assert max(lower - value for lower, value in fits) > 1e-3


def test_a_cutoff_only_stops_early():
    A, y, _ = drawn(13)
    _, value, lower = fit_cone(A, y, huber(), cutoff=0.0)
    assert lower <= fit_cone(A, y, huber())[1] <= value


@pytest.mark.parametrize(("A", "y", "v"), [(np.ones(3), np.ones(3), None), (np.ones((3, 1)), np.ones(2), None),
                                           (np.ones((3, 1)), np.ones(3), np.ones(2))])
def test_shapes_are_checked(A, y, v):
    with pytest.raises(ValueError, match="expected A of shape"):
        fit_cone(A, y, SQUARED, v)


def test_numbers_are_checked():
    with pytest.raises(ValueError, match="finite"):
        fit_cone(np.full((2, 1), np.nan), np.ones(2))
    with pytest.raises(ValueError, match="weights"):
        fit_cone(np.ones((2, 1)), np.ones(2), SQUARED, [-1, 1])
