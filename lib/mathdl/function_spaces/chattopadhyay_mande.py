"""The function of Chattopadhyay and Mande (2017), OMB ∘ OR ∘ XOR, and its small circuit of threshold gates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.function_spaces.cones import LARGEST_CUBE, vertices


def omb(x: np.ndarray) -> np.ndarray:
    """Odd-max-bit of x in {−1, 1}^n, shape (..., n) -> (...): −1 iff the largest i with x_i = +1 is odd (i from 1)."""
    x = np.asarray(x)
    n = x.shape[-1]
    last = n - np.argmax(x[..., ::-1] == 1, axis=-1)
    return np.where((x == 1).any(axis=-1) & (last % 2 == 1), -1, 1)


def omb_or_xor(x: np.ndarray, y: np.ndarray, n: int) -> np.ndarray:
    """g(x, y) for x and y in {−1, 1}^m cut into n blocks, shapes (..., m) -> (...) (Mukherjee 2020, eq. 2.9).

    Block i is on when x^(i) = y^(i) in all its m/n bits, and g is −1 iff the largest block that is on is odd.
    """
    x, y = np.asarray(x), np.asarray(y)
    if n < 1 or x.shape[-1] != y.shape[-1] or x.shape[-1] % n or not x.shape[-1]:
        raise ValueError(f"expected x and y of the same number of bits, a multiple of n = {n}; "
                         f"got {x.shape[-1]} and {y.shape[-1]}")
    equal = x == y
    return omb(np.where(equal.reshape(*equal.shape[:-1], n, -1).all(axis=-1), 1, -1))


def chattopadhyay_mande(n: int, l: int) -> np.ndarray:
    """The matrix of g with n blocks of l bits, shape (2^m, 2^m) with m = nl, entries ±1, rows x and columns y.

    Raises ValueError for m > 10, where it has more than 10^6 entries.
    """
    if min(n, l) < 1 or n * l > LARGEST_CUBE:
        raise ValueError(f"expected n, l >= 1 with m = n l <= {LARGEST_CUBE}, for 4^m entries; got n = {n}, l = {l}")
    cube = vertices(n * l)
    return omb_or_xor(cube[:, None, :], cube[None, :, :], n)


@dataclass(frozen=True, eq=False)
class ThresholdCircuit:
    """LTF-of-LTF with integer weights: LTF(top · LTF(bottom x + bottom_bias) + top_bias), LTF(u) = 2·1_{u ≥ 0} − 1."""

    bottom: np.ndarray
    bottom_bias: np.ndarray
    top: np.ndarray
    top_bias: int

    @property
    def size(self) -> int:
        """The number of gates, the top one among them."""
        return len(self.top) + 1

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values ±1 of shape (...) at inputs x of shape (..., n_inputs)."""
        gates = np.where(np.asarray(x) @ self.bottom.T + self.bottom_bias >= 0, 1, -1)
        return np.where(gates @ self.top + self.top_bias >= 0, 1, -1)


def omb_weights(n: int) -> np.ndarray:
    """(−1)^i 2^i for i = 1, …, n: weights under which OMB is one threshold gate (n ≤ 60)."""
    if not 1 <= n <= 60:
        raise ValueError(f"expected 1 <= n <= 60, so that 2^n fits in int64; got {n}")
    i = np.arange(1, n + 1)
    return np.where(i % 2, -1, 1) * 2**i


def cm_ltf_of_ltf(n: int, l: int, *, growing: bool = True) -> ThresholdCircuit:
    """The LTF-of-LTF circuit of 2n + 1 gates for g on n blocks of l bits (Mukherjee 2020, Theorem 2.5.6).

    With d_i the difference of the numbers that x^(i) and y^(i) spell, LTF(d_i) + LTF(−d_i) is 2 when they are equal
    and 0 otherwise; the top gate is OMB's. `growing=False` replaces the weights 2^i of OMB by 1, which is not OMB.
    """
    if min(n, l) < 1 or max(n, l) > 60:
        raise ValueError(f"expected 1 <= n, l <= 60, so that the weights fit in int64; got n = {n}, l = {l}")
    number = np.kron(np.eye(n, dtype=np.int64), 2 ** np.arange(l))  # (n, nl): the number that each block spells
    d = np.hstack([number, -number])
    top = omb_weights(n) if growing else np.sign(omb_weights(n))
    return ThresholdCircuit(np.vstack([d, -d]), np.zeros(2 * n, dtype=np.int64), np.tile(top, 2), 1)


def separate_rows(x: np.ndarray, x_prime: np.ndarray, n: int) -> np.ndarray:
    """A y in {−1, 1}^m with g(x, y) ≠ g(x', y), for any x ≠ x' in {−1, 1}^m (*ours*): all rows of g differ.

    In the highest block i where x and x' differ, y copies x; in block i − 1 it copies x'; above i it avoids both.
    So the largest block that is on is i for x, and i − 1 (or none) for x', one odd and one even.
    """
    x, x_prime = (np.asarray(v).reshape(n, -1) for v in (x, x_prime))
    if x.shape != x_prime.shape or (x == x_prime).all():
        raise ValueError("expected two different vertices of the same cube; got equal ones or unequal lengths")
    i = np.flatnonzero((x != x_prime).any(axis=1))[-1]
    y = -x
    y[i] = x[i]
    if i > 0:
        y[i - 1] = x_prime[i - 1]
    return y.ravel()
