"""Explorer of Algorithms 2 and 4 on a net with one filter of length 2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.core.explore import Points, Slider, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.figures.filters import plane_figure
from mathdl.relu_gate.single_filter import SingleFilterNet

SIZES = (1.0, -2.0, 0.5, -1.5)  # patch j of an input is SIZES[j] p, with p in the half plane p_1 > 0
TARGET = np.array([1.0, 0.5])
DIRECTIONS = 9


@dataclass(frozen=True)
class FilterPlane:
    """Number of patches, leak α, tilt (0: x and −x equally likely, 1: only x), and the start of the filter."""

    patches: int = 2
    tilt: float = 0.0
    leak: float = 0.0
    start: tuple[tuple[float, float], ...] = ((-1.5, 2.0),)


def tilted_inputs(patches: int, tilt: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inputs (S, 2 patches) and weights (S,): nine inputs x, each with weight ∝ 1 + tilt, and −x with 1 − tilt."""
    angle = np.linspace(-1.2, 1.2, DIRECTIONS)
    p = np.column_stack([np.cos(angle), np.sin(angle)])
    x = np.concatenate([size * p for size in SIZES[:patches]], axis=1)
    return np.vstack([x, -x]), np.repeat([1 + tilt, 1 - tilt], DIRECTIONS) / (2 * DIRECTIONS)


def draw_filter_plane(state: FilterPlane) -> Picture:
    """Both rules from one start, full batch, on inputs that are symmetric or tilted to one side."""
    net = SingleFilterNet.from_conv1d(2 * state.patches, 2, 2, alpha=state.leak)
    x, weights = tilted_inputs(state.patches, state.tilt)
    mean = (x @ net.mean_map.T) ** 2
    step = 0.8 / (weights @ (np.sqrt(mean.sum(1)) * np.linalg.norm(net.patches(x), axis=-1).mean(-1)))
    return plane_figure(net, x, weights, TARGET, np.array(state.start[0]), step=step, updates=240)


def explore_filter_plane():
    """Drag the start; tilt the inputs and look for the tilt at which Algorithm 4 leaves; compare one patch and two."""
    return explore(draw_filter_plane, FilterPlane(), patches=Slider(1, 4, "patches k"),
                   tilt=Slider(0.0, 1.0, "tilt of the inputs", 0.02), leak=Slider(0.0, 1.0, "leak α", 0.05),
                   start=Points("start", x=(-3, 3), y=(-3, 3)))
