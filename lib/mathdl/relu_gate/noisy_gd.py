"""Algorithm 3: noise-assisted gradient descent on one ReLU gate, realizable labels, many runs at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.gates import checked_sample, labels
from mathdl.relu_gate.noise_law import NoiseLaw
from mathdl.relu_gate.runs import GateRuns
from mathdl.relu_gate.steps import noisy_gd_step

Array = NDArray[np.float64]
UNREALIZABLE = 1e-9  # labels may be this far from the gate's, relative to the largest: they may come from a file


def noisy_gd(x: ArrayLike, y: ArrayLike, w0: ArrayLike, *, w_star: ArrayLike, step: ArrayLike, noise1: NoiseLaw,
             noise2: NoiseLaw, updates: int, runs: int, rng: np.random.Generator, keep: bool = False) -> GateRuns:
    """`runs` independent runs of w_{t+1} = w_t − η_t (g_t + ξ_{t,1}) + √η_t ξ_{t,2}, t = 0, ..., updates − 1.

    Data `x` (S, n), `y` (S,); start `w0` (n,) or one a run (R, n); `step` a number, or the sequence η_t (updates,).
    `keep` keeps all iterates. ValueError when the labels are not those of `w_star`, when `noise1` is unbounded or a
    size does not fit. Source: Mukherjee 2020, Algorithm 3 (t0 = 0).
    """
    x, y = checked_realizable(x, y, w_star)
    n = x.shape[1]
    eta = checked_steps(step, updates)
    check_noise(n, noise1, noise2)
    w, target = checked_start(w0, runs, n), np.asarray(w_star, dtype=float)
    squared = np.empty((updates + 1, runs))
    path = np.empty((updates + 1, runs, n)) if keep else None
    for t in range(updates + 1):
        squared[t] = ((w - target) ** 2).sum(axis=1)
        if path is not None:
            path[t] = w
        if t < updates:
            w = noisy_gd_step(w, x, y, eta[t], noise1.sample((runs,), rng=rng), noise2.sample((runs,), rng=rng))
    return GateRuns(0, squared, w, path)


def checked_realizable(x: ArrayLike, y: ArrayLike, w_star: ArrayLike) -> tuple[Array, Array]:
    """Data whose labels the gate `w_star` (n,) gives; ValueError names the sample where it does not."""
    x, y = checked_sample(x, y)
    if np.shape(w_star) != (x.shape[1],):
        raise ValueError(f"w_star: expected one weight an input, shape ({x.shape[1]},); got {np.shape(w_star)}")
    off = np.abs(y - labels(x, w_star))
    worst = int(off.argmax())
    if off[worst] > UNREALIZABLE * max(np.abs(y).max(), np.finfo(float).tiny):
        raise ValueError(f"y: expected realizable labels max(0, <w_star, x_i>); sample {worst} has the label "
                         f"{y[worst]:.6g}, off by {off[worst]:.3g}. Use Algorithm 4 for labels with noise")
    return x, y


def checked_steps(step: ArrayLike, updates: int) -> Array:
    """The step lengths η_0, ..., η_{updates − 1}, all > 0."""
    if updates != int(updates) or updates < 0:
        raise ValueError(f"updates: expected a whole number >= 0; got {updates}")
    step = np.asarray(step, dtype=float)
    if step.shape not in ((), (updates,)) or not (np.isfinite(step) & (step > 0)).all():
        raise ValueError(f"step: expected a length > 0, or {updates} of them; got {step}")
    return np.broadcast_to(step, (updates,))


def check_noise(n: int, noise1: NoiseLaw, noise2: NoiseLaw) -> None:
    """ValueError unless both laws live in R^n and ξ₁ is bounded, as Algorithm 3 wants it."""
    if (noise1.n, noise2.n) != (n, n):
        raise ValueError(f"noise: expected laws in R^{n}; got dimensions {noise1.n} and {noise2.n}")
    if not np.isfinite(noise1.bound):
        raise ValueError("noise1: expected a bounded law (S_1 in Algorithm 3); put unbounded noise into noise2")


def checked_start(w0: ArrayLike, runs: int, n: int) -> Array:
    """The starts of all runs, shape (R, n)."""
    w0 = np.asarray(w0, dtype=float)
    if w0.shape not in ((n,), (runs, n)) or not np.isfinite(w0).all():
        raise ValueError(f"w0: expected a finite start, shape ({n},) or ({runs}, {n}); got shape {w0.shape}")
    return np.broadcast_to(w0, (runs, n)).copy()
