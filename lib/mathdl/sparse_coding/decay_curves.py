"""Certificates, exact gradients and the region where Theorem 4.3.2 is silent, along one family in h."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.certificate import KINDS, Neighbourhood, gradient_certificate
from mathdl.sparse_coding.criticality import (
    GAUSSIAN_DIMENSION,
    Exponents,
    Member,
    exponents,
    family_dictionary,
    uniform_neighbourhood,
)
from mathdl.sparse_coding.dictionaries import coherence
from mathdl.sparse_coding.model import SparseCodingModel

Array = NDArray[np.float64]
SIZES = {"identity_hadamard": tuple(2 ** e for e in range(4, 41)),
         "devore": (3, 5, 7, 11, 17, 29, 47, 79, 127, 211, 347, 577, 971, 1619, 2699, 4507, 7499),
         "gaussian": (64, 128, 256)}
BUILT = {"identity_hadamard": (16, 32, 64, 128, 256), "devore": (3, 5, 7), "gaussian": (64, 128, 256)}
LARGE = 128  # identity and Hadamard: for k > 1 the largest n that is built


@dataclass(frozen=True, eq=False)
class Curve:
    """A family: `atoms` (M,) with both bounds on ρ of the proxy in `bounds`, and `silent` where hypotheses fail.

    `built` (B,), `ratios` (B,) and `surely` (B,): members with matrices, their exact largest ρ, and whether it is that
    of the gradient itself, not of the proxy alone. `powers` belong to the largest member.
    """

    atoms: Array
    bounds: dict[str, Array]
    silent: NDArray[np.bool_]
    built: Array
    ratios: Array
    surely: NDArray[np.bool_]
    powers: Exponents
    reference: float

    @property
    def first_spoken(self) -> float:
        """The smallest h from which on the theorem is never silent; inf when it is to the end."""
        last = np.flatnonzero(self.silent)
        start = last[-1] + 1 if len(last) else 0
        return float(self.atoms[start]) if start < len(self.atoms) else math.inf


def family_curve(family: str, k: int, factor: float, *, low: float = 0.9, high: float = 1.1, seed: int = 0) -> Curve:
    """The curve at δ = `factor` · C, entries uniform on [low, high]; `reference` is max(m1², m2) k."""
    nears = [_near(family, s, k, factor, low, high, seed) for s in SIZES[family]]
    kept = [s for s in BUILT[family] if k == 1 or family != "identity_hadamard" or s <= LARGE]
    built = [_member(family, s, k, factor, low, high, seed) for s in kept]
    bounds = {kind: np.array([gradient_certificate(n, kind=kind).proxy / n.reference for n in nears]) for kind in KINDS}
    return Curve(np.array([n.atoms for n in nears], dtype=float), bounds, np.array([not applies(n) for n in nears]),
                 np.array([m.model.atoms for m in built], dtype=float),
                 np.array([m.proxy_ratios.max() for m in built]), np.array([m.gates_right for m in built]),
                 exponents(nears[-1]), nears[0].reference / nears[0].q1 * k)


def applies(near: Neighbourhood) -> bool:
    """Whether Theorem 4.3.2 speaks on this member: p + ν² < ζ, p < min(1/2, ν²), and no gate can be wrong."""
    powers = exponents(near)
    return (near.wrong_gates == 0 and powers.p + powers.nu_squared < powers.zeta
            and powers.p < min(0.5, powers.nu_squared))


def _near(family: str, size: int, k: int, factor: float, low: float, high: float, seed: int) -> Neighbourhood:
    h = {"identity_hadamard": 2 * size, "devore": size ** 3, "gaussian": size}[family]
    C = {"identity_hadamard": lambda: size ** -0.5, "devore": lambda: 2 / size,
         "gaussian": lambda: coherence(_built(family, size, seed)[0]).C}[family]()
    return uniform_neighbourhood(h, k, C, min(factor * C, 0.999), low=low, high=high)


@lru_cache(maxsize=32)
def _built(family: str, size: int, seed: int) -> tuple[Array, Array]:
    """The dictionary and random unit directions (h, n)."""
    rng = np.random.default_rng(seed)
    A = family_dictionary(family, size, rng=rng)
    D = rng.standard_normal(A.T.shape)
    return A, D / np.linalg.norm(D, axis=1, keepdims=True)


@lru_cache(maxsize=256)
def _member(family: str, size: int, k: int, factor: float, low: float, high: float, seed: int) -> Member:
    A, D = _built(family, size, seed)
    delta = _near(family, size, k, factor, low, high, seed).delta
    return Member(SparseCodingModel(A, k, low, high), A.T + delta * D, delta)


def family_name(family: str) -> str:
    """The family in words."""
    return {"identity_hadamard": "identity beside Hadamard", "devore": "polynomials over a prime field",
            "gaussian": f"Gaussian in dimension {GAUSSIAN_DIMENSION}"}[family]
