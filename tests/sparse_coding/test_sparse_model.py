"""The model and its hypotheses: samples against exact numbers, named refusals, and each hypothesis broken in turn."""

import math
import time

import numpy as np
import pytest

from mathdl.core.intervals import binomial_interval, mean_error
from mathdl.sparse_coding.assumptions import (
    check_assumptions,
    entries_independent,
    inclusion_spread,
    largest_sparsity_exponent,
)
from mathdl.sparse_coding.code_laws import OwnEntries, TwoValued, UniformEntries
from mathdl.sparse_coding.dictionaries import gaussian, identity_hadamard
from mathdl.sparse_coding.model import SparseCodingModel, samples_from
from mathdl.sparse_coding.supports import UniformSupports, line_supports, window_supports

A64 = gaussian(20, 64, rng=np.random.default_rng(0))


def model(**changes):
    return SparseCodingModel(**{"dictionary": A64, "sparsity": 4, "low": 1.0, "high": 10.0} | changes)


@pytest.mark.parametrize("k", [1, 3, 4, 5, 40, 64])  # k <= h/16 gathers, above it multiplies
def test_signals_are_dictionary_times_codes(k):
    s = model(sparsity=k).sample(50, rng=np.random.default_rng(1))
    assert s.codes.shape == (64, 50)
    assert ((s.codes > 0).sum(0) == k).all()
    assert s.codes.max() <= 10
    assert s.codes[s.codes > 0].min() >= 1
    np.testing.assert_allclose(s.signals, A64 @ s.codes, atol=1e-11)
    np.testing.assert_array_equal(np.nonzero(s.codes.T)[1].reshape(50, k), s.supports)


def test_frequencies_and_moments_at_the_ledger_size():
    """h = 64, N = 20,000: P[0 in S], P[0, 1 in S], E x, E x² of entries on the support."""
    m, N = model(), 20_000
    s = m.sample(N, rng=np.random.default_rng(2))
    on = s.codes[:2] > 0
    for count, exact in ((on[0].sum(), 4 / 64), (on.all(0).sum(), 4 * 3 / (64 * 63))):
        low, high = binomial_interval(int(count), N)
        assert low <= exact <= high
    x = s.entries.ravel()
    assert x.mean() == pytest.approx(m.m1, abs=float(mean_error(x)))
    assert (x ** 2).mean() == pytest.approx(m.m2, abs=float(mean_error(x ** 2)))
    assert (m.m1, m.m2, m.q1) == (5.5, 37.0, 1 / 16)
    assert m.q2 == pytest.approx(12 / (64 * 63), abs=1e-15)
    assert m.inclusion(4) == pytest.approx(24 / (64 * 63 * 62 * 61), rel=1e-12)


def test_the_law_may_be_an_object_within_the_interval():
    m = model(law=TwoValued(2, 3, 0.25), support=window_supports(64, 4))
    assert m.m1 == 2.25
    s = m.sample(100, rng=np.random.default_rng(0))
    assert set(np.unique(s.entries)) == {2.0, 3.0}
    assert model(support="windows").inclusion(1) == pytest.approx(1 / 16)


def test_sampling_at_the_size_of_the_tables_is_fast():
    """h = 4096, N = 5000, k = 64, signals in dimension 50: 0.15 s of CPU here; the bar is for slower machines."""
    m = SparseCodingModel(gaussian(50, 4096, rng=np.random.default_rng(0)), 64, 1, 10)
    start = time.process_time()
    m.sample(5000, rng=np.random.default_rng(0))
    assert time.process_time() - start < 2


@pytest.mark.parametrize(("call", "told"), [
    (lambda: model(sparsity=65), "1 <= k <= h = 64"),
    (lambda: model(sparsity=0), "1 <= k"),
    (lambda: model(dictionary=2 * A64), "unit columns"),
    (lambda: model(dictionary=np.where(A64 > 0.5, np.nan, A64)), "NaN"),
    (lambda: model(low=-0.1), "codes >= 0"),
    (lambda: model(low=11.0), "high >= low"),
    (lambda: model(high=math.inf), "finite"),
    (lambda: model(support="circle"), "support among"),
    (lambda: model(law="gamma"), "law among"),
    (lambda: model(support=UniformSupports(64, 3)), "k=3"),
    (lambda: model(law=UniformEntries(0, 10)), r"within \[1.0, 10.0\]"),
    (lambda: model().sample(0, rng=np.random.default_rng(0)), "at least one sample"),
    (lambda: model(support="windows").q2, "q2 to be the same"),
    (lambda: samples_from(A64, np.array([[0, 1]]), np.array([[1.0, -1.0]])), ">= 0"),
    (lambda: samples_from(A64, np.array([[0, 1]]), np.array([[1.0, np.nan]])), "NaN"),
    (lambda: samples_from(A64, np.array([[0, 1]]), np.array([1.0, 2.0])), "one shape"),
    (lambda: check_assumptions(model(), np.zeros((20, 64))), r"shape \(h, n\)"),
    (lambda: check_assumptions(model(), np.full((64, 20), np.nan)), "finite weights"),
    (lambda: largest_sparsity_exponent(0.0), "exponent"),
])
def test_refusals(call, told):
    with pytest.raises(ValueError, match=told):
        call()


def sound(k=3, low=0.9, high=1.1, n=256, **more):
    return SparseCodingModel(identity_hadamard(n), k, low, high, **more)


def shifted(m, delta):
    """Weights exactly δ away from every atom, all in one direction."""
    return m.dictionary.T + delta * np.eye(m.dimension)[0]


def test_a_sound_instance_breaks_nothing():
    m = sound()
    report = check_assumptions(m, shifted(m, 0.02))
    assert report.broken() == ()
    assert all(h.holds for h in report.hypotheses)
    assert report.delta == pytest.approx(0.02)
    assert report["k C < 1"].margin == pytest.approx(3 / 16)
    assert report["a >= b k max(δ, C)"].margin == pytest.approx(1.1 * 3 / 16 / 0.9)
    assert "✓ k C < 1: 0.1875 against 1" in repr(report)


@pytest.mark.parametrize(("m", "delta", "name"), [
    (sound(2, n=4), 0.0, "k C < 1"),
    (sound(support=window_supports(512, 3)), 0.0, "q2 is the same for all pairs"),
    (sound(), 0.34, "k δ < 1"),
    (sound(low=0.1), 0.0, "a >= b k max(δ, C)"),
    (sound(low=0.0), 0.0, "a >= b k max(δ, C)"),
    (sound(4), 0.0, "k² C < 1"),
    (sound(), 0.112, "k² δ < 1"),
    (SparseCodingModel(np.eye(9), 3, 1, 2), 0.0, "n < h"),
    (SparseCodingModel(np.eye(9), 3, 1, 2), 0.0, "k² < h"),
    (SparseCodingModel(np.eye(3)[:, [0, 1, 2, 2]], 1, 1, 2), 0.0, "C < 1"),
])
def test_each_hypothesis_can_break(m, delta, name):
    report = check_assumptions(m, shifted(m, delta))
    assert name in report.broken()
    assert not report[name].holds
    assert report[name].margin >= 1


def test_the_report_is_the_existence_of_nu():
    """Second route: search ν² on a grid for p + ν² < ζ, δ <= h^{−p−ν²}, a >= b h^{−ν²} and p < ν², as printed."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        n, k = 2 ** int(rng.integers(4, 12)), int(rng.integers(2, 12))
        low, delta = float(rng.uniform(0.05, 1)), float(np.exp(rng.uniform(-7, 0)))
        h, C = 2 * n, 1 / math.sqrt(n)
        p, zeta = math.log(k) / math.log(h), -math.log(C) / math.log(h)
        nu = np.linspace(1e-5, 1, 20_001)
        fits = (p + nu < zeta) & (delta <= h ** (-p - nu)) & (low >= h ** -nu)
        printed = bool(fits.any()), bool((fits & (p < nu) & (p < 0.5)).any())
        worst = max(delta, C)
        ours = k * worst < 1 and k * worst <= low, k * worst <= low and k * k * worst < 1 and k * k < h
        near = min(abs(math.log(v)) for v in (k * worst, k * worst / low, k * k * worst, k * k / h)) < 1e-3
        assert near or ours == printed


def test_the_table_stands_on_the_border():
    """δ = h^{−2p} as in section 4.6 means ν² = p, where Theorem 4.3.2 asks for p < ν²."""
    m = sound(2)
    assert check_assumptions(m, shifted(m, 0.25))["k² δ < 1"].margin == pytest.approx(1)
    assert check_assumptions(m, shifted(m, 0.2499))["k² δ < 1"].holds


def test_lines_pass_and_windows_fail_the_second_order():
    lines = SparseCodingModel(gaussian(10, 25, rng=np.random.default_rng(0)), 5, 1, 2, support=line_supports(5))
    assert max(inclusion_spread(lines)) < 1e-14
    first, second = inclusion_spread(model(support="windows"))
    assert first < 1e-14
    assert second == pytest.approx(3 / 64)


def repeated(size, rng):
    """Entries of one signal all equal: each uniform on [0, 1], and perfectly correlated."""
    return np.broadcast_to(rng.random((*size[:-1], 1)), size).copy() if len(size) > 1 else rng.random(size)


def test_independence_is_seen_or_unknown():
    assert entries_independent(UniformEntries(0, 1), 3) is True
    law = OwnEntries(0, 1, repeated, 0.5, 1 / 3)
    assert entries_independent(law, 3) is False
    assert entries_independent(law, 1) is None
    assert entries_independent(OwnEntries(0, 1, lambda size, rng: rng.random(size), 0.5, 1 / 3), 3) is None


def test_moments_that_no_law_on_the_interval_has():
    class Impossible:
        low, high, m1, m2 = 0.9, 1.1, 1.0, 1.2

        def draw(self, size, *, rng):
            return rng.uniform(0.9, 1.1, size)

    report = check_assumptions(sound(law=Impossible()))
    assert report.broken("model") == ("moments fit 0 <= a <= x <= b",)
