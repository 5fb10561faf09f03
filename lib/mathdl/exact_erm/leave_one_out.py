"""Exact leave-one-out: the global optimum again without each sample, solving only the cells that can still matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import RayCells, ray_cells, sign_vectors
from mathdl.nets.relu_net import ReLUNet

Array = NDArray[np.float64]
CHUNK = 4096  # tuples of cells whose least squares problems are factored at once
RANK = 1e-10  # singular values below this times the largest count as zero: the bound only gets lower
FULL = 1e-9  # a leverage closer to 1 than this counts as 1
MOST = 2_000_000  # tuples of cells


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """The optimum of a problem and, for every sample, the optimum without it.

    `value` is the optimum with all samples, `values` (D,) those without sample j, `losses` (D,) the weighted loss at
    sample j of the net fitted without it; their sum is `risk`. `windows` (D,) = value - (loss of the full optimum at j)
    is where the search for sample j starts. `n_solved` of `n_subproblems` convex problems were solved. The nets never
    saw the sample they are judged on; where an optimum is not unique, `losses` belongs to the one that was found.
    """

    problem: ERMProblem
    net: ReLUNet
    value: float
    nets: tuple[ReLUNet, ...]
    values: Array
    losses: Array
    windows: Array
    n_solved: int
    n_subproblems: int

    @property
    def risk(self) -> float:
        """The leave-one-out risk, a weighted sum of losses like every value here."""
        return float(self.losses.sum())


@dataclass
class _Search:
    """The best net so far, and how many subproblems were solved and were there."""

    value: float
    net: ReLUNet | None
    solved: int = 0
    all: int = 0

    def run(self, cells: RayCells, rows: NDArray[np.intp], bounds: Array, slack: float) -> None:
        """Solve tuples of cells (T, width) in the order of their bounds, until no bound lies below the best value."""
        self.all += sum(len(sign_vectors(row)) for row in rows)
        for t in np.argsort(bounds, kind="stable"):
            if bounds[t] >= self.value - slack:
                break
            for signs in sign_vectors(rows[t]):
                fit = cells.fit(rows[t], signs)
                self.solved += 1
                if fit.value < self.value:
                    theta, bias = cells.point(rows[t], fit.coefficients)
                    self.value, self.net = fit.value, cells.problem.net(theta, signs, bias)


def leave_one_out(problem: ERMProblem, *, prune: bool = True) -> LeaveOneOut:
    """The global optimum, and the global optimum without each sample in turn (squared loss).

    With `prune` a tuple of cells is solved for sample j only if its lower bound without j, its least squares value
    minus r_j² / (1 - h_j), is below what is already reached there; without it every one is solved. Raises ValueError
    for another loss, for fewer than two samples, and beyond 2,000,000 tuples of cells.
    """
    cells = _checked(problem)
    rows = np.array(list(combinations_with_replacement(range(len(cells)), problem.width)))
    bounds, without = _bounds(cells, rows)
    slack = 1e-12 * float(cells.target @ cells.target) + 1e-300  # rounding of a fit is below it
    search = _Search(np.inf, None)
    search.run(cells, rows, bounds if prune else np.full(len(rows), -np.inf), slack)
    own = problem.losses(search.net(problem.x).ravel())
    parts = [_without(problem, cells, rows, without[:, j] if prune else np.full(len(rows), -np.inf), j,
                      _Search(search.value - own[j] + 2 * slack, None), slack) for j in range(problem.n_samples)]
    nets = tuple(part.net for part in parts)
    losses = np.array([problem.losses(net(problem.x).ravel())[j] for j, net in enumerate(nets)])
    return LeaveOneOut(problem, search.net, search.value, nets, np.array([part.value for part in parts]), losses,
                       search.value - own, search.solved + sum(part.solved for part in parts),
                       search.all + sum(part.all for part in parts))


def leave_one_out_again(problem: ERMProblem, *, time_limit: float | None = None) -> LeaveOneOut:
    """The same by solving once more for every sample with `global_minimum`: any loss, and much larger problems.

    The compiled enumeration bounds a tuple of cells in less time than is needed to look up a bound here. Raises
    TimeoutError when some optimum is not certified within `time_limit` seconds each, ValueError below two samples.
    """
    from mathdl.exact_erm.solve import global_minimum

    if problem.n_samples < 2:
        raise ValueError(f"x: expected at least two samples, so that one can be left out; got {problem.n_samples}")
    found = [global_minimum(p, time_limit=time_limit)
             for p in (problem, *(_fewer(problem, j) for j in range(problem.n_samples)))]
    if any(result.status != "optimal" for result in found):
        raise TimeoutError(f"an optimum was not certified in {time_limit} s. Give more time, or fewer samples or gates")
    nets, values = tuple(r.net for r in found[1:]), np.array([r.value for r in found[1:]])
    losses = np.array([problem.losses(net(problem.x).ravel())[j] for j, net in enumerate(nets)])
    own = problem.losses(found[0].net(problem.x).ravel())
    return LeaveOneOut(problem, found[0].net, found[0].value, nets, values, losses, found[0].value - own,
                       sum(r.n_solved for r in found), sum(r.n_subproblems for r in found))


def _fewer(problem: ERMProblem, j: int) -> ERMProblem:
    keep = np.arange(problem.n_samples) != j
    return replace(problem, x=problem.x[keep], y=problem.y[keep], sample_weight=problem.sample_weight[keep])


def _checked(problem: ERMProblem) -> RayCells:
    if problem.loss.kind != "quadratic":
        raise ValueError(f"loss: expected 'squared' for leave-one-out; got {problem.loss.name!r}")
    if problem.n_samples < 2:
        raise ValueError(f"x: expected at least two samples, so that one can be left out; got {problem.n_samples}")
    cells = ray_cells(problem)
    if len(cells) ** problem.width > MOST:
        raise ValueError(f"expected at most {MOST} tuples of cells; got {len(cells)}^{problem.width}. "
                         "Take fewer samples, inputs or gates")
    return cells


def _bounds(cells: RayCells, rows: NDArray[np.intp]) -> tuple[Array, Array]:
    """Least squares on every tuple of patterns without constraints, (T,), and the same without each sample, (T, D)."""
    parts = [_least_squares(cells, chunk) for chunk in np.array_split(rows, -(-len(rows) // CHUNK))]
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _least_squares(cells: RayCells, rows: NDArray[np.intp]) -> tuple[Array, Array]:
    lifted = cells.problem.lifted * cells.root[:, None]
    lifted = np.linalg.qr(lifted)[0]  # another basis of the same functions, so that ranks are easy to tell
    designs = [cells.patterns[column][:, :, None] * lifted for column in rows.T]
    if cells.problem.output_bias:
        designs.append(np.broadcast_to(cells.root[:, None], (len(rows), len(lifted), 1)))
    U, size, _ = np.linalg.svd(np.concatenate(designs, axis=2), full_matrices=False)
    U = U * (size > RANK * size[:, :1])[:, None, :]
    r = cells.target - np.einsum("tdk,tk->td", U, np.einsum("tdk,d->tk", U, cells.target))
    value, leverage = np.einsum("td,td->t", r, r), np.einsum("tdk,tdk->td", U, U)
    gain = np.divide(r * r, 1 - leverage, out=np.zeros_like(r), where=1 - leverage > FULL)
    return value, value[:, None] - gain


def _without(problem: ERMProblem, cells: RayCells, rows: NDArray[np.intp], bounds: Array, j: int, search: _Search,
             slack: float) -> _Search:
    """The search without sample j; a cell of the remaining samples takes its bound from any cell it contains."""
    keep, fewer = np.arange(problem.n_samples) != j, ray_cells(_fewer(problem, j))
    number = {pattern.tobytes(): i for i, pattern in enumerate(fewer.patterns)}
    merged = np.array([number[pattern.tobytes()] for pattern in cells.patterns[:, keep]])
    tuples, first = np.unique(np.sort(merged[rows], axis=1), axis=0, return_index=True)
    search.run(fewer, tuples, bounds[first], slack)
    return search
