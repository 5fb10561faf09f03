"""Sums of ReLU gates over the plane: Proposition 2.5.2 and the decision procedure with its certificates."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.function_spaces.exercises.one_hidden import check_flat_maximum, check_symmetric_maximum
from mathdl.function_spaces.explorers.one_hidden import FUNCTIONS, Kinks, draw_kinks, explore_kinks, net_of
from mathdl.function_spaces.one_hidden_layer import Line, is_one_hidden_layer, jump_across, kink_edges
from mathdl.function_spaces.theorems.one_hidden import (
    certificate_holds,
    decision_is_right,
    max_is_no_sum,
    max_of_linear,
)
from mathdl.nets.pwl2d import PWL2D
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

MAX = max_of_linear((1, 0), (0, 1))
integers = st.integers(-4, 4)


def one_layer(gates, slope=(0, 0), constant=0):
    """Σ c σ(a·x + b) + slope·x + constant as a net with one hidden layer; gates are (a1, a2, b, c)."""
    rows = [*((a1, a2) for a1, a2, _, _ in gates), slope, tuple(-s for s in slope)]
    return ReLUNet([rows, [[*(g[3] for g in gates), 1, -1]]], [[*(g[2] for g in gates), 0, 0], [constant]], exact=True)


def same_on_plane(f, g):
    """True when two nets on the plane are equal everywhere: their difference is affine on finitely many cells."""
    return set(PWL2D.from_net(f.add(g.scaled(Fraction(-1)))).functions) == {(0, 0, 0)}


@pytest.mark.statement("function_spaces/proposition-2.5.2")
@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.tuples(integers, integers), st.tuples(integers, integers))
def test_the_maximum_with_two_linear_functions_breaks_three_lines_or_none(a, b):
    verdict = max_is_no_sum(a=a, b=b)
    parallel = a[0] * b[1] == a[1] * b[0]
    assert verdict.state is (State.SILENT if parallel else State.HOLDS)
    assert verdict.measured == (0 if parallel else 3)  # without the hypothesis the conclusion fails: no line breaks


@pytest.mark.statement("function_spaces/proposition-2.5.2")
def test_the_witnesses_of_the_maximum_are_its_three_rays():
    found = {w.edge.line.normal: w for w in is_one_hidden_layer(MAX).witnesses}
    assert set(found) == {(0, 1), (1, 0), (1, -1)}
    diagonal = found[1, -1]
    assert (diagonal.edge.start, diagonal.edge.stop, diagonal.edge.jump) == (0, math.inf, 1)
    line = diagonal.edge.line
    assert jump_across(MAX, line, (1, 1)) == 1  # the gradient jumps by ±(1, −1) at (1, 1)
    assert jump_across(MAX, line, (-1, -1)) == 0 == diagonal.jump_there


@pytest.mark.statement("function_spaces/ours-one-hidden-layer-test")
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(integers, integers, integers, integers), max_size=5), st.tuples(integers, integers), integers)
def test_every_net_with_one_hidden_layer_is_accepted_and_reconstructed(gates, slope, constant):
    net = one_layer(gates, slope, constant)
    answer = is_one_hidden_layer(net)
    assert answer
    assert same_on_plane(answer.net, net)
    assert answer.net.size <= len({Line.through_zeros(g[:3]) for g in gates if any(g[:2])}) + 2
    assert len(answer.edges) == len({e.line for e in answer.edges})


@pytest.mark.statement("function_spaces/ours-one-hidden-layer-test")
@pytest.mark.parametrize("seed", range(12))
def test_gates_in_general_position_are_recovered_without_extra_ones(seed):
    net = random_net((2, 5, 1), rng=np.random.default_rng(seed), exact=True)
    lines = {Line.through_zeros((*w, b)) for w, b in zip(net.weights[0], net.biases[0], strict=True) if any(w)}
    answer = is_one_hidden_layer(net)
    if len(lines) == 5 and all(net.weights[1][0] != 0):
        assert answer.net.size == 5
        assert {e.line for e in answer.edges} == lines


@pytest.mark.statement("function_spaces/ours-one-hidden-layer-test")
@pytest.mark.parametrize("seed", range(4))
def test_answers_for_random_nets_pass_their_certificates(seed):
    assert decision_is_right(nets=6, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-one-hidden-layer-test")
@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 999), st.tuples(integers, integers), st.tuples(integers, integers))
def test_a_maximum_hidden_among_gates_is_found(seed, a, b):
    rng = np.random.default_rng(seed)
    net = random_net((2, 2, 1), rng=rng, exact=True).add(max_of_linear(a, b))
    answer = is_one_hidden_layer(net)
    assert certificate_holds(net, rng=rng)
    if a[0] * b[1] == a[1] * b[0]:
        assert answer


@pytest.mark.parametrize("seed", range(6))
def test_jumps_of_all_edges_against_restrictions_to_normals(seed):
    rng = np.random.default_rng(seed)
    net = random_net((2, 3, 3, 1), rng=rng, exact=True)
    for edge in is_one_hidden_layer(net).edges:
        low, high = (max(min(t, 10**6), -(10**6)) for t in (edge.start, edge.stop))
        t = low + (high - low) * Fraction(int(rng.integers(1, 10**6)), 10**6 + 3)  # on no other kink, but for bad luck
        assert jump_across(net, edge.line, edge.line.at(t)) == edge.jump


def test_two_gates_on_one_line_can_cancel():
    opposite = ReLUNet([[[1, 0], [-1, 0]], [[1, -1]]], [[0, 0], [0]])  # σ(x1) − σ(−x1) = x1
    answer = is_one_hidden_layer(opposite)
    assert answer.edges == ()
    assert same_on_plane(answer.net, opposite.exact())
    # Without merging, "the kinks are the union of the gates' lines" would put a kink on x1 = 0:
    assert jump_across(opposite, Line(1, 0, Fraction(0)), (0, 1)) == 0


def test_absolute_values_need_their_pairs_of_gates():
    answer = is_one_hidden_layer(net_of(Kinks(FUNCTIONS[1])))
    assert answer.net.size == 4
    assert {(e.line.normal, e.jump, e.start, e.stop) for e in answer.edges} == {
        ((1, 0), 2, -math.inf, math.inf), ((0, 1), 2, -math.inf, math.inf)}
    assert str(answer) == "one hidden layer of 4 gates"


def test_affine_and_constant_functions():
    assert is_one_hidden_layer(ReLUNet.affine([[2, 3]], [1])).net.size == 2
    constant = is_one_hidden_layer(ReLUNet.affine([[0, 0]], [7]))
    assert constant.net.size == 0
    assert constant.net(np.zeros((1, 2)))[0, 0] == 7


WEDGES = [([(0, 0), (2, 0), (2, 2)], (1, 0, 0)), ([(0, 0), (2, 2), (-2, 2), (-2, 0)], (0, 1, 0)),
          ([(-2, -2), (0, -2), (0, 0), (-2, 0)], (0, 0, 0)), ([(0, 0), (0, -2), (2, -2), (2, 0)], (1, 0, 0))]


def test_cells_given_by_hand_decide_like_the_net():
    by_hand, by_net = is_one_hidden_layer(PWL2D(WEDGES)), is_one_hidden_layer(MAX)
    assert {(e.line, e.jump) for e in by_hand.edges} == {(e.line, e.jump) for e in by_net.edges}
    assert all(max(abs(e.start), abs(e.stop)) <= 2 for e in by_hand.edges)
    assert len(by_hand.witnesses) == 3


def test_a_window_that_sees_only_full_chords_accepts_the_maximum():
    window = PWL2D([([(1, 1), (3, 1), (3, 3)], (1, 0, 0)), ([(1, 1), (3, 3), (1, 3)], (0, 1, 0))])
    answer = is_one_hidden_layer(window)
    x = np.array([[Fraction(a, 10), Fraction(b, 10)] for a in range(10, 31, 3) for b in range(10, 31, 3)])
    assert answer.net.size == 3  # σ(x1 − x2) + x2, where x2 costs two
    assert (answer.net(x)[:, 0] == window(x)).all()
    stops = PWL2D([([(0, 0), (2, 0), (2, 2), (0, 2)], (0, 0, 0)), ([(2, 0), (4, 0), (4, 1), (2, 1)], (1, 0, -2)),
                   ([(2, 1), (4, 1), (4, 2), (2, 2)], (1, 0, -2))])  # one chord in two edges, with the same jump
    assert is_one_hidden_layer(stops).net.size == 1


def test_neighbouring_edges_with_different_jumps_are_a_witness_too():
    # σ(x2) + max(0, x1, x2) jumps by 2 on the left half of x2 = 0 and by 1 on its right half: no gap on that line
    net = ReLUNet([[[0, 1]], [[1]]], [[0], [0]]).add(MAX)
    answer = is_one_hidden_layer(net)
    on_axis = [e for e in answer.edges if e.line == Line(0, 1, Fraction(0))]
    assert sorted((e.start, e.stop, e.jump) for e in on_axis) == [(-math.inf, 0, 1), (0, math.inf, 2)]
    witness = next(w for w in answer.witnesses if w.edge in on_axis)
    assert (witness.edge.jump, witness.jump_there) == (1, 2)
    assert certificate_holds(net, rng=np.random.default_rng(0))


def test_lines_have_one_name():
    rows = [(2, -4, 6), (-1, 2, -3), (Fraction(1, 3), Fraction(-2, 3), 1)]
    assert {Line.through_zeros(r) for r in rows} == {Line(1, -2, Fraction(3))}
    assert [str(Line(*map(int, r))) for r in ((1, -2, 3), (0, 1, 0), (3, 0, -1))] == [
        "x1 - 2 x2 + 3 = 0", "x2 = 0", "3 x1 - 1 = 0"]
    assert Line(3, 4, Fraction(5)).at(0) == (Fraction(-3, 5), Fraction(-4, 5))


def test_positions_and_points_of_a_line_belong_together():
    line = Line.through_zeros((3, 4, 5))
    for t in (Fraction(-7, 3), Fraction(0), Fraction(2)):
        x, y = line.at(t)
        assert 3 * x + 4 * y + 5 == 0
        d = x.denominator * y.denominator
        assert line.position((int(x * d), int(y * d), d)) == t
    assert [line.position((s * 4, -s * 3, 0)) for s in (1, -1)] == [-math.inf, math.inf]


@pytest.mark.parametrize("net", [ReLUNet.affine([[1, 0], [0, 1]], [0, 0]), ReLUNet.affine([[1]], [0])])
def test_nets_that_are_not_functions_of_the_plane_are_refused(net):
    with pytest.raises(ValueError, match="R\\^2 -> R"):
        is_one_hidden_layer(net)


def test_the_picture_shows_the_edges_and_the_witness():
    plane, jumps = draw_kinks(Kinks()).axes
    drawn = [tuple(zip(*line.get_data(), strict=True)) for line in plane.get_lines()]
    assert ((0.0, 0.0), (3.0, 3.0)) in drawn  # the diagonal ray
    assert ((-3.0, 0.0), (3.0, 0.0)) in [tuple(sorted(d)) for d in drawn]  # the broken line, dotted through
    assert [text.get_text() for text in plane.get_legend().get_texts()] == ["jump 1", "jump 0"]
    assert all(set(line.get_ydata()) == {0.0, 1.0} for line in jumps.get_lines())
    assert "not one hidden layer" in jumps.get_title()
    full = draw_kinks(Kinks(FUNCTIONS[1])).axes[1]
    assert all(max(line.get_ydata()) == 2.0 and list(line.get_ydata()).count(2.0) == 2 for line in full.get_lines())
    assert draw_kinks(Kinks(FUNCTIONS[2])).axes[0].texts[0].get_text() == "no kinks at all"


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("seed", [0, 7, 30])
def test_every_choice_draws_and_says_what_it_found(function, seed):
    picture = draw_kinks(Kinks(function, seed))
    answer = is_one_hidden_layer(net_of(Kinks(function, seed)))
    assert ("not one hidden layer" in picture.alt) == (not answer)
    assert len(picture.axes[1].get_lines()) == len({e.line for e in answer.edges})


def test_the_explorer_moves_the_picture():
    explorer = explore_kinks()
    explorer.controls["function"].value = FUNCTIONS[3]
    assert explorer.state == Kinks(FUNCTIONS[3])


def test_exercises_accept_right_answers_and_keep_them_to_themselves():
    half = Fraction(1, 2)
    assert check_symmetric_maximum((half, 0.5, half)).right
    assert check_flat_maximum(((1, 2), (-2, -4))).right
    wrong = (check_symmetric_maximum((1, 1, 1)), check_symmetric_maximum(3), check_flat_maximum(((1, 0), (0, 1))),
             check_flat_maximum(((1, 0), (1, 0))), check_flat_maximum("ab"))
    assert [f.right for f in wrong] == [False] * 5
    assert check_symmetric_maximum(...).right is check_flat_maximum(...).right is None


def test_edges_of_cells_without_kinks_are_none():
    squares = [[(i, 0), (i + 1, 0), (i + 1, 1), (i, 1)] for i in range(2)]
    assert kink_edges(PWL2D([(square, (1, 2, 3)) for square in squares])) == ()
    assert len(kink_edges(PWL2D([(square, (i, 2, 3 - i)) for i, square in enumerate(squares)]))) == 1
