"""Checks of the exercises on section 4.6."""

from __future__ import annotations

import math
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.sparse_coding.experiments.printed_tables import zero_cover


def check_zero_score(answer: Real) -> Feedback:
    """The score in per cent of W = 0 in Table 4.6.2 at h = 4096 and p = 0.05, within a hundredth of a per cent."""
    return feedback(answer, lambda score: math.isclose(float(score), zero_cover(4096, 0.05), abs_tol=0.01),
                    right="Printed is 99.4 %. A baseline costs one line.",
                    hint="The start is at distance h^(1−2p)/5 of every atom, and 0 at distance 1.")


def check_stack_factor(answer: Real) -> Feedback:
    """‖(g, …, g)‖/m for m copies of a vector of length 1, at m = 200, within one per cent."""
    return feedback(answer, lambda norm: math.isclose(float(norm), 1 / math.sqrt(200), rel_tol=0.01),
                    right="A mean would have been 1: this slip makes a norm too small by √200.",
                    hint="What is the length of a vector with 200 equal blocks, each of length 1?")
