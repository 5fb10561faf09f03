"""Checks of the exercises on the problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.explorers.problem import Landscape
from mathdl.exact_erm.figures.problem import risks
from mathdl.exact_erm.problem import ERMProblem

Pairs = Sequence[Sequence[float]]


def check_two_gates(answer: Pairs) -> Feedback:
    """Two gates (a, b), s = +1, whose mean has a higher risk than either, on the samples of the explorer."""
    problem = ERMProblem(*np.array(Landscape().samples).T, 1)

    def midpoint_is_worse(gates: Pairs) -> bool:
        theta = np.array(gates, dtype=float).reshape(2, 2)
        one, two, middle = risks(problem, np.array([*theta, theta.mean(axis=0)]), 1.0)
        return middle > max(one, two) + 1e-9

    return feedback(answer, midpoint_is_worse,
                    right="A convex function never does this, so the risk is not convex in the weights.",
                    hint="Give ((a, b), (a', b')). The level lines of the explorer show two valleys: take a point in "
                         "each, and see whether the ridge between them is at the middle.")


def check_needs_bias(answer: Pairs) -> Feedback:
    """Samples (x, y) that one gate with a free constant fits exactly, and one gate without it misses by 1 or more."""
    def constant_matters(samples: Pairs) -> bool:
        x, y = np.array(samples, dtype=float).T
        without, with_bias = (erm_bruteforce(ERMProblem(x, y, 1, output_bias=bias)) for bias in (False, True))
        return with_bias.value <= 1e-9 * (y @ y) and without.value >= 1

    return feedback(answer, constant_matters,
                    right="With the constant your samples are nothing but one gate, lifted.",
                    hint="Give pairs ((x, y), ...). Take the values of a gate at a few points and add the same number "
                         "to all of them, so that both signs occur.")
