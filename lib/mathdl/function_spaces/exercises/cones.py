"""Exercises on weight cones and on the function of Chattopadhyay and Mande."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.chattopadhyay_mande import omb_or_xor
from mathdl.function_spaces.cones import same_cone, vertices

ROWS = np.array([[1, -1, 1, 1, -1, 1], [1, 1, 1, -1, -1, 1]])  # two rows x, x' of g on 3 blocks of 2 bits


def check_neighbours(answer: Any) -> Feedback:
    """Whether the answer is two different non-zero vectors of {0, 1}^4 that lie in one cone."""

    def is_right(answer: Any) -> bool:
        a = np.array(answer)
        if a.shape != (2, 4) or not np.isin(a, (0, 1)).all() or not a.any(axis=1).all() or (a[0] == a[1]).all():
            raise ValueError("expected two different non-zero vectors with four entries 0 or 1")
        return same_cone(a)

    return feedback(answer, is_right, right="They differ in one bit that never outweighs a step of the other gate.",
                    hint="When the sums over two sets of bits never contradict each other, how far apart are the sets?")


def check_separating_row(answer: Any) -> Feedback:
    """Whether g(x, y) ≠ g(x', y) for the answer y in {−1, 1}^6 and the two rows x, x' of `ROWS`."""

    def is_right(answer: Any) -> bool:
        y = np.array(answer)
        if y.shape != (6,) or not np.isin(y, (-1, 1)).all():
            raise ValueError("expected six entries -1 or 1")
        return bool(omb_or_xor(ROWS[0], y, 3) != omb_or_xor(ROWS[1], y, 3))

    return feedback(answer, is_right, right="So these two rows of g differ.",
                    hint="Switch the highest block where x and x' differ on for one of them, and off above it.")


def check_four_weights(answer: Any) -> Feedback:
    """Whether one gate with the answer's four integer weights, at most 7, gives all 16 vertices different values."""

    def is_right(answer: Any) -> bool:
        a = np.array([int(v) for v in answer])
        if len(a) != 4 or (a != np.array(answer)).any():
            raise ValueError("expected four integers")
        return abs(a).max() <= 7 and len(set((vertices(4) @ a).tolist())) == 16

    return feedback(answer, is_right, right="Sets of numbers with distinct subset sums can beat the powers of two.",
                    hint="All 16 subset sums of the four numbers must differ, and 1, 2, 4, 8 has an 8 in it.")
