"""Figures 4.6.1 and 4.6.2 again: the loss along a line. `python -m mathdl.sparse_coding.experiments.landscape`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.experiments.section_46 import Section46

RECORD = "sparse_coding_landscape.json"
POWERS = (0.01, 0.1, 0.3)  # of the printed figures
GRID = tuple(round(0.1 * i, 1) for i in range(-15, 16))


@dataclass(frozen=True)
class Slice:
    """The loss f(t) = L((A + tΔ)^T) and the mean column norm of its gradient, along one direction Δ with unit columns.

    `alive` is the share of units that are on for at least one signal, `on_share` that of pairs (unit, signal), at t.
    """

    t: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray
    alive: np.ndarray
    on_share: np.ndarray

    def change(self, t: float) -> float:
        """f(t) − f(0). Raises ValueError unless both are on the grid."""
        return float(self.loss[self._at(t)] - self.loss[self._at(0.0)])

    def _at(self, t: float) -> int:
        places = np.flatnonzero(np.abs(self.t - t) < 1e-9)
        if not len(places):
            raise ValueError(f"expected a t of the grid; got {t}: the grid has {', '.join(f'{v:g}' for v in self.t)}")
        return int(places[0])


@dataclass(frozen=True)
class Plane:
    """The loss at (A + tΔ)ᵀ − s G √h/‖G‖_F, shape (s, t): Δ has unit columns, and so has G in the mean square.

    G is the gradient at Aᵀ, so s leads straight downhill, and t in a random direction.
    """

    t: np.ndarray
    s: np.ndarray
    loss: np.ndarray

    @property
    def lowest(self) -> tuple[float, float, float]:
        """(t, s) of the smallest loss on the grid, and that loss."""
        i, j = np.unravel_index(self.loss.argmin(), self.loss.shape)
        return float(self.t[j]), float(self.s[i]), float(self.loss[i, j])


def landscape_plane(cell: Section46, t: Sequence[float], s: Sequence[float], *, rule: str = "seed-fit",
                    direction: int = 0) -> Plane:
    """The loss on a grid of the plane through A that a random direction and the gradient at A span.

    Raises ValueError where the gradient is zero, as with the bias of the theorem.
    """
    t, s = np.asarray(t, dtype=float), np.asarray(s, dtype=float)
    A = cell.dictionary.T
    G = cell.autoencoder(A, rule).gradient(cell.signals)
    if not np.linalg.norm(G):
        raise ValueError(f"rule: expected a bias with a gradient at the dictionary; with {rule!r} it is 0")
    down = -G * (len(G) ** 0.5 / np.linalg.norm(G))
    sideways = gaussian(cell.n, cell.h, rng=cell.rng(3 + direction)).T
    rows = [cell.autoencoder(A + v * down + t[:, None, None] * sideways, rule).loss(cell.signals) for v in s]
    return Plane(t, s, np.array(rows, dtype=float))


def landscape(cell: Section46, t: Sequence[float], *, rule: str = "seed-fit", direction: int = 0) -> Slice:
    """All t in one batched call, in direction number `direction` of the cell."""
    if direction < 0:
        raise ValueError(f"expected the number of a direction, at least 0; got {direction}")
    rng, t = cell.rng(3 + direction), np.asarray(t, dtype=float)
    towards = gaussian(cell.n, cell.h, rng=rng).T
    net = cell.autoencoder(cell.dictionary.T + t[:, None, None] * towards, rule)
    loss, G = net.loss_and_gradient(cell.signals)
    activity = net.activity(cell.signals)
    return Slice(t, loss, np.linalg.norm(G, axis=2).mean(1, dtype=float), (activity > 0).mean(1, dtype=float),
                 activity.mean(1, dtype=float))


def sign_pattern(slices: Sequence[Slice], at: Sequence[float]) -> tuple[tuple[int, ...], ...]:
    """The signs of f(t) − f(0) at each t of `at`, for each slice."""
    return tuple(tuple(int(np.sign(s.change(t))) for t in at) for s in slices)


def slice_row(h: int, p: float, N: int, rule: str, seed: int, direction: int) -> dict[str, Any]:
    """The record of one curve and the seconds it took."""
    start = time.perf_counter()
    cell = Section46(h, p, N, seed)
    found = landscape(cell, GRID, rule=rule, direction=direction)
    curves = {name: [float(f"{v:.6g}") for v in getattr(found, name)] for name in ("loss", "gradient", "alive")}
    return {"h": h, "p": p, "N": N, "rule": rule, "seed": seed, "direction": direction, "k": cell.k,
            "bias": cell.bias(rule), "t": list(GRID), **curves, "seconds": time.perf_counter() - start}


def grid(scale: str) -> list[dict[str, Any]]:
    """The curves of a scale: "laptop" h = 256 and one direction, "paper" five of them, and h = 4096 with one.

    ValueError for another name.
    """
    if scale not in ("laptop", "paper"):
        raise ValueError(f"expected the scale laptop or paper; got {scale!r}")
    several = [(256, "seed-fit", i) for i in range(5 if scale == "paper" else 1)]
    runs = [*several, (256, "theorem", 0), *([(4096, "seed-fit", 0)] * (scale == "paper"))]
    return [{"h": h, "p": p, "N": 5000, "rule": rule, "seed": 0, "direction": i}
            for (h, rule, i), p in product(runs, POWERS)]


def landscape_curves(scale: str = "laptop", *, cache: str | Path | None = None,
                     progress: bool = False) -> list[Mapping]:
    """All curves of a scale; with a `cache` folder a run that was interrupted goes on where it stopped."""
    from mathdl.core.sweep import sweep

    return [point.result for point in sweep(slice_row, grid(scale), cache=cache, progress=progress).done]


if __name__ == "__main__":
    from mathdl.sparse_coding.experiments.command import run_command

    run_command("The curves of figures 4.6.1 and 4.6.2 of Mukherjee 2020, computed again", landscape_curves, RECORD)
