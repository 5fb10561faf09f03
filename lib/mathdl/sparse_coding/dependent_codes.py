"""Codes whose entries are uncorrelated but not independent, exactly in fractions: what erratum E4.3 needs.

For a prime q the entry at place j is `high` if s + t j ≡ 0 (mod q) and `low` otherwise, with (s, t) uniform. Any two
entries are even independent, for (s + t j, s + t j') is uniform; but s = t = 0 makes all of them high together.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from mathdl.sparse_coding.dictionaries import is_prime

Code = tuple[Fraction, ...]


def line_codes(q: int, *, low: Fraction, high: Fraction = Fraction(1)) -> list[Code]:
    """The q² equally likely codes with q entries each. Raises ValueError unless q is a prime and 0 <= low <= high."""
    if not is_prime(q):
        raise ValueError(f"expected a prime q; got {q}: take 2, 3, 5, 7, ...")
    if not 0 <= low <= high:
        raise ValueError(f"expected 0 <= low <= high; got {low} and {high}")
    return [tuple(high if (s + t * j) % q == 0 else low for j in range(q)) for s, t in product(range(q), repeat=2)]


def largest_covariance(codes: list[Code]) -> Fraction:
    """The largest |covariance| of two different entries, the codes being equally likely."""
    N, k = len(codes), len(codes[0])
    means = [sum(x[j] for x in codes) / N for j in range(k)]
    pairs = ((i, j) for i in range(k) for j in range(i))
    return max((abs(sum(x[i] * x[j] for x in codes) / N - means[i] * means[j]) for i, j in pairs), default=Fraction(0))


def sum_tail(codes: list[Code], threshold: Fraction) -> Fraction:
    """P[the sum of the entries > threshold], the codes being equally likely."""
    return Fraction(sum(sum(x) > threshold for x in codes), len(codes))


@dataclass(frozen=True)
class TwoHalves:
    """Supports of k atoms (k odd) among two halves of n atoms: r in the first half, then uniformly within each half.

    r is 0 or k with probability tau/2 each, otherwise (k − 1)/2 or (k + 1)/2, with the tau that makes q2 the same for
    all pairs. So all of the source's hypotheses hold, and yet with probability tau/2, about 1/(2k), the support lies in
    the first half. Raises ValueError unless k is odd, 3 <= k <= n.
    """

    half: int
    sparsity: int

    def __post_init__(self):
        if self.sparsity % 2 == 0 or not 3 <= self.sparsity <= self.half:
            raise ValueError(f"expected an odd sparsity with 3 <= k <= n = {self.half}; got {self.sparsity}")

    @property
    def tau(self) -> Fraction:
        """From the variance k(2n − k)/(4(2n − 1)) of r that q2 asks for."""
        n, k = self.half, self.sparsity
        return (Fraction(k * (2 * n - k), 2 * n - 1) - 1) / (k * k - 1)

    @property
    def counts(self) -> dict[int, Fraction]:
        """P[r atoms of the first half] by r."""
        k, tau = self.sparsity, self.tau
        return {0: tau / 2, (k - 1) // 2: (1 - tau) / 2, (k + 1) // 2: (1 - tau) / 2, k: tau / 2}

    def inclusions(self) -> tuple[list[Fraction], list[Fraction]]:
        """q1 of each half; q2 of pairs in the first half, in the second, and across."""
        n, k = self.half, self.sparsity
        mean = [sum(p * f(r) for r, p in self.counts.items()) for f in (
            lambda r: Fraction(r, n), lambda r: Fraction(k - r, n), lambda r: Fraction(r * (r - 1), n * (n - 1)),
            lambda r: Fraction((k - r) * (k - r - 1), n * (n - 1)), lambda r: Fraction(r * (k - r), n * n))]
        return mean[:2], mean[2:]
