"""Explorer on images: atoms that change while an autoencoder of digits is trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mathdl.core.datasets import digits
from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.sparse_coding.figures.images import morphing_figure
from mathdl.sparse_coding.images import (
    ImageAutoencoder,
    every_third,
    falling_rmsprop,
    image_training,
    net_of,
    principal_components,
    projection_error,
    relative_error,
    shuffled_pixels,
)

UPDATES, BETWEEN = 200, 5  # updates of the short training, and how many of them pass from frame to frame
STARTS = {"large": 1.0, "small": 0.1}  # what the first weights are multiplied by
SHOWN = 6  # digits and reconstructions


@dataclass(frozen=True)
class Atoms:
    """Frame `frame` of a training of 200 updates with so many hidden units, from a large or small random start."""

    frame: int = 40
    hidden: int = 36
    hidden_layers: int = 1
    start: str = "small"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Film:
    """Frames of one training: nets, and the relative error of each on the images named."""

    nets: tuple[ImageAutoencoder, ...]
    updates: np.ndarray
    errors: dict[str, np.ndarray]
    floor: float


@lru_cache(maxsize=1)
def _images() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    train, held = every_third(digits((6, 7)).pixels)
    return train, held, shuffled_pixels(held, rng=np.random.default_rng(0))


@lru_cache(maxsize=32)
def film(hidden: int, hidden_layers: int, start: str, seed: int) -> Film:
    """A short training on the digits 6 and 7, its nets before the first update and after every fifth."""
    from mathdl.core.training import seeded, training_steps

    (train, held, mixed), generator = _images(), seeded(seed)
    update, first = image_training(train, optimizer=falling_rmsprop(hidden, UPDATES), hidden=hidden,
                                   hidden_layers=hidden_layers, spread=STARTS[start], generator=generator)
    run = training_steps(update, first, steps=UPDATES, generator=generator)
    nets = (ImageAutoencoder(**first["net"]), *(net_of(step) for step in run if step.number % BETWEEN == 0))
    errors = {name: np.array([relative_error(net, images) for net in nets])
              for name, images in (("held out", held), ("shuffled", mixed))}
    return Film(nets, np.arange(0, UPDATES + 1, BETWEEN), errors,
                projection_error(principal_components(train, hidden), held))


def draw_atoms(state: Atoms) -> Picture:
    """The atoms at that time, some held-out digits rebuilt by them, and the errors over the whole training."""
    import torch

    shown, held = film(state.hidden, state.hidden_layers, state.start, state.seed), _images()[1][:SHOWN]
    net = shown.nets[state.frame]
    with torch.no_grad():
        rebuilt = net(torch.as_tensor(held)).numpy()
    return morphing_figure(net.weights.numpy(), (held, rebuilt), shown.errors, updates=shown.updates, at=state.frame,
                           floor=shown.floor)


def explore_atoms():
    """Move the time; then start large and watch how little the atoms change while the error falls."""
    return explore(draw_atoms, Atoms(), frame=Slider(0, UPDATES // BETWEEN, "time, in steps of 5 updates"),
                   hidden=Choice((16, 36, 64), "hidden units"), start=Choice(tuple(STARTS), "random start"),
                   hidden_layers=Choice((1, 2), "hidden layers"))
