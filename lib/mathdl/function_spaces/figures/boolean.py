"""Figures on Boolean inputs: a truth table with its spectrum, PARITY as a zigzag, a threshold as a ramp."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np
from matplotlib.axes import Axes

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.function_spaces.boolean import (
    bits,
    cube,
    fourier_coefficients,
    fourier_gates,
    indicator_gates,
    merged_gates,
    set_sizes,
    table_of,
)
from mathdl.function_spaces.ltf import largest_negative
from mathdl.function_spaces.parity import parity_net, short_parity_net


def spectrum_figure(table: Sequence[Real]) -> Picture:
    """A function on n ≤ 4 bits with values ±1: its truth table, its Fourier coefficients, and what three nets cost."""
    f = table_of(table)
    n = len(f).bit_length() - 1
    fig, (left, right) = new_figure(1, 2, width=7.6, height=3.4, width_ratios=(1, 1.7))
    draw_table(left, f)
    order = np.argsort(set_sizes(n), kind="stable")
    f_hat = fourier_coefficients(f).astype(float)[order]
    right.bar(range(len(f)), f_hat, color=[COLOURS[0] if v > 0 else COLOURS[1] for v in f_hat])
    right.axhline(0, color=INK, linewidth=0.8)
    right.set_xticks(range(len(f)), [set_name(n, S) for S in order], rotation=90 if n > 3 else 0, fontsize=8)
    right.set(ylim=(-1.1, 1.1), ylabel="Fourier coefficient")
    gates = indicator_gates(f), fourier_gates(f), merged_gates(f)
    left.set_title(f"1 on {int((f > 0).sum())} of {len(f)} inputs")
    right.set_title("gates: vertices {}, parities {}, merged ≤ {}".format(*gates))
    nonzero = ", ".join(f"{set_name(n, S)}: {v:g}" for S, v in zip(order, f_hat, strict=True) if v)
    return described(fig, f"Left, the truth table of a function on {n} bits, true on {int((f > 0).sum())} of {len(f)} "
                          f"inputs. Right, bars of its Fourier coefficients, not zero on {nonzero}. One gate a true or "
                          f"false vertex costs {gates[0]} gates, parities cost {gates[1]}, merged parities at most "
                          f"{gates[2]}.")


def draw_table(ax: Axes, f: np.ndarray) -> None:
    """The truth table as a grid: the first bits choose the row, the last bits the column, + for 1 and − for −1."""
    n = len(f).bit_length() - 1
    down, across = n // 2, n - n // 2
    rows, columns = np.divmod(np.arange(len(f)), 2**across)
    for true, marker, colour in ((True, "+", COLOURS[0]), (False, "_", COLOURS[1])):
        chosen = (f > 0) == true
        ax.scatter(columns[chosen], rows[chosen], s=120, marker=marker, color=colour, linewidth=3)
    ax.set_xticks(range(2**across), [bit_text(v) for v in bits(across)])
    ax.set_yticks(range(2**down), [bit_text(v) for v in bits(down)])
    ax.set(xlim=(-0.5, 2**across - 0.5), ylim=(2**down - 0.5, -0.5), xlabel="last bits" if down else "bits")
    if down:
        ax.set_ylabel("first bits")


def bit_text(row: Sequence[int]) -> str:
    """A row of bits as text, 1 for x_i = 1 and 0 for x_i = −1."""
    return "".join(str(int(v)) for v in row)


def set_name(n: int, S: int) -> str:
    """The set at row S of `bits(n)`, as ∅ or its elements: 13 for {1, 3}."""
    return "".join(str(i + 1) for i in np.flatnonzero(bits(n)[S])) or "∅"


def parity_figure(k: int = 6) -> Picture:
    """PARITY of k ≥ 4 bits as a function of their sum, by k gates and by k − 1."""
    fig, ax = new_figure(width=7, height=3)
    y = np.linspace(-0.6, k + 0.6, 60 * k + 1)
    x = np.column_stack([y, np.zeros((len(y), k - 1))])  # the nets read only the sum of their inputs
    nets = {f"{k} gates": parity_net(k), f"{k - 1} gates and a constant": short_parity_net(k)}
    for (name, net), colour, line in zip(nets.items(), COLOURS, LINES, strict=False):
        ax.plot(y, net.rounded()(x)[:, 0], color=colour, linestyle=line, label=name)
    ax.plot(range(k + 1), np.arange(k + 1) % 2, "o", color=COLOURS[2], label="PARITY")
    ax.set(xlabel="sum of the bits", ylim=(-1.2, 2.4), title=f"Two zigzags through the same {k + 1} points")
    legend(ax, ncols=3, loc="upper center")
    return described(fig, f"Two zigzag curves over the sum of {k} bits that both pass through the {k + 1} points of "
                          f"PARITY: one has {k} gates and bends only at whole numbers, the other has {k - 1} gates and "
                          f"peaks above 1 between 3 and 4.")


def threshold_figure(a: Sequence[Real], b: Real) -> Picture:
    """The ramp −1 + (2/p)[σ(u + p) − σ(u)], and the values that u = ⟨a, x⟩ + b takes on the cube, n ≤ 10."""
    u = cube(len(a)).astype(float) @ np.array(a, dtype=float) + float(b)
    value = largest_negative(a, b)
    reach = 1.15 * max(abs(u).max(), 0.5)
    fig, ax = new_figure(width=7, height=3)
    if value is None:
        ramp, said = ([-reach, reach], [1, 1]), "no vertex has u < 0: the constant 1, without a gate"
    else:
        p = -float(value)
        ramp = [-reach, -p, 0, reach], [-1, -1, 1, 1]
        said = f"the ramp fills the gap (−{p:.4g}, 0), empty of vertices"
        ax.axvspan(-p, 0, facecolor=COLOURS[1] + "30", hatch="//", edgecolor=COLOURS[1])
    ax.plot(*ramp, color=COLOURS[0], label="two gates and a constant")
    levels, counts = np.unique(u, return_counts=True)
    ax.scatter(levels, np.where(levels >= 0, 1, -1), s=25 + 12 * counts, color=COLOURS[2], zorder=3, label="vertices")
    ax.set(xlabel="u = ⟨a, x⟩ + b", ylim=(-1.6, 1.6), yticks=(-1, 1), xlim=(-reach, reach), title=said)
    legend(ax, loc="center right")
    return described(fig, f"A step drawn by two gates over u: {said}. Dots mark the {len(levels)} values of u on the "
                          f"{len(u)} vertices, {int(counts[levels >= 0].sum())} of them at height 1.")
