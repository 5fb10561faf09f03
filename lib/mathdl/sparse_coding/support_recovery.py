"""When a layer of ReLU gates finds the support of a sparse code: the finite form of Mukherjee 2020, Theorem 4.3.1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mathdl.sparse_coding.dictionaries import coherence
from mathdl.sparse_coding.model import SparseCodingModel

BLOCK = 2 ** 21  # pre-activations held at once
TIE = 1e-12  # relative: k b c and ε are equal when 2 m1 = b, up to rounding


@dataclass(frozen=True)
class SupportCertificate:
    """What Theorem 4.3.1 promises for weights within `delta` of the atoms, coherence `C`, a common `bias`.

    `lowest_active` = (1 − δ)a − (k − 1)b c, with c = δ + C, bounds the input of a unit of the support from below, and
    `highest_silent` = k b c the input of any other from above. `needed_low` is the printed requirement on a.
    `failure_bound` is the exponential: it bounds the chance that a given unit outside the support is on, and even that
    any of them is (`ours-all-at-once`). All for supports of at most k atoms.
    """

    delta: float
    C: float
    bias: float
    lowest_active: float
    highest_silent: float
    needed_low: float
    failure_bound: float

    @property
    def margin(self) -> float:
        """By how much every active unit clears the bias; positive is the deterministic part of the theorem."""
        return self.lowest_active - self.bias

    @property
    def no_misses(self) -> bool:
        """Every unit of the support is on, in every sample."""
        return self.margin > 0

    @property
    def no_false_alarms(self) -> bool:
        """No unit outside the support is ever on: k b c <= ε, as with the theorem's bias whenever 2 m1 >= b."""
        return self.highest_silent <= self.bias * (1 + TIE)

    @property
    def failure(self) -> float:
        """Bound on the chance that the set of active units is not the support: 0, the exponential, or 1 for silence."""
        if not self.no_misses:
            return 1.0
        return 0.0 if self.no_false_alarms else self.failure_bound


@dataclass(frozen=True)
class SupportConfusion:
    """Shares over samples: `miss` of the units of the support that are off, `false_alarm` of the others that are on,
    `exact` of the samples in which the active units are the support."""

    miss: float
    false_alarm: float
    exact: float


def support_recovery_bias(model: SparseCodingModel, delta: float, t: float | None = None) -> float:
    """The common bias ε = 2 m1 k (δ + C) of Mukherjee 2020, Theorem 4.3.1.

    With `t` the bias (δ + C)(k m1 + t sqrt(k/2)(b − a)), at which a false alarm has probability at most e^{−t²}; never
    above k b (δ + C), where it has none. Raises ValueError for a delta or a t that is negative or not finite.
    """
    _check_radius(delta)
    c, k = delta + coherence(model.dictionary).C, model.sparsity
    if t is None:
        return 2 * model.m1 * k * c
    if not (t >= 0 and math.isfinite(t)):
        raise ValueError(f"expected a finite t >= 0; got {t}: the promised chance of a false alarm is e^(-t²)")
    return c * min(k * model.m1 + t * math.sqrt(k / 2) * (model.high - model.low), k * model.high)


def weight_distance(dictionary: np.ndarray, weights: np.ndarray) -> float:
    """δ = max_i ‖W_i − A_i‖ for weights (h, n) and a dictionary (n, h). Raises ValueError when they do not fit."""
    W = checked_weights(dictionary, weights)
    return float(np.linalg.norm(W - dictionary.T, axis=1).max())


def support_recovery_certificate(model: SparseCodingModel, weights: np.ndarray, *,
                                 bias: float | None = None) -> SupportCertificate:
    """The promise for these weights (h, n) and bias, by default the theorem's. Raises ValueError for shapes, NaN."""
    return recovery_promise(model, weight_distance(model.dictionary, weights), bias=bias)


def recovery_promise(model: SparseCodingModel, delta: float, *, bias: float | None = None) -> SupportCertificate:
    """The promise for all weights with ‖W_i − A_i‖ <= delta, as in the theorem."""
    C = coherence(model.dictionary).C
    return promise(C=C, delta=delta, sparsity=model.sparsity, low=model.low, high=model.high, m1=model.m1, bias=bias)


def promise(*, C: float, delta: float, sparsity: int, low: float, high: float, m1: float,
            bias: float | None = None) -> SupportCertificate:
    """The promise from the numbers alone: coherence, distance, sparsity k, entries in [low, high] with mean m1."""
    _check_radius(delta)
    c, k, a, b = delta + C, sparsity, low, high
    epsilon = 2 * m1 * k * c if bias is None else float(bias)
    if not math.isfinite(epsilon):
        raise ValueError(f"expected a finite bias; got {bias}")
    needed = (b + 2 * m1) * c * k / (1 - delta) if delta < 1 else math.inf
    return SupportCertificate(float(delta), C, epsilon, (1 - delta) * a - (k - 1) * b * c, k * b * c, needed,
                              false_alarm_bound(epsilon, k, c, a, b, m1))


def false_alarm_bound(bias: float, sparsity: int, c: float, low: float, high: float, m1: float) -> float:
    """exp(−2(ε − k m1 c)²/(k c² (b − a)²)), 1 for ε <= k m1 c: bounds P[Z_i >= ε] when |⟨W_i, A_j⟩| <= c, i ≠ j.

    Entries independent in [low, high] with mean m1 (Hoeffding's lemma, at its best t). At ε = 2 m1 k c it is
    exp(−2 k m1²/(b − a)²).
    """
    excess, spread = bias - sparsity * m1 * c, sparsity * (c * (high - low)) ** 2
    if excess <= 0:
        return 1.0
    return math.exp(-2 * excess ** 2 / spread) if spread > 0 else 0.0


def support_confusion(weights: np.ndarray, bias: np.ndarray | float, codes: np.ndarray,
                      signals: np.ndarray) -> SupportConfusion:
    """Which units are on, ⟨W_i, y⟩ > ε_i, against the supports of the codes X (h, N), for signals Y (n, N).

    `bias` is a number or (h,). Raises ValueError for shapes that do not fit, negative codes and values not finite.
    """
    W, X, Y = (np.asarray(v, dtype=float) for v in (weights, codes, signals))
    if W.ndim != 2 or X.ndim != 2 or Y.shape != (W.shape[1], X.shape[1]) or len(X) != len(W) or X.size == 0:
        raise ValueError(f"expected weights (h, n), codes (h, N), signals (n, N); got {W.shape}, {X.shape}, {Y.shape}")
    if not (np.isfinite(W).all() and np.isfinite(Y).all() and np.isfinite(X).all() and (X >= 0).all()):
        raise ValueError("expected finite weights and signals, and codes >= 0; got NaN, infinity or a negative code")
    epsilon = np.broadcast_to(np.asarray(bias, dtype=float), len(W))[:, None]
    missed = false = exact = 0
    width = max(1, BLOCK // len(W))
    for start in range(0, X.shape[1], width):
        on, true = W @ Y[:, start:start + width] > epsilon, X[:, start:start + width] > 0
        missed += int((true & ~on).sum())
        false += int((on & ~true).sum())
        exact += int((on == true).all(axis=0).sum())
    active = int((X > 0).sum())
    return SupportConfusion(missed / max(active, 1), false / max(X.size - active, 1), exact / X.shape[1])


def checked_weights(dictionary: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weights as floats (h, n); raises ValueError unless they are finite and fit the dictionary (n, h)."""
    W = np.asarray(weights, dtype=float)
    if W.shape != dictionary.shape[::-1]:
        raise ValueError(f"expected weights of shape (h, n) = {dictionary.shape[::-1]}; got {W.shape}: rows are units")
    if not np.isfinite(W).all():
        raise ValueError("expected finite weights; got NaN or infinity")
    return W


def _check_radius(delta: float) -> None:
    if not (delta >= 0 and math.isfinite(delta)):
        raise ValueError(f"expected a finite distance delta >= 0; got {delta}")
