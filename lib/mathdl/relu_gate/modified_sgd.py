"""Algorithm 2: regression on the samples with a positive label, for many independent runs at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mathdl.relu_gate.laws import InputLaw, target
from mathdl.relu_gate.runs import GateRuns

BLOCK = 1 << 19  # numbers drawn at a time: 4 MB, whatever the number of updates


def modified_sgd(law: InputLaw, w_star: ArrayLike, w1: ArrayLike, *, step: ArrayLike, updates: int, runs: int,
                 rng: np.random.Generator, keep: bool = False, label_noise: float | None = None) -> GateRuns:
    """`runs` independent runs of w_{t+1} = w_t + η|α| 1{y_t > 0} (y_t - ⟨w_t, x_t⟩) x_t on fresh samples of `law`.

    Labels are y_t = max(0, ⟨w_*, x_t⟩), plus Gaussian noise with standard deviation `label_noise` if that is given.
    `w1` is (n,) or (runs, n). `step` is η|α|, a number or one a run; a negative one is α > 0, the wrong direction.
    Samples are drawn in blocks, so memory grows only with what is returned: (updates + 1) * runs squared distances,
    and n times as many numbers when iterates are kept. Source: Mukherjee 2020, Algorithm 2, with its t0 = 1.
    """
    from mathdl.relu_gate._modified_sgd import advance

    w_star = target(w_star, law.n)
    w, steps = _checked(w1, step, updates, runs, law.n, label_noise)
    squared = np.empty((updates + 1, runs))
    path = np.empty((updates + 1 if keep else 0, runs, law.n))
    squared[0] = ((w - w_star) ** 2).sum(axis=1)
    path[:1] = w
    block = max(1, BLOCK // (runs * law.n))
    for t in range(1, updates + 1, block):
        rows = slice(t, min(t + block, updates + 1))
        shape = (rows.stop - t, runs)
        x = law.sample(shape, rng=rng)
        noise = rng.normal(0.0, label_noise, shape) if label_noise else np.empty((0, runs))
        advance(w, w_star, x, noise, steps, squared[rows], path[rows])
    return GateRuns(1, squared, w, path if keep else None)


def _checked(w1: ArrayLike, step: ArrayLike, updates: int, runs: int, n: int, label_noise: float | None):
    """Starts (runs, n) and steps (runs,) as arrays of their own, or a ValueError that says what is wrong."""
    if runs < 1 or updates < 0:
        raise ValueError(f"expected runs >= 1 and updates >= 0; got {runs} and {updates}")
    if label_noise is not None and not label_noise >= 0:
        raise ValueError(f"label_noise: expected a standard deviation >= 0; got {label_noise}")
    w, steps = np.asarray(w1, dtype=float), np.asarray(step, dtype=float)
    if w.shape not in ((n,), (runs, n)) or steps.shape not in ((), (runs,)):
        raise ValueError(f"expected w1 of shape ({n},) or ({runs}, {n}) and step a number or ({runs},); got {w.shape} "
                         f"and {steps.shape}")
    if not (np.isfinite(w).all() and np.isfinite(steps).all()):
        raise ValueError("w1 and step: expected finite numbers; got NaN or infinity")
    return np.array(np.broadcast_to(w, (runs, n))), np.array(np.broadcast_to(steps, (runs,)))
