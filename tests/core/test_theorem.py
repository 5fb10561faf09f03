"""The state logic of verdicts: every state is reachable, and each part of the rule matters."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.card import html_card, latex_line
from mathdl.core.theorem import State, Theorem, Verdict, number

THEOREM = Theorem("chapter/theorem-1", "A <b>name</b> & more", "Source 2020, Thm 1", r"x \le \tfrac12 < 1", "x & y",
                  ("first", "second"))
finite = st.floats(-1e6, 1e6)
answers = st.tuples(st.sampled_from([True, False, None]), st.sampled_from([True, False, None]))


def verdict(*, given=(True, True), measured=1, **side) -> Verdict:
    return THEOREM.verdict(given=given, measured=measured, **(side or {"at_most": 2}))


@pytest.mark.parametrize(("options", "state"), [
    ({"measured": 1, "at_most": 2}, State.HOLDS),
    ({"given": (True, None), "measured": 1, "at_most": 2}, State.HOLDS_IF),
    ({"measured": 1, "at_most": 2, "trivial": 2}, State.VACUOUS),
    ({"given": (True, False), "measured": 1, "at_most": 2}, State.SILENT),
    ({"measured": 3, "at_most": 2}, State.VIOLATED),
    ({"measured": 3, "at_least": 2, "trivial": 2.5}, State.VACUOUS),
    ({"measured": 2, "equals": 2}, State.HOLDS),
    ({"measured": 2, "equals": 2.1}, State.VIOLATED),
    ({"given": (None, False), "measured": 3, "at_most": 2}, State.SILENT),
    ({"given": (None, True), "measured": 3, "at_most": 2}, State.VIOLATED),
])
def test_each_state_is_reached(options, state):
    assert verdict(**options).state is state


def test_wrong_bounds_are_caught():
    """Mutations of a bound that is attained: each one is seen, on the side where it is wrong."""
    attained = Fraction(27)
    assert verdict(measured=attained, at_least=27).state is State.HOLDS
    for mutant in (28, Fraction(271, 10), 27 * 2):
        assert verdict(measured=attained, at_least=mutant).state is State.VIOLATED
        assert verdict(measured=attained, equals=mutant).state is State.VIOLATED
    assert verdict(measured=attained, at_most=Fraction(269, 10)).state is State.VIOLATED


@settings(max_examples=200)
@given(answers, finite, finite, st.floats(0, 1e3))
def test_a_false_hypothesis_silences_whatever_the_numbers_say(given_, measured, bound, error):
    v = verdict(given=given_, measured=measured, at_most=bound, error=error)
    assert (v.state is State.SILENT) == (False in given_)


@settings(max_examples=200)
@given(finite, finite, st.floats(0, 1e3))
def test_the_two_sides_mirror_each_other(measured, bound, error):
    upper = verdict(measured=measured, at_most=bound, error=error)
    lower = verdict(measured=-measured, at_least=-bound, error=error)
    assert upper.state is lower.state
    assert upper.slack == lower.slack


@settings(max_examples=200)
@given(finite, finite, st.floats(0, 1e3))
def test_equality_is_both_inequalities(measured, bound, error):
    both = [verdict(measured=measured, error=error, **{side: bound}).satisfied for side in ("at_most", "at_least")]
    assert verdict(measured=measured, equals=bound, error=error).satisfied == all(both)


@pytest.mark.parametrize("side", ["at_most", "at_least", "equals"])
@pytest.mark.parametrize(("measured", "bound", "error"), [
    (math.nan, 1.0, 0.0), (1.0, math.nan, 0.0), (math.nan, math.nan, 1.0)])
def test_nan_never_holds(side, measured, bound, error):
    assert verdict(measured=measured, error=error, **{side: bound}).state is State.VIOLATED


def test_infinite_bounds_say_nothing():
    assert verdict(measured=5.0, at_most=math.inf).state is State.VACUOUS
    assert verdict(measured=5.0, at_least=-math.inf).state is State.VACUOUS
    assert verdict(measured=math.inf, at_most=5.0).state is State.VIOLATED


def test_error_bars_count_on_both_sides():
    assert verdict(measured=2.05, at_most=2.0, error=0.1).state is State.HOLDS
    assert verdict(measured=1.95, at_least=2.0, error=0.1).state is State.HOLDS
    assert verdict(measured=2.05, equals=2.0, error=0.1).state is State.HOLDS
    assert verdict(measured=1.95, equals=2.0, error=0.1).state is State.HOLDS
    assert verdict(measured=2.05, at_most=2.0, error=0.04).state is State.VIOLATED
    assert verdict(measured=1.95, at_least=2.0, error=0.04).state is State.VIOLATED


def test_exact_numbers_stay_exact():
    third = Fraction(1, 3)
    assert verdict(measured=third, equals=third).state is State.HOLDS
    assert verdict(measured=third, equals=1 / 3).state is State.VIOLATED
    assert verdict(measured=10**400 + 1, at_most=10**400).state is State.VIOLATED


@pytest.mark.parametrize("options", [
    {"given": (True,), "measured": 1, "at_most": 2},
    {"given": (True, True, True), "measured": 1, "at_most": 2},
    {"given": (True, True), "measured": 1},
    {"given": (True, True), "measured": 1, "at_most": 2, "at_least": 0},
    {"given": (True, True), "measured": 1, "at_most": 2, "error": -1},
    {"given": (True, True), "measured": 1, "at_most": 2, "error": math.nan}])
def test_pieces_that_do_not_fit_are_refused(options):
    with pytest.raises(ValueError, match="chapter/theorem-1: "):
        THEOREM.verdict(**options)


def test_one_stable_line():
    line = str(verdict(given=(True, None), measured=Fraction(1, 3), at_most=0.5, error=1e-12))
    assert line == "chapter/theorem-1 holds if: 1/3 ≤ 0.5 (± 1e-12) given ✓ first, ? second"


@pytest.mark.parametrize(("x", "error", "text"), [
    (27, 0, "27"), (27.0, 0, "27"), (Fraction(1, 3), 0, "1/3"), (3e-17, 1e-12, "0"), (0.1 + 0.2, 0, "0.3"),
    (math.nan, 0, "nan"), (math.inf, 0, "inf"), (-math.inf, 0, "-inf"), (10**400, 0, "10^400"), (1e300, 0, "1e+300"),
    (Fraction(123456789, 987654321), 0, "0.125"), (True, 0, "1")])
def test_numbers_as_text(x, error, text):
    assert number(x, error) == text


def test_card_tells_the_state_in_words_and_escapes():
    v = verdict(given=(True, False))
    card = html_card(v)
    assert "silent" in card
    assert "<b>" not in card
    assert "&lt;b&gt;name" in card
    assert "x &amp; y" in card
    assert r"$x \le \tfrac12 &lt; 1$" in card
    assert "(true)" in card
    assert "(false)" in card
    assert v._repr_html_() == card


def test_a_card_does_not_show_a_false_inequality_as_if_it_were_true():
    assert "<strong>3 ≤ 2</strong> does not hold" in html_card(verdict(measured=3, at_most=2))
    assert "does not hold" not in html_card(verdict(measured=1, at_most=2))


def test_latex_line_escapes_text_and_keeps_mathematics():
    line = latex_line(verdict(measured=1, at_most=2, error=0.5))
    assert r"A <b>name</b> \& more" in line
    assert r"$x \le \tfrac12 < 1$" in line
    assert r"1 $\le$ 2 ($\pm$ 0.5)" in line
    assert verdict().to_latex() == latex_line(verdict())
