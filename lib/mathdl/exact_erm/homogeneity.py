"""Top weights ±1 lose nothing: a ReLU gate passes positive factors through, equation (2.4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.nets.relu_net import ReLUNet


def normalize_top(net: ReLUNet) -> tuple[NDArray[np.float64], NDArray, float]:
    """(signs (w,), theta (w, n+1), bias): the same function as sum_i s_i σ(θ_i · (x, 1)) + bias, with s_i = ±1.

    Uses a' σ(z) = sgn(a') σ(|a'| z); a gate with a' = 0 becomes θ = 0, s = +1. Fractions stay Fractions, so that the
    functions are equal; with floats each weight is rounded once. Raises ValueError unless the net has one hidden layer
    and one output. Source: Mukherjee 2020, (2.4).
    """
    if net.hidden_layers != 1 or net.n_outputs != 1:
        raise ValueError(f"expected a net with one hidden layer and one output; got {net!r} with "
                         f"{net.hidden_layers} hidden layers and {net.n_outputs} outputs")
    (W, top), (b, bias) = net.weights, net.biases
    top = top[0]
    theta = abs(top)[:, None] * np.column_stack([W, b])
    return np.where(top < 0, -1.0, 1.0), theta, bias[0]
