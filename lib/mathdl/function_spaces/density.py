"""Approximation of integrable functions on the line by nets with one hidden layer, with measured L^q errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mathdl.function_spaces.flaps import pwl_to_net
from mathdl.nets.entries import fraction
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

Function = Callable[[float], float]
ASKED = 1e-13  # the absolute accuracy asked of each cell's integral; a smaller estimate is not relied upon


@dataclass(frozen=True)
class LqApproximation:
    """A compactly supported g near f: ‖f − g‖_q on `support`, and a bound on the quadrature's part of that number."""

    g: PWL1D
    q: float
    error: float
    quadrature: float

    @property
    def net(self) -> ReLUNet:
        """g as a net with one hidden layer; both ends are flat, so it has one gate for each breakpoint."""
        return pwl_to_net(self.g)


def lq_approximate_1d(f: Function, support: tuple[float, float], pieces: int, q: float, *,
                      jumps: Sequence[float] = ()) -> LqApproximation:
    """The PWL interpolant of f at `pieces` + 1 equal knots, 0 from the ends of the support on, with its L^q error.

    (Mukherjee 2020, Theorem 2.2.3, n = 1.) `jumps` are the points where f is not smooth, for the quadrature. Raises
    ValueError unless 1 <= q < ∞, pieces >= 2 and the support is an interval.
    """
    lo, hi = _interval(support)
    if isinstance(pieces, bool) or not isinstance(pieces, (int, np.integer)) or pieces < 2:
        raise ValueError(f"expected at least 2 pieces inside the support; got {pieces!r}")
    knots = np.linspace(lo, hi, pieces + 1)
    values = np.array([0.0, *(float(f(x)) for x in knots[1:-1]), 0.0])
    g = PWL1D.from_points(knots, values, 0.0, 0.0)
    return LqApproximation(g, q, *lq_error(f, g, support, q, jumps=jumps))


def lq_error(f: Function, g: PWL1D, support: tuple[float, float], q: float, *,
             jumps: Sequence[float] = ()) -> tuple[float, float]:
    """(‖f − g‖_q over the support, an estimate of its quadrature error), cell by cell between breakpoints and jumps."""
    from scipy.integrate import quad

    _exponent(q)
    lo, hi = _interval(support)
    g = g.rounded() if g.is_exact else g
    cells = pairwise(sorted({lo, hi, *(float(x) for x in (*g.breaks, *jumps) if lo < x < hi)}))
    parts = [quad(_gap(f, g, (a + b) / 2, q), a, b, epsabs=ASKED, epsrel=1e-11) for a, b in cells]
    total, slack = math.fsum(p for p, _ in parts), math.fsum(max(e, ASKED) for _, e in parts)
    return total ** (1 / q), root_error(total, slack, q)


def root_error(total: float, slack: float, q: float) -> float:
    """How far t^{1/q} can be from total^{1/q} when t >= 0 is within `slack` of `total`."""
    middle = total ** (1 / q)
    return max((total + slack) ** (1 / q) - middle, middle - max(total - slack, 0.0) ** (1 / q))


def distance_to_continuous(left: float, right: float) -> float:
    """inf over continuous g of sup |f − g| near a jump of f from `left` to `right`: half of the jump."""
    return abs(right - left) / 2


def sup_error_to_step(g: PWL1D, at: float = 0.0, until: float = 1.0, reach: float = 2.0) -> float:
    """sup |1_{[at, until)} − g| over [at − reach, until + reach], exact for exact g: both sides of each jump count."""
    a, b, w = ((fraction if g.is_exact else float)(v) for v in (at, until, reach))
    levels = [(a - w, a, 0), (a, b, 1), (b, b + w, 0)]
    return max(abs(g(x) - level) for lo, hi, level in levels for x in (lo, hi, *(t for t in g.breaks if lo < t < hi)))


def _gap(f: Function, g: PWL1D, inside: float, q: float) -> Function:
    """|f − g|^q on the piece of g that holds the point `inside`."""
    i = int(np.searchsorted(g.breaks, inside, side="right"))
    s, c = float(g.slopes[i]), float(g.intercepts[i])
    return lambda x: abs(f(x) - s * x - c) ** q


def _exponent(q: float) -> None:
    if not 1 <= q < math.inf:
        raise ValueError(f"expected 1 <= q < infinity; got {q}. For q = infinity a jump cannot be approximated")


def _interval(support: tuple[float, float]) -> tuple[float, float]:
    lo, hi = map(float, support)
    if not -math.inf < lo < hi < math.inf:
        raise ValueError(f"expected a bounded interval (lo, hi) with lo < hi; got {support}")
    return lo, hi
