"""Figures on the proxy gradient: its three parts, the gap to the truth, and one atom a signal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.sparse_coding.decomposition import GradientParts
from mathdl.sparse_coding.proxy import ProxyGap

Array = NDArray[np.float64]
PARTS = ("‖α(W − A)‖", "|α − β|", "‖e‖")
WORDS = ("the step away from the atom", "the mismatch of α and β", "the other units")
ROOT = "√P, exact"
FLOOR = -20.0  # log₁₀ below which a probability or a gap is drawn at the bottom


def parts_figure(parts: GradientParts, *, scale: float, true: Array | None = None, told: str = "") -> Picture:
    """Stacked sizes of the three parts of each unit, over `scale`, with the norm; right, angle and what is left.

    `scale` is max(m1², m2) k/h; `true` (h,) holds norms of the true gradient, drawn as crosses where it is given.
    """
    sizes, norms = parts.sizes / scale, np.linalg.norm(parts.gradient, axis=1) / scale
    fig, (left, right) = new_figure(1, 2, width=9, height=3.7, width_ratios=(2, 1))
    units, base = np.arange(sizes.shape[1]), np.zeros(sizes.shape[1])
    edges = np.arange(len(units) + 1) - 0.5
    for row, label, line, colour in zip(sizes, PARTS, LINES, COLOURS, strict=False):
        left.stairs(base + row, edges, baseline=base, fill=True, facecolor=colour + "80", edgecolor=colour,
                    linestyle=line, linewidth=1.2, label=label)
        base = base + row
    left.plot(units, norms, "o", color=COLOURS[5], markersize=4, label="norm of the proxy")
    top = max(base.max(), norms.max())
    if true is not None:
        left.plot(units, true / scale, "x", color=COLOURS[3], markersize=5, label="norm of the truth")
        top = max(top, (true / scale).max())
    left.set(xlabel="unit i", ylabel="over max(m₁², m₂) k/h", ylim=(0, 1.45 * max(top, 1e-12)),
             title=told or f"Parts sum to {base.mean():.3g}, their vectors to {norms.mean():.3g}")
    legend(left, loc="upper center", ncols=3, fontsize=8)
    share = norms / np.maximum(base, 1e-300)
    right.plot(parts.angles, share, "o", color=COLOURS[0], markersize=5)
    right.axvline(90, color=COLOURS[1], linestyle=":", linewidth=1.2)
    right.set(xlim=(0, 180), ylim=(0, 1.05), xticks=(0, 45, 90, 135, 180), ylabel="norm over sum of parts",
              xlabel="degrees between αW − βA and e", title=f"{share.mean():.0%} survives")
    known = parts.angles[np.isfinite(parts.angles)]
    angles = f"Angles from {known.min():.0f} to {known.max():.0f} degrees." if len(known) else "No angle: a part is 0."
    means = ", ".join(f"{w} {v:.3g}" for w, v in zip(WORDS, sizes.mean(1), strict=True))
    seen = "" if true is None else f" The true gradient has mean norm {(true / scale).mean():.3g}."
    return described(fig, f"{told} Bars for {len(units)} units in units of max(m1², m2) k/h, means: {means}; their sum "
                          f"{base.mean():.3g}, the norm of the sum of the vectors {norms.mean():.3g}.{seen} {angles}")


def gap_figure(positions: Sequence[float], gaps: Sequence[ProxyGap], bounds: Array, *, label: str) -> Picture:
    """Gap, root mean square, square root of the failure probability and the theorem's bound on it, on a log scale."""
    fig, ax = new_figure(width=7.5, height=3.7)
    curves = {"gap of the worst unit": [g.sizes.max() for g in gaps], "rms difference": [g.rms.max() for g in gaps],
              ROOT: [g.any_wrong ** 0.5 for g in gaps], "bound on √P": bounds}
    for i, (name, values) in enumerate(curves.items()):
        heights = np.log10(np.maximum(values, 10 ** FLOOR))
        ax.plot(positions, heights, color=COLOURS[i], linestyle=LINES[i], marker="os^D"[i], label=name)
    first, last, roots = gaps[0].sizes.max(), gaps[-1].sizes.max(), curves[ROOT]
    ax.set(xlabel=label, ylabel="log₁₀", title=f"The gap falls from {first:.2g} to {last:.2g}")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"On a logarithmic scale against {label} from {positions[0]:g} to {positions[-1]:g}: the gap "
                          f"from {first:.2g} to {last:.2g}, the exact square root of the failure probability from "
                          f"{roots[0]:.2g} to {roots[-1]:.2g}, its bound "
                          f"from {bounds[0]:.2g} to {bounds[-1]:.2g}.")


def gates_figure(biases: Array, true: Array, proxy: Array, *, certified: tuple[float, float]) -> Picture:
    """Mean row norms of the true and the proxy gradient against the bias; `certified` is where they must agree."""
    fig, ax = new_figure(width=7, height=3.5)
    ax.plot(biases, true, color=COLOURS[0], label="true gradient, exact")
    ax.plot(biases, proxy, color=COLOURS[1], linestyle="--", label="proxy gradient")
    low, high = certified
    if low <= high:
        ax.axvspan(low, high, color=COLOURS[2], alpha=0.2, linewidth=0)
    told = f"All gates are right for ε from {low:.3g} to {high:.3g}" if low <= high else "Some gate is always wrong"
    ax.set(xlabel="bias ε", ylabel="mean norm of a row", title=told, ylim=(0, 1.3 * max(true.max(), proxy.max())))
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    inside = (biases >= low) & (biases <= high)
    apart = np.abs(true - proxy)
    same = f"{apart[inside].max():.2g} inside" if inside.any() else "never asked to agree"
    return described(fig, f"{told}. True and proxy gradient against the bias: apart by at most {same}, and by "
                          f"{apart.max():.2g} outside.")
