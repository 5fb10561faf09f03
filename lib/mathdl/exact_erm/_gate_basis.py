"""Compiled: orthonormal columns whose span contains what some gates can do, and how they magnify rounding."""

from __future__ import annotations

import numpy as np
from numba import njit

EXTRA = 8  # samples on which two almost equal patterns may differ to be treated by deleting these samples
SICK = 1e-5  # a gate whose columns stand out of the others by less is treated as almost equal to one of them


@njit(cache=True, nogil=True, error_model="numpy")
def _append(F, m, column, room):
    """Orthonormalise `column` against F[:, :m] into F[:, m]; returns its part outside the span over `room`."""
    D = len(column)
    for _ in range(2):
        for r in range(m):
            dot = 0.0
            for j in range(D):
                dot += F[j, r] * column[j]
            for j in range(D):
                column[j] -= dot * F[j, r]
    size = 0.0
    for j in range(D):
        size += column[j] * column[j]
    size = np.sqrt(size)
    if size > 0.0:
        for j in range(D):
            F[j, m] = column[j] / size
    return size / room


@njit(cache=True, nogil=True, error_model="numpy")
def _differ(a, b):
    count = 0
    for j in range(len(a)):
        count += a[j] != b[j]
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def add_gate(F, m, spread, Q, patterns, tuple_, level, bias, column):
    """Append columns whose span contains that of gate `level`; returns their number and how far rounding is magnified.

    The columns are those of the gate, or, when it is almost equal to an earlier gate, one unit vector for each sample
    on which the two differ: a larger space, so a bound still. With a bias and a complementary pair the constant is in
    the span already, and the last column is dropped.
    """
    D, d = Q.shape
    row = patterns[tuple_[level]]
    room = 0.0
    for j in range(D):
        if row[j]:
            for c in range(d):
                room += Q[j, c] * Q[j, c]
    room = max(np.sqrt(room), 1e-300)
    start, magnified, complete = m, spread, False
    if bias:
        for k in range(level):
            complete = complete or _differ(row, patterns[tuple_[k]]) == D
    good = True
    for c in range(d):
        for j in range(D):
            column[j] = Q[j, c] if row[j] else 0.0
        out = _append(F, m, column, room)
        if complete and c == d - 1 and out < SICK:
            continue
        if out < SICK:
            good = False
            break
        magnified /= out
        m += 1
    if good:
        return m, magnified
    nearest, fewest = -1, EXTRA + 1
    for k in range(level):
        count = _differ(row, patterns[tuple_[k]])
        if count < fewest:
            nearest, fewest = k, count
    if nearest < 0:
        return start, np.inf
    m, magnified = start, spread
    other = patterns[tuple_[nearest]]
    for j in range(D):
        if row[j] != other[j]:
            column[:] = 0.0
            column[j] = 1.0
            out = _append(F, m, column, 1.0)
            if out < SICK:
                return start, np.inf
            magnified /= out
            m += 1
    return m, magnified
