"""Figures on confinement: the fan of distances, bounds beside exit probabilities, and how much noise is allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.confinement import KINDS, ExitBound, confinement_bound, scientific
from mathdl.relu_gate.confinement_audit import Audit, AuditRow
from mathdl.relu_gate.confinement_examples import far_coin
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.gaussian_tail import TAILS, max_noise

Array = NDArray[np.float64]
FLOOR = -18.0  # log₁₀ of the smallest probability with a place of its own on an axis
MARKERS = ("o", "s", "^", "D", "v", "P")


def fan_figure(distances: Array, found: Audit, *, name: str) -> Picture:
    """Distances of simulated runs (U+1, R) with the radii, beside each bound and the probability of an exit.

    `found` is the audit of the same instance; probabilities below 1e-18 are drawn at the left edge.
    """
    fig, (left, right) = new_figure(1, 2, width=9, height=3.8)
    t = np.arange(len(distances))
    low, middle, high = np.quantile(distances, (0.05, 0.5, 0.95), axis=1)
    left.fill_between(t, low, high, color=COLOURS[4], alpha=0.3, linewidth=0)
    left.plot(t, middle, color=COLOURS[0], label="median, 90 %")
    left.plot(t, distances.max(1), color=COLOURS[0], linestyle=":", linewidth=1.2, label="farthest run")
    for i, (kind, text) in enumerate((("corrected", "radius, printed"), ("improved", "radius, improved")), start=1):
        radius = found[kind].bound.radius
        if math.isfinite(radius):
            left.axhline(radius, color=COLOURS[i], linestyle=LINES[i], label=text)
    top = max([distances.max(), *(row.bound.radius for row in found.rows if math.isfinite(row.bound.radius))])
    left.set(xlabel="update i", ylabel="$\\|w_i - w_*\\|$", ylim=(0, 1.55 * top),
             title=f"With {name} noise the farthest run reaches {distances.max():.3g}")
    legend(left, loc="upper left", ncols=2, fontsize=8)
    _draw_rows(right, found)
    return described(fig, f"Left, distances from the target over {len(t) - 1} updates with {name} noise: median "
                          f"{middle[-1]:.3g} at the end, farthest run {distances.max():.3g}. Right, on a logarithmic "
                          f"scale: {'; '.join(_in_words(row) for row in found.rows)}.")


def _draw_rows(ax: Axes, found: Audit) -> None:
    for i, row in enumerate(found.rows):
        bound, low, high = (max(v, FLOOR) for v in (row.bound.log10, _log(row.low), _log(row.high)))
        ax.plot([bound], [i], marker="s", markersize=9, color=COLOURS[1], linestyle="none", markerfacecolor="none",
                markeredgewidth=2, label="bound" if i == 0 else None)
        ax.plot([low, high], [i, i], marker="o", markersize=6, color=COLOURS[0], linewidth=3,
                label="probability of an exit" if i == 0 else None)
    ax.axvline(0, color=COLOURS[3], linestyle=":", linewidth=1.2)
    silent = "" if not found["improved"].broken else ", silent"
    ax.set(xlim=(FLOOR - 1, 4), ylim=(len(KINDS) + 0.3, -0.7), yticks=range(len(KINDS)), xlabel="log₁₀ of probability",
           title=f"Improved bound: {found['improved'].bound}{silent}")
    ax.set_yticklabels(KINDS)
    legend(ax, loc="lower left", ncols=2, fontsize=8)


def break_figure(units: Array, exits: Array, bounds: dict[str, Sequence[ExitBound]], *, at: int,
                 verdict: str) -> Picture:
    """log₁₀ of exit probability and bounds, cut at 1e-18, against λ in its units; `at` is the reader's place."""
    fig, ax = new_figure(width=8, height=3.9)
    ax.plot(units, np.maximum(exits, FLOOR), color=COLOURS[0], linewidth=3, label="exit probability, exact")
    for i, (kind, curve) in enumerate(bounds.items(), start=1):
        ax.plot(units, np.clip([b.log10 for b in curve], FLOOR, 3), color=COLOURS[i], linestyle=LINES[i], label=kind)
    ax.plot([units[at]], [max(exits[at], FLOOR)], "o", color=COLOURS[0], markersize=9)
    ax.plot([units[at]], [np.clip(bounds["printed"][at].log10, FLOOR, 3)], "s", color=COLOURS[1], markersize=9)
    ax.axvline(units[at], color=COLOURS[3], linestyle=":", linewidth=1.2)
    ax.set(xlabel="margin λ, in units of (noise · distance · √$i_{\\max}$)", ylabel="log₁₀ of probability",
           title=verdict, ylim=(FLOOR - 1, 4))
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"{verdict}. At margin {units[at]:.3g}: exit probability {scientific(exits[at])}, "
                          + ", ".join(f"{kind} bound {curve[at]}" for kind, curve in bounds.items()) + ".")


def far_coin_figure(distances: Sequence[float] = (1, 3, 10, 30, 100, 300, 1000)) -> Picture:
    """The coin of the counter-example from ever farther starts: exact exit probability, printed and corrected bound."""
    cases = [far_coin(R) for R in distances]
    fig, ax = new_figure(width=7, height=3.5)
    curves = {kind: [confinement_bound(d.setting(), kind) for d in cases] for kind in ("printed", "corrected")}
    exits = [exit_probability(d, b.radius).value for d, b in zip(cases, curves["corrected"], strict=True)]
    ax.plot(distances, np.log10(exits), color=COLOURS[0], marker=MARKERS[0], linewidth=3, label="exit probability")
    for i, (kind, curve) in enumerate(curves.items(), start=1):
        ax.plot(distances, [b.log10 for b in curve], color=COLOURS[i], linestyle=LINES[i], marker=MARKERS[i],
                label=f"{kind} bound")
    ax.set(xscale="log", xlabel="distance of the start from the target", ylabel="log₁₀ of probability",
           title=f"From {distances[-1]:g} away: exits {exits[-1]:.2f}, printed bound {curves['printed'][-1]}")
    legend(ax, loc="lower left")
    told = "; ".join(f"distance {R:g}: exit probability {p:.3g}, printed {a}, corrected {b}"
                     for R, p, a, b in zip(distances, exits, *curves.values(), strict=True))
    return described(fig, f"A coin started ever farther away. {told}.")


def allowed_noise_figure(n: int = 20, updates: Sequence[int] = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)) -> Picture:
    """The largest Σσ_i²/C_L² at which the sum of tails is 1 (equal σ_i): the remark, by concentration, and exactly."""
    fig, ax = new_figure(width=7, height=3.5)
    shown = [T for T in updates if T > 1]
    allowed = {kind: [max_noise(1.0, T, shape=(1.0,) * n, kind=kind) for T in shown] for kind in TAILS}
    for i, (kind, curve) in enumerate(allowed.items()):
        ax.plot(shown, curve, color=COLOURS[i], linestyle=LINES[i], marker=MARKERS[i], label=kind)
    gain = allowed["exact"][-1] / allowed["printed"][-1]
    ax.set(xscale="log", yscale="log", xlabel="updates $i_{\\max}$", ylabel="allowed $\\sum \\sigma_i^2 / C_L^2$",
           title=f"n = {n}: {gain:.0f} times more noise than the remark allows", ylim=(0.008, 1.5))
    legend(ax, loc="center right")
    return described(fig, f"Allowed noise for n = {n} against the number of updates. At {shown[-1]} updates: "
                          + ", ".join(f"{kind} {curve[-1]:.3g}" for kind, curve in allowed.items()) + ".")


def _log(probability: float) -> float:
    return math.log10(probability) if probability > 0 else -math.inf


def _in_words(row: AuditRow) -> str:
    seen = scientific(_log(row.low)) if row.low == row.high else f"{scientific(_log(row.low))} to {row.high:.2g}"
    return f"{row.bound.kind} bound {row.bound}, exits {seen}, {row.state.value}"
