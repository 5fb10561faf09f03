"""Sawtooths, their compositions, nets and parameters, against slow evaluation straight from Definition 5."""

from fractions import Fraction
from itertools import pairwise, product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.function_spaces.hard import (
    as_pwl,
    collapse,
    count_ramps,
    hard_function,
    hinge_net,
    random_hard_function,
    recover_parameters,
    sawtooth,
    total_pieces,
)
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

TOTALS = {2: (3, 6, 10), 3: (4, 10, 28), 4: (5, 18, 66), 5: (6, 26, 126)}  # derived below by inverting ramps
sawtooths = st.lists(st.lists(st.integers(1, 59), min_size=1, max_size=3, unique=True), min_size=1, max_size=3)


def made(numerators, maximum=1):
    M = Fraction(maximum)
    return hard_function(M, [[M * i / 60 for i in sorted(a)] for a in numerators])


def slow_sawtooth(M, a, x):
    """Definition 5 read aloud: find the segment, go along it."""
    ends = [Fraction(0), *a, M]
    values = [M * (i % 2) for i in range(len(ends))]
    if x <= 0:
        return Fraction(0)
    i = max((j for j in range(len(ends) - 1) if ends[j] <= x), default=0)
    return values[i] + (x - ends[i]) * (values[i + 1] - values[i]) / (ends[i + 1] - ends[i])


def solutions(H, y):
    """The x in [0, M] with H(x) = y, by inverting each ramp of each sawtooth: no composition, no propagation."""
    M = H.maximum
    targets = [y]
    for a in reversed(H.breakpoints):
        ends = [Fraction(0), *a, M]
        targets = [lo + (v if i % 2 == 0 else M - v) / M * (hi - lo)
                   for v in targets for i, (lo, hi) in enumerate(pairwise(ends))]
    return targets


@given(sawtooths, st.fractions(min_value=-2, max_value=3, max_denominator=50))
def test_three_evaluations_agree(numerators, x):
    H = made(numerators, maximum=Fraction(5, 3))
    slow = x
    for a in H.breakpoints:
        slow = slow_sawtooth(H.maximum, a, slow)
    assert H.pwl(x) == slow == H.net([[x]]).item()


@pytest.mark.parametrize("width", TOTALS)
def test_pieces_ramps_and_slopes(width):
    for depth, expected in enumerate(TOTALS[width], start=1):
        H = random_hard_function((width,) * depth, maximum=3, rng=np.random.default_rng(10 * width + depth))
        f = H.pwl
        assert f.n_pieces == count_pieces_1d(H.net) == total_pieces(H.widths) == expected
        xs = sorted(solutions(H, Fraction(1)))
        assert count_ramps(f, 3) == len(set(xs)) == width**depth
        inside = [s for s, t in zip(f.slopes[1:], f.breaks, strict=True) if 0 <= t < 3]
        assert all(left * right < 0 for left, right in pairwise(inside))
        assert H.net.widths == (width,) * depth
        assert recover_parameters(H, H.widths) == (H.maximum, H.breakpoints)


def test_only_pieces_from_0_to_the_maximum_are_ramps():
    low = PWL1D.from_points([0, 1, 2, 3], [0, 2, 0, 3], 0, 0)  # M = 3: only the last piece reaches it
    assert count_ramps(low, 3) == 1
    assert count_ramps(PWL1D.from_points([0, 1], [0, 1], 0, 0), 2) == 0


def test_figure_2_1_has_six_pieces():
    H = hard_function(1, [(Fraction(3, 10), Fraction(4, 5)), (Fraction(9, 20),)])
    assert H.widths == H.net.widths == (3, 2)
    assert count_ramps(H.pwl, 1) == 6


def test_total_pieces_and_collapse_for_all_small_widths():
    for widths in product((1, 2, 3), (1, 2, 3, 4), (1, 2, 3)):
        H = random_hard_function(widths, maximum=Fraction(5, 7), rng=np.random.default_rng(1))
        assert H.pwl.n_pieces == total_pieces(widths)
        for layers in (1, 2, 3):
            net = collapse(H, layers)
            assert net.hidden_layers == layers
            assert as_pwl(net) == H.pwl


def test_collapse_takes_the_cheapest_blocks():
    H = random_hard_function((2, 2, 3, 2), rng=np.random.default_rng(0))
    sizes = [prod(H.widths[:i]) + prod(H.widths[i:]) for i in (1, 2, 3)]
    assert collapse(H, 2).size == min(sizes)


@given(sawtooths, st.integers(1, 5))
def test_parameters_are_recovered_exactly(numerators, maximum):
    H = made(numerators, maximum)
    for source in (H, H.pwl, H.net):
        assert recover_parameters(source, H.widths) == (H.maximum, H.breakpoints)


def test_recovery_refuses_what_is_no_hard_function():
    H = random_hard_function((3, 3), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="expected an exact function with 28 pieces"):
        recover_parameters(H, (3, 3, 3))
    bent = PWL1D.from_points(H.pwl.breaks, [*map(H.pwl, H.pwl.breaks[:-1]), Fraction(1, 7)], 0, H.pwl.slopes[-1])
    with pytest.raises(ValueError, match="got another with as many pieces"):
        recover_parameters(bent, (3, 3))
    with pytest.raises(ValueError, match="height of a peak"):
        recover_parameters(hard_function(1, [()]), (1,))
    with pytest.raises(ValueError, match="expected an exact function"):
        recover_parameters(PWL1D([0.0], [0.0, 1.0], [0.0, 0.0]), (2,))


def test_the_same_wave_has_parameters_of_two_families():
    """Widths are part of the question: nine ramps come from one sawtooth of nine or from two of three."""
    ninths, thirds = [Fraction(i, 9) for i in range(1, 9)], [Fraction(1, 3), Fraction(2, 3)]
    one, two = hard_function(1, [ninths]), hard_function(1, [thirds, thirds])
    assert one.pwl == two.pwl
    assert (one.net.size, two.net.size) == (9, 6)
    assert recover_parameters(two, (9,)) == (1, (tuple(ninths),))


@pytest.mark.parametrize(("maximum", "breakpoints", "message"), [
    (1, [(Fraction(1, 2), Fraction(1, 2))], "without ties"), (1, [(0, Fraction(1, 2))], "without ties"),
    (1, [(Fraction(1, 2), 1)], "without ties"), (1, [(0.3,), (0.7, 0.2)], "layer 2"), (0, [(0.5,)], "M > 0"),
    (1, [(float("nan"),)], "finite"), (1, [], "at least one tuple")])
def test_bad_parameters_are_refused(maximum, breakpoints, message):
    with pytest.raises(ValueError, match=message):
        hard_function(maximum, breakpoints)


def test_hinge_net_and_collapse_refuse():
    with pytest.raises(ValueError, match="constant to its left"):
        hinge_net(PWL1D([0], [1, 2], [0, 0]))
    with pytest.raises(ValueError, match="between 1 and 2 hidden layers"):
        collapse(random_hard_function((2, 2), rng=np.random.default_rng(0)), 3)


def test_floats_are_taken_at_their_binary_value():
    H = hard_function(1, [(0.1, 0.7)])
    assert H.breakpoints == ((Fraction(0.1), Fraction(0.7)),)
    assert H.pwl.is_exact
    assert H.net.is_exact


def test_sawtooth_with_no_breakpoint_is_sigma():
    assert sawtooth(7, ()) == PWL1D.from_net(ReLUNet([[[1]], [[1]]], [[0], [0]], exact=True))
