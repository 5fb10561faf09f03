"""Dichotomies in the plane by a rotating line: the order of the points along a turning direction."""

from __future__ import annotations

from functools import cmp_to_key
from itertools import combinations
from math import gcd

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.affine_span import SpanningPoints

Array = NDArray[np.float64]
Direction = tuple[int, int]


def plane_dichotomies(points: SpanningPoints) -> tuple[NDArray[np.bool_], Array]:
    """Patterns (N, m) and inner functionals (N, 3) on `points.floats`, for distinct points that span the plane.

    A direction makes half a turn. Where it is normal to the line through two points, points on such lines are reversed
    in the order along it, and every place inside a reversed block is a dichotomy that was not there before: each is
    found once, its complement in the other half of the turn. O(m^2 log m) exact comparisons plus the output.
    """
    z = [tuple(map(int, row)) for row in points.integers]
    events = _events(z)
    turns = sorted(events, key=cmp_to_key(lambda p, q: p[1] * q[0] - p[0] * q[1]))
    angles = np.array([np.arctan2(float(p[1] / points.reach[1]), float(p[0] / points.reach[0])) for p in turns])
    middles = (angles + np.append(angles[1:], angles[0] + np.pi)) / 2 + np.pi / 2
    order = sorted(range(len(z)), key=z.__getitem__)
    rank = np.empty(len(z), dtype=np.intp)
    rank[order] = np.arange(len(z))
    patterns, inner = [np.ones(len(z), dtype=bool)], [np.array([0.0, 0.0, 1.0])]
    for turn, angle in zip(turns, middles, strict=True):
        normal = np.array([np.cos(angle), np.sin(angle)])
        places = [k for block in _blocks(events[turn], turn, z, rank) for k in _reverse(block, order, rank)]
        along = points.floats[order] @ normal
        patterns += [rank >= k for k in places]
        inner += [np.append(normal, -(along[k - 1] + along[k]) / 2) for k in places]
    return np.concatenate([patterns, ~np.array(patterns)]), np.concatenate([inner, -np.array(inner)])


def _events(z: list[Direction]) -> dict[Direction, set[int]]:
    """The points on lines through two points, by the primitive direction of the line, which points to the right."""
    events: dict[Direction, set[int]] = {}
    for i, j in combinations(range(len(z)), 2):
        p, q = sorted((z[i], z[j]))
        step = (q[0] - p[0], q[1] - p[1])
        g = gcd(*step)
        events.setdefault((step[0] // g, step[1] // g), set()).update((i, j))
    return events


def _blocks(involved: set[int], turn: Direction, z: list[Direction], rank: NDArray[np.intp]) -> list[list[int]]:
    """The ranks of the points on each line of this direction, two points or more."""
    lines: dict[int, list[int]] = {}
    for i in involved:
        lines.setdefault(turn[0] * z[i][1] - turn[1] * z[i][0], []).append(int(rank[i]))
    return [sorted(line) for line in lines.values()]


def _reverse(block: list[int], order: list[int], rank: NDArray[np.intp]) -> list[int]:
    """Reverse consecutive ranks; returns the ranks at which the points from there on are a new set."""
    low, high = block[0], block[-1] + 1
    order[low:high] = order[low:high][::-1]
    rank[order[low:high]] = np.arange(low, high)
    return list(range(low + 1, high))
