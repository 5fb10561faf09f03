"""Simplex, flaps, sizes on the line, signed maxima, flattening: each against a second, slower or simpler, route."""

from fractions import Fraction as F
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mathdl.function_spaces.density import lq_approximate_1d, lq_error, root_error, sup_error_to_step
from mathdl.function_spaces.essential_rows import essential_rows
from mathdl.function_spaces.exact_algebra import inverse, null_vector
from mathdl.function_spaces.flaps import flaps_of, left_flap_slopes, pwl_to_net
from mathdl.function_spaces.flatten import flatten_depth, hidden_layers_needed, to_signed_maxes
from mathdl.function_spaces.growth import absolute_integral, kink_lines, strip_bound
from mathdl.function_spaces.hinge_search import least_hinges
from mathdl.function_spaces.interior_faces import hull_signed_maxes, interior_faces
from mathdl.function_spaces.max_sum import MaxSum, minkowski_sum
from mathdl.function_spaces.max_trees import net_of_signed_maxes
from mathdl.function_spaces.random_functions import bowl_rows, random_points, random_pwl, random_rows
from mathdl.function_spaces.signed_max import (
    SignedMaxes,
    affine_dependence,
    alternating_reduction,
    max_of_rows,
    possible_terms,
    without_side,
)
from mathdl.function_spaces.simplex import Simplex
from mathdl.function_spaces.sizes_1d import min_size_1d, smallest_net_1d, subset_with_sum
from mathdl.nets.combine import max_net, min_net
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

seeds = st.integers(0, 10 ** 6)
few = settings(max_examples=15)


def rng(seed=0):
    return np.random.default_rng(seed)


def line(points, left, right):
    xs, ys = zip(*points, strict=True)
    return PWL1D.from_points(xs, ys, left, right)


def all_subsets(items):
    return chain.from_iterable(combinations(items, k) for k in range(len(items) + 1))


# the simplex

def test_simplex_refuses_ties_ends_and_nan():
    simplex = Simplex(1, 2)
    assert simplex.contains((F(1, 3), F(2, 3)))
    for x in [(0.5, 0.5), (0.5, 1.0), (0.0, 0.5), (0.7, 0.2), (0.5, float("nan"))]:
        assert not simplex.contains(x)
        with pytest.raises(ValueError, match="without ties"):
            simplex.to_unconstrained(x)


def test_simplex_refuses_bad_sizes_and_extreme_charts():
    for M, p in [(0, 1), (-1, 1), (float("inf"), 1), (1, 0), (1, 1.5), (float("nan"), 2)]:
        with pytest.raises(ValueError, match="expected"):
            Simplex(M, p)
    with pytest.raises(ValueError, match="agree to 16 digits"):
        Simplex(1, 2).from_unconstrained([0, -60])
    with pytest.raises(ValueError, match="2 finite numbers"):
        Simplex(1, 2).from_unconstrained([0, np.nan])
    with pytest.raises(ValueError, match="2 coordinates"):
        Simplex(1, 2).contains([0.5])


def test_chart_is_the_cumulative_softmax_and_hits_known_points():
    np.testing.assert_allclose(Simplex(3, 2).from_unconstrained([0, 0]), [1, 2], rtol=1e-15)
    z = np.log([2, 5])  # gaps in proportion 2 : 5 : 1
    np.testing.assert_allclose(Simplex(8, 2).from_unconstrained(z), [2, 7], rtol=1e-15)


def test_samples_have_the_means_of_uniform_order_statistics():
    simplex, n = Simplex(2.0, 4), 4000
    x = np.array([simplex.sample(rng=rng(i)) for i in range(n)])
    # a mean of n values in [0, 2] is off by t with probability <= 2 exp(-n t² / 2) (Hoeffding); 4 means, 1e-9 in all
    t = np.sqrt(2 * np.log(8 / 1e-9) / n)
    assert np.abs(x.mean(axis=0) - 2 * np.arange(1, 5) / 5).max() < t


# exact algebra

@given(seeds)
def test_null_vectors_and_inverses_are_exact(seed):
    M = [[F(int(v), 3) for v in row] for row in rng(seed).integers(-3, 4, (3, 4))]
    c = null_vector(M)
    assert any(c)
    assert all(sum(m * v for m, v in zip(row, c, strict=True)) == 0 for row in M)
    square = [row[:3] for row in M]
    inverted, dependent = inverse(square), null_vector(square) is not None
    assert (inverted is None) == dependent
    if inverted:
        product = np.array(inverted, dtype=object) @ np.array(square, dtype=object)
        assert (product == np.eye(3, dtype=int)).all()


def test_integers_stay_exact():
    assert null_vector([[3, 1], [6, 2]]) == [F(-1, 3), 1]
    big = 10 ** 17  # 2 rows that differ by less than a float can tell
    assert null_vector([[big, big + 1], [big + 1, big + 2]]) is None


# rows that a maximum needs

def needed_by_linear_programs(rows):
    """The rows that are the strict maximum somewhere, by one linear program each: max t with row >= others + t."""
    R = np.array(rows, dtype=float)
    strict = []
    for i in range(len(R)):
        others = np.delete(R, i, axis=0)
        A = np.column_stack([others[:, :-1] - R[i, :-1], np.ones(len(others))])
        found = linprog([0] * (R.shape[1] - 1) + [-1], A, R[i, -1] - others[:, -1],
                        bounds=[(None, None)] * (R.shape[1] - 1) + [(None, 1)])
        strict.append(found.status == 3 or -found.fun > 1e-9)
    return [row for row, keep in zip(rows, strict, strict=True) if keep]


@few
@given(seeds, st.integers(1, 3))
def test_essential_rows_are_those_that_linear_programs_find(seed, n):
    rows = sorted(random_rows(10, n, rng=rng(seed)))
    assert essential_rows(rows) == needed_by_linear_programs(rows)


@few
@given(seeds)
def test_essential_rows_keep_the_maximum_of_degenerate_rows(seed):
    rows = [tuple(F(int(v)) for v in row) for row in rng(seed).integers(-2, 3, (25, 3))]  # many ties and flat facets
    x = random_points(60, 2, rng=rng(seed))
    assert (max_of_rows(essential_rows(rows), x) == max_of_rows(rows, x)).all()


TINY = F(1, 10 ** 30)
CORNERS = [(F(0), F(0), F(1)), (F(2), F(0), F(2)), (F(0), F(2), F(4))]  # over (1/2, 1/2) their triangle has height 2


@pytest.mark.parametrize(("row", "needed"), [
    ((F(1, 2), F(1, 2), 2 + TINY), True), ((F(1, 2), F(1, 2), 2 - TINY), False), ((F(1, 2), F(1, 2), F(2)), False),
    ((-TINY, F(1), F(0)), True), ((F(0), F(1), F(0)), False)])  # the last two: just outside the triangle, on its edge
def test_a_row_that_wins_by_less_than_rounding_is_kept(row, needed):
    rows = sorted([*CORNERS, row])
    assert essential_rows(rows) == (rows if needed else sorted(CORNERS))


def test_rows_on_a_line_in_the_plane_are_reduced_within_it():
    rows = [(F(k), F(2 * k), F(-k * k)) for k in range(-2, 3)] + [(F(1), F(2), F(-9))]
    assert essential_rows(rows) == sorted(rows[:-1])
    assert alternating_reduction(rows).largest == 2


# alternating reduction

@pytest.mark.parametrize(("n", "N"), [(1, 8), (2, 6), (2, 9), (3, 8), (3, 10), (2, 30)])
@pytest.mark.parametrize("seed", [0, 1])
def test_reduction_is_exact_and_small(n, N, seed):
    rows = random_rows(N, n, rng=rng(seed))
    f, x = alternating_reduction(rows), random_points(200, n, rng=rng(seed))
    assert f.largest <= n + 1
    assert (f(x) == max_of_rows(rows, x)).all()
    assert set(f.terms) == set(hull_signed_maxes(rows).terms)
    assert f.n_terms <= possible_terms(N, n)


@few
@given(seeds)
def test_reduction_of_degenerate_rows_is_exact(seed):
    rows = [tuple(F(int(v)) for v in row) for row in rng(seed).integers(-2, 3, (9, 3))]
    f, x = alternating_reduction(rows), random_points(60, 2, rng=rng(seed))
    assert f.largest <= 3
    assert (f(x) == max_of_rows(rows, x)).all()


def test_one_variable_needs_every_edge_and_every_inner_corner():
    rows = [(F(k), F(-k * k)) for k in range(7)]
    f = alternating_reduction(rows)
    assert sorted((sign, len(S)) for sign, S in f.terms) == [(-1, 1)] * 5 + [(1, 2)] * 6


def test_dependence_has_the_three_properties():
    rows = random_rows(4, 2, rng=rng(3))
    c = affine_dependence(rows)
    sums = [sum(ci * v for ci, v in zip(c, column, strict=True)) for column in ([1] * 4, *zip(*rows, strict=True))]
    assert sums[:3] == [0, 0, 0]
    assert sums[3] <= 0
    assert affine_dependence(rows[:3]) is None


def test_reduction_refuses_bad_rows_and_blow_ups():
    for rows in ([], [(1,)], [(1, 2), (1, 2, 3)], [(1, float("nan"))]):
        with pytest.raises(ValueError, match="expected"):
            alternating_reduction(rows)
    with pytest.raises(ValueError, match="can need 176 terms, more than the limit of 100"):
        alternating_reduction(random_rows(13, 2, rng=rng()), limit=100)
    with pytest.raises(ValueError, match="proper, non-empty part"):
        without_side([(F(1), F(0))], (0,))
    with pytest.raises(ValueError, match="shape"):
        alternating_reduction([(1, 2)])([[1, 2]])


def test_interior_faces_of_two_triangles():
    assert interior_faces([(0, 1, 2), (1, 2, 3)]) == [(0, 1, 2), (1, 2), (1, 2, 3)]


# flattening

@pytest.mark.parametrize(("inputs", "widths"), [(1, (3, 3)), (2, (3, 3)), (2, (3, 3, 3)), (2, (3, 3, 2)), (3, (3, 3)),
                                                (4, (3, 3)), (2, (4,))])
@pytest.mark.parametrize("exact", [True, False])
def test_flattened_nets_are_equal_and_shallow(inputs, widths, exact):
    net = random_net((inputs, *widths, 1), rng=rng(1), exact=exact).exact()
    flat, certificate = flatten_depth(net)
    x = random_points(40, inputs, rng=rng(2))
    assert (flat(x) == net(x)).all()
    assert flat.hidden_layers <= hidden_layers_needed(inputs)
    assert certificate.largest <= inputs + 1
    assert certificate.before == (len(widths), sum(widths))
    assert certificate.after == (flat.hidden_layers, flat.size)


@few
@given(seeds)
def test_terms_of_a_net_are_exact_with_ties_dead_gates_and_parallel_weights(seed):
    draw = rng(seed)
    net = ReLUNet([draw.integers(-1, 2, (3, 2)), draw.integers(-1, 2, (3, 3)), draw.integers(-1, 2, (1, 3))],
                  [draw.integers(-1, 2, 3), draw.integers(-1, 2, 3), [0]], exact=True)
    f, x = to_signed_maxes(net), random_points(60, 2, rng=draw)
    assert f.largest <= 3
    assert (f(x) == net(x)[:, 0]).all()
    assert (net_of_signed_maxes(f)(x) == net(x)).all()


def test_flattening_on_the_line_agrees_piece_by_piece():
    net = random_net((1, 4, 4, 4, 1), rng=rng(5), exact=True)
    flat, _ = flatten_depth(net)
    assert flat.hidden_layers == 1
    assert PWL1D.from_net(flat) == PWL1D.from_net(net)
    f = random_pwl(6, rng=rng(1))
    assert PWL1D.from_net(net_of_signed_maxes(to_signed_maxes(f))) == f


def test_a_lattice_form_becomes_two_hidden_layers():
    planes = [ReLUNet.affine([a], [1]) for a in ([1, 0], [-1, 0], [0, 1], [0, -1])]
    pyramid, _ = max_net([min_net(planes)[0], ReLUNet.affine([[0, 0]], [0])])
    flat, _ = flatten_depth(pyramid.exact())
    x = random_points(100, 2, rng=rng(), radius=2)
    assert pyramid.hidden_layers == 3
    assert flat.hidden_layers == 2
    assert (flat(x)[:, 0] == [max(0, 1 - max(map(abs, v))) for v in x]).all()


def test_affine_nets_and_gates_that_never_fire_need_no_gate():
    assert flatten_depth(ReLUNet.affine([[2, -1]], [3]).exact())[0].hidden_layers == 0
    dead = ReLUNet([[[0, 0], [1, 1]], [[1, 0]]], [[-1, 0], [F(1, 2)]])
    flat, certificate = flatten_depth(dead)
    assert (flat.size, certificate.terms) == (0, 1)
    assert flat([[5, 5]])[0, 0] == F(1, 2)


def test_trees_of_many_operands_have_logarithmic_depth():
    for k in range(1, 10):
        rows = tuple(tuple(F(int(i == j)) for j in range(10)) for i in range(k))
        net = net_of_signed_maxes(SignedMaxes(((-1, rows),), 9))
        x = random_points(20, 9, rng=rng(k))
        assert net.hidden_layers == (k - 1).bit_length()
        assert (net(x)[:, 0] == -max_of_rows(rows, x)).all()


def test_flattening_refuses_more_outputs_and_says_how_large_a_blow_up_would_be():
    with pytest.raises(ValueError, match="one output; got 2"):
        flatten_depth(random_net((2, 3, 2), rng=rng()))
    with pytest.raises(ValueError, match=r"would have \d+ rows before pruning, over the limit of 5"):
        flatten_depth(random_net((2, 4, 4, 1), rng=rng()), limit=5)


def test_minkowski_sums_add_and_maxima_merge_up_to_translation_and_scale():
    cube = [MaxSum.maximum([(F(0), F(0), F(0)), row], 100) for row in ((F(1), F(0), F(0)), (F(0), F(1), F(0)))]
    parts = [(w, S) for f in cube for S, w in f.weights.items()]
    assert len(minkowski_sum((F(0),) * 3, parts, 100)) == 4
    moved = MaxSum.maximum([(F(3), F(1), F(5)), (F(5), F(1), F(5))], 100)
    assert moved.weights == {S: 2 * w for S, w in cube[0].weights.items()}


# flaps and sizes on the line

def test_the_ledgers_example_has_five_flaps_and_needs_four_gates():
    f = line([(0, 2), (1, -1), (3, 5), (4, 1)], 1, -2)
    net = pwl_to_net(f)
    assert (net.size, net.hidden_layers, PWL1D.from_net(net) == f) == (5, 1, True)
    assert left_flap_slopes([0, 1, 3, 4], [F(1), F(-2), F(4), F(0)], F(1)) == [4, -6, 7, -4]
    assert (min_size_1d(f), min_size_1d(f, output_bias=False)) == (4, 5)


@given(seeds, st.integers(1, 8), st.booleans())
def test_flaps_and_smallest_nets_are_the_function(seed, pieces, bias):
    f = random_pwl(pieces, rng=rng(seed))
    flaps, smallest = pwl_to_net(f, bias), smallest_net_1d(f, bias)
    assert PWL1D.from_net(flaps) == PWL1D.from_net(smallest) == f
    assert bias or not (flaps.has_output_bias or smallest.has_output_bias)
    assert pieces - 1 <= smallest.size <= flaps.size <= max(pieces, 2) + (not bias)
    x = np.linspace(-7, 7, 29)
    assert (flaps_of(f)(np.array([F(v) for v in x], dtype=object)) == f(x)).all()


@few
@given(seeds, st.integers(1, 4), st.booleans())
def test_least_size_agrees_with_a_search_over_hinges(seed, pieces, bias):
    f = random_pwl(pieces, rng=rng(seed))
    assert min_size_1d(f, bias) == least_hinges(f, bias)


def test_sizes_of_lines_constants_and_absolute_values():
    x, constant, zero = (PWL1D([], [s], [c]) for s, c in ((1, 0), (0, 3), (0, 0)))
    shifted = line([(0, 1)], -1, 1)  # 1 + |x|
    assert [min_size_1d(f) for f in (x, constant, zero, shifted)] == [2, 0, 0, 2]
    assert [min_size_1d(f, output_bias=False) for f in (x, constant, zero, shifted)] == [2, 1, 0, 3]
    pair_at_three = line([(1, -10), (3, -4)], 5, 7)  # its leftmost line is 0 at 3: two gates there, and no constant
    assert min_size_1d(pair_at_three, output_bias=False) == least_hinges(pair_at_three, False) == 3


def test_subset_sums_agree_with_enumeration():
    for seed in range(40):
        v = [(int(k),) for k in rng(seed).integers(-9, 10, 7)]
        target = (int(rng(seed + 1).integers(-12, 13)),)
        exists = any(sum(k for k, in part) == target[0] for part in all_subsets(v))
        found = subset_with_sum(v, target)
        assert (found is not None) == exists
        assert found is None or sum(v[i][0] for i in found) == target[0]
    with pytest.raises(ValueError, match="at most 40"):
        subset_with_sum([(1,)] * 41, (3,))


def test_float_functions_are_taken_at_their_binary_value():
    f = PWL1D.from_points([0.1, 0.7], [0.3, -0.2], 0.5, 0.25)
    net = smallest_net_1d(f)
    assert PWL1D.from_net(net) == f.exact()
    assert net.size == 3


# density

@pytest.mark.parametrize(("pieces", "error"), [(4, 1 / 12), (8, 1 / 48), (16, 1 / 192)])
def test_interpolation_error_of_the_parabola(pieces, error):
    found = lq_approximate_1d(lambda x: max(0.0, 1 - x * x), (-1, 1), pieces, 1)
    assert abs(found.error - error) <= found.quadrature < 1e-11
    assert found.net.size == pieces + 1
    assert PWL1D.from_net(found.net) == found.g.exact()


def test_lq_error_of_a_step_in_closed_form():
    step = lambda x: float(0 <= x < 1)  # noqa: E731
    zero = PWL1D([], [0.0], [0.0])
    for q in (1, 2, 3.5):
        ramp = PWL1D.from_points([-0.5, 0.5], [0.0, 1.0], 0.0, 0.0)
        error, slack = lq_error(step, ramp, (-1, 1), q, jumps=(0,))
        assert abs(error ** q - 2 * 0.5 ** (q + 1) / (q + 1)) < 1e-12
        assert slack < 1e-9
        assert lq_error(zero, zero, (0, 1), q)[0] == 0


@given(st.floats(0, 1), st.floats(0, 0.1), st.floats(1, 8), st.floats(-1, 1))
def test_the_error_of_a_root_is_bounded(total, slack, q, part):
    exact = max(total + part * slack, 0.0)
    assert abs(exact ** (1 / q) - total ** (1 / q)) <= root_error(total, slack, q) + 4 * np.finfo(float).eps
    ends = [max(total + sign * slack, 0.0) ** (1 / q) - total ** (1 / q) for sign in (-1, 1)]
    assert root_error(total, slack, q) == max(map(abs, ends))  # and no looser than that


def test_no_continuous_function_is_near_a_step_and_a_ramp_reaches_one_half():
    ramp = PWL1D.from_points([F(-1, 8), F(1, 8), F(7, 8), F(9, 8)], [0, 1, 1, 0], 0, 0)
    assert sup_error_to_step(ramp) == F(1, 2)
    for seed in range(20):
        assert sup_error_to_step(random_pwl(6, rng=rng(seed))) >= F(1, 2)


def test_density_refuses_infinite_q_bad_supports_and_one_piece():
    f = lambda x: 0.0  # noqa: E731
    unit = (0, 1)
    for support, pieces, q in [(unit, 4, np.inf), (unit, 4, 0.5), ((1, 0), 4, 1), ((0, np.inf), 4, 1), (unit, 1, 1)]:
        with pytest.raises(ValueError, match="expected"):
            lq_approximate_1d(f, support, pieces, q)


# growth

def test_integrals_over_cells_agree_with_a_fine_grid_and_with_closed_forms():
    net = random_net((2, 4, 3, 1), rng=rng(3))
    side = (np.arange(600) + 0.5) / 300 - 1
    x = np.stack(np.meshgrid(4 * side, 4 * side), axis=-1).reshape(-1, 2)
    lipschitz = np.prod([np.linalg.norm(W, 2) for W in net.weights])
    assert abs(absolute_integral(net, 4) - 64 * np.abs(net(x)).mean()) < 64 * lipschitz * 8 / 600
    ridge = ReLUNet([[[1, 0]] * 3, [[1, -2, 1]]], [[1, 0, -1], [0]])
    assert [absolute_integral(ridge, R) for R in (1, 8)] == pytest.approx([2, 16], abs=1e-12)


def test_gates_on_one_line_are_added_and_may_cancel():
    ridge = ReLUNet([[[1, 0], [-2, 0], [0, 1]], [[2, 1, 0]]], [[1, -2, 0], [0]])  # two kinks on x₁ = −1, none on x₂ = 0
    (normal, offset, kink), = kink_lines(ridge)
    assert (tuple(normal), offset, kink) == ((1, 0), -1, 4)
    cancelled = ReLUNet([[[1, 0], [-1, 0]], [[1, -1]]], [[0, 0], [0]])  # x₁
    assert kink_lines(cancelled) == []
    assert strip_bound(cancelled, 10) == 0
    with pytest.raises(ValueError, match="1 hidden layer"):
        kink_lines(random_net((2, 3, 3, 1), rng=rng()))


def test_strips_near_parallel_lines_are_thin():
    near = ReLUNet([[[1, 0], [1, 0]], [[1, -1]]], [[0, F(-1, 4)], [0]])
    assert strip_bound(near, 10) == pytest.approx(1 / 4 * 1 / 16 * 2 * (10 - 1 / 4))


def test_strips_stop_where_lines_cross():
    crossed = ReLUNet([[[1, 0], [1, 1]], [[1, F(1, 100)]]], [[0, 0], [0]])  # at 45 degrees: 2 of 2 (R − 1) are blocked
    assert strip_bound(crossed, 10) == pytest.approx((2 * 9 - 2) / 4)


def test_bowls_need_most_of_their_rows():
    assert len(essential_rows(bowl_rows(12, 2, rng=rng(0)))) > 6
