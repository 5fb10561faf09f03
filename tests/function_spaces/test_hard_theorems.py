"""The statements of section 2.3.1: random instances, the extremal one, each hypothesis broken, where it is needed."""

import math
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.core.registry import statements
from mathdl.core.theorem import State
from mathdl.function_spaces import triangle
from mathdl.function_spaces.gap import gap_row
from mathdl.function_spaces.hard import collapse, hard_function, random_hard_function, recover_parameters
from mathdl.function_spaces.theorems import hard as claims
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
GATE = ReLUNet([[[1]], [[1]]], [[0], [0]], exact=True)
TWO_GATES = GATE.compose(GATE)
points = st.lists(st.integers(1, 59), min_size=1, max_size=4, unique=True).map(sorted)


def silent_and_false(verdict):
    """A hypothesis is broken, and the conclusion fails: the hypothesis is needed."""
    return verdict.state is State.SILENT and not verdict.satisfied


@pytest.mark.parametrize("name", sorted(id for id, s in statements("function_spaces").items()
                                        if s.check.__module__ == claims.__name__))
def test_the_default_instance_has_its_expected_state(name):
    found = statements(name)[name]
    assert found.run().state is found.expected


# Definition 5

@pytest.mark.statement("function_spaces/definition-5")
@given(points, st.integers(1, 9))
def test_definition_holds(a, maximum):
    verdict = claims.sawtooth_definition(maximum=maximum, breakpoints=tuple(Fraction(maximum * i, 60) for i in a))
    assert verdict.state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-5")
def test_definition_needs_its_hypotheses():
    assert silent_and_false(claims.sawtooth_definition(breakpoints=(HALF, HALF)))
    assert silent_and_false(claims.sawtooth_definition(breakpoints=(HALF, Fraction(1))))
    assert silent_and_false(claims.sawtooth_definition(breakpoints=(Fraction(2, 3), HALF)))
    assert silent_and_false(claims.sawtooth_definition(maximum=-1, breakpoints=(-HALF,)))


@pytest.mark.statement("function_spaces/definition-5")
def test_definition_check_can_fail(monkeypatch):
    """Another sawtooth in place of h: the conditions at the breakpoints are broken."""
    other = claims.hard.sawtooth
    monkeypatch.setattr(claims.hard, "sawtooth", lambda M, a: other(M, [x / 2 for x in a]))
    assert claims.sawtooth_definition().state is State.VIOLATED


# Lemma 2.3.5

@pytest.mark.statement("function_spaces/lemma-2.3.5")
@given(st.lists(points, min_size=1, max_size=3))
def test_ramps_multiply(layers):
    layers = tuple(tuple(Fraction(i, 60) for i in a) for a in layers)
    verdict = claims.ramps_multiply(breakpoints=layers)
    assert verdict.state is State.HOLDS
    H = hard_function(1, layers)
    assert H.pwl.n_pieces <= prod(H.widths) + 2  # the lemma's "at most", which its first half says


@pytest.mark.statement("function_spaces/lemma-2.3.5")
@pytest.mark.statement("function_spaces/ours-total-pieces")
def test_two_pieces_more_than_ramps_are_attained():
    assert random_hard_function((2, 2), rng=np.random.default_rng(0)).pwl.n_pieces == 2**2 + 2


@pytest.mark.statement("function_spaces/lemma-2.3.5")
def test_a_tie_or_a_point_outside_drops_the_count():
    tie = claims.ramps_multiply(breakpoints=((HALF, HALF), (Fraction(1, 3),)))
    assert silent_and_false(tie)
    assert (tie.measured, tie.bound) == (4, 6)
    assert silent_and_false(claims.ramps_multiply(breakpoints=((HALF, Fraction(3, 2)),)))
    assert claims.ramps_multiply(maximum=-1, breakpoints=((HALF,),)).state is State.SILENT


# Pieces on the line (ours) and E8

@pytest.mark.statement("function_spaces/ours-total-pieces")
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 99))
def test_pieces_on_the_line(widths, seed):
    assert claims.pieces_on_the_line(widths=tuple(widths), seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-total-pieces")
def test_only_an_even_width_before_the_last_adds_a_piece():
    bounds = {w: claims.pieces_on_the_line(widths=w).measured for w in ((2,), (3, 2), (2, 3), (3, 3))}
    assert bounds == {(2,): 3, (3, 2): 7, (2, 3): 8, (3, 3): 10}


@pytest.mark.statement("function_spaces/erratum-E8")
@pytest.mark.parametrize(("width", "depth", "extra"), [(2, 1, 1), (2, 2, 2), (3, 2, 1), (4, 3, 2), (5, 2, 1)])
def test_the_printed_count_is_refuted_and_the_corrected_one_holds(width, depth, extra):
    printed = claims.printed_pieces(width=width, depth=depth)
    assert printed.state is State.VIOLATED
    assert printed.measured - printed.bound == extra
    assert claims.pieces_on_the_line(widths=(width,) * depth).state is State.HOLDS


@pytest.mark.statement("function_spaces/erratum-E8")
def test_one_point_is_a_parameter_of_many_functions():
    one, two = (hard_function(M, [(HALF,)]) for M in (1, 2))
    assert one.breakpoints == two.breakpoints
    assert one.pwl != two.pwl
    assert recover_parameters(two, (2,)) == (2, ((HALF,),))


@pytest.mark.statement("function_spaces/erratum-E8")
def test_the_printed_count_is_silent_at_width_one():
    assert claims.printed_pieces(width=1).state is State.SILENT


# Theorem 2.3.2

@pytest.mark.statement("function_spaces/theorem-2.3.2")
@pytest.mark.parametrize(("width", "depth"), [(2, 1), (2, 4), (3, 3), (5, 2)])
def test_the_family_is_as_described(width, depth):
    assert claims.hard_family(width=width, depth=depth, seed=width).state is State.HOLDS


@pytest.mark.statement("function_spaces/theorem-2.3.2")
def test_width_one_has_no_parameter_to_recover():
    assert silent_and_false(claims.hard_family(width=1))
    sigma = [hard_function(M, [()]).pwl for M in (1, 2)]
    assert sigma[0] == sigma[1]  # two points of the union, one function


@pytest.mark.statement("function_spaces/theorem-2.3.2")
def test_family_check_can_fail(monkeypatch):
    monkeypatch.setattr(claims.hard, "recover_parameters", lambda H, widths: (H.maximum + 1, H.breakpoints))
    assert claims.hard_family().state is State.VIOLATED


# Theorem 2.3.1 and the sharper gap

@pytest.mark.statement("function_spaces/theorem-2.3.1")
@pytest.mark.statement("function_spaces/ours-sharp-gap")
@pytest.mark.parametrize("width", [2, 3, 4])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_gap_holds_for_every_shallow_depth(width, depth):
    for shallow in range(1, depth + 1):
        for claim in (claims.representation_gap, claims.sharp_gap):
            verdict = claim(width=width, depth=depth, shallow=shallow, seed=7)
            assert verdict.state in (State.HOLDS, State.VACUOUS)
        assert claims.sharp_gap(width=width, depth=depth, shallow=shallow).bound >= claims.representation_gap(
            width=width, depth=depth, shallow=shallow).bound


@pytest.mark.statement("function_spaces/ours-sharp-gap")
@pytest.mark.parametrize(("width", "depth"), [(3, 3), (2, 3), (4, 2), (5, 1)])
def test_the_sharp_gap_is_attained_with_one_hidden_layer(width, depth):
    assert claims.sharp_gap(width=width, depth=depth, shallow=1).slack == 0


@pytest.mark.statement("function_spaces/theorem-2.3.1")
def test_the_printed_gap_says_nothing_new_for_two_ramps_at_full_depth():
    assert claims.representation_gap(width=2, depth=3, shallow=3).state is State.VACUOUS


@pytest.mark.statement("function_spaces/theorem-2.3.1")
def test_numbers_of_three_sawtooths_of_three():
    one, two = (claims.representation_gap(shallow=j) for j in (1, 2))
    assert (one.measured, one.bound, two.measured) == (27, Fraction(25, 2), 12)
    assert two.bound == pytest.approx(3**1.5 - 1)
    assert claims.sharp_gap(shallow=2).bound == pytest.approx(2 * 28**0.5 - 2)


@pytest.mark.statement("function_spaces/theorem-2.3.1")
@pytest.mark.statement("function_spaces/ours-sharp-gap")
@pytest.mark.parametrize("claim", [claims.representation_gap, claims.sharp_gap])
def test_the_gap_is_silent_without_its_hypotheses(claim):
    assert claim(width=1).state is State.SILENT
    assert claim(depth=1, net=TWO_GATES).state is State.SILENT
    assert silent_and_false(claim(net=GATE))  # a small net for another function


@pytest.mark.statement("function_spaces/theorem-2.3.1")
@pytest.mark.statement("function_spaces/ours-sharp-gap")
def test_more_layers_than_sawtooths():
    """Beyond k' = k the theorem is silent, though a net for H can have any number of layers."""
    H = random_hard_function((3, 3, 3), rng=np.random.default_rng(0))
    deeper = GATE.compose(H.net)  # σ ∘ H = H, since H ≥ 0 up to M; beyond M it is a ramp up for w odd
    verdict = claims.representation_gap(net=deeper)
    assert verdict.state is State.SILENT
    assert verdict.given == (True, False, True)


@pytest.mark.statement("function_spaces/ours-collapse")
@pytest.mark.parametrize(("width", "depth", "shallow"), [(2, 4, 2), (2, 3, 1), (3, 4, 2), (3, 2, 2), (4, 2, 1),
                                                          (1, 2, 1)])
def test_collapse_size(width, depth, shallow):
    assert claims.collapse_size(width=width, depth=depth, shallow=shallow).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-collapse")
def test_collapse_is_attained_and_needs_divisibility():
    assert claims.collapse_size(width=2, depth=3, shallow=1).slack == 0
    assert silent_and_false(claims.collapse_size(width=4, depth=3, shallow=2))
    printed = claims.representation_gap(width=3, depth=4, shallow=2)
    assert printed.measured <= 2 * (printed.bound + 1)  # the printed bound is right up to a factor two


@pytest.mark.statement("function_spaces/ours-collapse")
def test_collapse_check_can_fail(monkeypatch):
    monkeypatch.setattr(claims.hard, "collapse", lambda H, layers: GATE)
    assert claims.collapse_size().state is State.VIOLATED


# Corollaries 2.3.3 and 2.3.4, and E9

@pytest.mark.statement("function_spaces/corollary-2.3.3")
@pytest.mark.parametrize(("k", "eps"), [(2, 1), (2, 2), (2, Fraction(2)), (2, math.log2(5) - 1)])
def test_powers_of_sawtooths(k, eps):
    verdict = claims.gap_of_powers(k=k, eps=eps)
    assert verdict.state is State.HOLDS
    assert verdict.bound == gap_row(k, eps).shallow_bound


@pytest.mark.statement("function_spaces/corollary-2.3.3")
@pytest.mark.statement("function_spaces/corollary-2.3.4")
def test_compositions_too_large_to_draw_up_are_refused_with_their_size():
    for claim in (claims.gap_of_powers, claims.super_exponential_gap):
        with pytest.raises(ValueError, match=r"4294967296 ramps.*gap_row"):
            claim(k=4)


@pytest.mark.statement("function_spaces/corollary-2.3.3")
def test_powers_are_silent_without_their_hypotheses():
    assert claims.gap_of_powers(k=1).state is State.SILENT
    assert claims.gap_of_powers(k=3, eps=0).state is State.SILENT
    assert claims.gap_of_powers(k=2, eps=HALF).state is State.SILENT
    assert silent_and_false(claims.gap_of_powers(net=TWO_GATES))


@pytest.mark.statement("function_spaces/corollary-2.3.3")
@pytest.mark.statement("function_spaces/corollary-2.3.4")
def test_with_one_ramp_there_is_no_gap():
    """X: k = 1 gives w = 1, H is one rising piece, and the deep net is as large as any bound."""
    row = gap_row(1, 1)
    assert (row.deep_size, row.ratio) == (1, -0.5)
    assert hard_function(1, [()]).pwl.n_pieces == 2


@pytest.mark.statement("function_spaces/corollary-2.3.4")
def test_cubic_against_exponential():
    verdict = claims.super_exponential_gap(k=2)
    assert (verdict.state, verdict.bound) == (State.HOLDS, 3)
    assert verdict.bound == gap_row(2, 1).shallow_bound
    assert gap_row(3, 1).shallow_bound == Fraction(3**4, 2) - 1 > gap_row(3, 1).deep_size == 27


@pytest.mark.statement("function_spaces/corollary-2.3.4")
def test_cubic_is_silent_without_its_hypotheses():
    assert claims.super_exponential_gap(k=1).state is State.SILENT
    assert silent_and_false(claims.super_exponential_gap(net=TWO_GATES))
    H = random_hard_function((2,) * 4, rng=np.random.default_rng(0))
    assert claims.super_exponential_gap(net=H.net).state is State.SILENT  # computes H, with four hidden layers


@pytest.mark.statement("function_spaces/erratum-E9")
@pytest.mark.parametrize(("k", "eps", "true", "printed"), [(2, 1, 4, 7), (2, 2, 8, 15), (3, 0, 6, 8)])
def test_printed_dimension_is_refuted_and_the_corrected_one_holds(k, eps, true, printed):
    verdict = claims.printed_parameters(k=k, eps=eps)
    assert verdict.state is State.VIOLATED
    assert (verdict.measured, verdict.bound) == (true, printed)
    assert verdict.measured == k ** (2 + eps) - k ** (1 + eps) == gap_row(k, eps).parameters


@pytest.mark.statement("function_spaces/erratum-E9")
def test_printed_bound_of_the_corollary_is_true_but_weak():
    row = gap_row(3, 1)
    assert Fraction(3 * 3, 2) - 1 == Fraction(7, 2) < row.shallow_bound == Fraction(79, 2)
    assert row.parameters == 18 < 3**3 - 1


@pytest.mark.statement("function_spaces/erratum-E9")
def test_printed_dimension_is_silent():
    assert claims.printed_parameters(k=1).state is State.SILENT
    assert claims.printed_parameters(k=2, eps=HALF).state is State.SILENT


# Theorem 2.3.6, its inequality, E10 and the counterexample

@pytest.mark.statement("function_spaces/theorem-2.3.6-pieces")
@pytest.mark.parametrize(("q", "p"), [(2, 1), (8, 2), (8, 3), (9, 4), (27, 5), (64, 10)])
def test_a_wave_against_pieces(q, p):
    assert claims.wave_against_pieces(ramps=q, pieces=p).state is State.HOLDS


@pytest.mark.statement("function_spaces/theorem-2.3.6-pieces")
@pytest.mark.parametrize("q", [2, 4, 8, 10])
def test_the_bound_on_pieces_is_attained_by_the_constant(q):
    verdict = claims.wave_against_pieces(ramps=q, pieces=1, fit=PWL1D([], [0], [HALF]))
    assert (verdict.state, verdict.slack) == (State.HOLDS, 0)


@pytest.mark.statement("function_spaces/theorem-2.3.6-pieces")
def test_pieces_have_to_be_counted():
    """X: the wave itself has error 0 and q pieces; the bound for fewer is positive, so it must not be claimed."""
    assert silent_and_false(claims.wave_against_pieces(ramps=8, pieces=2, fit=triangle.ramps(8)))
    assert claims.wave_against_pieces(ramps=8, pieces=8).state is State.VACUOUS


@pytest.mark.statement("function_spaces/theorem-2.3.6")
@pytest.mark.parametrize(("width", "depth", "shallow"), [(2, 3, 1), (2, 4, 2), (3, 3, 1), (3, 4, 2), (4, 3, 3)])
def test_approximation_is_hard(width, depth, shallow):
    for delta in (Fraction(1, 100), Fraction(1, 16), Fraction(1, 8)):
        verdict = claims.hardness_of_approximation(width=width, depth=depth, shallow=shallow, delta=delta)
        assert verdict.state is State.HOLDS if all(verdict.given) else verdict.given == (True, True, True, False)


@pytest.mark.statement("function_spaces/theorem-2.3.6")
def test_the_threshold_is_asymptotically_attained():
    """One piece: the error is ¼, and δ = ¼ − 1/q is the largest that allows one gate, so the slack is below 1/q."""
    for depth in (3, 5, 7):
        q = 2**depth
        verdict = claims.hardness_of_approximation(depth=depth, shallow=1, delta=QUARTER - Fraction(1, q))
        assert verdict.state is State.HOLDS
        assert 0 < verdict.slack < Fraction(1, q)


@pytest.mark.statement("function_spaces/theorem-2.3.6")
@pytest.mark.statement("function_spaces/erratum-E10")
def test_approximation_is_silent_without_its_hypotheses():
    claim = claims.hardness_of_approximation
    assert claim(width=1).state is State.SILENT
    assert claim(shallow=5).state is State.SILENT
    assert silent_and_false(claim(delta=Fraction(3, 10)))  # the constant ½ has error ¼ with no gate
    assert claim(delta=QUARTER).measured == QUARTER  # so "> δ" fails already at δ = ¼
    assert silent_and_false(claim(depth=4, shallow=4, delta=Fraction(127, 512)))  # fewer gates than layers


@pytest.mark.statement("function_spaces/erratum-E10")
def test_the_closed_form_is_refuted_and_right_on_its_domain():
    assert claims.printed_triangle().state is State.VIOLATED
    assert (claims.printed_triangle().measured, claims.printed_triangle().bound) == (3, 5)
    for left, right in ((HALF, HALF), (0, 0), (0, Fraction(3, 2)), (1, 1), (Fraction(2, 3), Fraction(5, 4))):
        assert claims.printed_triangle(left=left, right=right).state is State.HOLDS
    assert claims.printed_triangle(left=HALF, right=HALF).measured == HALF


@pytest.mark.statement("function_spaces/erratum-E10")
def test_width_and_simplex_of_the_wave():
    wave = triangle.triangle_wave(3, 2)
    assert wave.net.widths == (3, 3)  # not w + 1
    assert [len(a) for a in wave.breakpoints] == [2, 2]  # a in Δ^(w − 1), not Δ^(q − 1)


@pytest.mark.statement("function_spaces/ours-few-gates")
@pytest.mark.parametrize(("width", "k"), [(2, 4), (2, 5), (3, 4), (5, 4), (2, 6)])
def test_one_gate_beats_the_printed_threshold_for_four_layers_and_more(width, k):
    delta = (1 - 2 * Fraction(2, k) ** k / width**k) / 4  # the largest that allows one gate
    assert claims.few_gates(width=width, depth=k, shallow=k, delta=delta).state is State.VIOLATED
    above = claims.approximation_size(ramps=width**k, delta=delta, net=triangle.one_gate_fit(width**k))
    assert above.state in (State.HOLDS, State.VACUOUS)  # the corrected form, on the same instance


@pytest.mark.statement("function_spaces/ours-few-gates")
@pytest.mark.parametrize("k", [1, 2, 3])
def test_one_gate_does_not_beat_it_for_three_layers_or_fewer(k):
    delta = (1 - 2 * Fraction(2, k) ** k / 2**k) / 4
    verdict = claims.few_gates(width=2, depth=k, shallow=k, delta=delta)
    assert verdict.satisfied


@pytest.mark.statement("function_spaces/ours-few-gates")
def test_few_gates_is_silent_without_its_hypotheses():
    assert claims.few_gates(width=1).state is State.SILENT
    assert claims.few_gates(shallow=5).state is State.SILENT
    assert claims.few_gates(delta=QUARTER).state is State.SILENT
    assert claims.few_gates(delta=Fraction(499, 2000)).state is State.SILENT  # no gate is allowed


@pytest.mark.statement("function_spaces/ours-approximation-size")
@pytest.mark.parametrize("q", [8, 16, 27])
@pytest.mark.parametrize("delta", [Fraction(1, 100), Fraction(1, 16), Fraction(1, 5)])
def test_gates_needed_for_an_error(q, delta):
    assert claims.approximation_size(ramps=q, delta=delta).state in (State.HOLDS, State.VACUOUS)


@pytest.mark.statement("function_spaces/ours-approximation-size")
def test_gates_needed_holds_for_the_deep_net_too():
    wave = triangle.triangle_wave(2, 6)
    verdict = claims.approximation_size(ramps=64, delta=Fraction(1, 100), net=wave.net)
    assert verdict.measured == 12
    assert verdict.satisfied


@pytest.mark.statement("function_spaces/ours-approximation-size")
def test_gates_needed_is_silent_and_needs_the_distance():
    assert silent_and_false(claims.approximation_size(net=GATE))
    assert claims.approximation_size(delta=Fraction(3, 10)).state is State.SILENT


@pytest.mark.statement("function_spaces/ours-approximation-size")
def test_it_agrees_with_the_fewest_gates_where_the_fit_is_known_to_be_best():
    """With δ just below ¼ and q even no constant is enough: one gate is needed, and one more piece."""
    assert triangle.size_needed(8, 1, Fraction(249, 1000)) == 1


# The remark on Telgarsky

@pytest.mark.statement("function_spaces/remark-telgarsky")
@pytest.mark.parametrize("k", [2, 3, 4, 6])
def test_beyond_telgarsky(k):
    verdict = claims.beyond_telgarsky(k=k)
    assert verdict.state is State.HOLDS
    # 2^{k²} with all constants: s = ½ k (½ 2^{k³} 15/16)^{1/k} lies within a factor two below ½ k 2^{k²}
    assert k * 2 ** (k * k) / 4 <= verdict.measured + 1 <= k * 2 ** (k * k) / 2 + 1


@pytest.mark.statement("function_spaces/remark-telgarsky")
def test_remark_is_silent_and_false_at_one():
    assert silent_and_false(claims.beyond_telgarsky(k=1))


@pytest.mark.statement("function_spaces/remark-telgarsky")
def test_the_bound_stated_without_its_constants_is_met_with_equality_by_our_nets():
    """Remark (ii) drops ½ and −1: k' w^{k/k'} gates, exactly what the collapsed nets have when k' divides k, w odd."""
    H = random_hard_function((3,) * 4, rng=np.random.default_rng(0))
    assert [collapse(H, j).size for j in (1, 2, 4)] == [3**4, 2 * 3**2, 4 * 3]
