"""Exercises on sums of ReLU gates over the plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.one_hidden_layer import is_one_hidden_layer
from mathdl.function_spaces.theorems.one_hidden import max_of_linear
from mathdl.nets.entries import as_exact


def check_symmetric_maximum(answer: Any) -> Feedback:
    """Whether max(0, x1, x2) + max(0, −x1, −x2) = p|x1| + q|x2| + r|x1 − x2| for the answer (p, q, r)."""

    def is_right(answer: Any) -> bool:
        p, q, r = as_exact(answer)
        x1, x2 = np.mgrid[-3:4, -3:4]
        maxima = np.maximum(np.maximum(x1, x2), 0) + np.maximum(np.maximum(-x1, -x2), 0)
        return bool((p * abs(x1) + q * abs(x2) + r * abs(x1 - x2) == maxima).all())

    return feedback(answer, is_right, right="The second maximum completes every ray of the first to a full line.",
                    hint="Find the jump of the gradient along each of the three lines; |u| jumps by 2 across u = 0.")


def check_flat_maximum(answer: Any) -> Feedback:
    """Whether the answer is two different non-zero integer rows a, b with max(0, a·x, b·x) a sum of gates."""

    def is_right(answer: Any) -> bool:
        a, b = (tuple(int(v) for v in row) for row in answer)
        if len(a) != 2 or len(b) != 2 or a == b or not any(a) or not any(b):
            raise ValueError("expected two different non-zero pairs of integers")
        return bool(is_one_hidden_layer(max_of_linear(a, b)))

    return feedback(answer, is_right, right="With 0, a, b on one line the function depends on one direction only.",
                    hint="When do the three pieces meet in parallel lines, or in one line, rather than in a point?")
