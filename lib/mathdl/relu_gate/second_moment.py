"""The exact mean square of Algorithm 2: how E[v vᵀ], v = w − w_*, moves in one update, and the rate that it has.

A step is v ↦ (I − s 1_A x xᵀ) v with a fresh x, A = {⟨w_*, x⟩ > 0} and s = η|α|, so M_t = E[v_t v_tᵀ] obeys

    M ↦ T_s(M) = M − s (Σ₊ M + M Σ₊) + s² E[1_A (xᵀ M x) x xᵀ].

*Ours.* T_s is self-adjoint for ⟨M, N⟩ = tr(M N) and maps positive semidefinite matrices to such. So its spectral radius
ρ(s) is its largest eigenvalue, E‖v_t‖² = ⟨T_s^(t−1)(I), M_1⟩ decays like ρ(s)ᵗ from every M_1 ≻ 0, and no slower from
others; ρ is convex in s, a maximum of the convex functions ⟨M, T_s M⟩; and ρ(s) <= λ_max(T_s(I)) <= 1 − 2sλ + s²Λ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.finite_law import FiniteLaw
from mathdl.relu_gate.laws import Gaussian, InputLaw, Pareto, StudentT
from mathdl.relu_gate.moments import frobenius_error, refuse_heavy_tail

Array = NDArray[np.float64]
GOLDEN = (math.sqrt(5) - 1) / 2
NARROWINGS = 45  # of the interval for the best step, to 0.618^45 = 4e-10; closer, values of a smooth minimum are equal
ROUNDING = 1e-14  # of an eigenvalue, for each row of the matrix and relative to its norm


@dataclass(frozen=True, eq=False)
class SecondMoment:
    """T_s = 1 − s `first` + s² `second` on the span of `basis` (K, n, n), symmetric and orthonormal matrices.

    The span is invariant, holds the identity and an eigenvector of ρ(s): all symmetric matrices (K = n(n+1)/2), or
    fewer when a symmetry allows. `errors` bound the spectral norms of what is wrong with `first` and `second`.
    """

    basis: Array
    first: Array
    second: Array
    errors: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def elliptical(cls, shape: ArrayLike, second: float = 1.0, fourth: float = 1.0) -> SecondMoment:
        """For x = r B u with B Bᵀ = `shape`, u uniform on the sphere, E r² = n `second`, E r⁴ = n(n+2) `fourth`.

        With z Gaussian of covariance C = `shape` the moments of x are `second` and `fourth` times those of z; −x has
        the law of x, so half of each belongs to A, for every w_* ≠ 0. Isserlis' formula gives E[(zᵀMz) z zᵀ] =
        2 C M C + tr(M C) C. Turning a sign in the axes of C changes nothing: diagonal matrices suffice.
        """
        shape = np.asarray(shape, dtype=float)
        if shape.ndim != 2 or shape.shape[0] != shape.shape[1] or not np.allclose(shape, shape.T):
            raise ValueError(f"shape: expected a symmetric matrix (n, n); got shape {shape.shape}")
        if not (0 < second <= math.inf and 0 < fourth < math.inf):
            raise ValueError(f"expected finite moments > 0; got second {second} and fourth {fourth}. Without a fourth "
                             "moment E‖v_t‖² is infinite after one step")
        d, axes = np.linalg.eigh(shape)
        basis = axes.T[:, :, None] * axes.T[:, None, :]
        return cls(basis, np.diag(second * d), fourth * (np.diag(d * d) + np.outer(d, d) / 2))

    @classmethod
    def gaussian(cls, n: int) -> SecondMoment:
        """Standard normal inputs: ρ(s) = 1 − s + s²(n+2)/2, the sharp bound itself."""
        return cls.elliptical(np.eye(n))

    @classmethod
    def of(cls, law: InputLaw, w_star: ArrayLike) -> SecondMoment:
        """In closed form for Gaussian, Student's t and Pareto inputs, by enumeration for a FiniteLaw.

        ValueError when E‖x‖⁴ is infinite, and for other laws: take `from_sample`.
        """
        if isinstance(law, FiniteLaw):
            active = law.x @ np.asarray(w_star, dtype=float) > 0
            return cls._of_points(law.x[active], law.probabilities[active])
        if not isinstance(law, Gaussian | StudentT | Pareto):
            raise ValueError(f"expected a Gaussian, StudentT, Pareto or FiniteLaw; got {type(law).__name__}. Draw a "
                             "sample of it and take SecondMoment.from_sample")
        moments = law.moments(w_star)
        if not moments.lam > 0:
            raise ValueError("w_star: expected a target other than zero; no input switches its gate on")
        n = law.n
        return cls.elliptical(np.eye(n), 2 * moments.lam, 2 * moments.Lambda / (n + 2))

    @classmethod
    def from_sample(cls, x: ArrayLike, w_star: ArrayLike) -> SecondMoment:
        """Estimates from a sample `x` (S, n), with errors from the central limit theorem at the book's alarm rate.

        ValueError when Hill's estimate leaves E‖x‖⁴ in doubt.
        """
        x, w_star = np.asarray(x, dtype=float), np.asarray(w_star, dtype=float)
        if x.ndim != 2 or len(x) < 2 or w_star.shape != x.shape[1:]:
            raise ValueError(f"expected a sample (S, n) with S >= 2 and w_star (n,); got {x.shape} and {w_star.shape}")
        refuse_heavy_tail(x)
        active = x * (x @ w_star > 0)[:, None]
        squares = active[:, :, None] * active[:, None, :]
        features = _coordinates(active)
        estimate = cls._of_points(active, np.full(len(x), 1 / len(x)))
        variance = float(((features ** 2).sum(1) ** 2).mean() - (estimate.second ** 2).sum())
        spread = _normal_radius() * math.sqrt(max(0.0, variance) / len(x))
        return cls(estimate.basis, estimate.first, estimate.second, (2 * frobenius_error(squares), spread))

    @classmethod
    def _of_points(cls, x: Array, weights: Array) -> SecondMoment:
        """The operators of active points with these weights, on all symmetric matrices."""
        n = x.shape[1]
        basis, sigma, features = symmetric_basis(n), (x.T * weights) @ x, _coordinates(x)
        first = np.einsum("aij,jk,bki->ab", basis, sigma, basis, optimize=True)
        return cls(basis, first + first.T, (features.T * weights) @ features)

    @property
    def n(self) -> int:
        """The number of inputs."""
        return self.basis.shape[1]

    def operator(self, step: ArrayLike) -> Array:
        """T_s in coordinates, step.shape + (K, K)."""
        s = np.asarray(step, dtype=float)[..., None, None]
        return np.eye(len(self.basis)) - s * self.first + s * s * self.second

    def rate(self, step: ArrayLike) -> Array:
        """ρ(s), elementwise: the factor by which E‖v_t‖² shrinks in the long run."""
        return np.linalg.eigvalsh(self.operator(step))[..., -1]

    def error(self, step: float) -> float:
        """A bound on the error of `rate` (Weyl): s e₁ + s² e₂, and the rounding of the eigenvalue."""
        size = 1 + step * np.linalg.norm(self.first, 2) + step ** 2 * np.linalg.norm(self.second, 2)
        return float(step * self.errors[0] + step ** 2 * self.errors[1] + ROUNDING * len(self.basis) * size)

    def one_step_rate(self, step: float) -> float:
        """λ_max(T_s(I)): the largest factor of a single step over all v; at least ρ(s)."""
        return float(np.linalg.eigvalsh(self.image_of_identity(step))[-1])

    def image_of_identity(self, step: float) -> Array:
        """T_s(I) = I − 2 s Σ₊ + s² E[1_A ‖x‖² x xᵀ], (n, n)."""
        return np.einsum("k,kij->ij", self.operator(step) @ np.einsum("kii->k", self.basis), self.basis)

    def best_step(self) -> tuple[float, float]:
        """The step that makes ρ(s) least, and that ρ. A golden section, since ρ is convex.

        ValueError when no step brings ρ below 1: the active half does not span all directions.
        """
        high = 2 / np.linalg.eigvalsh(self.first)[-1]
        while self.rate(high) < self.rate(high / 2):
            high *= 2
        low, high = 0.0, float(high)
        for _ in range(NARROWINGS):
            left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            at_left, at_right = self.rate(np.array([left, right]))
            low, high = (low, right) if at_left <= at_right else (left, high)
        step = (low + high) / 2
        if not self.rate(step) < 1 - ROUNDING * len(self.basis):
            raise ValueError("expected a law whose active half spans all directions; no step makes E‖v_t‖² decay")
        return step, float(self.rate(step))

    def mean_squares(self, v1: ArrayLike, step: float, updates: int) -> Array:
        """E‖v_t‖² for t = 1, ..., 1 + updates, exactly up to rounding, from v_1 = `v1` (n,) or M_1 = `v1` (n, n).

        A part of M_1 outside the span stays orthogonal to the identity, so it never counts.
        """
        M = np.asarray(v1, dtype=float)
        M = np.outer(M, M) if M.ndim == 1 else M
        coordinates, traces = np.einsum("kij,ij->k", self.basis, M), np.einsum("kii->k", self.basis)
        operator, found = self.operator(step), np.empty(updates + 1)
        for t in range(updates + 1):
            found[t] = traces @ coordinates
            coordinates = operator @ coordinates
        return found


def exact_mean_squares(law: FiniteLaw, w_star: Sequence[Real], v1: Sequence[Real], step: Real, updates: int) -> list:
    """E‖v_t‖², t = 1, ..., 1 + updates, by the recursion in Fractions when all that goes in is rational."""
    _, sigma, _ = law.matrices(w_star)
    w, v = np.array(w_star, dtype=object), np.array(v1, dtype=object)
    active = [(p, np.array(x, dtype=object)) for x, p in zip(law.points, law.weights, strict=True) if w @ x > 0]
    M, found = np.outer(v, v), []
    for _ in range(updates + 1):
        found.append(np.trace(M))
        fourth = sum((p * (x @ M @ x) * np.outer(x, x) for p, x in active), np.zeros_like(M))
        M = M - step * (sigma @ M + M @ sigma) + step * step * fourth
    return found


@lru_cache(maxsize=64)
def symmetric_basis(n: int) -> Array:
    """An orthonormal basis of the symmetric (n, n) matrices, (n(n+1)/2, n, n)."""
    i, j = np.triu_indices(n)
    basis, k = np.zeros((len(i), n, n)), np.arange(len(i))
    basis[k, i, j] = basis[k, j, i] = np.where(i == j, 1.0, math.sqrt(0.5))
    basis.setflags(write=False)
    return basis


def _coordinates(x: Array) -> Array:
    """Of x xᵀ in `symmetric_basis`, for every row: (S, K)."""
    i, j = np.triu_indices(x.shape[1])
    return x[:, i] * x[:, j] * np.where(i == j, 1.0, math.sqrt(2.0))


def _normal_radius() -> float:
    """1 + z at the book's alarm rate, as in `moments.frobenius_error`."""
    from scipy.stats import norm

    from mathdl.core.intervals import ALARM

    return float(1 + norm.isf(ALARM))
