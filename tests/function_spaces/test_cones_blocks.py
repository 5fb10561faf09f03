"""Block matrices and row counts: Claim 5, Lemma 2.E.1, Theorem 2.5.5, our sharper bounds, and the square of E18."""

from fractions import Fraction
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.function_spaces.block_matrices import (
    block_matrix,
    distinct_rows,
    merge_groups,
    random_block_matrix,
    row_groups,
    row_lower_bound,
)
from mathdl.function_spaces.chattopadhyay_mande import chattopadhyay_mande
from mathdl.function_spaces.cones import vertices
from mathdl.function_spaces.sign_rank import signrank_route
from mathdl.function_spaces.theorems.cones import (
    block_bound,
    block_structure,
    printed_size_bound,
    row_bound,
    square_root_step,
    sum_of_blocks,
    two_gate_circuit,
)
from mathdl.function_spaces.weight_restriction import (
    bit_gates,
    check_def12,
    circuit_computing,
    common_orders,
    fewest_gates,
    gate_matrices,
    output_matrix,
    random_restricted_net,
)
from mathdl.nets.relu_net import ReLUNet


def bottom(a, b, top=None):
    """A net of one hidden layer with weights (a, b) and biases large enough that no gate is ever off."""
    shift = abs(np.array(a)).sum(axis=1) + abs(np.array(b)).sum(axis=1)
    return ReLUNet([np.hstack([a, b]), [top or [1] * len(a)]], [shift, [0]])


@pytest.mark.statement("function_spaces/claim-5")
def test_200_random_sums_stay_within_the_bound_and_attain_it():
    verdicts = [sum_of_blocks(seed=seed) for seed in range(200)]
    assert {v.state for v in verdicts} == {State.HOLDS}
    assert max(v.measured for v in verdicts) == verdicts[0].bound == 13


@pytest.mark.statement("function_spaces/claim-5")
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 999), st.integers(1, 4), st.integers(1, 6))
def test_the_cuts_of_a_sum_are_among_the_merged_cuts(seed, w, groups):
    rng = np.random.default_rng(seed)
    A = [random_block_matrix(20, groups, rng=rng) for _ in range(w)]
    assert set(row_groups(sum(A))) <= set(merge_groups([row_groups(M) for M in A]))
    assert set(row_groups(sum(A).T)) <= set(merge_groups([row_groups(M.T) for M in A]))


@pytest.mark.statement("function_spaces/claim-5")
def test_without_a_common_order_the_sum_has_up_to_all_rows():
    shuffled = sum_of_blocks(shuffled=True)
    assert shuffled.state is State.SILENT
    assert shuffled.measured > shuffled.bound
    digits = [np.arange(64) // 4**i % 4 for i in range(3)]  # three matrices of 4 row groups in three orders
    total = sum(4**i * np.tile(d[:, None], (1, 64)) for i, d in enumerate(digits))
    assert distinct_rows(total) == 64 == min(64, 4**3) > 3 * (4 - 1) + 1


def test_row_groups_against_a_slow_loop():
    rng = np.random.default_rng(3)
    A, order = rng.integers(0, 2, (12, 3)), rng.permutation(12)
    rows = A[order].tolist()
    assert row_groups(A, order) == tuple(k for k in range(1, 12) if rows[k] != rows[k - 1])
    assert row_groups(np.ones((5, 2))) == ()


def test_block_matrix_is_constant_on_its_blocks():
    A = block_matrix((2, 5), (1,), np.arange(6).reshape(3, 2), 6)
    assert [A[i, j] for i, j in ((0, 0), (1, 1), (2, 0), (4, 5), (5, 0))] == [0, 1, 2, 3, 4]


@pytest.mark.statement("function_spaces/lemma-2.E.1")
@pytest.mark.parametrize("seed", range(15))
def test_blocks_of_random_circuits(seed):
    assert block_structure(seed=seed).state is State.HOLDS
    assert block_structure(seed=seed, widths=(1, 4), bound=3).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.E.1")
def test_the_block_count_is_attained_and_vacuous_when_it_exceeds_all_rows():
    ones = bottom([[1] * 6], [[1] * 6])
    deeper = ReLUNet([*ones.weights, [[1]]], [ones.biases[0], [0], [0]])
    groups = [len(row_groups(A, common_orders(deeper)[0])) + 1 for A in gate_matrices(deeper)[-2]]
    assert groups == [6 * 1 * 1 + 1]
    assert block_structure(widths=(4, 4, 4)).state is State.VACUOUS


@pytest.mark.statement("function_spaces/lemma-2.E.1")
@pytest.mark.statement("function_spaces/ours-block-bound")
def test_two_cones_silence_the_bounds_and_can_break_them():
    silent = block_structure(cones=2)
    assert silent.state is State.SILENT
    broken = block_bound(cones=2, seed=27)
    assert broken.state is State.SILENT
    assert broken.measured > broken.bound


@pytest.mark.statement("function_spaces/ours-block-bound")
@pytest.mark.parametrize("depth", [2, 3, 4, 6])
@pytest.mark.parametrize("gates", [1, 2, 4])
def test_depth_adds_no_row_groups(depth, gates):
    """The table of Lemma 2.E.1 in the ledger: m = 5, W = 4; 13, 19, 22 rows were seen for 1, 2, 4 bottom gates."""
    most = 0
    for seed in range(12):
        net = random_restricted_net(5, 4, (gates, *[4] * (depth - 2)), rng=np.random.default_rng(seed))
        verdict = block_bound(net=net, bound=4)
        assert verdict.state in (State.HOLDS, State.VACUOUS)
        most = max(most, verdict.measured)
    assert 8 <= most <= {1: 16, 2: 24, 4: 30}[gates]  # far from growing like (w_1 ⋯ w_k)


@pytest.mark.statement("function_spaces/ours-block-bound")
@pytest.mark.parametrize("m", [2, 3, 4, 5, 6])
def test_the_bound_is_attained_by_one_gate_and_missed_by_one_with_two(m):
    one = block_bound(net=bottom([[1] * m], [[1] * m]), bound=1)
    assert one.measured == one.bound == m + 1
    two = block_bound(net=bottom([[1] * m, [0] + [1] * (m - 1)], [[1] * m] * 2, [1, m + 1]), bound=1)
    assert two.state in (State.HOLDS, State.VACUOUS)
    assert two.measured == 2 * m  # 1 + Σ |a_p|_1, the same count before |a_p|_1 is rounded up to mW
    assert two.bound == 2 * m + 1


@pytest.mark.statement("function_spaces/ours-block-bound")
def test_separate_bits_have_all_rows():
    verdict = block_bound(net=bit_gates(5), bound=1)
    assert verdict.state is State.SILENT
    assert (verdict.measured, verdict.bound) == (32, 26)


@pytest.mark.statement("function_spaces/ours-row-bound")
@pytest.mark.parametrize("seed", range(15))
def test_random_circuits_have_at_least_so_many_bottom_gates(seed):
    net = random_restricted_net(5, 2, (3, 4, 4), rng=np.random.default_rng(seed))
    assert row_bound(net=net, bound=2).state in (State.HOLDS, State.VACUOUS)


@pytest.mark.statement("function_spaces/ours-row-bound")
def test_a_circuit_for_g_attains_the_row_bound():
    verdict = row_bound()
    assert verdict.state is State.HOLDS
    assert verdict.measured == 2 == -(-verdict.bound // 1)  # 3/2, rounded up
    assert (two_gate_circuit().output() == chattopadhyay_mande(2, 1)).all()


@pytest.mark.statement("function_spaces/ours-row-bound")
def test_the_row_bound_needs_one_cone_and_small_weights():
    m = 7
    eye, number = np.eye(2 * m), 2.0 ** np.arange(m)  # 14 gates, W = 1, and LTF(number of x − number of y) above them
    compare = ReLUNet([eye, [[*number, *-number]]], [np.ones(2 * m), [1]])
    verdict = row_bound(net=compare, bound=1)
    assert verdict.state is State.SILENT
    assert verdict.measured == 14 < verdict.bound == Fraction(2**m - 1, m)
    powers = bottom([2 ** np.arange(m)], [2 ** np.arange(m)])  # one gate, W = 2^(m−1): all rows, and the bound is < 1
    assert distinct_rows(output_matrix(powers)) == 2**m
    assert row_bound(net=powers, bound=2 ** (m - 1)).state is State.VACUOUS


def test_row_lower_bound_counts_rows_and_columns():
    F = np.ones((4, 4), dtype=int)
    F[:, 1] = (1, -1, 1, -1)
    F[:, 2] = (1, 1, -1, -1)
    assert distinct_rows(F) == 4
    assert row_lower_bound(F, 1) == Fraction(3, 2) == row_lower_bound(F.T, 1)


@pytest.mark.parametrize(("m", "found"), [(2, [2, 1, 1]), (3, [None, 2, 2, 1]), (4, [None, None, 3, 2])])
def test_the_fewest_separating_vectors_against_the_row_count(m, found):
    assert [fewest_gates(m, W) for W in range(1, len(found) + 1)] == found
    assert all(w is None or w >= Fraction(2**m - 1, m * W) for W, w in enumerate(found, 1))


@pytest.mark.statement("function_spaces/theorem-2.5.5")
@pytest.mark.parametrize(("n", "l"), [(2, 1), (2, 2), (3, 1), (4, 1)])
def test_the_printed_bound_is_true_and_says_nothing_at_this_size(n, l):
    assert printed_size_bound(n=n, l=l).state is State.VACUOUS
    assert printed_size_bound(n=n, l=l).given[:2] == (True, True)


@pytest.mark.statement("function_spaces/theorem-2.5.5")
def test_the_printed_chain_step_by_step():
    for m, W, d in ((2**40, 1, 2), (2**60, 2**10, 5)):
        route, E = signrank_route(m, W, d), m**0.25 / 81
        assert route.appendix == pytest.approx(log2(d - 1) + (E - log2(m * W)) / (d - 1), rel=1e-12)
        assert route.printed == pytest.approx(log2(d - 1) + (m**0.125 - log2(m * W)) / (d - 1), rel=1e-12)
        assert route.square_kept < route.appendix
        assert route.row_count == pytest.approx(m - log2(m * W), rel=1e-12)
        assert route.row_count > max(route.printed, route.appendix)
    assert signrank_route(2**40, 1, 2).printed < 0 < signrank_route(2**48, 1, 2).printed


@pytest.mark.statement("function_spaces/theorem-2.5.5")
def test_silent_without_the_restriction_and_a_circuit_that_does_not_compute_g_is_refused():
    g = chattopadhyay_mande(2, 2)
    with pytest.raises(ValueError, match="strictly before"):
        circuit_computing(g, np.eye(4, dtype=int), -np.eye(4, dtype=int), 1)  # one gate a bit: no common cone
    with pytest.raises(ValueError, match="different values of F"):
        circuit_computing(g, [[1, 1, 1, 1]], [[1, 1, 1, 1]], 1)


@pytest.mark.statement("function_spaces/erratum-E18b")
@pytest.mark.parametrize("exponent", [2, 5, 20])
def test_the_root_halves_the_exponent_but_the_square_was_not_needed(exponent):
    assert square_root_step(exponent=exponent).state is State.VIOLATED
    assert square_root_step(exponent=0).state is State.HOLDS
    rng = np.random.default_rng(exponent)
    for groups in (1, 3, 6):  # the corrected step: rank ≤ number of row groups, attained, not its square
        A = random_block_matrix(40, groups, rng=rng)
        assert np.linalg.matrix_rank(A) <= len(row_groups(A)) + 1 <= groups
    assert np.linalg.matrix_rank(block_matrix((2, 4), (1, 3), np.diag([1, 2, 3]), 6)) == 3


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 999))
def test_gate_matrices_in_floats_equal_those_in_fractions(seed):
    net = random_restricted_net(2, 3, (2, 3), rng=np.random.default_rng(seed))
    for fast, slow in zip(gate_matrices(net), gate_matrices(net.exact()), strict=True):
        assert (fast == slow).all()
    x, y = vertices(2)[1], vertices(2)[2]
    assert output_matrix(net)[1, 2] == net(np.concatenate([x, y])[None])[0, 0]


def test_huge_or_fractional_entries_are_computed_in_fractions():
    net = bottom([[1, 2]], [[2, 1]], [0.1])
    assert isinstance(output_matrix(net)[0, 0], Fraction)
    assert isinstance(output_matrix(bottom([[1, 2]], [[2, 1]], [2.0**60]))[0, 0], Fraction)
    assert check_def12(net.exact(), 2) is None


@pytest.mark.parametrize(("call", "words"), [
    (lambda: row_groups(np.zeros((0, 3))), "shape"), (lambda: row_groups(np.ones((3, 1)), [0, 1, 1]), "order of all 3"),
    (lambda: row_lower_bound(np.ones((3, 3)), 1), "2\\^m"),
    (lambda: block_matrix((1,), (1,), np.ones((3, 3)), 4), "block"),
    (lambda: random_block_matrix(3, 4, rng=np.random.default_rng(0)), "groups"), (lambda: fewest_gates(5, 1), "516"),
    (lambda: signrank_route(0.5, 1, 2), "expected"), (lambda: signrank_route(4, 1, 1), "depth"),
    (lambda: gate_matrices(ReLUNet([np.ones((1, 18)), [[1]]], [[0], [0]])), "18 inputs"),
    (lambda: circuit_computing(np.ones((16, 16)), 10**6 * np.ones((4, 4)), np.ones((4, 4)), 10**6), "2\\^53"),
])
def test_bad_input_is_refused_with_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
