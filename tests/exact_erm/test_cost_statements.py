"""Statements on cost: they hold, fall silent without their hypotheses, and the two habits are refuted."""

import pytest

from mathdl.core.theorem import State
from mathdl.exact_erm import complexity
from mathdl.exact_erm.theorems import cost as T


@pytest.mark.statement("exact_erm/discussion-2.4.1")
@pytest.mark.parametrize(("n", "w"), [(1, 1), (1, 3), (2, 1), (2, 2), (3, 1)])
def test_the_exponent_is_n_w(n, w):
    verdict = T.exponent_of_samples(inputs=n, width=w)
    assert verdict.state is State.HOLDS
    assert verdict.measured == n * w


@pytest.mark.statement("exact_erm/discussion-2.4.1")
def test_on_a_line_the_exponent_is_w():
    verdict = T.exponent_of_samples(on_a_line=True)
    assert verdict.state is State.SILENT
    assert verdict.measured == 2
    assert T.exponent_of_samples(inputs=1, width=2, on_a_line=True).state is State.HOLDS


@pytest.mark.statement("exact_erm/discussion-2.4.1")
def test_a_wrong_count_is_seen(monkeypatch):
    monkeypatch.setattr(T, "distinct_subproblems", complexity.ordered_subproblems)
    assert T.exponent_of_samples().state is State.HOLDS  # order multiplies, and leaves the exponent alone
    monkeypatch.setattr(T, "distinct_subproblems", lambda N, w: N ** (w + 1))
    assert T.exponent_of_samples().state is State.VIOLATED


@pytest.mark.statement("exact_erm/ours-exponential-count")
@pytest.mark.parametrize(("n", "w", "D"), [(1, 1, 2), (1, 2, 5), (3, 2, 4), (5, 1, 7), (2, 3, 3)])
def test_exponential_in_inputs_and_width(n, w, D):
    assert T.exponential_count(inputs=n, width=w, samples=D).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-exponential-count")
def test_the_bound_is_nearly_attained_and_needs_its_hypothesis():
    tight = T.exponential_count(inputs=5, width=1, samples=6)
    assert tight.measured == tight.bound == 2 ** 7
    for verdict in (T.exponential_count(samples=4), T.exponential_count(on_a_line=True)):
        assert verdict.state is State.SILENT
        assert verdict.measured < verdict.bound


@pytest.mark.statement("exact_erm/ours-batched")
@pytest.mark.parametrize("shape", [{"inputs": 1, "width": 3, "samples": 4}, {"inputs": 3, "width": 1},
                                   {"inputs": 1, "output_bias": True}])
def test_piles_and_one_by_one(shape):
    assert T.batched_optimum(instances=2, seed=7, device="cpu", **shape).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-batched")
def test_a_lost_cell_is_seen(monkeypatch):
    from mathdl.exact_erm import batched

    whole = batched._collections
    monkeypatch.setattr(batched, "_collections", lambda n, w: (block[::7] for block in whole(n, w)))
    assert T.batched_optimum(device="cpu").state is State.VIOLATED


@pytest.mark.statement("exact_erm/ours-big-m")
def test_twenty_is_not_enough_and_the_corrected_form_holds():
    printed = T.big_m_is_enough()
    assert printed.state is State.VIOLATED
    assert printed.measured == pytest.approx(0.8 / 1.01, abs=1e-6)
    assert printed.bound == pytest.approx(0, abs=1e-12)
    valid = T.no_big_m(width=1).measured  # some optimal net is within M for this M, and for no smaller one
    assert T.big_m_is_enough(big_m=1.01 * valid).state is State.HOLDS
    assert T.big_m_is_enough(big_m=0.99 * valid).state is State.VIOLATED


@pytest.mark.statement("exact_erm/ours-large-big-m")
def test_a_large_m_invents_a_value_and_a_moderate_one_does_not():
    printed = T.larger_is_safer()
    assert printed.state is State.VIOLATED
    assert printed.measured < 1e-6 < printed.bound
    assert T.larger_is_safer(big_m=100).state is State.HOLDS
    small = T.larger_is_safer(x=(-1, 0, 0.01), y=(0, 0, 1), big_m=20)  # the optimum found is not within 20: undecided
    assert small.given == (None,)
    assert small.state is State.VIOLATED


@pytest.mark.statement("exact_erm/ours-no-big-m")
@pytest.mark.parametrize(("spacing", "width"), [(1, 1), (0.3, 2), (0.001, 1), (0.05, 3)])
def test_the_least_m_grows_without_end(spacing, width):
    assert T.no_big_m(spacing=spacing, width=width).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-no-big-m")
def test_outside_its_range_it_is_silent():
    verdict = T.no_big_m(spacing=4.0, width=1)  # now the label 1 itself is the larger pre-activation
    assert verdict.state is State.SILENT
    assert verdict.measured == pytest.approx(1) != verdict.bound
