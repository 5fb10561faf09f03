"""Cells: the ways in which an affine functional can split a sample into positive and negative, listed exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.affine_span import Index, SpanningPoints, distinct_points, independent_columns, sample_matrix
from mathdl.exact_erm.arrangement import Arrangement, arrangement, line_dichotomies

Array = NDArray[np.float64]
Method = Literal["auto", "sort", "sweep", "rays", "lp"]
UNIT = 2.0 ** -53
BLOCK = 1 << 17  # numbers that stay in the cache


@dataclass(frozen=True, eq=False)
class Cells:
    """The strict affine dichotomies of a sample, each once, in lexicographic order of the pattern.

    `patterns` (n_cells, n_samples) bool: active where a . x_j + b > 0, inactive where it is < 0; equal samples agree.
    `witnesses` (n_cells, n_inputs + 1): for each cell some (a, b) in its interior, rounded to float64.
    `x` the sample (n_samples, n_inputs). Source: Mukherjee 2020, section 2.4 (the partitions of Algorithm 1).
    """

    patterns: NDArray[np.bool_]
    witnesses: Array
    x: Array

    @property
    def n_cells(self) -> int:
        """How many cells there are (N)."""
        return len(self.patterns)

    @cached_property
    def packed(self) -> NDArray[np.uint8]:
        """The patterns, eight samples to a byte (`np.packbits`), shape (n_cells, ceil(n_samples / 8))."""
        return np.packbits(self.patterns, axis=1)

    def realised(self) -> NDArray[np.bool_]:
        """Where the witness has the signs of its pattern in float64, in whatever order the sums are rounded.

        All True unless points are within about 1e-12 of each other, relative to the sample. The patterns stay right.
        """
        return _strict(self.witnesses, self.x, self.patterns)

    def __repr__(self) -> str:
        return f"{self.n_cells:,} cells of {len(self.x):,} samples with {self.x.shape[1]} inputs"


@dataclass(frozen=True, eq=False)
class ReducedSample:
    """A sample without repeated points and dependent coordinates, and the way back."""

    x: NDArray[Any]
    first: Index
    of_sample: Index
    columns: Index
    points: SpanningPoints

    @classmethod
    def of(cls, x: ArrayLike) -> ReducedSample:
        """Raises ValueError when x is not a sample (n_samples, n_inputs) of finite numbers."""
        exact = sample_matrix(x)
        first, of_sample = distinct_points(exact)
        columns = independent_columns(exact[first])
        return cls(exact, first, of_sample, columns, SpanningPoints.of(exact[first][:, columns]))

    def on_samples(self, of_points: NDArray[Any]) -> NDArray[Any]:
        """Columns for the distinct points as columns for the samples."""
        repeated = len(self.of_sample) > len(self.first)
        return of_points[:, self.of_sample] if repeated else of_points  # each point is numbered by its first sample

    def functionals(self, normals: Array) -> Array:
        """Functionals on `points.floats` (R, d + 1) as functionals (a, b) of x, shape (R, n_inputs + 1)."""
        p = self.points
        stretch = np.array([float(s / r) for s, r in zip(p.scale, p.reach, strict=True)])
        theta = np.zeros((len(normals), self.x.shape[1] + 1))
        theta[:, self.columns] = a = normals[:, :-1] * stretch
        theta[:, -1] = normals[:, -1] - a @ p.centre.astype(float)
        return theta


def cover_count(n_samples: int, n_inputs: int) -> int:
    """2 sum_{i <= n} C(D - 1, i): the cells of D samples in general position in R^n, and the most there can be.

    Source: Cover 1965; corrects Mukherjee 2020, proof of Theorem 2.4.1. Raises ValueError unless D >= 1 and n >= 0.
    """
    if n_samples < 1 or n_inputs < 0:
        raise ValueError(f"expected n_samples >= 1 and n_inputs >= 0; got {n_samples} and {n_inputs}")
    return 2 * sum(comb(n_samples - 1, i) for i in range(n_inputs + 1))


def cells(x: ArrayLike, method: Method = "auto", *, limit: int = 500_000_000) -> Cells:
    """All strict affine dichotomies of the sample x (n_samples, n_inputs), decided exactly whatever its position.

    "sort" (points on a line), "sweep" (points in a plane, a rotating line), "rays" (any dimension: the cells around
    each extreme ray), "lp" (one point after the other, with a linear program for each cell: slow and only as exact as
    the solver, for comparison). Raises ValueError when x is no sample, when the method does not fit the dimension of
    its affine hull, and when the patterns could need more than `limit` bytes.
    """
    sample = ReducedSample.of(x)
    m, d = sample.points.integers.shape
    check_limit(sample, limit)
    if method == "auto":
        method = "sort" if d == 1 else "rays"
    if method == "sort" and d == 1:
        return _of_line(sample)
    if method == "sweep" and d == 2:
        from mathdl.exact_erm.rotating_line import plane_dichotomies

        return _with_found_witnesses(sample, plane_dichotomies(sample.points))
    if method == "lp":
        from mathdl.exact_erm.incremental_lp import lp_dichotomies

        return _with_found_witnesses(sample, lp_dichotomies(sample.points.floats))
    if method == "rays":
        return of_arrangement(sample, arrangement(sample.points))
    raise ValueError(f'method: expected "auto", "rays", "lp", "sort" for points on a line or "sweep" for points in a '
                     f"plane; got {method!r} for {m} distinct points that span {d} dimensions")


def check_limit(sample: ReducedSample, limit: int) -> None:
    """Raises ValueError, with the count, when the patterns of all cells could need more than `limit` bytes."""
    m, d = sample.points.integers.shape
    count = cover_count(m, d)
    if count * len(sample.x) > limit:
        raise ValueError(f"expected at most {limit:,} bytes of patterns; {m:,} distinct points that span {d} "
                         f"dimensions can have {count:,} cells of {len(sample.x):,} samples: use fewer samples or "
                         "inputs, or raise `limit`")


def of_arrangement(sample: ReducedSample, found: Arrangement) -> Cells:
    """The cells of an arrangement on the reduced sample; the witness is the sum of the extreme rays."""
    inner = np.add.reduceat(found.normals[found.rays], found.starts[:-1], axis=0)
    return _finished(sample, found.patterns, inner)


def _of_line(sample: ReducedSample) -> Cells:
    """The cells of points on a line; the witness vanishes in the middle of a gap."""
    t = sample.points.integers[:, 0]
    patterns = line_dichotomies(t)
    order = np.array(sorted(range(len(t)), key=t.__getitem__))
    ends = sample.points.floats[order, 0]
    wall = np.concatenate([[ends[0] - 1], (ends[1:] + ends[:-1]) / 2])  # below the point of that rank
    rising = patterns[:, order[-1]]
    n_on = patterns.sum(axis=1)
    slope, below = np.where(rising, 1.0, -1.0), np.where(rising, len(t) - n_on, n_on)
    return _finished(sample, patterns, np.column_stack([slope, -slope * wall[below]]))


def _with_found_witnesses(sample: ReducedSample, found: tuple[NDArray[np.bool_], Array]) -> Cells:
    patterns, inner = found
    order = np.lexsort(patterns.T[::-1])
    return _finished(sample, patterns[order], inner[order])


def _finished(sample: ReducedSample, patterns: NDArray[np.bool_], inner: Array) -> Cells:
    """Back to all samples and inputs."""
    return Cells(sample.on_samples(patterns), sample.functionals(inner), sample.x.astype(float))


def _strict(theta: Array, x: Array, patterns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of theta with the signs of the pattern by more than n + 1 roundings of the sum of the absolute values."""
    largest = abs(x).max(axis=0, initial=0)
    answer = np.empty(len(theta), dtype=bool)
    size = max(1, BLOCK // len(x))
    for start in range(0, len(theta), size):
        part, want = theta[start:start + size], patterns[start:start + size]
        values = part[:, :-1] @ x.T + part[:, -1:]
        margin = np.where(want, values, -values)
        clear = margin.min(axis=1) > _doubt(part, largest[None])[:, 0]
        for i in np.flatnonzero(~clear):
            clear[i] = (margin[i] > _doubt(part[i:i + 1], x)[0]).all()
        answer[start:start + size] = clear
    return answer


def _doubt(theta: Array, x: Array) -> Array:
    """More than the rounding error of theta . (x, 1), in any order of summation."""
    return 2 * (x.shape[1] + 2) * UNIT * (abs(theta[:, :-1]) @ abs(x).T + abs(theta[:, -1:])) + 2.0 ** -1000
