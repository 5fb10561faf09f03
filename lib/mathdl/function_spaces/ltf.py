"""Linear threshold functions 2·1[⟨a, x⟩ + b ≥ 0] − 1 on the cube, and the two ReLU gates that simulate one."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, permutations, product
from math import lcm
from numbers import Real

import numpy as np

from mathdl.function_spaces.boolean import LARGEST_TABLE, cube
from mathdl.nets.entries import as_exact
from mathdl.nets.relu_net import ReLUNet

LARGEST_NORM = 10**7
LARGEST_ENUMERATION = 16
# Every threshold function of n ≤ 5 bits has integer weights of at most this size (Muroga 1971).
_WEIGHT = {1: 1, 2: 1, 3: 2, 4: 3, 5: 5}


def ltf_table(a: Sequence[Real], b: Real = 0) -> np.ndarray:
    """2·1[⟨a, x⟩ + b ≥ 0] − 1 at the rows x of `cube(n)`, shape (2^n,), int8, decided exactly.

    A float counts at its exact binary value. Raises ValueError for n > 20 or an entry that is not finite.
    """
    a, b, _ = _integers(a, b)
    return np.where(_values(a, b) >= 0, 1, -1).astype(np.int8)


def largest_negative(a: Sequence[Real], b: Real = 0) -> Fraction | None:
    """−p, the largest negative value of ⟨a, x⟩ + b on {−1, 1}^n; None when there is no negative value.

    Exact: by the reachable sums when the weights are integers (up to a common factor) with Σ |a_i| ≤ 10^7, else by
    enumeration for n ≤ 16. Raises ValueError where neither is possible.
    """
    a, b, unit = _integers(a, b)
    if sum(map(abs, a)) <= LARGEST_NORM:
        value = _by_reachable_sums(a, b)
    elif len(a) <= LARGEST_ENUMERATION:
        value = _by_enumeration(a, b)
    else:
        raise ValueError(f"expected n <= {LARGEST_ENUMERATION}, or integer weights with sum |a_i| <= {LARGEST_NORM}; "
                         f"got n = {len(a)} and a sum near 2^{sum(map(abs, a)).bit_length()}: round the weights")
    return None if value is None else value * unit


def ltf_to_relu(a: Sequence[Real], b: Real = 0) -> ReLUNet:
    """The exact net −1 + (2/p)[σ(u + p) − σ(u)], u = ⟨a, x⟩ + b, that equals the LTF on the cube.

    Two gates and an output constant (Mukherjee 2020, Claim 4); the constant 1 without gates when no vertex has u < 0.
    """
    value, a, b = largest_negative(a, b), as_exact(a), Fraction(b)
    if value is None:
        return ReLUNet.affine([[0] * len(a)], [Fraction(1)])
    return ReLUNet([[a, a], [[-2 / value, 2 / value]]], [[b - value, b], [-1]])


@cache
def threshold_functions(n: int) -> tuple[np.ndarray, np.ndarray]:
    """All LTFs on n ≤ 5 bits: tables (N, 2^n) of ±1 and integer (a, b) that realise them, shape (N, n + 1).

    N = 4, 14, 104, 1882, 94572. Raises ValueError for n outside 1, …, 5: there are 15,028,134 at n = 6.
    """
    if n not in _WEIGHT:
        raise ValueError(f"expected 1 <= n <= {len(_WEIGHT)}: 6 bits have 15028134 threshold functions; got {n}")
    X = cube(n).T.astype(np.int64)
    orders = np.array(list(permutations(range(n))))
    signs = np.array(list(product((-1, 1), repeat=n)))
    codes, gates = [], []
    for gate in _sorted_gates(n):
        a = (gate[:-1][orders][:, None] * signs).reshape(-1, n)
        new, first = np.unique(as_codes(2 * (a @ X + gate[-1] >= 0) - 1), return_index=True)
        codes.append(new)
        gates.append(np.column_stack([a[first], np.full(len(first), gate[-1])]))
    codes, first = np.unique(np.concatenate(codes), return_index=True)
    tables, gates = from_codes(codes, n), np.concatenate(gates)[first]
    tables.flags.writeable = gates.flags.writeable = False  # they are cached
    return tables, gates


def _sorted_gates(n: int) -> np.ndarray:
    """One gate (a, b) for each LTF with weights 0 ≤ a_1 ≤ … ≤ a_n; signed permutations of them give all the others."""
    a = np.array(list(combinations_with_replacement(range(_WEIGHT[n] + 1), n)))
    sums = a @ cube(n).T.astype(np.int64)  # (G, 2^n)
    b = np.column_stack([-sums, -a.sum(axis=1) - 1])  # a threshold at each value, and one beyond them
    codes = as_codes(2 * (sums[:, None, :] + b[:, :, None] >= 0) - 1)
    where = np.unravel_index(np.unique(codes, return_index=True)[1], codes.shape)
    return np.column_stack([a[where[0]], b[where]])


def as_codes(tables: np.ndarray) -> np.ndarray:
    """Each table (…, 2^n), n ≤ 5, as one integer whose binary digits are the values > 0, row 0 of the cube first."""
    return (np.asarray(tables) > 0) @ (1 << np.arange(np.shape(tables)[-1] - 1, -1, -1, dtype=np.int64))


def from_codes(codes: np.ndarray, n: int) -> np.ndarray:
    """The tables of ±1, shape (…, 2^n), int8, of integers made by `as_codes`."""
    digits = np.asarray(codes)[..., None] >> np.arange(2**n - 1, -1, -1) & 1
    return (2 * digits - 1).astype(np.int8)


def _integers(a: Sequence[Real], b: Real) -> tuple[list[int], int, Fraction]:
    """Integer weights and bias with the unit that multiplies them."""
    exact = as_exact([*a, b])
    if len(exact) < 2:
        raise ValueError("expected at least one weight; got none")
    denominator = lcm(*(v.denominator for v in exact))
    whole = [int(v * denominator) for v in exact]
    return whole[:-1], whole[-1], Fraction(1, denominator)


def _values(a: list[int], b: int) -> np.ndarray:
    if len(a) > LARGEST_TABLE:
        raise ValueError(f"expected n <= {LARGEST_TABLE}, since a table has 2^n rows; got n = {len(a)}")
    small = sum(map(abs, a)) + abs(b) < 2**62
    values = np.array([b], dtype=np.int64 if small else object)
    for weight in a:
        values = (values[:, None] + np.array([-weight, weight], dtype=values.dtype)).reshape(-1)
    return values


def _by_enumeration(a: list[int], b: int) -> int | None:
    values = _values(a, b)
    negative = values[values < 0]
    return int(negative.max()) if len(negative) else None


def _by_reachable_sums(a: list[int], b: int) -> int | None:
    """With t a sum of some of the |a_i|, the values are b − Σ |a_i| + 2t; bit t of `reachable` says if t occurs."""
    reachable, norm = 1, sum(map(abs, a))
    for weight in a:
        reachable |= reachable << abs(weight)
    below = (norm - b - 1) // 2  # the largest t with b − norm + 2t < 0
    if below < 0:
        return None
    return b - norm + 2 * ((reachable & (2 << below) - 1).bit_length() - 1)
