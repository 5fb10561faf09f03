"""Compiled heart of the branch and bound: a pool of nodes, a heap of the open ones, and the loop that splits them."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from mathdl.exact_erm._bounds import N_FREE, N_HEAP, SLACK, SPLITS, UPPER, judge
from mathdl.exact_erm._cones import clip, side

OPEN, FULL, MANY_RAYS, ENOUGH = 0, 1, 2, 3  # why `advance` came back

# nodes: labels (N, w, P), rays (N, w, R), their numbers (N, w), top weights (N, w), the next point and the bound (N,)
Pool = namedtuple("Pool", "labels rays n_rays signs sample bound free heap")


@njit(cache=True)
def push(pool, marks, slot):
    """Put an open node on the heap, smallest bound on top."""
    heap, bound = pool.heap, pool.bound
    i = marks.counts[N_HEAP]
    marks.counts[N_HEAP] += 1
    while i > 0:
        up = (i - 1) // 2
        if bound[heap[up]] <= bound[slot]:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = slot


@njit(cache=True)
def pop(pool, marks):
    """Take the open node with the smallest bound off the heap."""
    heap, bound = pool.heap, pool.bound
    top = heap[0]
    marks.counts[N_HEAP] -= 1
    n = marks.counts[N_HEAP]
    last = heap[n]
    i = 0
    while 2 * i + 1 < n:
        down = 2 * i + 1
        if down + 1 < n and bound[heap[down + 1]] < bound[heap[down]]:
            down += 1
        if bound[last] <= bound[heap[down]]:
            break
        heap[i] = heap[down]
        i = down
    heap[i] = last
    return top


@njit(cache=True)
def release(pool, marks, slot):
    """Give the slot of a closed node back."""
    pool.free[marks.counts[N_FREE]] = slot
    marks.counts[N_FREE] += 1


@njit(cache=True)
def commit(pool, marks, kept, closed):
    """Replace the top of the heap by its children `kept`; give the slots of the `closed` ones back."""
    top = pop(pool, marks)
    marks.counts[SPLITS] += 1
    for slot in kept:
        push(pool, marks, slot)
    for slot in closed:
        release(pool, marks, slot)
    release(pool, marks, top)


@njit(cache=True)
def imply(table, pool, slot):
    """Label every point whose labels all gates imply."""
    labels, rays, n_rays = pool.labels[slot], pool.rays[slot], pool.n_rays[slot]
    w, P = labels.shape
    bits = np.empty(w, dtype=np.int8)
    for j in range(P):
        if labels[0, j] >= 0:
            continue
        known = True
        for i in range(w):
            bits[i] = side(table, labels[i], rays[i], n_rays[i], j)
            if bits[i] < 0:
                known = False
                break
        if known:
            for i in range(w):
                labels[i, j] = bits[i]


@njit(cache=True)
def twins_ordered(labels, signs, bits):
    """Whether symmetry keeps the child: gates of equal sign with equal labels so far are on before they are off."""
    w, P = labels.shape
    for i in range(w):
        for k in range(i + 1, w):
            if signs[i] == signs[k] and bits[i] < bits[k]:
                same = True
                for j in range(P):
                    if labels[0, j] >= 0 and labels[i, j] != labels[k, j]:
                        same = False
                        break
                if same:
                    return False
    return True


@njit(cache=True)
def expand(table, pool, slot, marks, made):
    """Split the node at its sample: the slots of its children go into `made`; their number, or -1 for too many rays."""
    labels, rays, n_rays, signs = pool.labels[slot], pool.rays[slot], pool.n_rays[slot], pool.signs[slot]
    w, R = rays.shape
    j = pool.sample[slot]
    half, n_half = np.empty((w, 2, R), dtype=rays.dtype), np.empty((w, 2), dtype=np.int64)
    for i in range(w):
        for b in range(2):
            n_half[i, b] = clip(table, labels[i], rays[i], n_rays[i], j, b, half[i, b])
            if n_half[i, b] < 0:
                return -1
    bits = np.empty(w, dtype=np.int8)
    n = 0
    for m in range(1 << w):
        full = True
        for i in range(w):
            bits[i] = (m >> (w - 1 - i)) & 1
            full &= n_half[i, bits[i]] > 0
        if not full or not twins_ordered(labels, signs, bits):
            continue
        marks.counts[N_FREE] -= 1
        child = pool.free[marks.counts[N_FREE]]
        pool.labels[child] = labels
        pool.signs[child] = signs
        pool.bound[child] = pool.bound[slot]
        for i in range(w):
            pool.labels[child, i, j] = bits[i]
            pool.n_rays[child, i] = n_half[i, bits[i]]
            pool.rays[child, i, :n_half[i, bits[i]]] = half[i, bits[i], :n_half[i, bits[i]]]
        imply(table, pool, child)
        made[n] = child
        n += 1
    return n


@njit(cache=True)
def advance(table, rows, pool, marks, most):
    """Split up to `most` nodes, best bound first; returns why it stopped."""
    w = pool.labels.shape[1]
    made = np.empty(1 << w, dtype=np.int64)
    for _ in range(most):
        if marks.counts[N_HEAP] == 0:
            return OPEN
        if pool.bound[pool.heap[0]] >= marks.values[UPPER] - marks.values[SLACK]:
            return ENOUGH
        if marks.counts[N_FREE] < (1 << w):
            return FULL
        slot = pool.heap[0]
        n = expand(table, pool, slot, marks, made)
        if n < 0:
            return MANY_RAYS
        pop(pool, marks)
        marks.counts[SPLITS] += 1
        for c in range(n):
            if judge(table, rows, pool, marks, made[c]):
                push(pool, marks, made[c])
            else:
                release(pool, marks, made[c])
        release(pool, marks, slot)
    return OPEN
