"""Figures on branch and bound: the two bounds, the tree, the data of a node, a gate under its chord, node counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.search_trace import SearchTrace


def chord_figure(low: float = -1.0, high: float = 2.0) -> Picture:
    """The output of one gate at one sample, as its weights move between two rays, below its chord."""
    mix = np.linspace(0, 1, 121)
    z = (1 - mix) * low + mix * high
    gate, chord = np.maximum(z, 0), (1 - mix) * max(low, 0) + mix * max(high, 0)
    fig, ax = new_figure(width=5.2, height=2.9)
    ax.fill_between(mix, gate, chord, color=COLOURS[4], alpha=0.25)
    ax.plot(mix, chord, color=COLOURS[1], linestyle=LINES[1], label="chord: most it can be")
    ax.plot(mix, gate, color=COLOURS[0], label="the gate at this sample")
    ax.plot(mix, z, color=COLOURS[2], linestyle=LINES[3], label="θ·x̄: least it can be, with 0")
    ax.set(xlabel="from ray r (0) to ray r′ (1)", ylabel="output", ylim=(min(low, 0) - 0.2, 1.6 * max(high, low, 1)))
    ax.set_title("Undecided is not unbounded" if low * high < 0 else "The label follows from the rays")
    legend(ax)
    room = float((chord - gate).max())
    return described(fig, f"The output of a gate at a sample while its weights move from one ray of its cone, where "
                          f"the pre-activation is {low:g}, to the other, where it is {high:g}. The output goes from "
                          f"{max(low, 0):g} to {max(high, 0):g}; the chord lies above it by {room:.3g} at most.")


def counts_figure(samples: Sequence[int], every_cell: Sequence[int], labelled: Sequence[int],
                  chords: Sequence[int]) -> Picture:
    """Convex problems against the number of samples, for Algorithm 1 and the search with and without chords."""
    fig, ax = new_figure(width=5.6, height=3.2)
    curves = {"Algorithm 1: all cells": every_cell, "labelled samples only": labelled, "with chords": chords}
    for i, (name, counts) in enumerate(curves.items()):
        ax.semilogy(samples, counts, color=COLOURS[i], linestyle=LINES[i], marker="os^"[i], label=name)
    ax.set(xlabel="samples D", ylabel="convex problems", title="Most of the cells are never looked at")
    legend(ax)
    said = "; ".join(f"{name}: {counts[0]:,} to {counts[-1]:,}" for name, counts in curves.items())
    return described(fig, f"Convex problems for {samples[0]} to {samples[-1]} samples on a logarithmic scale. {said}.")


def search_figure(trace: SearchTrace) -> Picture:
    """Bounds, tree and data of a search on the line, side by side."""
    fig, (bounds, tree, data) = new_figure(1, 3, width=9.2, height=3.3)
    draw_bounds(bounds, trace)
    draw_tree(tree, trace)
    said = draw_data(data, trace)
    return described(fig, f"Left, the two bounds after {trace.n_splits} splits: the optimum lies between "
                          f"{trace.lower[-1]:.4g} and {trace.upper[-1]:.4g}. Middle, the tree of {len(trace.parents)} "
                          f"nodes, {(trace.split_at >= 0).sum()} of them split. Right, {said}")


def draw_bounds(ax: Axes, trace: SearchTrace) -> None:
    """The lower and the upper bound over the splits, and the gap between them."""
    steps = np.arange(len(trace.lower))
    ax.fill_between(steps, trace.lower, trace.upper, step="post", color=COLOURS[4], alpha=0.2)
    ax.step(steps, trace.upper, where="post", color=COLOURS[1], label="best net so far")
    ax.step(steps, trace.lower, where="post", color=COLOURS[0], linestyle=LINES[1], label="no net is below")
    ax.plot(steps[-1:], trace.lower[-1:], "o", color=COLOURS[0], markersize=5)
    ax.set_ylim(bottom=-0.05 * trace.upper[0])
    ax.set(xlabel="splits", ylabel="loss")
    gap = trace.upper[-1] - trace.lower[-1]
    ax.set_title("proved optimal" if trace.finished else f"gap {gap:.3g}")
    legend(ax, loc="best")


def draw_tree(ax: Axes, trace: SearchTrace) -> None:
    """The nodes by depth; split nodes as dots, open ones as rings, closed ones as crosses."""
    x, depth = tree_layout(trace.parents)
    born = trace.parents >= 0
    child = np.flatnonzero(born)
    edges = np.stack([np.column_stack([x[trace.parents[child]], -depth[trace.parents[child]]]),
                      np.column_stack([x[child], -depth[child]])], axis=1)
    ax.add_collection(LineCollection(edges, colors=INK, linewidths=0.7, zorder=1))
    split, shut = trace.split_at >= 0, trace.bounds >= trace.upper[-1] - 1e-6 * trace.upper[0]
    kinds = {"split": (split, "o", COLOURS[0]), "open": (~split & ~shut, "o", "none"),
             "closed": (~split & shut, "x", COLOURS[5])}
    for name, (which, marker, face) in kinds.items():
        options = {"c": COLOURS[5]} if marker == "x" else {"facecolors": face, "edgecolors": COLOURS[0]}
        ax.scatter(x[which], -depth[which], s=18, marker=marker, zorder=2, label=f"{which.sum()} {name}", **options)
    ax.set(xticks=[], ylabel="depth")
    ax.set_ylim(-depth.max() - 0.5, 0.15 * depth.max() + 0.7)  # room for the legend
    ax.set_yticks(-np.arange(0, depth.max() + 1, max(1, depth.max() // 4)))
    ax.set_yticklabels([f"{-t:.0f}" for t in ax.get_yticks()])
    ax.set_title(f"{len(x)} nodes")
    legend(ax, loc="upper center", ncols=3, columnspacing=0.6, handletextpad=0.1)


def tree_layout(parents: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Place and depth of each node: leaves side by side, a parent above the middle of its children."""
    n = len(parents)
    below: list[list[int]] = [[] for _ in range(n + 1)]
    for k, parent in enumerate(parents):
        below[parent].append(k)  # roots hang below the last entry
    depth, x = np.zeros(n, dtype=np.int64), np.zeros(n)
    for k in range(n):  # parents come before children
        depth[k] = 0 if parents[k] < 0 else depth[parents[k]] + 1
    order, stack = [], list(reversed(below[n]))
    while stack:
        k = stack.pop()
        order.append(k)
        stack.extend(reversed(below[k]))
    leaves = 0
    for k in order:
        if not below[k]:
            x[k], leaves = leaves, leaves + 1
    for k in reversed(order):
        if below[k]:
            x[k] = x[below[k]].mean()
    return x, depth


def draw_data(ax: Axes, trace: SearchTrace) -> str:
    """Samples on the line with the best net, and the next node: its net and its labelled samples. Says so in words."""
    problem = trace.problem
    x, y = problem.x[:, 0], problem.y
    known = trace.labels[0] >= 0
    margin = 0.08 * np.ptp(x)
    reach = np.ptp(y) * 0.35
    line = np.linspace(x.min() - margin, x.max() + margin, 201)
    ax.plot(line, problem.net(*trace.best)(line[:, None]).ravel(), color=COLOURS[1], label="best net so far")
    if not trace.finished:
        ax.plot(line, problem.net(*trace.relaxed)(line[:, None]).ravel(), color=COLOURS[0], linestyle=LINES[1],
                label="net of the next node")
        ax.plot(x[known], y[known], "o", color=COLOURS[0], markersize=6, label="labelled in it")
        ax.plot(x[~known], y[~known], "o", markerfacecolor="none", markeredgecolor=COLOURS[0], markersize=6)
    else:
        ax.plot(x, y, "o", color=COLOURS[0], markersize=6)
    ax.set_ylim(y.min() - reach, y.max() + 3.2 * reach)
    ax.set(xlabel="x", ylabel="y")
    ax.set_title("every sample counted" if trace.finished else f"{known.sum()} of {len(x)} samples counted")
    legend(ax, loc="upper center")
    if trace.finished:
        return f"{len(x)} samples and the optimal net through them."
    return (f"{len(x)} samples with the best net so far, and the net of the next node, which only has to fit the "
            f"{known.sum()} samples that are labelled there.")
