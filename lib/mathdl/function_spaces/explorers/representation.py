"""Explorers on representing functions: flaps of a function on the line, and signed maxima of affine functions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mathdl.core.explore import Choice, Points, Slider, Toggle, explore
from mathdl.core.figures import Picture
from mathdl.function_spaces.figures.representation import flaps_figure, message_figure, signed_maxes_figure
from mathdl.function_spaces.random_functions import bowl_rows
from mathdl.nets.pwl1d import PWL1D


@dataclass(frozen=True)
class FlapsView:
    """A function through points with two outer slopes, and whether the net may have an output bias."""

    points: tuple[tuple[float, float], ...] = ((0.0, 2.0), (1.0, -1.0), (3.0, 5.0), (4.0, 1.0))
    left_slope: float = 1.0
    right_slope: float = -2.0
    output_bias: bool = True


def draw_flaps(state: FlapsView) -> Picture:
    """The function, its flaps and their sum, with the gates of the construction and the least number of gates."""
    # numbers as they are typed: 0.1 is 1/10, so that sums of slopes can agree exactly
    points = sorted(tuple(_typed(v) for v in point) for point in state.points)
    xs, ys = zip(*points, strict=True)
    if len(set(xs)) < len(xs):
        return message_figure("Two points share one x, so no function passes through both: move one of them.")
    return flaps_figure(PWL1D.from_points(xs, ys, _typed(state.left_slope), _typed(state.right_slope)),
                        output_bias=state.output_bias)


def explore_flaps():
    """Drag the breakpoints or type them, change the outer slopes, take the output bias away; count the gates."""
    return explore(draw_flaps, FlapsView(), points=Points("breakpoints", x=(-2, 6), y=(-4, 6)),
                   left_slope=Slider(-4, 4, "slope on the left", step=0.5),
                   right_slope=Slider(-4, 4, "slope on the right", step=0.5), output_bias=Toggle("output bias allowed"))


@dataclass(frozen=True)
class SignedMaxView:
    """Random affine functions of n variables: how many, and which."""

    inputs: int = 2
    rows: int = 8
    seed: int = 1


def draw_signed_maxes(state: SignedMaxView) -> Picture:
    """The faces that become terms, the terms along a line, and the depth before and after."""
    return signed_maxes_figure(bowl_rows(state.rows, state.inputs, rng=np.random.default_rng(state.seed)))


def explore_signed_maxes():
    """Take more affine functions of one or two variables and watch the terms, their sum and the depth."""
    return explore(draw_signed_maxes, SignedMaxView(), inputs=Choice((1, 2), "variables n"),
                   rows=Slider(1, 16, "affine functions"), seed=Slider(0, 20, "random seed"))


def _typed(x: float) -> Fraction:
    return Fraction(x).limit_denominator(10_000)
