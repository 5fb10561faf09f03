"""What exact training costs: how many convex subproblems there are, and how long they would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import comb
from numbers import Integral
from time import process_time

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.cells import cells, cover_count
from mathdl.exact_erm.problem import ERMProblem

YEAR = 365.25 * 24 * 3600
UNITS = (("years", YEAR), ("days", 24 * 3600.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3))


def ordered_subproblems(n_cells: int, width: int) -> int:
    """2^w N^w: every sign vector with every tuple of cells, as Algorithm 1 loops over them (Mukherjee 2020)."""
    return 2 ** width * n_cells ** width


def distinct_subproblems(n_cells: int, width: int) -> int:
    """C(2N + w − 1, w): gates are interchangeable, so only the *collection* of their w pairs (sign, cell) matters.

    The same number, sorted by the q gates of sign +1: Σ_q C(N+q−1, q) C(N+w−q−1, w−q).
    """
    return comb(2 * n_cells + width - 1, width)


@dataclass(frozen=True)
class ComplexityReport:
    """How much work Algorithm 1 is on `n_samples` points in general position of R^`n_inputs` with `width` gates."""

    n_samples: int
    n_inputs: int
    width: int
    cells: int
    ordered: int
    subproblems: int
    seconds_each: float | None = None

    @property
    def printed(self) -> int:
        """2^w D^{nw}, the number of guesses in the proof of Theorem 2.4.1; an upper bound for n, D >= 2."""
        return 2 ** self.width * self.n_samples ** (self.n_inputs * self.width)

    @property
    def seconds(self) -> float | None:
        """The predicted time for the distinct subproblems; None as long as nobody has timed one."""
        return None if self.seconds_each is None else self.subproblems * self.seconds_each

    def __str__(self) -> str:
        head = (f"D = {self.n_samples}, n = {self.n_inputs}, w = {self.width}: {self.cells:,} cells, "
                f"{self.subproblems:,} subproblems ({self.ordered:,} with order)")
        return head + ("" if self.seconds is None else f", {duration(self.seconds)}")

    __repr__ = __str__


def complexity_report(n_samples: int, n_inputs: int, width: int, *, seconds_each: float | None = None,
                      budget: float | None = None) -> ComplexityReport:
    """The exact number of subproblems, and with a time for one of them the predicted time of all.

    `seconds_each` is the time of one subproblem, as `seconds_per_subproblem` measures it on this machine. With a
    `budget` in seconds a longer prediction is refused: ValueError with what would fit. Source: Mukherjee 2020, Theorem
    2.4.1, with the exact number of cells.
    """
    for name, value in (("n_samples", n_samples), ("n_inputs", n_inputs), ("width", width)):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name}: expected a positive integer; got {value!r}")
    for name, value in (("seconds_each", seconds_each), ("budget", budget)):
        if value is not None and not 0 < value < float("inf"):
            raise ValueError(f"{name}: expected a positive number of seconds; got {value!r}")
    if budget is not None and seconds_each is None:
        raise ValueError("budget: expected seconds_each with it; measure it with seconds_per_subproblem(...)")
    N = cover_count(n_samples, n_inputs)
    report = ComplexityReport(n_samples, n_inputs, width, N, ordered_subproblems(N, width),
                              distinct_subproblems(N, width), seconds_each)
    if budget is not None and report.seconds > budget:
        raise ValueError(f"{report}: expected at most {duration(budget)}. {_advice(report, budget)}")
    return report


def seconds_per_subproblem(n_samples: int, n_inputs: int, width: int, *, rng: np.random.Generator,
                           trials: int = 200) -> float:
    """The mean processor time of one cell subproblem in `erm_bruteforce`, squared loss, here and now.

    Taken over cells of random gates on Gaussian data; what is done once for all cells is not in it.
    """
    problem = ERMProblem(rng.standard_normal((n_samples, n_inputs)), rng.standard_normal(n_samples), width)
    count, seconds = _timed(problem, rng.standard_normal((30, n_inputs + 1)) @ problem.lifted.T > 0, trials)
    return seconds / count


def measured_times(samples: Sequence[int], n_inputs: int, width: int, *, rng: np.random.Generator,
                   rounds: int = 5) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """How many subproblems there are on Gaussian data for each D, and the processor time that all but one of them took.

    The least of `rounds`, with all D in turn, so that a slow moment slows all of them. Listing the cells and their rays
    is not in it.
    """
    problems = [ERMProblem(rng.standard_normal((D, n_inputs)), rng.standard_normal(D), width) for D in samples]
    patterns = [cells(problem.x).patterns for problem in problems]
    found = np.array([[_timed(*pair) for pair in zip(problems, patterns, strict=True)] for _ in range(rounds)])
    return found[0, :, 0].astype(np.intp) + 1, found[:, :, 1].min(axis=0)


def _timed(problem: ERMProblem, patterns: NDArray[np.bool_], most: int | None = None) -> tuple[int, float]:
    """How many subproblems were solved after the first one, `most` of them, and their processor time."""
    from mathdl.exact_erm.algorithm1 import subproblems

    solved = subproblems(problem, patterns)
    next(solved)
    start = process_time()
    count = sum(1 for _ in islice(solved, most))
    return count, process_time() - start


def largest_sample(n_inputs: int, width: int, seconds_each: float, budget: float) -> int:
    """The largest D whose subproblems fit into `budget` seconds; 0 if not even one sample does."""
    def fits(n_samples: int) -> bool:
        return distinct_subproblems(cover_count(n_samples, n_inputs), width) * seconds_each <= budget

    low, high = 0, 1
    while fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def duration(seconds: float) -> str:
    """A time as a reader thinks of it: `2.3 ms`, `41 s`, `3 days`, `1.2e+09 years`."""
    for name, unit in UNITS:
        if seconds >= unit or name == "ms":
            return f"{seconds / unit:.3g} {name}"
    raise AssertionError


def _advice(report: ComplexityReport, budget: float) -> str:
    fits = largest_sample(report.n_inputs, report.width, report.seconds_each, budget)
    return (f"With the same n and w it fits up to D = {fits}; otherwise take fewer gates, or `global_minimum`, which "
            "skips subproblems by bounds")
