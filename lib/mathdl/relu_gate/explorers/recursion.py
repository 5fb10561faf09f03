"""Explorer of the recursion of Lemma 3.E.1."""

from __future__ import annotations

from dataclasses import dataclass

from mathdl.core.explore import Slider, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.figures.recursion import recursion_figure
from mathdl.relu_gate.recursion import Recursion


@dataclass(frozen=True)
class Contraction:
    """c2 / c1, b² / c1, ε' and the start C, with c1 = 1: scaling η' and b leaves nothing else to choose."""

    ratio: float = 0.5
    sharpness: float = 0.5
    epsilon: float = 0.3
    start: float = 5.0


def draw_contraction(state: Contraction) -> Picture:
    """The largest X_t that the inequality allows, and T against c2 / c1."""
    return recursion_figure(Recursion(state.sharpness ** 0.5, 1.0, state.ratio, state.start, state.epsilon))


def explore_contraction():
    """Move c2 up to c1 and watch T; then b²/c1 beyond (ε' + 1/ε')², where α is negative."""
    return explore(draw_contraction, Contraction(), ratio=Slider(0.0, 1.0, "noise c₂ / c₁", 0.02),
                   sharpness=Slider(0.1, 30.0, "b² / c₁"), epsilon=Slider(0.1, 1.5, "target ε'", 0.05),
                   start=Slider(0.1, 10.0, "start C", 0.1))
