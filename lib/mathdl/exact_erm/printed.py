"""The objective of Algorithm 1 as it is printed: what it minimises, and what the net that it returns is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.algorithm1 import cell_edges
from mathdl.exact_erm.cell_problem import best_combination
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.problem import ERMProblem
from mathdl.nets.relu_net import ReLUNet

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PrintedMinimum:
    """The minimum of the printed objective, the net that attains it, and the value of that net in (2.3)."""

    value: float
    net: ReLUNet
    true_value: float
    patterns: NDArray[np.bool_]


def printed_objective(problem: ERMProblem) -> PrintedMinimum:
    """Minimise sum_j sum_{i : j in P+^i} ℓ(s_i θ_i · (x_j, 1), y_j) over signs and cells (Mukherjee 2020, Algorithm 1).

    The sum over gates stands outside the loss, so each gate has a problem of its own, the same for all: the best cell
    and sign of one gate, taken w times. A sample that no gate is active on costs nothing. Among equal values the cell
    with the fewest active samples is returned.
    """
    patterns = cells(problem.x).patterns
    best = None
    for p, edges in sorted(zip(patterns, cell_edges(problem.lifted, patterns), strict=True), key=lambda e: e[0].sum()):
        for sign in (1, -1):
            F = sign * p[:, None] * (problem.lifted @ edges.T)
            fit = best_combination(F, problem.y, problem.loss, np.where(p, problem.sample_weight, 0))
            if best is None or fit.value < best[0]:
                best = fit.value, sign, fit.c @ edges, p
    value, sign, theta, p = best
    w = problem.width
    net = problem.net(np.tile(theta, (w, 1)), np.full(w, sign))
    return PrintedMinimum(w * value, net, problem.value(net), np.tile(p, (w, 1)))
