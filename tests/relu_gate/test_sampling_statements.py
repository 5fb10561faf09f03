"""Statements of section 3.3: random instances, extremal ones, each hypothesis broken, and the printed forms refuted."""

from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate.laws import FiniteLaw, Gaussian, HalfSpace, Pareto, SkewExponential, StudentT, cross_polytope
from mathdl.relu_gate.theorems import sampling

ONE = FiniteLaw(((1,),))
LAWS = [Gaussian(3), StudentT(4, 9), SkewExponential(3), SkewExponential(2, 0), HalfSpace(3), Pareto(2, 9),
        cross_polytope(3)]


def random_law(seed, n=3, points=15):
    return FiniteLaw(np.random.default_rng(100 + seed).standard_normal((points, n)))


@pytest.mark.statement("relu_gate/problem-3.3")
@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_risk_formula(n):
    assert sampling.gaussian_risk_formula(n_inputs=n, samples=20_000, seed=n).state is State.HOLDS
    silent = sampling.gaussian_risk_formula(law=SkewExponential(n, 0), samples=20_000, seed=n)
    assert silent.state is State.SILENT
    assert not silent.satisfied


@pytest.mark.statement("relu_gate/claim-risk-bound")
@pytest.mark.parametrize("law", [*LAWS, random_law(0)], ids=lambda law: law.name)
def test_the_risk_bound(law):
    for seed in range(3):
        assert sampling.risk_of_near_weights(law=law, seed=seed).state is State.HOLDS


@pytest.mark.statement("relu_gate/claim-risk-bound")
def test_the_risk_bound_is_attained_and_needs_the_slope():
    tight = sampling.risk_of_near_weights(law=ONE, w=(2,), w_star=(1,))
    assert tight.measured == tight.bound == 1
    steep = sampling.risk_of_near_weights(n_inputs=1, slope=2, w=(2,), w_star=(1,))
    assert (steep.state, steep.satisfied) == (State.SILENT, False)
    assert sampling.risk_of_near_weights(law=Pareto(2, 1.5)).given == (False, True)
    assert sampling.risk_of_near_weights(law=Pareto(2, 3)).state is State.HOLDS  # two moments are enough here


@pytest.mark.statement("relu_gate/algorithm-2")
@pytest.mark.parametrize("seed", range(5))
def test_one_update_comes_nearer(seed):
    verdict = sampling.one_update(seed=seed)
    assert verdict.state is State.HOLDS
    assert sampling.one_update(seed=seed, alpha=-7.0).measured == pytest.approx(verdict.measured, rel=1e-12)
    away = sampling.one_update(seed=seed, alpha=1.0)
    assert (away.state, away.satisfied) == (State.SILENT, False)
    assert away.measured > 1


@pytest.mark.statement("relu_gate/algorithm-2")
def test_one_update_is_as_near_as_it_says_with_one_input():
    verdict = sampling.one_update(law=FiniteLaw(((1,), (-2,), (3,))))
    assert verdict.measured == pytest.approx(verdict.bound, rel=1e-12)


@pytest.mark.statement("relu_gate/algorithm-2")
def test_one_update_needs_all_directions():
    flat = sampling.one_update(law=FiniteLaw(((1, 0), (-1, 0))))
    assert flat.given == (True, False)
    assert flat.state is State.SILENT


@pytest.mark.statement("relu_gate/equation-3.5")
@pytest.mark.parametrize("law", [*LAWS, *map(random_law, range(5))], ids=lambda law: law.name)
def test_the_mean_square_recursion(law):
    for seed, ratio in enumerate((0.3, 1.0, 1.7)):
        assert sampling.mean_recursion(law=law, ratio=ratio, seed=seed).state is State.HOLDS
    assert sampling.mean_recursion(law=law, ratio=2.5).state is State.VACUOUS


@pytest.mark.statement("relu_gate/equation-3.5")
def test_the_recursion_is_exact_with_one_input_and_needs_its_hypotheses():
    for law in (Gaussian(1), SkewExponential(1), FiniteLaw(((1,), (-2,), (3,)))):
        verdict = sampling.mean_recursion(law=law)
        assert verdict.measured == pytest.approx(verdict.bound, rel=1e-10)
    wrong_way = sampling.mean_recursion(law=SkewExponential(3), ratio=-1.0)
    assert wrong_way.given == (True, False)
    assert wrong_way.measured > wrong_way.bound  # -2sλ bounds the wrong side when s < 0
    assert sampling.mean_recursion(law=Pareto(2, 3)).state is State.SILENT


@pytest.mark.statement("relu_gate/theorem-3.3.1")
@pytest.mark.parametrize(("law", "delta"), [(Gaussian(2), .1), (StudentT(3, 9), .2), (SkewExponential(2), .1),
                                            (Pareto(2, 9), .3), (Gaussian(1), .05)], ids=str)
def test_the_gate_is_learned(law, delta):
    assert sampling.learned_gate(law=law, delta=delta, seed=1).state is State.HOLDS


@pytest.mark.statement("relu_gate/theorem-3.3.1")
def test_the_theorem_is_silent_without_each_hypothesis():
    cases = [({"law": Pareto(1, 2.1), "delta": .01, "runs": 4000}, 0), ({"law": HalfSpace(3), "w1": (0, 0, 1)}, 1),
             ({"label_noise": .5}, 2), ({"alpha": 1.0}, 3)]
    for change, position in cases:
        verdict = sampling.learned_gate(**change)
        assert verdict.given[position] is False
        assert verdict.state is State.SILENT
        assert not verdict.satisfied


@pytest.mark.statement("relu_gate/theorem-3.3.1")
@pytest.mark.parametrize("n", [2, 5, 8])
def test_the_theorem_exactly_where_the_probability_is_a_fraction(n):
    """Inputs ±e_i: the printed time violates, the theorem's own T holds, without Monte Carlo."""
    for eps, delta in ((.1, .1), (.5, .05), (.03, .3)):
        verdict = sampling.printed_steps(n_inputs=n, eps=eps, delta=delta, constant=None)
        assert verdict.state is State.HOLDS


@pytest.mark.statement("relu_gate/ours-moment-inequality")
@pytest.mark.parametrize("law", [*LAWS, *map(random_law, range(5))], ids=lambda law: law.name)
def test_the_moment_inequality(law):
    for seed in range(3):
        verdict = sampling.moment_inequality(law=law, seed=seed)
        assert verdict.state in (State.HOLDS, State.VACUOUS)
        assert (verdict.state is State.VACUOUS) == (verdict.bound <= verdict.trivial)
        m = law.moments(sampling.direction(law.n, seed))
        assert m.c1 / law.n <= m.Lambda * (1 + 1e-12)
        assert m.Lambda <= m.c1 * (1 + 1e-12)
        assert m.Lambda >= law.n * m.lam ** 2 / m.p_plus * (1 - 1e-9)


@pytest.mark.statement("relu_gate/ours-moment-inequality")
def test_the_moment_inequality_is_attained_in_fractions():
    for n in (1, 2, 4):
        p, sigma, weighted = cross_polytope(n).matrices((1,) * n)
        assert np.trace(weighted) == n ** 2 * sigma[0, 0] ** 2 / p == Fraction(1, 2)
    assert (sampling.moment_inequality().measured, sampling.moment_inequality().bound) == (12, 8)
    assert sampling.moment_inequality(law=ONE, seed=0).state is State.VACUOUS  # p₊ = 1: the source's inequality
    assert sampling.moment_inequality(law=StudentT(2, 4)).state is State.SILENT


@pytest.mark.statement("relu_gate/ours-sharp-step")
@pytest.mark.parametrize("law", [*LAWS, *map(random_law, range(5))], ids=lambda law: law.name)
def test_the_sharp_step(law):
    for seed in range(3):
        verdict = sampling.sharp_step(law=law, seed=seed)
        assert verdict.state is State.HOLDS
        assert verdict.bound < verdict.trivial


@pytest.mark.statement("relu_gate/ours-sharp-step")
def test_the_sharp_step_is_attained_and_needs_its_hypotheses():
    for law in (Gaussian(4), StudentT(3, 9), cross_polytope(3)):
        verdict = sampling.sharp_step(law=law)
        assert verdict.measured == pytest.approx(verdict.bound, rel=1e-10)
    assert sampling.sharp_step(law=Gaussian(1)).state is State.VACUOUS  # Λ = c₁ with one input
    assert sampling.sharp_step(law=Pareto(3, 3)).state is State.SILENT
    flat = sampling.sharp_step(law=FiniteLaw(((1, 0), (-1, 0))))
    assert flat.given == (True, False)
    assert flat.measured >= 1


@pytest.mark.statement("relu_gate/ours-label-noise")
def test_the_smallest_label_noise_moves_the_limit():
    for law in (Gaussian(2), StudentT(3, 17), cross_polytope(1)):
        assert sampling.label_noise_limit(law=law, seed=1).state is State.HOLDS
    silent = sampling.label_noise_limit(noise=0.0)
    assert (silent.given, silent.satisfied) == ((True, False), False)
    skew = sampling.label_noise_limit(law=SkewExponential(2))
    assert (skew.given, skew.satisfied) == ((False, True), False)


@pytest.mark.statement("relu_gate/erratum-E1")
@pytest.mark.parametrize("seed", range(5))
def test_printed_bound_is_violated_by_the_sign_of_the_proof(seed):
    verdict = sampling.printed_update(seed=seed)
    assert verdict.state is State.VIOLATED
    assert verdict.measured > 1
    assert sampling.printed_update(sign=-1, seed=seed).state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E2")
@pytest.mark.parametrize(("constant", "n"), [(1.0, 5), (10.0, 5), (1.0, 30), (20.0, 50), (100.0, 200)])
def test_printed_bound_is_violated_by_the_number_of_steps(constant, n):
    """Whatever the constant before the logarithm, a dimension is too large for it."""
    assert sampling.printed_steps(constant=constant, n_inputs=n).state is State.VIOLATED


@pytest.mark.statement("relu_gate/erratum-E2")
def test_the_exact_probability_is_a_binomial_tail():
    assert sampling.printed_steps().measured == 0  # seven updates cannot do it: .8^14 > .01
    listed = sum(Fraction(1, 4) ** k * Fraction(3, 4) ** (3 - k) * c for k, c in ((2, 3), (3, 1)))
    assert sampling.reached(3, Fraction(1, 2), Fraction(1, 4), Fraction(1, 16)) == listed
    assert sampling.reached(3, Fraction(1, 2), Fraction(1, 4), Fraction(1, 100)) == 0
    assert sampling.reached(0, Fraction(1, 2), Fraction(1, 4), Fraction(1)) == 1


@pytest.mark.statement("relu_gate/erratum-E2")
def test_the_exact_probability_against_simulation():
    from mathdl.core.intervals import binomial_interval
    from mathdl.relu_gate.modified_sgd import modified_sgd

    law, n, updates = cross_polytope(3), 3, 60
    w_star = np.ones(n)
    s = law.moments(w_star).step_size()
    final = modified_sgd(law, w_star, w_star + np.eye(n)[0], step=s, updates=updates, runs=2000,
                         rng=np.random.default_rng(0)).at(61)
    low, high = binomial_interval(int((final <= .01 * (1 + 1e-9)).sum()), 2000)
    assert low <= float(sampling.reached(updates, Fraction(1, 3), Fraction(1, 6), Fraction(1, 100))) <= high


@pytest.mark.statement("relu_gate/erratum-E3")
def test_printed_bound_is_violated_by_equality():
    assert sampling.printed_strictness().state is State.VIOLATED
    assert sampling.printed_strictness(law=FiniteLaw(((3,),)), w_star=(2,)).state is State.VIOLATED


@pytest.mark.statement("relu_gate/erratum-E3")
@pytest.mark.parametrize(("law", "w_star"), [
    (cross_polytope(2), (1, 1)), (cross_polytope(1), (1,)), (FiniteLaw(((1,), (2,))), (1,))])
def test_strict_unless_one_input_of_one_size_is_always_active(law, w_star):
    assert sampling.printed_strictness(law=law, w_star=w_star).state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E3")
def test_strictness_needs_a_positive_b_and_rational_eigenvalues():
    assert sampling.printed_strictness(law=cross_polytope(2), w_star=(1, 0)).state is State.SILENT
    with pytest.raises(ValueError, match="diagonal"):
        sampling.printed_strictness(law=FiniteLaw(((1, 1), (1, 0))), w_star=(1, 1))
