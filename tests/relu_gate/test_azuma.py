"""Tails of walks: exact against binomials, rational recursion and reflection; bounds above them, tight or not."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

from mathdl.relu_gate.azuma import azuma_bound, freedman_bound, walk, walk_crossing, walk_tail

FAIR = ((-1, 1), (0.5, 0.5))


@pytest.mark.parametrize("steps", [1, 7, 50])
@pytest.mark.parametrize("up", [0.5, 0.65])
def test_walks_of_two_values_are_binomial(steps, up):
    for level in (1, 3, 10, 20):
        exact = binom.sf(math.ceil((steps + level) / 2) - 1, steps, up)
        assert walk_tail(steps, level, (-1, 1), (1 - up, up)) == pytest.approx(exact, rel=1e-12, abs=1e-300)


def test_the_reflection_principle():
    """P(max >= λ) = P(S >= λ) + P(S > λ) for the fair walk."""
    for level in (1, 4, 10, 16, 20):
        reflected = walk_tail(50, level, *FAIR) + walk_tail(50, level + 1, *FAIR)
        assert walk_crossing(50, level, *FAIR) == pytest.approx(reflected, rel=1e-12)


def test_walks_against_a_rational_recursion():
    values, weights = (-2, 0, 3), (Fraction(1, 2), Fraction(1, 8), Fraction(3, 8))
    held = {0: Fraction(1)}
    gone = Fraction(0)
    for _ in range(9):
        after: dict[int, Fraction] = {}
        for (place, mass), (v, w) in itertools.product(held.items(), zip(values, weights, strict=True)):
            if place + v >= 6:
                gone += mass * w
            else:
                after[place + v] = after.get(place + v, Fraction(0)) + mass * w
        held = after
    assert walk_crossing(9, 6, values, [float(w) for w in weights]) == pytest.approx(float(gone), rel=1e-14)
    places, mass = walk(9, values, [float(w) for w in weights])
    assert (places[0], places[-1]) == (-18, 27)
    assert mass.sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.statement("relu_gate/theorem-3.D.1")
@pytest.mark.parametrize(("level", "exact", "bound"), [
    (10, 0.1013, 0.3679), (16, 0.0164, 0.0773), (20, 0.0033, 0.0183)])
def test_the_numbers_of_the_ledger(level, exact, bound):
    assert round(walk_tail(50, level, *FAIR), 4) == exact
    assert round(azuma_bound([1] * 50, level), 4) == bound


@pytest.mark.statement("relu_gate/theorem-3.D.1")
def test_one_step_is_nearly_extremal():
    assert walk_tail(1, 1, *FAIR) == 0.5
    assert azuma_bound([1], 1) == pytest.approx(math.exp(-0.5))  # 0.607


@pytest.mark.statement("relu_gate/theorem-3.D.1")
def test_the_exponent_cannot_be_improved():
    """At λ = 12 √n the exponents agree to 6 per cent; a bound e^{-λ²/(1.8 n)} would be false."""
    steps, level = 10_000, 1200
    exact = binom.logsf((steps + level) // 2 - 1, steps, 0.5)
    assert exact <= math.log(azuma_bound([1] * steps, level)) == pytest.approx(-72)
    assert exact > 1.06 * -72
    assert exact > -level ** 2 / (1.8 * steps)


@pytest.mark.statement("relu_gate/theorem-3.D.1")
@pytest.mark.statement("relu_gate/ours-freedman")
def test_supermartingales_that_look_back():
    """Random strategies: after each history size, chance and downward push are new; all paths are listed."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        c = rng.uniform(0.2, 1.0, 7)
        paths = [(1.0, 0.0, 0.0, 0.0)]  # probability, position, maximum, sum of conditional second moments
        for size in c:
            grown = []
            for p, s, top, V in paths:
                move, q, push = rng.uniform(0, size), rng.uniform(0, 0.45), rng.choice([0.0, 0.1])
                moves = ((q, move), (q + push, -move), (1 - 2 * q - push, 0.0))
                v = sum(w * m * m for w, m in moves)
                grown += [(p * w, s + m, max(top, s + m), V + v) for w, m in moves if w > 0]
            paths = grown
        for level in (0.5, 1.0, 2.0):
            reached = math.fsum(p for p, _, top, _ in paths if top >= level)
            assert reached <= azuma_bound(c, level)
            variance = max(V for *_, V in paths)
            assert reached <= freedman_bound(variance, c.max(), level)


@pytest.mark.statement("relu_gate/ours-freedman")
def test_freedman_is_tight_for_rare_jumps():
    """Steps 1 − q with probability q and −q else, 80 jumps expected: the exponents agree to 8 per cent."""
    steps, q, level = 8000, 0.01, 160
    up, V = 1 - q, steps * q * (1 - q)  # K jumps end at K − 80
    exact = binom.logsf(level + 80 - 1, steps, q)
    bound = math.log(freedman_bound(V, up, level))
    assert 1.08 * bound < exact <= bound


@pytest.mark.statement("relu_gate/ours-freedman")
def test_freedman_against_its_printed_form_and_bernstein():
    for V, c, level in ((20, 1, 20), (3, 0.5, 2), (100, 2, 1), (1, 1, 1e-3), (5.0, 1.0, 100.0)):
        a, b = level / c, V / c ** 2
        printed = (a + b) * (math.log(b) - math.log(a + b)) + a
        assert math.log(freedman_bound(V, c, level)) == pytest.approx(printed, rel=1e-9, abs=1e-15)
        assert freedman_bound(V, c, level) <= math.exp(-level ** 2 / (2 * (V + c * level / 3)))


def test_freedman_for_small_levels_keeps_its_digits():
    """u = cλ/V = 10^-6: the difference of logarithms would keep four digits of the exponent u² V/2."""
    assert -math.log(freedman_bound(1e12, 1.0, 1e6)) == pytest.approx(0.5 - 1e-6 / 6, rel=1e-12)
    below, above = (-math.log(freedman_bound(1e6, 1.0, level)) for level in (99.999, 100.001))
    assert above / below == pytest.approx((100.001 / 99.999) ** 2, rel=1e-6)  # both branches meet at u = 10^-4


def test_without_any_step_nothing_moves():
    assert azuma_bound([0, 0], 1) == azuma_bound([], 1) == freedman_bound(0, 1, 1) == 0


@pytest.mark.parametrize(("call", "match"), [
    (lambda: azuma_bound([1, -1], 1), "c_i >= 0"), (lambda: azuma_bound(1.0, 1), "shape"),
    (lambda: azuma_bound([1], 0), "level: expected a height"), (lambda: freedman_bound(-1, 1, 1), "variance >= 0"),
    (lambda: freedman_bound(1, 0, 1), "largest increment > 0"), (lambda: freedman_bound(1, 1, -1), "level"),
    (lambda: walk(3, (0.5, 1), (0.5, 0.5)), "whole numbers"), (lambda: walk(3, (0, 1), (0.5, 0.6)), "add up to 1"),
    (lambda: walk_crossing(3, 0, (0, 1), (0.5, 0.5)), "level")])
def test_refusals(call, match):
    with pytest.raises(ValueError, match=match):
        call()
