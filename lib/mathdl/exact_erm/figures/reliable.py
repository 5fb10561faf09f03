"""Figures on reliable learning: the best net with and without false positives, and the trade-off between the two."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, Picture, described, legend, new_figure
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.reliable import ReliableResult, reliable_erm, trade_off


def trade_off_figure(problem: ERMProblem) -> Picture:
    """Data on a line with the reliable net and the unreliable one, and the curve between them."""
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.3)
    zeros = int((problem.y == 0).sum())
    curve = trade_off(problem)
    draw_fits(left, problem, [reliable_erm(problem), reliable_erm(problem, allowed=zeros)])
    draw_curve(right, curve, 0)
    left.set_title("what the zeros cost")
    right.set_title(f"from {curve[0]:.3g} down to {curve[-1]:.3g}")
    return described(fig, trade_off_text(problem, curve))


def draw_fits(ax: Axes, problem: ERMProblem, results: list[ReliableResult]) -> None:
    """The nets over the data; labels 0 are crosses."""
    x, y = problem.x[:, 0], problem.y
    margin = 0.1 * (np.ptp(x) or 1)
    grid = np.linspace(x.min() - margin, x.max() + margin, 500)
    for result, colour, line in zip(results, COLOURS, ("-", "--"), strict=False):
        missed = int(result.false_positives.sum())
        label = f"{missed} false positive{'s' * (missed != 1)} allowed" if missed else "no false positive"
        ax.plot(grid, result.net(grid[:, None]).ravel(), color=colour, linestyle=line, label=label)
    ax.plot(x[y > 0], y[y > 0], "o", color=COLOURS[2])
    ax.plot(x[y == 0], y[y == 0], "X", color=COLOURS[5], markersize=8)
    ax.set(xlabel="x", ylabel="y", ylim=(-0.4, 1.5))
    ax.axhline(0, color=INK, linewidth=0.8)
    legend(ax, loc="upper left")


def draw_curve(ax: Axes, curve: NDArray[np.float64], allowed: int) -> None:
    """L_{>0} against the number of false positives allowed."""
    k = np.arange(len(curve))
    ax.step(k, curve, where="post", color=COLOURS[0])
    ax.plot(k, curve, "o", color=COLOURS[0])
    ax.plot(allowed, curve[allowed], "s", color=COLOURS[1], markersize=10, fillstyle="none")
    ax.set(xlabel="false positives allowed", ylabel="least loss on positive labels", xticks=k,
           ylim=(-0.05 * max(curve[0], 1e-9), 1.15 * max(curve[0], 1e-9)))


def trade_off_text(problem: ERMProblem, curve: NDArray[np.float64]) -> str:
    """The curve in words."""
    values = ", ".join(f"{v:.4g}" for v in curve)
    return (f"{problem.n_samples} samples on a line, {int((problem.y == 0).sum())} with label 0 as crosses, and nets "
            f"of width {problem.width}. The least loss on the positive labels with 0, 1, ... false positives allowed: "
            f"{values}.")
