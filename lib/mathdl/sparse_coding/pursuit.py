"""Orthogonal matching pursuit for all signals at once: the step of alternating minimisation that finds the codes.

In every round each signal takes the atom that correlates most with its residual, and is projected on the atoms taken
so far. One matrix product a round finds all correlations; Gram and Schmidt do the projections for all signals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
TINY = 1e-6  # an atom this close to the span of those taken gets no weight: float32 leaves nothing of it


@dataclass(frozen=True)
class SparseCodes:
    """Signal j is `weights[j] @ dictionary[:, atoms[j]].T + residuals[j]`; shapes (N, k), (N, k), (N, n)."""

    atoms: NDArray[np.int64]
    weights: Array
    residuals: Array

    def dense(self, h: int) -> Array:
        """The codes as a matrix (h, N)."""
        X = np.zeros((h, len(self.atoms)), dtype=self.weights.dtype)
        np.add.at(X, (self.atoms.T, np.arange(len(self.atoms))), self.weights.T)
        return X


def orthogonal_pursuit(dictionary: Array, rows: Array, sparsity: int, *, nonnegative: bool = True,
                       enough: float = 0.0) -> SparseCodes:
    """Codes with at most `sparsity` atoms for `rows` (N, n), one signal a row, in the precision of `rows`.

    With `nonnegative` only atoms that point along the residual are looked at (the weight of an earlier atom may still
    come out negative). A signal whose residual is already shorter than `enough` times its own length takes no more.
    Raises ValueError unless 1 <= sparsity <= min(n, h).
    """
    (N, n), h = rows.shape, dictionary.shape[1]
    if not 1 <= sparsity <= min(n, h):
        raise ValueError(f"expected a sparsity from 1 to {min(n, h)}; got {sparsity}. More atoms than that fit any "
                         f"signal")
    columns, D = np.ascontiguousarray(dictionary.T, dtype=rows.dtype), np.asarray(dictionary, dtype=rows.dtype)
    atoms, residuals = np.zeros((N, sparsity), dtype=np.int64), rows.copy()
    steps, bases = np.zeros((sparsity, N), dtype=rows.dtype), []
    triangle = np.zeros((sparsity, sparsity, N), dtype=rows.dtype)
    floor, everyone = enough ** 2 * dots(rows, rows), np.arange(N)
    for t in range(sparsity):
        correlations = residuals @ D
        correlations = correlations if nonnegative else np.abs(correlations)
        correlations[everyone[:, None], atoms[:, :t]] = -1
        atoms[:, t] = correlations.argmax(1)
        q = columns[atoms[:, t]]
        for s in range(t):
            triangle[s, t] = dots(bases[s], q)
            q = q - triangle[s, t][:, None] * bases[s]
        triangle[t, t] = length = np.sqrt(dots(q, q))
        wanted = (length > TINY) & (dots(residuals, residuals) > floor)
        bases.append(q * np.where(wanted, 1 / np.maximum(length, TINY), 0)[:, None].astype(rows.dtype))
        steps[t] = dots(bases[t], residuals)
        residuals -= steps[t][:, None] * bases[t]
    return SparseCodes(atoms, _back_substitute(triangle, steps), residuals)


def _back_substitute(triangle: Array, steps: Array) -> Array:
    """Weights (N, k) from triangular systems (k, k, N); an atom that was not wanted has step 0 and gets weight 0."""
    weights = np.zeros_like(steps)
    for t in range(len(steps) - 1, -1, -1):
        rest = steps[t] - np.einsum("sj,sj->j", triangle[t, t + 1:], weights[t + 1:])
        weights[t] = np.where(steps[t] != 0, rest / np.maximum(triangle[t, t], TINY), 0)
    return weights.T


def dots(left: Array, right: Array) -> Array:
    """The inner products (N,) of the rows of two matrices (N, n)."""
    return np.einsum("ij,ij->i", left, right)
