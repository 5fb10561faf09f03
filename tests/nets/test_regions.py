"""Regions in float64 against whole numbers, against half-planes in Fractions, and against counts known by hand."""

from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.nets._exact_regions import ExactRegions
from mathdl.nets._fast_cells import FastCells
from mathdl.nets._fast_pieces import neighbours, reaching
from mathdl.nets._packed import pack
from mathdl.nets.piece_bounds import region_bound
from mathdl.nets.random_nets import random_net
from mathdl.nets.regions import exact_regions, expected_regions, linear_regions
from mathdl.nets.relu_net import ReLUNet

UNIT_BOX = ((-1.0, 1.0), (-1.0, 1.0))


def gates(rows):
    """The sum of gates of the lines a x + b y + c = 0."""
    rows = np.array(rows, dtype=object)
    return ReLUNet([rows[:, :2], np.ones((1, len(rows)))], [rows[:, 2], [0]])


def general_lines(n):
    """n lines in general position, all crossings inside a small box."""
    return [(1, i, Fraction(i * i, 10 * n * n)) for i in range(1, n + 1)]


def area(polygon):
    x, y = polygon.T
    return (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2


def patterns(regions):
    return sorted(regions.pattern(i) for i in range(regions.n_regions))


def same_partition(a, b):
    return len(set(zip(a, b, strict=True))) == len(set(a)) == len(set(b))


def assert_same(fast, exact):
    """The same regions with the same corners, functions and pieces."""
    assert patterns(fast) == patterns(exact)
    place = {exact.pattern(i): i for i in range(exact.n_regions)}
    order = [place[fast.pattern(i)] for i in range(fast.n_regions)]
    for i, j in enumerate(order):
        p, q = fast.polygons[i], exact.polygons[j]
        assert p.shape == q.shape
        off = min(np.abs(np.roll(p, k, axis=0) - q).max() for k in range(len(p)))
        assert off <= fast.vertex_error + exact.vertex_error
        assert fast.affine(i) == exact.affine(j)
    for mode in ("open", "closed"):
        assert same_partition(fast.labels(mode), exact.labels(mode)[order])


@st.composite
def degenerate_nets(draw):
    """Tiny integer weights: duplicate, opposite and dead gates, common points and cancelled kinks are the rule."""
    widths = (2, *draw(st.lists(st.integers(1, 5), max_size=3)), 1)
    entry = st.integers(-2, 2)
    rows = [[[draw(entry) for _ in range(v)] for _ in range(w)] for v, w in pairwise(widths)]
    return ReLUNet(rows, [[draw(entry) for _ in range(w)] for w in widths[1:]])


@settings(max_examples=120)
@given(degenerate_nets(), st.integers(1, 3), st.integers(-1, 1))
def test_degenerate_nets_in_float_and_in_whole_numbers(net, half_width, shift):
    box = ((shift - half_width, shift + half_width), (-half_width, half_width))
    assert_same(linear_regions(net, box), exact_regions(net, box))


def pattern_at(net, x):
    """The gates that are on at one point, in Fractions, one at a time."""
    pattern, a = [], x
    for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        z = [sum((Fraction(w) * v for w, v in zip(row, a, strict=True)), Fraction(c))
             for row, c in zip(W, b, strict=True)]
        pattern.append(sum(1 << i for i, v in enumerate(z) if v > 0))
        a = [max(v, Fraction(0)) for v in z]
    return tuple(pattern)


@settings(max_examples=30)
@given(degenerate_nets(), st.integers(0, 100))
def test_random_points_lie_in_regions_with_their_pattern_and_value(net, seed):
    """Points with denominator 1009 lie on no kink of weights this small, unless they make the gate constant."""
    regions = exact_regions(net, (-2, 2))
    region = {regions.pattern(i): i for i in range(regions.n_regions)}
    points = np.random.default_rng(seed).integers(-2017, 2018, size=(30, 2)) * Fraction(1, 1009)
    values = net.exact()(points)[:, 0]
    for x, value in zip(points, values, strict=True):
        a, b, c = regions.affine(region[pattern_at(net, x)])
        assert a * x[0] + b * x[1] + c == value


@pytest.mark.parametrize("widths", [(2, 12, 1), (2, 9, 8, 1), (2, 6, 6, 6, 1), (2, 4, 4, 4, 4, 4, 1), (2, 70, 3, 1)])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("box", [(-1, 1), ((-10, 30), (0.001, 20))])
def test_random_nets_in_float_and_in_whole_numbers(widths, seed, box):
    net = random_net(widths, rng=np.random.default_rng(seed))
    if widths[1] == 70:
        net = ReLUNet([net.weights[0] / 4, *net.weights[1:]], [np.sign(net.biases[0]) * 3 + net.biases[0] / 9,
                                                             *net.biases[1:]])
    assert_same(linear_regions(net, box), exact_regions(net, box))


@pytest.mark.parametrize("net", [
    random_net((2, 16, 16, 1), rng=np.random.default_rng(3)).scaled(2.0**40),
    ReLUNet([np.random.default_rng(4).normal(size=(9, 2)) * 2.0**-30, np.ones((1, 9)) * 2.0**60],
            [np.random.default_rng(5).normal(size=9) * 2.0**-30, [1e-9]]),
    ReLUNet([np.random.default_rng(6).normal(size=(12, 2)), np.random.default_rng(7).normal(size=(12, 12)),
             np.ones((1, 12))], [np.zeros(12), np.zeros(12), [0]]),
], ids=["large", "small then large", "without biases: all lines of layer 1 through 0"])
def test_other_scales_and_lines_through_one_point(net):
    assert_same(linear_regions(net, (-2, 2)), exact_regions(net, (-2, 2)))


@pytest.mark.parametrize("gap", [Fraction(1, 2**k) for k in (10, 40, 52, 60, 100)] + [0])
def test_three_lines_that_almost_meet_in_a_point(gap):
    """They leave a triangle as large as the gap, which no float corner can tell from a point."""
    net = gates([(1, 0, 0), (0, 1, 0), (3, 3, gap)])
    regions = linear_regions(net)
    assert regions.n_regions == (7 if gap else 6) == exact_regions(net).n_regions
    assert regions.pieces("open") == regions.n_regions == regions.pieces("closed")
    assert regions.vertex_error < 1e-12
    assert (regions.exact_decisions > 0) == (gap < 1e-15)


def test_lines_that_are_almost_parallel_and_a_constant_gate_behind_them():
    """Their crossing has no float error bound at all, and a gate without slope must not take it for a sign."""
    net = ReLUNet([[(1, 0), (1, 2.0**-60)], [[0, 0]], [[2]]], [[0, 0], [5], [0]])
    regions = linear_regions(net)
    assert_same(regions, exact_regions(net, (-1, 1)))
    assert regions.n_regions == 4
    assert {regions.pattern(i)[1] & 1 for i in range(regions.n_regions)} == {1}


def test_edges_too_short_for_floats_are_matched_along_their_chords():
    """Six kinks cross x = 0 within 2^-57 of (0, 1/3): their corners round to one point, all cells there are tiny."""
    e, third = Fraction(1, 2**60), Fraction(1, 3)
    slopes = (3, -1, 2, -2, 1, 0)
    net = gates([(1, 0, 0), *((s, -1, third + k * e) for k, s in enumerate(slopes))])
    cells = FastCells(net.weights, net.biases, UNIT_BOX, 100)
    assert_same(linear_regions(net), exact_regions(net, (-1, 1)))
    for edge, twin in zip(*neighbours(cells), strict=True):
        (p, q), (r, s) = (exact_ends(cells, i) for i in (edge, twin))
        assert (p, q) == (s, r)


def exact_ends(cells, edge):
    cell = np.searchsorted(cells.start, edge, side="right") - 1
    first, end = cells.start[cell:cell + 2]
    corners = cells.exact_corners(cells.pattern(cell), cells.label[first:end])
    return corners[edge - first], corners[(edge - first + 1) % (end - first)]


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_lines_in_general_position(n):
    net = gates(general_lines(n))
    assert linear_regions(net, (-2, 2)).n_regions == 1 + n + comb(n, 2) == region_bound((n,), 2)
    assert exact_regions(net).n_regions == 1 + n + comb(n, 2)


def test_duplicate_opposite_scaled_dead_and_constant_gates_add_no_region():
    lines = general_lines(4)
    more = [lines[0], [-2 * v for v in lines[1]], [3 * v for v in lines[2]], (0, 0, 1), (0, 0, -1), (0, 0, 0),
            (1, -7, 100), (-1, 0, -50)]
    net, same = gates([*lines, *more]), gates(lines)
    assert linear_regions(net, (-2, 2)).n_regions == 11 == linear_regions(same, (-2, 2)).n_regions
    assert exact_regions(net, (-2, 2)).n_regions == 11
    assert exact_regions(net).n_regions == 11 + 5 + 6  # outside the box the last two lines meet all others


def test_gates_of_deeper_layers_that_repeat_a_kink_add_no_region():
    once = ReLUNet([[(1, 0), (0, 1)], [[1, 1]]], [[0, 0], [0]])
    again = ReLUNet([[(1, 0), (0, 1)], [[1, 0], [0, -1], [2, 0], [0, 0]], [[1, 1, 1, 1]]], [[0, 0], [0, 0, 0, 0], [0]])
    for net in (once, again):
        assert linear_regions(net).n_regions == 4 == exact_regions(net).n_regions


def test_a_gate_without_weight_in_the_output_makes_regions_but_no_pieces():
    net = ReLUNet([[(1, 0), (0, 1)], [[1, 0]]], [[0, 0], [0]])
    regions = linear_regions(net)
    assert (regions.n_regions, regions.pieces(), regions.pieces("closed")) == (4, 2, 2)


def test_affine_maps_and_boxes_that_no_kink_meets():
    affine = ReLUNet.affine([[2, -1]], [Fraction(1, 3)])
    for regions in (linear_regions(affine), exact_regions(affine), exact_regions(affine, (0, 1))):
        assert regions.n_regions == 1 == regions.pieces()
        assert regions.affine(0) == (2, -1, Fraction(1, 3))
    assert linear_regions(gates([(1, 0, 0)]), (5, 6)).n_regions == 1
    assert linear_regions(gates([(1, 0, -1)]), (-1, 1)).n_regions == 1  # the line is a side of the box
    assert exact_regions(gates([(1, 0, -1)]), (-1, 1)).n_regions == 1


def test_a_region_with_many_corners_makes_the_stack_grow():
    t = 2 * np.pi * np.arange(150) / 150
    net = gates(np.column_stack([np.cos(t), np.sin(t), np.full(150, -1.0)]))
    regions = linear_regions(net, (-2, 2))
    assert max(map(len, regions.polygons)) == 150
    assert sum(map(area, regions.polygons)) == pytest.approx(16, abs=1e-11)


def test_the_regions_tile_the_box_and_hold_the_values_of_the_net():
    net = random_net((2, 24, 24, 24, 1), rng=np.random.default_rng(1))
    regions = linear_regions(net, ((-9, 11), (-10, 10)))
    assert regions.n_regions > 4096 / 2
    areas = np.array([area(p) for p in regions.polygons])
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(400, rel=1e-12)
    middles = np.array([p.mean(axis=0) for p in regions.polygons])
    assert net(middles)[:, 0] == pytest.approx((regions.gradients * middles).sum(axis=1) + regions.offsets, abs=1e-11)
    a, on = middles, []
    for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        z = a @ W.T + b
        a = np.maximum(z, 0)
        on.append([sum(int(v) << i for i, v in enumerate(row > 0)) for row in z])
    assert list(zip(*on, strict=True)) == [regions.pattern(i) for i in range(regions.n_regions)]


def test_more_regions_than_fit_at_first_and_the_limit():
    net = random_net((2, 60, 40, 1), rng=np.random.default_rng(0))
    regions = linear_regions(net, (-20, 20))
    assert regions.n_regions > 4096
    assert sum(map(area, regions.polygons)) == pytest.approx(1600, rel=1e-12)
    assert linear_regions(net, (-20, 20), limit=regions.n_regions).n_regions == regions.n_regions
    with pytest.raises(ValueError, match="at most 4200 activation regions in the box; there are more"):
        linear_regions(net, (-20, 20), limit=4200)


def test_the_error_bounds_hold():
    """Corners and rows against exact ones, for nets deep enough to have lost digits."""
    for seed in range(3):
        net = random_net((2, 8, 8, 8, 8, 1), rng=np.random.default_rng(seed))
        cells = FastCells(net.weights, net.biases, ((-5.0, 5.0), (-5.0, 5.0)), 10**5)
        for i in range(len(cells.row)):
            here = slice(cells.start[i], cells.start[i + 1])
            exact = cells.exact_corners(cells.pattern(i), cells.label[here])
            for (x, y, error), (X, Y, W) in zip(cells.corners[here], exact, strict=True):
                assert max(abs(Fraction(x) - Fraction(X, W)), abs(Fraction(y) - Fraction(Y, W))) <= error
            row = cells.exact.affine(cells.pattern(i))
            off = [abs(Fraction(u) - v) for u, v in zip(cells.row[i], row, strict=True)]
            assert all(o <= bound for o, bound in zip(off, cells.packed.output_error, strict=True))
        assert cells.corners[:, 2].max() < 1e-6


@pytest.mark.parametrize("net", [
    random_net((2, 16, 16, 16, 1), rng=np.random.default_rng(2)),
    ReLUNet([np.random.default_rng(k).integers(-1, 2, size=s) for k, s in enumerate([(12, 2), (12, 12), (1, 12)])],
            [np.random.default_rng(k).integers(-1, 2, size=s) for k, s in enumerate([12, 12, 1])]),
], ids=["normal weights", "weights -1, 0, 1: vertical and horizontal kinks"])
def test_neighbours_have_the_same_ends(net):
    cells = FastCells(net.weights, net.biases, ((-4.0, 4.0), (-4.0, 4.0)), 10**5)
    edge, twin = neighbours(cells)
    after = np.arange(1, len(cells.label) + 1)
    after[cells.start[1:] - 1] = cells.start[:-1]
    p = cells.corners[:, :2]
    assert np.abs(p[edge] - p[after[twin]]).max() < 1e-11
    assert np.abs(p[after[edge]] - p[twin]).max() < 1e-11
    assert len(edge) + len(twin) + (cells.label < 0).sum() == len(cells.label)


def test_gates_that_reach_the_output():
    net = pack([np.ones((3, 2)), np.array([[1.0, 0, 1], [0, 1, 1]]), np.array([[1.0, 0]])],
               [np.zeros(3), np.zeros(2), np.zeros(1)], (1.0, 1.0))
    on = np.array([[[0b111], [0b11]], [[0b011], [0b10]], [[0b110], [0b01]]])
    assert reaching(on, net.widths, net.weights, net.start).tolist() == [[[0b101], [0b01]], [[0], [0]],
                                                                        [[0b100], [0b01]]]


def test_euler_and_edge_to_edge_in_whole_numbers():
    net = random_net((2, 6, 5, 4, 1), rng=np.random.default_rng(8), exact=True)
    exact = ExactRegions(net.weights, net.biases, UNIT_BOX, 10**4)
    edges = exact.segments()
    assert all(len(s.left) <= 1 and len(s.right) <= 1 for s in edges)
    assert sum(len(s.left) + len(s.right) for s in edges) == sum(len(c.polygon) for c in exact.cells)
    points = {p for s in edges for p in (s.p, s.q)}
    assert len(points) - len(edges) + len(exact.cells) == 1
    assert len(exact.cells) > 20


def test_the_whole_plane_is_seen_through_a_box_around_all_corners():
    net = random_net((2, 5, 4, 1), rng=np.random.default_rng(1), exact=True)
    plane = exact_regions(net)
    assert plane.whole_plane
    (low, high), _ = plane.box
    inside = exact_regions(net, plane.box)
    assert patterns(inside) == patterns(plane)
    assert inside.pieces() == plane.pieces()
    assert sum(map(area, plane.polygons)) == pytest.approx((high - low)**2, rel=1e-12)
    assert sorted(map(len, plane.polygons)) == sorted(map(len, inside.polygons))
    assert exact_regions(net, plane.box).n_regions > exact_regions(net, (-0.01, 0.01)).n_regions


def test_rational_weights_are_not_rounded():
    third = Fraction(1, 3)
    net = ReLUNet([[(3 * third, 0), (0, 1), (third, third)], [[1, 1, -3]]], [[0, 0, 0], [0]])
    rounded = net.rounded()
    assert linear_regions(net).pieces() == exact_regions(net).pieces() == 2 * 3 - 1 + 1
    regions = linear_regions(ReLUNet([[(third, 0), (1, 0)], [[3, -1]]], [[0, 0], [0]]))
    assert (regions.n_regions, regions.pieces()) == (2, 1)
    assert linear_regions(ReLUNet([[(float(third), 0), (1, 0)], [[3, -1]]], [[0, 0], [0]])).pieces() == 2
    assert rounded.n_inputs == 2


@pytest.mark.parametrize(("shape", "half_width"), [((2, 20, 1), 1), ((2, 64, 1), 10), ((2, 16, 16, 16, 1), 3),
                                                  ((2, 40, 40, 1), 10)])
def test_the_estimate_is_near_the_count(shape, half_width):
    net = random_net(shape, rng=np.random.default_rng(5))
    box = ((-half_width, half_width),) * 2
    assert 0.6 < expected_regions(net, box) / linear_regions(net, box).n_regions < 1.5
    if shape == (2, 20, 1):
        assert 0.6 < expected_regions(net, None) / exact_regions(net).n_regions < 1.5


def test_rounding_along_a_chord_is_not_taken_for_kinks():
    """0.1 x + 0.2 x - 0.3 x is 0 but for rounding, and behind it stand many gates."""
    net = ReLUNet([[(0.1, 0), (0.2, 0), (0.3, 0)], [[1, 1, -1]] * 40, [[1] * 40]], [[0] * 3, [0] * 40, [0]])
    assert expected_regions(net, UNIT_BOX) <= 1 + 3 + 9 / 2


@pytest.mark.parametrize(("net", "box", "message"), [
    (random_net((3, 2, 1), rng=np.random.default_rng(0)), (-1, 1), "net R.2 -> R; got 3 inputs and 1 outputs"),
    (random_net((2, 2, 2), rng=np.random.default_rng(0)), (-1, 1), "got 2 inputs and 2 outputs"),
    (gates([(1, 0, 0)]), (1, 1), "finite low < high"),
    (gates([(1, 0, 0)]), (0, float("inf")), "finite low < high"),
    (gates([(1, 0, 0)]), (float("nan"), 1), "finite low < high"),
    (gates([(1, 0, 0)]), (0, 1, 2), "expected a box"),
    (gates([(1, 0, 0)]), "box", "expected a box"),
])
def test_what_is_refused(net, box, message):
    for regions in (linear_regions, exact_regions):
        with pytest.raises(ValueError, match=message):
            regions(net, box)


def test_a_size_that_would_not_finish_is_named_before_it_starts():
    wide = random_net((2, 2000, 2000, 1), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"at most 1000000 .*; a net of widths \(2000, 2000\) has about"):
        linear_regions(wide, (-10, 10))
    with pytest.raises(ValueError, match="at most 20000 activation regions; a net of widths"):
        exact_regions(random_net((2, 200, 200, 1), rng=np.random.default_rng(0)))
    with pytest.raises(ValueError, match="at most 30 activation regions; there are more"):
        exact_regions(random_net((2, 9, 1), rng=np.random.default_rng(0)), limit=30)


def test_weights_beyond_float64_go_to_whole_numbers():
    net = ReLUNet([[(1e200, 0), (0, 1)], [[1e-200, 1]]], [[0, 0], [0]])
    with pytest.raises(ValueError, match="exact_regions"):
        linear_regions(net)
    assert exact_regions(net).n_regions == 4
    tiny = Fraction(1, 10**400)
    for bad in (ReLUNet([[(tiny, 0)], [[1]]], [[0], [0]]), ReLUNet([[(1 / tiny, 0)], [[1]]], [[0], [0]])):
        with pytest.raises(ValueError, match="exact_regions"):
            linear_regions(bad)
        assert exact_regions(bad).pieces() == 2


def test_names_of_regions_and_modes():
    regions = linear_regions(gates([(1, 0, 0)]))
    assert repr(regions) == "Regions(2 activation regions in [-1.0, 1.0] x [-1.0, 1.0])"
    assert "the plane" in repr(exact_regions(gates([(1, 0, 0)])))
    with pytest.raises(ValueError, match='"open" or "closed"; got \'half\''):
        regions.pieces("half")
    for i in (-1, 2):
        with pytest.raises(ValueError, match="a region from 0 to 1"):
            regions.affine(i)
