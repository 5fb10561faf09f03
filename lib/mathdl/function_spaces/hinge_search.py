"""The least number of gates on the line by linear algebra over all sets of hinges: slow, and free of subset sums."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from mathdl.nets.pwl1d import PWL1D


def least_hinges(f: PWL1D, output_bias: bool = True) -> int:
    """The least number of hinges (x − t)₊, (t − x)₊ (and, without output bias, constants) whose span holds f.

    Hinges bend at the breakpoints, at two other points and at a zero of the first piece. Every set of each size is
    tried by least squares, so this is for at most four pieces; ValueError for more.
    """
    if f.n_pieces > 4:
        raise ValueError(f"expected at most 4 pieces, since every set of hinges is tried; got {f.n_pieces}")
    f = f.rounded() if f.is_exact else f
    ends = [*f.breaks, 0.0]
    bends = [*f.breaks, min(ends) - 1, max(ends) + 1, *([-f.intercepts[0] / f.slopes[0]] if f.slopes[0] else [])]
    x = _sites(bends)
    free = [np.ones_like(x)] if output_bias else []
    gates = [np.maximum(sign * (x - t), 0) for t in dict.fromkeys(bends) for sign in (1, -1)]
    gates += [] if output_bias else [np.ones_like(x)]
    return next(w for w in range(f.n_pieces + 2) for chosen in combinations(gates, w) if _spans([*free, *chosen], f(x)))


def _sites(bends: list[float]) -> np.ndarray:
    """Two points in every interval between the bends, which tell piecewise linear functions with these bends apart."""
    t = np.unique(bends)
    t = np.concatenate([[t[0] - 2], t, [t[-1] + 2]])
    return np.concatenate([t[:-1] + np.diff(t) / 3, t[:-1] + np.diff(t) * 2 / 3])


def _spans(columns: list[np.ndarray], y: np.ndarray) -> bool:
    """True when y is a combination of the columns, up to rounding."""
    if not columns:
        return not y.any()
    A = np.column_stack(columns)
    residual = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    # least squares loses cond(A) ε at worst; hinges with integer bends have cond(A) below 1e6
    return bool(np.abs(residual).max() <= 1e6 * np.finfo(float).eps * max(1.0, np.abs(y).max()))
