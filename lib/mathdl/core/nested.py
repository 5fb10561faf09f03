"""States of a training: dicts, lists and tuples, one in another, with tensors and plain numbers at the leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

PLAIN = (int, float, bool, str, type(None))


def nested_map(function: Callable[..., Any], first: Any, *others: Any) -> Any:
    """`function` of every leaf of `first` and of the leaves at the same places in `others`, in the same shape."""
    if isinstance(first, dict):
        return {key: nested_map(function, first[key], *(other[key] for other in others)) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)(nested_map(function, *parts) for parts in zip(first, *others, strict=True))
    return function(first, *others)


def tensor_map(function: Callable[[Tensor], Any], nested: Any) -> Any:
    """`function` of every tensor; plain numbers stay."""
    return nested_map(lambda leaf: function(leaf) if isinstance(leaf, Tensor) else leaf, nested)


def leaves(nested: Any, place: str = "state") -> Iterator[tuple[str, Any]]:
    """Every leaf with its place in words, such as `state["layer"][0]`."""
    if isinstance(nested, dict):
        for key, part in nested.items():
            yield from leaves(part, f"{place}[{key!r}]")
    elif isinstance(nested, (list, tuple)):
        for k, part in enumerate(nested):
            yield from leaves(part, f"{place}[{k}]")
    else:
        yield place, nested


def tensors(nested: Any) -> list[Tensor]:
    """The tensors, in order."""
    return [leaf for _, leaf in leaves(nested) if isinstance(leaf, Tensor)]


def checked_state(state: Any) -> Any:
    """`state` itself, if a checkpoint can hold it. Raises ValueError naming the first part that does not fit."""
    if isinstance(state, tuple) and type(state) is not tuple:
        raise ValueError(f"state: expected dict, list or tuple; got a {type(state).__name__}. Use a dict")
    for part in state.values() if isinstance(state, dict) else state if isinstance(state, (list, tuple)) else ():
        checked_state(part)
    if not isinstance(state, (dict, list, tuple, Tensor, *PLAIN)):
        raise ValueError(f"state: expected tensors and plain numbers in dicts, lists and tuples; got a "
                         f"{type(state).__name__}. Store its tensors in a dict")
    return state


def shape_of(leaf: Any) -> str:
    """What a leaf is, in words: `float32 (3, 4)` for a tensor, the type's name for anything else."""
    if isinstance(leaf, Tensor):
        return f"{str(leaf.dtype).removeprefix('torch.')} {tuple(leaf.shape)}"
    return type(leaf).__name__


def shapes(nested: Any) -> dict[str, str]:
    """What stands at every place, by `shape_of`."""
    return {place: shape_of(leaf) for place, leaf in leaves(nested)}


def is_finite(nested: Any) -> bool:
    """True when every tensor of the state holds finite numbers only."""
    return all(bool(torch.isfinite(t).all()) for t in tensors(nested))
