"""Figures, explorers and exercises on Algorithm 1, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.cell_problem import cell_matrices, solve_cell
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.exercises.algorithm import check_broken_promise, check_program_count
from mathdl.exact_erm.explorers import algorithm as explorers
from mathdl.exact_erm.explorers.algorithm import Cell, Steps, draw_cell, draw_steps
from mathdl.exact_erm.figures.algorithm import printed_figure
from mathdl.exact_erm.problem import ERMProblem

SAME = ((0.5, 1.0),) * 5


def test_the_star_is_the_optimum_of_the_cone_and_the_cross_lies_outside():
    state = Cell()
    problem = ERMProblem(*np.array(state.samples).T, 1)
    M, G = cell_matrices(problem.lifted, [cells(problem.x).patterns[state.cell - 1]], [1])
    plane = draw_cell(state).axes[1]
    cross, star = (line.get_xydata()[0] for line in plane.lines)
    solution = solve_cell(M, problem.y, G)
    assert star == pytest.approx(solution.theta)
    assert (G @ star).min() >= -1e-12
    assert (G @ cross).min() < -0.1
    corners = plane.patches[0].get_xy()
    assert (G @ corners.T).min() >= -1e-9  # the shaded wedge is the cone
    assert plane.get_title() == f"risk {solution.value:.4g}, walls touched: 1"


def test_without_constraints_the_promise_is_broken():
    state = replace(Cell(), constrained=False)
    problem = ERMProblem(*np.array(state.samples).T, 1)
    data, plane = draw_cell(state).axes
    words = plane.get_title().replace(",", "").split()
    promised, delivered = float(words[1]), float(words[3])
    assert promised < erm_bruteforce(problem).value < delivered
    x, f = data.lines[2].get_xydata().T
    at = np.interp(problem.x[:, 0], x, f)
    assert ((at - problem.y) ** 2).sum() == pytest.approx(delivered, rel=1e-2)


@pytest.mark.parametrize("sign", ["+1", "-1"])
@pytest.mark.parametrize("cell", [1, 6, 10])
def test_every_cell_is_drawn(sign, cell):
    for samples in (Cell().samples, SAME):
        picture = draw_cell(Cell(samples, cell, sign, cell == 6))
        assert clipped_text(picture) == []
        assert "cone of cell" in picture.alt


@pytest.mark.parametrize("width", [1, 2])
def test_the_course_ends_at_the_optimum(width):
    state = Steps(width=width, done=100)
    data, course = draw_steps(state).axes
    best = erm_bruteforce(ERMProblem(*np.array(state.samples).T, width))
    assert data.get_title() == f"optimum {best.value:.4g}"
    assert course.get_title() == f"program {best.n_subproblems} of {best.n_subproblems}"
    stairs = course.lines[2].get_ydata()
    assert stairs[-1] == pytest.approx(best.value)
    assert (np.diff(stairs) <= 0).all()


@pytest.mark.parametrize("state", [Steps(done=0), Steps(done=50, width=1), Steps(samples=SAME)])
def test_steps_have_no_cut_text(state):
    assert clipped_text(draw_steps(state)) == []


def test_the_printed_objective_in_a_picture():
    picture = printed_figure()
    flat = picture.axes[0].lines[2].get_ydata()
    assert (flat == 0).all()
    assert "printed objective 0, risk 8.49" in picture.axes[0].get_legend().get_texts()[1].get_text()
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("make", "field", "value"), [(explorers.explore_cell, "constrained", False),
                                                      (explorers.explore_steps, "done", 90)])
def test_the_explorers_redraw(make, field, value):
    explorer = make()
    before = explorer.view.png
    explorer.controls[field].value = value
    assert getattr(explorer.state, field) == value
    assert explorer.view.png != before


def test_exercises():
    assert check_program_count(820).right
    assert not check_program_count(1600).right
    assert check_program_count(...).right is None
    tent = ((0, 1, 2, 3), (0, 3, 2, 1), (False, True, True, True))
    assert check_broken_promise(tent).right
    assert not check_broken_promise(((0, 1, 2, 3), (0, 1, 2, 3), (False, True, True, True))).right
    assert "no cell" in check_broken_promise(((0, 1, 2), (0, 1, 0), (False, True, False))).text
