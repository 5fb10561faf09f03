"""Compiled: one tuple of cells by non-negative least squares over its rays, all sign vectors, with lower bounds."""

from __future__ import annotations

import numpy as np
from numba import njit

UNIT = 2.0 ** -53
ENTERS = 1e-14  # a column of length 1 enters when its product with the residual is above this
DEPENDENT = 1e-11  # squared distance from the span below which a column does not enter
ROOM = 100.0  # coefficients of an optimum are taken to be at most this times 1 + those found


@njit(cache=True, nogil=True, error_model="numpy")
def any_fragile(fragile, cells, tuple_, w):
    """Whether a cell of the tuple has a ray whose heights over the samples are mostly rounding."""
    count = 0
    for i in range(w):
        count += fragile[cells[tuple_[i]]]
    return count > 0


@njit(cache=True, nogil=True, error_model="numpy")
def ray_features(rows, normals, ray_signs, starts, rays, cells, tuple_, w, bias, ones, A, owner):
    """Unit columns of the tuple as rows of A (K, D), without signs, and the gate of each (w: the bias); returns K."""
    D, d = rows.shape
    K = 0
    for i in range(w):
        cell = cells[tuple_[i]]
        for t in range(starts[cell], starts[cell + 1]):
            ray, size = rays[t], 0.0
            for j in range(D):
                s = 0.0
                if ray_signs[ray, j] > 0:
                    for c in range(d):
                        s += normals[ray, c] * rows[j, c]
                    s = max(s, 0.0)
                A[K, j] = s
                size += s * s
            if size > 0.0:
                size = np.sqrt(size)
                for j in range(D):
                    A[K, j] /= size
                owner[K] = i
                K += 1
    if bias:
        for side in range(2):
            for j in range(D):
                A[K, j] = ones[j] if side == 0 else -ones[j]
            owner[K] = w
            K += 1
    return K


@njit(cache=True, nogil=True, error_model="numpy")
def _passive(G, h, on, order, L, x, n):
    """x = G_on^-1 h_on by Cholesky in `order`; the number of the first dependent column, or -1."""
    for r in range(n):
        for c in range(r + 1):
            s = G[order[r], order[c]]
            for k in range(c):
                s -= L[r, k] * L[c, k]
            if c < r:
                L[r, c] = s / L[c, c]
            elif s <= DEPENDENT:
                return r
            else:
                L[r, r] = np.sqrt(s)
    _back(L, h, order, x, n)
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def _back(L, h, order, x, n):
    for r in range(n):
        s = h[order[r]]
        for k in range(r):
            s -= L[r, k] * x[k]
        x[r] = s / L[r, r]
    for r in range(n - 1, -1, -1):
        s = x[r]
        for k in range(r + 1, n):
            s -= L[k, r] * x[k]
        x[r] = s / L[r, r]


@njit(cache=True, nogil=True, error_model="numpy")
def fit_tuple(A, owner, K, y, w, c, out):
    """Best value over the sign vectors, its number, and a lower bound for all of them, into `out` (3,).

    With r the residual, any optimum c* has value >= |r|² + 2 r·A c - 2 sum c*_k (a_k·r) : the products a_k·r are at
    most rounding, and each costs its coefficient.
    """
    D = len(y)
    G, g, signed, h = np.zeros((K, K)), np.zeros((K, K)), np.zeros(K), np.zeros(K)
    L, x, r, price = np.zeros((K, K)), np.zeros(K), np.zeros(D), np.zeros(K)
    on, banned, order = np.zeros(K, np.bool_), np.zeros(K, np.bool_), np.zeros(K, np.int64)
    for a in range(K):
        for b in range(a + 1):
            s = 0.0
            for j in range(D):
                s += A[a, j] * A[b, j]
            G[a, b] = G[b, a] = s
        s = 0.0
        for j in range(D):
            s += A[a, j] * y[j]
        h[a] = s
    energy = 0.0
    for j in range(D):
        energy += y[j] * y[j]
    out[0], out[1], out[2] = np.inf, 0.0, np.inf
    side = np.ones(K)
    for code in range(1 << w):
        for a in range(K):
            side[a] = 1.0 if owner[a] == w or (code >> owner[a]) & 1 else -1.0
        for a in range(K):
            signed[a] = side[a] * h[a]
            c[a], on[a], banned[a] = 0.0, False, False
            for b in range(K):
                g[a, b] = side[a] * side[b] * G[a, b]
        n = 0
        for _ in range(10 * K):
            best, enters = ENTERS, -1
            for a in range(K):
                if not on[a] and not banned[a]:
                    s = signed[a]
                    for b in range(n):
                        s -= g[a, order[b]] * c[order[b]]
                    if s > best:
                        best, enters = s, a
            if enters < 0:
                break
            on[enters], order[n] = True, enters
            n += 1
            while True:
                if _passive(g, signed, on, order, L, x, n) >= 0:  # only the last can be dependent
                    n -= 1
                    on[order[n]], banned[order[n]] = False, True
                    break
                step, leaves = 1.0, -1
                for b in range(n):
                    if x[b] <= 0.0:
                        old = c[order[b]]
                        t = old / (old - x[b]) if old - x[b] > 0.0 else 0.0
                        if t < step or leaves < 0:
                            step, leaves = t, b
                for b in range(n):
                    k = order[b]
                    c[k] = max(0.0, c[k] + step * (x[b] - c[k]))
                if leaves < 0:
                    for a in range(K):
                        banned[a] = False
                    break
                k = order[leaves]
                on[k], c[k], banned[k] = False, 0.0, k == enters
                for b in range(leaves, n - 1):
                    order[b] = order[b + 1]
                n -= 1
                if n == 0:
                    break
        for turn in range(2):  # the residual itself, and one step of refinement
            for j in range(D):
                s = y[j]
                for b in range(n):
                    s -= side[order[b]] * c[order[b]] * A[order[b], j]
                r[j] = s
            for a in range(K):
                s = 0.0
                for j in range(D):
                    s += A[a, j] * r[j]
                price[a] = side[a] * s
            if turn == 0 and n and _passive(g, price, on, order, L, x, n) < 0:
                fine = True
                for b in range(n):
                    fine = fine and c[order[b]] + x[b] >= 0.0
                if fine:
                    for b in range(n):
                        c[order[b]] += x[b]
        value, steep, total, slack = 0.0, 0.0, 0.0, 0.0
        for j in range(D):
            value += r[j] * r[j]
        for a in range(K):
            steep = max(steep, price[a])
            total += c[a]
            slack += c[a] * price[a]
        rounding = 2 * (D + 8) * UNIT
        lower = value * (1 - rounding) - 2 * abs(slack) - 2 * (steep + rounding) * ROOM * (1.0 + total)
        if value < out[0]:
            out[0], out[1] = value, code
        out[2] = min(out[2], max(0.0, lower))
