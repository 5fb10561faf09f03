"""Compiled: the tree of single flips through all cells, and the Gram sums of each cell."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def hash_table(hashes):
    """Open addressing: where each pattern stands, by its hash."""
    N, size = len(hashes), 4
    while size < 2 * N:
        size *= 2
    table = np.full(size, -1, np.int64)
    for i in range(N):
        slot = np.int64(hashes[i] & np.uint64(size - 1))
        while table[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = i
    return table


@njit(cache=True, nogil=True, error_model="numpy")
def flip_tree(hashes, keys, patterns):
    """Breadth-first order of the cells, the position of each one's parent in it, the sample flipped; and the depth."""
    N, D = patterns.shape
    table = hash_table(hashes)
    depth = np.zeros(N, np.int64)
    order, parent, flip = np.zeros(N, np.int64), np.zeros(N, np.int64), np.zeros(N, np.int64)
    place = np.full(N, -1, np.int64)
    place[0] = 0
    done = 1
    for k in range(N):
        if k >= done:
            break
        i = order[k]
        for j in range(D):
            other = _find(hashes, table, hashes[i] ^ keys[j])
            if other >= 0 and place[other] < 0:
                same = True
                for h in range(D):
                    if patterns[other, h] != patterns[i, h] and h != j:
                        same = False
                if same:
                    place[other] = done
                    order[done], parent[done], flip[done], depth[done] = other, k, j, depth[k] + 1
                    done += 1
    return order[:done], parent[:done], flip[:done], depth[done - 1]


@njit(cache=True, nogil=True, error_model="numpy")
def _find(hashes, table, wanted):
    size = len(table)
    slot = np.int64(wanted & np.uint64(size - 1))
    while table[slot] >= 0:
        if hashes[table[slot]] == wanted:
            return table[slot]
        slot = (slot + 1) & (size - 1)
    return -1


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def cell_grams(Q, y, ones, patterns):
    """For each cell sum q q' (packed rows, N x d(d+1)/2), sum q y (N, d) and sum q c (N, d) over its samples."""
    N, D = patterns.shape
    d = Q.shape[1]
    G, beta, gamma = np.zeros((N, d * (d + 1) // 2)), np.zeros((N, d)), np.zeros((N, d))
    for k in range(N):
        for j in range(D):
            if patterns[k, j]:
                t = 0
                for r in range(d):
                    for c in range(r + 1):
                        G[k, t] += Q[j, r] * Q[j, c]
                        t += 1
                    beta[k, r] += Q[j, r] * y[j]
                    gamma[k, r] += Q[j, r] * ones[j]
    return G, beta, gamma
