"""Continuous piecewise linear functions of two variables, given by convex cells and an affine function on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from mathdl.nets._cover import Segment, merged, segments
from mathdl.nets._exact_cells import Polygon
from mathdl.nets._integer_net import Row, whole
from mathdl.nets.entries import as_exact, fraction
from mathdl.nets.relu_net import ReLUNet

Affine = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True, eq=False)
class PWL2D:
    """The function a_1 x + a_2 y + c on each of finitely many closed convex cells that cover the plane or a polygon.

    A cell is a pair (corners, (a_1, a_2, c)), its corners in order, either way round: points (x, y), or (x, y, w) for
    the point (x/w, y/w), where w = 0 means the direction (x, y) in which the cell goes on for ever. All numbers are
    exact, floats at their binary value. Raises ValueError when the cells leave a hole or overlap, when what they cover
    is not convex, and, with the numbers of the two cells, when they disagree on a common edge.
    """

    polygons: tuple[Polygon, ...]
    functions: tuple[Affine, ...]
    segments: tuple[Segment, ...]  # the edges, cut at all corners, with the cells on both sides

    def __init__(self, cells: Sequence[tuple[Sequence, Sequence]]) -> None:
        polygons, functions, edges = _cover(cells)
        if jump := _first_jump(functions, edges):
            raise ValueError(f"expected one value where cells meet; {jump}")
        object.__setattr__(self, "polygons", polygons)
        object.__setattr__(self, "functions", functions)
        object.__setattr__(self, "segments", edges)

    @classmethod
    def from_net(cls, net: ReLUNet, *, limit: int = 20_000) -> PWL2D:
        """The function of a net R^2 -> R on the whole plane; raises ValueError beyond `limit` cells."""
        from mathdl.nets._exact_regions import ExactRegions
        from mathdl.nets.regions import check_plane_net

        check_plane_net(net)
        exact = ExactRegions(net.weights, net.biases, None, limit)
        return cls([(cell.polygon, exact.net.affine(cell.pattern)) for cell in exact.cells])

    @property
    def cells(self) -> tuple[tuple[Polygon, Affine], ...]:
        """The cells (corners (x, y, w) counterclockwise, (a_1, a_2, c)) in whole numbers and Fractions."""
        return tuple(zip(self.polygons, self.functions, strict=True))

    def labels(self, mode: str = "open") -> np.ndarray:
        """Number of the piece of each cell; modes as in `mathdl.nets.regions.Regions.labels`."""
        if mode not in ("open", "closed"):
            raise ValueError(f'expected mode "open" or "closed"; got {mode!r}')
        return merged(self.segments, self.functions, mode)

    def pieces(self, mode: str = "open") -> int:
        """The number of maximal affine pieces (Mukherjee 2020, Definition 3, as corrected)."""
        return int(self.labels(mode).max()) + 1

    @property
    def n_pieces(self) -> int:
        """The number of pieces in the mode "open"."""
        return self.pieces()

    @cached_property
    def kinks(self) -> tuple[Segment, ...]:
        """The segments with different affine functions on their two sides."""
        return tuple(s for s in self.segments
                     if s.left and s.right and self.functions[s.left[0]] != self.functions[s.right[0]])

    def __call__(self, x: Sequence) -> np.ndarray:
        """Values (n_samples,), Fractions, at x (n_samples, 2); ValueError for a point outside the cells."""
        points = as_exact(x)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"expected x of shape (n_samples, 2); got {points.shape}. Use x.reshape(-1, 2)")
        return np.array([self._value(whole((u, v, Fraction(1)))) for u, v in points], dtype=object)

    def _value(self, p: Row) -> Fraction:
        for polygon, (a, b, c) in zip(self.polygons, self.functions, strict=True):
            if all(_det(q, r, p) >= 0 for q, r in zip(polygon, polygon[1:] + polygon[:1], strict=True)):
                return (a * p[0] + b * p[1]) / p[2] + c
        raise ValueError(f"expected points inside the cells; got ({Fraction(p[0], p[2])}, {Fraction(p[1], p[2])})")


def is_continuous(cells: Sequence[tuple[Sequence, Sequence]]) -> bool:
    """Whether the affine functions on closed cells, given as for `PWL2D`, agree where cells meet; see `first_jump`."""
    return not first_jump(cells)


def first_jump(cells: Sequence[tuple[Sequence, Sequence]]) -> str:
    """The first two cells that disagree, where and how, in words; empty when the cells make a continuous function.

    Raises ValueError when the cells do not cover a convex set without holes and overlaps.
    """
    _, functions, edges = _cover(cells)
    return _first_jump(functions, edges)


def _cover(cells: Sequence) -> tuple[tuple[Polygon, ...], tuple[Affine, ...], tuple[Segment, ...]]:
    """The cells in exact numbers with their edges, checked to be a cover."""
    cells = list(cells)
    if not cells:
        raise ValueError("expected at least one cell (corners, (a1, a2, c)); got none")
    polygons = tuple(_polygon(i, corners) for i, (corners, _) in enumerate(cells))
    functions = tuple(_function(i, row) for i, (_, row) in enumerate(cells))
    edges = tuple(segments(polygons))
    for s in edges:
        _refuse_overlap(s)
    for s in edges:
        _refuse_hole(s, polygons)
    return polygons, functions, edges


def _polygon(i: int, corners: Sequence) -> Polygon:
    """The corners as whole numbers (x, y, w), counterclockwise."""
    points = [_corner(i, p) for p in corners]
    n = len(points)
    turns = [_det(points[k - 1], points[k], p) for k in range(n) for p in points]
    if min(turns) < 0 < max(turns) or not any(turns) or any(_same_line(points[k - 1], points[k]) for k in range(n)):
        raise ValueError(f"cell {i}: expected the corners of a convex polygon in order, with a point between opposite "
                         f"directions; got {list(corners)}")
    return tuple(points if max(turns) > 0 else points[::-1])


def _same_line(p: Row, q: Row) -> bool:
    """Whether two corners are one point or opposite directions, through which there is more than one line."""
    return all(p[i] * q[j] == p[j] * q[i] for i, j in ((0, 1), (0, 2), (1, 2)))


def _corner(i: int, p: Sequence) -> Row:
    p = [fraction(v) for v in p]
    if len(p) == 2:
        p = [*p, Fraction(1)]
    if len(p) != 3 or p[2] < 0 or not any(p):
        raise ValueError(f"cell {i}: expected corners (x, y) or (x, y, w) with w >= 0; got {tuple(map(str, p))}")
    return whole(p)


def _function(i: int, row: Sequence) -> Affine:
    row = tuple(fraction(v) for v in row)
    if len(row) != 3:
        raise ValueError(f"cell {i}: expected an affine function (a1, a2, c); got {tuple(map(str, row))}")
    return row


def _det(p: Row, q: Row, r: Row) -> int:
    """Positive when p, q, r turn left."""
    return (p[0] * (q[1] * r[2] - q[2] * r[1]) - p[1] * (q[0] * r[2] - q[2] * r[0])
            + p[2] * (q[0] * r[1] - q[1] * r[0]))


def _refuse_overlap(s: Segment) -> None:
    for side in (s.left, s.right):
        if len(side) > 1:
            raise ValueError(f"expected cells that do not overlap; cells {side[0]} and {side[1]} lie on the same side "
                             f"of the edge from {shown(s.p)} to {shown(s.q)}")


def _refuse_hole(s: Segment, polygons: Sequence[Polygon]) -> None:
    """An edge with a cell on one side only must lie on the border of the convex hull of all cells.

    If every other edge has one cell on each side, the number of cells over a point is the same all over the hull.
    """
    if s.left and s.right:
        return
    a, b, c = s.line if s.left else [-v for v in s.line]  # the line's row is positive on its left
    if any(a * x + b * y + c * w < 0 for p in polygons for x, y, w in p):
        raise ValueError(f"expected cells that cover the plane or a convex polygon; cell {(s.left or s.right)[0]} has "
                         f"no neighbour at the edge from {shown(s.p)} to {shown(s.q)}")


def _first_jump(functions: Sequence[Affine], edges: Sequence[Segment]) -> str:
    """Where two cells disagree, in words; empty when they never do."""
    for s in edges:
        for i, j in map(sorted, zip(s.left, s.right, strict=False)):
            difference = [u - v for u, v in zip(functions[i], functions[j], strict=True)]
            for p in (s.p, s.q):
                if sum(d * v for d, v in zip(difference, p, strict=True)):
                    what = [_at(functions[k], p) for k in (i, j)]
                    return f"cells {i} and {j} disagree at {shown(p)}: {what[0]} and {what[1]}"
    return ""


def _at(function: Affine, p: Row) -> str:
    """The value at a point, or the slope in a direction, in words."""
    total = sum(u * v for u, v in zip(function, p, strict=True))
    return f"value {total / p[2]}" if p[2] else f"slope {total}"


def shown(p: Row) -> str:
    """A point as (x, y), or a direction in words."""
    return f"({Fraction(p[0], p[2])}, {Fraction(p[1], p[2])})" if p[2] else f"infinity along ({p[0]}, {p[1]})"
