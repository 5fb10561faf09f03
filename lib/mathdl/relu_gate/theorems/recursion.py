"""Statements on Lemma 3.E.1 and its erratum E11."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Real

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.relu_gate.recursion import Recursion, printed_beta, printed_limit, worst_nonnegative

EPS = 2.0 ** -52
WATCHED = 50  # times after T at which X_t is looked at


@statement("relu_gate/lemma-3.E.1", "How long a noisy contraction takes", "Mukherjee 2020, Lemma 3.E.1, corrected",
           says=r"X_t \le \epsilon'^2 \text{ for all } t \ge T, \quad "
                r"T = 1 + \log\tfrac{\epsilon'^2 - X_\infty}{C - X_\infty} \big/ \log \alpha, \quad "
                r"X_\infty = \tfrac{\beta}{1 - \alpha}",
           measures="largest X_t ≥ 0 that the inequality allows at some t from T on",
           hypotheses=("0 ≤ c2 < c1", "ε'² ≤ C", "α ≥ 0"))
def recursion_estimate(theorem: Theorem, /, *, b: Real = 1, c1: Real = 2, c2: Real = 1, start: Real = 5,
                       epsilon: Real = Fraction(3, 10)) -> Verdict:
    """The worst sequence, step by step and in fractions where the numbers are, from ⌈T⌉ on."""
    r = Recursion(b, c1, c2, start, epsilon)
    T = r.steps if r.alpha >= 0 and r.steps < math.inf else 2
    worst = worst_nonnegative(r.alpha, r.beta, r.start, T + WATCHED)
    size = float(r.start + r.beta)
    return theorem.verdict(given=(0 <= r.c2 < r.c1, r.target <= r.start, r.alpha >= 0),
                           measured=max(worst[min(T, len(worst)) - 1:]), at_most=r.target,
                           error=0 if isinstance(r.alpha, Fraction) else 8 * (T + WATCHED) * EPS * size,
                           instance=f"b²/c1={short(r.b ** 2 / r.c1)}, c2/c1={short(r.c2 / r.c1)}, T={T}")


@statement("relu_gate/erratum-E11", "Equal constants, as printed", "Mukherjee 2020, Lemma 3.E.1",
           says=r"0 < c_2 \le c_1 \;\Rightarrow\; X_T \le \epsilon'^2 \text{ for some } T",
           measures="X_T − ε'² when every step is an equality, exactly", hypotheses=(
               "0 < c2 ≤ c1", "ε'² ≤ C", "b²/c1 ≤ (√ε' + 1/√ε')²"),
           erratum="The case c2 = c1 has to be left out: its fixed point is ε'² itself, X_t − ε'² = α^{t-1} (C − ε'²) "
                   "is positive at every t, and the printed T is infinite.", expected=State.VIOLATED)
def printed_equal_constants(theorem: Theorem, /, *, b: Real = 1, c1: Real = 2, ratio: Real = 1, start: Real = 5,
                            epsilon: Real = Fraction(3, 10), T: int = 500) -> Verdict:
    """c2 = `ratio` c1, and the sequence of equalities at T; with fractions nothing is rounded."""
    r = Recursion(b, c1, ratio * Fraction(c1), start, epsilon)
    return theorem.verdict(given=(0 < r.c2 <= r.c1, r.target <= r.start, r.b ** 2 / r.c1 <= printed_limit(r.epsilon)),
                           measured=r.value(T) - r.target, at_most=0, instance=f"c2/c1={short(r.c2 / r.c1)}, T={T}")


@statement("relu_gate/erratum-E11-beta", "The constant β, as printed", "Mukherjee 2020, proof of Lemma 3.E.1",
           says=r"\eta'^2 c_2 = \tfrac{b^2 c_2}{c_1} \tfrac{\epsilon'^4}{(1 + \epsilon'^2)^2}", measures="η'² c2",
           hypotheses=("c2 > 0",),
           erratum="The denominator is c1², not c1: η' = b ε'²/(c1 (1 + ε'²)). The T that the lemma prints is right.",
           expected=State.VIOLATED)
def printed_beta_value(theorem: Theorem, /, *, b: Real = 1, c1: Real = 2, c2: Real = 1,
                       epsilon: Real = Fraction(3, 10)) -> Verdict:
    """β of the recursion with the lemma's step, against the printed formula; equal when c1 = 1."""
    r = Recursion(b, c1, c2, 1, epsilon)
    printed = printed_beta(r.b, r.c1, r.c2, r.epsilon)
    return theorem.verdict(given=(r.c2 > 0,), measured=r.beta, equals=printed,
                           error=0 if isinstance(printed, Fraction) else 16 * EPS * printed,
                           instance=f"c1={short(r.c1)}")


def short(x: Real) -> str:
    """Six digits."""
    return f"{float(x):.6g}"
