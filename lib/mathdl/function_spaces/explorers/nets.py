"""What the reader moves in the section on nets: kinks, and depth and width."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mathdl.core.figures import Picture
from mathdl.function_spaces.figures.nets import gates_and_sum, wiring
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True)
class Gates:
    """One gate for each (place, change of slope)."""

    kinks: tuple[tuple[float, float], ...] = ((-1.5, 1.5), (0.0, -2.5), (1.5, 2.0))


def net_with_kinks(kinks: tuple[tuple[float, float], ...]) -> ReLUNet:
    """Σ c_i σ(x − a_i) for the pairs (a_i, c_i): one hidden layer."""
    places, changes = zip(*kinks, strict=True)
    return ReLUNet([[[1]] * len(places), [changes]], [[-a for a in places], [0]])


def draw_gates(state: Gates) -> Picture:
    """The gates, their sum and its kinks."""
    net = net_with_kinks(state.kinks)
    x = np.unique([*np.linspace(-3, 3, 121), *(a for a, _ in state.kinks)])
    gates = np.array([c * np.maximum(x - a, 0) for a, c in state.kinks])
    return gates_and_sum(state.kinks, x, gates, net(x[:, None])[:, 0], PWL1D.from_net(net).breaks)


def explore_gates():
    """Drag a dot: sideways moves a kink, up and down changes how sharply the sum bends there."""
    from mathdl.core.explore import Points, explore

    return explore(draw_gates, Gates(), kinks=Points("gates (place, change of slope)", x=(-3, 3), y=(-3, 3)))


@dataclass(frozen=True)
class Wiring:
    """A net with all hidden layers of one width."""

    hidden_layers: int = 2
    width: int = 3
    inputs: int = 2
    outputs: int = 1


def draw_wiring(state: Wiring) -> Picture:
    """The wires of the net, with depth, width, size and the number of weights and biases."""
    widths = (state.inputs, *[state.width] * state.hidden_layers, state.outputs)
    net = ReLUNet([np.zeros((w, v)) for v, w in pairwise(widths)],
                  [np.zeros(w) for w in widths[1:]])
    numbers = sum(W.size + b.size for W, b in zip(net.weights, net.biases, strict=True))
    counts = f"depth {net.depth}, width {net.width}, size {net.size}: {numbers} weights and biases"
    return wiring(widths, counts, f"A net drawn as a graph, columns of {', '.join(map(str, widths))} nodes: {counts}.")


def explore_wiring():
    """Move depth and width, and watch which numbers grow."""
    from mathdl.core.explore import Slider, explore

    return explore(draw_wiring, Wiring(), hidden_layers=Slider(0, 6, "hidden layers k"),
                   width=Slider(1, 15, "width w"), inputs=Slider(1, 6, "inputs"), outputs=Slider(1, 6, "outputs"))


def draw_autoencoder(inputs: int = 4, width: int = 15) -> Picture:
    """The weight-tied autoencoder y ↦ Wᵀ σ(W y − ε) (Mukherjee 2020, Figure 1.1)."""
    rng = np.random.default_rng(0)
    net = ReLUNet.tied_autoencoder(rng.normal(size=(width, inputs)), rng.normal(size=width))
    counts = f"depth {net.depth}, width {net.width}: {inputs} numbers in, {net.n_outputs} out"
    return wiring((inputs, width, inputs), f"autoencoder of {counts}", f"A net drawn as a graph: {counts}.")
