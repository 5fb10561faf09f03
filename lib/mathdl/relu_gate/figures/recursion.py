"""Figures on the recursion of Lemma 3.E.1: its worst sequence against the target, and how long it takes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.recursion import Recursion, steps_by_ratio, worst_nonnegative

Array = NDArray[np.float64]
LONGEST = 2000  # steps drawn at most
RATIOS = np.concatenate([np.linspace(0.02, 0.9, 23), 1 - np.geomspace(0.1, 1e-6, 24)[1:]])


def recursion_figure(r: Recursion) -> Picture:
    """Left the largest X_t ≥ 0 that the inequality allows, with target and fixed point; right T against c2 / c1."""
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.4)
    found = _draw_sequence(left, r)
    _draw_times(right, r)
    return described(fig, f"The recursion with α = {float(r.alpha):.4g}, β = {float(r.beta):.4g}, started at "
                          f"{float(r.start):.4g}. {found} Beside it T against c2 / c1, which grows without limit as "
                          "the ratio goes to 1.")


def _draw_sequence(ax, r: Recursion) -> str:
    """The worst sequence, and in words what happens to it."""
    if r.alpha < 0:
        x, found = worst_nonnegative(r.alpha, r.beta, r.start, 12), "α is negative: unrolling is not allowed."
        title = "α < 0: a small $X_t$ allows a large one" if len(x) > 1 else "α < 0: no $X_2 \\geq 0$ from this start"
    else:
        steps = r.steps
        x = _closed_form(r, min(steps, LONGEST) if steps < math.inf else LONGEST)
        found = (f"It reaches {float(r.target):.4g} at t = {steps}." if steps < math.inf else
                 f"It stays above {float(r.target):.4g} for ever.")
        title = f"target reached at t = {steps}" if steps < math.inf else "target never reached"
    low = float(min(r.target, r.start, max(r.fixed_point, r.target / 50))) / 3
    ax.plot(np.arange(1, len(x) + 1), np.maximum(np.array(x, dtype=float), low / 2), color=COLOURS[0],
            marker="o" if len(x) < 40 else None, markersize=4, label="largest $X_t$")
    ax.axhline(float(r.target), color=COLOURS[1], linestyle="--", label="target $\\epsilon'^2$")
    if r.alpha >= 0 and r.steps < math.inf:
        ax.plot([r.steps], [max(float(r.value(r.steps)), 1.2 * low)], "s", color=COLOURS[5], markersize=7)
    if r.fixed_point > low:
        ax.axhline(float(r.fixed_point), color=COLOURS[2], linestyle="-.", label="fixed point")
    ax.set(xlabel="t", title=title, yscale="log", ylim=(low, 4 * float(max(r.start, r.target, r.beta))))
    ax.yaxis.minorticks_off()  # the range spans more than a decade, and small ticks take half of the drawing time
    legend(ax, loc="upper right", ncols=3, columnspacing=1, handlelength=1.6, fontsize=8)
    return found


def _draw_times(ax, r: Recursion) -> None:
    """T for all ratios c2 / c1 below 1, and the one that is drawn."""
    case = Recursion(float(r.b), float(r.c1), float(r.c1) / 2, float(r.start), float(r.epsilon))
    if case.alpha <= 0 or case.start <= case.target:
        why = "no T:\nb²/c1 is above (ε' + 1/ε')²" if case.alpha <= 0 else "T = 1:\nthe start is below the target"
        ax.text(0.5, 0.5, why, ha="center", va="center", transform=ax.transAxes, color=INK)
        ax.set(xticks=[], yticks=[])
        return
    times = steps_by_ratio(case, RATIOS)
    ax.plot(RATIOS, times, color=COLOURS[3], linestyle=LINES[0])
    if 0 < r.c2 < r.c1:
        ax.plot([float(r.c2 / r.c1)], [r.T], "s", color=COLOURS[5], markersize=7)
    ax.axvline(1, color=COLOURS[1], linestyle="--")
    ax.set(xlabel="$c_2 / c_1$", ylabel="T", xlim=(0, 1.03), ylim=(0, 1.05 * times[-1]),
           title="T is infinite at $c_2 = c_1$")


def _closed_form(r: Recursion, last: int) -> Array:
    """X_1, ..., X_last in floats."""
    t = np.arange(max(int(last), 2))
    fixed = float(r.fixed_point)
    return float(r.alpha) ** t * (float(r.start) - fixed) + fixed


def conditions_figure(epsilons: Array) -> Picture:
    """The printed limit of b² / c1 and the one that is needed, against ε'."""
    printed, needed = epsilons + 1 / epsilons + 2, (epsilons + 1 / epsilons) ** 2
    fig, ax = new_figure(width=5.5, height=3.2)
    ax.loglog(epsilons, needed, color=COLOURS[0], linestyle=LINES[0], label="needed: $(\\epsilon' + 1/\\epsilon')^2$")
    ax.loglog(epsilons, printed, color=COLOURS[1], linestyle=LINES[1],
              label="printed: $(\\sqrt{\\epsilon'} + 1/\\sqrt{\\epsilon'})^2$")
    ax.fill_between(epsilons, printed, needed, color=COLOURS[2], alpha=0.2)
    ax.set(xlabel="$\\epsilon'$", ylabel="limit of $b^2 / c_1$", title="The printed condition is safe, and too strict")
    legend(ax, loc="upper center")
    return described(fig, f"Two limits for b²/c1 against ε'. At ε' = {epsilons[0]:.3g} the printed one is "
                          f"{printed[0]:.4g} and the needed one {needed[0]:.4g}; they touch at ε' = 1.")
