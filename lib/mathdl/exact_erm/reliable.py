"""Reliable learning: no false positives, then the least loss on positive labels (Mukherjee 2020, Definition 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.cell_problem import best_combination
from mathdl.exact_erm.losses import Loss, as_loss
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import RayCells, nonnegative_fit, ray_cells, sign_vectors
from mathdl.nets.relu_net import ReLUNet

Array = NDArray[np.float64]
ROUNDED = 1e-10  # relative to the terms of a sum: smaller sums of a few products count as 0
MOST = 200_000  # tuples of cells


class ReliableLosses(NamedTuple):
    """L_{=0}, the share of samples with label 0 where h is not 0, and L_{>0}, the mean of the loss on labels > 0."""

    false_positives: float
    positive: float


@dataclass(frozen=True, eq=False)
class ReliableResult:
    """The net with the least loss on positive labels among those that are 0 on all, or all but `allowed`, zero labels.

    `value` is the weighted sum of losses over y_j > 0; `false_positives` (D,) marks the zero labels on which the net
    may differ from 0; the predictions on the others are 0 up to rounding. Of `n_subproblems` tuples of cells and signs
    most are passed over because of a lower bound; `n_solved` convex problems with equalities were solved.
    """

    problem: ERMProblem
    theta: Array
    signs: Array
    bias: float
    value: float
    false_positives: NDArray[np.bool_]
    n_subproblems: int
    n_solved: int

    @property
    def net(self) -> ReLUNet:
        """The net as a `ReLUNet`."""
        return self.problem.net(self.theta, self.signs, self.bias)


def reliable_losses(h: Any, x: ArrayLike, y: ArrayLike, loss: Loss | str = "squared", *,
                    probability: ArrayLike | None = None, zero: float = 0.0) -> ReliableLosses:
    """(L_{=0}, L_{>0}) of h on samples x (D, n), y (D,) >= 0 that carry `probability` (D,), equal when left out.

    `h` is callable on x; predictions of absolute value at most `zero` count as 0. Raises ValueError for labels below 0
    and for probabilities that are no distribution. Source: Mukherjee 2020, Definition 9.
    """
    x, y = np.asarray(x, dtype=float), _labels(y)
    p = np.full(len(y), 1 / len(y)) if probability is None else np.asarray(probability, dtype=float)
    if p.shape != y.shape or (p < 0).any() or abs(p.sum() - 1) > 1e-9:
        raise ValueError(f"probability: expected {len(y)} numbers >= 0 that add up to 1; got {p!r}")
    predictions = np.asarray(h(x), dtype=float).reshape(-1)
    ell = as_loss(loss, y).value(predictions, y)
    return ReliableLosses(float(p[(y == 0) & (abs(predictions) > zero)].sum()), float(p[y > 0] @ ell[y > 0]))


def reliable_erm(problem: ERMProblem, *, allowed: int = 0) -> ReliableResult:
    """Algorithm 1 for Definition 9: per tuple of cells, f(x_j) = 0 on the zero labels, the loss summed over y_j > 0.

    `allowed` zero labels may be missed, whichever serve best. The equalities cut the cone of a tuple down to a cone
    with rays again, so each subproblem stays a non-negative combination. Raises ValueError for labels below 0, and
    beyond 200,000 tuples of cells.
    """
    _labels(problem.y)
    if allowed < 0:
        raise ValueError(f"allowed: expected a whole number >= 0; got {allowed!r}")
    cells = ray_cells(problem)
    if len(cells) ** problem.width > MOST:
        raise ValueError(f"expected at most {MOST} tuples of cells; got {len(cells)}^{problem.width}. "
                         "Take fewer samples, inputs or gates")
    zeros, best, solved = np.flatnonzero(problem.y == 0), None, 0
    tuples = [(rows, signs) for rows in combinations_with_replacement(range(len(cells)), problem.width)
              for signs in sign_vectors(rows)]
    nothing = zeros[:0]
    bounds = np.array([_fit(cells, cells.columns(*pair), nothing)[0] for pair in tuples])
    for t in np.argsort(bounds, kind="stable"):
        if best is not None and bounds[t] >= best[0]:
            break  # the others do not even win without the equalities
        A = cells.columns(*tuples[t])
        for free in _missed(A, zeros, allowed):
            solved += 1
            value, c = _fit(cells, A, np.array([j for j in zeros if j not in free], dtype=int))
            if best is None or value < best[0]:
                best = value, *tuples[t], c, free
    value, rows, signs, c, free = best
    theta, bias = cells.point(rows, c)
    missed = np.isin(np.arange(problem.n_samples), free)
    return ReliableResult(problem, theta, signs, bias, value, missed, len(tuples), solved)


def trade_off(problem: ERMProblem) -> Array:
    """The least L_{>0} sum with at most k false positives, for k = 0, 1, ..., the number of zero labels."""
    return np.array([reliable_erm(problem, allowed=k).value for k in range(int(np.sum(problem.y == 0)) + 1)])


def combinations_with_zero(E: Array) -> Array:
    """The extreme rays (K, R) of {c >= 0, E c = 0}, E of shape (m, K), one equality after the other.

    A ray is a combination that uses a minimal set of coordinates. An equality keeps the rays on it and joins each ray
    above it to each ray below; of the joined ones those with minimal support are rays.
    """
    C = np.eye(E.shape[1])
    for row in E:
        values, size = row @ C, abs(row) @ C
        values[abs(values) <= ROUNDED * size] = 0
        above, below = C[:, values > 0], C[:, values < 0]
        joined = above[:, :, None] * -values[values < 0] + below[:, None, :] * values[values > 0][:, None]
        joined = joined.reshape(len(C), -1)
        C = _minimal(np.hstack([C[:, values == 0], joined / np.maximum(joined.max(axis=0, initial=0), 1e-300)]))
    return C


def _minimal(C: Array) -> Array:
    """The columns whose support contains no other column's, one for each support."""
    support = C > 0
    first = np.unique(support, axis=1, return_index=True)[1]
    C, support = C[:, np.sort(first)], support[:, np.sort(first)].astype(int)
    inside = support.T @ (1 - support) == 0  # [a, b]: the support of a lies in that of b
    return C[:, inside.sum(axis=0) == 1]


def _missed(A: Array, zeros: NDArray[np.intp], allowed: int) -> Iterator[tuple[int, ...]]:
    """The sets of zero labels to give up in this tuple of cells: those that some column moves, `allowed` at a time."""
    moved = zeros[A[zeros].any(axis=1)]
    return combinations(moved.tolist(), min(allowed, len(moved)))


def _fit(cells: RayCells, A: Array, held: NDArray[np.intp]) -> tuple[float, Array]:
    """The least loss over y_j > 0 of A c with c >= 0 and (A c)_j = 0 for the samples `held`, and c."""
    problem, positive = cells.problem, cells.problem.y > 0
    C, F = np.eye(A.shape[1]), A[positive]
    if A[held].any():
        C = combinations_with_zero(A[held])
        F, size = F @ C, abs(F) @ C
        F[abs(F) <= ROUNDED * size] = 0  # two columns that cancel are no column
    C, F = C[:, F.any(axis=0)], F[:, F.any(axis=0)]
    if problem.loss.kind == "quadratic":
        fit = nonnegative_fit(F * cells.root[positive, None], cells.target[positive])
        return fit.value, C @ fit.coefficients
    found = best_combination(F, problem.y[positive], problem.loss, problem.sample_weight[positive])
    return found.value, C @ found.c


def _labels(y: ArrayLike) -> Array:
    y = np.asarray(y, dtype=float)
    if (y < 0).any():
        raise ValueError(f"y: expected labels >= 0, as Definition 9 has them; got {y.min()}. Shift or clip the labels")
    return y
