"""Functions on the cube {−1, 1}^n: their Fourier coefficients, and the two nets that draw them by one hidden layer."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mathdl.nets.entries import as_exact, as_float, holds_floats
from mathdl.nets.relu_net import ReLUNet

LARGEST_TABLE = 20
LARGEST_NET = 12


def bits(n: int) -> np.ndarray:
    """The 2^n rows of n bits, shape (2^n, n), int8: row v holds the binary digits of v, the first digit the largest.

    Raises ValueError for n < 0 or n > 20.
    """
    if not 0 <= n <= LARGEST_TABLE:
        raise ValueError(f"expected 0 <= n <= {LARGEST_TABLE}, since a table has 2^n rows; got n = {n}")
    return (np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1) & 1).astype(np.int8)


def cube(n: int) -> np.ndarray:
    """The vertices of {−1, 1}^n, shape (2^n, n), int8: bit 1 is coordinate 1, bit 0 is −1, so row 0 is (−1, …, −1)."""
    return 2 * bits(n) - 1


def walsh_hadamard(f: Sequence) -> np.ndarray:
    """2^n f̂(S) for every S ⊆ {1, …, n}, shape (2^n,), where f has the value f[v] at row v of `cube(n)`.

    The set S stands at the row of `bits(n)` that marks its elements. Integers stay exact integers (int64, or Python's
    where int64 would overflow), Fractions stay Fractions, floats are rounded. Time n 2^n. Raises ValueError when the
    length is no power of two.
    """
    return _butterfly(table_of(f), lambda low, high: (low + high, high - low))


def from_spectrum(coefficients: Sequence) -> np.ndarray:
    """The table f(x) = Σ_S c[S] Π_{i∈S} x_i of shape (2^n,), the inverse of `walsh_hadamard` up to the factor 2^n."""
    return _butterfly(table_of(coefficients), lambda low, high: (low - high, low + high))


def fourier_coefficients(f: Sequence) -> np.ndarray:
    """f̂(S) of shape (2^n,): Fractions for a table of integers or Fractions, float64 for floats."""
    spectrum = walsh_hadamard(f)
    return spectrum / len(spectrum) if spectrum.dtype == float else as_exact(spectrum) * Fraction(1, len(spectrum))


def set_sizes(n: int) -> np.ndarray:
    """|S| for every S ⊆ {1, …, n} in the order of `walsh_hadamard`, shape (2^n,)."""
    return bits(n).sum(axis=1, dtype=np.int64)


def indicator_gates(f: Sequence) -> int:
    """The gates of `indicator_net`: the vertices where f is not 0, at most 2^n."""
    return int(np.count_nonzero(table_of(f)))


def fourier_gates(f: Sequence) -> int:
    """The gates of `fourier_net`: Σ |S| over the sets with f̂(S) ≠ 0 (Mukherjee 2020, Lemma 2.5.1)."""
    return _gates(f, set_sizes)


def merged_gates(f: Sequence) -> int:
    """The most gates that `merged_fourier_net` spends: 1 + Σ (|S| − 1) over the sets S ≠ ∅ with f̂(S) ≠ 0 (ours)."""
    return 1 + _gates(f, lambda n: np.maximum(set_sizes(n) - 1, 0))


def indicator_net(f: Sequence) -> ReLUNet:
    """The net Σ_v f(v) σ(⟨v, x⟩ − (n − 1)), one gate a vertex with f(v) ≠ 0, that equals f on the cube.

    Mukherjee 2020, Lemma 2.5.1. Exact when f is. Raises ValueError for n > 12.
    """
    f, n = _small_table(f)
    rows = np.flatnonzero(f != 0)
    if len(rows) == 0:
        return ReLUNet.affine([[0] * n], [0])
    return ReLUNet([cube(n)[rows], f[None, rows]], [[1 - n] * len(rows), [0]], exact=f.dtype == object)


def fourier_net(f: Sequence) -> ReLUNet:
    """The net Σ_S f̂(S) Π_{i∈S} x_i with |S| gates for each parity and an output constant, equal to f on the cube.

    Mukherjee 2020, Lemma 2.5.1 and 2.D. Exact when f is. Raises ValueError for n > 12.
    """
    f, n = _small_table(f)
    gates, coefficients, f_hat = _parity_gates(f, n, first=0)
    if not gates:
        return ReLUNet.affine([[0] * n], [f_hat.sum()])
    rows, hinges = zip(*gates, strict=True)
    return ReLUNet([rows, [coefficients]], [hinges, [f_hat.sum()]], exact=f.dtype == object)


def merged_fourier_net(f: Sequence) -> ReLUNet:
    """The Fourier net whose gates hinged at 0 are merged into one, since on the cube each of them is linear (ours).

    At most 1 + Σ (|S| − 1) gates and an output constant; equal to f on the cube. Raises ValueError for n > 12.
    """
    f, n = _small_table(f)
    gates, coefficients, f_hat = _parity_gates(f, n, first=1)
    slopes = bits(n).T.astype(object if f.dtype == object else float) @ f_hat
    constant = f_hat @ (1 - set_sizes(n))
    if not slopes.any():
        lift = -constant
    else:
        lift = abs(slopes).sum() - constant  # makes the linear part ≥ 0 on the cube
        gates, coefficients = [(slopes, constant + lift), *gates], [1, *coefficients]
    if not gates:
        return ReLUNet.affine([[0] * n], [constant])
    rows, hinges = zip(*gates, strict=True)
    return ReLUNet([rows, [coefficients]], [hinges, [-lift]], exact=f.dtype == object)


def computes(net: ReLUNet, f: Sequence) -> bool:
    """True when the net equals the table f at every vertex of `cube(n)`, without any tolerance."""
    f = table_of(f)
    return bool((net(cube(net.n_inputs))[:, 0] == f).all())


def table_of(f: Sequence) -> np.ndarray:
    """The table as float64, int64, or object array of exact numbers; ValueError unless it has 2^n ≤ 2^20 entries."""
    length = len(f) if isinstance(f, Sequence | np.ndarray) else 0
    if length.bit_count() != 1 or length > 2**LARGEST_TABLE or np.ndim(f[0]):
        raise ValueError(f"expected a list of 2^n values, one a vertex, n <= {LARGEST_TABLE}; got {length} entries")
    if holds_floats(f):
        return as_float(f)
    f = np.asarray(f)
    if f.dtype == object and any(v.denominator != 1 for v in f):
        return as_exact(f)
    largest = max(int(f.max()), -int(f.min()))
    fits = largest * length < 2**62  # then no sum of values overflows
    return f.astype(np.int64) if fits else np.array([int(v) for v in f], dtype=object)


def _butterfly(a: np.ndarray, combine) -> np.ndarray:
    for i in range(len(a).bit_length() - 1):
        pairs = a.reshape(-1, 2, 2**i)
        a = np.stack(combine(pairs[:, 0], pairs[:, 1]), axis=1).reshape(-1)
    return a.copy() if len(a) == 1 else a


def _gates(f: Sequence, cost) -> int:
    spectrum = walsh_hadamard(f)
    return int(cost(len(spectrum).bit_length() - 1)[spectrum != 0].sum())


def _small_table(f: Sequence) -> tuple[np.ndarray, int]:
    f = table_of(f)
    n = len(f).bit_length() - 1
    if not 1 <= n <= LARGEST_NET:
        raise ValueError(f"expected a table of 2^n values with 1 <= n <= {LARGEST_NET}, since the net may need 2^n "
                         f"gates; got n = {n}")
    return (f if f.dtype == float else as_exact(f)), n


def _parity_gates(f: np.ndarray, n: int, *, first: int) -> tuple[list, list, np.ndarray]:
    """The gates (row, bias) at hinges first, …, |S| − 1 of every parity, their coefficients, and f̂.

    With m the number of i ∈ S where x_i = −1, the parity is 1 − 2m + 4σ(m − 1) − 4σ(m − 2) + …; the gates compute 2m.
    """
    f_hat, members = fourier_coefficients(f), bits(n).astype(int)
    gates, coefficients = [], []
    for S in np.flatnonzero(f_hat != 0):
        size = int(members[S].sum())
        for hinge in range(first, size):
            gates.append((-members[S], size - 2 * hinge))
            coefficients.append(f_hat[S] * (-1 if hinge == 0 else -2 * (-1) ** hinge))
    return gates, coefficients, f_hat
