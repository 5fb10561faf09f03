"""Statements on zonotope functions: they hold, are attained, fall silent, and fail without their hypotheses."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.function_spaces.complexity import comp_table
from mathdl.function_spaces.generators import is_generic, random_generic
from mathdl.function_spaces.hard import hinge_net
from mathdl.function_spaces.support_net import support_net
from mathdl.function_spaces.theorems import zonotopes as T
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.function_spaces.zonotope_function import ZonotopeFunction, even_knots
from mathdl.nets.relu_net import ReLUNet

PARALLEL = ((1, 0), (0, 1), (1, 1), (2, 2), (1, -2))
seeds = st.integers(0, 10 ** 6)
few = settings(max_examples=10)


def drawn(n, m, seed):
    return tuple(map(tuple, random_generic(n, m, rng=np.random.default_rng(seed))))


@pytest.mark.statement("function_spaces/definition-6")
@pytest.mark.parametrize(("n", "k", "w", "gates"),
                         [(1, 3, 3, "2m"), (2, 2, 6, "2m"), (2, 3, 5, "m+2"), (3, 2, 6, "m+2")])
def test_complexity_is_reached(n, k, w, gates):
    for seed in (1, 2):
        assert T.family_complexity(dimension=n, hidden_layers=k, width=w, gates=gates, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-6")
def test_complexity_is_silent_outside_depth_and_width_and_wider_or_deeper_nets_have_more():
    wide, deep = T.family_complexity(generators=4), T.family_complexity(depth=3)
    assert (wide.given, deep.given) == ((True, False), (False, True))
    assert wide.state is deep.state is State.SILENT
    assert min(wide.measured, deep.measured) > wide.bound == comp_table(2, 3, 4).zonotope


@pytest.mark.statement("function_spaces/definition-7")
@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 5), (4, 3)])
def test_support_is_the_maximum(n, m):
    verdict = T.zonotope_support(dimension=n, generators=m, directions=20, seed=1)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-12


@pytest.mark.statement("function_spaces/definition-7")
def test_a_wrong_support_function_is_seen(monkeypatch):
    monkeypatch.setattr(Zonotope, "support", lambda self, r: abs((r @ self.generators.T).sum(axis=1)))
    assert T.zonotope_support(directions=5).state is State.VIOLATED


@pytest.mark.statement("function_spaces/theorem-2.3.7")
@few
@given(st.integers(1, 4), st.integers(1, 6), seeds)
def test_generic_tuples_have_all_vertices(n, m, seed):
    assert T.zonotope_vertices(generators=drawn(n, m, seed)).state is State.HOLDS


@pytest.mark.statement("function_spaces/theorem-2.3.7")
def test_parallel_generators_lose_vertices():
    verdict = T.zonotope_vertices(generators=PARALLEL)
    assert verdict.state is State.SILENT
    assert (verdict.measured, verdict.bound) == (8, 10)


@pytest.mark.statement("function_spaces/theorem-2.3.7")
@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=1, max_size=6))
def test_no_tuple_has_more_vertices(B):
    verdict = T.zonotope_vertices(generators=B)
    assert verdict.measured <= verdict.bound


@pytest.mark.statement("function_spaces/definition-8")
@pytest.mark.parametrize(("n", "m", "largest"), [(2, 4, 9), (3, 4, 3), (4, 3, 1), (3, 3, 2)])
def test_extremal_means_generic(n, m, largest):
    assert T.extremal_tuples(dimension=n, generators=m, tuples=300, largest=largest, seed=2).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-8")
def test_on_the_line_a_zero_generator_costs_no_vertex():
    verdict = T.extremal_tuples(dimension=1, generators=3)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0


@pytest.mark.statement("function_spaces/definition-8")
def test_extremal_is_silent_when_all_tuples_are_of_one_kind():
    assert T.extremal_tuples(dimension=2, generators=1, tuples=5).state is State.SILENT


@pytest.mark.statement("function_spaces/definition-8")
def test_the_printed_count_would_make_the_parallel_pairs_extremal():
    # With the printed count, S(2, 2) asks for 2 vertices: those are the parallel pairs, a null set.
    two = [B for B in ([(1, 0), (0, 1)], [(1, 2), (2, 4)], [(1, 1), (1, -1)]) if len(Zonotope(B).vertices()) == 2]
    assert two == [[(1, 2), (2, 4)]]
    assert not is_generic(two[0])


@pytest.mark.statement("function_spaces/lemma-2.3.8")
@few
@given(st.integers(1, 3), st.integers(1, 5), seeds)
def test_support_net_of_the_lemma(n, m, seed):
    assert T.support_as_net(generators=drawn(n, m, seed), seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.3.8")
def test_one_sign_copy_alone_is_not_even():
    B = np.array(T.PLANE_FOUR)
    half = ReLUNet([B, [[1] * len(B)]], [[0] * len(B), [0]], exact=True)
    assert T.size_if_equal(half, B, 0) == math.inf
    x = np.array([(3, 1)])
    assert half(x) != half(-x)


@pytest.mark.statement("function_spaces/ours-zonotope-net")
@few
@given(st.integers(1, 3), st.integers(3, 6), seeds)
def test_cheaper_support_net(n, m, seed):
    verdict = T.zonotope_net(generators=drawn(n, m, seed), seed=seed)
    assert verdict.state is State.HOLDS
    assert verdict.slack == 0  # m + 2 gates, no more


@pytest.mark.statement("function_spaces/ours-zonotope-net")
def test_m_gates_when_signs_balance():
    verdict = T.zonotope_net(generators=((1, 0), (0, 1), (1, 1)), gates="m")
    assert (verdict.state, verdict.measured, verdict.bound) == (State.HOLDS, 3, 3)


@pytest.mark.statement("function_spaces/ours-zonotope-net")
def test_m_gates_are_too_few_without_balance():
    B = ((1, 0), (0, 1), (1, 2))
    assert T.zonotope_net(generators=B, gates="m").state is State.SILENT
    # A net with m gates has to bend on the m lines: it is Σ 2 σ(±z_i), and no gate is left for a linear part.
    for signs in np.ndindex(2, 2, 2):
        flipped = (1 - 2 * np.array(signs))[:, None] * np.array(B)
        assert T.size_if_equal(ReLUNet([flipped, [[2] * 3]], [[0] * 3, [0]], exact=True), B, 0) == math.inf


@pytest.mark.statement("function_spaces/ours-zonotope-net")
def test_two_generators_gain_nothing():
    assert T.zonotope_net(generators=((1, 0), (0, 1))).state is State.VACUOUS


@pytest.mark.statement("function_spaces/proposition-2.3.9")
@few
@given(st.integers(1, 3), st.integers(1, 4), st.integers(2, 3), st.integers(1, 2), seeds)
def test_pieces_follow_the_formula(n, m, w, k, seed):
    verdict = T.zonotope_function_pieces(generators=drawn(n, m, seed), width=w, depth=k)
    assert verdict.state is State.HOLDS


@pytest.mark.statement("function_spaces/proposition-2.3.9")
def test_pieces_are_lost_with_parallel_generators():
    verdict = T.zonotope_function_pieces(generators=PARALLEL)
    assert verdict.state is State.SILENT
    assert (verdict.measured, verdict.bound) == (33, 41)


@pytest.mark.statement("function_spaces/proposition-2.3.9")
def test_width_one_is_outside():
    assert T.zonotope_function_pieces(width=1).state is State.SILENT


@pytest.mark.statement("function_spaces/theorem-2.3.10")
@few
@given(st.integers(2, 3), st.integers(1, 4), st.integers(2, 3), st.integers(1, 2), seeds)
def test_parameters_are_read_off(n, m, w, k, seed):
    assert T.zonotope_parameters(generators=drawn(n, m, seed), width=w, depth=k, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/theorem-2.3.10")
@pytest.mark.parametrize(("instance", "answers"), [
    ({"generators": PARALLEL}, (False, True, True)), ({"generators": ((1,), (2,))}, (True, False, True)),
    ({"width": 1}, (True, True, False))])
def test_parameters_are_lost_without_the_hypotheses(instance, answers):
    verdict = T.zonotope_parameters(**instance)
    assert (verdict.state, verdict.given) == (State.SILENT, answers)
    assert verdict.measured > 0


@pytest.mark.statement("function_spaces/theorem-2.3.10")
def test_parameters_of_one_generator_on_the_line():
    assert T.zonotope_parameters(generators=((3,),)).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-line-restriction")
@few
@given(st.integers(2, 3), st.integers(1, 4), st.integers(2, 3), st.integers(1, 2), seeds)
def test_the_deep_net_respects_the_line(n, m, w, k, seed):
    assert T.line_restriction_bound(generators=drawn(n, m, seed), width=w, depth=k).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-line-restriction")
@pytest.mark.parametrize(("w", "k"), [(2, 2), (4, 2), (2, 3)])
def test_one_hidden_layer_attains_the_line_bound(w, k):
    f = ZonotopeFunction(1, even_knots(w, k), [(1,)])
    shallow = hinge_net(f.line_restriction([0], [1]))
    verdict = T.line_restriction_bound(generators=((1,),), width=w, depth=k, net=shallow)
    assert (verdict.state, verdict.slack) == (State.HOLDS, 0)


@pytest.mark.statement("function_spaces/ours-line-restriction")
def test_parallel_generators_escape_the_line_bound():
    B = ((1,), (2,), (3,), (4,), (5,))
    shallow = hinge_net(ZonotopeFunction(1, even_knots(2, 2), B).line_restriction([0], [1]))
    verdict = T.line_restriction_bound(generators=B, net=shallow)
    assert verdict.given == (True, False)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("function_spaces/ours-line-restriction")
def test_another_net_escapes_the_line_bound():
    verdict = T.line_restriction_bound(net=support_net(T.PLANE_FOUR, "m+2"))
    assert verdict.given == (False, True)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


@pytest.mark.statement("function_spaces/erratum-E11")
@pytest.mark.parametrize("B", [((1, 0), (0, 1)), ((3,),), T.SPACE_SEVEN])
def test_the_printed_vertex_count_fails_and_the_corrected_one_holds(B):
    assert T.printed_vertex_count(generators=B).state is State.VIOLATED
    assert T.zonotope_vertices(generators=B).state is State.HOLDS


@pytest.mark.statement("function_spaces/erratum-E12")
@pytest.mark.parametrize(("B", "printed"), [(T.SPACE_SIX, "proposition"), (T.SPACE_SIX, "theorem"),
                                            (T.PLANE_FOUR, "proposition"), (T.PLANE_FOUR, "theorem")])
def test_the_printed_piece_counts_fail_and_the_corrected_one_holds(B, printed):
    assert T.printed_piece_count(generators=B, printed=printed).state is State.VIOLATED
    assert T.zonotope_function_pieces(generators=B, depth=1).state is State.HOLDS


@pytest.mark.statement("function_spaces/erratum-E12")
def test_the_proposition_is_neither_a_lower_nor_an_upper_bound():
    over, under = T.printed_piece_count(), T.printed_piece_count(generators=T.PLANE_FOUR)
    assert (over.measured, over.bound) == (104, 250)
    assert under.measured > under.bound
    B = tuple((1, t, t ** 2, t ** 3) for t in range(-5, 6))
    assert len(Zonotope(B).vertices()) == 352 < 10 ** 3


@pytest.mark.statement("function_spaces/erratum-E12")
def test_the_printed_piece_count_is_silent_off_its_hypotheses():
    assert T.printed_piece_count(generators=PARALLEL).state is State.SILENT
    assert T.printed_piece_count(generators=T.PLANE_FOUR, width=1).state is State.SILENT


@pytest.mark.statement("function_spaces/erratum-E13")
@pytest.mark.parametrize("m", [1, 2, 3])
def test_signs_and_order_give_one_function(m):
    B = drawn(2, m, 5)
    verdict = T.printed_one_to_one(generators=B)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == 2 ** m * math.factorial(m)
    assert T.zonotope_parameters(generators=B).state is State.HOLDS


@pytest.mark.statement("function_spaces/erratum-E13")
def test_one_to_one_is_silent_off_its_hypotheses():
    assert T.printed_one_to_one(generators=((1, 2), (2, 4))).state is State.SILENT
    assert T.printed_one_to_one(width=1).state is State.SILENT


@pytest.mark.statement("function_spaces/erratum-E13-ii")
@pytest.mark.parametrize(("B", "k"), [(((1,),), 6), (((1, 2),), 9), (((1, 0), (0, 1)), 24), (T.PLANE_FOUR, 26)])
def test_the_printed_size_bound_fails_in_one_and_two_dimensions(B, k):
    assert T.printed_size_bound(generators=B, depth=k).state is State.VIOLATED


@pytest.mark.statement("function_spaces/erratum-E13-ii")
def test_the_corrected_size_bound_holds_where_the_printed_one_fails():
    from mathdl.function_spaces.gap import min_size_lower_bound

    verdict = T.printed_size_bound()
    assert (verdict.measured, verdict.bound) == (29, 30)
    assert min_size_lower_bound(2 * 5 ** 6, 6) == 28 <= verdict.measured


@pytest.mark.statement("function_spaces/erratum-E13-ii")
def test_the_printed_size_bound_stands_at_small_depth_and_off_its_hypotheses():
    assert T.printed_size_bound(depth=5).state is State.HOLDS
    assert T.printed_size_bound(generators=PARALLEL, depth=2).state is State.SILENT


@pytest.mark.parametrize("name", ["family_complexity", "zonotope_support", "zonotope_vertices", "extremal_tuples",
                                  "support_as_net", "zonotope_net", "zonotope_function_pieces", "zonotope_parameters",
                                  "line_restriction_bound", "printed_vertex_count", "printed_piece_count",
                                  "printed_one_to_one", "printed_size_bound"])
def test_default_instances_reach_their_states(name):
    check = getattr(T, name)
    expected = State.VIOLATED if "erratum" in check.theorem.id else State.HOLDS
    assert check().state is expected
