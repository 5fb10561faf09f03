"""How far the gradient on N signals is from the expected one: two bounds, and the exact law when there are few signals.

The gradient is a mean of N independent matrices. Row i of each is a vector of length at most L_i, so the distance of
the mean from its expectation changes by at most 2 L_i/N when one signal is replaced (McDiarmid 1989), and its second
moment is at most σ_i²/N. Bernstein's inequality in a Hilbert space (Smale and Zhou 2007, Lemma 2) uses σ_i itself,
which is small because unit i is on in a share k/h of the signals only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
KINDS = ("bounded differences", "Bernstein")
MOST = 20_000  # codes that are enumerated at most


@dataclass(frozen=True, eq=False)
class SignalGradients:
    """The gradient (M, h, n) of each of M possible signals, with their chances (M,): the exact law of one sample."""

    gradients: Array
    chances: Array

    @property
    def mean(self) -> Array:
        """The population gradient (h, n), exact."""
        return np.tensordot(self.chances, self.gradients, 1)

    @property
    def largest(self) -> Array:
        """L_i, the length of the longest row i (h,)."""
        return np.linalg.norm(self.gradients, axis=2).max(0)

    @property
    def second_moment(self) -> Array:
        """σ_i² = E‖row i‖², (h,)."""
        return self.chances @ (self.gradients ** 2).sum(2)

    def deviations(self, samples: int, runs: int, *, rng: np.random.Generator) -> Array:
        """‖mean over `samples` signals − expectation‖ for each row, (runs, h); one multinomial draw a run."""
        counts = rng.multinomial(samples, self.chances, size=runs)
        means = np.tensordot(counts / samples - self.chances, self.gradients, 1)
        return np.linalg.norm(means, axis=2)


def enumerated_gradients(model, weights: ArrayLike, bias: ArrayLike) -> SignalGradients:
    """The gradients of every signal of a `SparseCodingModel` with finitely many codes.

    Raises ValueError when the law of the entries has a density or there are more than 20,000 codes.
    """
    from mathdl.sparse_coding.proxy import every_code

    samples, chances = every_code(model)
    if len(chances) > MOST:
        raise ValueError(f"expected at most {MOST} codes; got {len(chances)}. Lower h or k")
    return SignalGradients(signal_gradients(weights, bias, samples.signals), chances)


def signal_gradients(weights: ArrayLike, bias: ArrayLike, signals: ArrayLike) -> Array:
    """∂/∂W of ‖ŷ − y‖²/2 for every column y of `signals` (n, M): shape (M, h, n). Row i is r_i f + 1[on] ⟨W_i, f⟩ y."""
    W, Y = np.asarray(weights, dtype=float), np.asarray(signals, dtype=float)
    Q = W @ Y - np.reshape(np.broadcast_to(bias, len(W)), (-1, 1))
    R, on = np.maximum(Q, 0), Q > 0
    F = W.T @ R - Y
    return np.einsum("im,jm->mij", R, F) + np.einsum("im,jm->mij", on * (W @ F), Y)


def largest_gradient(model, weights: ArrayLike, bias: ArrayLike, *, units_on: int | None = None) -> Array:
    """A bound L_i (h,) on row i of the gradient at any signal of the model, without enumeration.

    ‖y‖ <= Y = b √(k(1 + (k−1)C)); r <= |W y| entry by entry, so ‖Wᵀr − y‖ <= (τ + 1) Y with τ = ‖W_on‖²; and row i is
    at most (τ + 1) Y ((‖W_i‖ Y − ε_i)₊ + ‖W_i‖ Y). `units_on` is how many units can be on at once (k where the support
    is certified, h by default): then τ is at most the largest sum of so many entries of a row of |W Wᵀ|.
    """
    from mathdl.sparse_coding.dictionaries import coherence

    W, k = np.asarray(weights, dtype=float), model.sparsity
    C = coherence(model.dictionary).C
    Y = model.high * math.sqrt(k * (1 + (k - 1) * C))
    gram = np.sort(np.abs(W @ W.T), axis=1)[:, ::-1]
    tau = min(np.linalg.norm(W, 2) ** 2, gram[:, :units_on].sum(1).max())
    reach = np.linalg.norm(W, axis=1) * Y
    return (tau + 1) * Y * (np.maximum(reach - np.broadcast_to(bias, len(W)), 0) + reach)


def deviation_bound(largest: ArrayLike, samples: ArrayLike, alarm: float, *, second_moment: ArrayLike | None = None,
                    kind: str = "bounded differences") -> Array:
    """A t_i that ‖mean of N gradients − expectation‖ of row i exceeds for some i with probability at most `alarm`.

    `largest` L_i and `second_moment` σ_i² (L_i² when not given) are (h,). With u = ln(h/alarm) and v = ln(2h/alarm):
    "bounded differences" σ/√N + L √(2u/N); "Bernstein" σ √(2v/N) + 2 L v/N. Broadcasts N against h.
    Raises ValueError unless 0 < alarm < 1, N >= 1 and 0 <= σ² <= L².
    """
    L, N = np.atleast_1d(np.asarray(largest, dtype=float)), np.asarray(samples, dtype=float)
    power = L ** 2 if second_moment is None else np.asarray(second_moment, dtype=float)
    if not 0 < alarm < 1 or (N < 1).any() or kind not in KINDS:
        raise ValueError(f"expected 0 < alarm < 1, samples >= 1, kind in {KINDS}; got {alarm}, {samples}, {kind!r}")
    if (power < 0).any() or (power > L ** 2 * (1 + 1e-9)).any():
        raise ValueError("expected second moments between 0 and the squared bounds; got others. Is `largest` a bound?")
    u, v = math.log(L.shape[-1] / alarm), math.log(2 * L.shape[-1] / alarm)
    if kind == "Bernstein":
        return np.sqrt(2 * v * power / N) + 2 * L * v / N
    return (np.sqrt(power) + L * math.sqrt(2 * u)) / np.sqrt(N)


def samples_needed(largest: float, accuracy: float, alarm: float, *, second_moment: float, units: int) -> int:
    """The number of signals from which Bernstein's bound for every one of `units` equal rows is at most `accuracy`."""
    if not accuracy > 0:
        raise ValueError(f"expected an accuracy > 0; got {accuracy}")
    v = math.log(2 * units / alarm)
    root = (math.sqrt(2 * v * second_moment) + math.sqrt(2 * v * second_moment + 8 * largest * v * accuracy))
    return max(1, math.ceil((root / (2 * accuracy)) ** 2))
