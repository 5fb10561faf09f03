"""One gate in the plane: no cell is stored, so that tens of millions of them are no trouble."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm._settle import UNIT, Sample, Settled

Array = NDArray[np.float64]


@dataclass(eq=False)
class Turning:
    """The search over all cells of one gate on plane points: the best net, and the least bound left open."""

    sample: Sample
    tolerance: float
    best: Settled = field(init=False)
    lower: float = field(init=False, default=np.inf)
    examined: int = field(init=False, default=0)
    done: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        s = self.sample
        self.x = np.ascontiguousarray(s.plane)
        R = np.linalg.qr(s.rows, mode="r")
        self.inverse = np.linalg.inv(R)
        self.Q = np.ascontiguousarray(s.rows @ self.inverse)
        self.unit = self.Q / np.linalg.norm(self.Q, axis=1, keepdims=True)
        spread = float(np.linalg.norm(R) * np.linalg.norm(self.inverse))
        # D terms to begin with, one for each sample that changes side, rows off by `spread` units; 3 unknowns
        self.e = UNIT * 3 * (3 * len(s.labels) + 12 * spread + 30)
        self.rough = UNIT * (12 * spread + len(s.labels) ** 0.5 + 30)
        self.rank = np.empty(len(self.x), np.int64)
        self.rank[np.lexsort((-self.x[:, 0], self.x[:, 1]))] = np.arange(len(self.x))
        self.best = Settled(1.0, 0.0, np.zeros((1, 3)), np.ones(1), 0.0)

    def turn(self, pivots: NDArray[np.int64]) -> tuple:
        """One call of the compiled loop, for some of the samples as pivots."""
        from mathdl.exact_erm._rotate import rotate

        state, net = np.array([self.best.value, 0, np.inf]), np.zeros(4)
        rotate(self.x, self.Q, self.unit, self.sample.labels, self.rank, pivots, self.e, self.rough, state,
               net, self.tolerance)
        return len(pivots), state, net

    def digest(self, turned: tuple) -> None:
        """Keep a better net, and the least bound."""
        pivots, (value, examined, lower), net = turned
        self.done += pivots
        self.examined += int(examined)
        self.lower = min(self.lower, float(lower))
        if value < self.best.value:
            self.best = Settled(float(value), 0.0, (self.inverse @ net[:3])[None], net[3:].copy(), 0.0)

    def search(self, deadline: float, on_progress: Callable[[float, float, float], None] | None) -> bool:
        """All pivots; False when the time was over first."""
        D = len(self.x)
        order = np.random.default_rng(0).permutation(D)
        threads = min(2, os.cpu_count() or 1) if D > 200 else 1
        parts = list(self._parts(order))
        if threads == 1:
            turned: Iterator[tuple] = map(self.turn, parts)
            return all(self._step(t, deadline, on_progress) for t in turned)
        with ThreadPoolExecutor(threads) as pool:
            for k in range(0, len(parts), threads):
                if not all([self._step(t, deadline, on_progress) for t in pool.map(self.turn, parts[k:k + threads])]):
                    return False
        return True

    def _parts(self, order: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Few pivots first: their best net makes the rest fast; then parts of about a tenth of a second."""
        start, size, most = 0, 1, max(1, 500_000 // len(order))
        while start < len(order):
            yield order[start:start + size]
            start, size = start + size, min(2 * size, most)

    def _step(self, turned: tuple, deadline: float, on_progress: Callable | None) -> bool:
        self.digest(turned)
        if on_progress is not None:
            s = self.sample
            on_progress(s.constant, s.constant + s.norm ** 2 * self.best.value, self.done / len(self.x))
        return perf_counter() < deadline or self.done == len(self.x)
