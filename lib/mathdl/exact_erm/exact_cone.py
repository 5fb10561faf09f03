"""The cone of one gate in integers: its extreme rays, grown one labelled sample at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import gcd
from operator import mul

Vector = tuple[int, ...]


def dot(a: Vector, b: Vector) -> int:
    """The inner product."""
    return sum(map(mul, a, b))


def primitive(v: list[int]) -> Vector:
    """The shortest integer vector on the ray of v."""
    common = gcd(*v)
    return tuple(x // common for x in v) if common > 1 else tuple(v)


def _mix(p: int, a: Vector, q: int, b: Vector) -> Vector:
    return primitive([p * x + q * y for x, y in zip(a, b, strict=True)])


@dataclass(frozen=True)
class Ray:
    """A direction of a cone and the constraints that are equalities on it, as the bits of an integer."""

    direction: Vector
    tight: int


@dataclass(frozen=True)
class GateCone:
    """{θ: a·θ >= 0 for a in constraints} = span(lines) + nonnegative combinations of rays; it has an interior.

    Grown by the double description method (Motzkin, Raiffa, Thompson, Thrall 1953): a new halfspace turns a line into
    a ray, or keeps the rays on its side and adds one on its boundary for each edge that it cuts.
    """

    lines: tuple[Vector, ...]
    rays: tuple[Ray, ...] = ()
    constraints: tuple[Vector, ...] = ()

    @classmethod
    def whole(cls, dimension: int) -> GateCone:
        """All of R^dimension."""
        return cls(tuple(tuple(int(i == k) for i in range(dimension)) for k in range(dimension)))

    def cut(self, a: Vector) -> GateCone | None:
        """The part where a·θ >= 0, or None when a·θ > 0 nowhere in this cone (then no strict dichotomy is left)."""
        bit = 1 << len(self.constraints)
        values = [dot(a, line) for line in self.lines]
        pivot = next((k for k, value in enumerate(values) if value), None)
        grown = replace(self, constraints=(*self.constraints, a))
        if pivot is not None:
            return grown._turned(a, pivot, values, bit)
        split = [(dot(a, ray.direction), ray) for ray in self.rays]
        if not any(value > 0 for value, _ in split):
            return None
        kept = [Ray(r.direction, r.tight | (0 if value else bit)) for value, r in split if value >= 0]
        return replace(grown, rays=(*kept, *self._edges(split, bit)))

    def _turned(self, a: Vector, pivot: int, values: list[int], bit: int) -> GateCone:
        """One line becomes a ray into the halfspace, everything else is moved along it onto the boundary."""
        sign = 1 if values[pivot] > 0 else -1
        into, depth = tuple(sign * x for x in self.lines[pivot]), abs(values[pivot])
        flat = lambda v: _mix(depth, v, -dot(a, v), into)  # noqa: E731
        lines = tuple(flat(line) for k, line in enumerate(self.lines) if k != pivot)
        rays = tuple(Ray(flat(r.direction), r.tight | bit) for r in self.rays)
        return replace(self, lines=lines, rays=(*rays, Ray(into, bit - 1)))

    def _edges(self, split: list[tuple[int, Ray]], bit: int) -> list[Ray]:
        """The rays where the boundary cuts the edges (two-dimensional faces) between a ray inside and one outside."""
        new = []
        for (p, r), (q, s) in combinations(split, 2):
            if p * q < 0:
                shared = r.tight & s.tight
                if not any(t is not r and t is not s and shared & ~t.tight == 0 for t in self.rays):
                    new.append(Ray(_mix(abs(q), r.direction, abs(p), s.direction), shared | bit))
        return new
