"""Activation regions in a box by the compiled loop, with exact arithmetic for the signs that rounding leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np

from mathdl.nets import _split
from mathdl.nets._integer_net import IntegerNet, Row, meet
from mathdl.nets._packed import UNIT, Packed, pack
from mathdl.nets._split import Cells, Nodes, Path

Box = tuple[tuple[float, float], tuple[float, float]]
REMEDY = "use exact_regions, or multiply the weights and biases of a layer by a power of 2"
SIDES = (_split.BOTTOM, _split.RIGHT, _split.TOP_SIDE, _split.LEFT)  # of the box, counterclockwise from below


class FastCells:
    """The regions of a net in a box: CSR corners (x, y, error), edge labels, affine rows and activation patterns.

    Raises ValueError when there are more than `limit` regions.
    """

    def __init__(self, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], box: Box, limit: int) -> None:
        self.net, self.box, self.limit = (weights, biases), box, limit
        (x0, x1), (y0, y1) = box
        radius = max(abs(x0), abs(x1)), max(abs(y0), abs(y1))
        floats = [_rounded(W) for W in weights], [_rounded(b) for b in biases]
        packed = pack(*floats, radius)
        if packed is None:
            raise ValueError(f"expected weights and biases whose products stay below 2^400; got larger ones: {REMEDY}")
        self.packed: Packed = packed
        self.rounding = 8 * UNIT * max(radius)
        self.exact_decisions = 0
        state, cells = self._run()
        n, corners = state[_split.N_CELLS], state[_split.N_CORNERS]
        self.start, self.row, self.on = cells.start[:n + 1], cells.row[:n], cells.on[:n]
        self.corners, self.label = cells.corners[:corners], cells.label[:corners]

    def _run(self) -> tuple[np.ndarray, Cells]:
        """The loop, called again after each answer and each growth."""
        p, cells = self.packed, self._cells(4096)
        path, nodes, work = self._stack(16)
        box = np.array([*self.box[0], *self.box[1], self.rounding])
        while True:
            status = _split.split(p, path, nodes, cells, work, box)
            if status == _split.DONE:
                return nodes.state, cells
            if status == _split.UNCERTAIN:
                nodes = self._answer(path, nodes)
            elif status == _split.CELLS_FULL:
                if len(cells.start) > self.limit:
                    raise ValueError(f"expected at most {self.limit} activation regions in the box; there are more. "
                                     f"Take a smaller box or raise `limit` (about 250 bytes a region)")
                cells = _grown(cells, self._cells(min(4 * len(cells.start), self.limit + 1)))
            else:
                _, larger, work = self._stack(4 * len(nodes.label) // len(nodes.node))
                nodes = _grown(nodes, larger._replace(fixed=np.empty_like(nodes.fixed)))

    def _cells(self, n: int) -> Cells:
        layers, words = len(self.packed.widths) - 1, self._words
        start = np.zeros(n + 1, dtype=np.int64)
        return Cells(start, np.empty((6 * n, 3)), np.empty(6 * n, dtype=np.int64), np.empty((n, 3)),
                     np.empty((n, layers, words), dtype=np.int64))

    @property
    def _words(self) -> int:
        return (int(self.packed.widths.max()) + 63) // 64

    def _stack(self, corners: int) -> tuple[Path, Nodes, tuple]:
        """Room for all nodes of a path, with so many corners each, and the box as its first node."""
        widths, words = self.packed.widths, self._words
        layers, columns, widest = len(widths), self.packed.bias.shape[1], int(widths.max())
        depth, integer = columns + layers, np.int64
        path = Path(np.empty((3, columns)), np.empty((3, columns)), np.empty((2, widest)),
                    np.zeros((layers, words), integer), np.zeros((layers, words), integer),
                    np.empty((layers, widest), integer), np.empty(layers, integer), np.empty(layers, integer))
        nodes = Nodes(np.zeros(6, integer), np.empty((depth, 5), integer), np.zeros((depth, words), integer),
                      np.empty((corners * depth, 3)), np.empty(corners * depth, integer),
                      np.empty((columns + layers) * 2 * widest, integer), np.empty(widest, integer),
                      np.empty((0, 0), integer))
        work = (np.empty(widest + 1, integer), np.empty(widest + 1, integer), np.empty(4 * corners, integer),
                np.empty((4 * corners, 3)), np.empty(4 * corners, integer), np.empty((4 * corners, 3)))
        path.rows[:, :widths[0]] = self.packed.bias[:, :widths[0]]
        (x0, x1), (y0, y1) = self.box
        nodes.corners[:4] = (x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0)
        nodes.label[:4] = SIDES
        nodes.node[0] = 0, 0, 4, 0, -1
        nodes.state[_split.TOP] = 1
        return path, nodes, work

    @cached_property
    def exact(self) -> IntegerNet:
        """The net in whole numbers, made when the first sign is uncertain."""
        return IntegerNet(*self.net)

    def _answer(self, path: Path, nodes: Nodes) -> Nodes:
        """The nodes with the exact signs asked for, and with the exact corners of the polygon rounded once."""
        t = nodes.state[_split.TOP] - 1
        l, v0, nv = nodes.node[t, :3]
        pattern = tuple(mask(words) for words in path.on[:l])
        corners = self.exact_corners(pattern, nodes.label[v0:v0 + nv])
        gates = nodes.asked[:nodes.state[_split.N_ASKED]]
        rows = [self.exact.row(pattern, int(i)) for i in gates]
        fixed = np.array([[_sign(a * x + b * y + c * w) for x, y, w in corners] for a, b, c in rows])
        nodes.corners[v0:v0 + nv] = [(x / w, y / w, self.rounding) for x, y, w in corners]
        nodes.state[_split.IS_FIXED] = 1
        self.exact_decisions += fixed.size
        return nodes._replace(fixed=fixed)

    def exact_corners(self, pattern: tuple[int, ...], labels: Sequence[int]) -> list[Row]:
        """Corners (x, y, w) of a polygon, each on the edges before and after it, from the labels of all its edges."""
        lines = [self.line(pattern, int(label)) for label in labels]
        return [meet(lines[v - 1], lines[v]) for v in range(len(lines))]

    def line(self, pattern: tuple[int, ...], label: int) -> Row:
        """The exact row of the line of an edge, in a cell with that pattern."""
        if label >= 0:
            g = label >> 1 & _split.GATE
            l = int(np.searchsorted(self.packed.first, g, side="right")) - 1
            return self.exact.row(pattern[:l], g - int(self.packed.first[l]))
        side = Fraction([*self.box[0], *self.box[1]][-label - 1])
        row = (side.denominator, 0) if label >= _split.RIGHT else (0, side.denominator)
        return (*row, -side.numerator)

    def pattern(self, cell: int) -> tuple[int, ...]:
        """The activation pattern of a region, a whole number for each layer, bit i set where gate i is on."""
        return tuple(mask(words) for words in self.on[cell])


def _rounded(values: np.ndarray) -> np.ndarray:
    """The entries in float64, none of them lost to overflow or underflow."""
    try:
        floats = np.asarray(values, dtype=float)
    except OverflowError:
        floats = None
    if floats is None or (values.dtype == object and ((floats == 0) != (values == 0)).any()):
        raise ValueError(f"expected weights and biases within the range of float64; got others: {REMEDY}")
    return floats


def mask(words: np.ndarray) -> int:
    """The whole number with the bits of the words, the first word lowest."""
    return int.from_bytes(words.astype("<i8").tobytes(), "little")


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _grown(old: tuple, new: tuple) -> tuple:
    """The arrays of `new` with the content of `old` in front."""
    for a, b in zip(old, new, strict=True):
        b[tuple(slice(n) for n in a.shape)] = a
    return new
