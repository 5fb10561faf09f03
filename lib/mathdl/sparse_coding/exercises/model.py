"""Checks of the exercises on the generative model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.sparse_coding.dictionaries import coherence, devore_at_exponent, is_prime
from mathdl.sparse_coding.supports import FiniteSupports


def check_seven_supports(answer: Sequence[Sequence[int]]) -> Feedback:
    """Seven supports of size 3 among the atoms 0 to 6, equally likely, with q1 and q2 the same everywhere."""
    return feedback(answer, _is_design,
                    right="This is the Fano plane: seven points, seven lines, and each pair of points on one line.",
                    hint="Seven triples with 21 pairs between them, and 7 atoms have 21 pairs: use each pair once.")


def check_prime(answer: int) -> Feedback:
    """The smallest prime q at which the family with exponent 1/4 has more atoms than dimensions and C below 1/5."""
    return feedback(answer, lambda q: q == _smallest_prime(),
                    right="C = 3/q asks for q > 15, and then h = (q/3)⁴ is far above n = q².",
                    hint="r = 3, so C = 3/q, n = q², h ≈ (q/3)⁴. Write down both conditions; q is a prime.")


def _is_design(triples: Sequence[Sequence[int]]) -> bool:
    if len({tuple(sorted(t)) for t in triples}) != 7 or any(len(t) != 3 for t in triples):
        return False
    law = FiniteSupports(7, np.array(triples, dtype=int))
    return math.isclose(law.inclusion(1), 3 / 7) and math.isclose(law.inclusion(2), 1 / 7)


def _smallest_prime() -> int:
    for q in filter(is_prime, range(5, 100)):
        A = devore_at_exponent(q, 0.25, rng=np.random.default_rng(0))
        if A.shape[1] > A.shape[0] and coherence(A).C < 0.2:
            return q
    raise ValueError("expected a prime below 100 to do; none did")
