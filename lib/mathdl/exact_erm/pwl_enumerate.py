"""Problem (2.6) by enumeration: one convex program for each cell of breakpoints (Mukherjee 2020, (2.8), corrected)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.cell_problem import best_combination
from mathdl.exact_erm.cone_fit import fit_cone
from mathdl.exact_erm.losses import Loss, as_loss
from mathdl.exact_erm.pwl_cells import Knots, distinct_cells, knot_signs
from mathdl.exact_erm.pwl_fit import LineData, PWLFit
from mathdl.nets.pwl1d import PWL1D

Array = NDArray[np.float64]


def fit_by_cells(data: LineData, pieces: int, loss: Loss) -> PWLFit:
    """The least value over all cells; cells that bend at the same samples the same way are solved once."""
    at = np.unique(data.x)
    A, best, n = hinges(data.x, at), None, 0
    for I, S, knots in distinct_cells(len(at), min(pieces, len(at))):
        n += 1
        value, c = _solved(A, data, knots, loss)
        if best is None or value < best[0]:
            best = value, I, S, knots, c
    return PWLFit(bent(at, *best[1:]), best[0] + data.spread, pieces, "cells", n)


def lines_in_cell(data: LineData, I: Sequence[int], S: Sequence[int], loss: Loss | str = "squared") -> Array:
    """The best lines (w, 2), slopes and intercepts, that meet between samples i_j and i_j + 1 and turn by S_j there."""
    at = np.unique(data.x)
    knots = knot_signs(I, S, len(at))
    _, c = _solved(hinges(data.x, at), data, knots, as_loss(loss, data.y))
    lines = [np.array([c[1], c[0] - c[1] * at[0]])]
    for t, jump in bends(at, I, S, knots, c):
        lines.append(lines[-1] + [jump, -jump * t])
    return np.array(lines)


def _solved(A: Array, data: LineData, knots: Knots, loss: Loss) -> tuple[float, Array]:
    """The least value with these bends, and the coefficients."""
    A = A[:, [0, 1, *(k for k, _ in knots)]]
    signs = np.array([0, 0, *(s for _, s in knots)])
    c = (_squared if loss.is_quadratic else _convex)(A, data.y, data.weight, signs, loss)
    return float(data.weight @ loss.value(A @ c, data.y)), c


def hinges(x: Array, at: Array) -> Array:
    """Columns 1, x - x_1, and σ(x - x_k) for k = 2, …: column k belongs to sample k, counted from 1; column 0 to 1."""
    return np.column_stack([np.ones(len(x)), *(np.maximum(x - t, 0) for t in at)])


def bends(at: Array, I: Sequence[int], S: Sequence[int], knots: Knots, c: Array) -> list[tuple[float, float]]:
    """Where breakpoint j lies and how much the slope changes there, such that the bends at the knots are c_2, c_3, ….

    A bend that two breakpoints could make is left to the first one.
    """
    left = dict(zip((k for k, _ in knots), c[2:], strict=True))
    made = []
    for i, s in zip(I, S, strict=True):
        p, q = (max(s * left.get(k, 0.0), 0.0) for k in (i, i + 1))
        left |= {k: left[k] - s * part for k, part in ((i, p), (i + 1, q)) if part}
        share = q / (p + q) if p + q else 0.0
        made.append((float(at[i - 1] + (at[i] - at[i - 1]) * share), s * (p + q)))
    return made


def bent(at: Array, I: Sequence[int], S: Sequence[int], knots: Knots, c: Array) -> PWL1D:
    """The function with the value c_0 and the slope c_1 at the first sample, and these bends."""
    breaks: dict[float, float] = {}
    for t, jump in bends(at, I, S, knots, c):
        breaks[t] = breaks.get(t, 0.0) + jump
    t = np.array(sorted(breaks))
    jumps = np.array([breaks[v] for v in t])
    slopes = np.concatenate([[c[1]], c[1] + np.cumsum(jumps)])
    start = c[0] - c[1] * at[0]
    return PWL1D(t, slopes, np.concatenate([[start], start - np.cumsum(jumps * t)]))


def _squared(A: Array, y: Array, v: Array, signs: NDArray[np.intp], loss: Loss) -> Array:
    """Least squares with prescribed signs of some coefficients: the free ones are eliminated, the rest is NNLS."""
    root = np.sqrt(v)
    A, y, free = A * root[:, None], y * root, signs == 0
    Q = np.linalg.qr(A[:, free])[0]
    rest = A[:, ~free] * signs[~free]
    c = np.zeros(len(signs))
    if rest.size:
        c[~free] = fit_cone(rest - Q @ (Q.T @ rest), y - Q @ (Q.T @ y))[0]
    c[free] = np.linalg.lstsq(A[:, free], y - rest @ c[~free], rcond=None)[0]
    c[~free] *= signs[~free]
    return c


def _convex(A: Array, y: Array, v: Array, signs: NDArray[np.intp], loss: Loss) -> Array:
    """Any convex loss: signed coefficients as nonnegative ones, a free one as the difference of two."""
    free = signs == 0
    F = np.hstack([A[:, ~free] * signs[~free], A[:, free], -A[:, free]])
    parts = best_combination(F, y, loss, v).c
    c, m, n = np.zeros(len(signs)), int((~free).sum()), int(free.sum())
    c[~free], c[free] = parts[:m] * signs[~free], parts[m:m + n] - parts[m + n:]
    return c
