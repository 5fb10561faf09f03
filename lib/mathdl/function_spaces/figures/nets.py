"""Pictures of what a net is: gates and their sum, and the wiring."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.collections import LineCollection

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure


def gates_and_sum(kinks: Sequence[tuple[float, float]], x: np.ndarray, gates: np.ndarray, total: np.ndarray,
                  bends: Sequence[float]) -> Picture:
    """Left the kinks (place, change of slope) as stems, right the gates (m, N), their sum (N,) and where it bends."""
    figure, (left, right) = new_figure(1, 2, width=8.5, height=3.4)
    for (a, c), colour in zip(kinks, COLOURS * len(kinks), strict=False):
        left.plot([a, a], [0, c], color=colour)
        left.plot([a], [c], "o", color=colour, markersize=9)
    left.axhline(0, color=INK, linewidth=0.8)
    left.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="place of the kink", ylabel="change of slope",
             title="one dot, one gate")
    for y, colour, line in zip(gates, COLOURS * len(gates), LINES[1:] * len(gates), strict=False):
        right.plot(x, y, color=colour, linestyle=line, linewidth=1.3)
    right.plot(x, total, color=COLOURS[5], linewidth=2.6, label="sum of the gates")
    right.plot(bends, np.interp(bends, x, total), "D", color=COLOURS[5], markersize=6, label="it bends")
    right.set(xlim=(-3, 3), ylim=(-6, 6), xlabel="x", title=f"{len(gates)} gates, kinks: {len(bends)}")
    legend(right, loc="upper left")
    where = ", ".join(f"{t:.2f}" for t in bends) or "nowhere"
    return described(figure, f"The sum of {len(gates)} gates is a broken line. Kinks: {len(bends)}, at {where}.")


def wiring(widths: Sequence[int], title: str, words: str) -> Picture:
    """The net as a graph: `widths` nodes in each column, squares outside and circles for gates, all wires drawn."""
    figure, ax = new_figure(width=7.5, height=3.4)
    columns = [np.column_stack([np.full(w, i), np.arange(w) - (w - 1) / 2]) for i, w in enumerate(widths)]
    wires = [(p, q) for left, right in pairwise(columns) for p in left for q in right]
    ax.add_collection(LineCollection(wires, colors=INK, linewidths=0.5, alpha=0.7))
    for i, nodes in enumerate(columns):
        outside = i in (0, len(columns) - 1)
        ax.plot(*nodes.T, "s" if outside else "o", color=COLOURS[0] if outside else COLOURS[5], markersize=9)
    names = ["input", *(f"layer {i}" for i in range(1, len(widths) - 1)), "output"]
    ax.set(xticks=range(len(widths)), xticklabels=[f"{n}\n{w}" for n, w in zip(names, widths, strict=True)], yticks=[],
           title=title)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.margins(0.08, 0.12)
    return described(figure, words)
