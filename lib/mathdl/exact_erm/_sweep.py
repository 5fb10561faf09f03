"""Compiled loops: a least-squares bound on every tuple of cells, and cone-constrained bounds on the few that pass it.

Everything here is in whitened coordinates: the rows q_j of Q (D, d) are sqrt(v_j) (x_j, 1) times one matrix that makes
sum q_j q_j' = 1, and the labels sqrt(v_j) y_j have norm 1. So every Gram matrix is between 0 and 1, the value of f = 0
is 1, and rounding errors are plain numbers. Cells come in breadth-first order of a tree of single flips.

Why a bound is never wrong. Let S, b be the computed Schur complement and right-hand side of the last gate, off by at
most e each. With t = trace(S) the least eigenvalue is at least l = det(S) ((d - 1) / t)^(d - 1), and if 2 e <= l / 2,
then b' S^-1 b is off by at most 4 e / l + e: replace S by S - 2 e in max_z 2 b'z - z'Sz, and use b' S^-1 b <= 1. The
test of a tuple subtracts this. It fails by itself where a pivot is small; such tuples are looked at again.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mathdl.exact_erm._cone import (
    _dot,
    _set_signs,
    _weights,
    merged_bound,
    prepare,
    project,
    workspace,
    worst_constraint,
)
from mathdl.exact_erm._gate_basis import EXTRA, add_gate
from mathdl.exact_erm._nnls import any_fragile, fit_tuple, ray_features

BLOCK = 64  # cells bounded at once
NEAR = 1e-12  # only bounds this close to the best value end the work on a tuple: ties with it are worked out


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _states(state, buffer, lo, hi, width, parent, flip, step, table):
    """Cross Gram matrix and right-hand side of cells lo..hi - 1 from those of their parents; transposed into `buffer`.

    `step` is +1 where the flipped sample is on, else -1.
    """
    for k in range(lo, hi):
        at, up, sign, row = k * width, parent[k] * width, step[k], table[flip[k]]
        for c in range(width):
            s = state[up + c] + sign * row[c]
            state[at + c] = s
            buffer[c, k - lo] = s


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _bounds(buffer, grams, lo, m, d, slack, e, S, margin):
    """How far each tuple of a block passes the test (margin >= 0), all cells of the block at once; see the top."""
    B = buffer.shape[1]
    t = 0
    inverse, trace, det, least, quad = S[t - 5], S[t - 4], S[t - 3], S[t - 2], S[t - 1]
    trace[:], det[:], least[:], quad[:] = 0.0, 1.0, np.inf, 0.0
    for r in range(d):
        for c in range(r + 1):
            s, g = S[t], grams[t]
            for k in range(B):
                s[k] = g[lo + k]
            for i in range(m):
                u, v = buffer[i * d + r], buffer[i * d + c]
                for k in range(B):
                    s[k] -= u[k] * v[k]
            t += 1
        for k in range(B):
            trace[k] += s[k]
    for r in range(d):
        pivot, b = S[r * (r + 3) // 2], buffer[m * d + r]
        for k in range(B):
            det[k] *= pivot[k]
            least[k] = min(least[k], pivot[k])
            inverse[k] = 1.0 / pivot[k]
            quad[k] += b[k] * b[k] * inverse[k]
        for i in range(d - 1, r, -1):  # downwards: the rows above i are not yet divided by the pivot
            f, last, other = S[i * (i + 1) // 2 + r], S[i * (i + 3) // 2], buffer[m * d + i]
            for k in range(B):
                f[k] *= inverse[k]
                last[k] -= f[k] * f[k] * pivot[k]
                other[k] -= f[k] * b[k]
            for c in range(r + 1, i):
                s, g = S[i * (i + 1) // 2 + c], S[c * (c + 1) // 2 + r]
                for k in range(B):
                    s[k] -= f[k] * g[k]
    for k in range(B):
        low, ratio = det[k], (d - 1) / trace[k]
        for _ in range(d - 1):
            low *= ratio
        if least[k] > 0.0 and low > 4 * e:
            margin[k] = slack - quad[k] - 4 * e / low - e
        else:
            margin[k] = -1.0


@njit(cache=True, nogil=True, error_model="numpy")
def examine(Q, unit, y, ones, y_ones, patterns, G, beta, gamma, tuple_, w, bias, best, tol, e, work, first, places,
            found, rays):
    """All sign vectors of one tuple: 0 no net here is better than best - tol; 1 one seems better; 2 rounding decides.

    `found` receives the value and the number of the sign vector for 1, a lower bound for 2.
    """
    A, W, _, z, block, _, _, signs, _, _, _, _, _, _, phi, _, _, _ = work
    M, inverse = prepare(Q, patterns, G, beta, gamma, y_ones, tuple_, w, bias, A, z, W, block)
    found[0] = 0.0
    if inverse > 0.0 and 4 * e * inverse < 1.0:
        weights = _weights(W, z, M, phi)
        if 1.0 - _dot(z, z, M) - 4 * e * (1.0 + weights) >= best - NEAR:
            return 0
        # Without its bias (see `prepare`) the tuple has the same span, but its cones are smaller: no bound from them.
        size = worst_constraint(unit, patterns, tuple_, w, phi, first, places)
        lowest, lower, code = np.inf, np.inf if w * Q.shape[1] + bias == M else 0.0, 0
        for s in range(1 << w if lower > 0.0 else 0):
            _set_signs(signs, s)
            bound, value, done, _ = project(unit, patterns, tuple_, w, M, W, z, e, size, best - NEAR, first, places,
                                            work)
            lower = min(lower, bound)
            if done and value < min(lowest, best - 1e-13):
                lowest, code = value, s
        if lowest < np.inf:
            found[0], found[1] = lowest, code
            return 1
        if lower >= best - tol:
            return 0
        found[0] = max(lower, 0.0)
    bound = merged_bound(Q, y, ones, patterns, tuple_, w, bias, e, A, z, W)
    if bound >= best - tol:
        return 0
    found[0] = max(found[0], bound)
    rows, normals, ray_signs, starts, around, cells, fragile, features, owner, weights_, three = rays
    if any_fragile(fragile, cells, tuple_, w):
        return 2
    K = ray_features(rows, normals, ray_signs, starts, around, cells, tuple_, w, bias, ones, features, owner)
    fit_tuple(features, owner, K, y, w, weights_, three)
    if three[0] < best - 1e-13:
        found[0], found[1] = three[0], three[1]
        return 1
    found[0] = max(found[0], three[2])
    return 0 if found[0] >= best - tol else 2


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(Q, unit, y, ones, bias, patterns, usable, parent, flip, step, grams, G, beta, gamma, w, last, resume, best,
          tol, e, budget, state, rays, out_tuples, out_numbers):
    """Tuples i_1 >= ... >= i_w with i_1 < last, from the tuple `resume` on, in lexicographic order.

    Stops when a better net seems found, the output is full, or `budget` tuples were passed. Returns the numbers of
    records, of tuples passed and of tuples examined, and whether the end was reached; `resume` is then where to go on.
    A record is a tuple in `out_tuples` and (kind, value or lower bound, sign vector) in `out_numbers`.
    """
    D, d = Q.shape
    columns = bias + (w - 1) * (d + EXTRA)
    F, column, residual = np.zeros((D, columns + 1)), np.zeros(D), np.zeros(D)
    table = np.zeros((D, (columns + 1) * d))
    counts, spreads = np.zeros(w, np.int64), np.ones(w)
    buffer, S, margin = np.zeros(((columns + 1) * d, BLOCK)), np.zeros((d * (d + 1) // 2 + 5, BLOCK)), np.zeros(BLOCK)
    found = np.zeros(2)
    extremes, places = np.zeros((w, 2)), np.zeros((w, 2), np.int64)
    work = workspace(w, d)
    y_ones = 0.0
    for j in range(D):
        y_ones += y[j] * ones[j]
    if bias:
        F[:, 0] = ones
    index = resume.copy()
    start = index[w - 1]
    records, passed, examined = 0, 0, 0
    fresh = 0  # the first gate whose columns have to be made again
    while index[0] < last:
        skip = -1
        for level in range(w - 1):
            if skip < 0 and not usable[index[level]]:
                skip = level
        if skip < 0:
            for level in range(fresh, w - 1):
                m = counts[level - 1] if level else bias
                spread = spreads[level - 1] if level else 1.0
                counts[level], spreads[level] = add_gate(F, m, spread, Q, patterns, index, level, bias, column)
            fresh = w - 1
            m = counts[w - 2] if w > 1 else bias
            magnified = e * (spreads[w - 2] if w > 1 else 1.0)
            residual[:] = y
            for _ in range(2):
                for r in range(m):
                    dot = 0.0
                    for j in range(D):
                        dot += F[j, r] * residual[j]
                    for j in range(D):
                        residual[j] -= dot * F[j, r]
            energy = 0.0
            for j in range(D):
                energy += residual[j] * residual[j]
                for r in range(m):
                    for c in range(d):
                        table[j, r * d + c] = F[j, r] * Q[j, c]
                for c in range(d):
                    table[j, m * d + c] = residual[j] * Q[j, c]
            slack = energy - (best - NEAR) - 2 * magnified
            width = m * d + d
            end = index[w - 2] + 1 if w > 1 else last
            for c in range(width):  # the root counts as its own parent, flipped by 0
                state[c] = 0.0
                for h in range(D):
                    if patterns[0, h]:
                        state[c] += table[h, c]
            for k in range(end):
                at = k % BLOCK
                if at == 0:
                    _states(state, buffer, k, min(k + BLOCK, end), width, parent, flip, step, table)
                    if k + BLOCK > start:
                        _bounds(buffer, grams, k, m, d, slack, magnified, S, margin)
                if k < start or not usable[k]:
                    continue
                passed += 1
                if not margin[at] >= 0.0:  # also where it is no number
                    index[w - 1] = k
                    examined += 1
                    kind = examine(Q, unit, y, ones, y_ones, patterns, G, beta, gamma, index, w, bias, best, tol, e,
                                   work, extremes, places, found, rays)
                    if kind:
                        out_tuples[records] = index
                        out_numbers[records, 0] = kind
                        out_numbers[records, 1:] = found
                        records += 1
                    if kind == 1 or records == len(out_numbers):
                        resume[:] = index
                        resume[w - 1] = k + 1
                        return records, passed, examined, False
            start = 0
        if w == 1:
            break
        level = w - 2 if skip < 0 else skip
        index[level] += 1
        index[level + 1:] = 0
        while level > 0 and index[level] > index[level - 1]:
            index[level] = 0
            level -= 1
            index[level] += 1
        index[w - 1] = 0
        start = 0
        fresh = min(fresh, level)
        if passed >= budget:
            resume[:] = index
            return records, passed, examined, index[0] >= last
    return records, passed, examined, True
