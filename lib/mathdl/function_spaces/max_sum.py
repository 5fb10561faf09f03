"""A ReLU net as an affine function plus weighted convex maxima, one for each gate that bends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm

from mathdl.function_spaces.essential_rows import essential_rows
from mathdl.function_spaces.signed_max import Row
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

Shape = tuple[Row, ...]  # rows whose least one is 0, in lowest terms: what translation and scaling leave of a maximum


@dataclass(frozen=True)
class MaxSum:
    """The function ℓ + Σ_k γ_k max(S_k): an affine row ℓ and convex maxima S_k with weights γ_k ≠ 0.

    Maxima that differ by an affine function and a positive factor are stored once. `limit` is the largest number of
    rows that a maximum may be about to have.
    """

    affine: Row
    weights: dict[Shape, Fraction] = field(default_factory=dict)
    limit: int = 20_000

    @classmethod
    def maximum(cls, rows: Sequence[Row], limit: int) -> MaxSum:
        """max over the rows, as one weighted maximum."""
        least = min(rows)
        moved = [_minus(row, least) for row in rows]
        entries = [v for row in moved for v in row if v]
        if not entries:
            return cls(least, limit=limit)
        unit = Fraction(gcd(*(v.numerator for v in entries)), lcm(*(v.denominator for v in entries)))
        return cls(least, {tuple(sorted(_times(1 / unit, row) for row in moved)): unit}, limit)

    def relu(self) -> MaxSum:
        """σ(f) = max(G ∪ H) − max H, where G gathers ℓ and the positive weights and H the negative ones.

        −max H is the negative part of f itself and need not be expanded, so a gate adds one maximum.
        """
        zero = (Fraction(0),) * len(self.affine)
        G = minkowski_sum(self.affine, [(w, S) for S, w in self.weights.items() if w > 0], self.limit)
        H = minkowski_sum(zero, [(-w, S) for S, w in self.weights.items() if w < 0], self.limit)
        rows = essential_rows([*G, *H])
        if set(rows) <= set(G):
            return self
        if set(rows) <= set(H):
            return MaxSum(zero, limit=self.limit)
        negative = MaxSum(zero, {S: w for S, w in self.weights.items() if w < 0}, self.limit)
        return combination(zero, [(Fraction(1), MaxSum.maximum(rows, self.limit)), (Fraction(1), negative)])

    @classmethod
    def of(cls, f: ReLUNet | PWL1D, limit: int) -> MaxSum:
        """The maxima of a net with one output, of any depth, or of a function on the line."""
        return _of_pwl(f, limit) if isinstance(f, PWL1D) else _of_net(f, limit)


def combination(constant: Row, parts: Iterable[tuple[Fraction, MaxSum]]) -> MaxSum:
    """The affine row `constant` plus the weighted sum of the parts, with equal maxima merged."""
    affine, weights, limit = constant, {}, MaxSum.limit
    for c, part in parts:
        if c:
            limit = part.limit
            affine = _plus(affine, _times(c, part.affine))
            for S, w in part.weights.items():
                weights[S] = weights.get(S, 0) + c * w
    return MaxSum(affine, {S: w for S, w in weights.items() if w}, limit)


def minkowski_sum(start: Row, parts: Iterable[tuple[Fraction, Shape]], limit: int) -> list[Row]:
    """Rows of the affine row `start` plus the sum of w max(S), pruned after each; ValueError beyond the limit."""
    rows = [start]
    for w, S in parts:
        if len(rows) * len(S) > limit:
            raise ValueError(f"a sum of maxima of {len(rows):,} and {len(S):,} rows would have {len(rows) * len(S):,} "
                             f"rows before pruning, over the limit of {limit:,}. Take a smaller net, or raise limit")
        scaled = [_times(w, row) for row in S]
        rows = essential_rows(_plus(row, other) for row in rows for other in scaled)
    return rows


def _of_net(net: ReLUNet, limit: int) -> MaxSum:
    if net.n_outputs != 1:
        raise ValueError(f"expected a net with one output; got {net.n_outputs}. Take one output at a time")
    net, n = net.exact(), net.n_inputs
    values = [MaxSum(tuple(Fraction(i == j) for j in range(n + 1)), limit=limit) for i in range(n)]
    for i, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        values = [combination((*[Fraction(0)] * n, bj), zip(row, values, strict=True))
                  for row, bj in zip(W, b, strict=True)]
        if i < net.hidden_layers:
            values = [f.relu() for f in values]
    return values[0]


def _of_pwl(f: PWL1D, limit: int) -> MaxSum:
    """The leftmost piece plus one hinge κ_i max(0, x − t_i) for each breakpoint."""
    f = f.exact()
    jumps = [right - left for left, right in zip(f.slopes, f.slopes[1:], strict=False)]
    hinges = (MaxSum.maximum([(Fraction(0), Fraction(0)), (Fraction(1), -t)], limit) for t in f.breaks)
    return combination((f.slopes[0], f.intercepts[0]), zip(jumps, hinges, strict=True))


def _plus(u: Row, v: Row) -> Row:
    return tuple(a + b for a, b in zip(u, v, strict=True))


def _minus(u: Row, v: Row) -> Row:
    return tuple(a - b for a, b in zip(u, v, strict=True))


def _times(c: Fraction, u: Row) -> Row:
    return tuple(c * a for a in u)
