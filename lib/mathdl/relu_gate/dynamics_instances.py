"""Instances on which Algorithm 3 and its supermartingale are looked at: data, noises by name, places in a ball."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.noise import BallNoise, FiniteNoise, GaussianNoise, NoiseLaw, NoNoise, SphereNoise

Array = NDArray[np.float64]


def drawn_data(samples: int, n_inputs: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Inputs (S, n), the longest of norm 1, and a target (n,); for one sample in R^1, x = w_* = 1."""
    if samples == n_inputs == 1:
        return np.ones((1, 1)), np.ones(1)
    x = rng.standard_normal((samples, n_inputs))
    return x / np.linalg.norm(x, axis=1).max(), rng.standard_normal(n_inputs)


def named_noise(name: str, n: int, C_L: float) -> NoiseLaw:
    """Noise of about the length C_L: sphere, ball, gaussian, along one axis two-sided, one-sided or constant."""
    axis, p = np.eye(n)[:1], 0.01
    laws = {"sphere": lambda: SphereNoise(n, C_L), "ball": lambda: BallNoise(n, 2 * C_L),
            "gaussian": lambda: GaussianNoise((C_L / math.sqrt(n),) * n),
            "constant": lambda: FiniteNoise(axis * C_L, (1.0,)),
            "two-sided": lambda: FiniteNoise(np.vstack([axis, -axis]) * C_L, (0.5, 0.5)),
            "one-sided": lambda: FiniteNoise(np.vstack([axis, axis * (p - 1) / p]) * C_L, (1 - p, p))}
    return laws[name]()


def ball_points(count: int, n: int, r: float, rng: np.random.Generator) -> Array:
    """Points of the ball of radius r: half spread out in it, half just inside its edge, and both ends of each axis."""
    edge = SphereNoise(n, r * (1 - 1e-9))
    return np.vstack([BallNoise(n, r).sample(count - count // 2, rng=rng), edge.sample(count // 2, rng=rng),
                      edge.radius * np.eye(n), -edge.radius * np.eye(n)])


def rare_recoil(symmetric: bool, rare: float, start: float, margin: float, n_inputs: int,
                updates: int) -> NoisyDescent:
    """Start at distance `start` along e_1, data that e_1 does not see, and noise ±: 0.1 e_1, or with `rare` the recoil.

    The recoil balances the mean: −0.1 (1 − rare)/rare. `symmetric` gives half the weight to the opposite of each.
    """
    x, points = np.zeros((1, n_inputs)), np.zeros((2, n_inputs))
    x[0, 1], points[:, 0] = 1e-3, (0.1, -0.1 * (1 - rare) / rare)
    law = FiniteNoise(points, (1 - rare, rare))
    if symmetric:
        law = FiniteNoise(np.vstack([points, -points]), np.tile(law.weights, 2) / 2)
    return NoisyDescent(x, np.zeros(1), start * np.eye(n_inputs)[0], np.zeros(n_inputs), NoNoise(n_inputs), law,
                        step=1.0, updates=updates, margin=margin, cutoff=0.1)
