"""Compiled descents from pattern to pattern, for a good net before the first split."""

from __future__ import annotations

import numpy as np
from numba import njit

from mathdl.exact_erm._bounds import FITS, UPPER, activations, features, remember, row_losses, solve, stack_rows
from mathdl.exact_erm._cones import cone_of, pattern_of


@njit(cache=True)
def descend(table, rows, marks, labels, signs, most):
    """From a full pattern (w, P) to a pattern none of whose neighbours across a tight sample is better."""
    w, P = labels.shape
    R = marks.theta.shape[1]
    rays, n_rays = np.empty((w, R), dtype=np.int32), np.empty(w, dtype=np.int64)
    for i in range(w):
        n_rays[i] = cone_of(table, labels[i], rays[i])
        if n_rays[i] <= 0:
            return np.inf
    everyone = np.arange(len(rows.point))
    none, up = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)
    t, low, high = stack_rows(rows, everyone, none, up)
    best = np.inf
    spare, old = np.empty(R, dtype=np.int32), np.empty(R, dtype=np.int32)
    pre = np.zeros((w, P))
    fits, gate, j = 0, -1, 0
    while fits < most:
        n_old = 0
        if gate >= 0:  # try the neighbour across the next tight sample
            found = False
            while gate < w:
                top = 0.0
                for l in range(P):
                    top = max(top, abs(pre[gate, l]))
                while j < P and abs(pre[gate, j]) > 1e-9 * top:
                    j += 1
                if j < P:
                    found = True
                    break
                gate, j = gate + 1, 0
            if not found:
                break
            labels[gate, j] = 1 - labels[gate, j]
            n_new = cone_of(table, labels[gate], spare)
            if n_new <= 0:
                labels[gate, j] = 1 - labels[gate, j]
                j += 1
                continue
            n_old = n_rays[gate]
            old[:n_old] = rays[gate, :n_old]
            rays[gate, :n_new] = spare[:n_new]
            n_rays[gate] = n_new
        A = features(table, rows, labels, rays, n_rays, signs, everyone)
        c, value, _ = solve(rows, A, everyone, 0, low, high, t)
        marks.counts[FITS] += 1
        fits += 1
        if value < best - 1e-12 * abs(best) or (gate < 0 and value <= best):
            best = value
            pre = activations(table, rays, n_rays, c)
            k = A.shape[1]
            bias = c[k - 2] - c[k - 1] if rows.bias else 0.0
            losses, _ = row_losses(rows, pre, signs, bias)
            total = losses.sum()
            if total < marks.values[UPPER]:
                remember(table, rays, n_rays, signs, c, bias, total, marks)
            gate, j = 0, 0
        elif gate >= 0:
            labels[gate, j] = 1 - labels[gate, j]
            n_rays[gate] = n_old
            rays[gate, :n_old] = old[:n_old]
            j += 1
        else:
            break
    return best


@njit(cache=True)
def starts(table, rows, marks, signs, rays, coins, most):
    """Descents from hyperplanes through samples, one row of `rays` (N, w) and `coins` (N, w, P) each."""
    w = rays.shape[1]
    labels = np.empty((w, coins.shape[2]), dtype=np.int8)
    for s in range(len(rays)):
        for i in range(w):
            pattern_of(table, rays[s, i], labels[i], coins[s, i])
        descend(table, rows, marks, labels, signs[s], most)
