"""Continuous piecewise linear functions on the line in canonical form, exact over the rationals or in float64."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from numbers import Real

import numpy as np

from mathdl.nets.breakpoints import cell_integrals, piece_between, point_between, preimages, roots, total
from mathdl.nets.entries import as_exact, as_float, fraction, holds_floats, holds_fractions
from mathdl.nets.net_on_line import exact_parts, rounded_parts
from mathdl.nets.relu_net import ReLUNet

JUMP = 2.0 ** -30  # floats may disagree by this part of their size at a breakpoint: below it is rounding, above a jump


@dataclass(frozen=True, eq=False)
class PWL1D:
    """The function s_i x + c_i on piece i, with p − 1 increasing breakpoints (Mukherjee 2020, Definition 3 for n = 1).

    `breaks` has p − 1 entries, `slopes` and `intercepts` p. Breakpoints where the slope does not change are removed,
    so `n_pieces` is the number of pieces. Exact (tuples of Fraction) when no entry is a float or some entry is a
    Fraction; float64 arrays otherwise. Raises ValueError for a jump, for breakpoints out of order, for NaN.
    """

    breaks: tuple[Fraction, ...] | np.ndarray
    slopes: tuple[Fraction, ...] | np.ndarray
    intercepts: tuple[Fraction, ...] | np.ndarray

    def __init__(self, breaks: Sequence, slopes: Sequence, intercepts: Sequence) -> None:
        t, s, c = _arrays(breaks, slopes, intercepts)
        if t.ndim != 1 or s.shape != (len(t) + 1,) or c.shape != s.shape:
            raise ValueError(f"expected p slopes, p intercepts and p - 1 breakpoints; "
                             f"got {s.shape}, {c.shape} and {t.shape}")
        if (t[1:] <= t[:-1]).any():
            raise ValueError(f"expected increasing breakpoints; got {list(breaks)}")
        jump = abs((s[1:] - s[:-1]) * t + c[1:] - c[:-1])
        slack = JUMP * max(abs(s).max() * abs(t).max(initial=0), abs(c).max()) if t.dtype == float else 0
        if (jump > slack).any():
            where = t[int(np.argmax(jump > slack))]
            raise ValueError(f"expected a continuous function; got a jump at x = {where}")
        _store(self, t, s, c)

    @classmethod
    def _made(cls, t: np.ndarray, s: np.ndarray, c: np.ndarray) -> PWL1D:
        """The function from arrays of one type that are known to fit, with removable breakpoints removed."""
        f = object.__new__(cls)
        _store(f, t, s, c)
        return f

    @classmethod
    def from_points(cls, xs: Sequence, ys: Sequence, left_slope: Real, right_slope: Real) -> PWL1D:
        """The function through the points (x_i, y_i), with the given slopes outside them; x increasing."""
        x, y, outer = _arrays(xs, ys, [left_slope, right_slope])
        if x.ndim != 1 or not len(x) or x.shape != y.shape or (x[1:] <= x[:-1]).any():
            raise ValueError(f"expected as many values as increasing points, at least one; got {xs} and {ys}")
        s = np.concatenate([outer[:1], (y[1:] - y[:-1]) / (x[1:] - x[:-1]), outer[1:]])
        c = np.concatenate([y[:1], y]) - s * np.concatenate([x[:1], x])
        return cls._made(x, s, c)

    @classmethod
    def from_net(cls, net: ReLUNet, *, limit: int = 2 ** 20) -> PWL1D:
        """The function of a net with one input and one output, of any depth; exact when the net is exact.

        The pieces of a float net are found exactly and rounded once, at the end. Raises ValueError when more than
        `limit` intervals would be kept.
        """
        if (net.n_inputs, net.n_outputs) != (1, 1):
            raise ValueError(f"expected a net with one input and one output; got {net.n_inputs} and {net.n_outputs}")
        if net.is_exact:
            return cls._made(*exact_parts(net, limit))
        return cls._made(*_apart(*rounded_parts(net, limit)))

    @property
    def n_pieces(self) -> int:
        """The number of maximal intervals on which the function is affine."""
        return len(self.slopes)

    @property
    def is_exact(self) -> bool:
        """True when breakpoints, slopes and intercepts are Fractions."""
        return isinstance(self.slopes, tuple)

    @cached_property
    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        kind = object if self.is_exact else float
        return tuple(np.array(v, dtype=kind) for v in (self.breaks, self.slopes, self.intercepts))

    def __call__(self, x: Real | np.ndarray) -> Fraction | float | np.ndarray:
        """Values at x, a number or an array; Fractions when the function is exact (floats at their binary value)."""
        t, s, c = self._parts
        X = (as_exact if self.is_exact else as_float)(x)
        i = np.searchsorted(t, X.ravel(), side="right")
        y = (s[i] * X.ravel() + c[i]).reshape(X.shape)
        return y if X.ndim else y.item()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PWL1D) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple:
        return tuple(self.breaks), tuple(self.slopes), tuple(self.intercepts)

    def __repr__(self) -> str:
        kind = "exact" if self.is_exact else "float64"
        return f"PWL1D({self.n_pieces} pieces, {kind})"

    def exact(self) -> PWL1D:
        """The function with Fractions: floats at their binary value, intercepts from the first by continuity."""
        if self.is_exact:
            return self
        t, s = as_exact(self.breaks), as_exact(self.slopes)
        c = np.concatenate([[fraction(self.intercepts[0])], (s[:-1] - s[1:]) * t])
        return PWL1D._made(t, s, np.add.accumulate(c))

    def rounded(self) -> PWL1D:
        """The function in float64; pieces too short to keep apart are dropped."""
        return PWL1D._made(*_apart(*(as_float(v) for v in self._parts)))

    def __add__(self, other: PWL1D) -> PWL1D:
        (t, s, c), (u, r, d) = _same_type(self, other)
        knots = np.unique(np.concatenate([t, u]))
        i, j = (piece_between(v, knots) for v in (t, u))
        return PWL1D._made(knots, s[i] + r[j], c[i] + d[j])

    def scaled(self, c: Real) -> PWL1D:
        """The function c f."""
        f = self.exact() if isinstance(c, Fraction) else self
        c = fraction(c) if f.is_exact else float(c)
        t, s, intercepts = f._parts
        return PWL1D._made(t, c * s, c * intercepts)

    def __sub__(self, other: PWL1D) -> PWL1D:
        return self + other.scaled(-1)

    def compose(self, inner: PWL1D) -> PWL1D:
        """self ∘ inner; floats are composed exactly and rounded once."""
        if not (self.is_exact and inner.is_exact):
            h = self.exact().compose(inner.exact())
            return h if self.is_exact or inner.is_exact else h.rounded()
        (t, s, c), (u, r, d) = self._parts, inner._parts
        knots = as_exact(sorted({*u, *preimages(t, u, r, d)}))
        j = piece_between(u, knots)
        inside = as_exact([point_between(a, b) for a, b in pairwise([-np.inf, *knots, np.inf])])
        i = np.searchsorted(t, r[j] * inside + d[j], side="right")
        return PWL1D._made(knots, s[i] * r[j], s[i] * d[j] + c[i])

    def integral(self, lo: Real, hi: Real) -> Fraction | float:
        """∫ f over [lo, hi], rational when the function is exact; ValueError when lo > hi."""
        return total(cell_integrals(*self._parts, self._parts[0], *self._ends(lo, hi)))

    def l1_distance(self, other: PWL1D, lo: Real, hi: Real) -> Fraction | float:
        """∫ |f − g| over [lo, hi], rational when f or g is exact; ValueError when lo > hi."""
        h = self - other
        knots = np.unique(np.concatenate([h._parts[0], roots(*h._parts)]))
        return total(abs(cell_integrals(*h._parts, knots, *h._ends(lo, hi))))

    def _ends(self, lo: Real, hi: Real) -> np.ndarray:
        return (as_exact if self.is_exact else as_float)([lo, hi])


def _apart(t: np.ndarray, s: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The parts without pieces whose ends were rounded to one float."""
    last = np.append(t[1:] > t[:-1], True)[:len(t)]
    return t[last], s[np.append(True, last)], c[np.append(True, last)]


def _arrays(*values: Sequence) -> list[np.ndarray]:
    """The arrays with Fractions when no entry is a float or some entry is a Fraction, else in float64."""
    exact = any(map(holds_fractions, values)) or not any(map(holds_floats, values))
    return [(as_exact if exact else as_float)(v) for v in values]


def _store(f: PWL1D, t: np.ndarray, s: np.ndarray, c: np.ndarray) -> None:
    """Write the canonical form into a frozen object."""
    bends = s[1:] != s[:-1]
    parts = t[bends], s[np.append(True, bends)], c[np.append(True, bends)]
    for name, part in zip(("breaks", "slopes", "intercepts"), parts, strict=True):
        part.flags.writeable = False
        object.__setattr__(f, name, tuple(part) if part.dtype == object else part)


def _same_type(f: PWL1D, g: PWL1D) -> tuple[tuple, tuple]:
    return (f.exact()._parts, g.exact()._parts) if f.is_exact or g.is_exact else (f._parts, g._parts)
