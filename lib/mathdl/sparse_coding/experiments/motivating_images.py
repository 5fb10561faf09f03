"""The motivating experiment: two autoencoders of the digits 6 and 7, and what else they reconstruct.

`python -m mathdl.sparse_coding.experiments.motivating_images --scale paper --to FILE` trains on 6000 images of MNIST,
as Mukherjee 2020, section 4.1.1; scale "laptop" on the shipped digits. A stopped run goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.core.data import shipped
from mathdl.core.datasets import digits, mnist
from mathdl.sparse_coding.images import (
    ImageAutoencoder,
    effective_pixels,
    every_third,
    principal_components,
    projection_error,
    relative_error,
    shuffled_pixels,
    train_images,
)

FILE = "sparse_coding_images.npz"  # the committed results at scale "paper"
SEEN, OTHERS = (6, 7), (0, 1, 2, 3, 4, 5, 8, 9)
SETS = ("trained on", "held out", "other digits", "shuffled pixels")
SHOWN = 16  # atoms of each net kept
COMPONENTS = (16, 64, 128, 256)


@dataclass(frozen=True)
class Scale:
    """Hidden units of the net with one hidden layer and of that with two, updates, and images an update (or all)."""

    one: int
    two: int
    updates: int
    batch: int | None


SCALES = {"laptop": Scale(256, 128, 500, None), "paper": Scale(10000, 5000, 600, 100)}


def image_sets(scale: str) -> tuple[dict[str, np.ndarray], int]:
    """The images (S, n) of each of the SETS, and the side of an image; shuffled are the held-out ones, by seed 0."""
    if scale not in SCALES:
        raise ValueError(f"scale: expected one of {tuple(SCALES)}; got {scale!r}")
    if scale == "laptop":
        (train, held), other = every_third(digits(SEEN).pixels), digits(OTHERS)
    else:
        train, held, other = mnist("train", SEEN).pixels[:6000], mnist("test", SEEN).pixels, mnist("test", OTHERS)
    mixed = shuffled_pixels(held, rng=np.random.default_rng(0))
    return dict(zip(SETS, (train, held, other.pixels, mixed), strict=True)), other.side


def run(scale: str = "laptop", *, seed: int = 0, folder: Path | None = None, hidden: tuple[int, int] | None = None,
        updates: int | None = None) -> dict[str, Any]:
    """Train both nets; errors on all SETS, atoms, seconds, as arrays and plain numbers by name.

    `folder`: where checkpoints lie, so that the same call goes on after a stop. `hidden`, `updates`: other sizes.
    """
    (sets, side), size = image_sets(scale), SCALES[scale]
    found: dict[str, Any] = {"side": side, "updates": updates or size.updates, "batch": size.batch or 0, "seed": seed}
    for layers, units in enumerate(hidden or (size.one, size.two), start=1):
        checkpoint = None if folder is None else folder / f"{scale}-{layers}-{units}.pt"
        net, seconds = _trained(sets["trained on"], checkpoint, steps=found["updates"], hidden=units,
                                hidden_layers=layers, batch=size.batch, seed=seed)
        found |= {f"{name} {layers}": value for name, value in _measured(net, sets).items()}
        found |= {f"hidden {layers}": units, f"seconds {layers}": round(seconds, 1)}
    for number in COMPONENTS:
        v = principal_components(sets["trained on"], number)
        found[f"components {number}"] = np.array([projection_error(v, images) for images in sets.values()])
    return found


def _trained(images: np.ndarray, checkpoint: Path | None, *, seed: int, **options) -> tuple[ImageAutoencoder, float]:
    """The net, and the seconds of the updates made now."""
    from mathdl.core.training import seeded

    began = time.perf_counter()
    net = train_images(images, generator=seeded(seed), resume=checkpoint, every=100, **options)
    return net, time.perf_counter() - began


def _measured(net: ImageAutoencoder, sets: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    import torch

    kept, held = net.weights[:SHOWN].numpy(), torch.as_tensor(sets["held out"])
    with torch.no_grad():
        active = float((net.codes(held[:500]) > 0).float().mean())
    return {"errors": np.array([relative_error(net, images) for images in sets.values()]), "active": active,
            "atoms": kept.astype(np.float16),
            "effective pixels": np.quantile(effective_pixels(net.weights.numpy()), (0.1, 0.5, 0.9))}


def stored() -> dict[str, np.ndarray]:
    """The committed results of scale "paper"."""
    with np.load(shipped(FILE)) as arrays:
        return dict(arrays)


def hardware() -> str:
    """Processor and torch, for the record beside the seconds."""
    import torch

    return f"{platform.machine()}, {torch.get_num_threads()} thread(s), torch {torch.__version__}"


def main() -> None:
    """Run at a scale, print the errors, and write the results if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scale", choices=tuple(SCALES), default="laptop")
    parser.add_argument("--to", type=Path, help="an .npz file for the results")
    parser.add_argument("--folder", type=Path, help="a folder for checkpoints")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.gettempdir())
    found = run(asked.scale, folder=folder)
    print(json.dumps({name: np.round(value, 4).tolist() for name, value in found.items() if np.size(value) < 10}))
    if asked.to:
        np.savez_compressed(asked.to, hardware=hardware(), **found)


if __name__ == "__main__":
    main()
