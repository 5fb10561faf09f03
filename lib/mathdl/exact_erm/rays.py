"""The extreme rays of every closed cell, and which cell has which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.affine_span import Index, independent_columns
from mathdl.exact_erm.arrangement import arrangement
from mathdl.exact_erm.cells import Array, Cells, ReducedSample, check_limit, of_arrangement

__all__ = ["Rays", "cell_rays", "extreme_rays", "independent_columns", "pattern_rays"]


@dataclass(frozen=True, eq=False)
class Rays:
    """The extreme rays of the closed cells K_p = {theta : (2 p_j - 1) theta . (x_j, 1) >= 0 for all j}.

    `cells` the cells; `directions` (n_rays, n_inputs + 1) a functional (a, b) on each ray, scaled so that the largest
    |a . x_j + b| of the sample is 1, with zeros at dependent coordinates; row r + n_rays / 2 is minus row r. `signs`
    (n_rays, n_samples) int8 the exact sign of each sample, 0 on the ray's hyperplane. The rays of cell i are
    `indices[indptr[i]:indptr[i + 1]]`. K_p is the set of their combinations with coefficients >= 0, plus the
    functionals that vanish on the whole sample.
    """

    cells: Cells
    directions: Array
    signs: NDArray[np.int8]
    indptr: Index
    indices: Index

    @property
    def n_rays(self) -> int:
        """How many rays there are, all cells together (R)."""
        return len(self.directions)

    @property
    def n_incidences(self) -> int:
        """How many pairs (cell, ray of it) there are."""
        return len(self.indices)

    @property
    def patterns(self) -> NDArray[np.bool_]:
        """Where each ray is positive, shape (n_rays, n_samples)."""
        return self.signs > 0

    @property
    def cell_rays(self) -> tuple[Index, Index]:
        """`(indptr, indices)`: the rays of each cell, as in a CSR matrix."""
        return self.indptr, self.indices

    def of_cell(self, i: int) -> Index:
        """The rays of cell i."""
        return self.indices[self.indptr[i]:self.indptr[i + 1]]

    def values(self) -> Array:
        """a . x_j + b on every sample, exactly 0 on the ray's hyperplane, shape (n_rays, n_samples)."""
        theta, x = self.directions, self.cells.x
        values = theta[:, :-1] @ x.T + theta[:, -1:]
        return np.where(self.signs > 0, np.maximum(values, 0), np.where(self.signs < 0, np.minimum(values, 0), 0))

    def features(self) -> Array:
        """σ(a . x_j + b): what a gate on the ray contributes to every sample, shape (n_rays, n_samples)."""
        return np.maximum(self.values(), 0)

    def __repr__(self) -> str:
        return f"{self.n_rays:,} rays of {self.cells!r}, {self.n_incidences:,} incidences"


def extreme_rays(x: ArrayLike, *, limit: int = 500_000_000) -> Rays:
    """All cells of the sample x (n_samples, n_inputs) with all their extreme rays, exact in any position.

    A ray is a hyperplane through d affinely independent samples with a side, d the dimension of their affine hull.
    Raises ValueError when x is no sample, and when the patterns could need more than `limit` bytes.
    """
    sample = ReducedSample.of(x)
    check_limit(sample, limit)
    found = arrangement(sample.points)
    return Rays(of_arrangement(sample, found), sample.functionals(found.normals), sample.on_samples(found.signs),
                found.starts, found.rays)


def cell_rays(cells: Cells) -> tuple[Index, Index]:
    """`(indptr, indices)`: the rows of `extreme_rays(cells.x).directions` that span each cell, in its order."""
    return extreme_rays(cells.x).cell_rays


def pattern_rays(x: ArrayLike, patterns: NDArray[np.bool_]) -> tuple[Array, list[Index]]:
    """`(directions, of_pattern)`: all rays (R, n_inputs + 1) and, for each pattern, the rows of them that span it.

    Raises ValueError when a pattern (a row of bools, one a sample) is no cell of the sample.
    """
    found = extreme_rays(x)
    number = {row.tobytes(): i for i, row in enumerate(found.cells.packed)}
    asked = [number.get(row.tobytes()) for row in np.packbits(np.asarray(patterns, dtype=bool), axis=1)]
    if None in asked:
        raise ValueError(f"patterns: expected cells of the sample; row {asked.index(None)} is none: use rows of "
                         "`cells(x).patterns`")
    return found.directions, [found.of_cell(i) for i in asked]
