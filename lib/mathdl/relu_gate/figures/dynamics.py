"""Figures on noisy gradient descent: distances without noise, increments of the process z, tails of walks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.azuma import azuma_bound, freedman_bound, walk_crossing

Array = NDArray[np.float64]


def descent_figure(relative_steps: Sequence[float], distance: Array) -> Picture:
    """Distances (U+1, len(relative_steps)) to the target without noise, one line for each ηC²."""
    fig, ax = new_figure(width=6.5, height=3.4)
    grows = [bool((np.diff(d) > 1e-12 * d[0]).any()) for d in distance.T]
    for i, (relative, d) in enumerate(zip(relative_steps, distance.T, strict=True)):
        ax.plot(d, color=COLOURS[i], linestyle=LINES[i], label=f"ηC² = {relative:g}")
    safe = [f"{s:g}" for s, g in zip(relative_steps, grows, strict=True) if not g]
    ax.set(xlabel="updates", ylabel="distance to the target",
           title=f"Never away from the target at ηC² = {', '.join(safe)}")
    ax.set_ylim(bottom=0)
    ax.xaxis.get_major_locator().set_params(integer=True)
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    ends = "; ".join(f"ηC² = {s:g}: from {d[0]:.3g} to {d[-1]:.3g}, {'with' if g else 'without'} a step away"
                     for s, d, g in zip(relative_steps, distance.T, grows, strict=True))
    return described(fig, f"Distance to the target over {len(distance) - 1} updates without noise. {ends}.")


def tails_figure(steps: int, level: Sequence[int], move: float) -> Picture:
    """Walks with steps ±1 that move with probability 1, left, or `move`, right: exact first passage and two bounds."""
    fig, axes = new_figure(1, 2, width=8.5, height=3.5, sharey=True)
    told = [_draw_tail(ax, steps, level, q) for ax, q in zip(axes, (1.0, move), strict=True)]
    axes[0].set_ylabel(f"P(max over {steps} steps ≥ λ)")
    legend(axes[0], loc="lower left")
    return described(fig, f"Probability that a walk of {steps} steps reaches λ, exact and bounded. {' '.join(told)}")


def _draw_tail(ax: Axes, steps: int, level: Sequence[int], move: float) -> str:
    weights = (move / 2, 1 - move, move / 2)
    rows = {"exact": [walk_crossing(steps, a, (-1, 0, 1), weights) for a in level],
            "Azuma-Hoeffding": [azuma_bound([1] * steps, a) for a in level],
            "Freedman": [freedman_bound(steps * move, 1, a) for a in level]}
    for i, (name, values) in enumerate(rows.items()):
        ax.semilogy(level, values, color=COLOURS[i], linestyle=LINES[i], marker="osD"[i], markersize=4, label=name)
    better = "Freedman" if rows["Freedman"][-1] < rows["Azuma-Hoeffding"][-1] else "Azuma-Hoeffding"
    ax.set(xlabel="level λ", title=f"moves w.p. {move:g}: {better} is nearer")
    ends = ", ".join(f"{name} {values[-1]:.3g}" for name, values in rows.items())
    return f"Moving with probability {move:g}, at λ = {level[-1]}: {ends}."


def increments_figure(plane: Array, mean: Array, paths: Array, r: float, relative: Array) -> Picture:
    """Where z grows on average, and how far it moves in one step.

    `plane` (A, B, 2): places w − w_* on A circles, from the centre to radius `r`, B angles each; `mean` (A, B): the
    exact mean increment there, over k; `paths` (U+1, P, 2): some runs of w' − w_*; `relative` (M,): the increments of
    z, over k, of all runs until they are frozen.
    """
    share = grows_in(plane, mean)
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.9)
    _draw_plane(left, plane, mean, paths)
    left.set_title(f"z grows on average in {share:.0%} of the ball" if share else "z falls on average everywhere")
    largest = np.abs(relative).max()
    counts, edges = np.histogram(relative, bins=60, range=(-1.2, 1.2))
    right.stairs(counts / len(relative), edges, color=COLOURS[0], fill=True, alpha=0.6)
    for side in (-1, 1):
        right.axvline(side, color=COLOURS[5], linestyle="--")
    right.set(xlabel="one increment of z", ylabel="share of the steps", xlim=(-1.2, 1.2), xticks=(-1, 0, 1),
              xticklabels=("−k", "0", "k"), title=f"{len(relative)} steps, the largest {largest:.2f} k")
    return described(fig, f"Left, the ball of radius {r:g} around the target with {paths.shape[1]} runs; the mean "
                          f"increment of z is positive in {share:.0%} of it, at most {mean.max():.3g} k. Right, a "
                          f"histogram of {len(relative)} increments between −k and k; the largest is {largest:.2f} k.")


def grows_in(plane: Array, mean: Array) -> float:
    """The share of the ball where `mean` is positive, every place weighted by its distance from the centre."""
    weight = np.hypot(plane[..., 0], plane[..., 1])
    return float(weight[mean > 0].sum() / weight.sum())


def _draw_plane(ax: Axes, plane: Array, mean: Array, paths: Array) -> None:
    if (mean > 0).any():
        ax.contourf(plane[..., 0], plane[..., 1], mean, levels=[0, mean.max() + 1], colors=[COLOURS[1]], alpha=0.45)
    for i, path in enumerate(np.moveaxis(paths, 1, 0)):
        ax.plot(*path.T, color=COLOURS[0], linewidth=1, label="runs" if i == 0 else None)
    ax.plot(plane[-1, :, 0], plane[-1, :, 1], color=COLOURS[2], linestyle="-.", label="frozen outside")
    ax.plot([0], [0], "*", color=COLOURS[5], markersize=12, label="target")
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.9, 1.9), aspect="equal", xlabel="first weight, less the target's",
           ylabel="second weight, less the target's")
    legend(ax, loc="lower right", fontsize=8)
