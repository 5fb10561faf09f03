"""The probability that noisy gradient descent leaves a ball: exact when the noise has finitely many values.

All iterates that can be reached inside the ball are kept with their probabilities. Paths that meet are merged: where
the gradient vanishes (data orthogonal to the motion, or gates that stay off) they form a lattice, and a hundred
updates cost no more than a few thousand states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.noise import FiniteNoise
from mathdl.relu_gate.steps import gate_gradient

Array = NDArray[np.float64]
MERGE = 1e-10  # of the largest distance: iterates closer than this are one; rounding after 1000 updates is below 1e-12
ROUNDING = 1e-9  # relative: sums of at most 8e6 nonnegative numbers, each with a relative error of 2^-53
MOST = 400_000  # iterates kept at once


@dataclass(frozen=True, eq=False)
class ExitProbability:
    """`by_step` (T+1,): P[some i <= t has ‖w_i − w_*‖ > radius], t = 0, ..., T, in floating point, without sampling.

    `nearest` is the least |‖w_i − w_*‖ − radius| over all iterates met, relative to the radius: well above 1e-10 it
    shows that no rounding put an iterate on the wrong side. `states` is the largest number of iterates kept at
    once. `error` bounds the rounding of the last value: 0 when all probabilities are short binary fractions.
    """

    by_step: Array
    nearest: float
    states: int
    error: float = 0.0

    @property
    def value(self) -> float:
        """The probability of an exit within all updates."""
        return float(self.by_step[-1])


def exit_probability(descent: NoisyDescent, radius: float) -> ExitProbability:
    """Exact exit probability of Algorithm 3 with finitely many noise values (`FiniteNoise`, `NoNoise`).

    Raises ValueError for other noise (use `simulate_exit`), and when more than 400,000 iterates have to be kept.
    """
    d, eta = descent, descent.step
    if not (isinstance(d.noise1, FiniteNoise) and isinstance(d.noise2, FiniteNoise)):
        raise ValueError("expected noises with finitely many values (FiniteNoise, NoNoise); use simulate_exit for "
                         f"{type(d.noise1).__name__} and {type(d.noise2).__name__}")
    moves = -eta * d.noise1.points[:, None] + eta ** 0.5 * d.noise2.points
    chances = np.multiply.outer(d.noise1.weights, d.noise2.weights)
    return walk_exit(d.w0 - d.w_star, moves.reshape(-1, d.x.shape[1]), chances.ravel(), updates=d.updates,
                     radius=radius, drift=lambda v: v - eta * gate_gradient(d.w_star + v, d.x, d.y))


def walk_exit(start: ArrayLike, moves: ArrayLike, weights: ArrayLike, *, updates: int, radius: float,
              drift: Callable[[Array], Array] | None = None) -> ExitProbability:
    """Exact exit probability of v_{t+1} = drift(v_t) + move, with independent moves, from the ball ‖v‖ <= `radius`.

    `start` (n,) or a number, `moves` (m, n) or (m,), `weights` (m,) their probabilities; `drift` maps (M, n) to (M, n)
    and is the identity when left out. Raises ValueError when more than 400,000 states have to be kept.
    """
    v = np.atleast_1d(np.asarray(start, dtype=float))[None]
    moves, weights = np.asarray(moves, dtype=float).reshape(-1, v.shape[1]), np.asarray(weights, dtype=float)
    if weights.shape != (len(moves),) or not abs(weights.sum() - 1) < 1e-9:
        raise ValueError(f"weights: expected {len(moves)} probabilities that add up to 1; got {weights}")
    if radius == np.inf:
        return ExitProbability(np.zeros(updates + 1), np.inf, 1)
    v, mass, out, nearest, states = *_inside(v, np.ones(1), radius), 1
    by_step = [out]
    for _ in range(updates):
        if len(v) * moves.size > 50 * MOST:  # 160 MB
            raise ValueError(_too_many(len(v)))
        centre = v if drift is None else drift(v)
        v, mass = _merged((centre[:, None] + moves).reshape(-1, v.shape[1]), np.multiply.outer(mass, weights).ravel())
        states = max(states, len(v))
        if len(v) > MOST:
            raise ValueError(_too_many(len(v)))
        v, mass, gone, near = _inside(v, mass, radius)
        nearest = min(nearest, near)
        by_step.append(by_step[-1] + gone)
    error = 0.0 if _is_binary(weights, updates) else ROUNDING * by_step[-1]
    return ExitProbability(np.minimum(by_step, 1.0), nearest / radius if radius > 0 else nearest, states, error)


def _is_binary(weights: Array, updates: int) -> bool:
    """Whether all products of `updates` weights are whole multiples of 2^-53: then no sum of them is rounded."""
    scaled = weights * 2.0 ** (53 // max(updates, 1))
    return bool((scaled == np.rint(scaled)).all())


def _inside(v: Array, mass: Array, radius: float) -> tuple[Array, Array, float, float]:
    """What stays in the ball, the mass that left, and how near to the sphere an iterate came."""
    length = np.abs(v[:, 0]) if v.shape[1] == 1 else np.linalg.norm(v, axis=1)
    stays = length <= radius
    near = float(np.abs(length - radius).min(initial=np.inf))
    return v[stays], mass[stays], float(mass[~stays].sum()), near


def _merged(v: Array, mass: Array) -> tuple[Array, Array]:
    """Each different row once, with all its mass; rows are the same when they agree to 1e-10 of the largest entry."""
    if not len(v):
        return v, mass
    grid = np.rint(v / (MERGE * max(np.abs(v).max(), 1e-300))).astype(np.int64)
    grid -= grid.min(0)
    varies = grid.max(0) > 0
    columns = grid[:, varies]
    if columns.shape[1] == 0:
        return v[:1], mass.sum(keepdims=True)
    if columns.shape[1] == 1:
        _, first, group = np.unique(columns[:, 0], return_index=True, return_inverse=True)
    else:
        order = np.lexsort(columns.T)
        new = np.r_[True, (np.diff(columns[order], axis=0) != 0).any(1)]
        first, group = order[new], np.empty(len(v), dtype=np.int64)
        group[order] = np.cumsum(new) - 1
    return v[first], np.bincount(group, weights=mass)


def _too_many(count: int) -> str:
    return (f"expected at most {MOST} iterates to keep; got {count}. Take fewer updates, or noise and data whose paths "
            "meet again, or simulate_exit")
