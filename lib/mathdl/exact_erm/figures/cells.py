"""Figures on cells: all splits of a few points, the counts beside their bounds, the dual lines of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.cells import Cells, cells, cover_count

Array = NDArray[np.float64]
SQUARE = ((-1, -1), (1, -1), (1, 1), (-1, 1))
ON, OFF = COLOURS[0], COLOURS[1]


def splits_figure(points: Sequence[Sequence[float]] = SQUARE) -> Picture:
    """Every cell of a few points of the plane as a small picture, in the order in which a turning line meets them."""
    found = cells(points)
    order = sweep_order(found)
    columns = min(7, len(order))
    rows = -(-len(order) // columns)
    fig, axes = new_figure(rows, columns, width=7.5, height=1.15 * rows + 0.35, squeeze=False)
    reach = 1.5 * abs(found.x).max()
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, i in zip(axes.flat, order, strict=False):
        draw_split(ax, found.x, found.witnesses[i], found.patterns[i], reach)
    fig.suptitle(f"{found.n_cells} of the {2 ** len(found.x)} labellings of {len(found.x)} points are cells", color=INK,
                 fontsize=11)
    return described(fig, f"{found.n_cells} small pictures of the same {len(found.x)} points. In each a straight line "
                          "separates filled blue dots, where the gate is active, from orange squares, where it is not; "
                          "in the first two the line has left all points on one side.")


def count_figure(dimensions: Sequence[int] = (2, 3), largest: int = 20) -> Picture:
    """The number of cells in general position, the printed count, D^n and 2^D, against D on a logarithmic scale."""
    fig, axes = new_figure(1, len(dimensions), width=7.5, height=3.3, squeeze=False)
    said = []
    for ax, n in zip(axes[0], dimensions, strict=True):
        D = range(n + 1, largest + 1)
        curves = {"cells": [cover_count(d, n) for d in D], "2 C(D, n), printed": [2 * comb(d, n) for d in D],
                  "Dⁿ": [d ** n for d in D], "2^D, all labellings": [2 ** d for d in D]}
        for (name, y), colour, line in zip(curves.items(), COLOURS, LINES, strict=False):
            ax.semilogy(D, y, color=colour, linestyle=line, label=name)
        missing = [a - b for a, b in zip(curves["cells"], curves["2 C(D, n), printed"], strict=True)]
        short = f"{missing[0]}" if len(set(missing)) == 1 else f"{missing[0]} to {missing[-1]}"
        ax.set_title(f"n = {n}: printed is {short} too low")
        ax.set(xlabel="samples D", ylim=(1, 3 * max(curves["Dⁿ"])))
        said.append(f"n = {n}, {largest} samples: " + ", ".join(f"{name} {y[-1]}" for name, y in curves.items()))
    legend(axes[0, 0], loc="lower right")
    return described(fig, "Four curves against the number of samples, logarithmic. " + "; ".join(said) + ". The curve "
                          "of all labellings leaves the picture; the others stay together.")


def sweep_order(found: Cells) -> NDArray[np.intp]:
    """The cells of points of the plane by the angle of a normal of their line; none and all come first."""
    sizes = found.patterns.sum(axis=1)
    trivial = (sizes == 0) | (sizes == len(found.x))
    angle = np.arctan2(found.witnesses[:, 1], found.witnesses[:, 0])
    return np.lexsort((sizes, angle, ~trivial))


def draw_split(ax, x: ArrayLike, theta: Array, pattern: NDArray[np.bool_], reach: float) -> None:
    """The points (D, 2), the half-plane where a . x + b > 0 and the line that bounds it, in a square."""
    x = np.asarray(x, dtype=float)
    corner = reach * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
    half = clip(corner, theta)
    if len(half):
        ax.fill(*half.T, facecolor=ON + "20", edgecolor="none")
    line = clip(clip(corner, theta), -np.asarray(theta))
    if len(line):
        ax.plot(*line.T, color=INK, linewidth=1.5)
    ax.plot(*x[pattern].T, "o", color=ON, markersize=6)
    ax.plot(*x[~pattern].T, "s", color=OFF, markersize=6, fillstyle="none", markeredgewidth=1.5)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")


def clip(polygon: Array, theta: ArrayLike) -> Array:
    """The part of a convex polygon (k, 2) where a . x + b >= 0, as a polygon again."""
    theta = np.asarray(theta, dtype=float)
    if not len(polygon):
        return polygon
    values = polygon @ theta[:2] + theta[2]
    values[abs(values) <= 1e-12 * (abs(polygon) @ abs(theta[:2]) + abs(theta[2]))] = 0  # on the line, rounded
    after = np.roll(polygon, -1, axis=0)
    kept = []
    for p, q, u, v in zip(polygon, after, values, np.roll(values, -1), strict=True):
        if u >= 0:
            kept.append(p)
        if u * v < 0:
            kept.append(p + u / (u - v) * (q - p))
    return np.array(kept).reshape(-1, 2)
