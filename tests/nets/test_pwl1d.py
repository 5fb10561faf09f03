"""Piecewise linear functions on the line: canonical form, values, algebra, integrals, and the pieces of a net."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.nets.entries import as_exact
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

F = Fraction
ABS = PWL1D([0], [-1, 1], [0, 0])
LINE = PWL1D([], [1], [0])
EPS = np.finfo(float).eps

small = st.fractions(min_value=-5, max_value=5, max_denominator=6)


@st.composite
def functions(draw):
    xs = sorted(draw(st.sets(small, min_size=1, max_size=5)))
    ys = draw(st.lists(small, min_size=len(xs), max_size=len(xs)))
    return PWL1D.from_points(xs, ys, draw(small), draw(small))


def points_of(*fs):
    """All breakpoints, points between them and points outside: enough to tell two such functions apart."""
    t = sorted({F(0), *(t for f in fs for t in f.breaks)})
    return [t[0] - 1, *t, *((a + b) / 2 for a, b in pairwise(t)), t[-1] + 1]


def test_the_form_is_canonical():
    f = PWL1D([-1, 0, 2], [1, 1, -1, -1], [0, 0, 0, 0])
    assert (f.breaks, f.slopes, f.intercepts, f.n_pieces) == ((0,), (1, -1), (0, 0), 2)
    assert f == PWL1D([0], [1, -1], [0, 0])
    assert hash(f) == hash(PWL1D([0], [1, -1], [0, 0]))
    assert f != ABS
    assert f != "f"
    assert repr(f) == "PWL1D(2 pieces, exact)"


def test_a_float_makes_it_float_and_a_fraction_makes_it_exact():
    assert ABS.is_exact
    assert not PWL1D([0.0], [-1, 1], [0, 0]).is_exact
    assert PWL1D([0.5], [F(0), 1], [0, -0.5]).is_exact
    assert isinstance(PWL1D([0.0], [-1, 1], [0, 0]).slopes, np.ndarray)
    assert PWL1D([], [2], [1]).is_exact


@pytest.mark.parametrize(("breaks", "slopes", "intercepts", "says"), [
    ([0], [1, 2], [0, 1], "continuous function; got a jump at x = 0"),
    ([0.5], [1.0, 2.0], [0.0, -0.5 + 1e-6], "jump at x = 0.5"),
    ([0], [1], [0], r"p slopes, p intercepts and p - 1 breakpoints; got \(1,\), \(1,\) and \(1,\)"),
    ([1, 0], [1, 2, 3], [0, 0, 0], r"increasing breakpoints; got \[1, 0\]"),
    ([0, 0], [1, 2, 3], [0, 0, 0], "increasing"),
    ([0.0], [1.0, np.nan], [0, 0], "finite"),
    ([F(0)], [1, np.inf], [0, 0], "finite"),
])
def test_what_is_no_continuous_function_is_refused(breaks, slopes, intercepts, says):
    with pytest.raises(ValueError, match=says):
        PWL1D(breaks, slopes, intercepts)


def test_rounding_is_no_jump():
    thirds = np.arange(1, 5) / 3
    s = np.array([0.1, -0.7, 0.3, 11.0, -2.0])
    c = np.concatenate([[0.2], 0.2 + np.cumsum((s[:-1] - s[1:]) * thirds)])
    assert PWL1D(thirds, s, c).n_pieces == 5


def test_from_points_goes_through_them():
    f = PWL1D.from_points((0, 1, 3, 4), (2, -1, 5, 1), 1, -2)
    assert [f(x) for x in (-1, 0, 1, 3, 4, 5)] == [1, 2, -1, 5, 1, -1]
    assert f.slopes == (1, -3, 3, -4, -2)
    with pytest.raises(ValueError, match="increasing points"):
        PWL1D.from_points((0, 0), (1, 2), 0, 0)
    with pytest.raises(ValueError, match="at least one"):
        PWL1D.from_points((), (), 0, 0)


def test_values_of_numbers_and_arrays():
    assert ABS(F(-1, 3)) == F(1, 3)
    assert ABS(-0.5) == F(1, 2)
    assert ABS.rounded()(-0.5) == 0.5
    assert isinstance(ABS.rounded()(1), float)
    x = np.array([[-1.0, 2.0], [0.0, -3.0]])
    assert ABS.rounded()(x).tolist() == [[1.0, 2.0], [0.0, 3.0]]
    with pytest.raises(ValueError, match="finite"):
        ABS.rounded()(np.nan)


@given(functions(), functions())
def test_sums_differences_and_compositions_have_the_values_they_should(f, g):
    for x in points_of(f, g, f.compose(g)):
        assert (f + g)(x) == f(x) + g(x)
        assert (f - g)(x) == f(x) - g(x)
        assert f.compose(g)(x) == f(g(x))
        assert f.scaled(F(2, 3))(x) == F(2, 3) * f(x)


@given(functions(), functions())
def test_results_are_canonical(f, g):
    for h in (f + g, f - g, f.compose(g), f - f):
        assert all(a < b for a, b in pairwise(h.breaks))
        assert all(a != b for a, b in pairwise(h.slopes))
        assert len(h.breaks) + 1 == len(h.slopes) == len(h.intercepts)


@given(functions(), functions(), small, small)
def test_integrals_are_sums_of_trapezoids(f, g, a, b):
    lo, hi = min(a, b), max(a, b)
    h = f - g
    knots = sorted({lo, hi, *(t for t in h.breaks if lo < t < hi)})
    assert h.integral(lo, hi) == sum(((y - x) * (h(x) + h(y)) / 2 for x, y in pairwise(knots)), F(0))
    assert f.l1_distance(g, lo, hi) == sum(_absolute_trapezoid(x, y, h(x), h(y)) for x, y in pairwise(knots))


def _absolute_trapezoid(x, y, u, v):
    """∫ |·| of the line from (x, u) to (y, v), by the two triangles when it crosses 0."""
    if u * v >= 0:
        return (y - x) * abs(u + v) / 2
    return (y - x) * (u * u + v * v) / (2 * abs(u - v))


def test_integrals_known_by_hand():
    assert ABS.integral(-1, 2) == F(5, 2)
    assert LINE.integral(-1, 1) == 0
    assert LINE.l1_distance(PWL1D([], [0], [0]), -1, 1) == 1
    assert ABS.l1_distance(LINE, -2, 3) == 4
    assert ABS.rounded().l1_distance(LINE.rounded(), -2, 3) == pytest.approx(4, abs=8 * EPS * 4)
    with pytest.raises(ValueError, match="lo <= hi; got 1 and 0"):
        ABS.integral(1, 0)


def test_floats_integrate_as_their_exact_values_do():
    rng = np.random.default_rng(0)
    f, g = (PWL1D.from_net(random_net((1, 8, 8, 1), rng=rng)) for _ in range(2))
    exact = float(f.exact().l1_distance(g.exact(), -2, 2))
    # each of fewer than 200 cells is a product of terms of size below 100
    assert abs(f.l1_distance(g, -2, 2) - exact) <= 200 * 100 * 8 * EPS


def test_floats_compose_and_add_near_their_exact_values():
    rng = np.random.default_rng(1)
    f, g = (PWL1D.from_net(random_net((1, 6, 1), rng=rng)) for _ in range(2))
    x = rng.normal(size=200)
    for float_result, exact_result in ((f.compose(g), f.exact().compose(g.exact())), (f + g, f.exact() + g.exact())):
        assert not float_result.is_exact
        # values and slopes below 100, a handful of operations
        assert abs(float_result(x) - exact_result(x).astype(float)).max() < 1e3 * EPS


def test_one_exact_function_makes_the_result_exact():
    for h in (ABS + ABS.rounded(), ABS.compose(ABS.rounded()), ABS.rounded().scaled(F(1, 3))):
        assert h.is_exact


@pytest.mark.parametrize("shape", [(1, 1), (1, 4, 1), (1, 3, 3, 1), (1, 2, 3, 2, 1), (1, 1, 1, 1, 1)])
@pytest.mark.parametrize("seed", range(5))
def test_a_net_and_its_function_agree_everywhere(shape, seed):
    net = random_net(shape, rng=np.random.default_rng(seed), exact=True)
    f = PWL1D.from_net(net)
    x = points_of(f)
    assert f(np.array(x, dtype=object)).tolist() == net(as_exact(x).reshape(-1, 1))[:, 0].tolist()


@pytest.mark.parametrize("seed", range(10))
def test_a_float_net_is_rounded_from_its_exact_function(seed):
    net = random_net((1, 5, 5, 1), rng=np.random.default_rng(seed))
    f, exact = PWL1D.from_net(net), PWL1D.from_net(net.exact())
    assert not f.is_exact
    assert f == exact.rounded()


def test_breakpoints_closer_than_floats_can_tell_are_dropped():
    t = F(1, 3)
    net = ReLUNet([[[1], [1]], [[1, 1]]], [[-t, -t - F(1, 10**30)], [0]])
    assert PWL1D.from_net(net).n_pieces == 3
    assert PWL1D.from_net(net).rounded().n_pieces == 2


def test_too_many_pieces_are_refused_with_the_bound():
    net = random_net((1, 30, 30, 30, 1), rng=np.random.default_rng(2))
    for n in (net, net.exact()):
        with pytest.raises(ValueError, match=r"limit = 20 intervals; widths \(30, 30, 30\) allow up to 29791 pieces"):
            PWL1D.from_net(n, limit=20)


def test_a_net_with_two_inputs_or_outputs_is_refused():
    with pytest.raises(ValueError, match="one input and one output; got 2 and 1"):
        PWL1D.from_net(ReLUNet.affine([[1, 1]], [0]))
