"""The fewest pieces of a continuous piecewise linear function through given points, in closed form (*ours*).

Join the points by chords, and look at the changes of slope at the inner points. A breakpoint strictly between two
neighbours can stand in for bends at both, if these go the same way: (p x_i + q x_{i+1}) / (p + q) for bends p and q.
It can never stand in for two that go opposite ways, or for points that are no neighbours. So a run of m neighbouring
points with bends of one sign needs ⌈m / 2⌉ breakpoints.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import ArrayLike

from mathdl.exact_erm.pwl_fit import line_data
from mathdl.nets.entries import as_exact
from mathdl.nets.pwl1d import PWL1D


def fewest_pieces(x: ArrayLike, y: ArrayLike) -> int:
    """The least number of pieces of a continuous piecewise linear function with f(x_i) = y_i, exact.

    Floats are taken at their binary value. Raises ValueError when two different y have one x.
    """
    return thrifty_interpolant(x, y).n_pieces


def thrifty_interpolant(x: ArrayLike, y: ArrayLike) -> PWL1D:
    """A continuous piecewise linear function through the points with the fewest pieces, exact."""
    data = line_data(x, y, exact=True)
    if data.spread:
        raise ValueError("expected one y for each x; got two different values at the same x")
    if len(data.x) == 1:
        return PWL1D([], [Fraction(0)], [data.y[0]])
    bends = _bends(data.x, data.y)
    breaks: dict[Fraction, Fraction] = {}
    for _, run in groupby(enumerate(bends, start=1), key=lambda kb: (kb[1] > 0) - (kb[1] < 0)):
        run = list(run)
        for pair in (run[n:n + 2] for n in range(0, len(run), 2)):
            total = sum(bend for _, bend in pair)
            if total:
                breaks[sum(bend * data.x[k] for k, bend in pair) / total] = total
    return _with_bends(data.x, data.y, breaks)


def _bends(x: np.ndarray, y: np.ndarray) -> list[Fraction]:
    """The change of slope of the chords at each inner point."""
    slopes = (y[1:] - y[:-1]) / (x[1:] - x[:-1])
    return [b - a for a, b in pairwise(slopes)]


def _with_bends(x: np.ndarray, y: np.ndarray, breaks: dict[Fraction, Fraction]) -> PWL1D:
    """The function through the first two points that bends as told; no breakpoint lies before the second point."""
    t = sorted(breaks)
    slope = (y[1] - y[0]) / (x[1] - x[0])
    slopes = np.add.accumulate(as_exact([slope, *(breaks[v] for v in t)]))
    steps = np.add.accumulate(as_exact([y[0] - slope * x[0], *(-breaks[v] * v for v in t)]))
    return PWL1D(t, slopes, steps)
