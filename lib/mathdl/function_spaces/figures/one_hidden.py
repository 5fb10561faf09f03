"""Pictures of kinks: where a piecewise linear function of the plane bends, and how its gradient jumps along lines."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.function_spaces.one_hidden_layer import KinkEdge, Line, OneHiddenLayer


def kinks(answer: OneHiddenLayer, name: str, view: float = 3.0) -> Picture:
    """Kink edges in the square [−view, view]², the first broken line dotted through, and jumps along each line."""
    fig, (plane, jumps) = new_figure(columns=2, width=7.4, height=3.5)
    by_line = defaultdict(list)
    for edge in answer.edges:
        by_line[edge.line].append(edge)
    broken = answer.witness.edge.line if answer.witness else None
    for i, line in enumerate(sorted(by_line, key=lambda l: l != broken)):
        look = {"color": COLOURS[5] if line == broken else COLOURS[i % 5], "ls": LINES[i % len(LINES)],
                "lw": 3.5 if line == broken else 2}
        _draw_in_plane(plane, line, by_line[line], view, look, broken == line)
        jumps.plot(*_steps(line, by_line[line]), **look)
    if not by_line:
        plane.text(0, 0, "no kinks at all", ha="center", color=INK)
    if answer.witness:
        w = answer.witness
        for point, marker, jump in ((w.here, "o", w.edge.jump), (w.there, "X", w.jump_there)):
            plane.plot(*map(float, point), marker, color=COLOURS[5], ms=9, ls="", label=f"jump {float(jump):g}")
        legend(plane, loc="lower right")
    most = max((abs(float(e.jump)) for e in answer.edges), default=1.0)
    ticks = (-view, 0, view)
    plane.set(xlim=(-view, view), ylim=(-view, view), xticks=ticks, yticks=ticks, aspect="equal", xlabel="x1",
              ylabel="x2", title=f"kinks of {name}")
    jumps.set(xlim=(-view, view), ylim=(-1.2 * most, 1.2 * most), xticks=ticks, yticks=(-most, 0, most),
              xlabel="position on the line", ylabel="jump of the gradient", title=_finding(answer))
    return described(fig, f"The kinks of {name} lie on {len(by_line)} lines, in {len(answer.edges)} edges: "
                          f"{_finding(answer)}." + (f" Witness: {answer.witness}." if answer.witness else ""))


def _finding(answer: OneHiddenLayer) -> str:
    if answer:
        return f"one hidden layer, {answer.net.size} gates"
    n = len(answer.witnesses)
    return f"{n} broken line{'s' * (n > 1)}: not one hidden layer"


def _draw_in_plane(plane, line: Line, edges: list[KinkEdge], view: float, look: dict, broken: bool) -> None:
    """The edges of one line inside the square; a broken line is dotted through."""
    low, high = _seen(line, view)
    if broken and low < high:
        plane.plot(*_points(line, (low, high)), color=INK, ls=":", lw=1)
    for start, stop in ((max(e.start, low), min(e.stop, high)) for e in edges):
        if start < stop:
            plane.plot(*_points(line, (start, stop)), **look)


def _seen(line: Line, view: float) -> tuple[float, float]:
    """The positions between which the line runs inside the square [−view, view]²; low > high when it does not."""
    low, high = -math.inf, math.inf
    for p, d in zip(map(float, line.at(Fraction(0))), line.direction, strict=True):
        if d:
            ends = sorted(((-view - p) / d, (view - p) / d))
            low, high = max(low, ends[0]), min(high, ends[1])
        elif abs(p) > view:
            return 1.0, 0.0
    return low, high


def _points(line: Line, positions: tuple) -> list[list[float]]:
    """x1 and x2 of the points at these positions."""
    return [[float(v) for v in coordinate] for coordinate in zip(*map(line.at, positions), strict=True)]


def _steps(line: Line, edges: list[KinkEdge], far: float = 1e3) -> tuple[list[float], list[float]]:
    """The jump as a step function of the distance along the line: corners from −far to far."""
    unit, corners = math.hypot(*line.normal), []
    for edge in edges:
        start, stop = (max(-far, min(far, float(t) * unit)) for t in (edge.start, edge.stop))
        corners += [(start, 0.0), (start, float(edge.jump)), (stop, float(edge.jump)), (stop, 0.0)]
    positions, heights = zip((-far, 0.0), *corners, (far, 0.0), strict=True)
    return list(positions), list(heights)
