"""Putting nets together, counting what they make, and what depth costs."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.function_spaces.gap import size_bound
from mathdl.function_spaces.theorems import combining as c
from mathdl.function_spaces.unmerged import count_without_merging
from mathdl.function_spaces.zigzag import zigzag, zigzag_net
from mathdl.nets.combine import max_net
from mathdl.nets.piece_bounds import printed_bound, product_bound
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

RNG = np.random.default_rng(0)


@pytest.mark.statement("function_spaces/lemma-2.A.2")
def test_composition_adds_depths_and_sizes_on_50_random_pairs():
    for seed in range(50):
        d, m, n = RNG.integers(1, 4, size=3)
        inner, outer = (d, *RNG.integers(1, 4, size=RNG.integers(0, 4)), m), (m, *RNG.integers(1, 4, size=2), n)
        assert c.composition(inner=inner, outer=outer, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.A.2")
def test_composition_is_silent_when_dimensions_do_not_chain():
    assert c.composition(outer=(2, 1)).state is State.SILENT


@pytest.mark.statement("function_spaces/lemma-2.A.2")
def test_a_wrong_composition_is_seen(monkeypatch):
    monkeypatch.setattr(ReLUNet, "compose", lambda self, inner: self)
    assert c.composition(inner=(2, 2), outer=(2, 2, 1)).state is State.VIOLATED


@pytest.mark.statement("function_spaces/lemma-2.A.3")
def test_addition_adds_sizes_on_50_random_pairs():
    for seed in range(50):
        k = RNG.integers(0, 4)
        first, second = ((2, *RNG.integers(1, 4, size=k), 2) for _ in range(2))
        assert c.addition(first=first, second=second, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.A.3")
def test_at_unequal_depth_addition_is_silent_and_costs_padding():
    verdict = c.addition(first=(2, 4, 3, 3, 1), second=(2, 5, 1))
    assert verdict.state is State.SILENT
    assert verdict.measured == verdict.bound + 2 * 2


@pytest.mark.statement("function_spaces/lemma-2.A.4")
@pytest.mark.parametrize("m", range(1, 10))
@pytest.mark.parametrize("gate", ["3", "4"])
def test_the_maximum_of_equal_depths_fits_the_printed_size(m, gate):
    assert c.maximum(hidden=(m % 3,) * m, gate=gate, seed=m).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.A.4")
def test_at_unequal_depths_the_printed_size_is_silent_and_fails():
    verdict = c.maximum(hidden=(60, 1))
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("function_spaces/lemma-2.A.4")
def test_a_net_that_is_not_the_maximum_is_seen(monkeypatch):
    monkeypatch.setattr(c, "max_net", lambda nets, gate: max_net(nets[1:], gate))
    assert c.maximum(hidden=(2, 2, 2)).measured == math.inf


@pytest.mark.statement("function_spaces/erratum-E6")
@pytest.mark.parametrize("hidden", [(60, 1), (1, 60), (30, 1, 1)])
def test_e6_the_printed_size_ignores_padding_and_the_corrected_one_holds(hidden):
    assert c.maximum_as_printed(hidden=hidden).state is State.VIOLATED
    assert c.maximum_of_any_depths(hidden=hidden).state is State.HOLDS


@pytest.mark.statement("function_spaces/erratum-E6")
def test_e6_costs_118_gates_where_12_were_allowed():
    verdict = c.maximum_as_printed()
    allowed_for_the_tree = 4 * (2 * 2 - 1)
    assert verdict.measured - (verdict.bound - allowed_for_the_tree) == 118 + 4


@pytest.mark.statement("function_spaces/erratum-E6")
def test_e6_the_depth_needs_a_ceiling_too():
    lines = [ReLUNet.affine([[i]], [-i * i]) for i in range(3)]
    depth = max_net(lines)[1].depth
    assert depth > 0 + math.log2(3) + 1
    assert depth == 0 + math.ceil(math.log2(3)) + 1


@pytest.mark.statement("function_spaces/erratum-E6")
def test_e6_at_equal_depths_the_printed_bound_is_true_and_loose():
    verdict = c.maximum_as_printed(hidden=(2, 2, 2))
    assert verdict.state is State.HOLDS
    assert verdict.slack >= 8


@pytest.mark.statement("function_spaces/ours-max-size")
@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("gate", ["3", "4"])
def test_the_corrected_size_holds_at_any_depths(seed, gate):
    rng = np.random.default_rng(seed)
    hidden = tuple(int(k) for k in rng.integers(0, 6, size=rng.integers(1, 10)))
    assert c.maximum_of_any_depths(hidden=hidden, gate=gate, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-max-size")
@pytest.mark.parametrize("m", [3, 5])
@pytest.mark.parametrize("gate", ["3", "4"])
def test_the_corrected_size_is_attained_at_three_and_five(m, gate):
    assert c.maximum_of_any_depths(hidden=(0,) * m, gate=gate).slack == 0


@pytest.mark.statement("function_spaces/ours-max-size")
def test_the_tree_bound_holds_for_all_m_up_to_200():
    """N(m) = N(⌊m/2⌋) + N(⌈m/2⌉) + 4 and 2 more where the halves differ in depth; N(m) ≤ 5 (m − 1)."""
    nodes = {1: 0}
    for m in range(2, 201):
        low, high = m // 2, m - m // 2
        nodes[m] = nodes[low] + nodes[high] + 4 + 2 * ((high - 1).bit_length() - (low - 1).bit_length())
        assert nodes[m] <= 5 * (m - 1)
    lines = [ReLUNet.affine([[i]], [-i * i]) for i in range(33)]
    assert [max_net(lines[:m])[1].size for m in (1, 2, 7, 17, 33)] == [nodes[m] for m in (1, 2, 7, 17, 33)]


@pytest.mark.statement("function_spaces/ours-max-size")
def test_the_corrected_size_needs_a_net():
    with pytest.raises(ValueError, match="at least one net"):
        max_net([])


@pytest.mark.statement("function_spaces/lemma-2.A.5")
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 2), (2, 5)])
def test_an_affine_map_takes_two_gates_an_output(inputs, outputs):
    assert c.affine_map(inputs=inputs, outputs=outputs).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.A.5")
def test_a_map_with_gates_of_its_own_is_silent_and_costs_more():
    verdict = c.affine_map(hidden=1)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("function_spaces/lemma-2.A.5")
def test_one_gate_is_never_the_identity():
    """a σ(w x + b) + d is constant on one side, x on none: two gates are needed on the line."""
    for a, w, b in product((-2, -1, 0, 1, 2), repeat=3):
        f = PWL1D.from_net(ReLUNet([[[w]], [[a]]], [[b], [1]], exact=True))
        assert 0 in f.slopes


@pytest.mark.statement("function_spaces/lemma-2.A.6")
@pytest.mark.parametrize("widths", [(3,), (2, 2), (3, 2), (3, 3), (1, 1, 1), (5, 4, 3)])
def test_no_random_net_exceeds_either_bound(widths):
    verdict = c.piece_upper_bound(widths=widths, nets=100)
    assert verdict.state is State.HOLDS
    assert verdict.measured <= product_bound(widths) <= printed_bound(widths)


@pytest.mark.statement("function_spaces/lemma-2.A.6")
@pytest.mark.parametrize("width", [1, 2, 3, 6])
def test_one_hidden_layer_attains_the_bound(width):
    net = ReLUNet([[[1]] * width, [[1] * width]], [range(width), [0]])
    assert count_pieces_1d(net) == printed_bound((width,)) == width + 1


@pytest.mark.statement("function_spaces/lemma-2.A.6")
def test_the_piece_bound_is_silent_without_hidden_layers():
    assert c.piece_upper_bound(widths=(), nets=3).state is State.SILENT


@pytest.mark.statement("function_spaces/lemma-2.A.6")
def test_in_the_plane_the_bound_is_silent_and_fails():
    verdict = c.piece_upper_bound(widths=(3,), inputs=2, nets=20)
    assert verdict.state is State.SILENT
    assert verdict.measured == 7 > verdict.bound == 4


@pytest.mark.statement("function_spaces/lemma-2.A.6")
def test_a_counter_that_forgets_to_merge_exceeds_the_bound_on_duplicated_gates():
    verdict = c.piece_upper_bound(widths=(3,), duplicates=True, merge=False)
    assert verdict.state is State.SILENT
    assert verdict.measured == 2**3 > verdict.bound == 4
    assert c.piece_upper_bound(widths=(3,), duplicates=True).measured == 2


def test_the_wrong_counter_is_right_on_separate_kinks_and_refuses_many_gates():
    net = ReLUNet([[[1]] * 3, [[1, 1, 1]]], [[0, 1, 2], [0]])
    assert count_without_merging(net) == count_pieces_1d(net) == 4
    with pytest.raises(ValueError, match="at most 16 gates"):
        count_without_merging(zigzag_net(3, 6))


@pytest.mark.statement("function_spaces/ours-product-bound")
@pytest.mark.parametrize("width", [3, 4, 5, 8])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_zigzag_attains_the_product_bound(width, depth):
    verdict = c.product_piece_bound(width=width, depth=depth)
    assert verdict.slack == 0
    assert verdict.state is (State.HOLDS if depth > 1 else State.VACUOUS)  # at k = 1 the printed bound is the same


@pytest.mark.statement("function_spaces/ours-product-bound")
@pytest.mark.parametrize("seed", range(20))
def test_random_nets_keep_the_product_bound(seed):
    verdict = c.product_piece_bound(width=4, depth=3, seed=seed)
    assert verdict.state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-product-bound")
def test_in_the_plane_the_product_bound_is_silent_and_fails():
    verdict = c.product_piece_bound(width=4, depth=1, inputs=2)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.parametrize("width", range(3, 9))
def test_each_piece_of_the_zigzag_covers_all_its_breakpoints(width):
    f = PWL1D.from_net(zigzag(width).exact())
    assert f.breaks == tuple(range(1, width + 1))
    assert [f(t) for t in f.breaks] == [(width + 1) * (t % 2) for t in range(1, width + 1)]
    assert f.slopes[0] > 0
    assert all(a * b < 0 for a, b in zip(f.slopes, f.slopes[1:], strict=False))


def test_two_gates_make_no_zigzag():
    with pytest.raises(ValueError, match="width >= 3; got 2"):
        zigzag(2)
    with pytest.raises(ValueError, match="at least one hidden layer"):
        zigzag_net(3, 0)


@pytest.mark.statement("function_spaces/ours-region-bound")
@pytest.mark.parametrize("widths", [(3,), (5,), (3, 3), (2, 3, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_regions_in_the_plane_keep_their_bound(widths, seed):
    assert c.regions_in_the_plane(widths=widths, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-region-bound")
def test_lines_in_general_position_attain_the_region_bound():
    assert max(c.regions_in_the_plane(widths=(4,), seed=s).measured for s in range(20)) == 1 + 4 + 6


@pytest.mark.statement("function_spaces/ours-region-bound")
def test_the_region_bound_is_silent_without_hidden_layers():
    assert c.regions_in_the_plane(widths=()).state is State.SILENT


@pytest.mark.statement("function_spaces/lemma-2.A.7")
@pytest.mark.parametrize(("width", "depth"), [(5, 1), (7, 3), (9, 2)])
def test_the_printed_trade_off_holds_and_leaves_about_a_factor_of_two(width, depth):
    verdict = c.depth_size_trade_off(width=width, depth=depth)
    assert verdict.state is State.HOLDS
    assert 2 * verdict.bound == verdict.measured + depth - 2


@pytest.mark.statement("function_spaces/lemma-2.A.7")
def test_the_printed_trade_off_is_vacuous_when_layers_alone_cost_as_much():
    verdict = c.depth_size_trade_off(width=3, depth=1)
    assert (verdict.state, verdict.bound) == (State.VACUOUS, 1)


@pytest.mark.statement("function_spaces/lemma-2.A.7")
def test_all_width_vectors_up_to_six_by_six_keep_the_trade_off():
    """size ≥ ½ k p^(1/k) − 1 for the largest p that Lemma 2.A.6 allows, in integers: (2 (s + 1))^k ≥ p k^k."""
    for k in range(1, 5):
        for widths in product(range(1, 7), repeat=k):
            assert (2 * (sum(widths) + 1)) ** k >= printed_bound(widths) * k**k
    rng = np.random.default_rng(1)
    for k in (5, 6):
        for widths in rng.integers(1, 7, size=(2000, k)).tolist():
            assert (2 * (sum(widths) + 1)) ** k >= printed_bound(widths) * k**k


@pytest.mark.statement("function_spaces/lemma-2.A.7")
def test_the_trade_off_is_silent_without_hidden_layers_and_in_the_plane_where_it_fails():
    assert c.depth_size_trade_off(depth=0).state is State.SILENT
    plane = c.depth_size_trade_off(width=7, depth=1, inputs=2)
    assert plane.state is State.SILENT
    assert not plane.satisfied


@pytest.mark.statement("function_spaces/ours-depth-size")
@pytest.mark.parametrize(("width", "depth"), [(3, 1), (3, 4), (5, 3), (9, 2)])
def test_the_zigzag_attains_the_sharper_trade_off(width, depth):
    verdict = c.sharp_depth_size(width=width, depth=depth)
    assert verdict.state is State.HOLDS
    assert verdict.measured == verdict.bound


@pytest.mark.statement("function_spaces/ours-depth-size")
@pytest.mark.parametrize("seed", range(10))
def test_random_nets_keep_the_sharper_trade_off_and_it_is_sharper(seed):
    verdict = c.sharp_depth_size(widths=(4, 3, 3), seed=seed)
    assert verdict.satisfied
    assert (verdict.state is State.VACUOUS) == (verdict.bound <= 3)  # three layers have three gates anyway
    for pieces in (64, 1000, 10**6):
        assert size_bound(pieces, 3, "sharp") > size_bound(pieces, 3, "printed")


@pytest.mark.statement("function_spaces/ours-depth-size")
def test_the_sharper_trade_off_is_silent_without_hidden_layers_and_in_the_plane_where_it_fails():
    assert c.sharp_depth_size(depth=0).state is State.SILENT
    plane = c.sharp_depth_size(width=7, depth=1, inputs=2)
    assert plane.state is State.SILENT
    assert not plane.satisfied


@pytest.mark.statement("function_spaces/erratum-E7")
def test_e7_the_converse_holds_for_all_integer_widths_tried_and_is_attained():
    verdict = c.converse_of_trade_off()
    assert verdict.state is State.HOLDS
    assert verdict.measured == 1  # one layer of one gate: two pieces, 2s = 2


@pytest.mark.statement("function_spaces/erratum-E7")
def test_e7_the_ratio_agrees_with_integers():
    for w in product(range(1, 5), repeat=3):
        assert (c._ratio([Fraction(v) for v in w]) <= 1) == (printed_bound(w) * 3**3 <= (2 * sum(w)) ** 3)


@pytest.mark.statement("function_spaces/erratum-E7")
def test_e7_am_gm_alone_does_not_give_it():
    k = s = 6
    assert Fraction(1, 2) * Fraction(2 * (s + 1), k) ** k > Fraction(2 * s, k) ** k


@pytest.mark.statement("function_spaces/erratum-E7")
def test_e7_is_silent_and_fails_for_a_width_of_one_half():
    verdict = c.converse_of_trade_off(layers=1, smallest=Fraction(1, 2))
    assert verdict.state is State.SILENT
    assert verdict.measured == Fraction(3, 2)
