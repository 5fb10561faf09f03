"""Compiled bounds of one node: features of its rays on the rows that count, the fit, and the net that comes with it."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from mathdl.exact_erm._cone_fit import boxed_lp, nnls
from mathdl.exact_erm._cones import height, side

SQUARED, POLYHEDRAL, SMOOTH = 0, 1, 2

# one row for each kink: its point, t, and the box [low, high] of its dual variable (squared: high is the weight)
Rows = namedtuple("Rows", "point t low high kind bias credit")
# numbers that change: counts and values by the names below; the incumbent as rays with coefficients (w, R, 2)
Marks = namedtuple("Marks", "counts values theta best_signs")
N_FREE, N_HEAP, SPLITS, FITS, JUDGED = 0, 1, 2, 3, 4
UPPER, FLOOR, SLACK, TOP_BIAS = 0, 1, 2, 3


@njit(cache=True)
def features(table, rows, labels, rays, n_rays, signs, chosen):
    """Columns of the rays of all gates (and +1, -1 for an output bias) on the chosen rows, all labelled."""
    w = len(n_rays)
    k = 0
    for i in range(w):
        k += n_rays[i]
    A = np.zeros((len(chosen), k + 2 * rows.bias))
    at = 0
    for i in range(w):
        for r in range(n_rays[i]):
            for q in range(len(chosen)):
                j = rows.point[chosen[q]]
                if labels[i, j] == 1:
                    A[q, at] = signs[i] * max(height(table, rays[i, r], j), 0.0)
            at += 1
    if rows.bias:
        for q in range(len(chosen)):
            A[q, at], A[q, at + 1] = 1.0, -1.0
    return A


@njit(cache=True)
def solve(rows, A, chosen, extra, low, high, t):
    """The fit of the chosen rows with features A; `extra` rows at the end carry boxes and kinks of their own."""
    m, k = A.shape
    if rows.kind == SQUARED:
        # a credited row counts on one side only: a column of its own takes up the residual of the other sign
        B, y = np.zeros((m, k + extra)), np.empty(m)
        for q in range(m):
            root = np.sqrt(high[q] if high[q] > 0 else -low[q])
            y[q] = root * t[q]
            for c in range(k):
                B[q, c] = root * A[q, c]
            if q >= m - extra:
                B[q, k + q - (m - extra)] = -1.0 if high[q] > 0 else 1.0
        c, value, lower = nnls(B, y)
        return c[:k], value, lower
    c, value, lower, _ = boxed_lp(A, t, low, high)
    return c, value, lower


@njit(cache=True)
def activations(table, rays, n_rays, c):
    """Pre-activations (w, P) of the functionals with coefficients c on the rays."""
    w, P = len(n_rays), table.heights.shape[1]
    pre = np.zeros((w, P))
    at = 0
    for i in range(w):
        for r in range(n_rays[i]):
            if c[at] != 0.0:
                for j in range(P):
                    pre[i, j] += c[at] * height(table, rays[i, r], j)
            at += 1
    return pre


@njit(cache=True)
def row_losses(rows, pre, signs, bias):
    """The true loss of every row, and the prediction at its point."""
    w = len(signs)
    losses, f = np.empty(len(rows.point)), np.empty(len(rows.point))
    for q in range(len(rows.point)):
        j = rows.point[q]
        s = bias
        for i in range(w):
            if pre[i, j] > 0:
                s += signs[i] * pre[i, j]
        f[q] = s
        e = rows.t[q] - s
        losses[q] = rows.high[q] * e * e if rows.kind == SQUARED else max(rows.low[q] * e, rows.high[q] * e)
    return losses, f


@njit(cache=True)
def remember(table, rays, n_rays, signs, c, bias, value, marks):
    """Make these functionals the incumbent: coefficients are kept on rays, so nothing is lost by rounding."""
    marks.values[UPPER], marks.values[TOP_BIAS] = value, bias
    marks.best_signs[:] = signs
    marks.theta[:] = -1.0
    at = 0
    for i in range(len(n_rays)):
        put = 0
        for r in range(n_rays[i]):
            if c[at] != 0.0:
                marks.theta[i, put, 0], marks.theta[i, put, 1] = rays[i, r], c[at]
                put += 1
            at += 1


@njit(cache=True)
def chosen_rows(rows, labels):
    """The rows whose points have labels for all gates."""
    found = np.empty(len(rows.point), dtype=np.int64)
    n = 0
    for q in range(len(rows.point)):
        if labels[0, rows.point[q]] >= 0:
            found[n] = q
            n += 1
    return found[:n]


@njit(cache=True)
def credit_rows(table, rows, labels, rays, n_rays, signs, c, pre, bias, limit, taken, taken_above):
    """One-sided rows for points without labels, where the largest or smallest possible output misses the label.

    On a cone σ(θ·x) is at most the sum of c_r σ(r·x), and at least 0 and θ·x; which of the two bounds from below is
    used is decided by the functional at hand. A row taken before is not taken again: its loss must count once. Returns
    rows, whether they bound the output from above, and their features.
    """
    w = len(n_rays)
    k = 0
    for i in range(w):
        k += n_rays[i]
    size = k + 2 * rows.bias
    index, above, F = np.empty(limit, dtype=np.int64), np.empty(limit, dtype=np.bool_), np.empty((limit, size))
    missed = np.zeros(limit)
    n = 0
    line = np.empty(size)
    for q in range(len(rows.point)):
        j = rows.point[q]
        if labels[0, j] >= 0:
            continue
        f = bias
        for i in range(w):
            f += signs[i] * max(pre[i, j], 0.0)
        # at f the bound from above is f plus the room that the chords leave; only a missed label gives credit
        for upper in range(2):
            weight = rows.high[q] if upper else -rows.low[q]
            again = weight <= 0
            for l in range(len(taken)):
                again |= taken[l] == q and taken_above[l] == (upper == 1)
            if again:
                continue
            at, s = 0, bias
            for i in range(w):
                chord = (signs[i] > 0) == (upper == 1)
                one = side(table, labels[i], rays[i], n_rays[i], j)
                pointed = True
                for b in range(len(table.base)):
                    if labels[i, table.base[b]] < 0 and table.heights[table.opposite[b], j] != 0.0:
                        pointed = False
                if chord and not pointed:
                    s = np.inf
                    break
                on = one == 1 or (one < 0 and pre[i, j] > 0 and pointed)
                for r in range(n_rays[i]):
                    v = height(table, rays[i, r], j)
                    if chord:
                        line[at] = signs[i] * max(v, 0.0)
                    else:
                        line[at] = signs[i] * v if on else 0.0
                    s += c[at] * line[at]
                    at += 1
            if s == np.inf:
                continue
            if rows.bias:
                line[at], line[at + 1] = 1.0, -1.0
            e = rows.t[q] - s if upper else s - rows.t[q]
            if e <= 1e-9 * (1 + abs(rows.t[q])):
                continue
            gain = weight * e * (e if rows.kind == SQUARED else 1.0)
            put = n
            if n == limit:
                put = 0
                for l in range(limit):
                    if missed[l] < missed[put]:
                        put = l
                if missed[put] >= gain:
                    continue
            else:
                n += 1
            index[put], above[put], missed[put] = q, upper == 1, gain
            F[put] = line
    return index[:n], above[:n], F[:n]


@njit(cache=True)
def stack_rows(rows, chosen, extra, above):
    """Kinks and boxes of the chosen rows followed by the one-sided extra rows."""
    m = len(chosen) + len(extra)
    t, low, high = np.empty(m), np.empty(m), np.empty(m)
    for q in range(m):
        r = chosen[q] if q < len(chosen) else extra[q - len(chosen)]
        t[q], low[q], high[q] = rows.t[r], rows.low[r], rows.high[r]
        if q >= len(chosen):
            if above[q - len(chosen)]:
                low[q] = 0.0
            else:
                high[q] = 0.0
    return t, low, high


@njit(cache=True)
def next_point(table, rows, labels, losses):
    """The unlabelled point with the largest loss, base points first; -1 when all have labels."""
    most, pick = -1.0, -1
    waiting = False
    for k in range(len(table.base)):
        waiting |= labels[0, table.base[k]] < 0
    for q in range(len(losses)):
        j = rows.point[q]
        if labels[0, j] >= 0:
            continue
        in_base = not waiting
        for k in range(len(table.base)):
            in_base |= table.base[k] == j
        if in_base and losses[q] > most:
            most, pick = losses[q], j
    return pick


@njit(cache=True)
def judge(table, rows, pool, marks, slot):
    """Bound the node, try its net as the incumbent, and choose the sample to split; True when it stays open."""
    labels, rays, n_rays, signs = pool.labels[slot], pool.rays[slot], pool.n_rays[slot], pool.signs[slot]
    chosen = chosen_rows(rows, labels)
    A = features(table, rows, labels, rays, n_rays, signs, chosen)
    k = A.shape[1]
    none, up = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)
    t, low, high = stack_rows(rows, chosen, none, up)
    c, _, lower = solve(rows, A, chosen, 0, low, high, t)
    marks.counts[FITS] += 1
    marks.counts[JUDGED] += 1
    pool.bound[slot] = max(pool.bound[slot], lower)
    losses = np.empty(0)
    extra, above, F = none, up, np.empty((0, k))
    for turn in range(rows.credit + 1):
        bias = c[k - 2] - c[k - 1] if rows.bias else 0.0
        pre = activations(table, rays, n_rays, c)
        losses, _ = row_losses(rows, pre, signs, bias)
        total = losses.sum()
        if total < marks.values[UPPER]:
            remember(table, rays, n_rays, signs, c, bias, total, marks)
        if turn == rows.credit or pool.bound[slot] >= marks.values[UPPER] - marks.values[SLACK]:
            break
        new, new_above, G = credit_rows(table, rows, labels, rays, n_rays, signs, c, pre, bias, 8, extra, above)
        if len(new) == 0:
            break
        extra, above = np.concatenate((extra, new)), np.concatenate((above, new_above))
        F = np.concatenate((F, G))
        t, low, high = stack_rows(rows, chosen, extra, above)
        c, _, lower = solve(rows, np.concatenate((A, F)), chosen, len(extra), low, high, t)
        marks.counts[FITS] += 1
        pool.bound[slot] = max(pool.bound[slot], lower)
    pool.sample[slot] = pick = next_point(table, rows, labels, losses)
    if pool.bound[slot] >= marks.values[UPPER] - marks.values[SLACK] or pick < 0:
        marks.values[FLOOR] = min(marks.values[FLOOR], pool.bound[slot])
        return False
    return True
