"""A net in whole numbers: the exact affine rows of its gates under an activation pattern."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

import numpy as np

from mathdl.nets.entries import as_exact

Row = tuple[int, int, int]


class IntegerNet:
    """The net with the values of layer l multiplied by the positive integer `scale[l]`, which makes its entries whole.

    A pattern is a tuple of whole numbers, one for each layer so far; bit i is set where gate i is on.
    """

    def __init__(self, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> None:
        self.weights, self.biases, self.scale = [], [], [1]
        for W, b in zip(weights, biases, strict=True):
            W, b = as_exact(W), as_exact(b)
            d = lcm(*(v.denominator for v in (*W.flat, *b)))
            self.scale.append(self.scale[-1] * d)
            self.weights.append(_integers(W, d))
            self.biases.append(_integers(b, self.scale[-1]))
        self.active_rows = lru_cache(maxsize=256)(self._active_rows)
        self.row = lru_cache(maxsize=65536)(self._row)

    def rows(self, pattern: tuple[int, ...]) -> np.ndarray:
        """(w, 3) coefficients of x, y and 1 in the pre-activations of layer len(pattern) + 1, times its scale."""
        l = len(pattern)
        if l == 0:
            return np.column_stack([self.weights[0], self.biases[0]])
        rows = self.weights[l][:, _bits(pattern[-1])] @ self.active_rows(pattern)
        rows[:, 2] += self.biases[l]
        return rows

    def _active_rows(self, pattern: tuple[int, ...]) -> np.ndarray:
        """The rows of the gates of layer len(pattern) that are on."""
        return self.rows(pattern[:-1])[_bits(pattern[-1])]

    def _row(self, pattern: tuple[int, ...], i: int) -> Row:
        """Row i of `rows(pattern)`."""
        l = len(pattern)
        if l == 0:
            return (*self.weights[0][i], self.biases[0][i])
        a, b, c = self.weights[l][i, _bits(pattern[-1])] @ self.active_rows(pattern)
        return a, b, c + self.biases[l][i]

    def affine(self, pattern: tuple[int, ...]) -> tuple[Fraction, Fraction, Fraction]:
        """Gradient and offset of the first output where all hidden layers have the pattern."""
        return tuple(Fraction(v, self.scale[-1]) for v in self.row(pattern, 0))


def meet(p: Row, q: Row) -> Row:
    """The point (x, y, w), w > 0, on two lines that are not parallel, or the line through two points, reduced."""
    x, y, w = p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]
    return reduced((x, y, w) if w >= 0 else (-x, -y, -w))


def reduced(p: Row) -> Row:
    """The same ray with coprime entries."""
    g = gcd(*p) or 1
    return p if g == 1 else (p[0] // g, p[1] // g, p[2] // g)


def whole(values: Sequence[Fraction]) -> Row:
    """The same ray with coprime whole entries."""
    d = lcm(*(v.denominator for v in values))
    return reduced(tuple(int(v * d) for v in values))


def _integers(values: np.ndarray, scale: int) -> np.ndarray:
    array = np.empty(values.shape, dtype=object)
    array.flat = [int(v * scale) for v in values.flat]
    return array


@lru_cache(maxsize=4096)
def _bits(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]
