"""A convex program with a loss of one variable for each sample, solved by tangent lines, with a lower bound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.losses import Loss

Array = NDArray[np.float64]
GAP = 1e-9  # of the value at c = 0: the bounds of the linear programs are good to about 1e-10
ROUNDS = 200
FAR = 1e6  # predictions beyond this times the size of the labels (at least 1) are taken as running away
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def minimise_by_tangents(F: Array, y: Array, loss: Loss, weight: Array, *, cutoff: float = np.inf,
                         gap: float = GAP) -> tuple[Array, float, float, Array]:
    """(c, value, lower bound, subgradient) of min over c >= 0 of sum_j v_j ℓ((F c)_j, y_j), F (D, k).

    Kelley's cutting planes, with one family of tangents a sample: each ℓ(., y_j) is replaced by the largest of its
    tangents so far, which is below it; a linear program minimises the sum; its value is a lower bound, its solution the
    next prediction to take tangents at. Stops when value and bound are within `gap` times the value at c = 0, or when
    the bound reaches `cutoff`. Samples of weight 0 do not enter. Raises ValueError when the predictions run away: the
    infimum is then not attained, or there is none.
    """
    D, k = F.shape
    used = weight > 0
    size = np.maximum(abs(F).max(axis=0, initial=0), np.finfo(float).tiny)
    A, labels, v = F[used] / size, y[used], weight[used]
    reach = max(1.0, abs(labels).max(initial=0))
    best, start = np.zeros(k), float((v * loss.value(np.zeros_like(labels), labels)).sum())
    value, lower = start, -np.inf
    lines = [_tangents(loss, np.full_like(labels, f), labels)
             for f in np.unique([0.0, *(s * t * reach for s in (-1, 1) for t in (0.5, 1, 2, 8))])]
    lines.append(_tangents(loss, labels, labels))
    for _ in range(ROUNDS):
        c, bound = _lowest(A, v, lines, FAR * reach)
        lower = max(lower, bound)
        f = A @ c
        here = float((v * loss.value(f, labels)).sum())
        if here < value:
            best, value = c, here
        if value - lower <= gap * max(abs(start), np.finfo(float).tiny) or lower >= cutoff:
            break
        if abs(f).max() >= 0.99 * FAR * reach:
            raise ValueError(f"loss {loss.name!r}: the predictions of a cell run away to {abs(f).max():.3g}: its "
                             "infimum is not attained there, or there is none. Use a loss with a minimum")
        lines.append(_tangents(loss, f, labels))
    else:
        raise ValueError(f"loss {loss.name!r}: value {value:.10g} and bound {lower:.10g} did not meet in {ROUNDS} "
                         "rounds of tangents. Rescale the labels to size 1")
    slope = np.zeros(D)
    slope[used] = v * loss.slope(A @ best, labels)
    return best / size, value, min(lower, value), slope


def _tangents(loss: Loss, f: Array, y: Array) -> tuple[Array, Array]:
    """Slope and value at 0 of the tangent of each ℓ(., y_j) at f_j."""
    slope = loss.slope(f, y)
    return slope, loss.value(f, y) - slope * f


def _lowest(A: Array, v: Array, lines: list[tuple[Array, Array]], far: float) -> tuple[Array, float]:
    """min sum v_j t_j with t_j above every line at (A c)_j, c >= 0 and |A c| <= far: the solution c and the value."""
    from scipy.optimize import linprog

    D, k = A.shape
    rows = [np.hstack([slope[:, None] * A, -np.eye(D)]) for slope, _ in lines]
    box = np.hstack([np.vstack([A, -A]), np.zeros((2 * D, D))])
    upper = np.concatenate([*(-offset for _, offset in lines), np.full(2 * D, far)])
    program = linprog(np.concatenate([np.zeros(k), v]), A_ub=np.vstack([*rows, box]), b_ub=upper, method="highs",
                      bounds=[(0, None)] * k + [(None, None)] * D, options=TIGHT)
    if program.status != 0:
        raise ValueError(f"the linear program of a cell was not solved: {program.message} Rescale x and y to size 1")
    return np.maximum(program.x[:k], 0), float(program.fun)
