"""What Theorem 3.3.1 needs to know of an input law: moments of the half space where the target gate is active."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ROUNDING = 1e-13  # of closed forms and eigenvalues of small matrices, relative to the largest entry
KINDS = ("seed", "sharp")


@dataclass(frozen=True, eq=False)
class GateMoments:
    """Moments over the active half space A = {x : ⟨w_*, x⟩ > 0} of an input law on ℝⁿ.

    `sigma` (n, n): Σ₊ = E[1_A x xᵀ]; `lam` its least eigenvalue λ; `c1` = E[1_A ‖x‖⁴]; `Lambda` = Λ, the largest
    eigenvalue of `weighted` = E[1_A ‖x‖² x xᵀ], c₁/n <= Λ <= c₁ (ours); `p_plus` = P(A). `errors` bound the absolute
    errors of (lam, c1, Lambda, p_plus), `error` is the largest of them. Source: Mukherjee 2020, Theorem 3.3.1.
    """

    sigma: Array
    lam: float
    c1: float
    Lambda: float
    p_plus: float
    error: float = 0.0
    errors: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    weighted: Array | None = None

    @property
    def n(self) -> int:
        """The number of inputs."""
        return len(self.sigma)

    @classmethod
    def of(cls, sigma: ArrayLike, weighted: ArrayLike, p_plus: float, *, sigma_error: float = 0.0,
           weighted_error: float = 0.0, p_error: float = 0.0) -> GateMoments:
        """The moments from Σ₊ and E[1_A ‖x‖² x xᵀ], whose errors in the Frobenius norm may be given (Weyl's bound)."""
        sigma, weighted = np.asarray(sigma, dtype=float), np.asarray(weighted, dtype=float)
        n = len(sigma)
        c1 = float(np.trace(weighted))
        error_sigma = sigma_error + ROUNDING * float(np.abs(sigma).max())
        error_weighted = weighted_error + ROUNDING * float(np.abs(weighted).max())
        errors = (error_sigma, math.sqrt(n) * error_weighted, error_weighted, p_error + ROUNDING * p_plus)
        lam, Lambda = float(np.linalg.eigvalsh(sigma)[0]), float(np.linalg.eigvalsh(weighted)[-1])
        values = (max(v, 0.0) for v in (lam, c1, Lambda, float(p_plus)))
        return cls(sigma, *values, max(errors), errors, weighted)

    @classmethod
    def radial(cls, n: int, second: float, fourth: float, active: bool = True) -> GateMoments:
        """For x = r u with u uniform on the sphere, E r² = `second`, E r⁴ = `fourth`: half of the whole law's moments.

        The law is the same for -x, and P(⟨w_*, x⟩ = 0) = 0 unless w_* = 0, when nothing is `active`.
        """
        half = 0.5 * active
        return cls.of(half * second / n * np.eye(n), half * fourth / n * np.eye(n), half)

    @classmethod
    def gaussian(cls, n: int) -> GateMoments:
        """Standard normal inputs, any w_* ≠ 0: Σ₊ = I/2, c₁ = n(n+2)/2, Λ = (n+2)/2, p₊ = 1/2."""
        return cls.radial(n, n, n * (n + 2))

    @classmethod
    def from_sample(cls, x: ArrayLike, w_star: ArrayLike) -> GateMoments:
        """Estimates from the sample `x` (S, n), with errors from the central limit theorem at the book's alarm rate.

        Raises ValueError when Hill's estimate of the tail index of ‖x‖ is at most 4: then E‖x‖⁴ is doubtful and no
        error could be trusted.
        """
        x, w_star = np.asarray(x, dtype=float), np.asarray(w_star, dtype=float)
        if x.ndim != 2 or len(x) < 2 or w_star.shape != x.shape[1:]:
            raise ValueError(f"expected a sample of shape (S, n) with S >= 2 and w_star of shape (n,); got {x.shape} "
                             f"and {w_star.shape}")
        refuse_heavy_tail(x)
        active = (x @ w_star > 0).astype(float)
        second = active[:, None, None] * x[:, :, None] * x[:, None, :]
        fourth = (x ** 2).sum(1)[:, None, None] * second
        return cls.of(second.mean(0), fourth.mean(0), active.mean(), sigma_error=frobenius_error(second),
                      weighted_error=frobenius_error(fourth), p_error=frobenius_error(active))

    def step_size(self, kind: str = "seed") -> float:
        """The step η|α|: λ/c₁ for "seed" (Theorem 3.3.1), λ/Λ for "sharp" (ours).

        Raises ValueError when Σ₊ is not positive definite beyond its error: then no step brings all of w near w_*.
        """
        if not self.lam > self.errors[0]:
            raise ValueError(f"expected a positive definite Σ₊; its least eigenvalue is {self.lam:.3g} with error "
                             f"{self.errors[0]:.1g}. Choose a law whose active half spans all directions")
        return self.lam / self._fourth(kind)

    def rate(self, step: float | None = None, kind: str = "seed") -> float:
        """A factor that bounds E‖v_{t+1}‖² / E‖v_t‖² at `step` (by default that of `kind`): 1 - 2 s λ + s² c₁ or Λ."""
        s = self.step_size(kind) if step is None else step
        return 1 - 2 * s * self.lam + s * s * self._fourth(kind)

    def contraction(self, step: float) -> float:
        """The largest E‖v_{t+1}‖² / ‖v_t‖² over all v_t, exactly: λ_max(I - 2 s Σ₊ + s² E[1_A ‖x‖² x xᵀ]) (ours).

        `step` s = η|α| may be negative, for α > 0. Where both matrices are multiples of I, every v_t has this ratio.
        """
        matrix = np.eye(self.n) - 2 * step * self.sigma + step ** 2 * self.weighted
        return float(np.linalg.eigvalsh(matrix)[-1])

    def required_steps(self, eps: float, delta: float, start: float, kind: str = "seed") -> int:
        """The least T for which the bound gives P[‖w_T - w_*‖² <= ε²] >= 1 - δ, from ‖w_1 - w_*‖² = `start`.

        w_T is reached after T - 1 updates. Source: Mukherjee 2020, Theorem 3.3.1, with its constants.
        """
        if not (eps > 0 and 0 < delta < 1 and start >= 0):
            raise ValueError(f"expected eps > 0, 0 < delta < 1, start >= 0; got {eps}, {delta}, {start}")
        rate, target = self.rate(kind=kind), eps ** 2 * delta
        if start <= target:
            return 1
        return 2 if rate <= 0 else 1 + math.ceil(math.log(start / target) / -math.log(rate))

    def _fourth(self, kind: str) -> float:
        if kind not in KINDS:
            raise ValueError(f"expected kind 'seed' (step λ/c₁) or 'sharp' (step λ/Λ); got {kind!r}")
        return self.c1 if kind == "seed" else self.Lambda


def hill_estimate(x: ArrayLike) -> float:
    """Hill's estimate (1975) of the tail index of ‖x‖ from the ⌈√S⌉ largest of the S norms of `x` (S, n).

    P(‖x‖ > r) ~ r^(-index); moments below the index exist. Its standard error is about index / S^(1/4); for light
    tails it is large, and infinite when the largest norms are equal. Raises ValueError for fewer than 25 samples.
    """
    norms = np.sort(np.linalg.norm(np.asarray(x, dtype=float), axis=1))
    if len(norms) < 25:
        raise ValueError(f"expected at least 25 samples for a tail index; got {len(norms)}. Draw more")
    k = math.ceil(math.sqrt(len(norms)))
    if norms[-k - 1] <= 0:
        return math.inf
    excess = float(np.log(norms[-k:] / norms[-k - 1]).mean())
    return 1 / excess if excess > 0 else math.inf


def refuse_heavy_tail(x: ArrayLike) -> float:
    """Hill's estimate of `x` (S, n) when it is above 4; ValueError otherwise, since E‖x‖⁴ is then doubtful."""
    index = hill_estimate(x)
    if not index > 4:
        raise ValueError(f"expected inputs with a fourth moment; the Hill estimate of their tail index is {index:.2f}, "
                         "not above 4. Clip or rescale the inputs, or use a law with lighter tails")
    return index


def frobenius_error(values: Array) -> float:
    """How far a mean of arrays `values` (S, ...) may be from its expectation in the Frobenius norm.

    A centred Gaussian vector with covariance C exceeds √tr C + z √‖C‖ <= (1 + z) √tr C with probability at most
    P(N(0, 1) > z); z belongs to the book's alarm rate.
    """
    from scipy.stats import norm

    from mathdl.core.intervals import ALARM

    return float((1 + norm.isf(ALARM)) * math.sqrt(values.var(axis=0, ddof=1).sum() / len(values)))
