"""Figures on extreme rays and on exact fits: hinges, the lines around a cell, best broken lines and creased planes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.rays import extreme_rays
from mathdl.exact_erm.result import ERMResult

Array = np.ndarray
HEAT = LinearSegmentedColormap.from_list("labels", [COLOURS[0], INK, COLOURS[1]])


def rays_figure(points: Sequence[Sequence[float]], pattern: Sequence[int]) -> Picture:
    """Left, on the line, a gate of a cell between two hinges; right, in the plane, the rays of the cell `pattern`."""
    fig, (left, right) = new_figure(1, 2, width=8, height=3.6)
    draw_hinges(left, (0.0, 1.0, 2.0, 3.0), 2)
    n = draw_cell_rays(right, np.array(points, dtype=float), np.array(pattern, dtype=bool))
    left.set_title("two rays make every gate of the cell")
    right.set_title(f"a cell of the plane with {n} rays")
    return described(fig, "Left, points on a line and two hinges, one bending at the last sample that is off, one at "
                          "the first that is on; a dashed gate between them is their sum with positive coefficients. "
                          f"Right, samples in the plane, filled where the gate is on, and the {n} lines through two "
                          "samples each that can still be reached without changing the pattern.")


def draw_hinges(ax: Any, x: Sequence[float], k: int) -> None:
    """The two hinges of the cell that is on from sample k on, and a gate that is a combination of them."""
    t = np.linspace(x[0] - 0.3, x[-1] + 0.3, 200)
    one, two = np.maximum(t - x[k - 1], 0), np.maximum(t - x[k], 0)
    gate = np.maximum(1.2 * t - 1.2 * (0.5 * x[k - 1] + 0.5 * x[k]), 0)
    for y, name, colour, line in ((one, "ray 1", 0, 0), (two, "ray 2", 2, 2), (gate, "a gate", 1, 1)):
        ax.plot(t, y, color=COLOURS[colour], linestyle=LINES[line], label=name)
    on = np.arange(len(x)) >= k
    ax.plot(np.array(x)[on], np.zeros(on.sum()), "o", color=INK, markersize=8)
    ax.plot(np.array(x)[~on], np.zeros((~on).sum()), "o", color=INK, markersize=8, fillstyle="none")
    ax.set(xlabel="x", ylabel="what the gate adds")
    legend(ax)


def draw_cell_rays(ax: Any, points: Array, pattern: Array) -> int:
    """The points, filled where the pattern is on, and the lines of the extreme rays; returns how many there are."""
    rays = extreme_rays(points)
    i = int(np.flatnonzero((rays.cells.patterns == pattern).all(axis=1))[0])
    low, high = (np.array([side, side]) * max(2.6, abs(points).max() + 0.1) for side in (-1.0, 1.0))
    for colour, r in enumerate(rays.of_cell(i)):
        draw_line(ax, rays.directions[r], low, high, COLOURS[colour % 6], LINES[colour % 6])
    ax.plot(*points[pattern].T, "o", color=INK, markersize=8)
    ax.plot(*points[~pattern].T, "o", color=INK, markersize=8, fillstyle="none")
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="$x_1$", ylabel="$x_2$")
    return len(rays.of_cell(i))


def draw_line(ax: Any, theta: Array, low: Array, high: Array, colour: str, style: Any) -> None:
    """The part of the line a . x + b = 0 in a box, if there is one."""
    ends = box_ends(theta, low, high)
    if len(ends) == 2:
        ax.plot(*np.array(ends).T, color=colour, linestyle=style)


def box_ends(theta: Array, low: Array, high: Array) -> list[Array]:
    """Where the line a . x + b = 0 meets the sides of the box: two points, or none."""
    c, ends = theta[2], []
    for axis, other in ((0, 1), (1, 0)):
        if theta[other] == 0:
            continue
        for side in (low[axis], high[axis]):
            value = -(theta[axis] * side + c) / theta[other]
            if low[other] <= value <= high[other]:
                ends.append(np.array([side, value] if axis == 0 else [value, side]))
    far = sorted(ends, key=lambda p: (p[0], p[1]))
    return [far[0], far[-1]] if len(far) >= 2 and (far[0] != far[-1]).any() else []


def draw_best_line(ax: Any, result: ERMResult, low: float, high: float) -> Array:
    """The data, the best net on the line and its kinks inside the window; returns the kinks."""
    problem = result.problem
    bends = [-b / a for a, b in result.theta if a]
    kinks = np.array(sorted({k for k in bends if low < k < high}))
    t = np.array([low, *kinks, high])
    ax.plot(t, result.net(t[:, None])[:, 0], color=COLOURS[0], label="global optimum")
    ax.plot(problem.x[:, 0], problem.y, "o", color=INK, markersize=6)
    if len(kinks):
        ax.plot(kinks, result.net(kinks[:, None])[:, 0], "D", color=COLOURS[1], markersize=6, label="kink")
    ax.set(xlim=(low, high), xlabel="x", ylabel="y")
    return kinks


def draw_crease(top: Any, side: Any, result: ERMResult) -> None:
    """The plane from above with labels as colours and the crease; beside it the heights across the crease."""
    problem = result.problem
    x, y, theta = problem.x, problem.y, result.theta[0]
    on = theta[:2] @ x.T + theta[2] > 0
    reach = abs(y).max() or 1.0
    for chosen, marker in ((on, "o"), (~on, "s")):
        top.scatter(*x[chosen].T, c=y[chosen], cmap=HEAT, vmin=-reach, vmax=reach, marker=marker, s=55)
    low, high = x.min(axis=0) - 0.3, x.max(axis=0) + 0.3
    draw_line(top, theta, low, high, COLOURS[2], LINES[1])
    top.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="$x_1$", ylabel="$x_2$")
    steep = np.linalg.norm(theta[:2]) or 1.0
    across = (x @ theta[:2] + theta[2]) / steep
    t = np.array([min(across.min(), -0.2), 0, max(across.max(), 0.2)])
    side.plot(t, result.signs[0] * steep * np.maximum(t, 0) + result.bias, color=COLOURS[2], linestyle=LINES[1])
    side.plot(across[on], y[on], "o", color=INK, markersize=6)
    side.plot(across[~on], y[~on], "s", color=INK, markersize=6, fillstyle="none")
    side.set(xlabel="distance from the crease", ylabel="label")

