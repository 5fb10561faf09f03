"""Algorithm 1, corrected: for all signs and all cells of the gates solve a convex program, and keep the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.cell_cone import edge_candidates
from mathdl.exact_erm.cell_problem import CellSolution, Combination, best_combination, cell_matrices, certified
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.complexity import distinct_subproblems, ordered_subproblems
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.result import ERMResult
from mathdl.exact_erm.unattained import runaway

Array = NDArray[np.float64]
Backend = Literal["auto", "qp", "lp", "batched"]
MOST = 300_000  # subproblems: half a minute for the squared loss
CLOSED = 2e-9  # gap over the value of f = 0: twice what the tangents of a smooth loss stop at


@dataclass(frozen=True, eq=False)
class Subproblem:
    """One iterate of Algorithm 1: the signs (w,), the numbers of the cells (w,), their patterns (w, D), the optimum.

    `runs_away` (D,) marks samples whose losses the cell can push to 0 only in the limit of infinite weights; they do
    not count in `best`, whose value is then an infimum that the cell does not attain (see `unattained`); `escape` is
    the direction (gates, bias) in which they run.
    """

    signs: tuple[int, ...]
    cells: tuple[int, ...]
    patterns: NDArray[np.bool_]
    theta: Array
    bias: float
    best: Combination
    runs_away: NDArray[np.bool_]
    escape: tuple[Array, float]


def erm_bruteforce(problem: ERMProblem, symmetry: bool = True, backend: Backend = "auto", *,
                   max_subproblems: int = MOST) -> ERMResult:
    """The global minimum of the problem by Algorithm 1, with its objective corrected (Mukherjee 2020, Algorithm 1).

    With `symmetry` gates of equal sign are taken as interchangeable: C(2N+w-1, w) subproblems for N cells instead of
    (2N)^w. `backend` "qp" solves them one by one by nonnegative least squares (squared loss), "lp" by linear
    programming (polyhedral losses), "batched" all at once (squared loss, `batched`); "auto" chooses by the loss.
    `proof` is the `CellSolution` of the winning cell; the status is "stopped" when rounding kept a subproblem from
    proving its bound (samples whose distances differ by ten orders of magnitude). Raises ValueError, before starting,
    with the number of subproblems when there are more than `max_subproblems`, and when the infimum is not attained.
    """
    began = perf_counter()
    _check_backend(problem, backend)
    patterns = cells(problem.x).patterns
    count = (distinct_subproblems if symmetry else ordered_subproblems)(len(patterns), problem.width)
    if count > max_subproblems:
        raise ValueError(f"{len(patterns):,} cells and width {problem.width} make {count:,} convex subproblems; "
                         f"expected at most {max_subproblems:,}. Use branch_and_bound or, for the squared loss, "
                         "erm_enumerate, which skip most of them, or raise max_subproblems")
    if backend == "batched":
        from mathdl.exact_erm.batched import erm_batched

        return erm_batched(problem)
    iterates = subproblems(problem, patterns, symmetry=symmetry, prune=problem.loss.attained)
    return _best_of(problem, iterates, count, began)


def _check_backend(problem: ERMProblem, backend: str) -> None:
    fits = {"auto": True, "qp": problem.loss.is_quadratic, "lp": problem.loss.is_polyhedral,
            "batched": problem.loss.is_quadratic}
    if backend not in fits:
        raise ValueError(f"backend: expected one of {', '.join(map(repr, fits))}; got {backend!r}")
    if not fits[backend]:
        raise ValueError(f"backend {backend!r} does not solve the cells of loss {problem.loss.name!r}: expected the "
                         f"{'absolute, hinge or a quantile' if backend == 'lp' else 'squared'} loss. Use 'auto'")


def subproblems(problem: ERMProblem, patterns: NDArray[np.bool_], *, symmetry: bool = True,
                prune: bool = True) -> Iterator[Subproblem]:
    """Solve the subproblem of every sign vector and every tuple of cells, in turn.

    `patterns` (N, D) are the cells. With `prune` a solver that works with lower bounds may stop early at cells that are
    worse than the best so far; least squares and linear programs are always solved.
    """
    edges = cell_edges(problem.lifted, patterns)
    features = [np.maximum(problem.lifted @ e.T, 0) * p[:, None] for p, e in zip(patterns, edges, strict=True)]
    cutoff = np.inf
    for signs, chosen in guesses(len(patterns), problem.width, symmetry):
        F = np.hstack([s * features[k] for s, k in zip(signs, chosen, strict=True)] + bias_columns(problem))
        away, direction = np.zeros(len(F), dtype=bool), np.zeros(F.shape[1])
        if not problem.loss.attained:
            away, direction = runaway(F, problem.y, problem.sample_weight)
        best = best_combination(F, problem.y, problem.loss, np.where(away, 0, problem.sample_weight),
                                cutoff=cutoff if prune else np.inf)
        cutoff = min(cutoff, best.value)
        theta, bias = _weights([edges[k] for k in chosen], best.c)
        escape = _weights([edges[k] for k in chosen], direction)
        yield Subproblem(signs, chosen, patterns[list(chosen)], theta, bias, best, away, escape)


def guesses(n_cells: int, width: int, symmetry: bool = True) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """All (signs, cells): sign vectors with w-tuples of cells, or one for each multiset of (sign, cell) pairs."""
    if not symmetry:
        for signs in product((1, -1), repeat=width):
            yield from ((signs, chosen) for chosen in product(range(n_cells), repeat=width))
        return
    for q in range(width, -1, -1):  # q gates of sign +1, then width - q of sign -1
        groups = (combinations_with_replacement(range(n_cells), m) for m in (q, width - q))
        yield from (((1,) * q + (-1,) * (width - q), plus + minus) for plus, minus in product(*groups))


def cell_edges(lifted: Array, patterns: NDArray[np.bool_]) -> list[Array]:
    """For each pattern the edges (R, n+1) of its closed cell that some active sample sees, as rows."""
    directions, signs = edge_candidates(lifted)
    found = []
    for p in patterns:
        inside = (np.where(p, signs, -signs) >= 0).all(axis=1)
        found.append(directions[inside & (signs[:, p] > 0).any(axis=1)])
    return found


def _best_of(problem: ERMProblem, iterates: Iterator[Subproblem], count: int, began: float) -> ERMResult:
    """The best iterate as a result, unless an infimum below it is not attained."""
    best, lower, out_of_reach = None, np.inf, None
    for s in iterates:
        lower = min(lower, s.best.lower)
        if s.runs_away.any():
            if out_of_reach is None or s.best.value < out_of_reach.best.value:
                out_of_reach = s
        elif best is None or s.best.value < best.best.value:
            best = s
    if out_of_reach is not None and out_of_reach.best.value < best.best.lower:
        raise ValueError(_not_attained(problem, out_of_reach, best.best.value))
    net = problem.net(best.theta, best.signs, best.bias)
    value = problem.value(net)
    closed = value - lower <= CLOSED * problem.zero_value
    return ERMResult(problem, best.theta, np.array(best.signs, dtype=float), best.bias, value, min(lower, value),
                     "brute force", "optimal" if closed else "stopped", count, count, perf_counter() - began,
                     _proof(problem, best))


def _proof(problem: ERMProblem, s: Subproblem) -> CellSolution:
    M, G = cell_matrices(problem.lifted, s.patterns, s.signs, problem.output_bias)
    theta = np.append(s.theta.ravel(), [s.bias] if problem.output_bias else [])
    return certified(M, problem.y, G, problem.loss, problem.sample_weight, theta, s.best)


def _not_attained(problem: ERMProblem, s: Subproblem, attained: float) -> str:
    gates = "; ".join(f"{'+' if sign > 0 else '-'} active on samples {np.flatnonzero(p).tolist()}"
                      for sign, p in zip(s.signs, s.patterns, strict=True))
    return (f"loss {problem.loss.name!r}: the infimum {s.best.value:.10g} is not attained. In the cell with gates "
            f"({gates}) the losses of samples {np.flatnonzero(s.runs_away).tolist()} go to 0 as the weights grow, "
            f"while no net is below {attained:.10g} in any cell that has a minimum. Use the hinge loss, or "
            "give points of this kind both labels")


def bias_columns(problem: ERMProblem) -> list[Array]:
    """The features of the output bias: a column of +1 and one of -1, if the problem has one."""
    one = np.ones((problem.n_samples, 1))
    return [one, -one] if problem.output_bias else []


def _weights(edges: list[Array], c: Array) -> tuple[Array, float]:
    """The gates θ_i = sum of c times edge, and the bias from the last two coefficients if they are left over."""
    ends = np.cumsum([len(e) for e in edges])
    theta = np.array([part @ e for part, e in zip(np.split(c[:ends[-1]], ends[:-1]), edges, strict=True)])
    rest = c[ends[-1]:]
    return theta, float(rest[0] - rest[1]) if len(rest) else 0.0
