"""Statements on what exact training costs: discussion 2.4.1, the batched path, and what goes wrong with a big M."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import factorial

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.batched import erm_batched
from mathdl.exact_erm.big_m import big_m_erm, least_big_m
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.complexity import distinct_subproblems
from mathdl.exact_erm.problem import ERMProblem

FEASIBLE = 1e-6  # how far HiGHS lets a constraint or a binary variable be off, and its absolute gap


@statement("exact_erm/discussion-2.4.1", "The exponent of D is n w", "Mukherjee 2020, section 2.4.1",
           says=r"\#\{\text{subproblems}\} \text{ is a polynomial in } D \text{ of degree } n w",
           measures="order of the last differences that do not vanish", hypotheses=("points in general position",))
def exponent_of_samples(theorem: Theorem, /, *, inputs: int = 2, width: int = 2, on_a_line: bool = False) -> Verdict:
    """Count subproblems on D = 1, …, n w + 3 points of the moment curve, then take differences until nothing is left.

    The degree of a polynomial is the order of its last non-zero differences, and n w + 3 values suffice to see it.
    `on_a_line` puts all points on one line of R^n.
    """
    counts = [distinct_subproblems(len(cells(_points(D, inputs, on_a_line)).patterns), width)
              for D in range(1, inputs * width + 4)]
    degree = -1
    while any(counts):
        counts, degree = [b - a for a, b in pairwise(counts)], degree + 1
    return theorem.verdict(given=(inputs == 1 or not on_a_line,), measured=degree, equals=inputs * width,
                           instance=f"n={inputs}, w={width}")


@statement("exact_erm/ours-exponential-count", "Exponential in n and in w", "ours",
           says=r"\#\{\text{subproblems}\} \ge \frac{2^{(n+2) w}}{w!}", measures="subproblems, counted",
           hypotheses=("n + 1 of the points affinely independent",))
def exponential_count(theorem: Theorem, /, *, inputs: int = 4, width: int = 2, samples: int = 6,
                      on_a_line: bool = False) -> Verdict:
    """The collections of (sign, cell) pairs on points of the moment curve, or of a line, against the bound."""
    N = len(cells(_points(samples, inputs, on_a_line)).patterns)
    spans = samples > inputs and (inputs == 1 or not on_a_line)
    bound = -(-2 ** ((inputs + 2) * width) // factorial(width))
    return theorem.verdict(given=(spans,), measured=distinct_subproblems(N, width), at_least=bound,
                           instance=f"n={inputs}, w={width}, D={samples}: {N} cells")


@statement("exact_erm/ours-batched", "Piles of cells reach the same optimum", "ours",
           says=r"\text{value} = \text{optimum}, \quad \text{bound} \ge \text{value} - 10^{-9} \textstyle\sum y^2",
           measures="largest distance of value and of bound to the optimum one by one, relative to Σ y²")
def batched_optimum(theorem: Theorem, /, *, samples: int = 6, inputs: int = 2, width: int = 2, instances: int = 2,
                    output_bias: bool = False, device: str = "auto", seed: int = 0) -> Verdict:
    """`erm_batched` against `erm_bruteforce`, which solves each cell alone, on Gaussian data.

    Both evaluate the loss of a net, and both optima have a dual bound within 1e-9 Σ y² below them.
    """
    rng, off = np.random.default_rng(seed), 0.0
    for _ in range(instances):
        x, y = rng.standard_normal((samples, inputs)), rng.standard_normal(samples)
        problem = ERMProblem(x, y, width, output_bias=output_bias)
        one, pile = erm_bruteforce(problem), erm_batched(problem, device=device)
        off = max(off, abs(pile.value - one.value) / (y @ y), abs(pile.lower - one.value) / (y @ y))
    return theorem.verdict(given=(), measured=off, equals=0, error=1e-9,
                           instance=f"{instances} × D={samples}, n={inputs}, w={width}")


@statement("exact_erm/ours-big-m", "A fixed M is enough (practice)", "a habit of mixed-integer models",
           says=r"\min\{\text{loss}: |\text{pre-activations}| \le M\} = \min\{\text{loss}\}",
           measures="value that HiGHS calls optimal",
           erratum="the model has no net with larger pre-activations, and the optimum may need them: an M is valid if "
                   "some optimal net has all pre-activations within ±M, which is known only afterwards",
           expected=State.VIOLATED)
def big_m_is_enough(theorem: Theorem, /, *, x: Sequence[float] = (-1, 0, 0.01), y: Sequence[float] = (0, 0, 1),
                    width: int = 1, big_m: float = 20.0) -> Verdict:
    """The big-M model of the absolute loss, solved by HiGHS, against the certified optimum of Algorithm 1."""
    problem = ERMProblem(np.array(x, dtype=float), np.array(y, dtype=float), width, "absolute")
    answer, certified = big_m_erm(problem, big_m), erm_bruteforce(problem)
    return theorem.verdict(given=(), measured=answer.claimed, equals=certified.value, error=_solver_error(problem),
                           instance=f"D={len(x)}, w={width}, M={big_m:g}")


@statement("exact_erm/ours-large-big-m", "The larger M, the safer (practice)", "a habit of mixed-integer models",
           says=r"M \text{ valid} \implies \text{value called optimal} = \min\{\text{loss}\}",
           measures="value that HiGHS calls optimal", hypotheses=("some optimal net within ±M",),
           erratum="solvers take z = 10⁻⁶ for 0, and then h ≤ M z lets a gate that is off put out M 10⁻⁶: the value "
                   "may lie below that of every net; read the loss off the net, never off the model",
           expected=State.VIOLATED)
def larger_is_safer(theorem: Theorem, /, *, x: Sequence[float] = (0, 1, 2), y: Sequence[float] = (1, 0, 1),
                    width: int = 1, big_m: float = 1e6) -> Verdict:
    """What HiGHS claims for the absolute loss against the certified optimum of Algorithm 1, whose net is within ±M."""
    problem = ERMProblem(np.array(x, dtype=float), np.array(y, dtype=float), width, "absolute")
    answer, certified = big_m_erm(problem, big_m), erm_bruteforce(problem)
    largest = float(abs(certified.theta @ problem.lifted.T).max())
    return theorem.verdict(given=(largest <= big_m or None,), measured=answer.claimed, equals=certified.value,
                           error=_solver_error(problem), instance=f"D={len(x)}, w={width}, M={big_m:g}")


@statement("exact_erm/ours-no-big-m", "No M serves all data", "ours",
           says=r"\min_{\text{optimal nets}} \max |\text{pre-activation}| = \frac{1}{w \varepsilon}",
           measures="least M that keeps a net of loss 0, by linear programs over all cells",
           hypotheses=("0 < ε ≤ 1",))
def no_big_m(theorem: Theorem, /, *, spacing: float = 0.01, width: int = 2) -> Verdict:
    """Three samples on the line: x = −1, 0, ε with labels 0, 0, 1, and every net with loss 0."""
    problem = ERMProblem(np.array([-1.0, 0.0, spacing]), np.array([0.0, 0.0, 1.0]), width, "absolute")
    # The programs are solved to 1e-7 in each constraint; ε divides what the constraint at x = ε lets M be off.
    return theorem.verdict(given=(0 < spacing <= 1,), measured=least_big_m(problem), equals=1 / (width * spacing),
                           error=1e-7 * (1 + 2 / abs(spacing)), instance=f"ε={spacing:g}, w={width}")


def _points(samples: int, inputs: int, on_a_line: bool) -> np.ndarray:
    """(t, t², …, tⁿ) for t = 0, 1, −1, 2, …: in general position, exactly; or all of them (t, …, t)."""
    t = np.array([(j + 1) // 2 * (-1) ** (j + 1) for j in range(samples)], dtype=float)
    return t[:, None] ** (np.ones(inputs) if on_a_line else np.arange(1, inputs + 1))


def _solver_error(problem: ERMProblem) -> float:
    """HiGHS's gap, and its tolerance in the two constraints of each sample's loss, for labels of any size."""
    return FEASIBLE * (1 + 2 * problem.n_samples) * max(1.0, float(abs(problem.y).max()))
