"""Figures on support recovery: inputs of the units, good biases, exact chances beside the exponential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.sparse_coding.support_recovery import SupportCertificate, SupportConfusion

Array = NDArray[np.float64]
BINS = 60
TIE = 1e-12  # rounding of an input, a sum of a few numbers near 1


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the histogram shows: inputs of units whose atom is used, and of the others, over `samples` codes."""

    active: Array
    silent: Array
    samples: int
    seen: SupportConfusion
    interval: tuple[float, float]
    certain: bool


def inputs_figure(inputs: Inputs, promise: SupportCertificate, *, name: str) -> Picture:
    """Histogram of ⟨W_i, y⟩ in and outside the support with bias and guaranteed edges; recovery beside the promise.

    Each histogram has area 1. `interval` is the range of the chance of recovery, `certain` the answer of sorting.
    """
    fig, (left, right) = new_figure(1, 2, width=9, height=3.7, width_ratios=(1.9, 1))
    ends = (min(inputs.silent.min(), 0.0), max(inputs.active.max(), promise.bias, inputs.silent.max()))
    pad = 0.04 * (ends[1] - ends[0])
    edges = np.linspace(ends[0] - pad, ends[1] + pad, BINS + 1)
    groups = ((inputs.silent, COLOURS[1], "atom not used"), (inputs.active, COLOURS[0], "atom used"))
    for values, colour, label in groups:
        heights = np.histogram(values, BINS, (edges[0], edges[-1]))[0] / (len(values) * np.diff(edges))
        left.stairs(heights, edges, color=colour, fill=True, alpha=0.55, label=label)
    lines = [(promise.bias, COLOURS[3], "-", "bias ε"), (promise.highest_silent, COLOURS[1], "--", "not used: at most"),
             (promise.lowest_active, COLOURS[0], ":", "used: at least")]
    for x, colour, style, label in lines:
        left.axvline(x, color=colour, linestyle=style, linewidth=2, label=label)
    wide = max(edges[-1], promise.highest_silent, promise.lowest_active)
    left.set(xlabel="input ⟨W_i, y⟩ of a unit", ylabel="density", xlim=(min(edges[0], promise.lowest_active) - pad,
                                                                       wide + pad), title=_finding(inputs.seen))
    legend(left, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=8)
    low, high = inputs.interval
    rows = (inputs.seen.exact, 1 - promise.failure, float(inputs.certain))
    right.barh(range(3), rows, height=0.45, color=[COLOURS[0], COLOURS[2], COLOURS[4]])
    right.plot([low, high], [0, 0], color=COLOURS[5], linewidth=3, marker="|", markersize=12)
    right.set(xlim=(0, 1.05), ylim=(2.6, -0.6), yticks=range(3), xlabel="chance that the support is found",
              title="The theorem promises " + ("nothing" if rows[1] == 0 else f"{rows[1]:.4g}"))
    right.set_yticklabels((f"seen,\n{inputs.samples} codes", "theorem", "sorting"))
    return described(fig, f"{name}. Inputs of units whose atom is used from {inputs.active.min():.3g} to "
                          f"{inputs.active.max():.3g}, of the others from {inputs.silent.min():.3g} to "
                          f"{inputs.silent.max():.3g}; bias {promise.bias:.3g}; guaranteed at least "
                          f"{promise.lowest_active:.3g} and at most {promise.highest_silent:.3g}. Support found in "
                          f"{inputs.seen.exact:.1%} of {inputs.samples} codes, range {low:.3g} to {high:.3g}; the "
                          f"theorem promises {rows[1]:.4g}; sorting: {'always' if inputs.certain else 'not always'}.")


def _finding(seen: SupportConfusion) -> str:
    if seen.exact == 1:
        return "Every support was found"
    return f"{seen.miss:.1%} of the used atoms missed, {seen.false_alarm:.2%} false alarms"


def bias_figure(sparsities: Sequence[int], silent: Array, active: Array, biases: Array, *, name: str) -> Picture:
    """The interval [silent, active) of good biases for each k, the theorem's bias, and for which k it is inside."""
    fig, ax = new_figure(width=7.5, height=3.7)
    k = np.asarray(sparsities)
    ax.plot(k, active, color=COLOURS[0], marker="o", label="least input, atom used")
    ax.plot(k, silent, color=COLOURS[1], linestyle=LINES[1], marker="s", label="largest input, atom not used")
    ax.fill_between(k, silent, active, where=active > silent, color=COLOURS[2], alpha=0.2, linewidth=0,
                    label="good biases")
    ax.plot(k, biases, color=COLOURS[3], linestyle=LINES[2], marker="^", label="the theorem's bias")
    good = (silent <= biases + TIE) & (biases < active - TIE)  # a tie on the upper side leaves a unit off
    last = [int(k[chosen].max(initial=0)) for chosen in (good, silent < active - TIE)]
    ax.set(xlabel="sparsity k", ylabel="input of a unit", xticks=k,
           title=f"The theorem's bias works up to k = {last[0]}, some bias up to k = {last[1]}")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    return described(fig, f"{name}: as k goes from {k[0]} to {k[-1]} the least input of a unit whose atom is used goes "
                          f"from {active[0]:.3g} to {active[-1]:.3g}, the largest of any other from {silent[0]:.3g} to "
                          f"{silent[-1]:.3g}. The theorem's bias lies between them up to k = {last[0]}, some bias does "
                          f"up to k = {last[1]}.")


def tails_figure(sparsities: Sequence[int], exact: dict[str, Array], bounds: dict[str, Array]) -> Picture:
    """P[Σx_j > 2 m1 k] exactly (markers) and the exponential (line of the same colour) against k, by law."""
    fig, ax = new_figure(width=7.5, height=3.7)
    for i, (name, values) in enumerate(exact.items()):
        ax.semilogy(sparsities, bounds[name], color=COLOURS[i], linestyle=LINES[i], label=f"{name}: the exponential")
        ax.semilogy(sparsities, np.where(values > 0, values, np.nan), color=COLOURS[i], marker="os^D"[i % 4],
                    linestyle="none", markersize=5, label=f"{name}: exact")
    shares = [v[0] / bounds[n][0] for n, v in exact.items()], [v[-1] / bounds[n][-1] for n, v in exact.items()]
    ax.set(xlabel="sparsity k", ylabel="chance of a false alarm",
           title=f"Exact over exponential: {max(shares[0]):.2g} at k = {sparsities[0]}, {min(shares[1]):.2g} at k = "
                 f"{sparsities[-1]}")
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    rows = [f"{n}: exact {v[0]:.3g} to {v[-1]:.3g}, exponential {bounds[n][0]:.3g} to {bounds[n][-1]:.3g}."
            for n, v in exact.items()]
    return described(fig, f"Chance of a false alarm against k from {sparsities[0]} to {sparsities[-1]}, on a "
                          f"logarithmic scale. {' '.join(rows)}")


def dead_figure(cases: Sequence[str], biases: Array, inputs: Array, *, name: str) -> Picture:
    """The theorem's bias in the source's experiment beside the largest input that any code can give any unit."""
    fig, ax = new_figure(width=7, height=3.4)
    x = np.arange(len(cases))
    ax.bar(x - 0.2, biases, 0.38, color=COLOURS[3], label="bias of the theorem")
    ax.bar(x + 0.2, inputs, 0.38, color=COLOURS[4], label="largest input of any unit, any code")
    dead = int((biases >= inputs).sum())
    ax.set(xticks=x, ylabel="input", ylim=(0, 1.3 * biases.max()),
           title=f"All units dead in {dead} of {len(cases)} cases: no code turns any on")
    ax.set_xticklabels([case.replace(", ", "\n") for case in cases])
    legend(ax, loc="upper left")
    return described(fig, f"{name}. " + " ".join(f"{case}: bias {e:.3g}, largest input {q:.3g}."
                                                  for case, e, q in zip(cases, biases, inputs, strict=True)))
