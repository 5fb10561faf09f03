"""The ray features of many cells in one array, and the subproblems that are picked from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.cone_fit import fit_cone
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rays import Rays, extreme_rays

Array = NDArray[np.float64]
Index = NDArray[np.intp]
PILE = 4096  # subproblems worked on at once on a CPU: their tableaux stay in its cache
DEVICE_PILE = 2 ** 17  # on an accelerator
ROUNDING = 1e-10  # of ‖y‖: a gradient of unit columns above it is no rounding error


class Alone(NamedTuple):
    """One subproblem solved by itself: its value, a dual bound, and the net."""

    value: float
    lower: float
    theta: Array
    signs: Array
    bias: float


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """For each of N cells up to K ray features: `directions` (N, K, n+1) and their outputs `features` (N, K, D).

    Outputs carry the square roots of the sample weights and have norm 1, or 0 where a cell has fewer rays (torch
    tensors in float64 on `device`). With an output bias one more row holds the constants +1 and -1.
    """

    problem: ERMProblem
    rays: Rays
    directions: Any
    features: Any
    counts: Index
    device: str
    dtype: Any

    @classmethod
    def of(cls, problem: ERMProblem, device: str = "cpu", dtype: Any = None) -> FeatureTable:
        """The table of all cells of the problem's points; ValueError unless the loss is squared."""
        import torch

        if not problem.loss.is_quadratic:
            raise ValueError(f"loss: expected the squared loss, for which the piles are made; got "
                             f"{problem.loss.name!r}. Use branch_and_bound, or erm_bruteforce with backend='lp'")
        rays = extreme_rays(problem.x)
        directions, features, counts = _padded(problem, rays)
        norms = np.linalg.norm(features, axis=2, keepdims=True)
        inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
        on_device = [torch.as_tensor(a * inverse, device=device) for a in (directions, features)]
        return cls(problem, rays, *on_device, counts, device, dtype or torch.float64)

    @property
    def n_cells(self) -> int:
        """How many cells there are (N)."""
        return self.rays.cells.n_cells

    @property
    def target(self) -> Array:
        """The labels times the square roots of the sample weights (D,)."""
        return np.sqrt(self.problem.sample_weight) * self.problem.y

    def numbers(self, patterns: NDArray[np.bool_]) -> Index:
        """Which cells the rows of `patterns` (..., D) are; ValueError for one that no affine functional has."""
        number = {row.tobytes(): i for i, row in enumerate(self.rays.cells.packed)}
        packed = np.packbits(patterns.reshape(-1, patterns.shape[-1]), axis=1)
        found = np.array([number.get(row.tobytes(), -1) for row in packed], dtype=np.intp)
        if (found < 0).any():
            bad = patterns.reshape(-1, patterns.shape[-1])[found.argmin()]
            raise ValueError(f"patterns: expected cells, activations that some a . x + b has on the sample; got "
                             f"{bad.astype(int).tolist()}. `cells(x).patterns` lists them")
        return found.reshape(patterns.shape[:-1])

    def solve(self, which: Index, signs: Array) -> tuple[Array, Array, Array, Array]:
        """Values, bounds, gates (B, w, n+1) and output biases for cells `which` (B, w) and top weights `signs`."""
        B, w = which.shape
        found = np.zeros(B), np.zeros(B), np.zeros((B, w, self.problem.n_inputs + 1)), np.zeros(B)
        order = np.argsort(self.counts[which].sum(axis=1), kind="stable")  # equal sizes go into one pile
        size = PILE if self.device == "cpu" else DEVICE_PILE
        for start in range(0, B, size):
            at = order[start:start + size]
            for whole, part in zip(found, self._pile(which[at], signs[at]), strict=True):
                whole[at] = part
        return found

    def solve_alone(self, which: Index, signs: Array) -> Alone:
        """The subproblem with cells `which` (w,), on its own."""
        A, directions, gate = (a[0].cpu().numpy() for a in self._columns(which[None], signs[None]))
        y = self.target
        c = fit_cone(A.T, y)[0]
        theta = np.zeros((len(which) + 1, directions.shape[1]))
        np.add.at(theta, gate, c[:, None] * directions)
        theta, bias = theta[:-1], float(theta[-1, -1])
        Q = np.linalg.qr(A[c > 0].T)[0]  # the residual from an orthonormal basis is accurate however large c is
        z = y - Q @ (Q.T @ y)
        steep = max(float((A @ z).max(initial=0)), 0.0)
        lower = 2 * z @ y - z @ z - 4 * steep * c.sum() if steep <= ROUNDING * np.linalg.norm(y) else 0.0
        outputs = signs @ np.maximum(theta @ self.problem.lifted.T, 0) + bias
        return Alone(float(self.problem.losses(outputs).sum()), max(float(lower), 0.0), theta, signs, bias)

    def _columns(self, which: Index, signs: Array) -> tuple[Any, Any, Any]:
        """The columns (B, k, D) of each subproblem, their directions (B, k, n+1), and their gates (B, k)."""
        import torch

        if self.problem.output_bias:
            which = np.column_stack([which, np.full(len(which), self.n_cells)])
            signs = np.column_stack([signs, np.ones(len(signs))])
        B, K = len(which), self.directions.shape[1]
        used = (np.arange(K) < self.counts[which][:, :, None]).reshape(B, -1)
        first = np.argsort(~used, axis=1, kind="stable")[:, :max(1, int(used.sum(axis=1).max(initial=0)))]
        gate, ray = np.divmod(first, K)
        rows = np.arange(B)[:, None]
        there = np.where(used[rows, first], signs[rows, gate], 0.0)
        cell, ray, gate, there = (torch.as_tensor(a, device=self.device) for a in (which[rows, gate], ray, gate, there))
        gate = gate.clamp_max(self.problem.width)
        return self.features[cell, ray] * there[:, :, None], self.directions[cell, ray] * there.abs()[:, :, None], gate

    def _pile(self, which: Index, signs: Array) -> tuple[Array, Array, Array, Array]:
        """One pile: passive sets, weights, nets, and then values and bounds from scratch."""
        import torch

        from mathdl.exact_erm._pile import gradient, passive_sets, weights_on

        A, directions, gate = self._columns(which, signs)
        labels, lifted, v = (torch.tensor(a, device=self.device)
                             for a in (self.problem.y, self.problem.lifted, self.problem.sample_weight))
        y, top = v.sqrt() * labels, torch.as_tensor(signs, device=self.device)
        P, c = passive_sets(A, y, self.dtype)
        rough = gradient(A, y, c)[1] > ROUNDING / 100 * y.norm()
        c[rough] = weights_on(A[rough], y, P[rough])
        z, steep = gradient(A, y, c)
        dual = 2 * (z @ y) - (z * z).sum(dim=1) - 4 * steep * c.sum(dim=1)
        lower = torch.where(steep <= ROUNDING * y.norm(), dual, 0.0).clamp_min(0)
        theta = torch.zeros((len(which), self.problem.width + 1, directions.shape[2]), dtype=A.dtype, device=A.device)
        theta.scatter_add_(1, gate[:, :, None].expand_as(directions), c[:, :, None] * directions)
        gates, bias = theta[:, :-1], theta[:, -1, -1]
        outputs = (top[:, :, None] * (gates @ lifted.T).clamp_min(0)).sum(dim=1) + bias[:, None]
        values = (v * (outputs - labels) ** 2).sum(dim=1)
        return tuple(a.cpu().numpy() for a in (values, lower, gates, bias))


def _padded(problem: ERMProblem, rays: Rays) -> tuple[Array, Array, Index]:
    """Directions (N, K, n+1), weighted outputs (N, K, D) and numbers of rays (N,), a row of constants last."""
    of_cell = np.repeat(np.arange(rays.cells.n_cells), np.diff(rays.indptr))
    seen = rays.patterns.any(axis=1)[rays.indices]  # a ray that is nowhere positive contributes nothing
    of_cell, ray = of_cell[seen], rays.indices[seen]
    counts = np.bincount(of_cell, minlength=rays.cells.n_cells)
    place = np.arange(len(ray)) - np.repeat(np.cumsum(counts) - counts, counts)
    if problem.output_bias:
        counts = np.append(counts, 2)
    shape = len(counts), int(counts.max(initial=1))
    directions, features = np.zeros((*shape, problem.n_inputs + 1)), np.zeros((*shape, problem.n_samples))
    directions[of_cell, place], features[of_cell, place] = rays.directions[ray], rays.features()[ray]
    if problem.output_bias:
        directions[-1, :2, -1] = 1, -1
        features[-1, :2] = [[1], [-1]]
    return directions, features * np.sqrt(problem.sample_weight), counts
