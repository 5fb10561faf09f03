"""The smallest width that fits the data exactly, and on the line how many breakpoints an interpolant needs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.affine_span import independent_columns, sample_matrix
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.pwl_class import smallest_net_on
from mathdl.exact_erm.pwl_interpolation import thrifty_interpolant
from mathdl.exact_erm.result import ERMResult
from mathdl.nets.relu_net import ReLUNet

FITTED = 1e-10  # of sum y²: an optimum below it counts as 0; float64 leaves about 1e-28 on data that can be fitted
MOST_BENDS = 12  # breakpoints up to which a net for the thrifty interpolant is built: 2^k choices of directions


@dataclass(frozen=True, eq=False)
class SmallestWidth:
    """The smallest width with value 0, and the global optima of the widths that were tried.

    `net` has `width` gates and fits. `results` are the optima of width `lowest`, `lowest` + 1, ...; the last has value
    0, unless `net` was built from the interpolant with the fewest breakpoints. `breakpoints` is that number for data on
    a line, exact; None otherwise.
    """

    width: int
    net: ReLUNet
    lowest: int
    results: tuple[ERMResult, ...]
    breakpoints: int | None


def smallest_width(x: ArrayLike, y: ArrayLike, *, output_bias: bool = False, from_below: bool = False,
                   time_limit: float | None = None) -> SmallestWidth:
    """The least w such that a net with w gates (and an output bias) passes through all samples.

    On a line an exact count of breakpoints and an exact net leave at most two widths to be searched; elsewhere, and
    with `from_below`, the search begins at one gate. D - 1 gates with output bias and D without always suffice for D
    distinct points. Raises ValueError when a point has two labels, and TimeoutError when a width is not decided within
    `time_limit` seconds.
    """
    exact, y = sample_matrix(x), np.asarray(y, dtype=float)
    _refuse_two_labels(exact, y)
    columns = independent_columns(exact)
    on_line = len(columns) == 1
    bends = breakpoints_needed(exact[:, columns[0]], y) if on_line else None
    if np.ptp(y) == 0 and (output_bias or y[0] == 0):
        return SmallestWidth(0, ReLUNet.affine(np.zeros((1, exact.shape[1])), y[:1]), 0, (), bends)
    closed = on_line and not from_below and bends <= MOST_BENDS
    built = _built(exact, columns[0], y, output_bias) if closed else None
    lowest = max(1, bends) if closed else 1
    results: list[ERMResult] = []
    for width in range(lowest, built.size if closed else len(y) + 1):
        results.append(_optimum(ERMProblem(exact.astype(float), y, width, output_bias=output_bias), time_limit))
        if results[-1].value <= FITTED * (y @ y):
            return SmallestWidth(width, results[-1].net, lowest, tuple(results), bends)
    return SmallestWidth(built.size, built.rounded(), lowest, tuple(results), bends)


def breakpoints_needed(x: ArrayLike, y: ArrayLike) -> int:
    """The fewest breakpoints of a continuous piecewise linear function through points (x_j, y_j) on the line; exact.

    Raises ValueError when a point has two labels.
    """
    _refuse_two_labels(sample_matrix(x), np.asarray(y, dtype=float))
    return thrifty_interpolant(x, y).n_pieces - 1


def _built(points: NDArray, column: int, y: NDArray[np.float64], output_bias: bool) -> ReLUNet:
    """An exact net through points on a line that bends among them as seldom as possible, in terms of one coordinate.

    It may bend beyond the points too, where nobody looks.
    """
    x = points[:, column]
    net = smallest_net_on(thrifty_interpolant(x, y), min(x), max(x), output_bias)
    first = np.full((net.size, points.shape[1]), Fraction(0))
    first[:, column] = net.weights[0][:, 0]
    return ReLUNet([first, *net.weights[1:]], net.biases)


def _optimum(problem: ERMProblem, time_limit: float | None) -> ERMResult:
    from mathdl.exact_erm.solve import global_minimum

    found = global_minimum(problem, time_limit=time_limit)
    if found.status != "optimal" and found.value > FITTED * (problem.y @ problem.y):
        raise TimeoutError(f"width {problem.width} was not decided in {time_limit} s: the optimum is between "
                           f"{found.lower:.3g} and {found.value:.3g}. Give more time")
    return found


def _refuse_two_labels(points: np.ndarray, y: np.ndarray) -> None:
    label: dict[tuple, float] = {}
    for point, value in zip(points, y, strict=True):
        if label.setdefault(tuple(point), value) != value:
            raise ValueError(f"expected one label for each point; got {float(label[tuple(point)])} and {float(value)} "
                             f"at {tuple(float(v) for v in point)}, which no function fits. Remove one of them")
