"""Checks of the exercises on learners."""

from __future__ import annotations

import math
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.sparse_coding.basin import stretch
from mathdl.sparse_coding.phase import promised_margin


def check_stretch(answer: Real) -> Feedback:
    """The bias at which the dictionary is stretched to 3/2 when every code is 1, within 0.001."""
    return feedback(answer, lambda bias: math.isclose(stretch(float(bias), 1.0, 1.0), 1.5, abs_tol=1e-3),
                    right="A unit reports s − ε and plays it back s times as loud: s(s − ε) = 1.",
                    hint="At W = sA and y = A, what does the unit report, and when is ŷ = y?")


def check_largest_sparsity(answer: Real) -> Feedback:
    """The largest k for which every dictionary of coherence 1/16 has one bias for all codes in [0.9, 1.1]."""
    return feedback(answer, lambda k: int(k) == k and _works(int(k)) and not _works(int(k) + 1),
                    right="The condition is linear in k: coherence 1/16 pays for about that many overlaps.",
                    hint="Solve a − (2k − 1) C b > 0 for k.")


def _works(k: int) -> bool:
    return k >= 1 and promised_margin(1 / 16, k, 0.9, 1.1) > 0
