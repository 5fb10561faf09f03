"""Figures on the problem: the risk of one gate over its two weights, and a loss with its arguments exchanged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.losses import quantile
from mathdl.exact_erm.problem import ERMProblem

Array = NDArray[np.float64]
GRID = 81
SPREAD = tuple((t, (1 + t) * c) for t in (0.0, 1.0, 2.0) for c in (1, 2, 3, 4, 5, 10))


def risks(problem: ERMProblem, theta: Array, sign: float) -> Array:
    """The values (...) of the nets with one gate θ (..., n + 1) and top weight `sign`, all at once."""
    f = sign * np.maximum(theta @ problem.lifted.T, 0)
    return (problem.sample_weight * problem.loss.value(f, problem.y)).sum(axis=-1)


def exchanged_figure(q: float = 0.8, data: Sequence[tuple[float, float]] = SPREAD) -> Picture:
    """The best single gate for the quantile loss, with its arguments in order and exchanged."""
    x, y = np.array(data).T
    fig, ax = new_figure(width=6, height=3.4)
    ax.plot(x, y, "o", color=INK, markersize=5, label="samples")
    t = np.linspace(x.min() - 0.3, x.max() + 0.3, 120)
    shares = []
    for level, name, colour, line in ((q, "ℓ(f, y)", COLOURS[0], LINES[0]), (1 - q, "ℓ(y, f)", COLOURS[1], LINES[1])):
        net = erm_bruteforce(ERMProblem(x, y, 1, quantile(level))).net
        shares.append(int((y <= net(x[:, None])[:, 0] + 1e-9).sum()))
        ax.plot(t, net(t[:, None])[:, 0], color=colour, linestyle=line, label=f"{name}: {shares[-1]} samples not above")
    legend(ax, loc="upper left")
    ax.set(xlabel="x", ylabel="y", title=f"q = {q:g}: exchanged arguments aim at 1 − q")
    return described(fig, f"{len(x)} samples in columns and two gates fitted with the quantile loss for q = {q:g}. "
                          f"With the prediction first {shares[0]} of the samples are not above the curve, with the "
                          f"label first {shares[1]}.")


def draw_landscape_axes(ax, problem: ERMProblem, sign: float, reach: float) -> None:
    """Level lines of the risk over (slope, intercept), and a dashed wall θ · (x_j, 1) = 0 for each sample."""
    t = np.linspace(-reach, reach, GRID)
    a, b = np.meshgrid(t, t)
    values = risks(problem, np.stack([a, b], axis=-1), sign)
    low, high = float(values.min()), float(np.quantile(values, 0.9))
    levels = low + (high - low) * np.linspace(0.06, 1, 11) ** 2 if high > low else []
    if len(levels):
        ax.contour(a, b, values, levels=levels, colors=COLOURS[4], linewidths=1)
    for x_j in problem.distinct().points[:, 0]:
        ax.axline((0, 0), (1, -x_j), color=INK, linestyle="--", linewidth=0.8)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="slope a", ylabel="intercept b")


def walls_crossed(problem: ERMProblem, start: Array, end: Array) -> Array:
    """The places t in (0, 1), sorted, where the walk (1 - t) start + t end crosses the wall of some distinct point."""
    lifted = np.column_stack([problem.distinct().points, np.ones(len(problem.distinct().points))])
    u, v = lifted @ start, lifted @ end
    crosses = u * v < 0
    return np.sort(u[crosses] / (u[crosses] - v[crosses]))
