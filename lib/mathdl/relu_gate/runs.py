"""What training many gates at once returns: how far each run was from the target after each update."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GateRuns:
    """R runs of U updates each; the source's index t of the start is `t0` (1 for Algorithms 2 and 4, 0 for 3).

    `squared_distance` (U+1, R): ‖w_t − w_*‖² in row t − t0. `w` (R, n): the last iterates, w_{t0 + U}.
    `path` (U+1, R, n): all iterates, or None when they were not kept.
    """

    t0: int
    squared_distance: Array
    w: Array
    path: Array | None = None

    @property
    def times(self) -> NDArray[np.int64]:
        """The source's t of every row: t0, ..., t0 + U."""
        return self.t0 + np.arange(len(self.squared_distance))

    def at(self, t: int) -> Array:
        """‖w_t − w_*‖² of every run (R,), by the source's index t; ValueError when t was not reached."""
        if not self.t0 <= t <= self.times[-1]:
            raise ValueError(f"expected a time from {self.t0} to {self.times[-1]}; got {t}")
        return self.squared_distance[t - self.t0]
