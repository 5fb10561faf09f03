"""A fitting problem in exact rational numbers: regions of nets with given labels, and the best fit over each."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import lcm
from operator import mul

import numpy as np

from mathdl.exact_erm.exact_cone import GateCone, Vector, dot
from mathdl.exact_erm.exact_least_squares import nonnegative_least_squares
from mathdl.exact_erm.exact_linear_program import two_sided_fit
from mathdl.exact_erm.problem import ERMProblem

Signs = tuple[int, ...]
Bits = tuple[int, ...]
Theta = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Region:
    """The nets with top weights `signs` whose gates have `labels[k]` (one bit a gate: 1 on, 0 off) at `samples[k]`."""

    signs: Signs
    samples: tuple[int, ...]
    labels: tuple[Bits, ...]
    cones: tuple[GateCone, ...]

    def gate_labels(self, gate: int) -> Bits:
        """The labels of one gate, in the order of `samples`."""
        return tuple(bits[gate] for bits in self.labels)


@dataclass(frozen=True)
class Fit:
    """The least loss of the labelled samples over a region, the net that has it, and the proof.

    `slopes[j]` is a subgradient of the loss of sample j at the net's prediction; over the region's nets the sum of
    slopes[j] f(x_j) is >= 0, which makes `bound` a lower bound.
    """

    bound: Fraction
    theta: Theta
    bias: Fraction
    slopes: dict[int, Fraction]


@dataclass(eq=False)
class ExactProblem:
    """The problem with every float at its exact binary value, scaled to integers once.

    Raises ValueError for a loss that is neither squared nor polyhedral: its optimum need not be a rational number.
    """

    problem: ERMProblem
    points: list[Vector] = field(init=False)  # (x_j, 1) times `scale`
    scale: int = field(init=False)
    targets: list[int] = field(init=False)  # labels (squared) or kinks (polyhedral) times `unit`
    unit: int = field(init=False)
    weights: list[Fraction] = field(init=False)
    kinks: list[tuple[Fraction, Fraction, Fraction]] | None = field(init=False)  # (t, down, up), weights included
    copies: list[tuple[int, ...]] = field(init=False)  # the samples at the point of each sample
    _cones: dict = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        problem, exact = self.problem, lambda values: [Fraction(float(v)) for v in values]
        if problem.loss.kind not in ("quadratic", "polyhedral"):
            raise ValueError("expected the squared loss or a polyhedral one (absolute, hinge, quantile), whose optimum "
                             f"is a rational number; got {problem.loss.name!r}")
        x = [exact([*row, 1]) for row in problem.x]
        self.scale = lcm(*(v.denominator for row in x for v in row))
        self.points = [tuple(int(v * self.scale) for v in row) for row in x]
        self.weights = exact(problem.sample_weight)
        self.kinks, t = None, exact(problem.y)
        if problem.loss.kind == "polyhedral":
            t, *costs = (exact(part) for part in problem.loss.kink(problem.y))
            self.kinks = [(a, v * b, v * c) for a, v, b, c in zip(t, self.weights, *costs, strict=True)]
        self.unit = lcm(*(v.denominator for v in t))
        self.targets = [int(v * self.unit) for v in t]
        places: dict[Vector, list[int]] = {}
        for j, point in enumerate(self.points):
            places.setdefault(point, []).append(j)
        self.copies = [tuple(places[point]) for point in self.points]

    def sign_vectors(self) -> list[Signs]:
        """One sign vector for each number of minus signs; gates can be exchanged."""
        w = self.problem.width
        return [(1,) * (w - k) + (-1,) * k for k in range(w + 1)]

    def root(self, signs: Signs) -> Region:
        """The region of all nets with these top weights."""
        return Region(signs, (), (), (GateCone.whole(self.problem.n_inputs + 1),) * len(signs))

    def split(self, region: Region, sample: int) -> list[Region | int | None]:
        """One part for each label at `sample`, and its copies, in the order of itertools.product((0, 1), repeat=width).

        An int is a gate whose cone has no interior; None is a part dropped by symmetry: gates i < k of equal sign and
        equal labels so far would get 0 and 1.
        """
        return [self._part(region, sample, bits) for bits in product((0, 1), repeat=len(region.signs))]

    def _part(self, region: Region, sample: int, bits: Bits) -> Region | int | None:
        if is_dropped(region, bits):
            return None
        new = self.copies[sample]
        samples, labels = (*region.samples, *new), region.labels + (bits,) * len(new)
        part = Region(region.signs, samples, labels, ())
        cones = tuple(self._cone(cone, samples, part.gate_labels(i)) for i, cone in enumerate(region.cones))
        return cones.index(None) if None in cones else Region(region.signs, samples, labels, cones)

    def _cone(self, cone: GateCone, samples: tuple[int, ...], labels: Bits) -> GateCone | None:
        key = samples, labels
        if key not in self._cones:
            point, sign = self.points[samples[-1]], 2 * labels[-1] - 1
            self._cones[key] = cone.cut(tuple(sign * x for x in point))
        return self._cones[key]

    def fit(self, region: Region) -> Fit:
        """The exact minimum of the losses of the labelled samples over a region; the other samples count nothing."""
        columns, rays = self._features(region)
        solve = self._least_squares if self.kinks is None else self._linear_program
        c, slopes = solve(columns, region.samples)
        theta = [[Fraction(0)] * len(self.points[0]) for _ in region.signs]
        bias = Fraction(0)
        for value, (gate, direction) in zip(c, rays, strict=True):
            if gate < 0:
                bias += value * direction[0] / self.unit
            elif value:
                size = value * self.scale / self.unit
                theta[gate] = [old + size * x for old, x in zip(theta[gate], direction, strict=True)]
        slopes = dict(zip(region.samples, slopes, strict=True))
        return Fit(self.bound(slopes), tuple(map(tuple, theta)), bias, slopes)

    def bound(self, slopes: dict[int, Fraction]) -> Fraction:
        """The sum over samples of min over f of loss(f) - slope f."""
        total = Fraction(0)
        for j, g in slopes.items():
            if self.kinks is not None:
                total -= g * self.kinks[j][0]
            elif self.weights[j]:
                total -= g * Fraction(self.targets[j], self.unit) + g * g / (4 * self.weights[j])
        return total

    def _features(self, region: Region) -> tuple[list[Vector], list[tuple[int, Vector]]]:
        """What each ray of each gate's cone adds to the labelled samples, and (gate, ray); the bias is gate -1."""
        columns, rays = [], []
        for gate, (sign, cone) in enumerate(zip(region.signs, region.cones, strict=True)):
            labels = region.gate_labels(gate)
            for ray in cone.rays:
                column = tuple(sign * dot(ray.direction, self.points[j]) if p else 0
                               for j, p in zip(region.samples, labels, strict=True))
                if any(column):
                    columns.append(column)
                    rays.append((gate, ray.direction))
        if self.problem.output_bias and region.samples:
            columns += [(1,) * len(region.samples), (-1,) * len(region.samples)]
            rays += [(-1, (1,)), (-1, (-1,))]
        return columns, rays

    def _least_squares(self, columns: list[Vector], samples: tuple[int, ...]) -> tuple[list, list]:
        common = lcm(*(self.weights[j].denominator for j in samples))
        v, y = [int(self.weights[j] * common) for j in samples], [self.targets[j] for j in samples]
        heavy = [tuple(map(mul, v, a)) for a in columns]
        Q = [[dot(a, b) for b in columns] for a in heavy]
        c = nonnegative_least_squares(Q, [dot(a, y) for a in heavy], float_support(columns, v, y))
        residuals = [sum((c_k * a[j] for c_k, a in zip(c, columns, strict=True) if c_k), Fraction(-y[j]))
                     for j in range(len(samples))]
        return c, [2 * self.weights[j] * r / self.unit for j, r in zip(samples, residuals, strict=True)]

    def _linear_program(self, columns: list[Vector], samples: tuple[int, ...]) -> tuple[list, list]:
        down, up = ([self.kinks[j][side] for j in samples] for side in (1, 2))
        return two_sided_fit(columns, [self.targets[j] for j in samples], down, up) if samples else ([], [])

    def losses(self, theta: Theta, signs: Signs, bias: Fraction) -> list[Fraction]:
        """The exact weighted loss of each sample under a net."""
        found = []
        for j, point in enumerate(self.points):
            gates = (sum((a * x for a, x in zip(row, point, strict=True)), Fraction(0)) / self.scale for row in theta)
            f = bias + sum((s * z for s, z in zip(signs, gates, strict=True) if z > 0), Fraction(0))
            if self.kinks is None:
                found.append(self.weights[j] * (f - Fraction(self.targets[j], self.unit)) ** 2)
            else:
                t, down, up = self.kinks[j]
                found.append(max(down * (t - f), up * (f - t), Fraction(0)))
        return found


def is_dropped(region: Region, bits: Bits) -> bool:
    """Whether gates i < k of equal sign and equal labels so far would get the labels 0 and 1."""
    w, signs = len(bits), region.signs
    return any(signs[i] == signs[k] and bits[i] < bits[k] and region.gate_labels(i) == region.gate_labels(k)
               for i in range(w) for k in range(i + 1, w))


def float_support(columns: list[Vector], weights: list[int], target: list[int]) -> list[int]:
    """The columns that nonnegative least squares in floats uses: a first guess at those of the exact solution."""
    from scipy.optimize import nnls

    if not columns:
        return []
    root = np.sqrt(_floats(weights))
    A = np.array([_floats(column) for column in columns]).T * root[:, None]
    lengths = np.linalg.norm(A, axis=0)
    try:
        c = nnls(A / np.where(lengths > 0, lengths, 1), root * _floats(target))[0]
    except RuntimeError:  # too many steps: no guess
        return []
    return [int(k) for k in np.flatnonzero(c > 1e-12 * max(c.max(initial=0), 1e-300))]


def _floats(numbers: list[int] | Vector) -> np.ndarray:
    """Integers of any size as floats of size up to 1."""
    largest = max((abs(x).bit_length() for x in numbers), default=0)
    return np.array([x / (1 << largest) for x in numbers], dtype=float)
