"""What the reader moves in the section on combining nets: a net on the line, lines and their maximum, depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.figures import Picture
from mathdl.function_spaces.figures.combining import (
    lines_and_maximum,
    padding_costs,
    pieces_and_bounds,
    sizes_over_depth,
    tree_costs,
)
from mathdl.function_spaces.gap import ceil_root, min_size_lower_bound
from mathdl.function_spaces.zigzag import zigzag_net
from mathdl.nets.combine import max_net, pad
from mathdl.nets.piece_bounds import printed_bound, product_bound
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.random_nets import random_line_net
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True)
class LineNet:
    """A net with one input: random, with kinks in [−1, 1], or the zigzag (at least three gates wide)."""

    kind: str = "random"
    hidden_layers: int = 3
    width: int = 4
    seed: int = 0


def line_net(state: LineNet) -> ReLUNet:
    """The net of a state; a zigzag asked for with fewer than three gates gets three."""
    if state.kind == "zigzag":
        return zigzag_net(max(state.width, 3), state.hidden_layers)
    return random_line_net([state.width] * state.hidden_layers, rng=np.random.default_rng(state.seed))


def pieces_by_layer(net: ReLUNet) -> tuple[int, ...]:
    """Pieces of what goes into layers 2, …, k, and of the output: all affine maps of one layer bend together."""
    return tuple(count_pieces_1d(ReLUNet(net.weights[:i + 1], net.biases[:i + 1])) for i in range(1, net.depth))


def draw_line_net(state: LineNet) -> Picture:
    """The function with its kinks, the pieces after each layer, and both bounds."""
    net = line_net(state)
    f, w = PWL1D.from_net(net), net.widths
    upto = [w[:i] for i in range(1, len(w) + 1)]
    name = f"{state.kind}, {len(w)} layer{'s' * (len(w) > 1)} of {w[0]}"
    window = (0.0, w[0] + 1.0) if state.kind == "zigzag" else (-1.2, 1.2)
    return pieces_and_bounds(f, window, pieces_by_layer(net), [product_bound(v) for v in upto],
                             [printed_bound(v) for v in upto], name)


def explore_line_net():
    """Depth, width and seed of a net on the line; choose the zigzag to see the product bound met."""
    from mathdl.core.explore import Choice, Slider, explore

    return explore(draw_line_net, LineNet(), kind=Choice(("random", "zigzag"), "weights"),
                   hidden_layers=Slider(1, 5, "hidden layers k"), width=Slider(1, 8, "width w"),
                   seed=Slider(0, 50, "seed"))


@dataclass(frozen=True)
class Lines:
    """Lines through the points (a, y), the line through (a, y) with slope a; joined by max gates of 4 or 3 nodes."""

    points: tuple[tuple[float, float], ...] = ((-2.0, 2.0), (-0.8, 0.5), (0.5, 0.0), (1.8, 1.5))
    gate: str = "4"


def draw_lines(state: Lines) -> Picture:
    """The lines and their maximum, computed by the net; slopes are exact, so kinks are counted exactly."""
    lines = [ReLUNet.affine([[a]], [y - a * a]) for a, y in state.points]
    net, cost = max_net(lines, state.gate)
    f = PWL1D.from_net(net)
    x = np.unique(np.concatenate([[-3, 3], f.breaks]))
    words = f"depth {cost.depth}, {cost.size} gates, {cost.padding} of them padding"
    values = np.array([line(x[:, None])[:, 0] for line in lines])
    return lines_and_maximum(x, values, net(x[:, None])[:, 0], f.breaks, f(f.breaks), words)


def explore_lines():
    """Drag the points: each carries a line whose slope is its x; the net takes their maximum."""
    from mathdl.core.explore import Choice, Points, explore

    return explore(draw_lines, Lines(), points=Points("lines (slope, height there)", x=(-3, 3), y=(-3, 5)),
                   gate=Choice(("4", "3"), "nodes in a max gate"))


@dataclass(frozen=True)
class Depth:
    """2^bits pieces are wanted, with 1, …, deepest hidden layers."""

    bits: int = 12
    deepest: int = 8


def draw_depth(state: Depth) -> Picture:
    """Gates needed by both bounds, and gates of the narrowest zigzag with as many pieces, for each depth.

    A layer has a gate, so both bounds are taken to be k at least.
    """
    p, ks = 2 ** state.bits, list(range(1, state.deepest + 1))
    built = [k * max(ceil_root(p, k) - 1, 3) for k in ks]  # (w + 1)^k >= p with w >= 3
    printed, sharp = ([max(min_size_lower_bound(p, k, kind), k) for k in ks] for kind in ("printed", "sharp"))
    return sizes_over_depth(p, ks, printed, sharp, built)


def explore_depth():
    """How many gates do so many pieces need at each depth?"""
    from mathdl.core.explore import Slider, explore

    return explore(draw_depth, Depth(), bits=Slider(2, 24, "pieces wanted: 2 to the power"),
                   deepest=Slider(1, 12, "up to hidden layers"))


def draw_tree_costs(largest: int = 17) -> Picture:
    """Gates of the maximum of m affine maps, all of them nodes of the tree, for m = 2, …, largest."""
    lines = [ReLUNet.affine([[i]], [-i * i]) for i in range(largest)]
    m = range(2, largest + 1)
    four, three = ([max_net(lines[:i], gate)[1].size for i in m] for gate in ("4", "3"))
    return tree_costs(m, four, three, [4 * (2 * i - 1) for i in m])


def draw_padding_costs(largest: int = 59) -> Picture:
    """Gates that the maximum of two nets adds when one has more hidden layers, up to E6's pair (60, 1)."""
    shallow, gaps = ReLUNet([[[1]], [[1]]], [[0], [0]]), range(0, largest + 1)
    deep = [pad(shallow, 1 + gap) for gap in gaps]
    built = [max_net([f, shallow])[1].size - f.size - shallow.size for f in deep]
    return padding_costs(gaps, built, 4 * (2 * 2 - 1))
