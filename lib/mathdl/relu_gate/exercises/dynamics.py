"""Checks of the exercises on noise and on tails."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.azuma import azuma_bound, freedman_bound
from mathdl.relu_gate.noise import FiniteNoise

CUT = 0.5  # C_L of the first exercise, below √n = 1
STEPS, LEVEL, GAIN = 100, 10, 1000  # of the second


def check_hidden_drift(answer: tuple[Sequence[Real], Sequence[Real]]) -> Feedback:
    """Values and probabilities of a noise in R^1 that fits the printed theorem with C_L = 1/2 and not the corrected."""
    return feedback(answer, lambda law: _hides_a_drift(FiniteNoise(*law)),
                    right="Its mean is zero, and after truncation at 1/2 it is not.",
                    hint="Mean zero and E ξ² < 1, but a long value on one side: what does the cut at 1/2 do to it?")


def check_rare_moves(answer: Real) -> Feedback:
    """The largest of 0.01, 0.02, … with which Freedman's bound is a thousandth of Azuma-Hoeffding's."""
    return feedback(answer, lambda q: _gains(q) and not _gains(q + 0.01) and abs(100 * q - round(100 * q)) < 1e-9,
                    right="With V = 100 q = 4 the exponent is 7.5 against 0.5.",
                    hint="V = 100 q and c = 1. Try freedman_bound(100 * q, 1, 10) beside azuma_bound([1] * 100, 10).")


def _hides_a_drift(law: FiniteNoise) -> bool:
    return law.n == 1 and not law.breaks(CUT, "printed") and law.breaks(CUT) != ()


def _gains(q: Real) -> bool:
    return 0 < q <= 1 and GAIN * freedman_bound(STEPS * q, 1, LEVEL) <= azuma_bound([1] * STEPS, LEVEL)
