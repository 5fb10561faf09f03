"""Activation regions and pieces in whole numbers, in a box or in the whole plane."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf

import numpy as np

from mathdl.nets._cover import Segment, merged, segments
from mathdl.nets._exact_cells import PLANE, ExactCell, Polygon, box_polygon, exact_cells, half
from mathdl.nets._integer_net import IntegerNet

FractionBox = tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]


class ExactRegions:
    """The cells of a net in a box, or in the three sectors of the plane, where cells with one pattern are one region.

    Raises ValueError when there are more than `limit` cells.
    """

    def __init__(self, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], box: Sequence | None,
                 limit: int) -> None:
        self.net = IntegerNet(weights, biases)
        self.box: FractionBox | None = None if box is None else tuple((Fraction(u), Fraction(v)) for u, v in box)
        self.cells: list[ExactCell] = []
        for cell in exact_cells(self.net, PLANE if self.box is None else (box_polygon(self.box),)):
            self.cells.append(cell)
            if len(self.cells) > limit:
                raise ValueError(f"expected at most {limit} activation regions; there are more. Take linear_regions, "
                                 f"a smaller box, or raise `limit` (about 1 ms a region)")
        self.patterns = list(dict.fromkeys(cell.pattern for cell in self.cells))

    def labels(self, mode: str) -> np.ndarray:
        """Number of the piece of each region, from 0 in order of appearance."""
        cells = merged(self.segments(), [cell.row for cell in self.cells], mode)
        of = {cell.pattern: label for cell, label in zip(self.cells, cells.tolist(), strict=True)}
        return np.array([of[p] for p in self.patterns])

    def segments(self) -> list[Segment]:
        """The edges of the cells with the cells on both sides."""
        return segments([cell.polygon for cell in self.cells])

    def view(self) -> tuple[np.ndarray, np.ndarray, tuple[tuple[float, float], tuple[float, float]]]:
        """The regions as CSR polygons, clipped to a box (returned, too) that holds all corners well inside."""
        box = self.box or _around([cell.polygon for cell in self.cells])
        parts: dict[tuple[int, ...], list[Polygon]] = {p: [] for p in self.patterns}
        for cell in self.cells:
            parts[cell.pattern].append(cell.polygon if self.box else _clipped(cell.polygon, box))
        polygons = [_points(p[0]) if len(p) == 1 else _hull([q for part in p for q in _points(part)])
                    for p in parts.values()]
        vertices = np.array([[nearest_float(x), nearest_float(y)] for polygon in polygons for x, y in polygon])
        starts = np.cumsum([0, *(len(polygon) for polygon in polygons)])
        return vertices, starts, tuple((nearest_float(u), nearest_float(v)) for u, v in box)


def nearest_float(value: Fraction) -> float:
    """The float64 nearest to the value, infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def _points(polygon: Polygon) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(x, w), Fraction(y, w)) for x, y, w in polygon]


def _around(polygons: list[Polygon]) -> FractionBox:
    """A square around 0 with all finite corners well inside."""
    points = [p for polygon in polygons for p in polygon if p[2]]
    r = Fraction(int(max(max(abs(x), abs(y)) * Fraction(5, 4 * w) for x, y, w in points)) + 1)
    return (-r, r), (-r, r)


def _clipped(polygon: Polygon, box: FractionBox) -> Polygon:
    """The part of the polygon in the box."""
    (x0, x1), (y0, y1) = box
    for a, b, c in ((1, 0, -x0), (-1, 0, x1), (0, 1, -y0), (0, -1, y1)):
        values = [a * x + b * y + c * w for x, y, w in polygon]
        if min(values) < 0:
            polygon = half(polygon, [int(v) for v in values], 1)
    return polygon


def _hull(points: list[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    """The corners of the convex hull, counterclockwise, without points inside its edges."""
    points = sorted(set(points))
    return _chain(points)[:-1] + _chain(points[::-1])[:-1]


def _chain(points: list[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    chain: list[tuple[Fraction, Fraction]] = []
    for p in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], p) <= 0:
            chain.pop()
        chain.append(p)
    return chain


def _turn(p, q, r) -> Fraction:
    return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
