"""Many trainings of one problem from random starts, to be held against the certified optimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.problem import ERMProblem
from mathdl.nets.relu_net import ReLUNet

Array = NDArray[np.float64]
METHODS = ("gd", "sgd", "adam")


@dataclass(frozen=True, eq=False)
class Restarts:
    """Where R trainings ended: `values` (R,) are weighted sums of losses, inf where a run left the finite numbers.

    `theta` (R, width, n_inputs + 1), `signs` (R, width) and `bias` (R,) are the trained nets with top weights ±1;
    `top` (R, width) are the top weights as trained. `path` (R, n_frames, width, n_inputs + 1) and `path_signs` follow
    the runs, first frame the start and last the end.
    """

    problem: ERMProblem
    values: Array
    theta: Array
    signs: Array
    bias: Array
    top: Array
    path: Array
    path_signs: Array

    def __len__(self) -> int:
        return len(self.values)

    @property
    def best(self) -> int:
        """The number of the run with the least value."""
        return int(np.argmin(self.values))

    def net(self, run: int) -> ReLUNet:
        """The net at the end of one run."""
        return self.problem.net(self.theta[run], self.signs[run], self.bias[run])

    def reached(self, value: float, *, within: float) -> int:
        """How many runs ended at most `within` above `value`."""
        return int(np.sum(self.values <= value + within))


def restarts(problem: ERMProblem, n_restarts: int, *, steps: int = 3000, step: float = 0.05,
             method: Literal["gd", "sgd", "adam"] = "adam", batch: int = 1, decay: bool = True, frames: int = 2,
             start: tuple[ArrayLike, ArrayLike] | None = None, rng: np.random.Generator) -> Restarts:
    """Train both layers of `n_restarts` nets at once, each from its own start, on the mean loss of (2.3).

    "gd" and "adam" use all samples in every step, "sgd" draws `batch` of them with replacement. With `decay` the step
    size falls linearly to zero. Gates and top weights start as independent standard normal numbers, the top bias at 0;
    `start` = (gates (n_restarts, width, n_inputs + 1), top (n_restarts, width)) replaces the draw. Raises ValueError
    for a loss without second pieces known here, and for numbers outside their ranges.
    """
    if method not in METHODS:
        raise ValueError(f"method: expected one of {', '.join(METHODS)}; got {method!r}")
    for name, value in {"n_restarts": n_restarts, "steps": steps, "batch": batch, "frames": frames}.items():
        if value < 1:
            raise ValueError(f"{name}: expected a whole number >= 1; got {value!r}")
    if not (np.isfinite(step) and step > 0):
        raise ValueError(f"step: expected a positive number; got {step!r}")
    weights = _start(problem, n_restarts, start, rng)
    path = np.empty((n_restarts, frames, weights.shape[1]))
    seeds = rng.integers(1, 2 ** 63, n_restarts, dtype=np.uint64)
    from mathdl.exact_erm._descent import descend

    descend(weights, problem.lifted, *_slopes(problem), problem.sample_weight, problem.width, problem.output_bias,
            METHODS.index(method), steps, float(step), decay, batch, seeds, path)
    return _read(problem, weights, path)


def _start(problem: ERMProblem, n_restarts: int, start: tuple | None, rng: np.random.Generator) -> Array:
    """The weights of all runs (n_restarts, width (n_inputs + 2) + 1): gates row by row, top weights, top bias."""
    w, n1 = problem.width, problem.n_inputs + 1
    drawn = rng.standard_normal((n_restarts, w * (n1 + 1)))
    if start is not None:
        gates, top = (np.asarray(part, dtype=float) for part in start)
        if gates.shape != (n_restarts, w, n1) or top.shape != (n_restarts, w):
            raise ValueError(f"start: expected arrays of shapes {(n_restarts, w, n1)} and {(n_restarts, w)}; "
                             f"got {gates.shape} and {top.shape}")
        drawn = np.hstack([gates.reshape(n_restarts, -1), top])
    return np.hstack([drawn, np.zeros((n_restarts, 1))])


def _slopes(problem: ERMProblem) -> tuple[Array, float, Array, Array]:
    """(t, curve, down, up): the slope of the loss of sample j at f is curve (f - t_j), cut at -down_j and up_j."""
    loss, y = problem.loss, problem.y
    if loss.kind == "quadratic":
        return y, 2.0, np.full_like(y, np.inf), np.full_like(y, np.inf)
    if loss.kink is None:
        raise ValueError(f"loss: expected a squared or a polyhedral loss; got {loss.name!r}, whose slope has no "
                         "closed form here")
    t, down, up = loss.kink(y)
    return t, 1e300, np.asarray(down, dtype=float), np.asarray(up, dtype=float)


def _read(problem: ERMProblem, weights: Array, path: Array) -> Restarts:
    theta, signs, top = _normalised(problem, weights)
    bias = weights[:, -1] if problem.output_bias else np.zeros(len(weights))
    with np.errstate(over="ignore", invalid="ignore"):
        gates = np.maximum(theta @ problem.lifted.T, 0)
        predictions = np.einsum("rw,rwj->rj", signs, gates) + bias[:, None]
        values = np.array([problem.losses(f).sum() for f in predictions])
    values[~np.isfinite(values)] = np.inf
    path_theta, path_signs, _ = _normalised(problem, path)
    return Restarts(problem, values, theta, signs, bias, top, path_theta, path_signs)


def _normalised(problem: ERMProblem, weights: Array) -> tuple[Array, Array, Array]:
    """Gates scaled by |top weight|, its sign (+1 for 0), and the top weights (Mukherjee 2020, (2.4))."""
    w, n1 = problem.width, problem.n_inputs + 1
    gates = weights[..., :w * n1].reshape(*weights.shape[:-1], w, n1)
    top = weights[..., w * n1:w * (n1 + 1)]
    with np.errstate(over="ignore", invalid="ignore"):
        return np.abs(top)[..., None] * gates, np.where(top < 0, -1.0, 1.0), top
