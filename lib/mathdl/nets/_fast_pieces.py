"""Pieces from the regions of the compiled loop: who is whose neighbour, and which neighbours have one affine function.

Cutting a convex cell by a gate leaves one chord, and since every later pre-activation is continuous, the later cuts
meet the chord in the same points on both sides. So the regions on its two sides, sorted along the chord, are
neighbours one by one: no two corners have to be recognised as equal.
"""

from __future__ import annotations

from fractions import Fraction

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

    An edge is known by the place of its first corner in `cells.corners`.
    """
    label = cells.label
    following = np.arange(1, len(label) + 1)
    following[cells.start[1:] - 1] = cells.start[:-1]
    middle = (cells.corners[:, :2] + cells.corners[following, :2]) / 2
    place = middle[np.arange(len(label)), np.maximum(label, 0) >> 1 & 1]
    error = np.maximum(cells.corners[:, 2], cells.corners[following, 2]) + cells.rounding
    return tuple(_sorted_along_chords(cells, np.flatnonzero((label >= 0) & (label & 1 == side)), place, error)
                 for side in (0, 1))


def _sorted_along_chords(cells: FastCells, edges: np.ndarray, place: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The edges by chord and place; where two places are closer than their errors, the chord is sorted exactly."""
    edges = edges[np.lexsort((place[edges], cells.label[edges]))]
    chord = cells.label[edges]
    close = (chord[1:] == chord[:-1]) & (np.diff(place[edges]) <= error[edges[1:]] + error[edges[:-1]])
    for unsure in np.unique(chord[1:][close]):
        here = slice(*np.searchsorted(chord, [unsure, unsure + 1]))
        edges[here] = sorted(edges[here], key=lambda e: _exact_place(cells, int(e)))
    return edges


def _exact_place(cells: FastCells, edge: int) -> Fraction:
    """Twice the place of an edge's middle along its chord's main axis."""
    cell = int(np.searchsorted(cells.start, edge, side="right")) - 1
    first, axis = int(cells.start[cell]), int(cells.label[edge]) >> 1 & 1
    corners = cells.exact_corners(cells.pattern(cell), cells.label[first:cells.start[cell + 1]])
    p, q = corners[edge - first], corners[(edge - first + 1) % len(corners)]
    return Fraction(p[axis], p[2]) + Fraction(q[axis], q[2])


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
