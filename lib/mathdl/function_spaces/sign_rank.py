"""Sign-rank between Forster's lower bound and explicit factorisations, and the route from it to circuit size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mathdl.function_spaces.chattopadhyay_mande import omb_weights
from mathdl.function_spaces.cones import vertices


def forster_bound(A: np.ndarray) -> float:
    """√(MN)/‖A‖, a lower bound on the sign-rank of the ±1 matrix A of shape (M, N) (Forster 2002, Theorem 2.2).

    The singular values come with a relative error of a few eps · max(M, N). Raises ValueError for other entries.
    """
    A = np.asarray(A, dtype=float)
    if A.ndim != 2 or 0 in A.shape or not (np.abs(A) == 1).all():
        raise ValueError(f"expected a matrix of +1 and -1; got shape {A.shape} or other entries")
    return math.sqrt(A.size) / float(np.linalg.norm(A, 2))


def xor_norm(A: np.ndarray) -> int:
    """The exact spectral norm of a ±1 matrix A(x, y) = G(xy) on the cube, bit by bit product: max |Σ_z G(z) χ_S(z)|.

    Such a matrix is diagonal in the basis of characters. Raises ValueError when A is not of this form.
    """
    A = np.asarray(A)
    N = len(A)
    i = np.arange(N)
    if A.shape != (N, N) or N & (N - 1) or (A[0][i[:, None] ^ i] != A).any():
        raise ValueError(f"expected a (2^m, 2^m) matrix that depends on the product xy alone; got shape {A.shape}")
    spectrum = A[0].astype(np.int64)
    h = 1
    while h < N:  # fast Walsh-Hadamard transform
        pairs = spectrum.reshape(-1, 2, h)
        spectrum = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).ravel()
        h *= 2
    return int(np.abs(spectrum).max())


@dataclass(frozen=True, eq=False)
class SignFactorisation:
    """Integer factors left (M, r) and right (N, r): the product left rightᵀ has rank at most r."""

    left: np.ndarray
    right: np.ndarray

    @property
    def rank(self) -> int:
        """r, the number of columns: an upper bound on the rank of the product."""
        return self.left.shape[1]

    @property
    def product(self) -> np.ndarray:
        """left rightᵀ, shape (M, N), exact."""
        return self.left @ self.right.T


def signrank_upper(A: np.ndarray, factorisation: SignFactorisation) -> int:
    """r, an upper bound on the sign-rank of A, once every entry of the product is seen to have the sign of A's entry.

    Raises ValueError with the first entry where it has not.
    """
    B = factorisation.product
    if B.shape != np.shape(A):
        raise ValueError(f"expected a product of shape {np.shape(A)}; got {B.shape}")
    wrong = np.argwhere(np.sign(B) != np.sign(A))
    if len(wrong):
        i, j = map(int, wrong[0])
        raise ValueError(f"expected the signs of A; entry ({i}, {j}) of the product is {B[i, j]} where A has {A[i][j]}")
    return factorisation.rank


def cm_factorisation(n: int, l: int, *, sharp: bool = True) -> SignFactorisation:
    """A factorisation with the signs of g on n blocks of l bits, m = nl ≤ 10.

    1 + Σ_i (−1)^i 2^i [x^(i) = y^(i)] has the sign of g. Each equality is a sum over the 2^l strings, which gives rank
    1 + n 2^l; written in characters, 2^l [x = y] = Σ_S χ_S(x) χ_S(y), all blocks share the constant one, which gives
    1 + n(2^l − 1) (*ours*, `sharp`).
    """
    cube, signs = vertices(n * l).reshape(-1, n, l), omb_weights(n)
    strings = vertices(l)
    if sharp:
        subsets = [strings[k] == 1 for k in range(1, 2**l)]
        parts = [np.stack([cube[:, i, S].prod(axis=1) for S in subsets], axis=1) for i in range(n)]
        constant = 2**l + int(signs.sum())
    else:
        parts = [(cube[:, i, None, :] == strings).all(axis=2).astype(np.int64) for i in range(n)]
        constant = 1
    ones = np.ones((len(cube), 1), dtype=np.int64)
    left = np.hstack([constant * ones, *(s * part for s, part in zip(signs, parts, strict=True))])
    return SignFactorisation(left, np.hstack([ones, *parts]))


def cm_block_length(n: int) -> int:
    """l = n^{1/3} + log_2 n of eq. 2.9, for n = 8^k, where both are integers; ValueError for other n."""
    k = (max(n, 1).bit_length() - 1) // 3
    if n != 8**k or k < 1:
        raise ValueError(f"expected n = 8^k with k >= 1, so that n^(1/3) and log2 n are integers; got n = {n}")
    return 2**k + 3 * k


def forster_ceiling(n: int, l: int) -> Fraction:
    """1/|mean of g|, which Forster's bound on the matrix of g cannot exceed (*ours*): the all-ones vector shows it.

    The mean follows block by block from P[block i on] = 2^(−l).
    """
    on, mean = Fraction(1, 2**l), Fraction(1)
    for i in range(1, n + 1):
        mean = on * (-1) ** i + (1 - on) * mean
    return 1 / abs(mean)


@dataclass(frozen=True)
class SizeBounds:
    """Base-2 logarithms of lower bounds on the size of depth d circuits for g, with constants hidden in Ω set to 1.

    `printed` is Theorem 2.5.5, `appendix` the last display of its proof, `square_kept` what that proof gives when the
    square root is taken of both sides, `row_count` ours, and `trivial` one gate a layer.
    """

    trivial: float
    printed: float
    appendix: float
    square_kept: float
    row_count: float


def signrank_route(m: float, bound: float, depth: int, constant: float = 1.0) -> SizeBounds:
    """The bounds on size for g on 2m bits, bottom weights up to W = bound, depth d ≥ 2, and C = constant ≥ 1.

    Printed route: sign-rank(g) ≥ 2^E with E = m^{1/4}/(81 C), sign-rank ≤ (Π w_k)² (mW)², then the AM-GM inequality
    (Mukherjee 2020, proof of Theorem 2.5.5). Ours: 2^m distinct rows ≤ w_1 mW + 1.
    """
    if m < 1 or bound < 1 or depth < 2 or constant < 1:
        raise ValueError(f"expected m, bound, constant >= 1 and depth >= 2; got {m}, {bound}, {constant}, {depth}")
    weights, E, root = math.log2(m) + math.log2(bound), m**0.25 / (81 * constant), depth - 1

    def amgm(exponent: float) -> float:
        return math.log2(root) + (exponent - weights) / root

    rows = m + math.log2(1 - 2.0**-m) if m < 1000 else m
    return SizeBounds(math.log2(depth), amgm(m**0.125), amgm(E), amgm(E / 2), rows - weights)
