"""Checks of the exercises on the expected gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

from mathdl.core.exercise import Feedback, feedback


def check_inclusion(answer: Sequence[Real]) -> Feedback:
    """q1, q2, q3, q4 of uniform 3-subsets of 10 atoms, within 1e-6."""
    exact = [math.comb(10 - r, 3 - r) / math.comb(10, 3) if r <= 3 else 0.0 for r in (1, 2, 3, 4)]
    return feedback(answer, lambda four: len(four) == 4 and all(
                        math.isclose(float(x), q, abs_tol=1e-6) for x, q in zip(four, exact, strict=True)),
                    right="Four atoms never share a support of three, so q4 = 0; the closed form does not mind.",
                    hint="Four numbers. Of the C(10, 3) supports, how many contain r given atoms?")


def check_certain_bias(answer: Real) -> Feedback:
    """A bias with every gate right at W = A, k = 1, coherence 1/4, entries in [0.9, 1.1]: 0.275 <= ε < 0.9."""
    return feedback(answer, lambda eps: 1.1 / 4 <= float(eps) < 0.9,
                    right="A wrong unit gets at most 1.1/4, the right one at least 0.9: between, nothing can fail.",
                    hint="One number. What is the largest input of a wrong unit, and the smallest of the right one?")
