"""What an affine functional can tell apart on a sample: distinct points, independent coordinates, exact integers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import factorial, gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.nets.entries import as_exact

Index = NDArray[np.intp]


def sample_matrix(x: ArrayLike) -> NDArray[Any]:
    """The points x as exact Fractions, shape (n_samples, n_inputs); a vector is a sample on the line.

    Raises ValueError when there is no sample, or an entry is not a finite number.
    """
    exact = as_exact(x)
    exact = exact[:, None] if exact.ndim == 1 else exact
    if exact.ndim != 2 or not len(exact):
        raise ValueError(f"x: expected an array (n_samples, n_inputs) with at least one sample; got {exact.shape}")
    return exact


def distinct_points(x: ArrayLike) -> tuple[Index, Index]:
    """`(first, of_sample)`: the sample where each distinct point occurs first, and the distinct point of each sample.

    Points are numbered by first occurrence: `x[first][of_sample]` equals `x`.
    """
    number: dict[tuple, int] = {}
    of_sample = np.array([number.setdefault(tuple(row), len(number)) for row in sample_matrix(x)], dtype=np.intp)
    return np.unique(of_sample, return_index=True)[1].astype(np.intp), of_sample


def independent_columns(x: ArrayLike) -> Index:
    """The leftmost coordinates that, together with the constant 1, are linearly independent on the sample; exact.

    Every affine functional of x agrees on the sample with one that uses these coordinates only; how many there are is
    the dimension of the affine hull of the sample.
    """
    rows: dict[int, list[Fraction]] = {}  # leading column -> row of an echelon form of the lifted points (1, x)
    exact = sample_matrix(x)
    width = exact.shape[1] + 1
    for point in exact:
        row = [Fraction(1), *point]
        for column in range(width):
            if not row[column]:
                continue
            if column not in rows:
                rows[column] = [v / row[column] for v in row]
                break
            factor = row[column]
            row = [v - factor * r for v, r in zip(row, rows[column], strict=True)]
        if len(rows) == width:
            break
    return np.array(sorted(rows)[1:], dtype=np.intp) - 1


@dataclass(frozen=True, eq=False)
class SpanningPoints:
    """Distinct points that affinely span R^d, as integers: coordinate c is `(x_c - centre_c) * scale_c`.

    `integers` (m, d) holds Python ints. Affine functionals have the same signs on them as on the data.
    """

    integers: NDArray[Any]
    centre: NDArray[Any]
    scale: NDArray[Any]

    @classmethod
    def of(cls, x: NDArray[Any]) -> SpanningPoints:
        """Of exact points (m, d), d independent coordinates: centred at the middle entry, without common factors."""
        centre = np.array([sorted(column)[len(column) // 2] for column in x.T], dtype=object)
        moved = x - centre[None, :]
        scale = np.empty(x.shape[1], dtype=object)
        for c, column in enumerate(moved.T):
            bottom = lcm(*(v.denominator for v in column))
            scale[c] = Fraction(bottom, gcd(*(int(v * bottom) for v in column)))
        integers = np.empty(x.shape, dtype=object)
        integers.flat = [int(v) for v in (moved * scale[None, :]).flat]
        return cls(integers, centre, scale)

    @cached_property
    def reach(self) -> NDArray[Any]:
        """For each coordinate a power of two at least as large as every entry: Python ints (d,)."""
        return np.array([1 << max(abs(v) for v in column).bit_length() for column in self.integers.T], dtype=object)

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """The integers divided by `reach`, each correctly rounded, in [-1, 1]."""
        return (self.integers / self.reach[None, :]).astype(float)

    @cached_property
    def exact(self) -> NDArray[Any]:
        """The integers as int64 when every d by d determinant of differences fits, otherwise as Python ints."""
        d = self.integers.shape[1]
        largest = 2 * int(max(self.reach, default=0))
        return self.integers.astype(np.int64) if factorial(d) * largest ** d < 1 << 62 else self.integers

    def subset(self, chosen: Index) -> SpanningPoints:
        """Some of the points, with as many coordinates as they span."""
        points = self.integers[chosen]
        return SpanningPoints.of(as_exact(points[:, independent_columns(points)]))
