"""Explorer of the landscape: the loss on a line through the dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.sparse_coding.experiments.landscape import landscape
from mathdl.sparse_coding.experiments.section_46 import BIAS_RULES, Section46
from mathdl.sparse_coding.figures.tables import slice_figure

UNITS, SIGNALS, PLACES = 256, 200, 21


@dataclass(frozen=True)
class Line:
    """The exponent p of the sparsity, the bias rule, how far the line reaches, and which random direction it takes."""

    p: float = 0.3
    rule: str = "seed-fit"
    reach: float = 0.8
    direction: int = 0


@lru_cache(maxsize=64)
def cell(p: float) -> Section46:
    """The cell with few signals, kept: its signals are drawn once."""
    return Section46(UNITS, p, SIGNALS)


def draw_line(state: Line) -> Picture:
    """Loss and gradient norm at 21 places of the line, all in one batched call."""
    t = np.linspace(-state.reach, state.reach, PLACES)
    found = landscape(cell(round(state.p, 6)), t, rule=state.rule, direction=state.direction)
    return slice_figure(found, name=f"p = {state.p:g}, bias {state.rule}, direction {state.direction}")


def explore_line():
    """Turn the direction: does the dip of p = 0.3 stay on one side? Then take the bias of the theorem."""
    return explore(draw_line, Line(), p=Slider(0.01, 0.5, "exponent p", step=0.01),
                   rule=Choice(tuple(BIAS_RULES), "bias"), reach=Slider(0.1, 2, "range of t", step=0.05),
                   direction=Slider(0, 20, "direction"))
