"""Explorers on the landscape: restarts against the certificate, and the atlas of one gate with training paths in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Choice, Points, Slider, explore
from mathdl.core.figures import COLOURS, INK, Picture, described, legend, new_figure
from mathdl.exact_erm.atlas import landscape_atlas
from mathdl.exact_erm.descent import METHODS, restarts
from mathdl.exact_erm.figures.landscape import draw_plane, plane_text, restarts_figure
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.solve import global_minimum

Plane = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class RestartRace:
    """`runs` trainings of nets of `width` gates on `samples` points in the plane, labelled by two gates and noise."""

    method: str = "adam"
    step: float = 0.05
    width: int = 2
    noise: float = 0.3
    samples: int = 8
    steps: int = 1500
    runs: int = 60
    seed: int = 3


def draw_restart_race(state: RestartRace) -> Picture:
    """The values at which the runs ended, beside the certified optimum."""
    rng = np.random.default_rng(state.seed)
    problem = planted(state.samples, 2, state.width, noise=state.noise, rng=rng)
    runs = restarts(problem, state.runs, steps=state.steps, step=state.step, method=state.method, rng=rng)
    return restarts_figure(runs, global_minimum(problem).value)


def explore_restart_race():
    """Choose how to train, and see how many runs find what is certified to be the best."""
    return explore(draw_restart_race, RestartRace(), method=Choice(METHODS, "optimiser"),
                   step=Slider(0.01, 0.2, "step size", step=0.01), steps=Slider(100, 3000, "steps of a run", step=100),
                   width=Slider(1, 2, "gates w"), noise=Slider(0.0, 1.0, "noise", step=0.05),
                   samples=Slider(4, 10, "samples D"), seed=Slider(0, 30, "seed"))


@dataclass(frozen=True)
class AtlasMap:
    """Samples on a line, and `runs` trainings of one gate from random starts."""

    points: Plane = ((-1.5, 1.2), (-0.6, -0.6), (0.2, 0.7), (0.9, -0.9), (1.6, 1.5))
    runs: int = 12
    steps: int = 2000
    seed: int = 0


def draw_atlas_map(state: AtlasMap) -> Picture:
    """The samples with the best gate, and the two planes of gates with all cell minima and the training paths."""
    x, y = np.array(state.points).T
    problem = ERMProblem(x, y, 1)
    atlas = landscape_atlas(problem)
    runs = restarts(problem, state.runs, steps=state.steps, step=0.03, frames=60, rng=np.random.default_rng(state.seed))
    fig, (data, *planes) = new_figure(1, 3, width=9.5, height=3.6)
    grid, best = np.linspace(-2, 2, 400), atlas.minima[0]
    data.plot(grid, problem.net(best.theta, best.signs)(grid[:, None]).ravel(), color=COLOURS[0])
    data.plot(x, y, "o", color=INK)
    data.set(xlim=(-2, 2), ylim=(-2, 2), xlabel="x", ylabel="y", title=f"best gate: {atlas.value:.3g}")
    for ax, sign in zip(planes, (1.0, -1.0), strict=True):
        draw_plane(ax, atlas, runs, sign)
    legend(planes[0], loc="upper left", fontsize=7)
    return described(fig, f"{len(x)} samples on a line and the best gate, value {atlas.value:.4g}. "
                          + plane_text(atlas, runs))


def explore_atlas_map():
    """Drag the samples: cells open and close, minima move, and some cross a wall and turn from genuine to fake."""
    return explore(draw_atlas_map, AtlasMap(), points=Points("samples", x=(-2, 2), y=(-2, 2)),
                   runs=Slider(1, 30, "training runs"), seed=Slider(0, 20, "seed of the starts"))
