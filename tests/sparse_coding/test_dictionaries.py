"""Dictionaries: coherence equals its formula, families keep their promises, and bad input is refused by name."""

import itertools
import math

import numpy as np
import pytest

from mathdl.sparse_coding import dictionaries
from mathdl.sparse_coding.dictionaries import (
    alternating_projection,
    coherence,
    coherence_floor,
    devore,
    devore_at_exponent,
    gaussian,
    graph_columns,
    identity_hadamard,
    is_prime,
    made_generic,
    row_maxima,
    welch_bound,
)


def pairwise_coherence(A):
    return max(abs(float(A[:, i] @ A[:, j])) for i, j in itertools.combinations(range(A.shape[1]), 2))


@pytest.mark.parametrize("n", [2, 4, 16, 64, 256])
def test_identity_and_hadamard(n):
    found = coherence(identity_hadamard(n))
    assert pytest.approx(1 / math.sqrt(n), abs=1e-12) == found.C
    assert found.zeta == pytest.approx(math.log(n) / (2 * math.log(2 * n)), abs=1e-12)
    assert found.mean_row_max == pytest.approx(1 / math.sqrt(n), abs=1e-12)


@pytest.mark.parametrize(("q", "r", "C", "zeta"), [(5, 2, 0.4, 0.190), (7, 2, 2 / 7, 0.215), (11, 2, 2 / 11, 0.237),
                                                   (5, 1, 0.2, 0.5), (5, 3, 0.6, None), (2, 1, 0.5, 0.5)])
def test_devore(q, r, C, zeta):
    A = devore(q, r)
    found = coherence(A)
    assert A.shape == (q * q, q ** (r + 1))
    assert pytest.approx(C, abs=1e-12) == found.C
    assert found.zeta == pytest.approx(math.log(q / r) / ((r + 1) * math.log(q)), abs=1e-12)
    assert zeta is None or found.zeta == pytest.approx(zeta, abs=5e-4)


def test_devore_counts_the_points_where_polynomials_agree():
    """Second route: the inner product is the number of x with P(x) = Q(x), over q, by integer arithmetic."""
    q, r = 5, 2
    values = [[sum(c * x ** i for i, c in enumerate(p)) % q for x in range(q)]
              for p in itertools.product(range(q), repeat=r + 1)]
    agree = np.array([[sum(a == b for a, b in zip(u, v, strict=True)) for v in values] for u in values])
    order = [p[0] + p[1] * q + p[2] * q * q for p in itertools.product(range(q), repeat=r + 1)]
    A = devore(q, r)[:, order]
    np.testing.assert_allclose(A.T @ A, agree / q, atol=1e-12)


def test_a_choice_of_columns_is_a_choice():
    A = devore(5, 2, 40, rng=np.random.default_rng(0))
    everything = {tuple(c) for c in devore(5, 2).T}
    assert len({tuple(c) for c in A.T} & everything) == 40
    assert coherence(A).C <= 0.4 + 1e-12


def test_made_generic_keeps_the_gram_matrix_up_to_signs():
    A = devore(5, 2, 60, rng=np.random.default_rng(0))
    B = made_generic(A, rng=np.random.default_rng(1))
    np.testing.assert_allclose(np.abs(B.T @ B), np.abs(A.T @ A), atol=1e-12)
    assert (np.abs(B) > 1e-6).mean() > 0.99  # no longer sparse
    assert (B.T @ B).min() < -0.1  # and no longer non-negative


@pytest.mark.parametrize(("q", "exponent", "h"), [(11, 0.25, 181), (13, 0.25, 353), (13, 1 / 3, 275), (7, 0.5, 49)])
def test_fixed_exponent_has_its_coherence_exactly(q, exponent, h):
    A = devore_at_exponent(q, exponent, rng=np.random.default_rng(3))
    r = round(1 / exponent) - 1
    assert A.shape == (q * q, h)
    assert len({tuple(c) for c in A.T}) == h
    assert pytest.approx(r / q, abs=1e-12) == coherence(A).C


def test_fixed_exponent_draws_its_columns_from_everywhere():
    """Of the 123 quadratics over F_5 besides the fixed pair, 25 lead with 4x²: as many of the columns drawn."""
    from mathdl.core.intervals import binomial_interval

    leads = []
    for seed in range(100):
        A = devore_at_exponent(5, 0.34, rng=np.random.default_rng(seed))
        values = A.reshape(5, 5, -1).argmax(axis=1)
        leads.append((values[0] - 2 * values[1] + values[2]) * 3 % 5)  # second difference 2c, and 3 = 1/2 modulo 5
    leads = np.concatenate(leads)
    low, high = binomial_interval(int((leads == 4).sum()), len(leads) - 200)  # the pair leads with 0 and 1
    assert low <= 25 / 123 <= high


def test_gaussian_at_the_shape_of_the_counter_example():
    """The Gaussian family exceeds DeVore's by a factor near 2 at n = 49, h = 343."""
    drawn = [coherence(gaussian(49, 343, rng=np.random.default_rng(s))).C for s in range(5)]
    assert min(drawn) > 1.8 * coherence(devore(7, 2)).C
    assert np.mean(drawn) > 0.55


def test_coherence_of_gaussian_rises_with_h():
    C = [np.mean([coherence(gaussian(50, h, rng=np.random.default_rng(s))).C for s in range(4)])
         for h in (256, 512, 1024)]
    assert C[0] < C[1] < C[2]
    assert 0.5 < C[0] < 0.62
    assert 0.58 < C[2] < 0.70


@pytest.mark.parametrize("h", [2, 30, 700])
def test_coherence_against_all_pairs(h):
    A = gaussian(6, h, rng=np.random.default_rng(h)) if h < 700 else identity_hadamard(512)[:, :h]
    found = coherence(A)
    G = np.abs(A.T @ A) - np.eye(h) * 2
    np.testing.assert_allclose(row_maxima(A), G.max(1), atol=1e-12)
    assert pytest.approx(G.max(), abs=1e-12) == found.C
    assert found.mean_row_max == pytest.approx(G.max(1).mean(), abs=1e-12)


def test_alternating_projection_comes_near_the_welch_bound():
    start = coherence(gaussian(6, 12, rng=np.random.default_rng(0))).C
    found = coherence(alternating_projection(6, 12, welch_bound(6, 12), rng=np.random.default_rng(0), steps=300))
    assert found.welch <= found.C < 0.6 * start
    assert 1.35 * found.welch > found.C


def test_orthonormal_columns_have_no_finite_exponent():
    found = coherence(np.eye(3))
    assert (found.C, found.zeta, found.welch) == (0.0, math.inf, 0.0)


def test_welch_is_attained_by_simplices():
    """h = n + 1 vectors at equal angles: C = 1/n exactly, below 1/sqrt(n)."""
    for n in (2, 3, 8):
        E = np.eye(n + 1) - 1 / (n + 1)
        U = np.linalg.svd(E)[0][:, :n].T @ E
        assert pairwise_coherence(U / np.linalg.norm(U, axis=0)) == pytest.approx(1 / n, abs=1e-12)
        assert welch_bound(n, n + 1) == pytest.approx(1 / n, abs=1e-12)


def test_welch_bounds_of_higher_order():
    """Order 1 never reaches 1/sqrt(n); order 2 passes it at h = 4096; and the best order tends to 1."""
    assert all(welch_bound(50, h) < 1 / math.sqrt(50) for h in (256, 4096, 10 ** 9))
    assert welch_bound(50, 4096, 2) > 1 / math.sqrt(50) > welch_bound(50, 256)
    floors = [coherence_floor(3, 10 ** e) for e in (1, 2, 4, 8, 16)]
    assert floors == sorted(floors)
    assert floors[-1] > 0.99
    assert coherence_floor(1, 5) == 1
    for s in range(20):
        A = gaussian(3, 40, rng=np.random.default_rng(s))
        assert coherence_floor(3, 40) <= coherence(A).C


def test_primes():
    assert [q for q in range(-1, 30) if is_prime(q)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]


def test_arithmetic_modulo_four_is_no_field():
    assert pytest.approx(0.5) == coherence(graph_columns(4, 1, np.arange(16))).C  # 2x and 0 agree twice


@pytest.mark.parametrize(("call", "told"), [
    (lambda: identity_hadamard(12), "power of two"),
    (lambda: identity_hadamard(1), "power of two"),
    (lambda: devore(6, 2), "prime"),
    (lambda: devore(5, 5), "degree"),
    (lambda: devore(5, 2, 126, rng=np.random.default_rng(0)), "h <= q"),
    (lambda: devore(5, 2, 10), "rng"),
    (lambda: devore(101, 3), "1 GiB"),
    (lambda: devore_at_exponent(11, 0.7, rng=np.random.default_rng(0)), "exponent"),
    (lambda: devore_at_exponent(9, 0.25, rng=np.random.default_rng(0)), "prime"),
    (lambda: devore_at_exponent(3, 0.25, rng=np.random.default_rng(0)), "larger prime"),
    (lambda: devore_at_exponent(1009, 0.25, rng=np.random.default_rng(0)), "1 GiB"),
    (lambda: gaussian(0, 3, rng=np.random.default_rng(0)), "n >= 1"),
    (lambda: alternating_projection(5, 5, 0.1, rng=np.random.default_rng(0)), "h > n"),
    (lambda: alternating_projection(5, 20, 0.1, rng=np.random.default_rng(0)), "Welch"),
    (lambda: coherence(np.ones((3, 4))), "unit columns"),
    (lambda: coherence(np.full((3, 4), np.nan)), "NaN"),
    (lambda: coherence(np.eye(3)[:, :1]), "two columns"),
    (lambda: coherence(np.ones(3)), "shape"),
    (lambda: welch_bound(0, 3), "n, order >= 1"),
    (lambda: made_generic(2 * np.eye(3), rng=np.random.default_rng(0)), "unit columns"),
])
def test_refusals(call, told):
    with pytest.raises(ValueError, match=told):
        call()


def test_the_gram_matrix_is_never_held_whole(monkeypatch):
    A = gaussian(5, 70, rng=np.random.default_rng(0))
    whole = row_maxima(A)
    monkeypatch.setattr(dictionaries, "BLOCK", 16)
    np.testing.assert_allclose(row_maxima(A), whole, atol=1e-15)
