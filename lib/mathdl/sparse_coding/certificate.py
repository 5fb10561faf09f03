"""How small the gradient must be near the dictionary: finite bounds behind Lemma 4.5.2 and Theorem 4.3.2.

The source lets h go to infinity; here every constant is kept. Two certificates bound ‖E ∂L/∂W_i‖ for all W with
‖W_i − A_i‖ <= δ at the bias ε = 2 m1 k (δ + C): "lemma" adds the source's bounds term by term, corrected, and "sharp"
(*ours*) estimates the coefficients of all W_j and A_j at once; its ratio is O(k (δ + C)) while k² (δ + C) (√C + 1/√h)
is, without p < min(1/2, ν²).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mathdl.sparse_coding.dictionaries import coherence
from mathdl.sparse_coding.model import SparseCodingModel

KINDS = ("lemma", "sharp")


@dataclass(frozen=True)
class Neighbourhood:
    """All the bounds know: h atoms, sparsity k, coherence C, radius δ, entries in [low, high] with moments m1, m2.

    `q2` is the chance that two given atoms are used, q1 that one is. No matrix is needed, so h may be 2^60.
    Raises ValueError unless 1 <= k <= h, 0 <= δ < 1, 0 <= C <= 1, 0 <= low <= high, m2 >= m1² and q2 <= q1 <= 1.
    """

    atoms: int
    sparsity: int
    coherence: float
    delta: float
    low: float
    high: float
    m1: float
    m2: float
    q1: float
    q2: float

    def __post_init__(self):
        _need(1 <= self.sparsity <= self.atoms, f"1 <= k <= h; got k={self.sparsity}, h={self.atoms}: lower k")
        _need(0 <= self.delta < 1, f"0 <= delta < 1; got {self.delta}: the bounds need rows that are not 0")
        _need(0 <= self.coherence <= 1 + 1e-12, f"a coherence in [0, 1]; got {self.coherence}: scale the columns")
        _need(0 <= self.low <= self.high < math.inf, f"0 <= low <= high; got [{self.low}, {self.high}]")
        _need(self.m2 >= self.m1 ** 2 * (1 - 1e-12), f"m2 >= m1²; got m1={self.m1}, m2={self.m2}: no law has these")
        _need(0 <= self.q2 <= self.q1 <= 1, f"0 <= q2 <= q1 <= 1; got q1={self.q1}, q2={self.q2}")

    @property
    def c(self) -> float:
        """δ + C, above every |<W_i, A_j>|, i ≠ j."""
        return self.delta + self.coherence

    @property
    def g(self) -> float:
        """δ² + 2δ + C, above every |<W_i, W_j>|, i ≠ j."""
        return self.delta ** 2 + 2 * self.delta + self.coherence

    @property
    def bias(self) -> float:
        """ε = 2 m1 k (δ + C), the bias of Theorem 4.3.1."""
        return 2 * self.m1 * self.sparsity * self.c

    @property
    def reference(self) -> float:
        """max(m1², m2) q1, what Theorem 4.3.2 compares the gradient with; q1 = h^{p−1} for k = h^p."""
        return max(self.m1 ** 2, self.m2) * self.q1

    @property
    def entry_needed(self) -> float:
        """(T): every used unit is on if low is at least (high + 2 m1) c k/(1 − δ)."""
        return (self.high + 2 * self.m1) * self.c * self.sparsity / (1 - self.delta)

    @property
    def detects(self) -> bool:
        """Whether every unit of the support is on, for every code: (T), and entries that are not 0."""
        return self.low >= self.entry_needed and self.low > 0

    @property
    def wrong_gates(self) -> float:
        """A bound on the probability that some gate differs from the support: Theorem 4.3.1 with the union bound."""
        if not self.detects:
            return 1.0
        if 2 * self.m1 >= self.high:  # k entries of at most 2 m1 stay below the bias
            return 0.0
        spread = (self.high - self.low) ** 2
        return min(1.0, (self.atoms - self.sparsity) * math.exp(-2 * self.sparsity * self.m1 ** 2 / spread))


@dataclass(frozen=True)
class Certificate:
    """‖E ∂L/∂W_i‖ <= `total` = |α| δ + |α − β| + ‖e‖ + ‖γ‖, part by part; `ratio` is total over max(m1², m2) q1."""

    kind: str
    shrink: float
    mismatch: float
    remainder: float
    gap: float
    reference: float

    @property
    def proxy(self) -> float:
        """The bound on the proxy gradient, without γ."""
        return self.shrink + self.mismatch + self.remainder

    @property
    def total(self) -> float:
        """The bound on the gradient."""
        return self.proxy + self.gap

    @property
    def ratio(self) -> float:
        """The bound on ρ; Theorem 4.3.2 says that it falls to 0 along a family."""
        return self.total / self.reference


@dataclass(frozen=True)
class LemmaBounds:
    """The corrected bounds of Mukherjee 2020, appendix 4.B, each for |.| or ‖.‖ of the part it is named after.

    `m2_alpha`, `m2_beta` are intervals for the parts with m2 (a tilde in the source); `m1_*` those with m1 and ε (a
    hat). `m1_remainders` are the four parts ê_1 to ê_4.
    """

    m2_alpha: tuple[float, float]
    m2_beta: tuple[float, float]
    m2_remainder: float
    m1_alpha: float
    m1_beta: float
    m1_remainders: tuple[float, float, float, float]

    @property
    def alpha(self) -> float:
        """|α_i| at most."""
        return self.m2_alpha[1] + self.m1_alpha

    @property
    def mismatch(self) -> float:
        """|α_i − β_i| at most."""
        (a, A), (b, B) = self.m2_alpha, self.m2_beta
        return max(A - b, B - a) + self.m1_alpha + self.m1_beta

    @property
    def remainder(self) -> float:
        """‖e_i‖ at most."""
        return self.m2_remainder + sum(self.m1_remainders)


def neighbourhood(model: SparseCodingModel, delta: float) -> Neighbourhood:
    """The numbers of a model and a radius; ValueError when q1 or q2 depend on the atoms."""
    C = coherence(model.dictionary).C if model.atoms > 1 else 0.0
    q2 = model.q2 if model.atoms > 1 else 0.0
    return Neighbourhood(model.atoms, model.sparsity, C, delta, model.low, model.high, model.m1, model.m2, model.q1, q2)


def gradient_certificate(model: SparseCodingModel | Neighbourhood, delta: float | None = None, *,
                         kind: str = "sharp") -> Certificate:
    """A bound on ‖E ∂L/∂W_i‖ for all i and all W with ‖W_j − A_j‖ <= `delta`, at the bias 2 m1 k (δ + C).

    `model` with its `delta`, or a `Neighbourhood` alone. "lemma" is the source's lemma, corrected, "sharp" is ours.
    Holds whether or not the support is recovered: where it may not be, the part `gap` is large. Raises ValueError for
    another kind, a missing delta, and what `Neighbourhood` refuses.
    """
    _need(kind in KINDS, f"a kind among {', '.join(KINDS)}; got {kind!r}")
    if isinstance(model, Neighbourhood):
        _need(delta is None, f"no delta beside a Neighbourhood, which has one; got {delta}: leave it away")
        near = model
    else:
        _need(delta is not None, "a delta beside a model; got None: say how far W may be from the dictionary")
        near = neighbourhood(model, delta)
    parts = _sharp(near) if kind == "sharp" else _lemma(near)
    return Certificate(kind, *parts, gap_bound(near), near.reference)


def lemma_bounds(near: Neighbourhood) -> LemmaBounds:
    """Appendix 4.B with every constant, k = h^p and q = q1; corrected where the source slips (E4.7, E4.9, E4.10).

    Each sum over r further atoms of S is at most q k^r times its largest summand, since |S| <= k.
    """
    k, d, c, g, o, q = near.sparsity, near.delta, near.c, near.g, 1 + near.delta, near.q1
    a, b, first, second = _all_atoms(near, o, g), _all_atoms(near, 1, near.coherence), q * near.m1 ** 2, q * near.m2
    alone, others = second * (1 - d) ** 2, second * k * c * g
    e1 = first * (8 * k ** 3 * o * c ** 2 + 4 * k ** 2 * c * o ** 2 + 4 * k ** 2 * c ** 2 * o)
    e2 = first * (k * c ** 2 * o + 2 * k ** 2 * c ** 2 * o + 2 * k ** 2 * c * o ** 2 + k ** 3 * c ** 2 * o)
    e3 = first * 4 * k ** 2 * c
    e4 = first * (3 * k ** 3 * c * g + 4 * k ** 2 * c * g + 3 * k ** 2 * c * o ** 2 + k ** 2 * o * g + k * c * g)
    of_W, of_A = near.m1 ** 2 * near.q2 * o ** 2 * a, near.m1 ** 2 * near.q2 * o * b
    return LemmaBounds(
        m2_alpha=(alone, second * (o ** 2 + k * c ** 2)),
        m2_beta=(second * (2 * (1 - d) - o ** 3) - others, second * (2 * o - (1 - d) ** 3) + others),
        m2_remainder=second * (k * (3 * c * o ** 2 + 2 * c + g * o) + k ** 2 * (c ** 2 * o + g * c)),
        m1_alpha=first * (6 * k * c * o + 9 * k ** 2 * c ** 2),
        m1_beta=first * (k * (4 * c + 3 * c * o ** 2 + g * o) + 3 * k ** 2 * c * g),
        m1_remainders=(e1, e2 + of_W, e3 + 2 * of_A, e4 + o ** 2 * of_A))


def gap_bound(near: Neighbourhood) -> float:
    """‖γ_i‖, how far the proxy may be from the gradient: the chance of a wrong gate times the largest difference.

    ‖y‖ <= b sqrt(k + k(k−1)C) =: Y, so a summand of the proxy is at most (2oY + ε)(k o(oY + ε) + Y), of the gradient
    2oY(h o² Y + Y). Lemma 4.5.1 takes a square root of the probability instead, and loses half of the exponent.
    """
    k, o, eps = near.sparsity, 1 + near.delta, near.bias
    y = near.high * math.sqrt(k + k * (k - 1) * near.coherence)
    masked = (2 * o * y + eps) * (k * o * (o * y + eps) + y)
    return near.wrong_gates * (masked + 2 * o * y * (near.atoms * o ** 2 * y + y))


def _lemma(near: Neighbourhood) -> tuple[float, float, float]:
    bounds = lemma_bounds(near)
    return bounds.alpha * near.delta, bounds.mismatch, bounds.remainder


def _sharp(near: Neighbourhood) -> tuple[float, float, float]:
    """|α|δ, |α − β|, ‖e‖: row i is Σ_j u_j W_j + v_j A_j, written Σ_j u_j (W_j − A_j) + (u_j + v_j) A_j.

    With z_j = <W_j, y> − ε: u_j = E z_i z_j and v_j = E x_j((‖W_i‖² − 2) z_i + Σ_{l ≠ i} <W_i, W_l> z_l − ε), both on
    codes that use i and j.

    Given S, E z_j = m1 τ_j with τ_j between 1 − δ − (3k−1)c and o − (k+1)c: T below is above |τ_j|, and all u_j + v_j
    are small, since τ_i τ_j − τ_i is.
    """
    k, d, c, g, o = near.sparsity, near.delta, near.c, near.g, 1 + near.delta
    first, spread = near.m1 ** 2, max(near.m2 - near.m1 ** 2, 0.0)
    low, high = 1 - d - (3 * k - 1) * c, o - (k + 1) * c
    T, off_one = max(abs(low), abs(high)), max(abs(low - 1), abs(high - 1))
    length = 2 * d + d ** 2  # above |‖W_i‖² − 1|
    alpha = first * T ** 2 + spread * (o ** 2 + (k - 1) * c ** 2)
    both = first * (T * (off_one + length) + 2 * k * c) + (k - 1) * g * (first * T + spread * c)
    mismatch = both + spread * (o * (d + length) + (k - 1) * c ** 2)
    if k == 1:
        return near.q1 * alpha * d, near.q1 * mismatch, 0.0
    shared = spread * (2 * o * c + (k - 2) * c ** 2)  # above the variance's part of u_j
    on_A = both + shared + spread * ((1 + length) * c + g * (o - c))
    on_errors = (near.atoms - 1) * d * (first * T ** 2 + shared)
    return near.q1 * alpha * d, near.q1 * mismatch, near.q2 * (on_errors + on_A * _all_atoms(near, 1, near.coherence))


def _all_atoms(near: Neighbourhood, length: float, product: float) -> float:
    """‖Σ_{j ≠ i} t_j v_j‖ for |t_j| <= 1, |<v_j, v_l>| <= `product`, ‖v_j‖ <= `length`: expand the square."""
    others = near.atoms - 1
    return math.sqrt(others * (length ** 2 + max(others - 1, 0) * min(product, length ** 2)))


def _need(true: bool, expected: str) -> None:
    if not true:
        raise ValueError(f"expected {expected}")
