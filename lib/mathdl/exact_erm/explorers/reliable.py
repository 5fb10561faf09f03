"""Explorer on reliable learning: drag labels, allow false positives, and see what they buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Points, Slider, explore
from mathdl.core.figures import INK, Picture, described, new_figure
from mathdl.exact_erm.figures.reliable import draw_curve, draw_fits, trade_off_text
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.reliable import reliable_erm

ZERO = 0.03  # labels up to here count as 0: a hand cannot drag to exactly 0

Plane = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ReliableTradeOff:
    """Samples (x, y) with labels in [0, 1], and how many of the zero labels one gate may miss."""

    points: Plane = ((-1.6, 0.9), (-1.1, 0.6), (-0.6, 0.0), (-0.1, 0.5), (0.4, 0.0), (0.9, 0.8), (1.4, 0.0), (1.8, 1.0))
    allowed: int = 0


def draw_reliable_trade_off(state: ReliableTradeOff) -> Picture:
    """The reliable gate and the one with the allowed false positives, and the whole trade-off."""
    x, y = np.array(state.points).T
    problem = ERMProblem(x, np.where(y <= ZERO, 0.0, y), 1)
    zeros = int((problem.y == 0).sum())
    allowed = min(state.allowed, zeros)
    results = [reliable_erm(problem, allowed=k) for k in range(zeros + 1)]
    curve = np.array([result.value for result in results])
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.4)
    draw_fits(left, problem, [results[k] for k in sorted({0, allowed})])
    left.set(xlim=(-2.1, 2.1), title="the best gate")
    draw_curve(right, curve, allowed)
    right.set_title(f"{allowed} allowed: {curve[allowed]:.3g}")
    if not zeros:
        right.text(0.5, 0.5, "no label is 0:\nthere is nothing to miss", ha="center", color=INK,
                   transform=right.transAxes)
    return described(fig, trade_off_text(problem, curve) + f" {allowed} allowed.")


def explore_reliable_trade_off():
    """Drag a label to 0, or away from it; the curve says what each false positive would buy."""
    return explore(draw_reliable_trade_off, ReliableTradeOff(), allowed=Slider(0, 4, "false positives allowed"),
                   points=Points("samples", x=(-2, 2), y=(0, 1)))
