"""Zonotopes: sums of segments, their vertices with normal cones, and their support function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, cmp_to_key

import numpy as np

from mathdl.function_spaces.central_cones import Row, central_cones, count_cones, integer_rows, max_cones
from mathdl.nets.entries import as_exact, as_float, holds_floats, holds_fractions

MOST_CONES = 10_000  # about two seconds of exact arithmetic


@dataclass(frozen=True, eq=False)
class Vertices:
    """The V vertices of a zonotope, each with the cone of directions in which it is the farthest point.

    `points[j]` = Σ_i `signs[j, i]` b^i (a zero generator has sign 0), and `directions[j]`, Fractions with largest
    entry ±1, lies inside its normal cone. In the plane the order is counterclockwise.
    """

    signs: np.ndarray  # (V, m) of -1, 0, 1
    points: np.ndarray  # (V, n)
    directions: np.ndarray  # (V, n)
    generators: np.ndarray  # (m, n)

    def __len__(self) -> int:
        return len(self.signs)

    def normal_cone(self, j: int) -> np.ndarray:
        """The rows A (m, n) of the normal cone {r : A r >= 0} of vertex j."""
        return self.signs[j][:, None] * self.generators

    @property
    def rays(self) -> np.ndarray:
        """The (V, 2) outer normals of the edges in the plane: the cone of vertex j lies between rays j and j + 1."""
        if self.points.shape[1] != 2 or len(self) < 2:
            raise ValueError(f"expected a zonotope with edges in the plane; got dimension {self.points.shape[1]} and "
                             f"{len(self)} vertices")
        edges = self.points - np.roll(self.points, 1, axis=0)
        return np.stack([edges[:, 1], -edges[:, 0]], axis=1)


@dataclass(frozen=True, eq=False)
class Zonotope:
    """Z(b^1..b^m) = {Σ λ_i b^i : |λ_i| <= 1} in R^n, `generators` of shape (m, n) (Mukherjee 2020, Definition 7).

    Entries are Fractions when none is a float or some is a Fraction, float64 otherwise. Raises ValueError for anything
    but a non-empty matrix of finite numbers.
    """

    generators: np.ndarray

    def __init__(self, generators: Sequence) -> None:
        exact = holds_fractions(generators) or not holds_floats(generators)
        B = (as_exact if exact else as_float)(generators)
        if B.ndim != 2 or 0 in B.shape:
            raise ValueError(f"expected generators of shape (m, n) with m, n >= 1, one row each; got shape {B.shape}")
        B.flags.writeable = False
        object.__setattr__(self, "generators", B)

    @property
    def n_generators(self) -> int:
        """m."""
        return self.generators.shape[0]

    @property
    def dimension(self) -> int:
        """n, the dimension of the space, not of the zonotope."""
        return self.generators.shape[1]

    @property
    def is_exact(self) -> bool:
        """True when the generators are Fractions."""
        return self.generators.dtype == object

    def exact(self) -> Zonotope:
        """The zonotope with Fractions; each float is taken at its exact binary value."""
        return self if self.is_exact else Zonotope(as_exact(self.generators))

    def rounded(self) -> Zonotope:
        """The zonotope with every entry rounded to float64."""
        return Zonotope(as_float(self.generators))

    def support(self, r: np.ndarray) -> np.ndarray:
        """γ_Z(r) = Σ_i |⟨r, b^i⟩|, shape (n_samples,), at r of shape (n_samples, n) (Mukherjee 2020, Theorem 2.3.7)."""
        return abs(self._rows(r) @ self.generators.T).sum(axis=1)

    def gauge_polar(self, r: np.ndarray) -> np.ndarray:
        """inf{t > 0 : r ∈ t Z°} with Z° = {r : ⟨r, v⟩ <= 1 for every vertex v}; the same function, by the vertices."""
        return (self._rows(r) @ self.vertices().points.T).max(axis=1)

    def vertices(self) -> Vertices:
        """All vertices, exact whatever the type of the entries; ValueError when there may be too many to list."""
        return self._vertices

    def count_vertices(self) -> int:
        """The number of vertices by deletion and restriction of hyperplanes, without listing them."""
        self._refuse_if_large()
        return count_cones(integer_rows(self.generators))

    @cached_property
    def _vertices(self) -> Vertices:
        self._refuse_if_large()
        cones = central_cones(integer_rows(self.generators))
        order = sorted(cones, key=lambda signs: _by_angle(cones[signs])) if self.dimension == 2 else sorted(cones)
        signs = np.array(order).reshape(len(order), -1)
        directions = as_exact([[Fraction(x, max(map(abs, cones[s])) or 1) for x in cones[s]] for s in order])
        return Vertices(signs, signs @ self.generators, directions, self.generators)

    def _refuse_if_large(self) -> None:
        n, m = self.dimension, self.n_generators
        if max_cones(n, m) > MOST_CONES:
            raise ValueError(f"expected at most {MOST_CONES} vertices; {m} generators in dimension {n} can have "
                             f"N(n, m) = {max_cones(n, m)}: take fewer generators")

    def _rows(self, r: np.ndarray) -> np.ndarray:
        rows = (as_exact if self.is_exact else as_float)(r)
        if rows.ndim != 2 or rows.shape[1] != self.dimension:
            raise ValueError(f"expected r of shape (n_samples, {self.dimension}); got {rows.shape}. "
                             f"Use r.reshape(-1, {self.dimension})")
        return rows


@cmp_to_key
def _by_angle(p: Row, q: Row) -> int:
    """Order of two directions of the plane by their angle in [0, 2π), exactly."""
    half_p, half_q = ((y, x) < (0, 0) for x, y in (p, q))
    return half_p - half_q or p[1] * q[0] - p[0] * q[1]
