"""What a training can do after every update: show a progress bar, write a log. Values for `on_step`.

An `on_step` is any function of a Step. If it has `start(number, steps)`, that is called once before the first update,
with the number of updates done before (more than 0 when a training is resumed) and the number in all; if it has
`close()`, that is called at the end, however the training ends. The live plot is in `core.live_plot`, checkpoints are
in `core.checkpoint`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mathdl.core.whole_file import written_whole

if TYPE_CHECKING:
    from mathdl.core.training import Step


class Progress:
    """A progress bar, in a terminal or a notebook, with the loss beside it (the mean over runs)."""

    def __init__(self, label: str = "training"):
        self._label, self._bar, self._last = label, None, None

    def start(self, number: int, steps: int) -> None:
        from tqdm.auto import tqdm

        self._bar = tqdm(total=steps, initial=number, desc=self._label, unit="step", mininterval=0.2)

    def __call__(self, step: Step) -> None:
        self._last = step
        if self._bar.update():  # true when the bar was drawn anew: only then is the loss looked at
            self._show_loss()

    def close(self) -> None:
        if self._last is not None:
            self._show_loss()
        if self._bar is not None:
            self._bar.close()

    def _show_loss(self) -> None:
        self._bar.set_postfix(loss=f"{float(self._last.loss.mean()):.4g}", refresh=False)


class Log:
    """Writes a line of JSON every `every` steps and at the last: {"step": 10, "loss": 0.5}; R runs have R losses.

    `measure(step)` may give more entries: numbers, or tensors. A number that is not finite is written as null. Every
    line is handed to the system before the training goes on, so killing the process loses none. A fresh training begins
    a fresh file; a resumed one keeps the lines up to where it goes on and drops the others: no line stands there twice.
    Raises ValueError when the file is there and is no log.
    """

    def __init__(self, path: str | PathLike, *, every: int = 1,
                 measure: Callable[[Step], Mapping[str, Any]] | None = None):
        if every < 1:
            raise ValueError(f"every: expected a number of updates >= 1; got {every}")
        self.path, self._every, self._measure = Path(path), every, measure
        self._file: IO[str] | None = None
        self._steps = 0

    def start(self, number: int, steps: int) -> None:
        if not self.path.parent.is_dir():
            raise ValueError(f"expected an existing folder for a log; got {self.path.parent}. Make it first")
        kept = [line for line in read_log(self.path) if line["step"] <= number] if self.path.exists() else []
        with written_whole(self.path) as file:
            file.writelines(json.dumps(line) + "\n" for line in kept)
        self._file, self._steps = open(self.path, "a"), steps  # noqa: SIM115, closed in close()

    def __call__(self, step: Step) -> None:
        if step.number % self._every and step.number != self._steps:
            return
        line = {"step": step.number, "loss": step.loss, **(self._measure(step) if self._measure else {})}
        self._file.write(json.dumps({name: _plain(value) for name, value in line.items()}) + "\n")
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def read_log(path: str | PathLike) -> list[dict[str, Any]]:
    """The lines of a log, in order; a last line that was cut off when its training was killed is left out.

    Raises ValueError when any other line is no line of a log.
    """
    lines = Path(path).read_text().split("\n")
    try:
        found = [json.loads(line) for line in lines[:-1]]  # what stands after the last end of line was cut off
        if not all(isinstance(line, dict) and isinstance(line.get("step"), int) for line in found):
            raise ValueError
        return found
    except ValueError:
        raise ValueError(f"{path}: expected a log, one JSON object with a step a line; got another file. "
                         "Name another one") from None


def _plain(value: Any) -> Any:
    """A number, or a list of numbers, as JSON can hold it."""
    if hasattr(value, "tolist"):  # tensors, arrays
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
