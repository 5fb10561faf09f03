"""Cells one at a time by reverse search: hardly any memory, and it can be left and resumed at any moment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.affine_span import SpanningPoints
from mathdl.exact_erm.cells import ReducedSample
from mathdl.exact_erm.incremental_lp import inner_functional

Bits = tuple[bool, ...]


def iter_cells(x: ArrayLike) -> Iterator[NDArray[np.bool_]]:
    """The patterns (n_samples,) of all cells of the sample x, each once, the empty one first.

    The parent of a cell is the cell without its first active point that can be dropped; a cell is visited from its
    parent only, so no list of visited cells is kept: the memory is that of one path, at most one pattern for each
    distinct point. At most m^2 linear programs a cell, and exact as far as these are (see `lp_dichotomies`). Source:
    Avis and Fukuda 1996, reverse search. Raises ValueError when x is no sample.
    """
    sample = ReducedSample.of(x)
    for pattern in _below(sample.points, (False,) * len(sample.first)):
        yield np.array(pattern)[sample.of_sample]


def _below(points: SpanningPoints, pattern: Bits) -> Iterator[Bits]:
    """The cell and all its descendants."""
    yield pattern
    for j, on in enumerate(pattern):
        child = _flipped(pattern, j)
        if not on and _is_cell(points, child) and _parent(points, child) == pattern:
            yield from _below(points, child)


def _parent(points: SpanningPoints, pattern: Bits) -> Bits:
    """The cell without the first active point that can be dropped; every cell but the empty one has such a point."""
    smaller = (_flipped(pattern, j) for j, on in enumerate(pattern) if on)
    return next(p for p in smaller if _is_cell(points, p))


def _is_cell(points: SpanningPoints, pattern: Bits) -> bool:
    return inner_functional(points.floats, pattern) is not None


def _flipped(pattern: Bits, j: int) -> Bits:
    return (*pattern[:j], not pattern[j], *pattern[j + 1:])
