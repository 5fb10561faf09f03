"""Table 4.6.2 again: gradient descent from far away. `python -m mathdl.sparse_coding.experiments.table_462`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.experiments.printed_tables import COVERED, SIZES, printed_cover
from mathdl.sparse_coding.experiments.section_46 import Section46
from mathdl.sparse_coding.matching import match_atoms

RECORD = "sparse_coding_table_462.json"
RELATIVE = 2e-5  # the printed stop rule: ‖G‖ below this factor of the first
SUFFICIENT = 1e-4  # Armijo: a step must gain this share of what the gradient promises
RECOVERED = 0.9  # cosine above which an atom counts as found


@dataclass(frozen=True)
class Descent:
    """One run: weights (h, n) at the end, and after each step its distance from A, loss and gradient norm."""

    weights: np.ndarray
    distances: np.ndarray
    losses: np.ndarray
    gradients: np.ndarray

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.losses) - 1


@dataclass(frozen=True)
class Recovery:
    """One cell of Table 4.6.2. Distances are means over columns of the Euclidean distance.

    `covered` is 100 (1 − distance/start) per cent, `zero_covered` what the zero matrix gets. Units and atoms are also
    paired by the largest sum of cosines: `matched` is the distance and `cosine` the mean cosine of these pairs, `found`
    the share of cosines above 0.9; `length` is the mean length of the rows of W. `loss` stands beside the loss of
    the start and of W = 0. `stopped` tells whether the stop rule was met, `gradient` the last ‖G‖/‖G_0‖.
    """

    k: int
    bias: float
    start: float
    distance: float
    covered: float
    zero_covered: float
    matched: float
    cosine: float
    found: float
    length: float
    loss: float
    first_loss: float
    zero_loss: float
    steps: int
    gradient: float
    stopped: bool


def descend(net: TiedReLUAutoencoder, signals: np.ndarray, dictionary: np.ndarray, *, relative: float = RELATIVE,
            max_steps: int = 1000) -> Descent:
    """Gradient descent whose step doubles after each success and halves until Armijo's condition holds.

    Ends when ‖G‖ < `relative` ‖G_0‖ or ‖G‖ = 0, after `max_steps`, or when no step lowers the loss in float32.
    """
    path, W = [], net.weights
    for W, loss, size in _steps(net, signals):
        path.append((np.linalg.norm(W - dictionary.T, axis=1).mean(), loss, size))
        if size < relative * path[0][2] or len(path) > max_steps:
            break
    return Descent(W, *np.array(path).T)


def _steps(net: TiedReLUAutoencoder, Y: np.ndarray) -> Iterator[tuple[np.ndarray, float, float]]:
    """Weights, loss and ‖G‖ before each step."""
    step, (loss, G) = 1.0, net.loss_and_gradient(Y)
    while True:
        size = float(np.linalg.norm(G))
        yield net.weights, loss, size
        if size == 0:
            return
        step *= 2
        while True:
            trial = TiedReLUAutoencoder(net.weights - np.float32(step) * G, net.bias)
            if trial.loss(Y) <= loss - SUFFICIENT * step * size ** 2:
                break
            step /= 2
            if step * size < 1e-7 * float(np.linalg.norm(net.weights)):  # below the rounding of float32 weights
                return
        net = trial
        loss, G = net.loss_and_gradient(Y)


def recovery(h: int, p: float, *, N: int = 5000, rule: str = "seed-fit", rounding: str = "ceil", seed: int = 0,
             start: float | None = None, relative: float = RELATIVE, max_steps: int = 1000) -> Recovery:
    """Descent from W with every row at distance `start` of its atom, h^(1−2p)/5 when None."""
    cell = Section46(h, p, N, seed, rounding)
    away = h * cell.delta / 5 if start is None else start
    return summed_up(cell, rule, away, run(cell, rule, away, relative=relative, max_steps=max_steps), relative)


def run(cell: Section46, rule: str, start: float, *, relative: float = RELATIVE, max_steps: int = 1000) -> Descent:
    """The descent of a cell from the given distance."""
    W = cell.around(start, 1, rng=cell.rng(2))[0]
    return descend(cell.autoencoder(W, rule), cell.signals, cell.dictionary, relative=relative, max_steps=max_steps)


def summed_up(cell: Section46, rule: str, start: float, found: Descent, relative: float) -> Recovery:
    """What Table 4.6.2 should have shown of a run."""
    W, A = found.weights.astype(float), cell.dictionary
    pairs = match_atoms(A, W.T)
    final = float(found.distances[-1])
    zero_loss = float((cell.signals.astype(float) ** 2).sum() / (2 * cell.N))
    last = float(found.gradients[-1] / found.gradients[0]) if found.gradients[0] > 0 else 0.0
    return Recovery(cell.k, cell.bias(rule), start, final, 100 * (1 - final / start), 100 * (1 - 1 / start),
                    float(pairs.distances.mean()), float(pairs.cosines.mean()), pairs.recovered(RECOVERED),
                    float(np.linalg.norm(W, axis=1).mean()), float(found.losses[-1]), float(found.losses[0]), zero_loss,
                    found.steps, last, last < relative)


def table_row(h: int, p: float, N: int, rule: str, rounding: str, relative: float, max_steps: int,
              seed: int) -> dict[str, Any]:
    """The record of one cell: its parameters, the printed value, what was measured, and the seconds it took."""
    start = time.perf_counter()
    found = recovery(h, p, N=N, rule=rule, rounding=rounding, relative=relative, max_steps=max_steps, seed=seed)
    told = {"h": h, "p": p, "N": N, "rule": rule, "rounding": rounding, "relative": relative, "max_steps": max_steps,
            "seed": seed, "printed": printed_cover(h, p)}
    return {**told, **asdict(found), "seconds": time.perf_counter() - start}


def grid(scale: str) -> list[dict[str, Any]]:
    """The cells of a scale, small h first: "laptop" h <= 512 and 1000 signals, "paper" all h and 5000 signals, and at
    h = 256 also 300 steps without a stop rule. Two readings of k and of the bias. ValueError for another name.
    """
    if scale not in ("laptop", "paper"):
        raise ValueError(f"expected the scale laptop or paper; got {scale!r}")
    sizes, N = (SIZES, 5000) if scale == "paper" else (SIZES[:2], 1000)
    readings = ({"rule": "seed-fit", "rounding": "ceil"}, {"rule": "low", "rounding": "floor"})
    cells = [{"h": h, "p": p, "N": N, **reading, "relative": RELATIVE, "max_steps": 1000, "seed": 0}
             for h, p, reading in product(sizes, COVERED, readings)]
    if scale == "paper":
        cells += [{**cell, "relative": 0.0, "max_steps": 300} for cell in cells if cell["h"] == sizes[0]]
    return cells


def table_462(scale: str = "laptop", *, cache: str | Path | None = None, progress: bool = False) -> list[Mapping]:
    """All rows of a scale; with a `cache` folder a table that was interrupted goes on where it stopped."""
    from mathdl.core.sweep import sweep

    return [point.result for point in sweep(table_row, grid(scale), cache=cache, progress=progress).done]


if __name__ == "__main__":
    from mathdl.sparse_coding.experiments.command import run_command

    run_command("Table 4.6.2 of Mukherjee 2020, computed again", table_462, RECORD)
