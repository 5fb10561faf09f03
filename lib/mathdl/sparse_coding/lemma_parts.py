"""The ten parts of the proxy gradient that appendix 4.B bounds one by one, exactly, as means over all supports."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.certificate import LemmaBounds
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.support_moments import checked_weights

Array = NDArray[np.float64]
MOST_SUPPORTS = 20_000
NAMES = ("m2 part of alpha", "m2 part of beta", "m2 part of e", "m1 part of alpha", "m1 part of beta",
         "e_1", "e_2", "e_3", "e_4")


@dataclass(frozen=True, eq=False)
class LemmaParts:
    """For each unit: `m2_alpha`, `m2_beta`, `m1_alpha`, `m1_beta` (h,); the rest of e: `m2_remainder` (h, n) and
    `m1_remainders` (4, h, n), ê_1 to ê_4. What multiplies m2 is the part with a tilde, all else the one with a hat."""

    m2_alpha: Array
    m2_beta: Array
    m2_remainder: Array
    m1_alpha: Array
    m1_beta: Array
    m1_remainders: Array

    @property
    def alpha(self) -> Array:
        """α_i, shape (h,)."""
        return self.m2_alpha + self.m1_alpha

    @property
    def beta(self) -> Array:
        """β_i, shape (h,)."""
        return self.m2_beta + self.m1_beta

    @property
    def remainder(self) -> Array:
        """e_i, shape (h, n)."""
        return self.m2_remainder + self.m1_remainders.sum(0)

    def shares(self, bounds: LemmaBounds) -> dict[str, float]:
        """Each part over its bound, the worst unit, by the names in `NAMES`: at most 1 if the lemma is right."""
        norms = [np.linalg.norm(v, axis=-1).max() for v in (self.m2_remainder, *self.m1_remainders)]
        sizes = (_outside(self.m2_alpha, bounds.m2_alpha), _outside(self.m2_beta, bounds.m2_beta),
                 norms[0] / bounds.m2_remainder, np.abs(self.m1_alpha).max() / bounds.m1_alpha,
                 np.abs(self.m1_beta).max() / bounds.m1_beta,
                 *(norm / bound for norm, bound in zip(norms[1:], bounds.m1_remainders, strict=True)))
        return dict(zip(NAMES, map(float, sizes), strict=True))


def lemma_parts(model: SparseCodingModel, weights: Array, bias: Array | float) -> LemmaParts:
    """The parts of α_i W_i − β_i A_i + e_i (Mukherjee 2020, section 4.5.1, with E4.7 and E4.8 corrected).

    Uniform supports or a law of listed ones; every support is visited. Raises ValueError for more than 20,000 of them.
    """
    A = model.dictionary
    W, eps = checked_weights(A, weights, bias)
    members, chances = all_supports(model)
    rows = [_unit(i, A, W, eps, model.m1, model.m2, members[members[:, i] > 0], chances[members[:, i] > 0])
            for i in range(model.atoms)]
    a2, b2, e2, a1, b1, e1 = (np.array(part) for part in zip(*rows, strict=True))
    return LemmaParts(a2, b2, e2, a1, b1, e1.swapaxes(0, 1))


def all_supports(model: SparseCodingModel) -> tuple[Array, Array]:
    """Every support as a row of zeros and ones (M, h), and its probability (M,)."""
    h, k = model.atoms, model.sparsity
    listed = getattr(model.support_law, "supports", None)
    count = comb(h, k) if listed is None else len(listed)
    if count > MOST_SUPPORTS:
        raise ValueError(f"expected at most {MOST_SUPPORTS} supports; got {count}: take fewer atoms")
    chosen = np.array(list(combinations(range(h), k))) if listed is None else listed
    members = np.zeros((count, h))
    np.put_along_axis(members, chosen, 1.0, axis=1)
    return members, np.full(count, 1 / count) if listed is None else model.support_law.weights


def _unit(i: int, A: Array, W: Array, eps: Array, m1: float, m2: float, s: Array, chance: Array) -> tuple:
    """The parts of unit i: sums over S are products with the rows of `s` (M, h), their mean has weights `chance`."""
    P, G = W @ A, W @ W.T
    own, others = P[i], s * (np.arange(len(W)) != i)
    total, sums = s @ own, s @ P.T  # Σ_k P_ik, and Σ_k P_jk for every j
    joint, gram = s @ (own * P).T, s * G[i]  # Σ_k P_ik P_jk for every j; 1[j ∈ S] Γ_ij
    through = gram @ P  # Σ_j Γ_ij P_jk for every k
    both = (gram * sums).sum(1)[:, None] - through  # Σ_{j, l ≠ k} Γ_ij P_jl for every k
    pull = gram @ eps
    alpha2, beta2 = m2 * (s @ own ** 2), m2 * (2 * own[i] - through[:, i])
    alpha1 = m1 ** 2 * (total ** 2 - s @ own ** 2) - 2 * m1 * eps[i] * total + eps[i] ** 2
    beta1 = m1 ** 2 * (2 * (total - own[i]) - both[:, i]) - m1 * eps[i] + m1 * pull

    def mean(factors: Array, vectors: Array) -> Array:
        return (chance @ (others * factors)) @ vectors

    e_tilde = m2 * (mean(joint, W) + mean(through - 2 * own, A.T))
    hats = (mean(eps[i] * eps - m1 * (eps[i] * sums + total[:, None] * eps), W),
            m1 ** 2 * mean(total[:, None] * sums - joint, W),
            mean(m1 * eps[i] - 2 * m1 ** 2 * (total[:, None] - own), A.T),
            mean(m1 ** 2 * both - m1 * pull[:, None], A.T))
    return chance @ alpha2, chance @ beta2, e_tilde, chance @ alpha1, chance @ beta1, hats


def _outside(values: Array, interval: tuple[float, float]) -> float:
    """The largest distance from the middle of the interval, in halves of its width; a point may be missed by 1e-12."""
    low, high = interval
    half = max((high - low) / 2, 1e-12 * abs(high))
    return float(np.abs(values - (low + high) / 2).max() / half)
