"""The cells of problem (2.6): which breakpoint lies between which samples, turning which way, and their inequalities.

Samples are counted from 1 here, as in the source. A cell is a pair (I, S): breakpoint j lies in the closed interval
between samples i_j and i_j + 1, and the slope changes there with the sign S_j.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, product
from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Knots = tuple[tuple[int, int], ...]  # (sample, sign), by sample; the sign 0 stands for "either sign"


def breakpoint_cells(n_samples: int, pieces: int, *, last: int | None = None) -> list[tuple[int, ...]]:
    """The tuples i_1 ≤ … ≤ i_{w-1} in 1..`last` (D - 1 unless given) for w pieces (Mukherjee 2020, before (2.7)).

    The source lets i_j run to D, which needs a sample x_{D+1} at infinity and adds no function of the data. Raises
    ValueError when there is no sample or no piece.
    """
    if n_samples < 1 or pieces < 1:
        raise ValueError(f"expected at least one sample and one piece; got {n_samples} and {pieces}")
    last = n_samples - 1 if last is None else last
    return list(combinations_with_replacement(range(1, last + 1), pieces - 1))


def cell_count(n_samples: int, pieces: int) -> int:
    """C(D + w - 2, w - 1) 2^(w-1): the cells (I, S) with i_j in 1..D (Mukherjee 2020, after (2.8), corrected)."""
    return comb(n_samples + pieces - 2, pieces - 1) * 2 ** (pieces - 1)


def segments(I: Sequence[int], n_samples: int) -> NDArray[np.intp]:
    """The piece (from 0) that owns each sample: piece j owns the samples i_{j-1} < i ≤ i_j (Mukherjee 2020, D_j)."""
    return np.searchsorted(np.asarray(I, dtype=int), np.arange(1, n_samples + 1), side="left")


def piece_values(I: Sequence[int], x: Array) -> Array:
    """The matrix M (D, 2w) with M θ = (g_{j(i)}(x_i))_i for θ = (a_1, b_1, …, a_w, b_w): the left side of (2.8)."""
    M = np.zeros((len(x), 2 * len(I) + 2))
    rows, owner = np.arange(len(x)), segments(I, len(x))
    M[rows, 2 * owner], M[rows, 2 * owner + 1] = x, 1
    return M


def pwl_constraints(I: Sequence[int], S: Sequence[int], x: Array) -> Array:
    """G (3(w-1), 2w) with G θ ≥ 0 exactly when breakpoint j lies in [x_{i_j}, x_{i_j + 1}] and turns by S_j.

    For each j the rows are -S_j (g_{j+1} - g_j)(x_{i_j}), S_j (g_{j+1} - g_j)(x_{i_j + 1}) and S_j (a_{j+1} - a_j);
    the third follows from the other two (Mukherjee 2020, (2.7), corrected).
    """
    return _inequalities(I, S, x, (-1, 1), [i + 1 for i in I])


def printed_constraints(I: Sequence[int], S: Sequence[int], x: Array, *, literal: bool = False) -> Array:
    """The same with the signs as printed in (2.7): S_j (g_{j+1} - g_j) is ≥ 0 at the left and ≤ 0 at the right end.

    The right end is printed x_{i_{j+1}}. Read as x_{i_j + 1} unless `literal`, where it is the left end of the next
    interval, and x_{i_j + 1} only for the last breakpoint, which has no next one.
    """
    right = [*I[1:], I[-1] + 1] if literal and I else [i + 1 for i in I]
    return _inequalities(I, S, x, (1, -1), right)


def _inequalities(I: Sequence[int], S: Sequence[int], x: Array, signs: tuple[int, int], right: Sequence[int]) -> Array:
    """Rows S_j times (signs of the difference at both ends, change of slope), for each breakpoint."""
    if len(I) != len(S):
        raise ValueError(f"expected one sign for each of {len(I)} breakpoints; got {len(S)}")
    G = np.zeros((3 * len(I), 2 * len(I) + 2))
    for j, (i, r, s) in enumerate(zip(I, right, S, strict=True)):
        rows = s * np.array([[signs[0] * x[i - 1], signs[0]], [signs[1] * x[r - 1], signs[1]], [1, 0]])
        G[3 * j:3 * j + 3, 2 * j + 2:2 * j + 4], G[3 * j:3 * j + 3, 2 * j:2 * j + 2] = rows, -rows
    return G


def knot_signs(I: Sequence[int], S: Sequence[int], n_samples: int) -> Knots:
    """Where, on the samples, the functions of a cell may bend, and which way (*ours*).

    On the samples a bend by S_j (p + q) at (p x_i + q x_{i+1}) / (p + q) is a bend by S_j p at x_i and one by S_j q at
    x_{i+1}, p, q ≥ 0. So the values of a cell are affine plus Σ c_k σ(x - x_k) with signs of c_k prescribed. Bends at
    the first and last sample change nothing on the samples and are left out.
    """
    signs: dict[int, set[int]] = {}
    for i, s in zip(I, S, strict=True):
        for k in (i, i + 1):
            if 1 < k < n_samples:
                signs.setdefault(k, set()).add(s)
    return tuple((k, sum(signs[k])) for k in sorted(signs))  # +1 and -1 both allowed: 0


def distinct_cells(n_samples: int, pieces: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], Knots]]:
    """One cell (I, S) with its knots for each set of knots that occurs, in order."""
    seen = set()
    for I in breakpoint_cells(n_samples, pieces):
        for S in product((1, -1), repeat=pieces - 1):
            knots = knot_signs(I, S, n_samples)
            if knots not in seen:
                seen.add(knots)
                yield I, S, knots
