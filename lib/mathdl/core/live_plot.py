"""The losses of a training as a picture that grows while it runs; in a notebook one picture, updated in place."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mathdl.core.figures import COLOURS, LINES, Picture, described, new_figure

if TYPE_CHECKING:
    from mathdl.core.training import Step


class LivePlot:
    """Collects about `points` losses of a training, and shows them every `seconds` if there is a notebook to show in.

    `losses` (steps kept, R) and `numbers` are what was collected, `picture()` what is shown; both work anywhere.
    """

    def __init__(self, *, seconds: float = 0.5, points: int = 200):
        if not (seconds >= 0 and points >= 2):
            raise ValueError(f"expected seconds >= 0 and points >= 2; got {seconds} and {points}")
        self._seconds, self._points = seconds, points
        self._every, self._steps, self._shown_at, self._handle = 1, 0, -np.inf, None
        self._numbers: list[int] = []
        self._losses: list[np.ndarray] = []

    @property
    def numbers(self) -> np.ndarray:
        """The numbers of the steps whose losses were kept, (K,)."""
        return np.array(self._numbers, dtype=int)

    @property
    def losses(self) -> np.ndarray:
        """The losses, (K, R); R = 1 when there is one run only."""
        return np.array(self._losses, dtype=float).reshape(len(self._losses), -1)

    def start(self, number: int, steps: int) -> None:
        self._numbers, self._losses, self._handle = [], [], None
        self._every, self._steps = max(1, (steps - number) // self._points), steps

    def __call__(self, step: Step) -> None:
        if step.number % self._every == 0 or step.number == self._steps:
            self._numbers.append(step.number)
            self._losses.append(np.atleast_1d(step.loss.cpu().numpy()))
            if monotonic() - self._shown_at >= self._seconds:
                self._show()

    def close(self) -> None:
        if self._numbers:
            self._show()

    def picture(self) -> Picture:
        """The losses up to now."""
        return loss_picture(self.numbers, self.losses)

    def _show(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is None:
            return
        if self._handle is None:
            self._handle = display(self.picture(), display_id=True)
        else:
            self._handle.update(self.picture())
        self._shown_at = monotonic()


def loss_picture(numbers: ArrayLike, losses: ArrayLike) -> Picture:
    """Losses (K, R) of R runs after `numbers` (K,) updates, on a logarithmic scale when all are positive.

    Up to six runs are drawn one by one, more as their median and the band from the tenth to the ninetieth percentile.
    """
    numbers, losses = np.asarray(numbers), np.asarray(losses, dtype=float)
    figure, axes = new_figure(width=6, height=3)
    finite = np.where(np.isfinite(losses), losses, np.nan)
    n_runs = losses.shape[1]
    if n_runs <= len(COLOURS):
        for r in range(n_runs):
            axes.plot(numbers, finite[:, r], color=COLOURS[r], linestyle=LINES[r])
    else:
        curves = np.quantile(losses, (0.1, 0.5, 0.9), axis=1, method="inverted_cdf")  # no mean of a number and infinity
        low, middle, high = np.where(np.isfinite(curves), curves, np.nan)
        axes.fill_between(numbers, low, high, color=COLOURS[0], alpha=0.3, linewidth=0)
        axes.plot(numbers, middle, color=COLOURS[0])
    if (finite > 0).any() and not (finite <= 0).any():
        axes.set_yscale("log")
    axes.set(xlabel="updates", ylabel="loss", title=f"{n_runs} runs, step {numbers[-1]}" if n_runs > 1 else
             f"step {numbers[-1]}")
    first, last = np.quantile(losses[[0, -1]], 0.5, axis=1, method="inverted_cdf")
    return described(figure, f"Loss against updates for {n_runs} run{'s' * (n_runs > 1)}: median {first:.3g} at step "
                             f"{numbers[0]}, {last:.3g} at step {numbers[-1]}; "
                             f"{int(np.isfinite(losses[-1]).sum())} of {n_runs} still finite.")
