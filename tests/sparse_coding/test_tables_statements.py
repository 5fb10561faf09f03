"""Statements on section 4.6: as announced by default, silent without a hypothesis, able to fail."""

import pytest

from mathdl.core.theorem import State
from mathdl.sparse_coding.experiments import table_461
from mathdl.sparse_coding.experiments.printed_tables import (
    COVERED,
    POWERS,
    SIZES,
    printed_cover,
    printed_norm,
    zero_cover,
)
from mathdl.sparse_coding.experiments.records import record_row
from mathdl.sparse_coding.theorems import tables


@pytest.mark.statement("sparse_coding/claim-table-4.6.1")
def test_the_row_at_256_is_reproduced():
    assert tables.table_of_gradients().state is State.HOLDS


@pytest.mark.statement("sparse_coding/claim-table-4.6.1")
@pytest.mark.parametrize("live", [0.01, 0.1])
def test_other_live_cells(live):
    assert tables.table_of_gradients(live=live).state is State.HOLDS


@pytest.mark.statement("sparse_coding/claim-table-4.6.1")
def test_the_row_at_512_is_not_reproduced():
    """The fit was made at 256; elsewhere a factor is left, and the verdict says so."""
    assert tables.table_of_gradients(h=512).state is State.VIOLATED


@pytest.mark.statement("sparse_coding/claim-table-4.6.1")
def test_silent_where_units_are_dead_or_zero_is_printed():
    verdict = tables.table_of_gradients(h=1024)
    assert (verdict.state, verdict.given[1]) == (State.SILENT, False)
    dead = tables.table_of_gradients(rule="theorem")
    assert (dead.state, dead.given) == (State.SILENT, (False, True))


@pytest.mark.statement("sparse_coding/claim-falling-norm")
def test_printed_norms_always_fall_is_violated():
    verdict = tables.falling_norms()
    assert verdict.state is State.VIOLATED
    assert verdict.measured == pytest.approx(79 / 71)


@pytest.mark.statement("sparse_coding/claim-falling-norm")
@pytest.mark.parametrize("sizes", [(256, 512), (1024, 2048), (1024, 4096)])
def test_printed_norms_fall_elsewhere(sizes):
    assert tables.falling_norms(sizes=sizes).state is State.HOLDS


@pytest.mark.statement("sparse_coding/claim-table-4.6.2")
def test_descent_ends_beyond_the_zero_matrix():
    assert tables.table_of_recoveries().state is State.HOLDS


@pytest.mark.statement("sparse_coding/claim-table-4.6.2")
def test_silent_from_a_close_start_and_without_the_stop_rule():
    close = tables.table_of_recoveries(h=64, p=0.05, N=200, start=0.3)
    assert close.state is State.SILENT
    assert close.measured < 1  # so the start must be far
    assert not close.given[1]


@pytest.mark.statement("sparse_coding/claim-landscape")
def test_the_shapes_are_as_described_in_one_direction():
    verdict = tables.landscape_shapes()
    assert (verdict.state, verdict.measured) == (State.HOLDS, 6)


@pytest.mark.statement("sparse_coding/claim-landscape")
def test_the_shapes_are_not_as_described_in_another_direction():
    """The dip at p = 0.3 is a slope: in direction 2 it lies at negative t."""
    assert tables.landscape_shapes(direction=2).state is State.VIOLATED


@pytest.mark.statement("sparse_coding/claim-landscape")
def test_landscape_is_silent_with_dead_units_and_other_powers():
    assert tables.landscape_shapes(rule="theorem", N=300).given == (False, True)
    assert tables.landscape_shapes(powers=(0.1, 0.2, 0.3), N=1000).given == (True, False)


@pytest.mark.statement("sparse_coding/claim-well")
@pytest.mark.parametrize(("p", "most"), [(0.01, 0.6), (0.1, 0.85), (0.3, 0.7)])
def test_printed_well_is_violated_along_the_gradient(p, most):
    """On fresh signals; in the direction of −G and with rows that move by a quarter of their length."""
    verdict = tables.bottom_of_a_well(p=p)
    assert verdict.state is State.VIOLATED
    assert verdict.measured < most


@pytest.mark.statement("sparse_coding/claim-well")
def test_far_along_the_gradient_the_loss_rises_and_dead_units_are_silent():
    assert tables.bottom_of_a_well(lengths=(8, 12)).state is State.HOLDS
    dead = tables.bottom_of_a_well(rule="theorem", N=500)
    assert (dead.state, dead.measured) == (State.SILENT, pytest.approx(1))


@pytest.mark.statement("sparse_coding/erratum-E4.12")
@pytest.mark.parametrize("p", [0.01, 0.1, 0.3])
def test_printed_gradient_with_the_printed_bias_is_violated(p):
    verdict = tables.gradients_as_printed(p=p)
    assert (verdict.state, verdict.measured) == (State.VIOLATED, 0)


@pytest.mark.statement("sparse_coding/erratum-E4.12")
def test_printed_gradient_with_the_fitted_bias_is_violated_by_the_root_of_200():
    """The honest norm is 14 times the printed value; divided by √200 it agrees within the error of the verdict."""
    verdict = tables.gradients_as_printed(rule="seed-fit")
    assert verdict.state is State.VIOLATED
    assert verdict.measured / 200 ** 0.5 == pytest.approx(verdict.bound, abs=verdict.error)
    for p in POWERS:
        row = record_row(table_461.RECORD, h=256, p=p, rule="seed-fit", seed=0)
        assert row["like_printed"] == pytest.approx(printed_norm(256, p), rel=0.15)


@pytest.mark.statement("sparse_coding/erratum-E4.12")
def test_a_cell_printed_as_zero_says_nothing_about_the_bias():
    verdict = tables.gradients_as_printed(h=1024, p=0.5, N=50)
    assert (verdict.state, verdict.given) == (State.SILENT, (True, False))


@pytest.mark.statement("sparse_coding/erratum-E4.13")
def test_printed_dead_units_are_violated():
    verdict = tables.dead_units()
    assert verdict.state is State.VIOLATED
    assert verdict.measured > 0.99


@pytest.mark.statement("sparse_coding/erratum-E4.13")
def test_dead_units_have_no_dip():
    """The corrected form: where all units are off, the loss does not change."""
    dead = tables.dead_units(rule="theorem")
    assert (dead.state, dead.measured) == (State.SILENT, 0)
    assert not any(dead.given)
    assert tables.dead_units(p=0.1).given == (False, True)


@pytest.mark.statement("sparse_coding/erratum-E4.14")
def test_printed_recovery_beats_the_zero_matrix_is_violated():
    verdict = tables.better_than_zero()
    assert verdict.state is State.VIOLATED
    assert verdict.measured == pytest.approx(99.4 - 100 * (1 - 5 * 4096 ** -0.9))
    below = {(h, p) for h in SIZES for p in COVERED if printed_cover(h, p) < zero_cover(h, p) - 0.05}
    assert below == {(2048, 0.05), (4096, 0.05), (4096, 0.1)}


@pytest.mark.statement("sparse_coding/erratum-E4.14")
def test_the_small_sizes_do_beat_it():
    assert tables.better_than_zero(sizes=(256, 512)).state is State.HOLDS
