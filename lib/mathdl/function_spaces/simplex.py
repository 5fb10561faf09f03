"""The open simplex of increasing breakpoints, with a smooth chart onto it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from numbers import Real

import numpy as np


@dataclass(frozen=True)
class Simplex:
    """Δ_M^p, the points 0 < x_1 < … < x_p < M of R^p (Mukherjee 2020, Definition 4).

    Raises ValueError unless M is a finite number > 0 and p an integer >= 1.
    """

    M: Real
    p: int

    def __post_init__(self) -> None:
        if isinstance(self.p, bool) or not isinstance(self.p, (int, np.integer)) or self.p < 1:
            raise ValueError(f"expected p, the number of coordinates, an integer >= 1; got {self.p!r}")
        if not isinstance(self.M, Real) or not 0 < self.M < np.inf:
            raise ValueError(f"expected M, the upper end, a finite number > 0; got {self.M!r}")

    def contains(self, x: np.ndarray) -> bool:
        """True when x of shape (p,) lies in the simplex; ties, 0 and M are outside. Exact for Fractions."""
        x = list(x)
        if len(x) != self.p:
            raise ValueError(f"expected a point with {self.p} coordinates; got {len(x)}")
        ends = [0, *x, self.M]
        return all(left < right for left, right in pairwise(ends))

    def sample(self, *, rng: np.random.Generator) -> np.ndarray:
        """One point of shape (p,), uniformly distributed on the simplex: the order statistics of p uniforms."""
        while True:  # a tie of two 53-bit uniforms is possible, with probability below p² 2⁻⁵³
            x = np.sort(rng.uniform(0, float(self.M), self.p))
            if self.contains(x):
                return x

    def from_unconstrained(self, z: np.ndarray) -> np.ndarray:
        """The point x_i = M (s_1 + … + s_i), where s is the softmax of the p + 1 logits (z_1, …, z_p, 0).

        A smooth bijection of R^p onto the simplex. Raises ValueError when z has not the shape (p,), is not finite, or
        is so large that two coordinates agree in float64.
        """
        z = np.asarray(z, dtype=float)
        if z.shape != (self.p,) or not np.isfinite(z).all():
            raise ValueError(f"expected {self.p} finite numbers; got {z}")
        logits = np.append(z, 0.0)
        gaps = np.exp(logits - logits.max())
        x = float(self.M) * (np.cumsum(gaps)[:-1] / gaps.sum())
        if not self.contains(x):
            raise ValueError(f"these coordinates agree to 16 digits; got gaps from {gaps.min() / gaps.sum():.1e} of M. "
                             "Use numbers z closer to each other and to 0")
        return x

    def to_unconstrained(self, x: np.ndarray) -> np.ndarray:
        """The z of shape (p,) with `from_unconstrained(z)` = x; ValueError when x is not in the simplex."""
        if not self.contains(x):
            raise ValueError(f"expected 0 < x_1 < … < x_{self.p} < {self.M}, without ties; got {list(x)}")
        gaps = np.diff([0.0, *map(float, x), float(self.M)])
        if not (gaps > 0).all():
            raise ValueError(f"expected coordinates that differ in float64; got {list(x)}")
        return np.log(gaps[:-1]) - np.log(gaps[-1])

    def round_trip_error(self, x: np.ndarray) -> tuple[float, float]:
        """(largest |x − from_unconstrained(to_unconstrained(x))|, a bound on what rounding can make of it)."""
        z = self.to_unconstrained(x)
        error = np.abs(np.asarray(x, dtype=float) - self.from_unconstrained(z)).max()
        # A gap is a difference of numbers <= M: error ε M. log, exp and the shift by the maximum move a logit by at
        # most 4 ε (1 + |z|); each moves x by its share of M. The p + 1 gaps and their sums add up.
        scale = (self.p + 1) * (4 * (1 + np.abs(z).max()) + self.p + 4)
        return float(error), float(np.finfo(float).eps * float(self.M) * scale)
