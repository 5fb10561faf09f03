"""One call for the global optimum: it counts the subproblems, and chooses the method that can finish."""

from __future__ import annotations

from math import comb
from typing import Literal

from mathdl.exact_erm.complexity import duration
from mathdl.exact_erm.enumeration import MOST_CELLS, erm_enumerate, fits_in_the_plane
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.result import ERMResult

Method = Literal["auto", "enumerate", "branch and bound", "brute force"]
EACH = 1e-7  # seconds a tuple of cells takes in the enumeration, or more: to tell minutes from days
MOST_TUPLES = 10 ** 10  # about a quarter of an hour


def count_tuples(problem: ERMProblem) -> int:
    """The most unordered tuples of cells an enumeration can meet: C(N + w - 1, w), N cells in general position."""
    D, n = len(problem.distinct().points), problem.n_inputs
    return comb(2 * sum(comb(D - 1, i) for i in range(n + 1)) + problem.width - 1, problem.width)


def global_minimum(problem: ERMProblem, *, method: Method = "auto", time_limit: float | None = None,
                   max_subproblems: int = MOST_TUPLES) -> ERMResult:
    """The best net of the problem's width with a lower bound on every net: the global optimum, when time allows.

    "auto" enumerates for the squared loss when there are at most `max_subproblems` tuples of cells, and takes branch
    and bound otherwise, or when rounding leaves the enumeration open; it reports the bounds it has when `time_limit`
    (seconds) is over. A loss whose minimum need not be attained (logistic) goes to brute force, which looks at every
    cell. The other methods are taken at their word. Raises ValueError when an enumeration is asked for that would
    need hours, with its size.
    """
    if method not in Method.__args__:
        raise ValueError(f"method: expected one of {', '.join(map(repr, Method.__args__))}; got {method!r}")
    if method == "brute force" or (method == "auto" and not problem.loss.attained):
        from mathdl.exact_erm.algorithm1 import erm_bruteforce

        return erm_bruteforce(problem)
    fits = _fits(problem, max_subproblems)
    if method == "enumerate" and problem.loss.is_quadratic and not fits:
        tuples = count_tuples(problem)
        raise ValueError(f"expected at most {max_subproblems:,} tuples of at most {MOST_CELLS:,} cells; this problem "
                         f"has {tuples:.3g}, about {duration(tuples * EACH)}. Use method='branch and bound' with a "
                         "time_limit, fewer samples or fewer gates; max_subproblems raises the limit")
    if method == "enumerate" or (method == "auto" and problem.loss.is_quadratic and fits):
        found = erm_enumerate(problem, time_limit=time_limit)
        settled = found.status == "optimal" or time_limit is not None
        return found if method == "enumerate" or settled else _closer(problem, found)
    from mathdl.exact_erm.branch_and_bound import branch_and_bound

    return branch_and_bound(problem, time_limit=time_limit)


def _closer(problem: ERMProblem, found: ERMResult) -> ERMResult:
    """What branch and bound makes of a problem that rounding left open, in ten times the time, if that is closer."""
    from mathdl.exact_erm.branch_and_bound import branch_and_bound

    second = branch_and_bound(problem, time_limit=5 + 10 * found.seconds)
    return second if second.gap < found.gap else found


def _fits(problem: ERMProblem, most: int) -> bool:
    D, n = len(problem.distinct().points), problem.n_inputs
    cells = 2 * sum(comb(D - 1, i) for i in range(n + 1))
    return count_tuples(problem) <= most and (cells <= MOST_CELLS or fits_in_the_plane(problem))
