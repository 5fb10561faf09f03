"""A piece counter with a mistake in it: equal neighbours are not merged."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Real

import numpy as np

from mathdl.nets.breakpoints import point_between
from mathdl.nets.relu_net import ReLUNet

Cell = tuple[Real, Real, np.ndarray, np.ndarray]  # ends, slopes (w,) and intercepts (w,) of all gates between them


def count_without_merging(net: ReLUNet) -> int:
    """A wrong number of pieces on the line: each zero of each gate makes two intervals of every one that touches it.

    Gates with a common zero are counted again and again. ValueError when the net has more than 16 gates, since the
    count can double with each.
    """
    if net.size > 16:
        raise ValueError(f"expected at most 16 gates, for up to 2^16 intervals; got {net.size}")
    cells: list[Cell] = [(-math.inf, math.inf, np.array([Fraction(1)]), np.array([Fraction(0)]))]
    exact = net.exact()
    for W, b in zip(exact.weights[:-1], exact.biases[:-1], strict=True):
        cells = [part for lo, hi, s, c in cells for part in _split(lo, hi, W @ s, W @ c + b)]
    return len(cells)


def _split(lo: Real, hi: Real, s: np.ndarray, c: np.ndarray) -> list[Cell]:
    ends = [(lo, hi)]
    for zero in (-intercept / slope for slope, intercept in zip(s, c, strict=True) if slope):
        ends = [part for a, b in ends for part in ([(a, zero), (zero, b)] if a <= zero <= b else [(a, b)])]
    return [(a, b, *(np.where(s * point_between(a, b) + c > 0, v, Fraction(0)) for v in (s, c))) for a, b in ends]
