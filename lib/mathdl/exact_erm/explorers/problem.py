"""Explorer of the problem: drag samples, walk through the weights of one gate, and see where the risk is convex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Choice, Points, explore
from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, new_figure
from mathdl.exact_erm.algorithm1 import subproblems
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.figures.problem import draw_landscape_axes, risks, walls_crossed
from mathdl.exact_erm.problem import ERMProblem

Pairs = tuple[tuple[float, float], ...]
REACH = 3.0


@dataclass(frozen=True)
class Landscape:
    """Samples (x, y) for one gate s σ(a x + b), the top weight s, and a straight walk between two (a, b)."""

    samples: Pairs = ((-1.5, 0.2), (-0.5, 1.4), (0.3, 0.3), (1.0, 1.0), (1.8, 2.4))
    sign: str = "+1"
    walk: Pairs = ((-0.2, 1.6), (2.4, -1.8))


def draw_landscape(state: Landscape) -> Picture:
    """The samples with the best gate, the risk over (a, b) with its cells, and the risk along the walk."""
    x, y = np.array(state.samples).T
    problem, sign = ERMProblem(x, y, 1), float(state.sign)
    best = min((s for s in subproblems(problem, cells(problem.x).patterns) if s.signs[0] == sign),
               key=lambda s: s.best.value)
    fig, (data, plane, along) = new_figure(1, 3, width=9.6, height=3.4)
    t = np.linspace(-2.2, 2.2, 200)
    data.plot(x, y, "o", color=INK, markersize=7)
    data.plot(t, sign * np.maximum(best.theta[0, 0] * t + best.theta[0, 1], 0), color=COLOURS[0])
    data.set(xlim=(-2.2, 2.2), ylim=(-3, 3), xlabel="x", title=f"best gate: risk {best.best.value:.4g}")
    draw_landscape_axes(plane, problem, sign, REACH)
    start, end = np.array(state.walk)
    plane.plot(*np.array(state.walk).T, color=COLOURS[1], linestyle=LINES[1], marker="s", markersize=6)
    inside = abs(best.theta).max() <= REACH
    if inside:
        plane.plot(*best.theta[0], "*", color=COLOURS[0], markersize=13)
    plane.set_title("risk, and the walls of the cells")
    crossed = walls_crossed(problem, start, end)
    s = np.linspace(0, 1, 301)
    heights = risks(problem, np.outer(1 - s, start) + np.outer(s, end), sign)
    along.plot(s, heights, color=COLOURS[1], linestyle=LINES[1])
    for wall in crossed:
        along.axvline(wall, color=INK, linestyle=":", linewidth=1)
    shape = "convex" if np.diff(heights, 2).min() >= -1e-12 * heights.max() else "not convex"
    along.set(xlabel="along the walk", ylim=(0, None), title=f"{len(crossed)} walls crossed: {shape}")
    return described(fig, f"Left, {len(x)} samples and the best gate with sign {state.sign}, "
                          f"risk {best.best.value:.4g}. Middle, level lines of the risk over slope and "
                          f"intercept, cut into sectors by {len(problem.distinct().points)} lines through the "
                          f"origin{', with the optimum marked' if inside else '; the optimum is outside'}. Right, the "
                          f"risk along a straight walk that crosses {len(crossed)} walls; it is {shape}.")


def explore_landscape():
    """Pull the two squares into one sector: the curve on the right becomes a parabola."""
    return explore(draw_landscape, Landscape(), sign=Choice(("+1", "-1"), "top weight s"),
                   samples=Points("samples", x=(-2, 2), y=(-3, 3), axes=0),
                   walk=Points("walk", x=(-REACH, REACH), y=(-REACH, REACH), axes=1))
