"""Figures on zonotopes: the zonogon and its fan, the cells of a zonotope function, Figure 2.2, the race of families."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Wedge

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.function_spaces.complexity import comp_table
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.function_spaces.zonotope_function import ZonotopeFunction

WHEEL = np.array([to_rgb(COLOURS[i]) for i in (0, 4, 2, 1, 5, 3)])  # a circle of colours: blue faces orange
BEYOND = 1.3  # cells are drawn up to γ = 1.3 times the last breakpoint
HALF = Fraction(1, 2)
L1 = ((0, 1), (1, 0))
FOUR = ((Fraction(1, 4), HALF), (-HALF, 0), (0, Fraction(-1, 4)), (Fraction(-1, 4), Fraction(-1, 4)))


def figure_2_2() -> Picture:
    """Mukherjee 2020, Figure 2.2, from the exact facets of the three graphs."""
    functions = [ZonotopeFunction(1, [[HALF]] * k, B) for B, k in ((L1, 2), (FOUR, 2), (FOUR, 3))]
    fig, axes = new_figure(1, 3, width=9, height=3.4, subplot_kw={"projection": "3d"})
    counts = [f.pieces_by_cones() for f in functions]
    for ax, f, count in zip(axes, functions, counts, strict=True):
        draw_graph(ax, f)
        ax.set_title(f"{count} pieces: m = {len(f.generators)}, k = {len(f.breakpoints)}")
    return described(fig, f"Three graphs over the plane made of flat facets, H with two or three layers applied to the "
                          f"support function of two or four generators. They have {counts[0]}, {counts[1]} and "
                          f"{counts[2]} pieces: rings of ridges around the origin, and a flat plain outside.")


def zonogon_figure(generators: Sequence[Sequence[float]]) -> Picture:
    """The zonogon of plane generators beside the fan of its normal cones."""
    Z = Zonotope(generators)
    fig, (left, right) = new_figure(1, 2, width=7, height=3.4)
    V = draw_zonogon(left, Z)
    draw_fan(right, Z)
    left.set_title(f"Z has {V} vertices …")
    right.set_title(f"… and γ has {V} linear pieces")
    return described(fig, f"Left, the zonogon of {Z.n_generators} generators, a centrally symmetric polygon with {V} "
                          f"vertices. Right, {V} normal cones around the origin, on each of which the support function "
                          "is linear.")


def line_figure(function: ZonotopeFunction) -> Picture:
    """The function along a line that passes close to the origin, in full, and where the support function bends."""
    point, direction = function.central_line()
    f = function.line_restriction(point, direction)
    t, B = np.array(f.breaks, dtype=float), function.zonotope.generators
    bends = (-(B @ point) / (B @ direction)).astype(float)
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3)
    for ax, marks in ((left, t), (right, bends)):
        margin = 0.15 * np.ptp(marks)
        low, high = marks.min() - margin, marks.max() + margin
        x = np.array([low, *t[(low < t) & (t < high)], high])
        ax.plot(x, f.rounded()(x), color=COLOURS[0])
        ax.plot(marks, f.rounded()(marks), "o", color=COLOURS[1], markersize=5)
        ax.set_xlabel("t")
    left.set_title(f"f on a line: {f.n_pieces} pieces")
    right.set_title(f"the middle: {len(bends)} bends of γ")
    return described(fig, f"The graph of f along a line, {f.n_pieces} pieces with a mark at each of the {len(t)} "
                          f"breakpoints; right, its middle part with a mark where each of {len(bends)} generators "
                          "bends the support function.")


def race_figure(cases: Sequence[tuple[int, int]] = ((10, 10), (2, 8)), deepest: int = 8) -> Picture:
    """Pieces against the number of hidden layers for four families, one panel for each (dimension, width)."""
    fig, axes = new_figure(1, len(cases), width=7.5, height=3.4, squeeze=False)
    layers = range(2, deepest + 1)
    said = []
    for ax, (n, w) in zip(axes[0], cases, strict=True):
        rows = [(comp_table(n, k, w, "2m"), comp_table(n, k, w, "m+2")) for k in layers]
        curves = {"zonotope, 2m gates": [a.zonotope for a, _ in rows],
                  "zonotope, m+2 gates": [b.zonotope for _, b in rows],
                  "one direction": [a.ridge for a, _ in rows], "Montúfar et al.": [a.montufar for a, _ in rows]}
        for (name, y), colour, line in zip(curves.items(), COLOURS, LINES, strict=False):
            ax.semilogy(layers, y, color=colour, linestyle=line, label=name)
        ax.set(title=f"n = {n}, width {w}", xlabel="hidden layers")
        said.append(f"n = {n}, width {w}, {deepest} hidden layers: " +
                    ", ".join(f"{name} {y[-1]}" for name, y in curves.items()))
    axes[0, 0].set_ylabel("pieces")
    legend(axes[0, 0])
    return described(fig, "Pieces reached by four families, logarithmic, against depth. " + "; ".join(said) + ".")


def draw_zonogon(ax, Z: Zonotope) -> int:
    """The zonogon with its generators as arrows; returns the number of vertices."""
    corners = Z.vertices().points.astype(float)
    ax.fill(*corners.T, facecolor=COLOURS[0] + "30", edgecolor=COLOURS[0])
    ax.plot(*corners.T, "o", color=COLOURS[0], markersize=5)
    for x, y in Z.generators[Z.generators.any(axis=1)].astype(float):  # an arrow without length has no direction
        ax.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "->", "color": COLOURS[1], "linewidth": 2})
    _square(ax, 1.1 * max(1, abs(corners).max()))
    return len(corners)


def draw_fan(ax, Z: Zonotope) -> None:
    """The normal cones of a zonogon as sectors of a disc, coloured by their vertex, between dashed rays."""
    vertices = Z.vertices()
    angles = np.degrees(np.arctan2(*vertices.rays.astype(float).T[::-1]))
    colours = gradient_colours(vertices.points.astype(float))
    for start, end, colour in zip(angles, np.roll(angles, -1), colours, strict=True):
        ax.add_patch(Wedge((0, 0), 1, start, end, facecolor=colour, edgecolor=INK, linestyle="--", linewidth=1))
    _square(ax, 1.1)


def draw_cells(ax, function: ZonotopeFunction) -> PolyCollection:
    """The map of the cells (normal cone, slab), coloured by the direction of the gradient; grey where it is 0."""
    polygons, _, gradients = cells(function)
    width = np.where(gradients.any(axis=1), min(0.5, 60 / len(polygons)), 0)  # the flat zone is one piece
    drawn = PolyCollection(polygons, facecolors=gradient_colours(gradients), edgecolors=INK, linewidths=width)
    ax.add_collection(drawn)
    _square(ax, 1.02 * abs(polygons).max())
    return drawn


def draw_graph(ax, function: ZonotopeFunction) -> None:
    """The graph over the plane, one flat facet a cell; `ax` is three-dimensional."""
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    polygons, heights, gradients = cells(function)
    facets = np.concatenate([polygons, heights[:, :, None]], axis=2)
    ax.add_collection3d(Poly3DCollection(facets, facecolors=gradient_colours(gradients), edgecolors=INK, linewidths=.3))
    reach = abs(polygons).max()
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), zlim=(0, heights.max()), xticks=[-1, 0, 1], yticks=[-1, 0, 1],
           zticks=[0, 1])
    ax.view_init(elev=58, azim=-115)
    ax.set_box_aspect((1, 1, 0.45), zoom=1.15)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.pane.set_alpha(0)


def cells(function: ZonotopeFunction) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners (F, 4, 2), values of f there (F, 4) and gradients (F, 2) of the cells up to γ = 1.3 times the last turn.

    Raises ValueError outside the plane and when all generators are parallel (the cells are strips without end).
    """
    vertices = function.zonotope.vertices()
    if len(vertices) == 2:
        raise ValueError("all generators are parallel: the cells are strips without end")
    H = function.hard.pwl.rounded()
    turns = H.breaks[H.breaks > 0]
    levels = np.array([0, *turns, BEYOND * turns[-1]])
    rays = vertices.rays.astype(float)
    rays /= function.zonotope.rounded().support(rays)[:, None]  # now γ = 1 on every ray
    low, high = levels[:-1], levels[1:]
    one, two = rays[:, None, :], np.roll(rays, -1, axis=0)[:, None, :]
    corners = np.stack([low[:, None] * one, low[:, None] * two, high[:, None] * two, high[:, None] * one], axis=2)
    values = np.broadcast_to(H(np.stack([low, low, high, high], axis=1)), corners.shape[:3])
    gradients = H.slopes[-len(low):, None] * vertices.points.astype(float)[:, None, :]
    return corners.reshape(-1, 4, 2), values.reshape(-1, 4), gradients.reshape(-1, 2)


def gradient_colours(gradients: np.ndarray) -> np.ndarray:
    """Colours (F, 4) on a wheel by the direction of the gradients (F, 2); pale grey where the gradient is 0."""
    place = np.arctan2(gradients[:, 1], gradients[:, 0]) / (2 * np.pi) % 1 * len(WHEEL)
    circle = np.vstack([WHEEL, WHEEL[:1]])
    rgb = np.stack([np.interp(place, range(len(circle)), channel) for channel in circle.T], axis=1)
    flat = ~gradients.any(axis=1)
    rgb[flat] = to_rgb(INK)
    return np.column_stack([rgb, np.where(flat, 0.25, 0.85)])


def _square(ax, reach: float) -> None:
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.locator_params(nbins=4)
