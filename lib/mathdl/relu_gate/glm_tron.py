"""Algorithm 4, GLM-Tron: gradient descent without the derivative of σ, for many vectors of labels at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.activations import Activation, relu
from mathdl.relu_gate.steps import gate_gradient, glm_tron_step

Array = NDArray[np.float64]
BLOCK = 2 ** 20  # numbers held at once while risks are computed


@dataclass(frozen=True, eq=False)
class TronRun:
    """U updates of Algorithm 4 for every vector of labels; row 0 is the source's t = 1 (`t0`).

    `w` (U+1, ..., n): iterates. `risk` (U+1, ...): the observable risk L_S(h_t), mean of (σ(⟨w_t, x_i⟩) − y_i)².
    `effective_risk` (U+1, ...): mean of (σ(⟨w_t, x_i⟩) − σ(⟨w_*, x_i⟩))², or None without a target.
    The dots are the leading dimensions of the labels. A diverging run holds inf or NaN from where it overflows.
    """

    w: Array
    risk: Array
    effective_risk: Array | None = None
    t0: int = 1

    @property
    def times(self) -> NDArray[np.int64]:
        """The source's t of every row: 1, ..., U + 1."""
        return self.t0 + np.arange(len(self.w))

    @property
    def best(self) -> NDArray[np.int64]:
        """The row with the least observable risk, the first one on ties, for each vector of labels (...)."""
        return np.argmin(np.where(np.isfinite(self.risk), self.risk, np.inf), axis=0)

    @property
    def best_w(self) -> Array:
        """The iterate of that row, (..., n): what a user without the target returns."""
        return np.take_along_axis(self.w, self.best[None, ..., None], axis=0)[0]

    def at(self, t: int) -> Array:
        """w_t (..., n) by the source's index t; ValueError when t was not reached."""
        return self.w[self.row(t)]

    def row(self, t: int) -> int:
        """The row of the source's t; ValueError when t was not reached."""
        if not self.t0 <= t <= self.times[-1]:
            raise ValueError(f"expected a time from {self.t0} to {self.times[-1]}; got {t}")
        return t - self.t0


def glm_tron(x: ArrayLike, y: ArrayLike, activation: Activation, updates: int, *, w_star: ArrayLike | None = None,
             w1: ArrayLike | None = None) -> TronRun:
    """`updates` steps w + (1/S) Σ (y_i − σ(⟨w, x_i⟩)) x_i from `w1` (default 0) on the whole sample.

    Inputs `x` (S, n), labels `y` (..., S); `w_star` and `w1` have shape (n,) or (..., n). Any activation and any data
    are trained on; what the theorems ask for is checked in `tron_bounds`. Source: Mukherjee 2020, Algorithm 4.
    ValueError for other shapes, NaN, infinity, or a number of updates that is not a whole number >= 0.
    """
    return _train(lambda w, x, y: glm_tron_step(w, x, y, activation), x, y, activation, updates, w_star, w1)


def gate_descent(x: ArrayLike, y: ArrayLike, updates: int, *, w_star: ArrayLike | None = None,
                 w1: ArrayLike | None = None) -> TronRun:
    """Plain gradient descent with step 1 on half the observable risk of one ReLU gate, to compare with `glm_tron`.

    It multiplies every residual by the derivative 1[⟨w, x_i⟩ ≥ 0] of the ReLU; arguments and errors as in `glm_tron`.
    """
    return _train(lambda w, x, y: w - gate_gradient(w, x, y), x, y, relu, updates, w_star, w1)


def _train(step: Callable[[Array, Array, Array], Array], x: ArrayLike, y: ArrayLike, activation: Activation,
           updates: int, w_star: ArrayLike | None, w1: ArrayLike | None) -> TronRun:
    """The checked data, `updates` times `step`, and the risks of all iterates."""
    x, y = _sample(x, y)
    if isinstance(updates, bool) or not isinstance(updates, Integral) or updates < 0:
        raise ValueError(f"updates: expected a whole number >= 0; got {updates!r}")
    shape = (*y.shape[:-1], x.shape[1])
    w = np.empty((updates + 1, *shape))
    w[0] = 0.0 if w1 is None else _weights("w1", w1, shape)
    target = None if w_star is None else activation(_weights("w_star", w_star, shape) @ x.T)
    with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is an answer, not an accident
        for t in range(updates):
            w[t + 1] = step(w[t], x, y)
        risks = _risks(w, x, activation, [y] if target is None else [y, target])
    return TronRun(w, *risks)


def _risks(w: Array, x: Array, activation: Activation, references: list[Array]) -> list[Array]:
    """The mean square distance of the predictions to each of the references (..., S), a block of times at once."""
    rows = max(1, BLOCK // (w[0].size // x.shape[1] * len(x)))
    risks = [np.empty(w.shape[:-1]) for _ in references]
    for i in range(0, len(w), rows):
        predictions = activation(w[i:i + rows] @ x.T)
        for risk, reference in zip(risks, references, strict=True):
            risk[i:i + rows] = ((predictions - reference) ** 2).mean(axis=-1)
    return risks


def _sample(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or not x.size:
        raise ValueError(f"x: expected samples in rows, shape (S, n) with S, n >= 1; got shape {x.shape}")
    if not y.size or y.shape[-1:] != (len(x),):
        raise ValueError(f"y: expected one label a sample in the last dimension, shape (..., {len(x)}); got {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("x and y: expected finite numbers; got NaN or infinity. Remove those samples")
    return x, y


def _weights(name: str, w: ArrayLike, shape: tuple[int, ...]) -> Array:
    w = np.asarray(w, dtype=float)
    if w.shape not in (shape[-1:], shape):
        raise ValueError(f"{name}: expected shape {shape[-1:]}" + (f" or {shape}" if shape[1:] else "")
                         + f"; got {w.shape}")
    if not np.isfinite(w).all():
        raise ValueError(f"{name}: expected finite numbers; got NaN or infinity")
    return w
