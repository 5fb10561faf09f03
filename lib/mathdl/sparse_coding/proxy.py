"""How far the proxy gradient is from the true one: exactly for finite laws, with an error from samples otherwise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mathdl.core.intervals import ALARM, binomial_interval
from mathdl.sparse_coding.code_laws import CodeLaw, TwoValued
from mathdl.sparse_coding.model import Samples, SparseCodingModel, samples_from
from mathdl.sparse_coding.population_gradient import every_support, proxy_gradient
from mathdl.sparse_coding.support_moments import checked_weights

Array = NDArray[np.float64]
MOST_CODES = 200_000
CHUNK = 2 ** 21  # entries of per-sample gradients held at once


@dataclass(frozen=True, eq=False)
class ProxyGap:
    """∇̂_i L − E ∂L/∂W_i in `gap` (h, n), each entry good to `error` (h, n); zeros there mean exact.

    `rms` (h,) is sqrt(E‖f − f̂‖²) of the two random gradients of each unit; `wrong` (h,) the chance that the gate of
    the unit is not "in the support", and `any_wrong` that some gate is not, with `any_wrong_upper` above it. Cauchy
    and Schwarz: ‖gap_i‖ <= rms_i sqrt(any_wrong).
    """

    gap: Array
    error: Array
    rms: Array
    wrong: Array
    any_wrong: float
    any_wrong_upper: float

    @property
    def sizes(self) -> Array:
        """‖gap_i‖, (h,)."""
        return np.linalg.norm(self.gap, axis=1)

    @property
    def bound(self) -> Array:
        """rms_i sqrt(any_wrong), (h,)."""
        return self.rms * math.sqrt(self.any_wrong)


def every_code(model: SparseCodingModel) -> tuple[Samples, Array]:
    """All codes of a model with finitely many, as samples with their probabilities (N,).

    The entries must be two-valued, or constant; ValueError for other laws and for more than 200,000 codes.
    """
    values, chances = finite_values(model.entry_law)
    k = model.sparsity
    entries = np.array(list(product(values, repeat=k)))
    entry_chances = np.array([math.prod(c) for c in product(chances, repeat=k)])
    blocks = list(every_support(model))
    supports, weights = np.vstack([s for s, _ in blocks]), np.concatenate([w for _, w in blocks])
    if len(supports) * len(entries) > MOST_CODES:
        raise ValueError(f"expected at most {MOST_CODES} codes; got {len(supports) * len(entries)}: sample instead")
    all_supports = np.repeat(supports, len(entries), axis=0)
    return (samples_from(model.dictionary, all_supports, np.tile(entries, (len(supports), 1))),
            np.outer(weights, entry_chances).ravel())


def finite_values(law: CodeLaw) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The values of a finite law of entries and their probabilities; ValueError for a law with a density."""
    if law.low == law.high:
        return (law.low,), (1.0,)
    if not isinstance(law, TwoValued):
        raise ValueError(f"expected a two-valued or constant law of entries; got {type(law).__name__}: sample it")
    return (law.low, law.high), (1 - law.chance, law.chance)


def gated_gradient(signals: Array, weights: Array, bias: Array, gates: Array, chances: Array) -> Array:
    """Σ_s p_s M_is [(Q_is − ε_i) F_s + <W_i, F_s> y_s] for any gates M (h, N) in {0, 1}; shape (h, n).

    Q = W Y and F = Wᵀ(M ∘ (Q − ε)) − Y: with M = 1[Q > ε] the true gradient, with M = 1[i in S] the proxy.
    """
    R = gates * (weights @ signals - bias[:, None])
    F = weights.T @ R - signals
    return (R * chances) @ F.T + (gates * (weights @ F) * chances) @ signals.T


def open_gates(weights: Array, bias: Array, signals: Array) -> Array:
    """The gates 1[W y > ε] as numbers (h, N); at equality the derivative of ReLU is 0."""
    return (bias[:, None] < weights @ signals).astype(float)


def support_gates(supports: NDArray[np.int64], atoms: int) -> Array:
    """The gates 1[i in S] as numbers (h, N), from supports (N, k)."""
    gates = np.zeros((atoms, len(supports)))
    np.put_along_axis(gates, supports.T, 1.0, axis=0)
    return gates


def true_gradient(model: SparseCodingModel, weights: Array, bias: Array | float) -> Array:
    """The expected gradient (h, n) of the real autoencoder, exact, for models with finitely many codes."""
    W, eps = checked_weights(model.dictionary, weights, bias)
    samples, chances = every_code(model)
    return gated_gradient(samples.signals, W, eps, open_gates(W, eps, samples.signals), chances)


def sampled_true_gradient(model: SparseCodingModel, weights: Array, bias: Array | float, *, samples: int,
                          rng: np.random.Generator) -> Array:
    """The true gradient (h, n) from samples, with the proxy as control variate: no noise where all gates are right.

    The exact proxy gradient less the sampled difference of proxy and truth on the same codes; for uniform supports.
    """
    W, eps = checked_weights(model.dictionary, weights, bias)
    drawn, chances = model.sample(samples, rng=rng), np.full(samples, 1 / samples)
    proxy = gated_gradient(drawn.signals, W, eps, support_gates(drawn.supports, len(W)), chances)
    truth = gated_gradient(drawn.signals, W, eps, open_gates(W, eps, drawn.signals), chances)
    return proxy_gradient(model, W, eps) - (proxy - truth)


def proxy_gap(model: SparseCodingModel, weights: Array, bias: Array | float) -> ProxyGap:
    """The gap, exact, for models with finitely many codes."""
    return weighted_gap(*every_code(model), weights, bias, model.dictionary)


def weighted_gap(samples: Samples, chances: Array, weights: Array, bias: Array | float, dictionary: Array) -> ProxyGap:
    """The gap over the given codes with the given probabilities (N,), for any law of the codes, exact."""
    W, eps = checked_weights(dictionary, weights, bias)
    gap, _, square, wrong = _differences(W, eps, samples, chances)
    some = float(chances @ wrong.any(0))
    return ProxyGap(gap, np.zeros_like(W), np.sqrt(square), wrong @ chances, some, some)


def sampled_proxy_gap(model: SparseCodingModel, weights: Array, bias: Array | float, *, samples: int,
                      rng: np.random.Generator, alarm: float = ALARM) -> ProxyGap:
    """The gap from samples of any model: the same codes drive both gradients, so right gates add exactly 0.

    `error` rests on the central limit theorem, `any_wrong_upper` on `binomial_interval`: where no gate was ever wrong
    the error is 0, and only `any_wrong_upper` tells what may have been missed. Raises ValueError below 2 samples.
    """
    from scipy.stats import norm

    if samples < 2:
        raise ValueError(f"expected at least two samples; got {samples}")
    W, eps = checked_weights(model.dictionary, weights, bias)
    drawn = model.sample(samples, rng=rng)
    gap, squares, square, wrong = _differences(W, eps, drawn, np.full(samples, 1 / samples))
    spread = np.sqrt(np.maximum(squares - gap ** 2, 0) / (samples - 1))
    failures = int(wrong.any(0).sum())
    return ProxyGap(gap, norm.isf(alarm / 2) * spread, np.sqrt(square), wrong.mean(1), failures / samples,
                    binomial_interval(failures, samples, alarm)[1])


def _differences(W: Array, eps: Array, samples: Samples, chances: Array) -> tuple[Array, Array, Array, Array]:
    """Σ p (f̂ − f) and Σ p (f̂ − f)² entry by entry (h, n), Σ p ‖f̂_i − f_i‖² (h,), and which gates are wrong (h, N)."""
    Y, member = samples.signals, support_gates(samples.supports, len(W))
    gates = open_gates(W, eps, Y)
    wrong = gates != member
    (bad,) = np.nonzero(wrong.any(0))  # where all gates are right the two gradients are the same
    first, second, step = np.zeros_like(W), np.zeros_like(W), max(1, CHUNK // W.size)
    for start in range(0, len(bad), step):
        c = bad[start:start + step]
        D = _each(W, eps, Y[:, c], member[:, c]) - _each(W, eps, Y[:, c], gates[:, c])
        first += np.tensordot(chances[c], D, 1)
        second += np.tensordot(chances[c], D ** 2, 1)
    return first, second, second.sum(1), wrong


def _each(W: Array, eps: Array, Y: Array, gates: Array) -> Array:
    """The gated gradient of every sample, (N, h, n)."""
    R = gates * (W @ Y - eps[:, None])
    F = W.T @ R - Y
    return R.T[:, :, None] * F.T[:, None, :] + (gates * (W @ F)).T[:, :, None] * Y.T[:, None, :]
