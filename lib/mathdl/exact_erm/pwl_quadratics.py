"""Quadratic costs of lines through samples, on intervals: what the dynamic program of (2.6) is made of."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.pwl_fit import LineData

INF = float("inf")


class Quadratics(NamedTuple):
    """α v² + β v + γ on [low, high], for v the value at one sample, and how each of them came about.

    `kind` says where the last piece starts: nowhere (LINE), tight at sample `start` or loose behind it. `parent` is the
    index of the quadratic before, in the list of sample `start`.
    """

    alpha: NDArray
    beta: NDArray
    gamma: NDArray
    low: NDArray
    high: NDArray
    kind: NDArray[np.intp]
    start: NDArray[np.intp]
    parent: NDArray[np.intp]

    @property
    def best(self) -> NDArray:
        """Where each is least on the whole line."""
        return -self.beta / (2 * self.alpha)

    def at(self, v: NDArray) -> NDArray:
        """Their values at v, one for each."""
        return (self.alpha * v + self.beta) * v + self.gamma

    def least(self) -> NDArray:
        """The least value of each on its interval."""
        return self.at(np.minimum(np.maximum(self.best, self.low), self.high))

    def stationary(self) -> NDArray[np.intp]:
        """Those whose least point on the whole line is in their interval, by value."""
        v = self.best
        inside = np.flatnonzero((self.low <= v) & (v <= self.high))
        return inside[np.argsort(self.at(v)[inside], kind="stable")]

    def take(self, which: NDArray) -> Quadratics:
        """The quadratics at these indices, or where this is true."""
        return Quadratics(*(part[which] for part in self))


class Moments(NamedTuple):
    """Σω, Σωξ, Σωξ², Σωy, Σωξy, Σωy² over the samples start < l ≤ end, for lines through (x_end, v); ξ = x - x_end."""

    one: float
    xi: float
    xi2: float
    y: float
    xiy: float
    y2: float


def moments(data: LineData, start: int, end: int) -> Moments:
    """The sums for the samples start < l ≤ end."""
    own = slice(start + 1, end + 1)
    v, y, xi = data.weight[own], data.y[own], data.x[own] - data.x[end]
    return Moments(v.sum(), v @ xi, v @ (xi * xi), v @ y, v @ (xi * y), v @ (y * y))


def alone(m: Moments):
    """The least sum of squares of one line."""
    spread = m.one * m.xi2 - m.xi * m.xi
    if not spread:
        return m.y2 * 0
    height, slope = (m.xi2 * m.y - m.xi * m.xiy) / spread, (m.one * m.xiy - m.xi * m.y) / spread
    return max(m.y2 - height * m.y - slope * m.xiy, m.y2 * 0)


def sloped(m: Moments) -> tuple:
    """α, β, γ of the least sum of squares of a line through (x_end, v), over its slope (x_iy - v ξ) / ξ²."""
    if not m.xi2:
        return m.one, -2 * m.y, m.y2
    return m.one - m.xi * m.xi / m.xi2, 2 * (m.xi * m.xiy / m.xi2 - m.y), m.y2 - m.xiy * m.xiy / m.xi2


def listed(n: int, numbers: tuple, kind: int, start: int, parent) -> Quadratics:
    """n quadratics with these parts, numbers or arrays of that length: α, β, γ, low, high, and where they come from."""
    exact = isinstance(np.ravel(numbers[0])[0], Fraction)
    return Quadratics(*(np.full(n, part, dtype=object if exact else float) for part in numbers),
                      *(np.full(n, part) for part in (kind, start, parent)))


def chord(data: LineData, i: int, k: int) -> tuple:
    """Sums over i < l ≤ k for the line (1 - λ) u + λ v: Σω(1-λ)², Σωλ(1-λ), Σωλ², Σω(1-λ)y, Σωλy, Σωy²."""
    own = slice(i + 1, k + 1)
    v, y, share = data.weight[own], data.y[own], (data.x[own] - data.x[i]) / (data.x[k] - data.x[i])
    other = (data.x[k] - data.x[own]) / (data.x[k] - data.x[i])
    return v @ (other * other), v @ (share * other), v @ (share * share), v @ (other * y), v @ (share * y), v @ (y * y)


def vanishes(m: Moments, xi, value) -> tuple:
    """(e, r): the best line through (x_end, v) minus `value`, at ξ, is e v - r."""
    return 1 - m.xi * xi / m.xi2, value - m.xiy * xi / m.xi2


def opposite(first: tuple, second: tuple) -> list[tuple]:
    """The intervals of v on which e_1 v - r_1 and e_2 v - r_2 have not the same strict sign."""
    (e, r), (f, s) = first, second
    if e and f:
        low, high = sorted((r / e, s / f))
        return [(low, high)] if (e > 0) == (f > 0) else [(-INF, low), (high, INF)]
    if e == f == 0:
        return [(-INF, INF)] if r * s <= 0 else []
    (e, r), s = ((e, r), s) if e else ((f, s), r)  # e v - r against the constant -s
    if not s:
        return [(-INF, INF)]
    return [(r / e, INF)] if (e > 0) == (s > 0) else [(-INF, r / e)]


def covers(intervals: list[tuple], low, high) -> bool:
    """Whether one of the disjoint intervals contains [low, high]."""
    return any(a <= low and high <= b for a, b in intervals)


def union(intervals: list[tuple], low, high) -> list[tuple]:
    """Disjoint intervals with one more."""
    touching = [(a, b) for a, b in intervals if a <= high and low <= b]
    apart = [pair for pair in intervals if pair not in touching]
    return [*apart, (min([low, *(a for a, _ in touching)]), max([high, *(b for _, b in touching)]))]
