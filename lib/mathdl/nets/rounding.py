"""How far the float64 values of a net may be from its exact ones."""

from __future__ import annotations

import numpy as np

from mathdl.nets.entries import as_float
from mathdl.nets.relu_net import ReLUNet

EPS = float(np.finfo(float).eps)


def rounding_bound(net: ReLUNet, x: np.ndarray) -> np.ndarray:
    """A bound on |float64 value − exact value| of a float net at x of shape (n_samples, n_inputs), one for each output.

    A sum of n products and a bias, in any order, errs by at most γ (|W| |a| + |b|) with γ ≈ (n + 1) eps / 2, errors of
    the inputs pass through |W|, and σ enlarges none (Higham 2002, section 3.1). We take (n + 2) eps: the factor above 2
    pays for the rounding of the bound itself.
    """
    a = as_float(x)
    error = np.zeros_like(a)
    for i, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        a = np.maximum(a, 0) if i else a
        error = error @ abs(W).T + (W.shape[1] + 2) * EPS * (abs(a) @ abs(W).T + abs(b))
        a = a @ W.T + b
    return error
