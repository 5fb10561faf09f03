"""Explorer of Theorem 3.5.2: the risk curve of GLM-Tron with everything that is promised about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.activations import leaky
from mathdl.relu_gate.figures.tron import tron_figure
from mathdl.relu_gate.tron_bounds import tron_steps
from mathdl.relu_gate.tron_problem import TronProblem, random_problem, slow_problem

SAMPLES = ("eight samples", "one short input")


@dataclass(frozen=True)
class TronPromise:
    """Length of the target, gain ε a step, noise θ, slope L of the ReLU, and the sample."""

    distance: float = 10.0
    epsilon: float = 0.2
    theta: float = 0.0
    L: float = 1.0
    sample: str = SAMPLES[0]


def tron_problem(state: TronPromise) -> TronProblem:
    """The data of a state; the short input is 1/√(2LT) with the printed T, and its noise is −θ."""
    if state.sample == SAMPLES[0]:
        return random_problem(8, 2, state.distance, state.theta, leaky(state.L), rng=np.random.default_rng(3))
    p = slow_problem(state.distance, tron_steps(state.distance, state.epsilon, "printed"), state.L)
    return replace(p, noise=np.array([-state.theta]), theta=state.theta)


def draw_tron_promise(state: TronPromise) -> Picture:
    """Effective risk against t, thresholds, both numbers of steps, and whether the promise says anything."""
    return tron_figure(tron_problem(state), state.epsilon)


def explore_tron_promise():
    """Add noise until the promise is vacuous; take the short input and see the printed T come too early."""
    return explore(draw_tron_promise, TronPromise(), distance=Slider(0.4, 12, "‖w_*‖", step=0.2),
                   epsilon=Slider(0.05, 1, "ε", step=0.05), theta=Slider(0, 3, "noise θ", step=0.05),
                   L=Slider(0.1, 2.5, "slope L", step=0.1), sample=Choice(SAMPLES, "sample"))
