"""Random rational points, rows and functions on the line, for instances and explorers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from mathdl.function_spaces.signed_max import Row
from mathdl.nets.pwl1d import PWL1D


def random_points(samples: int, n: int, *, rng: np.random.Generator, radius: int = 4) -> np.ndarray:
    """Points of shape (samples, n) in [−radius, radius]ⁿ, with numerators and denominators drawn at random."""
    below = rng.integers(1, 17, size=(samples, n))
    above = rng.integers(-radius * below, radius * below + 1)
    x = np.empty((samples, n), dtype=object)
    x.flat = [Fraction(int(u), int(v)) for u, v in zip(above.flat, below.flat, strict=True)]
    return x


def random_rows(rows: int, n: int, *, rng: np.random.Generator) -> list[Row]:
    """Rows (a_1, …, a_n, b) with entries of [−4, 4] in 1/256: in general position but for rare coincidences."""
    return [tuple(Fraction(int(v), 256) for v in rng.integers(-1024, 1025, n + 1)) for _ in range(rows)]


def random_pwl(pieces: int, *, rng: np.random.Generator) -> PWL1D:
    """An exact function on the line with so many pieces (at most 13), integer breakpoints, small integer slopes."""
    breaks = sorted(rng.choice(np.arange(-6, 7), pieces - 1, replace=False).tolist())
    jumps = rng.integers(1, 4, pieces - 1) * rng.choice([-1, 1], pieces - 1)
    slopes = (int(rng.integers(-3, 4)) + np.append(0, np.cumsum(jumps))).tolist()
    first = int(rng.integers(-3, 4))
    intercepts = first - np.append(0, np.cumsum([k * t for k, t in zip(jumps.tolist(), breaks, strict=True)]))
    return PWL1D(breaks, slopes, [int(c) for c in intercepts])


def bowl_rows(rows: int, n: int, *, rng: np.random.Generator) -> list[Row]:
    """Rows (a, b) with b near −|a|²/4, so that most of them are the largest somewhere."""
    drawn = random_rows(rows, n, rng=rng)
    return [(*a, b / 8 - sum(v * v for v in a) / 4) for *a, b in drawn]
