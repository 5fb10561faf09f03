"""Equicorrelated dictionaries, the worst-case margin by enumeration, and the picture over (p, ζ)."""

from itertools import combinations, product

import numpy as np
import pytest

from mathdl.sparse_coding.dictionaries import coherence, gaussian
from mathdl.sparse_coding.phase import (
    _best_share,
    equicorrelated,
    phase_diagram,
    promised_margin,
    recovery_margin,
)


@pytest.mark.parametrize(("h", "C"), [(2, 0.5), (5, 0.0), (8, 0.3), (40, 0.9)])
def test_equicorrelated_dictionaries_are(h, C):
    signs = (-1.0) ** np.arange(h)
    A = equicorrelated(h, C)
    gram = A.T @ A
    assert gram == pytest.approx((1 - C) * np.eye(h) + C * np.outer(signs, signs), abs=1e-12)
    found = coherence(A).C
    assert found == pytest.approx(C, abs=1e-12)


def enumerated_margin(A, k, low, high):
    """All supports of 1 to k atoms and all corners of the box of entries; the extremes of linear functions."""
    P, h, on, off = A.T @ A, A.shape[1], np.inf, -np.inf
    for size in range(1, k + 1):
        for S in combinations(range(h), size):
            rest = [i for i in range(h) if i not in S]
            for x in product((low, high), repeat=size):
                value = P[:, S] @ x
                on, off = min(on, value[list(S)].min()), max(off, value[rest].max())
    return on - off


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_margin_is_that_of_all_supports_and_corners(k, seed):
    A = gaussian(5, 7, rng=np.random.default_rng(seed))
    exact, found = enumerated_margin(A, k, 0.5, 1.2), recovery_margin(A, k, 0.5, 1.2)
    assert found <= exact + 1e-12
    # where an idle unit has only negative products, the worst case is the empty code, which is not enumerated here
    assert found == pytest.approx(exact, abs=1e-12) or (np.sort(A.T @ A, 1)[:, -2] < 0).any()


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_promise_is_attained(k):
    assert enumerated_margin(equicorrelated(8, 0.1), k, 0.9, 1.1) == pytest.approx(promised_margin(0.1, k, 0.9, 1.1))
    assert recovery_margin(equicorrelated(8, 0.1), k, 0.9, 1.1) == pytest.approx(promised_margin(0.1, k, 0.9, 1.1))


@pytest.mark.parametrize("seed", range(5))
def test_the_promise_is_kept(seed):
    A = gaussian(40, 20, rng=np.random.default_rng(seed))
    assert recovery_margin(A, 3, 0.9, 1.1) >= promised_margin(coherence(A).C, 3, 0.9, 1.1) - 1e-12


def test_the_best_threshold_hits_the_most_intervals():
    off, on = np.array([0.0, 0.5, 0.2, 2.0, 1.0]), np.array([1.0, 0.6, 0.4, 3.0, 0.0])
    grid = np.linspace(-1, 4, 2001)[:, None]
    assert _best_share(off, on) == ((off <= grid) & (grid < on)).mean(1).max() == 0.4
    assert _best_share(np.ones(3), np.ones(3)) == 0


def slow_share(h, k, C, low, high, samples, rng):
    """With the dictionary and all products."""
    A, on, off = equicorrelated(h, C), [], []
    for _ in range(samples):
        x, S = np.zeros(h), rng.permutation(h)[:k]
        x[S] = rng.uniform(low, high, k)
        value = A.T @ (A @ x)
        on.append(value[S].min())
        off.append(np.delete(value, S).max())
    return _best_share(np.array(off), np.array(on))


@pytest.mark.parametrize(("p", "zeta"), [(0.2, 0.1), (0.5, 0.5), (0.5, 0.4)])
def test_a_cell_is_that_of_the_slow_loop(p, zeta):
    found = phase_diagram(32, [p], [zeta], low=0.9, high=1.1, samples=4000, rng=np.random.default_rng(0))
    slow = slow_share(32, found.sparsities[0], 32 ** -zeta, 0.9, 1.1, 4000, np.random.default_rng(1))
    assert found.recovered[0, 0] == pytest.approx(slow, abs=0.06)  # two independent shares of 4000, 5 errors


def test_the_regions():
    found = phase_diagram(64, np.linspace(0, 0.8, 9), np.linspace(0.05, 1.3, 14), low=0.9, high=1.1, samples=100,
                          rng=np.random.default_rng(0))
    assert (found.recovered[found.every_code] == 1).all()
    assert (found.every_code | ~found.printed).all()  # the printed condition is stronger
    assert (found.critical & ~found.every_code).any()  # 2p < ζ is about large h, and promises nothing at h = 64
    assert (found.recovered[~found.every_code] < 1).any()
    assert found.critical[3].tolist() == (2 * found.exponents[3] < found.zetas).tolist()


def test_refusals():
    for bad in ((1, 0.5), (4, 1.0), (4, -0.1)):
        with pytest.raises(ValueError, match="expected"):
            equicorrelated(*bad)
    for p, zeta in ((0.9, 0.5), (0.1, 0.0)):
        with pytest.raises(ValueError, match="expected"):
            phase_diagram(16, [p], [zeta], low=1, high=2, samples=5, rng=np.random.default_rng(0))
