"""How fast the integral of a net over growing squares grows: with one hidden layer it can never stay bounded."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np

from mathdl.nets.relu_net import ReLUNet

Cell = tuple[np.ndarray, np.ndarray, np.ndarray]  # a convex polygon, and the affine map x ↦ A x + c on it
Line = tuple[np.ndarray, float, float]  # unit normal ν, offset c with <ν, x> = c on it, kink across it


def kink_lines(net: ReLUNet) -> list[Line]:
    """The lines across which a net with two inputs and one hidden layer bends, with the jump κ of its slope.

    Gates on one line are added up, and lines where they cancel exactly are left out. Raises ValueError for other nets.
    """
    if (net.n_inputs, net.hidden_layers, net.n_outputs) != (2, 1, 1):
        raise ValueError(f"expected a net with 2 inputs, 1 hidden layer, 1 output; got {net.n_inputs}, "
                         f"{net.hidden_layers}, {net.n_outputs}")
    net = net.exact()
    kinks: dict[tuple, float] = {}
    for a, b, v in zip(net.weights[0], net.biases[0], net.weights[1][0], strict=True):
        if any(a):
            lead = next(w for w in a if w)
            line = tuple(u / lead for u in (*a, b))
            kinks[line] = kinks.get(line, 0) + v * abs(lead)
    lengths = {line: sqrt(line[0] ** 2 + line[1] ** 2) for line in kinks}
    return [(np.array([float(u) for u in line[:2]]) / lengths[line], -float(line[2]) / lengths[line],
             float(kink) * lengths[line]) for line, kink in kinks.items() if kink]


def strip_bound(net: ReLUNet, radius: float) -> float:
    """A lower bound on ∫ |f| over [−R, R]² that grows linearly in R, for one hidden layer with a kink (ours); else 0.

    Across a line with kink κ, on a segment of half-length δ that meets no other line, f is affine plus κ|t|/2, and no
    affine function is nearer to κ|t|/2 than κδ²/4 in L¹. Such segments fill the line up to a bounded length.
    """
    lines = kink_lines(net)
    return max((_along(lines, i, radius) for i in range(len(lines))), default=0.0)


def absolute_integral(net: ReLUNet, radius: float) -> float:
    """∫ |f| over [−R, R]² for a net with two inputs and one output, summed over its affine cells, in float64."""
    if (net.n_inputs, net.n_outputs) != (2, 1):
        raise ValueError(f"expected a net with 2 inputs and 1 output; got {net.n_inputs} and {net.n_outputs}")
    net = net.rounded()
    cells = [(radius * np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]), np.eye(2), np.zeros(2))]
    for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        cells = [part for P, A, c in cells for part in _activated(P, W @ A, W @ c + b)]
    W, b = net.weights[-1], net.biases[-1]
    signed = [(P, (W @ A)[0], (W @ c + b)[0]) for P, A, c in cells]
    return sum(_positive_integral(P, g, c) + _positive_integral(P, -g, -c) for P, g, c in signed)


def _along(lines: list[Line], i: int, radius: float) -> float:
    """The bound from the strip around line i."""
    normal, offset, kink = lines[i]
    others = [(abs(float(m[0] * normal[1] - m[1] * normal[0])), abs(float(m @ normal)), m, c)
              for j, (m, c, _) in enumerate(lines) if j != i]
    gaps = [abs(c * float(np.sign(m @ normal)) - offset) for sine, _, m, c in others if sine < 1e-12]
    delta = min([1.0, *gaps])
    blocked = sum(2 * delta * cosine / sine for sine, cosine, _, _ in others if sine >= 1e-12)
    return abs(kink) * delta ** 2 / 4 * max(0.0, _chord(normal, offset, radius - delta) - blocked)


def _chord(normal: np.ndarray, offset: float, radius: float) -> float:
    """The length of the line <ν, x> = c inside the square [−R, R]²; 0 when it misses it."""
    start, along = offset * normal, np.array([-normal[1], normal[0]])
    low, high = -np.inf, np.inf
    for x, d in zip(start, along, strict=True):
        if d:
            ends = sorted(((-radius - x) / d, (radius - x) / d))
            low, high = max(low, ends[0]), min(high, ends[1])
        elif abs(x) > radius:
            return 0.0
    return max(0.0, float(high - low))


def _activated(polygon: np.ndarray, A: np.ndarray, c: np.ndarray) -> Iterator[Cell]:
    """The parts of a convex polygon on which no gate of x ↦ σ(A x + c) changes sign, each with its affine map."""
    parts = [polygon]
    for a, offset in zip(A, c, strict=True):
        parts = [half for P in parts for half in (_clipped(P, P @ a + offset), _clipped(P, -(P @ a + offset)))
                 if len(half) >= 3]
    for P in parts:
        on = A @ P.mean(axis=0) + c > 0
        yield P, A * on[:, None], c * on


def _clipped(polygon: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The part of a convex polygon where the affine function with these values at the corners is >= 0."""
    corners = []
    for x, y, u, v in zip(polygon, np.roll(polygon, -1, axis=0), values, np.roll(values, -1), strict=True):
        corners += [x] if u >= 0 else []
        corners += [x + (y - x) * u / (u - v)] if u * v < 0 else []
    return np.array(corners)


def _positive_integral(polygon: np.ndarray, gradient: np.ndarray, offset: float) -> float:
    """∫ max(0, <g, x> + c) over a convex polygon: a fan of triangles, each with its area times its mean value."""
    P = _clipped(polygon, polygon @ gradient + offset)
    if len(P) < 3:
        return 0.0
    fan = P[1:] - P[0]
    areas = np.abs(fan[:-1, 0] * fan[1:, 1] - fan[:-1, 1] * fan[1:, 0]) / 2
    heights = np.maximum(P @ gradient + offset, 0)
    return float(areas @ (heights[0] + heights[1:-1] + heights[2:]) / 3)
