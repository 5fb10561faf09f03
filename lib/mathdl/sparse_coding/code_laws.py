"""Laws of a non-zero entry of a code: bounded, non-negative, with their first two moments exactly known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

CHECKED = 20_000  # draws with which the moments of a reader's own law are checked


class CodeLaw(Protocol):
    """A law on [low, high], low >= 0: its moments m1 = E x and m2 = E x², and independent draws."""

    low: float
    high: float

    @property
    def m1(self) -> float:
        """E x."""

    @property
    def m2(self) -> float:
        """E x²."""

    def draw(self, size: int | tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
        """Independent values, shape `size`."""


@dataclass(frozen=True)
class UniformEntries:
    """Uniform on [low, high]. Raises ValueError unless 0 <= low <= high, high > 0, both finite (as do all laws)."""

    low: float
    high: float

    def __post_init__(self):
        check_interval(self.low, self.high)

    @property
    def m1(self) -> float:
        """(a + b)/2."""
        return (self.low + self.high) / 2

    @property
    def m2(self) -> float:
        """(a² + ab + b²)/3."""
        return (self.low ** 2 + self.low * self.high + self.high ** 2) / 3

    def draw(self, size: int | tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
        """Independent values, shape `size`."""
        return rng.uniform(self.low, self.high, size)


@dataclass(frozen=True)
class TwoValued:
    """`high` with probability `chance`, else `low`: the most spread out law on [low, high] with its mean."""

    low: float
    high: float
    chance: float = 0.5

    def __post_init__(self):
        check_interval(self.low, self.high)
        if not 0 <= self.chance <= 1:
            raise ValueError(f"expected a chance in [0, 1]; got {self.chance}")

    @property
    def m1(self) -> float:
        """a + (b − a) chance."""
        return self.low + (self.high - self.low) * self.chance

    @property
    def m2(self) -> float:
        """a² + (b² − a²) chance."""
        return self.low ** 2 + (self.high ** 2 - self.low ** 2) * self.chance

    def draw(self, size: int | tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
        """Independent values, shape `size`."""
        return np.where(rng.random(size) < self.chance, self.high, self.low)


@dataclass(frozen=True)
class SkewedEntries:
    """low + (high − low) U^power with U uniform on [0, 1]: power > 1 leans to `low`, power < 1 to `high`."""

    low: float
    high: float
    power: float = 3.0

    def __post_init__(self):
        check_interval(self.low, self.high)
        if not (self.power > 0 and math.isfinite(self.power)):
            raise ValueError(f"expected a power > 0; got {self.power}")

    @property
    def m1(self) -> float:
        """a + (b − a)/(power + 1)."""
        return self.low + (self.high - self.low) / (self.power + 1)

    @property
    def m2(self) -> float:
        """a² + 2a(b − a)/(power + 1) + (b − a)²/(2 power + 1)."""
        d = self.high - self.low
        return self.low ** 2 + 2 * self.low * d / (self.power + 1) + d ** 2 / (2 * self.power + 1)

    def draw(self, size: int | tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
        """Independent values, shape `size`."""
        return self.low + (self.high - self.low) * rng.random(size) ** self.power


@dataclass(frozen=True)
class OwnEntries:
    """A reader's law: `function(size, rng)` draws, `m1` and `m2` are said, and checked when the object is made.

    Twenty thousand draws from a fixed seed must stay in [low, high] and agree with both moments within
    `core.intervals.mean_error`; raises ValueError with what was seen when they do not.
    """

    low: float
    high: float
    function: Callable[[tuple[int, ...], np.random.Generator], np.ndarray]
    m1: float
    m2: float

    def __post_init__(self):
        check_interval(self.low, self.high)
        seen = self.draw(CHECKED, rng=np.random.default_rng(0))
        for name, said, values in (("m1", self.m1, seen), ("m2", self.m2, seen ** 2)):
            _check_moment(name, said, values)

    def draw(self, size: int | tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
        """Independent values, shape `size`; raises ValueError when one leaves [low, high] or the shape is wrong."""
        shape = (size,) if isinstance(size, (int, np.integer)) else tuple(size)
        values = np.asarray(self.function(shape, rng), dtype=float)
        if values.shape != shape:
            raise ValueError(f"expected values of shape {shape} from the law; got {values.shape}")
        if not ((values >= self.low) & (values <= self.high)).all():
            raise ValueError(f"expected values in [{self.low}, {self.high}]; got {values.min()} to {values.max()}")
        return values


def check_interval(low: float, high: float) -> None:
    """Raises ValueError unless 0 <= low <= high < inf and high > 0."""
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"expected finite low and high; got {low} and {high}")
    if low < 0:
        raise ValueError(f"expected codes >= 0, so low >= 0; got low={low}: shift the interval")
    if not (high >= low and high > 0):
        raise ValueError(f"expected high >= low and high > 0; got low={low}, high={high}")


def _check_moment(name: str, said: float, values: np.ndarray) -> None:
    from mathdl.core.intervals import mean_error

    error = float(mean_error(values)) + 1e-12 * max(1.0, abs(float(values.mean())))  # a constant law has error 0
    if not abs(values.mean() - said) <= error:
        raise ValueError(f"expected {name} near {values.mean():.6g} ± {error:.2g}, as in {len(values)} draws; "
                         f"got {said}: correct the moment or the law")


ENTRY_LAWS = {"uniform": UniformEntries, "two-valued": TwoValued, "skewed": SkewedEntries}
