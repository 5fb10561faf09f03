"""What the expected proxy gradient needs to know of the codes: two moments and four inclusion probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.supports import UniformSupports


@dataclass(frozen=True)
class SupportMoments:
    """m1, m2 of a non-zero entry, and `inclusion` = (q1, q2, q3, q4): the chance that r given atoms are all used.

    The entries must be independent given the support, the support exchangeable (Mukherjee 2020, section 4.2). Raises
    ValueError when m2 < m1² or the inclusion probabilities do not decrease within [0, 1].
    """

    m1: float
    m2: float
    inclusion: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.m1) and self.m2 >= self.m1 ** 2 * (1 - 1e-12)):
            raise ValueError(f"expected moments with m2 >= m1²; got m1 = {self.m1}, m2 = {self.m2}; "
                             "pass the first and second moment of one non-zero entry")
        chain = (1.0, *self.inclusion, 0.0)
        if len(chain) != 6 or not all(p >= q for p, q in pairwise(chain)):
            raise ValueError(f"expected 1 >= q1 >= q2 >= q3 >= q4 >= 0; got {self.inclusion}")

    @property
    def variance(self) -> float:
        """m2 − m1², the variance of a non-zero entry."""
        return self.m2 - self.m1 ** 2

    @property
    def by_coincidence(self) -> tuple[float, float, float, float]:
        """What one atom in r coinciding places adds to the free sums, r = 1 to 4 (Möbius inversion, *ours*)."""
        q1, q2, q3, q4 = self.inclusion
        return q1, q1 - q2, q1 - 3 * q2 + 2 * q3, q1 - 7 * q2 + 12 * q3 - 6 * q4


def support_moments(model: SparseCodingModel) -> SupportMoments:
    """The moments of a model whose supports are uniform k-subsets; ValueError for any other support law.

    A law with constant q1 and q2 is not enough: the lines of a finite plane have both, and their q3 depends on the
    three atoms.
    """
    law = model.support_law
    if not isinstance(law, UniformSupports):
        raise ValueError(f"expected uniform supports, which are exchangeable; got {type(law).__name__}; use "
                         "enumerated_proxy_gradient or sampled_proxy_gradient, which take other laws")
    inclusion = tuple(law.inclusion(r) if r <= law.atoms else 0.0 for r in (1, 2, 3, 4))
    return SupportMoments(model.m1, model.m2, inclusion)


def checked_weights(dictionary: NDArray, weights: NDArray, bias: NDArray | float) -> tuple[NDArray, NDArray]:
    """W (h, n) and bias (h,) as float64; ValueError when the shapes do not fit the dictionary (n, h) or not finite."""
    n, h = dictionary.shape
    W = np.asarray(weights, dtype=float)
    eps = np.broadcast_to(np.asarray(bias, dtype=float), (h,)) if np.ndim(bias) == 0 else np.asarray(bias, dtype=float)
    if W.shape != (h, n) or eps.shape != (h,):
        raise ValueError(f"expected weights ({h}, {n}) and bias ({h},) for a dictionary ({n}, {h}); "
                         f"got {W.shape} and {eps.shape}; weights hold one row for each atom")
    if not (np.isfinite(W).all() and np.isfinite(eps).all()):
        raise ValueError("expected finite weights and bias; got NaN or infinity")
    return W, eps
