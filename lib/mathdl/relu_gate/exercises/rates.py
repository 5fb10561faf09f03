"""Checks of the exercises on true rates."""

from __future__ import annotations

from numbers import Real

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.finite_law import FiniteLaw
from mathdl.relu_gate.second_moment import SecondMoment

AXES = FiniteLaw(((1, 0), (0, 3)), name="two axes")  # with w_* = (1, 1) both points are active


def check_largest_step(answer: Real) -> Feedback:
    """The step beyond which E‖v_t‖² grows, for Gaussian inputs with n = 8."""
    return feedback(answer, lambda s: _is_edge(SecondMoment.gaussian(8), float(s)),
                    right="The mean square stands still there, and half of it is the best step.",
                    hint="Where is 1 − s + s²(n + 2)/2 equal to 1 again?")


def check_two_axes(answer: Real) -> Feedback:
    """The best step for inputs (1, 0) and (0, 3), equally likely, with w_* = (1, 1)."""
    operator = SecondMoment.of(AXES, (1, 1))
    least = operator.best_step()[1]
    return feedback(answer, lambda s: float(operator.rate(float(s))) <= least + 1e-9,
                    right="Both coordinates then shrink equally fast; the sharp step is sixteen times smaller.",
                    hint="Each sample moves one coordinate: by the factor 1 − s, or by 1 − 9s. The slower one counts.")


def _is_edge(operator: SecondMoment, s: float) -> bool:
    return s > 0 and bool(np.isclose(operator.rate(s), 1, atol=1e-9))
