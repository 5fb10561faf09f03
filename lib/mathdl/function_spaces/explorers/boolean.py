"""Explorers on Boolean inputs: a truth table to edit, and a threshold gate to turn into ReLU gates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.function_spaces.boolean import bits
from mathdl.function_spaces.figures.boolean import spectrum_figure, threshold_figure
from mathdl.function_spaces.ltf import from_codes

NAMED = {"table number": None, "PARITY": lambda x: x.sum(axis=1) % 2, "AND": lambda x: x.all(axis=1),
         "majority": lambda x: 2 * x.sum(axis=1) > x.shape[1], "first bit": lambda x: x[:, 0],
         "one": lambda x: x[:, 0] >= 0}


@dataclass(frozen=True)
class TruthTable:
    """A function on `n` bits: one of a few named ones, or the one whose values are the digits of `number`."""

    n: int = 3
    function: str = "majority"
    number: int = 232


def draw_truth_table(state: TruthTable) -> Picture:
    """The truth table, the Fourier coefficients, and the gates of the nets that draw the function."""
    named = NAMED[state.function]
    if named is not None:
        return spectrum_figure(2 * np.asarray(named(bits(state.n)), dtype=np.int64) - 1)
    return spectrum_figure(from_codes(state.number % 2**2**state.n, state.n))


def explore_truth_table():
    """Choose a function, or walk through all of them by number, and see which bars of the spectrum it has."""
    return explore(draw_truth_table, TruthTable(), n=Slider(1, 4, "bits n"), function=Choice(tuple(NAMED), "function"),
                   number=Slider(0, 65535, "table number"))


@dataclass(frozen=True)
class Threshold:
    """A threshold gate on three bits: weights and bias in halves."""

    first: float = 1.0
    second: float = 1.0
    third: float = 1.0
    bias: float = 0.0


def draw_threshold(state: Threshold) -> Picture:
    """The ramp of the two ReLU gates, over the values that the argument takes on the cube."""
    return threshold_figure((state.first, state.second, state.third), state.bias)


def explore_threshold():
    """Move the weights: the ramp always fits into the gap that the vertices leave below 0."""
    return explore(draw_threshold, Threshold(), first=Slider(-3.0, 3.0, "weight 1", step=0.5),
                   second=Slider(-3.0, 3.0, "weight 2", step=0.5), third=Slider(-3.0, 3.0, "weight 3", step=0.5),
                   bias=Slider(-4.0, 4.0, "bias b", step=0.5))
