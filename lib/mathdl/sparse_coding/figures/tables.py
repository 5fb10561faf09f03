"""Figures on section 4.6: printed and computed tables, and the loss along lines through the dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.sparse_coding.experiments.landscape import Plane, Slice

Row = Mapping[str, float]
TICKS = (256, 1024, 4096)


def gradient_table_figure(rows: Sequence[Row], powers: Sequence[float] = (0.01, 0.1, 0.3)) -> Picture:
    """Rows of Table 4.6.1: printed norms, ours over √200 for every dictionary, and h^(p−1), against h."""
    fig, axes = new_figure(1, len(powers), width=9, height=3.4, sharey=True)
    fitted = [row for row in rows if row["rule"] == "seed-fit"]
    for ax, p in zip(axes, powers, strict=True):
        here = [row for row in fitted if row["p"] == p]
        first = sorted((row for row in here if row["seed"] == 0), key=lambda row: row["h"])
        h = [row["h"] for row in first]
        ax.scatter([row["h"] for row in here], [row["like_printed"] for row in here], s=14, color=COLOURS[4], alpha=0.6,
                   label="other dictionaries")
        ax.plot(h, [row["like_printed"] for row in first], color=COLOURS[0], label="ours, over √200")
        ax.plot(h, [row["printed"] for row in first], color=COLOURS[1], linestyle=LINES[1], marker="s", label="printed")
        ax.plot(h, [x ** (p - 1) for x in h], color=COLOURS[2], linestyle=LINES[3], label="$h^{p-1}$")
        ax.set(xscale="log", yscale="log", xlabel="hidden units h", title=_factors(first, p))
        ax.set_xticks(TICKS, [str(t) for t in TICKS])
        ax.minorticks_off()
    axes[0].set_ylabel("gradient norm")
    legend(axes[-1], loc="upper left", bbox_to_anchor=(1, 1))
    told = "; ".join(_in_words(p, [row for row in fitted if row["p"] == p and row["seed"] == 0]) for p in powers)
    return described(fig, f"Gradient norms against h, computed over printed: {told}.")


def _factors(first: Sequence[Row], p: float) -> str:
    ratios = [row["like_printed"] / row["printed"] for row in first]
    return f"p = {p:g}\nours/printed {ratios[0]:.2f} to {ratios[-1]:.2f}"


def _in_words(p: float, first: Sequence[Row]) -> str:
    ratios = ", ".join(f"{row['like_printed'] / row['printed']:.2f} at h = {row['h']}" for row in first)
    return f"for p = {p:g} {ratios}"


def recovery_table_figure(rows: Sequence[Row], powers: Sequence[float] = (0.05, 0.1)) -> Picture:
    """Final distances of Table 4.6.2: those that the printed per cents imply, ours, and that of the zero matrix."""
    fig, axes = new_figure(1, len(powers), width=8.5, height=3.4, sharey=True)
    for ax, p in zip(axes, powers, strict=True):
        here = sorted((row for row in rows if row["p"] == p and row["relative"] > 0), key=lambda row: row["h"])
        rules = dict.fromkeys(row["rule"] for row in here)
        readings = {rule: [row for row in here if row["rule"] == rule] for rule in rules}
        for i, (rule, found) in enumerate(readings.items()):
            ax.plot([r["h"] for r in found], [r["distance"] for r in found], color=COLOURS[(0, 3)[i]],
                    linestyle=LINES[(0, 2)[i]], marker="o^"[i], label=f"ours, bias “{rule}”")
        printed = next(iter(readings.values()))
        implied = [r["start"] * (1 - r["printed"] / 100) for r in printed]
        ax.plot([r["h"] for r in printed], implied, color=COLOURS[1], linestyle=LINES[1], marker="s", label="printed")
        ax.axhline(1, color=COLOURS[2], linestyle=LINES[3], label="W = 0")
        worse = sum(value > 1.05 for value in implied)
        ax.set(xscale="log", yscale="log", xlabel="hidden units h",
               title=f"p = {p:g}\n{worse} of {len(implied)} printed end beyond W = 0")
        ax.set_xticks(TICKS, [str(t) for t in TICKS])
        ax.set_yticks((0.5, 1, 2, 5), ("0.5", "1", "2", "5"))
        ax.minorticks_off()
    axes[0].set_ylabel("final distance of a column")
    legend(axes[-1], loc="upper left", bbox_to_anchor=(1, 1))
    ends = ", ".join(f"{row['distance']:.3g} at h = {row['h']}, p = {row['p']:g}" for row in rows
                     if row["relative"] > 0 and row["rule"] == "seed-fit")
    return described(fig, f"Mean distance of the columns after descent, ours with the fitted bias: {ends}. The zero "
                          "matrix is at distance 1.")


def landscape_figure(rows: Sequence[Mapping], *, h: int = 256) -> Picture:
    """Rows of the curves: above the loss, below the mean column norm of the gradient, a column for each p."""
    here = [row for row in rows if row["h"] == h and row["rule"] == "seed-fit"]
    powers = sorted({row["p"] for row in here})
    fig, axes = new_figure(2, len(powers), width=9, height=4.6, sharex=True)
    for column, p in zip(axes.T, powers, strict=True):
        curves = [row for row in here if row["p"] == p]
        for i, row in enumerate(curves):
            t, loss, norm = (np.array(row[name]) for name in ("t", "loss", "gradient"))
            inner = np.abs(t) <= 0.8
            for ax, values in zip(column, (loss, norm), strict=True):
                ax.plot(t[inner], values[inner], color=COLOURS[i % 6], linestyle=LINES[i % 6], linewidth=1.4)
        for ax in column:
            ax.axvline(0, color=INK, linestyle=":", linewidth=1)
        column[0].set_title(f"p = {p:g}: lowest at {_lowest(curves)}")
        column[1].set_xlabel("t")
    axes[0, 0].set_ylabel("loss f(t)")
    axes[1, 0].set_ylabel("gradient norm")
    told = "; ".join(f"p = {p:g}: loss {_at_zero(here, p, 'loss'):.4g}, gradient norm "
                     f"{_at_zero(here, p, 'gradient'):.3g} at t = 0, lowest at t = "
                     f"{_lowest([row for row in here if row['p'] == p])}" for p in powers)
    lines = len(here) // len(powers)
    return described(fig, f"Loss and gradient norm along {lines} random direction{'s' * (lines > 1)}, h = {h}. {told}.")


def _lowest(curves: Sequence[Mapping]) -> str:
    """Where the loss is smallest, over the curves."""
    places = [row["t"][int(np.argmin(row["loss"]))] for row in curves]
    return f"{places[0]:g}" if len(set(places)) == 1 else f"{min(places):g} to {max(places):g}"


def _at_zero(rows: Sequence[Mapping], p: float, name: str) -> float:
    row = next(row for row in rows if row["p"] == p)
    return row[name][row["t"].index(0.0)]


def slice_figure(found: Slice, *, name: str) -> Picture:
    """One curve: the loss on the left, the gradient norm on the right, and how many units are on at t = 0."""
    fig, (left, right) = new_figure(1, 2, width=8, height=3.3)
    at, lowest = int(np.abs(found.t).argmin()), int(found.loss.argmin())
    left.plot(found.t, found.loss, color=COLOURS[0])
    left.plot([found.t[at]], [found.loss[at]], "o", color=COLOURS[1], markersize=8)
    right.plot(found.t, found.gradient, color=COLOURS[2], linestyle=LINES[1])
    right.plot([found.t[at]], [found.gradient[at]], "o", color=COLOURS[1], markersize=8)
    flat = np.ptp(found.loss) <= 1e-5 * abs(found.loss[at])
    where = "constant" if flat else f"lowest, {found.loss[lowest]:.4g}, at t = {found.t[lowest]:.2g}"
    _label(left, "loss f(t)", "The loss is constant" if flat else f"Lowest at t = {found.t[lowest]:.2g}")
    _label(right, "mean column norm of the gradient", f"{100 * found.alive[at]:.0f} % of the units alive at t = 0")
    return described(fig, f"{name}: the loss is {found.loss[at]:.4g} at t = 0 and {where}; the gradient norm at t = 0 "
                          f"is {found.gradient[at]:.3g}, and {100 * found.alive[at]:.0f} per cent of the units are on "
                          "for some signal.")


def plane_figure(found: Plane, *, p: float) -> Picture:
    """Level lines of the loss, at its deciles; a star at A, a dot at the lowest place of the grid."""
    fig, ax = new_figure(width=6, height=3.8)
    levels = np.unique(np.quantile(found.loss, np.linspace(0.05, 0.95, 10)))  # as many places between any two
    ax.contour(found.t, found.s, found.loss, levels=levels, colors="#80808090", linewidths=1)
    t, s, loss = found.lowest
    here = float(found.loss[np.abs(found.s).argmin(), np.abs(found.t).argmin()])
    ax.plot(0, 0, "*", color=COLOURS[2], markersize=14, label=f"A: {here:.3g}")
    ax.plot(t, s, "o", color=COLOURS[5], markersize=8, label=f"lowest: {loss:.3g}")
    ax.set(xlabel="in a random direction", ylabel="against the gradient at A",
           title=f"p = {p:g}: downhill, {100 * (1 - loss / here):.0f} % of the loss go")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"Level lines of the loss on a plane through A, p = {p:g}. At A it is {here:.4g}; the lowest "
                          f"place of the grid is {t:.2g} in a random direction and {s:.2g} against the gradient, with "
                          f"{loss:.4g}.")


def _label(ax: Axes, ylabel: str, title: str) -> None:
    ax.set(xlabel="t, steps away from A", ylabel=ylabel, title=title)
