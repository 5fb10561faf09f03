"""Figures on the landscape: many trainings beside the certified optimum, the atlas in the plane of one gate, uses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from mathdl.core.figures import COLOURS, INK, Picture, described, legend, new_figure
from mathdl.exact_erm.atlas import Atlas, CellMinimum
from mathdl.exact_erm.descent import Restarts
from mathdl.exact_erm.leave_one_out import LeaveOneOut
from mathdl.exact_erm.result import ERMResult
from mathdl.exact_erm.smallest_width import SmallestWidth

REACHED = 1e-6  # of sum v y²: a run this close to the optimum has found it
FLOOR = 1e-12  # shares of sum v y² below this are drawn here
KINDS = {"interior": ("o", COLOURS[2], "genuine, inside its cell"), "boundary": ("D", COLOURS[0], "genuine, on a wall"),
         "fake": ("x", COLOURS[5], "fake: a neighbour is lower")}


def restarts_figure(runs: Restarts, certified: float) -> Picture:
    """Where the runs ended: how many at which value, and in order their distance from the certified optimum."""
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.3)
    scale = float(runs.problem.sample_weight @ runs.problem.y ** 2)
    reached, top = runs.reached(certified, within=REACHED * scale), 1.05 * scale
    shown = np.minimum(runs.values, top)
    left.hist(shown, bins=np.linspace(0, top, 31), color=COLOURS[0])
    left.axvline(certified, color=COLOURS[1], linestyle="--", label=f"certified optimum {certified:.4g}")
    left.set(xlabel="value at the end of a run (largest: that or more)", ylabel="runs")
    legend(left)
    excess = np.sort(np.clip((shown - certified) / scale, FLOOR, None))
    right.step(np.arange(1, len(runs) + 1), excess, where="mid", color=COLOURS[0])
    right.axhline(REACHED, color=INK, linestyle=":", linewidth=1)
    right.set(yscale="log", xlabel="runs, best first", ylabel="(value − optimum) / Σ y²", ylim=(FLOOR / 3, 3))
    left.set_title(f"{reached} of {len(runs)} runs reach the optimum")
    right.set_title("each step is a place to get stuck")
    return described(fig, f"Left, a histogram of the values at which {len(runs)} runs ended, and a dashed line at the "
                          f"certified optimum {certified:.6g}. Right, their distances from it in increasing order, in "
                          f"steps, on a logarithmic scale. {reached} runs reach it; the median run ends at "
                          f"{np.median(runs.values):.4g}, the best at {runs.values.min():.6g}.")


def atlas_figure(atlas: Atlas, runs: Restarts) -> Picture:
    """The planes of the two signs for one gate and one input, and the paths of the runs in them."""
    fig, axes = new_figure(1, 2, width=7.5, height=3.9)
    for ax, sign in zip(axes, (1.0, -1.0), strict=True):
        draw_plane(ax, atlas, runs, sign)
    legend(axes[0], loc="upper left", fontsize=8)
    return described(fig, plane_text(atlas, runs))


def draw_plane(ax: Axes, atlas: Atlas, runs: Restarts, sign: float) -> None:
    """The plane of gates (a, b) with one top weight: walls, the minimum of each cell, the runs that ended there."""
    minima = [m for m in atlas.minima if m.signs[0] == sign]
    ended = [i for i in range(len(runs)) if runs.signs[i, 0] == sign and np.isfinite(runs.values[i])]
    reach = _reach(minima, runs, ended)
    for x in atlas.problem.x[:, 0]:
        ax.axline((0, 0), (1, -x), color=INK, linewidth=0.7, linestyle=":")
    for i in ended:
        same = runs.path_signs[i, :, 0] == sign
        ax.plot(*runs.path[i, same, 0].T, color=COLOURS[4], linewidth=0.8)
        ax.plot(*runs.theta[i, 0], ".", color=COLOURS[1], markersize=5, zorder=4)
    for kind, (marker, colour, label) in KINDS.items():
        points = np.array([m.theta[0] for m in minima if m.kind == kind]).reshape(-1, 2)
        seen = abs(points).max(axis=1, initial=0) <= reach
        ax.plot(*points[seen].T, marker, color=colour, markersize=6, fillstyle="none", linestyle="none", label=label,
                zorder=5)
    genuine = sum(m.genuine for m in minima)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="a", ylabel="b")
    ax.set_title(f"{'+' if sign > 0 else '−'}σ(ax + b): {genuine} genuine of {len(minima)}")


def _reach(minima: Sequence[CellMinimum], runs: Restarts, ended: Sequence[int]) -> float:
    points = [*(abs(m.theta).max() for m in minima if m.genuine and not m.dead), *(abs(runs.theta[i]).max()
              for i in ended)]
    return max(1.0, 1.2 * float(np.quantile(points, 0.9))) if points else 1.0


def plane_text(atlas: Atlas, runs: Restarts) -> str:
    """What the planes show, in words."""
    kinds = [m.kind for m in atlas.minima]
    return (f"Two planes of gates (a, b), one for each top weight, cut by dotted lines into cells. Of {len(kinds)} "
            f"cell minima {kinds.count('interior')} lie inside their cell, {kinds.count('boundary')} on walls but are "
            f"genuine, {kinds.count('fake')} are fake. {int(atlas.settled(runs).sum())} of {len(runs)} training paths "
            "come to rest, at genuine ones.")


def basins_figure(atlas: Atlas, runs: Restarts) -> Picture:
    """The genuine values in order, and the share of runs that ended at each."""
    values = atlas.values()
    nearest = abs(runs.values[:, None] - values).argmin(axis=1)
    share = np.bincount(nearest, minlength=len(values)) / len(runs)
    fig, ax = new_figure(width=7, height=3.2)
    ax.bar(np.arange(len(values)), share, color=COLOURS[0])
    ax.plot(np.arange(len(values)), values / values.max() * share.max(), "o--", color=COLOURS[1], markersize=3,
            linewidth=1, label=f"value (top of the axis: {values.max():.3g})")
    ax.set(xlabel="genuine local minima, by value", ylabel="share of the runs")
    empty = int((share == 0).sum())
    ax.set_title(f"{100 * share[0]:.0f} % find the lowest of {len(values)} values; {empty} are never found")
    ax.set_ylim(0, 1.2 * share.max())  # room for the legend above the bars
    legend(ax, loc="upper right")
    return described(fig, f"Bars for {len(values)} values of genuine local minima, the share of {len(runs)} runs that "
                          f"ended at each: {share[0]:.3g} at the lowest, at most {share.max():.3g}; {empty} have none.")


def leave_one_out_figure(found: LeaveOneOut) -> Picture:
    """For each sample the optimum without it beside its window, and the loss of the net that never saw it."""
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.2)
    j, own = np.arange(1, len(found.values) + 1), found.value - found.windows
    left.axhline(found.value, color=INK, linestyle=":", linewidth=1, label="all samples")
    left.plot(j, found.windows, "_", color=COLOURS[1], markersize=12, label="window: optimum − loss at j")
    left.plot(j, found.values, "o", color=COLOURS[0], label="optimum without j")
    right.bar(j - 0.2, own, 0.4, color=COLOURS[0], label="seen")
    right.bar(j + 0.2, found.losses, 0.4, color=COLOURS[1], hatch="//", label="left out")
    left.set(xlabel="sample j", ylabel="value")
    right.set(xlabel="sample j", ylabel="loss at j")
    left.set_title("without j: at most the window")
    right.set_title(f"sums: {own.sum():.3g} seen, {found.risk:.3g} left out")
    for ax in (left, right):
        legend(ax)
    return described(fig, f"Left, for each of {len(j)} samples the optimum without it, at or below a mark. Right, the "
                          f"loss at each sample with it, {own.sum():.4g} in all, and without it, {found.risk:.4g}.")


def widths_figure(found: SmallestWidth) -> Picture:
    """The best net of each width that was tried, through data on a line."""
    fig, ax = new_figure(width=6.5, height=3.2)
    problem = found.results[0].problem
    x, width = problem.x[:, 0], np.ptp(problem.x)
    grid = np.linspace(x.min() - 0.1 * width, x.max() + 0.1 * width, 600)
    for result, colour, line in zip(found.results, COLOURS, ("-", "--", "-.", ":", "-", "--"), strict=False):
        ax.plot(grid, result.net(grid[:, None]).ravel(), color=colour, linestyle=line,
                label=f"width {result.problem.width}: {_rounded(result)}")
    ax.plot(x, problem.y, "o", color=INK)
    ax.set(xlabel="x", ylabel="y")
    ax.set_title(f"{found.breakpoints} breakpoints needed, smallest width {found.width}")
    legend(ax)
    values = ", ".join(f"{_rounded(r)} for width {r.problem.width}" for r in found.results)
    return described(fig, f"{len(x)} points and the best net of each width: value {values}.")


def _rounded(result: ERMResult) -> str:
    """The value of a net, with 0 for what is rounding beside the value of f = 0."""
    return "0" if result.value <= 1e-12 * result.problem.zero_value else f"{result.value:.3g}"
