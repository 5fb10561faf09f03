"""Compiled cones of one gate: lists of extreme rays, cut by samples without any rounding.

A ray is a number 2 h + o: the hyperplane h of the table, with its heights (o = 0) or their negatives (o = 1).
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

# heights (H, P), the hyperplanes through each point as a CSR, base points and their opposite hyperplanes
Table = namedtuple("Table", "heights start through base opposite")


@njit(cache=True)
def height(table, ray, j):
    """The height of point j over the oriented hyperplane `ray`."""
    v = table.heights[ray >> 1, j]
    return v if ray & 1 == 0 else -v


@njit(cache=True)
def _inside(table, labels, ray):
    """Whether the ray satisfies the labels, and on how many labelled points it is 0 (-1: it does not)."""
    tight = 0
    for d in range(len(labels)):
        if labels[d] >= 0:
            v = height(table, ray, d)
            if v == 0.0:
                tight += 1
            elif (v > 0.0) != (labels[d] == 1):
                return -1
    return tight


@njit(cache=True)
def _extreme(table, labels, h, j):
    """Whether h is the only hyperplane that contains the labelled points on it (j is one of them)."""
    for at in range(table.start[j], table.start[j + 1]):
        other = table.through[at]
        if other != h:
            inside = True
            for d in range(len(labels)):
                if labels[d] >= 0 and table.heights[h, d] == 0.0 and table.heights[other, d] != 0.0:
                    inside = False
                    break
            if inside:
                return False
    return True


@njit(cache=True)
def clip(table, labels, rays, n, j, bit, out):
    """Extreme rays of the cone of `labels` on the side `bit` of point j: their number, 0 without interior, -1 too many.

    `labels` must have -1 at j. A cone that not all base points have labelled yet is the sum of a linear space, on which
    the labelled points are 0, and the rays opposite to the labelled base points.
    """
    dimension = len(table.base)
    missing, role = 0, -1
    for k in range(dimension):
        if labels[table.base[k]] < 0:
            missing += 1
            if table.base[k] == j:
                role = k
    kept = 0
    if role >= 0:
        if n + 1 > len(out):
            return -1
        for r in range(n):
            out[r] = rays[r]
        up = table.heights[table.opposite[role], j] > 0
        out[n] = 2 * table.opposite[role] + (0 if up == (bit == 1) else 1)
        return n + 1
    if missing > 0:  # j is not cut by the linear space, or we would not be here: it is implied or zero on all rays
        interior = False
        for r in range(n):
            v = height(table, rays[r], j)
            interior |= v != 0.0 and (v > 0.0) == (bit == 1)
        if not interior:
            return 0
        for r in range(n):
            out[r] = rays[r]
        return n
    interior = cut = False
    for r in range(n):
        v = height(table, rays[r], j)
        good = v != 0.0 and (v > 0.0) == (bit == 1)
        interior |= good
        cut |= v != 0.0 and not good
        if v == 0.0 or good:
            if kept >= len(out):
                return -1
            out[kept] = rays[r]
            kept += 1
    if not interior:
        return 0
    if not cut:
        return kept
    first = kept
    labels[j] = bit
    for at in range(table.start[j], table.start[j + 1]):
        h = table.through[at]
        for o in range(2):
            ray = 2 * h + o
            tight = _inside(table, labels, ray)
            if tight < dimension - 1:
                continue
            known = False
            for r in range(first):
                known |= out[r] == ray
            if known or (dimension > 3 and not _extreme(table, labels, h, j)):
                continue
            if kept >= len(out):
                labels[j] = -1
                return -1
            out[kept] = ray
            kept += 1
    labels[j] = -1
    return kept


@njit(cache=True)
def side(table, labels, rays, n, j):
    """1 or 0 when point j is on one side of all strictly inner functionals of the cone, else -1."""
    for k in range(len(table.base)):
        if labels[table.base[k]] < 0 and table.heights[table.opposite[k], j] != 0.0:
            return -1
    up = down = False
    for r in range(n):
        v = height(table, rays[r], j)
        up |= v > 0.0
        down |= v < 0.0
    return -1 if up == down else (1 if up else 0)


@njit(cache=True)
def cone_of(table, labels, out):
    """Extreme rays of the cone of a full set of labels: their number, 0 without interior, -1 too many."""
    now, spare = np.full(len(labels), -1, dtype=np.int8), np.empty_like(out)
    n = 0
    for turn in range(len(table.base) + len(labels)):
        j = table.base[turn] if turn < len(table.base) else turn - len(table.base)
        if now[j] >= 0:
            continue
        n = clip(table, now, out, n, j, labels[j], spare)
        if n <= 0:
            return n
        out[:n] = spare[:n]
        now[j] = labels[j]
    return n


@njit(cache=True)
def pattern_of(table, ray, labels, coins):
    """The labels of a hyperplane: the side of each point, for points on it the toss of a coin."""
    for j in range(len(labels)):
        v = height(table, ray, j)
        labels[j] = coins[j] if v == 0.0 else (1 if v > 0 else 0)
