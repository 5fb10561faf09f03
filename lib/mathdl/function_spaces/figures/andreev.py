"""Figures on random restrictions and Andreev's function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2, nan

import numpy as np
from matplotlib.axes import Axes

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.function_spaces.andreev import Andreev, fourier_size
from mathdl.function_spaces.andreev_bound import andreev_bound, explicit_andreev_bound
from mathdl.function_spaces.boolean import bits
from mathdl.function_spaces.counting import agreement_tail, random_agreement_bound
from mathdl.function_spaces.figures.boolean import bit_text
from mathdl.function_spaces.restrictions import Restriction, restrict, survival_bound, truth_table


def restriction_figure(argument: np.ndarray, reach: np.ndarray, exact: Mapping[int, float], n: int,
                       parts: int) -> Picture:
    """Left, where the fixed part of a gate's argument falls, in units of the sum of its free weights; right, P over n.

    `argument` and `reach` come from `sampled_arguments`, `exact` gives P[not forced] by n.
    """
    fig, (left, right) = new_figure(1, 2, width=7.8, height=3.2)
    ratio = argument / np.where(reach > 0, reach, 1)
    alive = float(((-reach <= argument) & (argument < reach)).mean())
    edges = np.arange(-5, 5.1, max(0.5, 2 / parts))  # the band ends at edges, and no bin misses a majority's values
    left.axvspan(-1, 1, facecolor=COLOURS[1] + "30", hatch="//", edgecolor=COLOURS[1])
    left.hist(np.clip(ratio, -5, 5), edges, color=COLOURS[0], histtype="stepfilled", alpha=0.8)
    left.set(xlabel="fixed part / sum of free weights", ylabel="restrictions", yticks=[], xticks=range(-5, 6, 2),
             title=f"alive (hatched) in {alive:.1%} of {len(argument)} draws")
    sizes = np.array(sorted(exact))
    curves = {"|P|/√n": np.minimum(1, parts / np.sqrt(sizes)),
              "bound (ours)": [survival_bound(int(size), parts) for size in sizes]}
    for (name, values), colour, line in zip(curves.items(), COLOURS[2:], LINES[1:], strict=False):
        right.loglog(sizes, values, color=colour, linestyle=line, label=name)
    right.loglog(sizes, [exact[int(size)] for size in sizes], "o-", color=COLOURS[0], label="exact")
    right.plot([n], [exact[n]], "o", markersize=12, markerfacecolor="none", color=COLOURS[1])
    right.set(xlabel="n", title=f"P[not forced] = {exact[n]:.4f} at n = {n}")
    right.minorticks_off()
    ticks = 2 ** np.arange(4, 9)
    right.set_xticks(ticks, [str(size) for size in ticks])
    values = [v for v in (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005) if v >= 0.7 * min(exact.values())]
    right.set_yticks(values, [f"{v:g}" for v in values])
    legend(right, loc="lower left")
    return described(fig, f"Left, a histogram of a gate's fixed argument over {len(argument)} random restrictions with "
                          f"{parts} free bits of {n}; {alive:.1%} fall in the band from -1 to 1 where the free bits "
                          f"decide. Right, the exact probability to survive falls from {exact[int(sizes[0])]:.3g} at "
                          f"n = {sizes[0]} to {exact[int(sizes[-1])]:.3g} at n = {sizes[-1]}, beside |P|/√n.")


def andreev_figure(andreev: Andreev, rho: Restriction) -> Picture:
    """Left, the matrix with its free bits; right, the table x and the table of the restricted function.

    `rho` leaves one bit free in each row of the matrix, and n = 2^(k+1).
    """
    k, c = andreev.rows, andreev.columns
    parities, x = bit_text(andreev.fixed_parities(rho)), np.array(rho.values[:2**k])
    table = truth_table(restrict(andreev, rho), k)
    fig, (left, right) = new_figure(1, 2, width=7.8, height=3.2, width_ratios=(1, 1.7))
    _draw_bits(left, np.array(rho.values[andreev.table_bits:andreev.used_bits]).reshape(k, c), 120,
               free=[(i - andreev.table_bits) % c for i in rho.free])
    left.set(xlim=(-0.5, c - 0.5), ylim=(k - 0.5, -0.5), xticks=[], title=f"fixed bits have parities {parities}")
    left.set_yticks(range(k), [f"row {i + 1}" for i in range(k)])
    _draw_bits(right, np.array([x, table]), 70)
    right.set(xlim=(-0.6, 2**k - 0.4), ylim=(1.6, -0.6), xlabel="y")
    right.set_yticks(range(2), ["x", "restricted"])
    right.set_xticks(range(2**k), [bit_text(y) for y in bits(k)], rotation=90 if k > 2 else 0, fontsize=8)
    moved = int((x != table).sum())
    right.set_title(f"x read at y ⊕ {parities}: {moved} of {2**k} entries change")
    return described(fig, f"A matrix of {k} rows and {c} columns with one bit free in each row; the fixed bits have "
                          f"the parities {parities}. Beside it the table x = {bit_text(x)} and the restricted table "
                          f"{bit_text(table)}, which is x read at y xor {parities}; {moved} of {2**k} entries change.")


def _draw_bits(ax: Axes, grid: np.ndarray, size: float, free: Sequence[int] = ()) -> None:
    """The digits of a grid of bits; in each row the column named in `free` is a square around y instead."""
    chosen = np.zeros(grid.shape, dtype=bool)
    chosen[range(len(free)), free] = True
    for value, colour in ((0, INK), (1, COLOURS[0])):
        rows, columns = np.nonzero((grid == value) & ~chosen)
        ax.scatter(columns, rows, s=size * (0.8 if value else 1.2), marker=f"${value}$", color=colour, linewidth=0.5)
    rows, columns = np.nonzero(chosen)
    ax.scatter(columns, rows, s=3 * size, marker="s", facecolor="none", edgecolor=COLOURS[1], linewidth=2)
    ax.scatter(columns, rows, s=size, marker="$y$", color=COLOURS[1], linewidth=0.5)


def tail_figure(n: int = 8) -> Picture:
    """The exact chance that a random function agrees with a fixed one on ½ + ε, and Claim 1's bound, over ε."""
    fig, ax = new_figure(width=6.5, height=3)
    eps = np.arange(0, 0.2501, 2.0**-n)
    exact = np.array([float(agreement_tail(n, e)) for e in eps])
    bound = np.array([random_agreement_bound(n, e) for e in eps])
    ax.semilogy(eps, bound, color=COLOURS[1], linestyle="--", label="bound")
    ax.semilogy(eps, exact, color=COLOURS[0], label="exact")
    ax.set(xlabel="ε", title=f"Agreement on 1/2 + ε of {2**n} inputs by chance")
    legend(ax)
    return described(fig, f"On a logarithmic scale, the exact probability over ε from 0 to {eps[-1]:.2g} for n = {n}, "
                          f"falling from {exact[0]:.2g} to {exact[-1]:.1e}, always below the bound, which falls to "
                          f"{bound[-1]:.1e}.")


def agreement_figure(agreements: Sequence[float], majority: float, best: float) -> Picture:
    """How often random circuits agree with A_n, beside the majority of the table and the bound for all LTFs."""
    fig, ax = new_figure(width=7, height=2.6)
    ax.hist(agreements, bins=15, color=COLOURS[0], alpha=0.8, label="random circuits")
    for value, name, colour, line in ((majority, "majority of the table", COLOURS[1], "--"),
                                      (best, "no LTF does better", COLOURS[2], "-.")):
        ax.axvline(value, color=colour, linestyle=line, label=f"{name}: {value:.3f}")
    ax.set(xlim=(0.45, 0.9), yticks=[], xlabel="agreement with Andreev's function")
    legend(ax, loc="upper center")
    low, high = min(agreements), max(agreements)
    return described(fig, f"{len(agreements)} random circuits agree on {low:.3f} to {high:.3f} of the inputs; the "
                          f"majority of the table on {majority:.3f}; no threshold function on more than {best:.3f}.")


def bound_figure(eps: float, theta: float, powers: Sequence[int] = tuple(range(8, 66, 4))) -> Picture:
    """Sizes over n = 2^(k+1): what the two chains promise at least, and a circuit that is known."""
    n = [2 ** (k + 1) for k in powers]
    ours, source = [explicit_andreev_bound(v, eps).size for v in n], [_source_size(v, eps, theta) for v in n]
    curves = {"a circuit (ours)": [fourier_size(Andreev(v)) for v in n], "n": n, "lower bound (ours)": ours,
              "source's chain, constants 1": source}
    fig, ax = new_figure(width=7, height=3.4)
    for (name, sizes), colour, line in zip(curves.items(), (COLOURS[2], INK, *COLOURS[:2]), LINES, strict=False):
        ax.plot([k + 1 for k in powers], [log2(v) if v >= 1 else nan for v in sizes], color=colour, linestyle=line,
                label=name)
    ax.set(xlabel="log2 n", ylabel="log2 of the ReLU gates", ylim=(-3, 110), title=f"What is known at ε = {eps:g}")
    legend(ax, loc="upper right")
    first = next((v for v, size in zip(n, ours, strict=True) if size >= 1), None)
    start = "stays below one gate" if first is None else f"passes one gate by n = 2^{first.bit_length() - 1}"
    return described(fig, f"Gates against n, both logarithmic. The known circuit has about n³/16 gates; our lower "
                          f"bound at ε = {eps:g} {start} and reaches {ours[-1]:.2g} at n = {n[-1]:.2g}, where the "
                          f"source's chain with constants 1 has {source[-1]:.2g}.")


def _source_size(n: int, eps: float, theta: float) -> float:
    """The size of the source's chain, 0 where its ε is below its own threshold."""
    chain = andreev_bound(n, eps, theta)
    return chain.size if eps > chain.threshold and chain.escapes else 0.0
