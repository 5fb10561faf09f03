"""Branch and bound on activation patterns: the global optimum for any convex loss, with a certified gap at any time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.exact_erm._checkpoint import load, save
from mathdl.exact_erm._record import Record
from mathdl.exact_erm._search import Search
from mathdl.exact_erm._setting import setting
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.result import ERMResult

STARTS = 20  # descents before the first split
CREDITS = 2  # rounds of one-sided rows for samples without labels
SAVE_EVERY = 30.0  # seconds
MANY = 2 ** 62
FAITHFUL = 1e-6  # of the loss of the net 0: weights beyond about 1e10 make a float net miss its own value by more


@dataclass(frozen=True)
class Progress:
    """Where a search stands: the optimum lies in [lower, upper]; `splits` nodes were split, `open` ones wait."""

    lower: float
    upper: float
    splits: int
    open: int
    seconds: float

    @property
    def gap(self) -> float:
        """How far the incumbent can be from the optimum."""
        return self.upper - self.lower


def branch_and_bound(problem: ERMProblem, *, time_limit: float | None = None, node_limit: int | None = None,
                     gap: float = 1e-9, checkpoint: str | Path | None = None, progress: bool = False,
                     on_node: Callable[[Progress], Any] | None = None, record: bool = False) -> ERMResult:
    """The best net of problem (2.3), for any convex non-negative loss; `lower` of the result bounds every net.

    A node labels some samples as on or off for every gate. Its bound is the least loss over the cones of these labels,
    where labelled samples count in full and the others with what they must lose at least; the node with the least bound
    is split next, at the sample whose loss it misjudges most. The search ends when `upper - lower` is at most `gap`
    times the loss of the net 0, or, with status "stopped", after `time_limit` seconds, `node_limit` splits, or an
    interrupt from the keyboard, or when points lie so close that floating point cannot carry the optimal weights.

    `checkpoint` is a file that holds the search: it is read at the start if it exists, and written every 30 seconds and
    at the end. `progress` shows a bar; `on_node` is called with a `Progress` after each split. `record` keeps the tree
    as `proof` (a `SearchTree`); then only labelled samples count, so that each leaf is a convex problem of its own.
    Bounds hold up to rounding as in `fit_cone`. Raises ValueError for more hyperplanes through samples than memory
    holds, for the logistic loss, whose infimum need not be attained, for limits that are not positive, and for a
    checkpoint that is damaged or of another problem.
    """
    _check(time_limit, node_limit, gap, checkpoint, record)
    if not problem.loss.attained:
        raise ValueError(f"loss {problem.loss.name!r}: expected a loss whose minimum every cell attains. Use "
                         "erm_bruteforce, which finds the cells whose infimum is reached only by infinite weights, or "
                         "the hinge loss")
    began = time.perf_counter()
    search = Search(setting(problem, 0 if record else CREDITS, merge=not record), gap)
    kept = Record(search) if record else None
    limits = Limits(began, np.inf if time_limit is None else began + time_limit, node_limit or MANY, checkpoint, gap)
    if checkpoint is not None and Path(checkpoint).exists():
        load(search, checkpoint, gap)
    bar = _bar() if progress else None
    try:
        if not search.open and not search.proven:
            search.look_around(STARTS, limits.stop)
            roots = search.plant()
            if kept is not None:
                kept.plant(roots)
        _drive(search, kept, limits, on_node, bar)
    except KeyboardInterrupt:
        pass
    finally:
        if bar is not None:
            bar.close()
    if checkpoint is not None:
        save(search, checkpoint, gap)
    return _result(search, kept, time.perf_counter() - began)


@dataclass(frozen=True)
class Limits:
    """When a search began, when and after how many splits it stops, and where and for which gap it is saved."""

    began: float
    stop: float
    last: int
    checkpoint: str | Path | None
    gap: float


def _check(time_limit: float | None, node_limit: int | None, gap: float, checkpoint: Any, record: bool) -> None:
    if time_limit is not None and not time_limit > 0:
        raise ValueError(f"time_limit: expected seconds > 0, got {time_limit!r}; leave it out for no limit")
    if node_limit is not None and not node_limit >= 1:
        raise ValueError(f"node_limit: expected at least 1 split, got {node_limit!r}; leave it out for no limit")
    if not 0 < gap < 1:
        raise ValueError(f"gap: expected a number between 0 and 1, such as 1e-9; got {gap!r}")
    if record and checkpoint is not None:
        raise ValueError("expected record=True or a checkpoint, got both; a tree is only kept in memory")


def _drive(search: Search, kept: Record | None, limits: Limits, on_node: Callable[[Progress], Any] | None,
           bar: Any) -> None:
    """Split nodes until the gap is closed or a limit is reached; compiled stretches take about 50 ms."""
    saved, most = time.perf_counter(), 16
    while not search.closed and search.splits < limits.last and (now := time.perf_counter()) < limits.stop:
        if kept is not None:
            kept.note(*search.split())
        elif search.setting.smooth:
            search.split()
        else:
            search.run(1 if on_node is not None else min(most, limits.last - search.splits))
            most = int(np.clip(most * 0.05 / (time.perf_counter() - now + 1e-9), 1, min(4 * most, 100_000)))
        there = Progress(search.lower, search.upper, search.splits, search.open, time.perf_counter() - limits.began)
        if bar is not None:
            bar.set_postfix_str(f"value {there.upper:.6g}, gap {there.gap:.2g}, open {there.open}", refresh=False)
            bar.update(there.splits - bar.n)
        if on_node is not None:
            on_node(there)
        if limits.checkpoint is not None and now - saved > SAVE_EVERY:
            save(search, limits.checkpoint, limits.gap)
            saved = now


def _bar() -> Any:
    from tqdm import tqdm

    return tqdm(desc="branch and bound", unit=" splits")


def _result(search: Search, kept: Record | None, seconds: float) -> ERMResult:
    problem = search.setting.problem
    theta, signs, bias = search.net()
    value = problem.value(problem.net(theta, signs, bias))
    faithful = value <= search.upper + FAITHFUL * search.setting.scale
    status = "optimal" if search.proven and faithful else "stopped"
    return ERMResult(problem, theta, signs, bias, value, min(search.lower, value), "branch and bound", status,
                     search.nodes, search.nodes, seconds, kept.tree() if kept is not None else None)
