"""Step sizes for Algorithm 2 that nobody has to know in advance: estimated with confidence, or set by each sample.

*Estimated (ours).* From S samples and their labels alone, a lower confidence bound λ̲ <= λ and an upper one Λ̄ >= Λ. Both
take an average in one direction only: λ_min(Σ̂) <= ⟨u, Σ̂ u⟩ for the true eigenvector u of λ, so λ_min(Σ̂) − z·error lies
above λ only if a mean of S independent numbers lies z errors above its expectation; and so for Λ from the other side.
With s = λ̲/Λ̄ Theorem 3.3.1 holds with the rate 1 − λ̲²/Λ̄.

*Normalized (ours).* With s_t = 1/‖x_t‖² an update is a projection: E‖v_{t+1}‖² <= (1 − μ) E‖v_t‖² with
μ = λ_min(E[1_A x xᵀ/‖x‖²]), since ‖v_{t+1}‖² = ‖v_t‖² − 1_A ⟨v_t, x_t⟩²/‖x_t‖². No moment of x is needed. For spherical
laws μ = 1/(2n): faster than the sharp step, for every tail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.finite_law import FiniteLaw
from mathdl.relu_gate.laws import InputLaw, target
from mathdl.relu_gate.runs import GateRuns

Array = NDArray[np.float64]
METHODS = ("estimated", "normalized")


@dataclass(frozen=True, eq=False)
class StepEstimate:
    """Bounds that hold together with the confidence asked for: `lam_low` <= λ and `Lambda_high` >= Λ, both (...,).

    `step` (...,) is λ̲/Λ̄, and 0 where λ̲ <= 0: too few samples to say that the active half spans all directions.
    """

    lam_low: Array
    Lambda_high: Array

    @property
    def step(self) -> Array:
        """The largest step that is safe by what is known."""
        return np.maximum(self.lam_low, 0.0) / np.where(self.Lambda_high > 0, self.Lambda_high, 1.0)

    @property
    def rate(self) -> Array:
        """What the step guarantees, 1 − λ̲²/Λ̄; 1 where nothing is known."""
        return 1 - np.maximum(self.lam_low, 0.0) * self.step


def estimate_step(x: ArrayLike, y: ArrayLike, *, miss: float = 0.05) -> StepEstimate:
    """Bounds from samples `x` (..., S, n) with labels `y` (..., S), wrong with probability at most about `miss`.

    "About": the mean of S numbers is taken as normal up to its skewness (for Λ̄, Hall 1992), with the largest
    deviation and skewness that the sample shows along an eigenvector of the estimate. So x needs moments beyond the
    eighth, and S should be a thousand when x is skew. ValueError for S < 2.
    """
    from scipy.stats import norm

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    S = x.shape[-2] if x.ndim >= 2 else 0
    if S < 2 or y.shape != x.shape[:-1] or not 0 < miss < 1:
        raise ValueError(f"expected x (..., S, n) with S >= 2, y (..., S) and 0 < miss < 1; got {x.shape}, {y.shape} "
                         f"and {miss}")
    active = x * (y > 0)[..., None]
    z = norm.isf(miss / 2)
    lam, lam_spread, _ = _eigenvalue(active, np.ones_like(y), 0)
    Lambda, Lambda_spread, skewness = _eigenvalue(active, (x ** 2).sum(-1), -1)
    wider = z + np.maximum(skewness, 0) * (2 * z * z + 1) / 6 / np.sqrt(S)
    return StepEstimate(lam - z * lam_spread / np.sqrt(S), Lambda + wider * Lambda_spread / np.sqrt(S))


def _eigenvalue(x: Array, weight: Array, which: int) -> tuple[Array, Array, Array]:
    """An eigenvalue of the mean of weight · x xᵀ; the largest deviation and skewness of weight ⟨u, x⟩² over its u."""
    mean = (x * weight[..., None]).swapaxes(-1, -2) @ x / x.shape[-2]
    values, vectors = np.linalg.eigh(mean)
    along = weight[..., None] * (x @ vectors) ** 2
    spread = along.std(axis=-2, ddof=1)
    cubes = ((along - along.mean(axis=-2, keepdims=True)) ** 3).mean(axis=-2)
    skewness = np.divide(cubes, spread ** 3, out=np.zeros_like(cubes), where=spread > 0)
    return values[..., which], spread.max(axis=-1), skewness.max(axis=-1)


def parameter_free_sgd(law: InputLaw, w_star: ArrayLike, w1: ArrayLike, *, updates: int, runs: int,
                       rng: np.random.Generator, method: str = "estimated", miss: float = 0.05,
                       first: int = 64) -> GateRuns:
    """Algorithm 2 with a step that it finds itself; each run uses nothing but its own samples and labels.

    "estimated": after `first` samples, and again whenever their number has doubled, the step becomes that of all
    samples so far, with confidence 1 − `miss` over all of these moments together; before, w waits. "normalized":
    s_t = 1/‖x_t‖². ValueError for an unknown method or `first` < 2.
    """
    w_star = target(w_star, law.n)
    w = np.array(np.broadcast_to(np.asarray(w1, dtype=float), (runs, law.n)))
    if method not in METHODS or first < 2:
        raise ValueError(f"expected method among {METHODS} and first >= 2; got {method!r} and {first}")
    squared, done, step, share = np.empty((updates + 1, runs)), 0, np.zeros(runs), miss
    squared[0], seen = ((w - w_star) ** 2).sum(-1), []
    while done < updates:
        until = min(updates, first if done == 0 else 2 * done)
        x = law.sample((until - done, runs), rng=rng)
        y = np.maximum(x @ w_star, 0.0)
        steps = np.broadcast_to(step, y.shape) if method == "estimated" else _inverse((x ** 2).sum(-1))
        _advance(w, x, y, steps, w_star, squared[done + 1:until + 1])
        done, share = until, share / 2  # miss/2 + miss/4 + ... over the moments of estimation
        if method == "estimated" and done < updates:
            seen.append((x, y))
            xs, ys = (np.concatenate(parts).swapaxes(0, 1) for parts in zip(*seen, strict=True))
            step = estimate_step(xs, ys, miss=share).step
    return GateRuns(1, squared, w)


def _advance(w: Array, x: Array, y: Array, steps: Array, w_star: Array, squared: Array) -> None:
    """Updates in place, one a row of x (T, R, n)."""
    from mathdl.relu_gate.steps import modified_sgd_step

    for t in range(len(x)):
        w[:] = modified_sgd_step(w, x[t], y[t], steps[t])
        squared[t] = ((w - w_star) ** 2).sum(-1)


def normalized_rate(law: InputLaw, w_star: ArrayLike) -> float:
    """1 − μ for the normalized step: by enumeration for a FiniteLaw, 1 − 1/(2n) for laws that are spherical.

    ValueError for other laws.
    """
    from mathdl.relu_gate.laws import Gaussian, Pareto, StudentT

    w_star = target(w_star, law.n)
    if isinstance(law, Gaussian | StudentT | Pareto):
        return 1 - 0.5 / law.n if w_star.any() else 1.0
    if not isinstance(law, FiniteLaw):
        raise ValueError(f"expected a FiniteLaw or a spherical law; got {type(law).__name__}")
    x = law.x
    weights = law.probabilities * (x @ w_star > 0) * _inverse((x ** 2).sum(-1))
    return 1 - float(np.linalg.eigvalsh((x.T * weights) @ x)[0])


def _inverse(squares: Array) -> Array:
    """1/‖x‖², and 0 for x = 0, which moves nothing."""
    return np.divide(1.0, squares, out=np.zeros_like(squares), where=squares > 0)
