"""Nets with random weights, for instances and explorers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.nets.relu_net import ReLUNet


def random_net(widths: Sequence[int], *, rng: np.random.Generator, exact: bool = False) -> ReLUNet:
    """A net with `widths` = (w_0, w_1, …, w_k, w_{k+1}), inputs and outputs included.

    Weights are normal with standard deviation (2 / w_{i−1})^½ and biases 1, or, when `exact`, integers from −4 to 4 as
    Fractions. Raises ValueError for fewer than two widths or a width below 1.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(f"expected widths (w_0, …, w_(k+1)), at least two and all >= 1; got {tuple(widths)}")
    shapes = list(zip(widths[1:], widths, strict=False))
    if exact:
        return ReLUNet([rng.integers(-4, 5, size=shape) for shape in shapes],
                       [rng.integers(-4, 5, size=w) for w in widths[1:]], exact=True)
    return ReLUNet([rng.normal(0, (2 / v) ** 0.5, size=(w, v)) for w, v in shapes],
                   [rng.normal(size=w) for w in widths[1:]])


def random_line_net(hidden: Sequence[int], *, rng: np.random.Generator) -> ReLUNet:
    """A net on the line with hidden widths (w_1, …, w_k) each of whose gates switches at a random point of [−1, 1].

    Weights are as in `random_net`; the biases are chosen layer by layer, so that kinks lie where they can be seen.
    """
    net = random_net((1, *hidden, 1), rng=rng)
    biases: list[np.ndarray] = []
    for W in net.weights:
        x = rng.uniform(-1, 1, size=(len(W), 1))
        z = ReLUNet(net.weights[:len(biases) + 1], [*biases, np.zeros(len(W))])(x)
        biases.append(-np.diag(z))
    return ReLUNet(net.weights, biases)
