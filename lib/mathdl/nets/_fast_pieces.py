"""Pieces from the regions of the compiled loop: who is whose neighbour, and which neighbours have one affine function.

Cutting a convex cell by a gate leaves one chord, and since every later pre-activation is continuous, the later cuts
meet the chord in the same points on both sides: the same stretches of it are edges of regions on both sides. They also
come in the same order. Two stretches part where the loop cuts with the first gate, in its order, that changes its
sign between them; that gate is the same on both sides, and so is its sign on each stretch. So the neighbours along
a chord are the regions in the order of the loop, one by one, and no two corners have to be recognised as equal.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mathdl.nets._cover import components
from mathdl.nets._fast_cells import FastCells


def piece_labels(cells: FastCells, mode: str) -> np.ndarray:
    """Number of the piece of each region; "open" glues along edges, "closed" also where regions meet in a point."""
    edge, twin = neighbours(cells)
    cell = np.repeat(np.arange(len(cells.row)), np.diff(cells.start))
    pairs = np.column_stack([cell[edge], cell[twin]])
    if mode == "closed":
        pairs = np.vstack([pairs, _around_corners(cells, edge, twin, cell)])
    return components(len(cells.row), pairs[equal_functions(cells, pairs)])


def neighbours(cells: FastCells) -> tuple[np.ndarray, np.ndarray]:
    """The edges on the off side of each chord and, in the same order, the edges on the on side that they coincide with.

    An edge is known by the place of its first corner in `cells.corners`. The label of a chord ends in 0 or 1 for its
    two sides, and sides of the box have negative labels.
    """
    order = np.argsort(cells.label, kind="stable")
    order = order[np.searchsorted(cells.label[order], 0):]
    on = cells.label[order] & 1 == 1
    return order[~on], order[on]


def _around_corners(cells: FastCells, edge: np.ndarray, twin: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """All pairs of regions that meet in a corner: corners are the same when they are ends of coinciding edges."""
    following = np.arange(1, len(cell) + 1)
    following[cells.start[1:] - 1] = cells.start[:-1]
    point = components(len(cell), np.vstack([np.column_stack([edge, following[twin]]),
                                             np.column_stack([following[edge], twin])]))
    order = np.argsort(point, kind="stable")
    pairs, distance = [np.empty((0, 2), dtype=int)], 1
    while True:
        here = np.flatnonzero(point[order[distance:]] == point[order[:-distance]])
        if not len(here):
            return np.vstack(pairs)
        pairs.append(np.column_stack([cell[order[here]], cell[order[here + distance]]]))
        distance += 1


def equal_functions(cells: FastCells, pairs: np.ndarray) -> np.ndarray:
    """Whether the two regions of each pair have exactly the same affine function.

    Different where the computed rows differ by more than their errors. Else equal where the active gates that reach
    the output are the same, and decided in whole numbers where they are not.
    """
    near = np.abs(cells.row[pairs[:, 0]] - cells.row[pairs[:, 1]]) <= 2 * cells.packed.output_error
    equal = near.all(axis=1)
    doubtful = np.flatnonzero(equal)
    p = cells.packed
    some = np.unique(pairs[doubtful])
    reach = np.zeros_like(cells.on)
    reach[some] = reaching(cells.on[some], p.widths, p.weights, p.start)
    doubtful = doubtful[(reach[pairs[doubtful, 0]] != reach[pairs[doubtful, 1]]).any(axis=(1, 2))]
    rows = {int(c): cells.exact.row(cells.pattern(c), 0) for c in np.unique(pairs[doubtful])}
    equal[doubtful] = [rows[c] == rows[d] for c, d in pairs[doubtful].tolist()]
    return equal


@njit(cache=True)
def reaching(on, widths, weights, start):
    """Of the gates that are on in each cell, those with a path of gates that are on and weights that are not 0."""
    reach, last = np.zeros_like(on), len(widths) - 2
    for n in range(len(on)):
        for l in range(last, -1, -1):
            w = widths[l + 1]
            for j in range(widths[l]):
                if on[n, l, j >> 6] >> (j & 63) & 1:
                    for i in range(w):
                        follows = l == last or reach[n, l + 1, i >> 6] >> (i & 63) & 1
                        if follows and weights[start[l] + j * w + i] != 0:
                            reach[n, l, j >> 6] |= 1 << (j & 63)
                            break
    return reach
