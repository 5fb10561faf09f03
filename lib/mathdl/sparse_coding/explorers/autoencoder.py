"""Explorer: an autoencoder whose weights turn from the dictionary to other orthogonal weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.core.explore import Choice, Slider, Toggle, explore
from mathdl.core.figures import Picture
from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.figures.autoencoder import path_figure
from mathdl.sparse_coding.orthogonal import orthogonal_loss, random_rotation, rotation_path

Array = NDArray[np.float64]
ATOMS, SAMPLES, POINTS = 6, 150, 51
DESTINATIONS = ("relabelling", "relabelling with signs", "random rotation")


@dataclass(frozen=True)
class Turning:
    """Six orthogonal atoms; `time` is the share of the way from W = Aᵀ to the destination."""

    time: float = 0.3
    destination: str = DESTINATIONS[0]
    sparsity: int = 2
    bias: float = 0.0
    signed: bool = False
    seed: int = 0


def turning_codes(state: Turning) -> Array:
    """Codes (6, 150): `sparsity` entries each, uniform on [0, 1], or on [−1, 1]."""
    rng = np.random.default_rng(state.seed)
    rank = rng.random((ATOMS, SAMPLES)).argsort(0)
    return (rank < state.sparsity) * rng.uniform(-1 if state.signed else 0, 1, (ATOMS, SAMPLES))


def turn_of_codes(state: Turning) -> Array:
    """What the destination does to the codes: W = turn · Aᵀ.

    Two cycles of three atoms; three exchanges with one sign each; or any rotation.
    """
    if state.destination == DESTINATIONS[0]:
        return np.kron(np.eye(2), np.roll(np.eye(3), 1, axis=0))
    if state.destination == DESTINATIONS[1]:
        return np.kron(np.eye(3), [[0.0, -1.0], [1.0, 0.0]])
    return random_rotation(ATOMS, rng=np.random.default_rng(state.seed + 1))


def draw_turning(state: Turning) -> Picture:
    """The loss all along the path, by the autoencoder and by the formula, and the codes at the chosen time."""
    A = random_rotation(ATOMS, rng=np.random.default_rng(state.seed + 2))
    X, times = turning_codes(state), np.linspace(0, 1, POINTS)
    at = int(abs(times - state.time).argmin())
    times[at] = state.time
    W = rotation_path(A.T, turn_of_codes(state) @ A.T, times)
    net = TiedReLUAutoencoder(W, state.bias)
    returned = A.T @ TiedReLUAutoencoder(W[at], state.bias).forward(A @ X)
    return path_figure(times, net.loss(A @ X), orthogonal_loss(W, A @ X, state.bias), at=at, codes=X,
                       returned=returned, name=state.destination)


def explore_turning():
    """Walk to the other end; then choose another destination, raise the bias, and allow signs."""
    return explore(draw_turning, Turning(), time=Slider(0, 1, "share of the way", step=0.02),
                   destination=Choice(DESTINATIONS, "destination"), sparsity=Slider(1, ATOMS, "non-zero entries k"),
                   bias=Slider(0, 0.5, "bias ε", step=0.01), signed=Toggle("codes of both signs"))
