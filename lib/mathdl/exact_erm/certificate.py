"""Certificates of optimality: a file that proves the optimum of a fitting problem to anyone who can add fractions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import lcm
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mathdl.core.whole_file import written_whole
from mathdl.exact_erm import certificate_check as checker
from mathdl.exact_erm.certificate_check import Refused, Verification, number
from mathdl.exact_erm.exact_cone import Vector, dot
from mathdl.exact_erm.exact_least_squares import nonnegative_least_squares
from mathdl.exact_erm.exact_problem import ExactProblem, Fit, Region, Signs, Theta, float_support
from mathdl.exact_erm.losses import LOSSES
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rational import exact_minimum, exact_net, worst_fitted
from mathdl.exact_erm.result import ERMResult
from mathdl.exact_erm.search_tree import Branch
from mathdl.nets.relu_net import ReLUNet

KINDS = {"split": "split", "slopes": "leaf", "empty": "impossible"}
Net = tuple[Theta, Signs, Fraction]


class Place(NamedTuple):
    """A node of a certificate's tree, and the way to it: (sample, labels of the gates) at each split."""

    signs: Signs
    path: tuple[tuple[int, tuple[int, ...]], ...]
    node: dict[str, Any] | None

    @property
    def kind(self) -> str:
        """ "split", "leaf", "impossible" (labels that no gate has strictly) or "repeated" (dropped by symmetry)."""
        if self.node is None:
            return "repeated"
        return next(kind for name, kind in KINDS.items() if name in self.node)


@dataclass(frozen=True, eq=False)
class Certificate:
    """What a certificate file holds: the data, a net, its value, and a tree of lower bounds for each sign vector.

    `document` is the content of the JSON file. `verify()` believes none of it but the data.
    """

    document: dict[str, Any] = field(repr=False)

    @property
    def value(self) -> Fraction:
        """The claimed weighted sum of losses of the net."""
        return self._read("value", number)

    @property
    def tolerance(self) -> Fraction:
        """How far below the value another net could be; 0 for a proof of the exact optimum."""
        return self._read("tolerance", number)

    @property
    def net(self) -> ReLUNet:
        """The net, with Fractions."""
        def read(net: dict[str, Any]) -> ReLUNet:
            theta = tuple(tuple(map(number, row)) for row in net["theta"])
            return exact_net(theta, tuple(net["signs"]), number(net["bias"]))

        return self._read("net", read)

    def _read(self, name: str, how: Any) -> Any:
        try:
            return how(self.document[name])
        except (KeyError, TypeError, Refused) as error:
            raise ValueError(f"certificate: {name} cannot be read ({error}); verify() says what is wrong") from None

    def places(self) -> Iterator[Place]:
        """Every node of every tree, a node before what is below it; only for certificates in good order."""
        for tree in self.document["trees"]:
            stack = [Place(tuple(tree["signs"]), (), tree["root"])]
            while stack:
                place = stack.pop()
                yield place
                if place.node and "split" in place.node:
                    ways = product((0, 1), repeat=len(place.signs))
                    below = [Place(place.signs, (*place.path, (place.node["split"], bits)), child)
                             for bits, child in zip(ways, place.node["children"], strict=True)]
                    stack.extend(reversed(below))

    def bounds(self) -> list[tuple[Place, Fraction]]:
        """The leaves and what they prove, if their multipliers fit, in the order of `places`.

        A leaf with a number that is no slope of the loss proves nothing: 0.
        """
        data = checker.read_problem(self.document["problem"])
        return [(place, _bound(data, place.node)) for place in self.places() if place.kind == "leaf"]

    def outline(self, lines: int = 40) -> str:
        """The trees in words, at most so many lines; only for certificates in good order."""
        proved = {id(place.node): bound for place, bound in self.bounds()}
        rows = [line for place in self.places() for line in _in_words(place, proved)]
        more = [f"... and {len(rows) - lines} lines more"] if len(rows) > lines else []
        return "\n".join([*rows[:lines], *more])

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(self.document, indent=None, separators=(",", ":"))

    def save(self, path: str | os.PathLike) -> None:
        """Write the file; a file that was there is replaced only when the new one is complete."""
        with written_whole(path) as file:
            file.write(self.to_json() + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike) -> Certificate:
        """Read a file; raises ValueError when it is no JSON object in the number format of certificates."""
        try:
            document = checker.parse(Path(path).read_text(encoding="utf-8"))
        except (Refused, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: {error}") from None
        if not isinstance(document, dict):
            raise ValueError(f"{path}: expected a JSON object; got {type(document).__name__}")
        return cls(document)

    def verify(self, problem: ERMProblem | None = None) -> Verification:
        """Check everything again in exact arithmetic, without a solver; see `mathdl.exact_erm.certificate_check`.

        With a `problem`, a certificate about other data is refused.
        """
        found = checker.check(self.document)
        if found and problem is not None:
            fingerprint = checker.read_problem(problem_document(problem)).fingerprint
            if found.fingerprint != fingerprint:
                return Verification(False, f"it is about other data, fingerprint {found.fingerprint}; this problem "
                                           f"has fingerprint {fingerprint}")
        return found

    def __repr__(self) -> str:
        gap = f", tolerance {float(self.tolerance):.3g}" if self.tolerance else ""
        return f"certificate for the value {float(self.value):.12g}{gap}, {len(self.to_json()):,} characters"


def _bound(data: checker.Data, node: dict[str, Any]) -> Fraction:
    try:
        return sum((data.bound(j, number(g)) for j, g in node["slopes"]), Fraction(0))
    except Refused:
        return Fraction(0)


def _in_words(place: Place, proved: dict[int, Fraction]) -> list[str]:
    """One line for a node, and one above a root."""
    named = lambda pairs: ", ".join(f"{text} at {j}" for j, text in pairs) or "none"  # noqa: E731
    above = [] if place.path else [f"top weights {', '.join(f'{s:+d}' for s in place.signs)}"]
    bits = "".join(("off ", "on ")[p] for p in place.path[-1][1]) if place.path else ""
    margin = "  " * (len(place.path) + 1) + bits.strip() + (": " if bits else "")
    if place.kind == "split":
        return [*above, f"{margin}split at sample {place.node['split']}"]
    if place.kind == "repeated":
        return [*above, f"{margin}as another child, gates exchanged"]
    if place.kind == "impossible":
        return [*above, f"{margin}impossible for gate {place.node['empty']}: {named(place.node['multipliers'])}"]
    multipliers = "; ".join(named(pairs) for pairs in place.node["multipliers"])
    claim = f"at least {checker.short(proved[id(place.node)])}"
    return [*above, f"{margin}{claim}: slopes {named(place.node['slopes'])}; multipliers {multipliers}"]


class _NotTheBest(Exception):
    """There is a net below the value to be certified."""


def certify(problem: ERMProblem, result: ERMResult | None = None, *, tolerance: float | Fraction = 0) -> Certificate:
    """A certificate that no net is more than `tolerance` below the net in it; 0 proves the exact optimum.

    `result` (of any method) spares the search for the net, and that of `branch_and_bound` also the search for a tree;
    where its float bounds do not suffice in exact arithmetic, the tree is refined. A wrong `result` costs time only:
    when a better net turns up, the exact optimum is searched for. Raises ValueError for losses that are neither squared
    nor polyhedral, and for a negative tolerance.
    """
    tolerance = Fraction(tolerance)
    if tolerance < 0:
        raise ValueError(f"tolerance: expected a number >= 0; got {tolerance}")
    exact = ExactProblem(problem)
    net = _exact_start(exact, result)
    try:
        return _certificate(exact, net, tolerance, result)
    except _NotTheBest:
        return _certificate(exact, _exact_start(exact, None), tolerance, result)


def _certificate(exact: ExactProblem, net: Net, tolerance: Fraction, result: ERMResult | None) -> Certificate:
    value = sum(exact.losses(*net), Fraction(0))
    trees = [_Grower(exact, value, value - tolerance).grow(exact.root(signs), _guide(result, signs))
             for signs in exact.sign_vectors()]
    return Certificate(_document(exact, net, value, tolerance, trees))


def _exact_start(exact: ExactProblem, result: ERMResult | None) -> Net:
    """The exact best net of the cell of a float result, or the exact optimum when there is none."""
    region = None if result is None else _cell(exact, result)
    if region is None:
        best = exact_minimum(exact.problem)
        return best.theta, best.signs, best.bias
    fit = exact.fit(region)
    return fit.theta, region.signs, fit.bias


def _cell(exact: ExactProblem, result: ERMResult) -> Region | None:
    """The cell of a float net; on its walls, whichever neighbour has an interior."""
    region = exact.root(tuple(int(s) for s in result.signs))
    active = np.asarray(result.patterns).astype(int)
    for j in range(exact.problem.n_samples):
        if j not in region.samples:
            parts = [part for part in exact.split(region, j) if isinstance(part, Region)]
            wanted = tuple(active[:, j])
            region = min(parts, key=lambda part: sum(a != b for a, b in zip(part.labels[-1], wanted, strict=True)))
    return region


def _guide(result: ERMResult | None, signs: Signs) -> Branch | None:
    """The root that a float search tree has for these top weights, when it has one."""
    tree = getattr(result, "proof", None)
    roots = dict(zip(getattr(tree, "signs", ()), getattr(tree, "roots", ()), strict=True))
    return roots.get(signs)


@dataclass
class _Grower:
    """Grows the tree of one sign vector until every leaf has an exact bound that reaches `target`."""

    exact: ExactProblem
    value: Fraction
    target: Fraction

    def grow(self, region: Region, guide: object = None) -> dict[str, Any]:
        """The node of a region, in the form of the file."""
        if isinstance(guide, Branch):
            if guide.sample not in region.samples:
                return self._split(region, guide.sample, guide.children)
            bits = region.labels[region.samples.index(guide.sample)]
            return self.grow(region, guide.children[int("".join(map(str, bits)), 2)])
        fit = self.exact.fit(region)
        if fit.bound >= self.target:
            return leaf(self.exact, region, fit)
        losses = self.exact.losses(fit.theta, region.signs, fit.bias)
        if sum(losses) < self.value:
            raise _NotTheBest
        return self._split(region, worst_fitted(region, losses), (None,) * 2 ** len(region.signs))

    def _split(self, region: Region, sample: int, guides: tuple) -> dict[str, Any]:
        children: list[dict[str, Any] | None] = []
        for position, (part, guide) in enumerate(zip(self.exact.split(region, sample), guides, strict=True)):
            if isinstance(part, int):
                bit = position >> (len(region.signs) - 1 - part) & 1
                children.append(impossible(self.exact, region, sample, part, bit))
            else:
                children.append(part and self.grow(part, guide))
        return {"split": sample, "children": children}


def leaf(exact: ExactProblem, region: Region, fit: Fit) -> dict[str, Any]:
    """The slopes of a fit, and multipliers that show for each gate that they are on the right side of its cone."""
    multipliers = []
    for gate, sign in enumerate(region.signs):
        on = {j: fit.slopes[j] for j, p in zip(region.samples, region.gate_labels(gate), strict=True) if p}
        goal = [sum((sign * g * exact.points[j][k] for j, g in on.items()), Fraction(0))
                for k in range(exact.problem.n_inputs + 1)]
        multipliers.append(_pairs(_in_cone(_sides(exact, region, gate), goal)))
    return {"slopes": _pairs(fit.slopes), "multipliers": multipliers}


def impossible(exact: ExactProblem, region: Region, sample: int, gate: int, bit: int) -> dict[str, Any]:
    """Multipliers that show that no gate has the labels of the region strictly, and `bit` at the sample."""
    goal = [Fraction((1 - 2 * bit) * x) for x in exact.points[sample]]
    return {"empty": gate, "multipliers": _pairs({sample: Fraction(1), **_in_cone(_sides(exact, region, gate), goal)})}


def _sides(exact: ExactProblem, region: Region, gate: int) -> dict[int, Vector]:
    """(2 p_j - 1)(x_j, 1), scaled, for one labelled sample of each point."""
    labels = zip(region.samples, region.gate_labels(gate), strict=True)
    return {j: tuple((2 * p - 1) * x for x in exact.points[j]) for j, p in labels if exact.copies[j][0] == j}


def _in_cone(sides: dict[int, Vector], goal: list[Fraction]) -> dict[int, Fraction]:
    """λ >= 0 with sum λ_j side_j = goal: nonnegative least squares, whose residual is 0 here."""
    if not any(goal):
        return {}
    common = lcm(*(g.denominator for g in goal))
    target, columns = [int(g * common) for g in goal], list(sides.values())
    Q = [[dot(a, b) for b in columns] for a in columns]
    guess = float_support(columns, [1] * len(target), target)
    c = nonnegative_least_squares(Q, [dot(a, tuple(target)) for a in columns], guess)
    return {j: value / common for j, value in zip(sides, c, strict=True)}


def _pairs(numbers: dict[int, Fraction]) -> list[list]:
    return [[j, exact_text(value)] for j, value in sorted(numbers.items()) if value]


def exact_text(x: Fraction) -> str:
    """A rational number as text, without loss: "3/8" when short, a float in base 16 when it is one, else p/q."""
    longest = max(x.numerator.bit_length(), x.denominator.bit_length())
    if longest > 3 * checker.DIGITS:
        return f"{x.numerator:#x}/{x.denominator:#x}"
    text = str(x)
    return float(x).hex() if len(text) > 12 and _is_float(x) else text


def _is_float(x: Fraction) -> bool:
    try:
        return Fraction(float(x)) == x
    except OverflowError:
        return False


def problem_document(problem: ERMProblem) -> dict[str, Any]:
    """The problem in the form of the file: every float at its exact binary value."""
    texts = lambda values: [exact_text(Fraction(float(v))) for v in values]  # noqa: E731
    loss: Any = problem.loss.name
    if problem.loss is not LOSSES.get(loss):
        loss = dict(zip(("at", "below", "above"), map(texts, problem.loss.kink(problem.y)), strict=True))
    return {"x": [texts(row) for row in problem.x], "y": texts(problem.y), "weight": texts(problem.sample_weight),
            "width": problem.width, "loss": loss, "output_bias": problem.output_bias}


def _document(exact: ExactProblem, net: Net, value: Fraction, tolerance: Fraction, trees: list) -> dict[str, Any]:
    theta, signs, bias = net
    net = {"theta": [[exact_text(a) for a in row] for row in theta], "signs": list(signs), "bias": exact_text(bias)}
    grown = [{"signs": list(s), "root": root} for s, root in zip(exact.sign_vectors(), trees, strict=True)]
    return {"format": checker.FORMAT, "version": checker.VERSION, "problem": problem_document(exact.problem),
            "net": net, "value": exact_text(value), "tolerance": exact_text(tolerance), "trees": grown}
