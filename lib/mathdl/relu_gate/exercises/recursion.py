"""Checks of the exercises on Lemma 3.E.1."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.recursion import Recursion

STEEP = Recursion(10, 10, 9, Fraction(1, 2), Fraction(1, 2))  # b²/c1 = 10 > 6.25: α = −3/5, β = 9/25, ε'² = 1/4


def check_escape(answer: Sequence[Real]) -> Feedback:
    """Three numbers X_1, X_2, X_3 ≥ 0 with X_{t+1} ≤ −0.6 X_t + 0.36 and X_3 above 0.25, X_1 at least 0.25."""
    return feedback(answer, lambda x: _obeys(x) and Fraction(x[2]) > STEEP.target,
                    right="A small X_2 is allowed, and −0.6 times a small number takes little away from 0.36.",
                    hint="You may make X_2 as small as you like, but not negative. What does that allow for X_3?")


def _obeys(x: Sequence[Real]) -> bool:
    if len(x) != 3:
        raise ValueError("three numbers are wanted")
    x = [Fraction(str(v)) for v in x]
    steps = pairwise(x)
    return min(x) >= 0 and x[0] >= STEEP.target and all(b <= STEEP.alpha * a + STEEP.beta for a, b in steps)
