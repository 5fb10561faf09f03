"""The regions of a ReLU net R^2 -> R as polygons, and its pieces: fast with certain signs, or in whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf

import numpy as np

from mathdl.nets.piece_bounds import region_bound
from mathdl.nets.relu_net import ReLUNet

Interval = tuple[float, float]
Affine = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True, eq=False, repr=False)
class Regions:
    """The activation regions of a net R^2 -> R in a box or in the whole plane, and the net on each of them.

    A region is a set with interior of all points at which every gate has the same sign, -, 0 or +. It is convex. A
    gate cuts only where its pre-activation takes both signs: dead, duplicate and opposite gates add no region.
    Region i has the corners `vertices[starts[i]:starts[i + 1]]`, counterclockwise, and there the net is
    `gradients[i] @ x + offsets[i]`. Regions of the plane are clipped to `box` in `vertices`, and only there.
    """

    vertices: np.ndarray  # (V, 2)
    starts: np.ndarray  # (n_regions + 1,)
    gradients: np.ndarray  # (n_regions, 2)
    offsets: np.ndarray  # (n_regions,)
    box: tuple[Interval, Interval]
    whole_plane: bool
    vertex_error: float  # no corner is further than this from the exact one, in the maximum norm
    exact_decisions: int  # signs that float64 left open, decided in whole numbers; 0 from exact_regions
    _label: Callable[[str], np.ndarray]
    _pattern: Callable[[int], tuple[int, ...]]
    _affine: Callable[[tuple[int, ...]], Affine]

    def __repr__(self) -> str:
        where = "the plane" if self.whole_plane else "[{}, {}] x [{}, {}]".format(*self.box[0], *self.box[1])
        return f"Regions({self.n_regions} activation regions in {where})"

    @property
    def n_regions(self) -> int:
        """The number of activation regions."""
        return len(self.offsets)

    @cached_property
    def polygons(self) -> list[np.ndarray]:
        """The corners of each region, arrays of shape (k, 2)."""
        return np.split(self.vertices, self.starts[1:-1])

    def pattern(self, region: int) -> tuple[int, ...]:
        """The gates that are on in a region: a whole number for each hidden layer, bit i for gate i."""
        return self._pattern(self._checked(region))

    def affine(self, region: int) -> Affine:
        """(a_1, a_2, c), the net a_1 x + a_2 y + c on a region, exact."""
        return self._affine(self.pattern(region))

    def labels(self, mode: str = "open") -> np.ndarray:
        """(n_regions,) number of the piece that each region belongs to.

        A piece is a connected component of the interior of {f = l} for an affine l ("open"): regions with the same
        affine function that share an edge belong together. With "closed" regions that share a point do, too. In a box
        the pieces are those of f restricted to the box.
        """
        if mode not in ("open", "closed"):
            raise ValueError(f'expected mode "open" or "closed"; got {mode!r}')
        if mode not in self._labels:
            self._labels[mode] = self._label(mode)
        return self._labels[mode]

    def pieces(self, mode: str = "open") -> int:
        """The number of maximal affine pieces (Mukherjee 2020, Definition 3, as corrected): see `labels`."""
        return int(self.labels(mode).max()) + 1

    @cached_property
    def _labels(self) -> dict[str, np.ndarray]:
        return {}

    def _checked(self, region: int) -> int:
        if not 0 <= region < self.n_regions:
            raise ValueError(f"expected a region from 0 to {self.n_regions - 1}; got {region}")
        return region


def linear_regions(net: ReLUNet, box: Sequence = (-1, 1), *, limit: int = 1_000_000) -> Regions:
    """All activation regions of a net R^2 -> R inside a box, in float64; which regions there are is certain.

    `box` is (low, high) for both inputs or ((x_low, x_high), (y_low, y_high)). A sign is read off a float only where
    its error bound allows it, and is decided in whole numbers elsewhere; the corners are rounded, see `vertex_error`.
    Raises ValueError when the net is not R^2 -> R, or when more than `limit` regions are to be expected or found.
    """
    from mathdl.nets._fast_cells import FastCells
    from mathdl.nets._fast_pieces import piece_labels

    check_plane_net(net)
    box = checked_box(box)
    _refuse_if_large(net, box, limit, "Take a smaller box, or raise `limit` (about 300 bytes a region)")
    cells = FastCells(net.weights, net.biases, box, limit)
    return Regions(cells.corners[:, :2], cells.start, cells.row[:, :2], cells.row[:, 2], box, False,
                   float(cells.corners[:, 2].max()), cells.exact_decisions,
                   lambda mode: piece_labels(cells, mode), cells.pattern, lambda p: cells.exact.affine(p))


def exact_regions(net: ReLUNet, box: Sequence | None = None, *, limit: int = 20_000) -> Regions:
    """All activation regions of a net R^2 -> R, computed in whole numbers only: a certificate.

    Without a box the regions of the whole plane, unbounded ones included; their polygons are clipped to a box around
    all corners. Raises ValueError as `linear_regions`; about a millisecond a region.
    """
    from mathdl.nets._exact_regions import ExactRegions, nearest_float

    check_plane_net(net)
    box = None if box is None else checked_box(box)
    _refuse_if_large(net, box, limit, "Take linear_regions, a smaller box, or raise `limit` (about 1 ms a region)")
    exact = ExactRegions(net.weights, net.biases, box, limit)
    vertices, starts, view = exact.view()
    rows = np.array([[nearest_float(v) for v in exact.net.affine(p)] for p in exact.patterns])
    return Regions(vertices, starts, rows[:, :2], rows[:, 2], view, box is None,
                   2.0**-52 * float(np.abs(vertices).max()), 0, exact.labels,
                   exact.patterns.__getitem__, exact.net.affine)


def expected_regions(net: ReLUNet, box: tuple[Interval, Interval] | None) -> int:
    """A quick estimate of the number of activation regions, 1 + K + K^2 / 2 with K sign changes along a chord.

    As for lines in general position; for the random nets we tried, of any depth, it was off by a fifth at most. K is
    the mean over four chords of the box; for the plane over four lines through 0.
    """
    t = np.linspace(-1, 1, 513)[:, None]
    if box is None:
        a, directions = np.tan(t * np.pi / 2 * (1 - 1e-6)), np.array([(1, 0.1), (-0.1, 1), (1, 1.1), (-1.1, 1)])
        lines = [a * d for d in directions]
    else:
        (x0, x1), (y0, y1) = box
        centre, half = np.array([x0 + x1, y0 + y1]) / 2, np.array([x1 - x0, y1 - y0]) / 2
        lines = [centre + t * half * d for d in ((1, 0.1), (-0.1, 1), (1, 1), (-1, 1))]
    K = sum(_sign_changes(net, line) for line in lines) / 4
    return int(1 + K + K**2 / 2)


def _sign_changes(net: ReLUNet, x: np.ndarray) -> int:
    """How often a gate switches between consecutive points, summed over the gates; what may be rounding counts as 0."""
    changes = 0
    for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        W, b = np.asarray(W, dtype=float), np.asarray(b, dtype=float)
        z = x @ W.T + b
        on = z > 1e-12 * (abs(x) @ abs(W).T + abs(b))
        changes += int((on[1:] != on[:-1]).sum())
        x = np.where(on, z, 0)
    return changes


def _refuse_if_large(net: ReLUNet, box: tuple[Interval, Interval] | None, limit: int, remedy: str) -> None:
    if (most := region_bound(net.widths, 2)) > limit and (expected := expected_regions(net, box)) > 2 * limit:
        raise ValueError(f"expected at most {limit} activation regions; a net of widths {net.widths} has about "
                         f"{float(min(expected, most)):.2g} here (at most {float(most):.2g}). {remedy}")


def check_plane_net(net: ReLUNet) -> None:
    """Raise ValueError unless the net is R^2 -> R."""
    if net.n_inputs != 2 or net.n_outputs != 1:
        raise ValueError(f"expected a net R^2 -> R; got {net.n_inputs} inputs and {net.n_outputs} outputs. Fix all "
                         f"but two inputs in the first layer, or keep one row of the last one")


def checked_box(box: Sequence) -> tuple[Interval, Interval]:
    """The box as a pair of intervals."""
    try:
        sides = np.broadcast_to(np.asarray(box, dtype=float), (2, 2)).tolist()
    except (TypeError, ValueError):
        raise ValueError(f"expected a box (low, high) or ((x_low, x_high), (y_low, y_high)); got {box!r}") from None
    (x0, x1), (y0, y1) = sides
    if not (-inf < x0 < x1 < inf and -inf < y0 < y1 < inf):
        raise ValueError(f"expected a box with finite low < high; got {box!r}")
    return (x0, x1), (y0, y1)
