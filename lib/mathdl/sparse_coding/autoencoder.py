"""The tied ReLU autoencoder of depth two and its gradient in closed form, dense or over active pairs only.

Everything works on blocks of samples that stay in the processor's cache, with numpy on the CPU and with the same code
in torch on any device. Weights may have leading dimensions: many autoencoders on the same signals at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from mathdl.sparse_coding.hidden_block import HiddenBlock

Array = Any  # numpy.ndarray or torch.Tensor; what comes out is of the same kind as the weights
PATHS = ("auto", "dense", "active")
ACTIVE_SHARE = 0.01  # share of active (unit, sample) pairs below which "auto" visits these pairs only
ON_CPU, ON_DEVICE = 2 ** 20, 2 ** 26  # hidden values in a block: a few MB of cache; a few hundred MB of a GPU


@dataclass(frozen=True, eq=False)
class TiedReLUAutoencoder:
    """ŷ = Wᵀ r, r = ReLU(W y − ε), the same weights on both sides; Mukherjee 2020, (1.3).

    `weights` W (..., h, n) has a row for each hidden unit, `bias` ε is a number, (h,) or (..., h). Leading dimensions
    are so many autoencoders at once. Signals are columns, Y (n, N). numpy arrays in float32 or float64 (anything else
    becomes float64), or torch tensors on any device; the number type of the weights is used for all.
    A unit is on where ⟨W_i, y⟩ > ε_i; at equality it is off, and the derivative there is 0.
    Raises ValueError for shapes that do not fit and for values that are not finite.
    """

    weights: Array
    bias: Array = 0.0

    def __post_init__(self) -> None:
        W = _numbers("weights", self.weights)
        if W.ndim < 2 or 0 in W.shape:
            raise ValueError(f"weights: expected (..., h, n), a row for each hidden unit; got shape {tuple(W.shape)}. "
                             "Pass the transpose of a dictionary whose columns are atoms")
        object.__setattr__(self, "weights", _finite("weights", W))
        object.__setattr__(self, "bias", _bias(self.bias, W))

    @property
    def hidden_units(self) -> int:
        """h, the number of hidden units."""
        return self.weights.shape[-2]

    @property
    def inputs(self) -> int:
        """n, the length of a signal."""
        return self.weights.shape[-1]

    def on(self, device: str = "auto", *, double: bool | None = None) -> TiedReLUAutoencoder:
        """The same autoencoder in torch on `device`, with float64 if `double`; None keeps the number type."""
        import torch

        from mathdl.core.devices import resolve_device

        W, bias = (torch.from_numpy(v.copy()) if isinstance(v, np.ndarray) else v for v in (self.weights, self.bias))
        double = W.dtype == torch.float64 if double is None else double
        where = {"device": resolve_device(device, double=double), "dtype": torch.float64 if double else torch.float32}
        return TiedReLUAutoencoder(W.to(**where), bias.to(**where))

    def hidden(self, signals: Array) -> Array:
        """r = ReLU(W y − ε), (..., h, N)."""
        return self._fill(signals, self.hidden_units, "dense", lambda block: block.hidden())

    def forward(self, signals: Array, *, path: str = "auto") -> Array:
        """ŷ = Wᵀ r, (..., n, N)."""
        return self._fill(signals, self.inputs, path, lambda block: block.decoded())

    def activity(self, signals: Array) -> Array:
        """The share of samples in which each unit is on, (..., h), exact multiples of 1/N up to rounding."""
        Y, counts = self._signals(signals), self._empty(self.hidden_units)
        for points, _, block in self._blocks(Y, "dense"):
            counts[points] += block.active_samples()
        return self._shaped(counts / Y.shape[1], self.hidden_units)

    def loss(self, signals: Array, *, path: str = "auto") -> float | Array:
        """L = Σ‖ŷ − y‖² / (2N), Mukherjee 2020, (4.1), averaged over samples: a float, or (...) for many weights."""
        Y, total = self._signals(signals), self._empty()
        for points, _, block in self._blocks(Y, path):
            total[points] += block.squared_error()
        return self._number(total / (2 * Y.shape[1]))

    def gradient(self, signals: Array, *, path: str = "auto") -> Array:
        """∂L/∂W (..., h, n) = (R Fᵀ + (M ∘ W F) Yᵀ)/N, with Q = W Y, R = (Q − ε)₊, M = 1[Q > ε], F = WᵀR − Y.

        `path` "dense" uses matrix products, "active" visits the pairs with Q > ε only, "auto" chooses block by block:
        active where at most 1 % of the pairs are on.
        """
        return self.loss_and_gradient(signals, path=path)[1]

    def loss_and_gradient(self, signals: Array, *, path: str = "auto") -> tuple[float | Array, Array]:
        """Both from one pass over the samples."""
        Y, total = self._signals(signals), self._empty()
        G = self._empty(self.hidden_units, self.inputs)
        for points, _, block in self._blocks(Y, path):
            total[points] += block.squared_error()
            block.add_gradient(G[points])
        G /= Y.shape[1]
        return self._number(total / (2 * Y.shape[1])), self._shaped(G, self.hidden_units, self.inputs)

    def _fill(self, signals: Array, rows: int, path: str, compute: Any) -> Array:
        Y = self._signals(signals)
        out = self._empty(rows, Y.shape[1])
        for points, samples, block in self._blocks(Y, path):
            out[points, :, samples] = compute(block)
        return self._shaped(out, rows, Y.shape[1])

    def _blocks(self, Y: Array, path: str) -> Iterator[tuple[slice, slice, HiddenBlock]]:
        """The hidden layer on all weights and samples, some of each at a time."""
        if path not in PATHS:
            raise ValueError(f"path: expected one of {PATHS}; got {path!r}")
        W = self.weights.reshape(-1, self.hidden_units, self.inputs)
        bias = self.bias.reshape(-1, self.hidden_units, 1)
        share = {"auto": ACTIVE_SHARE, "dense": -1.0, "active": 1.0}[path]
        most = ON_CPU if isinstance(W, np.ndarray) or W.device.type == "cpu" else ON_DEVICE
        together = min(Y.shape[1], max(64, most // self.hidden_units))
        at_once = max(1, most // (together * self.hidden_units))
        for p in range(0, len(W), at_once):
            points, buffers = slice(p, p + at_once), {}
            for s in range(0, Y.shape[1], together):
                samples = slice(s, s + together)
                yield points, samples, HiddenBlock(W[points], bias[points], Y[:, samples], share, buffers)

    def _signals(self, signals: Array) -> Array:
        W = self.weights
        if isinstance(W, np.ndarray) != (not _is_tensor(signals)):
            raise ValueError(f"signals: expected the same kind as the weights, {type(W).__name__}; got "
                             f"{type(signals).__name__}. Convert one of them; `.on(device)` takes the weights to torch")
        Y = _like(signals, W)
        if Y.ndim != 2 or Y.shape[0] != self.inputs or Y.shape[1] == 0:
            raise ValueError(f"signals: expected (n, N) with n = {self.inputs}, a column for each sample; got shape "
                             f"{tuple(Y.shape)}")
        return _finite("signals", Y)

    def _empty(self, *shape: int) -> Array:
        """Zeros for every autoencoder: (points, *shape), in float64 on the CPU if no shape is given."""
        W = self.weights
        points = int(np.prod(W.shape[:-2]))
        if not shape:
            return np.zeros(points)
        if isinstance(W, np.ndarray):
            return np.zeros((points, *shape), dtype=W.dtype)
        return W.new_zeros((points, *shape))

    def _shaped(self, values: Array, *shape: int) -> Array:
        return values.reshape(*self.weights.shape[:-2], *shape)

    def _number(self, values: np.ndarray) -> float | Array:
        if self.weights.ndim == 2:
            return float(values[0])
        values = values.reshape(self.weights.shape[:-2])
        return values if isinstance(self.weights, np.ndarray) else library(self.weights).from_numpy(values)


def library(array: Array) -> ModuleType:
    """numpy or torch, whichever the array belongs to."""
    if not _is_tensor(array):
        return np
    import torch

    return torch


def _is_tensor(array: Any) -> bool:
    return type(array).__module__.partition(".")[0] == "torch"


def _numbers(name: str, values: Array) -> Array:
    """A tensor without history, or a numpy array, in float32 or float64."""
    if _is_tensor(values):
        if str(values.dtype) not in ("torch.float32", "torch.float64"):
            raise ValueError(f"{name}: expected a tensor in float32 or float64; got {values.dtype}. Convert it first")
        return values.detach()
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name}: expected real numbers; got type {array.dtype}")
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def _like(values: Array, like: Array) -> Array:
    """`values` in the number type, and on the device, of `like`."""
    if isinstance(like, np.ndarray):
        return np.asarray(values, dtype=like.dtype)
    return library(like).as_tensor(values).detach().to(device=like.device, dtype=like.dtype)


def _bias(bias: Array, W: Array) -> Array:
    """ε as (..., h), one for each unit."""
    given = _like(bias, W)
    try:
        wide = library(W).broadcast_to(given, W.shape[:-1])
    except (ValueError, RuntimeError):
        raise ValueError(f"bias: expected a number, or one for each of the h = {W.shape[-2]} units; got shape "
                         f"{tuple(given.shape)}") from None
    return _finite("bias", wide.copy() if isinstance(W, np.ndarray) else wide.clone())


def _finite(name: str, values: Array) -> Array:
    if not bool(library(values).isfinite(values).all()):
        raise ValueError(f"{name}: expected finite numbers; got NaN or infinity. Remove those entries")
    return values
