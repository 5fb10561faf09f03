"""Checks of the exercises on Algorithm 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.cell_problem import cell_matrices
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.complexity import distinct_subproblems
from mathdl.exact_erm.problem import ERMProblem

Answer = tuple[Sequence[float], Sequence[float], Sequence[bool]]


def check_program_count(answer: int) -> Feedback:
    """Convex programs for ten samples on a line and two gates, gates of equal sign being interchangeable."""
    return feedback(answer, lambda count: count == distinct_subproblems(cells(np.arange(10.0)).n_cells, 2),
                    right="Forty pairs of a sign and a cell, and a collection of two of them.",
                    hint="How many ways are there to cut ten points on a line in two, with the labels of the sides? "
                         "Each gate picks one and a sign; the order of the two gates does not matter.")


def check_broken_promise(answer: Answer) -> Feedback:
    """(x, y, pattern) on a line: least squares on the active samples promises less than the best single gate has."""
    def promise_is_broken(data: Answer) -> bool:
        x, y, pattern = data
        problem = ERMProblem(x, y, 1)
        pattern = np.array(pattern, dtype=bool)
        if not (cells(problem.x).patterns == pattern).all(axis=1).any():
            raise ValueError("the pattern is no cell of these points")
        M, _ = cell_matrices(problem.lifted, [pattern], [1])
        promised = ((M @ np.linalg.lstsq(M, problem.y)[0] - problem.y) ** 2).sum()
        return promised < erm_bruteforce(problem).value - 0.01

    return feedback(answer, promise_is_broken,
                    right="The line that fits the active samples is positive on the others too, where it was counted "
                          "as zero.",
                    hint="Give (x, y, pattern) with equal lengths. Let the active samples fall towards the right end, "
                         "and let the inactive ones on the left be zero.")
