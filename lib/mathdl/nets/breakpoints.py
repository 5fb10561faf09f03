"""Sorted breakpoints t and pieces s_i x + c_i between them: the same code for floats and for Fractions."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from numbers import Real

import numpy as np


def piece_between(breaks: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """The piece that holds each interval between the knots, which include the breakpoints."""
    return np.append(0, np.searchsorted(breaks, knots, side="right"))


def point_between(a: Real, b: Real) -> Real:
    """A point strictly between two ends, one or both of which may be infinite."""
    if a == -math.inf:
        return Fraction(0) if b == math.inf else b - 1
    return a + 1 if b == math.inf else (a + b) / 2


def preimages(values: np.ndarray, t: np.ndarray, s: np.ndarray, c: np.ndarray) -> Iterator[Fraction]:
    """The points inside slanted pieces of a function where it takes one of the sorted values."""
    at_ends = [_at_infinity(-s[0], c[0]), *(s[1:] * t + c[1:]), _at_infinity(s[-1], c[-1])]
    for (left, right), slope, intercept in zip(pairwise(at_ends), s, c, strict=True):
        low, high = bisect_right(values, min(left, right)), bisect_left(values, max(left, right))
        yield from ((v - intercept) / slope for v in values[low:high])


def _at_infinity(slope: Real, intercept: Real) -> Real:
    """The limit of slope x + intercept as x grows."""
    return math.copysign(math.inf, slope) if slope else intercept


def roots(t: np.ndarray, s: np.ndarray, c: np.ndarray) -> np.ndarray:
    """The zeros inside slanted pieces of a function."""
    left, right = np.concatenate([[-math.inf], t]), np.concatenate([t, [math.inf]])
    slanted = s != 0
    x = -c[slanted] / s[slanted]
    return x[(left[slanted] < x) & (x < right[slanted])]


def cell_integrals(t: np.ndarray, s: np.ndarray, c: np.ndarray, knots: np.ndarray, lo: Real, hi: Real) -> np.ndarray:
    """The integral of a function over each cell of [lo, hi] between the knots, which include the breakpoints."""
    if lo > hi:
        raise ValueError(f"expected lo <= hi; got {lo} and {hi}")
    x = np.concatenate([[lo], knots[(lo < knots) & (knots < hi)], [hi]])
    i = np.searchsorted(t, x[:-1], side="right")
    return (x[1:] - x[:-1]) * (s[i] * (x[1:] + x[:-1]) / 2 + c[i])


def total(terms: np.ndarray) -> Fraction | float:
    """The sum, exact for Fractions and correctly rounded for floats."""
    return sum(terms, Fraction(0)) if terms.dtype == object else math.fsum(terms)
