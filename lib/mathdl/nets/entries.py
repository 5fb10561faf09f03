"""Arrays of float64 or of Fractions from whatever a reader types, with finite entries."""

from __future__ import annotations

from fractions import Fraction
from numbers import Integral, Rational, Real

import numpy as np


def holds_fractions(values) -> bool:
    """True when some entry is a Fraction."""
    return any(isinstance(v, Fraction) for v in _entries(values))


def holds_floats(values) -> bool:
    """True when some entry is neither an integer nor a Fraction."""
    return any(not isinstance(v, Rational) for v in _entries(values))


def as_float(values) -> np.ndarray:
    """A float64 copy; ValueError when an entry is not a finite real number."""
    array = _array(values)
    if array.dtype.kind not in "biufO":
        raise ValueError(f"expected real numbers; got entries of type {array.dtype}")
    try:
        array = np.array(array, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"expected real numbers that fit a float64; got {error}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"expected finite numbers; got {int((~np.isfinite(array)).sum())} that are NaN or infinite")
    return array


def as_exact(values) -> np.ndarray:
    """An object array of Fractions, each float at its exact binary value; ValueError when an entry is not finite."""
    _array(values)  # refuses rows of different lengths
    array = np.array(values, dtype=object)
    exact = np.empty(array.shape, dtype=object)
    exact.flat = [fraction(v) for v in array.flat]
    return exact


def fraction(value) -> Fraction:
    """The exact rational value of an integer, a Fraction or a finite float."""
    if isinstance(value, Fraction):
        return value
    try:
        if not isinstance(value, Real):
            raise TypeError
        return Fraction(int(value)) if isinstance(value, Integral) else Fraction(float(value))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"expected finite numbers; got {value!r}") from None


def _array(values) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError("expected a number, a list of numbers or rows of equal length; got rows that differ") from None


def _entries(values):
    """The entries, or one that stands for all when numpy knows their type; none where rows differ in length."""
    try:
        array = np.asarray(values)
    except ValueError:  # refused, and the place named, when it is converted
        return ()
    return array.flat if array.dtype == object else array.flat[:1]
