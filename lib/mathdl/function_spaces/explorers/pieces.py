"""What the reader moves in the section on pieces: random nets, a trained one, and sets on which a function agrees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mathdl.core.figures import Picture
from mathdl.function_spaces.digits import digit_net, two_digits
from mathdl.function_spaces.figures.pieces import pieces_figure, region_figure, regions_and_bound, vees_figure
from mathdl.function_spaces.piece_examples import example_nets
from mathdl.nets.piece_bounds import region_bound
from mathdl.nets.pieces import count_pieces
from mathdl.nets.random_nets import random_net
from mathdl.nets.regions import linear_regions
from mathdl.nets.relu_net import ReLUNet

NORMAL, SIGNS = "normal", "−1, 0 and 1"


@dataclass(frozen=True)
class RandomRegions:
    """A random net with all hidden layers of one width, in a square around 0."""

    hidden_layers: int = 2
    width: int = 8
    half_width: float = 3.0
    weights: str = NORMAL
    seed: int = 1


def draw_random_regions(state: RandomRegions) -> Picture:
    """The regions of the net, coloured by its slope, and their number after each layer under the bound."""
    net = plane_net(state)
    box = (-state.half_width, state.half_width)
    regions = linear_regions(net, box)
    counts = [linear_regions(_first_layers(net, l), box).n_regions for l in range(1, net.hidden_layers)]
    bounds = [region_bound(net.widths[:l], 2) for l in range(1, net.depth)]
    return regions_and_bound(regions, [*counts, regions.n_regions], regions.pieces(), bounds,
                             f"{net.hidden_layers} × {state.width} gates")


def plane_net(state: RandomRegions) -> ReLUNet:
    """The net of the state: normal weights, or weights and biases −1, 0 and 1 with many dead and duplicate gates."""
    rng = np.random.default_rng(state.seed)
    net = random_net((2, *[state.width] * state.hidden_layers, 1), rng=rng)
    if state.weights == NORMAL:
        return net
    return ReLUNet([rng.integers(-1, 2, size=W.shape) for W in net.weights],
                   [rng.integers(-1, 2, size=b.shape) for b in net.biases])


def _first_layers(net: ReLUNet, layers: int) -> ReLUNet:
    """The sum of the gates of the layer with that number; its regions are those after that layer."""
    w = net.widths[layers - 1]
    return ReLUNet([*net.weights[:layers], np.ones((1, w))], [*net.biases[:layers], np.zeros(1)])


def explore_random_regions():
    """Add layers or gates, draw another net, or step back from the origin, and watch the regions."""
    from mathdl.core.explore import Choice, Slider, explore

    return explore(draw_random_regions, RandomRegions(), hidden_layers=Slider(1, 6, "hidden layers k"),
                   width=Slider(1, 24, "width w"), half_width=Slider(0.5, 10, "half-width of the box", 0.5),
                   weights=Choice((NORMAL, SIGNS), "weights"), seed=Slider(0, 50, "seed"))


@dataclass(frozen=True)
class Digits:
    """How far around the centre of the two digits we look."""

    half_width: float = 3.0


@cache
def _digits():
    return two_digits(), digit_net()


def draw_digits(state: Digits) -> Picture:
    """The regions of the shipped net that tells the digits 8 and 1 apart, with the images it was trained on."""
    digits, net = _digits()
    box = (-state.half_width, state.half_width)
    seen = (abs(digits.points) < state.half_width).all(axis=1)
    return region_figure(net, box, points=digits.points[seen], labels=digits.labels[seen], names=digits.names,
                         axes=("first principal component", "second"))


def explore_digits():
    """Zoom in on the digits, or out to where there are none."""
    from mathdl.core.explore import Slider, explore

    return explore(draw_digits, Digits(), half_width=Slider(0.25, 8, "half-width of the box", 0.25))


@dataclass(frozen=True)
class Vees:
    """Sets {|x1| = x2 + c} for c = first, first + 1/2, …"""

    sets: int = 5
    first: float = -1.0


def draw_vees(state: Vees) -> Picture:
    """The sets on which |x1| agrees with an affine function that is none of its two pieces."""
    pieces = count_pieces(example_nets()["|x1|"])
    return vees_figure([state.first + i / 2 for i in range(state.sets)], pieces)


def explore_vees():
    """Draw as many sets as you like: the plane never runs out of them."""
    from mathdl.core.explore import Slider, explore

    return explore(draw_vees, Vees(), sets=Slider(1, 12, "number of sets"), first=Slider(-3, 3, "first shift c", 0.5))


def draw_touching() -> Picture:
    """Two quadrants on which a function is 0 and which meet in one point: two pieces, or one."""
    return pieces_figure(linear_regions(example_nets()["two quadrants"], (-1, 1)))
