"""The landscape atlas: the least value in every cell of weight space, and which of these are local minima of the risk.

With the top weights fixed at signs s, the risk R_s is convex on each product of closed cells, and these products cover
the space of all gates. So θ is a local minimum of R_s exactly when it minimises R_s over every product that contains
it. Inner points of the set of minimisers of one product lie on the fewest walls, hence in the fewest products: the set
contains a local minimum exactly when its inner points are local minima, and then all of its inner points are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.descent import Restarts
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import RayCells, ray_cells, widest

Array = NDArray[np.float64]
Kind = Literal["interior", "boundary", "fake"]
MOST = 20_000  # products of cells; each takes about 50 microseconds
SAME = 1e-9  # of sum v y²: two values closer than this are one; the fits below are exact to about 1e-13 of it


@dataclass(frozen=True, eq=False)
class CellMinimum:
    """The least value over one product of closed cells, at a point `theta` that lies on as few walls as possible.

    `cells` (width,) are rows of `Atlas.patterns`. `kind` is "interior" (on no wall: the risk is differentiable there),
    "boundary" (on walls, and least in every product that touches), or "fake" (a neighbour goes lower). `flat` is the
    dimension of the set of minimisers, `dead` the number of gates that are active on no sample.
    """

    value: float
    cells: tuple[int, ...]
    signs: Array
    theta: Array
    bias: float
    kind: Kind
    flat: int
    dead: int

    @property
    def genuine(self) -> bool:
        """True for a local minimum of the risk as a function of the gates."""
        return self.kind != "fake"


@dataclass(frozen=True, eq=False)
class Atlas:
    """All cell minima of a problem, by value; `patterns` (N, n_samples) are the cells of one gate."""

    problem: ERMProblem
    patterns: NDArray[np.bool_]
    minima: tuple[CellMinimum, ...]

    @property
    def tolerance(self) -> float:
        """Values closer than this count as one."""
        return SAME * _scale(self.problem)

    @cached_property
    def value(self) -> float:
        """The global minimum: the least value in the atlas."""
        return self.minima[0].value

    def values(self, *kinds: Kind) -> Array:
        """The different values of the minima of these kinds (of all genuine ones when none is named), increasing."""
        kinds = kinds or ("interior", "boundary")
        found = np.sort([m.value for m in self.minima if m.kind in kinds])
        return found[np.diff(found, prepend=-np.inf) > self.tolerance]

    def home(self, theta: Array, signs: Array) -> CellMinimum:
        """The minimum of the product of cells in which the gates `theta` (width, n_inputs + 1) lie."""
        on = np.asarray(theta) @ self.problem.lifted.T > 0
        differ = (on[:, None] != self.patterns).sum(axis=2)  # rounding on a wall can make a pattern that is no cell
        return self._by_cells[_key(np.asarray(signs), differ.argmin(axis=1))]

    @cached_property
    def _by_cells(self) -> dict[tuple, CellMinimum]:
        return {_key(m.signs, m.cells): m for m in self.minima}

    def settled(self, runs: Restarts, *, within: float = 1e-6) -> NDArray[np.bool_]:
        """Which runs ended at the minimum of their own product of cells, up to `within` times sum v y²; shape (R,)."""
        homes = np.array([self.home(theta, signs).value if np.isfinite(value) else -np.inf for theta, signs, value
                          in zip(runs.theta, runs.signs, runs.values, strict=True)])
        return runs.values - homes <= within * _scale(self.problem)


def landscape_atlas(problem: ERMProblem) -> Atlas:
    """The least value of every product of cells and sign vector, each told genuine or fake (squared loss).

    Raises ValueError for another loss, and beyond 20,000 products.
    """
    if problem.loss.kind != "quadratic":
        raise ValueError(f"loss: expected 'squared' for an atlas; got {problem.loss.name!r}")
    cells = ray_cells(problem)
    if 2 ** problem.width * len(cells) ** problem.width > MOST:
        raise ValueError(f"expected at most {MOST} products of cells; got 2^{problem.width} x {len(cells)}^"
                         f"{problem.width}. Take fewer samples, inputs or gates")
    found = [m for q in range(problem.width + 1) for m in _with_signs(problem, cells, q)]
    return Atlas(problem, cells.patterns, tuple(sorted(found, key=lambda m: (m.value, m.kind, m.cells))))


def _with_signs(problem: ERMProblem, cells: RayCells, positive: int) -> Iterator[CellMinimum]:
    """The minima for the sign vector with `positive` gates +1 first; equal-signed gates in the order of their cells."""
    w, N = problem.width, len(cells)
    signs = np.where(np.arange(w) < positive, 1.0, -1.0)
    halves = product(combinations_with_replacement(range(N), positive),
                     combinations_with_replacement(range(N), w - positive))
    fits = {plus + minus: cells.fit(plus + minus, signs) for plus, minus in halves}
    slack = SAME * _scale(problem)
    for rows, fit in fits.items():
        inner = np.where(fit.dead, 1.0, fit.coefficients)
        if cells.walls(rows, inner).any():
            inner = widest(cells.columns(rows, signs) * cells.root[:, None], fit)
        tight = cells.walls(rows, inner)
        around = product(*(cells.around(i, wall) for i, wall in zip(rows, tight, strict=True)))
        lowest = min(fits[_key(signs, other)[1]].value for other in around)
        kind: Kind = "fake" if lowest < fit.value - slack else "boundary" if tight.any() else "interior"
        theta, bias = cells.point(rows, inner)
        active = cells.patterns[list(rows)] & ~tight
        yield CellMinimum(fit.value, rows, signs, theta, bias, kind, _flat(problem, active, tight),
                          int(np.sum(~active.any(axis=1))))


def _flat(problem: ERMProblem, active: NDArray[np.bool_], tight: NDArray[np.bool_]) -> int:
    """The dimension of the minimisers near an inner one: directions along its walls that change no prediction."""
    w, lifted = len(active), problem.lifted / np.linalg.norm(problem.lifted, axis=1, keepdims=True)
    blocks = [np.kron(np.eye(w)[i], lifted[wall]) for i, wall in enumerate(tight)]
    moved = np.hstack([gate[:, None] * lifted for gate in active])
    free = w * lifted.shape[1] + problem.output_bias
    if problem.output_bias:
        moved = np.hstack([moved, np.ones((len(moved), 1))])
        blocks = [np.hstack([block, np.zeros((len(block), 1))]) for block in blocks]
    return free - int(np.linalg.matrix_rank(np.vstack([moved, *blocks]), tol=1e-10))


def _scale(problem: ERMProblem) -> float:
    """The value of the zero net, sum v y²."""
    return float(problem.sample_weight @ problem.y ** 2)


def _key(signs: Array, rows) -> tuple:
    """Signs and cells in the one order in which the atlas keeps a net: positive gates first, then by cell."""
    order = sorted(range(len(rows)), key=lambda i: (-signs[i], rows[i]))
    return tuple(float(signs[i]) for i in order), tuple(int(rows[i]) for i in order)
