"""Widths of piecewise linear functions on the line and on an interval, and the fewest pieces through points."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.exact_erm.pwl_class import (
    is_represented,
    jumps,
    line_class,
    restricted,
    smallest_net_on,
    smallest_width_of,
)
from mathdl.exact_erm.pwl_fit import pwl_fit_1d
from mathdl.exact_erm.pwl_interpolation import fewest_pieces, thrifty_interpolant
from mathdl.exact_erm.theorems.line import convex_staircase, random_pwl
from mathdl.nets.pwl1d import PWL1D

seeds = st.integers(0, 10 ** 6)
FAR = 10 ** 4  # beyond all zeros of rests of the functions drawn here
GATE = PWL1D([0], [0, 1], [0, 0])
LINE = PWL1D([], [1], [0])
TENT = PWL1D([3], [1, Fraction(-1, 2)], [0, Fraction(9, 2)])


@pytest.mark.parametrize(("f", "with_bias", "without"), [
    (GATE, 1, 1), (LINE, 2, 2), (PWL1D([], [0], [3]), 0, 1), (PWL1D([], [0], [0]), 0, 0), (TENT, 2, 3),
    (PWL1D([0], [-1, 1], [0, 0]), 2, 2),  # |x|
    (PWL1D([0], [0, 1], [1, 1]), 1, 2),  # 1 + σ
    (convex_staircase(3, Fraction(-1)), 3, 3), (convex_staircase(3, Fraction(-1, 2)), 4, 4)])
def test_widths_known_by_hand(f, with_bias, without):
    assert (smallest_width_of(f), smallest_width_of(f, False)) == (with_bias, without)
    assert is_represented(f, with_bias)
    assert not is_represented(f, with_bias - 1)


@given(seeds, st.booleans())
def test_the_width_of_a_huge_interval_is_that_of_the_line(seed, bias):
    """Two ways that share no line: subset sums that meet in the middle, and every subset with the cost of its rest."""
    rng = np.random.default_rng(seed)
    f = random_pwl(int(rng.integers(2, 6)), rng=rng)
    slanted = f.n_pieces == 1 and bias  # the one case where an interval, however long, is cheaper
    assert smallest_net_on(f, -FAR, FAR, bias).size == smallest_width_of(f, bias) - (slanted and f.slopes[0] != 0)


@given(seeds, st.booleans())
def test_nets_agree_where_they_should(seed, bias):
    rng = np.random.default_rng(seed)
    f = random_pwl(int(rng.integers(1, 6)), rng=rng)
    low, high = sorted(rng.choice(np.arange(-6, 7), 2, replace=False).tolist())
    net, found = smallest_net_on(f, low, high, bias), line_class(f, bias)
    assert restricted(PWL1D.from_net(net), low, high) == restricted(f, low, high)
    assert PWL1D.from_net(found.net) == f
    assert found.net.size == found.width
    assert bias or not (net.has_output_bias or found.net.has_output_bias)
    inside = restricted(f, low, high)
    if bias:
        slanted = inside.n_pieces == 1 and inside.slopes[0] != 0
        assert net.size == smallest_width_of(inside) - slanted  # a breakpoint outside saves a gate only on a line
    else:
        assert smallest_width_of(inside, False) - 1 <= net.size <= smallest_width_of(inside, False)


def test_an_interval_may_save_a_gate_without_bias_too():
    assert smallest_width_of(LINE, False) == 2
    assert smallest_net_on(LINE, 1, 5, output_bias=False).size == 1
    assert smallest_net_on(LINE, 0, 5, output_bias=False).size == smallest_net_on(LINE, -5, 0, False).size == 1
    assert smallest_net_on(LINE, -1, 5, output_bias=False).size == 2
    assert smallest_net_on(LINE, -1, 5).size == 1
    assert smallest_net_on(PWL1D([], [0], [2]), 0, 1).size == 0


def test_the_certificate_adds_up_or_says_how_far_it_is():
    f = PWL1D([-2, 1], [1, 0, 2], [1, -1, -3])
    found = line_class(f)
    assert sum(found.jumps[j] for j in found.left) == found.target == -1
    assert found.certificate == "needed -1 = (-1)"
    assert found.breakpoints == found.width == 2
    lacking = line_class(TENT)
    assert lacking.left is None
    assert (lacking.target, lacking.nearest) == (-1, Fraction(-3, 2))
    assert "nearest -3/2" in lacking.certificate
    assert line_class(LINE).certificate == "needed -1: no jumps to add up"
    assert line_class(GATE).certificate == "needed 0 = the empty sum"
    assert jumps(PWL1D([0.5], [0.1, 0.3], [0.0, -0.1])) == (Fraction(0.3) - Fraction(0.1),)  # floats as they are


def test_refusals():
    many = PWL1D.from_points([Fraction(k) for k in range(17)], [Fraction(k * k) for k in range(17)], -5, 99)
    with pytest.raises(ValueError, match="16 breakpoints"):
        line_class(many)
    with pytest.raises(ValueError, match="16 breakpoints"):
        smallest_net_on(many, -1, 20)
    assert smallest_width_of(many) == 18  # 17 jumps, and no subset of them adds up to 5
    with pytest.raises(ValueError, match="low < high"):
        restricted(GATE, 1, 1)


@pytest.mark.statement("exact_erm/ours-fewest-pieces")
@given(st.lists(st.integers(-2, 2), min_size=1, max_size=8), seeds)
def test_fewest_pieces_against_exact_fits(y, seed):
    x = sorted(np.random.default_rng(seed).choice(20, len(y), replace=False).tolist())
    f = thrifty_interpolant(x, y)
    assert [f(Fraction(t)) for t in x] == y
    w = f.n_pieces
    assert pwl_fit_1d(x, y, w, exact=True).value == 0
    assert w == 1 or pwl_fit_1d(x, y, w - 1, exact=True).value > 0


@pytest.mark.statement("exact_erm/ours-fewest-pieces")
def test_fewest_pieces_of_known_data():
    assert fewest_pieces(range(9), [k * k for k in range(9)]) == 5  # seven turns one way: ⌈7/2⌉ breakpoints
    assert fewest_pieces(range(9), [k % 2 for k in range(9)]) == 8  # a zigzag shares nothing
    assert fewest_pieces(range(6), [0, 0, 0, 1, 1, 1]) == 3
    assert fewest_pieces([2], [7]) == fewest_pieces([2, 0], [7, 1]) == 1
    assert fewest_pieces([1, 1, 2], [3, 3, 4]) == 1
    with pytest.raises(ValueError, match="one y for each x"):
        fewest_pieces([1, 1], [0, 1])
