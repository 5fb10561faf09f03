"""Exercises on restrictions and Andreev's function: each check takes any right answer and gives none away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.andreev import Andreev
from mathdl.function_spaces.restrictions import Parts, equal_parts, survival_probability

HEAVY = (16, *[1] * 15)  # the gate of the exercise on unequal parts


def check_no_bit_ignored(answer: Any) -> Feedback:
    """A power of two above 512 for which Andreev's function reads all of its bits."""

    def right(n: int) -> bool:
        return n > 512 and n.bit_count() == 1 and Andreev(n).used_bits == n

    return feedback(answer, right, right="The matrix has n/2 cells exactly when its number of rows divides n/2.",
                    hint="With n = 2^(k+1) the matrix has k rows, and 2^k bits to fill it. For which k are none left?")


def check_short_lived(answer: Any) -> Feedback:
    """Sixteen non-zero integer weights with P[not forced] at most 0.3, for four equal parts and bias 0."""

    def right(weights: Sequence[int]) -> bool:
        parts = equal_parts(16, 4)
        return len(weights) == 16 and all(weights) and survival_probability(weights, parts) <= 0.3

    return feedback(answer, right, right="A gate with one very heavy bit lives only as long as that bit is free.",
                    hint="Equal weights are nearly the worst choice. Which bits should decide the gate, so that fixing "
                         "them settles it?")


def check_immortal(answer: Any) -> Feedback:
    """Four parts of the positions 0, …, 15 under which the gate with weights 16, 1, …, 1 is never forced."""

    def right(parts: Parts) -> bool:
        everything = sorted(i for part in parts for i in part) == list(range(16))
        return len(parts) == 4 and everything and survival_probability(HEAVY, parts) == 1

    return feedback(answer, right, right="A part of one element keeps that element free, whatever the dice say.",
                    hint="Give four tuples of positions that together hold 0, …, 15, not necessarily of equal size. "
                         "Which bit must never be fixed?")
