"""Checks a certificate of optimality in exact arithmetic. Uses the standard library only, and no solver.

    python certificate_check.py FILE

Nothing in the file is believed except the data. The trees are walked: at a split, every labelling of the sample by
the gates must be present, or impossible (no affine function has these labels of a gate strictly, shown by
multipliers), or the same as a present one up to the order of gates of equal sign. At a leaf, slopes g_j of the losses
and multipliers give the bound sum_j min_f (loss_j(f) - g_j f). It is valid when, for each gate i, s_i times the sum of
g_j (x_j, 1) over the samples where it is on equals the sum of λ_ij (2 p_ij - 1) (x_j, 1) with λ >= 0, and the g_j add
up to 0 if there is an output bias: then sum_j g_j f(x_j) >= 0 for every net with these labels. Every bound must reach
value - tolerance, and the net in the file must have the value.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from operator import mul

FORMAT, VERSION = "mathdl certificate", 1
LONGEST = 20_000  # characters of one number
DIGITS = 4_000  # decimal digits of one integer; longer ones are written in base 16
WIDEST = 8  # gates: a split has 2^width parts
_RATIONAL = re.compile(r"(-?)([0-9]+|0x[0-9a-f]+)(?:/([0-9]+|0x[0-9a-f]+))?")
_HEX_FLOAT = re.compile(r"-?0x[01](\.[0-9a-f]{1,13})?p[+-]?[0-9]{1,4}")
Labels = dict[int, tuple[int, ...]]


class Refused(ValueError):
    """Why a certificate does not prove what it claims."""


@dataclass(frozen=True)
class Data:
    """The problem of a certificate: samples, weights, width, loss, and whether there is an output bias."""

    x: tuple[tuple[Fraction, ...], ...]
    y: tuple[Fraction, ...]
    weight: tuple[Fraction, ...]
    width: int
    loss: str
    kinks: tuple[tuple[Fraction, Fraction, Fraction], ...] | None
    output_bias: bool

    @property
    def fingerprint(self) -> str:
        """Sixteen characters that depend on every number of the problem (SHA-256 of its exact values)."""
        parts = [self.x, self.y, self.weight, self.width, self.loss, self.kinks, self.output_bias]
        return hashlib.sha256(repr(_plain(parts)).encode()).hexdigest()[:16]

    def value(self, j: int, f: Fraction) -> Fraction:
        """The weighted loss of sample j at prediction f."""
        if self.kinks is None:
            return self.weight[j] * (f - self.y[j]) ** 2
        t, down, up = self.kinks[j]
        return max(down * (t - f), up * (f - t), Fraction(0)) * self.weight[j]

    def bound(self, j: int, g: Fraction) -> Fraction:
        """The minimum over f of loss_j(f) - g f; refuses a slope g for which there is none."""
        v = self.weight[j]
        if self.kinks is None:
            require(v > 0 or g == 0, f"a slope other than 0 at sample {j}, whose weight is 0: no bound follows")
            return -g * self.y[j] - g * g / (4 * v) if v else Fraction(0)
        t, down, up = self.kinks[j]
        if not -v * down <= g <= v * up:
            raise Refused(f"slope {short(g)} at sample {j} is no slope of its loss")
        return -g * t


@dataclass(frozen=True)
class Verification:
    """What the check found; `statement` is what is proved, `reason` why a certificate is refused."""

    accepted: bool
    reason: str = ""
    statement: str = ""
    fingerprint: str = ""
    value: Fraction | None = None
    lower: Fraction | None = None
    splits: int = 0
    leaves: int = 0
    empty: int = 0
    dropped: int = 0

    def __bool__(self) -> bool:
        return self.accepted

    def __repr__(self) -> str:
        if not self.accepted:
            return f"Refused: {self.reason}"
        return (f"Accepted. {self.statement}\nChecked: {self.leaves} bounds, {self.empty} impossible and "
                f"{self.dropped} repeated labellings at {self.splits} splits.")


def require(condition: bool, reason: str) -> None:
    """Refuse with the reason unless the condition holds."""
    if not condition:
        raise Refused(reason)


def check_text(text: str) -> Verification:
    """Check a certificate given as JSON text."""
    try:
        return check(parse(text))
    except Refused as reason:
        return Verification(False, str(reason))


def check(document: object) -> Verification:
    """Check a certificate given as the content of its JSON file."""
    try:
        return _check(document)
    except Refused as reason:
        return Verification(False, str(reason))


def parse(text: str) -> object:
    """The content of JSON text in which numbers are short integers or strings; anything else is refused."""
    try:
        return json.loads(text, parse_float=_no_float, parse_constant=_no_float, parse_int=_short_int,
                          object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        raise Refused(f"no complete JSON: {error}") from None
    except RecursionError:
        raise Refused("brackets are nested too deeply") from None


def _no_float(text: str) -> None:
    raise Refused(f"a bare {text[:20]}: rational numbers are strings such as \"3/8\" or \"0x1.8p-2\"")


def _short_int(text: str) -> int:
    require(len(text) <= 9, f"an integer of {len(text)} characters: expected an index or a sign")
    return int(text)


def _no_duplicates(pairs: list) -> dict:
    found = dict(pairs)
    require(len(found) == len(pairs), f"a name twice among {', '.join(sorted(str(k)[:20] for k, _ in pairs))}")
    return found


def number(text: object) -> Fraction:
    """The exact value of "3/8", "-0x1f/0x20" (integers in base 16) or "0x1.8p-2" (a float)."""
    require(isinstance(text, str), f"expected a number as a string such as \"3/8\"; got {str(text)[:30]}")
    require(len(text) <= LONGEST, f"a number of {len(text)} characters; at most {LONGEST} are read")
    if _HEX_FLOAT.fullmatch(text):
        try:
            return Fraction(float.fromhex(text))
        except OverflowError:
            raise Refused(f"the number {text} is out of range") from None
    found = _RATIONAL.fullmatch(text)
    require(found is not None, f"not a number: {text[:30]!r}; expected one such as \"3/8\" or \"0x1.8p-2\"")
    top, bottom = _integer(found[2]), _integer(found[3] or "1")
    require(bottom != 0, f"division by zero in {text[:30]!r}")
    return Fraction(-top if found[1] else top, bottom)


def _integer(text: str) -> int:
    if text.startswith("0x"):
        return int(text, 16)
    require(len(text) <= DIGITS, f"an integer of {len(text)} decimal digits; write more than {DIGITS} in base 16")
    return int(text)


def entries(node: object, names: set[str], what: str) -> dict:
    """A JSON object with exactly these names."""
    require(isinstance(node, dict), f"{what}: expected an object with {', '.join(sorted(names))}")
    require(set(node) == names, f"{what}: expected {', '.join(sorted(names))}; got {', '.join(map(str, sorted(node)))}")
    return node


def items(node: object, length: int | None, what: str) -> list:
    """A JSON list of this length."""
    require(isinstance(node, list), f"{what}: expected a list")
    require(length is None or len(node) == length, f"{what}: expected {length} entries; got {len(node)}")
    return node


def whole(node: object, low: int, high: int, what: str) -> int:
    """A JSON integer from low to high."""
    require(type(node) is int and low <= node <= high,
            f"{what}: expected an integer {low} to {high}; got {str(node)[:20]}")
    return node


def _vector(node: object, length: int | None, what: str) -> tuple[Fraction, ...]:
    return tuple(number(text) for text in items(node, length, what))


def read_problem(node: object) -> Data:
    """The problem of a certificate, or Refused."""
    found = entries(node, {"x", "y", "weight", "width", "loss", "output_bias"}, "problem")
    rows = items(found["x"], None, "x")
    require(bool(rows) and isinstance(rows[0], list) and bool(rows[0]), "x: expected at least one sample and one input")
    x = tuple(_vector(row, len(rows[0]), "a sample") for row in rows)
    y, weight = (_vector(found[name], len(x), name) for name in ("y", "weight"))
    require(all(v >= 0 for v in weight), "weight: expected numbers >= 0")
    width = whole(found["width"], 1, WIDEST, "width")
    require(type(found["output_bias"]) is bool, "output_bias: expected true or false")
    return Data(x, y, weight, width, *_loss(found["loss"], y), found["output_bias"])


def _loss(node: object, y: tuple[Fraction, ...]) -> tuple[str, tuple | None]:
    if isinstance(node, dict):
        found = entries(node, {"at", "below", "above"}, "loss")
        t, down, up = (_vector(found[name], len(y), name) for name in ("at", "below", "above"))
        require(all(a >= 0 for a in (*down, *up)), "loss: expected slopes below and above that are >= 0")
        return "two-sided", tuple(zip(t, down, up, strict=True))
    require(node in ("squared", "absolute", "hinge"), f"loss: expected squared, absolute, hinge; got {str(node)[:30]}")
    if node == "squared":
        return node, None
    one, zero = Fraction(1), Fraction(0)
    if node == "absolute":
        return node, tuple((t, one, one) for t in y)
    require(all(abs(t) == 1 for t in y), "the hinge loss needs labels -1 and 1")
    return node, tuple((t, one, zero) if t > 0 else (t, zero, one) for t in y)


def _check(document: object) -> Verification:
    found = document if isinstance(document, dict) else {}
    require(found.get("format") == FORMAT, f"not a certificate: expected the format {FORMAT!r}")
    require(found.get("version") == VERSION and type(found["version"]) is int,
            f"version {str(found.get('version'))[:20]}: this program reads version {VERSION}")
    names = {"format", "version", "problem", "net", "value", "tolerance", "trees"}
    found = entries(document, names, "certificate")
    data, value, tolerance = read_problem(found["problem"]), number(found["value"]), number(found["tolerance"])
    require(tolerance >= 0, "tolerance: expected a number >= 0")
    reached = net_value(found["net"], data)
    require(reached == value, f"the net has the value {short(reached)}, not the claimed {short(value)}")
    walk = TreeWalk(data, value - tolerance)
    minus = {walk.tree(tree) for tree in items(found["trees"], None, "trees")}
    missing = set(range(data.width + 1)) - minus
    require(not missing, f"no tree for nets with {min(missing, default=0)} top weights -1 and the others +1")
    lower = min(walk.bounds, default=value)
    counts = (len(walk.bounds), walk.empty, walk.dropped)
    return Verification(True, "", _statement(data, value, tolerance), data.fingerprint, value, min(lower, value),
                        walk.splits, *counts)


def net_value(node: object, data: Data) -> Fraction:
    """The exact value of the net of a certificate on its data."""
    found = entries(node, {"theta", "signs", "bias"}, "net")
    rows = items(found["theta"], data.width, "theta")
    theta = [_vector(row, len(data.x[0]) + 1, "a gate") for row in rows]
    signs, bias = _signs(found["signs"], data.width), number(found["bias"])
    require(data.output_bias or bias == 0, "bias: expected 0, the problem has no output bias")
    total = Fraction(0)
    for j, x in enumerate(data.x):
        gates = [sum(map(mul, row, (*x, Fraction(1)))) for row in theta]
        total += data.value(j, bias + sum(s * max(z, Fraction(0)) for s, z in zip(signs, gates, strict=True)))
    return total


def _signs(node: object, width: int) -> tuple[int, ...]:
    signs = tuple(items(node, width, "signs"))
    require(all(type(s) is int and s in (1, -1) for s in signs), "signs: expected entries 1 and -1")
    return signs


class TreeWalk:
    """Walks through trees and counts; refuses the first node that does not prove what it has to."""

    def __init__(self, data: Data, target: Fraction) -> None:
        self.data, self.target = data, target
        self.points = [(*x, Fraction(1)) for x in data.x]
        self.bounds: list[Fraction] = []
        self.splits = self.empty = self.dropped = 0

    def tree(self, node: object) -> int:
        """Check one tree; returns how many of its top weights are -1."""
        found = entries(node, {"signs", "root"}, "tree")
        signs = _signs(found["signs"], self.data.width)
        stack: list[tuple[object, Labels]] = [(found["root"], {})]
        while stack:
            node, labels = stack.pop()
            require(isinstance(node, dict), "a node is missing: the tree does not cover every labelling")
            if "split" in node:
                stack.extend(self._split(node, labels, signs))
            else:
                self._leaf(node, labels, signs)
        return signs.count(-1)

    def _split(self, node: dict, labels: Labels, signs: tuple[int, ...]) -> Iterator[tuple[object, Labels]]:
        """The children of a split that must be walked; impossible and repeated labellings are checked here."""
        found = entries(node, {"split", "children"}, "split")
        sample = whole(found["split"], 0, len(self.points) - 1, "split")
        require(sample not in labels, f"sample {sample} is split twice on one path")
        ways = list(product((0, 1), repeat=len(signs)))
        children = items(found["children"], len(ways), "children of a split")
        self.splits += 1
        copies = [j for j, point in enumerate(self.points) if point == self.points[sample]]
        present = {_order_free(labels, signs, bits) for bits, child in zip(ways, children, strict=True)
                   if child is not None}
        for bits, child in zip(ways, children, strict=True):
            below = {**labels, **dict.fromkeys(copies, bits)}
            if child is None:
                require(_order_free(labels, signs, bits) in present,
                        f"labels {bits} at sample {sample} are missing, and no exchange of gates replaces them")
                self.dropped += 1
            elif isinstance(child, dict) and "empty" in child:
                self._empty(child, below)
            else:
                yield child, below

    def _empty(self, node: dict, labels: Labels) -> None:
        """A gate's labels that no affine function has strictly: a nonnegative combination of its samples vanishes."""
        found = entries(node, {"empty", "multipliers"}, "empty")
        gate = whole(found["empty"], 0, self.data.width - 1, "empty")
        multipliers = self._multipliers(found["multipliers"], labels)
        require(any(multipliers.values()), "an impossible labelling needs a multiplier that is not 0")
        require(not any(self._combination(multipliers, labels, gate)),
                f"the multipliers do not show that the labels of gate {gate} are impossible")
        self.empty += 1

    def _leaf(self, node: dict, labels: Labels, signs: tuple[int, ...]) -> None:
        """A lower bound on the value of every net with these labels, which must reach the target."""
        found = entries(node, {"slopes", "multipliers"}, "leaf")
        slopes = self._pairs(found["slopes"], labels, "slopes")
        require(not self.data.output_bias or sum(slopes.values()) == 0, "the slopes of a leaf do not add up to 0, "
                "which the output bias asks for")
        for i, pairs in enumerate(items(found["multipliers"], len(signs), "multipliers of a leaf")):
            cone = self._combination(self._multipliers(pairs, labels), labels, i)
            on = {j: signs[i] * g for j, g in slopes.items() if labels[j][i]}
            require(self._sum(on) == cone, f"slopes and multipliers of a leaf do not fit at gate {i}")
        bound = sum((self.data.bound(j, g) for j, g in slopes.items()), Fraction(0))
        if bound < self.target:
            raise Refused(f"a leaf proves only {short(bound)}, less than {short(self.target)}")
        self.bounds.append(bound)

    def _multipliers(self, node: object, labels: Labels) -> dict[int, Fraction]:
        found = self._pairs(node, labels, "multipliers")
        require(all(value >= 0 for value in found.values()), "a negative multiplier")
        return found

    def _pairs(self, node: object, labels: Labels, what: str) -> dict[int, Fraction]:
        """[[sample, "p/q"], ...] as a dictionary; only samples that have labels count."""
        found: dict[int, Fraction] = {}
        for pair in items(node, None, what):
            j = whole(items(pair, 2, what)[0], 0, len(self.points) - 1, what)
            require(j in labels, f"{what}: sample {j} has no labels here")
            require(j not in found, f"{what}: sample {j} twice")
            found[j] = number(pair[1])
        return found

    def _combination(self, multipliers: dict[int, Fraction], labels: Labels, gate: int) -> list[Fraction]:
        return self._sum({j: m if labels[j][gate] else -m for j, m in multipliers.items()})

    def _sum(self, factors: dict[int, Fraction]) -> list[Fraction]:
        """The sum of factors[j] (x_j, 1)."""
        n = len(self.points[0])
        return [sum((m * self.points[j][k] for j, m in factors.items()), Fraction(0)) for k in range(n)]


def _order_free(labels: Labels, signs: tuple[int, ...], bits: tuple[int, ...]) -> tuple:
    """What is left of `bits` when gates of equal sign and equal labels so far may be exchanged."""
    return tuple(sorted((s, tuple(p[i] for p in labels.values()), bit) for i, (s, bit) in
                        enumerate(zip(signs, bits, strict=True))))


def _statement(data: Data, value: Fraction, tolerance: Fraction) -> str:
    gates = f"{data.width} ReLU gate{'s' * (data.width > 1)} {'and an' if data.output_bias else 'without'} output bias"
    nets = f"net with one hidden layer of {gates}"
    scope = f"For the {len(data.x)} samples with fingerprint {data.fingerprint} and the {data.loss} loss"
    if tolerance == 0:
        return f"{scope}, the least sum of losses of any {nets} is exactly that of the net in the file: {short(value)}."
    return (f"{scope}, the net in the file has the sum of losses {short(value)}, and no {nets} is more than "
            f"{short(tolerance)} below that.")


def short(x: Fraction) -> str:
    """A rational number for people: exact when short, else twelve digits."""
    text = f"{x}" if max(abs(x.numerator).bit_length(), x.denominator.bit_length()) <= 64 else ""
    if text and len(text) <= 24:
        return text
    try:
        return f"about {float(x):.12g}"
    except OverflowError:
        return "a very large number"


def _plain(value: object) -> object:
    """Nested tuples with fractions as pairs of base-16 integers: the text that is hashed."""
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return f"{value.numerator:x}/{value.denominator:x}" if isinstance(value, Fraction) else value


def main(arguments: list[str]) -> int:
    """`certificate_check.py FILE`: 0 accepted, 1 refused, 2 wrong usage."""
    if len(arguments) != 1:
        print("usage: certificate_check.py FILE", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            found = check_text(file.read())
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    except UnicodeDecodeError:
        found = Verification(False, "not a text file")
    print(found)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
