"""Figures on the tied autoencoder: loss along a path of rotations, codes beside what comes back, and a kink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, LINES, Picture, described, legend, new_figure
from mathdl.core.theorem import number

Array = NDArray[np.float64]
FEW = 300  # dots of a scatter
ROUNDED = 1e-12  # smaller losses and differences are rounding, and written 0


def path_figure(times: Array, losses: Array, formula: Array, *, at: int, codes: Array, returned: Array,
                name: str) -> Picture:
    """Loss and formula along a path of orthogonal weights, beside codes and what comes back at the time `at`.

    `codes` and `returned` (n, N) are x and Aᵀŷ, which agree when nothing is lost.
    """
    fig, (left, right) = new_figure(1, 2, width=9, height=3.7)
    left.plot(times, losses, color=COLOURS[0], linewidth=3, label="loss")
    left.plot(times, formula, color=COLOURS[1], linestyle=LINES[1], label="½ E Σ min(⟨W_i, y⟩, ε)²")
    left.plot([times[at]], [losses[at]], "o", color=COLOURS[0], markersize=9)
    left.plot([times[at]] * 2, [0, losses[at]], color=COLOURS[3], linestyle=":", linewidth=1.2)
    left.set(xlabel="share of the way from W = Aᵀ", ylabel="loss", ylim=(-0.05, 1.35) * np.array(losses.max() or 1),
             title=f"On the way to a {name}: loss {_short(losses[at])}")
    legend(left, loc="upper left", ncols=2, fontsize=8)
    x, back = codes.ravel()[:FEW], returned.ravel()[:FEW]
    off = _short(np.abs(returned - codes).max())
    ends = np.array([min(x.min(), back.min()), max(x.max(), back.max())])
    right.plot(ends, ends, color=COLOURS[2], linestyle=LINES[1], label="nothing lost")
    right.plot(x, back, "o", color=COLOURS[0], markersize=3, linestyle="none")
    right.set(xlabel="entry of the code $x$", ylabel="what comes back, $A^T\\hat{y}$",
              title=f"Entries are off by {off} at most")
    legend(right, loc="upper left")
    return described(fig, f"Left, loss along a path of orthogonal weights to a {name}: from {_short(losses[0])} over "
                          f"at most {_short(losses.max())} to {_short(losses[-1])}; a dot at {times[at]:.3g} of the "
                          f"way, loss {_short(losses[at])}. Right, codes against what comes back, off by {off} at "
                          "most.")


def kink_figure(steps: Array, losses: Array, slopes: dict[str, float]) -> Picture:
    """Loss on both sides of a kink, with a line through it for each of the named `slopes`."""
    fig, ax = new_figure(width=7, height=3.6)
    ax.plot(steps, losses, color=COLOURS[0], linewidth=3, label="loss")
    here = float(np.interp(0, steps, losses))
    for i, (name, slope) in enumerate(slopes.items(), start=1):
        ax.plot(steps, here + slope * steps, color=COLOURS[i], linestyle=LINES[i], label=f"slope {slope:.3g}: {name}")
    ax.plot([0], [here], "o", color=COLOURS[0], markersize=8)
    ax.set(xlabel="length added to the rows of W, along their atoms", ylabel="loss",
           title="Off on the left, on at the right: two slopes at one point")
    legend(ax, loc="lower left")
    return described(fig, f"Loss from {losses[0]:.3g} on the left over {here:.3g} at the kink to {losses[-1]:.3g} on "
                          "the right; slopes " + ", ".join(f"{s:.3g} ({name})" for name, s in slopes.items()) + ".")


def _short(value: float) -> str:
    return number(float(f"{value:.3g}"), ROUNDED)
