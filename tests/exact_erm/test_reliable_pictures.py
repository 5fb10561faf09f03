"""Pictures and the exercise on reliable learning, read back."""

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.exact_erm.exercises.reliable import check_confidence
from mathdl.exact_erm.explorers.reliable import ReliableTradeOff, draw_reliable_trade_off, explore_reliable_trade_off
from mathdl.exact_erm.figures.reliable import trade_off_figure
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.reliable import trade_off
from mathdl.exact_erm.theorems.reliable import sparse_labels


def test_the_explorer_draws_the_curve_and_the_nets():
    state = ReliableTradeOff(allowed=2)
    picture = draw_reliable_trade_off(state)
    left, right = picture.axes
    x, y = np.array(state.points).T
    curve = trade_off(ERMProblem(x, y, 1))
    assert right.lines[1].get_ydata() == pytest.approx(curve)
    assert right.lines[2].get_xdata() == [2]
    assert right.get_title() == f"2 allowed: {curve[2]:.3g}"
    grid, reliable = left.lines[0].get_data()
    assert np.interp(x[y == 0], grid, reliable) == pytest.approx(0, abs=0.02)
    assert len(left.lines[3].get_xdata()) == 3  # the crosses
    assert clipped_text(picture) == []


@pytest.mark.parametrize("points", [((-1.0, 0.5), (1.0, 0.9)), ((-1.0, 0.0), (1.0, 0.0)), ((0.0, 0.0), (0.0, 1.0)),
                                    ((0.0, 0.02), (1.0, 0.04))])
@pytest.mark.parametrize("allowed", [0, 4])
def test_the_explorer_survives_any_samples(points, allowed):
    picture = draw_reliable_trade_off(ReliableTradeOff(points=points, allowed=allowed))
    assert clipped_text(picture) == []
    zeros = sum(y <= 0.03 for _, y in points)
    assert ("nothing to miss" in "".join(t.get_text() for t in picture.axes[1].texts)) == (zeros == 0)
    assert picture.axes[1].get_title().startswith(f"{min(allowed, zeros)} allowed")


def test_the_explorer_redraws():
    explorer = explore_reliable_trade_off()
    before = explorer.view.png
    explorer.controls["allowed"].value = 3
    assert explorer.state.allowed == 3
    assert explorer.view.png != before


def test_the_figure():
    problem = sparse_labels(7, 2, 1, seed=1)
    picture = trade_off_figure(problem)
    curve = trade_off(problem)
    assert picture.axes[1].lines[1].get_ydata() == pytest.approx(curve)
    labels = [line.get_label() for line in picture.axes[0].lines[:2]]
    assert labels == ["no false positive", "2 false positives allowed"]
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("answer", "right"), [(11, True), (10, False), (12, False), (10.5, False), ("x", False),
                                               (..., None)])
def test_the_confidence_exercise(answer, right):
    assert check_confidence(answer).right is right
