"""Explorer of step sizes: the exact rate of Algorithm 2 beside what the two bounds promise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.figures.rates import rates_figure
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.second_moment import SecondMoment
from mathdl.relu_gate.theorems.rates import stretched_moments

LAWS = {"Gaussian": (1.0, np.inf), "stretched Gaussian": (10.0, np.inf), "Student t": (1.0, 9.0),
        "stretched Student t": (10.0, 9.0)}  # largest over least variance, and degrees


@dataclass(frozen=True)
class TrueRates:
    """Inputs n, their law, and log₁₀ of the step s."""

    n: int = 5
    law: str = "stretched Gaussian"
    log_step: float = -1.0


@lru_cache(maxsize=64)
def stretched(n: int, law: str) -> tuple[SecondMoment, GateMoments]:
    """The operators and the moments of a law of the menu."""
    spread, degrees = LAWS[law]
    C = np.diag(np.linspace(1, 1 / spread, n))
    second, fourth = (1.0, 1.0) if np.isinf(degrees) else (
        degrees / (degrees - 2), degrees ** 2 / (degrees - 2) / (degrees - 4))
    return SecondMoment.elliptical(C, second, fourth), stretched_moments(C, second, fourth)


def draw_true_rates(state: TrueRates) -> Picture:
    """The gain of an update against the step with the three best steps, and the mean square at the chosen step."""
    operator, moments = stretched(state.n, state.law)
    start = np.full(state.n, state.n ** -0.5)
    return rates_figure(operator, moments, start, 10.0 ** state.log_step, name=state.law)


def explore_true_rates():
    """Find the step with the least true rate; then see where both bounds would have sent you."""
    return explore(draw_true_rates, TrueRates(), n=Slider(2, 20, "inputs n"), law=Choice(tuple(LAWS), "law of x"),
                   log_step=Slider(-3.0, 0.0, "log10 of the step s", step=0.05))
