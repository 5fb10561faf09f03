"""Figures on autoencoders of images: atoms, reconstructions, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure

GAP = 1  # pixels between tiles


def tiles(rows: ArrayLike, side: int, columns: int, fill: float = np.nan) -> np.ndarray:
    """Images (m, side²) as one picture, `columns` beside each other with a gap; missing tiles hold `fill`."""
    images = np.asarray(rows, dtype=float).reshape(-1, side, side)
    lines = -(-len(images) // columns)
    padded = np.full((lines * columns, side + GAP, side + GAP), fill)
    padded[:len(images), :side, :side] = images
    return padded.reshape(lines, columns, side + GAP, side + GAP).swapaxes(1, 2).reshape(
        lines * (side + GAP), columns * (side + GAP))[:-GAP, :-GAP]


def show_atoms(ax: Axes, atoms: np.ndarray, side: int, columns: int) -> None:
    """Each atom by its own largest entry: one colour for weights above 0, another for those below."""
    largest = np.maximum(np.abs(atoms).max(axis=1, keepdims=True), 1e-30)
    ax.imshow(tiles(atoms / largest, side, columns), cmap="PuOr_r", vmin=-1, vmax=1, interpolation="nearest")
    ax.axis("off")


def show_images(ax: Axes, rows: Sequence[np.ndarray], side: int) -> None:
    """Lines of images, one below the other, as many in each: originals first."""
    ax.imshow(tiles(np.clip(np.vstack(rows), 0, 1), side, len(rows[0])), cmap="Greys", vmin=0, vmax=1,
              interpolation="nearest")
    ax.axis("off")


def morphing_figure(atoms: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], errors: Mapping[str, np.ndarray], *,
                    updates: np.ndarray, at: int, floor: float) -> Picture:
    """Atoms (h, n) after updates[at]; originals and reconstructions; all errors, with that of as many components.

    `errors`: name -> relative error at each of `updates`; `floor` is the error of h principal components, held out.
    """
    side = round(atoms.shape[1] ** 0.5)
    fig, (left, middle, right) = new_figure(1, 3, width=9.5, height=3.4, width_ratios=(1.1, 0.8, 1.3))
    columns = int(np.ceil(min(len(atoms), 64) ** 0.5))
    show_atoms(left, atoms[:64], side, columns)
    left.set_title(f"Atoms after {updates[at]} updates")
    half = len(pairs[0]) // 2
    show_images(middle, [rows[part] for part in (slice(half), slice(half, 2 * half)) for rows in pairs], side)
    middle.set_title("held out, and rebuilt")
    for i, (name, values) in enumerate(errors.items()):
        right.plot(updates, values, color=COLOURS[i], linestyle=LINES[i], label=name)
        right.plot([updates[at]], [values[at]], "o", color=COLOURS[i], markersize=8)
    right.axhline(floor, color=COLOURS[4], linestyle=":", label=f"{len(atoms)} components")
    right.set(xlabel="updates", ylabel="relative error", ylim=(0, 1.65),
              title=f"Held-out error {errors['held out'][at]:.3f}")
    legend(right, loc="upper right", ncols=2, fontsize=8)
    return described(fig, f"{len(atoms)} atoms of {side} by {side} pixels after {updates[at]} updates, with pairs of "
                          f"held-out digits and their reconstructions. Relative errors now: "
                          + ", ".join(f"{name} {values[at]:.3f}" for name, values in errors.items())
                          + f"; {len(atoms)} principal components have {floor:.3f} on held-out digits.")


def widths_figure(widths: Sequence[int], errors: Mapping[str, Sequence[float]]) -> Picture:
    """Relative error against the number of hidden units, a line for each method."""
    fig, ax = new_figure(width=7.5, height=3.4)
    for i, (name, values) in enumerate(errors.items()):
        ax.plot(widths, values, color=COLOURS[i], linestyle=LINES[i], marker="os^Dv"[i], label=name)
    ax.set_xscale("log", base=2)
    best = [min(errors, key=lambda name: errors[name][i]) for i in range(len(widths))]
    ax.set(xlabel="hidden units, or components", ylabel="relative error, held out", xticks=widths,
           xticklabels=[str(h) for h in widths],
           title=f"Smallest error at every width: {best[0]}" if len(set(best)) == 1 else "No method is best everywhere")
    ax.minorticks_off()
    legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    lines = "; ".join(f"{name}: " + ", ".join(f"{v:.3f}" for v in values) for name, values in errors.items())
    return described(fig, f"Relative error on held-out digits at {', '.join(map(str, widths))} units. {lines}.")


def copying_figure(sets: Sequence[str], errors: Mapping[str, ArrayLike]) -> Picture:
    """Relative error on each set of images, a group of bars for each set and a bar for each net."""
    fig, ax = new_figure(width=7.5, height=3.3)
    width, places = 0.8 / len(errors), np.arange(len(sets))
    for i, (name, values) in enumerate(errors.items()):
        ax.bar(places + (i - (len(errors) - 1) / 2) * width, values, 0.9 * width, color=COLOURS[i],
               hatch=("", "//", "..")[i], edgecolor=INK, linewidth=0, label=name)
    ax.set(xticks=places, xticklabels=sets, ylabel="relative error")
    first = np.asarray(next(iter(errors.values())))
    ax.set_title(f"{next(iter(errors))}: error {first[1]:.2g} on {sets[1]}, {first[-1]:.2g} on {sets[-1]}")
    legend(ax, loc="upper left")
    lines = "; ".join(f"{name}: " + ", ".join(f"{s} {v:.3f}" for s, v in zip(sets, np.asarray(values), strict=True))
                      for name, values in errors.items())
    return described(fig, f"Relative errors. {lines}.")


def panel_figure(atoms: Mapping[str, np.ndarray], side: int) -> Picture:
    """Some atoms of each net, a panel for each."""
    fig, axes = new_figure(1, len(atoms), width=7.5, height=3.6)
    for ax, (name, rows) in zip(np.atleast_1d(axes), atoms.items(), strict=True):
        show_atoms(ax, rows, side, round(len(rows) ** 0.5))
        ax.set_title(f"atoms, {name}")
    return described(fig, "; ".join(f"{name}: {len(rows)} atoms of {side} by {side} pixels"
                                    for name, rows in atoms.items()) + ".")
