"""Many nets trained at once: seeds, step sizes and widths are one leading dimension, not a loop in Python.

R nets of one architecture become one dict of parameters, each (R, ...). Their gradients come from one backward pass
through the sum of the R losses: a net's parameters occur in its own loss only. Smaller widths are padded with zeros to
the largest, and the gradients of the padding are set to zero, so it stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from mathdl.core.devices import resolve_device
from mathdl.core.generators import RunGenerators
from mathdl.core.nested import tensor_map, tensors
from mathdl.core.optimizers import Optimizer
from mathdl.core.threads import threads_for
from mathdl.core.training import State, Update, seeded

Loss = Callable[[Tensor, Tensor], Tensor]  # outputs and targets of one net, (b, ...) each -> ()
Parameters = dict[str, Tensor]  # name -> (R, ...)
ELEMENTWISE = (nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.Softplus, nn.GELU, nn.SiLU, nn.ELU, nn.Identity)


@dataclass(frozen=True, eq=False)
class BatchedNets:
    """R nets: `module` is the widest as a function, `parameters` name -> (R, ...) their weights, one seed a net.

    `masks` has the shapes of `parameters`: True where the net has the parameter, False where it is padding; None when
    nothing is padded.
    """

    module: nn.Module
    parameters: Parameters
    masks: Parameters | None
    seeds: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.seeds)

    def outputs(self, parameters: Parameters, x: Tensor) -> Tensor:
        """What nets with these parameters make of their inputs `x` (R, b, ...): outputs (R, b, ...).

        The same inputs for all nets are `x.expand(R, *x.shape)`, which copies nothing.
        """
        if x.ndim == 3 and _is_plain(self.module):
            return _plain_outputs(self.module, parameters, x)
        return vmap(lambda p, x: functional_call(self.module, p, (x,)))(parameters, x)

    def losses_and_gradients(self, parameters: Parameters, x: Tensor, y: Tensor,
                             loss: Loss) -> tuple[Tensor, Parameters]:
        """The loss of each net on its own `x` (R, b, ...), `y` (R, b, ...), shape (R,), and its gradients (R, ...)."""
        losses, gradients = run_gradients(lambda p: vmap(loss)(self.outputs(p, x), y), parameters)
        if self.masks is not None:
            gradients = {name: g * self.masks[name] for name, g in gradients.items()}
        return losses, gradients

    def net(self, parameters: Parameters, run: int) -> Callable[[Tensor], Tensor]:
        """Net number `run` alone, as a function of its inputs (b, ...)."""
        own = {name: w[run] for name, w in parameters.items()}
        return lambda x: functional_call(self.module, own, (x,))


def run_gradients(losses: Callable[[Any], Tensor], parameters: Any) -> tuple[Tensor, Any]:
    """`losses(parameters)`, shape (R,) or (), and the gradient of each with respect to its own run's parameters.

    `parameters`: a tensor (R, ...), or dicts, lists and tuples of them; loss r must depend on the parameters [r] only,
    for then the gradient of the sum of all losses holds all their gradients.
    """
    with torch.enable_grad():
        p = tensor_map(lambda w: w.detach().requires_grad_(), parameters)
        values = losses(p)
        gradients = iter(torch.autograd.grad(values.sum(), tensors(p), materialize_grads=True))
    return values.detach(), tensor_map(lambda _: next(gradients), p)


def stack_nets(make: Callable[..., nn.Module], *, seeds: Iterable[int], widths: Iterable[int] | None = None,
               device: str = "cpu") -> BatchedNets:
    """R nets: `make(generator)`, or with `widths` `make(generator, width)`, for each seed (and its width).

    `make` must draw the first weights from the generator it gets, as `seeded_layers.relu_net` does. With widths, padded
    units have no way out: their outgoing weights are zero and stay zero. That holds for linear and convolutional layers
    and elementwise gates, not for layers that look across units (LayerNorm, softmax over hidden units).
    Raises ValueError when `make` draws from torch's global generator, or makes nets that do not fit together.
    """
    seeds, device = tuple(int(seed) for seed in seeds), resolve_device(device)
    arguments = [()] * len(seeds) if widths is None else [(int(width),) for width in widths]
    if not seeds or len(arguments) != len(seeds) or not all(0 <= seed < 2**32 for seed in seeds):
        raise ValueError(f"expected at least one seed from 0 to 2^32 - 1, and as many widths; got {len(seeds)} seeds "
                         f"{seeds[:8]} and {len(arguments)} widths")
    before = torch.get_rng_state()
    nets = [make(seeded(seed), *more) for seed, more in zip(seeds, arguments, strict=True)]
    if not torch.equal(before, torch.get_rng_state()):
        torch.set_rng_state(before)
        raise ValueError("make: expected a net drawn from the generator it was given; got one drawn from torch's "
                         "global generator, as nn.Linear does. Use mathdl.core.seeded_layers.linear, or "
                         "nn.utils.skip_init and nn.init with generator=")
    weights = [{name: w.detach().to(device) for name, w in net.named_parameters()} for net in nets]
    _check_fit(nets, weights)
    sizes = {name: [max(n) for n in zip(*(w[name].shape for w in weights), strict=True)] for name in weights[0]}
    padded = any(list(w[name].shape) != size for w in weights for name, size in sizes.items())
    ones = [{name: torch.ones_like(w, dtype=torch.bool) for name, w in each.items()} for each in weights]
    widest = next((net for net in nets if all(list(w.shape) == sizes[n] for n, w in net.named_parameters())), None)
    if widest is None:
        raise ValueError("widths: expected one net that is at least as wide as the others in every layer; got none")
    return BatchedNets(deepcopy(widest).to("meta"), _stacked(weights, sizes), _stacked(ones, sizes) if padded else None,
                       seeds)


def minibatch_training(nets: BatchedNets, x: Tensor, y: Tensor, *, loss: Loss, optimizer: Optimizer,
                       batch: int | None = None) -> tuple[Update, State]:
    """The update and the start state for `training_steps`: all nets, each on batches of its own, or on all samples.

    `x` (S, ...), `y` (S, ...): the samples. `batch` samples an update are drawn by the `RunGenerators` that is the
    generator of the training; None takes all S, and then the generator draws nothing. The state has the parameters
    under "parameters" and the optimizer's memory under "memory".
    """
    if len(x) != len(y) or not len(x):
        raise ValueError(f"expected as many targets as samples, at least one; got {len(x)} samples, {len(y)} targets")
    device = next(iter(nets.parameters.values())).device
    x, y, n_runs = x.to(device), y.to(device), len(nets)
    whole = x.expand(n_runs, *x.shape), y.expand(n_runs, *y.shape)
    work = 3 * (batch or len(x)) * sum(w.numel() for w in nets.parameters.values())  # forward, and twice backward

    def update(state: State, generator: Any) -> tuple[State, Tensor]:
        with threads_for(work):
            parameters = state["parameters"]
            of_runs = whole if batch is None else _batches(x, y, generator, batch, n_runs)
            losses, gradients = nets.losses_and_gradients(parameters, *of_runs, loss)
            parameters, memory = optimizer(parameters, gradients, state["memory"])
            return {"parameters": parameters, "memory": memory}, losses

    return update, {"parameters": nets.parameters, "memory": optimizer.start(nets.parameters)}


def _batches(x: Tensor, y: Tensor, generator: Any, size: int, n_runs: int) -> tuple[Tensor, Tensor]:
    if not isinstance(generator, RunGenerators) or len(generator) != n_runs:
        raise ValueError(f"generator: expected RunGenerators of {n_runs} seeds, one a net; got {generator!r}")
    rows = generator.batch(len(x), size).to(x.device)
    return x[rows], y[rows]


def _check_fit(nets: list[nn.Module], weights: list[Parameters]) -> None:
    shapes = {tuple((name, w.ndim, w.dtype) for name, w in each.items()) for each in weights}
    if len(shapes) != 1 or not weights[0]:
        raise ValueError("make: expected nets with parameters of equal names, dimensions and types; got nets that "
                         "differ, or have none. Only widths may differ")
    if any(True for net in nets for _ in net.buffers()):
        raise ValueError("make: expected a net whose parameters are all there is to it; got one with buffers, such as "
                         "BatchNorm's averages. Leave that layer out")


def _stacked(each: list[Parameters], sizes: dict[str, list[int]]) -> Parameters:
    """One tensor (R, *size) a name, filled up with zeros at the end of every dimension."""
    def padded(w: Tensor, size: list[int]) -> Tensor:
        missing = [(0, n - m) for n, m in zip(size, w.shape, strict=True)]
        return nn.functional.pad(w, [n for pair in reversed(missing) for n in pair])

    return {name: torch.stack([padded(w[name], size) for w in each]) for name, size in sizes.items()}


def _is_plain(module: nn.Module) -> bool:
    """True for linear layers and elementwise gates in a row: batched products are then twice as fast as vmap."""
    return type(module) is nn.Sequential and all(type(part) in (nn.Linear, *ELEMENTWISE) for part in module)


def _plain_outputs(module: nn.Module, parameters: Parameters, h: Tensor) -> Tensor:
    for name, part in module.named_children():
        if type(part) is not nn.Linear:
            h = part(h)
        elif part.bias is None:
            h = h @ parameters[f"{name}.weight"].mT
        else:
            h = torch.baddbmm(parameters[f"{name}.bias"][:, None], h, parameters[f"{name}.weight"].mT)
    return h
