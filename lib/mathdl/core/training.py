"""The trainer: an iterator that yields one Step per update, so that stopping early is `break`.

An update is a pure function `update(state, generator) -> (new state, loss)`. The state is a dict (or list, or tuple) of
tensors; many runs at once are one extra leading dimension of every tensor, and a loss of shape (R,).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from mathdl.core.checkpoint import Snapshot, check_fits, fingerprint, load_snapshot
from mathdl.core.divergence import Freezer, LossGuard
from mathdl.core.nested import checked_state, is_finite, shape_of, shapes, tensor_map, tensors

State = Any  # dicts, lists and tuples of tensors and plain numbers
Settings = Mapping[str, Any]


class Randomness(Protocol):
    """What an update draws from: a CPU `torch.Generator`, or `RunGenerators` with one stream a run."""

    def get_state(self) -> Tensor: ...

    def set_state(self, state: Tensor) -> Any: ...


Update = Callable[[State, Any], tuple[State, Any]]


@dataclass(frozen=True, eq=False)
class Step:
    """One update: `number` counts from 1, `loss` () or (R,) is what the update saw, `state` is what it left.

    So `loss` belongs to the state before the update. Both are detached from the graph. `snapshot()` is all that a
    checkpoint needs; take it before the next update, which moves the generator on.
    """

    number: int
    loss: Tensor
    state: State
    _generator: Randomness = field(repr=False)
    _start: str = field(repr=False)
    _settings: Settings = field(repr=False)

    def snapshot(self) -> Snapshot:
        """State, loss, number and randomness, copied to the CPU."""
        def copied(tensor: Tensor) -> Tensor:
            return tensor.detach().to("cpu", copy=True).contiguous()

        return Snapshot(self.number, copied(self.loss), tensor_map(copied, self.state),
                        self._generator.get_state().clone(), self._start, dict(self._settings))


def training_steps(update: Update, state: State, *, steps: int, generator: Randomness,
                   on_step: Iterable[Callable[[Step], Any]] = (), resume: str | PathLike | None = None,
                   settings: Settings | None = None, diverged: str = "raise",
                   check_every: int = 1) -> Iterator[Step]:
    """Yield one Step for each of the `steps` updates of `state`; stop early by leaving the loop.

    `update(state, generator)` returns the new state and the loss, () or (R,), and changes nothing in place.
    `on_step`: called with every Step before it is yielded (progress bar, log, live plot, checkpoint: see `on_step`,
    `live_plot`, `checkpoint` in `core`) and closed at the end, also after `break`, an error or an interrupt.
    `resume`: a checkpoint file. If it exists, the training goes on where it was written, with the numbers of a training
    that was never stopped; if not, it starts at the start. Pass the same `state`, `generator` and `settings` as at
    first. A training that was finished yields its last Step again, and calls nothing.
    `settings`: plain values written into checkpoints and compared on resuming, such as {"step size": 0.1}.
    `diverged`: "raise" ends all runs at the first loss that is not finite; "freeze" keeps such a run at its last finite
    state, with loss infinity, and goes on with the others.
    `check_every`: look at the losses every so many steps only, which spares an accelerator the waiting.
    Raises NonFiniteLoss, naming step and runs, and ValueError when something does not fit.
    """
    _check(steps, check_every, diverged, generator, state)
    settings, start = dict(settings or {}), fingerprint(state, generator)
    callbacks: list[Any] = sorted(on_step, key=lambda each: getattr(each, "comes_last", False))
    step = Step(0, torch.tensor(0.0), tensor_map(Tensor.detach, state), generator, start, settings)
    if resume is not None and Path(resume).exists():
        step = _resumed(step, resume, steps)
        if step.number == steps:
            yield step  # a finished training has its last step, so that a loop over it has one
            return
    guard = Freezer(step) if diverged == "freeze" else LossGuard(step, check_every, steps)
    with ExitStack() as stack:
        for each in callbacks:
            stack.callback(getattr(each, "close", _nothing))
        for each in callbacks:
            getattr(each, "start", _nothing)(step.number, steps)
        for number in range(step.number + 1, steps + 1):
            state, loss = _updated(update, step, number)
            step = guard(step, replace(step, number=number, loss=loss, state=state))
            for each in callbacks:
                each(step)
            yield step


def train(update: Update, state: State, *, steps: int, generator: Randomness, **options: Any) -> Step:
    """The last Step of a whole training; `options` as in `training_steps`."""
    return deque(training_steps(update, state, steps=steps, generator=generator, **options), maxlen=1).pop()


def seeded(seed: int) -> torch.Generator:
    """A generator on the CPU, where all random numbers are drawn; the same seed gives the same numbers."""
    return torch.Generator().manual_seed(seed)


def _nothing(*_: Any) -> None:
    pass


def _check(steps: int, check_every: int, diverged: str, generator: Randomness, state: State) -> None:
    if steps < 1 or check_every < 1:
        raise ValueError(f"expected steps >= 1 and check_every >= 1; got {steps} and {check_every}")
    if diverged not in ("raise", "freeze"):
        raise ValueError(f'diverged: expected "raise" or "freeze"; got {diverged!r}')
    if isinstance(generator, torch.Generator) and generator.device.type != "cpu":
        raise ValueError(f"generator: expected one on the CPU, so that every device sees the same numbers; got one on "
                         f"{generator.device}. Draw on the CPU and move")
    if not is_finite(checked_state(state)):
        raise ValueError("state: expected finite numbers to start from; got NaN or infinity")


def _resumed(fresh: Step, path: str | PathLike, steps: int) -> Step:
    """Where the checkpoint stands; moves the generator there."""
    saved = load_snapshot(path)
    check_fits(saved, path, state=fresh.state, start=fresh._start, settings=fresh._settings, steps=steps)
    fresh._generator.set_state(saved.generator)
    return replace(fresh, number=saved.number, loss=saved.loss, state=saved.moved_like(fresh.state))


def _updated(update: Update, step: Step, number: int) -> tuple[State, Tensor]:
    """What the update of the step returns, checked and detached."""
    old = tensors(step.state)
    versions = [_version(tensor) for tensor in old]
    result = update(step.state, step._generator)
    if not isinstance(result, tuple) or len(result) != 2:
        raise ValueError(f"step {number}: expected update to return (state, loss); got a {type(result).__name__}")
    state, loss = tensor_map(Tensor.detach, result[0]), torch.as_tensor(result[1]).detach()
    if loss.ndim > 1 or not loss.is_floating_point():
        raise ValueError(f"step {number}: expected a real loss, or one for each of R runs, shape () or (R,); got "
                         f"{shape_of(loss)}")
    if versions != [_version(tensor) for tensor in old]:
        raise ValueError(f"step {number}: expected update to leave its argument as it is; got a state changed in "
                         "place. Return new tensors, as in `w - step * gradient`")
    if (before := shapes(step.state)) != (after := shapes(state)):
        place = next(p for p in [*before, *after] if before.get(p) != after.get(p))
        raise ValueError(f"step {number}: {place}: expected update to keep it {before.get(place, 'absent')}; got "
                         f"{after.get(place, 'nothing')}")
    return state, loss


def _version(tensor: Tensor) -> int:
    """How often the tensor was changed in place."""
    return 0 if tensor.is_inference() else tensor._version
