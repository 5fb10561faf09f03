"""The maximum of affine functions read off the upper hull of their rows: one signed term for each interior face."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import comb

from mathdl.function_spaces.essential_rows import spanning_columns, upper_simplices
from mathdl.function_spaces.exact_algebra import null_vector
from mathdl.function_spaces.signed_max import Row, SignedMaxes, affine_rows

Face = tuple[int, ...]


def interior_faces(simplices: Sequence[Face]) -> list[Face]:
    """The faces of a triangulation, of all dimensions, that do not lie in its boundary; sorted.

    `simplices` are sorted tuples of corners, all of one length. A wall is in the boundary when one simplex has it.
    """
    walls = Counter(wall for F in simplices for wall in combinations(F, len(F) - 1))
    boundary = {face for wall, sides in walls.items() if sides == 1 for face in _faces(wall)}
    return sorted({face for F in simplices for face in _faces(F)} - boundary)


def hull_signed_maxes(rows: Sequence[Sequence]) -> SignedMaxes:
    """max_i (<a_i, x> + b_i) as Σ (−1)^{r − dim F} max_{i ∈ F} over the interior faces F of the upper hull.

    The hull is that of the points (a_i, b_i), r the dimension that the a_i span. Qhull finds it in floating point: a
    second route for rows in general position, and no certificate. Raises ValueError when Qhull gives up.
    """
    rows = sorted(set(affine_rows(rows)))
    columns = spanning_columns(rows)
    n, r = len(rows[0]) - 1, len(columns)
    if len(rows) == 1:
        return SignedMaxes(((1, tuple(rows)),), n)
    simplices = [tuple(sorted(F)) for F in upper_simplices(rows, columns)]
    if not simplices:
        raise ValueError(f"expected {len(rows)} rows in general position; got rows whose hull Qhull cannot form")
    terms = (((-1) ** (r + 1 - len(F)), tuple(rows[i] for i in F)) for F in interior_faces(simplices))
    return SignedMaxes(tuple(sorted(terms, key=lambda term: (len(term[1]), term[1]))), n)


def in_general_position(rows: Sequence[Row]) -> bool | None:
    """Whether no n + 1 of the a_i and no n + 2 of the (a_i, b_i) are affinely dependent; None when too many to try."""
    n = len(rows[0]) - 1
    if comb(len(rows), n + 2) > 10_000:
        return None
    plane = [row[:-1] for row in rows]
    return all(null_vector([[1] * k, *zip(*chosen, strict=True)]) is None
               for points, k in ((plane, n + 1), (rows, n + 2)) for chosen in combinations(points, k))


def _faces(F: Face) -> list[Face]:
    return [face for k in range(1, len(F) + 1) for face in combinations(F, k)]
