"""Exact chances that a unit is wrong, for entries with finitely many values, in the worst support and all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.sparse_coding.finite_entries import ROUNDING, JointLaw, finite_law, linear_tail, outcomes
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.support_recovery import checked_weights


@dataclass(frozen=True, eq=False)
class UnitFailures:
    """For each unit the largest chance, over all supports of k atoms, that it is on outside the support (`false_alarm`)
    or off inside (`miss`), shape (2, h): lower and upper end, apart only where rounding hides a comparison."""

    false_alarm: np.ndarray
    miss: np.ndarray

    @property
    def worst(self) -> tuple[float, float]:
        """The largest of all, and the error it may have."""
        low, high = np.maximum(self.false_alarm, self.miss).max(axis=1)
        return float(low), float(high - low)


@dataclass(frozen=True, eq=False)
class SupportFailures:
    """Given each of M supports: `any_wrong` (2, M), the chance that the active units are not the support, between two
    numbers, and `expected_false` (M,), the mean number of units that are on outside it."""

    any_wrong: np.ndarray
    expected_false: np.ndarray


def unit_failures(model: SparseCodingModel, weights: np.ndarray, bias: float,
                  joint: JointLaw | None = None) -> UnitFailures:
    """The worst support of every unit, without enumerating supports.

    Entries are independent, alike and >= 0, so P[Σ P_ij x_j > ε] grows with every P_ij: the worst support takes the k
    largest (for a miss, the k − 1 smallest). With another `joint` law these are the chances in that support, its atoms
    in increasing order of P_ij. Raises ValueError for entries with a density, and too large k.
    """
    joint = independent_entries(model) if joint is None else joint
    P = checked_weights(model.dictionary, weights) @ model.dictionary
    k, own = model.sparsity, np.diag(P).copy()
    rest = np.sort(P[~np.eye(len(P), dtype=bool)].reshape(len(P), -1), axis=1)
    alarm = linear_tail(rest[:, -k:], joint, bias) if k < len(P) else np.zeros((2, len(P)))
    heard = linear_tail(np.column_stack([own, rest[:, :k - 1]]), joint, bias)
    return UnitFailures(alarm, 1 - heard[::-1])


def support_failures(model: SparseCodingModel, weights: np.ndarray, bias: float,
                     supports: np.ndarray, joint: JointLaw | None = None) -> SupportFailures:
    """All units together, given each support of k atoms (M, k), over every outcome of the entries (or of `joint`)."""
    joint = independent_entries(model) if joint is None else joint
    x, p = joint.values, joint.weights
    P = checked_weights(model.dictionary, weights) @ model.dictionary
    wrong, mean = [], []
    for S in np.asarray(supports, dtype=np.int64):
        heard, inside = P[:, S] @ x.T, np.isin(np.arange(len(P)), S)[:, None]
        slack = ROUNDING * (np.abs(P[:, S]) @ x.T + abs(bias))
        surely = np.where(inside, heard <= bias - slack, heard > bias + slack)
        maybe = np.where(inside, heard <= bias + slack, heard > bias - slack)
        wrong.append((surely.any(axis=0) @ p, maybe.any(axis=0) @ p))
        mean.append((surely & ~inside).sum(axis=0) @ p)
    return SupportFailures(np.array(wrong).T, np.array(mean))


def independent_entries(model: SparseCodingModel) -> JointLaw:
    """The entries on a support, all outcomes; raises ValueError when they have a density, and for too many outcomes."""
    law = finite_law(model.entry_law)
    if law is None:
        raise ValueError(f"expected entries with finitely many values; got {model.entry_law}: use TwoValued or "
                         "FiniteEntries, or estimate with support_confusion")
    return outcomes(law, model.sparsity)
