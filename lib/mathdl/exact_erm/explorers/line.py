"""Explorers on one-dimensional inputs: which width represents a function, and pieces against nets on the same data."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mathdl.core.explore import Points, Slider, explore
from mathdl.core.figures import Picture
from mathdl.exact_erm.enumeration import erm_enumerate
from mathdl.exact_erm.figures.line import class_figure, fits_figure, message_figure
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.pwl_fit import pwl_fit_1d
from mathdl.nets.pwl1d import PWL1D

Plane = tuple[tuple[float, float], ...]
GRID = 5  # points snap to fifths, the step of an arrow key, so that sums of slopes can agree exactly


@dataclass(frozen=True)
class LineWidths:
    """Points of a piecewise linear function: the inner ones are its breakpoints, the outer ones give its slopes."""

    points: Plane = ((-4.0, -3.0), (-2.0, -1.0), (1.0, -1.0), (3.0, 3.0))


def draw_line_widths(state: LineWidths) -> Picture:
    """The function through the points, the least width of a net for it, and the subset sum that decides."""
    points = sorted({tuple(Fraction(round(v * GRID), GRID) for v in p) for p in state.points})
    x, y = zip(*points, strict=True)
    if len(set(x)) < len(x) or len(x) < 2:
        return message_figure("Two points stand above one x\n(points snap to fifths): move one of them.")
    slopes = [(d - b) / (c - a) for (a, b), (c, d) in (points[:2], points[-2:])]
    f = PWL1D.from_points(x, y, *slopes)
    return class_figure(f, handles=[tuple(map(float, p)) for p in points])


def explore_line_widths():
    """Drag or type the points (they snap to fifths); make the left slope a sum of jumps, and see a gate go."""
    return explore(draw_line_widths, LineWidths(), points=Points("points", x=(-5, 5), y=(-5, 5)))


@dataclass(frozen=True)
class LineFits:
    """Data on a line, and the number w of pieces and of gates."""

    points: Plane = ((-3.0, 0.2), (-2.0, -0.1), (-1.0, 0.0), (0.0, 0.1), (1.0, 1.0), (2.0, 1.8), (3.0, 3.1))
    width: int = 1


def draw_line_fits(state: LineFits) -> Picture:
    """The best function with w pieces and the best nets with w gates, all global minima."""
    x, y = np.array(state.points, dtype=float).T
    fit = pwl_fit_1d(x, y, state.width)
    nets = [erm_enumerate(ERMProblem(x, y, state.width, output_bias=bias)) for bias in (False, True)]
    return fits_figure(x, y, fit, *nets, view=(-4.0, 4.0))


def explore_line_fits():
    """Drag the points, change w, and look for data on which pieces beat gates, and for data where gates beat pieces."""
    return explore(draw_line_fits, LineFits(), points=Points("data", x=(-4, 4), y=(-4, 4)),
                   width=Slider(1, 3, "pieces and gates w"))
