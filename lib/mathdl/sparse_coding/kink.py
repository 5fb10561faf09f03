"""An autoencoder that sits exactly on its kink, and the slopes of its loss to either side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class KinkCase:
    """Eight atoms ½(±1, ±1, ±1, ±1) in R⁴, one at a time, each with the value 1; the weights are the atoms.

    C = ½, k = 1, a = b = m₁ = 1, δ = 0, so the bias of Theorem 4.3.1 is ε = 2 m₁ k (δ + C) = 1, and Q_i = 1 on the
    support. All numbers are exact in binary. `bias_scale` multiplies the bias.
    """

    bias_scale: float = 1.0

    @property
    def dictionary(self) -> Array:
        """A (4, 8), columns up to sign: the first entry is positive."""
        return np.array([(1, *rest) for rest in product((1, -1), repeat=3)]).T / 2

    @property
    def bias(self) -> float:
        """ε = 2 m₁ k C, with the coherence C of the dictionary, times `bias_scale`."""
        gram = abs(self.dictionary.T @ self.dictionary)
        return self.bias_scale * 2 * (gram - np.eye(8)).max()

    @property
    def codes(self) -> Array:
        """X (8, 8): each atom once."""
        return np.eye(8)

    @property
    def signals(self) -> Array:
        """Y = A X (4, 8)."""
        return self.dictionary @ self.codes

    @property
    def net(self) -> TiedReLUAutoencoder:
        """The autoencoder with W = Aᵀ and that bias."""
        return TiedReLUAutoencoder(self.dictionary.T, self.bias)


def printed_gradient(net: TiedReLUAutoencoder, signals: Array) -> Array:
    """The formula of the gradient with Th(u) = 1[u ≥ 0], as the source writes it: it differs where Q = ε exactly."""
    W, Y = net.weights, np.asarray(signals, dtype=float)
    u = W @ Y - net.bias[..., None]
    R = np.maximum(u, 0)
    F = W.mT @ R - Y
    return (R @ F.mT + ((u >= 0) * (W @ F)) @ Y.T) / Y.shape[1]


def one_sided_slopes(net: TiedReLUAutoencoder, signals: Array, direction: Array, *, step: float = 2.0 ** -20,
                     ) -> tuple[float, float]:
    """(L(W) − L(W − tD))/t and (L(W + tD) − L(W))/t at t = `step`, for D (h, n); off by O(t)."""
    D = np.asarray(direction, dtype=float)
    before, here, after = (TiedReLUAutoencoder(net.weights + t * D, net.bias).loss(signals) for t in (-step, 0, step))
    return (here - before) / step, (after - here) / step
