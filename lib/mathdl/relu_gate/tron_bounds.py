"""What the theory of GLM-Tron promises: one step, threshold and number of steps, as printed, corrected and sharpened.

Throughout W = ‖w_*‖, θ bounds the noise of the labels, L is the Lipschitz constant of σ, and ε > 0 is what one step
must gain. All of W², ε, θ², thresholds and risks are squares of labels: a bound that does not scale so is wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.activations import EPS, Activation
from mathdl.relu_gate.steps import glm_tron_step

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TronStepBound:
    """One update seen from a reference w: ‖w_{t+1} − w‖² and what bounds it, each with the shape (...) of the batch.

    `printed` is the right-hand side of Mukherjee 2020, Lemma 3.5.1. `sharp` (ours) is
    (√(‖w_t − w‖² − (2/L − 1) L̃_S(h_t)) + η)². `rounding` bounds the rounding of any difference of two of them.
    """

    after: Array
    before: Array
    effective_risk: Array
    eta: Array
    printed: Array
    sharp: Array
    rounding: Array


def tron_step_bound(x: ArrayLike, y: ArrayLike, w_t: ArrayLike, w: ArrayLike, activation: Activation, *,
                    W: ArrayLike | None = None) -> TronStepBound:
    """Both sides of Lemma 3.5.1 for inputs `x` (S, n), labels `y` (..., S), iterates `w_t` and references `w` (..., n).

    η is computed, ‖(1/S) Σ (y_i − σ(⟨w, x_i⟩)) x_i‖; `W` is ‖w_t − w‖ unless given. The hypotheses are not checked.
    """
    x, y, w_t, w = (np.asarray(a, dtype=float) for a in (x, y, w_t, w))
    L, S = activation.lipschitz, len(x)
    clean = activation(w @ x.T)
    risk = ((activation(w_t @ x.T) - clean) ** 2).mean(axis=-1)
    eta, before, after = (np.linalg.norm(v, axis=-1) for v in (
        (y - clean) @ x / S, w_t - w, glm_tron_step(w_t, x, y, activation) - w))
    kept = before ** 2 - (2 / L - 1) * risk  # ‖w_t − w − (noiseless step)‖² is at most this, so it is not negative
    W = before if W is None else np.asarray(W, dtype=float)
    longest = max(1.0, np.linalg.norm(x, axis=1).max())
    size = (1 + L) * (np.linalg.norm(w_t, axis=-1) + np.linalg.norm(w, axis=-1) + W) + np.abs(y).max(axis=-1)
    size = max(1, 1 / L) * longest ** 3 * size  # no partial sum of any side is larger than the square of this times 8
    return TronStepBound(after ** 2, before ** 2, risk, eta, kept + eta ** 2 + 2 * eta * W * (L + 1),
                         (np.sqrt(np.maximum(kept, 0)) + eta) ** 2,
                         8 * (2 * S + x.shape[1] + 8) * EPS * size ** 2)


def tron_threshold(L: Real, epsilon: Real, theta: Real, W: Real, kind: str = "printed") -> Real:
    """The effective risk that the first hit falls below, with `tron_steps(W, epsilon, "corrected")` iterates.

    "printed": L/(2−L) (ε + θ² + 2θW(L+1)), Mukherjee 2020, Theorem 3.5.2. "sharp" (ours): L/(2−L) (ε + 2θ√(W²−ε) − θ²)
    when θ ≤ √(W²−ε), and inf otherwise, where the argument gives nothing. ValueError for L outside (0, 2), or
    epsilon, theta, W that are no lengths.
    """
    factor = _factor(L, epsilon, theta, W)
    if kind == "printed":
        return factor * (epsilon + theta ** 2 + 2 * theta * W * (L + 1))
    if kind != "sharp":
        raise ValueError(f"kind: expected 'printed' or 'sharp'; got {kind!r}")
    if epsilon > W ** 2 or theta ** 2 > W ** 2 - epsilon:
        return math.inf
    return factor * (epsilon + (2 * theta * math.sqrt(W ** 2 - epsilon) if theta else 0) - theta ** 2)


def tron_steps(W: Real, epsilon: Real, kind: str = "corrected") -> int:
    """How many iterates w_1, …, w_T must be looked at, starting from w_1 = 0.

    "printed": ⌊W/ε⌋, Mukherjee 2020, Theorem 3.5.2, which is too small for large W. "corrected": ⌊W²/ε⌋ + 1.
    Exact for Fractions and integers; a float quotient that is within 1e-12 below a whole number counts as that number.
    """
    _factor(1, epsilon, 0, W)
    if kind not in ("printed", "corrected"):
        raise ValueError(f"kind: expected 'printed' or 'corrected'; got {kind!r}")
    steps = W / epsilon if kind == "printed" else W * W / epsilon
    whole = math.floor(steps * (1 + 1e-12) if isinstance(steps, float) else steps)
    return whole + (kind == "corrected")


def first_hit(effective_risk: ArrayLike, threshold: Real, t0: int = 1) -> NDArray[np.int64]:
    """The first time t with effective risk below `threshold`, for risks (U+1, ...) that start at `t0`; 0 for never."""
    below = np.asarray(effective_risk, dtype=float) < threshold
    return np.where(below.any(axis=0), below.argmax(axis=0) + t0, 0)


def is_vacuous(L: Real, epsilon: Real, theta: Real, W: Real, kind: str = "printed") -> bool:
    """Whether the threshold is at least L²W², which the effective risk of w_1 = 0 never exceeds: no step is needed."""
    return bool(tron_threshold(L, epsilon, theta, W, kind) >= L ** 2 * W ** 2)


def largest_useful_noise(L: Real, kind: str = "printed") -> float:
    """θ/W from which on the threshold is vacuous for every ε > 0.

    "printed": √(4L+1) − (L+1), which is √5 − 2 for L = 1 and at most 1/4 (at L = 3/4). "sharp" (ours): 1 − |1 − L|; for
    L ≤ 1 no bound can do better, since noise of size L W can set every label to the same 0.
    """
    _factor(L, 1, 0, 1)
    if kind not in ("printed", "sharp"):
        raise ValueError(f"kind: expected 'printed' or 'sharp'; got {kind!r}")
    return math.sqrt(4 * L + 1) - (L + 1) if kind == "printed" else float(1 - abs(1 - L))


def summed_risk_bound(L: Real, W: Real) -> Real:
    """What the effective risks of all iterates together cannot exceed without noise: L/(2−L) W² (ours)."""
    return _factor(L, 1, 0, W) * W ** 2


def slowest_line_risk(t: int, W: Real) -> float:
    """The largest effective risk that any sample leaves a gate σ(u) = u at time t: W² (1 − 1/m)^(m−1) / m, m = 2t − 1.

    Ours: in the eigenbasis of (1/S) Σ x_i x_iᵀ it is a mean of λ(1−λ)^(2t−2) W² over λ in [0, 1], largest at λ = 1/m.
    """
    m = 2 * t - 1
    return float(W ** 2 / m * (1 - 1 / m) ** (m - 1)) if m > 1 else float(W ** 2)


def _factor(L: Real, epsilon: Real, theta: Real, W: Real) -> Real:
    """L/(2 − L), after refusing by name what the theorem does not cover."""
    if not L > 0:
        raise ValueError(f"L: expected a Lipschitz constant > 0; got {L}")
    if L >= 2:
        raise ValueError(f"L: the theorem needs L < 2, and GLM-Tron may swing for ever at 2; got {L}. Scale the labels "
                         "and the activation down")
    for name, value in (("theta", theta), ("W", W)):
        if not 0 <= value < math.inf:
            raise ValueError(f"{name}: expected a finite number >= 0; got {value}")
    if not 0 < epsilon < math.inf:
        raise ValueError(f"epsilon: expected a finite gain > 0 a step; got {epsilon}")
    return L / (2 - L)
