"""How often reliable learning from m samples fails, exactly, when the distribution has finitely many atoms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, factorial, log, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.reliable import reliable_erm, reliable_losses

ROUNDING = 1e-9  # predictions and losses closer than this are equal: labels are of size 1, float64 leaves about 1e-13
Hypothesis = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Atoms:
    """A distribution of pairs (x, y): points x on the line, labels y in [0, 1], exact probabilities."""

    points: tuple[float, ...]
    labels: tuple[float, ...]
    probabilities: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if not len(self.points) == len(self.labels) == len(self.probabilities):
            raise ValueError("expected as many labels and probabilities as points")
        if sum(self.probabilities) != 1 or not all(0 <= y <= 1 for y in self.labels):
            raise ValueError(f"expected labels in [0, 1] and probabilities that add up to 1; got {self}")

    def problem(self, weights: Sequence[float], width: int) -> ERMProblem:
        """The atoms of positive weight as a problem."""
        x, y, v = (np.array(part, dtype=float) for part in (self.points, self.labels, weights))
        return ERMProblem(x[v > 0], y[v > 0], width, sample_weight=v[v > 0])


def learn(atoms: Atoms, counts: Sequence[int], width: int) -> Hypothesis:
    """Reliable empirical risk minimisation on a sample with these counts, its predictions clipped to [0, 1]."""
    net = reliable_erm(atoms.problem(counts, width)).net
    return lambda x: np.clip(net(x).ravel(), 0, 1)


def failure_probability(atoms: Atoms, samples: int, epsilon: float, *, width: int = 1,
                        learner: Callable[[Atoms, Sequence[int], int], Hypothesis] = learn) -> Fraction:
    """The probability that the learner's h has L_{=0}(h) > epsilon or L_{>0}(h) > epsilon + min over C' of L_{>0}.

    Exact: the sum of the multinomial probabilities of the samples on which it fails. C' are the nets of that width that
    are 0 on every atom with label 0.
    """
    least = reliable_erm(atoms.problem([float(p) for p in atoms.probabilities], width)).value
    return sum((chance for counts, chance in _samples(atoms.probabilities, samples)
                if not _reliable(atoms, learner(atoms, counts, width), least, epsilon)), Fraction(0))


def deviation_probability(atoms: Atoms, samples: int, most: float) -> Fraction:
    """The probability that the frequencies in the sample differ from the probabilities by more than `most`, summed."""
    limit, p = Fraction(most), atoms.probabilities
    return sum((chance for counts, chance in _samples(p, samples)
                if sum(abs(Fraction(c, samples) - q) for c, q in zip(counts, p, strict=True)) > limit), Fraction(0))


def enough_samples(atoms: int, epsilon: float, delta: float) -> int:
    """A number of samples with which reliable learning of any distribution on so many atoms fails at most with delta.

    (8 / epsilon²) log((2^atoms - 2) / delta): then the frequencies differ by at most epsilon / 2 in sum, with
    probability 1 - delta (Weissman et al. 2003, Theorem 2.1).
    """
    return ceil(8 / epsilon ** 2 * log(max(2 ** atoms - 2, 1) / delta))


def _reliable(atoms: Atoms, h: Any, least: float, epsilon: float) -> bool:
    found = reliable_losses(h, np.array(atoms.points)[:, None], atoms.labels, zero=ROUNDING,
                            probability=[float(p) for p in atoms.probabilities])
    return found.false_positives <= epsilon + ROUNDING and found.positive <= epsilon + least + ROUNDING


def _samples(probabilities: Sequence[Fraction], m: int) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """All counts of m samples with their probabilities."""
    for counts in _counts(m, len(probabilities)):
        ways = factorial(m) // prod(factorial(c) for c in counts)
        yield counts, ways * prod(p ** c for p, c in zip(probabilities, counts, strict=True))


def _counts(m: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (m,)
        return
    for first in range(m + 1):
        yield from ((first, *rest) for rest in _counts(m - first, parts - 1))
