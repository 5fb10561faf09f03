"""One atom a signal: loss and gradient of the real autoencoder over the whole population, without sampling.

With k = 1 the signal is y = x A_i, and gate j is open for x > ε_j/P_ji (or below it when P_ji < 0), P = W A. Two open
gates multiply polynomials in x of degree one on an interval, so every expectation is a sum of integrals of x⁰, x¹ and
x² over intervals (*ours*). Gates that are wrong are in it: nothing is replaced by a proxy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.code_laws import CodeLaw, SkewedEntries, UniformEntries
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.proxy import every_code, gated_gradient, open_gates
from mathdl.sparse_coding.support_moments import checked_weights

Array = NDArray[np.float64]


def one_sparse_gradient(model: SparseCodingModel, weights: Array, bias: Array | float) -> tuple[float, Array]:
    """Population loss and gradient (h, n) of ½‖Wᵀ ReLU(Wy − ε) − y‖² for k = 1, exact up to rounding.

    Laws of the entry: uniform, skewed, two-valued, constant. Raises ValueError for k > 1 and for other laws. The cost
    is O(n) for every pair of units that can be open for the same atom.
    """
    if model.sparsity != 1:
        raise ValueError(f"expected sparsity 1, where the gates depend on one number; got {model.sparsity}; for more "
                         "use true_gradient (finite laws) or samples")
    W, eps = checked_weights(model.dictionary, weights, bias)
    if isinstance(model.entry_law, (UniformEntries, SkewedEntries)) and model.low < model.high:
        return _by_intervals(model, W, eps)
    return _by_values(model, W, eps)


def interval_moments(law: CodeLaw, low: Array, high: Array) -> Array:
    """E x^r 1[low < x < high] for r = 0, 1, 2, stacked first; 0 where the interval is empty.

    For x = a + d U^p with U uniform, which is the uniform law at p = 1. Raises ValueError for laws of another kind.
    """
    if not isinstance(law, (UniformEntries, SkewedEntries)):
        raise ValueError(f"expected uniform or skewed entries; got {type(law).__name__}")
    a, d, p = law.low, law.high - law.low, getattr(law, "power", 1.0)
    u, v = (np.clip((edge - a) / d, 0, 1) ** (1 / p) for edge in (low, high))
    v = np.maximum(u, v)
    one, two = ((v ** (r * p + 1) - u ** (r * p + 1)) / (r * p + 1) for r in (1, 2))
    return np.stack([v - u, a * (v - u) + d * one, a * a * (v - u) + 2 * a * d * one + d * d * two])


def open_intervals(projections: Array, bias: Array) -> tuple[Array, Array]:
    """Where x P > ε: the ends of that half-line for every unit; (inf, −inf) where it is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        edge = bias / projections
    always = (projections == 0) & (bias < 0)
    low = np.where(projections > 0, edge, np.where((projections < 0) | always, -np.inf, np.inf))
    high = np.where(projections < 0, edge, np.where((projections > 0) | always, np.inf, -np.inf))
    return low, high


def _by_intervals(model: SparseCodingModel, W: Array, eps: Array) -> tuple[float, Array]:
    A, law = model.dictionary, model.entry_law
    P, gram = W @ A, W @ W.T
    chances = np.diag(model.support_law.pairs())
    low, high = open_intervals(P, eps[:, None])
    own = interval_moments(law, low, high)  # (3, unit, atom)
    loss, G = float(chances @ (A * A).sum(0)) * model.m2 / 2, np.zeros_like(W)
    for i, chance in enumerate(chances):
        (J,) = np.nonzero(own[0, :, i])
        p, e, g = P[J, i], eps[J], gram[np.ix_(J, J)]
        M0, M1, M2 = interval_moments(law, np.maximum.outer(low[J, i], low[J, i]),
                                      np.minimum.outer(high[J, i], high[J, i]))
        K = M2 * np.outer(p, p) - M1 * (np.outer(p, e) + np.outer(e, p)) + M0 * np.outer(e, e)
        mixed = p * own[2, J, i] - e * own[1, J, i]  # E x r
        on_atom = (g * (M2 * p - M1 * e)).sum(1) - p * own[2, J, i] - mixed
        G[J] += chance * (K @ W[J] + on_atom[:, None] * A[:, i])
        loss += chance * ((g * K).sum() / 2 - p @ mixed)
    return loss, G


def _by_values(model: SparseCodingModel, W: Array, eps: Array) -> tuple[float, Array]:
    samples, chances = every_code(model)
    Y = samples.signals
    Q = W @ Y
    F = W.T @ np.maximum(Q - eps[:, None], 0) - Y
    return float(chances @ (F * F).sum(0)) / 2, gated_gradient(Y, W, eps, open_gates(W, eps, Y), chances)
