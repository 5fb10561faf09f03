"""Thousands of cell subproblems at once, as one pile of small tableaux, on a CPU or an accelerator.

In a cell the outputs of a net are nonnegative combinations of ray features (see `rays`), so a subproblem is
min ‖A c − y‖² over c >= 0 with few columns. One step of Lawson and Hanson's method exchanges one column, and that is a
rank-one update of a small tableau: the same few lines of arithmetic for every subproblem. Finished ones leave the pile.

What comes out is not trusted. `values` are the losses of nets that were evaluated on the data, and `lower` are dual
values, recomputed from the residual: with z = y − A c and ε = max(Aᵀz, 0), weak duality says for every c' >= 0
‖A c' − y‖² >= 2 z·y − ‖z‖² − 2 ε ‖c'‖₁. A subproblem whose ε is not at rounding level gets the bound 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations_with_replacement, islice
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.core.devices import resolve_device
from mathdl.exact_erm.complexity import distinct_subproblems
from mathdl.exact_erm.feature_table import FeatureTable
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.result import ERMResult

Array = NDArray[np.float64]
Index = NDArray[np.intp]
TOLERANCE = 1e-9  # of sum v y²: a dual bound that far below the best value gets a second look


@dataclass(frozen=True, eq=False)
class BatchedCells:
    """What `solve_cells_batched` returns for B subproblems, arrays on the host in float64.

    `theta` (B, w, n+1) and `bias` (B,) are nets, one in each closed cell, `values` (B,) their losses (upper bounds of
    the subproblems' optima), `lower` (B,) dual bounds on these optima (0 where none could be had).
    """

    values: Array
    lower: Array
    theta: Array
    bias: Array


def solve_cells_batched(problem: ERMProblem, patterns: ArrayLike, signs: ArrayLike, *, device: str = "auto",
                        dtype: Any = None) -> BatchedCells:
    """The cell subproblem of Algorithm 1 (corrected) for each of B patterns, all in a few large operations.

    `patterns` (B, w, D) says which samples each gate is active on (cells, that is: realised by an affine functional),
    `signs` (B, w) are the top weights. `device` is "auto" or a torch device; `dtype` (torch.float64 unless given) is
    that of the search for the active columns: the weights are computed in float64 afterwards. Squared loss only, else
    ValueError. Source: Mukherjee 2020, (2.5); method ours.
    """
    patterns, signs = np.asarray(patterns, dtype=bool), np.asarray(signs, dtype=float)
    expected = (len(patterns), problem.width, problem.n_samples)
    if patterns.shape != expected or signs.shape != expected[:2]:
        raise ValueError(f"expected patterns (B, {problem.width}, {problem.n_samples}) and signs (B, {problem.width}); "
                         f"got {patterns.shape} and {signs.shape}")
    if not np.isin(signs, (-1, 1)).all():
        raise ValueError("signs: expected top weights -1 and +1 only")
    table = FeatureTable.of(problem, resolve_device(device, double=True), dtype)
    return BatchedCells(*table.solve(table.numbers(patterns), signs))


def erm_batched(problem: ERMProblem, *, device: str = "auto", dtype: Any = None) -> ERMResult:
    """Algorithm 1 (corrected) for the squared loss: all cell subproblems in piles, then the best ones once more.

    Every collection of w pairs (sign, cell) is solved on `device`. One whose dual bound stays more than 1e-9 sum v y²
    below the best value is solved again, alone, by scipy's nnls in float64, and so is the best one. `lower` is the
    least of all bounds; where it stays 2e-9 sum v y² below the value, the status is "stopped". Source: Mukherjee 2020,
    Algorithm 1; method ours.
    """
    start = perf_counter()
    table = FeatureTable.of(problem, resolve_device(device, double=True), dtype)
    search = _Search(problem, table, TOLERANCE * float(problem.sample_weight @ problem.y ** 2))
    for pairs in _collections(2 * table.n_cells, problem.width):
        search.look_at(pairs)
    return search.result(start)


class _Search:
    """The best value so far, and the subproblems that it does not rule out."""

    def __init__(self, problem: ERMProblem, table: FeatureTable, slack: float) -> None:
        self.problem, self.table, self.slack = problem, table, slack
        self.best, self.lowest, self.kept = np.inf, np.inf, []

    def split(self, pairs: Index) -> tuple[Index, Array]:
        """Cells and top weights of pairs (cell, sign), numbered 0 to 2N - 1."""
        n = self.table.n_cells
        return pairs % n, np.where(pairs < n, 1.0, -1.0)

    def look_at(self, pairs: Index) -> None:
        """Solve collections of pairs (B, w) in piles."""
        values, lower, _, _ = self.table.solve(*self.split(pairs))
        self.best = min(self.best, float(values.min()))
        near = lower < self.best - self.slack
        near[values.argmin()] = True
        self.lowest = min(self.lowest, float(lower[~near].min(initial=np.inf)))
        self.kept.append((lower[near], values[near], pairs[near]))

    def result(self, start: float) -> ERMResult:
        """Solve what is left one by one."""
        lower, values, pairs = (np.concatenate(part) for part in zip(*self.kept, strict=True))
        again = lower < self.best - self.slack
        again[values.argmin()] = True
        found = [self.table.solve_alone(*self.split(pair)) for pair in pairs[again]]
        best = min(found, key=lambda solution: solution.value)
        bounds = np.maximum([solution.lower for solution in found], lower[again])
        lowest = min(self.lowest, float(lower[~again].min(initial=np.inf)), float(bounds.min()), best.value)
        count = distinct_subproblems(self.table.n_cells, self.problem.width)
        status = "optimal" if best.value - lowest <= 2 * self.slack else "stopped"
        return ERMResult(self.problem, best.theta, best.signs, best.bias, best.value, lowest, "batched cells", status,
                         n_subproblems=count, n_solved=count, seconds=perf_counter() - start)


def _collections(n_pairs: int, width: int, size: int = 2 ** 18) -> Iterator[Index]:
    """All multisets of `width` numbers below `n_pairs`, as arrays (at most `size`, width)."""
    numbers = chain.from_iterable(combinations_with_replacement(range(n_pairs), width))
    while (block := np.fromiter(islice(numbers, size * width), dtype=np.intp)).size:
        yield block.reshape(-1, width)
