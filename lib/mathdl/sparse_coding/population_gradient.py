"""The expected proxy gradient by three routes: every support, q1..q4 and matrix products, or sampled supports.

The proxy gradient of Mukherjee 2020, section 4.5, is the expected gradient of ½‖Wᵀ ReLU(Wy − ε) − y‖² with every gate
replaced by "atom j is in the support". It is the gradient of a polynomial in W, so it can be computed without noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.core.intervals import ALARM
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.proxy_coefficients import proxy_coefficients, row_coefficients
from mathdl.sparse_coding.support_moments import SupportMoments, checked_weights, support_moments
from mathdl.sparse_coding.supports import FiniteSupports, UniformSupports

Array = NDArray[np.float64]
MOST_SUPPORTS = 200_000
BATCH = 4096


@dataclass(frozen=True)
class GradientEstimate:
    """A gradient (h, n) with `error`: half the width of the interval of each entry; `counts` supports used by unit."""

    gradient: Array
    error: Array
    counts: NDArray[np.int64]


def proxy_gradient(model: SparseCodingModel, weights: Array, bias: Array | float) -> Array:
    """The expected proxy gradient (h, n), exact, for uniform supports: O(h² n) by matrix products.

    Raises ValueError for other support laws, and for weights or bias of the wrong shape.
    """
    A = model.dictionary
    W, eps = checked_weights(A, weights, bias)
    K, B = proxy_coefficients(A, W, eps, support_moments(model))
    return K @ W + B @ A.T


def proxy_loss(dictionary: Any, weights: Any, bias: Any, moments: SupportMoments) -> Any:
    """The expected loss with gates replaced by the support; a number, or a torch scalar that can be differentiated.

    Takes arrays or tensors A (n, h), W (h, n), bias (h,) of one kind. Its gradient in W is `proxy_gradient`.
    """
    A, W, m1 = dictionary, weights, moments.m1
    q1, q2 = moments.inclusion[:2]
    K = row_coefficients(A, W, bias, moments)
    P, own = W @ A, (A * A).sum()
    first_moment = m1 * (q2 * P.sum(1) + (q1 - q2) * P.diagonal()) - q1 * bias  # E 1[j ∈ S] r_j
    fitted = (K * (W @ W.T)).sum() / 2 - K.diagonal().sum() - (bias * first_moment).sum()
    return fitted + (m1 ** 2 * q2 * ((A.sum(1) ** 2).sum() - own) + moments.m2 * q1 * own) / 2


def enumerated_proxy_gradient(model: SparseCodingModel, weights: Array, bias: Array | float) -> Array:
    """The same (h, n) as a mean over every support, for uniform and for listed laws.

    Raises ValueError when there are more than 200,000 supports.
    """
    A = model.dictionary
    W, eps = checked_weights(A, weights, bias)
    total = np.zeros_like(W)
    for supports, chances in every_support(model):
        rows = support_gradients(A, W, eps, supports, model.m1, model.m2)
        np.add.at(total, supports, chances[:, None, None] * rows)
    return total


def sampled_proxy_gradient(model: SparseCodingModel, weights: Array, bias: Array | float, *, samples: int,
                           rng: np.random.Generator, alarm: float = ALARM) -> GradientEstimate:
    """The same from `samples` supports of any law, the codes integrated exactly (Rao and Blackwell), with its error.

    Row i is q1 times the mean over the supports that contain i. The interval rests on the central limit theorem and
    misses an entry with probability about `alarm`. Raises ValueError when some unit is met fewer than twice.
    """
    from scipy.stats import norm

    A = model.dictionary
    W, eps = checked_weights(A, weights, bias)
    total, squares, counts = np.zeros_like(W), np.zeros_like(W), np.zeros(len(W), dtype=np.int64)
    for start in range(0, samples, BATCH):
        supports = np.asarray(model.sample(min(BATCH, samples - start), rng=rng).supports)
        rows = support_gradients(A, W, eps, supports, model.m1, model.m2)
        np.add.at(counts, supports, 1)
        np.add.at(total, supports, rows)
        np.add.at(squares, supports, rows ** 2)
    if counts.min() < 2:
        raise ValueError(f"expected at least two supports for each unit; got {counts.min()}; draw more samples")
    mean, n = total / counts[:, None], counts[:, None]
    spread = np.sqrt(np.maximum(squares / n - mean ** 2, 0) / (n - 1))
    q1 = _unit_chances(model)
    return GradientEstimate(q1 * mean, norm.isf(alarm / 2) * q1 * spread, counts)


def support_gradients(A: Array, W: Array, eps: Array, supports: NDArray[np.int64], m1: float, m2: float) -> Array:
    """E_x of the masked gradient given each support (R, k): rows (R, k, n) for the units of the support.

    With M = W_Sᵀ W_S − I, Σ = E y yᵀ, μ = E y and d = −W_Sᵀ ε_S the row of unit i is
    M Σ W_i + d <W_i, μ> − ε_i (M μ + d) + Σ M W_i + μ <W_i, d>; nothing of size n × n is formed.
    """
    W_S, A_S, e = W[supports], A.T[supports], eps[supports]  # (R, k, n), (R, k, n), (R, k)
    mu = m1 * A_S.sum(1)
    d = -np.einsum("rkn,rk->rn", W_S, e)

    def on_sigma(v: Array) -> Array:
        return (m2 - m1 ** 2) * (v @ A_S.transpose(0, 2, 1)) @ A_S + (v @ mu[:, :, None]) * mu[:, None, :]

    def on_m(v: Array) -> Array:
        return (v @ W_S.transpose(0, 2, 1)) @ W_S - v

    constant = on_m(mu[:, None, :]) + d[:, None, :]
    return (on_m(on_sigma(W_S)) + on_sigma(on_m(W_S)) - e[:, :, None] * constant
            + (W_S @ mu[:, :, None]) * d[:, None, :] + (W_S @ d[:, :, None]) * mu[:, None, :])


def every_support(model: SparseCodingModel) -> Iterator[tuple[NDArray[np.int64], Array]]:
    """All supports (R, k) of a uniform or listed law with their probabilities (R,), at most 4096 at a time.

    Raises ValueError for more than 200,000 supports, and for a support law that is neither.
    """
    law = model.support_law
    if isinstance(law, FiniteSupports):
        for start in range(0, len(law.supports), BATCH):
            yield law.supports[start:start + BATCH], law.weights[start:start + BATCH]
        return
    if not isinstance(law, UniformSupports):
        raise ValueError(f"expected uniform or listed supports; got {type(law).__name__}; sample them instead")
    count, subsets = comb(law.atoms, law.sparsity), combinations(range(law.atoms), law.sparsity)
    if count > MOST_SUPPORTS:
        raise ValueError(f"expected at most {MOST_SUPPORTS} supports to enumerate; got {count}; use proxy_gradient")
    while block := list(islice(subsets, BATCH)):
        yield np.array(block), np.full(len(block), 1 / count)


def _unit_chances(model: SparseCodingModel) -> Array:
    """P[i in S] as (h, 1)."""
    law = model.support_law
    if isinstance(law, UniformSupports):
        return np.full((law.atoms, 1), law.inclusion(1))
    return np.diag(law.pairs())[:, None]
