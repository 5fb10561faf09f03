"""The lower bound for Andreev's function as a chain of numbers: the source's, and one without hidden constants."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log, log2, sqrt

from mathdl.function_spaces.andreev import Andreev
from mathdl.function_spaces.counting import linear_log2_count, maass_log2_count
from mathdl.function_spaces.restrictions import survival_bound


@dataclass(frozen=True)
class Constants:
    """What the source hides in O and Ω: of the class count, of the surviving gates, of s."""

    count: float = 1.0
    survival: float = 2.0
    gates_left: float = 1.0


@dataclass(frozen=True)
class AndreevBound:
    """Every intermediate value of the lower bound on circuits that agree with A_n on a fraction ½ + ε.

    `threshold` is the least ε the argument allows (0 where it sets none); `gates_left` is s, `log2_class` bounds log2
    of the number of circuits with s gates on `bits` = ⌊log2(n/2)⌋ bits, `escape` is ln of the chance that such a
    circuit matches a random function on ½ + ε/3, `allowed` = ln(ε/3) is what it may be; `alive` bounds 1 − η, and
    `size` is w: fewer gates do not reach ½ + ε, provided that escape ≤ allowed.
    """

    n: int
    eps: float
    bits: int
    threshold: float
    gates_left: float
    log2_class: float
    escape: float
    allowed: float
    alive: float
    size: float

    @property
    def escapes(self) -> bool:
        """True when all but a fraction ε/3 of the functions on `bits` bits lie in F*, as (2.11) needs."""
        return self.escape <= self.allowed


def andreev_bound(n: int, eps: float, theta: float, consts: Constants = Constants()) -> AndreevBound:
    """The source's chain (2.11) to Theorem 2.5.4 at n, ε, θ, its hidden constants made explicit.

    s = (ε² n/2)^{1/(2+θ)} / log2(n/2), 1 − η = C log2(n)/√n, w = ε s / (3 (1 − η)). Raises ValueError outside
    0 < ε ≤ ½, θ > 0.
    """
    k = _checked(n, eps).rows
    if not theta > 0:
        raise ValueError(f"expected theta > 0; got {theta}")
    s = consts.gates_left * (eps * eps * n / 2) ** (1 / (2 + theta)) / log2(n / 2)
    log2_class = maass_log2_count(k, s, consts.count)
    alive = min(1.0, consts.survival * log2(n) / sqrt(n))
    return AndreevBound(n, eps, k, sqrt(2 * log2(n / 2) ** (2 + theta) / n), s, log2_class, _escape(log2_class, k, eps),
                        log(eps / 3), alive, eps * s / (3 * alive))


def explicit_andreev_bound(n: int, eps: float) -> AndreevBound:
    """The chain with the count that is linear in s and the proven bound on 1 − η: no constant is hidden (ours).

    s is the largest integer that (2.11) allows, −1 when there is none, and w = ε (s + 1) / (3 (1 − η)), of the order
    ε³ n^{3/2} / log³ n, which Kane and Williams (2016) have for LTF gates. Valid for every n ≥ 4 and 0 < ε ≤ ½.
    """
    andreev = _checked(n, eps)
    k, room = andreev.rows, (2 * eps * eps / 9 * 2.0**andreev.rows + log(eps / 3)) / log(2)
    s = max(-1, floor((room - linear_log2_count(k, 0)) / (linear_log2_count(k, 1) - linear_log2_count(k, 0))))
    alive = survival_bound(k * andreev.columns, k)
    log2_class = linear_log2_count(k, s) if s >= 0 else float("-inf")
    return AndreevBound(n, eps, k, 0.0, s, log2_class, _escape(log2_class, k, eps), log(eps / 3), alive,
                        eps * (s + 1) / (3 * alive))


def epsilon_threshold(n: int, delta: float) -> float:
    """√(2 log2(n)^{2/(1−2δ)} / n), the least ε of Theorem 2.5.4 with its exponent corrected (0 < δ < ½)."""
    return sqrt(2 * log2(n) ** (2 / (1 - 2 * delta)) / n)


def _escape(log2_class: float, k: int, eps: float) -> float:
    return log2_class * log(2) - 2 * eps * eps / 9 * 2.0**k


def _checked(n: int, eps: float) -> Andreev:
    if not 0 < eps <= 0.5:
        raise ValueError(f"expected 0 < eps <= 1/2, since an agreement is at most 1; got {eps}")
    return Andreev(n)
