"""Random functions escape small classes: exact tails, union bounds, and how many functions a circuit class computes."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import ceil, comb, exp, inf, log, log2
from numbers import Real

import numpy as np

from mathdl.function_spaces.ltf import as_codes, threshold_functions

LARGEST_TAIL = 12


def agreement_tail(n: int, eps: Real, *, p: Fraction = Fraction(1, 2)) -> Fraction:
    """P[a random g on n bits agrees with a fixed f on at least a fraction ½ + ε of the inputs], exact.

    Each of the 2^n values of g agrees with probability p, which is ½ when g is uniform (Mukherjee 2020, Claim 1); ε
    counts at its exact binary value. Raises ValueError for n > 12 or p outside [0, 1].
    """
    p = Fraction(p)
    if not 0 <= n <= LARGEST_TAIL or not 0 <= p <= 1:
        raise ValueError(f"expected 0 <= n <= {LARGEST_TAIL}, for a sum of 2^n terms, and 0 <= p <= 1; got {n}, {p}")
    N, (good, bad) = 2**n, (p.numerator, p.denominator - p.numerator)
    least = max(0, ceil(N * (Fraction(1, 2) + Fraction(eps))))
    ways, total = comb(N, least), 0
    for j in range(least, N + 1):
        total += ways * good**j * bad ** (N - j)
        ways = ways * (N - j) // (j + 1)
    return Fraction(total, p.denominator**N)


def random_agreement_bound(n: int, eps: Real) -> float:
    """exp(−2^{n+1} ε²), Hoeffding's bound on `agreement_tail` (Mukherjee 2020, Claim 1)."""
    return exp(-(2.0 ** (n + 1)) * float(eps) ** 2)


def union_bound(functions: int, n: int, eps: Real) -> float:
    """N exp(−2^{n+1} ε²): some function of a class of N agrees with a random one on ½ + ε (Mukherjee 2020, eq. 2.10).

    May exceed 1, where it says nothing. Raises ValueError for N < 1.
    """
    if functions < 1:
        raise ValueError(f"expected a class of at least one function; got {functions}")
    exponent = log(functions) - 2.0 ** (n + 1) * float(eps) ** 2
    return exp(exponent) if exponent < 700 else inf


def max_log2_class(n: int, eps: Real, p: float) -> float:
    """log2 of the largest class that a random function escapes with probability 1 − p by `union_bound`."""
    if not 0 < p <= 1:
        raise ValueError(f"expected a probability 0 < p <= 1; got {p}")
    return (2.0 ** (n + 1) * float(eps) ** 2 + log(p)) / log(2)


@cache
def ltf_of_relu_functions(n: int, gates: int) -> np.ndarray:
    """The codes (see `as_codes`) of all functions that LTF-of-ReLU circuits with so many gates compute; sorted.

    No gate gives the LTFs. One gate and direct wires give exactly the ORs and ANDs of two LTFs, because
    L + σ(u) ≥ 0 means L ≥ 0 or L + u ≥ 0, and L − σ(u) ≥ 0 means L ≥ 0 and L − u ≥ 0 (ours). Raises ValueError for
    n > 5 (n > 4 with a gate) or more than one gate.
    """
    if gates not in (0, 1) or n > 5 - gates:
        raise ValueError(f"expected no gate and n <= 5, or one gate and n <= 4; got {gates} gates and n = {n}")
    codes = as_codes(threshold_functions(n)[0])
    if gates == 0:
        return codes
    computed = np.zeros(2 ** 2**n, dtype=bool)
    computed[codes[:, None] | codes] = computed[codes[:, None] & codes] = True
    return np.flatnonzero(computed)


def count_ltf_of_relu(n: int, gates: int) -> int:
    """The number of Boolean functions on n bits that LTF-of-ReLU circuits with at most one gate compute."""
    return len(ltf_of_relu_functions(n, gates))


def maass_log2_count(n: int, gates: int, constant: float = 1.0) -> float:
    """C (wn + 2w + 2)² log2(wn + 2w + 2), the cited bound on log2 of that number; C is not in the source."""
    parameters = gates * n + 2 * gates + 2
    return constant * parameters**2 * log2(parameters)


def linear_log2_count(n: int, gates: int) -> int:
    """(2w + 1) n² + w(n + 2) + 1, a bound on log2 of that number that is linear in w and hides no constant (ours)."""
    return (2 * gates + 1) * n * n + gates * (n + 2) + 1


@cache
def best_agreements(n: int, gates: int) -> np.ndarray:
    """For each function on n ≤ 4 bits, by its code, the inputs on which the best circuit agrees; shape (2^(2^n),).

    The circuits are those of `ltf_of_relu_functions`. Breadth first: the functions at Hamming distance d + 1 are the
    neighbours of those at distance d.
    """
    if n > 4:
        raise ValueError(f"expected n <= 4; got n = {n}, with 2^{2**n} functions")
    codes, N = ltf_of_relu_functions(n, gates), 2**n
    distance = np.full(2**N, -1)
    distance[codes] = 0
    while len(codes):
        near = np.unique(codes[:, None] ^ (1 << np.arange(N)))
        codes, d = near[distance[near] < 0], distance[codes[0]]
        distance[codes] = d + 1
    agreements = N - distance
    agreements.flags.writeable = False  # they are cached
    return agreements


def escaping_functions(n: int, gates: int, eps: Real) -> np.ndarray:
    """F*: the codes of the functions that no circuit matches on more than ½ + ε/3 of the inputs.

    Mukherjee 2020, Definition 14, with the inequality that is missing in print.
    """
    return np.flatnonzero(best_agreements(n, gates) <= 2**n * (Fraction(1, 2) + Fraction(eps) / 3))
