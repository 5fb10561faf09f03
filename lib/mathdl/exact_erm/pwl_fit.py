"""The best continuous piecewise linear fit with at most w pieces, breakpoints anywhere: problem (2.6), exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.losses import Loss, as_loss
from mathdl.nets.entries import as_exact, as_float, holds_fractions
from mathdl.nets.pwl1d import PWL1D

Lines = Sequence[tuple]  # (slope, intercept) of each piece


@dataclass(frozen=True, eq=False)
class PWLFit:
    """The best continuous function with at most `pieces` pieces and its value, the weighted sum of its losses.

    `value` is a Fraction when the data were rational. `n_cells` counts the convex programs that were solved (cells), or
    the quadratics that were kept (dp).
    """

    pwl: PWL1D
    value: float
    pieces: int
    method: str
    n_cells: int = field(default=0, compare=False)

    def __repr__(self) -> str:
        return f"{self.method}: value {float(self.value):.10g} with {self.pwl.n_pieces} of {self.pieces} pieces"


@dataclass(frozen=True, eq=False)
class LineData:
    """Samples on the line with increasing x; with the squared loss, one sample for each x.

    `x`, `y`, `weight` have shape (n_samples,); `spread` is the loss that is paid whatever the function.
    """

    x: NDArray
    y: NDArray
    weight: NDArray
    spread: float

    @property
    def is_exact(self) -> bool:
        """True when the entries are Fractions."""
        return self.x.dtype == object


def pwl_fit_1d(x: ArrayLike, y: ArrayLike, pieces: int, loss: Loss | str = "squared",
               method: Literal["dp", "cells"] | None = None, sample_weight: ArrayLike | None = None, *,
               exact: bool = False) -> PWLFit:
    """Minimise Σ v_i ℓ(f(x_i), y_i) over continuous piecewise linear f with at most w pieces (Mukherjee 2020, (2.6)).

    `x`, `y` and `sample_weight` (v, ones when left out) have shape (n_samples,), in any order of x. "dp" (*ours*, the
    default for the squared loss) is exact in Fractions when some entry is one or `exact` is true; "cells" solves one
    convex program for each cell of breakpoints and takes every convex loss. Raises ValueError for shapes that differ,
    entries that are not finite, negative weights, or a method that does not take the loss.
    """
    loss = as_loss(loss, np.array(y, dtype=float))
    method = method or ("dp" if loss.is_quadratic else "cells")
    if isinstance(pieces, bool) or pieces != int(pieces) or pieces < 1:
        raise ValueError(f"pieces: expected a whole number from 1 on, got {pieces!r}")
    data = line_data(x, y, sample_weight, merge=loss.is_quadratic, exact=exact)
    if method == "dp":
        from mathdl.exact_erm.pwl_dp import fit_by_dp

        if not loss.is_quadratic:
            raise ValueError(f"method 'dp' needs the squared loss, got {loss.name!r}: use method='cells'")
        return fit_by_dp(data, int(pieces))
    if method != "cells":
        raise ValueError(f"method: expected 'dp' or 'cells', got {method!r}")
    if data.is_exact:
        raise ValueError("method 'cells' works in floats: use method='dp', or give the data as floats")
    from mathdl.exact_erm.pwl_enumerate import fit_by_cells

    return fit_by_cells(data, int(pieces), loss)


def line_data(x: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, *, merge: bool = True,
              exact: bool = False) -> LineData:
    """The samples sorted by x, without those of weight 0; with `merge`, samples of one x become their weighted mean."""
    exact = exact or any(holds_fractions(v) for v in (x, y, sample_weight) if v is not None)
    convert = as_exact if exact else as_float
    x, y = convert(x), convert(y)
    v = convert(np.ones(len(y), dtype=int)) if sample_weight is None else convert(sample_weight)
    if x.ndim == 2 and x.shape[1] == 1:
        x = x[:, 0]
    if x.ndim != 1 or x.shape != y.shape or v.shape != y.shape:
        raise ValueError(f"expected x, y and sample_weight of one shape (n_samples,); got {x.shape}, {y.shape} and "
                         f"{v.shape}")
    if (v < 0).any() or not (v > 0).any():
        raise ValueError("sample_weight: expected numbers ≥ 0, not all of them 0")
    x, y, v = x[v > 0], y[v > 0], v[v > 0]
    order = np.argsort(x, kind="stable")
    x, y, v = x[order], y[order], v[order]
    return _merged(x, y, v) if merge else LineData(x, y, v, 0)


def _merged(x: NDArray, y: NDArray, v: NDArray) -> LineData:
    """Σ v (f - y)² over one x is V (f - mean)² plus a constant, which adds up to `spread`."""
    where = np.flatnonzero(np.append(True, x[1:] != x[:-1]))
    total = np.add.reduceat(v, where)
    mean = np.add.reduceat(v * y, where) / total
    alone = np.diff(np.append(where, len(x))) == 1
    mean[alone] = y[where][alone]  # a product and a quotient would round
    inside = y - np.repeat(mean, np.diff(np.append(where, len(x))))
    return LineData(x[where], mean, total, (v * inside * inside).sum())


def rebuild(lines: Lines, owned: Sequence[int], x: Sequence) -> PWL1D:
    """The continuous function that follows line j on its samples, the lines in order, `owned[j]` samples each.

    Consecutive lines that own samples are joined where they cross between their samples; where they do not, a line that
    owns no sample must stand between them, and two breakpoints join them along the chord from sample to sample. `x` is
    increasing. Raises ValueError when neither is the case.
    """
    kept, gap = [], False
    for line, n in zip(lines, owned, strict=True):
        if n:
            kept.append((line, n, gap))
        gap = not n
    points, end = [], 0
    for (g, n, _), (h, _, free) in pairwise(kept):
        end += n
        points += joints(g, h, x[end - 1], x[end], free=free)
    first, last = kept[0][0], kept[-1][0]
    if not points:
        return PWL1D([], [first[0]], [first[1]])
    points = sorted(dict(points).items())
    return PWL1D.from_points(*zip(*points, strict=True), first[0], last[0])


def joints(g: tuple, h: tuple, left, right, *, free: bool = False) -> list[tuple]:
    """The breakpoints (t, value) between two lines in [left, right]: the crossing, or both ends when it may be `free`.

    A crossing that lies outside by rounding is moved to the end.
    """
    at = [(left, g[0] * left + g[1]), (right, h[0] * right + h[1])]
    d = [(h[0] - g[0]) * t + (h[1] - g[1]) for t in (left, right)]
    if d[0] == d[1] == 0:
        return []
    if d[0] * d[1] <= 0:
        share = abs(d[0]) / (abs(d[0]) + abs(d[1]))
        t = left + (right - left) * share
        return [(t, g[0] * t + g[1])]
    if free:
        return at
    end = int(abs(d[1]) < abs(d[0]))
    size = max(abs(g[0] * left), abs(g[1]), abs(h[0] * right), abs(h[1]))
    if isinstance(d[end], float) and abs(d[end]) <= 1e-9 * size:
        return [at[end]]
    raise ValueError(f"expected lines that cross in [{left}, {right}], or a piece without samples between them; "
                     f"got {g} and {h}")
