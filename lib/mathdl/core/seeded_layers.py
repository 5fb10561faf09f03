"""Layers whose first weights come from a generator that is given; `nn.Linear(...)` itself moves torch's global seed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn


def linear(n_inputs: int, n_outputs: int, *, generator: torch.Generator, bias: bool = True,
           dtype: torch.dtype = torch.float32) -> nn.Linear:
    """A linear layer with weights and biases from the uniform law on ±1/√n_inputs, as `nn.Linear` draws them."""
    layer = nn.utils.skip_init(nn.Linear, n_inputs, n_outputs, bias=bias, dtype=dtype)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -(n_inputs ** -0.5), n_inputs ** -0.5, generator=generator)
    return layer


def relu_net(widths: Sequence[int], *, generator: torch.Generator, bias: bool = True,
             dtype: torch.dtype = torch.float32) -> nn.Sequential:
    """A net with ReLU between linear layers; `widths` = inputs, gates of each hidden layer, outputs.

    Raises ValueError unless there are at least two widths, all >= 1.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(f"widths: expected inputs, hidden layers, outputs, each >= 1; got {tuple(widths)}")
    layers = [linear(n, m, generator=generator, bias=bias, dtype=dtype) for n, m in pairwise(widths)]
    return nn.Sequential(layers[0], *(part for layer in layers[1:] for part in (nn.ReLU(), layer)))
