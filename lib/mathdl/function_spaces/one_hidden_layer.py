"""Which piecewise linear functions of the plane are sums of ReLU gates (Mukherjee 2020, Proposition 2.5.2)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.pwl2d import PWL2D
from mathdl.nets.relu_net import ReLUNet

Position = Fraction | float  # along a line; an end may be -inf or inf


@dataclass(frozen=True, order=True)
class Line:
    """The line a1 x1 + a2 x2 + c = 0 with coprime integers a1, a2, the first non-zero one positive."""

    a1: int
    a2: int
    c: Fraction

    @classmethod
    def through_zeros(cls, row: Sequence) -> Line:
        """The line on which a1 x1 + a2 x2 + c is zero, for a row (a1, a2, c)."""
        a1, a2, c = map(Fraction, row)
        scale = Fraction(math.lcm(a1.denominator, a2.denominator))
        scale /= math.gcd(int(a1 * scale), int(a2 * scale))
        scale = scale if (a1, a2) > (0, 0) else -scale
        return cls(int(a1 * scale), int(a2 * scale), c * scale)

    @property
    def normal(self) -> tuple[int, int]:
        """(a1, a2), which points to the positive side."""
        return (self.a1, self.a2)

    @property
    def direction(self) -> tuple[int, int]:
        """(−a2, a1), one step of the position t along the line."""
        return (-self.a2, self.a1)

    def at(self, t: Fraction) -> tuple[Fraction, Fraction]:
        """The point at position t, counted in steps of `direction` from the point nearest to the origin."""
        (a1, a2), (d1, d2) = self.normal, self.direction
        s = -self.c / (a1 * a1 + a2 * a2)
        return (a1 * s + t * d1, a2 * s + t * d2)

    def position(self, corner: Sequence[int]) -> Position:
        """The position t of the point (x/w, y/w) of the line; -inf or inf for a direction, w = 0."""
        x, y, w = corner
        t = -self.a2 * x + self.a1 * y
        return Fraction(t, w * (self.a1**2 + self.a2**2)) if w else math.copysign(math.inf, t)

    def side(self, corner: Sequence[int]) -> Fraction:
        """A number with the sign of a1 x + a2 y + c at the point (x/w, y/w), or along the direction if w = 0."""
        x, y, w = corner
        return self.a1 * x + self.a2 * y + self.c * w

    def __str__(self) -> str:
        terms = [(v, name) for v, name in ((self.a1, " x1"), (self.a2, " x2"), (self.c, "")) if v]
        shown = [f"{'-' if v < 0 else '+'} {'' if abs(v) == 1 and name else abs(v)}{name}" for v, name in terms]
        return " ".join(" ".join(shown).removeprefix("+").split()) + " = 0"


@dataclass(frozen=True)
class KinkEdge:
    """A piece of a line on which f has a kink: positions start < t < stop, ends may be infinite.

    The gradient on the positive side minus that on the negative side is jump · (a1, a2).
    """

    line: Line
    start: Position
    stop: Position
    jump: Fraction


@dataclass(frozen=True)
class Witness:
    """Why f is no sum of ReLU gates: its gradient jumps by `edge.jump` at `here`, by `jump_there` at `there`.

    Both points lie on the edge's line and on no other line with a kink. In a sum of gates the jump is the same all
    along the line, because every gate jumps by the same amount along its own.
    """

    edge: KinkEdge
    here: tuple[Fraction, Fraction]
    there: tuple[Fraction, Fraction]
    jump_there: Fraction

    def __str__(self) -> str:
        here, there = (", ".join(map(str, p)) for p in (self.here, self.there))
        a1, a2 = self.edge.line.normal
        return (f"along {self.edge.line} the gradient jumps by {self.edge.jump}·({a1}, {a2}) at ({here}), "
                f"by {self.jump_there}·({a1}, {a2}) at ({there})")


@dataclass(frozen=True, eq=False)
class OneHiddenLayer:
    """The decision: a net with one hidden layer that equals f, or witnesses that there is none, one a broken line."""

    net: ReLUNet | None
    witnesses: tuple[Witness, ...]
    edges: tuple[KinkEdge, ...]

    @property
    def witness(self) -> Witness | None:
        """The first witness; None when there is a net."""
        return self.witnesses[0] if self.witnesses else None

    def __bool__(self) -> bool:
        return self.net is not None

    def __str__(self) -> str:
        return f"one hidden layer of {self.net.size} gates" if self else f"no hidden layer of any width: {self.witness}"

    __repr__ = __str__


def is_one_hidden_layer(f: ReLUNet | PWL2D) -> OneHiddenLayer:
    """Whether f equals a sum of ReLU gates plus a constant, with the net or a witness; exact and complete (*ours*).

    f is a net with two inputs and one output, or a PWL2D on the plane or on a convex polygon. It is such a sum exactly
    when its gradient jumps by one constant along the whole of every line that carries a kink. The net has one gate a
    line, and two more where turning gates around does not give the linear rest.
    """
    f = PWL2D.from_net(f) if isinstance(f, ReLUNet) else f
    edges = kink_edges(f)
    lines = defaultdict(list)
    for edge in edges:
        lines[edge.line].append(edge)
    broken = [_broken(line, on_line, _ends(line, f), lines) for line, on_line in lines.items()]
    witnesses = tuple(w for w in broken if w)
    net = None if witnesses else _sum_of_gates({line: e[0].jump for line, e in lines.items()}, f)
    return OneHiddenLayer(net, witnesses, edges)


def kink_edges(f: PWL2D) -> tuple[KinkEdge, ...]:
    """The edges where the gradient of f jumps, by line and position, neighbours with equal jumps merged."""
    edges = []
    for s in f.kinks:
        line = Line.through_zeros(s.line)
        start, stop = sorted(map(line.position, (s.p, s.q)))
        up, down = sorted((s.left[0], s.right[0]), key=lambda cell: -_side(line, f, cell))
        difference = [u - v for u, v in zip(f.functions[up], f.functions[down], strict=True)]
        jump = difference[0] / line.a1 if line.a1 else difference[1] / line.a2
        edges.append(KinkEdge(line, start, stop, jump))
    return _merged(sorted(edges, key=lambda e: (e.line, e.start)))


def jump_across(f: ReLUNet, line: Line, point: tuple) -> Fraction:
    """The jump of f across the line at one of its points, by restricting f to the normal through it, for checking.

    The restriction is a piecewise linear function of one variable, whose slope changes by jump · |a|² at the point.
    """
    a = np.array([Fraction(v) for v in line.normal])
    across = PWL1D.from_net(f.exact().compose(ReLUNet.affine(a[:, None], np.array(point))))
    before = sum(t < 0 for t in across.breaks)
    after = sum(t <= 0 for t in across.breaks)
    return (across.slopes[after] - across.slopes[before]) / (a @ a)


def _side(line: Line, f: PWL2D, cell: int) -> int:
    """1 or −1: the side of the line on which the cell lies, if it lies on one side."""
    return 1 if sum(line.side(corner) for corner in f.polygons[cell]) > 0 else -1


def _ends(line: Line, f: PWL2D) -> tuple[Position, Position]:
    """The positions between which the line runs inside the domain of f, for a line that meets its interior."""
    low, high = -math.inf, math.inf
    for s in f.segments:
        if s.left and s.right:
            continue
        border = Line.through_zeros(s.line)
        inward = _side(border, f, (s.left or s.right)[0])
        t = _crossing(line, border)
        if t is not None and inward * border.side((*line.direction, 0)) > 0:
            low = max(low, t)
        elif t is not None:
            high = min(high, t)
    return low, high


def _merged(edges: Sequence[KinkEdge]) -> tuple[KinkEdge, ...]:
    """Sorted edges, touching ones of one line with equal jumps joined."""
    joined: list[KinkEdge] = []
    for edge in edges:
        last = joined[-1] if joined else None
        if last and (last.line, last.stop, last.jump) == (edge.line, edge.start, edge.jump):
            joined[-1] = KinkEdge(edge.line, last.start, edge.stop, edge.jump)
        else:
            joined.append(edge)
    return tuple(joined)


def _broken(line: Line, edges: list[KinkEdge], ends: tuple[Position, Position], lines: Iterable[Line]
            ) -> Witness | None:
    """None when one edge covers the line inside the domain; else the first edge and a point with another jump."""
    low, high = ends
    edge, there = edges[0], None
    if low < edge.start:
        there, jump = (low, edge.start), Fraction(0)
    elif len(edges) > 1 and edges[1].start == edge.stop:
        there, jump = (edges[1].start, edges[1].stop), edges[1].jump
    elif edge.stop < high:
        there, jump = (edge.stop, edges[1].start if len(edges) > 1 else high), Fraction(0)
    if there is None:
        return None
    here = (edge.start, edge.stop)
    return Witness(edge, _clear_point(line, here, lines), _clear_point(line, there, lines), jump)


def _clear_point(line: Line, interval: tuple[Position, Position], lines: Iterable[Line]) -> tuple[Fraction, Fraction]:
    """A point of the line at a position in the interval and on none of the other lines."""
    low, high = interval
    crossings = {_crossing(line, other) for other in lines} - {None}
    stop = min((t for t in crossings if low < t < high), default=high)
    if low == -math.inf:
        return line.at(Fraction(0) if stop == math.inf else stop - 1)
    return line.at(low + 1 if stop == math.inf else (low + stop) / 2)


def _crossing(line: Line, other: Line) -> Fraction | None:
    """The position on the line where the other meets it; None when they are parallel or equal."""
    slope = other.side((*line.direction, 0))
    return -other.side((*line.at(Fraction(0)), 1)) / slope if slope else None


def _sum_of_gates(jumps: dict[Line, Fraction], f: PWL2D) -> ReLUNet:
    """The net Σ jump·σ(a·x + c) + affine rest, with gates turned around, or two more, to absorb the linear rest."""
    zero = np.array([Fraction(0)] * 3)
    inside = [sum(v) for v in zip(*f.polygons[0], strict=True)]  # corners add up to a point inside the cell
    gates = [(np.array([Fraction(l.a1), Fraction(l.a2), l.c]), j) for l, j in jumps.items()]
    rest = np.array(f.functions[0]) - sum((j * a for a, j in gates if a @ inside > 0), start=zero)
    turned = _turned(gates, rest)
    if turned is not None:  # σ(−u) = σ(u) − u
        rest = rest + sum((gates[i][1] * gates[i][0] for i in turned), start=zero)
        gates = [(-a, j) if i in turned else (a, j) for i, (a, j) in enumerate(gates)]
    else:
        linear = np.array([rest[0], rest[1], Fraction(0)])
        gates += [(linear, Fraction(1)), (-linear, Fraction(-1))]
    if not gates:
        return ReLUNet.affine([[Fraction(0), Fraction(0)]], [rest[2]])
    return ReLUNet([[a[:2] for a, _ in gates], [[j for _, j in gates]]], [[a[2] for a, _ in gates], [rest[2]]])


def _turned(gates: list, rest: np.ndarray) -> tuple[int, ...] | None:
    """A set of gates whose turning around absorbs the linear rest: Σ jump·a over it is −rest; None if none is found.

    All subsets of up to 12 gates are tried.
    """
    sums = {(Fraction(0), Fraction(0)): ()}
    for i, (a, j) in enumerate(gates[:12]):
        sums |= {(s[0] + j * a[0], s[1] + j * a[1]): (*S, i) for s, S in sums.items()}
    return sums.get((-rest[0], -rest[1]))
