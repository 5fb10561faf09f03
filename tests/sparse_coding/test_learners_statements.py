"""Verdicts on learners: they hold, they are attained, they fall silent, and without the hypothesis they fail."""

import math

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.matching import match_atoms, smallest_angle
from mathdl.sparse_coding.phase import equicorrelated, recovery_margin
from mathdl.sparse_coding.theorems import learners as verdict


@pytest.mark.statement("sparse_coding/claim-local-minimum")
def test_printed_local_minimum_is_violated_and_the_directions_are_right():
    found = verdict.near_the_dictionary()
    assert found.state is State.VIOLATED
    assert found.measured > 4 * found.bound
    assert "smallest cosine at the end 1.0000" in str(found)
    assert verdict.stretched(bias=0.7).state is State.HOLDS  # the corrected form there


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_claim_fails_on_other_samples(seed):
    assert verdict.near_the_dictionary(seed=seed, delta=0.05).state is State.VIOLATED


def test_the_claim_is_not_refuted_from_far_enough_away():
    """Descent does shorten the distance when it starts beyond the stretched dictionary; then a hypothesis fails."""
    found = verdict.near_the_dictionary(delta=0.9)
    assert found.state is State.SILENT
    assert found.given[0] is False


def test_the_claim_needs_a_run_that_settles():
    with pytest.MonkeyPatch.context() as patch:
        from mathdl.sparse_coding import basin

        patch.setattr(verdict, "gd_recovery", lambda *a, **b: basin.gd_recovery(*a, **b, max_steps=2))
        assert verdict.near_the_dictionary().given[1] is False


@pytest.mark.statement("sparse_coding/ours-stretched")
@pytest.mark.parametrize(("n", "bias", "low", "high"), [(16, 0.6, 0.9, 1.1), (64, 0.4, 0.5, 2.0), (128, 0.2, 0.9, 1.1)])
def test_the_stretched_dictionary_is_critical(n, bias, low, high):
    assert verdict.stretched(n=n, bias=bias, low=low, high=high).state is State.HOLDS


def test_the_stretched_dictionary_needs_the_right_units():
    crowded = verdict.stretched(n=4, bias=0.5)  # C = 1/2: other units are on
    asleep = verdict.stretched(n=64, bias=0.95)  # the right one sleeps on weak codes
    assert crowded.state is asleep.state is State.SILENT
    assert not crowded.satisfied
    assert not asleep.satisfied
    at_dictionary_only = verdict.stretched(n=16, bias=0.276)
    assert at_dictionary_only.given == (True, False)
    assert not at_dictionary_only.satisfied


@pytest.mark.statement("sparse_coding/ours-matching")
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("toward", [True, False])
def test_the_matching_is_right_up_to_half_the_smallest_angle(seed, toward):
    assert verdict.matching(seed=seed, turn=0.999, toward=toward).state is State.HOLDS


def test_the_matching_fails_just_beyond():
    beyond = [verdict.matching(seed=s, turn=1.02, toward=True) for s in range(8)]
    assert all(v.state is State.SILENT and not v.satisfied for v in beyond)


@pytest.mark.parametrize("toward", [True, False])
def test_atoms_are_turned_by_the_angle(toward):
    r = np.random.default_rng(0)
    A = gaussian(10, 16, rng=r)
    D = verdict.turned_atoms(A, 0.3, toward=toward, rng=r)
    assert (A * D).sum(0) == pytest.approx(np.full(16, math.cos(0.3)))
    assert np.linalg.norm(D, axis=0) == pytest.approx(np.ones(16))
    if toward:  # at half the angle the two meet
        half = verdict.turned_atoms(A, smallest_angle(A) / 2, toward=True, rng=r)
        assert smallest_angle(half) == pytest.approx(0, abs=1e-6)
    assert match_atoms(A, D).cosines.min() > 0.9


@pytest.mark.statement("sparse_coding/ours-deviation")
@pytest.mark.parametrize("kind", ["Bernstein", "bounded differences"])
@pytest.mark.parametrize("seed", range(3))
def test_deviations_stay_below_the_bound(kind, seed):
    assert verdict.deviation(seed=seed, kind=kind, k=seed + 1).state is State.HOLDS


@pytest.mark.statement("sparse_coding/ours-deviation")
def test_a_bound_with_wrong_constants_is_silent_and_fails():
    found = verdict.deviation(factor=0.2)
    assert found.state is State.SILENT
    assert found.given == (False, False)
    assert found.measured - found.error > 0.05


def test_an_alarm_of_nearly_one_promises_little():
    assert verdict.deviation(alarm=0.99).bound == 0.99


@pytest.mark.statement("sparse_coding/ours-phase")
@pytest.mark.parametrize("k", [1, 2, 5, 15])
def test_equicorrelated_dictionaries_attain_the_margin(k):
    found = verdict.one_bias(k=k)
    assert found.measured == pytest.approx(found.bound, abs=1e-9)
    assert found.state is State.HOLDS


@pytest.mark.parametrize("seed", range(4))
def test_other_dictionaries_have_more_margin(seed):
    found = verdict.one_bias(family="Gaussian", seed=seed, k=2)
    assert found.state is State.HOLDS
    assert found.slack > 0.01


def test_one_bias_is_vacuous_beyond_the_border_and_there_none_works():
    assert verdict.one_bias(C=0.3).state is State.VACUOUS
    assert recovery_margin(equicorrelated(32, 0.3), 3, 0.9, 1.1) < 0
    assert verdict.one_bias(k=32).state is State.SILENT
