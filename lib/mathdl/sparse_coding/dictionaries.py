"""Dictionaries with unit columns: families whose coherence is known exactly, and how coherence is measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

UNIT = 1e-9  # how far a column's length may be from 1
LARGEST = 2 ** 27  # entries of a dictionary from DeVore's family
ORDERS = 1000  # of Welch's bounds; each of them holds
BLOCK = 512  # columns a block of the Gram matrix: no (h, h) array is held


@dataclass(frozen=True)
class Coherence:
    """How much the columns of a dictionary look alike.

    `C` is the largest |inner product| of two columns, `zeta` = −ln C / ln h writes it as h^{−zeta} (inf when C = 0),
    `mean_row_max` is the mean over columns of their own largest, and `welch` the bound below which no dictionary of
    this shape can come: sqrt((h − n)/(n(h − 1))), 0 when h <= n.
    """

    C: float
    zeta: float
    mean_row_max: float
    welch: float


def gaussian(n: int, h: int, *, rng: np.random.Generator) -> np.ndarray:
    """Independent Gaussian columns of R^n scaled to length 1, shape (n, h). Raises ValueError unless n, h >= 1."""
    _need(n >= 1 and h >= 1, f"expected n >= 1 and h >= 1; got n={n}, h={h}: both count something")
    A = rng.standard_normal((n, h))
    return A / np.linalg.norm(A, axis=0)


def identity_hadamard(n: int) -> np.ndarray:
    """The identity beside a Hadamard matrix over sqrt(n), shape (n, 2n): coherence exactly 1/sqrt(n).

    Sylvester's construction; raises ValueError unless n is a power of two, at least 2.
    """
    _need(n >= 2 and n & (n - 1) == 0, f"expected n a power of two, at least 2; got {n}: take 2, 4, 8, ...")
    H = np.ones((1, 1))
    while len(H) < n:
        H = np.block([[H, H], [H, -H]])
    return np.hstack([np.eye(n), H / math.sqrt(n)])


def devore(q: int, r: int, h: int | None = None, *, rng: np.random.Generator | None = None) -> np.ndarray:
    """DeVore's (2007) dictionary: a column for each polynomial of degree <= r over the prime field F_q, (q², q^{r+1}).

    A column is the indicator of the polynomial's graph over sqrt(q). Two polynomials agree in at most r points, and
    some in exactly r, so C = r/q exactly. With `h` a random choice of h columns (C <= r/q), which is all `rng` is for.
    Raises ValueError when q is no prime, unless 1 <= r < q, unless 2 <= h <= q^{r+1}, and without the `rng` it needs.
    """
    _need(is_prime(q), f"expected q a prime; got {q}: take 2, 3, 5, 7, 11, ...")
    _need(1 <= r < q, f"expected a degree 1 <= r < q = {q}; got {r}: polynomials of degree q would coincide")
    size = q ** (r + 1)
    _need(h is None or 2 <= h <= size, f"expected 2 <= h <= q^(r+1) = {size}; got {h}: raise q or r")
    _need(h is None or rng is not None, "expected rng with h, to choose the columns; got None: pass rng=...")
    _check_size(q, size if h is None else h)
    return graph_columns(q, r, np.arange(size) if h is None else np.sort(rng.choice(size, h, replace=False)))


def devore_at_exponent(q: int, exponent: float, *, rng: np.random.Generator) -> np.ndarray:
    """A dictionary with C = h^{−exponent} up to the rounding of h, in dimension n = q², for a prime q (ours).

    With r = ⌈1/exponent⌉ − 1 it has h = round((q/r)^{1/exponent}) columns of DeVore's: two that agree in exactly r
    points, the others drawn at random; so C = r/q exactly. Growing q gives one dictionary after another at a fixed
    exponent, n about r² h^{2 exponent}, overcomplete once q > r^{1/(1 − 2 exponent)}.
    Raises ValueError unless 0 < exponent <= 1/2, q is a prime and q > r.
    """
    _need(0 < exponent <= 0.5, f"expected an exponent in (0, 1/2]; got {exponent}: n >= h^(2 exponent), roughly")
    _need(is_prime(q), f"expected q a prime; got {q}: take 2, 3, 5, 7, 11, ...")
    r = math.ceil(1 / exponent - 1e-9) - 1
    _need(q > r, f"expected q > r = {r} for this exponent; got {q}: take a larger prime")
    size, h = q ** (r + 1), max(2, round((q / r) ** (1 / exponent)))  # h <= size because 1/exponent <= r + 1
    _check_size(q, h)
    _need(size < 2 ** 62, f"expected q^(r+1) below 2^62; got {q}^{r + 1}: take a smaller prime or a larger exponent")
    pair = np.array([0, _vanishing(q, r)])
    others = rng.permutation(np.setdiff1d(rng.choice(size, h, replace=False), pair))[:h - 2]
    return graph_columns(q, r, np.sort(np.concatenate([pair, others])))


def graph_columns(q: int, r: int, chosen: np.ndarray) -> np.ndarray:
    """Columns for the polynomials numbered `chosen` (digits in base q: coefficients), arithmetic modulo q, any q >= 2.

    Shape (q², number chosen). Only for a prime q do two of them agree in at most r points.
    """
    x, values = np.arange(q)[:, None], np.zeros((q, len(chosen)), dtype=np.int64)
    for power in reversed(range(r + 1)):  # Horner
        values = (values * x + chosen // q ** power % q) % q
    A = np.zeros((q * q, len(chosen)))
    A[x * q + values, np.arange(len(chosen))] = 1 / math.sqrt(q)
    return A


def _vanishing(q: int, r: int) -> int:
    """The number of the polynomial x(x − 1)…(x − r + 1): it agrees with the zero polynomial in r points."""
    coefficients = [1]
    for root in range(r):
        shifted, scaled = [0, *coefficients], [*(-root * c for c in coefficients), 0]
        coefficients = [(s + t) % q for s, t in zip(shifted, scaled, strict=True)]
    return sum(c * q ** power for power, c in enumerate(coefficients))


def made_generic(dictionary: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """The dictionary after a random rotation of R^n and random signs of its columns: the same |Gram matrix|."""
    A = checked_dictionary(dictionary)
    rotation, triangle = np.linalg.qr(rng.standard_normal((len(A), len(A))))
    rotation *= np.sign(np.diag(triangle))  # then it has Haar's law
    return rotation @ A * rng.choice([-1.0, 1.0], A.shape[1])


def alternating_projection(n: int, h: int, target: float, *, rng: np.random.Generator, steps: int = 100) -> np.ndarray:
    """A dictionary whose coherence is pushed towards `target`, from a Gaussian start, shape (n, h).

    The Gram matrix is projected in turn on {unit diagonal, others clipped at ±target} and {positive semidefinite, rank
    n} (Tropp, Dhillon, Heath and Strohmer 2005); the best dictionary met is returned, and `coherence` tells how far it
    came. No promise that the target is met. Raises ValueError unless h > n and welch <= target < 1.
    """
    _need(h > n >= 1, f"expected h > n >= 1; got n={n}, h={h}: with h <= n orthonormal columns have coherence 0")
    floor = welch_bound(n, h)
    _need(floor <= target < 1, f"expected a target in [{floor:.6g}, 1), from the Welch bound; got {target}")
    A = best = gaussian(n, h, rng=rng)
    least, identity = _largest(A), np.eye(h, dtype=bool)
    for _ in range(steps):
        G = np.clip(A.T @ A, -target, target)
        G[identity] = 1.0
        values, vectors = np.linalg.eigh(G)
        A = np.sqrt(np.maximum(values[-n:], 0))[:, None] * vectors[:, -n:].T
        A /= np.linalg.norm(A, axis=0)
        now = _largest(A)
        if now < least:
            best, least = A, now
        if least <= target:
            break
    return best


def coherence(dictionary: np.ndarray) -> Coherence:
    """Coherence, exponent, mean row maximum and Welch bound of a dictionary (n, h) with unit columns.

    Raises ValueError for fewer than two columns, columns that are not of length 1, and values that are not finite.
    """
    A = checked_dictionary(dictionary)
    n, h = A.shape
    _need(h >= 2, f"expected at least two columns; got {h}: coherence compares two")
    rows = row_maxima(A)
    C = float(rows.max())
    return Coherence(C, -math.log(C) / math.log(h) if C > 0 else math.inf, float(rows.mean()), welch_bound(n, h))


def row_maxima(dictionary: np.ndarray) -> np.ndarray:
    """For each column the largest |inner product| with another column, shape (h,)."""
    h = dictionary.shape[1]
    rows = np.empty(h)
    for start, stop in pairwise([*range(0, h, BLOCK), h]):
        G = np.abs(dictionary[:, start:stop].T @ dictionary)
        G[np.arange(stop - start), np.arange(start, stop)] = 0.0
        rows[start:stop] = G.max(axis=1)
    return rows


def welch_bound(n: int, h: int, order: int = 1) -> float:
    """No h unit vectors of R^n have coherence below this (Welch 1974); 0 where it says nothing.

    C^{2t} >= (h/binom(n + t − 1, t) − 1)/(h − 1) for every order t; order 1 is sqrt((h − n)/(n(h − 1))), which stays
    below 1/sqrt(n) for all h. Raises ValueError unless n >= 1, h >= 2, order >= 1.
    """
    _need(n >= 1 and h >= 2 and order >= 1, f"expected n, order >= 1 and h >= 2; got n={n}, h={h}, order={order}")
    symmetric = math.comb(n + order - 1, order)
    return ((h - symmetric) / (symmetric * (h - 1))) ** (1 / (2 * order)) if h > symmetric else 0.0


def coherence_floor(n: int, h: int) -> float:
    """The best of Welch's bounds of orders 1 to 1000: at fixed n it rises as h grows, and the exponent tends to 0."""
    best = 0.0
    for order in range(1, ORDERS + 1):
        if math.comb(n + order - 1, order) >= h:
            break
        best = max(best, welch_bound(n, h, order))
    return best


def checked_dictionary(dictionary: np.ndarray) -> np.ndarray:
    """The dictionary as a float array (n, h); raises ValueError unless finite, two-dimensional, with unit columns."""
    A = np.asarray(dictionary, dtype=float)
    _need(A.ndim == 2 and A.size > 0, f"expected a dictionary of shape (n, h); got shape {A.shape}")
    _need(bool(np.isfinite(A).all()), "expected finite entries in the dictionary; got NaN or infinity")
    lengths = np.linalg.norm(A, axis=0)
    worst = int(np.abs(lengths - 1).argmax())
    _need(abs(lengths[worst] - 1) <= UNIT,
          f"expected unit columns; got column {worst} of length {lengths[worst]:.6g}: divide by the columns' lengths")
    return A


def _check_size(q: int, h: int) -> None:
    _need(q * q * h <= LARGEST, f"expected at most {LARGEST} entries (1 GiB); got {q * q} x {h}: take fewer columns")


def _largest(A: np.ndarray) -> float:
    return float(row_maxima(A).max())


def is_prime(q: int) -> bool:
    return q >= 2 and all(q % d for d in range(2, math.isqrt(q) + 1))


def _need(true: bool, told: str) -> None:
    if not true:
        raise ValueError(told)
