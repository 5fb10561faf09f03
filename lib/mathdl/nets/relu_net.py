"""ReLU nets with real or rational weights: evaluation, counting gates, composition and addition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from mathdl.nets.entries import as_exact, as_float, holds_fractions


@dataclass(frozen=True, eq=False, init=False, repr=False)
class ReLUNet:
    """The function A_{k+1} ∘ σ ∘ A_k ∘ … ∘ σ ∘ A_1 with A_i x = W_i x + b_i (Mukherjee 2020, Definition 1).

    `weights[i]` has shape (w_{i+1}, w_i), `biases[i]` shape (w_{i+1},), and no hidden layer (an affine map) is allowed.
    Entries are float64, or Fractions throughout when some entry is a Fraction or `exact` is true; the arrays are
    read-only. Raises ValueError naming the layer when shapes do not chain or an entry is not a finite number.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]

    def __init__(self, weights: Sequence, biases: Sequence, *, exact: bool = False) -> None:
        weights, biases = list(weights), list(biases)
        if not weights or len(weights) != len(biases):
            raise ValueError(f"expected one bias vector for each weight matrix, and at least one of each; "
                             f"got {len(weights)} matrices and {len(biases)} vectors")
        exact = exact or any(holds_fractions(a) for a in [*weights, *biases])
        convert = as_exact if exact else as_float
        layers = [_layer(i, W, b, convert) for i, (W, b) in enumerate(zip(weights, biases, strict=True), start=1)]
        for i, ((W, _), (V, _)) in enumerate(pairwise(layers), start=2):
            if V.shape[1] != W.shape[0]:
                raise ValueError(f"layer {i}: expected a matrix with {W.shape[0]} columns, one for each output of "
                                 f"layer {i - 1}; got shape {V.shape}")
        object.__setattr__(self, "weights", tuple(W for W, _ in layers))
        object.__setattr__(self, "biases", tuple(b for _, b in layers))

    @classmethod
    def affine(cls, W: Sequence, b: Sequence) -> ReLUNet:
        """The net without hidden layer that computes x ↦ W x + b."""
        return cls([W], [b])

    @classmethod
    def tied_autoencoder(cls, W: Sequence, epsilon: Sequence) -> ReLUNet:
        """The net y ↦ Wᵀ σ(W y − ε), W of shape (h, n) and ε of shape (h,) (Mukherjee 2020, eq. 1.3, Figure 1.1)."""
        W, epsilon = np.asarray(W), np.asarray(epsilon)
        if W.ndim != 2 or epsilon.shape != W.shape[:1]:
            raise ValueError(f"expected W of shape (h, n) and epsilon of shape (h,); got {W.shape} and {epsilon.shape}")
        return cls([W, W.T], [-epsilon, [0] * W.shape[1]])

    @classmethod
    def from_torch(cls, sequential) -> ReLUNet:
        """The net of a torch.nn.Sequential of Linear and ReLU in turn; see `mathdl.nets.torch_nets.from_torch`."""
        from mathdl.nets.torch_nets import from_torch

        return from_torch(sequential)

    def to_torch(self, dtype=None):
        """The same function as a torch.nn.Sequential of Linear and ReLU (float64 unless `dtype` says otherwise)."""
        from mathdl.nets.torch_nets import to_torch

        return to_torch(self, dtype)

    @property
    def n_inputs(self) -> int:
        """w_0, the dimension of the input."""
        return self.weights[0].shape[1]

    @property
    def n_outputs(self) -> int:
        """w_{k+1}, the dimension of the output."""
        return self.weights[-1].shape[0]

    @property
    def widths(self) -> tuple[int, ...]:
        """(w_1, …, w_k), the number of gates in each hidden layer."""
        return tuple(len(b) for b in self.biases[:-1])

    @property
    def hidden_layers(self) -> int:
        """k, the number of hidden layers."""
        return len(self.weights) - 1

    @property
    def depth(self) -> int:
        """k + 1, the number of affine maps."""
        return len(self.weights)

    @property
    def width(self) -> int:
        """max w_i over the hidden layers; 0 for an affine map."""
        return max(self.widths, default=0)

    @property
    def size(self) -> int:
        """w_1 + … + w_k, the number of gates."""
        return sum(self.widths)

    @property
    def is_exact(self) -> bool:
        """True when all entries are Fractions."""
        return self.weights[0].dtype == object

    @property
    def has_output_bias(self) -> bool:
        """True when some entry of b_{k+1} is not 0."""
        return bool(np.any(self.biases[-1] != 0))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values of shape (n_samples, n_outputs) at x of shape (n_samples, n_inputs); Fractions if the net is exact."""
        a = (as_exact if self.is_exact else as_float)(x)
        if a.ndim != 2 or a.shape[1] != self.n_inputs:
            raise ValueError(f"expected x of shape (n_samples, {self.n_inputs}); got {a.shape}. "
                             f"Use x.reshape(-1, {self.n_inputs})")
        for W, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            a = np.maximum(a @ W.T + b, 0)
        return a @ self.weights[-1].T + self.biases[-1]

    def __repr__(self) -> str:
        shape = "-".join(map(str, (self.n_inputs, *self.widths, self.n_outputs)))
        return f"ReLUNet({shape}, {'exact' if self.is_exact else 'float64'})"

    def exact(self) -> ReLUNet:
        """The same net with Fractions; each float is taken at its exact binary value."""
        return self if self.is_exact else ReLUNet(self.weights, self.biases, exact=True)

    def rounded(self) -> ReLUNet:
        """The net with every entry rounded to float64."""
        return ReLUNet([as_float(W) for W in self.weights], [as_float(b) for b in self.biases])

    def compose(self, inner: ReLUNet) -> ReLUNet:
        """self ∘ inner: depth k_1 + k_2 + 1 and size s_1 + s_2 (Mukherjee 2020, Lemma 2.A.2)."""
        if self.n_inputs != inner.n_outputs:
            raise ValueError(f"expected an inner net with {self.n_inputs} outputs; got one with {inner.n_outputs}")
        f2, f1 = (self.exact(), inner.exact()) if self.is_exact or inner.is_exact else (self, inner)
        W, b = f2.weights[0] @ f1.weights[-1], f2.weights[0] @ f1.biases[-1] + f2.biases[0]
        return ReLUNet([*f1.weights[:-1], W, *f2.weights[1:]], [*f1.biases[:-1], b, *f2.biases[1:]])

    def add(self, other: ReLUNet) -> ReLUNet:
        """self + other: sizes add at equal depth (Mukherjee 2020, Lemma 2.A.3).

        The shallower net is first padded with 2 n_outputs gates for each missing layer.
        """
        from mathdl.nets.combine import sum_net

        return sum_net([self, other])[0]

    def scaled(self, c: float | Fraction) -> ReLUNet:
        """The net of c times the function, with the same gates; a Fraction c makes it exact."""
        net = self.exact() if isinstance(c, Fraction) else self
        c = Fraction(c) if net.is_exact else float(c)
        return ReLUNet([*net.weights[:-1], c * net.weights[-1]], [*net.biases[:-1], c * net.biases[-1]])


def _layer(i: int, W: Sequence, b: Sequence, convert) -> tuple[np.ndarray, np.ndarray]:
    """Layer i as read-only arrays of one type, or a ValueError that names it."""
    try:
        W, b = convert(W), convert(b)
    except ValueError as error:
        raise ValueError(f"layer {i}: {error}") from None
    if W.ndim != 2 or b.ndim != 1 or W.shape[0] != b.shape[0] or 0 in W.shape:
        raise ValueError(f"layer {i}: expected a weight matrix of shape (w, v) and a bias vector of shape (w,) with "
                         f"w, v >= 1; got {W.shape} and {b.shape}")
    W.flags.writeable = b.flags.writeable = False
    return W, b
