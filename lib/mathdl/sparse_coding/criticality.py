"""Theorem 4.3.2 along families of dictionaries: the gradient near the dictionary, over what it is compared with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mathdl.core.intervals import mean_error
from mathdl.sparse_coding.certificate import Neighbourhood, neighbourhood
from mathdl.sparse_coding.dictionaries import devore, gaussian, identity_hadamard
from mathdl.sparse_coding.exact_one_sparse import one_sparse_gradient
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.population_gradient import proxy_gradient
from mathdl.sparse_coding.supports import UniformSupports

Array = NDArray[np.float64]
FAMILIES = ("identity_hadamard", "devore", "gaussian")
BELOW = 1e-6  # relative: how far below ζ − p a ν² stays that could be larger
GAUSSIAN_DIMENSION = 50  # n of the source's experiments, which stays while h grows
HYPOTHESES = ("‖W_i − A_i‖ ≤ δ", "a ≥ (b + 2m₁)ck/(1 − δ)", "p + ν² < ζ", "p < min(1/2, ν²)",
              "gates surely right, or k m₁²/(b − a)² outgrows log h", "ε = 2m₁k(δ + C)")


@dataclass(frozen=True)
class Exponents:
    """k = h^p, C = h^{−zeta}, and `nu_squared`, the largest with δ <= h^{−p − ν²}, or just below ζ − p if that is less.

    The theorem leaves the choice of ν to us: a larger one says more, but p + ν² < ζ is asked for.
    """

    p: float
    zeta: float
    nu_squared: float

    @property
    def rate(self) -> float:
        """r > 0 such that the lemma's bounds give ρ = O(h^{−r}): the slowest of its terms; not positive, no decay."""
        return min((self.nu_squared - self.p) / 2, self.zeta / 2 - self.p, 0.5 - self.p)

    @property
    def sharp_rate(self) -> float:
        """The same for our certificate, whose slowest terms are k(δ + C) and k²(δ + C)(√C + 1/√h) (*ours*).

        At least ν² while p <= min(ζ, 1)/2: ρ falls like kδ, and p < ν² is not needed.
        """
        near = min(self.nu_squared, self.zeta - self.p)
        return min(near, near + min(self.zeta, 1.0) / 2 - self.p)


@dataclass(frozen=True, eq=False)
class Member:
    """One autoencoder of a family: a model, weights W (h, n) and how far they were meant to be from the dictionary.

    `bias` is the theorem's 2 m1 k (δ + C) unless given.
    """

    model: SparseCodingModel
    weights: Array
    delta: float
    own_bias: float | None = None

    @cached_property
    def near(self) -> Neighbourhood:
        """The numbers that the bounds read."""
        return neighbourhood(self.model, self.delta)

    @property
    def bias(self) -> float:
        """ε, of every unit."""
        return self.near.bias if self.own_bias is None else self.own_bias

    @property
    def gates_right(self) -> bool:
        """Whether every gate is the support for every code, so that the proxy gradient is the gradient."""
        return self.own_bias is None and self.near.wrong_gates == 0

    @property
    def farthest(self) -> float:
        """max ‖W_i − A_i‖."""
        return float(np.linalg.norm(self.weights - self.model.dictionary.T, axis=1).max())

    @cached_property
    def proxy_ratios(self) -> Array:
        """‖proxy gradient‖ over max(m1², m2) q1 for each unit, (h,), exact."""
        model, W = self.model, self.weights
        G = one_sparse_proxy(model, W, self.bias) if model.sparsity == 1 else proxy_gradient(model, W, self.bias)
        return np.linalg.norm(G, axis=1) / self.near.reference


    @cached_property
    def ratios(self) -> Array:
        """‖E ∂L/∂W_i‖ over max(m1², m2) q1 for each unit, (h,), exact.

        Raises ValueError when gates may err and k > 1: `proxy_ratios` and `sampled_ratio` say what can be said then.
        """
        if self.gates_right:
            return self.proxy_ratios
        if self.model.sparsity > 1:
            raise ValueError("expected gates that are surely right, or sparsity 1; got "
                             f"k={self.model.sparsity}, low={self.model.low}: use sampled_ratio, or raise low to "
                             f"{self.near.entry_needed:.4g}")
        gradient = one_sparse_gradient(self.model, self.weights, self.bias)[1]
        return np.linalg.norm(gradient, axis=1) / self.near.reference


@dataclass(frozen=True)
class Ratio:
    """ρ of a unit, or the largest over units, with `error`: a bound on its distance from the exact value."""

    value: float
    error: float


def exponents(near: Neighbourhood) -> Exponents:
    """p, ζ and ν² of one member; ζ is infinite for C = 0, and so may ν² be. Raises ValueError for h = 1."""
    if near.atoms < 2:
        raise ValueError(f"expected at least two atoms, to write k as a power of h; got {near.atoms}")
    unit = math.log(near.atoms)
    p = math.log(near.sparsity) / unit
    zeta = -math.log(near.coherence) / unit if near.coherence > 0 else math.inf
    far = -math.log(near.delta) / unit - p if near.delta > 0 else math.inf
    return Exponents(p, zeta, min(far, (1 - BELOW) * (zeta - p)))


def uniform_neighbourhood(atoms: int, sparsity: int, coherence: float, delta: float, *, low: float = 0.9,
                          high: float = 1.1) -> Neighbourhood:
    """The numbers of a model that need not be built: uniform supports, entries uniform on [low, high]."""
    m1, m2 = (low + high) / 2, (low ** 2 + low * high + high ** 2) / 3
    supports = UniformSupports(atoms, sparsity)
    return Neighbourhood(atoms, sparsity, coherence, delta, low, high, m1, m2, supports.inclusion(1),
                         supports.inclusion(min(2, atoms)) if atoms > 1 else 0.0)


def family_dictionary(family: str, size: int, *, rng: np.random.Generator) -> Array:
    """The member of a family: n = `size` a power of 2, the prime q = `size` (degree 2), or h = `size` for gaussian."""
    if family not in FAMILIES:
        raise ValueError(f"expected a family among {', '.join(FAMILIES)}; got {family!r}")
    if family == "gaussian":
        return gaussian(GAUSSIAN_DIMENSION, size, rng=rng)
    return identity_hadamard(size) if family == "identity_hadamard" else devore(size, 2)


def nearby_weights(dictionary: Array, delta: float, *, rng: np.random.Generator, lean: float = 0.0) -> Array:
    """W (h, n) with every ‖W_i − A_i‖ = δ exactly: random directions, or with `lean` added towards the other atoms.

    A row leans to the sum of the other atoms, weighted by inner products: large `lean` is an adversary's choice.
    """
    A = dictionary
    D = rng.standard_normal(A.T.shape)
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    if lean:
        pull = (A @ (A.T @ A) - A).T + A.sum(1) - A.T
        D += lean * pull / max(np.linalg.norm(pull, axis=1).max(), 1e-300)
    return A.T + delta * D / np.linalg.norm(D, axis=1, keepdims=True)


def family_member(family: str, size: int, sparsity: int, *, rng: np.random.Generator, closeness: float = 0.95,
                  low: float = 0.9, high: float = 1.1, law: str = "uniform",
                  bias_moment: float | None = None) -> Member:
    """A member with W at distance δ = C^closeness in random directions.

    The bias is 2 m k (δ + C) with m = `bias_moment`, m1 if that is None.
    """
    A = family_dictionary(family, size, rng=rng)
    model = SparseCodingModel(A, sparsity, low, high, law=law)
    C = neighbourhood(model, 0.0).coherence
    own = None if bias_moment is None else 2 * bias_moment * sparsity * (C ** closeness + C)
    return Member(model, nearby_weights(A, C ** closeness, rng=rng), C ** closeness, own)


def family_hypotheses(members: Sequence[Member]) -> tuple[bool, ...]:
    """The answers to `HYPOTHESES`, each of them for every member."""
    nears, powers = [m.near for m in members], [exponents(m.near) for m in members]
    growth = [n.sparsity * n.m1 ** 2 / ((n.high - n.low) ** 2 * math.log(n.atoms)) if n.high > n.low else math.inf
              for n in nears]
    right = all(m.gates_right for m in members)
    return (all(m.farthest <= m.delta * (1 + 1e-12) for m in members), all(n.detects for n in nears),
            all(e.p + e.nu_squared < e.zeta for e in powers), all(e.p < min(0.5, e.nu_squared) for e in powers),
            right or all(a < b for a, b in pairwise(growth)), all(m.bias == m.near.bias for m in members))


def one_sparse_proxy(model: SparseCodingModel, weights: Array, bias: float) -> Array:
    """The proxy gradient (h, n) for k = 1 in O(hn). Raises ValueError for another sparsity.

    Row i is q1 (E z² W_i + E x((‖W_i‖² − 2) z − ε) A_i) with z = x <W_i, A_i> − ε.
    """
    if model.sparsity != 1:
        raise ValueError(f"expected sparsity 1; got {model.sparsity}: use proxy_gradient")
    A, W, m1, m2 = model.dictionary, weights, model.m1, model.m2
    d, lengths = (W * A.T).sum(1), (W ** 2).sum(1)
    square, first = m2 * d ** 2 - 2 * m1 * bias * d + bias ** 2, m2 * d - m1 * bias
    on_A = (lengths - 2) * first - m1 * bias
    return model.q1 * (square[:, None] * W + on_A[:, None] * A.T)


def sampled_ratio(member: Member, unit: int, *, samples: int, rng: np.random.Generator) -> Ratio:
    """ρ of one unit from the true gradient, gates and all, on codes drawn given that they use the unit.

    Other codes count too when the unit answers to them: `samples` more are drawn from those. The error is the length of
    the vector of half widths (`core.intervals.mean_error`), by the triangle inequality. Uniform supports only.
    """
    model, q1 = member.model, member.model.q1
    others = np.delete(np.arange(model.atoms), unit)
    with_unit = _gradients(member, unit, others, True, samples, rng)
    parts = [(q1, with_unit)]
    if model.sparsity < model.atoms:
        parts.append((1 - q1, _gradients(member, unit, others, False, samples, rng)))
    mean = sum(weight * rows.mean(0) for weight, rows in parts)
    error = sum(weight * np.linalg.norm(mean_error(rows)) for weight, rows in parts)
    return Ratio(float(np.linalg.norm(mean) / member.near.reference), float(error / member.near.reference))


def _gradients(member: Member, unit: int, others: NDArray[np.int64], used: bool, samples: int,
               rng: np.random.Generator) -> Array:
    """∂L/∂W_unit for each of `samples` codes that use the unit, or do not, shape (samples, n)."""
    A, W, k = member.model.dictionary, member.weights, member.model.sparsity
    drawn = k - 1 if used else k
    S = others[np.argsort(rng.random((samples, len(others))), axis=1)[:, :drawn]]
    if used:
        S = np.column_stack([S, np.full(samples, unit)])
    x = member.model.entry_law.draw(S.shape, rng=rng)
    Y = np.einsum("rk,nrk->rn", x, A[:, S])
    Z = Y @ W.T - member.bias
    F = np.maximum(Z, 0) @ W - Y
    z = Z[:, unit]
    return np.maximum(z, 0)[:, None] * F + (z > 0)[:, None] * (F @ W[unit])[:, None] * Y


def decay(members: Sequence[Member]) -> float:
    """The slope of log ρ against log h from the first member to the last, ρ the largest over units.

    ρ is the gradient's if `ratios` knows it, else the proxy's; −inf when all units of the last member are off. Raises
    ValueError unless the last member has more atoms than the first, and a first member without gradient.
    """
    first, last = members[0], members[-1]
    if not last.model.atoms > first.model.atoms:
        raise ValueError(f"expected growing h; got {first.model.atoms} and {last.model.atoms}: order the family")
    start, end = (float((m.ratios if m.gates_right or m.model.sparsity == 1 else m.proxy_ratios).max())
                  for m in (first, last))
    if start == 0:
        raise ValueError("expected a gradient at the first member; got 0, all its units are off: take a smaller bias")
    growth = math.log(last.model.atoms / first.model.atoms)
    return math.log(end / start) / growth if end > 0 else -math.inf
