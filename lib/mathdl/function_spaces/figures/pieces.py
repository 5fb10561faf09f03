"""Pictures of regions and pieces: any net with one or two inputs, counts under their bounds, and sets of agreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.ticker import LogLocator

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.regions import Regions, linear_regions
from mathdl.nets.relu_net import ReLUNet

if TYPE_CHECKING:
    import torch

MAP = "viridis"  # perceptually uniform
MARKS = ("o", "^")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def region_figure(net: ReLUNet | torch.nn.Sequential, box: Sequence = (-1, 1), *, points: np.ndarray | None = None,
                  labels: np.ndarray | None = None, names: Sequence[str] = (), axes: Sequence[str] = ("x1", "x2"),
                  limit: int = 100_000) -> Picture:
    """The linear regions of a net with one or two inputs and one output in a box, coloured by the slope of the net.

    `net` is a ReLUNet or a torch.nn.Sequential of Linear and ReLU in turn. With `points` (n_samples, 2) and `labels`
    (n_samples,), +1 or -1 for the two `names`, the samples are drawn, too, and the line where the net is 0. Raises
    ValueError for other numbers of inputs or outputs, and beyond `limit` regions.
    """
    net = net if isinstance(net, ReLUNet) else ReLUNet.from_torch(net)
    if net.n_inputs == 1:
        return line_figure(net, box, limit)
    regions = linear_regions(net, box, limit=limit)
    figure, ax = new_figure(width=5.6, height=4.6)
    drawn = draw_regions(ax, regions)
    slope_bar(figure, ax, drawn, "slope |∇f|")
    counts = f"{regions.n_regions} regions, {regions.pieces()} pieces"
    ax.set(title=counts, xlabel=axes[0], ylabel=axes[1])
    said = f"A map of the plane in {counts}, coloured by the slope of the net"
    if points is not None:
        draw_samples(ax, points, labels, names)
        crossed = draw_zero_line(ax, regions)
        ax.set_title(f"{counts}; on the white line the net is 0")
        figure.legend(loc="outside lower center", ncols=2, frameon=False, labelcolor=INK)
        said += f", with {len(points)} samples and the line where the net is 0, which crosses {crossed} regions"
    return described(figure, said + ".")


def slope_bar(figure: Picture, ax, drawn, label: str) -> None:
    """The scale of the colours, in the book's ink."""
    bar = figure.colorbar(drawn, ax=ax)
    bar.ax.locator_params(nbins=4)
    bar.set_label(label, color=INK)
    bar.ax.tick_params(colors=INK)
    bar.outline.set_visible(False)


def line_figure(net: ReLUNet, box: Sequence, limit: int) -> Picture:
    """The graph of a net with one input, each piece coloured by its slope, with a dot at each kink."""
    f = PWL1D.from_net(net, limit=limit).rounded()
    low, high = (float(v) for v in box)
    kinks = f.breaks[(low < f.breaks) & (f.breaks < high)]
    x = np.concatenate([[low], kinks, [high]])
    y = f(x)
    figure, ax = new_figure(width=7, height=3.6)
    slopes = np.abs(np.diff(y) / np.diff(x))
    drawn = ax.add_collection(LineCollection(np.stack([np.column_stack([x[:-1], y[:-1]]),
                                                       np.column_stack([x[1:], y[1:]])], axis=1),
                                             array=slopes, cmap=MAP, linewidths=2.5))
    slope_bar(figure, ax, drawn, "slope |f'|")
    ax.plot(kinks, f(kinks), "o", color=COLOURS[5], markersize=4)
    ax.set(xlim=(low, high), xlabel="x", title=f"{f.n_pieces} pieces, {len(kinks)} kinks in view")
    ax.margins(y=0.08)
    ax.autoscale_view(scalex=False)
    return described(figure, f"Graph of a net with {f.n_pieces} pieces on the line; {len(kinks)} of its kinks lie "
                             f"between {low:g} and {high:g}, where the steepest piece has slope {slopes.max():.3g}.")


def draw_regions(ax, regions: Regions) -> PolyCollection:
    """The regions filled by the slope of the net, with thin edges that fade as there are more of them."""
    slope = np.linalg.norm(regions.gradients, axis=1)
    width = min(0.8, 12 / regions.n_regions**0.5)
    drawn = PolyCollection(regions.polygons, array=slope, cmap=MAP, edgecolors=INK, linewidths=width)
    ax.add_collection(drawn)
    (x0, x1), (y0, y1) = regions.box
    ax.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal")
    ax.locator_params(nbins=4)  # tick labels cost most of the time of a drawing
    return drawn


def draw_samples(ax, points: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> None:
    """Two classes of samples, told apart by colour and by shape."""
    for sign, name, colour, mark in zip((1, -1), names, (COLOURS[5], COLOURS[1]), MARKS, strict=True):
        ax.plot(*points[labels == sign].T, mark, color=colour, markersize=4, markeredgecolor="#ffffff80", label=name)


def draw_zero_line(ax, regions: Regions) -> int:
    """The line where the net is 0, a straight stretch in each region that it crosses; returns how many."""
    stretches = []
    for polygon, gradient, offset in zip(regions.polygons, regions.gradients, regions.offsets, strict=True):
        values = polygon @ gradient + offset
        after = np.roll(values, -1)
        ends = np.flatnonzero(values * after < 0)
        if len(ends) == 2:
            t = (values[ends] / (values[ends] - after[ends]))[:, None]
            stretches.append(polygon[ends] + t * (np.roll(polygon, -1, axis=0)[ends] - polygon[ends]))
    ax.add_collection(LineCollection(stretches, colors="#ffffff", linewidths=2.2))
    return len(stretches)


def regions_and_bound(regions: Regions, counts: Sequence[int], pieces: int, bounds: Sequence[int],
                      name: str) -> Picture:
    """Left the regions of a net, right how many there are after each layer, under the bound."""
    figure, (left, right) = new_figure(1, 2, width=8.2, height=3.9, width_ratios=(3, 2))
    draw_regions(left, regions)
    found = f"{counts[-1]} regions, {pieces} pieces"
    left.set(title=f"{name}: {found}", xlabel="coloured by the slope |∇f|")
    layers = np.arange(1, len(counts) + 1)
    right.bar(layers, counts, color=COLOURS[0], width=0.5, label="regions in the box")
    right.plot(layers, bounds, linestyle=LINES[1], marker="s", color=COLOURS[5], label="∏ (1 + w + w(w − 1)/2)")
    right.set(yscale="log", xticks=layers, xlabel="after hidden layer", ylim=(0.8, 30 * max(bounds)),
              title=f"{counts[-1]} ≤ {_short(bounds[-1])}")
    right.minorticks_off()
    right.yaxis.set_major_locator(LogLocator(numticks=4))
    right.yaxis.set_major_formatter(lambda v, _: _power(round(np.log10(v))))
    legend(right, loc="upper left")
    steps = ", ".join(map(str, counts))
    return described(figure, f"A map of {found} of a random net, coloured by its slope. After each hidden layer there "
                             f"are {steps} regions; the bound is {_short(bounds[-1])}.")


def pieces_figure(regions: Regions, names: Sequence[str] = ("open", "closed")) -> Picture:
    """The pieces of a net in both modes, each with its number and colour; equal numbers are one piece."""
    figure, axes = new_figure(1, 2, width=7.2, height=3.5)
    for ax, mode in zip(axes, names, strict=True):
        labels = regions.labels(mode)
        ax.add_collection(PolyCollection(regions.polygons, facecolors=[COLOURS[i % 6] + "30" for i in labels],
                                         edgecolors=INK, linewidths=1))
        for polygon, label in zip(regions.polygons, labels, strict=True):
            ax.text(*polygon.mean(axis=0), str(label + 1), color=COLOURS[label % 6], fontsize=13, ha="center",
                    va="center")
        (x0, x1), (y0, y1) = regions.box
        ax.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", title=f"{mode}: {regions.pieces(mode)} pieces")
    return described(figure, f"The same {regions.n_regions} regions twice. Numbered by pieces glued along edges there "
                             f"are {regions.pieces('open')} pieces; glued at points, too, {regions.pieces('closed')}.")


def vees_figure(shifts: Sequence[float], pieces: int, half_width: float = 3.0) -> Picture:
    """The sets {|x1| = x2 + c} in the plane, where |x1| agrees with the affine function x2 + c."""
    figure, ax = new_figure(width=5.2, height=4)
    R = half_width
    for k, (corners, sign) in enumerate((([(0, -R), (R, -R), (R, R), (0, R)], "x1"),
                                         ([(0, -R), (-R, -R), (-R, R), (0, R)], "−x1"))):
        ax.add_collection(PolyCollection([corners], facecolors=COLOURS[k] + "28", edgecolors="none"))
        ax.text((0.7 - 1.4 * k) * R, -0.9 * R, f"f = {sign}", color=COLOURS[k], ha="center")
    x = np.array([-2 * R, 0, 2 * R])
    for i, c in enumerate(shifts):
        ax.plot(x, abs(x) - c, linestyle=LINES[i % 4], color=COLOURS[2 + i % 4], linewidth=1.6)
    ax.set(xlim=(-R, R), ylim=(-R, R), aspect="equal", xlabel="x1", ylabel="x2",
           title=f"{len(shifts)} maximal connected sets beside {pieces} pieces")
    return described(figure, f"The plane in two halves, where |x1| is x1 and −x1, and {len(shifts)} sets in the shape "
                             f"of a V: on that with corner (0, {-shifts[0]:.3g}) it is x2 + ({shifts[0]:.3g}).")


def _short(n: int) -> str:
    mantissa, _, exponent = f"{n:.1e}".partition("e")
    return str(n) if n < 10**6 else f"{mantissa}·{_power(int(exponent))}"


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(RAISED)
