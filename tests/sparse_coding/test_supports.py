"""Laws of supports and of entries: exact probabilities against enumeration and against draws."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from mathdl.core.intervals import binomial_interval, mean_error
from mathdl.sparse_coding import supports
from mathdl.sparse_coding.code_laws import OwnEntries, SkewedEntries, TwoValued, UniformEntries
from mathdl.sparse_coding.supports import (
    FiniteSupports,
    UniformSupports,
    block_supports,
    line_supports,
    support_size,
    window_supports,
)


@pytest.mark.parametrize(("h", "k"), [(6, 3), (7, 1), (5, 5), (8, 4)])
@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_inclusion_by_enumeration(h, k, order):
    everything = list(itertools.combinations(range(h), k))
    count = sum(set(range(order)) <= set(S) for S in everything)
    assert UniformSupports(h, k).exact_inclusion(order) == Fraction(count, len(everything))
    assert UniformSupports(h, k).inclusion(order) == pytest.approx(count / len(everything), abs=1e-15)


@pytest.mark.parametrize("draw", [supports._floyd, supports._smallest_keys])
def test_both_ways_to_draw_are_uniform_on_subsets(draw):
    law, N = UniformSupports(6, 3), 20_000
    S = np.sort(draw(N, law, np.random.default_rng(5)), axis=1)
    seen = Counter(map(tuple, S))
    assert len(seen) == 20
    for count in seen.values():
        low, high = binomial_interval(count, N)
        assert low <= 1 / 20 <= high


@pytest.mark.parametrize(("h", "k"), [(4096, 3), (40, 39), (30, 30), (300, 50), (1, 1)])
def test_draws_are_increasing_subsets(h, k):
    S = UniformSupports(h, k).draw(200, rng=np.random.default_rng(0))
    assert S.shape == (200, k)
    assert S.min() >= 0
    assert S.max() < h
    assert (np.diff(S, axis=1) > 0).all()


def test_pairs_are_what_enumeration_says():
    everything = np.array(list(itertools.combinations(range(6), 3)))
    for law in (UniformSupports(6, 3), window_supports(7, 3), block_supports(6, 2), line_supports(3)):
        listed = law.supports if isinstance(law, FiniteSupports) else everything
        P = [[np.mean([i in S and j in S for S in listed]) for j in range(law.atoms)] for i in range(law.atoms)]
        np.testing.assert_allclose(law.pairs(), P, atol=1e-15)


@pytest.mark.parametrize("q", [2, 3, 5])
def test_lines_have_the_q1_and_q2_of_uniform_subsets_and_not_the_q3(q):
    lines, uniform = line_supports(q), UniformSupports(q * q, q)
    assert len({tuple(S) for S in lines.supports}) == q * (q + 1)
    assert lines.inclusion(1) == pytest.approx(uniform.inclusion(1), abs=1e-14)
    assert lines.inclusion(2) == pytest.approx(uniform.inclusion(2), abs=1e-14)
    if q > 2:
        together = Counter(t for S in lines.supports for t in itertools.combinations(S, 3))
        assert len(together) < math.comb(q * q, 3)  # some triples are never used, and q3 > 0


@pytest.mark.parametrize("law", [window_supports(12, 3), block_supports(12, 3)])
def test_windows_and_blocks_have_q1_and_no_q2(law):
    assert law.inclusion(1) == pytest.approx(3 / 12)
    with pytest.raises(ValueError, match="q2 to be the same"):
        law.inclusion(2)


def test_weights_count():
    law = FiniteSupports(3, [[0, 1], [1, 2]], [0.9, 0.1])
    assert law.pairs()[1, 1] == pytest.approx(1.0)
    S = law.draw(5000, rng=np.random.default_rng(0))
    low, high = binomial_interval(int((S[:, 0] == 0).sum()), 5000)
    assert low <= 0.9 <= high
    with pytest.raises(ValueError, match="q1 to be the same"):
        law.inclusion(1)


@pytest.mark.parametrize(("h", "p", "rounding", "k"), [
    (1024, 0.1, "ceil", 2), (1024, 0.1, "floor", 2), (1024, 0.3, "ceil", 8), (1024, 0.3, "floor", 8),
    (1024, 0.4, "ceil", 16), (4096, 0.5, "ceil", 64),
    (256, 0.01, "ceil", 2), (256, 0.01, "floor", 1), (256, 0.3, "ceil", 6), (256, 0.3, "round", 5),
    (512, 0.5, "ceil", 23), (1, 0.5, "ceil", 1), (10, 0, "floor", 1), (10, 1, "floor", 10), (243, 0.6, "floor", 27),
    (243, 0.6, "ceil", 27), (125, 1 / 3, "ceil", 5), (125, 1 / 3, "floor", 5)])
def test_support_size(h, p, rounding, k):
    assert support_size(h, p, rounding) == k


@pytest.mark.parametrize("law", [UniformEntries(1, 10), TwoValued(0, 2, 0.25), SkewedEntries(0.5, 3, 4.0),
                                 UniformEntries(2, 2)])
def test_moments_of_entries(law):
    x = law.draw((300, 100), rng=np.random.default_rng(2)).ravel()
    assert law.low <= x.min() <= x.max() <= law.high
    for moment, values in ((law.m1, x), (law.m2, x ** 2)):
        assert values.mean() == pytest.approx(moment, abs=float(mean_error(values)) + 1e-12)


def test_moments_of_entries_by_quadrature():
    u = (np.arange(200_000) + 0.5) / 200_000  # midpoint rule: error below 1e-9 for these smooth integrands
    law = SkewedEntries(0.5, 3, 4.0)
    x = 0.5 + 2.5 * u ** 4
    assert law.m1 == pytest.approx(x.mean(), abs=1e-8)
    assert law.m2 == pytest.approx((x ** 2).mean(), abs=1e-8)
    assert UniformEntries(1, 10).m1 == 5.5
    assert UniformEntries(1, 10).m2 == 37
    assert TwoValued(1, 3, 0.25).m2 == 3


def own(m1=0.5, m2=1 / 3, function=lambda size, rng: rng.random(size)):
    return OwnEntries(0, 1, function, m1, m2)


def test_own_entries_are_checked():
    assert own().draw(3, rng=np.random.default_rng(0)).shape == (3,)


@pytest.mark.parametrize(("make", "told"), [
    (lambda: own(m1=0.52), "expected m1 near 0.5"),
    (lambda: own(m2=0.3), "expected m2 near 0.33"),
    (lambda: own(m1=math.nan), "expected m1"),
    (lambda: own(function=lambda size, rng: rng.random(size) * 2), r"values in \[0, 1\]"),
    (lambda: own(function=lambda size, rng: np.full(size, np.nan)), r"values in \[0, 1\]"),
    (lambda: own(function=lambda size, rng: rng.random(3)), "shape"),
    (lambda: UniformEntries(-1, 2), "codes >= 0"),
    (lambda: UniformEntries(2, 1), "high >= low"),
    (lambda: UniformEntries(0, 0), "high > 0"),
    (lambda: UniformEntries(0, math.nan), "finite"),
    (lambda: TwoValued(0, 1, 1.5), "chance"),
    (lambda: SkewedEntries(0, 1, 0), "power"),
    (lambda: UniformSupports(3, 4), "1 <= k <= h"),
    (lambda: UniformSupports(3, 0), "1 <= k <= h"),
    (lambda: UniformSupports(3, 1.5), "whole"),
    (lambda: UniformSupports(3, 2).inclusion(4), "order"),
    (lambda: block_supports(7, 2), "divides"),
    (lambda: line_supports(4), "prime"),
    (lambda: line_supports(3).inclusion(3), "order 0, 1 or 2"),
    (lambda: FiniteSupports(3, [[0, 3]]), "atoms from 0 to 2"),
    (lambda: FiniteSupports(3, [[1, 1]]), "different atoms"),
    (lambda: FiniteSupports(3, [[0, 1]], [0.5]), "weights"),
    (lambda: support_size(5, 0.5, "up"), "rounding"),
    (lambda: support_size(5, 1.5), "exponent"),
])
def test_refusals(make, told):
    with pytest.raises(ValueError, match=told):
        make()
