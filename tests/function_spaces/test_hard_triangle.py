"""Triangle waves: exact distances, the lower bound, the best fits known against linear programs, training."""

from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from mathdl.function_spaces import triangle
from mathdl.function_spaces.hard import count_ramps
from mathdl.function_spaces.triangle import (
    allowed_size,
    best_l1_fit,
    cheapest_net,
    fewest_pieces,
    l1_distance,
    l1_fit_at_knots,
    l1_lower_bound,
    most_pieces,
    one_gate_fit,
    printed_size,
    quadratic_triangle_fit,
    ramps,
    shallow_net,
    size_needed,
    trained_errors,
    triangle_closed_form,
    triangle_error,
    triangle_wave,
)
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

values = st.fractions(min_value=-1, max_value=2, max_denominator=20)
LEDGER = {(4, 1): 0.25, (4, 2): 0.1987, (4, 3): 0.1390, (8, 1): 0.25, (8, 2): 0.2300}


@pytest.mark.parametrize(("width", "depth"), [(2, 1), (2, 3), (3, 2), (5, 2)])
def test_the_wave_is_a_composition_and_one_sawtooth(width, depth):
    wave, q = triangle_wave(width, depth), width**depth
    assert wave.net.widths == (width,) * depth
    assert count_ramps(wave.pwl, 1) == q
    xs = [Fraction(i, 7 * q) for i in range(7 * q + 1)]
    assert list(wave.pwl(np.array(xs))) == list(ramps(q)(np.array(xs)))
    assert l1_distance(wave, ramps(q)) == 0


def test_distances_are_exact_integrals():
    assert l1_distance(ramps(4), PWL1D([], [0], [Fraction(1, 2)])) == Fraction(1, 4)
    assert l1_distance(ramps(2), ramps(1)) == Fraction(1, 3)  # by hand: 1/8 + 1/24 + 1/6, the graphs cross at 2/3
    x = (np.arange(200_000) + 0.5) / 200_000
    f, g = ramps(5), best_l1_fit(8, 3).function
    # midpoint rule for |f - g|, whose slope is at most 13: each of at most 16 cells with a kink errs by 13 h²/4
    midpoint = np.abs(f.rounded()(x) - g.rounded()(x)).mean()
    assert abs(midpoint - float(l1_distance(f, g))) <= 16 * 13 / 4 * 5e-6**2 + 1e-12


@pytest.mark.parametrize(("q", "pieces"), LEDGER)
def test_fits_of_the_ledger(q, pieces):
    """A grid search found these numbers to 2e-3; exact fits can only be below them."""
    assert LEDGER[q, pieces] - 2e-3 <= best_l1_fit(q, pieces).error <= LEDGER[q, pieces] + 1e-4


def test_the_fit_of_eight_ramps_with_three_pieces_beats_the_grid():
    assert best_l1_fit(8, 3).error < 0.2018 - 2e-3
    assert float(best_l1_fit(8, 3).error) == pytest.approx(0.19891, abs=1e-5)


def test_known_optima_are_exact():
    assert best_l1_fit(6, 1).error == Fraction(1, 4)
    assert best_l1_fit(4, 3).error == Fraction(5, 36)
    assert best_l1_fit(5, 5).error == best_l1_fit(5, 9).error == best_l1_fit(1, 1).error == 0


def knot_grid(q, pieces, per_ramp):
    """The best linear program over all choices of knots on a grid; symmetry halves the choices when q is even."""
    grid = [Fraction(i, per_ramp * q) for i in range(1, per_ramp * q)]
    choices = [t for t in combinations(grid, pieces - 1) if q % 2 or sum(t) <= Fraction(len(t), 2)]
    return min((l1_fit_at_knots(q, t, samples=12) for t in choices), key=lambda fit: fit.error)


@pytest.mark.parametrize(("q", "pieces", "per_ramp"), [(3, 2, 9), (4, 2, 8), (4, 3, 4), (5, 2, 6), (8, 2, 8),
                                                       (5, 3, 3)])
def test_no_linear_program_on_a_knot_grid_beats_the_best_fit_known(q, pieces, per_ramp):
    grid, best = knot_grid(q, pieces, per_ramp), best_l1_fit(q, pieces)
    assert best.error <= grid.error  # both are exact integrals
    assert grid.error - best.error < 0.011  # and the grid comes close, so the comparison means something


@given(st.integers(2, 9), st.data())
def test_no_random_fit_beats_the_bound_or_the_best_fit_known(q, data):
    pieces = data.draw(st.integers(1, q))
    inner = st.lists(st.integers(1, 47), min_size=pieces - 1, max_size=pieces - 1, unique=True)
    xs = [Fraction(0), *(Fraction(i, 48) for i in sorted(data.draw(inner))), Fraction(1)]
    ys = data.draw(st.lists(values, min_size=len(xs), max_size=len(xs)))
    slopes = [(d - c) / (b - a) for (a, c), (b, d) in pairwise(zip(xs, ys, strict=True))]
    error = l1_distance(ramps(q), PWL1D.from_points(xs, ys, slopes[0], slopes[-1]))
    assert error >= l1_lower_bound(q, pieces)
    assert error >= best_l1_fit(q, pieces).error - Fraction(1, 10**6)  # its search stops within 1e-9, then rounds


@given(st.integers(2, 9), st.data())
def test_jumps_do_not_help(q, data):
    """Continuity of g is not what the bound rests on: it holds for functions with jumps, piece by piece."""
    pieces = data.draw(st.integers(1, 5))
    inner = st.lists(st.integers(1, 47), min_size=pieces - 1, max_size=pieces - 1, unique=True)
    xs = [Fraction(0), *(Fraction(i, 48) for i in sorted(data.draw(inner))), Fraction(1)]
    lines = [PWL1D([], [8 * data.draw(values)], [data.draw(values)]).exact() for _ in range(pieces)]
    error = sum(ramps(q).l1_distance(line, a, b) for line, (a, b) in zip(lines, pairwise(xs), strict=True))
    assert error >= l1_lower_bound(q, pieces)


def test_a_parabola_on_each_triangle_beats_the_constant_of_the_proof():
    """Affinity is what the bound rests on: one quadratic a triangle has error 0.118 / q·, an affine function 1/2."""
    c, d, error = quadratic_triangle_fit()
    n = 200_000
    x = (np.arange(n) + 0.5) * 2 / n
    midpoint = np.abs(1 - np.abs(x - 1) - c - d * (x - 1) ** 2).mean() * 2
    assert abs(midpoint - error) < 1e-8
    assert error < Fraction(1, 4) < triangle_error(Fraction(1, 2), Fraction(1, 2)) == Fraction(1, 2)
    near = [np.abs(1 - np.abs(x - 1) - c - a - (d + b) * (x - 1) ** 2).mean() * 2
            for a in (-0.01, 0, 0.01) for b in (-0.01, 0, 0.01)]
    assert min(near) == near[4]  # convex in c and d, so a local minimum is the best


@given(values, values)
def test_closed_form_on_its_domain_and_minimum_everywhere(left, right):
    exact = triangle_error(left, right)
    assert exact >= Fraction(1, 2)
    if min(left, right) >= 0 and left + right <= 2 and abs(left - right) < 2:
        assert triangle_closed_form(left, right) == exact


@pytest.mark.parametrize(("left", "right"), [(2, 2), (-1, 0), (Fraction(3, 2), 1), (0, -1)])
def test_closed_form_is_wrong_outside_its_domain(left, right):
    assert triangle_closed_form(left, right) != triangle_error(left, right)


def test_closed_form_refuses_to_divide_by_zero():
    with pytest.raises(ValueError, match="divides by 0"):
        triangle_closed_form(2, 0)


@given(st.integers(2, 40), st.integers(1, 60), st.fractions(min_value="1/100", max_value="6/25", max_denominator=100))
def test_fewest_pieces_is_where_the_bound_lets_go(q, pieces, delta):
    assert (l1_lower_bound(q, pieces) <= delta) == (pieces >= fewest_pieces(q, delta))


@given(st.integers(2, 4), st.integers(1, 5), st.integers(1, 5),
       st.fractions(min_value="1/100", max_value="2499/10000", max_denominator=10000))
def test_allowed_size_is_the_integer_part_of_the_printed_size(width, depth, shallow, delta):
    size, limit = allowed_size(width, depth, shallow, delta), width**depth * (1 - 4 * delta) / 2
    assert Fraction(2 * size, shallow) ** shallow <= limit < Fraction(2 * (size + 1), shallow) ** shallow
    assert size - 1e-9 <= printed_size(width, depth, shallow, delta) < size + 1 + 1e-9
    if size >= shallow:  # then the product bound gives what Lemma 2.A.7 gives, for all depths up to k'
        assert most_pieces(size, shallow) <= limit


def test_most_pieces_is_the_largest_product():
    def by_hand(size, layers):
        if layers == 1:
            return size + 1
        return max((w + 1) * by_hand(size - w, layers - 1) for w in range(size + 1))

    assert all(most_pieces(s, k) == by_hand(s, k) for s in range(9) for k in range(1, 5))


def test_random_nets_have_no_more_pieces():
    rng = np.random.default_rng(3)
    for _ in range(60):
        widths = [1, *rng.integers(1, 4, rng.integers(1, 4)), 1]
        net = ReLUNet([rng.standard_normal((v, w)) for w, v in pairwise(widths)],
                      [rng.standard_normal(v) for v in widths[1:]])
        assert count_pieces_1d(net) <= most_pieces(net.size, net.hidden_layers)


def test_few_gates_counterexample_in_exact_numbers():
    """Theorem 2.3.6 as printed, for the wave of its proof: one gate is allowed, and comes closer than δ."""
    delta = Fraction(127, 512)
    net = one_gate_fit(16)
    assert (net.size, net.hidden_layers) == (1, 1)
    assert allowed_size(2, 4, 4, delta) == 1
    assert l1_distance(triangle_wave(2, 4), net) == Fraction(31, 128) < delta
    assert size_needed(16, 4, delta) <= 1


@pytest.mark.parametrize("q", [1, 2, 3, 8, 9])
def test_one_gate_error(q):
    assert l1_distance(ramps(q), one_gate_fit(q)) == Fraction(1, 4) - Fraction(1, 8 * q)


@pytest.mark.parametrize(("q", "pieces"), [(8, 1), (8, 2), (8, 4), (8, 8), (9, 1), (9, 3)])
def test_fits_become_nets(q, pieces):
    fit = best_l1_fit(q, pieces)
    net = shallow_net(fit.function)
    assert l1_distance(net, fit.function) == 0
    assert l1_distance(ramps(q), net) == fit.error
    assert net.size == (0 if pieces == 1 and q % 2 == 0 else pieces)


def test_cheapest_net_is_within_delta_and_one_piece_less_is_not():
    delta = Fraction(1, 16)
    net = cheapest_net(16, delta)
    assert l1_distance(ramps(16), net) <= delta < best_l1_fit(16, net.size - 1).error
    assert size_needed(16, 1, delta) <= net.size


def test_program_at_fixed_knots_against_the_dual():
    """The linear program against its dual: max Σ s_i u_i over |u_i| ≤ 1/n orthogonal to the hat functions."""
    q, knots, samples = 4, [0.3, 0.55], 10
    fit, n = l1_fit_at_knots(q, knots, samples=samples), q * samples
    x, t = (np.arange(n) + 0.5) / n, np.array([0, *knots, 1])
    hats = np.stack([np.interp(x, t, e) for e in np.eye(4)])
    s = ramps(q).rounded()(x)
    dual = -linprog(-s, A_eq=hats, b_eq=np.zeros(4), bounds=[(-1 / n, 1 / n)] * n, method="highs").fun
    assert np.abs(s - fit.function.rounded()(x)).mean() == pytest.approx(dual, abs=1e-9)


def test_training_is_reproducible_and_never_below_the_bound():
    import torch

    def train():
        return trained_errors(4, (1, 2, 3), runs=3, steps=60, generator=torch.Generator().manual_seed(5))

    errors = train()
    assert errors.shape == (3, 3)
    assert (errors == train()).all()
    bounds = [float(l1_lower_bound(4, m + 1)) for m in (1, 2, 3)]
    assert (errors >= np.array(bounds)[:, None]).all()
    assert errors.min() < 0.25  # and something was learned: below the constant 1/2


@pytest.mark.parametrize(("call", "message"), [
    (lambda: triangle_wave(0, 2), "width >= 1"), (lambda: ramps(0), "at least one ramp"),
    (lambda: l1_lower_bound(4, 0), "at least one piece"), (lambda: best_l1_fit(0, 1), "ramps"),
    (lambda: fewest_pieces(8, 0.25), "delta < 1/4"), (lambda: printed_size(2, 2, 1, 0), "0 < delta"),
    (lambda: allowed_size(2, 2, 1, float("nan")), "0 < delta"), (lambda: most_pieces(-1, 1), "size >= 0"),
    (lambda: l1_fit_at_knots(4, [0.5, 0.5]), "different knots"), (lambda: l1_fit_at_knots(4, [1]), "different knots")])
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_cached_fits_are_the_same_object():
    assert triangle.best_l1_fit(8, 3) is triangle.best_l1_fit(8, 3)
