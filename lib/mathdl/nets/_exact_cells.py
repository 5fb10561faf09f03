"""Activation cells of a net R^2 -> R in whole numbers: no rounding, in a box or in the whole plane."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from mathdl.nets._integer_net import IntegerNet, Row, reduced, whole

Polygon = tuple[Row, ...]  # corners (x, y, w), counterclockwise; the point (x/w, y/w), or the direction (x, y) if w = 0

# Three sectors around the origin: each has a finite corner, so that signs at the corners decide signs inside.
PLANE: tuple[Polygon, ...] = (((0, 0, 1), (1, 0, 0), (-1, 1, 0)), ((0, 0, 1), (-1, 1, 0), (-1, -1, 0)),
                              ((0, 0, 1), (-1, -1, 0), (1, 0, 0)))


class ExactCell(NamedTuple):
    """A convex polygon on which every gate keeps its sign; `row` is the net there times its last scale."""

    polygon: Polygon
    pattern: tuple[int, ...]
    row: Row


def box_polygon(box: tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]) -> Polygon:
    """The corners of the box, counterclockwise."""
    (x0, x1), (y0, y1) = box
    return tuple(whole((x, y, Fraction(1))) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def exact_cells(net: IntegerNet, polygons: tuple[Polygon, ...]) -> Iterator[ExactCell]:
    """All cells inside the polygons, depth first."""
    hidden = len(net.weights) - 1
    stack = [(polygon, ()) for polygon in polygons]
    while stack:
        polygon, pattern = stack.pop()
        if len(pattern) == hidden:
            yield ExactCell(polygon, pattern, net.row(pattern, 0))
        else:
            stack += [(part, (*pattern, mask)) for part, mask in _layer(polygon, net.rows(pattern))]


def _layer(polygon: Polygon, rows) -> list[tuple[Polygon, int]]:
    """The polygon cut along the lines of all rows, each part with the mask of the rows that are positive on it."""
    parts = [(polygon, 0)]
    for i, (a, b, c) in enumerate(rows):
        if a == b == 0:
            parts = [(part, mask | (c > 0) << i) for part, mask in parts]
            continue
        cut = []
        for part, mask in parts:
            values = [a * x + b * y + c * w for x, y, w in part]
            above, below = max(values) > 0, min(values) < 0
            if above and below:
                cut += [(half(part, values, -1), mask), (half(part, values, 1), mask | 1 << i)]
            else:
                cut.append((part, mask | above << i))
        parts = cut
    return parts


def half(polygon: Polygon, values: list[int], side: int) -> Polygon:
    """The part of the polygon where side * value >= 0; needs a corner on each side."""
    corners = []
    for v, p in enumerate(polygon):
        n = (v + 1) % len(polygon)
        s, t = side * values[v], side * values[n]
        if s >= 0:
            corners.append(p)
        if s > 0 > t or s < 0 < t:  # the positive combination of the two corners that the row sends to 0
            q, f, g = polygon[n], abs(t), abs(s)
            corners.append(reduced((f * p[0] + g * q[0], f * p[1] + g * q[1], f * p[2] + g * q[2])))
    return tuple(corners)
