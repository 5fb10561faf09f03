"""Figures on GLM-Tron: risk curve with its promises, slopes around 2, noise that is too much, and a dead start."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.activations import relu, slope
from mathdl.relu_gate.glm_tron import gate_descent, glm_tron
from mathdl.relu_gate.tron_bounds import first_hit, is_vacuous, largest_useful_noise, tron_steps, tron_threshold
from mathdl.relu_gate.tron_problem import TronProblem, stubborn_problem

Array = NDArray[np.float64]
FLOOR = 1e-9  # risks below are drawn here
KINDS = (("printed", "threshold, printed"), ("sharp", "threshold, ours"))


def tron_figure(p: TronProblem, epsilon: float, *, longest: int = 3000) -> Picture:
    """The effective risk of every iterate with the thresholds, both numbers of steps, and the first hit."""
    W, L = p.W, p.activation.lipschitz
    printed, enough = tron_steps(W, epsilon, "printed"), tron_steps(W, epsilon)
    risk = p.run(min(max(enough, printed, 20), longest)).effective_risk
    t = 1 + np.arange(len(risk))
    fig, ax = new_figure(width=7.5, height=3.8)
    ax.loglog(t, np.clip(risk, FLOOR, 1e9), color=COLOURS[0], marker="." if len(t) < 60 else "", label="effective risk")
    found = _thresholds(ax, p, epsilon, risk) if L < 2 else {}
    for i, (name, T) in enumerate((("T, printed", printed), ("T, corrected", enough))):
        ax.axvline(max(T, 1), color=COLOURS[3 + i], linestyle=LINES[3 + i], linewidth=1.5, label=f"{name}: {T}")
    ax.set(xlabel="iterate t", ylabel="effective risk", xlim=(0.8, 1.3 * len(t)), title=_finding(p, epsilon, found))
    ax.minorticks_off()  # the labels and marks of two logarithmic axes would take half the time of the drawing
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    words = ", ".join(f"{kind} {value:.4g} first undercut at t = {hit}" for kind, (value, hit) in found.items())
    return described(fig, f"Effective risk of GLM-Tron against t for ‖w_*‖ = {W:.3g}, ε = {epsilon:.3g}, θ = "
                          f"{p.theta:.3g}, L = {L:.3g}: {risk[0]:.4g} at t = 1, {risk[-1]:.4g} at t = {len(t)}. "
                          f"Thresholds: {words or 'none'}. T printed {printed}, corrected {enough}. "
                          f"{_finding(p, epsilon, found)}.")


def _thresholds(ax: Axes, p: TronProblem, epsilon: float, risk: Array) -> dict[str, tuple[float, int]]:
    """Draw each finite threshold and the first iterate below it; return them by kind."""
    found = {}
    for i, (kind, name) in enumerate(KINDS, start=1):
        value = float(tron_threshold(p.activation.lipschitz, epsilon, p.theta, p.W, kind))
        if np.isfinite(value):
            hit = int(first_hit(risk, value))
            found[kind] = (value, hit)
            ax.axhline(value, color=COLOURS[i], linestyle=LINES[i], linewidth=1.5, label=name)
            if hit:
                ax.plot([hit], [max(risk[hit - 1], FLOOR)], "o" if i == 1 else "D", color=COLOURS[i], markersize=8,
                        markerfacecolor="none", markeredgewidth=2)
    return found


def _finding(p: TronProblem, epsilon: float, found: dict[str, tuple[float, int]]) -> str:
    L, W = p.activation.lipschitz, p.W
    if L >= 2:
        return f"L = {L:.3g}: from 2 on no theorem says where it ends"
    value, hit = found["printed"]
    if is_vacuous(L, epsilon, p.theta, W):
        return f"Vacuous: threshold {value:.3g} ≥ L²W² = {(L * W) ** 2:.3g}, no step needed"
    late = hit > tron_steps(W, epsilon, "printed") or not hit
    return f"First below {value:.3g} at t = {hit}" + (": later than the printed T" if late else "")


def slopes_figure(slopes: Sequence[float] = (0.5, 1.9, 2.0, 2.5), updates: int = 12) -> Picture:
    """w_t / w_* on one sample x = 1 without noise, for lines of several slopes."""
    fig, ax = new_figure(width=7, height=3.6)
    last = []
    for i, L in enumerate(slopes):
        w = glm_tron([[1.0]], [L], slope(L), updates).w[:, 0]
        last.append(w[-1])
        ax.plot(1 + np.arange(updates + 1), w, color=COLOURS[i], linestyle=LINES[i], marker="osD^"[i % 4], markersize=4,
                label=f"L = {L:g}")
    ax.axhline(1, color=INK, linewidth=1, label="target")
    ax.set(ylim=(-3, 5), xlabel="iterate t", ylabel="$w_t / w_*$", title="Below slope 2 it settles, at 2 it swings")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    ends = ", ".join(f"{v:.4g} for L = {L:g}" for L, v in zip(slopes, last, strict=True))
    return described(fig, f"The weight of GLM-Tron over the target on one sample, for {len(slopes)} slopes. After "
                          f"{updates} updates: {ends}.")


def noise_figure(points: int = 200) -> Picture:
    """The noise θ/W from which on each threshold says nothing, and the noise that erases every label, against L."""
    L = np.linspace(0.01, 1.99, points)
    printed, sharp = (np.array([largest_useful_noise(v, kind) for v in L]) for kind in ("printed", "sharp"))
    fig, ax = new_figure(width=7, height=3.6)
    curves = (("labels can be erased above", L), ("ours useful below", sharp), ("printed useful below", printed))
    for i, (name, y) in enumerate(curves):
        ax.plot(L, y, color=COLOURS[i], linestyle=LINES[i], linewidth=3 - i / 2, label=name)
    ax.set(xlabel="L", ylabel=r"$\theta/\|w_*\|$", ylim=(0, 1.2),
           title="For L ≤ 1 ours works up to the noise that erases all")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"Noise over ‖w_*‖ against L. The printed threshold is useful below a curve that is at most "
                          f"{printed.max():.3g}, at L = {L[printed.argmax()]:.2f}; ours below a tent with top "
                          f"{sharp.max():.3g} at L = {L[sharp.argmax()]:.2f}, which for L ≤ 1 is the noise that can "
                          "set all labels to zero.")


def dead_start_figure(x: ArrayLike, w_star: ArrayLike, w1: ArrayLike, updates: int = 60) -> Picture:
    """The observable risk of gradient descent and of GLM-Tron from the same start, on a ReLU gate without noise."""
    x = np.asarray(x, dtype=float)
    y = relu(x @ np.asarray(w_star, dtype=float))
    runs = (("gradient descent", gate_descent(x, y, updates, w1=w1)),
            ("GLM-Tron", glm_tron(x, y, relu, updates, w1=w1)))
    fig, ax = new_figure(width=7, height=3.4)
    for i, (name, run) in enumerate(runs):
        ax.semilogy(run.times, np.maximum(run.risk, FLOOR), color=COLOURS[i], linestyle=LINES[1 - i], label=name)
    stuck, ended = (run.risk[-1] for _, run in runs)
    ax.set(xlabel="iterate t", ylabel="risk $L_S$", title="Where no sample is active, only one of them moves")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"Risk against t from one start. Gradient descent: {runs[0][1].risk[0]:.4g} at the start and "
                          f"{stuck:.4g} after {updates} updates. GLM-Tron: {ended:.4g}.")


def stubborn_figure(W: float = 10.0, theta: float = 0.5, updates: int = 60) -> Picture:
    """The path of the iterates on the stubborn sample beside its effective risk, which does not move."""
    p = stubborn_problem(W, theta)
    run = p.run(updates)
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.5)
    left.plot(*run.w.T, ".", color=COLOURS[0], label="$w_t$")
    left.plot(*p.w_star, "*", color=COLOURS[5], markersize=12, label="target")
    left.set(xlim=(-W, W), xlabel="first weight", ylabel="second weight", title="The iterates move sideways")
    legend(left, loc="upper left")
    right.plot(run.times, run.effective_risk, color=COLOURS[0], label="effective risk")
    for i, (name, v) in enumerate(((r"$0.36\,\theta W$", 0.36 * theta * W), (r"$\theta^2$", theta ** 2)), start=1):
        right.axhline(v, color=COLOURS[i], linestyle=LINES[i], label=name)
    top = run.effective_risk.max()
    right.set(ylim=(0, 1.6 * top), xlabel="iterate t", title=f"The risk stays at {run.effective_risk[-1]:.3g}")
    legend(right, loc="upper right", ncols=3)
    return described(fig, f"Four samples, ‖w_*‖ = {W:g}, noise {theta:g}. The first weight stays within "
                          f"{np.abs(run.w[:, 0]).max():.1g} of 0 and the second grows to {run.w[-1, 1]:.3g}; the "
                          f"effective risk goes from {run.effective_risk[0]:.4g} to {run.effective_risk[-1]:.4g}, "
                          f"above 0.36θW = {0.36 * theta * W:.3g} and θ² = {theta ** 2:.3g}.")
