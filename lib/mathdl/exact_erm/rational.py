"""The exact optimum as a rational number: a search over labels in which every bound is computed in exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.exact_problem import ExactProblem, Fit, Region, Signs, Theta
from mathdl.exact_erm.problem import ERMProblem
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True, eq=False)
class ExactOptimum:
    """A net whose value is the minimum, all in Fractions; the data are the exact binary values of the floats.

    `theta` (width rows of n_inputs + 1) holds the gates, `signs` the top weights, `value` the weighted sum of losses.
    """

    problem: ERMProblem
    value: Fraction
    theta: Theta
    signs: Signs
    bias: Fraction
    regions: int

    @property
    def net(self) -> ReLUNet:
        """The best net, with Fractions."""
        return exact_net(self.theta, self.signs, self.bias)

    @property
    def pattern(self) -> NDArray[np.bool_]:
        """Which samples each gate is active on (strictly), shape (width, n_samples), decided exactly."""
        lifted = [[Fraction(float(v)) for v in row] for row in self.problem.lifted]
        return np.array([[sum(a * x for a, x in zip(row, point, strict=True)) > 0 for point in lifted]
                         for row in self.theta])

    def __repr__(self) -> str:
        return f"exact optimum {float(self.value):.12g}, denominator of {self.value.denominator.bit_length()} bits"


def exact_net(theta: Theta, signs: Signs, bias: Fraction) -> ReLUNet:
    """The net with these gates, top weights and top bias, with Fractions."""
    return ReLUNet([[row[:-1] for row in theta], [list(signs)]], [[row[-1] for row in theta], [bias]], exact=True)


def exact_minimum(problem: ERMProblem, *, prune: bool = True) -> ExactOptimum:
    """The global minimum in exact rational arithmetic, by a method that shares no code with the float engines.

    Label one sample after another, the region of least bound first, and stop when the exact least loss of a region's
    labelled samples is nowhere below the best net. For small problems (about 12 samples, width 2). `prune=False` goes
    through every cell of every gate instead.
    Raises ValueError for losses that are neither squared nor polyhedral.
    """
    exact = ExactProblem(problem)
    zero = tuple((Fraction(0),) * (problem.n_inputs + 1) for _ in range(problem.width))
    best = sum(exact.losses(zero, (1,) * problem.width, Fraction(0))), zero, (1,) * problem.width, Fraction(0)
    waiting, regions, age = [], 0, count()
    for signs in exact.sign_vectors():
        _put(waiting, exact, exact.root(signs), age)
    while waiting and (not prune or waiting[0].fit.bound < best[0]):
        region, fit = heappop(waiting)[-2:]
        regions += 1
        losses = exact.losses(fit.theta, region.signs, fit.bias)
        best = min(best, (sum(losses), fit.theta, region.signs, fit.bias), key=itemgetter(0))
        sample = worst_fitted(region, losses)
        if sample is not None and (sum(losses) > fit.bound or not prune):
            for part in exact.split(region, sample):
                if isinstance(part, Region):
                    _put(waiting, exact, part, age)
    return ExactOptimum(problem, *best, regions)


class _Waiting(NamedTuple):
    """A region in the queue: least bound first, then most labels, then oldest."""

    bound: Fraction
    unlabelled: int
    age: int
    region: Region
    fit: Fit


def _put(waiting: list[_Waiting], exact: ExactProblem, region: Region, age: Iterator[int]) -> None:
    fit = exact.fit(region)
    heappush(waiting, _Waiting(fit.bound, -len(region.samples), next(age), region, fit))


def worst_fitted(region: Region, losses: list[Fraction]) -> int | None:
    """The sample without labels that the region's best net fits worst: labelling it raises the bound."""
    free = [j for j in range(len(losses)) if j not in region.samples]
    return max(free, key=lambda j: losses[j], default=None)
