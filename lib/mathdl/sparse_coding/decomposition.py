"""The proxy gradient of a unit as α_i W_i − β_i A_i + e_i, and the sizes of what adds up to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.population_gradient import every_support
from mathdl.sparse_coding.proxy_coefficients import proxy_coefficients
from mathdl.sparse_coding.support_moments import checked_weights, support_moments

Array = NDArray[np.float64]
READINGS = ("corrected", "appendix", "first line")


@dataclass(frozen=True, eq=False)
class GradientParts:
    """α (h,), β (h,) and e (h, n) of the expected proxy gradient at `weights` W (h, n), with the atoms (h, n)."""

    alpha: Array
    beta: Array
    rest: Array
    weights: Array
    atoms: Array

    @cached_property
    def gradient(self) -> Array:
        """α_i W_i − β_i A_i + e_i, shape (h, n)."""
        return self.alpha[:, None] * self.weights - self.beta[:, None] * self.atoms + self.rest

    @cached_property
    def vectors(self) -> Array:
        """The three vectors that add up to row i: α_i(W_i − A_i), (α_i − β_i) A_i and e_i; shape (3, h, n)."""
        shift, drift = self.weights - self.atoms, (self.alpha - self.beta)[:, None] * self.atoms
        return np.stack([self.alpha[:, None] * shift, drift, self.rest])

    @property
    def sizes(self) -> Array:
        """Their lengths, (3, h); by the triangle inequality a column sums to at least the length of the row."""
        return np.linalg.norm(self.vectors, axis=2)

    @property
    def angles(self) -> Array:
        """Degrees between α_i W_i − β_i A_i and e_i, (h,): above 90 they cancel in part; NaN where one of them is 0."""
        along = self.gradient - self.rest
        dot = (along * self.rest).sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = dot / (np.linalg.norm(along, axis=1) * np.linalg.norm(self.rest, axis=1))
        return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def decompose(model: SparseCodingModel, weights: Array, bias: Array | float) -> GradientParts:
    """The parts of Mukherjee 2020, section 4.5.1, from q1..q4 by matrix products; for uniform supports.

    α_i is how much of W_i stands in the gradient of unit i, −β_i how much of A_i, and e_i collects all other W_j and
    A_j. Raises ValueError for other support laws and for shapes that do not fit.
    """
    A = model.dictionary
    W, eps = checked_weights(A, weights, bias)
    K, B = proxy_coefficients(A, W, eps, support_moments(model))
    alpha, beta = K.diagonal().copy(), -B.diagonal()
    np.fill_diagonal(K, 0)
    np.fill_diagonal(B, 0)
    return GradientParts(alpha, beta, K @ W + B @ A.T, W, np.ascontiguousarray(A.T))


def summed_parts(model: SparseCodingModel, weights: Array, bias: Array | float,
                 reading: str = "corrected") -> GradientParts:
    """The same from the source's sums, every support enumerated.

    `reading` "appendix" sums over k ≠ i where it must be k ≠ j, as the appendix does in e_i3; "first line" has
    ε_j ε_j for ε_i ε_j, as the first sum of G_i^1 is printed. Raises ValueError for other readings, and as
    `every_support` does.
    """
    if reading not in READINGS:
        raise ValueError(f"expected a reading among {', '.join(READINGS)}; got {reading!r}")
    A = model.dictionary
    W, eps = checked_weights(A, weights, bias)
    total = (np.zeros(len(W)), np.zeros(len(W)), np.zeros_like(W))
    for supports, chances in every_support(model):
        for S, chance in zip(supports, chances, strict=True):
            for sums, part in zip(total, _on_support(A[:, S], W[S], eps[S], model.m1, model.m2, reading), strict=True):
                sums[S] += chance * part
    return GradientParts(*total, W, np.ascontiguousarray(A.T))


def _on_support(A: Array, W: Array, eps: Array, m1: float, m2: float, reading: str) -> tuple[Array, Array, Array]:
    """α, β (k,) and e (k, n) given one support, term by term as in section 4.5.1; i, j, l below run over it."""
    P, G = W @ A, W @ W.T
    s, d, squares, e = P.sum(1), P.diagonal(), (P ** 2).sum(1), eps
    alpha = m2 * squares + m1 ** 2 * (s ** 2 - squares) - 2 * m1 * e * s + e ** 2
    beta = (2 * m1 ** 2 * (s - d) + 2 * m2 * d - m1 * e + m1 * G @ e - m2 * (G * P.T).sum(1)
            - m1 ** 2 * (G @ s - (G * P.T).sum(1)))
    products = e[:, None] * e if reading != "first line" else np.tile(e ** 2, (len(e), 1))
    on_W = products - m1 * (e[:, None] * s + s[:, None] * e) + m2 * P @ P.T + m1 ** 2 * (s[:, None] * s - P @ P.T)
    left_out = P if reading != "appendix" else d[:, None]  # of the sum over l of P_il: l = j, or l = i
    on_A = -2 * m2 * P - 2 * m1 ** 2 * (s[:, None] - left_out) + m1 * e[:, None]
    on_A = on_A - m1 * (G @ e)[:, None] + m2 * G @ P + m1 ** 2 * ((G @ s)[:, None] - G @ P)
    np.fill_diagonal(on_W, 0)
    np.fill_diagonal(on_A, 0)
    return alpha, beta, on_W @ W + on_A @ A.T
