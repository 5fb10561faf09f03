"""Losses that are convex in the prediction: their values, subgradients, and what a solver may use about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
OfSamples = Callable[[Array, Array], Array]
Kink = Callable[[Array], tuple[Array, Array, Array]]
GRID = 33  # predictions at which a callable loss is tried: every pair and its midpoint


@dataclass(frozen=True)
class Loss:
    """A loss ℓ(prediction, label), convex in the prediction, applied entry by entry (Mukherjee 2020, problem (2.3))."""

    name: str
    value: OfSamples  # ℓ(f, y)
    slope: OfSamples  # one subgradient of ℓ(., y) at f
    kind: Literal["quadratic", "polyhedral", "smooth", "general"]
    attained: bool = True  # the minimum over a closed cell is attained, whatever the data
    kink: Kink | None = None  # polyhedral: y -> (t, down, up) with ℓ(f, y) = down max(t - f, 0) + up max(f - t, 0)
    binary: bool = False  # labels are -1 and +1

    @property
    def is_quadratic(self) -> bool:
        """Whether a cell subproblem is a least squares problem."""
        return self.kind == "quadratic"

    @property
    def is_polyhedral(self) -> bool:
        """Whether a cell subproblem is a linear program."""
        return self.kind == "polyhedral"


def _two_sided(kink: Kink, f: Array, y: Array) -> Array:
    t, down, up = kink(y)
    return down * np.maximum(t - f, 0) + up * np.maximum(f - t, 0)


def _two_sided_slope(kink: Kink, f: Array, y: Array) -> Array:
    t, down, up = kink(y)
    return np.where(f > t, up, np.where(f < t, -down, 0.0))


def polyhedral(name: str, kink: Kink, *, binary: bool = False) -> Loss:
    """The loss down max(t - f, 0) + up max(f - t, 0), where `kink(y)` gives (t, down, up)."""
    return Loss(name, partial(_two_sided, kink), partial(_two_sided_slope, kink), "polyhedral", kink=kink,
                binary=binary)


def _pinball_kink(q: float, y: Array) -> tuple[Array, Array, Array]:
    return y, np.full_like(y, q), np.full_like(y, 1 - q)


def _absolute_kink(y: Array) -> tuple[Array, Array, Array]:
    return y, np.ones_like(y), np.ones_like(y)


def _hinge_kink(y: Array) -> tuple[Array, Array, Array]:
    return y, (y > 0).astype(float), (y < 0).astype(float)


def quantile(q: float) -> Loss:
    """The pinball loss, whose constant minimiser is the q-quantile: q max(y - f, 0) + (1 - q) max(f - y, 0)."""
    if not 0 < q < 1:
        raise ValueError(f"q: expected a number strictly between 0 and 1, got {q!r}")
    return polyhedral(f"quantile {_short(q)}", partial(_pinball_kink, float(q)))


def _huber(delta: float, f: Array, y: Array) -> Array:
    r = np.abs(f - y)
    return np.where(r <= delta, r * r / 2, delta * (r - delta / 2))


def _huber_slope(delta: float, f: Array, y: Array) -> Array:
    return np.clip(f - y, -delta, delta)


def huber(delta: float = 1.0) -> Loss:
    """The Huber loss: r²/2 where |r| = |f - y| ≤ delta, delta (|r| - delta/2) elsewhere."""
    if not (delta > 0 and np.isfinite(delta)):
        raise ValueError(f"delta: expected a positive number, got {delta!r}")
    name = "huber" if delta == 1 else f"huber {_short(delta)}"
    return Loss(name, partial(_huber, float(delta)), partial(_huber_slope, float(delta)), "smooth")


def _squared(f: Array, y: Array) -> Array:
    return (f - y) ** 2


def _squared_slope(f: Array, y: Array) -> Array:
    return 2 * (f - y)


def _logistic(f: Array, y: Array) -> Array:
    return np.logaddexp(0, -y * f)


def _logistic_slope(f: Array, y: Array) -> Array:
    return -y * np.exp(-np.logaddexp(0, y * f))


def _short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


SQUARED = Loss("squared", _squared, _squared_slope, "quadratic")
ABSOLUTE = polyhedral("absolute", _absolute_kink)
HINGE = polyhedral("hinge", _hinge_kink, binary=True)
LOGISTIC = Loss("logistic", _logistic, _logistic_slope, "smooth", attained=False, binary=True)
LOSSES = {loss.name: loss for loss in (SQUARED, ABSOLUTE, HINGE, huber(), LOGISTIC)}
NOT_CONVEX = ("zero-one", "0-1", "0/1", "misclassification", "accuracy")


def as_loss(loss: Loss | str | OfSamples, labels: Array) -> Loss:
    """A loss from its name ("squared", "quantile 0.9", "huber 2"), from a function ℓ(f, y), or as it is.

    A function is tried on the range of `labels`: see `from_function`. Raises ValueError for an unknown name, for the
    zero-one loss (not convex), and for labels other than -1 and +1 where the loss needs those.
    """
    if isinstance(loss, str):
        loss = named_loss(loss)
    elif not isinstance(loss, Loss):
        if not callable(loss):
            raise ValueError(f"loss: expected one of {_names()}, or a function of (predictions, labels); got {loss!r}")
        loss = from_function(loss, labels)
    if loss.binary and not np.isin(labels, (-1.0, 1.0)).all():
        bad = labels[~np.isin(labels, (-1.0, 1.0))][0]
        raise ValueError(f"loss {loss.name!r}: expected labels -1 and +1, got {bad:g}. Labels 0 and 1 become these by "
                         "2 * y - 1")
    return loss


def named_loss(name: str) -> Loss:
    """The loss of that name: "squared", "absolute", "hinge", "huber", "logistic", "huber 2", "quantile 0.9"."""
    if name in NOT_CONVEX:
        raise ValueError(f"loss {name!r} is not convex in the prediction, so the subproblem of a cell is no convex "
                         f"program; use the hinge loss, which lies above it, or another of {_names()}")
    family, _, parameter = name.partition(" ")
    families = {"quantile": quantile, "huber": huber}
    if family in families and parameter:
        try:
            return families[family](float(parameter))
        except ValueError as error:
            raise ValueError(f"loss {name!r}: expected a name such as 'quantile 0.9' or 'huber 2' ({error})") from None
    if name not in LOSSES:
        raise ValueError(f"loss: expected one of {_names()}, or a function of (predictions, labels); got {name!r}")
    return LOSSES[name]


def from_function(function: OfSamples, labels: Array) -> Loss:
    """The loss of a function ℓ(predictions, labels), after a midpoint test of its convexity on the data's range.

    The test tries every pair of 33 predictions and its midpoint, over twice the range of 0 and the labels, for each
    label; it can refuse a loss, with a witness, and cannot prove convexity. The subgradient is the central difference
    with step h = 2^-17 max(1, |f|): it lies between the two one-sided difference quotients, and is therefore an
    ε-subgradient with ε = (ℓ(f+h) - 2 ℓ(f) + ℓ(f-h)) / 2. Raises ValueError when the function fails.
    """
    name = getattr(function, "__name__", type(function).__name__)

    def value(f: Array, y: Array) -> Array:
        f, y = np.broadcast_arrays(np.asarray(f, dtype=float), np.asarray(y, dtype=float))
        out = np.asarray(function(f, y), dtype=float)
        if out.shape != f.shape or not np.isfinite(out).all():
            raise ValueError(f"loss {name!r}: expected finite values of shape {f.shape}, one for each sample; "
                             f"got {'values that are not finite' if out.shape == f.shape else f'shape {out.shape}'}")
        return out

    def slope(f: Array, y: Array) -> Array:
        f = np.asarray(f, dtype=float)
        h = 2.0 ** -17 * np.maximum(1, abs(f))
        return (value(f + h, y) - value(f - h, y)) / (2 * h)

    witness = midpoint_witness(value, labels)
    if witness is not None:
        a, b, y, middle, mean = witness
        raise ValueError(f"loss {name!r} is not convex in the prediction: at label {y:g} its value {middle:g} at "
                         f"{(a + b) / 2:g} is above the mean {mean:g} of its values at {a:g} and {b:g}. Only convex "
                         "losses make a cell subproblem a convex program")
    return Loss(name, value, slope, "general")


def midpoint_witness(value: OfSamples, labels: Array) -> tuple[float, float, float, float, float] | None:
    """(a, b, y, ℓ((a+b)/2, y), (ℓ(a, y) + ℓ(b, y))/2) where the middle is above the mean the most, or None.

    Differences up to 16 units in the last place of the values involved are rounding and do not count.
    """
    ys = np.unique(labels)
    ys = ys[np.linspace(0, len(ys) - 1, min(len(ys), 64)).astype(int)]
    low, high = min(0.0, ys[0]), max(0.0, ys[-1])
    reach = max(high - low, 1.0)
    f = np.linspace(low - reach / 2, high + reach / 2, GRID)
    a, b, y = (m.ravel() for m in np.meshgrid(f, f, ys, indexing="ij"))
    at_a, at_b, middle = value(a, y), value(b, y), value((a + b) / 2, y)
    excess = middle - (at_a + at_b) / 2
    worst = int(np.argmax(excess))
    slack = 16 * np.finfo(float).eps * (abs(at_a) + abs(at_b) + abs(middle))
    if not (excess > slack).any():
        return None
    return a[worst], b[worst], y[worst], middle[worst], (at_a[worst] + at_b[worst]) / 2


def _names() -> str:
    return ", ".join(map(repr, [*LOSSES, "quantile 0.9"]))
