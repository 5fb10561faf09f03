"""Compile this chapter's numba loops once at set-up, so that no reader waits: `python -m mathdl.exact_erm.warm`."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from mathdl.exact_erm.problem import ERMProblem


def _problem(n_inputs: int, width: int, loss: str = "squared") -> ERMProblem:
    rng = np.random.default_rng(0)
    return ERMProblem(rng.standard_normal((7, n_inputs)), rng.standard_normal(7), width, loss)


def enumerate_tuples() -> None:
    """The sweep over tuples of cells."""
    from mathdl.exact_erm.enumeration import erm_enumerate

    erm_enumerate(_problem(1, 2))


def turn_a_line() -> None:
    """One gate in the plane."""
    from mathdl.exact_erm.enumeration import erm_enumerate

    erm_enumerate(_problem(2, 1))


def branch() -> None:
    """Branch and bound, with and without its tree, and descents from random starts."""
    from mathdl.exact_erm.branch_and_bound import branch_and_bound
    from mathdl.exact_erm.descent import restarts

    for loss in ("squared", "absolute"):
        branch_and_bound(_problem(1, 2, loss))
        branch_and_bound(_problem(1, 2, loss), record=True)
    restarts(_problem(2, 2), 2, steps=2, rng=np.random.default_rng(0))


def main() -> None:
    """Run each compiled loop on the smallest inputs; the machine code stays in numba's cache on disk.

    Two processes share the work. They may overwrite each other's entry for a loop that both need, so everything runs
    once more at the end, which takes a moment when nothing was lost.
    """
    tasks = (branch, turn_a_line, enumerate_tuples)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(task) for task in tasks]:
            done.result()
    for task in tasks:
        task()


if __name__ == "__main__":
    main()
