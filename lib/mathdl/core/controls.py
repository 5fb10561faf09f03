"""What a reader can move: the controls of an explorer, each with a label in words and a `value` of its field's type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import ipywidgets
import traitlets

Interval = tuple[float, float]
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?")


@dataclass(frozen=True)
class Slider:
    """A slider from `low` to `high`; a field that holds an int gets whole numbers."""

    low: float
    high: float
    label: str
    step: float | None = None

    def widget(self, value: Any) -> ipywidgets.Widget:
        """The slider at `value`; raises ValueError when the value is no number of the range."""
        if isinstance(value, bool) or not isinstance(value, Real):
            raise ValueError(f"expected a number for a Slider; got {value!r}: use Toggle or Choice")
        _inside(value, (self.low, self.high))
        options = {"value": value, "min": self.low, "max": self.high, "description": self.label}
        if isinstance(value, Integral):
            return ipywidgets.IntSlider(step=int(self.step or 1), **options)
        step = _grid(value - self.low, self.step or nice((self.high - self.low) / 100))
        return ipywidgets.FloatSlider(step=step, readout_format=f".{_decimals(step)}f", **options)


@dataclass(frozen=True)
class Choice:
    """A menu of `options`."""

    options: Sequence[Any]
    label: str

    def widget(self, value: Any) -> ipywidgets.Widget:
        """The menu at `value`; raises ValueError when the value is not on it."""
        if value not in self.options:
            raise ValueError(f"expected one of {tuple(self.options)}; got {value!r}")
        return ipywidgets.Dropdown(options=[(str(o), o) for o in self.options], value=value, description=self.label)


@dataclass(frozen=True)
class Toggle:
    """A box to tick."""

    label: str

    def widget(self, value: Any) -> ipywidgets.Widget:
        """The box; raises ValueError when the value is not True or False."""
        if not isinstance(value, bool):
            raise ValueError(f"expected True or False for a Toggle; got {value!r}")
        return ipywidgets.Checkbox(value=value, description=self.label)


@dataclass(frozen=True)
class Numbers:
    """A typed field for a tuple of numbers of the interval `within`; whole numbers when all of them are ints."""

    label: str
    within: Interval

    def widget(self, value: Any) -> ipywidgets.Widget:
        """The field at `value`; raises ValueError when it is no tuple of numbers of the interval."""
        if not isinstance(value, tuple) or not value or not all(isinstance(x, Real) for x in value):
            raise ValueError(f"expected a tuple of numbers; got {value!r}")
        kind = int if all(isinstance(x, Integral) for x in value) else float

        def read(text: str) -> tuple:
            return tuple(_inside(x, self.within) for x in read_numbers(text, len(value), kind))

        return TypedField(self.label, value, read, lambda xs: ", ".join(map(short, xs)))


@dataclass(frozen=True)
class Points:
    """Points (x, y) to drag on axes number `axes` of the figure, and to type."""

    label: str
    x: Interval
    y: Interval
    axes: int = 0

    def widget(self, value: Any) -> ipywidgets.Widget:
        """The typed field at `value`; raises ValueError when it is no tuple of pairs inside the ranges."""
        if not isinstance(value, tuple) or not value or not all(isinstance(p, tuple) and len(p) == 2 for p in value):
            raise ValueError(f"expected a tuple of pairs (x, y); got {value!r}")
        return TypedField(self.label, value, lambda text: self._read(text, len(value)), self._write)

    def _read(self, text: str, n: int) -> tuple:
        xs = read_numbers(text, 2 * n, float, f"{n} pairs such as {self._write([(self.x[0], self.y[1])])}")
        return tuple((_inside(x, self.x), _inside(y, self.y)) for x, y in zip(xs[::2], xs[1::2], strict=True))

    @staticmethod
    def _write(points: Sequence[tuple[float, float]]) -> str:
        return ", ".join(f"({short(x)}, {short(y)})" for x, y in points)

    def placed(self, point: tuple[float, float]) -> tuple[float, float]:
        """The nearest point of the ranges, rounded to what a drag can tell apart."""
        return tuple(float(min(max(round(v, _decimals((hi - lo) / 500)), lo), hi))
                     for v, (lo, hi) in zip(point, (self.x, self.y), strict=True))

    def nudged(self, point: tuple[float, float], by: tuple[float, float]) -> tuple[float, float]:
        """The point moved by so many arrow keys, fifty of which cross the range."""
        return self.placed(tuple(v + n * (hi - lo) / 50
                                 for v, n, (lo, hi) in zip(point, by, (self.x, self.y), strict=True)))


Control = Slider | Choice | Toggle | Numbers | Points


class TypedField(ipywidgets.HBox):
    """A text field whose `value` is what its text means; while the text means nothing, `problem` says why."""

    value = traitlets.Any()
    problem = traitlets.Unicode()

    def __init__(self, label: str, value: Any, read: Callable[[str], Any], write: Callable[[Any], str]):
        self._read, self._write = read, write
        self.field = ipywidgets.Text(value=write(value), description=label, continuous_update=False)
        read(self.field.value)  # refuses a default outside the ranges
        super().__init__([self.field], value=value)
        self.field.observe(self._typed, "value")
        self.observe(self._set, "value")

    def restore(self) -> None:
        """Show the text of the value again, whatever was typed."""
        self.field.value, self.problem = self._write(self.value), ""

    def _typed(self, change: dict) -> None:
        if change.new == self._write(self.value):
            self.problem = ""
            return
        try:
            self.value, self.problem = self._read(change.new), ""
        except ValueError as error:  # the text stays, so that the reader can mend it
            self.problem = f"{self.field.description}: {error}"

    def _set(self, change: dict) -> None:
        self.restore()


def read_numbers(text: str, n: int, kind: type = float, expected: str = "") -> tuple:
    """The n numbers (1, -0.5, 1e3, 1/3) of a text, whatever brackets, commas and blanks stand between them."""
    expected = expected or f"{n} {'whole ' if kind is int else ''}numbers"
    text = text.replace("−", "-")
    found = [_number(x) for x in _NUMBER.findall(text)]
    rest = re.sub(r"[\s,;()\[\]]+", "", _NUMBER.sub(" ", text))
    if rest or len(found) != n or (kind is int and not all(v.is_integer() for v in found)):
        raise ValueError(f"expected {expected}; got {text.strip()!r}")
    return tuple(kind(v) for v in found)


def _number(text: str) -> float:
    top, _, bottom = text.partition("/")
    if bottom and not int(bottom):
        raise ValueError(f"expected a number; got {text!r}, a division by zero")
    return float(top) / int(bottom or 1)


def nice(x: float) -> float:
    """The largest of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... that is not above x."""
    power = 10.0 ** math.floor(math.log10(x))
    return max(digit for digit in (1, 2, 5) if digit * power <= x * (1 + 1e-9)) * power


def _grid(offset: float, step: float) -> float:
    """The step, or a tenth or hundredth of it that has the offset on its grid: a slider moves a value off its grid."""
    steps = [step, step / 10, step / 100]
    return next((s for s in steps if abs(offset / s - round(offset / s)) < 1e-6), step)


def short(x: float) -> str:
    """A number as short as a reader would type it, without loss beyond six digits."""
    return f"{x:.6g}"


def _inside(value: float, interval: Interval) -> float:
    low, high = interval
    if not low <= value <= high:
        raise ValueError(f"expected a number from {short(low)} to {short(high)}; got {short(value)}")
    return value


def _decimals(step: float) -> int:
    """The digits after the point that show a step: 0.05 -> 2."""
    return max(0, -math.floor(math.log10(step) + 1e-9))
