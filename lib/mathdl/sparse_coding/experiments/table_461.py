"""Table 4.6.1 again: gradient norms near the dictionary. `python -m mathdl.sparse_coding.experiments.table_461`."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.sparse_coding.experiments.printed_tables import POWERS, SIZES, printed_norm
from mathdl.sparse_coding.experiments.section_46 import Section46

RECORD = "sparse_coding_table_461.json"
PRINTED_POINTS = 200  # "200 random points"; the printed values are smaller by its square root than column norms
TOGETHER = 4  # points whose weights are held at once


@dataclass(frozen=True)
class GradientNorms:
    """One cell of Table 4.6.1; all norms are means over the h units of norms of rows of ∂L/∂W.

    `mean_of_norms` averages the norms over the points, `norm_of_mean` averages the gradients first, and `root_mean`
    is sqrt(mean over points of the squared norm). `like_printed` = root_mean/sqrt(200) is what the norm of a stack
    of 200 gradients, divided by 200, gives. `spread` is the standard error of mean_of_norms over the points, with the
    same signals at all of them. `on_share` is the share of pairs (unit, signal) that are on, `alive` that of units on
    for at least one signal, both at the first point. `rho` = mean_of_norms/(max(m1², m2) k/h).
    """

    k: int
    delta: float
    bias: float
    mean_of_norms: float
    norm_of_mean: float
    root_mean: float
    like_printed: float
    spread: float
    loss: float
    on_share: float
    alive: float
    rho: float


def gradient_norms(h: int, p: float, *, points: int = 3, N: int = 5000, rule: str = "seed-fit", rounding: str = "ceil",
                   seed: int = 0, distance: float | None = None) -> GradientNorms:
    """The cell (h, p): gradients at `points` random W with every row δ/2 (or `distance`) from its atom.

    Raises ValueError for fewer than one point, and for an unknown `rule` or `rounding`.
    """
    if points < 1:
        raise ValueError(f"expected at least one point; got {points}")
    cell = Section46(h, p, N, seed, rounding)
    away = cell.delta / 2 if distance is None else distance
    rng, norms, losses, total = cell.rng(1), [], [], np.zeros((h, cell.n))
    for start in range(0, points, TOGETHER):
        W = cell.around(away, min(TOGETHER, points - start), rng=rng)
        net = cell.autoencoder(W, rule)
        loss, G = net.loss_and_gradient(cell.signals)
        if not start:
            activity = cell.autoencoder(W[0], rule).activity(cell.signals)
        norms.append(np.linalg.norm(G, axis=2))
        losses.append(loss)
        total += G.sum(0, dtype=float)
    each = np.concatenate(norms).astype(float)  # (points, h)
    means, root = each.mean(1), float(np.sqrt((each ** 2).mean(0)).mean())
    spread = float(means.std(ddof=1) / math.sqrt(points)) if points > 1 else math.nan
    return GradientNorms(
        cell.k, cell.delta, cell.bias(rule), float(means.mean()), float(np.linalg.norm(total / points, axis=1).mean()),
        root, root / math.sqrt(PRINTED_POINTS), spread, float(np.concatenate(losses).mean()), float(activity.mean()),
        float((activity > 0).mean()), float(means.mean() / cell.scale))


def table_row(h: int, p: float, points: int, N: int, rule: str, seed: int) -> dict[str, Any]:
    """The record of one cell: its parameters, the printed value, what was measured, and the seconds it took."""
    start = time.perf_counter()
    found = gradient_norms(h, p, points=points, N=N, rule=rule, seed=seed)
    told = {"h": h, "p": p, "points": points, "N": N, "rule": rule, "seed": seed, "printed": printed_norm(h, p)}
    return {**told, **asdict(found), "seconds": time.perf_counter() - start}


def grid(scale: str) -> list[dict[str, Any]]:
    """The cells of a scale, small h first: "laptop" h <= 1024, 3 points, two dictionaries; "paper" all h, 200 points.

    "paper" has nine more dictionaries with 4 points each (four more at h = 4096), and the bias of the theorem at two
    points. Raises ValueError for another name.
    """
    if scale not in ("laptop", "paper"):
        raise ValueError(f"expected the scale laptop or paper; got {scale!r}")
    sizes, first, others = (SIZES, PRINTED_POINTS, 10) if scale == "paper" else (SIZES[:3], 3, 2)
    cells = []
    for h in sizes:
        seeds = range(1, min(others, 5) if h == SIZES[-1] else others)
        runs = [(first, "seed-fit", 0), *((min(first, 4), "seed-fit", seed) for seed in seeds), (2, "theorem", 0)]
        cells += [{"h": h, "p": p, "points": points, "N": 5000, "rule": rule, "seed": seed}
                  for (points, rule, seed), p in product(runs, POWERS)]
    return cells


def table_461(scale: str = "laptop", *, cache: str | Path | None = None, progress: bool = False) -> list[Mapping]:
    """All rows of a scale; with a `cache` folder a table that was interrupted goes on where it stopped."""
    from mathdl.core.sweep import sweep

    return [point.result for point in sweep(table_row, grid(scale), cache=cache, progress=progress).done]


if __name__ == "__main__":
    from mathdl.sparse_coding.experiments.command import run_command

    run_command("Table 4.6.1 of Mukherjee 2020, computed again", table_461, RECORD)
