"""ReLU nets from and to torch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mathdl.nets.relu_net import ReLUNet


def from_torch(sequential) -> ReLUNet:
    """The net of a torch.nn.Sequential of Linear and ReLU in turn, in float64.

    Linear layers that follow one another are multiplied together (rounded in float64), nested Sequentials are
    opened. Raises ValueError that names the layer when the module is anything else.
    """
    from torch import nn

    if not isinstance(sequential, nn.Sequential):
        raise ValueError(f"expected a torch.nn.Sequential; got {type(sequential).__name__}")
    net, after_gate = None, False
    for name, layer in _layers(sequential):
        if isinstance(layer, nn.Linear):
            affine = _affine(name, layer)
            net = affine if net is None else _stack(name, net, affine, after_gate)
            after_gate = False
        elif isinstance(layer, nn.ReLU) and net is not None and not after_gate:
            after_gate = True
        else:
            raise ValueError(f"layer {name}: expected Linear and ReLU in turn, Linear first; got {_what(layer)}. "
                             "Remove it, or write it as Linear and ReLU layers")
    if net is None or after_gate:
        raise ValueError("expected a Linear layer at the end; "
                         + ("got a ReLU: append nn.Linear with the identity matrix" if after_gate else "got no layer"))
    return net


def to_torch(net: ReLUNet, dtype=None):
    """The torch.nn.Sequential of Linear and ReLU that computes the net, float64 by default; no seed is touched."""
    import torch
    from torch import nn

    dtype = torch.float64 if dtype is None else dtype
    layers: list[nn.Module] = []
    for W, b in zip(net.rounded().weights, net.rounded().biases, strict=True):
        linear = nn.utils.skip_init(nn.Linear, W.shape[1], W.shape[0], dtype=dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(W))
            linear.bias.copy_(torch.tensor(b))
        if not (linear.weight.isfinite().all() and linear.bias.isfinite().all()):
            raise ValueError(f"layer {len(layers) // 2 + 1}: an entry is too large for {dtype}; use torch.float64")
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _layers(sequential, prefix: str = "") -> Iterator[tuple[str, object]]:
    from torch import nn

    for name, layer in sequential.named_children():
        if isinstance(layer, nn.Sequential):
            yield from _layers(layer, f"{prefix}{name}.")
        else:
            yield prefix + name, layer


def _affine(name: str, layer) -> ReLUNet:
    W = layer.weight.detach().cpu().double().numpy()
    b = np.zeros(len(W)) if layer.bias is None else layer.bias.detach().cpu().double().numpy()
    try:
        return ReLUNet.affine(W, b)
    except ValueError as error:
        raise ValueError(f"layer {name} ({_what(layer)}): {str(error).removeprefix('layer 1: ')}") from None


def _stack(name: str, net: ReLUNet, affine: ReLUNet, after_gate: bool) -> ReLUNet:
    """`affine` after `net`, with gates between them or without."""
    if affine.n_inputs != net.n_outputs:
        raise ValueError(f"layer {name}: expected in_features={net.n_outputs}, the outputs of the layer before it; "
                         f"got {affine.n_inputs}")
    if after_gate:
        return ReLUNet([*net.weights, *affine.weights], [*net.biases, *affine.biases])
    return affine.compose(net)


def _what(layer) -> str:
    return repr(layer).splitlines()[0]
