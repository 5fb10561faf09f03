"""Noise laws: closed forms against sampling, quadrature and rational sums; what they break; what they refuse."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, norm

from mathdl.core.intervals import binomial_interval, mean_error
from mathdl.relu_gate.noise import BallNoise, FiniteNoise, GaussianNoise, NoNoise, SphereNoise
from mathdl.relu_gate.weighted_chi_square import chi_square_sum_tail

RARE = FiniteNoise([[0.1, 0], [-999.9, 0]], [0.9999, 0.0001])
LAWS = [NoNoise(2), GaussianNoise((0.5, 1.5)), GaussianNoise((1, 1, 1)), BallNoise(3, 2.0), SphereNoise(2, 1.5),
        FiniteNoise([[1, 0], [-2, 0], [0, 3]], [0.5, 0.25, 0.25]), GaussianNoise((0, 2))]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("C_L", [0.7, 1.2])
def test_moments_and_tails_against_draws(law, C_L):
    xi = law.sample((200, 150), rng=np.random.default_rng(0)).reshape(-1, law.n)
    length = np.linalg.norm(xi, axis=1)
    cut = xi * np.minimum(1, C_L / np.maximum(length, C_L))[:, None]
    low, high = binomial_interval(int((length > C_L).sum()), len(xi))
    assert low <= law.tail(C_L) <= high
    assert length.max() <= law.bound * (1 + 1e-12)
    for exact, drawn in ((law.second_moment, length ** 2), (law.mean, xi), (law.truncated_mean(C_L), cut),
                         (law.truncated_second_moment(C_L), (cut ** 2).sum(1))):
        assert (np.abs(drawn.mean(axis=0) - exact) <= mean_error(drawn) + 1e-12).all()


@pytest.mark.parametrize("sigmas", [(1, 3), (0.5, 3), (1, 6), (2, 2), (1, 1.01)])
@pytest.mark.parametrize("x", [0.1, 4.0, 100.0])
def test_unequal_deviations_against_quadrature(sigmas, x):
    """P(Q > x) = ∫ P(σ₁² z² > x − σ₂² u²) φ(u) du."""
    s, t = sigmas

    def tail(y):
        part, _ = quad(lambda u: 2 * norm.pdf(u) * chi2.sf((y - (t * u) ** 2) / s ** 2, 1), 0, math.sqrt(y) / t,
                       epsabs=0, epsrel=1e-11, limit=200)
        return part + 2 * norm.sf(math.sqrt(y) / t)

    assert GaussianNoise(sigmas).tail(math.sqrt(x)) == pytest.approx(tail(x), rel=1e-9)


@pytest.mark.parametrize("sigmas", [(1, 3), (2, 2, 3)])
def test_cut_second_moments_are_areas_under_tails(sigmas):
    """E min(x, Q) = ∫ P(Q > s) ds over [0, x]."""
    area, _ = quad(lambda y: chi_square_sum_tail(y, sigmas), 0, 6.0, epsrel=1e-8)
    assert GaussianNoise(sigmas).truncated_second_moment(math.sqrt(6.0)) == pytest.approx(area, rel=1e-7)


def test_equal_deviations_are_chi_square():
    for n, sigma, C_L in ((1, 1, 0.5), (3, 0.2, 0.5), (40, 1, 9.0), (2, 1, 30.0)):
        assert GaussianNoise((sigma,) * n).tail(C_L) == pytest.approx(chi2.sf((C_L / sigma) ** 2, n), rel=1e-11)
        y = (C_L / sigma) ** 2
        cut = sigma ** 2 * n * chi2.cdf(y, n + 2) + C_L ** 2 * chi2.sf(y, n)
        assert GaussianNoise((sigma,) * n).truncated_second_moment(C_L) == pytest.approx(cut, rel=1e-11)


def test_tails_of_two_dimensions_have_a_closed_form_far_out():
    assert GaussianNoise((1, 1)).tail(30.0) == pytest.approx(math.exp(-450), rel=1e-11)


def test_too_unequal_deviations_are_refused():
    with pytest.raises(ValueError, match="within a factor 50.*factor 1e\\+03"):
        GaussianNoise((1, 1000)).tail(1.0)
    assert GaussianNoise((0, 1000)).tail(1000.0) == pytest.approx(2 * norm.sf(1))


@pytest.mark.parametrize("C_L", [0.05, 0.1, 7.0, 2000.0])
def test_finite_laws_against_rational_sums(C_L):
    points, weights = (Fraction(1, 10), Fraction(-9999, 10)), (Fraction(9999, 10000), Fraction(1, 10000))
    cut = [max(-Fraction(C_L), min(Fraction(C_L), p)) for p in points]
    law = FiniteNoise([0.1, -999.9], [0.9999, 0.0001])
    assert law.truncated_mean(C_L)[0] == pytest.approx(float(sum(w * c for w, c in zip(weights, cut, strict=True))),
                                                       rel=1e-12, abs=1e-14)
    assert law.truncated_second_moment(C_L) == pytest.approx(float(sum(w * c * c for w, c in
                                                                       zip(weights, cut, strict=True))), rel=1e-12)
    assert law.tail(C_L) == sum(float(w) for w, p in zip(weights, points, strict=True) if abs(float(p)) > C_L)


@pytest.mark.parametrize(("law", "C_L", "printed", "corrected"), [
    (NoNoise(2), 1.0, (), ()), (NoNoise(2), 1.5, ("C_L < √n",), ("C_L < √n",)),
    (GaussianNoise((0.1, 0.1)), 1.0, (), ()), (GaussianNoise((1, 1)), 1.0, ("E‖ξ₂‖² < n",), ()),
    (FiniteNoise([[0.1] + [0] * 99, [-999.9] + [0] * 99], [0.9999, 0.0001]), 0.1, (), ("Eξ₂' = 0",)),
    (FiniteNoise([1.0], [1.0]), 0.5, ("Eξ₂ = 0", "E‖ξ₂‖² < n"), ("Eξ₂' = 0",)),
    (FiniteNoise([0.5, -0.5], [0.5, 0.5]), 0.1, (), ()), (SphereNoise(3, 1.0), 0.5, (), ())])
def test_broken_hypotheses_are_named(law, C_L, printed, corrected):
    assert law.breaks(C_L, "printed") == printed
    assert law.breaks(C_L) == corrected


def test_mean_zero_survives_truncation_only_when_the_long_values_balance():
    assert RARE.breaks(0.1) == ("Eξ₂' = 0",)
    assert RARE.breaks(0.1, "printed") == ("E‖ξ₂‖² < n",)
    assert not RARE.is_symmetric
    uneven = FiniteNoise([2, -1, -1, 0], [0.25] * 4)
    assert not uneven.is_symmetric
    assert uneven.truncated_mean(2)[0] == 0
    assert uneven.truncated_mean(1)[0] == -0.25


def test_symmetry_of_finite_laws():
    assert FiniteNoise([[1, 0], [-1, 0], [0, 0]], [0.3, 0.3, 0.4]).is_symmetric
    assert FiniteNoise([[1, 0], [-1, 0], [1, 0]], [0.2, 0.5, 0.3]).is_symmetric  # one value written twice
    assert not FiniteNoise([[1, 0], [-1, 0]], [0.4, 0.6]).is_symmetric


def test_sphere_and_ball_have_no_direction():
    for law in (SphereNoise(3, 1.0), BallNoise(3, 1.0)):
        xi = law.sample(40_000, rng=np.random.default_rng(1))
        products = np.einsum("ri,rj->rij", xi, xi)
        gap = np.abs(products.mean(axis=0) - law.second_moment / 3 * np.eye(3))
        assert (gap <= mean_error(products)).all()


@pytest.mark.parametrize(("make", "match"), [
    (lambda: FiniteNoise([1, 2], [0.5, 0.6]), "probabilities that add up to 1"),
    (lambda: FiniteNoise([1, 2], [1.5, -0.5]), "probabilities"), (lambda: FiniteNoise([np.nan], [1]), "finite values"),
    (lambda: FiniteNoise(np.zeros((0, 2)), []), "finite values"), (lambda: GaussianNoise((1, -1)), "deviation >= 0"),
    (lambda: GaussianNoise(()), "deviation >= 0"), (lambda: SphereNoise(0, 1.0), "n: expected a dimension"),
    (lambda: BallNoise(2, -1.0), "radius: expected"), (lambda: NoNoise(0), "n: expected"),
    (lambda: GaussianNoise((1,)).tail(0), "C_L: expected a length"), (lambda: NoNoise(2).breaks(-1), "C_L: expected"),
    (lambda: NoNoise(2).breaks(1, "improved"), 'kind: expected "printed" or "corrected"')])
def test_refusals(make, match):
    with pytest.raises(ValueError, match=match):
        make()
