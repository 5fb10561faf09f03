"""Figures on learners: curves of recovery, descent near the dictionary, deviations, and the picture over (p, ζ)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.sparse_coding.basin import Descent
from mathdl.sparse_coding.experiments.dictionary_learning import Curve
from mathdl.sparse_coding.phase import PhaseDiagram

Array = NDArray[np.float64]
MARKERS = ("o", "s", "^")


def race_figure(curves: Mapping[str, Curve], *, share: float = 0.93) -> Picture:
    """The share of planted atoms found against processor time, one line a learner, and the `share` aimed at."""
    fig, ax = new_figure(width=8.5, height=3.6)
    for i, (name, c) in enumerate(curves.items()):
        first = c.seconds[1]
        ax.plot(np.maximum(c.seconds, first / 2), c.found, color=COLOURS[i], linestyle=LINES[i], marker=MARKERS[i],
                markersize=4, markevery=max(1, len(c.seconds) // 12), label=name)
    ax.axhline(share, color=INK, linestyle=":", linewidth=1)
    times = {name: c.seconds_to(share) for name, c in curves.items()}
    first, second = sorted(times, key=times.get)[:2]
    ax.set(xscale="log", xlabel="seconds of processor time", ylabel="atoms found (cosine > 0.95)", ylim=(-0.03, 1.08),
           title=f"{share:.0%} of the atoms: {times[first]:.2g} s, next {times[second]:.2g} s")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    ends = "; ".join(f"{name}: {share:.0%} after {times[name]:.2g} s, {c.found[-1]:.1%} at the end, "
                     f"{c.seconds[-1]:.3g} s" for name, c in curves.items())
    return described(fig, f"Share of planted atoms found against processor time. {ends}.")


def descent_figure(runs: Sequence[Descent], planted: Array, *, stretched: float) -> Picture:
    """Mean distance from the dictionary (n, h) along runs; lines at W = 0 and at `stretched` − 1."""
    fig, (left, right) = new_figure(1, 2, width=9, height=3.5)
    found = [run.matched(planted).cosines for run in runs]
    for i, run in enumerate(runs):
        left.plot(run.distances, color=COLOURS[i], linestyle=LINES[i])
        right.plot(np.sort(found[i]), color=COLOURS[i], linestyle=LINES[i], label=f"from {run.distances[0]:g}")
    left.axhline(1, color=INK, linestyle=":", linewidth=1.2)
    left.axhline(stretched - 1, color=INK, linestyle="--", linewidth=1.2)
    left.text(0, 1.04, "W = 0", color=INK, fontsize=8)
    left.set(yscale="log", xlabel="step", ylabel="mean distance from A*",
             title=f"Starting at {runs[0].distances[0]:g} ends at {runs[0].distances[-1]:.3f}")
    right.set(xlabel="atom, sorted", ylabel="cosine with its match", ylim=(-0.05, 1.08),
              title=f"Smallest cosine {found[0].min():.4f}")
    legend(right, loc="upper left", bbox_to_anchor=(1, 1))
    told = "; ".join(f"from {r.distances[0]:g} to {r.distances[-1]:.3f}, {np.mean(c > 0.95):.0%} of the atoms found"
                     for r, c in zip(runs, found, strict=True))
    return described(fig, f"Gradient descent near the dictionary. {told}. The dashed line is the stretched dictionary, "
                          f"at {stretched - 1:.3f}.")


def deviation_figure(samples: Array, quantile: Array, bounds: Mapping[str, Array], *, alarm: float) -> Picture:
    """The (1 − alarm) quantile of the largest deviation (T,) against `samples` (T,), with bounds (T,) by name."""
    fig, ax = new_figure(width=7.5, height=3.5)
    ax.loglog(samples, quantile, color=COLOURS[0], marker="o", label=f"{1 - alarm:.0%} quantile")
    for i, (name, values) in enumerate(bounds.items(), start=1):
        ax.loglog(samples, values, color=COLOURS[i], linestyle=LINES[i], marker=MARKERS[i], label=name)
    slope = np.polyfit(np.log(samples), np.log(quantile), 1)[0]
    ax.set(xlabel="signals N", ylabel="largest deviation of a row", title=f"The deviation falls with slope {slope:.2f}")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    over = ", ".join(f"{name} {values[-1] / quantile[-1]:.2f} times" for name, values in bounds.items())
    return described(fig, f"Deviation of the empirical gradient against the number of signals, slope {slope:.2f}. At "
                          f"N = {samples[-1]:g} the bounds are above the quantile: {over}.")


def phase_figure(found: PhaseDiagram) -> Picture:
    """The share of supports that one bias recovers over (p, ζ), with the borders of three promises."""
    fig, ax = new_figure(width=7.5, height=4)
    mesh = ax.pcolormesh(found.zetas, found.exponents, found.recovered, cmap="cividis", vmin=0, vmax=1,
                         shading="nearest")
    bar = fig.colorbar(mesh, ax=ax)
    bar.set_label("supports recovered", color=INK)
    bar.ax.tick_params(colors=INK)
    bar.outline.set_edgecolor(INK)
    promises = {"every code": found.every_code, "Theorem 4.3.1": found.printed, "Theorem 4.3.2: 2p < ζ": found.critical}
    for i, (name, region) in enumerate(promises.items()):
        _draw_border(ax, found, region, COLOURS[(1, 3, 5)[i]], LINES[i], name)
    sure = found.recovered[found.every_code].min() if found.every_code.any() else 1.0
    ax.set(xlabel="ζ: coherence $h^{-ζ}$", ylabel="p: sparsity $h^p$",
           title=f"Where every code is promised, {sure:.0%} of the supports are found")
    legend(ax, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, handlelength=3.5)
    shares = ", ".join(f"{name} in {region.mean():.0%}" for name, region in promises.items())
    return described(fig, f"Share of supports recovered by the best common bias over p and ζ; mean "
                          f"{found.recovered.mean():.2f}. Promises cover: {shares} of the cells.")


def _draw_border(ax: Axes, found: PhaseDiagram, region: Array, colour: str, line, name: str) -> None:
    """For each p, the smallest ζ of the grid in the region; nothing where there is none."""
    first = np.where(region.any(1), found.zetas[region.argmax(1)], np.nan)
    step = np.diff(found.zetas).mean() / 2
    ax.plot(first - step, found.exponents, color=colour, linestyle=line, linewidth=2.5, label=name)


def learning_figure(shares: Array, cosines: Array, *, samples: int, title: str) -> Picture:
    """Recovery per step (T+1,) beside the cosines (h, h) of planted atoms with matched ones, negative ones like 0."""
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.5)
    left.plot(shares, color=COLOURS[0], marker="o", markersize=4)
    left.set(xlabel="step", ylabel="atoms found (cosine > 0.95)", ylim=(-0.05, 1.05), title=title)
    left.xaxis.get_major_locator().set_params(integer=True)
    right.imshow(cosines, cmap="cividis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    right.set(xlabel="learned atom, matched", ylabel="planted atom",
              title=f"Mean cosine on the diagonal {np.diag(cosines).mean():.2f}")
    return described(fig, f"Alternating minimisation on {samples} signals: atoms found at each step from "
                          f"{shares[0]:.0%} to {shares[-1]:.0%}; cosines of planted with matched atoms, mean "
                          f"{np.diag(cosines).mean():.2f} on the diagonal.")
