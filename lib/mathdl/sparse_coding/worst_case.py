"""Support recovery in the worst case over all supports, by sorting; the interval of good biases; the largest ball.

Everything here is deterministic: supports of at most k atoms, entries anywhere in [low, high].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mathdl.sparse_coding.code_laws import check_interval
from mathdl.sparse_coding.dictionaries import checked_dictionary
from mathdl.sparse_coding.support_recovery import checked_weights
from mathdl.sparse_coding.supports import check_sparsity

ROUNDING = 1e-12  # of an input, relative to the sums it is made of


@dataclass(frozen=True, eq=False)
class InputRange:
    """The extreme inputs ⟨W_i, y⟩ of each unit: `lowest_active` (h,) when its atom is used, `highest_silent` (h,) when
    not. Attained by some support and some code: no tighter numbers are true."""

    lowest_active: np.ndarray
    highest_silent: np.ndarray

    @property
    def bias_interval(self) -> tuple[float, float]:
        """[low, high): exactly the common biases with which the active units always are the support."""
        return float(self.highest_silent.max()), float(self.lowest_active.min())

    @property
    def common_bias(self) -> float | None:
        """The middle of that interval, the common bias with the largest margin; None when there is none."""
        low, high = self.bias_interval
        return (low + high) / 2 if low < high else None

    @property
    def unit_biases(self) -> np.ndarray | None:
        """The best bias of each unit (h,), or None when some unit has none: each unit in the middle of its own gap."""
        if not (self.highest_silent < self.lowest_active).all():
            return None
        return (self.highest_silent + self.lowest_active) / 2


@dataclass(frozen=True, eq=False)
class SupportGuarantee:
    """`clears` (h,): by how much an active unit exceeds its bias at least; `spares` (h,): by how much a silent one
    stays below at least. The active units are the support of every code if and only if `holds`."""

    clears: np.ndarray
    spares: np.ndarray
    error: float

    @property
    def holds(self) -> bool:
        """Every unit of the support is on and no other, for every code; equality counts as off, up to rounding."""
        return bool((self.clears > self.error).all() and (self.spares >= -self.error).all())


@dataclass(frozen=True)
class RecoveryBall:
    """All weights with ‖W_i − A_i‖ <= `radius` find every support with this common `bias`."""

    radius: float
    bias: float


def input_range(weights: np.ndarray, dictionary: np.ndarray, sparsity: int, low: float, high: float) -> InputRange:
    """Extreme inputs over all supports of at most k atoms and entries in [low, high], with P = W A and one sort a row:

    max over S ∌ i of Q_i = b · (sum of the k largest (P_ij)₊), and min over S ∋ i of Q_i = min(a P_ii, b P_ii) − b ·
    (sum of the k − 1 largest (−P_ij)₊), j ≠ i. Raises ValueError as `SparseCodingModel` does.
    """
    A = checked_dictionary(dictionary)
    W = checked_weights(A, weights)
    check_sparsity(sparsity, A.shape[1])
    check_interval(low, high)
    return range_of_products(W @ A, sparsity, low, high)


def range_of_products(P: np.ndarray, sparsity: int, low: float, high: float) -> InputRange:
    """The same from P = W A, shape (h, h), unchecked."""
    own = np.diag(P).copy()
    P = P - np.diag(own)
    active = np.minimum(low * own, high * own) - high * _top(-P, sparsity - 1)
    return InputRange(active, high * _top(P, min(sparsity, len(P) - 1)))


def certify_support(weights: np.ndarray, dictionary: np.ndarray, sparsity: int, low: float, high: float,
                    bias: np.ndarray | float) -> SupportGuarantee:
    """Whether the active units are the support for every code with at most k entries in [low, high]: exact, by sorting.

    `bias` is a number or (h,). Raises as `input_range`, and for a bias that is not finite.
    """
    found = input_range(weights, dictionary, sparsity, low, high)
    epsilon = np.broadcast_to(np.asarray(bias, dtype=float), found.lowest_active.shape)
    if not np.isfinite(epsilon).all():
        raise ValueError("expected a finite bias, a number or one for each unit; got NaN or infinity")
    scale = float(np.abs(found.lowest_active).max() + found.highest_silent.max() + np.abs(epsilon).max())
    return SupportGuarantee(found.lowest_active - epsilon, epsilon - found.highest_silent, ROUNDING * scale)


def largest_input(weights: np.ndarray, dictionary: np.ndarray, sparsity: int, high: float) -> float:
    """The largest ⟨W_i, y⟩ of any unit over all codes: with a bias at least this every unit is dead."""
    A = checked_dictionary(dictionary)
    P = checked_weights(A, weights) @ A
    check_sparsity(sparsity, A.shape[1])
    check_interval(0.0, high)
    return high * float(_top(P, sparsity).max())


def recovery_ball(dictionary: np.ndarray, sparsity: int, low: float, high: float) -> RecoveryBall | None:
    """A ball around the dictionary in which one bias finds every support, or None; ours.

    ⟨W_i, y⟩ differs from ⟨A_i, y⟩ by at most δ‖y‖, and ‖y‖² <= (1 + ρ)‖x‖² with ρ the largest sum of k − 1 values
    |⟨A_i, A_j⟩| of a row (Gershgorin). Raising x_i raises ⟨A_i, y⟩ − δ‖y‖, so the worst active unit has x_i = a. Hence
    δ = (L − U)/(sqrt((1 + ρ)(a² + (k − 1)b²)) + b sqrt((1 + ρ)k)), with L, U the ends for W = Aᵀ; the largest possible
    ball when k = 1. Raises as `input_range`.
    """
    A = checked_dictionary(dictionary)
    U, L = input_range(A.T, A, sparsity, low, high).bias_interval
    if U >= L:
        return None
    G = np.abs(A.T @ A)
    np.fill_diagonal(G, 0.0)
    stretch = math.sqrt(1 + float(_top(G, sparsity - 1).max()))
    active = stretch * math.sqrt(low ** 2 + (sparsity - 1) * high ** 2)
    silent = stretch * high * math.sqrt(sparsity)
    radius = (L - U) / (active + silent)
    return RecoveryBall(radius, U + radius * silent)


def worst_weights(dictionary: np.ndarray, sparsity: int, low: float, high: float,
                  radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Two choices of weights (h, n) at distance `radius`: each row moves along the signal that hurts it most.

    In the first the rows move towards a signal that should leave them off, in the second away from one that should
    turn them on. Both signals are the worst for W = Aᵀ. Raises as `input_range`, and unless 2k <= h, radius >= 0.
    """
    A = checked_dictionary(dictionary)
    check_sparsity(2 * sparsity, A.shape[1])
    if not (radius >= 0 and math.isfinite(radius)):
        raise ValueError(f"expected a finite radius >= 0; got {radius}")
    G = A.T @ A
    np.fill_diagonal(G, -np.inf)
    alarm = high * A[:, np.argsort(-G, axis=1)[:, :sparsity]].sum(axis=2).T
    np.fill_diagonal(G, np.inf)
    miss = low * A.T + high * A[:, np.argsort(G, axis=1)[:, :sparsity - 1]].sum(axis=2).T
    alarm, miss = (Y / np.linalg.norm(Y, axis=1, keepdims=True) for Y in (alarm, miss))
    return A.T + radius * alarm, A.T - radius * miss


def _top(P: np.ndarray, count: int) -> np.ndarray:
    """The sum of the `count` largest positive parts of each row, shape (h,)."""
    if count == 0:
        return np.zeros(len(P))
    return np.maximum(np.partition(P, P.shape[1] - count, axis=1)[:, -count:], 0).sum(axis=1)
