"""Explorers on cost: how long exact training would take, and how a big M misleads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Points, Slider, explore
from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.big_m import big_m_erm
from mathdl.exact_erm.complexity import complexity_report, duration, measured_times
from mathdl.exact_erm.figures.cost import big_m_figure, count, draw_in_samples, log10, time_figure
from mathdl.exact_erm.problem import ERMProblem

MARKS = ((1.78, "a minute"), (4.94, "a day"), (7.5, "a year"), (17.64, "age of the universe"))  # log10 of seconds


@dataclass(frozen=True)
class Cost:
    """D samples in R^n, w gates, and the time of one subproblem as a power of ten (seconds)."""

    samples: int = 30
    inputs: int = 2
    width: int = 2
    log_seconds: float = -4.0


def draw_cost(state: Cost) -> Picture:
    """The count at the chosen (D, n, w) on its curve, beside the curves with one input or gate more and less."""
    report = complexity_report(state.samples, state.inputs, state.width, seconds_each=10 ** state.log_seconds)
    n, w = state.inputs, state.width
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.8)
    draw_in_samples(left, [(n, w), (n + 1, w), (n, w + 1)], (5, 200))
    left.plot(np.log10(state.samples), log10(report.subproblems), "o", color=COLOURS[5], markersize=9)
    inputs = np.arange(1, 9)
    logs = [log10(count(state.samples, int(k), w)) + state.log_seconds for k in inputs]
    right.plot(inputs, logs, color=COLOURS[0], marker="o", markersize=4)
    right.plot(n, logs[n - 1], "o", color=COLOURS[5], markersize=9)
    for log, name in MARKS:
        right.axhline(log, color=INK, linestyle=LINES[3], linewidth=1)
        right.text(8.2, log, name, ha="right", va="bottom", fontsize=8, color=INK)
    right.set(xlabel="inputs n", ylabel="log10 of seconds")
    left.set_title(f"{number_words(report.subproblems)} subproblems")
    right.set_title(f"this would take {duration(report.seconds)}")
    return described(fig, f"Left, subproblems against D for (n, w) = ({n}, {w}), one input more and one gate more, "
                          f"with a dot at D = {state.samples}: {number_words(report.subproblems)}. Right, predicted "
                          f"time against n at {10 ** state.log_seconds:.2g} s each; at n = {n} it is "
                          f"{duration(report.seconds)}.")


def number_words(k: int) -> str:
    """A count with commas while it is short, as a power of ten after that."""
    return f"{k:,}" if k < 10 ** 9 else f"10^{log10(k):.1f}"


def explore_cost():
    """Move n from 2 to 6 and see what happens to the years; then move w instead."""
    return explore(draw_cost, Cost(), samples=Slider(5, 200, "samples D"), inputs=Slider(1, 8, "inputs n"),
                   width=Slider(1, 4, "gates w"), log_seconds=Slider(-7.0, 0.0, "log10 of seconds each"))


def timing_picture(seed: int = 0) -> Picture:
    """Seconds that the subproblems of 5 to 10 (w = 1) and 3 to 6 points of the plane (w = 2) take, here and now."""
    rng = np.random.default_rng(seed)
    spans = ((1, range(5, 11), 5), (2, range(3, 7), 2))
    return time_figure([(w, *measured_times(D, 2, w, rng=rng, rounds=rounds)) for w, D, rounds in spans])


def draw_two_traps() -> Picture:
    """What HiGHS claims for four samples on the line as M runs over powers of ten, and what its nets are worth."""
    problem = ERMProblem([-2, -1, 0, 0.02, 0.03], [1, 0, 0, 2 / 3, 1.0], 1, "absolute")
    sizes = [10.0 ** k for k in range(8)]
    answers = [big_m_erm(problem, M) for M in sizes]
    return big_m_figure(sizes, [a.claimed for a in answers], [a.value for a in answers], erm_bruteforce(problem).value)


@dataclass(frozen=True)
class BigM:
    """Three to four samples (x, y) on the line, one gate, absolute loss, and M as a power of ten."""

    points: tuple[tuple[float, float], ...] = ((-1.0, 0.0), (0.0, 0.0), (0.2, 1.0))
    log_m: float = 0.5


def draw_big_m_trap(state: BigM) -> Picture:
    """The net that the big-M model calls optimal beside the certified one, on the data."""
    x, y = np.array(state.points).T
    problem = ERMProblem(x, y, 1, "absolute")
    answer, best = big_m_erm(problem, 10 ** state.log_m), erm_bruteforce(problem)
    fig, ax = new_figure(1, 1, width=6.5, height=3.8)
    t = np.unique(np.concatenate([np.linspace(-1.2, 1.2, 241), x]))[:, None]
    ax.plot(t, best.net(t), color=COLOURS[2], linestyle=LINES[1], label=f"certified: {best.value:.4g}")
    model = problem.net(answer.theta, answer.signs)
    ax.plot(t, model(t), color=COLOURS[0], label=f"model: claims {answer.claimed:.4g}")
    ax.plot(x, y, "o", color=COLOURS[5], markersize=8)
    ax.set(xlabel="x", ylabel="f(x)", ylim=(-1.3, 1.3), xlim=(-1.2, 1.2))
    legend(ax, loc="upper left")
    wrong = abs(answer.claimed - best.value) > 1e-4
    ax.set_title(f"M = {10 ** state.log_m:.3g}: " + ("the value called optimal is wrong" if wrong else "right"),
                 color=COLOURS[5] if wrong else INK)
    return described(fig, f"{len(x)} samples, the certified best gate with loss {best.value:.4g}, and the gate of the "
                          f"model with M = {10 ** state.log_m:.3g}, for which the solver claims {answer.claimed:.4g}.")


def explore_big_m_trap():
    """Push the last two points together and raise M until the two curves agree."""
    return explore(draw_big_m_trap, BigM(), log_m=Slider(-1.0, 7.0, "log10 of M"),
                   points=Points("samples", x=(-1, 1), y=(-1, 1)))
