"""Zonotope functions: pieces by two counters, nets, lines, recovery of parameters, tables, thrifty nets."""

from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.function_spaces.complexity import claimed_size_bound, comp_table, crossover, montufar_pieces
from mathdl.function_spaces.figures.zonotopes import FOUR, HALF, L1
from mathdl.function_spaces.generators import canonicalize, is_generic, random_generic
from mathdl.function_spaces.hard import sawtooth
from mathdl.function_spaces.thrifty_net import KNOTS, MAXIMUM, hinges_both_ways, thrifty_function, thrifty_net
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.function_spaces.zonotope_function import ZonotopeFunction, even_knots
from mathdl.function_spaces.zonotope_recovery import recover_zonotope
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

PLANE = {(2, 2, 1): 8, (3, 2, 1): 12, (3, 3, 1): 18, (3, 2, 2): 25, (4, 2, 2): 33, (3, 3, 2): 54, (4, 3, 2): 72,
         (2, 4, 2): 65}
MIDDLES = [Fraction(i, 8) for i in (1, 3, 5, 7, 9)]  # of the four slabs of H with M = 1, and beyond
RELU = PWL1D([0], [0, 1], [0, 0])
entries = st.integers(-3, 3)
plane_rows = st.lists(st.tuples(entries, entries), min_size=1, max_size=4).filter(lambda B: any(map(any, B)))
widths = st.lists(st.integers(2, 3), min_size=1, max_size=2)


def with_widths(widths, B):
    return ZonotopeFunction(1, [even_knots(w, 1)[0] for w in widths], B)


@pytest.mark.parametrize(("m", "w", "k"), PLANE)
def test_pieces_in_the_plane(m, w, k):
    f = ZonotopeFunction(1, even_knots(w, k), random_generic(2, m, rng=np.random.default_rng(m)))
    assert f.pieces() == f.pieces_by_cones() == f.predicted_pieces() == PLANE[m, w, k]


@pytest.mark.parametrize(("B", "k", "count"), [(L1, 2, 17), (FOUR, 2, 33), (FOUR, 3, 65)])
def test_pieces_of_figure_2_2(B, k, count):
    f = ZonotopeFunction(1, [[HALF]] * k, B)
    assert f.pieces() == f.pieces_by_cones() == count


def test_two_parallel_generators_cost_eight_pieces():
    f = ZonotopeFunction(1, even_knots(2, 2), [(1, 0), (0, 1), (1, 1), (2, 2), (1, -2)])
    assert f.pieces() == f.pieces_by_cones() == 33
    assert f.predicted_pieces() == 41


@given(plane_rows, widths)
def test_the_net_and_the_cones_have_equally_many_pieces(B, widths):
    f = with_widths(widths, B)
    flat = (2 if len(f.lines) == 1 else 1) * any(w % 2 == 0 for w in widths[:-1])
    assert f.pieces() == f.pieces_by_cones() == len(f.zonotope.vertices()) * prod(widths) + flat
    assert (f.predicted_pieces() == f.pieces()) == is_generic(B)


@pytest.mark.parametrize(("n", "m", "w", "k"), [(1, 1, 2, 2), (1, 3, 3, 2), (1, 2, 4, 2)])
def test_pieces_on_the_line(n, m, w, k):
    f = ZonotopeFunction(1, even_knots(w, k), random_generic(n, m, rng=np.random.default_rng(0)))
    assert f.pieces() == f.pieces_by_cones() == f.predicted_pieces() == 2 * w ** k + 2 * (w % 2 == 0)


def affine_at(net, x):
    """The affine function (gradient, offset) of a net with one output at a point off its kinks."""
    A, c = np.eye(net.n_inputs, dtype=int), 0
    for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        on = W @ (A @ x + c) + b > 0
        A, c = on[:, None] * (W @ A), on * (W @ c if np.ndim(c) else 0) + on * b
    (W, b) = net.weights[-1], net.biases[-1]
    return (*(W @ A)[0], (W @ c + b)[0])


@pytest.mark.parametrize(("n", "m", "cones"), [(3, 5, 22), (4, 6, 52), (5, 3, 8)])
def test_pieces_in_space_are_as_many_as_affine_functions_of_the_net(n, m, cones):
    f = ZonotopeFunction(1, even_knots(2, 2), random_generic(n, m, rng=np.random.default_rng(1)))
    assert f.pieces() == f.predicted_pieces() == cones * 4 + 1
    net, Z = f.net("m+2"), f.zonotope
    inside = [d * level / Z.support([d])[0] for d in Z.vertices().directions for level in MIDDLES]
    assert len({affine_at(net, x) for x in inside}) == cones * 4 + 1


@given(plane_rows, widths, st.integers(0, 10 ** 6))
def test_nets_compute_the_function(B, widths, seed):
    f, r = with_widths(widths, B), np.random.default_rng(seed).integers(-60, 61, (10, 2)) * Fraction(1, 97)
    for gates, cost in {"2m": 2 * len(B), "m+2": len(B) + 2}.items():
        net = f.net(gates)
        assert (net.hidden_layers, net.size) == (len(widths) + 1, cost + sum(widths))
        assert (net(r)[:, 0] == f(r)).all()


@given(plane_rows, widths, st.tuples(*[entries] * 2), st.tuples(*[entries] * 2).filter(any))
def test_lines_of_the_function_are_lines_of_the_net(B, widths, p, d):
    f = with_widths(widths, B)
    on_line = f.net().compose(ReLUNet.affine(np.array(d)[:, None], p))
    assert PWL1D.from_net(on_line) == f.line_restriction(p, d)


@given(plane_rows, widths)
def test_the_central_line_meets_every_bend(B, widths):
    f = with_widths(widths, B)
    flat_ends = 2 * any(w % 2 == 0 for w in widths[:-1])
    assert f.line_restriction(*f.central_line()).n_pieces == 2 * prod(widths) + len(f.lines) - 1 + flat_ends


def test_thirteen_pieces_on_a_line():
    f = ZonotopeFunction(1, even_knots(2, 2), FOUR)
    assert f.line_restriction(*f.central_line()).n_pieces == 13 == 2 * 4 + 3 + 2


def test_bad_functions_and_lines_are_refused():
    with pytest.raises(ValueError, match="only zeros"):
        ZonotopeFunction(1, [[HALF]], [(0, 0)])
    with pytest.raises(ValueError, match="without ties"):
        ZonotopeFunction(1, [[HALF, HALF]], [(0, 1)])
    f = ZonotopeFunction(1, [[HALF]], [(0, 1)])
    with pytest.raises(ValueError, match="non-zero direction of 2 numbers"):
        f.line_restriction((0, 0), (0, 0))
    with pytest.raises(ValueError, match=r"shapes \(3,\)"):
        f.line_restriction((0, 0, 1), (0, 1))


@given(st.integers(1, 3), st.integers(1, 4), widths, st.integers(0, 10 ** 6))
def test_parameters_are_recovered_from_values(n, m, widths, seed):
    rng = np.random.default_rng(seed)
    B = rng.integers(-5, 6, (m, n)) * Fraction(1, 3) + np.eye(m, n, dtype=int)[::-1]
    knots = tuple(tuple(Fraction(int(i), 50) for i in sorted(rng.choice(range(1, 100), w - 1, False))) for w in widths)
    if not B.any():
        B[0, 0] = 1
    found = recover_zonotope(ZonotopeFunction(2, knots, B).net("m+2"), widths, rng=rng)
    assert found[:2] == (2, knots)
    assert np.array_equal(found[2], canonicalize(B))


def test_nearly_parallel_generators_are_told_apart():
    B = [(1, 0), (10 ** 6, 1)]
    net = ZonotopeFunction(1, even_knots(2, 1), B).net()
    assert recover_zonotope(net, (2,), rng=np.random.default_rng(0))[2].tolist() == [[1, 0], [10 ** 6, 1]]


@pytest.mark.parametrize("net", [
    ReLUNet([[[1, 0]], [[1]]], [[0], [0]]),  # one ReLU: not even
    ReLUNet([[[1, 0], [-1, 0], [0, 1]], [[1, 1, 1]]], [[0] * 3, [0]]),  # |x| + σ(y)
    ReLUNet.affine([[0, 0]], [1]),
    ZonotopeFunction(1, [[HALF]], L1).net().add(ReLUNet.affine([[0, 0]], [1]))])  # lifted off 0
def test_other_functions_have_no_parameters(net):
    with pytest.raises(ValueError, match="expected"):
        recover_zonotope(net, (2,), rng=np.random.default_rng(0))


def test_the_comparison_at_ten_inputs_and_width_ten():
    # Ledger numbers, with the piece γ > M that an even width adds; k counts all hidden layers here, γ's included.
    for k, cheap, dear in ((3, 25600, 3200), (4, 256000, 32000)):
        assert comp_table(10, k, 10).zonotope == dear + 1
        assert comp_table(10, k, 10, "m+2").zonotope == cheap + 1
        assert comp_table(10, k, 10).montufar == 1024
    assert (comp_table(10, 3, 10).generators, comp_table(10, 3, 10, "m+2").generators) == (5, 8)


def test_the_comparison_at_two_inputs_and_width_eight():
    row = comp_table(2, 5, 8)
    assert (row.zonotope, row.montufar) == (32768 + 1, 4 ** 8 * 37)
    assert row.zonotope < row.ridge  # 2m = w: in the plane one direction does as well with the printed gates
    assert comp_table(2, 5, 8, "m+2").zonotope > row.ridge
    assert row.montufar <= row.ceiling


def test_crossover_is_where_the_order_changes():
    k = crossover(2, 5)
    assert comp_table(2, k, 5).zonotope > montufar_pieces(2, k, 5)
    assert comp_table(2, k - 1, 5).zonotope <= montufar_pieces(2, k - 1, 5)
    assert crossover(10, 10) == 3
    assert crossover(10, 10, "m+2") == 2
    assert crossover(2, 8) is None
    assert crossover(10, 4) == 2  # narrower than the input: their construction does not exist
    assert montufar_pieces(10, 3, 4) is None


@pytest.mark.parametrize(("args", "words"), [((2, 1, 4), "hidden_layers >= 2"), ((2, 3, 1), "one generator fits"),
                                             ((2, 3, 2, "m+2"), "one generator fits"), ((2, 3, 4, "m"), '"2m" or')])
def test_comp_table_refuses(args, words):
    with pytest.raises(ValueError, match=words):
        comp_table(*args)


def test_claimed_bound_by_hand():
    assert claimed_size_bound(1, 1, 5, 6, 6) == 30
    assert claimed_size_bound(2, 17, 2, 4, 1) == pytest.approx(0.5 * 16 * 4 - 1)  # ½ w^k (m − 1)^½ − 1
    with pytest.raises(ValueError, match="width >= 2; got 1, 1, 6, 6, 1"):
        claimed_size_bound(1, 1, 1, 6, 6)


def test_thrifty_layers_are_identities_on_the_line():
    h = sawtooth(MAXIMUM, KNOTS)
    for k in (1, 2, 3):
        f, net = thrifty_function([[1]], k), thrifty_net([[1]], k)
        assert PWL1D.from_net(net) == f.line_restriction([0], [1])
        assert net.size == 4 * k + 5
    # Layer after layer: on [0, ∞), where f has its values, four gates compute h. So the step k → k + 1 is exact.
    gate_by_gate = hinges_both_ways(PWL1D(h.breaks[1:], h.slopes[1:], h.intercepts[1:]), (0, 3))
    assert PWL1D.from_net(gate_by_gate).compose(RELU) == h.compose(RELU)
    assert min(h.compose(RELU)(np.array(h.breaks))) == 0
    assert h.slopes[-1] > 0


@pytest.mark.slow
def test_thrifty_net_at_the_depth_that_refutes_the_printed_bound():
    f, net = thrifty_function([[1]], 6), thrifty_net([[1]], 6)
    assert PWL1D.from_net(net) == PWL1D.from_net(f.net())
    assert PWL1D.from_net(net).n_pieces == 2 * 5 ** 6


@pytest.mark.parametrize(("B", "k", "size"), [([(1, 2)], 9, 41), ([(1, 0), (0, 1)], 24, 116), (FOUR, 26, 126),
                                              ([(1, 0), (2, 0)], 4, 21)])
def test_thrifty_nets_in_the_plane(B, k, size):
    net = thrifty_net(B, k)
    r = MAXIMUM * np.random.default_rng(0).integers(-99, 100, (30, 2)) * Fraction(1, 50)
    assert (net.size, net.hidden_layers) == (size, k)
    assert (net(r) == thrifty_function(B, k).net()(r)).all()


def test_thrifty_nets_refuse():
    with pytest.raises(ValueError, match="depth >= 2"):
        thrifty_net(L1, 1)
    with pytest.raises(ValueError, match="sum to"):
        hinges_both_ways(PWL1D([0], [-1, 1], [0, 0]), ())


def test_a_function_of_floats_is_exact():
    f = ZonotopeFunction(1.0, [[0.5]], [(0.1, 0.2), (0.3, -0.4)])
    assert f.pieces_by_cones() == 8
    assert Zonotope(f.generators).exact().support([(1, 0)])[0] == Fraction(0.1) + Fraction(0.3)
    assert f([(1, 0)])[0] == f.net()([(1, 0)])[0, 0]
