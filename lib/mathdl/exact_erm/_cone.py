"""Compiled: least squares over one product of cones, by lower bounds that rise to the optimum."""

from __future__ import annotations

import numpy as np
from numba import njit

from mathdl.exact_erm._gate_basis import EXTRA, _differ

FLAT = 1e-9  # pre-activations above -FLAT times the largest count as feasible; values that use it are verified


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _cross(Q, a, b, out):
    """sum q q' over the samples where both patterns are on, into the square array `out`."""
    D, d = Q.shape
    out[:] = 0.0
    for j in range(D):
        if a[j] and b[j]:
            for r in range(d):
                for c in range(r + 1):
                    out[r, c] += Q[j, r] * Q[j, c]
    for r in range(d):
        for c in range(r):
            out[c, r] = out[r, c]


@njit(cache=True, nogil=True, error_model="numpy")
def _factor(A, z, M, W):
    """In place A = L L' and z = L^-1 z; W = L^-1. Returns |L^-1|_F^2, or -1 when a pivot is not positive."""
    for r in range(M):
        for c in range(r + 1):
            s = A[r, c]
            for k in range(c):
                s -= A[r, k] * A[c, k]
            if c < r:
                A[r, c] = s / A[c, c]
            elif s <= 1e-14:
                return -1.0
            else:
                A[r, r] = np.sqrt(s)
    total = 0.0
    for r in range(M):
        s = z[r]
        for k in range(r):
            s -= A[r, k] * z[k]
        z[r] = s / A[r, r]
        for c in range(r + 1):
            s = 1.0 if c == r else 0.0
            for k in range(c, r):
                s -= A[r, k] * W[k, c]
            W[r, c] = s / A[r, r]
            total += W[r, c] * W[r, c]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def prepare(Q, patterns, G, beta, gamma, y_ones, tuple_, w, bias, A, z, W, block):
    """Factor of the tuple's Gram matrix; returns the number of unknowns and |L^-1|_F^2 (-1: singular).

    Unknowns are gate by gate, the bias last; without the bias where it is in the span of a complementary pair. Then
    least squares on the span is still right, but not a problem with cones: a bias is free to take either sign.
    """
    D, d = Q.shape
    M = w * d
    for i in range(w):
        t = 0
        for r in range(d):
            for c in range(r + 1):
                A[i * d + r, i * d + c] = G[tuple_[i], t]
                t += 1
            z[i * d + r] = beta[tuple_[i], r]
        for k in range(i):
            _cross(Q, patterns[tuple_[i]], patterns[tuple_[k]], block)
            A[i * d:(i + 1) * d, k * d:(k + 1) * d] = block
    if bias:
        needed = True
        for i in range(w):
            for k in range(i):
                needed = needed and _differ(patterns[tuple_[i]], patterns[tuple_[k]]) < D
        if needed:
            for i in range(w):
                for r in range(d):
                    A[M, i * d + r] = gamma[tuple_[i], r]
            A[M, M] = 1.0
            z[M] = y_ones
            M += 1
    return M, _factor(A, z, M, W)


@njit(cache=True, nogil=True, error_model="numpy")
def _dot(a, b, n):
    s = 0.0
    for k in range(n):
        s += a[k] * b[k]
    return s


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _weights(W, p, M, phi):
    """phi = W' p, the weights that belong to the point p; returns |phi|^2."""
    total = 0.0
    for r in range(M):
        s = 0.0
        for k in range(r, M):
            s += W[k, r] * p[k]
        phi[r] = s
        total += s * s
    return total


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _scan(unit, row, phi, start, most, place):
    """Least and largest of ±(q_j . phi), the sign that of the pattern: into `most` (2,), samples into `place` (2,)."""
    D, d = unit.shape
    most[0], most[1], place[0], place[1] = np.inf, -np.inf, -1, -1
    for j in range(D):
        s = 0.0
        for r in range(d):
            s += unit[j, r] * phi[start + r]
        if not row[j]:
            s = -s
        if s < most[0]:
            most[0], place[0] = s, j
        if s > most[1]:
            most[1], place[1] = s, j


@njit(cache=True, nogil=True, error_model="numpy")
def worst_constraint(unit, patterns, tuple_, w, phi, extremes, places):
    """Fill `extremes` and `places` (w, 2) by `_scan`; returns the largest pre-activation of a unit row."""
    d = unit.shape[1]
    size = 0.0
    for i in range(w):
        _scan(unit, patterns[tuple_[i]], phi, i * d, extremes[i], places[i])
        size = max(size, extremes[i, 1], -extremes[i, 0])
    return size


@njit(cache=True, nogil=True, error_model="numpy")
def _choose(extremes, places, signs, w, out):
    """The most violated constraint for these signs: gate and sample into `out`; returns its value."""
    worst = 0.0
    out[0] = -1
    for i in range(w):
        value = extremes[i, 0] if signs[i] > 0 else -extremes[i, 1]
        if value < worst:
            worst, out[0], out[1] = value, i, places[i, 0] if signs[i] > 0 else places[i, 1]
    return worst


@njit(cache=True, nogil=True, error_model="numpy")
def project(unit, patterns, tuple_, w, M, W, z, e, size, cut, first, first_places, work):
    """Lower bounds on the tuple with signs `work.signs`, rising until `cut` or the optimum: (bound, value, done, k).

    min over the product of cones = 1 - |projection of z|^2, and |projection| = min over l >= 0 of |z + U l| with one
    column L^-1 a for each constraint a'φ >= 0, so every l >= 0 gives a lower bound. Constraints enter one by one, the
    most violated first; `first` are those at z, of size `size`. `bound` has rounding taken off, `value` not. The k
    constraints in use stand in `active` (., 2) as gate and sample.
    """
    _, _, U, _, _, active, weight, signs, K, L, h, x, g, p, phi, extremes, places, out = work
    d = unit.shape[1]
    most = len(weight)
    n = 0
    for r in range(M):
        p[r] = z[r]
    total = _dot(p, p, M)
    value = 1.0 - total
    bound = value - 4 * e * (1.0 + _weights(W, p, M, phi))
    worst = _choose(first, first_places, signs, w, out)
    for _ in range(80):
        if bound >= cut:
            return bound, value, False, n
        if worst >= -FLAT * size:
            return bound, value, True, n
        gate, sample = out[0], out[1]
        for a in range(n):
            if active[a, 0] == gate and active[a, 1] == sample:
                return bound, value, False, n
        if n == most:
            return bound, value, False, n
        side = signs[gate] if patterns[tuple_[gate], sample] else -signs[gate]
        for k in range(M):
            s = 0.0
            for r in range(d):
                if gate * d + r <= k:
                    s += W[k, gate * d + r] * unit[sample, r]
            U[n, k] = side * s
        active[n, 0], active[n, 1], weight[n] = gate, sample, 0.0
        h[n] = _dot(U[n], z, M)
        for a in range(n + 1):
            K[n, a] = _dot(U[n], U[a], M)
            K[a, n] = K[n, a]
        n += 1
        while n > 0:  # least squares on the support, dropping what turns negative
            if not _solve(K, L, h, x, g, n):
                return bound, value, False, n
            step, leaves = 1.0, -1
            for a in range(n):
                if x[a] <= 0.0:
                    t = weight[a] / (weight[a] - x[a]) if weight[a] - x[a] > 0.0 else 0.0
                    if t < step or leaves < 0:
                        step, leaves = t, a
            for a in range(n):
                weight[a] = max(0.0, weight[a] + step * (x[a] - weight[a]))
            if leaves < 0:
                break
            n -= 1
            for a in range(leaves, n):
                active[a, 0], active[a, 1] = active[a + 1, 0], active[a + 1, 1]
                weight[a], h[a] = weight[a + 1], h[a + 1]
                for k in range(M):
                    U[a, k] = U[a + 1, k]
            for a in range(n):
                for c in range(n):
                    K[a, c] = _dot(U[a], U[c], M)
        for r in range(M):
            p[r] = z[r]
        pull = 0.0
        for a in range(n):
            pull += weight[a]
            for k in range(M):
                p[k] += weight[a] * U[a, k]
        value = 1.0 - _dot(p, p, M)
        weights = _weights(W, p, M, phi)
        bound = max(bound, value - 4 * e * (1.0 + weights) - 2 * e * pull * np.sqrt(weights))
        size = worst_constraint(unit, patterns, tuple_, w, phi, extremes, places)
        worst = _choose(extremes, places, signs, w, out)
    return bound, value, False, n


@njit(cache=True, nogil=True, error_model="numpy")
def _solve(K, L, h, x, g, n):
    """x = -K^-1 h for the leading n rows, by Cholesky; False when K is singular to working precision."""
    for r in range(n):
        for c in range(r + 1):
            s = K[r, c]
            for k in range(c):
                s -= L[r, k] * L[c, k]
            if c < r:
                L[r, c] = s / L[c, c]
            elif s <= 1e-13 * K[r, r]:
                return False
            else:
                L[r, r] = np.sqrt(s)
    for r in range(n):
        s = -h[r]
        for k in range(r):
            s -= L[r, k] * g[k]
        g[r] = s / L[r, r]
    for r in range(n - 1, -1, -1):
        s = g[r]
        for k in range(r + 1, n):
            s -= L[k, r] * x[k]
        x[r] = s / L[r, r]
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def merged_bound(Q, y, ones, patterns, tuple_, w, bias, e, A, z, W):
    """Delete the samples on which the two most similar gates differ, and one of the gates: a lower bound, or 0.

    A gate with few samples on counts as similar to a gate with none: its samples are deleted.
    """
    D, d = Q.shape
    first, second, fewest = -2, -1, EXTRA * d + 1
    for i in range(w):
        count = 0
        for j in range(D):
            count += patterns[tuple_[i], j]
        if count < fewest:
            first, second, fewest = -1, i, count
        for k in range(i):
            count = _differ(patterns[tuple_[i]], patterns[tuple_[k]])
            if count < fewest:
                first, second, fewest = k, i, count
    if first == -2:
        return 0.0
    M, total = 0, 0.0
    kept = np.zeros(w + 1, np.int64)
    for i in range(w):
        if i != second:
            kept[M] = i
            M += 1
    gates = M
    M = gates * d + bias
    A[:M, :M] = 0.0
    z[:M] = 0.0
    f = np.zeros(M)
    for j in range(D):
        if patterns[tuple_[second], j] != (patterns[tuple_[first], j] if first >= 0 else 0):
            continue
        total += y[j] * y[j]
        for i in range(gates):
            on = patterns[tuple_[kept[i]], j]
            for r in range(d):
                f[i * d + r] = Q[j, r] if on else 0.0
        if bias:
            f[M - 1] = ones[j]
        for r in range(M):
            if f[r] != 0.0:
                z[r] += f[r] * y[j]
                for c in range(r + 1):
                    A[r, c] += f[r] * f[c]
    size = _factor(A, z, M, W)
    if size < 0.0 or 4 * e * size > 0.5:
        return 0.0
    for r in range(M):
        total -= z[r] * z[r]
    return total - 4 * e * size - e


@njit(cache=True, nogil=True, error_model="numpy")
def _set_signs(signs, code):
    for i in range(len(signs)):
        signs[i] = 1.0 if (code >> i) & 1 else -1.0


@njit(cache=True, nogil=True, error_model="numpy")
def workspace(w, d):
    """Arrays for `examine`: A, W, U, z, block, active, weight, signs, K, L, h, x, g, p, phi, extremes, places, out."""
    M = w * d + 1
    most = 2 * M
    return (np.zeros((M, M)), np.zeros((M, M)), np.zeros((most, M)), np.zeros(M), np.zeros((d, d)),
            np.zeros((most, 2), np.int64), np.zeros(most), np.zeros(w), np.zeros((most, most)), np.zeros((most, most)),
            np.zeros(most), np.zeros(most), np.zeros(most), np.zeros(M), np.zeros(M), np.zeros((w, 2)),
            np.zeros((w, 2), np.int64), np.zeros(2, np.int64))
