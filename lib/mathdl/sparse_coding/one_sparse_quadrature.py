"""A second route to the gradient for one atom a signal: quadrature between all kinks, slow and plain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.exact_one_sparse import open_intervals
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.proxy import gated_gradient, open_gates
from mathdl.sparse_coding.support_moments import checked_weights

Array = NDArray[np.float64]


def quadrature_gradient(model: SparseCodingModel, weights: Array, bias: Array | float, *, nodes: int = 8) -> Array:
    """E ∂L/∂W (h, n) for k = 1 and entries a + (b − a) U^p, by Gauss quadrature in U between all kinks of all gates.

    Between kinks the integrand is a polynomial of degree 2p in U: exact for p <= 7 with the 8 `nodes`, when p is whole.
    """
    A, law = model.dictionary, model.entry_law
    W, eps = checked_weights(A, weights, bias)
    z, w = np.polynomial.legendre.leggauss(nodes)
    p, total = getattr(law, "power", 1.0), np.zeros_like(W)
    for atom, chance in zip(A.T, np.diag(model.support_law.pairs()), strict=True):
        ends = np.concatenate(open_intervals(W @ atom, eps))
        edges = np.unique(np.clip((ends - law.low) / (law.high - law.low), 0, 1) ** (1 / p))
        edges = np.unique(np.concatenate([[0.0], edges, [1.0]]))
        half = np.diff(edges)[:, None] / 2
        u, chances = (edges[:-1, None] + half * (z + 1)).ravel(), chance * (half * w).ravel()
        Y = np.outer(atom, law.low + (law.high - law.low) * u ** p)
        total += gated_gradient(Y, W, eps, open_gates(W, eps, Y), chances)
    return total
