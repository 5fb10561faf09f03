"""The big-M model of the problem as a mixed-integer linear program, as practice writes it down: for the lesson.

A gate is modelled with a binary variable for each sample: h = σ(u) becomes u <= h <= u + M (1 − z), 0 <= h <= M z. That
is right only if no pre-activation u of some optimal net leaves [−M, M], and there is no such M for all data.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import block_array, coo_array, csr_array, eye_array, kron

from mathdl.exact_erm.algorithm1 import guesses
from mathdl.exact_erm.cell_problem import cell_matrices
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.problem import ERMProblem

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BigMAnswer:
    """What the solver says, and what its net is worth.

    `claimed` and `bound` are the solver's least value and its bound below it, `status` its own word ("optimal" or
    "stopped"); `value` is the loss of the net (`theta`, `signs`, `bias`) evaluated on the data.
    """

    problem: ERMProblem
    big_m: float
    claimed: float
    bound: float
    status: str
    value: float
    theta: Array
    signs: Array
    bias: float
    seconds: float

    @property
    def largest(self) -> float:
        """The largest |pre-activation| of the net on the data."""
        return float(abs(self.theta @ self.problem.lifted.T).max())

    def __repr__(self) -> str:
        return (f"big M = {self.big_m:g}: claimed {self.claimed:.6g} ({self.status}), the net has {self.value:.6g}, "
                f"largest pre-activation {self.largest:.4g}")


def big_m_erm(problem: ERMProblem, big_m: float = 20.0, *, time_limit: float | None = None) -> BigMAnswer:
    """Solve the big-M model with scipy's HiGHS, one program for each number of positive top weights.

    For losses made of straight lines (absolute, quantile, hinge). The answer is that of the *model*: nets whose
    pre-activations on the data exceed `big_m` do not exist in it. Raises ValueError for other losses.
    """
    if problem.loss.kink is None:
        raise ValueError(f"loss: expected one made of straight lines such as 'absolute'; got {problem.loss.name!r}")
    if not big_m > 0:
        raise ValueError(f"big_m: expected a positive number; got {big_m!r}")
    start, found = perf_counter(), []
    for plus in range(problem.width + 1):
        left = None if time_limit is None else max(time_limit - (perf_counter() - start), 0.01)
        signs = np.where(np.arange(problem.width) < plus, 1.0, -1.0)
        found.append((signs, *_solve(problem, signs, big_m, left)))
    signs, x, claimed, _, _ = min(found, key=lambda solved: solved[2])
    bound = min(solved[3] for solved in found)
    status = "optimal" if all(solved[4] for solved in found) else "stopped"
    width, m = problem.width, problem.n_inputs + 1
    theta = x[:width * m].reshape(width, m)
    bias = float(x[-1]) if problem.output_bias else 0.0
    value = float(problem.losses(signs @ np.maximum(theta @ problem.lifted.T, 0) + bias).sum())
    return BigMAnswer(problem, float(big_m), claimed, bound, status, value, theta, signs, bias, perf_counter() - start)


def least_big_m(problem: ERMProblem) -> float:
    """The least M that keeps some net of loss 0 in the model: min over those nets of the largest |pre-activation|.

    One linear program for each collection of (sign, cell) pairs. Raises ValueError when no net of this width fits the
    labels exactly (to 1e-9 of the largest), and for an output bias or zero weights, which the lesson does not need.
    """
    if problem.output_bias or not problem.sample_weight.all():
        raise ValueError("expected a problem without output bias and with positive sample weights")
    patterns = cells(problem.x).patterns
    found = min(_least_in_cell(problem, patterns[list(chosen)], signs)
                for signs, chosen in guesses(len(patterns), problem.width))
    if found == np.inf:
        raise ValueError(f"no net of width {problem.width} fits these labels exactly: expected a problem with value 0")
    return found


def _least_in_cell(problem: ERMProblem, patterns: NDArray[np.bool_], signs: tuple[int, ...]) -> float:
    """min M with M >= |pre-activations|, predictions = labels, θ in the cell; infinite when there is none."""
    predictions, cone = cell_matrices(problem.lifted, patterns, signs)
    sides = np.where(patterns.reshape(-1, 1), 1.0, -1.0) * cone  # the pre-activations themselves
    below = np.hstack([np.vstack([-cone, sides, -sides]), -np.repeat([[0.0], [1], [1]], len(cone), axis=0)])
    cost = np.append(np.zeros(cone.shape[1]), 1.0)
    answer = linprog(cost, below, np.zeros(len(below)), np.column_stack([predictions, np.zeros(len(predictions))]),
                     problem.y, bounds=(None, None))
    return float(answer.fun) if answer.status == 0 else np.inf


def _solve(problem: ERMProblem, signs: Array, M: float, time_limit: float | None):
    """Variables, claimed value, bound and whether it is called optimal, for one sign vector."""
    rows, low, high = _rows(problem, signs, M)
    w, D, m = problem.width, problem.n_samples, problem.n_inputs + 1
    # theta (w m) free, h (w D) >= 0, z (w D) binary, t (D) >= 0, c free (0 without an output bias)
    sizes = (w * m, w * D, w * D, D, 1)
    parts = np.repeat(np.arange(5), sizes)
    free = np.isin(parts, (0, 4) if problem.output_bias else (0,))
    lower = np.where(free, -np.inf, 0.0)
    upper = np.select([parts == 2, (parts == 4) & (not problem.output_bias)], [1.0, 0.0], np.inf)
    cost = np.where(parts == 3, 1.0, 0.0)
    options = {"mip_rel_gap": 0.0} | ({} if time_limit is None else {"time_limit": time_limit})
    answer = milp(cost, constraints=LinearConstraint(rows, low, high), bounds=Bounds(lower, upper),
                  integrality=parts == 2, options=options)
    if answer.x is None:
        return np.zeros(len(cost)), problem.zero_value, 0.0, False
    return answer.x, float(answer.fun), float(answer.mip_dual_bound), answer.status == 0


def _rows(problem: ERMProblem, signs: Array, M: float) -> tuple[csr_array, Array, Array]:
    """The constraints, low <= rows @ variables <= high."""
    w, D = problem.width, problem.n_samples
    t0, down, up = problem.loss.kink(problem.y)
    X = kron(eye_array(w), problem.lifted)  # all pre-activations
    one, outputs = eye_array(w * D), kron(signs[None, :], eye_array(D))  # f = outputs @ h + c
    weigh = lambda a: coo_array(np.diag(problem.sample_weight * a))  # noqa: E731
    ones = np.ones((D, 1))
    rows = block_array([
        [-X, one, None, None, coo_array((w * D, 1))],  # h - u >= 0
        [-X, one, M * one, None, None],  # h - u + M z <= M
        [None, one, -M * one, None, None],  # h - M z <= 0
        [None, weigh(down) @ outputs, None, eye_array(D), weigh(down) @ ones],  # t >= v down (t0 - f)
        [None, -weigh(up) @ outputs, None, eye_array(D), -weigh(up) @ ones]], format="csr")  # t >= v up (f - t0)
    v = problem.sample_weight
    low = np.concatenate([np.zeros(w * D), np.full(2 * w * D, -np.inf), v * down * t0, -v * up * t0])
    high = np.concatenate([np.full(w * D, np.inf), np.full(w * D, M), np.zeros(w * D), np.full(2 * D, np.inf)])
    return rows, low, high
