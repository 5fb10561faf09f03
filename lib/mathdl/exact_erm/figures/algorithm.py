"""Figures on Algorithm 1: the cone of one cell, the course of the algorithm, what its printed objective finds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.algorithm1 import Subproblem, erm_bruteforce
from mathdl.exact_erm.cell_cone import cone_edges
from mathdl.exact_erm.printed import printed_objective
from mathdl.exact_erm.problem import ERMProblem

Array = NDArray[np.float64]
GRID = 121
TENT = ((-1.6, 0.3), (-1.0, 1.2), (-0.3, 2.0), (0.4, 1.6), (1.1, 0.6), (1.7, 0.2))


def printed_figure(data: Sequence[tuple[float, float]] = TENT, width: int = 2) -> Picture:
    """The net that minimises the objective as printed, beside the best net."""
    x, y = np.array(data).T
    problem = ERMProblem(x, y, width)
    right, printed = erm_bruteforce(problem), printed_objective(problem)
    fig, ax = new_figure(width=6, height=3.2)
    ax.plot(x, y, "o", color=INK, markersize=6)
    t = np.linspace(x.min() - 0.4, x.max() + 0.4, 300)
    ax.plot(t, right.net(t[:, None])[:, 0], color=COLOURS[0], linestyle=LINES[0],
            label=f"best net, risk {right.value:.4g}")
    ax.plot(t, printed.net(t[:, None])[:, 0], color=COLOURS[1], linestyle=LINES[1],
            label=f"printed objective {printed.value:g}, risk {printed.true_value:.4g}")
    legend(ax)
    ax.set(xlabel="x", ylabel="y", ylim=(None, 1.5 * y.max()), title="The printed objective is content with nothing")
    return described(fig, f"{len(x)} samples on a tent. The best net of width {width} follows them with risk "
                          f"{right.value:.4g}; the net that minimises the printed objective is zero everywhere: its "
                          f"printed objective is {printed.value:g}, its risk {printed.true_value:.4g}.")


def draw_cell_axes(ax, M: Array, y: Array, G: Array, reach: float) -> None:
    """The cone G θ >= 0 shaded over (slope, intercept), with level lines of ‖M θ - y‖² over the whole plane."""
    t = np.linspace(-reach, reach, GRID)
    theta = np.stack(np.meshgrid(t, t), axis=-1)
    room, values = (theta @ G.T).min(axis=-1), ((theta @ M.T - y) ** 2).sum(axis=-1)
    edges = cone_edges(G)
    if len(edges) == 2:
        corners = 9 * reach * np.array([[0, 0], edges[0], edges.sum(axis=0), edges[1]]) / abs(edges).max()
        ax.fill(*corners.T, color=COLOURS[4], alpha=0.25, linewidth=0)
    elif room.max() > 0:  # one point: a half-plane
        ax.contourf(t, t, room, levels=[0, room.max() + 1], colors=[COLOURS[4]], alpha=0.25)
    low, high = float(values.min()), float(np.quantile(values, 0.9))
    if high > low:
        ax.contour(t, t, values, levels=low + (high - low) * np.linspace(0.08, 1, 8) ** 2, colors=INK, linewidths=0.7)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="slope a", ylabel="intercept b")


def draw_course(ax, iterates: Sequence[Subproblem], step: int) -> None:
    """Optimum of each cell up to `step` as dots, the best so far as a staircase, the rest pale."""
    values = np.array([s.best.value for s in iterates])
    n = np.arange(1, len(values) + 1)
    ax.plot(n, values, ".", color=INK, markersize=2, alpha=0.4)
    ax.plot(n[:step + 1], values[:step + 1], ".", color=COLOURS[1], markersize=4)
    ax.plot(n[:step + 1], np.minimum.accumulate(values)[:step + 1], color=COLOURS[0], drawstyle="steps-post")
    ax.plot(n[step], values[step], "s", color=COLOURS[1], markersize=7)
    ax.set(xlim=(0, len(values) + 1), ylim=(0, 1.08 * max(values.max(), 1e-9)), xlabel="convex program number")
