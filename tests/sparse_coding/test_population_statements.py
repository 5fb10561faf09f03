"""The statements on the expected gradient: they hold, fall silent without a hypothesis, and the printed forms fail."""

import math

import pytest

from mathdl.core.theorem import State
from mathdl.sparse_coding.code_laws import TwoValued
from mathdl.sparse_coding.supports import line_supports
from mathdl.sparse_coding.theorems import population as v


@pytest.mark.parametrize("check", [
    pytest.param(v.proxy_is_the_gated_mean, marks=pytest.mark.statement("sparse_coding/definition-proxy")),
    pytest.param(v.decomposition, marks=pytest.mark.statement("sparse_coding/equation-decomposition")),
    pytest.param(v.closed_form, marks=pytest.mark.statement("sparse_coding/ours-closed-form"))])
@pytest.mark.parametrize(("n", "h", "k"), [(6, 7, 4), (4, 8, 2), (3, 6, 1), (5, 5, 5)])
def test_identities_hold(check, n, h, k):
    assert check(n=n, h=h, k=k, seed=h).state is State.HOLDS


@pytest.mark.parametrize("check", [v.proxy_is_the_gated_mean, v.decomposition])
def test_identities_need_independent_entries(check):
    verdict = check(together=True)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0.1


@pytest.mark.statement("sparse_coding/ours-closed-form")
@pytest.mark.parametrize(("support", "h", "k"), [("windows", 7, 4), ("blocks", 8, 2), (line_supports(3), 9, 3)])
def test_closed_form_needs_exchangeable_supports(support, h, k):
    verdict = v.closed_form(support=support, h=h, k=k)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0.1


def test_lines_satisfy_the_source_and_still_differ():
    """q1 and q2 do not depend on the atoms, as the source asks; the proxy gradient needs q3 as well."""
    law = line_supports(3)
    assert law.inclusion(1) == pytest.approx(3 / 9)
    assert law.inclusion(2) == pytest.approx(3 * 2 / (9 * 8))


@pytest.mark.statement("sparse_coding/lemma-4.5.1")
@pytest.mark.parametrize("k", [1, 2, 3, 5, 6])
def test_the_gap_is_below_its_bound(k):
    verdict = v.proxy_is_close(k=k)
    assert verdict.state is State.HOLDS
    assert verdict.measured > 0


def test_the_gap_is_zero_without_false_alarms():
    verdict = v.proxy_is_close(high=2.1)
    assert verdict.state is State.HOLDS
    assert verdict.measured == 0


@pytest.mark.statement("sparse_coding/lemma-4.5.1")
@pytest.mark.parametrize(("which", "broken"), [(0, {"delta": 0.001}), (1, {"cosine": 0.2}), (2, {"factor": 0.5}),
                                               (3, {"together": True})])
def test_the_gap_needs_its_hypotheses(which, broken):
    verdict = v.proxy_is_close(**broken)
    assert verdict.state is State.SILENT
    assert verdict.given[which] is False


@pytest.mark.parametrize("broken", [{"cosine": 0.2}, {"factor": 0.5}, {"together": True}])
def test_without_them_the_gap_exceeds_the_bound(broken):
    assert not v.proxy_is_close(**broken).satisfied


@pytest.mark.statement("sparse_coding/ours-one-sparse")
@pytest.mark.parametrize("law", ["uniform", "skewed"])
def test_one_sparse_holds(law):
    assert v.one_sparse(law=law, seed=1).state is State.HOLDS


@pytest.mark.statement("sparse_coding/ours-one-sparse")
@pytest.mark.parametrize("broken", [{"k": 2}, {"law": "two-valued"}, {"low": 1.0, "high": 1.0}])
def test_one_sparse_is_silent(broken):
    assert v.one_sparse(**broken).state is State.SILENT


@pytest.mark.statement("sparse_coding/erratum-E4.6")
def test_printed_exponent_is_violated_as_the_best():
    verdict = v.printed_exponent()
    assert verdict.state is State.VIOLATED
    assert math.log(verdict.measured) == pytest.approx(2 * math.log(verdict.bound))
    assert v.proxy_is_close().bound == pytest.approx(verdict.measured)  # the corrected exponent holds there
    assert v.proxy_is_close().state is State.HOLDS
    assert v.printed_exponent(low=2.5).state is State.SILENT


@pytest.mark.statement("sparse_coding/claim-one-indicator")
def test_printed_single_indicator_is_violated():
    verdict = v.one_indicator()
    assert verdict.state is State.VIOLATED
    assert verdict.bound == 0
    assert v.one_indicator(together=True).state is State.SILENT
    case = v.false_alarms(alone=1, high=6.0, chance=0.1, distance=0.0)
    gap = v.weighted_gap(*v.codes_of(case.model, False), case.weights, case.bias, case.model.dictionary)
    assert (gap.sizes <= gap.bound).all()  # with all gates in the event the step of the proof is right


@pytest.mark.statement("sparse_coding/erratum-E4.7")
@pytest.mark.parametrize("seed", range(3))
def test_printed_index_set_is_violated(seed):
    assert v.appendix_index(seed=seed).state is State.VIOLATED
    assert v.decomposition(seed=seed).state is State.HOLDS
    assert v.appendix_index(k=1, seed=seed).state is State.HOLDS  # no other unit, no wrong index
    assert v.appendix_index(together=True, seed=seed).state is State.SILENT


@pytest.mark.statement("sparse_coding/erratum-E4.8")
@pytest.mark.parametrize("seed", range(3))
def test_printed_first_sum_is_violated(seed):
    assert v.first_line(seed=seed).state is State.VIOLATED
    assert v.first_line(equal_bias=True, seed=seed).state is State.HOLDS
    assert v.first_line(together=True, seed=seed).state is State.SILENT


def test_the_parts_of_a_hypothesis_are_computed():
    model = v.false_alarms().model
    assert v.independent(*v.codes_of(model, False), model)
    assert not v.independent(*v.codes_of(model, True), model)
    assert v.factorises(*v.codes_of(model, False), model.m1, model.m2)
    assert isinstance(model.entry_law, TwoValued)
