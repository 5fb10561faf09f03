"""The hidden layer of some autoencoders on some samples: what loss and gradient need, dense or by active pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any  # numpy.ndarray or torch.Tensor
PAIRS = 2 ** 16  # active pairs whose rows are gathered at once


class HiddenBlock:
    """R = ReLU(W Y − ε) for W (P, h, n), ε (P, h, 1) and signals Y (n, c), and the residual F = WᵀR − Y.

    With at most `share` of the pairs (unit, sample) on, later steps visit only these. `buffers` is a dict of arrays
    that the caller keeps for the next block, which must not be larger; at most one block of it is in use.
    """

    def __init__(self, W: Array, bias: Array, Y: Array, share: float, buffers: dict[str, Array]) -> None:
        self.xp = np if isinstance(W, np.ndarray) else _torch()
        self.W, self.buffers = W, buffers
        self.Y = np.ascontiguousarray(Y) if self.xp is np else Y.contiguous()
        self.size = (len(W), W.shape[1], Y.shape[1])
        self.R = self._buffer("R", self.size, W.dtype)
        self.on = self._buffer("on", self.size, bool if self.xp is np else self.xp.bool)
        self.xp.matmul(W, self.Y, out=self.R)
        self.xp.subtract(self.R, bias, out=self.R)
        self.xp.greater(self.R, 0, out=self.on)  # the sign of a difference is exact, so this is Q > ε
        active = int(self.xp.count_nonzero(self.on))
        self.pairs = self._pairs() if active <= share * np.prod(self.size) else None
        if self.pairs is None:
            self.xp.clip(self.R, 0, None, out=self.R)
        self._residual: Array | None = None

    def hidden(self) -> Array:
        """R (P, h, c), of a dense block."""
        return self.R

    def active_samples(self) -> Array:
        """How many samples each unit is on for, (P, h)."""
        return self.xp.sum(self.on, -1)

    def decoded(self) -> Array:
        """WᵀR, (P, n, c)."""
        return self.residual() + self.Y

    def residual(self) -> Array:
        """F = WᵀR − Y, (P, n, c); computed once."""
        if self._residual is None:
            if self.pairs is None:
                F = self._buffer("F", (self.size[0], len(self.Y), self.size[2]), self.W.dtype)
                self.xp.matmul(self.W.mT, self.R, out=F)
            else:
                unit, column, r = self.pairs
                P, h, c = self.size
                F = self._weighted(r, column, unit, P * c, self.W.reshape(P * h, -1))
                F = F.reshape(P, c, -1).mT
            F -= self.Y
            self._residual = F
        return self._residual

    def squared_error(self) -> np.ndarray:
        """Σ‖ŷ − y‖² over the samples, (P,), in float64 on the CPU."""
        F = self.residual()
        total = self.xp.sum(F * F, (-2, -1))
        return total.astype(np.float64) if self.xp is np else total.double().cpu().numpy()

    def add_gradient(self, G: Array) -> None:
        """Add R Fᵀ + (M ∘ W F) Yᵀ to G (P, h, n), in place."""
        (self._add_dense if self.pairs is None else self._add_active)(G)

    def _add_dense(self, G: Array) -> None:
        F = self.residual()
        H = self._buffer("H", self.size, self.W.dtype)
        part = self._buffer("part", tuple(G.shape), self.W.dtype)
        self.xp.matmul(self.W, F, out=H)
        self.xp.multiply(H, self.on, out=H)
        G += self.xp.matmul(self.R, F.mT, out=part)
        G += self.xp.matmul(H, self.Y.mT, out=part)

    def _add_active(self, G: Array) -> None:
        """Each pair (i, s) adds r_is F_s + ⟨W_i, F_s⟩ y_s to row i."""
        unit, column, r = self.pairs
        P, h, c = self.size
        W, F = self.W.reshape(P * h, -1), self.residual().mT.reshape(P * c, -1)
        slopes = self.xp.empty_like(r)
        for start in range(0, len(r), PAIRS):
            some = slice(start, start + PAIRS)
            slopes[some] = self.xp.einsum("pn,pn->p", W[unit[some]], F[column[some]])
        rows = G.reshape(P * h, -1)  # a view: G is contiguous
        rows += self._weighted(r, unit, column, P * h, F)
        rows += self._weighted(slopes, unit, column % c, P * h, self.Y.mT)

    def _pairs(self) -> tuple[Array, Array, Array]:
        """Of each active pair: its row among the P·h units, its place among the P·c columns, and r."""
        _, h, c = self.size
        (place,) = self.xp.where(self.on.reshape(-1))
        unit = place // c
        return unit, (unit // h) * c + place % c, self.R.reshape(-1)[place]

    def _weighted(self, values: Array, rows: Array, columns: Array, length: int, table: Array) -> Array:
        """Row i of the result (length, n) is the sum of values_p · table[columns_p] over the pairs with rows_p = i."""
        if self.xp is np:
            from scipy.sparse import csr_array

            return csr_array((values, (rows, columns)), shape=(length, len(table))) @ table
        out = table.new_zeros((length, table.shape[1]))
        for start in range(0, len(rows), PAIRS):
            some = slice(start, start + PAIRS)
            out.index_add_(0, rows[some], values[some, None] * table[columns[some]])
        return out

    def _buffer(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """A contiguous array from `buffers`, made for the first block, which is the largest."""
        size, kept = int(np.prod(shape)), self.buffers.get(name)
        if kept is None:
            where = {} if self.xp is np else {"device": self.W.device}
            kept = self.buffers[name] = self.xp.empty(size, dtype=dtype, **where)
        return kept[:size].reshape(shape)


def _torch() -> Any:
    import torch

    return torch
