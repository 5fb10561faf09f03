"""A branch and bound search written down step by step, for pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm._search import Net, Search
from mathdl.exact_erm._setting import setting
from mathdl.exact_erm.branch_and_bound import CREDITS, STARTS
from mathdl.exact_erm.problem import ERMProblem


@dataclass(frozen=True, eq=False)
class SearchTrace:
    """The first splits of a search.

    `lower` and `upper` (n_splits + 1,) are the bounds before the first split and after each one; node k has the parent
    `parents[k]` (-1 for a root), the bound `bounds[k]`, and is split at step `split_at[k]` (-1 if never). `labels`
    (width, n_samples) are those of the node that comes next, with -1 for samples without; `relaxed` is its net and
    `best` the incumbent, both as (gates, signs, bias). `finished` tells whether the gap is closed.
    """

    problem: ERMProblem
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    parents: NDArray[np.int64]
    bounds: NDArray[np.float64]
    split_at: NDArray[np.int64]
    labels: NDArray[np.int8]
    relaxed: Net
    best: Net
    finished: bool

    @property
    def n_splits(self) -> int:
        """How many nodes were split."""
        return len(self.lower) - 1


def search_trace(problem: ERMProblem, splits: int, *, chords: bool = True, descents: bool = True,
                 gap: float = 1e-6) -> SearchTrace:
    """The search for at most `splits` splits, with or without chords for unlabelled samples and descents at the start.

    The loss must be squared or polyhedral; raises ValueError for others.
    """
    if problem.loss.kind not in ("quadratic", "polyhedral"):
        raise ValueError(f"expected the squared or a polyhedral loss; got {problem.loss.name!r}")
    search = Search(setting(problem, CREDITS if chords else 0), gap)
    if descents:
        search.look_around(STARTS)
    node_at = {slot: k for k, slot in enumerate(search.plant())}
    parents, bounds = [-1] * len(node_at), [float(search.pool.bound[slot]) for slot in node_at]
    split_at, lower, upper = [-1] * len(node_at), [search.lower], [search.upper]
    while search.splits < splits and not search.closed:
        slot, children = search.split()
        parent = node_at[slot]
        split_at[parent] = search.splits - 1
        for child in children:
            node_at[child] = len(parents)
            parents.append(parent)
            bounds.append(float(search.pool.bound[child]))
            split_at.append(-1)
        lower.append(search.lower)
        upper.append(search.upper)
    labels, relaxed = np.full((problem.width, problem.n_samples), -1, dtype=np.int8), search.net()
    if search.open:
        top, point = int(search.pool.heap[0]), search.setting.point_of
        labels[:, point >= 0] = search.pool.labels[top][:, point[point >= 0]]
        relaxed = search.relaxed(top)
    return SearchTrace(problem, np.array(lower), np.array(upper), np.array(parents),
                       np.array(bounds) + search.setting.constant, np.array(split_at), labels, relaxed, search.net(),
                       search.proven)
