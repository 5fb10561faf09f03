"""A branch and bound search on disk: written whole or not at all, and read only by the problem that it belongs to."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from mathdl.core.whole_file import written_whole
from mathdl.exact_erm import _bounds
from mathdl.exact_erm._search import Search, new_pool
from mathdl.exact_erm.problem import ERMProblem

OF_NODES = ("labels", "rays", "n_rays", "signs", "sample", "bound")


def save(search: Search, path: str | Path, gap: float) -> None:
    """Write the open nodes and the incumbent to a temporary file beside `path`, then rename it."""
    marks = search.marks
    slots = search.pool.heap[:search.open]
    nodes = {name: getattr(search.pool, name)[slots] for name in OF_NODES}
    with written_whole(path, "wb") as file:
        np.savez(file, fingerprint=fingerprint(search.setting.problem), gap=gap, counts=marks.counts,
                 values=marks.values, theta=marks.theta, best_signs=marks.best_signs, **nodes)


def load(search: Search, path: str | Path, gap: float) -> None:
    """Put a fresh search where the one in the file stood.

    Raises ValueError when the file is damaged, belongs to another problem, or was made for a wider gap: then nodes were
    closed that the narrower gap needs.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        made_for, its_gap = str(found["fingerprint"]), float(found["gap"])
        if made_for == fingerprint(search.setting.problem) and its_gap <= gap:
            _fill(search, found)
    except (AttributeError, EOFError, KeyError, IndexError, zipfile.BadZipFile, ValueError) as error:
        raise ValueError(f"{path}: expected a checkpoint of branch_and_bound, got a damaged or foreign file ({error}). "
                         "Delete it, or name another one") from None
    if made_for != fingerprint(search.setting.problem):
        raise ValueError(f"{path}: expected a checkpoint of this problem, got one of another. Name another file")
    if its_gap > gap:
        raise ValueError(f"{path}: expected a checkpoint for a gap of at most {gap:g}, got one for {its_gap:g}. Resume "
                         "with that gap, or name another file")


def _fill(search: Search, found: dict[str, np.ndarray]) -> None:
    n, (w, R) = len(found["bound"]), found["rays"].shape[1:]
    size = max(n + 1024, 4 << w)
    pool = new_pool(size, w, search.setting.n_points, R)
    for name in OF_NODES:
        getattr(pool, name)[:n] = found[name]
    pool.heap[:n] = np.arange(n)
    pool.free[:size - n] = np.arange(n, size)
    counts, values = found["counts"].copy(), found["values"].copy()
    if len(counts) != len(search.marks.counts) or counts[_bounds.N_HEAP] != n:
        raise ValueError("its counts do not fit its nodes")
    counts[_bounds.N_FREE] = size - n
    values[_bounds.SLACK] = search.marks.values[_bounds.SLACK]
    search.pool, search.marks = pool, _bounds.Marks(counts, values, found["theta"], found["best_signs"])


def fingerprint(problem: ERMProblem) -> str:
    """A hash of everything that the search depends on; losses count by their name and a few of their values."""
    probe = problem.loss.value(np.linspace(-2, 2, len(problem.y)), problem.y)
    said = (b"branch and bound 1", problem.x.tobytes(), problem.y.tobytes(), problem.sample_weight.tobytes(),
            np.asarray(probe, dtype=float).tobytes(),
            repr((problem.x.shape, problem.width, problem.loss.name, problem.output_bias)).encode())
    return hashlib.sha256(b"\0".join(said)).hexdigest()
