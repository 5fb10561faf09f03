"""Figures on cost: how the number of subproblems grows, piles beside a loop, and what a big M does to a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.cells import cover_count
from mathdl.exact_erm.complexity import distinct_subproblems

Curves = Sequence[tuple[int, int]]  # (n, w)


def count(samples: int, inputs: int, width: int) -> int:
    """Distinct subproblems of D points in general position."""
    return distinct_subproblems(cover_count(samples, inputs), width)


def growth_figure(curves: Curves = ((1, 1), (2, 1), (1, 2), (2, 2), (3, 2)), samples: Sequence[int] = (5, 200),
                  fixed: int = 100) -> Picture:
    """The logarithm of the number of subproblems against that of D, and against n at `fixed` D."""
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.6)
    slopes = draw_in_samples(left, curves, samples)
    draw_in_inputs(right, fixed, (1, 2, 3))
    left.set_title("in D: straight, slope n w")
    right.set_title(f"in n, at D = {fixed}: times a factor")
    said = "; ".join(f"n = {n}, w = {w}: slope {slope:.2f}" for (n, w), slope in zip(curves, slopes, strict=True))
    return described(fig, "Left, the number of subproblems against D with both axes logarithmic; the lines become "
                          f"straight, at the right end with {said}. Right, the number against n at D = {fixed} for "
                          "widths 1, 2 and 3, with a logarithmic vertical axis: each input multiplies it.")


def time_figure(measured: Sequence[tuple[int, Sequence[int], Sequence[float]]]) -> Picture:
    """Measured seconds against the number of subproblems, for each (w, counts, seconds), both axes logarithmic."""
    fig, ax = new_figure(1, 1, width=6.0, height=3.4)
    slopes = []
    for i, (w, counts, seconds) in enumerate(measured):
        slopes.append(float(np.polyfit(np.log(counts), np.log(seconds), 1)[0]))
        ax.loglog(counts, seconds, color=COLOURS[i], marker="os^"[i % 3], markersize=6, linestyle="none",
                  label=f"w={w}: slope {slopes[-1]:.2f}")
    ends = np.array([min(c[0] for _, c, _ in measured), max(c[-1] for _, c, _ in measured)], dtype=float)
    each = float(np.mean([sum(seconds) / sum(counts) for _, counts, seconds in measured]))
    ax.loglog(ends, each * ends, color=INK, linestyle=LINES[1], linewidth=1, label="proportional")
    ax.set(xlabel="subproblems", ylabel="seconds", title="twice the subproblems, twice the time")
    legend(ax)
    said = "; ".join(f"w = {w}: slope {s:.2f}" for (w, _, _), s in zip(measured, slopes, strict=True))
    return described(fig, "Processor time against the number of subproblems, both logarithmic, and a line of slope 1. "
                          f"Fitted: {said}.")


def draw_in_samples(ax, curves: Curves, samples: Sequence[int]) -> list[float]:
    """One line for each (n, w) from the first to the last D, logarithms on both axes; returns the slopes at the end."""
    D = np.unique(np.geomspace(*samples, 40).round().astype(int))
    slopes = []
    for i, (n, w) in enumerate(curves):
        logs = np.array([log10(count(int(d), n, w)) for d in D])
        ax.plot(np.log10(D), logs, color=COLOURS[i % 6], linestyle=LINES[i % 6], label=f"n={n}, w={w}")
        slopes.append(float((logs[-1] - logs[-2]) / np.log10(D[-1] / D[-2])))
    ticks = [d for d in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if samples[0] <= d <= samples[1]]
    ax.set(xlabel="samples D", ylabel="log10 of subproblems", xticks=np.log10(ticks), xticklabels=map(str, ticks))
    legend(ax)
    return slopes


def draw_in_inputs(ax, samples: int, widths: Sequence[int]) -> None:
    """The logarithm of the number of subproblems against n = 1, 2, … at fixed D, one line for each width."""
    n = np.arange(1, min(samples, 10) + 1)
    for i, w in enumerate(widths):
        ax.plot(n, [log10(count(samples, int(k), w)) for k in n], color=COLOURS[i % 6], linestyle=LINES[i % 6],
                marker="o", markersize=4, label=f"w={w}")
    ax.set(xlabel="inputs n", ylabel="log10 of subproblems", xticks=n[1::2])
    legend(ax)


def log10(k: int) -> float:
    """The logarithm of a positive integer of any size."""
    digits = len(str(k)) - 15
    return float(np.log10(k)) if digits <= 0 else float(np.log10(k // 10 ** digits)) + digits


def big_m_figure(sizes: Sequence[float], claimed: Sequence[float], real: Sequence[float], certified: float) -> Picture:
    """What a solver claims for each M, what its net is worth, and the certified optimum."""
    fig, ax = new_figure(1, 1, width=6.5, height=3.4)
    draw_big_m(ax, sizes, claimed, real, certified)
    ax.set_title("too small an M loses the optimum, too large an M invents one")
    said = ", ".join(f"M = {m:g}: claimed {c:.3g}, net {r:.3g}" for m, c, r in zip(sizes, claimed, real, strict=True))
    return described(fig, f"Value claimed as optimal, and loss of the net returned, against M, beside the certified "
                          f"optimum {certified:.3g}. {said}.")


def draw_big_m(ax, sizes: Sequence[float], claimed: Sequence[float], real: Sequence[float], certified: float) -> None:
    """The three curves of `big_m_figure`."""
    ax.axhline(certified, color=COLOURS[2], linestyle=LINES[1], label="certified optimum")
    ax.semilogx(sizes, real, color=COLOURS[1], marker="s", markersize=7, linestyle=LINES[3], label="loss of its net")
    ax.semilogx(sizes, claimed, color=COLOURS[0], marker="o", markersize=4, label="claimed optimal")
    ax.set(xlabel="M", ylabel="sum of absolute losses")
    legend(ax)
