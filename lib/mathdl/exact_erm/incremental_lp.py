"""Dichotomies by linear programming, one point after the other: slow, and independent of everything else here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CLEAR = 1e-7  # HiGHS satisfies constraints to 1e-7 when they are scaled to 1: a smaller margin is no margin


def lp_dichotomies(z: Array) -> tuple[NDArray[np.bool_], Array]:
    """Patterns (N, m) and inner functionals (N, d + 1) of the points z (m, d) with entries in [-1, 1].

    Every cell of the first points is kept, on one side of the next point or on both, as a linear program finds. Right
    when every cell has a functional with coefficients in [-1, 1] that exceeds 1e-7 in absolute value on all points.
    """
    found: list[tuple[tuple[bool, ...], Array | None]] = [((), None)]
    for j in range(len(z)):
        wider = []
        for pattern, _ in found:
            for side in (False, True):
                theta = inner_functional(z[:j + 1], (*pattern, side))
                if theta is not None:
                    wider.append(((*pattern, side), theta))
        found = wider
    return np.array([p for p, _ in found], dtype=bool), np.array([theta for _, theta in found])


def inner_functional(z: Array, pattern: tuple[bool, ...]) -> Array | None:
    """The (a, b) in [-1, 1]^(d + 1) with these signs and the largest smallest |value| on z (m, d); None without one."""
    from scipy.optimize import linprog

    rows = np.where(pattern, -1.0, 1.0)[:, None] * np.column_stack([z, np.ones(len(z))])
    size = rows.shape[1]
    found = linprog(np.r_[np.zeros(size), -1], A_ub=np.column_stack([rows, np.ones(len(z))]), b_ub=np.zeros(len(z)),
                    bounds=[(-1, 1)] * size + [(None, None)])
    return found.x[:-1] if found.x is not None and found.x[-1] > CLEAR else None
