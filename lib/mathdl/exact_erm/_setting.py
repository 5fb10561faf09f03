"""A problem as the compiled search reads it: distinct points, hyperplanes through them, rows of losses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm import _bounds, _cones
from mathdl.exact_erm._hyperplanes import hyperplanes, spanning_columns
from mathdl.exact_erm.losses import Loss
from mathdl.exact_erm.problem import ERMProblem

KINDS = {"quadratic": _bounds.SQUARED, "polyhedral": _bounds.POLYHEDRAL,
         "smooth": _bounds.SMOOTH, "general": _bounds.SMOOTH}


@dataclass(frozen=True, eq=False)
class Setting:
    """A problem in the form that the kernels read: distinct points, rows of losses, a constant, and the loss of 0.

    `point_of` (n_samples,) gives each sample its point, -1 for weight 0; `columns` are the inputs that are kept: the
    others are affine functions of them on the data.
    """

    problem: ERMProblem
    table: _cones.Table
    rows: _bounds.Rows
    thetas: NDArray[np.float64]
    columns: NDArray[np.int64]
    point_of: NDArray[np.int64]
    constant: float
    scale: float

    @property
    def n_points(self) -> int:
        """How many different points have a positive weight."""
        return self.table.heights.shape[1]

    @property
    def smooth(self) -> bool:
        """Whether losses are only known through their values and slopes."""
        return self.rows.kind == _bounds.SMOOTH


def setting(problem: ERMProblem, credit: int, merge: bool = True) -> Setting:
    """Merge equal points, drop dependent inputs, and list the hyperplanes; ValueError when there are too many.

    With `merge`, squared losses at one point become one row at their mean, and what they lose at least counts at once.
    """
    heavy = np.flatnonzero(problem.sample_weight > 0)
    x, y, v = problem.x[heavy] + 0.0, problem.y[heavy], problem.sample_weight[heavy]
    _refuse_negative(problem.loss, y)
    columns = spanning_columns(x)
    points, point = np.unique(x[:, columns], axis=0, return_inverse=True)
    if not len(columns):  # np.unique has nothing to sort without columns
        points, point = points[:1], np.zeros(len(x), dtype=np.int64)
    at_zero = v * problem.loss.value(np.zeros(len(y)), y)
    # labels far from what the net 0 gives come first: they decide bounds early
    order = np.argsort(-np.bincount(point.ravel(), at_zero, minlength=len(points)), kind="stable")
    planes = hyperplanes(points, order)
    start, through = planes.through()
    table = _cones.Table(np.ascontiguousarray(planes.values), start, through, planes.base, planes.opposite)
    rows, constant = _rows(problem, point.ravel().astype(np.int64), y, v, len(points), credit, merge)
    point_of = np.full(problem.n_samples, -1, dtype=np.int64)
    point_of[heavy] = point.ravel()
    return Setting(problem, table, rows, planes.thetas, columns, point_of, constant, float(at_zero.sum()))


def _refuse_negative(loss: Loss, y: NDArray) -> None:
    """Samples that a node has not reached count as 0 or more."""
    if loss.kind in ("quadratic", "polyhedral"):
        return
    reach = 2 * np.abs(y).max() + 1
    lowest = min(float(loss.value(np.full(len(y), f), y).min()) for f in (*np.linspace(-reach, reach, 33), 0.0))
    if min(lowest, float(loss.value(y, y).min())) < 0:
        raise ValueError(f"loss {loss.name!r}: expected values >= 0, as bounds count unlabelled samples as 0 or more; "
                         f"got {lowest:g}. Add a constant to the loss")


def _rows(problem: ERMProblem, point: NDArray, y: NDArray, v: NDArray, n_points: int,
          credit: int, merge: bool) -> tuple[_bounds.Rows, float]:
    kind, bias, constant = KINDS[problem.loss.kind], int(problem.output_bias), 0.0
    if kind == _bounds.SQUARED and merge:  # samples at one point act like their mean
        total = np.bincount(point, v, minlength=n_points)
        mean = np.bincount(point, v * y, minlength=n_points) / total
        constant = float((v * (y - mean[point]) ** 2).sum())
        point, t, low, high = np.arange(n_points), mean, -total, total
    elif kind == _bounds.POLYHEDRAL:
        t, down, up = problem.loss.kink(y)
        low, high = -v * up, v * down
    else:
        t, low, high, credit = y, -v, v, 0 if kind == _bounds.SMOOTH else credit
    return _bounds.Rows(point, np.array(t, dtype=float), np.array(low), np.array(high), kind, bias, credit), constant
