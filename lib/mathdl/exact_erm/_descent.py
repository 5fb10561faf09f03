"""The compiled loop of many trainings at once: both layers of a net with one hidden layer, gradient by hand."""

from __future__ import annotations

import numpy as np
from numba import njit

GD, SGD, ADAM = 0, 1, 2


@njit(cache=True)
def _random(state, run):  # xorshift64*: one stream a run, so that a run does not depend on how many others there are
    x = state[run]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[run] = x
    return x * np.uint64(2685821657736338717)


@njit(cache=True)
def _gradient(p, xs, t, curve, down, up, weight, chosen, w, bias, on, g):
    """The mean gradient over the samples `chosen` into g; p = gates row by row, top weights, top bias."""
    n1 = xs.shape[1]
    g[:] = 0.0
    for j in chosen:
        f = p[w * (n1 + 1)] if bias else 0.0
        for i in range(w):
            z = 0.0
            for k in range(n1):
                z += p[i * n1 + k] * xs[j, k]
            on[i] = max(z, 0.0)
            f += p[w * n1 + i] * on[i]
        slope = weight[j] * min(max(curve * (f - t[j]), -down[j]), up[j]) / len(chosen)
        for i in range(w):
            if on[i] > 0.0:
                g[w * n1 + i] += slope * on[i]
                back = slope * p[w * n1 + i]
                for k in range(n1):
                    g[i * n1 + k] += back * xs[j, k]
        if bias:
            g[w * (n1 + 1)] += slope


@njit(cache=True)
def descend(p, xs, t, curve, down, up, weight, w, bias, method, steps, step, decay, batch, state, path):
    """Train every row of p (n_runs, n_weights) in place; path (n_runs, n_frames, n_weights) keeps equidistant steps.

    The slope of the loss at f is curve (f - t_j), cut at -down_j and up_j.
    """
    R, P = p.shape
    D, frames = xs.shape[0], path.shape[1]
    g, m, v, on = np.zeros(P), np.zeros(P), np.zeros(P), np.zeros(w)
    everyone, some = np.arange(D), np.zeros(batch, np.int64)
    for run in range(R):
        m[:] = 0.0
        v[:] = 0.0
        frame = 0
        for s in range(steps + 1):
            while frame < frames and s >= frame * steps / max(frames - 1, 1):
                path[run, frame] = p[run]
                frame += 1
            if s == steps:
                break
            if method == SGD:
                for k in range(batch):
                    some[k] = np.int64((_random(state, run) >> np.uint64(11)) % np.uint64(D))
            _gradient(p[run], xs, t, curve, down, up, weight, some if method == SGD else everyone, w, bias, on, g)
            rate = step * (1.0 - s / steps) if decay else step
            if method == ADAM:
                first, second = 1.0 - 0.9 ** (s + 1), 1.0 - 0.999 ** (s + 1)
                for k in range(P):
                    m[k] = 0.9 * m[k] + 0.1 * g[k]
                    v[k] = 0.999 * v[k] + 0.001 * g[k] * g[k]
                    p[run, k] -= rate * (m[k] / first) / (np.sqrt(v[k] / second) + 1e-12)
            else:
                for k in range(P):
                    p[run, k] -= rate * g[k]
