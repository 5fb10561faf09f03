"""Statements on cells: they hold where they must, fall silent without their hypotheses, and E4 is refuted."""

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from mathdl.core.theorem import State
from mathdl.exact_erm.cells import cells, cover_count
from mathdl.exact_erm.rays import extreme_rays
from mathdl.exact_erm.theorems import cells as T

few = settings(max_examples=8, deadline=None)
plane = st.lists(st.tuples(*[st.integers(0, 2)] * 2), min_size=3, max_size=7)
space = st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=4, max_size=7)


def spans(points):
    return np.linalg.matrix_rank(np.column_stack([points, np.ones(len(points))])) == len(points[0]) + 1


@pytest.mark.statement("exact_erm/claim-partitions")
@given(plane)
@few
def test_partitions_are_cells_in_any_position(points):
    assert T.partitions_are_cells(points=tuple(points)).state is State.HOLDS


@pytest.mark.statement("exact_erm/claim-partitions")
@pytest.mark.parametrize("points", [((0,), (2,), (2,), (5,)), ((1, 1),), tuple(product((0, 1), repeat=3))])
def test_partitions_are_cells_on_the_line_at_a_point_and_on_the_cube(points):
    assert T.partitions_are_cells(points=points, reach=2).state is State.HOLDS


@pytest.mark.statement("exact_erm/claim-partitions")
def test_without_all_and_none_the_claim_is_silent_and_fails():
    verdict = T.partitions_are_cells(trivial=False)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied


def best_value_of_one_gate(x, y, patterns):
    """The least squared error of one gate with top weight +1 over the closed cells of these patterns."""
    rays = extreme_rays(x)
    number = {row.tobytes(): i for i, row in enumerate(rays.cells.patterns)}
    features = rays.features().T
    return min(nnls(features[:, rays.of_cell(number[p.tobytes()])], y)[1] ** 2 for p in patterns)


@pytest.mark.statement("exact_erm/claim-partitions")
def test_a_list_without_the_trivial_cells_loses_the_optimum_on_positive_affine_data():
    x = np.random.default_rng(0).standard_normal((8, 2))
    y = x @ [1.0, -2.0]
    y += 1 - y.min()
    patterns = cells(x).patterns
    proper = patterns[patterns.any(axis=1) & ~patterns.all(axis=1)]
    assert best_value_of_one_gate(x, y, patterns) < 1e-24 * (y @ y) < 1e-3 < best_value_of_one_gate(x, y, proper)


@pytest.mark.statement("exact_erm/claim-cell-count")
@given(st.integers(2, 9), st.integers(2, 3), st.integers(0, 10 ** 6))
@few
def test_cells_are_at_most_a_power(D, n, seed):
    verdict = T.power_count(n_samples=D, n_inputs=n, seed=seed)
    assert verdict.satisfied
    assert verdict.measured == cover_count(D, n)
    assert verdict.state is (State.VACUOUS if D ** n >= 2 ** D else State.HOLDS)


@pytest.mark.statement("exact_erm/claim-cell-count")
def test_the_power_holds_for_every_count_and_is_attained():
    assert all(cover_count(D, n) <= D ** n for n in range(2, 9) for D in range(2, 60))
    assert cover_count(2, 2) == 4 == 2 ** 2


@pytest.mark.statement("exact_erm/claim-cell-count")
def test_the_power_fails_on_the_line_and_for_one_sample():
    line, one = T.power_count(n_samples=6, n_inputs=1), T.power_count(n_samples=1)
    assert (line.given, line.measured, line.bound) == ((False, True), 12, 6)
    assert (one.given, one.measured, one.bound) == ((True, False), 2, 1)
    assert line.state is one.state is State.SILENT


@pytest.mark.statement("exact_erm/erratum-E4")
@pytest.mark.parametrize(("D", "n", "count", "printed", "power"),
                         [(3, 2, 8, 6, 9), (6, 2, 32, 30, 36), (5, 3, 30, 20, 125), (6, 3, 52, 40, 216)])
def test_the_printed_count_fails_where_the_corrected_one_holds(D, n, count, printed, power):
    verdict = T.printed_count(n_samples=D, n_inputs=n)
    assert verdict.state is State.VIOLATED
    assert (verdict.measured, verdict.bound) == (count, printed)
    assert count == cover_count(D, n) <= D ** n == power


@pytest.mark.statement("exact_erm/erratum-E4")
def test_in_the_plane_exactly_the_two_trivial_cells_are_missed_and_in_space_more():
    assert all(cover_count(D, 2) == 2 * comb(D, 2) + 2 for D in range(1, 50))
    assert cover_count(6, 3) - 2 == 50 > 40 == 2 * comb(6, 3)


@pytest.mark.statement("exact_erm/erratum-E4")
def test_the_printed_count_is_silent_on_the_line():
    assert T.printed_count(n_samples=6, n_inputs=1).state is State.SILENT


@pytest.mark.statement("exact_erm/ours-general-position")
@pytest.mark.parametrize(("D", "n", "largest"), [(5, 2, 3), (7, 2, 8), (6, 3, 3), (4, 3, 2), (3, 2, 2), (5, 1, 9)])
def test_the_full_count_means_general_position(D, n, largest):
    verdict = T.general_position(n_samples=D, n_inputs=n, largest=largest, samples=50, seed=1)
    assert verdict.state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-general-position")
def test_general_position_is_silent_on_samples_of_one_kind():
    assert T.general_position(n_samples=1, samples=5).state is State.SILENT


@pytest.mark.statement("exact_erm/ours-cell-enumeration")
@given(st.one_of(plane, space))
@few
def test_cells_lie_around_rays_in_any_position(points):
    verdict = T.cells_around_rays(points=tuple(points))
    assert verdict.state is (State.HOLDS if spans(points) else State.SILENT)


@pytest.mark.statement("exact_erm/ours-cell-enumeration")
def test_cells_around_rays_are_silent_for_samples_that_do_not_span():
    verdict = T.cells_around_rays(points=((0, 0), (1, 1), (2, 2)))
    assert verdict.state is State.SILENT
    assert not verdict.satisfied  # brute force in the plane has no rays there


@pytest.mark.statement("exact_erm/ours-cell-enumeration")
def test_forgetting_the_dichotomies_on_the_ray_loses_cells():
    rays = extreme_rays(T.GRID)
    off = {row.tobytes() for row in rays.patterns}  # samples on the ray counted as inactive
    assert len(off) < rays.cells.n_cells


@pytest.mark.statement("exact_erm/ours-incidences")
@pytest.mark.parametrize("points", [T.SQUARE, ((0,), (3,), (1,)), ((0, 0), (1, 0), (0, 1)),
                                    ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 2, 4))])
def test_incidences_in_general_position(points):
    assert T.incidence_count(points=points).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-incidences")
def test_incidences_are_silent_in_bad_position_and_for_few_samples():
    bad, short = T.incidence_count(points=T.GRID), T.incidence_count(points=((1, 0),))
    assert (bad.given, short.given) == ((False, True), (True, False))
    assert bad.state is short.state is State.SILENT
    assert not bad.satisfied
    assert not short.satisfied
