"""Figures, explorer and exercises on benign noise, read back from their artists and answers."""

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.activations import relu
from mathdl.relu_gate.exercises.benign import check_bound_for_twenty, check_where_it_ends, final_weight
from mathdl.relu_gate.explorers.benign import TIMES, SignPatterns, draw_sign_patterns, explore_sign_patterns
from mathdl.relu_gate.figures.benign import confidence_figure, optimism_figure
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.noise import GaussianNoise
from mathdl.relu_gate.sign_patterns import noise_patterns, two_point
from mathdl.relu_gate.theorems.benign import DRIFT, printed_risk, unit_inputs
from mathdl.relu_gate.tron_risk import linear_gate_risks


def test_the_curves_are_the_risks_of_the_algorithm():
    left, right = draw_sign_patterns(SignPatterns()).axes
    patterns = noise_patterns(two_point(0.5), 2)
    x = np.array(DRIFT)
    run = glm_tron(x, relu(x @ [0.1]) + patterns.values, relu, TIMES - 1)
    for i, line in enumerate(left.lines[:4]):
        t, risk = line.get_data()
        assert (t[0], t[-1]) == (1, TIMES)
        assert risk == pytest.approx(run.risk[t.astype(int) - 1, i], rel=1e-9)
        marked = line.get_markevery()[0]
        assert risk[marked] == pytest.approx(run.risk[:, i].min(), rel=1e-5)
    gates, labels = right.lines[::2], right.lines[1::2]
    for i in range(4):
        u, h = gates[i].get_data()
        assert h == pytest.approx(np.maximum(run.w[-1, i, 0] * u, 0), rel=1e-9)
        assert list(labels[i].get_ydata()) == pytest.approx(list(relu(x @ [0.1]) + patterns.values[i]))


def test_title_and_bound_are_those_of_the_verdict():
    picture, verdict = draw_sign_patterns(SignPatterns()), printed_risk()
    left = picture.axes[0]
    assert left.get_title() == f"t = {TIMES:,}: mean {verdict.measured:.3g}, bound {verdict.bound:.3g}"
    assert left.lines[4].get_ydata()[0] == pytest.approx(verdict.bound)
    assert "stopped at the least risk the mean is 0.1338" in picture.alt


@pytest.mark.parametrize("state", [SignPatterns(), SignPatterns(0.2, 1.0, 0.1), SignPatterns(0.0, 0.1, 1.0),
                                   SignPatterns(-0.5, 2.0, 0.05), SignPatterns(0.5, 0.05, 1.0)])
def test_nothing_is_cut(state):
    assert clipped_text(draw_sign_patterns(state)) == []


def test_a_second_input_on_the_same_side_stops_the_drift():
    for state, drifting in ((SignPatterns(), 2), (SignPatterns(0.05), 0), (SignPatterns(-0.05, 1.0), 0)):
        ends = [line.get_ydata()[-1] for line in draw_sign_patterns(state).axes[0].lines[:4]]
        assert sum(end > 1 for end in ends) == drifting


def test_the_explorer_redraws():
    explorer = explore_sign_patterns()
    before = explorer.view.png
    explorer.controls["second_input"].value = 0.05
    assert explorer.state == SignPatterns(0.05)
    assert explorer.view.png != before


def test_optimism_figure():
    exact = linear_gate_risks(*unit_inputs(10, 20, 0), 0.25, 399)
    picture = optimism_figure(exact, 0.25)
    left, right = picture.axes
    fresh, effective, training = (line.get_ydata() for line in left.lines)
    assert fresh - effective == pytest.approx(0.25)
    assert fresh - training == pytest.approx(2 * exact.cross, abs=1e-12)
    assert right.lines[0].get_ydata() == pytest.approx(exact.degrees)
    assert right.get_title() == "The fit spends 9.99 of 10 degrees"
    assert clipped_text(picture) == []


def test_confidence_figure():
    picture = confidence_figure(GaussianNoise((1.0,)), 0.1, (1, 5, 20))
    left, right = picture.axes
    one, largest = (line.get_ydata() for line in left.lines)
    assert len(set(one)) == 1
    assert (np.diff(largest) > 0).all()
    assert right.lines[0].get_ydata() == pytest.approx([0.9, 0.9 ** 5, 0.9 ** 20])
    assert right.lines[1].get_ydata() == pytest.approx([0.9] * 3)
    assert right.get_title() == "else: 0.12 at S = 20"
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_where_it_ends, [-150, -150.0, np.float64(-149.95)], [150, -0.4, -8, "far", None]),
    (check_bound_for_twenty, [0.9 ** 0.05, 0.9947], [0.9, 0.995 ** 20, 0.9 ** 20, "all"])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer


def test_the_end_of_the_drift_balances_the_residuals():
    w = final_weight()
    assert w == pytest.approx(-0.375 / 0.05 ** 2, rel=1e-12)
