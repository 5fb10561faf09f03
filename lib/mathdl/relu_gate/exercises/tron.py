"""Checks of the exercises on GLM-Tron."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.activations import relu, slope
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.tron_bounds import first_hit, tron_steps

SLOW = (10.0, 0.05)  # ‖w_*‖ and ε of the exercise on slow inputs
ERASED = (1.5, (1.0, -0.5, 0.25), 2.0)  # slope, inputs and target of the exercise on noise


def check_slow_input(answer: Real) -> Feedback:
    """One input |x| ≤ 1 on which w_* = 10, ε = 0.05, L = 1 and no noise need more than the printed 200 iterates."""
    W, epsilon = SLOW

    def is_slow(x: Real) -> bool:
        risk = glm_tron([[float(x)]], [W * abs(float(x))], relu, tron_steps(W, epsilon),
                        w_star=[W * np.sign(float(x))]).effective_risk
        return abs(x) <= 1 and int(first_hit(risk, epsilon)) > tron_steps(W, epsilon, "printed")

    return feedback(answer, is_slow, right="The input is short enough to move slowly, and long enough to matter.",
                    hint="The risk is x² w_*² (1 − x²)^(2t−2). Too short an input has a small risk from the start, "
                         "too long a one is learned at once.")


def check_erasing_noise(answer: Sequence[Real]) -> Feedback:
    """Noise for three samples of a line of slope 1.5 with w_* = 2, after which GLM-Tron makes no step at all."""
    L, x, w = ERASED

    def erases(noise: Sequence[Real]) -> bool:
        x_column = np.array(x)[:, None]
        y = L * x_column[:, 0] * w + np.asarray(noise, dtype=float)
        return bool(np.abs(glm_tron(x_column, y, slope(L), 5).w).max() < 1e-9)

    return feedback(answer, erases, right="At w = 0 the three pushes add up to zero, so GLM-Tron never starts.",
                    hint="At w = 0 the update is the mean of y_i x_i. What if every label is 0? Cancel the "
                         "clean labels L·x·w_*.")
