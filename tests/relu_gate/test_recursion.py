"""The recursion of Lemma 3.E.1: closed form against steps one by one, in fractions; its T; bad input."""

import math
from fractions import Fraction as F
from itertools import pairwise

import numpy as np
import pytest

from mathdl.relu_gate.recursion import (
    Recursion,
    printed_limit,
    recursion_T,
    steps_by_ratio,
    unroll,
    worst_nonnegative,
)

CASES = [(1, 2, 1, 5, F(3, 10)), (1, 2, F(1999, 1000), 5, F(3, 10)), (3, 2, 1, 5, F(1, 2)), (1, 1, 0, 7, F(1, 10)),
         (F(3, 2), 1, 0, 7, F(1, 10)), (1, 1, F(1, 50), 2, 1), (2, 1, F(1, 2), F(9, 8), 1)]


@pytest.mark.parametrize("case", CASES)
def test_closed_form_first_hit_and_T_agree_with_single_steps(case):
    r = Recursion(*case)
    x = unroll(r.alpha, r.beta, r.start, 400)
    first = next(t for t, value in enumerate(x, start=1) if value <= r.target)
    assert r.steps == first
    assert all(r.value(t) == x[t - 1] for t in (1, 2, 7, first))  # fractions: no tolerance
    assert r.alpha == 1 - r.step * r.b + r.step ** 2 * r.c1
    assert r.fixed_point == (r.beta / (1 - r.alpha))
    if r.alpha > 0:
        assert math.ceil(r.T) == first
        assert recursion_T(*case) == r.T


def test_numbers_of_the_two_cases_worked_out():
    half, most = (Recursion(1, 2, 2 * q, 5, F(3, 10)) for q in (F(1, 2), F(9995, 10000)))
    assert pytest.approx((122.7639, 301.4319), abs=1e-4) == (half.T, most.T)
    assert (half.steps, most.steps) == (123, 302)


def test_the_printed_T_is_the_same_number():
    for b, c1, c2, C, e in [(1, 2, 1, 5, 0.3), (0.3, 0.7, 0.2, 2, 0.9), (1, 4, 3.9, 1.1, 1.0)]:
        printed = 1 + (math.log(e ** 2 * (c1 - c2) / (C * c1 - c2 * e ** 2))
                       / math.log(1 - b ** 2 / c1 * e ** 2 / (1 + e ** 2) ** 2))
        assert recursion_T(b, c1, c2, C, e) == pytest.approx(printed, rel=1e-12)


def test_floats_and_fractions_agree():
    exact, rounded = Recursion(1, 2, 1, 5, F(3, 10)), Recursion(1, 2, 1, 5, 0.3)
    assert isinstance(exact.alpha, F)
    assert isinstance(rounded.alpha, float)
    for name in ("step", "alpha", "beta", "fixed_point", "target"):
        assert getattr(rounded, name) == pytest.approx(float(getattr(exact, name)), rel=1e-14)
    assert rounded.steps == exact.steps


def test_alpha_zero_arrives_in_one_step():
    r = Recursion(1, F(1, 4), 0, 5, F(1, 10))
    assert (r.alpha, r.steps, r.value(2)) == (0, 2, 0)
    with pytest.raises(ValueError, match="α > 0"):
        _ = r.T
    assert Recursion(2, 1, 1, 5, 1).steps == 2  # case 2 at ε' = 1, c2 = c1: the fixed point is the target


def test_a_start_below_the_target_is_there():
    assert Recursion(1, 2, 1, F(1, 20), F(3, 10)).steps == 1
    assert recursion_T(1, 2, 1, 0.05, 0.3) == 1


def test_equal_constants_never_arrive():
    r = Recursion(1, 2, 2, 5, F(3, 10))
    assert r.T == r.steps == math.inf
    assert r.fixed_point == r.target
    for t in (10, 100, 1000):
        assert r.value(t) - r.target == r.alpha ** (t - 1) * (r.start - r.target) > 0


def test_T_grows_like_the_logarithm_of_the_distance_of_the_ratio_from_one():
    r, gaps = Recursion(1.0, 2.0, 1.0, 5.0, 0.3), np.geomspace(1e-3, 1e-8, 6)
    T = steps_by_ratio(r, 1 - gaps)
    assert np.diff(T) == pytest.approx(math.log(10) / -math.log(r.alpha), rel=1e-3)
    assert steps_by_ratio(r, np.ones(1))[0] == math.inf


@pytest.mark.parametrize("seed", range(3))
def test_no_sequence_that_obeys_the_inequality_is_larger(seed):
    rng = np.random.default_rng(seed)
    for alpha, beta in ((0.7, 0.2), (0.0, 0.3), (-0.6, 0.36)):
        start = 0.5
        top = worst_nonnegative(alpha, beta, start, 12)
        for _ in range(200):
            x = [start]
            for _ in range(12):
                x.append(max(alpha * x[-1] + beta, 0) * rng.choice([0, 1, rng.random()]))
            assert all(a <= b + 1e-12 for a, b in zip(x, top, strict=True))


def test_with_a_negative_alpha_the_worst_is_attained_and_is_not_the_equality():
    alpha, beta = F(-3, 5), F(9, 25)
    top, equal = worst_nonnegative(alpha, beta, F(1, 2), 6), unroll(alpha, beta, F(1, 2), 6)
    swings = [F(1, 2), 0, beta, 0, beta, 0, beta]
    assert all(y <= alpha * x + beta for x, y in pairwise(swings))
    assert swings[2] == top[2] > F(1, 4) > equal[-1]
    assert worst_nonnegative(alpha, beta, 5, 6) == [5]  # no second number >= 0 is allowed


def test_the_printed_condition_is_inside_the_needed_one():
    for e in (F(1, 20), F(1, 5), F(1, 2), 1, 2, 7):
        e = F(e)
        needed = (e + 1 / e) ** 2
        assert printed_limit(e) <= needed
        assert (printed_limit(e) == needed) == (e == 1)
        assert Recursion(1, 1 / needed, F(1, 9), 50, e).alpha == 0
    assert float(printed_limit(F(1, 5))) == pytest.approx(7.2)
    assert float((F(1, 5) + 5) ** 2) == pytest.approx(27.04)
    r = Recursion(F(20), F(20), 1, 5, F(1, 5))  # b²/c1 = 20, above the printed limit
    assert float(r.alpha) == pytest.approx(0.2604, abs=1e-4)
    assert r.value(r.steps) <= r.target < r.value(r.steps - 1)


@pytest.mark.parametrize("wrong", [{"b": 0}, {"c1": -1}, {"c2": -1}, {"start": 0}, {"epsilon": 0}, {"b": math.inf},
                                   {"start": math.nan}])
def test_bad_numbers_are_named(wrong):
    good = {"b": 1, "c1": 2, "c2": 1, "start": 5, "epsilon": 0.3}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Recursion(**{**good, **wrong})


def test_no_T_and_no_time_before_the_start():
    with pytest.raises(ValueError, match="Take b² / c1 below"):
        _ = Recursion(10, 10, 9, 1, F(1, 2)).T
    with pytest.raises(ValueError, match="t ≥ 1"):
        Recursion(1, 2, 1, 5, 1).value(0)
