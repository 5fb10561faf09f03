"""A small net that tells two handwritten digits apart by two coordinates: the trained net of the region viewer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mathdl.core.data import shipped
from mathdl.nets.relu_net import ReLUNet

if TYPE_CHECKING:
    import torch

GRID = 2.0**-10  # the shipped weights are whole multiples of it
FILE = "digits_8_1_net.json"


@dataclass(frozen=True, eq=False)
class TwoDigits:
    """Images of two digits in the plane of their first two principal components, each scaled to variance 1."""

    points: np.ndarray  # (n_samples, 2)
    labels: np.ndarray  # (n_samples,) +1 for the first digit, -1 for the second
    held_out: np.ndarray  # (n_samples,) bool, every third image
    names: tuple[str, str]


def two_digits(first: int = 8, second: int = 1) -> TwoDigits:
    """The images of two of the ten classes of scikit-learn's 8 x 8 digits, projected to two coordinates."""
    from sklearn.datasets import load_digits

    if not (0 <= first <= 9 and 0 <= second <= 9 and first != second):
        raise ValueError(f"expected two different digits from 0 to 9; got {first} and {second}")
    images, digit = load_digits(return_X_y=True)
    chosen = (digit == first) | (digit == second)
    centred = images[chosen] - images[chosen].mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    directions = directions[:2] * np.sign(directions[:2].sum(axis=1, keepdims=True))  # a sign that no library decides
    points = centred @ directions.T
    return TwoDigits(points / points.std(axis=0), np.where(digit[chosen] == first, 1.0, -1.0),
                     np.arange(chosen.sum()) % 3 == 2, (str(first), str(second)))


def train_digits(digits: TwoDigits, *, hidden: Sequence[int] = (16, 16), steps: int = 300, step: float = 0.01,
                 generator: torch.Generator) -> tuple[torch.nn.Sequential, np.ndarray]:
    """A net of Linear and ReLU with two inputs trained on the images not held out, and the loss before each step.

    Full-batch Adam on the mean of log(1 + exp(-y f(x))); the generator draws the first weights. Raises ValueError when
    `steps` is below 1, and FloatingPointError when the loss stops being finite.
    """
    import torch

    if steps < 1:
        raise ValueError(f"expected at least one step; got {steps}")
    x = torch.tensor(digits.points[~digits.held_out], dtype=torch.float32)
    y = torch.tensor(digits.labels[~digits.held_out], dtype=torch.float32)
    net = _first_weights((2, *hidden, 1), generator)
    optimizer, losses = torch.optim.Adam(net.parameters(), lr=step), np.empty(steps)
    for i in range(steps):
        loss = torch.nn.functional.softplus(-y * net(x)[:, 0]).mean()
        losses[i] = loss.item()
        if not np.isfinite(losses[i]):
            raise FloatingPointError(f"the loss is {losses[i]} at step {i}; take a smaller `step` than {step}")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net, losses


def _first_weights(widths: tuple[int, ...], generator: torch.Generator) -> torch.nn.Sequential:
    """Normal weights of variance 2 / fan-in and biases of variance 1/4, drawn on the CPU, no global seed touched."""
    import torch

    layers: list[torch.nn.Module] = []
    for v, w in pairwise(widths):
        linear = torch.nn.utils.skip_init(torch.nn.Linear, v, w)
        torch.nn.init.normal_(linear.weight, 0, (2 / v) ** 0.5, generator=generator)
        torch.nn.init.normal_(linear.bias, 0, 0.5, generator=generator)
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def accuracy(net: ReLUNet, digits: TwoDigits) -> tuple[float, float]:
    """The fractions of images on the right side of 0: of those trained on, and of those held out."""
    right = (net.rounded()(digits.points)[:, 0] > 0) == (digits.labels > 0)
    return float(right[~digits.held_out].mean()), float(right[digits.held_out].mean())


def digit_net() -> ReLUNet:
    """The shipped net 2-16-16-1 that tells 8 from 1, weights multiples of 2^-10 in float64; needs no network."""
    layers = json.loads(shipped(FILE).read_text(encoding="utf-8"))["layers"]
    return ReLUNet([np.array(layer["weights"]) * GRID for layer in layers],
                   [np.array(layer["biases"]) * GRID for layer in layers])


def save_digit_net(path: Path, *, generator: torch.Generator) -> ReLUNet:
    """Train the shipped net again (its generator: torch.Generator().manual_seed(0)) and write it to `path`."""
    net = ReLUNet.from_torch(train_digits(two_digits(), generator=generator)[0])
    layers = [{"weights": np.rint(W / GRID).astype(int).tolist(), "biases": np.rint(b / GRID).astype(int).tolist()}
              for W, b in zip(net.weights, net.biases, strict=True)]
    path.write_text(json.dumps({"unit": "2^-10", "layers": layers}) + "\n", encoding="utf-8")
    return net
