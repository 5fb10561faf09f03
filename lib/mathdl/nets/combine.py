"""Building blocks: nets side by side, padded, and the maximum of several, with the exact number of gates they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mathdl.nets.relu_net import ReLUNet

# Rows of the gate, its output row times 2, so that both have integer entries.
_GATES = {"4": ([[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, -1, 1, 1]),
          "3": ([[1, -1], [0, 1], [0, -1]], [2, 2, -2])}


@dataclass(frozen=True)
class Cost:
    """What a construction cost: depth (hidden layers + 1), size (gates), and the gates among them that only pad."""

    depth: int
    size: int
    padding: int


def max_gate(gate: str = "4") -> ReLUNet:
    """The 2-layer net of max(x, y) with 4 gates (Mukherjee 2020, Figure 2.A.1) or with 3: σ(x−y) + σ(y) − σ(−y)."""
    if gate not in _GATES:
        raise ValueError(f'expected gate "4" or "3"; got {gate!r}')
    rows, twice = _GATES[gate]
    return ReLUNet([rows, [[v / 2 for v in twice]]], [[0] * len(rows), [0]])


def pad(net: ReLUNet, hidden_layers: int) -> ReLUNet:
    """The same function with more hidden layers: each carries an output y as the pair σ(y), σ(−y).

    The price is 2 n_outputs gates a layer; padding an affine map by one layer is Mukherjee 2020, Lemma 2.A.5. Raises
    ValueError when the net already has more hidden layers.
    """
    if hidden_layers < net.hidden_layers:
        raise ValueError(f"expected hidden_layers >= {net.hidden_layers}, which the net has; got {hidden_layers}")
    layers = hidden_layers - net.hidden_layers
    if not layers:
        return net
    eye = np.eye(net.n_outputs, dtype=int)
    split, join, zero = np.vstack([eye, -eye]), np.hstack([eye, -eye]), [0] * net.n_outputs
    weights = [*net.weights[:-1], split @ net.weights[-1], *[split @ join] * (layers - 1), join]
    return ReLUNet(weights, [*net.biases[:-1], split @ net.biases[-1], *[zero * 2] * (layers - 1), zero])


def parallel(nets: Sequence[ReLUNet]) -> ReLUNet:
    """The net x ↦ (f_1(x), …, f_m(x)) with the outputs stacked; shallower nets are padded."""
    nets = list(nets)
    if not nets or len({net.n_inputs for net in nets}) > 1:
        raise ValueError(f"expected nets of one input dimension; got {[net.n_inputs for net in nets]}")
    if any(net.is_exact for net in nets):
        nets = [net.exact() for net in nets]
    k = max(net.hidden_layers for net in nets)
    nets = [pad(net, k) for net in nets]
    first = np.vstack([net.weights[0] for net in nets])
    rest = [_block_diagonal([net.weights[i] for net in nets]) for i in range(1, k + 1)]
    return ReLUNet([first, *rest], [np.concatenate([net.biases[i] for net in nets]) for i in range(k + 1)])


def sum_net(nets: Sequence[ReLUNet]) -> tuple[ReLUNet, Cost]:
    """The net of f_1 + … + f_m and its cost: sizes add at equal depth (Mukherjee 2020, Lemma 2.A.3).

    Shallower nets are padded with 2 n_outputs gates for each missing layer. Nets have one shape; ValueError otherwise.
    """
    nets = list(nets)
    if len({net.n_outputs for net in nets}) != 1:
        raise ValueError(f"expected nets of one output dimension; got {[net.n_outputs for net in nets]}")
    m, side_by_side = nets[0].n_outputs, parallel(nets)
    net = ReLUNet.affine(np.hstack([np.eye(m, dtype=int)] * len(nets)), [0] * m).compose(side_by_side)
    return net, Cost(net.depth, net.size, net.size - sum(f.size for f in nets))


def max_net(nets: Sequence[ReLUNet], gate: str = "4") -> tuple[ReLUNet, Cost]:
    """The net of max(f_1, …, f_m) and its cost, by a balanced tree of gates (Mukherjee 2020, Lemma 2.A.4).

    Nets have one output and share their inputs; ValueError otherwise.
    """
    nets = list(nets)
    if not nets or any(net.n_outputs != 1 for net in nets):
        raise ValueError(f"expected at least one net, each with one output; got outputs {[f.n_outputs for f in nets]}")
    net, padding = _max_tree(nets, max_gate(gate))
    return net, Cost(net.depth, net.size, padding)


def min_net(nets: Sequence[ReLUNet], gate: str = "4") -> tuple[ReLUNet, Cost]:
    """The net of min(f_1, …, f_m) = −max(−f_1, …, −f_m) and its cost."""
    net, cost = max_net([net.scaled(-1) for net in nets], gate)
    return net.scaled(-1), cost


def _max_tree(nets: list[ReLUNet], gate: ReLUNet) -> tuple[ReLUNet, int]:
    """The maximum of the nets and the number of gates spent on padding, halving as the proof does."""
    if len(nets) == 1:
        return nets[0], 0
    half = len(nets) // 2
    (f, padded_f), (g, padded_g) = _max_tree(nets[:half], gate), _max_tree(nets[half:], gate)
    padding = padded_f + padded_g + 2 * abs(f.hidden_layers - g.hidden_layers)
    return gate.compose(parallel([f, g])), padding


def _block_diagonal(blocks: list[np.ndarray]) -> np.ndarray:
    rows, columns = (sum(b.shape[axis] for b in blocks) for axis in (0, 1))
    whole = np.zeros((rows, columns), dtype=blocks[0].dtype)
    r = c = 0
    for b in blocks:
        whole[r:r + b.shape[0], c:c + b.shape[1]] = b
        r, c = r + b.shape[0], c + b.shape[1]
    return whole
