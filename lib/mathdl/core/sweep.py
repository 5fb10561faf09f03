"""A function on a grid of parameters: on all cores or a Dask cluster, with what is done kept on disk."""

from __future__ import annotations

import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from mathdl.core.sweep_cache import SweepCache


@dataclass(frozen=True)
class SweepPoint:
    """One point of a sweep: its parameters, and either its result or the error that it met.

    `seconds` is what the function took, `cached` whether it ran in an earlier sweep. `error` is None for a point that
    is done, else one line with the kind and the message.
    """

    parameters: Mapping[str, Any]
    result: Any
    error: str | None
    seconds: float
    cached: bool


@dataclass(frozen=True)
class Sweep:
    """All points in the order of the grid; prints as a summary that names what failed."""

    points: tuple[SweepPoint, ...]

    @property
    def done(self) -> tuple[SweepPoint, ...]:
        """The points that have a result."""
        return tuple(p for p in self.points if p.error is None)

    @property
    def failed(self) -> tuple[SweepPoint, ...]:
        """The points that met an error; the next sweep tries them again."""
        return tuple(p for p in self.points if p.error is not None)

    def __repr__(self) -> str:
        cached = sum(p.cached for p in self.points)
        head = f"{len(self.done)} of {len(self.points)} points done ({cached} from the cache)"
        return "\n".join([head, *(f"failed: {dict(p.parameters)}: {p.error}" for p in self.failed)])


def sweep(function: Callable[..., Any], grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]], *,
          cache: str | Path | None = None, n_jobs: int = 1, client: Any = None, progress: bool = True) -> Sweep:
    """`function(**point)` for every point of the grid, each as soon as a worker is free.

    `grid` names the values of each parameter (all combinations are taken), or lists the points. Results are kept in the
    folder `cache` under the content of the parameters and the source of the function, so a sweep that is started again
    computes only what is missing; what the function calls is not part of the key: after a change there, take another
    folder. `n_jobs` processes share the work, -1 for one a core; with a `dask.distributed.Client` as `client` the same
    call runs on its cluster.

    A point that raises, or whose process dies, is reported by a RuntimeWarning and in `.failed`; the others go on.
    Randomness belongs into the parameters, as a seed. Raises ValueError for an empty grid or no workers.
    """
    points = _points(grid)
    workers = _Workers(n_jobs, client)
    store = SweepCache(function, cache)
    outcomes = {i: outcome for i, point in enumerate(points) if (outcome := store.load(point)) is not None}
    missing = [i for i in range(len(points)) if i not in outcomes]
    for i, outcome in _with_bar(_run(workers, function, points, missing), len(points), len(outcomes), progress):
        outcomes[i] = outcome
        if outcome.error is None:
            store.save(outcome)
    found = Sweep(tuple(outcomes[i] for i in range(len(points))))
    if found.failed:
        first = found.failed[0]
        warnings.warn(f"{len(found.failed)} of {len(points)} points failed, the first at {dict(first.parameters)}: "
                      f"{first.error}", RuntimeWarning, stacklevel=2)
    return found


def _points(grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if isinstance(grid, Mapping):
        points = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    else:
        points = [dict(point) for point in grid]
    if not points:
        raise ValueError("grid: expected at least one point; got none. Does a parameter have an empty list of values?")
    return points


class _Workers:
    """Where points run: this process, joblib's processes (which take functions from notebooks too), or a cluster."""

    def __init__(self, n_jobs: int, client: Any) -> None:
        import joblib

        if n_jobs != -1 and n_jobs < 1:
            raise ValueError(f"n_jobs: expected a number of processes, or -1 for one a core; got {n_jobs}")
        self._client = client
        self.count = joblib.cpu_count() if n_jobs == -1 else n_jobs
        self.here = client is None and self.count == 1
        if client is not None:
            self.count = max(1, sum(client.ncores().values()))

    def submit(self, *call: Any) -> Any:
        """A future; joblib's pool is made anew when its last one broke."""
        if self._client is not None:
            return self._client.get_executor(pure=False).submit(*call)
        from joblib.externals.loky import get_reusable_executor

        return get_reusable_executor(max_workers=self.count).submit(*call)


def _run(workers: _Workers, function: Callable, points: Sequence[dict],
         missing: Sequence[int]) -> Iterator[tuple[int, SweepPoint]]:
    """Outcomes as they come; a worker that dies breaks the pool, and each point that was in it runs again alone."""
    if workers.here:
        yield from ((i, _attempt(function, points[i])) for i in missing)
        return
    queue, running = deque(missing), {}
    while queue or running:
        while queue and len(running) < workers.count:
            i = queue.popleft()
            running[workers.submit(_attempt, function, points[i])] = i
        wait(running, return_when=FIRST_COMPLETED)
        finished = [future for future in running if future.done()]
        if any(_died(future) for future in finished):
            wait(running)
            finished = list(running)
        for future in finished:
            i = running.pop(future)
            yield i, _alone(workers, function, points[i]) if _died(future) else future.result()


def _alone(workers: _Workers, function: Callable, point: dict) -> SweepPoint:
    """One point while no other runs; if its worker dies again, the point is to blame."""
    future = workers.submit(_attempt, function, point)
    if _died(future):
        return SweepPoint(point, None, f"{type(future.exception()).__name__}: the process that ran this point died, "
                                       "out of memory or killed", 0.0, False)
    return future.result()


def _died(future: Any) -> bool:
    """True when the worker died before it answered: joblib's broken pool, or Dask's word for it."""
    error = future.exception()
    return isinstance(error, BrokenProcessPool) or type(error).__name__ == "KilledWorker"


def _attempt(function: Callable, point: dict) -> SweepPoint:
    """Runs where the worker is: a result, or the error in words, because not every exception survives the way back."""
    start = time.perf_counter()
    try:
        result, error = function(**point), None
    except Exception as met:
        result, error = None, f"{type(met).__name__}: {met}"
    return SweepPoint(point, result, error, time.perf_counter() - start, False)


def _with_bar(outcomes: Iterator, total: int, n_cached: int, progress: bool) -> Iterator:
    from tqdm.auto import tqdm

    return iter(tqdm(outcomes, total=total, initial=n_cached, disable=not progress, unit="point"))
