"""Exits of simulated runs: frequencies with exact intervals, and importance sampling when exits are rare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.core.intervals import ALARM, binomial_interval, mean_error
from mathdl.relu_gate.confinement_instance import NoisyDescent, spread
from mathdl.relu_gate.noise import FiniteNoise, GaussianNoise
from mathdl.relu_gate.steps import gate_gradient, noisy_gd_step

Array = NDArray[np.float64]
CHUNK = 4096  # runs at once: the state of a chunk stays in the cache


@dataclass(frozen=True, eq=False)
class SimulatedExits:
    """`peaks` (R,): the largest ‖w_i − w_*‖ over i = 1, ..., i_max of each independent run."""

    peaks: Array

    def exits(self, radius: float) -> int:
        """How many runs were farther than `radius` at some time."""
        return int((self.peaks > radius).sum())

    def interval(self, radius: float, alarm: float = ALARM) -> tuple[float, float]:
        """Clopper-Pearson interval for the probability of an exit; it misses with probability at most `alarm`."""
        return binomial_interval(self.exits(radius), len(self.peaks), alarm)


def simulate_exit(descent: NoisyDescent, *, runs: int, rng: np.random.Generator) -> SimulatedExits:
    """`runs` independent runs of Algorithm 3 with all its updates; only how far each came is kept.

    Runs go in chunks of 4096, one after the other. Raises ValueError for fewer than one run.
    """
    if runs < 1:
        raise ValueError(f"runs: expected at least 1; got {runs}")
    sizes = [min(CHUNK, runs - first) for first in range(0, runs, CHUNK)]
    return SimulatedExits(np.concatenate([_peaks(descent, size, rng) for size in sizes]))


def _peaks(d: NoisyDescent, runs: int, rng: np.random.Generator) -> Array:
    w, peak = np.broadcast_to(d.w0, (runs, len(d.w0))), np.zeros(runs)
    for _ in range(d.updates):
        w = noisy_gd_step(w, d.x, d.y, d.step, d.noise1.sample(runs, rng=rng), d.noise2.sample(runs, rng=rng))
        peak = np.maximum(peak, ((w - d.w_star) ** 2).sum(1))
    return np.sqrt(peak)


@dataclass(frozen=True)
class RareExit:
    """log₁₀ of an unbiased estimate of a small probability, −inf when no run left.

    `relative_error`: half the width of its interval (central limit theorem, ALARM) over the estimate.
    """

    log10: float
    relative_error: float


def rare_exit_probability(descent: NoisyDescent, radius: float, *, runs: int, rng: np.random.Generator,
                          tilt: float | None = None) -> RareExit:
    """Importance sampling: ξ₂ is drawn from the law tilted outwards, density ∝ exp(θ⟨e, ξ⟩) with e = v/‖v‖.

    Each run counts with the product of its likelihood ratios up to its exit, so the estimate is unbiased for every
    `tilt` θ; without one the mean path reaches the radius at the last update. Raises ValueError unless ξ₂ is
    Gaussian or has finitely many values.
    """
    d = descent
    if not isinstance(d.noise2, (GaussianNoise, FiniteNoise)):
        raise ValueError(f"noise2: expected GaussianNoise or FiniteNoise; got {type(d.noise2).__name__}")
    far = max(radius - float(np.linalg.norm(d.w0 - d.w_star)), 0.0)
    variance = spread(d.noise2, max(min(d.noise2.bound, 1e150), 1e-150))
    theta = far / (d.step ** 0.5 * d.updates * variance) if tilt is None else tilt
    v, log_ratio = np.tile(d.w0 - d.w_star, (runs, 1)), np.zeros(runs)
    inside = np.linalg.norm(v, axis=1) <= radius
    for _ in range(d.updates):
        u, length = v[inside], np.linalg.norm(v[inside], axis=1, keepdims=True)
        noise, gained = _tilted(d.noise2, theta * u / np.where(length > 0, length, 1), rng)
        pull = gate_gradient(d.w_star + u, d.x, d.y) + d.noise1.sample(len(u), rng=rng)
        u = u - d.step * pull + d.step ** 0.5 * noise
        v[inside], log_ratio[inside] = u, log_ratio[inside] + gained
        inside[inside] = np.linalg.norm(u, axis=1) <= radius
    if inside.all():
        return RareExit(-np.inf, np.inf)
    top = log_ratio[~inside].max()
    counted = np.exp(np.where(inside, -np.inf, log_ratio - top))
    return RareExit(float((top + np.log(counted.mean())) / np.log(10)), float(mean_error(counted) / counted.mean()))


def _tilted(noise: GaussianNoise | FiniteNoise, tilt: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """One draw for each row of `tilt` (R, n) from the law ∝ exp⟨tilt, ξ⟩, and the log of the likelihood ratio (R,)."""
    if isinstance(noise, GaussianNoise):
        mean = tilt * np.square(noise.sigmas)
        xi = mean + noise.sample(len(tilt), rng=rng)
        return xi, (tilt * (mean / 2 - xi)).sum(1)
    exponent = tilt @ noise.points.T
    top = exponent.max(1, keepdims=True)
    mass = np.cumsum(np.exp(exponent - top) * noise.weights, axis=1)
    chosen = (rng.random((len(tilt), 1)) * mass[:, -1:] >= mass).sum(1).clip(max=len(noise.points) - 1)
    return noise.points[chosen], (np.log(mass[:, -1:]) + top)[:, 0] - exponent[np.arange(len(tilt)), chosen]
