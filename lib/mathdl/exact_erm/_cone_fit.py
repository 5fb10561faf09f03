"""Compiled solvers for one cone: least squares and boxed linear programs with few non-negative columns."""

from __future__ import annotations

import numpy as np
from numba import njit

EPS = 2.0 ** -52
DEPENDENT = 1e-10  # sine of the angle to the span of the passive columns below which a column counts as in it
TRUST, MORE = 1e4, 10.0  # bounds hold for coefficients that sum to TRUST times the labels and MORE times the fitted


@njit(cache=True)
def _orthogonal(Q, R, p, a):
    """Append column a to the thin factorisation Q R (p columns so far); False when a lies in their span."""
    m = len(a)
    for i in range(p + 1):
        R[i, p] = 0.0
    for r in range(m):
        Q[r, p] = a[r]
    for _ in range(2):  # twice is enough: Kahan and Parlett
        for i in range(p):
            s = 0.0
            for r in range(m):
                s += Q[r, i] * Q[r, p]
            R[i, p] += s
            for r in range(m):
                Q[r, p] -= s * Q[r, i]
    s = 0.0
    for r in range(m):
        s += Q[r, p] * Q[r, p]
    s = np.sqrt(s)
    if s < DEPENDENT:
        return False
    R[p, p] = s
    for r in range(m):
        Q[r, p] /= s
    return True


@njit(cache=True)
def _solve(Q, R, p, y, z):
    """The coefficients z of the least squares fit of y by the p columns Q R."""
    for i in range(p - 1, -1, -1):
        s = 0.0
        for r in range(len(y)):
            s += Q[r, i] * y[r]
        for l in range(i + 1, p):
            s -= R[i, l] * z[l]
        z[i] = s / R[i, i]


@njit(cache=True)
def nnls(A, y):
    """min over c >= 0 of |A c - y|²: (c, value, lower). Lawson and Hanson's method with a QR of the passive columns.

    `lower` is 2 u.y - |u|² for the residual u, less an allowance for a_k.u being positive by rounding; see cone_fit.
    """
    m, k = A.shape
    c, norms, unit = np.zeros(k), np.empty(k), np.empty((k, m))
    blocked, passive = np.zeros(k, dtype=np.bool_), np.zeros(k, dtype=np.bool_)
    size = 0.0
    for r in range(m):
        size += y[r] * y[r]
    size = np.sqrt(size)
    for j in range(k):
        s = 0.0
        for r in range(m):
            s += A[r, j] * A[r, j]
        norms[j] = np.sqrt(s)
        blocked[j] = s == 0.0
        for r in range(m):
            unit[j, r] = A[r, j] / norms[j] if s > 0 else 0.0
    most = min(m, k) + 1
    Q, R, z, order = np.empty((m, most)), np.empty((most, most)), np.empty(most), np.empty(most, dtype=np.int64)
    u = y.copy()
    p, total = 0, 0.0
    for _ in range(20 * k + 20):
        best, entering = 32 * EPS * size, -1
        for j in range(k):
            if not passive[j] and not blocked[j]:
                s = 0.0
                for r in range(m):
                    s += unit[j, r] * u[r]
                if s > best:
                    best, entering = s, j
        if entering < 0:
            break
        if p >= most - 1 or not _orthogonal(Q, R, p, unit[entering]):
            blocked[entering] = True
            continue
        order[p] = entering
        p += 1
        _solve(Q, R, p, y, z)
        if z[p - 1] <= 0:  # by rounding only: the gradient was positive
            p -= 1
            blocked[entering] = True
            continue
        passive[entering] = True
        while True:
            step, out = 1.0, -1
            for i in range(p):
                if z[i] <= 0:
                    at = c[order[i]] / (c[order[i]] - z[i])
                    if at < step or out < 0:
                        step, out = at, i
            if out < 0:
                break
            kept = 0
            for i in range(p):
                j = order[i]
                c[j] += step * (z[i] - c[j])
                if i == out or c[j] <= 0:
                    c[j], passive[j] = 0.0, False
                else:
                    order[kept] = j
                    kept += 1
            p = 0
            for i in range(kept):
                j = order[i]
                if _orthogonal(Q, R, p, unit[j]):
                    order[p] = j
                    p += 1
                else:
                    c[j], passive[j] = 0.0, False
            _solve(Q, R, p, y, z)
        total = 0.0
        for i in range(p):
            c[order[i]] = z[i]
            total += z[i]
        for j in range(k):
            blocked[j] = norms[j] == 0.0
        u[:] = y
        for _ in range(2):  # by projection: its rounding does not grow with the coefficients, as that of A c does
            for i in range(p):
                s = 0.0
                for r in range(m):
                    s += Q[r, i] * u[r]
                for r in range(m):
                    u[r] -= s * Q[r, i]
    square, gain, value, worst = 0.0, 0.0, 0.0, 0.0
    for r in range(m):
        square += u[r] * u[r]
        gain += u[r] * y[r]
        s = y[r]
        for j in range(k):
            s -= unit[j, r] * c[j]
        value += s * s
    for j in range(k):
        s = 0.0
        for r in range(m):
            s += unit[j, r] * u[r]
        worst = max(worst, s)
        if norms[j] > 0:
            c[j] /= norms[j]
    lower = 2 * gain - square - 2 * worst * (TRUST * size + MORE * total) - 8 * EPS * (m + 4) * size * size
    return c, value, lower


@njit(cache=True)
def boxed_lp(A, t, low, high):
    """min over c >= 0 of sum_r max over u in [low_r, high_r] of u (t_r - (A c)_r): (c, value, lower, u).

    The bounded dual simplex method with long steps on the dual, max t.u subject to A^T u <= 0 and the box (Barrodale
    and Roberts 1973 is this for absolute values). Every iterate is a c >= 0; at the end u is feasible and proves it
    optimal. Whatever u is at the end, `lower` is t.u less an allowance for the columns with a_k.u > 0; see cone_fit.
    """
    m, k = A.shape
    scale = np.ones(k)
    T = np.empty((k, m))  # basic_i = beta_i - sum_r T[i, r] (nonbasic_r)
    for i in range(k):
        s = 0.0
        for r in range(m):
            s = max(s, abs(A[r, i]))
        if s > 0:
            scale[i] = s
        for r in range(m):
            T[i, r] = A[r, i] / scale[i]
    # variables 0..m-1 are u, m..m+k-1 the slacks s = -A^T u >= 0
    nonbasic, basic = np.arange(m), np.arange(m, m + k)
    x, d, beta = np.empty(m), t.copy(), np.zeros(k)
    width = 0.0
    for r in range(m):
        x[r] = high[r] if t[r] > 0 else low[r]
        width = max(width, abs(low[r]), abs(high[r]))
        for i in range(k):
            beta[i] -= T[i, r] * x[r]
    tiny, limit = 1e-14 * (width + 1e-300), 20 * (m + k) + 100
    ratio, flips = np.empty(m), np.empty(m, dtype=np.int64)
    for turn in range(limit):
        careful = turn > 4 * (m + k)  # Bland's rule ends cycles
        leave, worst, up = -1, tiny, True
        for i in range(k):
            b = basic[i]
            lo = low[b] if b < m else 0.0
            hi = high[b] if b < m else np.inf
            gap = lo - beta[i] if beta[i] < lo else beta[i] - hi
            if careful:
                if gap > tiny and (leave < 0 or b < basic[leave]):
                    leave, worst, up = i, gap, beta[i] < lo
            elif gap > worst:
                leave, worst, up = i, gap, beta[i] < lo
        if leave < 0:
            break
        for r in range(m):
            ratio[r] = np.inf
            a = -T[leave, r] if up else T[leave, r]
            v = nonbasic[r]
            fixed = v < m and low[v] == high[v]
            at_high = v < m and x[r] == high[v]
            if abs(a) > 1e-9 and not fixed and (a < 0) == at_high:
                ratio[r] = abs(d[r]) / abs(a)
        left, n_flips, enter = worst, 0, -1
        while True:
            at, enter = np.inf, -1
            for r in range(m):
                if ratio[r] < at or (ratio[r] == at and enter >= 0 and at < np.inf
                                     and (nonbasic[r] < nonbasic[enter] if careful
                                          else abs(T[leave, r]) > abs(T[leave, enter]))):
                    at, enter = ratio[r], r
            if enter < 0:
                break
            v = nonbasic[enter]
            if careful or v >= m:
                break
            gain = abs(T[leave, enter]) * (high[v] - low[v])
            if left - gain <= tiny:
                break
            left -= gain
            ratio[enter] = np.inf
            flips[n_flips] = enter
            n_flips += 1
        if enter < 0:
            break
        for f in range(n_flips):
            r = flips[f]
            v = nonbasic[r]
            new = low[v] if x[r] == high[v] else high[v]
            for i in range(k):
                beta[i] -= T[i, r] * (new - x[r])
            x[r] = new
        b = basic[leave]
        goal = 0.0
        if b < m:
            goal = low[b] if up else high[b]
        pivot = T[leave, enter]
        move = (beta[leave] - goal) / pivot  # of the entering variable
        ahead = d[enter] / pivot
        for i in range(k):
            if i != leave:
                beta[i] -= T[i, enter] * move
        beta[leave] = x[enter] + move
        for r in range(m):
            if r != enter:
                d[r] -= ahead * T[leave, r]
        d[enter] = -ahead
        for r in range(m):
            if r != enter:
                T[leave, r] /= pivot
        for i in range(k):
            a = T[i, enter]
            if i != leave and a != 0.0:
                for r in range(m):
                    if r != enter:
                        T[i, r] -= a * T[leave, r]
                T[i, enter] = -a / pivot
        T[leave, enter] = 1.0 / pivot
        basic[leave], nonbasic[enter] = nonbasic[enter], b
        x[enter] = goal
    c, u = np.zeros(k), np.zeros(m)
    for r in range(m):
        if nonbasic[r] < m:
            u[nonbasic[r]] = x[r]
        else:
            c[nonbasic[r] - m] = max(0.0, -d[r]) / scale[nonbasic[r] - m]
    for i in range(k):
        if basic[i] < m:
            u[basic[i]] = beta[i]
    for _ in range(2):  # what rounding has left of the slacks that should be 0 is taken out through the tableau
        off = np.zeros(k)
        for r in range(m):
            if nonbasic[r] >= m:
                s = 0.0
                for q in range(m):
                    s -= A[q, nonbasic[r] - m] * u[q]
                for i in range(k):
                    off[i] += T[i, r] * s / scale[nonbasic[r] - m]
        for i in range(k):
            if basic[i] < m:
                u[basic[i]] += off[i]
    for r in range(m):
        u[r] = min(max(u[r], low[r]), high[r])
    value, lower, size, total = 0.0, 0.0, 0.0, 0.0
    for r in range(m):
        f = t[r]
        for i in range(k):
            f -= A[r, i] * c[i]
        value += max(low[r] * f, high[r] * f)
        lower += u[r] * t[r]
        size += abs(t[r]) * max(abs(low[r]), abs(high[r])) / (width + 1e-300)
    worst = 0.0
    for i in range(k):
        s = 0.0
        for r in range(m):
            s += A[r, i] * u[r]
        worst = max(worst, s / scale[i])
        total += c[i] * scale[i]
    lower -= worst * (TRUST * size + MORE * total) + 8 * EPS * (m + 4) * size * width
    return c, value, lower, u
