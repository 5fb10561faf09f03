"""When a loss stops being a finite number: an error that says where, or runs that stand still while others go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mathdl.core.nested import is_finite, nested_map, tensors

if TYPE_CHECKING:
    from mathdl.core.training import Step


class NonFiniteLoss(FloatingPointError):
    """A loss became infinite or NaN in update `number`, in the runs `runs` (empty when there is only one run).

    `state` is the last state that is known to hold finite numbers only, reached after `state_number` updates.
    """

    def __init__(self, number: int, loss: Tensor, last: Step):
        self.number, self.state, self.state_number = number, last.state, last.number
        self.runs = tuple((~torch.isfinite(loss)).nonzero().flatten().tolist()) if loss.ndim else ()
        values = ", ".join(sorted({str(v) for v in loss[~torch.isfinite(loss)].tolist()}))
        where = f" in {_listed(self.runs)} of {len(loss)}" if loss.ndim else ""
        others = ' for these runs, or diverged="freeze" to go on with the others' if loss.ndim else ""
        super().__init__(f"step {number}: expected a finite loss; got {values}{where}. Try a smaller step "
                         f"size{others}; the state after {last.number} updates is kept on this error as .state")


def _listed(runs: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, runs[:8])) + (f" and {len(runs) - 8} more" if len(runs) > 8 else "")
    return f"run {shown}" if len(runs) == 1 else f"runs {shown}"


class LossGuard:
    """Raises NonFiniteLoss at the first loss that is not finite; looks at every `every`-th step only."""

    def __init__(self, first: Step, every: int, steps: int):
        self._every, self._steps = every, steps
        self._good, self._unseen = [first], []  # newest first: steps that may be named as the last finite ones

    def __call__(self, before: Step, after: Step) -> Step:
        """`after`, when its loss is finite or not looked at."""
        self._unseen.append(after.loss)
        if after.number % self._every == 0 or after.number == self._steps:
            self._look(before, after)
        return after

    def _look(self, before: Step, after: Step) -> None:
        losses = torch.stack(self._unseen)
        if not bool(torch.isfinite(losses).all()):
            row = int((~torch.isfinite(losses).reshape(len(losses), -1).all(1)).nonzero()[0])
            # the loss of `before` was finite, but the state that it left need not be
            last = next((step for step in self._good if is_finite(step.state)), self._good[-1])
            raise NonFiniteLoss(after.number - len(losses) + 1 + row, losses[row], last)
        self._good, self._unseen = [after, before], []


class Freezer:
    """Puts a run that diverges back to its last finite state and holds it there, with loss infinity.

    A run is what stands at one index of the leading dimension of length R of the loss and of the state's tensors.
    Raises NonFiniteLoss when no run is left.
    """

    def __init__(self, first: Step):
        self._frozen = torch.isinf(first.loss)

    def __call__(self, before: Step, after: Step) -> Step:
        """`after`, with the frozen runs as they were in `before`."""
        if after.loss.ndim == 0:
            raise ValueError('diverged="freeze": expected one loss a run, shape (R,); got shape (). Use "raise"')
        self._frozen = self._frozen | ~torch.isfinite(after.loss)
        for leaf in filter(self._is_of_runs, tensors(after.state)):
            self._frozen = self._frozen | ~torch.isfinite(leaf).reshape(len(leaf), -1).all(1)
        loss = torch.where(self._frozen, torch.inf, after.loss)
        if bool(self._frozen.all()):
            raise NonFiniteLoss(after.number, loss, before)
        return replace(after, loss=loss, state=nested_map(self._kept, before.state, after.state))

    def _is_of_runs(self, leaf: Any) -> bool:
        return isinstance(leaf, Tensor) and leaf.ndim > 0 and len(leaf) == len(self._frozen)

    def _kept(self, old: Any, new: Any) -> Any:
        if not self._is_of_runs(new):
            return new
        return torch.where(self._frozen.reshape(-1, *[1] * (new.ndim - 1)), old, new)
