"""Pieces in the book: statements, examples, the trained net, pictures read back, explorers, exercises."""

from fractions import Fraction
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PolyCollection

from mathdl.core.figures import INK
from mathdl.core.theorem import State
from mathdl.function_spaces import digits as digits_module
from mathdl.function_spaces.digits import (
    GRID,
    accuracy,
    digit_net,
    save_digit_net,
    train_digits,
    two_digits,
)
from mathdl.function_spaces.exercises.pieces import check_another_set, check_hidden_kinks, check_touching_pieces
from mathdl.function_spaces.explorers.pieces import (
    NORMAL,
    SIGNS,
    Digits,
    RandomRegions,
    Vees,
    draw_digits,
    draw_random_regions,
    draw_touching,
    draw_vees,
    explore_digits,
    explore_random_regions,
    explore_vees,
    plane_net,
)
from mathdl.function_spaces.figures.pieces import region_figure
from mathdl.function_spaces.piece_examples import agreement_sets, example_nets, grid_pieces, random_grid_net, step
from mathdl.function_spaces.theorems.pieces import (
    edge_to_edge,
    maximal_connected_sets,
    number_of_pieces,
    piece_examples,
)
from mathdl.nets.piece_bounds import region_bound
from mathdl.nets.pieces import count_pieces
from mathdl.nets.pwl2d import PWL2D
from mathdl.nets.random_nets import random_net
from mathdl.nets.regions import linear_regions
from mathdl.nets.relu_net import ReLUNet

DEFINITION = pytest.mark.statement("function_spaces/definition-3")
ERRATUM = pytest.mark.statement("function_spaces/erratum-E2")
EDGES = pytest.mark.statement("function_spaces/ours-edge-to-edge")
PLANE_EXAMPLES = [name for name, net in example_nets().items() if net.n_inputs == 2]


# Definition 3

@DEFINITION
@pytest.mark.parametrize("mode", ["open", "closed"])
@pytest.mark.parametrize("function", list(example_nets()))
def test_definition_3_two_ways_of_counting_agree(function, mode):
    assert number_of_pieces(function=function, mode=mode).state is State.HOLDS


@DEFINITION
@pytest.mark.parametrize(("function", "pieces"), [("|x|", 2), ("|x1| + |x2|", 4), ("max(0, x1, x2)", 3)])
def test_definition_3_on_the_functions_counted_by_hand(function, pieces):
    assert number_of_pieces(function=function).measured == pieces


@DEFINITION
def test_definition_3_is_silent_on_cells_that_jump_and_the_counts_part():
    verdict = number_of_pieces(function="step")
    assert verdict.state is State.SILENT
    assert verdict.measured == 2 != verdict.bound
    assert "step" in piece_examples()
    with pytest.raises(ValueError, match="expected one of .*; got 'sine'"):
        number_of_pieces(function="sine")


def test_flood_fill_gets_too_many_pieces_off_its_grid():
    """A kink through the middle of cells, or a jump: the cells where the function is not affine stay alone."""
    off = ReLUNet([[(2, 0)], [[1]]], [[-1], [0]], exact=True)  # bends at x1 = 1/2
    assert count_pieces(off) == 2
    assert grid_pieces(lambda x: off(x)[:, 0], 2) == 2 + 2 * 10
    assert grid_pieces(step, 2) == 2 + 2 * 10


# Erratum E2

@ERRATUM
@pytest.mark.parametrize("sets", [1, 12, 40])
def test_the_printed_definition_gives_more_pieces_than_any_bound(sets):
    verdict = maximal_connected_sets(sets=sets)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == 2 + sets
    assert number_of_pieces(function="|x1|").state is State.HOLDS  # the corrected form, same function


@ERRATUM
def test_the_printed_definition_is_right_where_f_has_no_kink():
    assert maximal_connected_sets(function="x1").state is State.HOLDS
    assert maximal_connected_sets(sets=0).state is State.HOLDS


@ERRATUM
@pytest.mark.parametrize("options", [{"function": "|x|"}, {"function": "step"}, {"sets": -1}])
def test_the_erratum_names_the_functions_it_knows(options):
    with pytest.raises(ValueError, match=r"expected one of x1, \|x1\|"):
        maximal_connected_sets(**options)


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(-3, 3), st.sampled_from([1, Fraction(1, 2), Fraction(-3, 7)]))
def test_agreement_sets_agree_and_span(seed, c, a):
    net = random_grid_net(4, rng=np.random.default_rng(seed))
    f = PWL2D.from_net(net)
    for points in agreement_sets(f, (a, 1, c)):
        x = np.array(points, dtype=object)
        assert (net(x)[:, 0] == a * x[:, 0] + x[:, 1] + c).all()


def test_agreement_sets_of_the_absolute_value():
    f = PWL2D.from_net(example_nets()["|x1|"])
    (v,) = agreement_sets(f, (0, 1, 2))
    assert (0, -2) in v
    assert len(agreement_sets(f, (1, 0, 0))) == 1  # a piece is such a set, too
    assert agreement_sets(f, (1, 0, 1)) == []  # |x1| = x1 + 1 is the line x1 = -1/2
    assert agreement_sets(f, (0, 0, -1)) == []
    assert agreement_sets(f, (0, 0, 1)) == []  # two lines, each connected alone
    u = PWL2D.from_net(example_nets()["|x1| + |x2|"])
    assert len(agreement_sets(u, (0, 0, 1))) == 1  # the square |x1| + |x2| = 1


# Ours: edge to edge

@EDGES
@settings(max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from([(2, 5, 1), (2, 4, 4, 1), (2, 3, 3, 3, 1)]))
def test_regions_meet_edge_to_edge(seed, widths):
    assert edge_to_edge(widths=widths, seed=seed).state is State.HOLDS


@EDGES
def test_gates_that_jump_leave_corners_inside_edges():
    verdict = edge_to_edge(jump=1)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0
    assert edge_to_edge(widths=(2, 5, 1), jump=1).measured == 0  # one layer of lines cannot see the jump


# The trained net

def test_the_digits_are_centred_scaled_and_named():
    d = two_digits(3, 5)
    assert d.points.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert d.points.std(axis=0) == pytest.approx([1, 1])
    assert d.names == ("3", "5")
    assert set(d.labels) == {-1, 1}
    assert d.held_out.sum() == len(d.labels) // 3
    for bad in ((3, 3), (-1, 2), (1, 10)):
        with pytest.raises(ValueError, match="two different digits"):
            two_digits(*bad)


def test_training_lowers_the_loss_and_only_its_generator_decides():
    d, state = two_digits(), torch.random.get_rng_state()
    runs = [train_digits(d, hidden=(8, 8), steps=25, generator=torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    (net, losses), (_, again), (_, other) = runs
    assert losses[-1] < 0.7 * losses[0]
    assert (losses == again).all()
    assert losses[0] != other[0]
    assert (torch.random.get_rng_state() == state).all()
    assert ReLUNet.from_torch(net).widths == (8, 8)


def test_training_refuses_no_steps_and_stops_at_a_loss_that_is_not_finite():
    with pytest.raises(ValueError, match="at least one step"):
        train_digits(two_digits(), steps=0, generator=torch.Generator())
    with pytest.raises(FloatingPointError, match="smaller `step`"):
        train_digits(two_digits(), steps=20, step=1e30, generator=torch.Generator().manual_seed(0))


def test_the_shipped_net_tells_the_digits_apart():
    net = digit_net()
    assert net.widths == (16, 16)
    assert all((np.rint(W / GRID) == W / GRID).all() for W in (*net.weights, *net.biases))
    trained, held_out = accuracy(net, two_digits())
    assert trained > 0.93
    assert held_out > 0.93
    assert max(accuracy(net.scaled(-1.0), two_digits())) < 0.07


def test_the_net_can_be_written_and_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(digits_module, "train_digits", partial(train_digits, steps=3))
    net = save_digit_net(tmp_path / "net.json", generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(digits_module, "shipped", lambda name: tmp_path / "net.json")
    back = digit_net()
    off = [np.abs(W - V).max() for W, V in zip((*net.weights, *net.biases), (*back.weights, *back.biases), strict=True)]
    assert 0 < max(off) <= GRID / 2


# Pictures

def collections(ax, kind):
    return [c for c in ax.collections if isinstance(c, kind)]


@pytest.mark.parametrize("state", [RandomRegions(), RandomRegions(1, 1), RandomRegions(3, 6, 1.0, SIGNS, 4),
                                   RandomRegions(2, 24, 10.0, NORMAL, 2)])
def test_random_regions_are_drawn_coloured_and_counted(state):
    figure = draw_random_regions(state)
    left, right = figure.axes
    net = plane_net(state)
    regions = linear_regions(net, (-state.half_width, state.half_width))
    (drawn,) = collections(left, PolyCollection)
    assert len(drawn.get_paths()) == regions.n_regions
    assert np.asarray(drawn.get_array()) == pytest.approx(np.hypot(*regions.gradients.T))
    assert drawn.get_cmap().name == "viridis"
    counts = [bar.get_height() for bar in right.patches]
    assert counts[-1] == regions.n_regions
    assert counts == sorted(counts)
    assert f"{regions.n_regions} regions, {regions.pieces()} pieces" in left.get_title()
    (bounds,) = right.get_lines()
    assert bounds.get_ydata().tolist() == [region_bound(net.widths[:l], 2) for l in range(1, net.depth)]
    assert (counts <= bounds.get_ydata()).all()


def test_weights_of_three_values_merge_regions():
    regions = linear_regions(plane_net(RandomRegions(2, 12, weights=SIGNS)), (-3, 3))
    assert regions.pieces() < regions.n_regions


def test_any_trained_net_with_two_inputs_is_drawn():
    torch_net = random_net((2, 5, 5, 1), rng=np.random.default_rng(0)).to_torch()
    figure = region_figure(torch_net, ((-1, 1), (0, 2)))
    ax, bar = figure.axes
    assert len(collections(ax, PolyCollection)[0].get_paths()) == linear_regions(
        ReLUNet.from_torch(torch_net), ((-1, 1), (0, 2))).n_regions
    assert ax.get_ylim() == (0, 2)
    assert bar.get_ylabel() == "slope |∇f|"
    assert bar.yaxis.label.get_color() == INK


def test_a_net_with_one_input_is_drawn_piece_by_piece():
    net = ReLUNet([[[1], [1], [1]], [[1, -3, 2]]], [[0, -1, -5], [0]])
    ax, _ = region_figure(net, (-2, 3)).axes
    (drawn,) = collections(ax, LineCollection)
    assert drawn.get_array().tolist() == [0, 1, 2]
    assert [s.tolist() for s in drawn.get_segments()] == [[[-2, 0], [0, 0]], [[0, 0], [1, 1]], [[1, 1], [3, -3]]]
    assert ax.get_title() == "4 pieces, 2 kinks in view"


@pytest.mark.parametrize("net", [random_net((3, 4, 1), rng=np.random.default_rng(0)),
                                 random_net((2, 4, 2), rng=np.random.default_rng(0))])
def test_other_nets_are_refused(net):
    with pytest.raises(ValueError, match="R.2 -> R"):
        region_figure(net)


def test_the_digits_are_drawn_with_the_line_between_them():
    ax, _ = draw_digits(Digits(2.5)).axes
    regions, net = linear_regions(digit_net(), (-2.5, 2.5)), digit_net()
    assert len(collections(ax, PolyCollection)[0].get_paths()) == regions.n_regions
    seen = [line for line in ax.get_lines() if line.get_label() in ("8", "1")]
    assert sum(len(line.get_xdata()) for line in seen) == (abs(two_digits().points) < 2.5).all(axis=1).sum()
    assert seen[0].get_marker() != seen[1].get_marker()
    ends = np.vstack(collections(ax, LineCollection)[0].get_segments())
    assert len(ends) > 10
    assert net(ends)[:, 0] == pytest.approx(0, abs=1e-9)


def test_the_digits_from_afar_and_from_close():
    near, far = (draw_digits(Digits(r)).axes[0] for r in (0.25, 8.0))
    assert len(collections(near, PolyCollection)[0].get_paths()) < len(collections(far, PolyCollection)[0].get_paths())


def test_every_v_is_where_the_function_agrees():
    (ax,) = draw_vees(Vees(7, -2.0)).axes
    vees = ax.get_lines()
    assert len(vees) == 7
    for c, line in zip(np.arange(7) / 2 - 2, vees, strict=True):
        x1, x2 = line.get_data()
        assert abs(x1) == pytest.approx(x2 + c)
    assert ax.get_title() == "7 maximal connected sets beside 2 pieces"
    assert [a.get_linestyle() != b.get_linestyle() for a, b in pairwise(vees)] == [True] * 6


def test_two_quadrants_are_numbered_apart_and_together():
    figure = draw_touching()
    numbers = [[int(t.get_text()) for t in ax.texts] for ax in figure.axes]
    assert [len(set(n)) for n in numbers] == [6, 5]
    assert [ax.get_title() for ax in figure.axes] == ["open: 6 pieces", "closed: 5 pieces"]


def test_the_explorers_move():
    explorer = explore_random_regions()
    before = explorer.view.alt
    explorer.controls["width"].value = 5
    assert explorer.state == RandomRegions(width=5)
    assert explorer.view.alt != before
    explorer.controls["weights"].value = SIGNS
    assert explorer.view.problem == ""
    close = explore_digits()
    close.controls["half_width"].value = 1.0
    assert close.state == Digits(1.0)
    many = explore_vees()
    many.controls["sets"].value = 9
    assert "9 sets" in many.view.alt


# Exercises

def test_any_net_whose_kinks_cancel_is_accepted():
    cancelling = ReLUNet([[(1, 0), (1, 0), (0, 1)], [[1, -1, 0]]], [[0, 0, 0], [0]])
    touched = example_nets()["two quadrants"]
    for net in (example_nets()["duplicate gates"], ReLUNet([[(1, 2)], [[0]]], [[0], [3]]), cancelling):
        assert check_hidden_kinks(net).right
    assert check_hidden_kinks(example_nets()["square"]).right is False
    assert check_hidden_kinks(...).right is None
    assert "could not be read" in check_hidden_kinks(7).text
    assert check_touching_pieces(touched).right
    assert check_touching_pieces(touched.scaled(-3)).right
    assert check_touching_pieces(example_nets()["|x1| + |x2|"]).right is False


@pytest.mark.parametrize(("row", "right"), [
    ((0, 2, 0), True), ((0.5, 1, -3), True), ((2, 1, 0), True), ((0, -1, 4), True), ((Fraction(1, 3), 7, 1), True),
    ((0, 1, 3), False), ((1, 0, 0), False), ((-1, 0, 0), False), ((0, 0, 1), False), ((1, 0, 1), False),
    ((1, 2), False)])
def test_another_set_of_agreement(row, right):
    assert check_another_set(row).right is right
