"""The pieces of a net with one input: by Fractions as a certificate, or counted exactly and rounded once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np

from mathdl.nets.breakpoints import point_between
from mathdl.nets.entries import as_exact
from mathdl.nets.line_cells import cells_on_line, refuse_beyond
from mathdl.nets.relu_net import ReLUNet

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]  # breakpoints (P - 1,), slopes (P,), intercepts (P,)


def exact_parts(net: ReLUNet, limit: int) -> Parts:
    """Breakpoints, slopes and intercepts as Fractions, a piece at a time: slow, and nothing to go wrong."""
    t, S, C = [], [np.array([Fraction(1)])], [np.array([Fraction(0)])]
    layers = list(zip(net.exact().weights, net.exact().biases, strict=True))
    for W, b in layers[:-1]:
        t, S, C = _through_layer(t, [W @ s for s in S], [W @ c + b for c in C])
        refuse_beyond(limit, len(S), net)
    W, b = layers[-1]
    return as_exact(t), as_exact([(W @ s)[0] for s in S]), as_exact([(W @ c + b)[0] for c in C])


def _through_layer(t: list, S: list, C: list) -> tuple[list, list, list]:
    """Breakpoints, slopes and intercepts of all gates after σ, from those before it."""
    ends, slopes, intercepts = [], [], []
    for (a, b), s, c in zip(pairwise([-math.inf, *t, math.inf]), S, C, strict=True):
        zeros = {-cj / sj for sj, cj in zip(s, c, strict=True) if sj}
        for lo, hi in pairwise([a, *sorted(x for x in zeros if a < x < b), b]):
            on = s * point_between(lo, hi) + c > 0
            ends.append(hi)
            slopes.append(np.where(on, s, Fraction(0)))
            intercepts.append(np.where(on, c, Fraction(0)))
    return ends[:-1], slopes, intercepts


def rounded_parts(net: ReLUNet, limit: int) -> Parts:
    """Breakpoints, slopes and intercepts of the exact pieces, each rounded once to float64."""
    t, s, c = [], [], []
    for cells in cells_on_line(net, limit):
        t += (n / d for n, d in zip(cells.num.tolist()[1:], cells.den.tolist()[1:], strict=True) if d)
        s += _times(cells.slopes[0], cells.unit)
        c += _times(cells.intercepts[0], cells.unit)
    return np.array(t), np.array(s), np.array(c)


def _times(integers: np.ndarray, unit: Fraction) -> Iterator[float]:
    return (v * unit.numerator / unit.denominator for v in integers.tolist())
