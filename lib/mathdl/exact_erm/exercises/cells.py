"""Checks of the exercises on cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.exact_erm.affine_span import distinct_points, independent_columns
from mathdl.exact_erm.cells import cells

ONE_TRIPLE = ((0, 0), (1, 0), (2, 0), (0, 1), (3, 2), (-1, 3), (5, -7))  # only the first three are on one line
FEWEST = 20  # of six points that are not on one line; a search over a grid finds no fewer


def check_one_triple(answer: int) -> Feedback:
    """Cells of seven points in the plane, three of which are on one line and no other three."""
    return feedback(answer, lambda count: count == cells(ONE_TRIPLE).n_cells,
                    right="A line through three points turns three crossings into one, and two cells are lost.",
                    hint="Turn a line once around: what does it find when it passes three points at once?")


def check_fewest_cells(answer: Sequence[Sequence[float]]) -> Feedback:
    """Six distinct points of the plane, not all on one line, with as few cells as possible."""
    return feedback(answer, lambda points: _six(points) and cells(points).n_cells == FEWEST,
                    right="Almost all of them on one line: every crossing that can be shared is shared.",
                    hint="Six different points that span the plane; every line through many of them saves cells.")


def _six(points: Sequence[Sequence[float]]) -> bool:
    return np.shape(points) == (6, 2) and len(distinct_points(points)[0]) == 6 and len(independent_columns(points)) == 2
