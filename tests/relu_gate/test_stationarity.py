"""The two-sample test and the chain without a limit law, each against a second way to compute it."""

from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest

from mathdl.core.intervals import ALARM
from mathdl.relu_gate import stationarity
from mathdl.relu_gate.noise import GaussianNoise
from mathdl.relu_gate.stationarity import (
    drifting_chain,
    drifting_step,
    energy_distance,
    energy_test,
    settling_test,
)
from mathdl.relu_gate.steps import noisy_gd_step


def slow_energy(a, b):
    def mean(u, v):
        return np.mean([[np.linalg.norm(p - q) for q in v] for p in u])

    return 2 * mean(a, b) - mean(a, a) - mean(b, b)


@pytest.mark.parametrize(("N", "M", "n"), [(5, 7, 1), (12, 4, 3), (1, 1, 2)])
def test_energy_distance_against_a_slow_loop(N, M, n, monkeypatch):
    monkeypatch.setattr(stationarity, "BLOCK", 3)
    rng = np.random.default_rng(N)
    a, b = rng.standard_normal((N, n)), rng.standard_normal((M, n)) + 1
    assert energy_distance(a, b) == pytest.approx(slow_energy(a, b), abs=1e-13)
    assert energy_distance(a, a) == pytest.approx(0, abs=1e-13)


def test_the_p_value_counts_relabellings():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((6, 2)), rng.standard_normal((5, 2)) + 0.7
    test = energy_test(a, b, relabellings=30, rng=np.random.default_rng(5))
    again, z, first = np.random.default_rng(5), np.vstack([a, b]), np.repeat([1.0, 0.0], [6, 5])
    others = [again.permutation(first) == 1 for _ in range(30)]
    count = sum(slow_energy(z[o], z[~o]) >= test.distance * (1 - 1e-12) for o in others)
    assert test.p_value == (1 + count) / 31


def test_over_all_relabellings_the_p_value_is_uniform():
    """Exactness by enumeration: each of the 20 ways to label six rows, against all 20."""
    z = np.random.default_rng(1).standard_normal((6, 2))
    ways = [np.array(w) == 1 for w in product((0, 1), repeat=6) if sum(w) == 3]
    distances = np.array([energy_distance(z[w], z[~w]) for w in ways])
    p = np.array([(distances >= d - 1e-12).mean() for d in distances])
    for level in (0.1, 0.3, 0.5, 0.9):
        assert (p <= level).mean() <= level


def test_power():
    from scipy.stats import binom

    rng = np.random.default_rng(2)
    found = sum(energy_test(rng.standard_normal((40, 2)), 1.0 + rng.standard_normal((40, 2)), relabellings=39,
                            rng=rng).p_value <= 0.05 for _ in range(25))
    assert found > binom.isf(ALARM, 25, 0.05)  # far above what a test without power reaches


def test_memory_stays_small():
    import tracemalloc

    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((2, 1500, 2))
    tracemalloc.start()
    energy_test(a, b, relabellings=9, rng=rng)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.75 * 3000 ** 2 * 8  # less than the matrix of distances


def test_the_chain_is_algorithm_3():
    x, y, noise = np.ones((1, 1)), np.array([0.25]), np.array([[-0.5], [0.5]])
    places = drifting_chain(4).places
    for place in (-1.75, -0.25, 0.25, 0.75):
        after = noisy_gd_step(np.full((2, 1), place), x, y, 1.0, 0.0, noise)[:, 0]
        expected = place + noise[:, 0] if place < 0 else 0.25 + noise[:, 0]
        assert after == pytest.approx(expected)
        assert sorted(places[drifting_step((places == place).astype(float)) > 0]) == sorted(after)
    assert np.mean(noise ** 2) < 1  # Algorithm 3 wants E‖ξ₂‖² < n


def test_the_law_against_all_sign_patterns():
    ends = []
    for signs in product((-1.0, 1.0), repeat=8):
        w = 0.25
        for s in signs:
            w = 0.25 + s / 2 if w > 0 else w + s / 2
        ends.append(w)
    law = drifting_chain(8)
    assert law.mass.sum() == 1
    for place, mass in zip(law.places, law.mass, strict=True):
        assert mass == ends.count(place) / 256
    assert law.second_moment == np.mean(np.square(ends))


def test_the_second_moment_grows_by_a_quarter_less_what_stands_at_the_right():
    for T in (5, 50):
        now, next_ = drifting_chain(T), drifting_chain(T + 1)
        assert next_.second_moment == pytest.approx(now.second_moment + (1 - 2 * now.mass[-1]) / 4, rel=1e-12)


def test_the_mass_leaves_every_bounded_set_like_one_over_root_T():
    inside = np.array([drifting_chain(T).inside(5) for T in (400, 1600, 6400)])
    assert inside[1:] / inside[:-1] == pytest.approx(0.5, abs=0.03)


def test_invariant_measure_in_fractions():
    pi = np.array([F(1)] * 30 + [F(1, 2)] * 2, dtype=object)
    assert (drifting_step(pi) == pi)[1:].all()
    assert not (drifting_step(np.array([F(1)] * 32, dtype=object))[1:] == 1).all()


def test_settling_sees_a_spreading_chain_and_uses_different_chains():
    x, w_star = np.array([[1.0, 0.3], [1.0, -0.3]]), np.array([1.0, 0.5])
    options = {"step": 0.2, "noise": GaussianNoise((1.0, 1.0)), "updates": 200, "chains": 250}
    test, early, late = settling_test(x, w_star, np.zeros(2), rng=np.random.default_rng(0), **options)
    assert test.p_value <= 0.05
    assert early.shape == late.shape == (250, 2)
    assert test.distance == pytest.approx(energy_distance(early, late), abs=1e-10)
    assert (late ** 2).sum(1).mean() > (early ** 2).sum(1).mean()


@pytest.mark.parametrize(("make", "message"), [
    (lambda: energy_distance([1.0], [2.0]), "samples in rows"),
    (lambda: energy_distance([[1.0]], [[1.0, 2.0]]), "rows"),
    (lambda: energy_distance([[np.inf]], [[0.0]]), "diverged"), (lambda: drifting_chain(-1), "updates ≥ 0")])
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
