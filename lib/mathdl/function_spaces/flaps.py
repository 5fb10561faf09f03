"""Functions on the line as sums of flaps, one gate each: nets with one hidden layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True)
class Flap:
    """slope · (x − at) on one side of `at` and 0 on the other (Mukherjee 2020, eq. 2.15 and 2.16); one gate."""

    at: Fraction
    slope: Fraction
    right: bool  # True: it is 0 on x <= at; False: it is 0 on x > at

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values at x, of the shape of x."""
        live = x > self.at if self.right else x <= self.at
        return np.where(live, self.slope * (x - self.at), 0 * self.slope)


@dataclass(frozen=True)
class Flaps:
    """The function constant + Σ flaps."""

    flaps: tuple[Flap, ...]
    constant: Fraction

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values at x, of the shape of x."""
        return sum((flap(x) for flap in self.flaps), np.full(np.shape(x), self.constant))

    def to_net(self, output_bias: bool = True) -> ReLUNet:
        """One gate for each flap; without output bias a constant that is not 0 costs one more."""
        gates = [(1, -flap.at, flap.slope) if flap.right else (-1, flap.at, -flap.slope) for flap in self.flaps]
        extra = not output_bias and self.constant != 0
        gates += [(0, 1, self.constant)] * extra
        if not gates:
            return ReLUNet.affine([[Fraction(0)]], [self.constant])
        inner, thresholds, outer = zip(*gates, strict=True)
        return ReLUNet([[[u] for u in inner], [list(outer)]], [thresholds, [0 if extra else self.constant]], exact=True)


def flaps_of(f: PWL1D) -> Flaps:
    """f as a sum of at most p flaps, by back substitution (Mukherjee 2020, proof of Theorem 2.2.2, corrected).

    With f shifted to 0 at the last breakpoint: one right flap there with r = s_R, and left flaps t_1, …, t_{p−1} with
    Σ t_j = s_L and b_i = Σ_{j>i} t_j (a_i − a_j). A flat left end is used through the mirror image of f.
    """
    f = f.exact()
    if f.n_pieces == 1:
        s, c = f.slopes[0], f.intercepts[0]
        at = -c / s if s else Fraction(0)
        return kept([Flap(at, s, True), Flap(at, s, False)], Fraction(0) if s else c)
    if f.slopes[0] == 0 != f.slopes[-1]:
        mirrored = flaps_of(PWL1D([-a for a in f.breaks[::-1]], [-s for s in f.slopes[::-1]], f.intercepts[::-1]))
        return Flaps(tuple(Flap(-g.at, -g.slope, not g.right) for g in mirrored.flaps[::-1]), mirrored.constant)
    a = f.breaks
    last = f(a[-1])
    t = left_flap_slopes(a, [f(x) - last for x in a], f.slopes[0])
    return kept([*(Flap(ai, ti, False) for ai, ti in zip(a, t, strict=True)), Flap(a[-1], f.slopes[-1], True)], last)


def left_flap_slopes(a: Sequence[Fraction], b: Sequence[Fraction], left_slope: Fraction) -> list[Fraction]:
    """The t_j with Σ t_j = s_L and b_i = Σ_{j>i} t_j (a_i − a_j) for all i, where b is 0 at the last breakpoint."""
    t: list[Fraction] = []  # t_{i+1}, …, t_m, found from the last equation to the first
    for i in range(len(a) - 2, -1, -1):
        known = sum(tj * (a[i] - aj) for tj, aj in zip(t, a[i + 2:], strict=True))
        t.insert(0, (b[i] - known) / (a[i] - a[i + 1]))
    return [left_slope - sum(t), *t]


def kept(flaps: Sequence[Flap], constant: Fraction) -> Flaps:
    """The sum without the flaps of slope 0."""
    return Flaps(tuple(flap for flap in flaps if flap.slope), constant)


def pwl_to_net(f: PWL1D, bias: bool = True) -> ReLUNet:
    """An exact net of f with one hidden layer and at most p gates, p − 1 if an outer piece is flat, for p >= 2 pieces.

    (Mukherjee 2020, Theorem 2.2.2 and Corollary 2.A.1.) A constant has no hidden layer, a slanted line two gates.
    With bias=False the output has no bias, and the constant may cost one gate more.
    """
    return flaps_of(f).to_net(output_bias=bias)
