"""Statements on representing functions: they hold, are attained, fall silent, and fail without their hypotheses."""

from fractions import Fraction as F
from itertools import combinations
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.registry import statements
from mathdl.core.theorem import State
from mathdl.function_spaces.flaps import left_flap_slopes, pwl_to_net
from mathdl.function_spaces.flatten import flatten_depth, hidden_layers_needed
from mathdl.function_spaces.growth import absolute_integral
from mathdl.function_spaces.max_depth import least_depth
from mathdl.function_spaces.random_functions import random_pwl, random_rows
from mathdl.function_spaces.signed_max import lower_side
from mathdl.function_spaces.sizes_1d import min_size_1d
from mathdl.function_spaces.theorems import representation as T
from mathdl.nets.combine import max_net, min_net
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

seeds = st.integers(0, 10 ** 6)
few = settings(max_examples=10)
TENT = ReLUNet([[[1], [1]], [[2, -4]]], [[0, F(-1, 2)], [0]])
RIDGE = ReLUNet([[[1, 0]] * 3, [[1, -2, 1]]], [[1, 0, -1], [0]])


def points_of(f):
    return tuple((t, f(t)) for t in f.breaks) or ((0, f(0)),), f.slopes[0], f.slopes[-1]


def test_every_default_reaches_its_state():
    ours = {id: s for id, s in statements("function_spaces").items() if s.check.__module__ == T.__name__}
    assert len(ours) == 14
    assert {id for id, s in ours.items() if s.run().state is not s.expected} == set()


# Definition 4

@pytest.mark.statement("function_spaces/definition-4")
@given(st.floats(1e-3, 1e3), st.integers(1, 12), seeds)
@few
def test_the_chart_and_its_inverse_undo_each_other(M, p, seed):
    verdict = T.simplex_chart(maximum=M, coordinates=p, samples=20, seed=seed)
    assert verdict.state is State.HOLDS
    assert verdict.error <= 1e-11 * M * p


@pytest.mark.statement("function_spaces/definition-4")
def test_the_simplex_needs_room_and_coordinates():
    assert T.simplex_chart(maximum=0).given == (False, True)
    assert T.simplex_chart(coordinates=0).given == (True, False)
    assert T.simplex_chart(maximum=-1.0).state is State.SILENT


# Theorem 2.2.1

@pytest.mark.statement("function_spaces/theorem-2.2.1")
@pytest.mark.parametrize(("inputs", "widths", "seed"), [(1, (3, 3), 0), (2, (2, 2, 2), 1), (2, (3, 3, 2), 2),
                                                        (3, (3, 2, 2), 3), (4, (2, 2, 2, 2), 4)])
def test_flat_nets_hold_on_random_nets(inputs, widths, seed):
    verdict = T.every_pwl_is_a_net(inputs=inputs, widths=widths, points=40, seed=seed)
    assert verdict.state is State.HOLDS
    assert verdict.bound == hidden_layers_needed(inputs)


@pytest.mark.statement("function_spaces/theorem-2.2.1")
def test_two_hidden_layers_are_attained_by_the_maximum_of_three_numbers():
    tree, _ = max_net([ReLUNet.affine([row], [0]) for row in ([1, 0], [0, 1], [0, 0])])
    assert flatten_depth(tree.exact())[0].hidden_layers == 2 == least_depth(2) - 1


@pytest.mark.statement("function_spaces/theorem-2.2.1")
def test_it_says_nothing_about_curved_functions_and_they_are_no_nets():
    verdict = T.every_pwl_is_a_net(curvature=F(1, 100))
    assert verdict.state is State.SILENT
    assert verdict.measured == inf


@pytest.mark.statement("function_spaces/theorem-2.2.1")
def test_it_promises_nothing_new_about_a_net_that_is_shallow_already():
    assert T.every_pwl_is_a_net(inputs=2, widths=(3, 3), points=20).state is State.VACUOUS


# Theorem 2.2.2 and Corollary 2.A.1

@pytest.mark.statement("function_spaces/theorem-2.2.2")
@given(seeds, st.integers(2, 8))
@few
def test_p_gates_suffice(seed, pieces):
    points, left, right = points_of(random_pwl(pieces, rng=np.random.default_rng(seed)))
    assert T.gates_suffice(points=points, left_slope=left, right_slope=right).state is State.HOLDS


@pytest.mark.statement("function_spaces/theorem-2.2.2")
def test_p_gates_are_attained_when_no_subset_of_jumps_fits():
    corner = T.gates_suffice(points=((0, 0),), left_slope=1, right_slope=3)
    assert corner.measured == corner.bound == 2 == min_size_1d(PWL1D([0], [1, 3], [0, 0]))


@pytest.mark.statement("function_spaces/theorem-2.2.2")
def test_it_is_silent_and_false_for_lines_and_without_output_bias():
    line = T.gates_suffice(points=((0, 0),), left_slope=1, right_slope=1)
    assert (line.given, line.satisfied) == ((False, True), False)
    bare = T.gates_suffice(points=((0, 1),), left_slope=-1, right_slope=1, output_bias=False)
    assert (bare.given, bare.measured, bare.bound) == ((True, False), 3, 2)


@pytest.mark.statement("function_spaces/theorem-2.2.2-lower")
@given(seeds, st.integers(1, 6))
@few
def test_p_minus_one_gates_are_needed(seed, width):
    net = random_net((1, width, 1), rng=np.random.default_rng(seed), exact=True)
    assert T.gates_needed(net=net).satisfied
    assert T.gates_needed(net=net).given == (True,)


@pytest.mark.statement("function_spaces/theorem-2.2.2-lower")
def test_p_minus_one_is_attained_and_deeper_nets_need_fewer():
    tent = T.gates_needed(net=ReLUNet([[[1]] * 3, [[2, -4, 2]]], [[0, F(-1, 2), -1], [0]]))
    assert tent.measured == tent.bound == 3
    deep = T.gates_needed(net=TENT.compose(TENT).compose(TENT).compose(TENT))
    assert (deep.state, deep.satisfied, deep.measured) == (State.SILENT, False, 8)


@pytest.mark.statement("function_spaces/corollary-2.A.1")
@given(seeds, st.integers(2, 7), st.booleans())
@few
def test_a_flat_end_saves_a_gate_on_either_side(seed, pieces, mirrored):
    f = random_pwl(pieces, rng=np.random.default_rng(seed))
    f = f + PWL1D([], [-f.slopes[-1 if mirrored else 0]], [0])
    points, left, right = points_of(f)
    assert T.flat_end(points=points, left_slope=left, right_slope=right).state is State.HOLDS


@pytest.mark.statement("function_spaces/corollary-2.A.1")
def test_without_a_flat_end_or_an_output_bias_a_gate_more_is_needed():
    sloped = T.flat_end(points=((0, 0),), left_slope=1, right_slope=3)
    assert (sloped.given, sloped.measured, sloped.bound) == ((False, True), 2, 1)
    bare = T.flat_end(points=((0, 1),), left_slope=0, right_slope=1, output_bias=False)
    assert (bare.given, bare.measured, bare.bound) == ((True, False), 2, 1)
    assert min_size_1d(PWL1D([0], [0, 1], [1, 1]), output_bias=False) == 2


# the exact size

def fits_a_subset(f):
    """p − 1 gates suffice by the subset sum condition, tried over all subsets."""
    jumps = [b - a for a, b in zip(f.slopes, f.slopes[1:], strict=False)]
    return any(sum(part) == -f.slopes[0] for k in range(len(jumps) + 1) for part in combinations(jumps, k))


@pytest.mark.statement("function_spaces/ours-membership-1d")
def test_a_thousand_functions_have_size_p_or_p_minus_one_by_subset_sums():
    rng, saved = np.random.default_rng(0), 0
    for _ in range(1000):
        f = random_pwl(int(rng.integers(2, 9)), rng=rng)
        saved += fits_a_subset(f)
        assert min_size_1d(f) == f.n_pieces - fits_a_subset(f)
    assert 100 < saved < 900  # both cases occur


@pytest.mark.statement("function_spaces/ours-membership-1d")
def test_generic_slopes_need_p_gates():
    rng = np.random.default_rng(1)
    for _ in range(20):
        f = PWL1D.from_points(np.sort(rng.normal(size=5)), rng.normal(size=5), *rng.normal(size=2))
        assert min_size_1d(f) == f.n_pieces == 6


@pytest.mark.statement("function_spaces/ours-membership-1d")
@pytest.mark.parametrize("bias", [True, False])
def test_subset_sums_agree_with_the_search(bias):
    assert T.exact_size(functions=25, pieces=4, output_bias=bias, seed=2).state is State.HOLDS
    assert T.exact_size(functions=5, pieces=1, output_bias=bias).state is State.SILENT


@pytest.mark.statement("function_spaces/ours-membership-1d")
def test_the_criterion_needs_a_breakpoint():
    line = PWL1D([], [1], [0])
    assert not fits_a_subset(line)
    assert min_size_1d(line) == 2 != line.n_pieces


# alternating reduction and interior faces

@pytest.mark.statement("function_spaces/ours-alternating-reduction")
@pytest.mark.parametrize(("n", "N"), [(1, 8), (2, 6), (2, 9), (3, 8), (3, 10)])
def test_alternating_reduction_is_exact(n, N):
    verdict = T.alternating(rows=tuple(random_rows(N, n, rng=np.random.default_rng(N))))
    assert verdict.state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-alternating-reduction")
def test_the_lower_side_works_and_the_upper_side_fails_on_a_diamond():
    assert lower_side(T.CROSS) == (0, 1)
    assert T.alternating(rows=T.CROSS, side=(0, 1)).state is State.HOLDS
    wrong = T.alternating(rows=T.CROSS, side=(2, 3))
    assert wrong.given == (True, False)
    assert wrong.state is State.SILENT
    assert wrong.measured > 0


@pytest.mark.statement("function_spaces/ours-alternating-reduction")
def test_without_a_dependence_there_is_nothing_to_leave_out():
    verdict = T.alternating(rows=T.CROSS[:3], side=(0, 1))
    assert verdict.given == (False, None)
    assert verdict.measured > 0


@pytest.mark.statement("function_spaces/ours-alternating-reduction")
def test_either_side_works_when_the_points_lie_in_one_plane():
    flat = tuple((a1, a2, 0) for a1, a2 in ((1, 0), (-1, 0), (0, 1), (0, -1)))
    assert all(T.alternating(rows=flat, side=side).state is State.HOLDS for side in ((0, 1), (2, 3)))


@pytest.mark.statement("function_spaces/ours-interior-faces")
@pytest.mark.parametrize(("inputs", "n_rows"), [(1, 9), (2, 12), (3, 11), (4, 9)])
def test_terms_are_the_interior_faces(inputs, n_rows):
    for seed in range(3):
        assert T.interior_face_terms(inputs=inputs, n_rows=n_rows, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-interior-faces")
def test_points_in_one_plane_leave_a_choice_of_faces():
    grid = tuple((i, j, 0) for i in range(3) for j in range(3))
    verdict = T.interior_face_terms(rows=grid)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0


# density

@pytest.mark.statement("function_spaces/theorem-2.2.3")
@pytest.mark.parametrize(("function", "q", "epsilon"), [("parabola", 1, 1e-4), ("parabola", 3, 1e-3), ("step", 1, 0.01),
                                                        ("step", 2, 0.05)])
def test_interpolants_come_as_near_as_asked(function, q, epsilon):
    assert T.dense(function=function, q=q, epsilon=epsilon).state is State.HOLDS


@pytest.mark.statement("function_spaces/theorem-2.2.3")
def test_density_is_silent_and_false_at_infinity_and_outside_the_space():
    step = T.dense(function="step", q=inf, epsilon=0.4)
    assert (step.given, step.measured) == ((False, True), 0.5)
    square = T.dense(function="square")
    assert (square.given, square.measured) == ((True, False), inf)
    with pytest.raises(ValueError, match="4096 pieces"):
        T.dense(function="step", q=8, epsilon=0.01)
    with pytest.raises(ValueError, match="parabola, step, square"):
        T.dense(function="sine")


@pytest.mark.statement("function_spaces/ours-not-integrable")
@given(seeds)
@few
def test_one_hidden_layer_grows_at_least_like_its_strip(seed):
    integrals = []
    for R in (1, 8, 64):
        verdict = T.not_integrable(radius=R, seed=seed)
        assert verdict.satisfied
        integrals.append(verdict.measured)
    assert integrals[2] > 4 * integrals[1]


@pytest.mark.statement("function_spaces/ours-not-integrable")
def test_a_ridge_grows_exactly_linearly():
    values = [T.not_integrable(net=RIDGE, radius=R).measured for R in (1, 2, 4, 64)]
    assert values == pytest.approx([2, 4, 8, 128], abs=1e-9)
    assert T.not_integrable(net=RIDGE, radius=64).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-not-integrable")
def test_a_second_hidden_layer_or_no_kink_breaks_it():
    planes = [ReLUNet.affine([a], [1]) for a in ([1, 0], [-1, 0], [0, 1], [0, -1])]
    pyramid, _ = flatten_depth(max_net([min_net(planes)[0], ReLUNet.affine([[0, 0]], [0])])[0])
    verdict = T.not_integrable(net=pyramid)
    assert verdict.state is State.SILENT
    assert verdict.measured == pytest.approx(4 / 3, abs=1e-9)
    assert absolute_integral(pyramid, 8) == pytest.approx(4 / 3, abs=1e-9)
    assert not verdict.satisfied
    zero = ReLUNet([[[1, 0], [1, 0]], [[1, -1]]], [[0, 0], [0]])
    assert T.not_integrable(net=zero).given == (True, False)
    assert T.not_integrable(net=zero).measured == 0


# errata

@pytest.mark.statement("function_spaces/erratum-E1")
@pytest.mark.parametrize("n", [1, 2, 3])
def test_e1_the_printed_depth_is_one_too_small(n):
    verdict = T.maximum_as_printed(n=n)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == verdict.bound + 1  # the corrected form, hidden layers + 1
    assert T.maximum_as_printed(n=0).state is State.SILENT
    with pytest.raises(ValueError, match="n from 0 to 3"):
        T.maximum_as_printed(n=4)


@pytest.mark.statement("function_spaces/erratum-E3")
def test_e3_lines_and_missing_biases_need_a_gate_more():
    assert (T.size_as_printed().measured, T.size_as_printed().bound) == (2, 1)
    bare = T.size_as_printed(points=((0, 1),), left_slope=-1, right_slope=1, output_bias=False)
    assert (bare.state, bare.measured, bare.bound) == (State.VIOLATED, 3, 2)
    corrected = T.size_as_printed(points=((0, 1),), left_slope=-1, right_slope=1)
    assert corrected.state is State.HOLDS
    constant = T.size_as_printed(left_slope=0, right_slope=0)
    assert (constant.state, constant.measured) == (State.HOLDS, 0)


@pytest.mark.statement("function_spaces/erratum-E4")
def test_e4_the_printed_system_misses_the_values():
    verdict = T.flaps_as_printed()
    assert (verdict.state, verdict.measured) == (State.VIOLATED, 9)
    a, b = [F(x) for x, _ in T.POINTS], [F(y) for _, y in T.POINTS]
    assert T.flap_values(a, T.printed_left_flap_slopes(a, b, F(1)), b[-1]) == [11, 7, 5, 1]
    assert T.flap_values(a, left_flap_slopes(a, [y - b[-1] for y in b], F(1)), b[-1]) == b
    f = PWL1D.from_points(a, b, 1, -2)
    assert PWL1D.from_net(pwl_to_net(f)) == f


@pytest.mark.statement("function_spaces/erratum-E4")
def test_e4_the_two_systems_agree_up_to_three_pieces():
    assert T.flaps_as_printed(points=((0, 2), (1, -1))).state is State.HOLDS
    assert T.flaps_as_printed(points=((0, 2),)).state is State.HOLDS


@pytest.mark.statement("function_spaces/erratum-E5")
def test_e5_a_step_is_half_a_jump_away_from_every_net():
    assert T.dense_as_printed().state is State.VIOLATED
    assert T.dense_as_printed(epsilon=0.5).state is State.HOLDS
    assert T.dense_as_printed(q=1, epsilon=0.05).state is State.HOLDS  # the corrected form
    assert T.dense(function="step", q=inf, epsilon=0.25).state is State.SILENT
