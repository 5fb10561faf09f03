"""Pictures of nets put together, of the pieces they make, and of what depth costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.nets.pwl1d import PWL1D


def pieces_and_bounds(f: PWL1D, window: tuple[float, float], counts: Sequence[int], product: Sequence[int],
                      printed: Sequence[int], name: str) -> Picture:
    """Left the function with its kinks in the window, right the pieces after each layer under both bounds.

    Values in the outer tenths of the kinks do not set the scale: the outer pieces of a zigzag fall far below the rest.
    """
    figure, (left, right) = new_figure(1, 2, width=8.5, height=3.6, width_ratios=(3, 2))
    lo, hi = window
    kinks = f.breaks[(lo < f.breaks) & (f.breaks < hi)]
    x = np.concatenate([[lo], kinks, [hi]])
    left.plot(x, f(x), color=COLOURS[0], linewidth=1.5)
    if len(kinks) <= 300:
        left.plot(kinks, f(kinks), "o", color=COLOURS[5], markersize=4)
    low, high = np.quantile(f(x), [0.1, 0.9]) if len(kinks) > 20 else (f(x).min(), f(x).max())
    left.set_ylim(low - 0.3 * (high - low) - 1e-9, high + 0.3 * (high - low) + 1e-9)
    shown = "" if len(kinks) == f.n_pieces - 1 else f", {len(kinks)} of the {f.n_pieces - 1} kinks shown"
    left.set(xlim=window, xlabel="x", title=f"{name}: {f.n_pieces} piece{'s' * (f.n_pieces > 1)}{shown}")
    layers = np.arange(1, len(counts) + 1)
    right.bar(layers, counts, color=COLOURS[0], width=0.5, label="pieces counted")
    right.plot(layers, product, linestyle=LINES[1], marker="s", color=COLOURS[5], label="∏ (wᵢ + 1)")
    right.plot(layers, printed, linestyle=LINES[3], marker="^", color=COLOURS[1], label="as printed")
    right.set(yscale="log", xticks=layers, xlabel="hidden layers", ylim=(0.8, 3 * max(printed) ** 1.25),
              title=f"{counts[-1]} ≤ {product[-1]} ≤ {printed[-1]}")
    right.minorticks_off()  # their labels would cost half of the drawing time
    legend(right, loc="upper left")
    steps = ", ".join(map(str, counts))
    return described(figure, f"Graph of {name} with {f.n_pieces} pieces. After each hidden layer there are {steps} "
                             f"pieces; the product bound is {product[-1]}, the printed one {printed[-1]}.")


def lines_and_maximum(x: np.ndarray, lines: np.ndarray, top: np.ndarray, kinks: np.ndarray, corners: np.ndarray,
                      cost: str) -> Picture:
    """Lines (m, N), their maximum (N,) with its kinks and corners there, and in words what the net costs."""
    figure, ax = new_figure(width=7, height=3.6)
    for y, colour, line in zip(lines, COLOURS[:5] * len(lines), LINES[1:] * len(lines), strict=False):
        ax.plot(x, y, color=colour, linestyle=line, linewidth=1.2)
    ax.plot(x, top, color=COLOURS[5], linewidth=2.8, label="maximum")
    ax.plot(kinks, corners, "D", color=COLOURS[5], markersize=6)
    ax.set(xlim=(-3, 3), ylim=(-3, 5), xlabel="x", title=cost)
    legend(ax, loc="upper center")
    return described(figure, f"{len(lines)} lines and their maximum, which has {len(kinks) + 1} pieces; {cost}.")


def tree_costs(m: Sequence[int], four: Sequence[int], three: Sequence[int], printed: Sequence[int]) -> Picture:
    """Gates that the maximum of m nets of equal depth adds, with either gate, below the printed allowance."""
    figure, ax = new_figure(width=6.5, height=3.4)
    ax.plot(m, printed, linestyle=LINES[2], color=COLOURS[1], label="printed: 4(2m − 1)")
    ax.plot(m, [5 * (v - 1) for v in m], linestyle=LINES[1], color=COLOURS[0], linewidth=1.2, label="ours: 5(m − 1)")
    ax.plot(m, four, "s", color=COLOURS[0], label="built, 4-node gate")
    ax.plot(m, three, "o", color=COLOURS[5], label="built, 3-node gate")
    ax.set(xlabel="number of nets, m", ylabel="gates added", title="A tree of max gates costs less than allowed")
    legend(ax)
    return described(figure, f"Gates added by the maximum of m nets. At m = {m[-1]}: {four[-1]} with the 4-node gate, "
                             f"{three[-1]} with the 3-node gate, {printed[-1]} allowed by the printed lemma.")


def padding_costs(gaps: Sequence[int], built: Sequence[int], printed: int) -> Picture:
    """Gates that max(f, g) adds when f has so many more hidden layers than g, against the printed allowance."""
    figure, ax = new_figure(width=6.5, height=3.2)
    ax.plot(gaps, built, color=COLOURS[5], marker="o", markersize=4, label="built: 4 + 2 for each missing layer")
    ax.axhline(printed, linestyle=LINES[1], color=COLOURS[1], label=f"printed allowance: {printed}")
    ax.set(xlabel="hidden layers that the second net lacks", ylabel="gates added",
           title="Carrying the shallow net along is not free")
    legend(ax)
    crossing = next((g for g, b in zip(gaps, built, strict=True) if b > printed), None)
    return described(figure, f"Gates added by the maximum of two nets, growing from {built[0]} to {built[-1]}; they "
                             f"exceed the printed allowance of {printed} from a difference of {crossing} layers on.")


def sizes_over_depth(pieces: int, k: Sequence[int], printed: Sequence[int], sharp: Sequence[int],
                     built: Sequence[int]) -> Picture:
    """Least sizes for p pieces by both bounds, and the size of a zigzag net with as many pieces, over k."""
    figure, ax = new_figure(width=7, height=3.5)
    ax.plot(k, built, "D", color=COLOURS[5], label="a zigzag net that makes them")
    ax.plot(k, sharp, linestyle=LINES[1], marker="s", markersize=4, color=COLOURS[0], label="needed: k(p^(1/k) − 1)")
    ax.plot(k, printed, linestyle=LINES[3], marker="^", markersize=4, color=COLOURS[1], label="needed, as printed")
    ax.set(yscale="log", xlabel="hidden layers, k", ylabel="gates", xticks=k,
           title=f"{pieces:,} pieces: {built[0]:,} gates at k = {k[0]}, {built[-1]} at k = {k[-1]}")
    ax.minorticks_off()
    legend(ax)
    return described(figure, f"Gates for {pieces} pieces over the number of hidden layers. At k = {k[0]}: printed "
                             f"bound {printed[0]}, sharper {sharp[0]}, built {built[0]}. At k = {k[-1]}: "
                             f"{printed[-1]}, {sharp[-1]}, {built[-1]}.")
