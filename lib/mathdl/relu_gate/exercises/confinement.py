"""Checks of the exercises on confinement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.confinement import confinement_bound
from mathdl.relu_gate.confinement_examples import coin_descent
from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.gaussian_tail import max_noise


def check_violation(answer: Sequence[Real]) -> Feedback:
    """A start distance R and a margin λ that refute the printed bound: i_max = 20, η = 1, ξ₂ = ±1 in R⁴, C_L = 1."""
    return feedback(answer, lambda pair: _refutes(step_one_coin(*map(float, pair))),
                    right="λ is a few standard deviations of the squared distance, but the printed bound divides by k.",
                    hint="A pair (R, λ). How much does one coin change R²? And twenty of them? Start far out.")


def check_allowed_noise(answer: Real) -> Feedback:
    """The largest Σσ_i² that the remark allows for C_L = 2 and a thousand updates, within one percent."""
    exact = max_noise(2.0, 1000)
    return feedback(answer, lambda power: math.isclose(float(power), exact, rel_tol=0.01),
                    right="The budget shrinks only like 1/log i_max.",
                    hint="Solve i_max · 4 exp(−C_L²/(8 Σσ_i²)) = 1 for Σσ_i², natural logarithm.")


def step_one_coin(distance: float, margin: float) -> NoisyDescent:
    """The coin of the exercise."""
    return coin_descent(n=4, step=1.0, updates=20, margin=margin, start=distance, data_norm=1e-3, size=1.0, cutoff=1.0,
                        noise1_size=0.0)


def _refutes(d: NoisyDescent) -> bool:
    bound = confinement_bound(d.setting(), "printed")
    return all(d.hypotheses("printed").values()) and exit_probability(d, bound.radius).value > bound.value
