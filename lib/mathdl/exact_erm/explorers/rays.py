"""Live exact training: drag data on the line or in the plane, and the certified global optimum follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Numbers, Points, Slider, Toggle, explore
from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.descent import restarts
from mathdl.exact_erm.enumeration import erm_enumerate
from mathdl.exact_erm.figures.rays import draw_best_line, draw_crease, rays_figure
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rays import extreme_rays
from mathdl.exact_erm.result import ERMResult

Pairs = tuple[tuple[float, float], ...]
WAVE = tuple((round(-2.7 + 0.6 * i, 2), y) for i, y in enumerate((1.2, 0.1, -0.6, 0.4, 1.5, 0.9, -0.4, -1.1, 0.2, 1.4)))
GARDEN = ((-2.0, -1.2), (-1.4, 0.8), (-0.9, -0.1), (-0.3, 1.6), (0.1, -1.7), (0.6, 0.5), (1.0, -0.7), (1.5, 1.2),
          (1.9, -0.1), (-1.7, 1.9))
HEIGHTS = (0.1, 0.0, 0.2, 0.9, -0.1, 0.8, 0.3, 1.9, 1.1, 0.6)
STEPS = 300


@dataclass(frozen=True)
class LineFit:
    """Samples (x, y), the number of gates, whether there is an output bias, and how often descent may try."""

    samples: Pairs = WAVE
    width: int = 2
    output_bias: bool = False
    descents: int = 0


@dataclass(frozen=True)
class PlaneFit:
    """Points of the plane and their labels, for one gate."""

    points: Pairs = GARDEN
    labels: tuple[float, ...] = HEIGHTS


def certified(result: ERMResult) -> str:
    """The value with its lower bound in words."""
    gap = result.gap / max(result.problem.zero_value, 1e-300)
    return f"value {result.value:.5g}, " + ("proved least" if gap < 1e-8 else f"lower bound {result.lower:.5g}")


def draw_line_fit(state: LineFit) -> Picture:
    """The data with the best net of this width, and the best of a few descents if they are asked for."""
    x, y = np.array(state.samples, dtype=float).T
    problem = ERMProblem(x, y, state.width, output_bias=state.output_bias)
    result = erm_enumerate(problem)
    fig, ax = new_figure(width=7, height=3.8)
    kinks = draw_best_line(ax, result, -3.0, 3.0)
    words = ""
    if state.descents:
        runs = restarts(problem, state.descents, steps=STEPS, rng=np.random.default_rng(0))
        best = int(np.argmin(runs.values))
        net, t = problem.net(runs.theta[best], runs.signs[best], runs.bias[best]), np.linspace(-3, 3, 200)
        ax.plot(t, net(t[:, None])[:, 0], color=COLOURS[3], linestyle=LINES[1], label="best descent")
        words = f" The best of {state.descents} descents of {STEPS} steps has value {runs.values[best]:.5g}."
    ax.set_ylim(-2.6, 2.6)
    ax.set_title(f"{certified(result)}; {result.n_solved:,} of {result.n_subproblems:,} subproblems solved")
    legend(ax, loc="upper left", ncols=3)
    return described(fig, f"{len(x)} samples on the line and the best net with {state.width} gates, "
                          f"{certified(result)}, with {len(kinks)} kinks in the window.{words}")


def explore_line_fit():
    """Drag samples: the optimum is solved afresh each time. Watch a kink jump from one cell to another."""
    return explore(draw_line_fit, LineFit(), width=Slider(1, 3, "gates w"), output_bias=Toggle("output bias"),
                   descents=Slider(0, 8, "descents to compare"), samples=Points("samples", x=(-3, 3), y=(-2.5, 2.5)))


def draw_plane_fit(state: PlaneFit) -> Picture:
    """The plane from above with the crease of the best gate, and the heights across it."""
    problem = ERMProblem(np.array(state.points, dtype=float), np.array(state.labels), 1)
    result = erm_enumerate(problem)
    fig, (top, side) = new_figure(1, 2, width=8, height=3.8)
    draw_crease(top, side, result)
    top.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6))
    top.set_title(f"{int(result.patterns.sum())} samples on (discs)")
    side.set_title(certified(result))
    if not result.theta.any():
        side.text(0.5, 0.9, "no gate is better than none", ha="center", transform=side.transAxes, color=INK)
    return described(fig, f"Left, {problem.n_samples} points of the plane coloured by label, with the line where the "
                          f"best gate bends; it is on for {int(result.patterns.sum())} of them. Right, labels against "
                          f"the distance from that line, and the profile of the gate. {certified(result)}.")


def explore_plane_fit():
    """Drag points, type labels: the crease of the best gate turns and jumps."""
    return explore(draw_plane_fit, PlaneFit(), points=Points("points", x=(-2.5, 2.5), y=(-2.5, 2.5)),
                   labels=Numbers("labels", (-3.0, 3.0)))


@dataclass(frozen=True)
class CellRays:
    """Points of the plane, and a number that picks one of the cells."""

    points: Pairs = GARDEN[:7]
    cell: int = 19


def draw_cell_rays(state: CellRays) -> Picture:
    """Two hinges on the line; the lines around one cell of the plane."""
    patterns = extreme_rays(np.array(state.points, dtype=float)).cells.patterns
    return rays_figure(state.points, patterns[state.cell % len(patterns)])


def explore_cell_rays():
    """Walk through the cells, drag the points: how many lines can be reached without changing the pattern?"""
    return explore(draw_cell_rays, CellRays(), cell=Slider(0, 43, "cell"),
                   points=Points("points", x=(-2.5, 2.5), y=(-2.5, 2.5), axes=1))
