"""One cell: the convex subproblem (2.5), solved through the edges of its cone and certified by multipliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from mathdl.exact_erm.cell_cone import ON_IT, cone_edges
from mathdl.exact_erm.cone_fit import fit_cone
from mathdl.exact_erm.losses import SQUARED, Loss

Array = NDArray[np.float64]
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
ROUNDING = 64 * np.finfo(float).eps  # of a residual after a least squares solve with a few columns
DUAL = 1e-9  # Fᵀ slope >= 0 up to this, relative to its terms: a least squares solve with independent columns
ACTIVE = 1e-9  # a constraint is active where |g · θ| is below this times sum |g_i θ_i|: roundings of a few products


@dataclass(frozen=True, eq=False)
class CellSolution:
    """The optimum θ of a cell with its proof: Mᵀ slope = Gᵀ λ with λ >= 0, and λ · G θ = 0 up to `gap`.

    `slope` (D,) is a subgradient of the loss at the predictions M θ; `stationarity` the largest entry of
    |Mᵀ slope - Gᵀ λ|, relative to |M|ᵀ times the slopes at θ and at 0. Since every other θ' of the cell has
    M θ' · slope = λ · G θ' >= 0, no value is below value - `gap`. `active_set` lists the rows of G with G θ = 0.
    """

    theta: Array
    value: float
    multipliers: Array
    active_set: NDArray[np.intp]
    slope: Array
    gap: float
    stationarity: float


@dataclass(frozen=True, eq=False)
class Combination:
    """The best nonnegative combination F c of features: its coefficients, value, a dual bound and a subgradient.

    Value and bound agree up to rounding, or the gap of the tangents; the bound is 0 if no optimum was reached.
    """

    c: Array
    value: float
    lower: float
    slope: Array


def cell_matrices(lifted: Array, patterns: ArrayLike, signs: ArrayLike,
                  output_bias: bool = False) -> tuple[Array, Array]:
    """(M, G) of the cell with `patterns` (w, D) and `signs` (w,): predictions M θ, constraints G θ >= 0.

    θ stacks the gates (a_i, b_i), and last the output bias if there is one. M is (D, w(n+1)), G is (wD, w(n+1)), each
    with a column more for the bias. Source: Mukherjee 2020, (2.4) and (2.5).
    """
    p, s = np.asarray(patterns, dtype=bool), np.asarray(signs, dtype=float)
    M = np.hstack([s_i * p_i[:, None] * lifted for p_i, s_i in zip(p, s, strict=True)])
    G = np.kron(np.eye(len(p)), lifted) * np.where(p, 1.0, -1.0).reshape(-1, 1)
    if output_bias:
        M, G = np.column_stack([M, np.ones(len(M))]), np.column_stack([G, np.zeros(len(G))])
    return M, G


def solve_cell(M: ArrayLike, y: ArrayLike, G: ArrayLike, loss: Loss = SQUARED, *,
               weight: ArrayLike | None = None) -> CellSolution:
    """min sum_j v_j ℓ((M θ)_j, y_j) over G θ >= 0, exactly, whatever the rank of M (Mukherjee 2020, (2.5)).

    M is (D, m), y and `weight` (v) are (D,), G is (K, m). The cone G θ >= 0 consists of the nonnegative combinations
    θ = R c of its edges, so that the problem becomes one in c >= 0: nonnegative least squares for the squared loss, a
    linear program for a polyhedral one, tangent lines for the rest (`minimise_by_tangents`). No regularisation: an
    optimum that is not unique is returned at a corner. Raises ValueError when shapes do not fit, or when the loss has
    no minimum on the cell.
    """
    M, y, G = (np.asarray(a, dtype=float) for a in (M, y, G))
    v = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)
    if M.ndim != 2 or G.ndim != 2 or M.shape[1] != G.shape[1] or y.shape != (len(M),) or v.shape != y.shape:
        raise ValueError(f"expected M (D, m), y (D,), G (K, m) and weight (D,); got {M.shape}, {y.shape}, {G.shape} "
                         f"and {v.shape}")
    R = generators(M, G)
    best = best_combination(M @ R, y, loss, v)
    theta = R @ best.c
    return certified(M, y, G, loss, v, theta, best)


def certified(M: Array, y: Array, G: Array, loss: Loss, v: Array, theta: Array, best: Combination) -> CellSolution:
    """The solution with multipliers λ: the nonnegative least squares solution of Gᵀ λ = Mᵀ slope (zero residual)."""
    f = M @ theta
    value = float((v * loss.value(f, y)).sum())
    target, unit = M.T @ best.slope, np.maximum(abs(G).max(axis=0, initial=0), abs(M).max(axis=0))
    unit[unit == 0] = 1  # one variable may be measured in millions, another in ones
    multipliers = _nnls((G / unit).T, target / unit)
    active = np.flatnonzero(abs(G @ theta) <= ACTIVE * (abs(G) @ abs(theta)))
    scale = abs(M).T @ (abs(best.slope) + abs(v * loss.slope(np.zeros_like(y), y)))
    error = abs(target - G.T @ multipliers) / np.where(scale > 0, scale, 1)
    return CellSolution(theta, value, multipliers, active, best.slope, max(0.0, value - best.lower),
                        float(error.max(initial=0)))


def generators(M: Array, G: Array) -> Array:
    """Columns R (m, k) whose nonnegative combinations are the cone G θ >= 0, up to directions that M does not see.

    Variables that share no row of G are independent of each other: edges are taken block by block (one for each gate),
    and a variable without constraint (the output bias) contributes both of its directions.
    """
    columns = []
    for block in _blocks(G != 0):
        rows = G[(G[:, block] != 0).any(axis=1)][:, block]
        edges = cone_edges(rows) if len(rows) else np.vstack([np.eye(len(block)), -np.eye(len(block))])
        lines = _kernel(rows) if len(rows) else np.zeros((0, len(block)))
        for edge in [*edges, *lines, *-lines]:
            column = np.zeros(G.shape[1])
            column[block] = edge
            columns.append(column)
    R = np.array(columns).reshape(-1, G.shape[1]).T
    seen = abs(M @ R) > ON_IT * (abs(M) @ abs(R))
    return R[:, seen.any(axis=0)]


def best_combination(F: Array, y: Array, loss: Loss, weight: Array, *, cutoff: float = np.inf) -> Combination:
    """min over c >= 0 of sum v ℓ(F c, y), F (D, k) with non-zero columns; may stop when the bound reaches `cutoff`."""
    if loss.is_quadratic:
        return _least_squares(F, y, weight)
    if loss.is_polyhedral:
        return _linear_program(F, y, loss, weight)
    from mathdl.exact_erm.tangents import minimise_by_tangents

    return Combination(*minimise_by_tangents(F, y, loss, weight, cutoff=cutoff))


def _least_squares(F: Array, y: Array, v: Array) -> Combination:
    root = np.sqrt(v)
    found = _optimality(F, y, v, _nnls(root[:, None] * F, root * y))
    if found.lower == 0 < found.value:  # a column beside its negative can stop scipy's nnls far from the optimum
        second = _optimality(F, y, v, fit_cone(F, y, sample_weight=v)[0])
        found = second if second.value <= found.value else found
    return found


def _optimality(F: Array, y: Array, v: Array, c: Array) -> Combination:
    """What the coefficients c prove: the dual bound of their residual, or 0 when it leaves a feature to add."""
    r = F @ c - y
    value = float(v @ r ** 2)
    slope = 2 * v * r
    # Every c' >= 0 has value >= -2 r·V y - r·V r + slope·F c', and Fᵀ slope >= 0 at an optimum: a sharp bound.
    # Residuals that should be 0 are rounding of the size of the labels, wherever those stand.
    root = np.sqrt(v)
    rounding = ROUNDING * np.linalg.norm(root[:, None] * F, axis=0) * np.linalg.norm(root * y)
    optimal = (F.T @ slope >= -DUAL * (abs(F).T @ (v * (abs(r) + abs(y)))) - rounding).all()
    return Combination(c, value, max(0.0, float(-2 * (v * r) @ y - value)) if optimal else 0.0, slope)


def _nnls(A: Array, b: Array) -> Array:
    """Nonnegative least squares (Lawson and Hanson), columns scaled to length 1; the solution uses independent ones."""
    length = np.linalg.norm(A, axis=0)
    used = np.flatnonzero(length > 0)
    c = np.zeros(A.shape[1])
    if len(used):
        c[used] = nnls(A[:, used] / length[used], b, maxiter=30 * len(used) + 100)[0] / length[used]
    return c


def _linear_program(F: Array, y: Array, loss: Loss, v: Array) -> Combination:
    """u, o >= 0 with F c + u - o = t are the shortfall and the excess: sum v (down u + up o) by HiGHS, and its dual."""
    from scipy.optimize import linprog

    t, down, up = loss.kink(y)
    size = np.maximum(abs(F).max(axis=0, initial=0), np.finfo(float).tiny)
    D, k = F.shape
    program = linprog(np.concatenate([np.zeros(k), v * down, v * up]), b_eq=t, method="highs",
                      A_eq=np.hstack([F / size, np.eye(D), -np.eye(D)]), options=TIGHT)
    if program.status != 0:
        raise ValueError(f"the linear program of a cell was not solved: {program.message} Rescale x and y to size 1")
    c = np.maximum(program.x[:k], 0) / size
    slope = np.clip(-program.eqlin.marginals, -v * down, v * up)
    value = float((v * loss.value(F @ c, y)).sum())
    return Combination(c, value, min(value, float(-slope @ t)), slope)


def _kernel(rows: Array) -> Array:
    """A basis (rows) of the directions on which all rows of a block vanish."""
    scale = np.where(abs(rows).max(axis=0) > 0, abs(rows).max(axis=0), 1)
    _, s, vt = np.linalg.svd(rows / scale)
    return vt[int((s > 1e-11 * s[0]).sum()):] / scale


def _blocks(touches: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The connected sets of columns, where a row of `touches` (K, m) connects the columns that it touches."""
    m = touches.shape[1]
    label = np.arange(m)
    for row in np.unique(touches, axis=0):
        joined = np.isin(label, label[row])
        if row.any():
            label[joined] = label[joined].min()
    return [np.flatnonzero(label == b) for b in np.unique(label)]
