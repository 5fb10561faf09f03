"""Statements on reliable learning: they hold, are attained, fall silent, and the printed form fails."""

from fractions import Fraction

import pytest

from mathdl.core.theorem import State
from mathdl.exact_erm.reliable_sampling import Atoms, enough_samples
from mathdl.exact_erm.theorems import reliable as T


@pytest.mark.statement("exact_erm/definition-9")
@pytest.mark.parametrize("shares", [(1, 1, 1), (8, 1, 1), (1, 2, 7)])
def test_reliable_erm_learns_reliably(shares):
    atoms = Atoms((0.0, 1.0, 2.0), (0.0, 1.0, 0.5), tuple(Fraction(s, sum(shares)) for s in shares))
    verdict = T.reliable_learning(atoms=atoms, samples=12, epsilon=0.6, delta=0.6)
    assert verdict.state in {State.HOLDS, State.SILENT}
    assert verdict.satisfied


@pytest.mark.statement("exact_erm/definition-9")
def test_the_number_of_samples_that_is_always_enough():
    atoms = Atoms((0.0, 1.0), (0.0, 1.0), (Fraction(1, 2), Fraction(1, 2)))
    verdict = T.reliable_learning(atoms=atoms, samples=enough_samples(2, 1.0, 0.25), epsilon=1.0, delta=0.25)
    assert verdict.state is State.HOLDS


@pytest.mark.statement("exact_erm/definition-9")
def test_too_few_samples_are_silent_and_fail():
    verdict = T.reliable_learning(samples=2)
    assert verdict.given == (False,)
    assert verdict.state is State.SILENT
    few = T.reliable_learning(samples=2, delta=0.1)
    assert not few.satisfied
    assert T.reliable_learning(samples=2, delta=1.0).state is State.VACUOUS


@pytest.mark.statement("exact_erm/erratum-E8")
@pytest.mark.parametrize(("samples", "zeros"), [(1, Fraction(1, 2)), (6, Fraction(1, 4)), (20, Fraction(1, 3))])
@pytest.mark.parametrize("learner", sorted(T.LEARNERS))
def test_no_finite_sample_is_safe(samples, zeros, learner):
    verdict = T.printed_definition(samples=samples, zeros=zeros, learner=learner)
    assert verdict.state is State.VIOLATED
    assert verdict.measured == (1 if learner == "always zero" else (1 - zeros) ** samples)


@pytest.mark.statement("exact_erm/erratum-E8")
def test_with_confidence_the_same_distributions_are_learned():
    verdict = T.printed_definition()
    assert verdict.state is State.VIOLATED
    assert verdict.measured <= Fraction(1, 20)  # the corrected form with δ = 1/20 and 12 samples
    mixed = Atoms((1.0, 1.0), (0.0, 1.0), (Fraction(1, 4), Fraction(3, 4)))
    assert T.reliable_learning(atoms=mixed, samples=12, epsilon=0.4, delta=0.5).satisfied


@pytest.mark.statement("exact_erm/erratum-E8")
def test_a_share_of_zeros_below_epsilon_may_be_missed():
    assert T.printed_definition(zeros=Fraction(1, 20)).satisfied


@pytest.mark.statement("exact_erm/ours-false-positives")
@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("width", [1, 2])
def test_the_curve_falls_to_the_free_optimum(seed, width):
    assert T.false_positive_curve(samples=6, seed=seed, width=width).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-false-positives")
def test_the_curve_is_silent_without_zero_labels():
    assert T.false_positive_curve(zeros=0).state is State.SILENT


@pytest.mark.statement("exact_erm/ours-false-positives")
def test_a_curve_may_be_flat():
    flat = T.false_positive_curve(labels=(0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5), samples=8, seed=2, width=2)
    assert flat.satisfied


def test_default_instances_reach_their_states():
    assert T.reliable_learning().state is State.HOLDS
    assert T.printed_definition().state is State.VIOLATED
    assert T.false_positive_curve().state is State.HOLDS
