"""Checks of the exercises on nets with one filter."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.filter_training import filter_descent
from mathdl.relu_gate.single_filter import SingleFilterNet

TWO_PATCHES = SingleFilterNet([[[1, 0]], [[0, 1]]])  # k = 2 patches of one input each, ReLU


def check_runaway(answer: Sequence[Real]) -> Feedback:
    """An input (a, b) on which Algorithm 4 with w_* = 1 moves away from w_* when it starts beside it."""
    return feedback(answer, _runs_away,
                    right="The net sees only the positive patch, and the update follows the mean, which points the "
                          "other way.",
                    hint="The push is (y − f_w(x)) (a + b)/2. For w a little above 1 the residual is negative; which "
                         "sign must a + b have, and which inputs still give a positive output?")


def check_last_update(answer: Real) -> Feedback:
    """The largest T for which the printed radius exists, with η = 0.02 and C = 1: T < 1/(2η²C⁴) = 1250."""
    return feedback(answer, lambda T: isinstance(T, Real) and T == 1249,
                    right="At T = 1250 the two sides have the same slope in r², and the constant can no longer fit.",
                    hint="r² ≥ (constant) + 2 T η² C⁴ r² has a solution when the factor in front of r² is below 1.")


def _runs_away(x: Sequence[Real]) -> bool:
    if len(x) != 2:
        raise ValueError("two numbers are wanted")
    a, b = (float(v) for v in x)
    scale = max(abs(a), abs(b), 1e-300)
    run = filter_descent(TWO_PATCHES, [[a / scale, b / scale]], [1.0], [[1.01], [0.99]], step=0.1, updates=1)
    return bool((run.at(2) > run.at(1) * (1 + 1e-9)).all())
