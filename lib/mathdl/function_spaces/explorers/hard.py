"""Explorers: sawtooths composed layer by layer, and the best shallow fit to a triangle wave."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from mathdl.core.figures import Picture
from mathdl.function_spaces.figures.hard import message, refused_sawtooths, stacked_sawtooths, wave_and_fit
from mathdl.function_spaces.hard import hard_function

MOST_RAMPS = 1024
STRIP = (-0.19, -0.09)  # the handles move along a strip below the axis: only x counts
GRID = 1000  # breakpoints are rounded to 1/1000, so that exact composition stays fast

Handles = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Sawtooths:
    """a¹ and a² as the x-coordinates of handles; the k sawtooths take them in turn; M = 1."""

    first: Handles = ((0.3, -0.14), (0.8, -0.14))
    second: Handles = ((0.45, -0.14),)
    first_width: int = 3
    second_width: int = 2
    depth: int = 2


def draw_sawtooths(state: Sawtooths) -> Picture:
    """Figure 2.1 of Mukherjee 2020 for the breakpoints of the state, with the exact number of pieces."""
    widths = [(state.first_width, state.second_width)[i % 2] for i in range(state.depth)]
    if prod(widths) > MOST_RAMPS:
        return refused_sawtooths(f"{prod(widths)} pieces are too many to see; up to {MOST_RAMPS} are drawn.")
    layers = [_breakpoints(state.first, state.first_width), _breakpoints(state.second, state.second_width)]
    try:
        return stacked_sawtooths(hard_function(1, [layers[i % 2] for i in range(state.depth)]))
    except ValueError:
        return refused_sawtooths("Two breakpoints of one sawtooth meet: it cannot be 0 and 1 at once. Pull them apart.")


def explore_sawtooths():
    """Drag the breakpoints of two sawtooths and count the pieces of their composition."""
    from mathdl.core.explore import Points, Slider, explore

    strip = {"x": (0.001, 0.999), "y": STRIP}
    return explore(draw_sawtooths, Sawtooths(), first=Points("breakpoints a¹", axes=0, **strip),
                   second=Points("breakpoints a²", axes=1, **strip),
                   first_width=Slider(2, 5, "pieces of the first, w₁"),
                   second_width=Slider(2, 5, "pieces of the second, w₂"), depth=Slider(2, 4, "sawtooths composed, k"))


@dataclass(frozen=True)
class ShallowFit:
    """The wave with width^depth ramps, and how many pieces its fit may have."""

    width: int = 2
    depth: int = 3
    pieces: int = 3


def draw_shallow_fit(state: ShallowFit) -> Picture:
    """The wave, the best fit known with that many pieces, and its error beside the lower bound of Theorem 2.3.6."""
    q = state.width**state.depth
    if q > MOST_RAMPS:
        return message(f"{q} ramps are too many to see; up to {MOST_RAMPS} are drawn. Take a smaller width or depth.")
    return wave_and_fit(q, state.pieces)


def explore_shallow_fit():
    """Give a shallow fit more pieces, or the wave more ramps, and watch the error against the bound."""
    from mathdl.core.explore import Slider, explore

    return explore(draw_shallow_fit, ShallowFit(), width=Slider(2, 5, "ramps of one sawtooth, w"),
                   depth=Slider(1, 4, "sawtooths composed, k"), pieces=Slider(1, 16, "pieces of the fit, p"))


def _breakpoints(handles: Handles, width: int) -> list[Fraction]:
    """The first w − 1 handles in order from left to right; where there are too few, the widest gap is halved."""
    a = sorted(Fraction(round(GRID * x), GRID) for x, _ in handles[:width - 1])
    while len(a) < width - 1:
        ends = [Fraction(0), *a, Fraction(1)]
        i = max(range(len(ends) - 1), key=lambda i: ends[i + 1] - ends[i])
        a.insert(i, (ends[i] + ends[i + 1]) / 2)
    return a
