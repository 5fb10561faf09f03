"""Exercises on what a net is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.explorers.nets import net_with_kinks
from mathdl.nets.entries import fraction
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet


def check_counts(answer: Any, widths: Sequence[int] = (3, 5, 4, 4, 2)) -> Feedback:
    """Whether `answer` is (depth, width, size) of a net with these widths, inputs and outputs included."""
    hidden = tuple(widths)[1:-1]
    right = (len(hidden) + 1, max(hidden), sum(hidden))
    return feedback(answer, lambda a: tuple(a) == right, right="Inputs and outputs have no gates and are not counted.",
                    hint="Depth counts the affine maps, width and size look at the hidden layers only.")


def check_absolute_value(answer: Any) -> Feedback:
    """Whether the ReLUNet `answer` computes |x| with two gates and one hidden layer; decided exactly."""
    absolute = PWL1D([0], [-1, 1], [0, 0])
    return feedback(answer, lambda net: _is(net, absolute) and net.size == 2 and net.hidden_layers == 1,
                    right="σ(x) is |x| on the right of 0, σ(−x) on the left.",
                    hint="Both halves of |x| are gates, facing opposite ways. Give ReLUNet([W1, W2], [b1, b2]).")


def check_plateau(answer: Any) -> Feedback:
    """Whether the pairs (place, change of slope) in `answer` give 0 outside [0, 3], 1 on [1, 2], straight between."""
    plateau = PWL1D.from_points((0, 1, 2, 3), (0, 1, 1, 0), 0, 0)
    return feedback(answer, lambda kinks: _is(net_with_kinks([(fraction(a), fraction(c)) for a, c in kinks]), plateau),
                    right="Four kinks, and the changes of slope add up to 0, since it ends as flat as it began.",
                    hint="Read off the slope on each piece from left to right; each gate carries one change of it.")


def _is(net: ReLUNet, f: PWL1D) -> bool:
    return PWL1D.from_net(net.exact()) == f
