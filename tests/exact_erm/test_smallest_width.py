"""The smallest width: breakpoint counts against continuous fits, widths against Algorithm 1 and by hand."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.smallest_width import breakpoints_needed, smallest_width


def breakpoints_by_programs(x, y):
    """The fewest breakpoints by trying how many lie in each gap, and on which side the slopes pass: linear programs."""
    chords = [(b - a) / (d - c) for a, b, c, d in zip(y, y[1:], x, x[1:], strict=False)]
    best = 2 * len(x)
    for counts in product(range(3), repeat=len(chords)):
        if sum(counts) >= best:
            continue
        for sides in product((-1, 1), repeat=counts.count(1)):
            if _feasible(chords, counts, iter(sides)):
                best = sum(counts)
                break
    return best


def _feasible(chords, counts, sides):
    """Slopes at the points: equal to the chord across a gap without breakpoint, on two sides of it with one."""
    n = len(chords) + 1
    equal, above = [], []
    for g, (m, count) in enumerate(zip(chords, counts, strict=True)):
        if count == 0:
            equal += [(g, m), (g + 1, m)]
        elif count == 1:
            side = next(sides)
            above += [(g, side, m, 1.0), (g + 1, -side, m, 0.0)]  # strictly off at the left, on or beyond at the right
    A_eq, b_eq = np.zeros((len(equal), n)), np.array([m for _, m in equal])
    for row, (g, _) in zip(A_eq, equal, strict=True):
        row[g] = 1
    A_ub, b_ub = np.zeros((len(above), n)), np.zeros(len(above))
    for i, (g, side, m, strict) in enumerate(above):
        A_ub[i, g], b_ub[i] = -side, -side * m - strict * 1e-3
    return linprog(np.zeros(n), A_ub=A_ub if above else None, b_ub=b_ub if above else None,
                   A_eq=A_eq if equal else None, b_eq=b_eq if equal else None, bounds=[(None, None)] * n).status == 0


@pytest.mark.parametrize(("labels", "k"), [
    ((3,), 0), ((0, 5), 0), ((0, 1, 2), 0), ((0, 1, 0), 1), ((0, 0, 1, 2), 1), ((0, 1, 3, 6), 1), ((0, 1, 0, 1), 2),
    ((0, 1, 3, 6, 10), 2), ((0, 1, 3, 6, 10, 15), 2), ((0, 1, 0, 1, 0), 3), ((0, 1, 0, 1, 0, 1), 4),
    ((0, 1, 2, 1, 0, 1, 2), 2)])
def test_breakpoints_by_hand(labels, k):
    assert breakpoints_needed(range(len(labels)), labels) == k


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=5))
def test_breakpoints_against_linear_programs(labels):
    x = list(range(len(labels)))
    assert breakpoints_needed(x, labels) == breakpoints_by_programs(x, labels)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-6, 6), st.integers(-4, 4)), min_size=1, max_size=7, unique_by=lambda p: p[0]))
def test_order_scale_and_reflection_do_not_matter(points):
    x, y = map(np.array, zip(*points, strict=True))
    k = breakpoints_needed(x, y)
    assert k == breakpoints_needed(x[::-1], y[::-1]) == breakpoints_needed(-x / 4, 5 * y + x)
    assert k <= max(len(x) - 2, 0)


def test_zigzags_need_a_breakpoint_at_every_inner_point():
    for D in range(3, 9):
        assert breakpoints_needed(range(D), [i % 2 for i in range(D)]) == D - 2


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("labels", [(0, 1, 0), (1, 1, 1), (2, 1, 0), (-1, 0, 1), (0, 1, 3, 6), (0, 1, 0, 1),
                                    (1, 0, 0, 2, 4)])
def test_widths_against_algorithm_1(labels, bias):
    found = smallest_width(range(len(labels)), labels, output_bias=bias)
    y = np.array(labels, dtype=float)
    fits = {w: erm_bruteforce(ERMProblem(np.arange(len(y)), y, w, output_bias=bias)).value < 1e-12 for w in (1, 2, 3)}
    assert found.width == (0 if bias and np.ptp(y) == 0 else min(w for w, fit in fits.items() if fit))
    assert found.net.size == found.width
    assert found.net(np.arange(len(y))[:, None]).ravel() == pytest.approx(y, abs=1e-9)
    assert all(a.value > 1e-6 for a, _ in pairwise(found.results))
    from_below = smallest_width(range(len(labels)), labels, output_bias=bias, from_below=True)
    assert from_below.width == found.width
    assert [r.problem.width for r in from_below.results] == list(range(1, found.width + 1))
    assert len(found.results) <= len(from_below.results)


def test_a_constant_needs_no_gate_with_bias_and_one_without():
    assert smallest_width([0, 1, 2], [3, 3, 3], output_bias=True).width == 0
    assert smallest_width([0, 1, 2], [3, 3, 3]).width == 1
    assert smallest_width([0, 1, 2], [0, 0, 0]).width == 0


def test_points_on_a_line_in_the_plane_are_points_on_a_line():
    t = np.arange(5)
    x = np.column_stack([np.ones(5), 2 * t + 1, -t])
    y = [0, 1, 0, 1, 0]
    in_plane, on_line = (smallest_width(points, y, output_bias=True) for points in (x, t))
    assert (in_plane.width, in_plane.breakpoints) == (on_line.width, on_line.breakpoints) == (3, 3)
    tent = smallest_width(x[:3], y[:3], output_bias=True)
    assert (tent.width, tent.results[0].value) == (2, pytest.approx(0.5))  # built, after one gate did not suffice
    assert tent.net(x[:3]).ravel() == pytest.approx(y[:3])


def test_points_in_the_plane_are_searched_from_one_gate():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    xor = smallest_width(x, [0, 1, 1, 0], output_bias=True)
    assert (xor.width, xor.lowest, xor.breakpoints) == (2, 1, None)
    assert smallest_width(x, [0, 0, 0, 1]).width == 1


def test_two_labels_at_one_point_are_refused_and_repeated_samples_are_not():
    with pytest.raises(ValueError, match="one label for each point; got 1.0 and 2.0 at \\(0.0,\\)"):
        smallest_width([0, 0, 1], [1, 2, 0])
    with pytest.raises(ValueError, match="one label"):
        breakpoints_needed([0, 0], [1, 2])
    assert smallest_width([0, 0, 1], [1, 1, 0]).width == smallest_width([0, 1], [1, 0]).width == 1
