"""Exercises on hard functions of the line."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from math import prod
from numbers import Integral, Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.gap import gap_row, natural_power
from mathdl.function_spaces.triangle import l1_lower_bound

RAMPS = 30
EPS = Fraction(1, 2)


def cheapest_size(ramps: int) -> int:
    """The least w_1 + … + w_k with ∏ w_i = ramps and w_i ≥ 2: the sum of the prime factors, with multiplicity."""
    return next((f + cheapest_size(ramps // f) for f in range(2, ramps + 1) if ramps % f == 0), 0)


def check_widths(answer: Sequence[int]) -> Feedback:
    """Widths of sawtooths whose composition has 30 ramps, with as few gates as possible; any order is right."""
    return feedback(answer, _cheapest, right="Splitting a composite width never costs gates, since a b ≥ a + b.",
                    hint=f"The widths are whole numbers >= 2 whose product is {RAMPS}, and their sum is the size. Try "
                         "to split one of your widths into a product.")


def check_accuracy(answer: Real) -> Feedback:
    """The largest error that the bound rules out for one hidden layer of 5 gates against a wave with 16 ramps."""
    return feedback(answer, lambda a: Fraction(a) == l1_lower_bound(16, 6) or abs(a - l1_lower_bound(16, 6)) < 1e-9,
                    right="Every such net is at least that far away, in the mean over [0, 1].",
                    hint="How many pieces can one hidden layer of 5 gates have? Put that number into the bound for 16 "
                         "ramps.")


def check_crossover(answer: int) -> Feedback:
    """The least k > 1 at which the shallow bound exceeds the size of the deep net, for ε = 1/2."""
    return feedback(answer, lambda k: _is_whole(k) and k == _crossover(),
                    right="From there on the shallow size outgrows every power of the deep one.",
                    hint="k^(3/2) has to be a natural number, so only some k count. Compare the two sizes in a table.")


def _cheapest(widths: Sequence[int]) -> bool:
    widths = list(widths)
    whole = all(_is_whole(w) and w >= 2 for w in widths)
    return whole and prod(widths) == RAMPS and sum(widths) == cheapest_size(RAMPS)


def _is_whole(n: object) -> bool:
    return isinstance(n, Integral) and not isinstance(n, bool)


def _crossover() -> int:
    return next(k for k in count(2) if natural_power(k, EPS) is not None and gap_row(k, EPS).ratio > 1)
