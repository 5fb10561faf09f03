"""Statements on one-dimensional inputs: each holds or fails as announced, and needs its hypotheses."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from mathdl.core.theorem import State
from mathdl.exact_erm.losses import as_loss
from mathdl.exact_erm.pwl_cells import breakpoint_cells, cell_count
from mathdl.exact_erm.pwl_class import smallest_net_on, smallest_width_of
from mathdl.exact_erm.pwl_fit import line_data, pwl_fit_1d
from mathdl.exact_erm.theorems import line
from mathdl.nets.pwl1d import PWL1D

HALF_TENT = (0, 1, 2, 1.5, 1, 0.5)  # slopes 1 and -1/2


@pytest.mark.statement("exact_erm/ours-pwl-class")
@pytest.mark.parametrize(("width", "bias"), [(1, True), (2, True), (3, True), (1, False), (2, False), (3, False)])
def test_the_class_against_a_search_over_gates(width, bias):
    verdict = line.pwl_class(width=width, functions=30, output_bias=bias, seed=width)
    assert verdict.state is State.HOLDS
    assert verdict.measured == 0


@pytest.mark.statement("exact_erm/ours-pwl-class")
def test_the_class_says_nothing_when_all_functions_are_nets():
    assert line.pwl_class(width=9, functions=1).state is State.SILENT


@pytest.mark.statement("exact_erm/ours-pwl-class")
def test_a_search_that_may_not_turn_gates_disagrees(monkeypatch):
    monkeypatch.setattr(line, "is_represented", lambda f, width, output_bias: len(f.breaks) <= width)  # no subset sum
    assert line.pwl_class().state is State.VIOLATED


@pytest.mark.statement("exact_erm/ours-pwl-inclusions")
@pytest.mark.parametrize("width", [2, 3, 4])
def test_the_inclusions_and_their_witnesses(width):
    assert line.pwl_inclusions(width=width, functions=20, seed=width).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-pwl-inclusions")
def test_with_one_gate_a_slanted_line_is_missing():
    verdict = line.pwl_inclusions(width=1)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0
    assert smallest_net_on(PWL1D([], [1], [0]), -1, 2).size == 1  # but on any interval one gate and a bias are enough


@pytest.mark.statement("exact_erm/ours-pwl-inclusions")
def test_without_bias_the_first_inclusion_fails():
    f = PWL1D([0, 1], [0, 1, 2], [3, 3, 2])
    assert (f.n_pieces, smallest_width_of(f), smallest_width_of(f, False)) == (3, 2, 3)
    g = PWL1D([0], [1, 2], [3, 3])
    assert smallest_width_of(g, False) == 3 > g.n_pieces


@pytest.mark.statement("exact_erm/ours-line-sandwich")
@pytest.mark.parametrize(("width", "seed"), [(1, 0), (1, 1), (2, 1), (2, 2)])
def test_the_best_net_lies_between_two_fits(width, seed):
    assert line.line_sandwich(samples=6, width=width, seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-line-sandwich")
def test_the_sandwich_needs_the_bias():
    verdicts = [line.line_sandwich(samples=5, width=1, output_bias=False, seed=seed) for seed in range(6)]
    assert {v.state for v in verdicts} == {State.SILENT}
    assert any(not v.satisfied for v in verdicts)


@pytest.mark.statement("exact_erm/problem-2.6")
@pytest.mark.parametrize(("pieces", "lattice"), [(1, False), (2, True), (4, False), (4, True)])
def test_the_two_methods_agree(pieces, lattice):
    verdict = line.best_fit(samples=7, pieces=pieces, instances=6, lattice=lattice, seed=pieces)
    assert verdict.state is State.HOLDS
    assert verdict.measured < 1e-12


@pytest.mark.statement("exact_erm/ours-fewest-pieces")
def test_interpolation_statement():
    assert line.interpolation(samples=6, instances=6, seed=3).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-fewest-pieces")
def test_counting_every_turn_is_wrong(monkeypatch):
    monkeypatch.setattr(line, "fewest_pieces", lambda x, y: len(np.unique(x)) - 1)
    assert line.interpolation(samples=6, instances=6).state is State.VIOLATED


@pytest.mark.statement("exact_erm/equation-2.7")
@pytest.mark.parametrize("seed", range(4))
def test_the_corrected_inequalities_say_where_the_breakpoint_is(seed):
    assert line.breakpoint_inequalities(seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/equation-2.7")
def test_the_inequalities_need_sorted_points_and_the_right_signs(monkeypatch):
    unsorted = line.breakpoint_inequalities(x=(0, 2, 1, 3, 5, 4))
    assert unsorted.state is State.SILENT
    assert unsorted.measured > 0
    monkeypatch.setattr(line, "pwl_constraints", line.printed_constraints)
    assert line.breakpoint_inequalities().state is State.VIOLATED


@pytest.mark.statement("exact_erm/equation-2.8")
@pytest.mark.parametrize(("samples", "pieces"), [(5, 1), (8, 2), (7, 3), (5, 4)])
def test_a_cell_is_one_program(samples, pieces):
    assert line.cell_programs(samples=samples, pieces=pieces, seed=pieces).state is State.HOLDS


@pytest.mark.statement("exact_erm/equation-2.8")
def test_multipliers_do_not_prove_other_lines_or_other_inequalities(monkeypatch):
    good = line.lines_in_cell
    monkeypatch.setattr(line, "lines_in_cell", lambda *cell: good(*cell) + np.array([1e-4, 0]))  # turned a little
    assert line.cell_programs(pieces=2).state is State.VIOLATED
    monkeypatch.setattr(line, "lines_in_cell", lambda data, I, S: good(data, I, [-s for s in S]))
    assert line.cell_programs(pieces=2).state is State.VIOLATED


@pytest.mark.statement("exact_erm/equation-2.8")
@pytest.mark.parametrize("loss", ["absolute", "quantile 0.2"])
def test_a_cell_is_one_linear_program_for_the_absolute_loss(loss):
    x, y = line.noisy_samples(6, 1)
    for I, S in line.all_cells(6, 3):
        M, G = line.piece_values(I, x), line.pwl_constraints(I, S, x)
        t, down, up = as_loss(loss, y).kink(y)
        program = linprog(np.concatenate([np.zeros(6), down, up]), A_eq=np.hstack([M, np.eye(6), -np.eye(6)]), b_eq=t,
                          A_ub=np.hstack([-G, np.zeros((len(G), 12))]), b_ub=np.zeros(len(G)),
                          bounds=[(None, None)] * 6 + [(0, None)] * 12)
        lines = line.lines_in_cell(line_data(x, y), I, S, loss)
        assert as_loss(loss, y).value(M @ lines.ravel(), y).sum() == pytest.approx(program.fun, abs=1e-7)


@pytest.mark.statement("exact_erm/claim-running-time")
@pytest.mark.parametrize(("samples", "pieces"), [(1, 1), (1, 4), (5, 1), (12, 5), (8, 3)])
def test_the_count_and_the_printed_bound(samples, pieces):
    assert line.running_time(samples=samples, pieces=pieces).state is State.HOLDS
    assert line.running_time(samples=samples, pieces=pieces, printed_bound=True).state is State.HOLDS


@pytest.mark.statement("exact_erm/claim-running-time")
def test_the_printed_bound_is_within_a_polynomial_but_far():
    assert cell_count(12, 5) * 100 < 24 ** 5


@pytest.mark.statement("exact_erm/erratum-E5")
@pytest.mark.parametrize(("x", "y", "width", "bias", "net", "pieces"), [
    (range(-1, 3), (0, 0, 1, 2), 1, False, 0, 0.3), (range(-1, 3), (-1, 0, 1, 2), 1, False, 1, 0),
    (range(6), HALF_TENT, 2, False, 0, 0), (range(6), HALF_TENT, 1, True, 1.25, None)])
def test_nets_and_pieces_differ_both_ways(x, y, width, bias, net, pieces):
    verdict = line.printed_equivalence(x=x, y=y, width=width, output_bias=bias)
    assert verdict.measured == pytest.approx(net, abs=1e-10)
    if pieces is not None:
        assert verdict.bound == pytest.approx(pieces, abs=1e-10)
    assert (verdict.state is State.VIOLATED) == (pieces is None or abs(net - pieces) > 1e-9)


@pytest.mark.statement("exact_erm/erratum-E5")
def test_the_tent_needs_two_pieces_or_two_gates():
    assert pwl_fit_1d(range(6), [Fraction(v) for v in HALF_TENT], 2).value == 0
    tent = PWL1D([2], [1, Fraction(-1, 2)], [0, 3])
    assert smallest_net_on(tent, 0, 5, output_bias=False).size == 2  # a gate may bend at the first sample
    assert smallest_width_of(tent, output_bias=False) == 3  # on the whole line it needs one more


@pytest.mark.statement("exact_erm/erratum-E6")
def test_the_printed_inequalities_fit_a_line():
    verdict = line.printed_inequalities()
    regression = pwl_fit_1d(range(8), [Fraction(v) for v in line.TENT], 1).value
    assert verdict.state is State.VIOLATED
    assert regression == Fraction(220, 21)  # 10.476190...
    assert verdict.measured == pytest.approx(float(regression), rel=1e-12)
    assert verdict.bound == pytest.approx(0, abs=1e-12)  # the corrected inequalities


@pytest.mark.statement("exact_erm/erratum-E6")
@pytest.mark.parametrize("seed", range(3))
def test_the_printed_inequalities_fit_a_line_on_any_data(seed):
    y = np.random.default_rng(seed).standard_normal(6)
    for pieces in (2, 3):
        verdict = line.printed_inequalities(y=tuple(y), pieces=pieces)
        assert verdict.state is State.VIOLATED
        assert verdict.measured == pytest.approx(pwl_fit_1d(range(6), y, 1).value, rel=1e-9)


@pytest.mark.statement("exact_erm/erratum-E6")
@pytest.mark.parametrize(("I", "S"), [((3,), (1,)), ((3,), (-1,)), ((2, 4), (1, -1)), ((3, 3), (-1, -1))])
def test_the_printed_inequalities_leave_only_equal_lines(I, S):
    """Linear programs push the difference of neighbours as far as it goes: nowhere; far with the corrected signs."""
    x = np.arange(6.0)
    for build, nowhere in ((line.printed_constraints, True), (line.pwl_constraints, False)):
        G = build(I, S, x)
        reach = [-linprog(-sign * row, A_ub=-G, b_ub=np.zeros(len(G)), bounds=(-1, 1)).fun
                 for j in range(len(I)) for sign in (1, -1)
                 for row in (np.eye(len(G[0]))[2 * j + 2 + k] - np.eye(len(G[0]))[2 * j + k] for k in (0, 1))]
        assert (max(reach) < 1e-9) == nowhere


@pytest.mark.statement("exact_erm/erratum-E6")
def test_no_harm_on_a_straight_line():
    assert line.printed_inequalities(y=(0, 1, 2, 3, 4)).state is State.HOLDS


@pytest.mark.statement("exact_erm/erratum-E7")
def test_the_printed_number_of_tuples():
    verdict = line.printed_tuples()
    assert (verdict.measured, verdict.bound, verdict.state) == (36, 56, State.VIOLATED)
    assert cell_count(8, 3) == 36 * 4
    assert len(breakpoint_cells(8, 3)) == 28
    assert line.printed_tuples(samples=4, pieces=1).state is State.VIOLATED  # one tuple, the empty one
    assert line.printed_tuples(samples=1, pieces=1).state is State.HOLDS


@pytest.mark.statement("exact_erm/problem-2.6")
def test_a_wrong_fit_is_seen(monkeypatch):
    right = line.pwl_fit_1d
    monkeypatch.setattr(line, "pwl_fit_1d", lambda x, y, w, **how: right(x, y, w + ("method" in how), **how))
    assert line.best_fit(samples=7, pieces=2, instances=2).state is State.VIOLATED


@pytest.mark.statement("exact_erm/claim-running-time")
@pytest.mark.parametrize("printed_bound", [False, True])
def test_a_wrong_list_of_cells_is_seen(monkeypatch, printed_bound):
    right = line.breakpoint_cells
    monkeypatch.setattr(line, "breakpoint_cells", lambda *a, **k: [*right(*a, **k)] * 20)
    assert line.running_time(samples=5, pieces=3, printed_bound=printed_bound).state is State.VIOLATED
