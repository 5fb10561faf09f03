"""Exact expectations over label noise with finitely many values: all patterns of S independent draws, each once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.noise import FiniteNoise

Array = NDArray[np.float64]
LIMIT = 2 ** 16  # patterns; beyond it, enumeration is slower than any statement here may be


@dataclass(frozen=True, eq=False)
class NoisePatterns:
    """All P outcomes of the noise of S labels: `values` (P, S) with `probabilities` (P,)."""

    values: Array
    probabilities: Array

    def mean(self, quantity: ArrayLike) -> Array:
        """The exact expectation of a quantity (..., P) of the pattern, shape (...)."""
        return np.asarray(quantity, dtype=float) @ self.probabilities

    def probability(self, event: ArrayLike) -> float:
        """The exact probability of an event (P,) of bools."""
        return float(self.probabilities[np.asarray(event, dtype=bool)].sum())

    def given(self, event: ArrayLike) -> NoisePatterns:
        """The patterns of an event (P,) with conditional probabilities; ValueError when its probability is zero."""
        event = np.asarray(event, dtype=bool)
        mass = self.probability(event)
        if not mass > 0:
            raise ValueError("event: expected a positive probability to condition on; got 0")
        return NoisePatterns(self.values[event], self.probabilities[event] / mass)

    def within(self, theta: float) -> NDArray[np.bool_]:
        """The event max |ξ_i| ≤ θ, (P,)."""
        return np.abs(self.values).max(axis=1) <= theta


def noise_patterns(noise: FiniteNoise, samples: int) -> NoisePatterns:
    """All k^S patterns of S independent draws from a law of numbers with k values of positive probability.

    The last sample varies fastest. ValueError for a law of vectors, and for more than LIMIT patterns.
    """
    if noise.n != 1:
        raise ValueError(f"noise: expected a law of numbers, n = 1, one a label; got n = {noise.n}")
    keep = noise.weights > 0
    points, weights = noise.points[keep, 0], noise.weights[keep]
    if samples < 1 or len(points) ** samples > LIMIT:
        raise ValueError(f"samples: expected 1 or more, with at most {LIMIT} patterns in all; got {len(points)}^"
                         f"{samples}. Take fewer values or samples")
    index = np.indices((len(points),) * samples).reshape(samples, -1).T
    return NoisePatterns(points[index], weights[index].prod(axis=1))


def two_point(theta: float) -> FiniteNoise:
    """+θ or −θ with probability 1/2 each: centred, and as large as |ξ| ≤ θ allows."""
    return FiniteNoise((-theta, theta), (0.5, 0.5))


def rare_outlier(size: float, probability: float) -> FiniteNoise:
    """+`size` mostly, and with `probability` p the outlier −size (1 − p)/p that makes the mean zero: asymmetric."""
    if not 0 < probability < 1:
        raise ValueError(f"probability: expected a number between 0 and 1, both excluded; got {probability}")
    return FiniteNoise((size, -size * (1 - probability) / probability), (1 - probability, probability))
