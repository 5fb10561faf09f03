"""Descent rules as pure functions: (parameters, gradients, memory) -> (parameters, memory), for one run or many.

Parameters are a tensor, or dicts, lists and tuples of tensors; the memory is a dict, so that it can stand in the state
of `training_steps`. Every number that a rule takes may also be a tensor (R,) with one value for each of R runs, which
are then the leading dimension of every parameter. Equal to torch.optim where both have the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mathdl.core.nested import nested_map, tensor_map

Number = float | Tensor  # one for all runs, or (R,)
Schedule = Number | Callable[[int], Number]  # or a function of the update's number t = 1, 2, ...


@dataclass(frozen=True)
class Optimizer:
    """A descent rule: `start(parameters)` is the memory before the first update, and calling it makes one update."""

    name: str
    start: Callable[[Any], dict[str, Any]]
    _update: Callable[[Any, Any, dict[str, Any]], tuple[Any, dict[str, Any]]]

    def __call__(self, parameters: Any, gradients: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The parameters and the memory after one update; nothing is changed in place."""
        with torch.no_grad():
            return self._update(parameters, gradients, memory)


def sgd(step: Schedule, *, momentum: Number = 0.0, nesterov: bool = False) -> Optimizer:
    """v <- μ v + g, then w <- w - γ v; γ the step, μ the momentum, v = 0 first.

    With `nesterov` w <- w - γ (g + μ v); without momentum w <- w - γ g. Equal to torch.optim.SGD.
    """
    has_memory = isinstance(momentum, Tensor) or momentum != 0
    if nesterov and not has_memory:
        raise ValueError("nesterov: expected a momentum > 0; got 0. Give momentum=0.9, say")

    def start(parameters: Any) -> dict[str, Any]:
        return {"t": 0, "v": tensor_map(torch.zeros_like, parameters)} if has_memory else {"t": 0}

    def update(w: Any, g: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        t, direction, memory = memory["t"] + 1, g, dict(memory)
        if has_memory:
            v = nested_map(lambda v, g: per_run(momentum, v) * v + g, memory["v"], g)
            direction = nested_map(lambda v, g: g + per_run(momentum, v) * v, v, g) if nesterov else v
            memory["v"] = v
        return _moved(w, direction, step, t), {**memory, "t": t}

    return Optimizer("sgd", start, update)


def rmsprop(step: Schedule, *, decay: Number = 0.99, shift: Number = 1e-8, shift_in: str = "denominator") -> Optimizer:
    """v <- β v + (1-β) g², then w <- w - γ g / (√v + ξ); γ the step, β the decay, ξ the shift, v = 0 first.

    Equal to torch.optim.RMSprop. `shift_in` says where the shift stands, which makes a difference: "denominator" as
    above; "root", w <- w - γ g / √(v + ξ); "recursion", v <- β v + (1-β)(g² + ξ) and w <- w - γ g / √v, which is
    Mukherjee 2020, Algorithm 6. Where the denominator is zero the parameter stays.
    """
    places = ("denominator", "root", "recursion")
    if shift_in not in places:
        raise ValueError(f"shift_in: expected one of {places}; got {shift_in!r}")
    before_root, in_recursion = shift_in == "root", shift_in == "recursion"

    def start(parameters: Any) -> dict[str, Any]:
        return {"t": 0, "v": tensor_map(torch.zeros_like, parameters)}

    def recursion(v: Tensor, g: Tensor) -> Tensor:
        beta = per_run(decay, v)
        return beta * v + (1 - beta) * (g * g + per_run(shift, v) * in_recursion)

    def direction(v: Tensor, g: Tensor) -> Tensor:
        xi = per_run(shift, v)
        return _ratio(g, (v + xi).sqrt() if before_root else v.sqrt() + xi * (not in_recursion))

    def update(w: Any, g: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        t, v = memory["t"] + 1, nested_map(recursion, memory["v"], g)
        return _moved(w, nested_map(direction, v, g), step, t), {"t": t, "v": v}

    return Optimizer("rmsprop", start, update)


def adam(step: Schedule, *, decay1: Number = 0.9, decay2: Number = 0.999, shift: Number = 1e-8,
         bias_correction: bool = True) -> Optimizer:
    """m <- β₁ m + (1-β₁) g, v <- β₂ v + (1-β₂) g², then w <- w - γ m̂ / (√v̂ + ξ); m = v = 0 first.

    With `bias_correction` m̂ = m / (1-β₁^t) and v̂ = v / (1-β₂^t), equal to torch.optim.Adam; without it m̂ = m and v̂ = v,
    which is Mukherjee 2020, Algorithm 7. Where the denominator is zero the parameter stays.
    """

    def start(parameters: Any) -> dict[str, Any]:
        return {"t": 0, "m": tensor_map(torch.zeros_like, parameters), "v": tensor_map(torch.zeros_like, parameters)}

    def update(w: Any, g: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        t = memory["t"] + 1

        def first(m: Tensor, g: Tensor) -> Tensor:
            return per_run(decay1, m) * m + (1 - per_run(decay1, m)) * g

        def second(v: Tensor, g: Tensor) -> Tensor:
            return per_run(decay2, v) * v + (1 - per_run(decay2, v)) * (g * g)

        def direction(m: Tensor, v: Tensor) -> Tensor:
            if bias_correction:
                m, v = m / (1 - per_run(decay1, m) ** t), v / (1 - per_run(decay2, v) ** t)
            return _ratio(m, v.sqrt() + per_run(shift, v))

        m, v = nested_map(first, memory["m"], g), nested_map(second, memory["v"], g)
        return _moved(w, nested_map(direction, m, v), step, t), {"t": t, "m": m, "v": v}

    return Optimizer("adam", start, update)


def per_run(value: Number, leaf: Tensor) -> Number:
    """`value` in the shape in which it multiplies `leaf`: one number, or (R,) against (R, ...).

    Raises ValueError when it is neither.
    """
    if not isinstance(value, Tensor) or value.ndim == 0:
        return value
    if value.ndim != 1 or leaf.ndim == 0 or len(value) != len(leaf):
        raise ValueError(f"expected a number, or one for each of the R runs that lead the parameters "
                         f"{tuple(leaf.shape)}; got shape {tuple(value.shape)}")
    return value.to(leaf).reshape(-1, *[1] * (leaf.ndim - 1))


def _moved(w: Any, direction: Any, step: Schedule, t: int) -> Any:
    gamma = step(t) if callable(step) else step
    return nested_map(lambda w, d: w - per_run(gamma, w) * d, w, direction)


def _ratio(g: Tensor, denominator: Tensor) -> Tensor:
    return torch.where(denominator > 0, g / denominator, 0.0)
