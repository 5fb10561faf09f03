"""Figures on true rates: what one update gains beside what bounds promise, tests of a claimed rate, found steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.second_moment import SecondMoment

Array = NDArray[np.float64]
WAYS = ("true", "sharp bound", "Theorem 3.3.1")
MARKS = ("o", "s", "^")
GRID = 81  # steps on the curves
HUGE = 700.0  # the largest exponent; what is that large is not drawn
LOW, HIGH = 1e-12, 1e3  # window of the mean squares
LEAST = 1e-6  # gains below this are not drawn


def gains(operator: SecondMoment, moments: GateMoments, steps: Array) -> Array:
    """What an update gains, 1 minus the rate, at each step; a row for each of `WAYS`."""
    return 1 - np.stack([operator.rate(steps), moments.rate(steps, "sharp"), moments.rate(steps, "seed")])


def best_steps(operator: SecondMoment, moments: GateMoments) -> Array:
    """The step that each of the three calls the best one."""
    return np.array([operator.best_step()[0], moments.step_size("sharp"), moments.step_size("seed")])


def rates_figure(operator: SecondMoment, moments: GateMoments, start: Array, step: float, *, name: str,
                 updates: int = 200) -> Picture:
    """What an update gains against the step, and E‖v_t‖² at one step beside both bounds, from v_1 = `start`."""
    marks = best_steps(operator, moments)
    grid = np.geomspace(min(marks) / 3, 3 * max(marks), GRID)
    curves, at = gains(operator, moments, grid), gains(operator, moments, np.array([step]))[:, 0]
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.6)
    for i, (way, curve, mark) in enumerate(zip(WAYS, curves, marks, strict=True)):
        seen = curve > LEAST
        left.loglog(grid[seen], curve[seen], color=COLOURS[i], linestyle=LINES[i], linewidth=3.5 - i, label=way)
        best = gains(operator, moments, np.array([mark]))[i]
        left.loglog([mark], best, MARKS[i], color=COLOURS[i], markersize=11 - 2 * i)
    left.axvline(step, color=COLOURS[5], linestyle=LINES[3], linewidth=1.5)
    left.set(xlabel="step s", ylabel="gain of an update, 1 − rate", xlim=(grid[0], grid[-1]),
             title=f"n = {operator.n}, {name}")
    legend(left, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=8, columnspacing=1)
    t, squares = np.arange(1, updates + 2), operator.mean_squares(start, step, updates)
    bounds = [squares[0] * np.exp(np.minimum((t - 1) * np.log(1 - g), HUGE)) for g in at[1:]]
    _draw_decay(right, t, [squares, *bounds])
    right.set(xlabel="t", ylabel=r"$E\|v_t\|^2$ and its bounds", title=f"s = {step:.3g}: true rate {1 - at[0]:.4g}")
    gained = ", ".join(f"{way} {1 - g:.4g}" for way, g in zip(WAYS, at, strict=True))
    return described(fig, f"{name} inputs, n = {operator.n}. Left, what an update gains against the step: the best "
                          f"steps are {marks[0]:.3g} for the true rate, {marks[1]:.3g} for the sharp bound and "
                          f"{marks[2]:.3g} for the bound of Theorem 3.3.1. Right, the mean of ‖v‖² over {updates} "
                          f"updates with step {step:.3g}; rates: {gained}.")


def _draw_decay(ax, t: Array, curves: Sequence[Array]) -> None:
    """Means of ‖v_t‖² on a logarithmic axis; what leaves the window is cut."""
    for i, curve in enumerate(curves):
        seen = (curve > LOW) & (curve < HIGH)
        ax.semilogy(t[seen], curve[seen], color=COLOURS[i], linestyle=LINES[i], linewidth=3.5 - i)
    least = min(curve[curve > LOW].min() for curve in curves)
    ax.set_ylim(min(least, 0.1) / 2, 2 * HIGH)


def power_figure(factors: Sequence[float], rejected: Mapping[str, Sequence[float]], level: float,
                 tests: int) -> Picture:
    """How often each test rejects a claimed rate, against claimed/true: false alarms from 1 on, power before."""
    fig, ax = new_figure(width=6.5, height=3.4)
    for i, (method, frequencies) in enumerate(rejected.items()):
        ax.plot(factors, frequencies, color=COLOURS[i], linestyle=LINES[i], marker=MARKS[i], markersize=5, label=method)
    ax.axhline(level, color=COLOURS[5], linestyle=LINES[3], linewidth=1.5, label=f"level {level:g}")
    ax.axvspan(1, max(factors), color=COLOURS[4], alpha=0.15, label="claim is true")
    at_one = {method: f[list(factors).index(1.0)] for method, f in rejected.items()}
    ax.set(xlabel="claimed rate / true rate", ylabel="rejected", ylim=(-0.03, 1.03),
           title="True claims are rejected rarely, false ones often")
    legend(ax)
    said = ", ".join(f"{method} {v:.3g}" for method, v in at_one.items())
    least = ", ".join(f"{method} {f[0]:.3g}" for method, f in rejected.items())
    return described(fig, f"How often {tests} tests reject a claimed rate. When it is the true rate: {said}. When it "
                          f"is {factors[0]:g} times the true rate: {least}.")


def found_steps_figure(curves: Mapping[str, Array]) -> Picture:
    """The mean of ‖v_t‖² over runs, one curve a way to choose the step; arrays start at t = 1."""
    fig, ax = new_figure(width=6.5, height=3.4)
    for i, (name, curve) in enumerate(curves.items()):
        curve = np.asarray(curve)
        t, seen = np.arange(1, len(curve) + 1), curve > 1e-16
        ax.semilogy(t[seen], curve[seen], color=COLOURS[i], linestyle=LINES[i], label=name)
    ax.set(xlabel="t", ylabel=r"mean of $\|v_t\|^2$", title="Each sample can set its own step")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    said = ", ".join(f"{name} {_first_below(curve)}" for name, curve in curves.items())
    return described(fig, f"Mean squared distance from the target against t. First below one hundredth of the start: "
                          f"{said}.")


def _first_below(curve: Array) -> str:
    below = np.flatnonzero(np.asarray(curve) < curve[0] / 100)
    return f"t = {below[0] + 1}" if len(below) else f"not up to t = {len(curve)}"
