"""Statements on benign noise: what survives of Theorem 3.5.3, what replaces it, and what refutes the printed forms."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.relu_gate.noise import FiniteNoise
from mathdl.relu_gate.sign_patterns import rare_outlier, two_point
from mathdl.relu_gate.theorems import benign

SHIFTED = FiniteNoise((0.05,), (1.0,))  # noise that is always +.05
SYMMETRIC = FiniteNoise((-0.45, -0.05, 0.05, 0.45), (0.05, 0.45, 0.45, 0.05))
SLOW = {"x": ((0.15,),), "w_star": (10.0,)}  # one small input: the effective risk falls slowly below the threshold
seeds = st.integers(0, 10 ** 6)


def random_instance(seed):
    """Inputs in the unit ball, a target, finite centred noise, ε and L < 2, as arguments of the statements."""
    rng = np.random.default_rng(seed)
    S, n = rng.integers(1, 5), rng.integers(1, 4)
    x = rng.standard_normal((S, n))
    x /= np.linalg.norm(x, axis=1)[:, None] / rng.random((S, 1)) ** 0.2
    w_star = rng.standard_normal(n)
    size = 10 ** rng.uniform(-2, 0) * np.linalg.norm(w_star)
    noise = two_point(size) if rng.random() < 0.5 else rare_outlier(size / 3, rng.uniform(0.25, 0.75))
    eps = float(w_star @ w_star) / rng.integers(5, 80)
    return {"x": tuple(map(tuple, x)), "w_star": tuple(w_star), "noise": noise, "eps": eps,
            "L": float(rng.choice([0.5, 1.0, 1.5]))}


# --- Theorem 3.5.3: what survives -----------------------------------------------------------------------------------

@pytest.mark.statement("relu_gate/theorem-3.5.3")
@given(seeds)
def test_fresh_labels_at_the_first_hit(seed):
    assert benign.fresh_labels(**random_instance(seed)).state in (State.HOLDS, State.VACUOUS)


@pytest.mark.statement("relu_gate/theorem-3.5.3")
def test_the_surviving_bound_is_nearly_attained():
    """A small input and no noise to speak of: the effective risk lands just below the threshold."""
    verdict = benign.fresh_labels(x=((0.01,),), w_star=(100.0,), noise=two_point(1e-4), eps=0.5)
    assert verdict.state is State.HOLDS
    assert verdict.measured > 0.999 * verdict.bound


@pytest.mark.statement("relu_gate/theorem-3.5.3")
@pytest.mark.parametrize("broken", [{"x": ((2.0,), (2.0,)), "w_star": (1.0,)}, {"L": 2.0}, {"noise": SHIFTED},
                                    {"fresh": False}])
def test_the_surviving_theorem_is_silent_without_each_hypothesis(broken):
    verdict = benign.fresh_labels(**broken)
    assert verdict.state is State.SILENT
    assert verdict.given.count(False) == 1 + (broken.get("noise") is SHIFTED)  # a shifted mean is a correlation too


@pytest.mark.statement("relu_gate/theorem-3.5.3")
def test_noise_has_to_be_centred_and_inputs_have_to_be_short():
    shifted = benign.fresh_labels(**SLOW, noise=SHIFTED)
    long = benign.fresh_labels(x=((2.0,), (2.0,)), w_star=(1.0,))  # overshoots, and never comes below the threshold
    assert not shifted.satisfied
    assert long.measured == np.inf


@pytest.mark.statement("relu_gate/theorem-3.5.3")
@pytest.mark.statement("relu_gate/ours-minkowski")
def test_the_random_instances_are_not_all_vacuous():
    instances = [random_instance(seed) for seed in range(40)]
    for check in (benign.fresh_labels, benign.least_risk):
        assert sum(check(**instance).state is State.HOLDS for instance in instances) >= 8


# --- what replaces it -----------------------------------------------------------------------------------------------

@pytest.mark.statement("relu_gate/ours-minkowski")
@given(seeds, st.sampled_from(["best", "first hit"]), st.sampled_from(["printed", "sharp"]))
def test_minkowski_on_random_instances(seed, at, threshold):
    assert benign.least_risk(**random_instance(seed), at=at, threshold=threshold).state in (State.HOLDS, State.VACUOUS)


@pytest.mark.statement("relu_gate/ours-minkowski")
@pytest.mark.statement("relu_gate/ours-best-iterate")
@given(seeds)
def test_pattern_by_pattern(seed):
    """The proof, line by line, for every pattern: first hit within T, Minkowski there, and the observable choice."""
    instance = random_instance(seed)
    trained = benign.train(theta=instance["noise"].bound, **instance)
    rows, best, xi = trained.first_hits, trained.run.best, trained.patterns.values
    assert (rows >= 0).all()
    root = np.sqrt((xi ** 2).mean(axis=1))
    hit, chosen = (trained.risks_on(xi, r) for r in (rows, best))
    slack = 1 + 1e-12
    assert (np.sqrt(hit) <= (np.sqrt(trained.thr) + root) * slack).all()
    assert (chosen <= hit * slack).all()
    effective = np.take_along_axis(trained.run.effective_risk, best[None], axis=0)[0]
    assert (np.sqrt(effective) <= (np.sqrt(trained.thr) + 2 * root) * slack).all()


@pytest.mark.statement("relu_gate/ours-minkowski")
def test_minkowski_is_nearly_attained():
    """All noise +θ and a slow approach from below: h − h_* and ξ point apart, and their lengths add up."""
    noise = FiniteNoise((0.05,), (1.0,))
    verdict = benign.least_risk(**SLOW, noise=noise, at="first hit")
    assert verdict.state is State.HOLDS
    assert verdict.measured > 0.95 * verdict.bound


@pytest.mark.statement("relu_gate/ours-minkowski")
def test_the_least_risk_in_the_ledger():
    verdict = benign.least_risk(x=benign.DRIFT, w_star=(0.1,), noise=two_point(0.5), eps=1e-5)
    assert verdict.measured == pytest.approx(0.134, abs=5e-4)
    assert verdict.state is State.VACUOUS  # ‖w_*‖ is below the noise: the zero gate is as good


@pytest.mark.statement("relu_gate/ours-minkowski")
@pytest.mark.statement("relu_gate/ours-best-iterate")
@pytest.mark.parametrize("broken", [{"x": ((2.0,), (2.0,)), "w_star": (1.0,)}, {"L": 2.0}])
def test_the_replacements_are_silent_without_each_hypothesis(broken):
    assert benign.least_risk(**broken).state is State.SILENT
    assert benign.best_iterate(**broken).state is State.SILENT


@pytest.mark.statement("relu_gate/ours-minkowski")
def test_long_inputs_break_the_replacement():
    verdict = benign.least_risk(x=((3.0,), (2.9,)), w_star=(1.0,), noise=two_point(0.01))
    assert not verdict.satisfied


@pytest.mark.statement("relu_gate/ours-best-iterate")
def test_the_observable_choice():
    assert benign.best_iterate().state is State.HOLDS
    assert benign.best_iterate(noise=rare_outlier(0.05, 0.6)).state is State.HOLDS
    assert not benign.best_iterate(x=((3.0,), (2.9,)), w_star=(1.0,), noise=two_point(0.01)).satisfied


# --- Corollary 3.5.4, corrected -------------------------------------------------------------------------------------

@pytest.mark.statement("relu_gate/corollary-3.5.4")
def test_the_corollary_is_attained():
    """An outlier ruins the run, so that success is exactly the event max |ξ_i| ≤ θ."""
    verdict = benign.with_confidence()
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(0.99 ** 10, rel=1e-12)
    tight = benign.with_confidence(delta=1 - 0.99 ** 10 + 1e-9)
    assert tight.state is State.HOLDS
    assert tight.measured - tight.bound == pytest.approx(1e-9, rel=1e-3)


@pytest.mark.statement("relu_gate/corollary-3.5.4")
@pytest.mark.parametrize("samples", [1, 3, 8])
@pytest.mark.parametrize("chance", [0.01, 0.1, 0.5])
def test_the_corollary_on_other_instances(samples, chance):
    for x in (0.3, -1.0):
        verdict = benign.with_confidence(samples=samples, chance=chance, x=x, outlier=-2.0)
        assert verdict.state is State.HOLDS


@pytest.mark.statement("relu_gate/corollary-3.5.4")
def test_the_quantile_of_one_label_keeps_no_promise_for_ten():
    verdict = benign.with_confidence(chance=0.1, per_sample=True)
    assert verdict.state is State.SILENT
    assert verdict.measured == pytest.approx(0.9 ** 10, rel=1e-12)
    assert not verdict.satisfied


@pytest.mark.statement("relu_gate/corollary-3.5.4")
def test_the_corollary_needs_short_inputs():
    verdict = benign.with_confidence(x=3.0)
    assert verdict.state is State.SILENT
    assert verdict.measured == 0


# --- the printed forms ----------------------------------------------------------------------------------------------

@pytest.mark.statement("relu_gate/erratum-E10")
@pytest.mark.parametrize(("second", "kind", "T", "risk"), [(-0.05, "printed", 10_000, 16.10254),
                                                           (-0.05, "corrected", 1001, 8.25810),
                                                           (-0.1, "printed", 10_000, 4.10312)])
def test_printed_bound_is_violated_at_step_T(second, kind, T, risk):
    verdict = benign.printed_risk(x=((1.0,), (second,)), kind=kind)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == pytest.approx(risk, abs=1e-5)
    assert verdict.bound == pytest.approx(0.70001, abs=1e-12)
    assert verdict.instance.startswith(f"T={T},")
    assert benign.least_risk(x=((1.0,), (second,)), w_star=(0.1,), noise=two_point(0.5), eps=1e-5).satisfied


@pytest.mark.statement("relu_gate/erratum-E10")
@pytest.mark.parametrize("kind", ["printed", "corrected"])
def test_printed_bound_is_violated_where_it_is_not_vacuous(kind):
    """‖w_*‖ = 1, so that ‖w_*‖/ε = ‖w_*‖²/ε, and the noise is small: the bound says .205 and the start has 1.0025."""
    verdict = benign.printed_risk(x=benign.CORNER, w_star=(1.0, 0.0), noise=two_point(0.05), eps=1e-4, kind=kind)
    assert verdict.state is State.VIOLATED
    assert verdict.measured > 2.7 * verdict.bound
    assert verdict.bound < 0.21 < verdict.trivial
    corrected = benign.least_risk(x=benign.CORNER, eps=1e-4)
    assert corrected.state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E10")
def test_the_refutation_in_exact_arithmetic():
    """The four patterns in Fractions, on a coarser instance: no rounding takes part."""
    x, w_star, eps, theta = (Fraction(1), Fraction(-1, 4)), Fraction(1, 10), Fraction(1, 300), Fraction(1, 2)
    total = Fraction(0)
    for xi in product((-theta, theta), repeat=2):
        y = [max(w_star * a, 0) + e for a, e in zip(x, xi, strict=True)]
        w = Fraction(0)
        for _ in range(29):  # T = ‖w_*‖/ε = 30
            w += sum((b - max(w * a, 0)) * a for a, b in zip(x, y, strict=True)) / 2
        total += sum((max(w * a, 0) - b) ** 2 for a, b in zip(x, y, strict=True)) / 2
    bound = theta ** 2 + eps + theta ** 2 + 4 * theta * w_star
    verdict = benign.printed_risk(x=((1.0,), (-0.25,)), eps=1 / 300)
    assert verdict.instance.startswith("T=30,")
    assert verdict.measured == pytest.approx(float(total / 4), rel=1e-12)
    assert verdict.bound == pytest.approx(float(bound), rel=1e-12)


@pytest.mark.statement("relu_gate/erratum-E10")
def test_the_printed_risk_is_silent_without_each_hypothesis():
    for broken in ({"x": ((1.5,), (-0.05,))}, {"L": 2.0}, {"noise": SHIFTED}):
        assert benign.printed_risk(**broken, eps=1e-3).state is State.SILENT
    assert benign.printed_risk(x=((1.0,), (0.05,))).satisfied  # both inputs look the same way: nothing drifts


@pytest.mark.statement("relu_gate/erratum-E10-cross-term")
@pytest.mark.parametrize(("gate", "samples", "gap"), [("identity", 10, 0.249), ("relu", 8, 0.0769)])
def test_printed_bound_is_violated_by_the_cross_term(gate, samples, gap):
    verdict = benign.cross_term(gate=gate, samples=samples)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == pytest.approx(gap, abs=6e-4)
    assert verdict.bound == -0.25


@pytest.mark.statement("relu_gate/erratum-E10-cross-term")
@pytest.mark.parametrize("seed", range(3))
def test_the_cross_term_on_other_data(seed):
    for gate in ("identity", "relu"):
        verdict = benign.cross_term(samples=5, inputs=8, times=60, gate=gate, seed=seed)
        assert verdict.measured > verdict.bound + 0.1
    start = benign.cross_term(samples=5, times=1, gate="relu", seed=seed)
    assert start.measured == pytest.approx(-0.25, abs=1e-12)  # before the first update nothing has been fitted


@pytest.mark.statement("relu_gate/erratum-E10-cross-term")
@pytest.mark.parametrize("gate", ["identity", "relu"])
def test_the_cross_term_is_silent_for_shifted_noise(gate):
    assert benign.cross_term(samples=4, noise=SHIFTED, gate=gate, times=20).state is State.SILENT


@pytest.mark.statement("relu_gate/erratum-E12")
def test_printed_bound_is_violated_by_conditioning():
    verdict = benign.conditioned_noise()
    assert verdict.state is State.VIOLATED
    assert verdict.measured == pytest.approx(2.09587, abs=1e-5)
    assert verdict.bound == pytest.approx(2.035, abs=1e-12)


@pytest.mark.statement("relu_gate/erratum-E12")
def test_printed_bound_is_violated_even_that_the_mean_stays_zero():
    """"Still centred, given that no noise exceeds θ", in Fractions: E ξ = 0 and E[ξ | |ξ| ≤ θ] = θ."""
    theta, p = Fraction(1, 20), Fraction(1, 10)
    law = {theta: 1 - p, -theta * (1 - p) / p: p}
    assert sum(v * q for v, q in law.items()) == 0
    kept = {v: q for v, q in law.items() if abs(v) <= theta}
    assert sum(v * q for v, q in kept.items()) / sum(kept.values()) == theta != 0
    noise = rare_outlier(0.05, 0.1)
    assert sorted(noise.points[:, 0]) == pytest.approx(sorted(map(float, law)))


@pytest.mark.statement("relu_gate/erratum-E12")
def test_symmetric_noise_survives_conditioning():
    verdict = benign.conditioned_noise(noise=SYMMETRIC)
    assert "E[ξ | |ξ| ≤ θ]=0," in verdict.instance
    assert verdict.state is State.HOLDS


@pytest.mark.statement("relu_gate/erratum-E12")
def test_the_corrected_corollary_holds_there():
    """On the event the iterate has the risks that Minkowski allows, whatever the conditional mean is."""
    noise = rare_outlier(0.05, 0.1)
    trained = benign.train(SLOW["x"], SLOW["w_star"], noise, 0.01, 1.0, 0.05)
    small = trained.patterns.within(0.05)
    assert trained.patterns.probability(small) == pytest.approx(0.9)
    risk = trained.risks_on(trained.patterns.values, trained.first_hits)[small]
    assert (risk <= (np.sqrt(trained.thr) + 0.05) ** 2).all()


@pytest.mark.statement("relu_gate/erratum-E12")
@pytest.mark.parametrize("broken", [{"noise": SHIFTED}, {"x": ((1.5,),), "eps": 1.0}])
def test_conditioning_is_silent_without_each_hypothesis(broken):
    assert benign.conditioned_noise(**broken).state is State.SILENT
