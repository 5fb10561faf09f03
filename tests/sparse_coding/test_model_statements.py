"""Statements on the model and its dictionaries: each holds or fails as announced, and needs its hypotheses."""

import math

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.sparse_coding.assumptions import largest_sparsity_exponent
from mathdl.sparse_coding.code_laws import OwnEntries
from mathdl.sparse_coding.dictionaries import coherence, gaussian
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.supports import line_supports
from mathdl.sparse_coding.theorems import model as statements

ATOMS = np.abs(gaussian(10, 25, rng=np.random.default_rng(0)))  # all in one orthant, so that ‖Σ A_i‖² is far from h
ATOMS /= np.linalg.norm(ATOMS, axis=0)


def crowd(**changes):
    """Atoms that all look the same way, so that q2 counts."""
    return SparseCodingModel(**{"dictionary": ATOMS, "sparsity": 5, "low": 1.0, "high": 3.0} | changes)


@pytest.mark.statement("sparse_coding/definition-sparse-model")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("m", [None, crowd(), crowd(law="skewed"), crowd(law="two-valued", support=line_supports(5))])
def test_sparse_model_holds(m, seed):
    assert statements.sparse_model(model=m, samples=4000, seed=seed).state is State.HOLDS


@pytest.mark.statement("sparse_coding/definition-sparse-model")
def test_sparse_model_needs_q2():
    """Five atoms, each listed five times: windows mostly add an atom to itself, where the formula sees strangers."""
    repeats = crowd(dictionary=np.repeat(np.eye(5), 5, axis=1), support="windows")
    verdict = statements.sparse_model(model=repeats)
    assert verdict.state is State.SILENT
    assert verdict.given == (True, False, True)
    assert verdict.measured > 1.5 * verdict.bound


@pytest.mark.statement("sparse_coding/definition-sparse-model")
def test_sparse_model_needs_q1():
    from mathdl.sparse_coding.supports import FiniteSupports

    few = FiniteSupports(25, [[0, 1, 2, 3, 4], [0, 1, 2, 5, 6]])
    verdict = statements.sparse_model(model=crowd(support=few))
    assert verdict.given[0] is False
    assert not verdict.satisfied


@pytest.mark.statement("sparse_coding/definition-sparse-model")
def test_sparse_model_needs_uncorrelated_entries():
    def repeated(size, rng):
        return 1 + 2 * (np.broadcast_to(rng.random((*size[:-1], 1)), size) if len(size) > 1 else rng.random(size))

    law = OwnEntries(1.0, 3.0, repeated, 2.0, 13 / 3)
    verdict = statements.sparse_model(model=crowd(law=law))
    assert verdict.state is State.SILENT
    assert verdict.given == (True, True, False)
    assert not verdict.satisfied
    free = OwnEntries(1.0, 3.0, lambda size, rng: rng.uniform(1, 3, size), 2.0, 13 / 3)
    assert statements.sparse_model(model=crowd(law=free)).state is State.HOLDS_IF


@pytest.mark.statement("sparse_coding/ours-dictionaries")
@pytest.mark.parametrize(("q", "r"), [(2, 1), (3, 1), (5, 2), (5, 4), (11, 1)])
def test_devore_coherence(q, r):
    assert statements.devore_coherence(q=q, r=r).state is State.HOLDS


@pytest.mark.statement("sparse_coding/ours-dictionaries")
@pytest.mark.parametrize(("arguments", "given"), [
    ({"q": 4, "r": 1}, (False, True, True)), ({"q": 6, "r": 2}, (False, True, True)),
    ({"q": 3, "r": 3}, (True, False, True)), ({"q": 5, "r": 2, "h": 5}, (True, True, False))])
def test_devore_coherence_needs_its_hypotheses(arguments, given):
    verdict = statements.devore_coherence(**arguments)
    assert verdict.given == given
    assert verdict.state is State.SILENT
    assert arguments["q"] == 3 or not verdict.satisfied  # r = q: x^q = x, two columns coincide and C = 1 = r/q


@pytest.mark.statement("sparse_coding/ours-hadamard")
@pytest.mark.parametrize("n", [2, 8, 256])
def test_hadamard_coherence(n):
    assert statements.hadamard_coherence(n=n).state is State.HOLDS
    broken = statements.hadamard_coherence(n=n, stretch=1.5)
    assert broken.state is State.SILENT
    assert not broken.satisfied


@pytest.mark.statement("sparse_coding/claim-fixed-exponent")
@pytest.mark.parametrize(("exponent", "primes"), [(0.25, (11, 13)), (1 / 3, (11, 13, 17)), (0.3, (17, 19))])
def test_fixed_exponent(exponent, primes):
    assert statements.fixed_exponent(exponent=exponent, primes=primes).state is State.HOLDS


@pytest.mark.statement("sparse_coding/claim-fixed-exponent")
@pytest.mark.parametrize(("arguments", "given"), [
    ({"exponent": 0.5, "primes": (5,)}, (False, True, None)), ({"primes": (9,)}, (True, False, None)),
    ({"primes": (3,)}, (True, False, None)), ({"primes": (7,)}, (True, True, False))])
def test_fixed_exponent_is_silent(arguments, given):
    verdict = statements.fixed_exponent(**arguments)
    assert verdict.given == given
    assert verdict.state is State.SILENT


@pytest.mark.statement("sparse_coding/claim-fixed-exponent")
def test_gaussian_dictionaries_of_the_same_shapes_have_another_exponent():
    for n, h in ((121, 181), (169, 353), (289, 1031)):
        found = coherence(gaussian(n, h, rng=np.random.default_rng(0)))
        assert abs(found.zeta - 0.25) > 0.02  # against 1e-4 for the statement's family


@pytest.mark.statement("sparse_coding/ours-exponent-ceiling")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "h"), [(2, 40), (3, 30), (5, 6), (10, 300)])
def test_exponent_ceiling(n, h, seed):
    A = gaussian(n, h, rng=np.random.default_rng(seed))
    assert statements.exponent_ceiling(dictionary=A).state is State.HOLDS


@pytest.mark.statement("sparse_coding/ours-exponent-ceiling")
def test_exponent_ceiling_is_attained_by_three_directions_of_the_plane():
    angles = np.arange(3) * 2 * math.pi / 3
    verdict = statements.exponent_ceiling(dictionary=np.vstack([np.cos(angles), np.sin(angles)]))
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(verdict.bound, abs=1e-12)


@pytest.mark.statement("sparse_coding/ours-exponent-ceiling")
def test_exponent_ceiling_needs_unit_columns():
    verdict = statements.exponent_ceiling(dictionary=0.3 * gaussian(5, 40, rng=np.random.default_rng(0)))
    assert verdict.given == (False, True)
    assert not verdict.satisfied
    tall = statements.exponent_ceiling(dictionary=gaussian(9, 4, rng=np.random.default_rng(0)))
    assert tall.given == (True, False)


@pytest.mark.statement("sparse_coding/erratum-E4.1")
def test_printed_two_letters_is_violated_and_one_letter_holds():
    assert statements.two_letters().state is State.VIOLATED
    assert statements.two_letters(xi=None).state is State.HOLDS


@pytest.mark.statement("sparse_coding/erratum-E4.1")
@pytest.mark.parametrize(("arguments", "broken"), [({"xi": 0.5}, 0), ({"nu_squared": 0.1}, 2),
                                                   ({"nu_squared": 0.3}, 3)])
def test_two_letters_is_silent(arguments, broken):
    verdict = statements.two_letters(**arguments)
    assert verdict.state is State.SILENT
    assert verdict.given.index(False) == broken


@pytest.mark.statement("sparse_coding/erratum-E4.1")
def test_one_letter_needs_its_inequalities():
    assert not statements.two_letters(xi=None, p=0.25, nu_squared=0.1).satisfied  # p >= ν²
    assert not statements.two_letters(xi=None, p=0.25, nu_squared=0.3).satisfied  # p + ν² >= ζ


@pytest.mark.statement("sparse_coding/erratum-E4.4")
@pytest.mark.parametrize("seed", range(3))
def test_printed_exponent_is_violated_at_fixed_n(seed):
    verdict = statements.drifting_exponent(shapes=((50, 256), (50, 2048)), seed=seed)
    assert verdict.state is State.VIOLATED
    assert verdict.measured > 1  # coherence rises


@pytest.mark.statement("sparse_coding/erratum-E4.4")
def test_printed_exponent_is_violated_by_default_and_the_corrected_one_is_the_exponent_at_256():
    assert statements.drifting_exponent().state is State.VIOLATED
    zeta = [np.mean([coherence(gaussian(50, h, rng=np.random.default_rng(s))).zeta for s in range(4)])
            for h in (256, 512, 1024)]
    assert zeta == sorted(zeta, reverse=True)
    assert zeta[0] == pytest.approx(0.107, abs=0.02)
    assert zeta[-1] < 0.08


@pytest.mark.statement("sparse_coding/erratum-E4.4")
def test_the_drift_is_silent_when_n_grows_and_coherence_then_falls():
    verdict = statements.drifting_exponent(shapes=((50, 256), (800, 1024)))
    assert verdict.state is State.SILENT
    assert verdict.satisfied
    assert statements.drifting_exponent(shapes=((50, 256), (50, 256))).given == (True, False)


@pytest.mark.statement("sparse_coding/erratum-E4.4")
def test_two_columns_of_the_table_are_left():
    columns = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
    assert [p for p in columns if p < largest_sparsity_exponent(0.1)] == [0.01, 0.02]
    for zeta in (0.1, 0.05):  # second route: some ν² with p < ν² and p + ν² < ζ on a grid
        nu = np.linspace(0, 1, 100_001)
        assert all(((p < nu) & (p + nu < zeta)).any() == (p < largest_sparsity_exponent(zeta)) for p in columns)
