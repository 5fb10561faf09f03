"""Zonotope functions: a hard function of the line applied to the support function of a zonotope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from numbers import Real

import numpy as np

from mathdl.function_spaces.central_cones import integer_rows, max_cones
from mathdl.function_spaces.complexity import zonotope_pieces
from mathdl.function_spaces.hard import HardFunction, hard_function
from mathdl.function_spaces.support_net import support_net
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.nets.entries import as_exact
from mathdl.nets.pieces import count_pieces
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True, eq=False)
class ZonotopeFunction:
    """f = H ∘ γ_Z on R^n, H of M = `maximum` and a^1..a^k, Z of the `generators` (Mukherjee 2020, Proposition 2.3.9).

    All arithmetic is exact, floats at their binary value. Raises ValueError unless 0 < a^i_1 < … < a^i_p < M and some
    generator is not zero.
    """

    maximum: Real
    breakpoints: Sequence[Sequence[Real]]
    generators: Sequence[Sequence[Real]]

    def __post_init__(self) -> None:
        H, Z = self.hard, self.zonotope  # each refuses what it cannot use
        if not (H.widths and Z.generators.any()):
            raise ValueError("expected a generator that is not zero; got only zeros, and f would be constant")

    @cached_property
    def hard(self) -> HardFunction:
        """H, the function of the line."""
        return hard_function(self.maximum, self.breakpoints)

    @cached_property
    def zonotope(self) -> Zonotope:
        """Z, with Fractions."""
        return Zonotope(self.generators).exact()

    @cached_property
    def lines(self) -> tuple[tuple[int, ...], ...]:
        """The directions of the generators, one for each line that some of them span, as integer vectors."""
        return tuple(dict.fromkeys(_line(row) for row in integer_rows(self.zonotope.generators) if any(row)))

    def __call__(self, r: np.ndarray) -> np.ndarray:
        """Values (n_samples,) at r of shape (n_samples, n), Fractions."""
        return self.hard.pwl(self.zonotope.support(r))

    def net(self, gates: str = "2m") -> ReLUNet:
        """The net of f with k + 1 hidden layers: `support_net` with 2m, m+2 or m gates, then w_1, …, w_k gates."""
        return self.hard.net.compose(support_net(self.zonotope.generators, gates))

    def predicted_pieces(self) -> int:
        """N(n, m) ∏ w_i + c: the number of pieces when the generators are generic (Theorem 2.3.10, corrected)."""
        m, n = self.zonotope.generators.shape
        return zonotope_pieces(max_cones(n, m), self.hard.widths, rank_one=len(self.lines) == 1)

    def pieces(self) -> int:
        """The number of pieces: for n <= 2 counted on the net, which knows nothing of cones, and else cone by cone."""
        return count_pieces(self.net("m+2")) if self.zonotope.dimension <= 2 else self.pieces_by_cones()

    def pieces_by_cones(self) -> int:
        """The number of pieces in any dimension, from the cells {r in a normal cone, γ_Z(r) between breakpoints of H}.

        On a cell f has gradient s v, with the slope s of H and the vertex v. Slabs of one cone have different s; where
        two cones meet in a wall, cells with equal gradients are glued.
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        slopes = as_exact(self.hard.pwl.slopes[-1 - sum(t > 0 for t in self.hard.pwl.breaks):])  # of H on (0, ∞)
        gradients = slopes[None, :, None] * self.zonotope.vertices().points[:, None, :]  # (V, P, n)
        cells = np.arange(gradients.shape[0] * len(slopes)).reshape(-1, len(slopes))
        glued = [np.empty((2, 0), dtype=int)]
        for i, j, slabs in self._walls():
            same = (gradients[i, slabs] == gradients[j, slabs]).all(axis=-1)
            glued.append(np.stack([cells[i, slabs][same], cells[j, slabs][same]]))
        i, j = np.concatenate(glued, axis=1)
        return connected_components(coo_array((np.ones(len(i)), (i, j)), shape=(cells.size,) * 2))[0]

    def line_restriction(self, point: Sequence[Real], direction: Sequence[Real]) -> PWL1D:
        """t ↦ f(point + t direction), exact. Raises ValueError when the direction is zero."""
        p, d = as_exact(point), as_exact(direction)
        if p.shape != (self.zonotope.dimension,) or d.shape != p.shape or not d.any():
            raise ValueError(f"expected a point and a non-zero direction of {self.zonotope.dimension} numbers each; "
                             f"got shapes {p.shape} and {d.shape}")
        offsets, rates = self.zonotope.generators @ p, self.zonotope.generators @ d
        kinks = sorted({-z / v for z, v in zip(offsets, rates, strict=True) if v}) or [0]
        values = [abs(offsets + t * rates).sum() for t in kinks]
        return self.hard.pwl.compose(PWL1D.from_points(kinks, values, -abs(rates).sum(), abs(rates).sum()))

    def central_line(self) -> tuple[np.ndarray, np.ndarray]:
        """(point, direction) of a line that meets every kink of γ_Z where H has not turned yet, each at its own place.

        f has 2 ∏ w_i + m' − 1 pieces on it (and 2 flat ends, when H is flat beyond M), m' = `len(self.lines)`.
        """
        B, n = as_exact(self.lines), self.zonotope.dimension
        d = self.zonotope.vertices().directions[0]  # inside a cone: no ⟨d, b⟩ is 0
        kinks, q = set(), 0
        while len(kinks) < len(B):  # two kinks coincide for at most n − 1 of all q, as polynomials in q
            q += 1
            p = as_exact([q ** i for i in range(n)])
            kinks = set(-(B @ p) / (B @ d))
        highest = max(self.zonotope.support([p + t * d for t in kinks]))
        first_turn = next(t for t in self.hard.pwl.breaks if t > 0)
        return p * (first_turn / (2 * highest) if highest else 1), d

    def _walls(self) -> list[tuple[int, int, slice]]:
        """(i, j, slabs): cones i < j share a wall, which meets these slabs: all, or the first if the wall is γ = 0."""
        signs = self.zonotope.vertices().signs
        index = {tuple(s): i for i, s in enumerate(signs)}
        of_line = [_line(row) for row in integer_rows(self.zonotope.generators)]
        flips = [np.array([-1 if line == own else 1 for own in of_line]) for line in self.lines]
        slabs = slice(None, 1) if len(self.lines) == 1 else slice(None)
        neighbours = ((i, index.get(tuple(s * flip))) for i, s in enumerate(signs) for flip in flips)
        return [(i, j, slabs) for i, j in neighbours if j is not None and i < j]


def even_knots(width: int, depth: int) -> list[list[Fraction]]:
    """a^1 = … = a^k at equal distances, for M = 1: k = `depth` copies of (1/w, …, (w − 1)/w)."""
    return [[Fraction(i, width) for i in range(1, width)]] * depth


def _line(row: tuple[int, ...]) -> tuple[int, ...]:
    return max(row, tuple(-x for x in row))
