"""Explorers on random restrictions and Andreev's function."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.function_spaces.andreev import Andreev
from mathdl.function_spaces.figures.andreev import andreev_figure, bound_figure, restriction_figure
from mathdl.function_spaces.restrictions import equal_parts, sampled_arguments, survival_probability

LAWS = ("majority", "Gaussian", "powers of two")
SAMPLES = 4000


@dataclass(frozen=True)
class GateUnderRestriction:
    """A threshold gate on `n` bits cut into `parts` parts, its weights by `law`, bias 0."""

    n: int = 64
    parts: int = 4
    law: str = "majority"
    seed: int = 0


def draw_restriction(state: GateUnderRestriction) -> Picture:
    """Where the fixed argument falls against the band of the free weights, and how the survivors thin out with n."""
    rng = np.random.default_rng(state.seed)
    parts = equal_parts(state.n, state.parts)
    sampled = sampled_arguments(gate_weights(state.law, state.n, state.seed), parts, samples=SAMPLES, rng=rng)
    sizes = sorted({16, 32, 64, 128, 256, state.n})
    exact = {n: _survival(state.law, n, state.parts, state.seed) for n in sizes}
    return restriction_figure(*sampled, exact, state.n, state.parts)


def explore_restriction():
    """More bits, or fewer parts, and fewer gates survive; no weights can do much better than all equal ones."""
    return explore(draw_restriction, GateUnderRestriction(), n=Slider(16, 256, "bits n", step=16),
                   parts=Choice((1, 2, 4, 8, 16), "parts |P|"), law=Choice(LAWS, "weights"),
                   seed=Slider(0, 20, "random seed"))


def gate_weights(law: str, n: int, seed: int) -> list[int]:
    """Integer weights of a gate: all 1, standard normal ones times 8 and rounded, or 1, 2, 4, …, 2^(n−1)."""
    if law == "majority":
        return [1] * n
    if law == "powers of two":
        return [2**i for i in range(n)]
    return [int(v) for v in np.round(8 * np.random.default_rng(seed).standard_normal(n))]


@lru_cache(maxsize=512)
def _survival(law: str, n: int, parts: int, seed: int) -> float:
    return survival_probability(gate_weights(law, n, seed), equal_parts(n, parts))


@dataclass(frozen=True)
class AndreevGrid:
    """A_n for n = 8 or 32 under a restriction: the free column of each row, everything else drawn from `seed`."""

    n: int = 32
    first: int = 1
    second: int = 1
    third: int = 1
    fourth: int = 1
    seed: int = 0


def draw_andreev(state: AndreevGrid) -> Picture:
    """The matrix with its free bits, and the restricted table beside x; columns beyond the matrix count round it."""
    A, rng = Andreev(state.n), np.random.default_rng(state.seed)
    columns = [(c - 1) % A.columns for c in (state.first, state.second, state.third, state.fourth)[:A.rows]]
    table, matrix = rng.integers(0, 2, A.table_bits), rng.integers(0, 2, (A.rows, A.columns))
    return andreev_figure(A, A.restriction(table, columns, matrix))


def explore_andreev():
    """Free another bit in a row: the parity of the fixed bits of that row may flip, and the table is reshuffled."""
    return explore(draw_andreev, AndreevGrid(), n=Choice((8, 32), "bits n"),
                   first=Slider(1, 4, "free column in row 1"), second=Slider(1, 4, "free column in row 2"),
                   third=Slider(1, 4, "free column in row 3"), fourth=Slider(1, 4, "free column in row 4"),
                   seed=Slider(0, 20, "random seed"))


@dataclass(frozen=True)
class AndreevBounds:
    """The advantage ε, and θ of the source's chain."""

    eps: float = 0.5
    theta: float = 2.0


def draw_bounds(state: AndreevBounds) -> Picture:
    """What the two chains of inequalities promise over n, beside a circuit that is known."""
    return bound_figure(state.eps, state.theta)


def explore_bounds():
    """A smaller advantage is easier to reach, so both lower bounds start later and lie lower."""
    return explore(draw_bounds, AndreevBounds(), eps=Slider(0.01, 0.5, "advantage ε", step=0.01),
                   theta=Slider(0.1, 8.0, "θ of the source's chain", step=0.1))
