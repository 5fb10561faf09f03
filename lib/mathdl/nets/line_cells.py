"""The intervals of the line on which every gate of a net keeps its state, in exact integers, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import lcm

import numpy as np

from mathdl.nets.piece_bounds import product_bound
from mathdl.nets.relu_net import ReLUNet

BLOCK = 2 ** 17  # numbers processed together, intervals times gates: their arrays stay in the cache
SAFE = 2 ** 62  # results below this in absolute value cannot overflow int64


@dataclass(frozen=True)
class Cells:
    """Neighbouring intervals and the affine functions that the gates of one layer compute on them.

    The P + 1 end points are `num / den`, with (−1)/0 and 1/0 for the ends of the line; on interval i function j is
    (slopes[j, i] x + intercepts[j, i]) · unit. All entries are integers, int64 or Python's, and unit > 0.
    """

    num: np.ndarray  # (P + 1,)
    den: np.ndarray  # (P + 1,), 0 or positive
    slopes: np.ndarray  # (w, P)
    intercepts: np.ndarray  # (w, P)
    unit: Fraction

    def __len__(self) -> int:
        return self.slopes.shape[1]


def cells_on_line(net: ReLUNet, limit: int) -> Iterator[Cells]:
    """The intervals with the outputs of a net with one input on them, from left to right, block by block.

    Only a few blocks for each layer are held at once. Raises ValueError when there are more than `limit` intervals.
    """
    if net.n_inputs != 1:
        raise ValueError(f"expected a net with one input; got {net.n_inputs}")
    layer, block = _integer_layers(net.exact()), max(BLOCK // max(net.width, net.n_outputs), 1)
    # The cut at 0 gives every interval a finite end, where a constant function shows its sign.
    one, zero = np.array([[1, 1]]), np.array([[0, 0]])
    line = Cells(np.array([-1, 0, 1]), np.array([0, 1, 0]), one, zero, Fraction(1))
    waiting, intervals = [(0, _affine(line, layer, 0))], 1  # the cut is ours and not counted
    while waiting:
        i, cells = waiting.pop()
        if i == net.hidden_layers:
            yield cells
        else:
            parts = [_affine(part, layer, i + 1) for part in _activated(_safe(cells), block)]
            intervals += sum(len(part) for part in parts) - len(cells)
            refuse_beyond(limit, intervals, net)
            waiting += [(i + 1, part) for part in reversed(parts)]


def refuse_beyond(limit: int, intervals: int, net: ReLUNet) -> None:
    """Stop with a ValueError that says how many intervals there may be when there are more than `limit`."""
    if intervals > limit:
        raise ValueError(f"expected at most limit = {limit} intervals; widths {net.widths} allow up to "
                         f"{product_bound(net.widths)} pieces, and more than {limit} were met. Raise `limit`")


def _integer_layers(net: ReLUNet):
    """The function (i, unit) ↦ D W_i, (D / unit) b_i in integers, D, and the largest row sum of |D W_i|."""

    @cache
    def layer(i: int, unit: Fraction) -> tuple[np.ndarray, np.ndarray, int, int]:
        W, b = net.weights[i], net.biases[i] / unit
        D = lcm(*(v.denominator for v in W.flat), *(v.denominator for v in b))
        return _integers(D * W), _integers(D * b), D, int(D * abs(W).sum(axis=1).max())

    return layer


def _integers(fractions: np.ndarray) -> np.ndarray:
    whole = np.array([v.numerator for v in fractions.flat], dtype=object).reshape(fractions.shape)
    return whole.astype(np.int64) if _largest(whole) < SAFE else whole


def _largest(array: np.ndarray) -> int:
    return int(max(array.max(), -array.min()))


def _affine(cells: Cells, layer, i: int) -> Cells:
    """The outputs of affine map i, exact: in int64 while a bound on the results allows it."""
    W, b, D, row = layer(i, cells.unit)
    s, c = cells.slopes, cells.intercepts
    if row * max(_largest(s), _largest(c)) + _largest(b) >= SAFE:
        W, b, s, c = (v.astype(object) for v in (W, b, s, c))
    return replace(cells, slopes=W @ s, intercepts=W @ c + b[:, None], unit=cells.unit / D)


def _safe(cells: Cells) -> Cells:
    """The same cells in numbers so small, or so long, that evaluating at old and new end points cannot overflow."""
    if cells.slopes.dtype == object:
        return _long(cells)
    if _fits(cells):
        return cells
    common = max(int(np.gcd(np.gcd.reduce(cells.slopes, axis=None), np.gcd.reduce(cells.intercepts, axis=None))), 1)
    g = np.gcd(cells.num, cells.den)
    less = Cells(cells.num // g, cells.den // g, cells.slopes // common, cells.intercepts // common,
                 cells.unit * common)
    return less if _fits(less) else _long(less)


def _long(cells: Cells) -> Cells:
    """The same cells in Python's integers, which have no bound."""
    return Cells(*(v.astype(object) for v in (cells.num, cells.den, cells.slopes, cells.intercepts)), cells.unit)


def _fits(cells: Cells) -> bool:
    """Whether |slope · num + intercept · den| < SAFE, new end points −intercept / slope included."""
    s, c = _largest(cells.slopes), _largest(cells.intercepts)
    return s * max(c, _largest(cells.num)) + c * max(s, _largest(cells.den)) < SAFE


def _activated(cells: Cells, block: int) -> Iterator[Cells]:
    """The cells after σ, cut where a gate switches, at most `block` at a time, equal neighbours merged."""
    num, den, parent = _cut_at_zeros(cells)
    for a in range(0, len(parent), block):
        part, n, d = parent[a:a + block], num[a:a + block + 1], den[a:a + block + 1]
        s, c = cells.slopes.take(part, axis=1), cells.intercepts.take(part, axis=1)
        for j in range(len(s)):
            positive = _at_ends(s[j], c[j], n, d) > 0
            on = positive[:-1] | positive[1:]
            s[j] *= on
            c[j] *= on
        yield _merged(Cells(n, d, s, c, cells.unit))


def _cut_at_zeros(cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """End points num, den of the intervals between all zeros of all functions, and the interval each came from."""
    num, den, parent = cells.num, cells.den, np.arange(len(cells.num) - 1)
    for j in range(len(cells.slopes)):
        z = _at_ends(cells.slopes[j].take(parent), cells.intercepts[j].take(parent), num, den)
        cut = np.flatnonzero(((z[:-1] < 0) & (z[1:] > 0)) | ((z[:-1] > 0) & (z[1:] < 0)))
        s, c = cells.slopes[j, parent[cut]], cells.intercepts[j, parent[cut]]
        num = np.insert(num, cut + 1, np.where(s > 0, -c, c))
        den = np.insert(den, cut + 1, abs(s))
        parent = np.insert(parent, cut + 1, parent[cut])
    return num, den, parent


def _at_ends(s: np.ndarray, c: np.ndarray, num: np.ndarray, den: np.ndarray) -> np.ndarray:
    """A continuous function s_i x + c_i on interval i, times something positive, at the ends of all intervals."""
    last = s[-1:] * num[-1:] + c[-1:] * den[-1:]
    return np.append(s * num[:-1] + c * den[:-1], last)


def _merged(cells: Cells) -> Cells:
    """Without the end points where no function changes, but the first, so that a finite one remains."""
    changes = (cells.slopes[:, 1:] != cells.slopes[:, :-1]).any(axis=0)
    if changes.all():
        return cells
    changes[0] = True
    first, ends = np.append(True, changes), np.concatenate([[True], changes, [True]])
    return replace(cells, num=cells.num[ends], den=cells.den[ends], slopes=cells.slopes[:, first],
                   intercepts=cells.intercepts[:, first])
