"""Does Algorithm 3 settle in distribution? A two-sample test on many chains, and one chain where the answer is exact.

An exploration of an open question of the source: a small p-value says that two times differ, a large one says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import NoiseLaw, NoNoise
from mathdl.relu_gate.noisy_gd import noisy_gd

Array = NDArray[np.float64]
BLOCK = 512  # rows of the distance matrix in memory at a time


@dataclass(frozen=True)
class EnergyTest:
    """Energy distance of two samples, and the share of random relabellings with one as large: the p-value."""

    distance: float
    p_value: float
    relabellings: int


def energy_distance(a: ArrayLike, b: ArrayLike) -> float:
    """2 E‖X − Y‖ − E‖X − X'‖ − E‖Y − Y'‖ of the empirical laws of a (N, n) and b (M, n); ≥ 0, and 0 for equal laws.

    Source: Székely and Rizzo 2013. Memory O(512 (N + M)).
    """
    a, b = _samples(a, b)
    return float(_distances(np.vstack([a, b]), _labels(len(a), len(b)))[0])


def energy_test(a: ArrayLike, b: ArrayLike, *, relabellings: int = 199, rng: np.random.Generator) -> EnergyTest:
    """Permutation test of "a (N, n) and b (M, n) are samples of one law"; p ≥ 1 / (relabellings + 1).

    The p-value is exact, P(p ≤ q) ≤ q for every q under that hypothesis, when all N + M rows are independent: take
    rows a from some chains and rows b from *other* chains. Memory O(512 (N + M)), time O(relabellings (N + M)²).
    """
    a, b = _samples(a, b)
    first = _labels(len(a), len(b))
    labels = np.column_stack([first, *(rng.permutation(first) for _ in range(relabellings))])
    z = np.vstack([a, b])
    distances = _distances(z, labels)
    rounding = 1e-11 * np.abs(z - z.mean(axis=0)).mean()  # ties count as large, whatever the last digits say
    as_large = int((distances[1:] >= distances[0] - rounding).sum())
    return EnergyTest(float(distances[0]), (1 + as_large) / (relabellings + 1), relabellings)


def _labels(N: int, M: int) -> Array:
    return np.repeat([1.0, 0.0], [N, M])


def _distances(z: Array, labels: Array) -> Array:
    """Energy distance for each column of `labels` (N, B), 1 for the first sample: quadratic forms of the distances D.

    With a the labels and d = D 1: the sum across the samples is aᵀd − aᵀDa, the sum in the second 1ᵀd − 2aᵀd + aᵀDa.
    """
    a = labels.reshape(len(z), -1)
    within, row_sums = np.zeros(a.shape[1]), np.zeros(len(z))
    for start in range(0, len(z), BLOCK):
        rows = slice(start, start + BLOCK)
        D = _pairwise(z[rows], z)
        row_sums[rows] = D.sum(axis=1)
        within += (a[rows] * (D @ a)).sum(axis=0)
    first = a.sum(axis=0)
    second, across = len(z) - first, a.T @ row_sums - within
    return 2 * across / (first * second) - within / first ** 2 - (row_sums.sum() - 2 * across - within) / second ** 2


def _pairwise(x: Array, z: Array) -> Array:
    """‖x_i − z_j‖; from differences, because the expanded square loses small distances to rounding."""
    return np.sqrt(sum(np.subtract.outer(x[:, j], z[:, j]) ** 2 for j in range(z.shape[1])))


def _samples(a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1:] != b.shape[1:] or not (len(a) and len(b)):
        raise ValueError(f"expected two samples in rows, shapes (N, n) and (M, n); got {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("expected finite iterates; got NaN or infinity: the chains have diverged, lower the step")
    return a, b


@dataclass(frozen=True)
class WalkLaw:
    """The law of w_t: `places` (m,) increasing, and `mass` (m,) with sum 1."""

    places: Array
    mass: Array

    def inside(self, radius: float) -> float:
        """P(|w_t| ≤ radius)."""
        return float(self.mass[np.abs(self.places) <= radius].sum())

    @property
    def second_moment(self) -> float:
        """E w_t²."""
        return float(self.mass @ self.places ** 2)


def drifting_chain(updates: int) -> WalkLaw:
    """The exact law of w_T for Algorithm 3 on one sample x = 1 with w_* = 1/4, η = 1, ξ_2 = ±1/2, from w_0 = 1/4.

    Where the gate is on, one step lands at w_* ± 1/2; where it is off the gradient is 0 and w moves by ±1/2 freely. So
    w stays at odd multiples of 1/4, and its law is a sum over finitely many: dynamic programming, no sampling.
    """
    if updates < 0:
        raise ValueError(f"expected updates ≥ 0; got {updates}")
    mass = np.zeros(updates + 3)
    mass[-2] = 1.0
    for _ in range(updates):
        mass = drifting_step(mass)
    return WalkLaw((np.arange(-updates - 1, 2) + 0.5) / 2, mass)


def drifting_step(mass: NDArray) -> NDArray:
    """One update of that chain on masses (m,) at the places ..., −3/4, −1/4, 1/4, 3/4; Fractions stay exact.

    The lowest place sends what would go below it nowhere: give it no mass, or do not read the places above it.
    """
    off, on = mass[:-2], mass[-2] + mass[-1]
    after = mass * 0
    after[1:-1] += off / 2
    after[:-3] += off[1:] / 2
    after[[-3, -1]] += on / 2
    return after


def settling_test(x: ArrayLike, w_star: ArrayLike, w0: ArrayLike, *, step: float, noise: NoiseLaw, updates: int,
                  chains: int, rng: np.random.Generator, relabellings: int = 199) -> tuple[EnergyTest, Array, Array]:
    """w_T of some chains of Algorithm 3 against w_2T of as many *other* chains, T = `updates`, ξ_1 = 0.

    Returns the test and both samples (chains, n). Different chains, because w_T and w_2T of one chain depend on each
    other. A small p-value: the law still moves between T and 2T. A large one does not say that it stands still.
    """
    def run(length: int) -> Array:
        return noisy_gd(x, labels(x, w_star), w0, w_star=w_star, step=step, noise1=NoNoise(noise.n), noise2=noise,
                        updates=length, runs=chains, rng=rng).w

    early, late = run(updates), run(2 * updates)
    return energy_test(early, late, relabellings=relabellings, rng=rng), early, late
