"""Checks of the exercises on one-dimensional inputs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.pwl_class import smallest_width_of
from mathdl.exact_erm.pwl_interpolation import fewest_pieces
from mathdl.nets.pwl1d import PWL1D

STAIRCASE = (0, 1, 2)  # breakpoints of the exercise, at each of which the slope rises by 1


def check_left_slopes(answer: Sequence[Real]) -> Feedback:
    """All left slopes with which three rises by 1, at 0, 1 and 2, are a net with three gates and an output bias."""
    return feedback(answer, lambda slopes: _exact(slopes) == {s for s in map(Fraction, range(-9, 10))
                                                              if smallest_width_of(staircase(s)) == 3},
                    right="Minus the left slope has to be 0, 1, 2 or 3 jumps.",
                    hint="Which numbers can you make from some of the three jumps? Mind the sign.")


def check_three_pieces(answer: Sequence[Real]) -> Feedback:
    """Labels at x = 0, 1, …, 5 that three pieces fit and two cannot, with a turn at each of the four inner points."""
    return feedback(answer, lambda y: len(y) == 6 and _turns(y) == 4 and fewest_pieces(range(6), list(y)) == 3,
                    right="Two runs of two turns, or one run of four: one breakpoint serves two neighbours.",
                    hint="Six labels; every inner point must turn; neighbours that turn the same way can share one.")


def staircase(left_slope: Fraction) -> PWL1D:
    """Three breakpoints at 0, 1, 2, where the slope rises by 1, and the value 0 at 0."""
    s = Fraction(left_slope)
    return PWL1D.from_points(STAIRCASE, (Fraction(0), s + 1, 2 * s + 3), s, s + 3)


def _exact(slopes: Sequence[Real]) -> set[Fraction]:
    return {Fraction(s) for s in slopes}


def _turns(y: Sequence[Real]) -> int:
    return sum(a - 2 * b + c != 0 for a, b, c in zip(y, y[1:], y[2:], strict=False))
