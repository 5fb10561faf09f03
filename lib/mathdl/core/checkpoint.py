"""Checkpoints: a training on disk, written whole or not at all, and resumed only where it belongs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mathdl.core.nested import is_finite, leaves, nested_map, shape_of, shapes
from mathdl.core.whole_file import written_whole

if TYPE_CHECKING:
    from mathdl.core.training import Step

FORMAT = "mathdl training 1"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A training after `number` updates, on the CPU: all that is needed to go on as if it had never stopped.

    `generator` is the state of the randomness, `start` a hash of where the training began, `settings` what the caller
    wanted to be compared.
    """

    number: int
    loss: Tensor
    state: Any
    generator: Tensor
    start: str
    settings: Mapping[str, Any]

    def save(self, path: str | PathLike) -> None:
        """Write to a temporary file beside `path`, then rename it: whatever happens, `path` is whole, old or new."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        with written_whole(path, "wb") as file:
            torch.save({"format": FORMAT, "digest": _digest(fields), **fields}, file)

    def moved_like(self, state: Any) -> Any:
        """The saved state with every tensor on the device of its place in `state`."""
        return nested_map(lambda here, saved: saved.to(here.device) if isinstance(here, Tensor) else saved,
                          state, self.state)


def load_snapshot(path: str | PathLike) -> Snapshot:
    """The training in the file; nothing but tensors and plain values is ever unpickled.

    Raises ValueError when the file is damaged or foreign, FileNotFoundError when there is none.
    """
    content = BytesIO(Path(path).read_bytes())  # torch.load may blame the system for a damaged file
    try:
        found = torch.load(content, map_location="cpu", weights_only=True)
        if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
            raise ValueError("its format is another one")
        if found.pop("digest") != _digest(found):
            raise ValueError("its numbers have changed")
        return Snapshot(**found)
    except Exception as error:  # a damaged pickle can raise anything
        raise ValueError(f"{path}: expected a checkpoint of training_steps, got a damaged or foreign file "
                         f"({type(error).__name__}). Delete it, or name another one") from None


def check_fits(saved: Snapshot, path: str | PathLike, *, state: Any, start: str, settings: Mapping[str, Any],
               steps: int) -> None:
    """Raise ValueError unless `saved` belongs to the training that begins as described."""
    for what, expected, found in (("", shapes(state), shapes(saved.state)),
                                  ("setting ", dict(settings), dict(saved.settings))):
        for name in [*expected, *(n for n in found if n not in expected)]:
            if name not in expected or name not in found or expected[name] != found[name]:
                raise ValueError(f"{path}: {what}{name}: expected {expected.get(name, 'nothing')}, found "
                                 f"{found.get(name, 'nothing')}. It is another training: name another file")
    if saved.start != start:
        raise ValueError(f"{path}: expected a training from this start, found one from other numbers. Pass the start "
                         "state and the generator as they were at first (a generator that has drawn is another one), "
                         "or name another file")
    if saved.number > steps:
        raise ValueError(f"{path}: expected at most {steps} updates, found {saved.number}. Ask for more steps")


def fingerprint(state: Any, generator: Any) -> str:
    """A hash of where a training starts: every number of the state, and the randomness."""
    return _digest({"state": state, "generator": generator.get_state()})


def _digest(nested: Any) -> str:
    said = hashlib.sha256()
    for place, leaf in leaves(nested):
        said.update(f"{place} {shape_of(leaf)}\0".encode())
        if isinstance(leaf, Tensor):
            said.update(leaf.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        else:
            said.update(repr(leaf).encode())
    return said.hexdigest()


class Checkpoint:
    """An `on_step` that writes a checkpoint every `every` updates, and after the last.

    Whatever stops the training in between, an interrupt or a killed process, the file of before stays, whole. A state
    with infinite or NaN entries is never written.
    """

    comes_last = True  # what other callbacks wrote about a step is on disk when the step is

    def __init__(self, path: str | PathLike, *, every: int):
        if every < 1:
            raise ValueError(f"every: expected a number of updates >= 1; got {every}")
        self.path, self.every, self._steps = Path(path), every, 0

    def start(self, number: int, steps: int) -> None:
        """Called once before the first update; raises ValueError when there is no such folder."""
        if not self.path.parent.is_dir():
            raise ValueError(f"expected an existing folder for checkpoints; got {self.path.parent}. Make it first")
        self._steps = steps

    def __call__(self, step: Step) -> None:
        if (step.number % self.every == 0 or step.number == self._steps) and is_finite(step.state):
            step.snapshot().save(self.path)
