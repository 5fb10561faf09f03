"""Explorers of Algorithm 1: one cell with and without its constraints, and the algorithm step by step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mathdl.core.explore import Choice, Points, Slider, Toggle, explore
from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.algorithm1 import Subproblem, subproblems
from mathdl.exact_erm.cell_problem import cell_matrices, solve_cell
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.figures.algorithm import TENT, draw_cell_axes, draw_course
from mathdl.exact_erm.problem import ERMProblem

Pairs = tuple[tuple[float, float], ...]
REACH = 3.0
LEFT, RIGHT = -2.2, 2.2


@dataclass(frozen=True)
class Cell:
    """Samples (x, y), the number of a cell, the top weight, and whether its constraints are kept."""

    samples: Pairs = ((-1.5, 0.1), (-0.8, 0.3), (0.0, 2.0), (0.8, 1.2), (1.6, 0.3))
    cell: int = 4
    sign: str = "+1"
    constrained: bool = True


def draw_cell(state: Cell) -> Picture:
    """The gate of a cell among the samples, and the cone of the cell in the plane of slope and intercept."""
    x, y = np.array(state.samples).T
    problem, sign = ERMProblem(x, y, 1), int(state.sign)
    patterns = cells(problem.x).patterns
    k = min(state.cell, len(patterns)) - 1
    pattern = patterns[k]
    M, G = cell_matrices(problem.lifted, [pattern], [sign])
    inside, free = solve_cell(M, y, G), np.linalg.lstsq(M, y)[0]
    promised = float(((M @ free - y) ** 2).sum())
    delivered = problem.value(problem.net([free], [sign]))
    fig, (data, plane) = new_figure(1, 2, width=8, height=3.7)
    data.plot(x[pattern], y[pattern], "o", color=INK, markersize=8, label="active")
    data.plot(x[~pattern], y[~pattern], "o", color=INK, markerfacecolor="none", markersize=8, label="inactive")
    t = np.linspace(LEFT, RIGHT, 300)
    draw_cell_axes(plane, M, y, G, REACH)
    theta, colour, line, mark = (inside.theta, COLOURS[0], LINES[0], "*") if state.constrained else (
        free, COLOURS[1], LINES[1], "X")
    data.plot(t, sign * np.maximum(theta[0] * t + theta[1], 0), color=colour, linestyle=line)
    for point, look in ((free, ("X", COLOURS[1])), (inside.theta, ("*", COLOURS[0]))):
        if abs(point).max() <= REACH:
            plane.plot(*point, look[0], color=look[1], markersize=11)
    data.set(xlim=(LEFT, RIGHT), ylim=(-3, 3.4), xlabel="x",
             title=f"cell {k + 1} of {len(patterns)}, {'best' if state.constrained else 'unconstrained'} gate")
    legend(data, loc="lower right", ncols=2)
    text = (f"risk {inside.value:.4g}, walls touched: {len(inside.active_set)}" if state.constrained
            else f"promised {promised:.4g}, delivered {delivered:.4g}")
    plane.set_title(text, color=INK if state.constrained or delivered <= promised + 1e-9 else COLOURS[5])
    return described(fig, f"Left, {len(x)} samples, {int(pattern.sum())} of them active, and the gate marked with "
                          f"{'a star' if mark == '*' else 'a cross'} on the right. Right, the cone of cell {k + 1} and "
                          f"level lines of its quadratic: the optimum in the cone has risk {inside.value:.4g}; without "
                          f"constraints the quadratic promises {promised:.4g} and the net delivers {delivered:.4g}.")


@dataclass(frozen=True)
class Steps:
    """Samples (x, y), the width, and how far the algorithm has come, in per cent of its programs."""

    samples: Pairs = TENT
    width: int = 2
    done: int = 60


def draw_steps(state: Steps) -> Picture:
    """The net of the current cell and the best so far among the samples, and the values of all cells in their order."""
    x, y = np.array(state.samples).T
    problem, iterates = solved(state.samples, state.width)
    step = round(state.done / 100 * (len(iterates) - 1))
    best = min(range(step + 1), key=lambda i: iterates[i].best.value)
    fig, (data, course) = new_figure(1, 2, width=8, height=3.7)
    data.plot(x, y, "o", color=INK, markersize=7)
    t = np.linspace(LEFT, RIGHT, 300)[:, None]
    for i, name, colour, line in ((best, "best so far", COLOURS[0], LINES[0]), (step, "now", COLOURS[1], LINES[1])):
        s = iterates[i]
        data.plot(t, problem.net(s.theta, s.signs)(t)[:, 0], color=colour, linestyle=line, label=name)
    legend(data, loc="lower right", ncols=2)
    value = iterates[best].best.value
    last = step == len(iterates) - 1
    data.set(xlim=(LEFT, RIGHT), ylim=(-3, 3.4), xlabel="x")
    data.set_title(f"{'optimum' if last else 'best so far'} {value:.4g}")
    draw_course(course, iterates, step)
    course.set_title(f"program {step + 1} of {len(iterates)}")
    return described(fig, f"Left, {len(x)} samples, the net of the current cell and the best net so far, value "
                          f"{value:.4g}. Right, the optimal values of the {len(iterates)} cells in the order of the "
                          f"algorithm, at program {step + 1}, with the best so far as a falling staircase.")


@lru_cache(maxsize=8)
def solved(samples: Pairs, width: int) -> tuple[ERMProblem, tuple[Subproblem, ...]]:
    """The problem of these samples and all its subproblems, solved."""
    x, y = np.array(samples).T
    problem = ERMProblem(x, y, width)
    return problem, tuple(subproblems(problem, cells(problem.x).patterns))


def explore_cell():
    """Untick the box: the cross leaves the cone, and the value that it promises is no longer the value of its net."""
    return explore(draw_cell, Cell(), cell=Slider(1, 10, "cell"), sign=Choice(("+1", "-1"), "top weight s"),
                   constrained=Toggle("keep the constraints"), samples=Points("samples", x=(-2, 2), y=(-2.5, 3)))


def explore_steps():
    """Drag a sample, then let the algorithm run to its end."""
    return explore(draw_steps, Steps(), done=Slider(0, 100, "per cent done"), width=Choice((1, 2), "width w"),
                   samples=Points("samples", x=(-2, 2), y=(-2.5, 3)))
