"""The convex problem of one cone: non-negative coefficients on the features of its rays, with a proven lower bound."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm._cone_fit import boxed_lp, nnls
from mathdl.exact_erm.losses import SQUARED, Loss

Array = NDArray[np.float64]


def fit_cone(A: ArrayLike, y: ArrayLike, loss: Loss = SQUARED, sample_weight: ArrayLike | None = None,
             cutoff: float | None = None) -> tuple[Array, float, float]:
    """min over c >= 0 of sum_j v_j ℓ((A c)_j, y_j): (c, value, lower), with value at c and no value below `lower`.

    `A` is (n_samples, n_features), one column for each ray: its signed feature s σ(r·x̄_j). `lower` is the dual value
    of the residual (squared loss), of the basis (polyhedral) or of a linear program over tangents (smooth; the loss
    must then be non-negative, and the program is refined until value - lower is small or `lower` reaches `cutoff`).
    A dual vector u must have a_k·u <= 0 for all columns. Rounding leaves a_k·u = ε_k |a_k| instead, which changes the
    bound by at most max(ε) sum_k |a_k| c_k at a net with coefficients c, so max(ε)·T is subtracted: the bound holds for
    all c with sum_k |a_k| c_k <= T, where T is 10⁴ times the size of the labels and 10 times the fitted sum. (Columns a
    and -a leave no room to repair u itself: a·u must be 0.) Raises ValueError when shapes do not fit.
    """
    A, y = np.ascontiguousarray(A, dtype=float), np.ascontiguousarray(y, dtype=float)
    v = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    if A.ndim != 2 or A.shape[0] != len(y) or v.shape != y.shape:
        raise ValueError(f"expected A of shape (n_samples, n_features) and n_samples labels and weights; got shapes "
                         f"{A.shape}, {y.shape} and {v.shape}")
    if not (np.isfinite(A).all() and np.isfinite(y).all() and (v >= 0).all()):
        raise ValueError("expected finite features and labels, and weights >= 0; got others")
    if loss.kind == "quadratic":
        root = np.sqrt(v)
        c, value, lower = nnls(root[:, None] * A, root * y)
        return c, float(value), max(0.0, float(lower))
    if loss.kind == "polyhedral":
        t, down, up = loss.kink(y)
        c, value, lower, _ = boxed_lp(A, np.asarray(t, dtype=float), -v * up, v * down)
        return c, float(value), max(0.0, float(lower))
    return fit_smooth(A, y, loss, v, cutoff)


def fit_smooth(A: Array, y: Array, loss: Loss, v: Array, cutoff: float | None = None,
               rounds: int = 40) -> tuple[Array, float, float]:
    """`fit_cone` for a smooth non-negative loss: a quasi-Newton fit, then linear programs over tangents.

    A convex loss lies above its tangents, so the largest of 0 and a few tangents is a polyhedral loss below it, and the
    exact minimum for that loss is a lower bound. Tangents at the fitted outputs f and at f ± δ make it
    tight to O(δ²), and their slopes leave the dual the room that an inexact f needs: three sizes of δ serve fits of any
    quality. Each round adds tangents at the program's
    own solution (Kelley 1960).
    """
    def total(c: Array) -> tuple[float, Array]:
        f = A @ c
        return float(v @ loss.value(f, y)), A.T @ (v * loss.slope(f, y))

    if not A.any():  # no feature reaches a sample
        value = total(np.zeros(A.shape[1]))[0]
        return np.zeros(A.shape[1]), value, value
    scale = float(v @ loss.value(np.zeros(len(y)), y)) or 1.0
    c, value = _descent(total, A, scale)
    f = A @ c
    steps = np.array([1e-5, -1e-5, 1e-3, -1e-3, 0.1, -0.1, 0.0]) * (1.0 + np.abs(f).max(initial=0.0))
    tangents = [f + step for step in steps]
    lower = 0.0
    for _ in range(rounds):
        guess, bound = _tangent_program(A, y, loss, v, tangents)
        lower = max(lower, bound)
        trial = total(guess)[0]
        if trial < value:
            c, value = guess, trial
        if value - lower <= 1e-10 * scale or (cutoff is not None and lower >= cutoff):
            break
        tangents.append(A @ guess)
    return c, value, min(lower, value)


def _descent(total: Any, A: Array, scale: float) -> tuple[Array, float]:
    from scipy.optimize import minimize

    norms = np.sqrt((A * A).sum(axis=0))
    norms[norms == 0] = 1.0

    def scaled(z: Array) -> tuple[float, Array]:
        value, slope = total(z / norms)
        return value / scale, slope / norms / scale

    found = minimize(scaled, np.zeros(len(norms)), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(norms),
                     options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 500})
    c = np.maximum(found.x, 0) / norms
    return c, total(c)[0]


def _tangent_program(A: Array, y: Array, loss: Loss, v: Array, at: list[Array]) -> tuple[Array, float]:
    """The exact minimum when each loss is replaced by the largest of 0 and its tangents at the outputs `at`.

    Each such loss is a line and a few kinks: sum_l jump_l max(f - t_l, 0), written as boxed rows with equal features.
    """
    none = np.zeros(len(y))
    slopes = np.array([*(v * loss.slope(f, y) for f in at), none])
    offsets = np.array([*(v * (loss.value(f, y) - _doubt(loss, f, y)) - s * f
                          for f, s in zip(at, slopes, strict=False)), none])
    rows, t, low, high, constant = [], [], [], [], 0.0
    for j in range(len(y)):
        kinks = _envelope(slopes[:, j], offsets[:, j])
        first = kinks[0]
        # the leftmost line is a row with one slope only: u = -slope, t = 0
        rows.append(j), t.append(0.0), low.append(-first[1]), high.append(-first[1])
        constant += first[2]
        for (where, slope, _), before in zip(kinks[1:], kinks[:-1], strict=True):
            rows.append(j), t.append(where), low.append(before[1] - slope), high.append(0.0)
    c, _, lower, _ = boxed_lp(A[rows], np.array(t), np.array(low), np.array(high))
    return c, constant + float(lower)


def _doubt(loss: Loss, f: Array, y: Array) -> Array | float:
    """How far a tangent can be above a loss whose slopes are difference quotients: see `losses.from_function`."""
    if loss.kind != "general":
        return 0.0
    h = 2.0 ** -17 * np.maximum(1, abs(f))
    return np.maximum(0.0, (loss.value(f + h, y) + loss.value(f - h, y)) / 2 - loss.value(f, y))


def _envelope(slopes: Array, offsets: Array) -> list[tuple[float, float, float]]:
    """The largest of the lines as (from where, slope, offset), left to right."""
    hull: list[tuple[float, float, float]] = []
    order = np.lexsort((offsets, slopes))
    for k, (slope, offset) in enumerate(zip(slopes[order].tolist(), offsets[order].tolist(), strict=True)):
        if k + 1 < len(order) and slopes[order[k + 1]] == slope:
            continue  # a parallel line lies above
        if hull and slope - hull[-1][1] <= 1e-13 * (abs(slope) + abs(hull[-1][1])):
            continue  # parallel but for rounding: with fewer lines the bound still holds
        where = -np.inf
        while hull:
            where = (hull[-1][2] - offset) / (slope - hull[-1][1])
            if where > hull[-1][0]:
                break
            hull.pop()
            where = -np.inf
        hull.append((where, slope, offset))
    return hull
