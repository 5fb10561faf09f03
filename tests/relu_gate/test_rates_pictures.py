"""Figures, explorer and exercises on rates, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.exercises.rates import check_largest_step, check_two_axes
from mathdl.relu_gate.explorers.rates import LAWS, TrueRates, draw_true_rates, explore_true_rates, stretched
from mathdl.relu_gate.figures.rates import found_steps_figure, power_figure


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n", [3, 20])
def test_curves_and_markers_are_the_library_s_numbers(law, n):
    picture = draw_true_rates(TrueRates(n, law, -1.5))
    left, right = picture.axes
    operator, moments = stretched(n, law)
    lines = {k: (line.get_xdata(), line.get_ydata()) for k, line in enumerate(left.lines)}
    true, best, sharp, best_sharp, seed, best_seed, chosen = (lines[k] for k in range(7))
    assert true[1] == pytest.approx(1 - operator.rate(true[0]))
    assert sharp[1] == pytest.approx(1 - moments.rate(sharp[0], "sharp"))
    assert seed[1] == pytest.approx(1 - moments.rate(seed[0], "seed"))
    assert best[0] == pytest.approx([operator.best_step()[0]])
    assert (best_sharp[0][0], best_seed[0][0]) == (moments.step_size("sharp"), moments.step_size("seed"))
    assert best[1] >= true[1].max() - 1e-12
    assert chosen[0][0] == pytest.approx(10 ** -1.5)
    start = np.full(n, n ** -0.5)
    squares = operator.mean_squares(start, 10 ** -1.5, 200)
    drawn = right.lines[0].get_ydata()
    assert drawn == pytest.approx(squares[:len(drawn)])
    assert f"{float(operator.rate(10 ** -1.5)):.4g}" in right.get_title()


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("n", "log_step"), [(2, -3.0), (20, 0.0)])
def test_the_corners_of_the_ranges_are_drawn(law, n, log_step):
    picture = draw_true_rates(TrueRates(n, law, log_step))
    assert picture.alt
    assert clipped_text(picture) == []


def test_the_explorer_redraws():
    widget = explore_true_rates()
    for name, value in (("n", 6), ("law", "Gaussian"), ("log_step", -1.5)):
        before = widget.view.png
        widget.controls[name].value = value
        assert widget.view.png != before
    assert widget.state == replace(TrueRates(), n=6, law="Gaussian", log_step=-1.5)


def test_power_figure():
    factors = (0.9, 1.0, 1.1)
    picture = power_figure(factors, {"t": (1.0, 0.05, 0.0), "betting": (0.8, 0.01, 0.0)}, 0.05, 100)
    ax = picture.axes[0]
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [[1.0, 0.05, 0.0], [0.8, 0.01, 0.0]]
    assert "When it is the true rate: t 0.05, betting 0.01" in picture.alt
    assert "0.9 times the true rate: t 1, betting 0.8" in picture.alt
    assert clipped_text(picture) == []


def test_found_steps_figure():
    picture = found_steps_figure({"a": 0.5 ** np.arange(20.0), "b": np.ones(20)})
    assert "a t = 8, b not up to t = 20" in picture.alt
    assert picture.axes[0].lines[0].get_ydata() == pytest.approx(0.5 ** np.arange(20.0))
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_largest_step, [0.2, 1 / 5], [0.1, 0, -1, "x", None]), (check_two_axes, [0.2], [1 / 81, 0.1, 0.3, "x"])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer
