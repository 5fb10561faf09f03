"""Upper bounds on the number of pieces of a net with given widths, and the sizes they force."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, prod


def printed_bound(widths: Sequence[int]) -> int:
    """2^(k−1) (w_1 + 1) w_2 ⋯ w_k, pieces on the line (Mukherjee 2020, Lemma 2.A.6); 1 without hidden layers."""
    if not widths:
        return 1
    return 2 ** (len(widths) - 1) * (widths[0] + 1) * prod(widths[1:])


def product_bound(widths: Sequence[int]) -> int:
    """(w_1 + 1) ⋯ (w_k + 1), pieces on the line: on one interval each gate of the next layer adds one breakpoint."""
    return prod(w + 1 for w in widths)


def region_bound(widths: Sequence[int], n_inputs: int) -> int:
    """∏_l Σ_{j ≤ n} C(w_l, j), activation regions in n dimensions: w lines cut each region into so many at most."""
    return prod(sum(comb(w, j) for j in range(n_inputs + 1)) for w in widths)
