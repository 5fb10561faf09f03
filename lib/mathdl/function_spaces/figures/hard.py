"""Pictures of hard functions: sawtooths stacked, the gap over depths, waves with their best fits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import log10, prod

import numpy as np
from matplotlib.axes import Axes

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.function_spaces import triangle
from mathdl.function_spaces.gap import min_size_lower_bound
from mathdl.function_spaces.hard import HardFunction, count_ramps, total_pieces
from mathdl.nets.pwl1d import PWL1D


def stacked_sawtooths(function: HardFunction) -> Picture:
    """h_{a¹}, h_{a²} and H on [0, M] and a little beyond, with h_{a¹} dotted behind H (Mukherjee 2020, Figure 2.1)."""
    H, M = function, float(function.maximum)
    if len(H.teeth) < 2:
        raise ValueError("expected a composition of at least two sawtooths; got one")
    figure, axes = _three_panels(M)
    inside, counted = prod(H.widths), count_ramps(H.pwl, H.maximum)
    for ax, h, colour, name in zip(axes[:2], H.teeth[:2], COLOURS[:2], ("first", "second"), strict=True):
        _graph(ax, h, M, color=colour)
        ax.set_title(f"{name} sawtooth: {count_ramps(h, H.maximum)} pieces in [0, {M:g}]", loc="left")
    _graph(axes[2], H.teeth[0], M, color=COLOURS[0], linestyle=":")
    _graph(axes[2], H.pwl, M, color=COLOURS[5])
    factors = "·".join(map(str, H.widths))
    axes[2].set_title(f"composition of {len(H.widths)}: {counted} pieces in [0, {M:g}] = {factors}, "
                      f"{H.pwl.n_pieces} on the line", loc="left")
    return described(figure, f"Three panels. A sawtooth with {H.widths[0]} pieces in [0, {M:g}], one with "
                             f"{H.widths[1]}, and the composition of {len(H.widths)} of them, "
                             f"which runs {counted} times between 0 and {M:g} (product of the widths: {inside}).")


def gap_heat_map(width: int = 3, deepest: int = 6) -> Picture:
    """The least size (sharp bound) of a net with k' hidden layers for H of k sawtooths; boxes: the nets built."""
    figure, ax = new_figure(width=7, height=3.8)
    size = np.full((deepest, deepest), np.nan)
    for k in range(1, deepest + 1):
        for shallow in range(1, k + 1):
            least = min_size_lower_bound(total_pieces((width,) * k), shallow, "sharp")
            size[shallow - 1, k - 1] = log10(least)
            ax.text(k, shallow, f"{least:,}", ha="center", va="center", fontsize=9, color=INK)
        ax.text(k, k + 0.28, f"built: {width * k}", ha="center", va="center", fontsize=8, color=COLOURS[5])
        ax.add_patch(_box(k, k))
    ax.imshow(size, origin="lower", extent=(0.5, deepest + 0.5, 0.5, deepest + 0.5), cmap="Blues", alpha=0.35,
              aspect="auto", vmin=0, vmax=2 * np.nanmax(size))  # pale, so that the numbers stay legible
    ax.set(xlabel="sawtooths composed, k", ylabel="hidden layers allowed, k'", xticks=range(1, deepest + 1),
           yticks=range(1, deepest + 1), title=f"Fewer layers cost gates: least size for width {width}")
    deep, shallow = width * deepest, min_size_lower_bound(total_pieces((width,) * deepest), 1, "sharp")
    return described(figure, f"Heat map of the least number of gates for width {width}: it grows to the right and "
                             f"down. With k = {deepest}, one hidden layer needs {shallow} gates; {deepest} layers "
                             f"are built with {deep}.")


def size_thresholds(width: int = 2, depth: int = 6) -> Picture:
    """Gates needed to be within δ of the wave with w^k ramps, over δ, for k' = 1, …: ours thick, the printed thin."""
    figure, ax = new_figure(width=7, height=3.6)
    deltas = [Fraction(i, 400) for i in range(1, 100)]
    q = width**depth
    for shallow, colour, line in zip(range(1, min(depth, 4) + 1), COLOURS, LINES, strict=False):
        ours = [triangle.size_needed(q, shallow, d) for d in deltas]
        printed = [triangle.printed_size(width, depth, shallow, d) for d in deltas]
        name = f"{shallow} hidden layer{'s' * (shallow > 1)}"
        ax.step([float(d) for d in deltas], ours, where="post", color=colour, linestyle=line, label=name)
        ax.plot([float(d) for d in deltas], printed, color=colour, linestyle=line, linewidth=0.8)
    ax.set(xlabel="error δ", ylabel="gates needed", yscale="log", ylim=(0.5, None),
           title=f"Gates needed for an error δ on {q} ramps (thick: ours, thin: as printed)")
    ax.set_yticks([1, 2, 5, 10, 20, 50], labels=["1", "2", "5", "10", "20", "50"])
    ax.minorticks_off()
    legend(ax)
    one, four = (triangle.size_needed(q, j, Fraction(1, 16)) for j in (1, min(depth, 4)))
    return described(figure, f"Gates needed over the error, {q} ramps. All curves fall towards delta = 1/4. At "
                             f"delta = 1/16 one hidden layer needs {one} gates, {min(depth, 4)} layers need {four}.")


def wave_and_fit(q: int, pieces: int) -> Picture:
    """The wave with q ramps and its best fit known with p pieces; beside it, its error and the bound for p = 1, 2, …"""
    fit = triangle.best_l1_fit(q, pieces)
    bound = triangle.l1_lower_bound(q, pieces)
    figure, (left, right) = new_figure(1, 2, width=8, height=3.4, width_ratios=(3, 2))
    wave = triangle.ramps(q)
    x = np.unique(np.concatenate([np.linspace(0, 1, 8 * min(q, 64) + 1), _inner(wave), _inner(fit.function)]))
    s, g = wave.rounded()(x), fit.function.rounded()(x)
    left.plot(x, s, color=COLOURS[0], linewidth=1.2, label=f"wave, {q} ramps")
    left.plot(x, g, color=COLOURS[5], linestyle="--", label=f"best fit known, {pieces} piece{'s' * (pieces > 1)}")
    left.fill_between(x, s, g, color=COLOURS[1], alpha=0.25, linewidth=0)
    left.set(xlabel="x", title=f"error {float(fit.error):.4f} ≥ bound {float(bound):.4f}", ylim=(-0.05, 1.3))
    legend(left, loc="upper center", ncols=2)
    right.bar([0, 1], [float(fit.error), float(bound)], color=[COLOURS[5], COLOURS[0]], width=0.6)
    right.axhline(0.25, color=INK, linestyle=":", linewidth=1.2)
    right.set(xticks=[0, 1], xticklabels=["best fit", "lower bound"], ylim=(0, 0.28),
              title="L¹ error (dots: constant ½)")
    return described(figure, f"A triangle wave with {q} ramps and a function with {pieces} pieces. Its error is "
                             f"{float(fit.error):.4f}; the lower bound is {float(bound):.4f}.")


def errors_over_pieces(q: int = 8) -> Picture:
    """The error of the best fit known and the lower bound, over the number of pieces 1, …, q."""
    figure, ax = new_figure(width=6.5, height=3.2)
    p = range(1, q + 1)
    errors, bounds = _curves(ax, q, p)
    ax.set(title=f"A piece gains a fit less than the bound allows ({q} ramps)")
    legend(ax)
    return described(figure, f"Over 1 to {q} pieces, the error of the best fit known falls from {errors[0]:.4f} to "
                             f"{errors[-1]:.4f}, and the lower bound from {bounds[0]:.4f} to {bounds[-1]:.4f}.")


def trained_against_bound(q: int = 8, gates: Sequence[int] = (1, 2, 4, 7), *, runs: int = 6, steps: int = 600,
                          seed: int = 0) -> Picture:
    """Errors of shallow nets trained on the wave by Adam, beside the best fit known and the lower bound."""
    import torch

    errors = triangle.trained_errors(q, gates, runs=runs, steps=steps, generator=torch.Generator().manual_seed(seed))
    figure, ax = new_figure(width=6.5, height=3.4)
    _curves(ax, q, range(1, max(gates) + 2))
    for m, row in zip(gates, errors, strict=True):
        label = "trained nets" if m == gates[0] else None
        ax.plot([m + 1] * runs, row, "o", color=COLOURS[2], markersize=4, label=label)
    best = ", ".join(f"{m} gate{'s' * (m > 1)} {row.min():.3f}" for m, row in zip(gates, errors, strict=True))
    known = [float(triangle.best_l1_fit(q, m + 1).error) for m in gates]
    above, proved = (errors > np.array(known)[:, None]).sum(), [float(triangle.l1_lower_bound(q, m + 1)) for m in gates]
    held = (errors >= np.array(proved)[:, None]).sum()
    ax.set(title=f"{above} of {errors.size} trained nets stay above the best fit known ({steps} steps)")
    legend(ax)
    return described(figure, f"Errors of shallow nets trained on a wave with {q} ramps: {held} of {errors.size} lie "
                             f"on or above the lower bound, {above} above the best fit known. Best of {runs} runs: "
                             f"{best}.")


def refused_sawtooths(text: str) -> Picture:
    """The three empty panels of `stacked_sawtooths` at M = 1, so that handles stay where they were, and the reason."""
    figure, axes = _three_panels(1.0)
    axes[2].text(0.5, 0.5, text, ha="center", va="center", wrap=True, color=INK, transform=axes[2].transAxes)
    return described(figure, text)


def message(text: str) -> Picture:
    """A picture that says in words why there is nothing to draw."""
    figure, ax = new_figure(width=7, height=1.6)
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", wrap=True, color=INK, transform=ax.transAxes)
    return described(figure, text)


def _three_panels(M: float):
    figure, axes = new_figure(3, 1, width=7, height=5, sharex=True)
    for ax in axes:
        ax.set(xlim=(-0.16 * M, 1.16 * M), ylim=(-0.2 * M, 1.2 * M), yticks=[0, M])
    axes[2].set_xlabel("x")
    return figure, axes


def _graph(ax: Axes, f: PWL1D, M: float, **style) -> None:
    """The graph of f on [−0.1 M, 1.1 M]; values beyond [−0.2 M, 1.2 M] are cut off."""
    x = np.unique([-0.1 * M, *(float(t) for t in f.breaks if -0.1 * M < t < 1.1 * M), 1.1 * M])
    ax.plot(x, f.rounded()(x), **style)


def _inner(f: PWL1D) -> list[float]:
    return [float(t) for t in f.breaks if 0 < t < 1]


def _box(x: int, y: int):
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=COLOURS[5], linewidth=1.5)


def _curves(ax: Axes, q: int, pieces: Sequence[int]) -> tuple[list[float], list[float]]:
    errors = [float(triangle.best_l1_fit(q, p).error) for p in pieces]
    bounds = [float(triangle.l1_lower_bound(q, p)) for p in pieces]
    ax.plot(pieces, errors, color=COLOURS[5], linestyle="--", marker="s", markersize=4, label="best fit known")
    ax.plot(pieces, bounds, color=COLOURS[0], marker="^", markersize=4, label="lower bound")
    ax.set(xlabel="pieces p on [0, 1]", ylabel="L¹ error", xticks=list(pieces), ylim=(-0.01, 0.28))
    return errors, bounds
