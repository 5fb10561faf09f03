"""Compiled: stochastic gradient descent of many single gates on one sample, each in its own order.

Rows are padded with zeros to a multiple of LANES numbers, so that loops over inputs fill whole registers. Gates switch
by multiplication: half of all steps go either way, and a mispredicted branch costs more than the rest of the step.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LANES = 8
TOGETHER = 16  # runs whose steps alternate: the processor works on one while it waits for another
REORDER = {"reassoc", "contract", "nsz"}  # sums in any order and fused products; infinities and NaN stay as they are


@njit(cache=True, nogil=True, error_model="numpy")
def draw_order(seeds, first, samples, order):
    """order (R, K): numbers first, ..., first + K - 1 of each run's sequence of samples, splitmix64 of its seed."""
    R, K = order.shape
    for r in range(R):
        for k in range(K):
            z = seeds[r] + np.uint64(first + k + 1) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            order[r, k] = np.int32(((z >> np.uint64(32)) * np.uint64(samples)) >> np.uint64(32))


@njit(cache=True, nogil=True, error_model="numpy", fastmath=REORDER)
def one_by_one(x, y, w, rate, order, by_label):
    """w (R, N) after order.shape[1] updates of one sample each, in place."""
    R, N = w.shape
    for start in range(0, R, TOGETHER):
        stop = min(R, start + TOGETHER)
        for t in range(order.shape[1]):
            for r in range(start, stop):
                i = order[r, t]
                u = x.dtype.type(0)
                for c in range(N):
                    u += x[i, c] * w[r, c]
                on = y[i] > 0 if by_label else u >= 0
                k = rate[r] * (y[i] - u) * x.dtype.type(on)
                for c in range(N):
                    w[r, c] += k * x[i, c]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=REORDER)
def in_batches(x, y, w, rate, order, batch, by_label):
    """w (R, N) after order.shape[1] // batch updates in place; four samples at a time, so that sums do not wait."""
    R, N = w.shape
    zero = x.dtype.type(0)
    g = np.empty(N, x.dtype)
    for r in range(R):
        for t in range(0, order.shape[1], batch):
            for c in range(N):
                g[c] = zero
            for j in range(t, t + batch - batch % 4, 4):
                i0, i1, i2, i3 = order[r, j], order[r, j + 1], order[r, j + 2], order[r, j + 3]
                u0, u1, u2, u3 = zero, zero, zero, zero
                for c in range(N):
                    u0 += x[i0, c] * w[r, c]
                    u1 += x[i1, c] * w[r, c]
                    u2 += x[i2, c] * w[r, c]
                    u3 += x[i3, c] * w[r, c]
                k0 = (y[i0] - u0) * x.dtype.type(y[i0] > 0 if by_label else u0 >= 0)
                k1 = (y[i1] - u1) * x.dtype.type(y[i1] > 0 if by_label else u1 >= 0)
                k2 = (y[i2] - u2) * x.dtype.type(y[i2] > 0 if by_label else u2 >= 0)
                k3 = (y[i3] - u3) * x.dtype.type(y[i3] > 0 if by_label else u3 >= 0)
                for c in range(N):
                    g[c] += k0 * x[i0, c] + k1 * x[i1, c] + (k2 * x[i2, c] + k3 * x[i3, c])
            for j in range(t + batch - batch % 4, t + batch):
                i = order[r, j]
                u = zero
                for c in range(N):
                    u += x[i, c] * w[r, c]
                k = (y[i] - u) * x.dtype.type(y[i] > 0 if by_label else u >= 0)
                for c in range(N):
                    g[c] += k * x[i, c]
            for c in range(N):
                w[r, c] += rate[r] * g[c]
