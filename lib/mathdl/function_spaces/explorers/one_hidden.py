"""What the menu moves: which function of the plane bends along full lines, and which does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.figures import Picture
from mathdl.function_spaces.figures.one_hidden import kinks
from mathdl.function_spaces.one_hidden_layer import is_one_hidden_layer
from mathdl.function_spaces.theorems.one_hidden import max_of_linear
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

FUNCTIONS = ("max(0, x1, x2)", "|x1| + |x2|", "σ(x1) − σ(−x1)", "random, one hidden layer", "random, two hidden layers")


@dataclass(frozen=True)
class Kinks:
    """A function of the menu, and the seed of the random ones."""

    function: str = FUNCTIONS[0]
    seed: int = 1


def net_of(state: Kinks) -> ReLUNet:
    """The exact net of the chosen function."""
    rng = np.random.default_rng(state.seed)
    if state.function == FUNCTIONS[0]:
        return max_of_linear((1, 0), (0, 1))
    if state.function == FUNCTIONS[1]:
        return ReLUNet([[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, 1, 1, 1]]], [[0] * 4, [0]])
    if state.function == FUNCTIONS[2]:
        return ReLUNet([[[1, 0], [-1, 0]], [[1, -1]]], [[0, 0], [0]])
    return random_net((2, 4, 1) if state.function == FUNCTIONS[3] else (2, 3, 2, 1), rng=rng, exact=True)


def draw_kinks(state: Kinks) -> Picture:
    """The kinks of the function, and whether the gradient's jump is constant along every line that carries one."""
    return kinks(is_one_hidden_layer(net_of(state)), state.function)


def explore_kinks():
    """Choose a function: full lines with one jump each make a hidden layer, a line that stops makes a witness."""
    from mathdl.core.explore import Choice, Slider, explore

    return explore(draw_kinks, Kinks(), function=Choice(FUNCTIONS, "function"), seed=Slider(0, 30, "seed"))
