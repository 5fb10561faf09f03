"""Statements on the generative model and its dictionaries."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mathdl.core.intervals import mean_error
from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.sparse_coding.assumptions import entries_independent, inclusion_spread
from mathdl.sparse_coding.dictionaries import (
    coherence,
    coherence_floor,
    devore_at_exponent,
    gaussian,
    graph_columns,
    identity_hadamard,
    is_prime,
)
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.supports import EQUAL

ROUNDING = 1e-12  # of an inner product of at most a thousand numbers of size 1/sqrt(n), and of logarithms of it
FITS = 1e-9  # relative: a coherence at its bound may come out below it by rounding


@statement("sparse_coding/definition-sparse-model", "Sparse codes", "Mukherjee 2020, section 4.2",
           says=r"E\|y\|^2 = q_1 h m_2 + q_2 m_1^2 \Big(\big\|\textstyle\sum_i A_i\big\|^2 - h\Big)",
           measures="mean of ‖y‖² over the samples",
           hypotheses=("q1 is the same for all atoms", "q2 is the same for all pairs", "entries uncorrelated given S"))
def sparse_model(theorem: Theorem, /, *, model: SparseCodingModel | None = None, samples: int = 20_000,
                 seed: int = 0) -> Verdict:
    """Samples against the four numbers q1, q2, m1, m2, all the chapter's proofs of second moments use of the law."""
    rng = np.random.default_rng(seed)
    m = SparseCodingModel(gaussian(20, 64, rng=rng), 4, 1.0, 10.0) if model is None else model
    h, k = m.atoms, m.sparsity
    squares = (m.sample(samples, rng=rng).signals ** 2).sum(0)
    given = (*(s <= EQUAL for s in inclusion_spread(m)), entries_independent(m.entry_law, k))
    q1, q2 = k / h, k * (k - 1) / (h * (h - 1))  # sums of P[i in S], P[i, j in S] are k and k(k − 1)
    total = float((m.dictionary.sum(1) ** 2).sum())
    exact = q1 * h * m.m2 + q2 * m.m1 ** 2 * (total - h)
    return theorem.verdict(given=given, measured=float(squares.mean()), equals=exact,
                           error=float(mean_error(squares)), instance=f"n={m.dimension}, h={h}, k={k}, N={samples}")


@statement("sparse_coding/ours-dictionaries", "Coherence known exactly", "ours, with DeVore 2007",
           says=r"C = \frac{r}{q}, \quad n = q^2, \; h = q^{r+1}, \quad \zeta = \frac{\ln(q/r)}{(r+1)\ln q} "
                r"\to \frac{1}{r+1}",
           measures="coherence of the columns", hypotheses=("q is a prime", "1 ≤ r < q", "all polynomials are there"))
def devore_coherence(theorem: Theorem, /, *, q: int = 7, r: int = 2, h: int | None = None) -> Verdict:
    """All inner products of the first h polynomials of degree at most r (default: all), against r/q."""
    size = q ** (r + 1)
    columns = size if h is None else h
    measured = coherence(graph_columns(q, r, np.arange(columns))).C
    return theorem.verdict(given=(is_prime(q), 1 <= r < q, columns == size), measured=measured, equals=r / q,
                           error=ROUNDING, instance=f"q={q}, r={r}, n={q * q}, h={columns}")


@statement("sparse_coding/ours-hadamard", "Spikes and waves", "ours, with Sylvester 1867",
           says=r"C = \frac{1}{\sqrt n}, \quad h = 2n, \quad \zeta = \frac{\ln n}{2 \ln 2n} \to \frac12",
           measures="coherence of the columns", hypotheses=("columns of length 1",))
def hadamard_coherence(theorem: Theorem, /, *, n: int = 64, stretch: float = 1.0) -> Verdict:
    """All inner products of the identity beside the Hadamard matrix, whose half is first multiplied by `stretch`."""
    A = identity_hadamard(n) * np.repeat([1.0, stretch], n)
    G = np.abs(A.T @ A)
    lengths = np.sqrt(np.diag(G))
    np.fill_diagonal(G, 0)
    return theorem.verdict(given=(np.abs(lengths - 1).max() <= ROUNDING,), measured=float(G.max()),
                           equals=1 / math.sqrt(n), error=ROUNDING, instance=f"n={n}, h={2 * n}")


@statement("sparse_coding/claim-fixed-exponent", "Dictionaries at one exponent",
           "ours; called unresolved in Mukherjee 2020, section 4.7",
           says=r"r = \lceil 1/\zeta \rceil - 1, \; h = \big[(q/r)^{1/\zeta}\big], \; n = q^2: \quad "
                r"\Big|{-\frac{\ln C}{\ln h}} - \zeta\Big| \le \frac{\zeta}{(2h - 1) \ln h}",
           measures="largest distance of the exponent from ζ, over its bound",
           hypotheses=("0 < ζ < 1/2", "every q is a prime > r", "h > n"))
def fixed_exponent(theorem: Theorem, /, *, exponent: float = 0.25, primes: Sequence[int] = (11, 13, 17),
                   seed: int = 0) -> Verdict:
    """One dictionary a prime, its coherence measured; the bound is what rounding h to a whole number can cost."""
    rng, r = np.random.default_rng(seed), math.ceil(1 / exponent - FITS) - 1
    sound = 0 < exponent < 0.5 and all(is_prime(q) and q > r for q in primes)
    found, larger = [], []
    for q in primes if sound else ():
        A = devore_at_exponent(q, exponent, rng=rng)
        h = A.shape[1]
        found.append(abs(coherence(A).zeta - exponent) * (2 * h - 1) * math.log(h) / exponent)
        larger.append(h > len(A))
    shown = f"ζ={exponent:g}, q={primes[0]}…{primes[-1]}" + (f", n up to {len(A)}, h up to {h}" if found else "")
    return theorem.verdict(given=(0 < exponent < 0.5, all(is_prime(q) and q > r for q in primes),
                                  all(larger) if found else None),
                           measured=max(found, default=math.nan), at_most=1,
                           error=1e-6, instance=shown)  # C is good to 1e-15 of itself, and 2h/ζ is below 1e9


@statement("sparse_coding/ours-exponent-ceiling", "No fixed exponent at fixed n", "ours, with Welch 1974",
           says=r"\zeta \le \min_t \; \frac{1}{2t \ln h} \ln \frac{h - 1}{h / \binom{n+t-1}{t} - 1}, "
                r"\quad \to 0 \text{ as } h \to \infty \text{ at fixed } n",
           measures="exponent of the dictionary", hypotheses=("columns of length 1", "h > n"))
def exponent_ceiling(theorem: Theorem, /, *, dictionary: np.ndarray | None = None, seed: int = 0) -> Verdict:
    """The exponent of a dictionary, by default Gaussian with n = 50, h = 1024, against Welch's bounds of all orders."""
    A = gaussian(50, 1024, rng=np.random.default_rng(seed)) if dictionary is None else dictionary
    n, h = A.shape
    lengths = np.linalg.norm(A, axis=0)
    G = np.abs(A.T @ A)
    np.fill_diagonal(G, 0)
    floor = coherence_floor(n, h)
    ceiling = -math.log(floor) / math.log(h) if floor > 0 else math.inf
    return theorem.verdict(given=(np.abs(lengths - 1).max() <= FITS, h > n), measured=-math.log(G.max()) / math.log(h),
                           at_most=ceiling, error=FITS, instance=f"n={n}, h={h}")


@statement("sparse_coding/erratum-E4.1", "One exponent, two letters", "Mukherjee 2020, Theorem 4.3.2, as printed",
           says=r"p < \nu^2, \; p + \nu^2 < \zeta \;\Rightarrow\; \xi > 2p", measures="the exponent ξ",
           hypotheses=("C ≤ h^{−ξ}, as in section 4.2", "C = h^{−ζ}, as in Theorem 4.3.1", "p < ν²", "p + ν² < ζ"),
           erratum="ζ and ξ are both introduced as the exponent of the coherence, ξ in section 4.2 by an inequality "
                   "that smaller ξ satisfy too. Read as two numbers the implication fails; it holds for ξ = ζ, which "
                   "must be meant.", expected=State.VIOLATED)
def two_letters(theorem: Theorem, /, *, n: int = 64, p: float = 0.15, nu_squared: float = 0.2,
                xi: float | None = 0.2) -> Verdict:
    """Identity and Hadamard; ξ any exponent that section 4.2 allows, or None for ξ = ζ."""
    found, h = coherence(identity_hadamard(n)), 2 * n
    zeta = found.zeta
    x = zeta if xi is None else xi
    given = (h ** -x + ROUNDING >= found.C, abs(found.C - h ** -zeta) <= ROUNDING, p < nu_squared,
             p + nu_squared < zeta)
    return theorem.verdict(given=given, measured=x, at_least=2 * p,
                           instance=f"h={h}, ζ={zeta:.4f}, p={p:g}, ν²={nu_squared:g}")


@statement("sparse_coding/erratum-E4.4", "The exponent of the experiments", "Mukherjee 2020, section 4.6, as printed",
           says=r"n = 50, \; h = 256, \dots, 4096: \quad \zeta \approx 0.1, \text{ so } "
                r"C(h) / C(h_0) \le (h / h_0)^{-0.05}",
           measures="C at the largest h over C at the smallest", hypotheses=("n is fixed", "h grows"),
           erratum="0.1 is the exponent at h = 256. At n = 50 the coherence rises with h and the exponent falls "
                   "towards 0, for every family of dictionaries in the end. Even with 0.1 the conditions p < ν² and "
                   "p + ν² < ζ leave p < 0.05 only: two of the table's seven columns.", expected=State.VIOLATED)
def drifting_exponent(theorem: Theorem, /, *, shapes: Sequence[tuple[int, int]] = ((50, 256), (50, 4096)),
                      seed: int = 0) -> Verdict:
    """Gaussian dictionaries of the shapes (n, h); an exponent that rounds to 0.1 is at least 0.05."""
    rng = np.random.default_rng(seed)
    C = [coherence(gaussian(n, h, rng=rng)).C for n, h in shapes]
    (n0, h0), (n1, h1) = shapes[0], shapes[-1]
    return theorem.verdict(given=(n0 == n1, h0 < h1), measured=C[-1] / C[0], at_most=(h1 / h0) ** -0.05,
                           instance=f"n={n0}, h={h0} and {h1}, exponents {_exponents(C, (h0, h1))}")


def _exponents(C: Sequence[float], h: Sequence[int]) -> str:
    return ", ".join(f"{-math.log(c) / math.log(size):.3f}" for c, size in zip((C[0], C[-1]), h, strict=True))
