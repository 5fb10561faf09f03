"""Explorer of the supermartingale: noise that pushes outward often and recoils rarely, and what its mean hides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Slider, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.figures.dynamics import increments_figure
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import FiniteNoise, SphereNoise
from mathdl.relu_gate.stopped_process import mean_increment, stopped_process

W_STAR = np.array([1.0, 0.5])
TURN = np.linspace(0, np.pi, 6)
DATA = np.column_stack([np.cos(TURN), np.sin(TURN)])  # six unit vectors, so C = 1
START = np.array([0.4, 0.0])  # from the target
SHOWN, RUNS, UPDATES, RADIUS, S1 = 5, 60, 50, 1.0, 0.1
ROUND = np.linspace(0, 2 * np.pi, 61)
PLANE = (np.linspace(0, 1 - 1e-9, 21)[:, None, None] * RADIUS) * np.stack([np.cos(ROUND), np.sin(ROUND)], axis=-1)


@dataclass(frozen=True)
class Recoil:
    """Along the first axis ξ₂ is C_L for `outward` per cent of the time, else it recoils, so that its mean is zero."""

    outward: int = 50
    length: float = 0.6
    step: float = 0.03
    seed: int = 0


def recoil_noise(outward: int, length: float) -> FiniteNoise:
    """± `length` e_2 half of the time; else `length` e_1 with `outward` per cent, or the recoil that balances it."""
    p = outward / 100
    points = [(length, 0.0), (-length * p / (1 - p), 0.0), (0.0, length), (0.0, -length)]
    return FiniteNoise(points, (p / 2, (1 - p) / 2, 0.25, 0.25))


def draw_recoil(state: Recoil) -> Picture:
    """The exact mean increment of z around the target, some runs, and all increments of many runs beside ±k."""
    told = {"w_star": W_STAR, "step": state.step, "noise1": SphereNoise(2, S1), "C_L": state.length, "r": RADIUS,
            "noise2": recoil_noise(state.outward, state.length)}
    y = labels(DATA, W_STAR)
    runs = stopped_process(DATA, y, W_STAR + START, updates=UPDATES, runs=RUNS, keep=True,
                           rng=np.random.default_rng(state.seed), **told)
    moving = np.arange(UPDATES)[:, None] < runs.left_at
    mean = mean_increment(DATA, y, W_STAR + PLANE, **told)
    return increments_figure(PLANE, mean / runs.k, runs.path[:, :SHOWN] - W_STAR, RADIUS,
                             np.diff(runs.z, axis=0)[moving] / runs.k)


def explore_recoil():
    """Make the outward push more frequent: its mean stays zero, and yet z starts to grow on one side."""
    return explore(draw_recoil, Recoil(), outward=Slider(50, 98, "outward, per cent"),
                   length=Slider(0.1, 1.4, "length C_L"), step=Slider(0.001, 0.1, "step η", 0.001),
                   seed=Slider(0, 20, "seed"))
