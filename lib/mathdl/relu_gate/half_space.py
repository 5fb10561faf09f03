"""A law that shows a full covariance is not enough: where the gate is active, one coordinate is always zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.moments import GateMoments

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HalfSpace:
    """A Gaussian vector on ℝⁿ, n >= 3, whose third coordinate is set to zero where the first is positive.

    E[x xᵀ] is positive definite, but for w_* = e₁ the active half has x₃ = 0 and Σ₊ is singular.
    """

    n: int = 3
    name = "half-space supported"

    def __post_init__(self) -> None:
        if self.n < 3:
            raise ValueError(f"n: expected at least 3 inputs, the third of which is silenced; got {self.n}")

    def sample(self, shape: int | tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Independent inputs, shape + (n,)."""
        x = rng.standard_normal((*(shape if isinstance(shape, tuple) else (shape,)), self.n))
        x[..., 2][x[..., 0] > 0] = 0.0
        return x

    @property
    def second_moment(self) -> float:
        """E‖x‖²."""
        return self.n - 0.5

    def moments(self, w_star: ArrayLike) -> GateMoments:
        """Two wedges of Gaussians in closed form: x₁ > 0 in the n - 1 coordinates that are left, and x₁ < 0."""
        w, n = np.asarray(w_star, dtype=float), self.n
        if w.shape != (n,) or not np.isfinite(w).all():
            raise ValueError(f"w_star: expected {n} finite numbers, one an input; got {w_star}")
        first = np.eye(n)[0]
        rest = np.delete(np.arange(n), 2)
        p, flat = wedge(first[rest], w[rest])
        q, sigma = wedge(-first, w)
        weighted = (n + 2) * sigma
        sigma[np.ix_(rest, rest)] += flat
        weighted[np.ix_(rest, rest)] += (n + 1) * flat
        return GateMoments.of(sigma, weighted, p + q)

    def breaks(self, w_star: ArrayLike) -> tuple[str, ...]:
        """The hypotheses of Theorem 3.3.1 that this law breaks for the target w_*."""
        moments = self.moments(w_star)
        return () if moments.lam > moments.errors[0] else ("Σ₊ ≻ 0",)


def wedge(a: Array, b: Array) -> tuple[float, Array]:
    """P(V) and E[1_V z zᵀ] for standard normal z on ℝⁿ, n >= 2, and V = {⟨a, z⟩ > 0, ⟨b, z⟩ > 0}, a ≠ 0.

    In the plane of a and b, an angle π - β is left when β is the angle between them. Direction and length of z are
    independent, so E[1_V ‖z‖² z zᵀ] = (n + 2) E[1_V z zᵀ].
    """
    n = len(a)
    if not b.any():
        return 0.0, np.zeros((n, n))
    u, v = a / np.linalg.norm(a), b / np.linalg.norm(b)
    across = v - (v @ u) * u
    if np.linalg.norm(across) < 1e-12:  # parallel: any plane through u
        across = np.eye(n)[np.argmin(np.abs(u))]
        across = across - (across @ u) * u
    across /= np.linalg.norm(across)
    beta = np.arctan2(v @ across, v @ u)
    angle = np.pi - beta
    J = np.array([[angle / 2 + np.sin(2 * beta) / 4, np.sin(beta) ** 2 / 2],
                  [np.sin(beta) ** 2 / 2, angle / 2 - np.sin(2 * beta) / 4]])
    P = np.stack([u, across], axis=1)
    p = angle / (2 * np.pi)
    return float(p), p * (np.eye(n) - P @ P.T) + P @ (J / np.pi) @ P.T
