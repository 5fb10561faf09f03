"""Small functions whose pieces can be counted by hand, and two slow ways to count that look at values only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache

import numpy as np

from mathdl.nets._cover import components
from mathdl.nets._integer_net import whole
from mathdl.nets.pwl2d import PWL2D
from mathdl.nets.relu_net import ReLUNet

Point = tuple[Fraction, Fraction]
Values = Callable[[np.ndarray], np.ndarray]  # exact values (n_samples,) at exact points (n_samples, n_inputs)
TWO_SIDED = ((1, 0), (-1, 0), (0, 1), (0, -1))


@cache
def example_nets() -> dict[str, ReLUNet]:
    """Exact nets of small functions; in the plane they bend along integer lines x1 = c, x2 = c, x1 - x2 = c."""
    min_min = [[1, -1, -1, 0], [-1, 1, 0, -1]]  # x2 - σ(x2 - x1) = min(x1, x2), and the same for -x
    return {
        "|x|": ReLUNet([[[1], [-1]], [[1, 1]]], [[0, 0], [0]], exact=True),
        "x1": ReLUNet.affine([[1, 0]], [Fraction(0)]),
        "|x1|": ReLUNet([TWO_SIDED[:2], [[1, 1]]], [[0, 0], [0]], exact=True),
        "|x1| + |x2|": ReLUNet([TWO_SIDED, [[1] * 4]], [[0] * 4, [0]], exact=True),
        "max(0, x1, x2)": ReLUNet([[(1, -1), (0, 1), (0, -1)], [[1, 1, -1]], [[1]]], [[0] * 3, [0], [0]], exact=True),
        "two quadrants": ReLUNet([[(0, 1), (0, -1), (-1, 1), (1, -1)], min_min, [[1, 1]]], [[0] * 4, [0, 0], [0]],
                                 exact=True),
        "duplicate gates": ReLUNet([[(1, 0), (1, 0), (2, 0), (0, 1)], [[1, 1, -1, 1]]], [[0] * 4, [0]], exact=True),
        "square": ReLUNet([[(1, 0), (1, 0), (0, 1), (0, 1)], [[1, -1, 1, -1]]], [[1, -1, 1, -1], [0]], exact=True),
    }


def step_cells() -> list[tuple[tuple, tuple]]:
    """Two half-planes with the values 0 and 1: a cover for a function that jumps, unless one cell loses its border."""
    down, up, left, right = (0, -1, 0), (0, 1, 0), (-1, 0, 0), (1, 0, 0)
    return [(((0, 0), up, left, down), (0, 0, 0)), (((0, 0), down, right, up), (0, 0, 1))]


def step(x: np.ndarray) -> np.ndarray:
    """1 where x1 >= 0 and 0 elsewhere, the function on the plane that `step_cells` stands for."""
    return np.array([Fraction(int(u >= 0)) for u in x[:, 0]], dtype=object)


def random_grid_net(gates: int, *, rng: np.random.Generator) -> ReLUNet:
    """One hidden layer of gates that bend along lines x1 = c, x2 = c or x1 - x2 = c, |c| <= 2, with integer weights."""
    rows = np.array(((1, 0), (0, 1), (1, -1)))[rng.integers(3, size=gates)] * rng.choice((-1, 1), size=(gates, 1))
    return ReLUNet([rows, [rng.integers(-2, 3, size=gates)]], [rng.integers(-2, 3, size=gates), [0]], exact=True)


def grid_pieces(f: Values, n_inputs: int, mode: str = "open", *, half_width: int = 5) -> int:
    """Pieces of a function that bends along integer lines x1 = c, x2 = c, x1 - x2 = c only, read off its values.

    The window |x| <= half_width is cut into unit intervals (one input) or half squares along x1 - x2 = c (two inputs).
    On each the function is affine and known from its corners; equal ones that share an edge, or for "closed" a corner,
    are filled like paint. A cell where the value at the middle says otherwise is painted alone, so that a function
    which bends elsewhere, or jumps, gets too many pieces. All in Fractions.
    """
    cells = [((i,), (i + 1,)) for i in range(-half_width, half_width)] if n_inputs == 1 else _half_squares(half_width)
    corners = np.array(cells)  # (cells, n + 1, n)
    m, k = corners.shape[:2]
    values = f(corners.reshape(-1, k - 1)).reshape(m, k)
    middle = f(np.array([[Fraction(int(v), k) for v in total] for total in corners.sum(axis=1)]))
    functions = [_affine(p, v) if sum(v) == k * at_middle else (c,) for c, (p, v, at_middle)
                 in enumerate(zip(corners.tolist(), values.tolist(), middle, strict=True))]
    owners: dict[tuple, list[int]] = defaultdict(list)
    for c, cell in enumerate(cells):  # on the line "open" and "closed" both glue at points
        for face in (_pairs(cell) if mode == "open" and n_inputs == 2 else [(p,) for p in cell]):
            owners[tuple(sorted(face))].append(c)
    glued = [(a, b) for cs in owners.values() for a in cs for b in cs if a < b and functions[a] == functions[b]]
    return int(components(m, np.array(glued, dtype=int).reshape(-1, 2)).max()) + 1


def _half_squares(r: int) -> list[tuple]:
    return [((i, j), *other, (i + 1, j + 1)) for i in range(-r, r) for j in range(-r, r)
            for other in (((i + 1, j),), ((i, j + 1),))]


def _pairs(cell: tuple) -> list[tuple]:
    return [(p, q) for a, p in enumerate(cell) for q in cell[a + 1:]]


def _affine(corners: Sequence, values: Sequence) -> tuple:
    """The affine function through k + 1 values, as its values at 0 and its slopes along the axes."""
    if len(corners) == 2:
        slope = values[1] - values[0]
        return slope, values[0] - slope * corners[0][0]
    (x, y), (u, _), _ = corners  # x + 1 = u or y + 1 = v, and the last corner is (x + 1, y + 1)
    a, b = (values[1] - values[0], values[2] - values[1])
    a, b = (a, b) if u == x + 1 else (b, a)
    return a, b, values[0] - a * x - b * y


def agreement_sets(f: PWL2D, row: Sequence) -> list[list[Point]]:
    """The connected components of {f = a1 x1 + a2 x2 + c} that lie on no line, each by corners of its parts.

    Such a component is a maximal connected set on which f is affine: no other affine function agrees with f on it, and
    it is connected to nothing else where this one does. Exact.
    """
    parts = [part for polygon, function in f.cells if (part := _zeros(polygon, function, row))]
    index: dict = {}
    pairs = [(c, index.setdefault(p, c)) for c, part in enumerate(parts) for p in part if p[2]]
    labels = components(len(parts), np.array(pairs, dtype=int).reshape(-1, 2)) if parts else np.empty(0, dtype=int)
    groups = [[p for part, label in zip(parts, labels, strict=True) if label == k for p in part]
              for k in range(labels.max(initial=-1) + 1)]
    return [[(Fraction(x, w), Fraction(y, w)) for x, y, w in dict.fromkeys(g) if w] for g in groups if _spans(g)]


def _zeros(polygon, function: Sequence, row: Sequence) -> list:
    """Corners (x, y, w) of the set in a cell where its function equals the row."""
    a, b, c = (u - v for u, v in zip(function, row, strict=True))
    values = [a * x + b * y + c * w for x, y, w in polygon]
    found = [p for p, v in zip(polygon, values, strict=True) if v == 0]
    for k, (p, s) in enumerate(zip(polygon, values, strict=True)):
        q, t = polygon[(k + 1) % len(polygon)], values[(k + 1) % len(polygon)]
        if s * t < 0:
            found.append(whole([abs(t) * u + abs(s) * v for u, v in zip(p, q, strict=True)]))
    return found


def _spans(points: Sequence) -> bool:
    """Whether the points and directions (x, y, w) lie on no common line."""
    p = points[0]
    q = next((q for q in points if any(p[i] * q[j] != p[j] * q[i] for i, j in ((0, 1), (0, 2), (1, 2)))), None)
    if q is None:
        return False
    line = (p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0])
    return any(sum(u * v for u, v in zip(line, r, strict=True)) for r in points)
