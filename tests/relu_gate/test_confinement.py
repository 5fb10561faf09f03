"""The bounds of Theorem 3.4.1 as numbers: against formulas written out, and against every increment of small walks."""

import math
from itertools import product

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.relu_gate.confinement import (
    KINDS,
    Confinement,
    confinement_bound,
    difference_bound,
    r_star,
    scientific,
    step_variance,
)
from mathdl.relu_gate.confinement_audit import audit
from mathdl.relu_gate.confinement_examples import coin_descent, far_coin, jumping_coin, one_sided_descent
from mathdl.relu_gate.confinement_instance import HYPOTHESES, NoisyDescent, spread
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import BallNoise, FiniteNoise, GaussianNoise, NoNoise, SphereNoise
from mathdl.relu_gate.steps import gate_gradient

SMALL = {"n": 2, "step": 1e-3, "updates": 100, "start": 0.5, "data_norm": 1.0, "cutoff": 0.5, "noise1_bound": 0.1}


@pytest.mark.parametrize(("margin", "radius", "printed", "corrected", "better", "improved"), [
    (0.5, 0.975, 96, 0.360, 0.880, 0.209), (1, 1.204, 89, 0.069, 1.129, 0.022), (2, 1.565, 70, 0.0020, 1.508, 0.00019)])
def test_the_numbers_where_the_bound_says_something(margin, radius, printed, corrected, better, improved):
    setting = Confinement(margin=margin, **SMALL)
    found = {kind: confinement_bound(setting, kind) for kind in KINDS}
    assert [found[k].radius for k in KINDS] == pytest.approx([radius, radius, better, better], abs=6e-4)
    assert found["printed"].value == pytest.approx(printed, rel=0.01)
    assert found["corrected"].value == pytest.approx(corrected, rel=0.02)
    assert found["improved"].value == pytest.approx(improved, rel=0.03)


@pytest.mark.parametrize(("distance", "printed", "corrected"), [(10, "0.14", "0.93"), (100, "2.4e-27", "0.86"),
                                                                (1000, "1.1e-287", "0.84")])
def test_the_numbers_of_the_far_coin(distance, printed, corrected):
    setting = far_coin(distance).setting()
    assert str(confinement_bound(setting, "printed")) == printed
    assert str(confinement_bound(setting, "corrected")) == corrected


def random_setting(rng):
    """Numbers that satisfy the hypotheses of the corrected theorem."""
    n, T, C = int(rng.integers(1, 30)), int(rng.integers(1, 200)), 10 ** rng.uniform(-2, 1)
    C_L = math.sqrt(n) * rng.uniform(0.01, 0.999)
    m2 = C_L ** 2 * rng.uniform(0, 1)
    return Confinement(n=n, step=rng.uniform(0.01, 0.99) / (C ** 2 * math.sqrt(2 * T)), updates=T, data_norm=C,
                       margin=10 ** rng.uniform(-2, 4), start=10 ** rng.uniform(-2, 3), cutoff=C_L,
                       noise1_bound=rng.uniform(0, 2), tail=rng.uniform(0, 0.1), second_moment=m2,
                       spread=m2 / n)


@pytest.mark.parametrize("seed", range(20))
def test_the_radius_solves_its_equation_and_the_constant_is_the_printed_one(seed):
    s = random_setting(np.random.default_rng(seed))
    r, eta, C, S1, T = r_star(s), s.step, s.data_norm, s.noise1_bound, s.updates
    growth = 2 * eta ** 2 * (C ** 4 * r ** 2 + S1 ** 2) + eta * s.n
    assert r ** 2 == pytest.approx(s.margin + s.start ** 2 + T * growth)
    k = 2 * eta ** 0.5 * s.cutoff * (r + eta * (C ** 2 * r + S1)) + eta * (
        2 * S1 * r + s.n + 2 * C ** 2 * r ** 2 + 2 * eta * (C ** 4 * r ** 2 + S1 ** 2))
    exponent = s.margin ** 2 / (2 * T)
    assert confinement_bound(s, "printed").log_exponential == pytest.approx(math.log(T) - exponent / k)
    assert confinement_bound(s, "corrected").log_exponential == pytest.approx(-exponent / k ** 2)
    assert confinement_bound(s).tail == T * s.tail


@pytest.mark.parametrize("seed", range(40))
def test_the_improved_bound_is_better_wherever_the_corrected_one_exists(seed):
    s = random_setting(np.random.default_rng(seed))
    assert r_star(s, "improved") <= r_star(s)
    assert difference_bound(s, "improved", r_star(s, "improved")) <= difference_bound(s, "corrected", r_star(s))
    assert confinement_bound(s, "improved").value <= confinement_bound(s).value


def random_descent(seed, step=None, updates=4, samples=3):
    """A live gradient in the plane, finite noises with mean zero that are neither symmetric nor short."""
    rng = np.random.default_rng(seed)
    x, w_star = rng.standard_normal((samples, 2)), rng.standard_normal(2)
    C2 = (x ** 2).sum(1).max()
    points = rng.standard_normal((3, 2)) * 0.4
    weights = rng.dirichlet(np.ones(3))
    one = rng.standard_normal(2) * 0.3
    return NoisyDescent(x, labels(x, w_star), w_star + rng.standard_normal(2) * 0.5, w_star,
                        FiniteNoise([one, -one], [0.5, 0.5]), FiniteNoise(points - weights @ points, weights),
                        (2 / C2 if step is None else step / C2) * 0.999, updates, 1.0, 1.4)


@pytest.mark.statement("relu_gate/ours-confinement")
@pytest.mark.parametrize("seed", range(25))
def test_every_increment_of_the_comparison_process(seed):
    """X = 2⟨u, N⟩ + ‖N‖² at random places in the ball: above every increment, mean <= μ, |X − μ| <= D, E X² <= V."""
    d, rng = random_descent(seed), np.random.default_rng(seed)
    s = d.setting()
    r = r_star(s, "improved")
    v = rng.standard_normal((200, 2))
    v *= (r * rng.random(200) ** 0.3 / np.linalg.norm(v, axis=1))[:, None]
    u = v - d.step * gate_gradient(d.w_star + v, d.x, d.y)
    N = (-d.step * d.noise1.points[:, None] + d.step ** 0.5 * d.noise2.points).reshape(-1, 2)
    p = np.multiply.outer(d.noise1.weights, d.noise2.weights).ravel()
    X = 2 * u @ N.T + (N ** 2).sum(1)
    gained = ((u[:, None] + N) ** 2).sum(2) - (v ** 2).sum(1)[:, None]
    assert (gained <= X + 1e-12).all()
    assert (X @ p <= s.growth + 1e-12).all()
    assert np.abs(X - s.growth).max() <= difference_bound(s, "improved", r)
    assert X.max() <= 2 * r * s.reach + s.reach ** 2 + 1e-12
    assert (X ** 2 @ p).max() <= step_variance(s, r) + 1e-12


def test_the_squared_distance_itself_may_fall_faster_than_d():
    """Why a comparison process: with η = 1/C² one update can bring w to the target, a fall by r², far above D."""
    d = coin_descent(step=1.0, updates=1, size=0.01, cutoff=0.01, noise1_size=0.0)
    s = d.setting()
    w = np.array([0.0, 1.0])
    assert gate_gradient(w, d.x, d.y) == pytest.approx([0, 1])
    assert difference_bound(s, "improved", 1.0) < 0.1


def test_a_step_beyond_the_limit_has_no_radius_but_an_improved_one():
    s = Confinement(**{**SMALL, "step": 0.08}, margin=1.0)
    assert s.step_limit == pytest.approx(0.0707107, rel=1e-5)
    assert r_star(s) == math.inf
    assert confinement_bound(s).value == 1
    assert confinement_bound(s, "improved").radius < 4
    assert Confinement(**{**SMALL, "data_norm": 0.0}, margin=1.0).step_limit == math.inf


def test_without_noise_the_improved_bound_is_zero():
    bound = confinement_bound(Confinement(n=2, step=0.1, updates=10, margin=1, start=1, data_norm=1, cutoff=0.5,
                                          second_moment=0.0, spread=0.0), "variance")
    assert bound.value < 1  # C_L is all the noise may be: put it at zero and nothing is left
    bound = confinement_bound(Confinement(n=2, step=0.1, updates=10, margin=1, start=1, data_norm=1, cutoff=0.0),
                              "improved")
    assert (bound.value, str(bound), bound.log10) == (0, "0", -math.inf)


@pytest.mark.parametrize(("log10", "text"), [
    (-286.96, "1.1e-287"), (-0.4437, "0.36"), (1.944, "88"), (-1041.35, "4.5e-1042"), (-9.0005, "1.0e-9"),
    (-math.inf, "0"), (3000.0, "1.0e3000")])
def test_scientific(log10, text):
    assert scientific(log10) == text


@pytest.mark.parametrize("bad", [{"margin": 0}, {"step": -1}, {"updates": 0}, {"start": math.nan}, {"n": math.inf},
                                 {"tail": -0.1}, {"second_moment": 1.0}, {"spread": 0.3}, {"noise1_spread": 0.02}])
def test_numbers_that_no_noise_has_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Confinement(**{"margin": 1.0, **SMALL, **bad})
    with pytest.raises(ValueError, match="printed, corrected, improved, variance"):
        r_star(Confinement(margin=1.0, **SMALL), "sharp")


def test_the_numbers_of_an_instance():
    s = coin_descent().setting()
    assert (s.n, s.start, s.data_norm, s.noise1_bound, s.tail) == (2, 0.5, 1.0, 0.1, 0.0)
    assert (s.second_moment, s.spread, s.noise1_spread) == pytest.approx((0.25, 0.25, 0.01))
    one = one_sided_descent().setting()
    assert (one.tail, one.second_moment) == pytest.approx((1e-4, 0.01))


@pytest.mark.parametrize(("noise", "C_L"), [
    (FiniteNoise([[1, 0], [-1, 0], [0, 3], [0, -3]], [0.25] * 4), 2.0), (SphereNoise(2, 1.5), 1.0),
    (BallNoise(2, 1.5), 1.2), (GaussianNoise((0.5, 1.0)), 1.5), (GaussianNoise((0.5, 0.2)), 50.0)])
def test_the_spread_is_at_least_the_largest_eigenvalue(noise, C_L):
    draws = noise.sample(40000, rng=np.random.default_rng(0))
    draws *= np.minimum(1, C_L / np.linalg.norm(draws, axis=1).clip(1e-300))[:, None]
    seen = np.linalg.eigvalsh(draws.T @ draws / len(draws))[-1]
    assert seen <= spread(noise, C_L) * 1.05  # 40000 draws: five standard errors of a second moment are below 0.05
    assert spread(noise, C_L) <= noise.truncated_second_moment(C_L) * (1 + 1e-12)
    if not isinstance(noise, GaussianNoise):
        assert spread(noise, C_L) == pytest.approx(seen, rel=0.05)


def test_which_hypotheses_hold_is_evaluated():
    good = coin_descent()
    assert all(all(good.hypotheses(kind).values()) for kind in KINDS)
    assert list(good.hypotheses("printed")) == list(HYPOTHESES["printed"])
    assert not coin_descent(label_error=0.1).hypotheses()["labels are realizable"]
    assert not coin_descent(step=0.08).hypotheses()["η below the limit"]
    assert coin_descent(step=2.0, size=0.1, cutoff=0.1).hypotheses("improved")["η ≤ 2/C²"]
    assert not coin_descent(step=2.1, size=0.1, cutoff=0.1).hypotheses("improved")["η ≤ 2/C²"]
    assert not coin_descent(cutoff=1.5).hypotheses()["C_L < √n"]
    one_sided = one_sided_descent()
    assert all(one_sided.hypotheses("printed").values())
    assert [kind for kind in KINDS if not one_sided.hypotheses(kind).get("Eξ₂' = 0", True)] == list(KINDS[1:])
    assert not jumping_coin(10).hypotheses("printed")["E‖ξ₂‖² < n"]
    assert all(jumping_coin(10).hypotheses("corrected").values())


def test_unbounded_or_biased_noise1_is_named():
    good = coin_descent()
    for noise1, broken in ((GaussianNoise((1, 1)), "‖ξ₁‖ ≤ S₁ < ∞"), (FiniteNoise([[0.1, 0]], [1.0]), "Eξ₁ = 0")):
        bad = NoisyDescent(good.x, good.y, good.w0, good.w_star, noise1, good.noise2, 1e-3, 10, 1.0, 0.5)
        assert [name for name, true in bad.hypotheses().items() if not true] == [broken]


def test_dimensions_must_agree():
    x = np.eye(2)
    with pytest.raises(ValueError, match="it differs in w0, noise2"):
        NoisyDescent(x, np.ones(2), np.ones(3), np.ones(2), NoNoise(2), NoNoise(3), 0.1, 5, 1.0, 0.5)


def test_the_audit_prints_what_holds_and_what_does_not():
    far = audit(far_coin(100))
    assert [row.state for row in far.rows] == [State.VIOLATED, State.HOLDS, State.HOLDS, State.HOLDS]
    assert "P[exit] 0.55 against 2.4e-27: VIOLATED" in repr(far)
    small = audit(coin_descent())
    assert [row.state for row in small.rows] == [State.VACUOUS, State.HOLDS, State.HOLDS, State.HOLDS]
    lopsided = audit(one_sided_descent())
    assert [row.state for row in lopsided.rows] == [State.VIOLATED, State.SILENT, State.SILENT, State.SILENT]
    assert "silent (not Eξ₂' = 0)" in str(lopsided)


def test_the_audit_of_simulated_runs():
    seen = audit(far_coin(100), runs=2000, rng=np.random.default_rng(1))
    assert [row.state for row in seen.rows] == [State.VIOLATED, State.HOLDS, State.HOLDS, State.HOLDS]
    assert seen["printed"].low < 0.548828125 < seen["printed"].high
    few = audit(coin_descent(margin=2.0), runs=20, rng=np.random.default_rng(1))
    assert few["corrected"].state is State.HOLDS_IF
    assert "more runs agree" in str(few)
    with pytest.raises(ValueError, match="rng"):
        audit(NoisyDescent(np.eye(2), np.zeros(2), np.ones(2), np.zeros(2), NoNoise(2), SphereNoise(2, 1.0), 0.1, 3,
                           1.0, 1.0))


def test_random_instances_by_all_paths():
    """Four updates of a live gradient: the improved forms and, at small steps, the corrected one, on exact numbers."""
    states = [row.state for seed, step in product(range(6), (None, 0.2))
              for row in audit(random_descent(seed, step)).rows if row.bound.kind != "printed"]
    assert set(states) <= {State.HOLDS, State.SILENT, State.VACUOUS}
    assert states.count(State.HOLDS) >= 20
