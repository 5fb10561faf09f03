"""Many single gates trained at once on one sample: thousands of runs, each with its own start, step and order.

A run at the weight w meets a batch B of b samples and moves by −(η/b) Σ_{i∈B} 1[gate i is on] (⟨w, x_i⟩ − y_i) x_i.
With `mode="gradient"` gate i is on when ⟨w, x_i⟩ ≥ 0: stochastic sub-gradient descent on the squared loss
(1/2)(σ(⟨w, x_i⟩) − y_i)², the sub-gradient of Algorithm 3 on a batch. With `mode="labels"` it is on when y_i > 0:
Algorithm 2.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.gates import checked_sample
from mathdl.relu_gate.steps import gate_gradient, modified_sgd_step

Array = NDArray[np.float64]
MODES = ("gradient", "labels")
DRAWN = 1 << 20  # numbers of the order that are in memory at once, when a run's seed gives them
ROOM = 1 + 1e-9  # for the rounding of the rounding bound itself


@dataclass(frozen=True, eq=False)
class TrainedGates:
    """R gates after training: `w` (R, n); `path` (K, R, n) holds them after `times` (K,) updates, w itself last."""

    w: NDArray
    times: NDArray[np.int64]
    path: NDArray


def train_gates(x: ArrayLike, y: ArrayLike, w0: ArrayLike, *, step: ArrayLike, updates: int, batch: int = 1,
                order: ArrayLike | None = None, seeds: ArrayLike | None = None, rng: np.random.Generator | None = None,
                mode: str = "gradient", every: int = 0, threads: int = 1, dtype: type = np.float32) -> TrainedGates:
    """The gates that start at the rows of `w0` (R, n), after `updates` steps η = `step` > 0, one number or (R,).

    Who meets which sample is `order` (R, updates, batch), row numbers of `x` (S, n); or follows from `seeds` (R,) as in
    `sample_order`; or from seeds that `rng` draws. Run r alone gives the bits of run r among others. `every` k > 0
    keeps the start and each k-th iterate; 0 the last alone. A run whose step is too large overflows to inf and NaN.
    ValueError for shapes, ranges or modes that do not fit.
    """
    x, y = checked_sample(x, y)
    w0 = np.asarray(w0, dtype=float)
    _check(x, w0, updates, batch, mode, every, dtype)
    step = _steps(step, len(w0))
    numbers = _order(order, seeds, rng, len(w0), len(x), updates, batch)
    width = -(-x.shape[1] // (32 // np.dtype(dtype).itemsize)) * (32 // np.dtype(dtype).itemsize)
    padded = np.zeros((len(x), width), dtype)
    padded[:, :x.shape[1]] = x
    times = _times(updates, every)
    path = np.empty((len(times), *w0.shape), dtype)

    def work(runs: NDArray[np.int64]) -> None:
        w = np.zeros((len(runs), width), dtype)
        w[:, :x.shape[1]] = w0[runs]
        rate, done = (step[runs] / batch).astype(dtype), 0
        for k, until in enumerate(times):
            _advance(padded, y.astype(dtype), w, rate, numbers, runs, done, until, batch, mode == "labels")
            path[k, runs], done = w[:, :x.shape[1]], until

    _in_threads(work, len(w0), threads)
    return TrainedGates(path[-1], times, path)


def sample_order(seeds: ArrayLike, samples: int, updates: int, batch: int = 1) -> NDArray[np.int32]:
    """Which of so many `samples` each run meets, (R, updates, batch): a counter hashed with the run's seed.

    Numbers come from splitmix64 (Steele, Lea and Flood 2014), scaled to 0, ..., samples − 1: each as likely as the
    others up to samples/2³². ValueError when samples is not in 1, ..., 2³¹ − 1.
    """
    from mathdl.relu_gate._fast_gates import draw_order

    seeds = np.atleast_1d(np.asarray(seeds, dtype=np.uint64))
    if not 1 <= samples < 2 ** 31:
        raise ValueError(f"samples: expected 1 to 2^31 - 1; got {samples}")
    order = np.empty((len(seeds), updates * batch), np.int32)
    draw_order(seeds, 0, samples, order)
    return order.reshape(len(seeds), updates, batch)


@dataclass(frozen=True, eq=False)
class SlowGates:
    """The same training in plain numpy: `w` (R, n), and what separates it from the fast path at most.

    `bound` (R,): at most so far apart are both in Euclidean norm, by rounding alone, if `decided` (R,): no gate was so
    close to its kink that rounding could switch it.
    """

    w: Array
    bound: Array
    decided: NDArray[np.bool_]


def slow_gates(x: ArrayLike, y: ArrayLike, w0: ArrayLike, order: ArrayLike, *, step: float, mode: str = "gradient",
               dtype: type = np.float32) -> SlowGates:
    """`train_gates` with the updates of `steps.py` in float64, one run and one update after the other.

    Data and step are rounded to `dtype` first, as the fast path does. The bound is *ours*: both paths compute
    w ↦ w + ρ Σ_j on_j (y_j − ⟨x_j, w⟩) x_j with every product and sum off by a factor 1 + θ, |θ| ≤ γ = ku/(1 − ku),
    k = n + b + 8 (Higham 2002, Lemma 3.1), u the rounding unit. So a step adds at most
    δ(|w|) = γ (|w| + ρ Σ_j |x_j| (|y_j| + |x_j| |w|)), and the distance D of both paths obeys
    D' ≤ ‖I − ρ Σ_j on_j x_j x_jᵀ‖ D + δ_fast(|w| + D) + δ_slow(|w|).
    """
    x, y = (np.asarray(a, dtype=dtype).astype(float) for a in checked_sample(x, y))
    order, w = np.asarray(order), np.array(w0, dtype=dtype).astype(float)
    runs, updates, batch = order.shape
    rate = float(np.dtype(dtype).type(step / batch))
    bound, decided = np.zeros(runs), np.ones(runs, dtype=bool)
    count = x.shape[1] + batch + 8
    fast, slow = (count * u / (1 - count * u) for u in (np.finfo(dtype).eps / 2, 2.0 ** -53))
    tiny = count ** 2 * float(np.finfo(dtype).tiny)  # where numbers are too small for relative errors
    for r in range(runs):
        for t in range(updates):
            xs, ys = x[order[r, t]], y[order[r, t]]
            size, lengths, u = np.linalg.norm(w[r]), np.linalg.norm(xs, axis=1), xs @ w[r]
            on = ys > 0 if mode == "labels" else u >= 0
            blur = lengths * (bound[r] + (fast + slow) * (size + bound[r])) + tiny
            decided[r] &= mode == "labels" or bool((abs(u) > blur).all())
            stretch = max(1.0, rate * (on * lengths ** 2).sum() - 1)
            bound[r] = ROOM * (stretch * bound[r] + tiny + sum(
                g * (s + rate * (lengths * (abs(ys) + lengths * s)).sum())
                for g, s in ((fast, size + bound[r]), (slow, size))))
            if mode == "labels":
                w[r] = modified_sgd_step(w[r], xs, ys, rate * batch).mean(axis=0)
            else:
                w[r] = w[r] - rate * batch * gate_gradient(w[r], xs, ys)
    return SlowGates(w, bound, decided)


def _check(x: Array, w0: Array, updates: int, batch: int, mode: str, every: int, dtype: type) -> None:
    if w0.ndim != 2 or w0.shape[1] != x.shape[1] or not len(w0):
        raise ValueError(f"w0: expected one start a row, shape (R, {x.shape[1]}) with R >= 1; got {w0.shape}")
    if not (updates >= 0 and batch >= 1 and every >= 0):
        raise ValueError(f"expected updates >= 0, batch >= 1 and every >= 0; got {updates}, {batch} and {every}")
    if mode not in MODES:
        raise ValueError(f"mode: expected one of {MODES}; got {mode!r}")
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype: expected float32 or float64; got {np.dtype(dtype)}")


def _steps(step: ArrayLike, runs: int) -> Array:
    step = np.asarray(step, dtype=float)
    if step.shape not in ((), (runs,)) or not (step > 0).all():
        raise ValueError(f"step: expected a number > 0 or one a run, ({runs},); got {step}")
    return np.broadcast_to(step, (runs,))


def _order(order: ArrayLike | None, seeds: ArrayLike | None, rng: np.random.Generator | None, runs: int, samples: int,
           updates: int, batch: int) -> NDArray:
    """The order flattened to (R, updates · batch), or the seeds (R,) that give it."""
    if sum(given is not None for given in (order, seeds, rng)) != 1:
        raise ValueError("expected exactly one of order, seeds and rng: they say which samples a run meets")
    if order is None:
        drawn = rng.integers(2 ** 64, size=runs, dtype=np.uint64) if seeds is None else np.asarray(seeds, np.uint64)
        if drawn.shape != (runs,):
            raise ValueError(f"seeds: expected one a run, ({runs},); got {drawn.shape}")
        return drawn
    order = np.asarray(order)
    if order.shape != (runs, updates, batch) or order.dtype.kind not in "iu":
        raise ValueError(f"order: expected integers of shape ({runs}, {updates}, {batch}); got {order.dtype} of shape "
                         f"{order.shape}")
    if order.size and not (order.min() >= 0 and order.max() < samples):
        raise ValueError(f"order: expected row numbers from 0 to {samples - 1}; got {order.min()} to {order.max()}")
    return order.reshape(runs, updates * batch).astype(np.int32)


def _times(updates: int, every: int) -> NDArray[np.int64]:
    if not every:
        return np.array([updates])
    times = np.arange(0, updates + 1, every)
    return times if times[-1] == updates else np.append(times, updates)


def _advance(x: NDArray, y: NDArray, w: NDArray, rate: NDArray, numbers: NDArray, runs: NDArray, done: int, until: int,
             batch: int, by_label: bool) -> None:
    """Updates number done + 1, ..., until of these runs, in place."""
    from mathdl.relu_gate._fast_gates import draw_order, in_batches, one_by_one

    share = max(1, DRAWN // (len(runs) * batch))
    for t in range(done, until, share):
        first, last = t * batch, min(t + share, until) * batch
        if numbers.ndim == 2:
            order = np.ascontiguousarray(numbers[runs, first:last])
        else:
            order = np.empty((len(runs), last - first), np.int32)
            draw_order(numbers[runs], first, len(x), order)
        if batch == 1:
            one_by_one(x, y, w, rate, order, by_label)
        else:
            in_batches(x, y, w, rate, order, batch, by_label)


def _in_threads(work, runs: int, threads: int) -> None:
    """`work` on all runs, in as many shares as there are threads; the compiled loops hold no lock."""
    if threads <= 1:
        return work(np.arange(runs))
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, share) for share in np.array_split(np.arange(runs), threads) if len(share)]:
            done.result()
