"""Pictures of weight cones, block matrices and the two routes to a lower bound; numbers in, Picture out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import ListedColormap

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.function_spaces.sign_rank import SizeBounds

SIGNS = {-1: "−", 1: "+"}
TWO = ListedColormap([COLOURS[5], COLOURS[4]])


def vertex_name(x: Sequence[int]) -> str:
    """A vertex of the cube as a string of signs, `(−1, 1)` as `−+`."""
    return "".join(SIGNS[int(v)] for v in x)


def plane_of_cones(weights: np.ndarray, values: np.ndarray, names: Sequence[str],
                   conflict: tuple[int, int] | None, verdict: str) -> Picture:
    """The eight cones of the plane with weight vectors (w, 2), and the values (w, 4) that each gives the vertices.

    `conflict` holds the two vertices whose order changes; lines that cross in the right panel are such pairs.
    """
    fig, (plane, order) = new_figure(columns=2, width=7.4, height=3.5)
    for angle in np.arange(4) * np.pi / 4:
        d = 5 * np.array([np.cos(angle), np.sin(angle)])
        plane.plot([-d[0], d[0]], [-d[1], d[1]], color=INK, lw=0.8, ls=":")
    for p, (a, b) in enumerate(weights):
        colour = COLOURS[p % len(COLOURS)]
        plane.plot([0, a], [0, b], color=colour, ls=LINES[p % len(LINES)])
        plane.plot([a], [b], "o", color=colour, ms=8)
        plane.annotate(f"gate {p}", (a, b), textcoords="offset points", xytext=(7, 5), color=INK, fontsize=9)
    plane.set(xlim=(-4, 4), ylim=(-4, 4), xticks=(-4, 0, 4), yticks=(-4, 0, 4), aspect="equal",
              xlabel="a1", ylabel="a2", title="eight cones")
    gates = np.arange(len(weights))
    for v, name in enumerate(names):
        at_odds = conflict is not None and v in conflict
        order.plot(gates, values[:, v], color=COLOURS[v], ls=LINES[v], lw=3 if at_odds else 1.4, marker="o", label=name)
    order.set(xticks=gates, xticklabels=[f"gate {p}" for p in gates], ylabel="⟨a, x⟩", title=verdict,
              xlim=(-0.2, len(weights) - 0.8))
    legend(order, title="vertex x", title_fontproperties={"size": 9}, loc="center left", bbox_to_anchor=(1, 0.5))
    order.get_legend().get_title().set_color(INK)
    listed = "; ".join(f"gate {p} at ({a:.3g}, {b:.3g})" for p, (a, b) in enumerate(weights))
    return described(fig, f"Weight vectors in the plane cut into eight cones: {listed}. {verdict}. Lines join the "
                          f"values of one vertex from gate to gate; lines that cross change the order.")


@dataclass(frozen=True)
class Layers:
    """Most row groups of a gate in each layer, and the bounds printed and ours on them; one entry a layer."""

    measured: Sequence[int]
    printed: Sequence[int]
    ours: int
    rows: int


def block_heat_map(matrix: np.ndarray, row_cuts: Sequence[int], column_cuts: Sequence[int], layers: Layers,
                   verdict: str) -> Picture:
    """The matrix with rows and columns in their common orders, cuts between groups, and groups against depth."""
    fig, (heat, count) = new_figure(columns=2, width=7.6, height=3.4, width_ratios=(1, 1.15))
    rank = np.unique(matrix, return_inverse=True)[1].reshape(matrix.shape)
    heat.imshow(rank, cmap="viridis", interpolation="nearest", aspect="equal")
    heat.hlines(np.asarray(row_cuts) - 0.5, -0.5, len(matrix) - 0.5, color=INK, lw=0.6)
    heat.vlines(np.asarray(column_cuts) - 0.5, -0.5, len(matrix) - 0.5, color=INK, lw=0.6)
    heat.set(xticks=[], yticks=[], xlabel="y, in one order", ylabel="x, in one order",
             title=f"{len(row_cuts) + 1} row groups of {len(matrix)} rows")
    depth = np.arange(1, len(layers.measured) + 1)
    curves = ((layers.measured, "measured", "o"), ([layers.ours] * len(depth), "ours", None),
              (layers.printed, "printed", "s"), ([layers.rows] * len(depth), "all rows", None))
    for (y, label, marker), colour, line in zip(curves, (*COLOURS[:2], COLOURS[3], INK), LINES, strict=False):
        count.plot(depth, np.log2(y), color=colour, ls=line, marker=marker, ms=5, label=label)
    powers = range(0, int(np.log2(max(*layers.printed, layers.rows))) + 2, 2)
    count.set(yticks=powers, yticklabels=[str(2**p) for p in powers], xticks=depth,
              xlabel="layer of gates", title=verdict)
    legend(count, loc="upper left")
    return described(fig, f"Left, the circuit's matrix of {len(matrix)} rows in one order, cut into "
                          f"{len(row_cuts) + 1} row groups and {len(column_cuts) + 1} column groups. Right, the most "
                          f"row groups of a gate in each layer: {', '.join(map(str, layers.measured))}; our bound "
                          f"{layers.ours}, printed bounds {', '.join(map(str, layers.printed))}. {verdict}.")


def size_bounds(log2_m: np.ndarray, bounds: Sequence[SizeBounds], takes_over: float, instance: str) -> Picture:
    """Base-2 logarithms of lower bounds on circuit size against log2 m, both routes, a logarithm taken once more."""
    fig, ax = new_figure(width=7, height=3.9)
    curves = (("row_count", "ours: a count of rows"), ("printed", "printed Theorem 2.5.5, constant 1"),
              ("appendix", "last display of its proof, C = 1"), ("square_kept", "the same with the square kept"),
              ("trivial", "one gate a layer"))
    for (name, label), colour, line in zip(curves, (*COLOURS[:4], INK), LINES, strict=False):
        y = np.array([getattr(b, name) for b in bounds])
        ax.plot(log2_m, np.log2(y, out=np.full(len(y), np.nan), where=y > 0), color=colour, ls=line, label=label)
    powers = range(0, int(log2_m[-1]) + 1, 16)
    ax.set(xticks=powers, xticklabels=[f"2^{p}" for p in powers], xlabel="m", ylim=(-1, log2_m[-1]), yticks=powers,
           yticklabels=[f"2^{2**p:.2g}" for p in powers], ylabel="lower bound on size",
           title=f"{instance}: the printed bound speaks from m ≈ 2^{takes_over:.1f} on")
    legend(ax, loc="upper left")
    return described(fig, f"Lower bounds on size for {instance}, as binary logarithms on a log scale. The row count "
                          f"grows like m from m = {2 ** log2_m[0]:.0f} on; the printed bound exceeds one gate a layer "
                          f"only beyond m = 2 to the {takes_over:.1f}.")


def g_matrix(g: np.ndarray, numbers: Sequence[tuple[str, float]], title: str) -> Picture:
    """The matrix of g, rows x and columns y, beside the numbers (label, value) that bound its sign-rank."""
    fig, (heat, bars) = new_figure(columns=2, width=7.6, height=3.5, width_ratios=(1, 1.1))
    heat.imshow(g, cmap=TWO, interpolation="nearest", vmin=-1, vmax=1)
    heat.set(xticks=[], yticks=[], xlabel="y", ylabel="x", title=title)
    labels, values = zip(*numbers, strict=True)
    place = np.arange(len(values))[::-1]
    bars.barh(place, np.log2(values), color=[COLOURS[i] for i in range(len(values))], height=0.6)
    for y, v in zip(place, values, strict=True):
        bars.text(np.log2(v) + 0.1, y, f"{v:.4g}", va="center", color=INK, fontsize=9)
    bars.set(yticks=place, yticklabels=labels, xlim=(0, np.log2(max(values)) + 2), xlabel="log2",
             title="sign-rank lies between the first two")
    bars.tick_params(axis="y", labelsize=8)
    return described(fig, f"Left, the matrix of g with {len(g)} rows. {title}. Right: " +
                     "; ".join(f"{label.replace(chr(10), ' ')} {v:.4g}" for label, v in numbers) + ".")


def sign_rank_exponents(k: Sequence[int], printed: Sequence[float], corrected: Sequence[float],
                        upper: Sequence[float]) -> Picture:
    """Exponents for n = 8^k: the printed and the corrected lower bound on log2 sign-rank(g), and an upper bound."""
    fig, ax = new_figure(width=6.4, height=3.6)
    for y, marker, colour, line, label in ((printed, "s", COLOURS[5], LINES[1], r"printed: $n/81 - 3$"),
                                           (upper, "o", COLOURS[0], LINES[0], r"upper: $\log_2(1 + n(2^l - 1))$"),
                                           (corrected, "v", COLOURS[2], LINES[2], r"corrected: $n^{1/3}/81 - 3$")):
        ax.plot(k, y, marker=marker, color=colour, ls=line, label=label)
    false = [i for i, p, u in zip(k, printed, upper, strict=True) if p > u]
    ax.set(yscale="symlog", xticks=list(k), xlabel=r"$k$, with $n = 8^k$", ylabel=r"$\log_2$ sign-rank of $g$",
           title=f"printed exponent too large from $n = 8^{false[0]}$ on" if false else "no contradiction yet")
    legend(ax, loc="upper left")
    return described(fig, f"Exponents against k for n = 8 to the k: printed {', '.join(f'{v:.4g}' for v in printed)}; "
                          f"upper bound {', '.join(f'{v:.4g}' for v in upper)}; "
                          f"corrected {', '.join(f'{v:.4g}' for v in corrected)}.")
