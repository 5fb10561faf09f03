"""Matching, pursuit and the learners against slow loops, exhaustive search and planted dictionaries."""

from itertools import permutations

import numpy as np
import pytest

from mathdl.sparse_coding.basin import stretch
from mathdl.sparse_coding.dictionaries import gaussian, identity_hadamard
from mathdl.sparse_coding.experiments.dictionary_learning import FULL, planted, run, shipped_table
from mathdl.sparse_coding.learners import (
    alternating_minimisation,
    autoencoder_descent,
    least_squares_dictionary,
    minibatch_learning,
    signal_rows,
)
from mathdl.sparse_coding.matching import match_atoms, smallest_angle
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.pursuit import SparseCodes, orthogonal_pursuit

SMALL = {"n": 16, "h": 24, "k": 2, "N": 900, "low": 1.0, "high": 2.0, "seed": 0}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("signed", [True, False])
def test_the_matching_is_the_best_of_all_pairings(seed, signed):
    A, D = gaussian(3, 5, rng=rng(seed)), 2 * gaussian(3, 6, rng=rng(seed + 9))
    cosines = A.T @ D / 2
    cosines = cosines if signed else np.abs(cosines)
    best = max(sum(cosines[i, p[i]] for i in range(5)) for p in permutations(range(6), 5))
    found = match_atoms(A, D, signed=signed)
    assert found.cosines.sum() == pytest.approx(best, abs=1e-12)
    assert found.cosines == pytest.approx(cosines[np.arange(5), found.columns])


def test_greedy_pairing_would_be_worse():
    A = np.eye(2)
    D = np.array([[1.0, 0.9], [0.8, 0.0]])  # column 0 is nearest to nobody but good for both
    found = match_atoms(A, D)
    assert found.columns.tolist() == [1, 0]
    assert found.cosines.sum() > 1.6


def test_signs_zero_columns_and_the_share_recovered():
    A = gaussian(6, 4, rng=rng())
    assert match_atoms(A, -A, signed=False).recovered() == 1
    assert match_atoms(A, -A, signed=False).distances.max() < 1e-12
    assert match_atoms(A, -A).recovered() == 0
    D = A[:, [2, 0, 3, 1]].copy()
    D[:, 0] = 0
    assert match_atoms(A, D).recovered() == 0.75
    assert match_atoms(A, D).distances.max() == pytest.approx(1)
    assert smallest_angle(A) == pytest.approx(np.arccos((A.T @ A - 2 * np.eye(4)).max()))


@pytest.mark.parametrize(("first", "second"), [(np.eye(3), np.eye(3)[:, :2]), (np.eye(3), np.eye(4)),
                                               (np.ones(3), np.eye(3)), (np.eye(3), np.full((3, 3), np.nan))])
def test_the_matching_refuses(first, second):
    with pytest.raises(ValueError, match="expected"):
        match_atoms(first, second)
    with pytest.raises(ValueError, match="two columns"):
        smallest_angle(np.ones((3, 1)))


def slow_pursuit(D, y, k, nonnegative, enough):
    """One signal at a time, with lstsq."""
    atoms, residual = [], y
    for _ in range(k):
        if np.linalg.norm(residual) <= enough * np.linalg.norm(y):
            break
        c = D.T @ residual if nonnegative else np.abs(D.T @ residual)
        c[atoms] = -1
        atoms.append(int(c.argmax()))
        residual = y - D[:, atoms] @ np.linalg.lstsq(D[:, atoms], y, rcond=None)[0]
    return atoms, residual


@pytest.mark.parametrize(("nonnegative", "enough"), [(True, 0.0), (False, 0.0), (True, 0.4), (False, 0.4)])
def test_pursuit_is_the_slow_loop(nonnegative, enough):
    D, Y = gaussian(8, 14, rng=rng()), rng(1).standard_normal((60, 8))
    codes = orthogonal_pursuit(D, Y, 4, nonnegative=nonnegative, enough=enough)
    for j, y in enumerate(Y):
        atoms, residual = slow_pursuit(D, y, 4, nonnegative, enough)
        assert codes.atoms[j, :len(atoms)].tolist() == atoms
        assert not codes.weights[j, len(atoms):].any()
        assert codes.residuals[j] == pytest.approx(residual, abs=1e-12)
    assert D @ codes.dense(14) + codes.residuals.T == pytest.approx(Y.T, abs=1e-12)


def test_pursuit_survives_an_atom_in_the_span_of_others_and_a_zero_signal():
    D = np.column_stack([np.eye(3), np.eye(3)[:, 0]])
    codes = orthogonal_pursuit(D, np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), 3)
    assert np.isfinite(codes.weights).all()
    assert codes.residuals == pytest.approx(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="sparsity"):
        orthogonal_pursuit(D, np.ones((1, 3)), 4)


def test_the_dictionary_step_is_least_squares():
    A, Y = planted(**SMALL)
    rows = signal_rows(Y, 24, dtype=np.float64)
    codes = orthogonal_pursuit(A, rows, 2)
    D, energy = least_squares_dictionary(rows, codes, A)
    X = codes.dense(24)
    ridge = 1e-3 * np.mean((X ** 2).sum(1))
    free = np.linalg.lstsq(np.hstack([X, np.sqrt(ridge) * np.eye(24)]).T,
                           np.hstack([rows.T, np.sqrt(ridge) * A]).T, rcond=None)[0].T
    assert pytest.approx(free / np.linalg.norm(free, axis=0), abs=1e-10) == D
    assert energy == pytest.approx((X ** 2).sum(1))
    idle = SparseCodes(np.zeros((900, 1), dtype=np.int64), np.ones((900, 1)), rows)
    assert least_squares_dictionary(rows, idle, A)[0][:, 1:] == pytest.approx(A[:, 1:])  # unused atoms stay


@pytest.mark.parametrize("seed", range(3))
def test_alternating_minimisation_finds_the_planted_dictionary(seed):
    A, Y = planted(**{**SMALL, "seed": seed})
    learned = alternating_minimisation(Y, 24, 2, rng=rng(seed), steps=20)
    assert learned.curve(A)[-1] >= 0.9
    assert learned.curve(A)[0] <= 0.2
    assert len(learned.seconds) == len(learned.history) == 21
    assert np.linalg.norm(learned.dictionary, axis=0) == pytest.approx(np.ones(24), abs=1e-5)
    again = alternating_minimisation(Y, 24, 2, rng=rng(seed), steps=20)
    assert (again.dictionary == learned.dictionary).all()


def test_an_unknown_sparsity_costs_some_atoms_but_works():
    A, Y = planted(**SMALL)
    assert alternating_minimisation(Y, 24, 4, enough=0.4, rng=rng(), steps=20).curve(A)[-1] >= 0.75
    assert alternating_minimisation(Y, 24, 4, rng=rng(), steps=20).curve(A)[-1] < 0.75  # without stopping it does not


def test_signed_codes():
    r = rng(3)
    A = gaussian(16, 24, rng=r)
    X = np.zeros((24, 900))
    S = r.random((24, 900)).argpartition(2, 0)[:2]
    np.put_along_axis(X, S, r.choice([-1, 1], (2, 900)) * r.uniform(1, 2, (2, 900)), 0)
    learned = alternating_minimisation(A @ X, 24, 2, rng=r, nonnegative=False, steps=20)
    assert learned.curve(A, signed=False)[-1] >= 0.9


def test_too_few_signals_recover_nothing():
    A, Y = planted(**{**SMALL, "N": 30})
    assert alternating_minimisation(Y, 24, 2, rng=rng(), steps=20).curve(A)[-1] <= 0.3


def test_the_true_dictionary_is_kept():
    A, Y = planted(**SMALL)
    assert alternating_minimisation(Y, 24, 2, rng=rng(), start=A, steps=5).curve(A).min() >= 0.95


def test_the_autoencoder_learns_too_and_stretches():
    A = identity_hadamard(16)
    Y = SparseCodingModel(A, 1, 0.9, 1.1).sample(640, rng=rng()).signals
    learned = autoencoder_descent(Y, 32, 0.7, rng=rng(), start=A, steps=300)
    assert learned.curve(A)[-1] == 1
    lengths = np.linalg.norm(learned.dictionary, axis=0)
    assert lengths == pytest.approx(np.full(32, stretch(0.7, 1.0, 1.0 + 0.04 / 12)), abs=0.02)
    assert learned.seconds_to(A, 0.5) == learned.seconds[0]
    assert learned.seconds_to(-A, 0.5) == float("inf")


def test_the_autoencoder_gains_atoms_from_random_signals():
    A, Y = planted(**{**SMALL, "n": 24, "h": 30})
    learned = autoencoder_descent(Y, 30, 1.0, rng=rng(), steps=150)
    assert learned.curve(A)[0] < 0.2
    assert learned.curve(A)[-1] > 0.5


def test_the_wrapper_runs_the_peer():
    A, Y = planted(**{**SMALL, "N": 512})
    learned = minibatch_learning(Y, 24, seed=0, epochs=5, penalty=0.3, every=2)
    assert len(learned.seconds) == 6
    assert learned.curve(A)[-1] > 0.3
    assert list(learned.seconds) == sorted(learned.seconds)


def test_every_learner_reports_one_curve():
    found = run({**SMALL, "N": 200}, peer=False)
    assert [c.name for _, c in found] == ["alternating minimisation", "autoencoder, Adam"]
    assert all(len(c.found) == len(c.seconds) and c.seconds_to(2) == float("inf") for _, c in found)


def test_the_shipped_table_meets_the_bar():
    table = shipped_table()
    ours, net, peer = (table.curves[name] for name in ("alternating minimisation", "autoencoder, Adam",
                                                       "MiniBatchDictionaryLearning"))
    assert table.settings == FULL
    assert ours.seconds_to(0.93) <= peer.seconds[-1] / 10
    assert ours.found[-1] >= 0.98
    assert net.found[-1] >= 0.9


@pytest.mark.parametrize(("signals", "atoms"), [(np.ones(5), 2), (np.full((3, 9), np.nan), 2), (np.ones((3, 4)), 5),
                                                (np.zeros((3, 9)), 2), (np.ones((3, 9)), 0)])
def test_learners_refuse(signals, atoms):
    with pytest.raises(ValueError, match="expected"):
        alternating_minimisation(signals, atoms, 1, rng=rng())
    with pytest.raises(ValueError, match="start"):
        alternating_minimisation(np.ones((3, 9)), 2, 1, rng=rng(), start=np.eye(3))
