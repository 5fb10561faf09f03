"""Figures on one-dimensional inputs: widths and subset sums, fits with pieces beside nets, inequalities, counts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.pwl_cells import breakpoint_cells, cell_count, distinct_cells
from mathdl.exact_erm.pwl_class import LineClass, line_class
from mathdl.exact_erm.pwl_fit import PWLFit, pwl_fit_1d
from mathdl.exact_erm.result import ERMResult
from mathdl.nets.pwl1d import PWL1D

Array = NDArray[np.float64]
WAYS = ("pieces", "net", "biased net")


def class_figure(f: PWL1D, *, view: tuple[float, float] = (-5.0, 5.0), handles: Sequence | None = None) -> Picture:
    """A function with the gates of a smallest net, beside the sums of its jumps of slope and the one that is needed."""
    with_bias, without = line_class(f, True), line_class(f, False)
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.6)
    _draw_gates(left, with_bias, view)
    if handles:
        left.plot(*zip(*handles, strict=True), "o", color=COLOURS[0], markersize=8)
    _draw_sums(right, with_bias)
    pieces = f"{f.n_pieces} piece" + "s" * (f.n_pieces > 1)
    left.set(xlim=view, ylim=view, title=f"{pieces}: width {with_bias.width} with bias, {without.width} without")
    right.set(xlabel="sums of jumps of slope", title=with_bias.certificate)
    return described(fig, f"A function with {pieces}, breakpoints at {_listed(f.breaks)} and jumps of slope "
                          f"{_listed(with_bias.jumps)}. Minus its left slope is {_short(with_bias.target)}: "
                          f"{with_bias.certificate}. The least width is {with_bias.width} with output bias and "
                          f"{without.width} without.")


def _draw_gates(ax: Axes, found: LineClass, view: tuple[float, float]) -> None:
    """The function, and each gate of a smallest net as a dashed line."""
    x = np.unique([*np.linspace(*view, 101), *(float(t) for t in found.pwl.breaks)])
    net = found.net.rounded()
    for i, top in enumerate(net.weights[1][0] if net.size else []):
        gate = top * np.maximum(net.weights[0][i, 0] * x + net.biases[0][i], 0)
        ax.plot(x, gate, color=COLOURS[1], linestyle="--", linewidth=1.2, label="gates" if i == 0 else None)
    ax.plot(x, found.pwl.rounded()(x), color=COLOURS[0], label="f")
    ax.set_xlabel("x")
    legend(ax, loc="lower right")


def _draw_sums(ax: Axes, found: LineClass) -> None:
    """Every sum of some of the jumps as a dot at its height in the number of jumps; the needed sum as a line."""
    subsets = [c for r in range(len(found.jumps) + 1) for c in combinations(range(len(found.jumps)), r)]
    sums = [sum((found.jumps[j] for j in c), Fraction(0)) for c in subsets]
    ax.plot([float(s) for s in sums], [len(c) for c in subsets], "o", color=COLOURS[3], markersize=6, label="sums")
    ax.axvline(float(found.target), color=COLOURS[2], linestyle="-.", label="minus left slope")
    if found.left is not None:
        ax.plot([float(found.target)], [len(found.left)], "s", markersize=12, markerfacecolor="none",
                markeredgecolor=COLOURS[2], markeredgewidth=2)
    reach = 2.0 ** np.ceil(np.log2(max(4, *(abs(float(s)) for s in [*sums, found.target]))))  # jumps as points move
    ax.set(ylabel="jumps added up", xlim=(-reach, reach), ylim=(-0.4, len(found.jumps) + 1.2))
    ax.yaxis.get_major_locator().set_params(integer=True)
    legend(ax, loc="upper right" if found.target < 0 else "upper left")  # away from the line


def fits_figure(x: Array, y: Array, fit: PWLFit, net: ERMResult, biased: ERMResult, *,
                view: tuple[float, float] | None = None) -> Picture:
    """The best fit with w pieces and the best nets with w gates, without and with output bias, on the same data."""
    w = fit.pieces
    low, high = view or (min(x) - 1, max(x) + 1)
    t = np.linspace(low, high, 401)
    curves = (fit.pwl.rounded()(t), net.net(t[:, None])[:, 0], biased.net(t[:, None])[:, 0])
    values = (float(fit.value), net.value, biased.value)
    fig, ax = new_figure(width=7, height=3.8)
    for i, (name, curve, value) in enumerate(zip(WAYS, curves, values, strict=True)):
        ax.plot(t, curve, color=COLOURS[i], linestyle=LINES[i], linewidth=3.5 - i, label=f"{name}: {_value(value)}")
    ax.plot(x, y, "o", color=COLOURS[5], markersize=7)
    reach = max(abs(np.asarray(y)).max(), 1)
    ax.set(xlim=(low, high), ylim=view or (-1.3 * reach, 1.3 * reach), xlabel="x", title=f"w = {w}: {ranking(values)}")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"{len(x)} points on a line and three fits of them, w = {w}. Sums of squares: "
                          f"{_value(values[0])} for the best function with w pieces, {_value(values[1])} for the best "
                          f"net of width w, {_value(values[2])} for the best net of width w with output bias.")


def ranking(values: Sequence[float]) -> str:
    """The three ways from the least value to the largest, with = where two agree up to rounding."""
    order = sorted(range(len(WAYS)), key=lambda i: values[i])
    slack = 1e-9 * max(1.0, *values)
    text = WAYS[order[0]]
    for a, b in pairwise(order):
        text += f" {'=' if values[b] - values[a] <= slack else '<'} {WAYS[b]}"
    return text


def inequalities_figure(y: Sequence[float]) -> Picture:
    """Which differences of two lines at both ends of an interval the printed and the corrected signs allow; the fits.

    Left, for S = 1: u = (g₂ - g₁)(x_i) and v = (g₂ - g₁)(x_{i+1}). Right, the best fits with two pieces under each.
    """
    y = np.asarray(y, dtype=float)
    x = np.arange(float(len(y)))
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.6)
    left.fill([0, -1, -1, 0], [0, 0, 1, 1], color=COLOURS[0], alpha=0.35, hatch="//", label="corrected")
    left.fill([0, 1, 1, 0], [0, 0, -1, -1], color=COLOURS[1], alpha=0.25, hatch="..", label="printed, first two")
    left.fill([-1, 1, -1], [-1, 1, 1], facecolor="none", edgecolor=COLOURS[2], linestyle="-.", linewidth=2,
              label="third: the slope rises")
    left.plot([0], [0], "s", color=COLOURS[5], markersize=8, label="printed, all three")
    left.set(xlabel="$u$, the difference at $x_i$", ylabel="$v$, the difference at $x_{i+1}$",
             title="The printed signs leave one point", xlim=(-1.1, 1.1), ylim=(-1.1, 2.9))
    legend(left, loc="upper left", fontsize=8)
    fits = [pwl_fit_1d(x, y, pieces) for pieces in (2, 1)]
    right.plot(x, y, "o", color=COLOURS[5], label="data")
    for i, (fit, name) in enumerate(zip(fits, ("corrected", "printed"), strict=True)):
        right.plot(x, fit.pwl(x), color=COLOURS[i], linestyle=LINES[i], label=f"{name}: {_value(fit.value)}")
    right.set(xlabel="x", title="so the printed fit is a regression line")
    legend(right, loc="lower left")
    return described(fig, "Left, the plane of the differences u and v of two lines at both ends of an interval. The "
                          "corrected inequalities allow the quarter u ≤ 0 ≤ v, the printed ones the quarter v ≤ 0 ≤ u, "
                          "which meets the half plane v ≥ u of the third inequality only at the origin. Right, the "
                          f"fits of {len(x)} points with two pieces: {_value(fits[0].value)} with the corrected signs, "
                          f"{_value(fits[1].value)} with the printed ones.")


def counts_figure(pieces: int, samples: Sequence[int]) -> Picture:
    """How many convex programs there are for D samples: printed bound, count, and those that differ on the samples."""
    bound = [(2 * D) ** pieces for D in samples]
    counted = [cell_count(D, pieces) for D in samples]
    inner = [len(breakpoint_cells(D, pieces)) * 2 ** (pieces - 1) for D in samples]
    distinct = [sum(1 for _ in distinct_cells(D, pieces)) for D in samples]
    fig, ax = new_figure(width=6.5, height=3.4)
    rows = (("$(2D)^w$, printed", bound), ("$i_j \\leq D$", counted), ("$i_j \\leq D-1$", inner),
            ("different on the samples", distinct))
    for i, (name, numbers) in enumerate(rows):
        ax.semilogy(samples, numbers, color=COLOURS[i], linestyle=LINES[i], marker="o", markersize=4, label=name)
    ax.set(xlabel="samples D", ylabel="convex programs",
           title=f"w = {pieces}: {distinct[-1]:,} programs at D = {samples[-1]}, not {bound[-1]:,}")
    legend(ax)
    return described(fig, f"Numbers of convex programs for {pieces} pieces against the number of samples. At D = "
                          f"{samples[-1]} the printed bound is {bound[-1]:,}, the count {counted[-1]:,}, without the "
                          f"breakpoints behind the last sample {inner[-1]:,}, and {distinct[-1]:,} of these differ on "
                          "the samples.")


def message_figure(text: str) -> Picture:
    """An empty picture that says why there is nothing to draw."""
    fig, ax = new_figure(width=8.5, height=3.6)
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color=INK)
    ax.set(xticks=[], yticks=[])
    return described(fig, text)


def _value(v: float) -> str:
    return f"{0.0 if abs(v) < 1e-12 else float(v):.4g}"


def _short(v: Fraction) -> str:
    return f"{float(v):.4g}"


def _listed(values: Sequence[Fraction]) -> str:
    return ", ".join(map(_short, values)) or "none"
