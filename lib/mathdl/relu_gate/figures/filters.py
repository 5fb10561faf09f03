"""Figures on nets with one filter, on what the summary claims, and on the search for counterexamples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.adversary import Found
from mathdl.relu_gate.confinement import Confinement, r_star
from mathdl.relu_gate.filter_training import filter_descent, gaussian_shrinkage
from mathdl.relu_gate.runs import GateRuns
from mathdl.relu_gate.single_filter import SingleFilterNet
from mathdl.relu_gate.stationarity import EnergyTest, drifting_chain

Array = NDArray[np.float64]
FOUND = 0.02  # this near to w_* a path counts as arrived
NAMES = {"tron": "Algorithm 4", "active": "Algorithm 2"}


def plane_figure(net: SingleFilterNet, x: Array, weights: Array, w_star: Array, start: Array, *, step: float,
                 updates: int, view: float = 3.0) -> Picture:
    """Left the loss over the plane of the filter with both full-batch paths; right how far each is from w_*."""
    runs = {rule: filter_descent(net, x, w_star, start, step=step, updates=updates, rule=rule, weights=weights)
            for rule in NAMES}
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.6)
    axis = np.linspace(-view, view, 31)
    left.contour(axis, axis, plane_loss(net, x, weights, w_star, axis), levels=6, colors="#80808080", linewidths=1)
    for i, (rule, run) in enumerate(runs.items()):
        path = np.clip(run.path[:, 0], -2 * view, 2 * view)
        left.plot(*path.T, color=COLOURS[i], linestyle=LINES[i])
        right.plot(run.times, np.sqrt(run.squared_distance[:, 0]).clip(1e-3), color=COLOURS[i], linestyle=LINES[i],
                   label=NAMES[rule])
    left.plot(*w_star, "*", color=COLOURS[2], markersize=13)
    left.plot(*start, "o", color=COLOURS[5], markersize=8)
    left.set(xlim=(-view, view), ylim=(-view, view), xlabel="$w_1$", ylabel="$w_2$",
             title=f"k = {net.k} patch{'es' if net.k > 1 else ''}, filter of length 2")
    right.set(xlabel="t", ylabel="$\\|w_t - w_*\\|$", title=_verdict(runs), yscale="log", ylim=(1e-3, 20))
    right.yaxis.minorticks_off()
    legend(right, loc="upper right", ncols=2)
    ends = ", ".join(f"{NAMES[rule]} {math.sqrt(run.squared_distance[-1, 0]):.3g}" for rule, run in runs.items())
    return described(fig, f"The loss over the plane of the filter for {net.k} patches, with a star at the target and "
                          f"two paths from ({start[0]:.3g}, {start[1]:.3g}). Distance from the target after {updates} "
                          f"updates: {ends}.")


def plane_loss(net: SingleFilterNet, x: Array, weights: Array, w_star: Array, axis: Array) -> Array:
    """The mean of (f_w − f_{w_*})² on the sample for w in the square axis × axis, rows for the second coordinate."""
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    return (net(grid[..., None, :], x) - net(w_star, x)) ** 2 @ weights


def _verdict(runs: Mapping[str, GateRuns]) -> str:
    """What the two runs did, in words: w_* is found, approached, missed or left."""
    words = []
    for rule, run in runs.items():
        first, last = (math.sqrt(run.squared_distance[i, 0]) for i in (0, -1))
        words.append(f"{NAMES[rule]} {'finds' if last < FOUND else 'leaves' if last > max(first, 0.1) else 'misses'}")
    return f"{words[0]}, {words[1]} $w_*$"


def rest_figure(simulated: Mapping[int, tuple[float, float]], tron: Mapping[int, tuple[float, float]]) -> Picture:
    """The factor c_k by formula, and the component of w_T along w_* of both rules, mean and error by k."""
    ks = np.arange(1, max(simulated) + 3)
    fig, ax = new_figure(width=6, height=3.3)
    ax.plot(ks, [gaussian_shrinkage(int(k)) for k in ks], color=COLOURS[0], linestyle=LINES[1], label="formula $c_k$")
    for i, (name, runs, mark) in enumerate((("Algorithm 2", simulated, "o"), ("Algorithm 4", tron, "s"))):
        means, errors = np.array(list(runs.values())).T
        ax.errorbar(list(runs), means, yerr=errors, fmt=mark, color=COLOURS[1 + i], capsize=4, label=name)
    ax.axhline(0.5, color=COLOURS[3], linestyle=":", linewidth=1.2)
    ax.set(xlabel="patches k", ylabel="mean of $\\langle w_T, w_*\\rangle$", ylim=(0.4, 1.1),
           title="With patches, Algorithm 2 rests short of the target")
    legend(ax, loc="center right")
    values = ", ".join(f"k = {k}: {m:.3f}" for k, (m, _) in simulated.items())
    return described(fig, f"How much of the target each rule finds, against the number of patches. Algorithm 2: "
                          f"{values}, as the formula says, down to a limit of 0.5; Algorithm 4 finds it all.")


def settling_figure(cases: Mapping[str, tuple[EnergyTest, Array, Array]]) -> Picture:
    """For each data set the iterates w_T and w_2T of different chains, with the p-value of "they have one law"."""
    fig, axes = new_figure(1, len(cases), width=4.2 * len(cases), height=3.5, squeeze=False)
    for ax, (name, (test, early, late)) in zip(axes[0], cases.items(), strict=True):
        for i, (sample, label) in enumerate(((late, "2T"), (early, "T"))):
            ax.plot(*sample.T, "os"[i], color=COLOURS[1 - i], markersize=3, alpha=0.6, label=label)
        ax.set(xlabel="$w_1$", ylabel="$w_2$", title=f"{name}: p = {test.p_value:.3g}")
        legend(ax, loc="upper left")
    words = "; ".join(f"{name}: p = {test.p_value:.3g}, energy distance {test.distance:.3g}"
                      for name, (test, _, _) in cases.items())
    return described(fig, f"Clouds of iterates at T and at 2T. {words}.")


def escape_figure(times: Sequence[int], radius: float) -> Picture:
    """P(|w_T| ≤ radius) of the chain without a limit law, exact, and a line of slope −1/2."""
    inside = [drifting_chain(T).inside(radius) for T in times]
    fig, ax = new_figure(width=5.5, height=3.2)
    ax.loglog(times, inside, color=COLOURS[0], marker="o", markersize=4, label=f"$P(|w_T| \\leq {radius:g})$")
    ax.loglog(times, inside[-1] * np.sqrt(times[-1] / np.array(times)), color=COLOURS[1], linestyle="--",
              label="falls like $T^{-1/2}$")
    ax.set(xlabel="T", ylabel="probability", title="The mass leaves every bounded set")
    legend(ax, loc="lower left")
    return described(fig, f"The exact probability that |w_T| is at most {radius:g}: {inside[0]:.3g} at T = {times[0]}, "
                          f"{inside[-1]:.3g} at T = {times[-1]}, along a line of slope −1/2 in logarithms.")


def radius_figure(setting: Confinement, times: ArrayLike) -> Picture:
    """Printed and improved radius against T, with the horizon 1/(2η²C⁴) after which the printed one does not exist."""
    from dataclasses import replace

    times = np.asarray(times)
    radii = {kind: np.array([r_star(replace(setting, updates=int(T)), kind) for T in times])
             for kind in ("printed", "improved")}
    horizon = 1 / (2 * setting.step ** 2 * setting.data_norm ** 4)
    fig, ax = new_figure(width=6, height=3.3)
    for i, (kind, r) in enumerate(radii.items()):
        ends = np.isfinite(r)
        ax.loglog(times[ends], r[ends], color=COLOURS[i], linestyle=LINES[i], label=f"$r_*$, {kind}")
    ax.axvline(horizon, color=COLOURS[5], linestyle=":", label="$1/(2\\eta^2C^4)$")
    ax.set(xlabel="updates T", ylabel="radius", title="The printed radius ends, the improved one grows like √T")
    legend(ax, loc="upper left")
    return described(fig, f"The radius of the ball against the number of updates. The printed one does not exist from "
                          f"T = {horizon:.4g} on; the improved one is {radii['improved'][-1]:.3g} at T = {times[-1]}.")


def climbs_figure(finds: Mapping[str, Found]) -> Picture:
    """The largest log₁₀(measured / bound) found so far against the tries, one line a bound; above 0 is a violation."""
    fig, ax = new_figure(width=7.5, height=3.6)
    for i, (target, found) in enumerate(finds.items()):
        ax.plot(np.arange(1, len(found.best) + 1), found.best, color=COLOURS[i % 6], linestyle=LINES[i % 6],
                label=f"{target}: {found.log_ratio:+.2g}")
    ax.axhline(0, color="#808080", linewidth=1)
    ax.set_yscale("symlog", linthresh=1)
    ax.set(xlabel="tries", ylabel="$\\log_{10}$(measured / bound)", ylim=(-4, None),
           title="Above 0 the bound is violated")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    words = "; ".join(f"{target} from {found.start:.3g} to {found.log_ratio:.3g}" for target, found in finds.items())
    return described(fig, f"Searches for violations: log₁₀ of measured over bound, {words}.")
