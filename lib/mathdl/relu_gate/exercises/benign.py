"""Checks of the exercises on GLM-Tron with benign noise."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.activations import relu
from mathdl.relu_gate.confidence import theta_for_confidence
from mathdl.relu_gate.noise import BallNoise
from mathdl.relu_gate.tron_pieces import tron_by_pieces

INPUTS = ((1.0,), (-0.05,))
BOTH_NEGATIVE = (-0.4, -0.5)  # w_* = 0.1 and noise −0.5 on both labels


def check_where_it_ends(answer: Real) -> Feedback:
    """The limit of w for the inputs 1 and −1/20 and labels −.4 and −.5, to a tenth."""
    return feedback(answer, lambda w: abs(w - final_weight()) < 0.1,
                    right="There the two residuals balance: x₁ pushes with −.4 and x₂ pulls back with slope 1/400.",
                    hint="At the end (y₁ − σ(w)) · 1 + (y₂ − σ(−w/20)) · (−1/20) = 0; which gate is on when w < 0?")


def check_bound_for_twenty(answer: Real) -> Feedback:
    """The least θ that bounds twenty independent uniform draws from [−1, 1] with probability .9, to three digits."""
    return feedback(answer, lambda theta: abs(theta - theta_for_confidence(BallNoise(1, 1.0), 20, 0.1)) < 5e-4,
                    right="All twenty lie within θ with probability θ²⁰.",
                    hint="One draw lies within θ with probability θ; and twenty of them?")


def final_weight(labels: Sequence[float] = BOTH_NEGATIVE) -> float:
    """w after 40,000 iterates, when the distance to the limit is below 1e-15 of what it was."""
    return float(tron_by_pieces(np.array(INPUTS), np.array([labels]), relu, 40_000).w[-1, 0, 0])
