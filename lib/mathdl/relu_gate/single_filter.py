"""Nets with one filter: f_w(x) = (1/k) Σ σ_α(⟨w, A_i x⟩), of which one gate and a convolution are cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.nets.relu_net import ReLUNet

Array = NDArray[np.float64]


def leaky_relu(u: Array, alpha: float) -> Array:
    """σ_α(u) = u where u ≥ 0 and α u elsewhere."""
    return np.where(u >= 0, u, alpha * u)


@dataclass(frozen=True, eq=False)
class SingleFilterNet:
    """The maps A (k, r, n) and the leak α ≥ 0 of a net whose k gates share one filter w (r,).

    Source: Mukherjee 2020, Definition 16. Raises ValueError when A has another shape or α is negative.
    """

    A: Array
    alpha: float = 0.0

    def __post_init__(self) -> None:
        A = np.array(self.A, dtype=float)
        if A.ndim != 3 or not A.size:
            raise ValueError(f"A: expected k matrices of shape (r, n), an array (k, r, n); got shape {A.shape}")
        if not np.isfinite(A).all():
            raise ValueError("A: expected finite numbers; got NaN or infinity")
        if not 0 <= self.alpha < np.inf:
            raise ValueError(f"alpha: expected a leak ≥ 0; got {self.alpha}. With a negative one the gate is not "
                             f"monotone, and Definition 16 excludes it")
        A.flags.writeable = False
        object.__setattr__(self, "A", A)
        object.__setattr__(self, "alpha", float(self.alpha))

    @classmethod
    def gate(cls, n: int) -> SingleFilterNet:
        """The single ReLU gate on n inputs: k = 1, A_1 the identity, α = 0."""
        return cls(np.eye(n)[None])

    @classmethod
    def from_conv1d(cls, length: int, filter: int, stride: int = 1, *, alpha: float = 0.0) -> SingleFilterNet:
        """One filter of `filter` taps that slides over `length` inputs, without padding; k = ⌊(n - r) / stride⌋ + 1."""
        if not 1 <= filter <= length or stride < 1:
            raise ValueError(f"expected 1 ≤ filter ≤ length and stride ≥ 1; got filter {filter}, length {length}, "
                             f"stride {stride}")
        starts = np.arange(0, length - filter + 1, stride)
        return cls(np.stack([np.eye(length)[s:s + filter] for s in starts]), alpha)

    @property
    def k(self) -> int:
        """Number of gates."""
        return self.A.shape[0]

    @property
    def r(self) -> int:
        """Length of the filter."""
        return self.A.shape[1]

    @property
    def n(self) -> int:
        """Number of inputs."""
        return self.A.shape[2]

    @property
    def mean_map(self) -> Array:
        """Ā = (1/k) Σ A_i, shape (r, n): what a net that were linear would apply."""
        return self.A.mean(axis=0)

    def patches(self, x: ArrayLike) -> Array:
        """A_i x for every i: shape (..., k, r) for x (..., n). Raises ValueError on another number of inputs."""
        x = np.asarray(x, dtype=float)
        if x.shape[-1:] != (self.n,):
            raise ValueError(f"x: expected {self.n} inputs in the last place, shape (..., {self.n}); got {x.shape}")
        return np.einsum("krn,...n->...kr", self.A, x)

    def __call__(self, w: ArrayLike, x: ArrayLike) -> Array:
        """f_w(x), shape (...,), for w (..., r) and x (..., n) with the same or with broadcasting dimensions."""
        u = (self.patches(x) * np.asarray(w, dtype=float)[..., None, :]).sum(-1)
        return leaky_relu(u, self.alpha).mean(-1)

    def as_relu_net(self, w: ArrayLike) -> ReLUNet:
        """The same function with k gates if α = 0, else 2k, by σ_α(u) = σ(u) - α σ(-u)."""
        rows = np.asarray(w, dtype=float) @ self.A
        hidden, top = (np.vstack([rows, -rows]), [1.0, -self.alpha]) if self.alpha else (rows, [1.0])
        return ReLUNet([hidden, np.repeat(top, self.k)[None] / self.k], [np.zeros(len(hidden)), [0.0]])

    def check_patches(self) -> None:
        """Raise ValueError that names the matrix, unless each A_i picks r different inputs, as a convolution does.

        That is: entries 0 and 1, exactly one 1 in a row, at most one in a column (the note after Definition 16).
        """
        for i, A in enumerate(self.A):
            if not np.isin(A, (0.0, 1.0)).all():
                raise ValueError(f"A[{i}]: expected entries 0 and 1; got others")
            if (A.sum(axis=1) != 1).any():
                raise ValueError(f"A[{i}]: expected exactly one 1 in each row; row {np.argmax(A.sum(axis=1) != 1)} has "
                                 f"another number. A tap over padding is no row of the definition")
            if (A.sum(axis=0) > 1).any():
                raise ValueError(f"A[{i}]: expected at most one 1 in a column; input {np.argmax(A.sum(axis=0) > 1)} is "
                                 f"used by two taps: not a convolution patch")

    @property
    def is_patchwise(self) -> bool:
        """True when `check_patches` finds nothing."""
        try:
            self.check_patches()
        except ValueError:
            return False
        return True
