"""Problem (2.6) for the squared loss by exact dynamic programming over the pieces (*ours*), in floats or Fractions.

At an optimum each joint of two pieces is either *tight*, at the abscissa of a sample, or *loose*, strictly between two
samples. At a loose joint the condition that the lines cross there is slack, so the fits on both sides are optimal each
on its own (Hudson 1966): the past matters only through its cost and its last line. At a tight joint the past matters
only through the value v there, and its cost is a minimum of quadratics in v. A quadratic whose first line comes from a
loose joint holds for the v for which the two lines still cross between the two samples: that is an interval, or two.

It is enough to look for stationary points inside these intervals. At an end of an interval the lines cross at a sample;
the tight joint there costs as much, and nowhere less, so the two quadratics touch, and where one still falls at the end
so does the other. A piece with one sample and two loose joints can be turned about that sample until one is tight.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.pwl_fit import LineData, PWLFit, joints
from mathdl.exact_erm.pwl_quadratics import (
    INF,
    Moments,
    Quadratics,
    alone,
    chord,
    covers,
    listed,
    moments,
    opposite,
    sloped,
    union,
    vanishes,
)
from mathdl.nets.pwl1d import PWL1D

BEAM = 2  # quadratics kept at each sample in the first pass, which only looks for a good upper bound
LINE, TIGHT, LOOSE = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Search:
    """The lists of quadratics for j pieces and sample k, and what is needed to bound and to follow them back."""

    data: LineData
    pieces: int
    bound: float  # no chain that costs more is followed
    beam: int | None  # how many quadratics of each list are kept; None: all
    rest: list[list]  # rest[r][k]: the least cost of the samples behind k with r pieces that need not meet
    table: dict[tuple[int, int], Quadratics] = field(default_factory=dict)
    sums: dict = field(default_factory=dict)  # what was summed and what was followed back once

    def moments(self, start: int, end: int) -> Moments:
        """`moments` of these samples, summed once."""
        key = "moments", start, end
        if key not in self.sums:
            self.sums[key] = moments(self.data, start, end)
        return self.sums[key]

    def chord(self, start: int, end: int) -> tuple:
        """`chord` of these samples, summed once."""
        key = "chord", start, end
        if key not in self.sums:
            self.sums[key] = chord(self.data, start, end)
        return self.sums[key]

    def last_lines(self, j: int, i: int) -> tuple:
        """`last_lines`, found once."""
        key = "lines", j, i
        if key not in self.sums:
            self.sums[key] = last_lines(self, j, i)
        return self.sums[key]


def fit_by_dp(data: LineData, pieces: int) -> PWLFit:
    """The best fit with at most `pieces` pieces; its value is summed from the residuals of the lines themselves."""
    plain, slope, level = (data, 0, 0) if data.is_exact else _without_trend(data)
    rest = apart(plain, min(pieces, len(data.x)))
    search = Search(plain, len(rest), INF, BEAM, rest)
    _run(search)
    first = _answer(search)
    slack = 0 if data.is_exact else 1e-9 * first[0] + 1e-13 * (plain.weight @ plain.y ** 2)  # rounding of the sums
    known = {key: sums for key, sums in search.sums.items() if key[0] != "lines"}
    search = Search(plain, len(rest), first[0] + slack, None, rest, sums=known)
    _run(search)
    lines = _answer(search)[1] or first[1]
    value = sum(v * (a * x + b - y) ** 2 for a, b, x, y, v in _on_samples(lines, plain))
    f = PWL1D([], [slope], [level]) + _joined(lines, plain) if slope or level else _joined(lines, plain)
    kept = sum(len(q.alpha) for q in search.table.values())
    return PWLFit(f, value + data.spread if data.is_exact else float(value + data.spread), pieces, "dp", kept)


def _without_trend(data: LineData) -> tuple[LineData, float, float]:
    """The data without their regression line, which every fit may contain: smaller numbers round less."""
    v, x, y = data.weight, data.x, data.y
    mean = v @ x / v.sum()
    height, spread = v @ y / v.sum(), v @ (x - mean) ** 2
    slope = float(v @ ((x - mean) * (y - height)) / spread) if spread else 0.0
    return replace(data, y=(y - height) - slope * (x - mean)), slope, float(height - slope * mean)


def apart(data: LineData, pieces: int) -> list[list]:
    """Entry [r][k]: the least sum of squares of the samples behind k with r lines that need not meet, r < `pieces`."""
    D = len(data.x)
    zero = data.y[0] * 0
    table = [[INF] * (D - 1) + [zero]]
    lone = [[alone(moments(data, k, m)) for m in range(k + 1, D)] for k in range(-1, D - 1)]
    for _ in range(1, pieces):
        last = table[-1]
        table.append([min([last[k], *(c + last[m] for m, c in enumerate(lone[k + 1], start=k + 1))])
                      for k in range(D - 1)] + [zero])
    return table


def _run(search: Search) -> None:
    """Fill the table: j pieces up to sample k, the last of which ends at (x_k, v)."""
    D = len(search.data.x)
    for j in range(1, search.pieces + 1):
        for k in range(min(1, D - 1), D):
            found = [_first(search, k)] if j == 1 else [
                part for i in range(j - 1, k) for part in (_tight(search, j, i, k), _loose(search, j, i, k)) if part]
            kept = _pruned(search, j, k, Quadratics(*map(np.concatenate, zip(*found, strict=True)))) if found else None
            if kept is not None and len(kept.alpha):
                search.table[j, k] = kept


def _first(search: Search, k: int) -> Quadratics:
    """One line through (x_k, v), with the best slope."""
    return listed(1, (*sloped(search.moments(-1, k)), -INF, INF), LINE, -1, -1)


def _before(q: Quadratics, sums: tuple) -> tuple[NDArray, NDArray]:
    """The value u = c - d v at the start that is best for the value v at the end of a chord, for each quadratic."""
    A, B, _, E, _, _ = sums
    return (E - q.beta / 2) / (A + q.alpha), B / (A + q.alpha)


def _tight(search: Search, j: int, i: int, k: int) -> Quadratics | None:
    """The last piece starts at (x_i, u), where the one before ends; u is minimised over."""
    q = search.table.get((j - 1, i))
    if q is None:
        return None
    sums = _, B, C, E, F, G = search.chord(i, k)
    c, d = _before(q, sums)
    if B:
        low, high = (c - q.high) / d, (c - q.low) / d
    else:  # no sample strictly between: the best u is the same for every v
        inside = (q.low <= c) & (c <= q.high)
        low, high = np.where(inside, -INF, INF), np.where(inside, INF, -INF)
    parts = C - B * d, 2 * (B * c - F), q.gamma + G - c * (E - q.beta / 2), low, high
    held = np.flatnonzero(low <= high)
    return listed(len(held), tuple(part[held] for part in parts), TIGHT, i, held) if len(held) else None


def last_lines(search: Search, j: int, i: int) -> tuple[NDArray, NDArray, list[tuple]]:
    """The ways to end j pieces loosely behind sample i: which quadratics, their costs in order, their last lines."""
    q = search.table.get((j, i))
    if q is None:
        return np.array([], dtype=int), np.array([]), []
    which = q.stationary()
    v = q.best[which]
    return which, q.at(q.best)[which], [_last_line(search, j, i, n, v_n) for n, v_n in zip(which, v, strict=True)]


def _loose(search: Search, j: int, i: int, k: int) -> Quadratics | None:
    """The last piece meets the one before strictly between samples i and i + 1, and has at least two samples."""
    if k < i + 2:
        return None  # a piece with one sample: covered by the tight joint at i
    which, costs, lines = search.last_lines(j - 1, i)
    m, x = search.moments(i, k), search.data.x
    alpha, beta, gamma = sloped(m)
    parts, covered = [], []
    for n, cost, (slope, level) in zip(which, costs, lines, strict=True):
        ends = [vanishes(m, x[t] - x[k], slope * x[t] + level) for t in (i, i + 1)]
        for low, high in opposite(*ends):
            if not covers(covered, low, high):  # a cheaper way to get here
                parts.append((gamma + cost, low, high, n))
                covered = union(covered, low, high)
    if not parts:
        return None
    *numbers, parents = zip(*parts, strict=True)
    return listed(len(parts), (alpha, beta, *numbers), LOOSE, i, parents)


def _pruned(search: Search, j: int, k: int, q: Quadratics) -> Quadratics:
    """Without those that cannot lead to the optimum, or lie above another one wherever they hold."""
    rest = search.rest[search.pieces - j][k] if search.pieces - j < len(search.rest) else 0
    least = q.least()
    order = np.argsort(least, kind="stable")
    q = q.take(order[np.array(least[order] + rest <= search.bound, dtype=bool)])
    if search.beam:
        return q.take(np.arange(len(q.alpha)) < search.beam)
    keep: list[int] = []
    for n in range(len(q.alpha)):
        if not keep or not _above(q, n, np.array(keep)):
            keep.append(n)
    return q.take(np.array(keep, dtype=int))


def _above(q: Quadratics, n: int, others: NDArray[np.intp]) -> bool:
    """Whether quadratic n is nowhere below one of the others that holds wherever it does."""
    o = q.take(others)
    a, b, c = (part[n] - other for part, other in ((q.alpha, o.alpha), (q.beta, o.beta), (q.gamma, o.gamma)))
    wide = (o.low <= q.low[n]) & (q.high[n] <= o.high)
    everywhere = (a >= 0) & (c >= 0) & (b * b <= 4 * a * c)
    return bool((wide & everywhere).any())


def _answer(search: Search) -> tuple:
    """The least cost of all samples, and the lines with the sample that each ends at and whether that end is tight."""
    D, best = len(search.data.x), (INF, [])
    for j in range(1, search.pieces + 1):
        q = search.table.get((j, D - 1))
        which = q.stationary() if q is not None else []
        if len(which):
            cost = q.at(q.best)[which[0]]
            if cost < best[0]:
                best = cost, _chain(search, j, D - 1, which[0], q.best[which[0]])
    return best


def _chain(search: Search, j: int, k: int, n: int, v) -> list[tuple]:
    """(slope, intercept, k, tight) of each piece, first to last, for quadratic n of (j, k) at the value v."""
    lines, tight = [], False
    while True:
        q = search.table[j, k]
        kind, i, parent = q.kind[n], q.start[n], q.parent[n]
        lines.insert(0, (*_last_line(search, j, k, n, v), k, tight))
        if kind == LINE:
            return lines
        before = search.table[j - 1, i]
        if kind == TIGHT:
            c, d = _before(before.take([parent]), search.chord(i, k))
            v = c[0] - d[0] * v
        else:
            v = before.best[parent]
        j, k, n, tight = j - 1, i, parent, kind == TIGHT


def _last_line(search: Search, j: int, k: int, n: int, v) -> tuple:
    """Slope and intercept of the last piece of quadratic n of (j, k) at the value v."""
    data, q = search.data, search.table[j, k]
    if q.kind[n] == TIGHT:
        i = q.start[n]
        c, d = _before(search.table[j - 1, i].take([q.parent[n]]), search.chord(i, k))
        slope = (v - (c[0] - d[0] * v)) / (data.x[k] - data.x[i])
    else:
        m = search.moments(q.start[n] if q.kind[n] == LOOSE else -1, k)
        slope = (m.xiy - v * m.xi) / m.xi2 if m.xi2 else v * 0
    return slope, v - slope * data.x[k]


def _on_samples(lines: list[tuple], data: LineData):
    """(slope, intercept, x, y, weight) for every sample, with the line that carries it."""
    start = 0
    for a, b, end, _ in lines:
        for x, y, v in zip(data.x[start:end + 1], data.y[start:end + 1], data.weight[start:end + 1], strict=True):
            yield a, b, x, y, v
        start = end + 1


def _joined(lines: list[tuple], data: LineData) -> PWL1D:
    """The continuous function of the chain."""
    points = []
    for g, h in pairwise(lines):
        t = data.x[g[2]]
        points += [(t, g[0] * t + g[1])] if g[3] else joints(g, h, t, data.x[g[2] + 1])
    first, last = lines[0], lines[-1]
    if not points:
        return PWL1D([], [first[0]], [first[1]])
    return PWL1D.from_points(*zip(*points, strict=True), first[0], last[0])
