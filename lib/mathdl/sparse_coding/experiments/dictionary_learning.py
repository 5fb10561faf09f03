"""Three learners on one planted dictionary: `python -m mathdl.sparse_coding.experiments.dictionary_learning FILE.json`.

n = 50, h = 256, k = 3 codes uniform on [1, 10], N = 5000: the settings of the bar. One thread; two minutes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.experiments.records import read_record, write_record
from mathdl.sparse_coding.learners import (
    Learned,
    alternating_minimisation,
    autoencoder_descent,
    minibatch_learning,
)
from mathdl.sparse_coding.model import SparseCodingModel

FULL = {"n": 50, "h": 256, "k": 3, "N": 5000, "low": 1.0, "high": 10.0, "seed": 0}
RECORD = "sparse_coding_learners.json"
BIAS, RATE, STEPS = 4.0, 0.03, 300


@dataclass(frozen=True)
class Curve:
    """The share of planted atoms with |cosine| above 0.95, `found[i]` after `seconds[i]` of processor time."""

    name: str
    seconds: tuple[float, ...]
    found: tuple[float, ...]

    def seconds_to(self, share: float) -> float:
        """When the share was first reached; inf if it never was."""
        return next((s for s, f in zip(self.seconds, self.found, strict=True) if f >= share), float("inf"))


@dataclass(frozen=True)
class LearnerTable:
    """What `shipped_table` reads: the settings, the hardware, and one curve a learner, by name."""

    settings: dict[str, float]
    hardware: str
    curves: dict[str, Curve]


def planted(n: int, h: int, k: int, N: int, low: float, high: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A Gaussian dictionary (n, h) and N signals (n, N) of it."""
    rng = np.random.default_rng(seed)
    A = gaussian(n, h, rng=rng)
    return A, SparseCodingModel(A, k, low, high).sample(N, rng=rng).signals


def run(settings: dict[str, float], *, peer: bool = True) -> list[tuple[Learned, Curve]]:
    """Every learner once, the wrapped one if `peer`."""
    A, Y = planted(**settings)
    h, k, seed = settings["h"], settings["k"], settings["seed"]
    alternating_minimisation(Y[:, :h], h, k, rng=np.random.default_rng(seed), steps=1)  # imports are not its time
    runs = [alternating_minimisation(Y, h, k, rng=np.random.default_rng(seed)),
            autoencoder_descent(Y, h, BIAS, rng=np.random.default_rng(seed), rate=RATE, steps=STEPS)]
    runs += [minibatch_learning(Y, h, seed=seed)] if peer else []
    return [(r, Curve(r.name, tuple(round(s, 4) for s in r.seconds), tuple(r.curve(A).tolist()))) for r in runs]


def shipped_table() -> LearnerTable:
    """The committed run of the full settings. Raises ValueError when the file is not there."""
    read = read_record(RECORD)
    curves = {r["name"]: Curve(r["name"], tuple(r["seconds"]), tuple(r["found"])) for r in read["rows"]}
    return LearnerTable(dict(read["settings"]), read["hardware"], curves)


if __name__ == "__main__":
    rows = [{"name": c.name, "seconds": c.seconds, "found": [round(f, 4) for f in c.found]} for _, c in run(FULL)]
    write_record(sys.argv[1], {"settings": FULL, "time": "seconds of processor time"}, rows)
