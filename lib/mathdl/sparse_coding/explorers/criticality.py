"""Explorer on Theorem 4.3.2: how the gradient near the dictionary shrinks as the number of atoms grows."""

from __future__ import annotations

from dataclasses import dataclass

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.sparse_coding.criticality import FAMILIES
from mathdl.sparse_coding.decay_curves import family_curve, family_name
from mathdl.sparse_coding.figures.criticality import decay_figure

NAMES = {family_name(f): f for f in FAMILIES}


@dataclass(frozen=True)
class Decay:
    """k atoms a signal, W at distance `factor` · C from the dictionary, a family in words."""

    k: int = 1
    factor: float = 0.5
    family: str = family_name("identity_hadamard")


def draw_decay(state: Decay) -> Picture:
    """Exact gradients, both certificates, the predicted slope, and where Theorem 4.3.2 is silent."""
    curve = family_curve(NAMES[state.family], state.k, state.factor)
    return decay_figure(curve, name=state.family, k=state.k, factor=state.factor)


def explore_decay():
    """Raise k and watch the grey region grow; then take the family whose dimension stays."""
    return explore(draw_decay, Decay(), k=Slider(1, 6, "atoms a signal, k"),
                   factor=Slider(0.05, 2, "distance of W, in units of C", step=0.05),
                   family=Choice(tuple(NAMES), "family"))
