"""Andreev's function: half of the bits are a table, the row parities of the others say where to look it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, comb

import numpy as np

from mathdl.function_spaces.boolean import bits
from mathdl.function_spaces.circuits import LTFOfReLU
from mathdl.function_spaces.restrictions import Parts, Restriction


@dataclass(frozen=True)
class Andreev:
    """A_n on n ≥ 4 bits: z = (x, a, ignored) ↦ x_{bin(row parities of a)} (Mukherjee 2020, Definition 10).

    x has ⌊n/2⌋ bits and is indexed from 0; a is a matrix of ⌊log2(n/2)⌋ rows, the first the most significant digit.
    """

    n: int

    def __post_init__(self) -> None:
        if self.n < 4:
            raise ValueError(f"expected n >= 4, so that the matrix has a row; got {self.n}")

    @property
    def table_bits(self) -> int:
        """⌊n/2⌋, the bits of x."""
        return self.n // 2

    @property
    def rows(self) -> int:
        """⌊log2(n/2)⌋, the rows of the matrix."""
        return (self.n // 2).bit_length() - 1

    @property
    def columns(self) -> int:
        """⌊n / (2 rows)⌋, the columns of the matrix."""
        return self.n // (2 * self.rows)

    @property
    def used_bits(self) -> int:
        """The bits in the table and the matrix; the last n − used_bits bits are ignored."""
        return self.table_bits + self.rows * self.columns

    @property
    def parts(self) -> Parts:
        """The positions of the matrix, row by row."""
        start, c = self.table_bits, self.columns
        return tuple(tuple(range(start + i * c, start + (i + 1) * c)) for i in range(self.rows))

    def address(self, z: np.ndarray) -> np.ndarray:
        """bin(row parities), shape (n_samples,), at z of shape (n_samples, n)."""
        a = self._checked(z)[:, self.table_bits:self.used_bits].reshape(-1, self.rows, self.columns)
        return (a.sum(axis=2) % 2) @ (1 << np.arange(self.rows - 1, -1, -1))

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """The output bits, shape (n_samples,), at the bits z of shape (n_samples, n)."""
        return np.take_along_axis(self._checked(z), self.address(z)[:, None], axis=1)[:, 0]

    def restriction(self, table: Sequence[int], free_columns: Sequence[int], matrix: np.ndarray) -> Restriction:
        """Fix the table and the matrix but one bit in each row (Mukherjee 2020, Definition 15).

        `free_columns` names the free column of each row, `matrix` (rows, columns) the values of the others.
        """
        matrix = np.asarray(matrix)
        if len(table) != self.table_bits or len(free_columns) != self.rows or matrix.shape != (self.rows, self.columns):
            raise ValueError(f"expected {self.table_bits} table bits, {self.rows} free columns and a matrix of shape "
                             f"{(self.rows, self.columns)}; got {len(table)}, {len(free_columns)}, {matrix.shape}")
        free = tuple(part[column] for part, column in zip(self.parts, free_columns, strict=True))
        values = [*table, *matrix.reshape(-1), *[0] * (self.n - self.used_bits)]
        return Restriction(free, tuple(int(v) for v in values))

    def fixed_parities(self, rho: Restriction) -> np.ndarray:
        """c, the parity of the fixed bits of each row, shape (rows,)."""
        return np.array([sum(rho.values[i] for i in part if i not in rho.free) % 2 for part in self.parts])

    def _checked(self, z: np.ndarray) -> np.ndarray:
        z = np.asarray(z)
        if z.ndim != 2 or z.shape[1] != self.n or not ((z == 0) | (z == 1)).all():
            raise ValueError(f"expected bits of shape (n_samples, {self.n}); got shape {z.shape}")
        return z


def xor_permuted(table: np.ndarray, c: Sequence[int]) -> np.ndarray:
    """The table y ↦ table[bin(y ⊕ c)] at the rows y of `bits(len(c))`, shape (2^k,)."""
    k = len(c)
    return np.asarray(table)[(bits(k) ^ np.asarray(c, dtype=np.int8)) @ (1 << np.arange(k - 1, -1, -1))]


def table_majority(andreev: Andreev) -> LTFOfReLU:
    """The circuit without ReLU gates that answers with the majority of the table bits, 1 when half of them are 1."""
    wires = np.zeros(andreev.n)
    wires[:andreev.table_bits] = 1
    return LTFOfReLU(np.zeros((0, andreev.n)), np.zeros(0), np.zeros(0), wires, -andreev.table_bits / 2)


def sampled_agreement(circuit: LTFOfReLU, andreev: Andreev, samples: int, *, rng: np.random.Generator) -> float:
    """The fraction of so many random inputs on which the circuit and A_n agree; drawn in batches that fit in memory."""
    sizes = [len(batch) for batch in np.array_split(np.zeros(samples), ceil(samples * andreev.n / 2**22))]
    inputs = (rng.integers(0, 2, (size, andreev.n), dtype=np.int8) for size in sizes)
    return float(sum((circuit(z) == andreev(z)).sum() for z in inputs) / samples)


def majority_agreement(andreev: Andreev) -> Fraction:
    """P[majority of the table bits = A_n] over uniform bits: ½ + ½ P[the other N − 1 bits leave bit 0 to decide].

    A bit agrees with a majority of N unless the others outvote it, so the advantage is C(N − 1, ⌊N/2⌋) / 2^N.
    """
    N = andreev.table_bits
    return Fraction(1, 2) + Fraction(comb(N - 1, N // 2), 2**N)


def fourier_size(andreev: Andreev) -> int:
    """Σ |S| over the Fourier support of A_n, so the gates that Lemma 2.5.1 gives it (ours): 4^k (1 + kc/2).

    With x_i = (1 + χ_i)/2 the sum over i of x_i · 1[address = i] has the sets ∅ and {i} ∪ (the rows of T), i < 2^k.
    """
    k, c = andreev.rows, andreev.columns
    return 4**k + 2 ** (2 * k - 1) * k * c
