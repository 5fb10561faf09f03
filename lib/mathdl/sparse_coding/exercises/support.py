"""Checks of the exercises on support recovery."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.sparse_coding.dictionaries import identity_hadamard
from mathdl.sparse_coding.finite_entries import FiniteEntries, shared_tail
from mathdl.sparse_coding.worst_case import certify_support


def check_rescue(answer: Real) -> Feedback:
    """A bias that finds every support: identity beside Hadamard with n = 256, W = Aᵀ, k = 7, entries in [0.9, 1.1]."""
    A = identity_hadamard(256)
    return feedback(answer, lambda bias: certify_support(A.T, A, 7, 0.9, 1.1, float(bias)).holds,
                    right="At k = 7 the interval is narrow; at k = 8 it is empty.",
                    hint="A silent unit hears at most 7 · 1.1/16, an active one at least 0.9 − 6 · 1.1/16. Go between.")


def check_skewed_law(answer: Sequence[Real]) -> Feedback:
    """A law with two values 1 and b, the high one with chance p, for which a false alarm at k = 3 has chance >= 0.1."""
    return feedback(answer, _alarms, right="High entries are rare enough for 2m₁ < b, and common enough for the alarm.",
                    hint="A pair (b, t). Alarms need b > 2m₁ = 2 + 2t(b − 1); how many of three entries must be high?")


def _alarms(pair: Sequence[Real]) -> bool:
    high, chance = map(float, pair)
    if not (high > 1 and math.isfinite(high)):
        return False
    return shared_tail(FiniteEntries((1.0, high), (1 - chance, chance)), 3) >= 0.1
