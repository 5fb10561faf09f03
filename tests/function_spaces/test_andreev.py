"""Restrictions, circuits under them, Andreev's function, and the chain of its lower bound."""

from fractions import Fraction
from itertools import product
from math import comb, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.function_spaces import andreev_bound as chain
from mathdl.function_spaces import restrictions as res
from mathdl.function_spaces.andreev import (
    Andreev,
    fourier_size,
    majority_agreement,
    sampled_agreement,
    table_majority,
    xor_permuted,
)
from mathdl.function_spaces.boolean import bits, fourier_gates
from mathdl.function_spaces.circuits import LTFOfReLU, expected_survivors, random_circuit, survivors

LEDGER = {(64, 4): 0.782, (256, 4): 0.794, (256, 8): 0.775, (1024, 8): 0.792, (1024, 16): 0.771}


def survival_by_enumeration(a, parts, b):
    """P[not forced] as a Fraction: every choice of free bits and every value of the others."""
    fixed_always = [i for i in range(len(a)) if not any(i in part for part in parts)]
    alive, total = Fraction(0), Fraction(0)
    for free in product(*parts):
        fixed = [i for part in parts for i in part if i not in free] + fixed_always
        weight = Fraction(1, 2 ** len(fixed))
        for x in product((-1, 1), repeat=len(fixed)):
            argument = b + sum(a[i] * v for i, v in zip(fixed, x, strict=True))
            signs = {argument + sum(a[i] * v for i, v in zip(free, y, strict=True)) >= 0
                     for y in product((-1, 1), repeat=len(free))}
            alive += weight * (len(signs) == 2)
        total += 1
    return alive / total


@given(st.lists(st.integers(-6, 6), min_size=7, max_size=7), st.integers(-8, 8),
       st.sampled_from([((0, 1, 2), (3, 4, 5, 6)), ((6, 0), (3,), (1, 5)), ((2, 4),)]))
@settings(max_examples=25)
def test_survival_by_enumeration(a, b, parts):
    exact = survival_by_enumeration(a, parts, b)
    # 3 (n + 1) eps, as the docstring derives
    assert res.survival_probability(a, parts, bias=b) == pytest.approx(float(exact), abs=24 * np.finfo(float).eps)


@pytest.mark.parametrize(("n", "parts"), list(LEDGER))
def test_majority_of_the_ledger(n, parts):
    ratio = res.survival_probability([1] * n, res.equal_parts(n, parts)) * sqrt(n) / parts
    assert ratio == pytest.approx(LEDGER[n, parts], abs=5.01e-4)
    fixed = n - parts  # −|P| ≤ s < |P|, from the binomial law of the fixed bits
    closed = sum(comb(fixed, k) for k in range(fixed + 1) if -parts <= 2 * k - fixed < parts) / 2**fixed
    assert ratio == pytest.approx(closed * sqrt(n) / parts, rel=1e-11)


def test_majority_tends_to_its_limit():
    ratio = res.survival_probability([1] * 4096, res.equal_parts(4096, 4)) * sqrt(4096) / 4
    assert ratio == pytest.approx(sqrt(2 / np.pi), abs=0.001)


def test_one_weight_that_decides():
    for n, parts in ((16, 2), (64, 4), (512, 16)):
        powers = [2**i for i in range(n)]
        assert res.survival_probability(powers, res.equal_parts(n, parts)) == parts / n
    dominating = [100, *[1] * 15]
    assert res.survival_probability(dominating, ((0,), tuple(range(1, 16)))) == 1
    assert res.survival_probability(dominating, (tuple(range(1, 16)),)) == 0
    nearly = [15, *[1] * 15]  # no longer above the sum of the others: the pass over the weights
    assert res.survival_probability(nearly, res.equal_parts(16, 2)) == pytest.approx(1 / 8, abs=2**-12)
    assert res.survival_probability([4, 2, 1], ((0,), (1, 2))) == survival_by_enumeration([4, 2, 1], ((0,), (1, 2)), 0)


@pytest.mark.parametrize("law", ["majority", "normal", "powers"])
def test_sampling_agrees_with_counting(law):
    rng = np.random.default_rng(4)
    a = {"majority": [1] * 64, "powers": [2**i for i in range(64)],
         "normal": [int(v) for v in np.round(16 * rng.standard_normal(64))]}[law]
    parts = res.equal_parts(64, 4)
    sampled = res.sampled_survival(a, parts, samples=20_000, rng=rng)
    assert sampled.low <= res.survival_probability(a, parts) <= sampled.high
    expected = {"majority": 0.41, "normal": 0.31, "powers": 0.064}[law]  # the ledger's samples
    assert sampled.value == pytest.approx(expected, abs=0.03)


def test_diagonal_bound_holds_and_lies_below_the_closed_form():
    rng = np.random.default_rng(5)
    worst = 0.0
    for parts, m in ((1, 8), (2, 4), (4, 2), (3, 3), (2, 9), (5, 1)):
        n = parts * m
        bound = res.diagonal_bound(n, parts)
        assert bound <= res.survival_bound(n, parts) + 1e-12
        for _ in range(60):
            a, b = rng.integers(-6, 7, n), int(rng.integers(-10, 11))
            alive = res.survival_probability(a, res.equal_parts(n, parts), bias=b)
            assert alive <= bound + 6 * n * np.finfo(float).eps
            worst = max(worst, alive / bound)
    assert worst == pytest.approx(1, abs=1e-12)  # attained, so no smaller bound holds


def test_diagonal_bound_is_the_sum_of_the_largest_terms():
    m, q = 5, 3  # by hand: on each diagonal of the grid take the largest product of binomial weights
    b = [Fraction(comb(m - 1, k), 2 ** (m - 1)) for k in range(m)]
    best = {}
    for k in product(range(m), repeat=q):
        line = tuple(v - min(k) for v in k)
        best[line] = max(best.get(line, 0), b[k[0]] * b[k[1]] * b[k[2]])
    assert res.diagonal_bound(m * q, q) == pytest.approx(float(sum(best.values())), rel=1e-12)


def test_diagonal_bound_is_for_every_monotone_function():
    rng = np.random.default_rng(6)
    n, parts = 8, res.equal_parts(8, 2)
    rows = bits(n)
    for _ in range(20):
        points = rows[rng.integers(0, 256, 4)]
        f = (rows[:, None, :] >= points).all(axis=2).any(axis=1)  # the upset of four points
        alive = 0
        for free in product(*parts):
            step = sum(1 << (n - 1 - i) for i in free)
            low = [v for v in range(256) if v & step == 0]
            alive += sum(f[v] != f[v | step] for v in low) / 64
        assert alive / 16 <= res.diagonal_bound(8, 2) + 1e-12


def test_restriction_fills_and_restricts():
    rho = res.Restriction((1, 3), (1, 0, 0, 1, 1))
    assert rho.fill([[1, 0]]).tolist() == [[1, 1, 0, 0, 1]]
    total = res.restrict(lambda z: z.sum(axis=1), rho)
    assert res.truth_table(total, 2).tolist() == [2, 3, 3, 4]


def test_sampled_restrictions_are_uniform():
    rng = np.random.default_rng(7)
    draws = [res.sample_restriction(6, ((0, 1), (2, 3, 4)), rng=rng) for _ in range(3000)]
    free = np.array([rho.free for rho in draws])
    counts = [int((free[:, 0] == i).sum()) for i in (0, 1)] + [int((free[:, 1] == i).sum()) for i in (2, 3, 4)]
    for count, p in zip(counts, (1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3), strict=True):
        assert abs(count - 3000 * p) <= 5 * sqrt(3000 * p * (1 - p))  # five standard deviations
    values = np.array([rho.values for rho in draws]).mean(axis=0)
    assert (abs(values - 0.5) <= 5 * 0.5 / sqrt(3000)).all()


def test_forced_at_the_edges():
    assert res.is_forced(np.array([2, 1, -2, -3]), np.array([[1, -1]] * 4)).tolist() == [True, False, False, True]


@pytest.mark.parametrize("make", [
    lambda: res.Restriction((2, 1), (0, 0, 0)), lambda: res.Restriction((3,), (0, 0, 0)),
    lambda: res.Restriction((), (0, 2)), lambda: res.Restriction((0,), (0, 0)).fill([[1, 0]]),
    lambda: res.equal_parts(10, 3), lambda: res.survival_probability([0.5, 1], ((0, 1),)),
    lambda: res.survival_probability([1, 1], ((0, 1), (1,))), lambda: res.survival_probability([1, 1], ()),
    lambda: res.survival_probability([10**6] * 100, ((0,),)), lambda: res.diagonal_bound(64, 8),
    lambda: res.survival_probability([1, float("inf")], ((0,),)),
    lambda: res.sampled_survival([1, 2], ((0,),), samples=0, rng=np.random.default_rng(0)),
    lambda: Andreev(3), lambda: Andreev(8)(np.full((1, 8), 2)), lambda: Andreev(8)(np.zeros((1, 7))),
    lambda: Andreev(8).restriction([0] * 4, [0, 0], np.zeros((2, 3))), lambda: LTFOfReLU([[1, 2]], [1], [1], [0]),
    lambda: LTFOfReLU([[float("nan")]], [1], [1], [0]), lambda: LTFOfReLU([[1]], [1], [1], [0])(np.zeros((1, 2))),
    lambda: chain.andreev_bound(32, 0.6, 1.0), lambda: chain.andreev_bound(32, 0.5, 0.0),
    lambda: chain.explicit_andreev_bound(3, 0.5)])
def test_bad_input_is_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make()


def test_restricted_circuit_computes_the_same():
    rng = np.random.default_rng(8)
    A = Andreev(32)
    for gates in (0, 1, 12):
        circuit = random_circuit(32, gates, rng=rng)
        for _ in range(20):
            rho = res.sample_restriction(32, A.parts, rng=rng)
            small = circuit.restricted(rho)
            assert (res.truth_table(small, 4) == res.truth_table(res.restrict(circuit, rho), 4)).all()
            assert small.size == survivors(circuit, rho)
            assert (small.gates @ bits(4).T + small.biases[:, None] > 0).any(axis=1).all()


def test_mean_of_survivors_is_the_sum_of_the_chances():
    rng, A = np.random.default_rng(9), Andreev(32)
    circuit = random_circuit(32, 20, rng=rng)
    counts = [survivors(circuit, res.sample_restriction(32, A.parts, rng=rng)) for _ in range(300)]
    # a count lies in [0, 20]: Hoeffding with one miss in a million
    assert np.mean(counts) == pytest.approx(expected_survivors(circuit, A.parts), abs=20 * sqrt(log(2e6) / 600))
    assert expected_survivors(circuit, A.parts) == pytest.approx(
        sum(float(survival_gate(W, b, A)) for W, b in zip(circuit.gates, circuit.biases, strict=True)), abs=0.6)


def survival_gate(W, b, A):
    return res.sampled_survival(W, A.parts, bias=2 * b + W.sum(), samples=4000, rng=np.random.default_rng(10)).value


def test_a_gate_on_an_always_free_bit_survives():
    parts = ((0,), (1, 2, 3))
    circuit = LTFOfReLU([[2, 0, 0, 0]] * 5, [-1] * 5, [1] * 5, [0] * 4)
    rng = np.random.default_rng(11)
    assert {survivors(circuit, res.sample_restriction(4, parts, rng=rng)) for _ in range(20)} == {5}
    assert expected_survivors(circuit, parts) == 5


@pytest.mark.parametrize(("n", "used"), [(8, 8), (16, 14), (32, 32), (64, 62), (128, 124), (512, 512)])
def test_used_bits_of_the_ledger(n, used):
    A = Andreev(n)
    assert A.used_bits == used
    z = np.random.default_rng(12).integers(0, 2, (50, n))
    flipped = z.copy()
    flipped[:, used:] ^= 1
    assert (A(z) == A(flipped)).all()
    assert [i for part in A.parts for i in part] == list(range(n // 2, used))


def test_address_by_hand():
    z = np.array([[0, 1, 0, 0, 1, 1, 1, 0]])  # rows 11 and 10: parities 0 and 1, address 1
    assert Andreev(8).address(z).tolist() == [1]
    assert Andreev(8)(z).tolist() == [1]


def test_xor_permutes():
    table = np.arange(8)
    assert xor_permuted(table, (1, 0, 1)).tolist() == [5, 4, 7, 6, 1, 0, 3, 2]


def test_every_function_is_restricted_to_equally_often():
    A, counts = Andreev(8), {}
    for table, columns, fixed in product(product((0, 1), repeat=4), product((0, 1), repeat=2),
                                         product((0, 1), repeat=2)):
        matrix = np.array([fixed, fixed]).T
        rho = A.restriction(table, columns, matrix)
        found = tuple(res.truth_table(res.restrict(A, rho), 2).tolist())
        counts[found] = counts.get(found, 0) + 1
    assert set(counts.values()) == {16}
    assert len(counts) == 16


@pytest.mark.parametrize("n", [8, 9, 10, 14])
def test_majority_of_the_table_exactly(n):
    A, z = Andreev(n), bits(n)
    assert majority_agreement(A) == Fraction(int((table_majority(A)(z) == A(z)).sum()), 2**n)


def test_agreements_at_32_of_the_ledger():
    A, rng = Andreev(32), np.random.default_rng(13)
    assert float(majority_agreement(A)) == pytest.approx(0.5 + comb(15, 7) / 2**16)
    samples = 40_000
    assert sampled_agreement(table_majority(A), A, samples, rng=rng) == pytest.approx(0.598, abs=0.013)
    normal = rng.standard_normal
    circuits = [LTFOfReLU(normal((20, 32)), normal(20), normal(20), np.zeros(32)) for _ in range(4)]
    found = [sampled_agreement(circuit, A, samples // 4, rng=rng) for circuit in circuits]
    assert 0.47 < min(found) <= max(found) < 0.53  # ledger: .486 to .517


@pytest.mark.parametrize("n", [4, 6, 8, 9, 14])
def test_fourier_size_by_the_spectrum(n):
    assert fourier_size(Andreev(n)) == fourier_gates(Andreev(n)(bits(n)))


def test_explicit_chain_step_by_step():
    n, eps = 2**17, 0.5
    b = chain.explicit_andreev_bound(n, eps)
    k, c = 16, 4096
    count = [(2 * s + 1) * k * k + s * (k + 2) + 1 for s in range(20)]
    left = [s for s in range(20) if count[s] * log(2) - 2 * eps**2 / 9 * 2**k <= log(eps / 3)]
    assert (b.bits, b.gates_left, b.log2_class) == (k, max(left), count[max(left)])
    assert b.alive == pytest.approx(sqrt(k / c * (1 + 3 / c)))
    assert b.size == pytest.approx(eps * (b.gates_left + 1) / (3 * b.alive))
    assert b.escapes
    assert b.size == pytest.approx(26.66, abs=0.01)


def test_explicit_chain_says_nothing_at_small_n():
    for n in (4, 32, 512):
        assert chain.explicit_andreev_bound(n, 0.5).size == 0


def test_explicit_chain_grows_like_its_order():
    sizes = {k: chain.explicit_andreev_bound(2 ** (k + 1), 0.5).size for k in (40, 60)}
    limit = 0.5**3 / (54 * sqrt(2) * log(2))  # ε³ n^{3/2} / k³ times this
    for k, size in sizes.items():
        assert size / (2 ** (1.5 * (k + 1)) / k**3) == pytest.approx(limit, rel=0.05)


def test_source_chain():
    consts = chain.Constants(count=2.0, survival=3.0, gates_left=0.5)
    b = chain.andreev_bound(2**21, 0.25, 2.0, consts)
    s = 0.5 * (0.25**2 * 2**20) ** (1 / 4) / 20
    assert b.gates_left == pytest.approx(s)
    assert b.alive == pytest.approx(3 * 21 / sqrt(2**21))
    assert b.size == pytest.approx(0.25 * s / (3 * b.alive))
    assert b.threshold == pytest.approx(sqrt(2 * 20**4 / 2**21))
    M = 20 * s + 2 * s + 2
    assert b.log2_class == pytest.approx(2 * M * M * np.log2(M))
    assert b.escapes == (b.escape <= b.allowed)
    assert chain.epsilon_threshold(2**21, 0.25) == pytest.approx(sqrt(2 * 21**4 / 2**21))
    with_logs = 0.25 ** 1.5 * (2**21) ** 0.75 / (2**0.25 * 20 * 21) * 0.5 / 9  # w with 1/(log(n/2) log n)
    assert b.size == pytest.approx(with_logs)  # the printed w is log(n/2)² times larger
