"""The finite bounds of Lemma 4.5.2: numbers of the ledger, exact parts below them, and both certificates above."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.sparse_coding.certificate import (
    KINDS,
    Neighbourhood,
    gap_bound,
    gradient_certificate,
    lemma_bounds,
    neighbourhood,
)
from mathdl.sparse_coding.code_laws import TwoValued
from mathdl.sparse_coding.criticality import exponents, nearby_weights, uniform_neighbourhood
from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.lemma_parts import NAMES, lemma_parts
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.population_gradient import proxy_gradient, sampled_proxy_gradient
from mathdl.sparse_coding.proxy import true_gradient
from mathdl.sparse_coding.supports import line_supports

ROUNDING = 1e-10  # relative: sums of at most 10^5 products in double precision


def hadamard(exponent, k, closeness=0.5):
    """Identity and Hadamard in R^n, n = 2^exponent, δ = C/2: numbers only."""
    n = 2 ** exponent
    return uniform_neighbourhood(2 * n, k, n ** -0.5, closeness * n ** -0.5)


def columns(n, h, spread, rng):
    A = np.eye(n)[:, np.arange(h) % n] + spread * rng.standard_normal((n, h)) / math.sqrt(n)
    return A / np.linalg.norm(A, axis=0)


def random_instance(seed, law="two-valued"):
    """A small model, an adversary's or random W at distance δ, and its neighbourhood."""
    rng = np.random.default_rng(seed)
    n, h = [(6, 7), (3, 5), (4, 8), (2, 2), (8, 6)][seed % 5]
    k = int(rng.integers(1, min(h, 4) + 1))
    low, high = np.sort(rng.uniform(0.1, 2, 2))
    model = SparseCodingModel(columns(n, h, 10 ** rng.uniform(-2, 1), rng), k, low, high, law=law)
    delta = 10 ** rng.uniform(-3, -0.2)
    W = nearby_weights(model.dictionary, delta, rng=rng, lean=[0, 3, -3][seed % 3])
    return model, W, neighbourhood(model, delta)


@pytest.mark.parametrize(("k", "rows"), [(1, (4.065, 0.914, 0.222, 0.055)), (2, (13.02, 3.074, 0.877, 0.286)),
                                         (4, (None, 9.813, 2.715, 0.875))])
def test_the_lemma_with_its_constants_falls_below_one_late(k, rows):
    """The lemma starts to say that ρ < 1 near n = 2^12, 2^16 and 2^20 for k = 1, 2 and 4."""
    for exponent, expected in zip((8, 12, 16, 20), rows, strict=True):
        if expected is not None:
            assert gradient_certificate(hadamard(exponent, k), kind="lemma").ratio == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize(("k", "rows"), [(1, (5.4, 1.5, 0.51, 0.196)), (2, (14.6, 3.7, 1.2, 0.43)),
                                         (4, (47.6, 10.56, 3.04, 1.025))])
def test_looser_inclusion_probabilities_give_the_ledger_s_numbers(k, rows):
    """q2 = (k/h)² as in the source, and the printed 2kc of ê_3 that is not needed: 5 to 250 percent more."""
    for exponent, expected in zip((8, 12, 16, 20), rows, strict=True):
        near = replace(hadamard(exponent, k), q2=(k / 2 ** (exponent + 1)) ** 2)
        extra = 2 * near.m1 ** 2 * near.q1 * k * near.c
        ratio = (gradient_certificate(near, kind="lemma").proxy + extra) / near.reference
        assert ratio == pytest.approx(expected, rel=0.025)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_the_sharp_certificate_is_many_times_smaller_and_falls_at_its_rate(k):
    lemma, sharp = ([gradient_certificate(hadamard(e, k), kind=kind).ratio for e in (16, 40, 60)] for kind in KINDS)
    assert all(a > 4 * b for a, b in zip(lemma, sharp, strict=True))
    slopes = [math.log(r[2] / r[1]) / (20 * math.log(2)) for r in (lemma, sharp)]
    assert slopes[1] == pytest.approx(-0.5, abs=0.001)  # k (δ + C) for every k
    assert slopes[0] == pytest.approx(-0.5 if k == 1 else -0.25, abs=0.01)  # k √g from k = 2 on


@pytest.mark.parametrize("p", [0.05, 0.15, 0.3, 0.45])
def test_the_sharp_certificate_falls_without_the_last_hypotheses(p):
    """C = h^{−1/2}, δ = C: then ν² = 1/2 − p < p at p = .3, .45, where the source is silent; h up to 2^400."""
    ratios, powers = [], None
    for e in (300, 400):
        h, k, C = 2 ** e, 2 ** round(p * e), 2.0 ** (-e / 2)
        near = Neighbourhood(h, k, C, C / 2, 0.9, 1.1, 1.0, 1.0, k / h, k / h * ((k - 1) / (h - 1)))
        ratios.append(gradient_certificate(near).proxy / near.reference)
        powers = exponents(near)
    slope = math.log2(ratios[1] / ratios[0]) / 100
    assert slope <= -powers.sharp_rate + 0.01 if powers.sharp_rate > 0 else slope > 0
    assert powers.sharp_rate == pytest.approx(min(0.5 - p, 0.5 - p + 0.25 - p), abs=0.01)


def patterns():
    """The terms of appendix 4.B, corrected: how often, then the factors; a k for each further atom in S.

    c stands for <W_i, A_j>, g for <W_i, W_j>, o for ‖W_i‖ or <W_i, A_i>, e for ε/m1 = 2kc.
    """
    return {"m2 part of e": "1kcoo 1kkcco 1kcoo 2kc 1kgo 1kkgc 1kooc",
            "m1 part of alpha": "2kco 1kkcc 2eo 2kec 1ee",
            "m1 part of beta": "2kc 1e 1eoo 1keg 1kooc 1kgo 1kkgc",
            "e_1": "1keeo 1keoo 1kkeco 1keco 1keco 1kkeco 1keoo",
            "e_2": "1kcco 1kkcco a 1kkoco 1kkcco 1kkcoo 1kkkcco",
            "e_3": "1ke 2kkc bb", "e_4": "1keg 1kkeg 1keoo boo 1kgc 1kkgc 1kkooc 1kkgc 1kkgo 1kkkgc"}


def evaluated(near, text):
    """The sum of the terms, times q1 m1²; a and b are the two sums over all atoms, with q2."""
    o, h = 1 + near.delta, near.atoms
    values = {"k": near.sparsity, "c": near.c, "g": near.g, "o": o, "e": 2 * near.sparsity * near.c}
    whole = {"a": near.q2 * o ** 2 * math.sqrt((h - 1) * (o ** 2 + (h - 2) * near.g)),
             "b": near.q2 * o * math.sqrt((h - 1) * (1 + (h - 2) * near.coherence))}
    total = 0.0
    for term in text.split():
        if term == "bb":
            total += 2 * whole["b"]
        elif term[0] in whole:
            total += whole[term[0]] * math.prod(values[s] for s in term[1:])
        else:
            total += near.q1 * int(term[0]) * math.prod(values[s] for s in term[1:])
    return total * near.m1 ** 2


@pytest.mark.parametrize("near", [uniform_neighbourhood(40, 3, 0.07, 0.04), uniform_neighbourhood(9, 2, 0.3, 0.2),
                                  uniform_neighbourhood(500, 6, 0.02, 0.01, low=0.2, high=3.0)])
def test_the_bounds_are_the_sums_of_their_terms(near):
    """A second transcription: each term of the appendix as a word, one letter a factor."""
    bounds, words = lemma_bounds(near), patterns()
    assert bounds.m2_remainder == pytest.approx(evaluated(near, words["m2 part of e"]) * near.m2 / near.m1 ** 2)
    assert bounds.m1_alpha == pytest.approx(evaluated(near, words["m1 part of alpha"]))
    assert bounds.m1_beta == pytest.approx(evaluated(near, words["m1 part of beta"]))
    for i, found in enumerate(bounds.m1_remainders, start=1):
        assert found == pytest.approx(evaluated(near, words[f"e_{i}"]))
    d, c, g, q = near.delta, near.c, near.g, near.q1 * near.m2
    assert bounds.m2_alpha == pytest.approx((q * (1 - d) ** 2, q * ((1 + d) ** 2 + near.sparsity * c ** 2)))
    others = near.sparsity * c * g
    assert bounds.m2_beta == pytest.approx((q * (2 - 2 * d - (1 + d) ** 3 - others),
                                            q * (2 + 2 * d - (1 - d) ** 3 + others)))


@given(seed=st.integers(0, 10_000))
def test_every_exact_part_stays_below_its_bound(seed):
    model, W, near = random_instance(seed)
    parts = lemma_parts(model, W, near.bias)
    if model.sparsity > 1:
        shares = parts.shares(lemma_bounds(near))
        assert tuple(shares) == NAMES
        assert max(shares.values()) <= 1 + ROUNDING
    else:
        assert np.abs(parts.remainder).max() == 0


@given(seed=st.integers(0, 10_000))
def test_the_parts_add_up_to_the_gradient_from_matrix_products(seed):
    model, W, near = random_instance(seed, law="uniform")
    parts = lemma_parts(model, W, near.bias)
    whole = parts.alpha[:, None] * W - parts.beta[:, None] * model.dictionary.T + parts.remainder
    G = proxy_gradient(model, W, near.bias)
    assert np.abs(whole - G).max() <= ROUNDING * max(1, np.abs(G).max())


@given(seed=st.integers(0, 10_000))
def test_both_certificates_bound_proxy_and_true_gradient(seed):
    model, W, near = random_instance(seed)
    proxy = np.linalg.norm(proxy_gradient(model, W, near.bias), axis=1).max()
    true = np.linalg.norm(true_gradient(model, W, near.bias), axis=1).max()
    certificates = [gradient_certificate(model, near.delta, kind=kind) for kind in KINDS]
    assert certificates[1].proxy <= certificates[0].proxy
    for certificate in certificates:
        assert proxy <= certificate.proxy * (1 + ROUNDING)
        assert true <= certificate.total * (1 + ROUNDING)


@given(seed=st.integers(0, 10_000))
def test_each_part_of_the_sharp_certificate_bounds_its_own(seed):
    model, W, near = random_instance(seed)
    parts, sharp = lemma_parts(model, W, near.bias), gradient_certificate(near)
    assert np.abs(parts.alpha).max() * near.delta <= sharp.shrink * (1 + ROUNDING)
    assert np.abs(parts.alpha - parts.beta).max() <= sharp.mismatch * (1 + ROUNDING)
    assert np.linalg.norm(parts.remainder, axis=1).max() <= sharp.remainder * (1 + ROUNDING) + 1e-14


def test_the_sharp_certificate_is_attained_to_first_order():
    """k = 1, orthonormal atoms, rows a little too short: the gradient is (8δ + O(δ²)) m1²/h, and so is the bound."""
    delta = 1e-4
    model = SparseCodingModel(np.eye(5), 1, 1.0, 1.0)
    near = neighbourhood(model, delta)
    norm = np.linalg.norm(true_gradient(model, (1 - delta) * np.eye(5), near.bias), axis=1).max()
    assert norm * 5 / delta == pytest.approx(8, rel=1e-2)
    assert 1 - 20 * delta <= norm / gradient_certificate(near).total <= 1


def test_the_variance_s_share_is_attained_to_first_order():
    """As before with entries 0.1 or 3: (8 m1² + 4 (m2 − m1²)) δ/h, of the proxy, since gates may err here."""
    delta = 1e-4
    model = SparseCodingModel(np.eye(5), 1, 0.1, 3.0, law="two-valued")
    near = neighbourhood(model, delta)
    norm = np.linalg.norm(proxy_gradient(model, (1 - delta) * np.eye(5), near.bias), axis=1).max()
    assert norm * 5 / delta == pytest.approx(4 * model.m1 ** 2 + 4 * model.m2, rel=1e-2)
    assert 1 - 20 * delta <= norm / gradient_certificate(near).proxy <= 1


def test_the_rest_is_attained_up_to_five_thirds_when_all_is_variance():
    """Entries that are nearly always 0, two atoms whose rows lean to each other: ‖e‖ is near 3δ m2, its bound 5δ m2."""
    delta = 1e-3
    model = SparseCodingModel(np.eye(2), 2, 0.0, 1.0, law=TwoValued(0.0, 1.0, 1e-9))
    near = neighbourhood(model, delta)
    parts = lemma_parts(model, np.array([[1, delta], [delta, 1]]), near.bias)
    rest = np.linalg.norm(parts.remainder, axis=1).max()
    assert rest == pytest.approx(3 * delta * model.m2, rel=1e-2)
    assert gradient_certificate(near).remainder == pytest.approx(5 * delta * model.m2, rel=1e-2)


def test_errors_of_all_rows_in_one_direction_add_up():
    """Axes, and every row moved by δ along one more axis: there e has length q2 (h − 1) δ, two thirds of its bound."""
    h, delta = 400, 1e-4
    A = np.eye(h + 1)[:, :h]
    W = A.T + delta * np.eye(h + 1)[h]
    model = SparseCodingModel(A, 2, 1.0, 1.0)
    near = neighbourhood(model, delta)
    along = proxy_gradient(model, W, near.bias)[0, h] - near.q1 * (1 - near.bias) ** 2 * delta  # less α_i δ
    assert along == pytest.approx(near.q2 * (h - 1) * delta, rel=1e-2)
    assert 0.55 * gradient_certificate(near).remainder < along <= gradient_certificate(near).remainder


def test_a_law_with_only_pairs_exchangeable_is_covered():
    """Lines of a plane: q1 and q2 as for uniform supports, q3 not constant; the certificates read q1 and q2 only."""
    rng = np.random.default_rng(0)
    supports = line_supports(3)
    model = SparseCodingModel(columns(9, 9, 0.3, rng), 3, 0.8, 1.2, support=supports)
    near = neighbourhood(model, 0.05)
    W = nearby_weights(model.dictionary, 0.05, rng=rng, lean=2.0)
    parts = lemma_parts(model, W, near.bias)
    assert max(parts.shares(lemma_bounds(near)).values()) <= 1
    G = parts.alpha[:, None] * W - parts.beta[:, None] * model.dictionary.T + parts.remainder
    assert np.linalg.norm(G, axis=1).max() <= gradient_certificate(near).proxy
    sampled = sampled_proxy_gradient(model, W, near.bias, samples=1500, rng=rng)
    assert (np.abs(sampled.gradient - G) <= sampled.error).all()


def test_the_omitted_part_of_e3_is_needed():
    """Orthonormal atoms, W exact: the printed bound 4k²c + 2kc on ê_3 is 0, the part that E4.7 dropped is not."""
    model = SparseCodingModel(np.eye(4), 2, 1.0, 1.0)
    near = neighbourhood(model, 0.0)
    part = np.linalg.norm(lemma_parts(model, np.eye(4), near.bias).m1_remainders[2], axis=1).max()
    assert part == pytest.approx(2 * model.q2 * math.sqrt(3))
    assert part == pytest.approx(lemma_bounds(near).m1_remainders[2])
    assert near.m1 ** 2 * near.q1 * near.c * (4 * near.sparsity ** 2 + 2 * near.sparsity) == 0


def test_the_gap_is_nothing_when_gates_cannot_err():
    sure = uniform_neighbourhood(64, 2, 0.01, 0.01)
    assert (sure.detects, sure.wrong_gates, gap_bound(sure)) == (True, 0, 0)
    missed = replace(sure, low=0.01)  # entries too small for the bias
    assert (missed.detects, missed.wrong_gates) == (False, 1)
    assert gap_bound(missed) > 1


def test_a_skewed_law_has_false_alarms_of_the_printed_probability():
    near = replace(uniform_neighbourhood(64, 9, 1e-3, 1e-3), low=0.2, m1=0.5, m2=0.3)
    assert near.detects
    assert near.wrong_gates == pytest.approx(55 * math.exp(-2 * 9 * 0.25 / 0.81))
    assert gap_bound(near) > 0


@pytest.mark.parametrize(("change", "told"), [
    ({"sparsity": 200}, "1 <= k <= h"), ({"delta": 1.0}, "0 <= delta < 1"), ({"delta": math.nan}, "0 <= delta < 1"),
    ({"coherence": 1.5}, r"coherence in \[0, 1\]"), ({"low": 2.0}, "0 <= low <= high"), ({"m2": 0.1}, "m2 >= m1"),
    ({"q2": 0.9}, "q2 <= q1")])
def test_refused_neighbourhoods(change, told):
    with pytest.raises(ValueError, match=told):
        replace(uniform_neighbourhood(128, 2, 0.1, 0.1), **change)


def test_refused_calls():
    near = uniform_neighbourhood(128, 2, 0.1, 0.1)
    with pytest.raises(ValueError, match="a kind among lemma, sharp"):
        gradient_certificate(near, kind="best")
    with pytest.raises(ValueError, match="no delta beside"):
        gradient_certificate(near, 0.1)
    model = SparseCodingModel(gaussian(4, 30, rng=np.random.default_rng(0)), 8, 1.0, 1.0)
    with pytest.raises(ValueError, match="a delta beside a model"):
        gradient_certificate(model)
    with pytest.raises(ValueError, match="at most 20000 supports"):
        lemma_parts(model, model.dictionary.T, 0.0)
    with pytest.raises(ValueError, match="q2 to be the same"):
        neighbourhood(SparseCodingModel(np.eye(6), 2, 1.0, 1.0, support="blocks"), 0.1)
