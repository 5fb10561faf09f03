"""Explorers on cells: a line that sweeps over points of the plane, and the dual picture where cells are polygons."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from mathdl.core.explore import Points, Slider, explore
from mathdl.core.figures import COLOURS, INK, Picture, described, new_figure
from mathdl.exact_erm.cells import cells, cover_count
from mathdl.exact_erm.figures.cells import OFF, ON, clip, draw_split, sweep_order
from mathdl.exact_erm.rays import extreme_rays

Plane = tuple[tuple[float, float], ...]
REACH = 2.4
SIX = ((-1.5, 0.8), (-0.9, -1.1), (0.2, 1.6), (0.4, -0.3), (1.2, 0.9), (1.6, -1.2))
FIVE = ((-1.2, 0.5), (-0.5, -0.7), (0.3, 0.8), (0.9, -0.4), (1.4, 0.9))


@dataclass(frozen=True)
class Sweep:
    """Points of the plane and the number of the cell that is shown."""

    points: Plane = SIX
    cell: int = 12


def draw_sweep(state: Sweep) -> Picture:
    """One cell as a split of the points, beside the list of all cells, with the count beside the formula."""
    found = cells(_typed(state.points))
    order, formula = sweep_order(found), cover_count(len(state.points), 2)
    shown = min(state.cell, found.n_cells)
    i = order[shown - 1]
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.9, gridspec_kw={"width_ratios": (3, 2)})
    draw_split(left, found.x, found.witnesses[i], found.patterns[i], REACH)
    for j, (u, v) in enumerate(found.x):
        left.annotate(str(j + 1), (u, v), (5, 5), textcoords="offset points", color=INK, fontsize=9)
    left.set_title(f"cell {shown}: {found.patterns[i].sum()} samples active")
    list_panel(right, found.patterns[order], shown)
    full = found.n_cells == formula
    right.set_title(f"{found.n_cells} cells, formula {formula}", color=INK if full else COLOURS[5])
    why = "" if full else " " + _why(state.points)
    right.set_xlabel("sample" if full else f"sample\n{why.strip()}", color=INK if full else COLOURS[5])
    active = ", ".join(str(j + 1) for j in np.flatnonzero(found.patterns[i])) or "none"
    return described(fig, f"Left, {len(found.x)} points and a line. Active samples: {active}. Right, the list of all "
                          f"{found.n_cells} cells, one row each, row {shown} framed; points in general position have "
                          f"{formula}.{why}")


def explore_sweep():
    """Slide through the cells; drag three points onto one line, and count again."""
    return explore(draw_sweep, Sweep(), cell=Slider(1, cover_count(len(SIX), 2), "cell"),
                   points=Points("points", x=(-2, 2), y=(-2, 2)))


def list_panel(ax, patterns: NDArray[np.bool_], shown: int) -> None:
    """The patterns, one row a cell and one column a sample, active in blue; the row `shown` (from 1) is framed."""
    N, D = patterns.shape
    ax.imshow(patterns, cmap=ListedColormap([OFF + "28", ON + "C0"]), vmin=0, vmax=1, aspect="auto",
              extent=(0.5, D + 0.5, N + 0.5, 0.5), interpolation="nearest")
    ax.add_patch(_frame(0.5, shown - 0.5, D, 1))
    ax.set(xticks=range(1, D + 1), ylabel="cell", xlim=(0.4, D + 0.6), ylim=(N + 0.9, 0.1))


@dataclass(frozen=True)
class DualLines:
    """Points of the plane, and a line y = s x + t over them as the point (s, t) of the dual plane."""

    points: Plane = FIVE
    line: Plane = ((0.2, 0.1),)


def draw_dual_lines(state: DualLines) -> Picture:
    """Left the points and the line; right the line as a point among the dual lines, in the polygon of its cell."""
    exact, ((slope, intercept),) = _typed(state.points), _typed(state.line)
    rays = extreme_rays(exact)
    height = [v - slope * u - intercept for u, v in exact]
    x, pattern = rays.cells.x, np.array([h > 0 for h in height])
    s, t = float(slope), float(intercept)
    fig, (left, right) = new_figure(1, 2, width=7.5, height=4.1)
    draw_split(left, x, np.array([-s, 1.0, -t]), pattern, REACH)
    cell = int(np.flatnonzero((rays.cells.patterns == pattern).all(axis=1))[0])
    own = rays.directions[rays.of_cell(cell)]
    upward = own[own[:, 1] > 1e-9 * abs(own).max(axis=1)]
    corners = np.column_stack([-upward[:, 0], -upward[:, 2]]) / upward[:, 1:2]
    across = np.array([-1.0, 1.0]) * REACH
    for u, v in corners:
        left.plot(across, u * across + v, color=COLOURS[3], linestyle=":", linewidth=1.5)
    arrangement_panel(right, x, pattern)
    right.plot(*corners.T, "D", color=COLOURS[3], markersize=6)
    right.plot(s, t, "o", color=COLOURS[5], markersize=6)
    touching = height.count(0)
    left.set_title(f"{pattern.sum()} of {len(x)} samples above the line")
    far = len(own) - int((abs(corners) <= REACH).all(axis=1).sum())
    right.set_title("on a wall: the line meets a sample" if touching else
                    f"its cell has {len(own)} rays" + (f", {far} outside" if far else ""))
    return described(fig, f"Left, {len(x)} points, {pattern.sum()} of them above the line y = {s:g} x + {t:g}, and "
                          f"{len(corners)} dotted lines through two points, the corners of its cell. Right, the dual "
                          f"lines in the plane of slope and intercept; the cell of the line is a shaded polygon. Of "
                          f"its {len(own)} rays {far} are outside the picture, the others are marked corners.")


def explore_dual_lines():
    """Drag the points on the left or the line, a point on the right, from polygon to polygon."""
    return explore(draw_dual_lines, DualLines(), points=Points("points", x=(-2, 2), y=(-2, 2)),
                   line=Points("line (slope, intercept)", x=(-2, 2), y=(-2, 2), axes=1))


def arrangement_panel(ax, x: NDArray[np.float64], pattern: NDArray[np.bool_]) -> None:
    """The line t = y - s x of every point (x, y) in the (s, t) plane, and the polygon of one pattern in the frame."""
    slopes = np.array([-REACH, REACH])
    cell = REACH * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
    for (u, v), on in zip(x, pattern, strict=True):
        ax.plot(slopes, v - u * slopes, color=ON if on else OFF, linestyle="-" if on else "--", linewidth=1.2)
        cell = clip(cell, (1 if on else -1) * np.array([-u, -1.0, v]))
    if len(cell):
        ax.fill(*cell.T, facecolor=COLOURS[3] + "50", edgecolor="none")
    ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", xlabel="slope s", ylabel="intercept t")


def _typed(points: Plane) -> list[list[Fraction]]:
    """The points as typed: 0.3 is 3/10."""
    return [[Fraction(v).limit_denominator(1000) for v in p] for p in points]


def _why(points: Plane) -> str:
    """What keeps the points from general position."""
    exact = _typed(points)
    if len({tuple(p) for p in exact}) < len(exact):
        return "Two points coincide."
    for (i, p), (j, q), (k, r) in combinations(enumerate(exact, start=1), 3):
        if (q[0] - p[0]) * (r[1] - p[1]) == (q[1] - p[1]) * (r[0] - p[0]):
            return f"Samples {i}, {j}, {k} are on one line."
    return ""


def _frame(x: float, y: float, width: float, height: float):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, fill=False, edgecolor=COLOURS[5], linewidth=2)
