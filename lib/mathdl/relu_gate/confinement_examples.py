"""Instances of Theorem 3.4.1 whose exit probability is a small exact computation: all noise along one direction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import FiniteNoise, NoNoise


def coin_descent(*, n: int = 2, step: float = 1e-3, updates: int = 100, margin: float = 1.0, start: float = 0.5,
                 data_norm: float = 1.0, size: float = 0.5, cutoff: float = 0.5, noise1_size: float = 0.1,
                 rest: float = 0.0, label_error: float = 0.0) -> NoisyDescent:
    """ξ₂ = ±size e₁ and ξ₁ = ±noise1_size e₁, fair coins; w_0 − w_* = start e₁; one sample x = C e₂ with w_* = 0.

    With probability `rest` ξ₂ is 0 instead. The sample is orthogonal to the motion, so the gradient vanishes and w
    walks on a line; `label_error` is added to the label 0 and moves w along e₂. n >= 2.
    """
    e1, e2 = _axes(n)
    x = data_norm * e2[None]
    noise1 = FiniteNoise([noise1_size * e1, -noise1_size * e1], [0.5, 0.5]) if noise1_size else NoNoise(n)
    return NoisyDescent(x, labels(x, 0 * e1) + label_error, start * e1, 0 * e1, noise1,
                        _coin(e1, size, rest), step, updates, margin, cutoff)


def far_coin(distance: float, *, units: float = 1.2, updates: int = 10, size: float = 1.9, cutoff: float = 1.95,
             n: int = 4) -> NoisyDescent:
    """The coin started far out, with step 1 and λ = units · size · distance · √i_max.

    The walk ‖w_i‖ = |distance ± size ± ...| has to gain only about units · size · √i_max / 2 to leave.
    """
    return coin_descent(n=n, step=1.0, updates=updates, margin=units * size * distance * updates ** 0.5, start=distance,
                        data_norm=1e-3, size=size, cutoff=cutoff, noise1_size=0.0)


def jumping_coin(distance: float, *, units: float = 1.2, updates: int = 10, size: float = 1.0, power: float = 40.0,
                 chance: float = 1e-4, n: int = 4) -> NoisyDescent:
    """The far coin with C_L = size, but with probability `chance` ξ₂ is so long that E‖ξ₂‖² = `power`; symmetric."""
    e1, _ = _axes(n)
    jump = ((power - (1 - chance) * size ** 2) / chance) ** 0.5
    noise = FiniteNoise([size * e1, -size * e1, jump * e1, -jump * e1],
                        [(1 - chance) / 2, (1 - chance) / 2, chance / 2, chance / 2])
    return replace(far_coin(distance, units=units, updates=updates, size=size, cutoff=size, n=n), noise2=noise)


def one_sided_descent(*, n: int = 100, chance: float = 1e-4, push: float = 0.1, updates: int = 100,
                      distance: float = 1e5, margin: float = 1.8e6) -> NoisyDescent:
    """ξ₂ = push e₁ but for a rare jump back with probability `chance`, sized so that Eξ₂ = 0; C_L = push.

    Shortened to C_L the jump back is as small as the pushes, and ξ₂' has a mean.
    """
    e1, e2 = _axes(n)
    x = 1e-4 * e2[None]
    jump = push * (1 - chance) / chance
    return NoisyDescent(x, labels(x, 0 * e1), distance * e1, 0 * e1, NoNoise(n),
                        FiniteNoise([push * e1, -jump * e1], [1 - chance, chance]), 1.0, updates, margin, push)


def _coin(e1: np.ndarray, size: float, rest: float) -> FiniteNoise:
    if rest:
        return FiniteNoise([size * e1, -size * e1, 0 * e1], [(1 - rest) / 2, (1 - rest) / 2, rest])
    return FiniteNoise([size * e1, -size * e1], [0.5, 0.5])


def _axes(n: int) -> tuple[np.ndarray, np.ndarray]:
    if n < 2:
        raise ValueError(f"n: expected at least 2, one direction for the noise and one for the data; got {n}")
    return np.eye(n)[0], np.eye(n)[1]
