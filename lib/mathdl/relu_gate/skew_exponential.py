"""Independent exponential coordinates, centred or not: a law that is far from symmetric, with exact moments."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.moments import GateMoments

Array = NDArray[np.float64]
STEP, REACH = 0.04, 40.0  # of the trapezoidal rule along the contour; e^-40 is below rounding


@dataclass(frozen=True)
class SkewExponential:
    """Coordinates E_i - shift with independent E_i ~ Exp(1); the default shift 1 centres them."""

    n: int
    shift: float = 1.0

    @property
    def name(self) -> str:
        """Its name in words."""
        return "skew exponential"

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent inputs, shape + (n,)."""
        return rng.standard_exponential((*(shape if isinstance(shape, tuple) else (shape,)), self.n)) - self.shift

    @property
    def second_moment(self) -> float:
        """E‖x‖²."""
        return self.n * (1 + (1 - self.shift) ** 2)

    def moments(self, w_star: ArrayLike) -> GateMoments:
        """For any w_*: one contour integral for each moment, by the trapezoidal rule; the error compares two steps.

        E[1_A f(x)] = (1/2πi) ∫ E[e^(θ⟨w_*, x⟩) f(x)] dθ/θ along a path from -i∞ to i∞ with Re θ > 0 at the real axis.
        """
        w = np.asarray(w_star, dtype=float)
        if w.shape != (self.n,) or not np.isfinite(w).all():
            raise ValueError(f"w_star: expected {self.n} finite numbers, one an input; got {w_star}")
        if not w.any():
            zero = np.zeros((self.n, self.n))
            return GateMoments.of(zero, zero, 0.0)
        fine, coarse = (self._integrals(w / np.linalg.norm(w), step) for step in (STEP, 2 * STEP))
        gaps = [float(np.linalg.norm(a - b)) for a, b in zip(fine, coarse, strict=True)]
        return GateMoments.of(fine[1], fine[2], float(fine[0]), p_error=gaps[0], sigma_error=gaps[1],
                              weighted_error=gaps[2])

    def breaks(self, w_star: ArrayLike) -> tuple[str, ...]:
        """The hypotheses of Theorem 3.3.1 that this law breaks for the target w_*."""
        moments = self.moments(w_star)
        return () if moments.lam > moments.errors[0] else ("Σ₊ ≻ 0",)

    def _integrals(self, w: Array, step: float) -> tuple[Array, Array, Array]:
        """p₊, Σ₊ and E[1_A ‖x‖² x xᵀ].

        The path is a hyperbola that opens to where e^(-θ shift Σw) decays; the poles 0 and 1/w_i stay on their sides
        since they are real. By symmetry the upper half is enough.
        """
        u = np.arange(0, REACH, step)
        c = 0.5 / w.max() if w.max() > 0 else 1.0
        side = 1.0 if self.shift * w.sum() >= 0 else -1.0
        theta = c * (1 + side * (np.cosh(u) - 1) + 1j * np.sinh(u))
        speed = c * (side * np.sinh(u) + 1j * np.cosh(u))
        rate = 1 - theta[:, None] * w
        mass = np.exp(-theta * self.shift * w.sum()) / rate.prod(axis=1)
        weight = step / np.pi * mass * speed / (1j * theta)
        weight[0] /= 2
        second, fourth = _products(*(self._tilted(rate, k) for k in (1, 2, 3, 4)))
        return tuple(np.tensordot(weight, f, axes=1).real for f in (np.ones(len(u)), second, fourth))

    def _tilted(self, rate: Array, k: int) -> Array:
        """E(E - shift)^k for an exponential variable with the (complex) rate, elementwise."""
        return sum(comb(k, j) * (-self.shift) ** (k - j) * factorial(j) / rate ** j for j in range(k + 1))


def _products(m1: Array, m2: Array, m3: Array, m4: Array) -> tuple[Array, Array]:
    """E[x xᵀ] and E[‖x‖² x xᵀ] of independent coordinates with moments m_k (K, n): shapes (K, n, n)."""
    i = np.arange(m1.shape[1])
    total = m2.sum(axis=1)[:, None]
    second = m1[:, :, None] * m1[:, None, :]
    second[:, i, i] = m2
    mixed = m3[:, :, None] * m1[:, None, :]
    others = total[:, :, None] - m2[:, :, None] - m2[:, None, :]
    fourth = mixed + mixed.transpose(0, 2, 1) + m1[:, :, None] * m1[:, None, :] * others
    fourth[:, i, i] = m4 + m2 * (total - m2)
    return second, fourth
