"""The state of a branch and bound search: its table of hyperplanes, its open nodes, its incumbent."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm import _bounds, _nodes, _starts
from mathdl.exact_erm._setting import Setting
from mathdl.exact_erm.cone_fit import fit_smooth

Net = tuple[NDArray[np.float64], NDArray[np.float64], float]
FIRST_SLOTS = 1024
FIRST_RAYS = (2, 2, 12, 32, 64)  # by the number of inputs


class Search:
    """Open nodes and incumbent; `split` takes the best open node apart."""

    def __init__(self, made: Setting, gap: float):
        self.setting = made
        w, R = made.problem.width, FIRST_RAYS[min(len(made.columns), 4)]
        self.pool = new_pool(max(FIRST_SLOTS, 4 << w), w, made.n_points, R)
        counts = np.zeros(5, dtype=np.int64)
        counts[_bounds.N_FREE] = len(self.pool.free)
        values = np.array([np.inf, 0.0, gap * made.scale, 0.0])  # until the roots are planted nothing is known but 0
        self.marks = _bounds.Marks(counts, values, np.full((w, R, 2), -1.0), np.ones(w, dtype=np.int8))
        self.accept_zero()

    def accept_zero(self) -> None:
        """The net that is 0 everywhere is the first incumbent."""
        self.marks.values[_bounds.UPPER] = self.setting.scale - self.setting.constant

    # What the search knows

    @property
    def upper(self) -> float:
        """The value of the incumbent."""
        return float(self.marks.values[_bounds.UPPER]) + self.setting.constant

    @property
    def lower(self) -> float:
        """No net has a smaller value: the least bound of an open node, a closed node, or the incumbent."""
        values = self.marks.values
        bound = min(values[_bounds.UPPER], values[_bounds.FLOOR])
        if self.marks.counts[_bounds.N_HEAP]:
            bound = min(bound, self.pool.bound[self.pool.heap[0]])
        return min(max(0.0, float(bound)) + self.setting.constant, self.upper)

    @property
    def closed(self) -> bool:
        """Whether no open node can hold a net that is better by more than the gap."""
        return self.proven or not self.marks.counts[_bounds.N_HEAP]

    @property
    def proven(self) -> bool:
        """Whether the incumbent is optimal up to the gap."""
        return self.upper - self.lower <= self.marks.values[_bounds.SLACK] * (1 + 1e-9)

    @property
    def splits(self) -> int:
        """How many nodes have been split."""
        return int(self.marks.counts[_bounds.SPLITS])

    @property
    def nodes(self) -> int:
        """How many nodes have been bounded."""
        return int(self.marks.counts[_bounds.JUDGED])

    @property
    def open(self) -> int:
        """How many nodes wait to be split."""
        return int(self.marks.counts[_bounds.N_HEAP])

    # What the search does

    def plant(self) -> list[int]:
        """Make the roots, one for each number of gates with top weight +1; their slots."""
        w = self.setting.problem.width
        kept = []
        for plus in range(w, -1, -1):
            self.marks.counts[_bounds.N_FREE] -= 1
            slot = int(self.pool.free[self.marks.counts[_bounds.N_FREE]])
            self.pool.labels[slot] = -1
            self.pool.n_rays[slot] = 0
            self.pool.signs[slot] = [1] * plus + [-1] * (w - plus)
            self.pool.bound[slot] = 0.0
            self.judge(slot)
            kept.append(slot)
        for slot in kept:
            _nodes.push(self.pool, self.marks, slot)
        self.marks.values[_bounds.FLOOR] = np.inf
        return kept

    def judge(self, slot: int) -> bool:
        """Bound a node and try its net; whether it stays open."""
        if self.setting.smooth:
            return _judge_smooth(self, slot)
        return bool(_bounds.judge(self.setting.table, self.setting.rows, self.pool, self.marks, slot))

    def run(self, most: int) -> None:
        """Split up to `most` nodes at compiled speed."""
        left = self.marks.counts[_bounds.SPLITS] + most
        while not self.closed and self.marks.counts[_bounds.SPLITS] < left:
            state = _nodes.advance(self.setting.table, self.setting.rows, self.pool, self.marks,
                              int(left - self.marks.counts[_bounds.SPLITS]))
            if state in (_nodes.FULL, _nodes.MANY_RAYS):
                self.grow(state == _nodes.FULL)
            elif state == _nodes.ENOUGH:
                break

    def split(self) -> tuple[int, list[int]]:
        """Split the best open node step by step: its slot, and the slots of its children, open or not.

        The children are judged first and take the node's place at once: an interrupt leaves the node open.
        """
        made = np.empty(1 << self.setting.problem.width, dtype=np.int64)
        while True:
            if self.marks.counts[_bounds.N_FREE] < len(made):
                self.grow(True)
            slot, free = int(self.pool.heap[0]), int(self.marks.counts[_bounds.N_FREE])
            n = _nodes.expand(self.setting.table, self.pool, slot, self.marks, made)
            if n >= 0:
                break
            self.marks.counts[_bounds.N_FREE] = free
            self.grow(False)
        children = made[:n].tolist()
        kept = [child for child in children if self.judge(child)]
        closed = [child for child in children if child not in set(kept)]
        _nodes.commit(self.pool, self.marks, np.array(kept, dtype=np.int64), np.array(closed, dtype=np.int64))
        return slot, children

    def look_around(self, starts: int, until: float = np.inf) -> None:
        """Up to `starts` descents from random patterns, always the same ones; fewer for many points, or `until` then.

        `until` is a reading of `time.perf_counter`; the first descent is always made.
        """
        made, w = self.setting, self.setting.problem.width
        if made.smooth:
            return
        starts = min(starts, 4 + 1500 // made.n_points)
        rng = np.random.default_rng(0)
        signs = np.where(np.arange(w) < rng.integers(0, w + 1, starts)[:, None], 1, -1).astype(np.int8)
        rays = rng.integers(0, 2 * len(made.thetas), (starts, w))
        coins = rng.integers(0, 2, (starts, w, made.n_points)).astype(np.int8)
        for k in range(starts):
            one = slice(k, k + 1)
            _starts.starts(made.table, made.rows, self.marks, signs[one], rays[one], coins[one], 40 * w)
            if time.perf_counter() > until:
                break

    def grow(self, slots: bool) -> None:
        """Twice as many slots for nodes, or twice as many rays for a cone."""
        old = self.pool
        n, w, R = old.rays.shape
        bigger = new_pool(2 * n if slots else n, w, self.setting.n_points, R if slots else 2 * R)
        for name in ("labels", "n_rays", "signs", "sample", "bound"):
            getattr(bigger, name)[:n] = getattr(old, name)
        bigger.rays[:n, :, :R] = old.rays
        bigger.heap[:n] = old.heap
        free = int(self.marks.counts[_bounds.N_FREE])
        bigger.free[:free] = old.free[:free]
        if slots:
            bigger.free[free:free + n] = np.arange(n, 2 * n)
            self.marks.counts[_bounds.N_FREE] += n
        else:
            theta = np.full((w, 2 * R, 2), -1.0)
            theta[:, :R] = self.marks.theta
            self.marks = self.marks._replace(theta=theta)
        self.pool = bigger

    def net(self) -> Net:
        """Gates (width, n_inputs + 1), top weights and output bias of the incumbent."""
        pairs = [[(int(ray), c) for ray, c in rays if ray >= 0] for rays in self.marks.theta]
        return self._gates(pairs), self.marks.best_signs.astype(float), float(self.marks.values[_bounds.TOP_BIAS])

    def relaxed(self, slot: int) -> Net:
        """The net that fits the labelled samples of a node best, the others not counted (not for smooth losses)."""
        made, pool = self.setting, self.pool
        rays, n_rays = pool.rays[slot], pool.n_rays[slot]
        chosen = _bounds.chosen_rows(made.rows, pool.labels[slot])
        A = _bounds.features(made.table, made.rows, pool.labels[slot], rays, n_rays, pool.signs[slot], chosen)
        boxes = _bounds.stack_rows(made.rows, chosen, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_))
        c = _bounds.solve(made.rows, A, chosen, 0, boxes[1], boxes[2], boxes[0])[0]
        ends = np.cumsum(n_rays)
        pairs = [list(zip(rays[i, :n].tolist(), c[end - n:end].tolist(), strict=True))
                 for i, (n, end) in enumerate(zip(n_rays.tolist(), ends.tolist(), strict=True))]
        return self._gates(pairs), pool.signs[slot].astype(float), float(c[-2] - c[-1]) if made.rows.bias else 0.0

    def _gates(self, pairs: list[list[tuple[int, float]]]) -> NDArray[np.float64]:
        gates = np.zeros((len(pairs), self.setting.problem.n_inputs + 1))
        where = np.append(self.setting.columns, self.setting.problem.n_inputs)
        for i, rays in enumerate(pairs):
            for ray, c in rays:
                gates[i, where] += c * (1 - 2 * (ray & 1)) * self.setting.thetas[ray >> 1]
        return gates


def new_pool(n: int, w: int, P: int, R: int) -> _nodes.Pool:
    """Room for n open nodes with at most R rays in a cone."""
    return _nodes.Pool(np.full((n, w, P), -1, dtype=np.int8), np.zeros((n, w, R), dtype=np.int32),
                  np.zeros((n, w), dtype=np.int64), np.ones((n, w), dtype=np.int8), np.full(n, -1, dtype=np.int64),
                  np.zeros(n), np.arange(n), np.zeros(n, dtype=np.int64))


def _judge_smooth(search: Search, slot: int) -> bool:
    """`judge` for a loss that only Python can evaluate."""
    made, pool, marks = search.setting, search.pool, search.marks
    table, rows, problem = made.table, made.rows, made.problem
    labels, rays, n_rays, signs = pool.labels[slot], pool.rays[slot], pool.n_rays[slot], pool.signs[slot]
    chosen = _bounds.chosen_rows(rows, labels)
    A = _bounds.features(table, rows, labels, rays, n_rays, signs, chosen)
    cutoff = marks.values[_bounds.UPPER] - marks.values[_bounds.SLACK]
    c, _, lower = fit_smooth(A, rows.t[chosen], problem.loss, rows.high[chosen], cutoff)
    marks.counts[_bounds.FITS] += 1
    marks.counts[_bounds.JUDGED] += 1
    pool.bound[slot] = max(pool.bound[slot], lower)
    bias = c[-2] - c[-1] if rows.bias else 0.0
    f = _bounds.row_losses(rows, _bounds.activations(table, rays, n_rays, c), signs, bias)[1]
    losses = rows.high * problem.loss.value(f, rows.t)
    if losses.sum() < marks.values[_bounds.UPPER]:
        _bounds.remember(table, rays, n_rays, signs, c, bias, losses.sum(), marks)
    pool.sample[slot] = _bounds.next_point(table, rows, labels, losses)
    if pool.bound[slot] >= marks.values[_bounds.UPPER] - marks.values[_bounds.SLACK] or pool.sample[slot] < 0:
        marks.values[_bounds.FLOOR] = min(marks.values[_bounds.FLOOR], pool.bound[slot])
        return False
    return True
