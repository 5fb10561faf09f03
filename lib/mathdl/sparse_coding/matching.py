"""Which learned atom is which planted one: the pairing with the largest sum of cosines (Kuhn 1955)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Matching:
    """Planted atom i is paired with learned column `columns[i]`; `cosines[i]` is between them, all of shape (h,)."""

    columns: NDArray[np.int64]
    cosines: Array
    distances: Array

    def recovered(self, threshold: float = 0.95) -> float:
        """The share of planted atoms whose partner has a cosine above `threshold`."""
        return float(np.mean(self.cosines > threshold))


def match_atoms(dictionary: ArrayLike, learned: ArrayLike, *, signed: bool = True) -> Matching:
    """Pair the columns of `dictionary` (n, h) one to one with columns of `learned` (n, m), m >= h.

    Columns may have any length; a zero column has cosine 0 with everything. With `signed=False` an atom and its
    negative count as one, and a partner is turned the right way before its distance is taken. `distances` are between
    the planted column and the learned one as it is. Raises ValueError when the shapes do not fit or a number is not
    finite.
    """
    from scipy.optimize import linear_sum_assignment

    A, D = _matrix(dictionary, "dictionary"), _matrix(learned, "learned")
    if len(A) != len(D) or A.shape[1] > D.shape[1]:
        raise ValueError(f"expected `learned` of shape ({len(A)}, at least {A.shape[1]}); got {D.shape}. Pad with "
                         f"zero columns if fewer atoms were learned")
    cosines = _unit(A).T @ _unit(D)
    rows, columns = linear_sum_assignment(cosines if signed else np.abs(cosines), maximize=True)
    found = cosines[rows, columns]
    turned = D[:, columns] * (1.0 if signed else np.where(found < 0, -1.0, 1.0))
    return Matching(columns, found if signed else np.abs(found), np.linalg.norm(A - turned, axis=0))


def smallest_angle(dictionary: ArrayLike) -> float:
    """The smallest angle, in radians, between two columns of `dictionary` (n, h); directions count, not lines."""
    A = _unit(_matrix(dictionary, "dictionary"))
    first, second = np.triu_indices(A.shape[1], 1)
    if not len(first):
        raise ValueError("expected at least two columns; got one. A single atom needs no matching")
    half = np.linalg.norm(A[:, first] - A[:, second], axis=0) / 2  # sin(φ/2), precise where the cosine is not
    return float(2 * np.arcsin(np.minimum(half, 1)).min())


def _unit(A: Array) -> Array:
    norms = np.linalg.norm(A, axis=0)
    return A / np.where(norms > 0, norms, 1)


def _matrix(values: ArrayLike, name: str) -> Array:
    A = np.asarray(values, dtype=float)
    if A.ndim != 2 or not A.size:
        raise ValueError(f"expected `{name}` as a matrix with one atom a column; got shape {A.shape}")
    if not np.isfinite(A).all():
        raise ValueError(f"expected `{name}` with finite numbers; got NaN or infinity. Lower the step of the learner")
    return A
