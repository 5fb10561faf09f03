"""Checks of the exercises on branch and bound."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.search_tree import dropped

SIGNS = (1, 1, -1)


def check_children(answer: int) -> Feedback:
    """Children that symmetry keeps at the first split of a root with signs + + -."""
    fresh = np.full((3, 1), -1, dtype=np.int8)
    kept = sum(not dropped(SIGNS, fresh, bits) for bits in product((0, 1), repeat=3))
    return feedback(answer, lambda n: n == kept, right="Three ways for the equal gates, two for the third.",
                    hint="Write down the eight triples and cross out those that are another one with gates exchanged.")


def check_hard_labels(answer: Sequence[float]) -> Feedback:
    """Labels at x = 0, ..., 5 of which one gate without output bias loses at least half, Σ (f - y)² >= Σ y² / 2 > 0."""
    return feedback(answer, _loses_half, right="The lower bound of the search is at least half of Σ y², so no net does "
                                               "better.",
                    hint="Six numbers, not all 0. What can one gate do about labels of both signs?")


def _loses_half(y: Sequence[float]) -> bool:
    labels = np.array(y, dtype=float)
    if labels.shape != (6,):
        raise ValueError(f"expected six numbers, got shape {labels.shape}")
    half = (labels ** 2).sum() / 2
    return bool(half > 0 and branch_and_bound(ERMProblem(np.arange(6.0), labels, 1)).lower >= half * (1 - 1e-8))
