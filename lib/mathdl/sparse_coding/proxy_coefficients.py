"""The proxy gradient as two h × h matrices: how much of every row W_j and of every atom A_j stands in row i.

Row i of the expected proxy gradient is Σ_j K_ij W_j + Σ_j B_ij A_j. K_ij is the mean of r_i r_j over the codes that
use both i and j, with r_i = <W_i, y> − ε_i; B collects the rest. Each entry is a mean over S of a sum over indices in
S, and such a mean is a free sum for every way in which the indices may coincide, weighted by q1..q4 (*ours*; the
terms are those of Mukherjee 2020, section 4.5.1). All is matrix products: O(h² n) time, O(h²) memory.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np

from mathdl.sparse_coding.support_moments import SupportMoments


def proxy_coefficients(dictionary: Any, W: Any, bias: Any, moments: SupportMoments) -> tuple[Any, Any]:
    """K and B, both (h, h), for numpy arrays or torch tensors: A (n, h), W (h, n), bias (h,)."""
    return row_coefficients(dictionary, W, bias, moments), atom_coefficients(dictionary, W, bias, moments)


def row_coefficients(A: Any, W: Any, eps: Any, moments: SupportMoments) -> Any:
    """K_ij = E 1[i, j ∈ S] (u_i − ε_i)(u_j − ε_j), u = P x, P = W A; symmetric."""
    m1, v, (_, q2, q3, q4) = moments.m1, moments.variance, moments.inclusion
    two, (_, pair, triple, four) = q2 - 2 * q3 + q4, moments.by_coincidence
    P = W @ A
    s, d, H = P.sum(1), P.diagonal(), W @ (A @ A.T) @ W.T  # H = P Pᵀ
    c3, t3 = q2 - q3, q2 - 3 * q3 + 2 * q4
    column = (q3 - q4) * m1 ** 2 * s + (t3 * m1 ** 2 + v * c3) * d - m1 * c3 * eps
    half = m1 ** 2 * (q4 / 2 * outer(s, s) + (q3 - q4) * outer(d, s) + two / 2 * outer(d, d))
    half = half - m1 * outer(q3 * s + c3 * d, eps) + q2 / 2 * outer(eps, eps) + P * column
    K = half + half.T + (m1 ** 2 * (q3 - q4) + v * q3) * H + m1 ** 2 * two * (P * P.T)
    h = H.diagonal()
    extra = m1 ** 2 * ((q3 - q4) * s ** 2 + two * h + 2 * t3 * d * s + four * d ** 2)
    extra = extra + v * (c3 * h + triple * d ** 2) - 2 * m1 * eps * (c3 * s + triple * d) + pair * eps ** 2
    return K + _library(K).diag(extra)


def atom_coefficients(A: Any, W: Any, eps: Any, moments: SupportMoments) -> Any:
    """B_ik = E 1[i, k ∈ S] x_k (Σ_{j∈S} <W_i, W_j> r_j − 2 u_i + ε_i)."""
    m1, v, (_, q2, q3, q4) = moments.m1, moments.variance, moments.inclusion
    two, (_, pair, triple, four) = q2 - 2 * q3 + q4, moments.by_coincidence
    c3, t3 = q2 - q3, q2 - 3 * q3 + 2 * q4
    P, G = W @ A, W @ W.T
    s, d, g, D = P.sum(1), P.diagonal(), G.diagonal(), (W @ (W.T @ W)) @ A  # D = G P
    Gs, Gd, Ge, Dd = G @ s, G @ d, G @ eps, D.diagonal()
    row = m1 ** 2 * (q4 * Gs + (q3 - q4) * (g * s + Dd + Gd) + t3 * g * d) - m1 * (q3 * Ge + c3 * g * eps)
    row = row - 2 * m1 ** 2 * (q3 * s + c3 * d) + m1 * q2 * eps
    column = m1 ** 2 * ((q3 - q4) * s + t3 * d) + v * c3 * d - m1 * c3 * eps
    on_P = m1 ** 2 * two * g + v * c3 * g - 2 * m1 ** 2 * c3 - 2 * v * q2
    B = row[:, None] + G * column + m1 ** 2 * two * (G * P.T) + (m1 ** 2 * (q3 - q4) + v * q3) * D + on_P[:, None] * P
    extra = m1 ** 2 * ((q3 - q4) * Gs + two * Gd + t3 * (g * s + Dd) + four * g * d) + v * (c3 * Dd + triple * g * d)
    extra = extra - m1 * (c3 * Ge + triple * g * eps)
    extra = extra - 2 * m1 ** 2 * (c3 * s + triple * d) - 2 * v * pair * d + m1 * pair * eps
    return B + _library(B).diag(extra)


def outer(x: Any, y: Any) -> Any:
    """x yᵀ."""
    return x[:, None] * y[None, :]


def _library(x: Any) -> ModuleType:
    return np if isinstance(x, np.ndarray) else sys.modules["torch"]
