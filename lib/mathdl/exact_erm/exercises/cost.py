"""Checks of the exercises on cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.big_m import least_big_m
from mathdl.exact_erm.cells import cover_count
from mathdl.exact_erm.complexity import distinct_subproblems
from mathdl.exact_erm.problem import ERMProblem


def check_three_gates(answer: int) -> Feedback:
    """Distinct subproblems for D = 6 samples of the plane in general position and w = 3 gates."""
    return feedback(answer, lambda k: k == distinct_subproblems(cover_count(6, 2), 3),
                    right="Three things drawn from 64 kinds with repetition: C(66, 3).",
                    hint="How many kinds of gate are there, cell and sign together? Draw w of them, with repetition.")


def check_needs_a_thousand(answer: Sequence[Sequence[float]]) -> Feedback:
    """At most four points (x, y) with |x|, |y| <= 1 that one gate fits exactly, but none within M = 1000."""
    return feedback(answer, _needs_a_thousand,
                    right="Every net that fits them leaves the model with M = 1000, so its optimum is wrong.",
                    hint="At most four pairs of size at most 1, fitted exactly by one gate. Which gates are steep?")


def _needs_a_thousand(points: Sequence[Sequence[float]]) -> bool:
    data = np.array(points, dtype=float)
    if data.ndim != 2 or data.shape[1] != 2 or len(data) > 4 or abs(data).max() > 1:
        return False
    return least_big_m(ERMProblem(data[:, 0], data[:, 1], 1, "absolute")) > 1000
