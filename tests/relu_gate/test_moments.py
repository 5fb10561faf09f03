"""Steps, rates and times from moments; estimates from samples, and the guard against heavy tails."""

import math

import numpy as np
import pytest

from mathdl.relu_gate.laws import FiniteLaw, Gaussian, HalfSpace, Pareto, SkewExponential, StudentT, cross_polytope
from mathdl.relu_gate.moments import GateMoments, hill_estimate, refuse_heavy_tail


@pytest.mark.parametrize(("n", "bound", "sharp", "exact"), [
    (2, 15.5, 7.5, 10), (5, 69.5, 13.5, 38), (10, 239.5, 23.5, 126), (20, 879.5, 43.5, 451)])
def test_time_constants_of_gaussian_inputs(n, bound, sharp, exact):
    """The ledger's: about 2n(n+2) for the bound, 2(n+2) for the sharp step; exact contraction 1 - s + s²(n+2)/2."""
    m = GateMoments.gaussian(n)
    assert -1 / math.log(m.rate()) == pytest.approx(bound, abs=0.05)
    assert -1 / math.log(m.rate(kind="sharp")) == pytest.approx(sharp, abs=0.05)
    s = m.step_size()
    assert m.contraction(s) == pytest.approx(1 - s + s * s * (n + 2) / 2, rel=1e-14)
    assert -1 / math.log(m.contraction(s)) == pytest.approx(exact, abs=0.6)
    assert (m.step_size(), m.step_size("sharp")) == (pytest.approx(1 / (n * (n + 2))), pytest.approx(1 / (n + 2)))


@pytest.mark.parametrize(("n", "updates", "contracted", "bound"), [
    (2, 32, .0428, .127), (5, 116, .0487, .188), (10, 378, .0496, .206), (20, 902, .1352, .359)])
def test_powers_of_the_rates(n, updates, contracted, bound):
    m = GateMoments.gaussian(n)
    assert m.contraction(m.step_size()) ** updates == pytest.approx(contracted, abs=6e-5)
    assert m.rate() ** updates == pytest.approx(bound, abs=6e-4)


@pytest.mark.parametrize("kind", ["seed", "sharp"])
@pytest.mark.parametrize(("eps", "delta", "start"), [(.5, .1, 1.0), (.1, .01, 7.0), (.9, .9, .9)])
def test_required_steps_is_the_least(kind, eps, delta, start):
    m = SkewExponential(3).moments((1, 2, -1))
    T = m.required_steps(eps, delta, start, kind)
    assert start * m.rate(kind=kind) ** (T - 1) <= eps ** 2 * delta < start * m.rate(kind=kind) ** (T - 2)


def test_times_at_the_edges():
    m = GateMoments.gaussian(3)
    assert m.required_steps(.5, .4, .1) == 1  # w_1 is there
    assert FiniteLaw(((1,),)).moments((1,)).required_steps(.1, .1, 5.0) == 2  # rate 0: one update


@pytest.mark.parametrize(("call", "message"), [
    (lambda m: m.step_size("fast"), "'seed'.*'sharp'"), (lambda m: m.rate(0.1, "best"), "'seed'.*'sharp'"),
    (lambda m: m.required_steps(0, .1, 1), "eps > 0"), (lambda m: m.required_steps(.1, 1, 1), "delta < 1"),
    (lambda m: m.required_steps(.1, .1, -1), "start >= 0"),
    (lambda m: HalfSpace(3).moments((1, 0, 0)).step_size(), "positive definite"),
    (lambda m: Gaussian(2).moments((0, 0)).step_size(), "positive definite"),
    (lambda m: hill_estimate(np.ones((24, 2))), "at least 25"),
    (lambda m: GateMoments.from_sample(np.ones(30), [1.0]), "shape"),
    (lambda m: GateMoments.from_sample(np.ones((30, 2)), [1.0]), "shape")])
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(GateMoments.gaussian(2))


@pytest.mark.parametrize(("law", "w_star"), [
    (Gaussian(3), (1, 2, -1)), (StudentT(3, 17), (1, 2, -1)), (HalfSpace(4), (1, -.5, 2, .3)),
    (SkewExponential(3), (-1, -2, -1)), (cross_polytope(3), (1, 2, -1))])
def test_estimates_with_their_errors(law, w_star):
    exact = law.moments(w_star)
    for seed in range(3):
        found = GateMoments.from_sample(law.sample((20_000,), rng=np.random.default_rng(seed)), w_star)
        for name, error in zip(("lam", "c1", "Lambda", "p_plus"), found.errors, strict=True):
            assert abs(getattr(found, name) - getattr(exact, name)) <= error
            assert error < 0.7 * getattr(exact, name)
        assert found.error == max(found.errors)


def test_estimated_errors_shrink_with_the_sample():
    x = Gaussian(3).sample((40_000,), rng=np.random.default_rng(0))
    few, many = (GateMoments.from_sample(x[:S], (1, 0, 0)).errors[0] for S in (2_500, 40_000))
    assert few / many == pytest.approx(4, rel=0.1)


def test_weyl_from_matrices_that_are_off():
    rng = np.random.default_rng(0)
    for _ in range(50):
        A, E = rng.standard_normal((2, 4, 4))
        A, E = A @ A.T, 0.1 * (E + E.T)
        size = float(np.linalg.norm(E))
        m = GateMoments.of(A + E, A + E, .5, sigma_error=size, weighted_error=size)
        exact = GateMoments.of(A, A, .5)
        assert abs(m.lam - exact.lam) <= m.errors[0]
        assert abs(m.c1 - exact.c1) <= m.errors[1]
        assert abs(m.Lambda - exact.Lambda) <= m.errors[2]


@pytest.mark.parametrize("tail", [2.0, 3.0, 6.0])
def test_hill_finds_the_index_of_a_power_law(tail):
    """Norms are exactly Pareto, so the estimate has relative standard error 1/√k, k = 200; 4.9 of them allowed."""
    x = Pareto(3, tail).sample((40_000,), rng=np.random.default_rng(1))
    assert abs(tail / hill_estimate(x) - 1) <= 4.9 / math.sqrt(200)


def test_hill_by_hand():
    norms = np.concatenate([np.ones(31), [2.0] * 5])  # the 6 largest: five 2s and a 1, above a 1
    assert hill_estimate(norms[:, None]) == pytest.approx(6 / (5 * math.log(2)))
    assert hill_estimate(np.ones((30, 2))) == math.inf
    assert hill_estimate(np.eye(30, 2)) == math.inf


@pytest.mark.parametrize("law", [Pareto(3, 3), StudentT(3, 2.5), Pareto(1, 2)])
def test_heavy_samples_are_refused_with_the_estimate_named(law):
    x = law.sample((10_000,), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"Hill estimate of their tail index is \d\.\d\d, not above 4"):
        GateMoments.from_sample(x, np.ones(law.n))


@pytest.mark.parametrize("law", [Gaussian(1), Gaussian(5), StudentT(3, 9), SkewExponential(3), cross_polytope(3)])
def test_light_samples_pass(law):
    assert refuse_heavy_tail(law.sample((10_000,), rng=np.random.default_rng(0))) > 4


def test_contraction_is_the_worst_ratio():
    """Against one update averaged over all points, in random directions: never above, and attained."""
    rng = np.random.default_rng(0)
    law, w_star, s = FiniteLaw(rng.standard_normal((9, 2))), np.array([1.0, .4]), .2
    v = np.stack([np.cos(t := np.linspace(0, np.pi, 2001)), np.sin(t)], axis=1)
    x = law.x[law.x @ w_star > 0]
    after = v[:, None] - s * (v @ x.T)[..., None] * x
    ratios = ((after ** 2).sum(-1).sum(1) + len(law.x) - len(x)) / len(law.x)
    assert ratios.max() == pytest.approx(law.moments(w_star).contraction(s), rel=1e-5)
    assert ratios.max() <= law.moments(w_star).contraction(s) + 1e-12
