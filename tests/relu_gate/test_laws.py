"""Input laws: exact moments of the active half against enumeration, against samples, and against each other."""

from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.intervals import mean_error
from mathdl.relu_gate.half_space import wedge
from mathdl.relu_gate.laws import FiniteLaw, Gaussian, HalfSpace, Pareto, SkewExponential, StudentT, cross_polytope
from mathdl.relu_gate.moments import GateMoments

LAWS = [(Gaussian(3), (1, 2, -1)), (StudentT(3, 17), (1, 2, -1)), (Pareto(2, 17), (1, 2)),
        (HalfSpace(4), (1, -.5, 2, .3)), (HalfSpace(3), (-1, .5, .2)), (HalfSpace(3), (1, 0, 0)),
        (HalfSpace(3), (0, 0, 1)), (SkewExponential(3), (1, 2, -1)), (SkewExponential(3), (-1, -2, -1)),
        (SkewExponential(2, 0), (1, -1)), (SkewExponential(2, 0), (1, 0)), (SkewExponential(2), (1, 0)),
        (SkewExponential(6), (1,) * 6), (SkewExponential(2, .5), (1, -1)), (cross_polytope(3), (1, 2, -1))]


@pytest.mark.parametrize(("law", "w_star"), LAWS, ids=lambda v: getattr(v, "name", str(v)))
def test_exact_moments_agree_with_a_sample(law, w_star):
    x = law.sample((40_000,), rng=np.random.default_rng(0))
    active = (x @ np.array(w_star) > 0).astype(float)
    squares = (x ** 2).sum(axis=1)
    moments = law.moments(w_star)
    for power, exact in ((0, moments.sigma), (1, moments.weighted)):
        values = (active * squares ** power)[:, None, None] * x[:, :, None] * x[:, None, :]
        assert (np.abs(values.mean(0) - exact) <= mean_error(values) + 1e-12).all()
    assert abs(active.mean() - moments.p_plus) <= mean_error(active) + 1e-12
    assert abs(squares.mean() - law.second_moment) <= mean_error(squares) + 1e-12
    assert moments.c1 == pytest.approx(np.trace(moments.weighted), rel=1e-12)
    assert moments.error < 1e-11 * max(1, moments.c1)


@pytest.mark.parametrize(("law", "w_star"), [case for case in LAWS if case[1] != (0, 0, 1)], ids=str)
def test_both_halves_make_the_whole(law, w_star):
    """A second route: the half spaces of w_* and -w_* leave out only a plane, and here it has no mass."""
    there, back = law.moments(w_star), law.moments(tuple(-w for w in w_star))
    assert np.trace(there.sigma + back.sigma) == pytest.approx(law.second_moment, rel=1e-12)
    assert there.p_plus + back.p_plus == pytest.approx(1, abs=1e-12)


def test_a_single_exponential_by_hand():
    """x = E - 1 > 0: with y = E - 1 ~ Exp(1) again, E[1 x^k] = k!/e."""
    moments = SkewExponential(1).moments([2.0])
    assert (moments.p_plus, moments.lam, moments.c1) == pytest.approx(np.array([1, 2, 24]) / np.e, rel=1e-12)


def test_two_exponentials_by_hand():
    """E_1 > E_2: p = 1/2; the larger of two is E/2 + E', the smaller E/2."""
    moments = SkewExponential(2, shift=0).moments([1.0, -1.0])
    larger, smaller, product = Fraction(7, 2), Fraction(1, 2), Fraction(1)
    exact = np.array([[larger, product], [product, smaller]], dtype=float) / 2
    assert np.abs(moments.sigma - exact).max() < 1e-12
    assert moments.c1 == pytest.approx(28, rel=1e-12)  # half of E(x₁² + x₂²)² = 24 + 24 + 2 · 4


def test_exponentials_that_are_never_active():
    moments = SkewExponential(2, shift=0).moments([-1.0, -1.0])
    assert max(moments.lam, moments.c1, moments.Lambda, moments.p_plus) < 1e-12


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 2, 2.0, np.pi])
def test_a_wedge_of_the_plane(angle):
    p, sigma = wedge(np.array([1.0, 0]), np.array([np.cos(angle), np.sin(angle)]))
    phi = np.linspace(angle - np.pi / 2, np.pi / 2, 20_001)
    u = np.stack([np.cos(phi), np.sin(phi)])
    assert p == pytest.approx((np.pi - angle) / (2 * np.pi), abs=1e-12)
    assert np.abs(sigma - np.trapezoid(u[:, None] * u[None], phi, axis=-1) / np.pi).max() < 1e-7


def test_enumeration_in_fractions():
    p, sigma, weighted = cross_polytope(3).matrices((1, 2, -1))
    assert (p, sigma[0, 0], weighted[1, 1], sigma[0, 1]) == (Fraction(1, 2), Fraction(1, 6), Fraction(1, 6), 0)
    law = FiniteLaw(((1, 2), (-1, 0), (0, 3)), (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)))
    p, sigma, weighted = law.matrices((1, 1))
    assert p == Fraction(2, 3)
    assert sigma.tolist() == [[Fraction(1, 2), 1], [1, Fraction(7, 2)]]
    assert np.trace(weighted) == Fraction(1, 2) * 25 + Fraction(1, 6) * 81


def test_what_each_law_breaks():
    assert Gaussian(3).breaks((1, 0, 0)) == ()
    assert SkewExponential(2).breaks((1, 1)) == ()
    assert Pareto(2, 3).breaks((1, 0)) == ("E‖x‖⁴ < ∞",)
    assert StudentT(2, 4).breaks((1, 0)) == ("E‖x‖⁴ < ∞",)
    assert HalfSpace(3).breaks((1, 0, 0)) == ("Σ₊ ≻ 0",)
    assert HalfSpace(3).breaks((1, 0, .1)) == ()
    assert cross_polytope(2).breaks((1, 0)) == ("Σ₊ ≻ 0",)
    assert Gaussian(2).breaks((0, 0)) == SkewExponential(2).breaks((0, 0)) == ("Σ₊ ≻ 0",)


def test_a_full_covariance_with_a_singular_half():
    law = HalfSpace(3)
    both = law.moments((1, 0, 0)).sigma + law.moments((-1, 0, 0)).sigma
    assert np.linalg.eigvalsh(both)[0] == pytest.approx(0.5)
    assert law.moments((1, 0, 0)).lam < 1e-12


@pytest.mark.parametrize("law", [Pareto(2, 3), Pareto(2, 4), StudentT(3, 4), StudentT(3, 2)])
def test_no_fourth_moment_is_refused_by_its_tail(law):
    with pytest.raises(ValueError, match=r"fourth moment; .*tail index \d.* is not above 4.*Hill"):
        law.moments(np.ones(law.n))


@pytest.mark.parametrize(("make", "message"), [
    (lambda: HalfSpace(2), "at least 3 inputs"), (lambda: FiniteLaw(((1, 2), (1,))), "rows of one length"),
    (lambda: FiniteLaw(()), "rows of one length"), (lambda: FiniteLaw(((1,), (2,)), (0.5, 0.6)), "sum 1"),
    (lambda: FiniteLaw(((1,), (2,)), (1.5, -0.5)), "numbers >= 0"),
    (lambda: Gaussian(2).moments((1, 2, 3)), "expected 2 finite numbers"),
    (lambda: SkewExponential(2).moments((1, np.nan)), "expected 2 finite numbers"),
    (lambda: HalfSpace(3).moments((1, 2)), "expected 3 finite numbers"),
    (lambda: cross_polytope(2).moments((1, 2, 3)), "expected 2 numbers")])
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("law", [law for law, _ in LAWS[:5]] + [SkewExponential(2), cross_polytope(2)])
def test_samples_have_the_asked_shape_and_seed(law):
    rngs = [np.random.default_rng(3) for _ in range(2)]
    a, b = (law.sample((4, 5), rng=rng) for rng in rngs)
    assert a.shape == (4, 5, law.n)
    assert (a == b).all()
    assert law.sample(7, rng=rngs[0]).shape == (7, law.n)


def test_gaussian_moments_have_one_home():
    ours, theirs = Gaussian(4).moments((1, 0, 0, 0)), GateMoments.gaussian(4)
    assert (ours.lam, ours.c1, ours.Lambda, ours.p_plus) == (theirs.lam, theirs.c1, theirs.Lambda, theirs.p_plus)
    assert (ours.lam, ours.c1, ours.Lambda, ours.p_plus) == (0.5, 12, 3, 0.5)
