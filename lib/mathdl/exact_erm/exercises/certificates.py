"""Exercises on certificates: a labelling that no gate has, and a lower bound by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mathdl.core.exercise import Feedback, feedback

SIDES = (1, -1, 1)  # on, off, on at -1, 0, 1
POINTS = (-1, 0, 1)
LABELS = (1, 0, 1)


def check_impossible(answer: Any) -> Feedback:
    """Three multipliers that show that no gate is strictly on, off, on at -1, 0, 1."""
    def is_right(multipliers: Sequence) -> bool:
        m = [Fraction(v) for v in multipliers]
        sides = [a * s for a, s in zip(m, SIDES, strict=True)]
        return min(m) >= 0 < max(m) and sum(sides) == 0 == sum(a * x for a, x in zip(sides, POINTS, strict=True))

    return feedback(answer, is_right, right="The three conditions add up to 0 > 0. Any positive multiple will do.",
                    hint="Give three numbers, none negative and not all 0. Both the sum of λ_j (2 p_j − 1) and the sum "
                         "of λ_j (2 p_j − 1) x_j must be 0.")


def check_slopes(answer: Any) -> Feedback:
    """Three slopes that prove a loss of at least 3/5 for a gate that is on at -1, 0, 1, with labels 1, 0, 1."""
    def is_right(slopes: Sequence) -> bool:
        g = [Fraction(v).limit_denominator(10 ** 6) for v in slopes]
        fits = sum(g) == 0 == sum(a * x for a, x in zip(g, POINTS, strict=True))
        return fits and sum(-a * y - a * a / 4 for a, y in zip(g, LABELS, strict=True)) >= Fraction(3, 5)

    return feedback(answer, is_right, right="The best multiple proves 2/3, which the constant 2/3 attains.",
                    hint="Three numbers: their sum is 0 and the sum of g_j x_j is 0, so they are a multiple of "
                         "1, −2, 1. The bound is the sum of −g_j y_j − g_j²/4.")
