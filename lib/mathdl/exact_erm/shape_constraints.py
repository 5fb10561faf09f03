"""The global optimum among nets whose predictions increase, or bend upwards, along the samples."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import RayCells, nonnegative_fit, ray_cells, sign_vectors
from mathdl.exact_erm.reliable import ROUNDED, combinations_with_zero
from mathdl.exact_erm.result import ERMResult

Array = NDArray[np.float64]
Shape = Literal["increasing", "decreasing", "convex", "concave", "nonnegative"]
MOST = 100_000  # tuples of cells


def shape_constrained_erm(problem: ERMProblem, shape: Shape) -> ERMResult:
    """The least value of nets whose predictions at the samples have the shape (squared loss).

    "nonnegative" works for any inputs, the other shapes for one input; nothing is asked between samples. Raises
    ValueError otherwise, and beyond 100,000 tuples of cells.
    """
    return constrained_erm(problem, shape_rows(problem.x, shape))


def constrained_erm(problem: ERMProblem, rows: ArrayLike) -> ERMResult:
    """The least value of nets whose predictions f (D,) satisfy `rows` f >= 0, rows of shape (m, D) (squared loss).

    On a tuple of cells f is a non-negative combination of features, and so the inequalities cut a cone with rays down
    to a cone with rays: every subproblem stays a non-negative least squares problem.
    """
    began, rows = perf_counter(), np.asarray(rows, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != problem.n_samples:
        raise ValueError(f"rows: expected shape (m, {problem.n_samples}), one column for each sample; got {rows.shape}")
    if problem.loss.kind != "quadratic":
        raise ValueError(f"loss: expected 'squared'; got {problem.loss.name!r}")
    cells = ray_cells(problem)
    if len(cells) ** problem.width > MOST:
        raise ValueError(f"expected at most {MOST} tuples of cells; got {len(cells)}^{problem.width}. "
                         "Take fewer samples or gates")
    tuples = [(t, s) for t in combinations_with_replacement(range(len(cells)), problem.width) for s in sign_vectors(t)]
    best, solved = None, 0
    for free, i in sorted((cells.fit(*pair).value, i) for i, pair in enumerate(tuples)):
        if best is not None and free >= best[0]:
            break  # not even without the constraints
        solved += 1
        value, c = _fit(cells, *tuples[i], rows)
        if best is None or value < best[0]:
            best = value, *tuples[i], c
    value, chosen, signs, c = best
    theta, bias = cells.point(chosen, c)
    return ERMResult(problem, theta, signs, bias, value, value, "cells with linear constraints", "optimal", len(tuples),
                     solved, perf_counter() - began)


def shape_rows(x: ArrayLike, shape: Shape) -> Array:
    """The matrix (m, D) whose product with the predictions f at x is >= 0 exactly when f has the shape there."""
    x = np.asarray(x, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if shape == "nonnegative":
        return np.eye(len(x))
    if x.shape[1] != 1:
        raise ValueError(f"shape {shape!r}: expected one input; got {x.shape[1]}. Use constrained_erm with rows of "
                         "your own")
    knots, first = np.unique(x[:, 0], return_index=True)
    values, gaps = np.eye(len(x))[first], np.diff(knots)
    slopes = np.diff(values, axis=0) / gaps[:, None]
    rows = {"increasing": slopes, "decreasing": -slopes, "convex": np.diff(slopes, axis=0),
            "concave": -np.diff(slopes, axis=0)}
    if shape not in rows:
        raise ValueError(f"shape: expected one of nonnegative, {', '.join(rows)}; got {shape!r}")
    return rows[shape]


def _fit(cells: RayCells, chosen: Sequence[int], signs: Array, rows: Array) -> tuple[float, Array]:
    """The least value over a tuple of cells under the constraints, and the coefficients of its rays."""
    A = cells.columns(chosen, signs)
    E = rows @ A
    E[abs(E) <= ROUNDED * (abs(rows) @ abs(A))] = 0
    E = E[(E < 0).any(axis=1)]  # the others hold by themselves
    C = combinations_with_zero(np.hstack([E, -np.eye(len(E))]))[:A.shape[1]]
    F = A @ C
    F[abs(F) <= ROUNDED * (abs(A) @ C)] = 0
    fit = nonnegative_fit(F * cells.root[:, None], cells.target)
    return fit.value, C @ fit.coefficients
