"""The certified optimum for the squared loss: every tuple of cells is bounded, the few that could win are solved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from math import comb
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm._planar import Turning
from mathdl.exact_erm._settle import UNIT, Sample, Settled, Settler, spans
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.result import ERMResult

Array = NDArray[np.float64]
Progress = Callable[[float, float, float], None]
TOLERANCE = 1e-9  # of sum v y²: `lower` is this much below the value, so that rounding need not decide between ties
ZERO = 1e-13  # of sum v y²: no value below it can be told from 0
CHUNK = 4_000_000  # tuples between two looks at the clock: about a tenth of a second
RECORDS = 256
SHARE = 16_000  # tuples that are worth a thread of their own
FEW_SAMPLES = 300  # up to here a planar cell that rounding leaves open is settled by the general search
MOST_CELLS = 400_000
THREADS = 2


@dataclass(eq=False)
class Search:
    """The state of one enumeration: the compiled loops' arrays, the best net so far, the least uncertain bound."""

    sample: Sample
    on_progress: Progress | None
    deadline: float
    settler: Settler = field(init=False)
    best: Settled = field(init=False)
    lower: float = field(init=False, default=np.inf)
    passed: int = field(init=False, default=0)
    examined: int = field(init=False, default=0)
    settled: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        from mathdl.exact_erm._flip_tree import cell_grams, flip_tree, hash_table
        from mathdl.exact_erm._sweep import BLOCK

        found = Settler.of(self.sample)
        patterns = np.ascontiguousarray(found.found.patterns)
        D = patterns.shape[1]
        keys = np.random.default_rng(0).integers(0, 2 ** 64, D, dtype=np.uint64)
        hashes = np.bitwise_xor.reduce(np.where(patterns, keys, np.uint64(0)), axis=1)
        order, self.parent, self.flip, depth = flip_tree(hashes, keys, patterns)
        if len(order) < len(patterns):  # cannot happen: distinct hyperplanes are crossed one by one
            raise RuntimeError(f"the tree of flips reaches {len(order)} of {len(patterns)} cells")
        self.settler = Settler(self.sample, found.found, order)
        self.patterns, self.hashes, self.keys = patterns[order].view(np.uint8), hashes[order], keys
        self.table = hash_table(self.hashes)
        self.step = np.where(self.patterns[np.arange(len(order)), self.flip] > 0, 1.0, -1.0)
        self.step[0] = 0.0
        rows = self.sample.rows
        R = np.linalg.qr(rows, mode="r")
        inverse = np.linalg.inv(R)
        self.Q = rows @ inverse
        self.unit = self.Q / np.linalg.norm(self.Q, axis=1, keepdims=True)
        self.y = self.sample.labels
        self.ones = self.sample.root / np.linalg.norm(self.sample.root)
        self.G, self.beta, self.gamma = cell_grams(self.Q, self.y, self.ones, self.patterns)
        self.grams = np.zeros((self.G.shape[1], len(self.G) + BLOCK))
        self.grams[:, :len(self.G)] = self.G.T
        w, d, bias = self.width, rows.shape[1], self.bias
        M, spread = w * d + bias, float(np.linalg.norm(R) * np.linalg.norm(inverse))
        # Sums of D terms, then at most `depth` single steps along the tree, each entry at most 1; the rows of Q are
        # off by `spread` units; a factor of M rows by M² units; M turns entries into norms.
        self.e = UNIT * M * (D + 2 * depth + 4 * d * spread + M + 20)
        self.usable = self._usable()
        self.total = comb(int(self.usable.sum()) + w - 1, w)

    @property
    def width(self) -> int:
        """How many gates there are."""
        return self.sample.problem.width

    @property
    def bias(self) -> int:
        """1 with an output bias, else 0."""
        return int(self.sample.problem.output_bias)

    def _usable(self) -> NDArray[np.bool_]:
        """Which cells a gate needs: those whose samples span; the theorem is in the text (near-equal patterns).

        With an output bias also not the cell with all samples, if the others still span without any one of them.
        """
        d = self.Q.shape[1]
        full = np.zeros((len(self.G), d, d))
        rows, columns = np.tril_indices(d)
        full[:, rows, columns] = full[:, columns, rows] = self.G
        usable = self.patterns.sum(axis=1) >= d
        doubtful = np.flatnonzero(usable & (np.linalg.eigvalsh(full)[:, 0] < 1e-9))
        for i in doubtful:
            usable[i] = spans(self.sample.points.integers[self.patterns[i] > 0])
        leverage = (self.Q ** 2).sum(axis=1)
        if self.bias and leverage.max() < 1 - 1e-6:
            usable &= ~self.patterns.all(axis=1)
        return usable

    def start(self) -> None:
        """A good net by local search from random tuples."""
        from mathdl.exact_erm._local_search import descend

        w = self.width
        self.best = Settled(1.0, 0.0, np.zeros((w, self.Q.shape[1])), np.ones(w), 0.0)
        cells = np.flatnonzero(self.usable)
        if not len(cells):
            return
        runs = int(np.clip(self.total // 20000, 24, 300))
        starts = np.random.default_rng(0).choice(cells, (runs, w))
        values, codes = np.full(runs, np.inf), np.zeros(runs, np.int64)
        descend(self.Q, self.unit, self.y, self.ones, self.bias, self.patterns, self.usable, self.hashes, self.keys,
                self.table, self.G, self.beta, self.gamma, w, self.e, starts, values, codes)
        if np.isfinite(values.min()):
            t = int(values.argmin())
            self.accept(self.settler.with_signs(starts[t], _signs(int(codes[t]), w)))

    def accept(self, settled: Settled) -> None:
        """Keep the better of two nets."""
        self.settled += 1
        if settled.value < self.best.value:
            self.best = settled

    def run(self, first: int, last: int, resume: NDArray[np.int64], space: Array) -> tuple:
        """One call of the compiled loop."""
        from mathdl.exact_erm._sweep import sweep

        tuples, numbers = np.zeros((RECORDS, self.width), np.int64), np.zeros((RECORDS, 3))
        data = self.Q, self.unit, self.y, self.ones, self.bias, self.patterns, self.usable
        tree = self.parent, self.flip, self.step, self.grams, self.G, self.beta, self.gamma
        done = sweep(*data, *tree, self.width, last, resume, self.best.value, TOLERANCE, self.e, CHUNK, space,
                     self.rays(), tuples, numbers)
        return first, last, resume, space, tuples[:done[0]], numbers[:done[0]], *done[1:]

    def rays(self) -> tuple:
        """What the loop needs to solve a tuple over its rays; the last four are its own workspace."""
        found, most = self.settler.found, int(np.diff(self.settler.found.starts).max())
        K = self.width * most + 2
        return (self.sample.rows, found.normals, found.signs, found.starts, found.rays, self.settler.cells,
                self.settler.fragile, np.zeros((K, len(self.y))), np.zeros(K, np.int64), np.zeros(K), np.zeros(3))

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Ranges of the first cell, of about equal work."""
        N, w = len(self.patterns), self.width
        if w == 1:
            yield 0, N
            return
        start, work, most = 0, 0, min(CHUNK, max(SHARE, self.total // (2 * THREADS)))
        for i in range(N):
            work += comb(i + w - 1, w - 1)
            if work >= most or i == N - 1:
                yield start, i + 1
                start, work = i + 1, 0

    def search(self) -> bool:
        """All tuples; False when the time was over first."""
        w, d = self.width, self.Q.shape[1]
        size = (self.bias + (w - 1) * (d + 8) + 1) * d
        waiting = [(a, b, np.array([a] + [0] * (w - 1) if w > 1 else [0]), None) for a, b in self.chunks()][::-1]
        spaces = [np.zeros(len(self.patterns) * size) for _ in range(min(THREADS, os.cpu_count() or 1, len(waiting)))]
        if len(spaces) == 1:
            while waiting:
                first, last, resume, _ = waiting.pop()
                if not self.digest(self.run(first, last, resume, spaces[0]), waiting):
                    return False
            return True
        with ThreadPoolExecutor(len(spaces)) as pool:
            running: set[Future] = set()
            try:
                while waiting or running:
                    while waiting and spaces:
                        first, last, resume, _ = waiting.pop()
                        running.add(pool.submit(self.run, first, last, resume, spaces.pop()))
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        spaces.append(future.result()[3])
                        if not self.digest(future.result(), waiting):
                            return False
            finally:
                waiting.clear()
        return True

    def digest(self, result: tuple, waiting: list) -> bool:
        """Settle what the loop found, queue the rest of its range; False when the time is over."""
        first, last, resume, _, tuples, numbers, passed, examined, finished = result
        self.passed += passed
        self.examined += examined
        for tuple_, (kind, bound, code) in zip(tuples, numbers, strict=True):
            if kind == 1:
                self.accept(self.settler.with_signs(tuple_, _signs(int(code), self.width)))
            if bound < self.best.value - TOLERANCE:
                settled = self.settler(tuple_)
                self.accept(settled)
                self.lower = min(self.lower, max(bound if kind == 2 else 0.0, settled.lower))
        if not finished:
            waiting.append((first, last, resume, None))
        if self.best.value <= ZERO:
            waiting.clear()
        if self.on_progress is not None:
            scale = self.sample.norm ** 2
            self.on_progress(self.sample.constant, self.sample.constant + scale * self.best.value,
                             min(1.0, self.passed / self.total))
        return perf_counter() < self.deadline or not waiting


def erm_enumerate(problem: ERMProblem, *, time_limit: float | None = None,
                  on_progress: Progress | None = None) -> ERMResult:
    """The global optimum of a problem with the squared loss: `lower` is within 2e-9 sum v y² of `value`, or more.

    Every unordered tuple of cells gets the least-squares bound that ignores the cones (the same for all signs), by
    updates along a tree of single flips; the tuples that pass are solved with their cones. After `time_limit` seconds
    or Ctrl-C the best net so far comes back with status "stopped" and a lower bound that is right but weak; "stopped"
    also tells of samples so close to degenerate that floats cannot decide. `on_progress` is called with (lower, upper,
    fraction of the tuples). Raises ValueError for other losses, and when there are too many cells to list.
    Source: Mukherjee 2020, Algorithm 1, for its subproblems; bounds, skips and rays are ours.
    """
    started = perf_counter()
    if not problem.loss.is_quadratic:
        raise ValueError(f"loss: expected the squared loss; got {problem.loss.name!r}. Use branch_and_bound or "
                         "erm_bruteforce")
    sample = Sample.of(problem)
    if sample.norm == 0:
        zeros = np.zeros((problem.width, problem.n_inputs + 1))
        value = problem.value(problem.net(zeros, np.ones(problem.width)))
        return ERMResult(problem, zeros, np.ones(problem.width), 0.0, value, value, "enumeration")
    deadline = np.inf if time_limit is None else started + time_limit
    if _in_the_plane(sample):
        return _one_gate_in_the_plane(sample, deadline, on_progress, started)
    D, n = sample.points.integers.shape
    cells = _most_cells(D, n)
    if cells > MOST_CELLS:
        raise ValueError(f"expected at most {MOST_CELLS} cells; {D} distinct points in {n} dimensions have up to "
                         f"{cells}. Use branch_and_bound, which lists none")
    return _all_tuples(sample, deadline, on_progress, started)


def _all_tuples(sample: Sample, deadline: float, on_progress: Progress | None, started: float) -> ERMResult:
    search, finished = Search(sample, on_progress, deadline), False
    with suppress(KeyboardInterrupt):
        search.start()
        finished = search.best.value <= ZERO or search.search()
    return _result(sample, search, finished, 2 ** sample.problem.width * search.total, started)


def fits_in_the_plane(problem: ERMProblem) -> bool:
    """Whether the problem has one gate, no output bias and plane points: then cells are not stored."""
    return problem.n_inputs == 2 and problem.width == 1 and not problem.output_bias


def _in_the_plane(sample: Sample) -> bool:
    return sample.points.integers.shape[1] == 2 and sample.problem.width == 1 and not sample.problem.output_bias


def _most_cells(D: int, n: int) -> int:
    return 2 * sum(comb(D - 1, i) for i in range(n + 1))


def _one_gate_in_the_plane(sample: Sample, deadline: float, on_progress: Progress | None, started: float) -> ERMResult:
    search, finished = Turning(sample, TOLERANCE), False
    with suppress(KeyboardInterrupt):
        finished = search.search(deadline, on_progress)
    if finished and search.lower < search.best.value - TOLERANCE and len(sample.labels) <= FEW_SAMPLES:
        return _all_tuples(sample, deadline, on_progress, started)
    return _result(sample, search, finished, 2 * _most_cells(len(sample.labels), 2), started)


def _result(sample: Sample, search: Search | Turning, finished: bool, total: int, started: float) -> ERMResult:
    problem, best = sample.problem, search.best
    theta, bias = sample.gates(best.normals), best.bias * sample.norm
    value = problem.value(problem.net(theta, best.signs, bias))
    lower = max(0.0, min(best.value - TOLERANCE, search.lower)) if finished else 0.0
    proved = finished and lower >= best.value - 2 * TOLERANCE
    below = min(sample.constant + sample.norm ** 2 * lower, value)
    return ERMResult(problem, theta, best.signs, bias, value, below, "enumeration", "optimal" if proved else "stopped",
                     total, 2 ** problem.width * search.examined, perf_counter() - started)


def _signs(code: int, width: int) -> Array:
    return np.array([1.0 if code >> i & 1 else -1.0 for i in range(width)])

