"""Statements on Lemma 4.5.2 and Theorem 4.3.2, how small the gradient is near the dictionary."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.sparse_coding.certificate import Neighbourhood, gradient_certificate, lemma_bounds, neighbourhood
from mathdl.sparse_coding.criticality import (
    HYPOTHESES,
    Member,
    decay,
    exponents,
    family_hypotheses,
    family_member,
    nearby_weights,
)
from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.lemma_parts import all_supports, lemma_parts
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.proxy import true_gradient
from mathdl.sparse_coding.supports import UniformSupports

ROUNDING = 1e-9  # of ratios whose two sides are sums of at most 10^6 products, good to 1e-11
NEAR = "‖W_i − A_i‖ ≤ δ"
LOCAL = (NEAR, "q₁, q₂ the same for all atoms", "ε = 2m₁k(δ + C)")
ORDER = r"\max\{m_1^2, m_2\}\, h^{p-1}"


@statement("sparse_coding/lemma-4.5.2", "The parts of the gradient", "Mukherjee 2020, Lemma 4.5.2, with constants",
           says=r"|\alpha_i|, |\beta_i|, \|e_i\| \text{ part by part} \le \text{appendix 4.B, corrected}",
           measures="largest part over its bound", hypotheses=LOCAL)
def parts_of_the_gradient(theorem: Theorem, /, *, n: int = 5, h: int = 7, k: int = 3, delta: float = 0.05,
                          spread: float = 1.0, stretch: float = 1.0, bias_factor: float = 1.0, lean: float = 2.0,
                          support: str = "uniform", instances: int = 8, seed: int = 0) -> Verdict:
    """Nine exact parts over all supports, against their bounds; W at distance `stretch` · δ, leaning to other atoms.

    Columns of the dictionary are axes plus noise of size `spread`.
    """
    rng, given, shares = np.random.default_rng(seed), [], []
    for i in range(instances):
        model, W = _model_and_weights(rng, n, h, k, spread, stretch * delta, support, lean * (i % 2))
        near = _numbers(model, delta)
        given.append(_local(model, W, delta, bias_factor))
        shares.append(max(lemma_parts(model, W, bias_factor * near.bias).shares(lemma_bounds(near)).values()))
    return theorem.verdict(given=_all(given), measured=max(shares), at_most=1, error=ROUNDING,
                           instance=f"n={n}, h={h}, k={k}, δ={delta:g}, {instances} models")


@statement("sparse_coding/ours-certificate", "A bound on the gradient", "ours",
           says=r"\Big\|E \frac{\partial L}{\partial W_i}\Big\| \le |\alpha_i| \delta + |\alpha_i - \beta_i| + "
                r"\|e_i\| + \|\gamma_i\| \le \text{certificate}",
           measures="largest exact gradient over the certificate", hypotheses=LOCAL)
def certified(theorem: Theorem, /, *, kind: str = "sharp", n: int = 12, h: int = 9, k: int = 2, delta: float = 0.03,
              spread: float = 0.05, stretch: float = 1.0, bias_factor: float = 1.0, lean: float = 2.0,
              support: str = "uniform", instances: int = 8, seed: int = 0) -> Verdict:
    """The gradient of the autoencoder itself, over every support and both values of every entry, no proxy."""
    rng, given, shares = np.random.default_rng(seed), [], []
    for i in range(instances):
        model, W = _model_and_weights(rng, n, h, k, spread, stretch * delta, support, lean * (i % 2))
        near = _numbers(model, delta)
        given.append(_local(model, W, delta, bias_factor))
        G = true_gradient(model, W, bias_factor * near.bias)
        shares.append(np.linalg.norm(G, axis=1).max() / gradient_certificate(near, kind=kind).total)
    return theorem.verdict(given=_all(given), measured=float(max(shares)), at_most=1, error=ROUNDING,
                           instance=f"{kind}, n={n}, h={h}, k={k}, δ={delta:g}, {instances} models")


@statement("sparse_coding/theorem-4.3.2", "The gradient vanishes nearby", "Mukherjee 2020, Theorem 4.3.2",
           says=r"\Big\|E \frac{\partial L}{\partial W_i}\Big\| = o\big(" + ORDER + r"\big): \; \rho = O(h^{-r}), \; "
                r"r = \min\{\tfrac{\nu^2 - p}2, \tfrac\zeta2 - p, \tfrac12 - p\}",
           measures="slope of log ρ against log h", hypotheses=HYPOTHESES)
def critical_family(theorem: Theorem, /, *, family: str = "identity_hadamard", sizes: Sequence[int] = (128, 256, 512),
                    k: int = 1, closeness: float = 0.95, low: float = 0.9, high: float = 1.1, law: str = "uniform",
                    bias_moment: float | None = None, seed: int = 0) -> Verdict:
    """The slope of the exact ρ from the first member to the last, against −r; 0 is no decay at all.

    ρ is the largest over units, of the true gradient if k = 1 or the gates are surely right, else of the proxy. The
    bias is the theorem's, or has `bias_moment` in place of m1.
    """
    rng = np.random.default_rng(seed)
    members = [family_member(family, s, k, rng=rng, closeness=closeness, low=low, high=high, law=law,
                             bias_moment=bias_moment) for s in sizes]
    slowest = min(exponents(m.near).rate for m in members)
    ends = f"h={members[0].model.atoms} to {members[-1].model.atoms}"
    return theorem.verdict(given=family_hypotheses(members), measured=decay(members), at_most=-slowest, error=ROUNDING,
                           trivial=0, instance=f"{family}, {ends}, k={k}")


@statement("sparse_coding/erratum-E4.9", "Products of two rows, as printed", "Mukherjee 2020, appendix 4.B.2",
           says=r"|\epsilon_k \langle W_i, W_k\rangle| \le 2 m_1 k \Big(\delta + \frac{\mu}{\sqrt n}\Big)^2",
           measures="largest summand over its printed bound", hypotheses=(NEAR, *HYPOTHESES[1:4]),
           erratum="The first term of the bound on ê_4 has (δ + μ/√n)². But a product of two rows of W is only known "
                   "to be below δ² + 2δ + μ/√n, as the source says earlier: both rows may err.",
           expected=State.VIOLATED)
def printed_row_products(theorem: Theorem, /, *, size: int = 256, k: int = 2, closeness: float = 0.95,
                         corrected: bool = False, seed: int = 0) -> Verdict:
    """Identity and Hadamard, random W, except that two rows lean towards each other's atoms."""
    member = leaning_pair(family_member("identity_hadamard", size, k, closeness=closeness,
                                        rng=np.random.default_rng(seed)))
    near, W = member.near, member.weights
    products = np.abs(W @ W.T)
    np.fill_diagonal(products, 0.0)
    largest = near.g if corrected else near.c
    return theorem.verdict(given=family_hypotheses([member])[:4], measured=float(products.max()) / largest, at_most=1,
                           error=ROUNDING, instance=f"h={member.model.atoms}, k={k}, δ={near.delta:.4g}")


@statement("sparse_coding/erratum-E4.10", "The first part of alpha, as printed", "Mukherjee 2020, appendix 4.B.1",
           says=r"\tilde\alpha_i = q_i m_2 \langle W_i, A_i\rangle^2 + \sum_{k \ne i} q_{ik} \langle W_i, A_k\rangle^2",
           measures="largest relative difference", hypotheses=(NEAR, "m₂ ≠ 1", "k > 1"),
           erratum="The second sum lost its factor m₂, which is back on the next line. The last line then writes = "
                   "for ≤: a sum is not its number of terms times the largest.", expected=State.VIOLATED)
def printed_alpha(theorem: Theorem, /, *, line: str = "sum", low: float = 1.0, high: float = 10.0, n: int = 5,
                  h: int = 8, k: int = 3, delta: float = 0.1, seed: int = 0) -> Verdict:
    """`line` "sum" without m2, "maximum" with = for ≤, or "corrected"; against the mean over all supports."""
    rng = np.random.default_rng(seed)
    model = SparseCodingModel(gaussian(n, h, rng=rng), k, low, high)
    W = nearby_weights(model.dictionary, delta, rng=rng)
    exact = lemma_parts(model, W, 0.0).m2_alpha
    squares = (W @ model.dictionary) ** 2
    own = np.diag(squares).copy()
    others, q1, q2, m2 = squares - np.diag(own), model.q1, model.q2, model.m2
    written = {"sum": q1 * m2 * own + q2 * others.sum(1), "corrected": q1 * m2 * own + m2 * q2 * others.sum(1),
               "maximum": q1 * m2 * own + m2 * q1 * k * others.max(1)}[line]
    given = (Member(model, W, delta).farthest <= delta * (1 + 1e-12), m2 != 1, k > 1)
    return theorem.verdict(given=given, measured=float(np.abs(written / exact - 1).max()), equals=0, error=ROUNDING,
                           instance=f"{line}, n={n}, h={h}, k={k}, m₂={m2:g}")


@statement("sparse_coding/erratum-E4.11", "The distance in the proof, as printed", "Mukherjee 2020, Theorem 4.3.2",
           says=r"\|W_i - A_i\| \le h^{-2p-\theta^2}, \quad \theta \text{ read as } \nu",
           measures="largest distance over h^{-2p-ν²}", hypotheses=(NEAR, *HYPOTHESES[1:4]),
           erratum="The proof has θ, which is not defined, and 2p for p. The hypothesis is δ = O(h^{-p-ν²}), which is "
                   "all that the proof needs.",
           expected=State.VIOLATED)
def printed_distance(theorem: Theorem, /, *, size: int = 256, k: int = 2, closeness: float = 0.95,
                     corrected: bool = False, seed: int = 0) -> Verdict:
    """Identity and Hadamard with W on the sphere δ = h^{−p−ν²}; `corrected` has p in place of 2p."""
    member = family_member("identity_hadamard", size, k, closeness=closeness, rng=np.random.default_rng(seed))
    powers, h = exponents(member.near), member.model.atoms
    allowed = h ** (-(1 if corrected else 2) * powers.p - powers.nu_squared)
    return theorem.verdict(given=family_hypotheses([member])[:4], measured=member.farthest / allowed, at_most=1,
                           error=ROUNDING, instance=f"h={h}, k={k}, δ={member.delta:.4g}")


@statement("sparse_coding/erratum-E4.16", "A sum as a matrix product, as printed", "Mukherjee 2020, appendix 4.B.2, a",
           says=r"\sum_{j \ne i} q_{ij} \langle W_i, A_i\rangle \langle W_j, A_j\rangle W_j = "
                r"q_{ij} \langle W_i, A_i\rangle W_{-j}^\top \mathrm{diag}(W_{-j} A_{-j})",
           measures="largest relative difference", hypotheses=(NEAR, "h > 2"),
           erratum="On the right j is a bound index of the left side. The row to set to zero is row i; any fixed j ≠ i "
                   "keeps the term of i and loses one that belongs to the sum.", expected=State.VIOLATED)
def printed_matrix_product(theorem: Theorem, /, *, corrected: bool = False, n: int = 5, h: int = 8, delta: float = 0.1,
                           seed: int = 0) -> Verdict:
    """Both sides for every i and, as printed, every fixed j ≠ i; `corrected` removes row i."""
    rng = np.random.default_rng(seed)
    A = gaussian(n, h, rng=rng)
    W = nearby_weights(A, delta, rng=rng)
    worst = 0.0
    for i in range(h):
        left = sum((W[j] @ A[:, j]) * W[j] for j in range(h) if j != i)
        for gone in [i] if corrected else [j for j in range(h) if j != i]:
            V, B = W.copy(), A.copy()
            V[gone], B[:, gone] = 0, 0
            worst = max(worst, float(np.linalg.norm(V.T @ np.diag(V @ B) - left) / np.linalg.norm(left)))
    given = (float(np.linalg.norm(W - A.T, axis=1).max()) <= delta * (1 + 1e-12), h > 2)
    return theorem.verdict(given=given, measured=worst, equals=0, error=ROUNDING, instance=f"n={n}, h={h}, δ={delta:g}")


def leaning_pair(member: Member) -> Member:
    """The member with rows of two atoms of largest |inner product| moved by δ towards each other's atoms."""
    A, W = member.model.dictionary, member.weights.copy()
    gram = A.T @ A - np.eye(A.shape[1])
    i, j = np.unravel_index(np.abs(gram).argmax(), gram.shape)
    sign = math.copysign(1.0, gram[i, j])
    W[i], W[j] = A[:, i] + sign * member.delta * A[:, j], A[:, j] + sign * member.delta * A[:, i]
    return Member(member.model, W, member.delta, member.own_bias)


def _model_and_weights(rng: np.random.Generator, n: int, h: int, k: int, spread: float, distance: float, support: str,
                       lean: float) -> tuple[SparseCodingModel, np.ndarray]:
    """A random model with two-valued entries between 1 and 1.4, and weights at that distance from its dictionary."""
    A = np.eye(n)[:, np.arange(h) % n] + spread * rng.standard_normal((n, h)) / math.sqrt(n)
    A /= np.linalg.norm(A, axis=0)
    model = SparseCodingModel(A, k, 1.0, 1.0 + rng.uniform(0, 0.4), support=support, law="two-valued")
    return model, nearby_weights(A, distance, rng=rng, lean=lean)


def _local(model: SparseCodingModel, W: np.ndarray, delta: float, bias_factor: float) -> tuple[bool, ...]:
    """The answers to `LOCAL`."""
    members, chances = all_supports(model)
    pairs = members.T @ (chances[:, None] * members)
    apart = pairs[~np.eye(model.atoms, dtype=bool)]
    same = np.ptp(np.diag(pairs)) < 1e-12 and np.ptp(apart) < 1e-12
    near = float(np.linalg.norm(W - model.dictionary.T, axis=1).max()) <= delta * (1 + 1e-12)
    return near, bool(same), bias_factor == 1


def _numbers(model: SparseCodingModel, delta: float) -> Neighbourhood:
    """Those of the model with uniform supports, so that there are numbers also where q2 depends on the pair."""
    uniform = UniformSupports(model.atoms, model.sparsity)
    return neighbourhood(SparseCodingModel(model.dictionary, model.sparsity, model.low, model.high, support=uniform,
                                           law=model.entry_law), delta)


def _all(given: list[tuple[bool, ...]]) -> tuple[bool, ...]:
    return tuple(all(answers) for answers in zip(*given, strict=True))
