"""Compiled: a good net before the search, by walking from cell to neighbouring cell."""

from __future__ import annotations

import numpy as np
from numba import njit

from mathdl.exact_erm._cone import _dot, _set_signs, _weights, prepare, project, workspace, worst_constraint
from mathdl.exact_erm._flip_tree import _find


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_tuple(Q, unit, y_ones, patterns, G, beta, gamma, index, w, bias, e, code, cut, work, first, places):
    """Value of a tuple with signs `code` (-1: the best of all), its signs, and the number of active constraints."""
    A, W, _, z, block, _, _, signs, _, _, _, _, _, _, phi, _, _, _ = work
    M, inverse = prepare(Q, patterns, G, beta, gamma, y_ones, index, w, bias, A, z, W, block)
    if inverse < 0.0 or 4 * e * inverse > 1e-6 or w * Q.shape[1] + bias > M:  # see `examine`
        return np.inf, 0, 0
    _weights(W, z, M, phi)
    size = worst_constraint(unit, patterns, index, w, phi, first, places)
    value, best_code, active = np.inf, 0, 0
    for s in range(1 << w):
        if code < 0 or s == code:
            _set_signs(signs, s)
            _, got, done, n = project(unit, patterns, index, w, M, W, z, e, size, min(cut, value), first, places, work)
            if done and got < value:
                value, best_code, active = got, s, n
    return value, best_code, active


@njit(cache=True, nogil=True, error_model="numpy")
def descend(Q, unit, y, ones, bias, patterns, usable, hashes, keys, table, G, beta, gamma, w, e, starts, values, codes):
    """Local search: solve the tuple, cross the wall that improves most, again; `starts` (T, w) become the ends."""
    d = Q.shape[1]
    work = workspace(w, d)
    active = work[5]
    first, places = np.zeros((w, 2)), np.zeros((w, 2), np.int64)
    y_ones = _dot(y, ones, len(y))
    for t in range(len(starts)):
        index = starts[t]
        value, code, n = _solve_tuple(Q, unit, y_ones, patterns, G, beta, gamma, index, w, bias, e, -1, np.inf, work,
                                      first, places)
        for _ in range(300):
            if value == np.inf:
                break
            value, code, n = _solve_tuple(Q, unit, y_ones, patterns, G, beta, gamma, index, w, bias, e, code, np.inf,
                                          work, first, places)
            walls = active[:n].copy()
            best, where, to, new = value - 1e-12, -1, -1, code
            for a in range(n):
                i, old = walls[a, 0], index[walls[a, 0]]
                other = _find(hashes, table, hashes[old] ^ keys[walls[a, 1]])
                if other < 0 or not usable[other]:
                    continue
                index[i] = other
                got, got_code, _ = _solve_tuple(Q, unit, y_ones, patterns, G, beta, gamma, index, w, bias, e, code,
                                                best, work, first, places)
                index[i] = old
                if got < best:
                    best, where, to, new = got, i, other, got_code
            if where < 0:
                break
            index[where] = to
            value, code = best, new
        values[t], codes[t] = value, code
