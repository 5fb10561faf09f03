"""Check of the exercise on reliable learning."""

from __future__ import annotations

from mathdl.core.exercise import Feedback, feedback


def check_confidence(answer: int) -> Feedback:
    """The fewest samples with which a label that has probability 1/4 is missed with probability at most 1/20."""
    return feedback(answer, lambda m: m == int(m) and 3 ** m * 20 <= 4 ** m and 3 ** (m - 1) * 20 > 4 ** (m - 1),
                    right="From there on the sample shows the label with probability 19/20.",
                    hint="Each sample misses the label with probability 3/4, independently of the others.")
