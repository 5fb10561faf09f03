"""Orthogonal weights: what the autoencoder loses there, exactly, and paths between two orthogonal matrices."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder

Array = NDArray[np.float64]
UNIT = 2.0 ** -53  # rounding unit of float64
TOLERATED = 1e-8  # ‖WᵀW − I‖ of a matrix that is taken for orthogonal


def random_rotation(n: int, *, rng: np.random.Generator) -> Array:
    """An orthogonal matrix (n, n) of determinant 1, uniform among these. ValueError for n < 1."""
    if n < 1:
        raise ValueError(f"n: expected a size >= 1; got {n}")
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    Q *= np.sign(np.diag(R))  # without this the law would depend on the algorithm of qr
    if np.linalg.det(Q) < 0:
        Q[:, 0] *= -1
    return Q


def orthogonality_defect(matrix: ArrayLike) -> float:
    """‖MᵀM − I‖ in the Frobenius norm, the largest of many M (..., n, n); infinite when M is not square."""
    M = np.asarray(matrix, dtype=float)
    if M.ndim < 2 or M.shape[-2] != M.shape[-1]:
        return float("inf")
    return float(np.linalg.norm(M.mT @ M - np.eye(M.shape[-1]), axis=(-2, -1)).max())


def orthogonal_loss(weights: ArrayLike, signals: ArrayLike, bias: ArrayLike = 0.0) -> Array | float:
    """½ E Σ_i min(⟨W_i, y⟩, ε_i)², the loss at orthogonal weights W (..., n, n); a float, or (...) for many.

    With W = Aᵀ and y = A x the inner products are the codes: ½ E Σ_i min(x_i, ε_i)². Codes may have any sign.
    Raises ValueError when the weights are not orthogonal, up to 1e-8, which is also the relative error of the loss.
    """
    net = TiedReLUAutoencoder(np.asarray(weights, dtype=float), bias)
    W = net.weights
    defect = orthogonality_defect(W)
    if not defect <= TOLERATED:
        raise ValueError(f"weights: expected square orthogonal matrices; got ‖WᵀW − I‖ = {defect:.3g} at shape "
                         f"{W.shape}. Use TiedReLUAutoencoder.loss for other weights")
    lost = np.minimum(W @ np.asarray(signals, dtype=float), net.bias[..., None])
    total = 0.5 * (lost ** 2).sum(-2).mean(-1)
    return float(total) if W.ndim == 2 else total


def rounding(n: int) -> float:
    """Relative error of a few products with orthogonal (n, n) matrices in float64, in norm.

    Each entry of a product of length n is off by at most n units of the norms (Higham 2002, section 3.5), so a vector
    of n entries by n^{3/2} units; four products are allowed for.
    """
    return 4 * n ** 1.5 * UNIT


def rotation_path(start: ArrayLike, end: ArrayLike, times: ArrayLike) -> Array:
    """Orthogonal matrices (T, n, n) on a shortest path from `start` (time 0) to `end` (time 1).

    The path turns `start` by equal shares of the angles of startᵀ·end. Raises ValueError when one of the two is not
    orthogonal, or when their determinants differ: then every path between them leaves the orthogonal matrices.
    """
    start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    for name, matrix in (("start", start), ("end", end)):
        if matrix.ndim != 2 or not orthogonality_defect(matrix) <= TOLERATED:
            raise ValueError(f"{name}: expected a square orthogonal matrix; got ‖MᵀM − I‖ = "
                             f"{orthogonality_defect(matrix):.3g}")
    if start.shape != end.shape or np.linalg.det(start) * np.linalg.det(end) < 0:
        raise ValueError("end: expected a matrix of the same size and determinant as start, else no path of orthogonal "
                         "matrices joins them; change the sign of a row")
    basis, angles = _planes(start.T @ end)
    t = np.asarray(times, dtype=float).reshape(-1, 1)
    return start @ basis @ _turns(t * angles, len(start)) @ basis.T


def _planes(rotation: Array) -> tuple[Array, Array]:
    """An orthonormal basis whose first pairs of vectors span the planes that `rotation` turns, and the angles."""
    from scipy.linalg import schur

    T, Z = schur(rotation, output="real")
    planes, flipped, fixed, i = [], [], [], 0
    while i < len(T):
        if i + 1 < len(T) and abs(T[i + 1, i]) > 1e-9:
            planes.append((Z[:, i:i + 2], np.arctan2(T[i + 1, i], T[i, i])))
            i += 2
        else:
            (fixed if T[i, i] > 0 else flipped).append(Z[:, i])
            i += 1
    planes += [(np.stack(pair, axis=1), np.pi) for pair in zip(flipped[::2], flipped[1::2], strict=True)]
    columns = [plane for plane, _ in planes] + [vector[:, None] for vector in fixed]
    return np.hstack(columns), np.array([angle for _, angle in planes])


def _turns(angles: Array, n: int) -> Array:
    """Block diagonal matrices (T, n, n) that turn the first planes by `angles` (T, planes)."""
    turns = np.tile(np.eye(n), (len(angles), 1, 1))
    first = 2 * np.arange(angles.shape[1])
    turns[:, first, first] = turns[:, first + 1, first + 1] = np.cos(angles)
    turns[:, first + 1, first] = np.sin(angles)
    turns[:, first, first + 1] = -np.sin(angles)
    return turns
