"""Figures on training many runs at once: one colour a step size, one thin line a seed."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure

Array = NDArray[np.float64]


def window_means(losses: ArrayLike, window: int) -> tuple[Array, Array]:
    """Means of `losses` (K, R) over consecutive windows of updates, (K // window, R), and the windows' last updates.

    A mean over a window with an infinite loss is infinite; the updates after the last whole window are left out.
    """
    losses = np.asarray(losses, dtype=float)
    n_windows = len(losses) // window
    means = losses[:n_windows * window].reshape(n_windows, window, -1).mean(axis=1)
    return window * np.arange(1, n_windows + 1), means


def runs_figure(losses: ArrayLike, step_sizes: ArrayLike, *, window: int = 10) -> Picture:
    """Losses (K, R) of R runs with `step_sizes` (R,), as means over windows of updates, thin; thick, their medians.

    Runs that diverged are crosses at the top; the title judges by the medians over the second half. Raises ValueError
    unless there is one step size a run, at most six different ones, and a whole window of updates.
    """
    losses, step_sizes = np.asarray(losses, dtype=float), np.asarray(step_sizes, dtype=float)
    sizes = np.unique(step_sizes)
    if losses.ndim != 2 or step_sizes.shape != losses.shape[1:] or len(sizes) > len(COLOURS) or len(losses) < window:
        raise ValueError(f"expected losses (K, R), K >= {window}, and R step sizes, at most {len(COLOURS)} different "
                         f"ones; got shapes {losses.shape} and {step_sizes.shape}, {len(sizes)} different ones")
    at, means = window_means(losses, window)
    fig, axes = new_figure(width=7.5, height=3.6)
    told, ends = [], {}
    for size, colour, line in zip(sizes, COLOURS, LINES, strict=False):
        whole = np.isfinite(losses[-1]) & (step_sizes == size)
        _draw_runs(axes, at, means[:, whole], f"step {size:.3g}", colour, line)
        lost = _draw_diverged(axes, losses[:, ~whole & (step_sizes == size)], f"step {size:.3g}", colour)
        ends |= {size: float(np.median(means[len(means) // 2:, whole]))} if whole.any() else {}
        told.append(f"step size {size:.3g}: " + (f"median {ends[size]:.2g}" if size in ends else "") +
                    ", " * bool(lost and size in ends) + (f"{lost} diverged" if lost else ""))
    best = f"step size {min(ends, key=ends.get):.3g} is lowest" if ends else "all diverged"
    axes.set(yscale="log", xlabel="updates", ylabel=f"mean loss of {window} updates",
             title=f"{losses.shape[1]} runs in one training: {best}")
    legend(axes, loc="center left", bbox_to_anchor=(1, 0.5))
    return described(fig, f"Loss against updates for {losses.shape[1]} runs, {len(losses)} updates. In the "
                          f"second half: {'; '.join(told)}.")


def _draw_runs(axes: Axes, at: Array, means: Array, label: str, colour: str, line: object) -> None:
    if means.shape[1]:
        axes.plot(at, means, color=colour, linewidth=0.8, alpha=0.5)
        axes.plot(at, np.median(means, axis=1), color=colour, linestyle=line, label=label)


def _draw_diverged(axes: Axes, losses: Array, label: str, colour: str) -> int:
    """A cross at the top, at the last update whose loss was finite, for each of the runs; how many there are."""
    last = np.isfinite(losses).sum(axis=0)
    if len(last):
        axes.plot(last, np.full(len(last), 0.97), "x", color=colour, transform=axes.get_xaxis_transform(),
                  label=f"{label}: {len(last)} diverged", clip_on=False)
    return len(last)
