"""Checks of the exercises on rays and on patterns that may be skipped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.theorems.rays import small_patterns

HINGES = np.array([[0, 0, 1, 2], [0, 0, 0, 1]], dtype=float)  # on the samples 0, 1, 2, 3


def check_hinge_mixture(answer: Sequence[float]) -> Feedback:
    """Coefficients of the hinges at 1 and at 2 whose sum is 3 σ(x − 1.75) on the samples 0, 1, 2, 3."""
    wanted = 3 * np.maximum(np.arange(4) - 1.75, 0)
    return feedback(answer, lambda c: np.shape(c) == (2,) and bool(np.allclose(np.asarray(c, float) @ HINGES, wanted)),
                    right="Off the samples the two functions differ, but no loss looks there.",
                    hint="Two numbers. Only the samples 2 and 3 see the gate: match the first one, then the second.")


def check_two_rules(answer: Sequence[float]) -> Feedback:
    """Labels on 0, 1, ..., 5 that two gates fit exactly, but not when both rules for skipping are used together."""
    points = tuple((float(i),) for i in range(6))

    def together_they_fail(labels: Sequence[float]) -> bool:
        if np.shape(labels) != (6,):
            return False
        verdict = small_patterns(points=points, labels=tuple(map(float, labels)), both=True)
        scale = float(np.square(labels).sum())
        return verdict.bound <= 1e-9 * scale and verdict.measured > 1e-3 * scale

    return feedback(answer, together_they_fail,
                    right="One gate wants more samples, the other must stay away from it: no room for both.",
                    hint="Six labels. Let the first gate be forced to bend at the last sample but two, and the second "
                         "one right after it, with the other sign.")
