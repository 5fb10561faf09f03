"""Checks of the exercises on the landscape of the risk and on the smallest width."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.smallest_width import smallest_width


def check_dead_gate(answer: tuple[float, float]) -> Feedback:
    """A gate (a, b) with a != 0 that no training moves, for samples at x = -1, 0, 1, 2."""
    def dead(gate: tuple[float, float]) -> bool:
        a, b = gate
        return bool(a != 0 and np.all(a * np.array([-1, 0, 1, 2]) + b < 0))

    return feedback(answer, dead, right="No sample sees the gate, so no gradient does: a flat local minimum.",
                    hint="What must a x + b be at all four samples, for the gradient to vanish whatever the labels?")


def check_widest_labels(answer: Sequence[float]) -> Feedback:
    """Four labels at x = 0, 1, 2, 3 that a net with output bias can fit with three gates and no fewer."""
    def widest(labels: Sequence[float]) -> bool:
        return len(labels) == 4 and smallest_width(range(4), labels, output_bias=True).width == 3

    return feedback(answer, widest, right="Both inner points bend, in opposite directions, and no choice of gates that "
                                          "open to the left pays for the slope at the left end.",
                    hint="Four numbers. When must both inner points have a breakpoint of their own?")
