"""Explorers on branch and bound: let the search make so many splits, and see how far it has come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Choice, Slider, Toggle, explore
from mathdl.core.figures import Picture
from mathdl.exact_erm.figures.branching import chord_figure, counts_figure, search_figure
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.search_trace import search_trace


@dataclass(frozen=True)
class SearchPicture:
    """A search with two gates and an output bias on `samples` points of a noisy tent, stopped after `splits` splits."""

    splits: int = 40
    samples: int = 10
    noise: float = 0.4
    chords: bool = True
    descents: bool = False
    loss: str = "squared"


def draw_search(state: SearchPicture) -> Picture:
    """The bounds, the tree, and the data with the labels of the node that comes next."""
    problem = tent(state.samples, state.noise, state.loss)
    return search_figure(search_trace(problem, state.splits, chords=state.chords, descents=state.descents))


def explore_search():
    """Allow more splits; then take away the chords, or begin with descents, and compare how many are needed."""
    return explore(draw_search, SearchPicture(), splits=Slider(0, 120, "splits allowed"),
                   samples=Slider(4, 16, "samples"), noise=Slider(0.0, 1.0, "noise"),
                   loss=Choice(("squared", "absolute"), "loss"), chords=Toggle("chords for unlabelled samples"),
                   descents=Toggle("descents before the first split"))


def tent(samples: int, noise: float, loss: str = "squared") -> ERMProblem:
    """Evenly spread points with labels 1 - |x| plus Gaussian noise (always the same), to be fitted by two gates."""
    x = np.linspace(-2, 2, samples)
    return ERMProblem(x, 1 - abs(x) + noise * np.random.default_rng(6).standard_normal(samples), 2, loss,
                      output_bias=True)


@dataclass(frozen=True)
class Chord:
    """Pre-activations of a gate at a sample on the two rays of its cone."""

    low: float = -1.0
    high: float = 2.0


def draw_chord(state: Chord) -> Picture:
    """A gate below its chord."""
    return chord_figure(state.low, state.high)


def explore_chord():
    """Move the two ends: with both on one side of 0 the chord is the gate, and the label follows for free."""
    return explore(draw_chord, Chord(), low=Slider(-3.0, 3.0, "pre-activation on r"),
                   high=Slider(-3.0, 3.0, "pre-activation on r′"))


def draw_counts() -> Picture:
    """Convex problems for two gates in the plane: Algorithm 1 by its formula, the search by running it."""
    from mathdl.exact_erm.cells import cover_count
    from mathdl.exact_erm.complexity import distinct_subproblems

    samples = (6, 9, 12, 16, 20, 24)
    problems = [plane(D) for D in samples]
    every = [distinct_subproblems(cover_count(D, 2), 2) for D in samples]
    nodes = [[len(search_trace(p, 10 ** 6, chords=chords, gap=1e-9).parents) for p in problems]
             for chords in (False, True)]
    return counts_figure(samples, every, *nodes)


def plane(samples: int, seed: int = 3) -> ERMProblem:
    """Gaussian points of the plane with labels of a planted net (signs +-) and noise 0.3, to be fitted by two gates."""
    rng = np.random.default_rng(seed)
    x, gates = rng.standard_normal((samples, 2)), rng.standard_normal((2, 3))
    y = np.maximum(gates @ np.column_stack([x, np.ones(samples)]).T, 0)
    return ERMProblem(x, y[0] - y[1] + 0.3 * rng.standard_normal(samples), 2)
