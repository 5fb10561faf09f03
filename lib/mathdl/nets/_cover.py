"""Exact planar covers by convex polygons: which cells share an edge of positive length, and which share a point."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import NamedTuple

import numpy as np

from mathdl.nets._exact_cells import Polygon
from mathdl.nets._integer_net import Row, reduced


class Segment(NamedTuple):
    """A piece of a line between neighbouring corners p and q, with the cells on its left and on its right."""

    line: Row
    p: Row
    q: Row
    left: tuple[int, ...]
    right: tuple[int, ...]


def segments(polygons: Sequence[Polygon]) -> list[Segment]:
    """All edges, cut at every corner that lies on them, so that a corner inside a neighbour's edge does no harm.

    Corners on an edge are ends of other edges of the same line: edges are grouped by line and sorted along it. Edges
    at infinity are left out.
    """
    lines = defaultdict(list)
    for cell, polygon in enumerate(polygons):
        for p, q in zip(polygon, polygon[1:] + polygon[:1], strict=True):
            if p[2] or q[2]:
                line = _line(p, q)
                lines[max(line, (-line[0], -line[1], -line[2]))].append((cell, p, q))
    return [s for line, edges in lines.items() for s in _sweep(line, edges)]


def _line(p: Row, q: Row) -> Row:
    return reduced((p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]))


def _sweep(line: Row, edges: list[tuple[int, Row, Row]]) -> list[Segment]:
    """The edges on one line as segments; left and right as seen along (b, -a), where a x + b y + c = 0."""
    place = {p: _place(line, p) for _, *ends in edges for p in ends}
    points = sorted(place, key=place.__getitem__)
    places = [place[p] for p in points]
    left, right = [[] for _ in points], [[] for _ in points]
    for cell, p, q in edges:
        i, j = bisect_left(places, place[p]), bisect_left(places, place[q])
        for k in range(min(i, j), max(i, j)):
            (left if i < j else right)[k].append(cell)
    return [Segment(line, points[k], points[k + 1], tuple(left[k]), tuple(right[k]))
            for k in range(len(points) - 1) if left[k] or right[k]]


def _place(line: Row, p: Row) -> Fraction | float:
    t = line[1] * p[0] - line[0] * p[1]
    return Fraction(t, p[2]) if p[2] else (inf if t > 0 else -inf)


def merged(segments: Sequence[Segment], functions: Sequence, mode: str) -> np.ndarray:
    """Number of the piece of each cell: equal functions glued along segments, for "closed" also at finite points."""
    pairs = [(c, d) for s in segments for c in s.left for d in s.right]
    if mode == "closed":
        around = defaultdict(set)
        for s in segments:
            for p in (s.p, s.q):
                if p[2]:
                    around[p].update((functions[c], c) for c in (*s.left, *s.right))
        for cells in around.values():
            same = defaultdict(list)
            for function, c in cells:
                same[function].append(c)
            pairs += [(g[0], c) for g in same.values() for c in g[1:]]
    return components(len(functions), np.array([(c, d) for c, d in pairs if functions[c] == functions[d]],
                                               dtype=int).reshape(-1, 2))


def components(n: int, pairs: np.ndarray) -> np.ndarray:
    """Number, from 0 in order of appearance, of the connected component of each of n nodes; pairs (m, 2)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    first = np.unique(labels, return_index=True)[1]
    return np.argsort(np.argsort(first))[labels]
