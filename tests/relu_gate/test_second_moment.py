"""The exact second moment: closed forms, enumeration and simulation agree, and its rate is the true one."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from mathdl.core.intervals import mean_error
from mathdl.relu_gate.laws import FiniteLaw, Gaussian, Pareto, SkewExponential, StudentT, cross_polytope
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.second_moment import SecondMoment, exact_mean_squares, symmetric_basis

RNG = np.random.default_rng(0)
POINTS = ((1, 2), (2, -1), (0, 1), (-1, 0), (1, 1))


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_gaussian_closed_form(n):
    operator, s = SecondMoment.gaussian(n), np.array([0.01, 0.1, 0.3])
    assert operator.rate(s) == pytest.approx(1 - s + s ** 2 * (n + 2) / 2, abs=1e-13)
    step, rate = operator.best_step()
    assert (step, rate) == pytest.approx((1 / (n + 2), 1 - 0.5 / (n + 2)), abs=1e-7)
    assert operator.best_step()[1] == pytest.approx(GateMoments.gaussian(n).rate(kind="sharp"), abs=1e-13)


def test_the_ledger_s_exact_contractions():
    for n, updates, expected in ((2, 32, 0.0428), (5, 116, 0.0487), (10, 378, 0.0496), (20, 902, 0.1352)):
        squares = SecondMoment.gaussian(n).mean_squares(np.eye(n)[0], GateMoments.gaussian(n).step_size(), updates)
        assert squares[-1] == pytest.approx(expected, abs=5e-5)


def test_the_recursion_is_the_mean_over_all_sequences():
    law, v, s = FiniteLaw(POINTS), (1, -1), Fraction(1, 5)
    squares = exact_mean_squares(law, (2, 1), v, s, 3)
    for t, expected in enumerate(squares):
        total = Fraction(0)
        for path in product(law.points, repeat=t):
            w = np.array(v, dtype=object)
            for x in path:
                x = np.array(x, dtype=object)
                w = w - s * (x @ np.array((2, 1)) > 0) * (x @ w) * x
            total += w @ w
        assert total / len(POINTS) ** t == expected
    floats = SecondMoment.of(law, (2, 1)).mean_squares(v, 0.2, 3)
    assert floats == pytest.approx([float(q) for q in squares], rel=1e-13)


def test_an_irregular_finite_law_against_simulation():
    law = FiniteLaw(RNG.integers(-3, 4, (7, 3)).tolist(), (0.1, 0.2, 0.1, 0.1, 0.2, 0.2, 0.1))
    w_star, v = np.array([1.0, 0.5, -0.25]), np.array([0.6, 0.0, 0.8])
    runs = modified_sgd(law, w_star, w_star + v, step=0.02, updates=10, runs=4000, rng=RNG)
    exact = SecondMoment.of(law, w_star).mean_squares(v, 0.02, 10)
    assert abs(runs.at(11).mean() - exact[-1]) <= mean_error(runs.at(11))


def test_an_elliptical_law_against_its_sample():
    C = np.array([[1.0, 0.3, 0.0], [0.3, 0.5, 0.1], [0.0, 0.1, 0.2]])
    exact = SecondMoment.elliptical(C)
    sample = SecondMoment.from_sample(RNG.standard_normal((40000, 3)) @ np.linalg.cholesky(C).T, (1, 2, 3))
    for s in (0.05, 0.3, 0.6):
        assert abs(sample.rate(s) - exact.rate(s)) <= sample.error(s)
        assert abs(sample.rate(s) - exact.rate(s)) < 0.01  # the error is not just large


def test_reduced_and_full_basis_give_the_same_numbers():
    """The closed form of Isserlis on all symmetric matrices, written out, beside the diagonal part."""
    C, s, n = np.diag([1.0, 0.4, 0.1]), 0.3, 3
    basis = symmetric_basis(n)
    full = np.array([[np.sum(A * (B - s * (C @ B + B @ C) / 2 + s * s / 2 * (2 * C @ B @ C + np.trace(B @ C) * C)))
                      for B in basis] for A in basis])
    operator, v = SecondMoment.elliptical(C), np.array([0.6, 0.0, 0.8])
    assert operator.rate(s) == pytest.approx(np.linalg.eigvalsh(full)[-1], abs=1e-13)
    M, found = np.outer(v, v), []
    for _ in range(4):
        found.append(np.trace(M))
        M = M - s * (C @ M + M @ C) / 2 + s * s / 2 * (2 * C @ M @ C + np.trace(M @ C) * C)
    assert operator.mean_squares(v, s, 3) == pytest.approx(found, rel=1e-13)


@pytest.mark.parametrize("law", [FiniteLaw(POINTS), FiniteLaw(((1, 0), (0, 3), (1, 1))), cross_polytope(2)])
def test_the_operator_is_self_adjoint_positive_and_its_rate_convex(law):
    operator = SecondMoment.of(law, (2, 1))
    s = np.linspace(0.01, 0.5, 30)
    T, rates = operator.operator(s), operator.rate(s)
    assert abs(T - T.swapaxes(1, 2)).max() < 1e-12
    assert abs(np.linalg.eigvals(T)).max(1) == pytest.approx(rates, rel=1e-12)  # no other eigenvalue is larger in size
    assert (rates[1:-1] <= (rates[2:] + rates[:-2]) / 2 + 1e-12).all()
    top = np.linalg.eigh(T[10])[1][:, -1]
    eigenvalues = np.linalg.eigvalsh(np.einsum("k,kij->ij", top, operator.basis))
    assert eigenvalues.min() * eigenvalues.max() > -1e-9  # semidefinite


@pytest.mark.parametrize("seed", range(5))
def test_long_run_ratio_and_the_order_of_the_bounds(seed):
    rng = np.random.default_rng(seed)
    law, w_star = FiniteLaw(rng.integers(-3, 4, (12, 3)).tolist()), rng.standard_normal(3)
    operator, moments = SecondMoment.of(law, w_star), law.moments(w_star)
    step = moments.step_size("sharp")
    squares = operator.mean_squares(np.eye(3), step, 3000)
    assert squares[-1] / squares[-2] == pytest.approx(float(operator.rate(step)), rel=1e-6)
    slack = operator.error(step)
    assert operator.rate(step) <= operator.one_step_rate(step) + slack
    assert operator.one_step_rate(step) <= moments.rate(step, "sharp") + slack <= moments.rate(step) + 2 * slack
    best, least = operator.best_step()
    assert least <= operator.rate(np.linspace(0.2, 3, 200) * best).min() + 1e-12


def test_the_best_step_can_be_far_from_the_sharp_one():
    law = FiniteLaw(((1, 0), (0, 3)))
    operator, moments = SecondMoment.of(law, (1, 1)), law.moments((1, 1))
    assert operator.best_step()[0] == pytest.approx(0.2, abs=1e-8)
    assert operator.best_step()[1] == pytest.approx((1 + 0.8 ** 2) / 2, abs=1e-8)
    assert moments.step_size("sharp") == pytest.approx(1 / 81)


def test_student_and_pareto():
    n, step = 3, 0.1
    for law in (StudentT(n, 9.0), Pareto(n, 5.0)):
        moments = law.moments(np.eye(n)[1])
        assert SecondMoment.of(law, np.eye(n)[1]).rate(step) == pytest.approx(moments.rate(step, "sharp"), rel=1e-12)


def test_refusals():
    with pytest.raises(ValueError, match="not above 4"):
        SecondMoment.of(Pareto(3), (1, 0, 0))
    with pytest.raises(ValueError, match="Hill estimate"):
        SecondMoment.from_sample(Pareto(3).sample(2000, rng=RNG), (1, 0, 0))
    with pytest.raises(ValueError, match="from_sample"):
        SecondMoment.of(SkewExponential(2), (1, 0))
    with pytest.raises(ValueError, match="other than zero"):
        SecondMoment.of(Gaussian(2), (0, 0))
    with pytest.raises(ValueError, match="spans all directions"):
        SecondMoment.of(FiniteLaw(((1, 0), (-1, 1))), (1, 0)).best_step()
    with pytest.raises(ValueError, match="symmetric matrix"):
        SecondMoment.elliptical([[1, 1], [0, 1]])
    with pytest.raises(ValueError, match="finite moments"):
        SecondMoment.elliptical(np.eye(2), fourth=np.inf)
    with pytest.raises(ValueError, match=r"sample \(S, n\)"):
        SecondMoment.from_sample(np.ones((3, 2)), (1, 0, 0))
