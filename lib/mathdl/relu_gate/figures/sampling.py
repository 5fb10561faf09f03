"""Figures on Algorithm 2: paths in the plane, fans of distances, time constants, and three laws that break it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.laws import Gaussian, HalfSpace, Pareto
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.moments import GateMoments

Array = NDArray[np.float64]
FLOOR = 1e-30  # drawn for a distance of zero
Slopes = Sequence[tuple[str, float]]  # names and factors a step


def paths_figure(path: Array, squared: Array, w_star: Array, slopes: Slopes, note: str) -> Picture:
    """Some runs `path` (U+1, R, 2) in the plane, and log₁₀ of the mean of `squared` (U+1, runs) beside the slopes."""
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.8)
    for r in range(path.shape[1]):
        left.plot(path[:, r, 0], path[:, r, 1], color=COLOURS[r % 3], linestyle=LINES[r % 3], linewidth=0.8)
    left.plot(*path[0, 0], "s", color=COLOURS[3], markersize=7, label="$w_1$")
    left.plot(*w_star, "*", color=COLOURS[5], markersize=13, label="$w_*$")
    left.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), aspect="equal", title=f"{path.shape[1]} runs in the plane of $w$")
    legend(left, loc="lower left")
    mean = np.log10(np.maximum(squared.mean(axis=1), FLOOR))
    times = 1 + np.arange(len(mean))
    right.plot(times, mean, color=COLOURS[0], label="mean of the runs")
    draw_slopes(right, slopes, float(mean[0]), len(mean) - 1)
    right.set(xlabel="t", ylabel=r"$\log_{10}$ mean $\Vert v_t\Vert^2$", ylim=(-6, 3), title=note)
    legend(right, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=8, columnspacing=1)
    told = "; ".join(f"{name}: a factor {rate:.4g} a step" for name, rate in slopes) or "the theorem offers no slope"
    return described(fig, f"Left, {path.shape[1]} runs of Algorithm 2 in the plane. Right, {note}: the mean squared "
                          f"distance goes from 10^{mean[0]:.2f} to 10^{mean[-1]:.2f} in {len(mean) - 1} updates; "
                          f"{told}.")


def fan_figure(squared: Array, slopes: Slopes, T: int | None, goal: float, title: str) -> Picture:
    """Quantiles of log₁₀‖v_t‖² over runs, `squared` (U+1, R); the slopes; `goal` = ε² and the theorem's T."""
    shown = np.unique(np.linspace(0, len(squared) - 1, 160).astype(int))
    logs = np.log10(np.maximum(squared[shown], FLOOR))
    bands = np.quantile(logs, (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
    mean = np.log10(np.maximum(squared[shown].mean(axis=1), FLOOR))
    fig, ax = new_figure(width=8.0, height=4.0)
    for k, label in ((0, "90 % of the runs"), (1, "half of the runs")):
        ax.fill_between(1 + shown, bands[k], bands[4 - k], color=COLOURS[0], alpha=0.15 + 0.15 * k, linewidth=0,
                        label=label)
    ax.plot(1 + shown, bands[2], color=COLOURS[0], label="median")
    ax.plot(1 + shown, mean, color=COLOURS[3], linestyle=LINES[4], label="mean")
    draw_slopes(ax, slopes, float(mean[0]), len(squared) - 1)
    ax.axhline(math.log10(goal), color=INK, linestyle=":", linewidth=1.2, label=rf"$\epsilon^2$ = {goal:.2g}")
    if T is not None:
        ax.plot([T], [math.log10(goal)], "D", color=COLOURS[5], markersize=8, label=f"T of this step = {T}")
    low = min(float(bands[0, -1]), math.log10(goal))
    ax.set(xlabel="t", ylabel=r"$\log_{10}\Vert v_t\Vert^2$", title=title,
           ylim=(max(low, -12) - 0.5, max(1.0, float(mean.max()) + 0.5)))
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1), fontsize=8)
    told = "; ".join(f"{name} falls by a factor {rate:.5g} a step" for name, rate in slopes) or "no slope is offered"
    return described(fig, f"{title}. {squared.shape[1]} runs, {len(squared) - 1} updates: the median of log10 of the "
                          f"squared distance ends at {bands[2, -1]:.2f}, the mean at {mean[-1]:.2f}; {told}. "
                          + (f"T of this step is {T}." if T is not None else "The theorem names no T."))


def draw_slopes(ax: Axes, slopes: Slopes, start: float, updates: int) -> None:
    """Straight lines start + t log₁₀(factor) from t = 1 on; a factor of 0 falls at once."""
    for i, (name, rate) in enumerate(slopes):
        t = np.array([0, updates])
        ax.plot(1 + t, start + t * math.log10(max(rate, FLOOR)), color=COLOURS[1 + i], linestyle=LINES[1 + i],
                linewidth=1.6, label=name)


def time_constants_figure(inputs: Sequence[int]) -> Picture:
    """Updates for a factor e of E‖v‖², Gaussian inputs: bound, truth, sharp step, and the 1 that O(log) suggests."""
    m = [GateMoments.gaussian(n) for n in inputs]
    rows = (("theorem's bound, step λ/c₁", [k.rate() for k in m]),
            ("truth at that step", [k.contraction(k.step_size()) for k in m]),
            ("bound and truth, step λ/Λ", [k.rate(kind="sharp") for k in m]))
    fig, ax = new_figure(width=7.0, height=3.6)
    constants = [[-1 / math.log(rate) for rate in rates] for _, rates in rows]
    for i, ((name, _), values) in enumerate(zip(rows, constants, strict=True)):
        ax.loglog(inputs, values, color=COLOURS[i], linestyle=LINES[i], marker="os^"[i], markersize=5, label=name)
    ax.loglog(inputs, [1] * len(inputs), color=COLOURS[5], linestyle=":", label="as O(log ·) is printed, constant 1")
    ax.set(xlabel="inputs n", ylabel="updates for a factor e",
           title=f"n = {inputs[-1]}: bound {constants[0][-1]:.0f} updates, sharp step {constants[2][-1]:.0f}")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"Updates for a factor e in the mean squared distance, Gaussian inputs. At n = {inputs[-1]} "
                          f"the bound says {constants[0][-1]:.1f}, the truth at that step is {constants[1][-1]:.1f}, "
                          f"and the sharp step needs {constants[2][-1]:.1f}.")


def breaks_figure(runs: int = 40_000, seed: int = 0) -> Picture:
    """Three hypotheses at work: a silent direction, tails without fourth moment, noisy labels."""
    rng = np.random.default_rng(seed)
    fig, (stuck, heavy, noisy) = new_figure(1, 3, width=10.0, height=4.2)
    path = modified_sgd(HalfSpace(3), (1, 0, 0), (0, 0, 1), step=0.1, updates=200, runs=100, rng=rng, keep=True).path
    for k in range(3):
        gap = np.abs(path[:, :, k] - (k == 0)).mean(axis=1)
        stuck.semilogy(1 + np.arange(201), np.maximum(gap, 1e-6), color=COLOURS[k], linestyle=LINES[k],
                       label=f"coordinate {k + 1}")
    sizes = np.unique(np.geomspace(50, runs, 40).astype(int))
    ends = [modified_sgd(law, [1], [0], step=0.1, updates=12, runs=runs, rng=rng).at(13)
            for law in (Gaussian(1), Pareto(1, 3))]
    for i, (end, name) in enumerate(zip(ends, ("Gaussian", "Pareto, tail 3"), strict=True)):
        heavy.loglog(sizes, [end[:R].mean() for R in sizes], color=COLOURS[i], linestyle=LINES[i],
                     label=f"{name}: mean")
    heavy.loglog(sizes, [np.median(ends[1][:R]) for R in sizes], color=COLOURS[2], linestyle=LINES[2],
                 label="Pareto: median")
    floors = []
    for i, noise in enumerate((0.0, 0.001, 0.3)):
        mean = modified_sgd(Gaussian(3), (1, 0, 0), (0, 0, 0), step=0.1, updates=300, runs=400, rng=rng,
                            label_noise=noise).squared_distance.mean(axis=1)
        floors.append(float(mean[150:].mean()))
        noisy.semilogy(1 + np.arange(301), mean, color=COLOURS[i], linestyle=LINES[i], label=f"noise {noise:g}")
    stuck.set(title="Σ₊ singular: one never moves", xlabel="t", ylabel="mean distance in one coordinate")
    heavy.set(title="no fourth moment: no mean", xlabel="runs in the average", ylabel=r"$\Vert v_{13}\Vert^2$")
    noisy.set(title="noisy labels: a floor", xlabel="t", ylabel=r"mean $\Vert v_t\Vert^2$")
    for ax in (stuck, heavy, noisy):
        legend(ax, loc="upper center", bbox_to_anchor=(0.5, -0.2), fontsize=8)
    worst = ends[1].mean() / ends[1][:100].mean()
    return described(fig, "Left, where the active half has no third coordinate the third weight stays where it starts "
                          f"(distance {np.abs(path[-1, :, 2]).mean():.3f}). Middle, with Pareto tails the mean over "
                          f"{runs} runs is {worst:.2g} times the mean over 100, the median is "
                          f"{np.median(ends[1]):.3f} throughout. Right, with label noise 0.001 and 0.3 the mean "
                          f"squared distance stalls at {floors[1]:.2g} and {floors[2]:.2g}.")
