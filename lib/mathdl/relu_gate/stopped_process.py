"""The process z_t of the proof of Theorem 3.4.1: iterates frozen when they leave a ball, less the growth allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.noise_law import NoiseLaw, checked_length
from mathdl.relu_gate.noisy_gd import check_noise, checked_realizable, checked_start, checked_steps
from mathdl.relu_gate.steps import gate_gradient, noisy_gd_step

Array = NDArray[np.float64]
KINDS = ("corrected", "printed", "smaller")


def drift(eta: float, r: float, C: float, S1: float, n: int) -> float:
    """2η²(C⁴r² + S₁²) + ηn, what z_t subtracts at every step. Source: Mukherjee 2020, (3.11)."""
    return 2 * eta ** 2 * (C ** 4 * r ** 2 + S1 ** 2) + eta * n


def k_constant(eta: float, C_L: float, r: float, C: float, S1: float, n: int, kind: str = "corrected") -> float:
    """The bound k on |z_{t+1} − z_t|, in squared units of w. Source: Mukherjee 2020, Lemma 3.4.3 and (3.20).

    kind "printed" is the display before the lemma, with C²r² for C²r in the first bracket (erratum E7); "smaller"
    (ours) drops the whole second part η(C²r + S₁) of that bracket.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}; got {kind!r}")
    second = {"corrected": eta * (C ** 2 * r + S1), "printed": eta * (C ** 2 * r ** 2 + S1), "smaller": 0.0}[kind]
    return (2 * math.sqrt(eta) * C_L * (r + second) + eta * (2 * S1 * r + 2 * C ** 2 * r ** 2)
            + drift(eta, r, C, S1, n))


def extreme_increments(x: ArrayLike, y: ArrayLike, w: ArrayLike, *, w_star: ArrayLike, step: float, S1: float,
                       C_L: float, r: float) -> tuple[Array, Array]:
    """The least and the largest z_{t+1} − z_t from each w'_t = w (..., n) over all ‖ξ₁‖ <= S₁ and ‖ξ₂'‖ <= C_L.

    The noise moves v = w − ηg − w_* anywhere within a = ηS₁ + √η C_L, so ‖·‖² ranges from max(0, ‖v‖ − a)² to
    (‖v‖ + a)². Where the process is frozen both are minus the drift.
    """
    x, y = checked_realizable(x, y, w_star)
    w, target = np.asarray(w, dtype=float), np.asarray(w_star, dtype=float)
    u, v = (np.linalg.norm(d - target, axis=-1) for d in (w, w - step * gate_gradient(w, x, y)))
    a = step * S1 + math.sqrt(step) * C_L
    reached = np.maximum(v - a, 0) ** 2 - u * u, (v + a) ** 2 - u * u
    low, high = (np.where(u < r, d, 0.0) - drift(step, r, reach(x), S1, x.shape[1]) for d in reached)
    return low, high


def mean_increment(x: ArrayLike, y: ArrayLike, w: ArrayLike, *, w_star: ArrayLike, step: float, noise1: NoiseLaw,
                   noise2: NoiseLaw, C_L: float, r: float, cross: float = 0.0) -> Array:
    """E[z_{t+1} − z_t | w'_t = w] for each of the iterates `w` (..., n), from the moments of the noise: no sampling.

    `cross` is E⟨ξ₁, ξ₂'⟩ − ⟨Eξ₁, Eξ₂'⟩, zero for independent noises. The process is a supermartingale if and only if
    no value is positive at any w that it can reach.
    """
    x, y = checked_realizable(x, y, w_star)
    check_noise(x.shape[1], noise1, noise2)
    u = np.asarray(w, dtype=float) - np.asarray(w_star, dtype=float)
    v = u - step * gate_gradient(np.asarray(w, dtype=float), x, y)
    m1, m2 = noise1.mean, noise2.truncated_mean(C_L)
    spread = (step ** 2 * noise1.second_moment + step * noise2.truncated_second_moment(C_L)
              - 2 * step ** 1.5 * (m1 @ m2 + cross))
    moved = ((v - u) * (v + u)).sum(-1) + 2 * v @ (math.sqrt(step) * m2 - step * m1) + spread
    return np.where((u * u).sum(-1) < r * r, moved, 0.0) - drift(step, r, reach(x), noise1.bound, x.shape[1])


@dataclass(frozen=True, eq=False)
class StoppedRuns:
    """`z` (U+1, R), the process of (3.11) from t = 0; `squared_distance` (U+1, R) of the frozen iterates w'_t.

    `left_at` (R,): the first t with ‖w'_t − w_*‖ >= r, or U + 1 when there was none. `k` bounds |z_{t+1} − z_t|.
    `path` (U+1, R, n): all w'_t, or None when they were not kept.
    """

    z: Array
    squared_distance: Array
    left_at: NDArray[np.int64]
    k: float
    path: Array | None = None


def stopped_process(x: ArrayLike, y: ArrayLike, w0: ArrayLike, *, w_star: ArrayLike, step: float, noise1: NoiseLaw,
                    noise2: NoiseLaw, C_L: float, r: float, updates: int, runs: int,
                    rng: np.random.Generator, keep: bool = False) -> StoppedRuns:
    """Algorithm 3 with ξ₂ truncated at `C_L`, each run frozen once it is `r` or more away from `w_star`.

    Arguments as for `noisy_gd`, with one constant step. Source: Mukherjee 2020, (3.11) and the display before it.
    """
    x, y = checked_realizable(x, y, w_star)
    checked_steps(step, updates)
    check_noise(x.shape[1], noise1, noise2)
    w, target = checked_start(w0, runs, x.shape[1]), np.asarray(w_star, dtype=float)
    squared = np.empty((updates + 1, runs))
    path = np.empty((updates + 1, *w.shape)) if keep else None
    for t in range(updates + 1):
        squared[t] = ((w - target) ** 2).sum(axis=1)
        if path is not None:
            path[t] = w
        if t < updates:
            moved = noisy_gd_step(w, x, y, step, noise1.sample((runs,), rng=rng),
                                  truncated(noise2.sample((runs,), rng=rng), C_L))
            w = np.where((squared[t] < r * r)[:, None], moved, w)
    size = (step, r, reach(x), noise1.bound, x.shape[1])
    out = np.vstack([squared >= r * r, np.ones((1, runs), dtype=bool)])
    return StoppedRuns(squared - np.arange(updates + 1)[:, None] * drift(*size), squared, out.argmax(axis=0),
                       k_constant(step, C_L, *size[1:]), path)


def truncated(xi: Array, C_L: float) -> Array:
    """The radial truncation min(C_L, ‖ξ‖) ξ/‖ξ‖ of draws `xi` (..., n)."""
    lengths = np.linalg.norm(xi, axis=-1, keepdims=True)
    return xi * np.minimum(1.0, checked_length(C_L) / np.where(lengths > 0, lengths, C_L))


def reach(x: Array) -> float:
    """C = max ‖x_i‖ of samples `x` (S, n)."""
    return float(np.linalg.norm(x, axis=1).max())
