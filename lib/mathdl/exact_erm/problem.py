"""The problem (2.3): fit a net with one hidden layer of a given width to data, with a convex loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.exact_erm.losses import Loss, as_loss
from mathdl.nets.relu_net import ReLUNet

Array = NDArray[np.float64]
FAR = 2.0 ** 20  # offset over spread: beyond it, rounding of a · x + b costs more than 1e-9 of what a gate can do
LARGEST = 1e100  # squares and fourth powers of larger numbers leave the range of float64


class Distinct(NamedTuple):
    """The distinct points (d, n), sorted, and for each sample the number of its point (n_samples,)."""

    points: Array
    inverse: NDArray[np.intp]


class Collapsed(NamedTuple):
    """A problem on distinct points, and what its values lack: value of the original = value + `constant`."""

    problem: ERMProblem
    inverse: NDArray[np.intp]
    constant: float


@dataclass(frozen=True, eq=False)
class ERMProblem:
    """Minimise sum_j v_j ℓ(f(x_j), y_j) over nets f(x) = sum_i s_i σ(a_i . x + b_i) (+ c with `output_bias`).

    `x` is (n_samples, n_inputs), or (n_samples,) for one input; `y` and `sample_weight` (v, all ones when left out) are
    (n_samples,); all are copied and read-only. `loss` is a name, a `Loss`, or a function ℓ(predictions, labels) convex
    in the predictions. The value of a net is the weighted *sum* of its losses: n_samples times the mean of (2.3).
    Raises ValueError on data that cannot be fitted, with what to do. Source: Mukherjee 2020, problem (2.3).
    """

    x: Array
    y: Array
    width: int
    loss: Loss | str | Callable[[Array, Array], Array] = "squared"
    output_bias: bool = False
    sample_weight: Array | None = None

    def __post_init__(self) -> None:
        x, y = _points(self.x), _numbers("y", self.y)
        if y.ndim != 1 or len(y) != len(x):
            raise ValueError(f"y: expected shape ({len(x)},), one label for each of the {len(x)} points of x; got "
                             f"{y.shape}" + (". Use y.ravel()" if y.size == len(x) else ""))
        if isinstance(self.width, bool) or not isinstance(self.width, Integral) or self.width < 1:
            raise ValueError(f"width: expected a positive integer, the number of gates; got {self.width!r}")
        fields = {"x": x, "y": y, "width": int(self.width), "loss": as_loss(self.loss, y),
                  "output_bias": bool(self.output_bias), "sample_weight": _weights(self.sample_weight, len(y))}
        for name, value in fields.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def n_samples(self) -> int:
        """How many samples there are (D)."""
        return len(self.x)

    @property
    def n_inputs(self) -> int:
        """The input dimension (n)."""
        return self.x.shape[1]

    @cached_property
    def lifted(self) -> Array:
        """The points (x_j, 1), shape (n_samples, n_inputs + 1), read-only."""
        lifted = np.column_stack([self.x, np.ones(self.n_samples)])
        lifted.flags.writeable = False
        return lifted

    @property
    def zero_value(self) -> float:
        """The value of f = 0, which every width reaches: an upper bound on the optimum."""
        return float(self.losses(np.zeros(self.n_samples)).sum())

    def losses(self, predictions: ArrayLike) -> Array:
        """The weighted loss of each sample, given the predictions (n_samples,)."""
        f = np.asarray(predictions, dtype=float)
        if f.shape != self.y.shape:
            raise ValueError(f"predictions: expected shape {self.y.shape}, one for each sample; got {f.shape}")
        return self.sample_weight * self.loss.value(f, self.y)

    def value(self, net: Any) -> float:
        """The weighted sum of losses of a net (callable on (n_samples, n_inputs))."""
        return float(self.losses(np.asarray(net(self.x), dtype=float).reshape(-1)).sum())

    def net(self, theta: ArrayLike, signs: ArrayLike, bias: float = 0.0) -> ReLUNet:
        """The net with gates `theta` (width, n_inputs + 1), rows (a_i, b_i), top weights `signs` and top bias."""
        theta, signs = np.asarray(theta, dtype=float), np.asarray(signs, dtype=float)
        return ReLUNet([theta[:, :-1], signs[None, :]], [theta[:, -1], np.array([float(bias)])])

    def distinct(self) -> Distinct:
        """The distinct points, sorted, and the point of each sample: `points[inverse]` equals `x`."""
        points, inverse = np.unique(self.x, axis=0, return_inverse=True)
        return Distinct(points, inverse.reshape(-1))

    def collapsed(self) -> Collapsed:
        """The same squared-loss problem with one sample a distinct point: weighted mean label, summed weight.

        sum v_j (f - y_j)² = V (f - ȳ)² + sum v_j (y_j - ȳ)² over the samples of a point: the last term does not depend
        on the net and is `constant`. A point of weight 0 gets label 0. Raises ValueError for other losses.
        """
        if not self.loss.is_quadratic:
            raise ValueError(f"collapsed: expected the squared loss, where only the mean label of a point matters; got "
                             f"{self.loss.name!r}. Use distinct()")
        points, inverse = self.distinct()
        weight = np.bincount(inverse, self.sample_weight, len(points))
        total = np.bincount(inverse, self.sample_weight * self.y, len(points))
        label = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
        # A point with one sample keeps its label to the last bit; a quotient need not.
        alone = (np.bincount(inverse) == 1)[inverse] & (self.sample_weight > 0)
        label[inverse[alone]] = self.y[alone]
        constant = float((self.sample_weight * (self.y - label[inverse]) ** 2).sum())
        problem = ERMProblem(points, label, self.width, self.loss, self.output_bias, weight)
        return Collapsed(problem, inverse, constant)


def _numbers(name: str, values: ArrayLike) -> Array:
    """A copy as float64, or a ValueError that names the argument and its first entry that is not a finite number."""
    try:
        if np.iscomplexobj(values):
            raise TypeError("complex numbers")
        array = np.array(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected an array of real numbers, all rows of one length; got {error}") from None
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        raise ValueError(f"{name}: expected finite numbers; got {array[tuple(bad[0])]} at index "
                         f"{', '.join(map(str, bad[0]))}. Drop or mend these samples")
    if array.size and abs(array).max() > LARGEST:
        raise ValueError(f"{name}: expected numbers up to {LARGEST:g}; got {abs(array).max():g}. Rescale, for example "
                         "divide by the largest")
    return array + 0.0  # -0 becomes 0


def _points(values: ArrayLike) -> Array:
    """The points as (n_samples, n_inputs), or a ValueError; a coordinate must not be far from 0 against its spread."""
    x = _numbers("x", values)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"x: expected shape (n_samples, n_inputs) with at least one of each; got {x.shape}")
    reach, spread = abs(x).max(axis=0), np.ptp(x, axis=0)
    for i in np.flatnonzero((spread > 0) & (reach > FAR * spread)):
        raise ValueError(f"x: input {i} is of size {reach[i]:g} but varies by {spread[i]:g} only, so that rounding in "
                         f"a · x + b would blur a gate. Subtract the median, {np.median(x[:, i]):.17g}, from it")
    return x


def _weights(values: ArrayLike | None, n: int) -> Array:
    v = np.ones(n) if values is None else _numbers("sample_weight", values)
    if v.shape != (n,):
        raise ValueError(f"sample_weight: expected shape ({n},), one weight for each sample; got {v.shape}")
    if (v < 0).any() or not (v > 0).any():
        raise ValueError("sample_weight: expected weights >= 0, not all of them 0; got "
                         + (f"{v.min():g} at index {v.argmin()}" if (v < 0).any() else "only zeros"))
    return v
