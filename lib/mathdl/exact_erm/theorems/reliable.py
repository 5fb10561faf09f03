"""Statements on reliable learning: Definition 9, what it lacks in print, and the price of no false positives."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.reliable import reliable_erm, trade_off
from mathdl.exact_erm.reliable_sampling import Atoms, Hypothesis, deviation_probability, failure_probability, learn

THREE = Atoms((0.0, 1.0, 2.0), (0.0, 1.0, 0.5), (Fraction(9, 20), Fraction(7, 20), Fraction(1, 5)))
LEARNERS = {"reliable": learn, "always zero": lambda atoms, counts, width: lambda x: np.zeros(len(x))}


@statement("exact_erm/definition-9", "Reliable agnostic learning", "Mukherjee 2020, Definition 9, with confidence",
           says=r"\mathbb P\left[ L_{=0}(h) \le \epsilon \text{ and } L_{>0}(h) \le \epsilon + \min_{c \in C'} "
                r"L_{>0}(c) \right] \ge 1 - \delta",
           measures="exact probability that reliable ERM, clipped to [0, 1], fails on m samples",
           hypotheses=("frequencies are within ε/2 of the probabilities, in sum, with probability 1 − δ",))
def reliable_learning(theorem: Theorem, /, *, atoms: Atoms = THREE, epsilon: float = 0.4, delta: float = 0.5,
                      samples: int = 20, width: int = 1) -> Verdict:
    """All samples of a distribution with finitely many atoms, each learned from and judged, against δ."""
    close = 1 - deviation_probability(atoms, samples, epsilon / 2)
    return theorem.verdict(given=(close >= 1 - delta,), at_most=delta, trivial=1,
                           measured=failure_probability(atoms, samples, epsilon, width=width),
                           instance=f"{len(atoms.points)} atoms, ε={epsilon:g}, δ={delta:g}, m={samples}")


@statement("exact_erm/erratum-E8", "Reliable learning, as printed", "Mukherjee 2020, Definition 9",
           says=r"L_{=0}(h) \le \epsilon \text{ and } L_{>0}(h) \le \epsilon + \min_{c \in C'} L_{>0}(c) "
                r"\text{ for every sample}",
           measures="larger probability of failure of the learner on two distributions",
           erratum="No learner that sees finitely many samples can do this for every distribution: the sample may lack "
                   "the label 0 where it belongs. The definition needs 'with probability at least 1 − δ'; also h maps "
                   "to Y', the minimum is over L_{>0}(c, D), and efficient means poly(n, s, 1/ε, 1/δ).",
           expected=State.VIOLATED)
def printed_definition(theorem: Theorem, /, *, samples: int = 12, zeros: Fraction = Fraction(1, 4),
                       epsilon: float = 0.1, learner: str = "reliable") -> Verdict:
    """One point a: always label 1, or label 0 in a share `zeros` of the cases; a sample of ones fits both.

    With h(a) = 0 the learner fails on the first, with h(a) ≠ 0 on the second, with probability (1 − zeros)^m or more.
    """
    h: Hypothesis = LEARNERS[learner]
    always = Atoms((1.0,), (1.0,), (Fraction(1),))
    mixed = Atoms((1.0, 1.0), (0.0, 1.0), (zeros, 1 - zeros))
    failed = max(failure_probability(atoms, samples, epsilon, learner=h) for atoms in (always, mixed))
    return theorem.verdict(given=(), measured=failed, at_most=0, instance=f"m={samples}, ε={epsilon:g}, {learner}")


@statement("exact_erm/ours-false-positives", "The price of no false positives", "ours",
           says=r"t_0 \ge t_1 \ge \dots \ge t_K = \min L_{>0}, \quad t_k = \text{least } L_{>0} "
                r"\text{ with } k \text{ false positives allowed}",
           measures="largest increase along the curve, or its end above the optimum without zero labels",
           hypotheses=("some label is 0",))
def false_positive_curve(theorem: Theorem, /, *, samples: int = 8, zeros: int = 3, width: int = 1,
                         labels: Sequence[float] | None = None, seed: int = 0) -> Verdict:
    """The trade-off curve against monotonicity, and its end against the optimum on the positive labels alone."""
    problem = sparse_labels(samples, zeros, width, seed=seed, labels=labels)
    keep, curve = problem.y > 0, trade_off(problem)
    alone = reliable_erm(ERMProblem(problem.x[keep], problem.y[keep], width)).value
    worst = max([abs(curve[-1] - alone), *np.diff(curve)])
    return theorem.verdict(given=(bool((problem.y == 0).any()),), measured=worst, at_most=0,
                           error=1e-12 * float(problem.y @ problem.y),  # each value is exact to less than that
                           instance=f"D={samples}, w={width}, from {curve[0]:.6g} to {curve[-1]:.6g}")


def sparse_labels(samples: int, zeros: int, width: int, *, seed: int = 0,
                  labels: Sequence[float] | None = None) -> ERMProblem:
    """Gaussian points on the line with uniform labels in (0, 1], `zeros` of them set to 0; or the `labels` given."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal(samples), rng.uniform(0.1, 1, samples)
    y[rng.choice(samples, zeros, replace=False)] = 0
    return ERMProblem(x, y if labels is None else labels, width)
