"""Functions on the cube: spectra, nets that draw them, thresholds, and the counts of circuits."""

from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import comb, exp, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.function_spaces import boolean, counting, ltf
from mathdl.function_spaces.circuits import LTFOfReLU, two_thresholds
from mathdl.function_spaces.parity import parity_net, short_parity_net
from mathdl.function_spaces.two_gates import best_two_gate_error

MAJ3 = ltf.ltf_table([1, 1, 1])


def slow_spectrum(f, n):
    """2^n f̂(S) from the definition, one sum over the cube for each set."""
    X = boolean.cube(n).astype(int)
    return [sum(v * int(np.prod(x[S == 1])) for v, x in zip(f, X, strict=True)) for S in boolean.bits(n)]


def test_rows_of_the_cube_count_in_binary():
    assert boolean.bits(3)[6].tolist() == [1, 1, 0]
    assert boolean.cube(2).tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert boolean.bits(0).shape == (1, 0)


@given(st.integers(0, 5).flatmap(lambda n: st.lists(st.integers(-10**6, 10**6), min_size=2**n, max_size=2**n)))
@settings(max_examples=30)
def test_spectrum_is_the_definition_and_inverts(f):
    n = len(f).bit_length() - 1
    spectrum = boolean.walsh_hadamard(f)
    assert spectrum.tolist() == slow_spectrum(f, n)
    assert boolean.from_spectrum(spectrum).tolist() == [2**n * v for v in f]


def test_spectrum_keeps_the_type():
    assert boolean.walsh_hadamard([1, 2]).dtype == np.int64
    assert boolean.walsh_hadamard([2**70, 1]).tolist() == [2**70 + 1, 1 - 2**70]  # exact beyond int64
    assert boolean.walsh_hadamard(np.array([2**63, 2**63], dtype=np.uint64)).tolist() == [2**64, 0]
    assert boolean.walsh_hadamard([Fraction(1, 3), 1]).tolist() == [Fraction(4, 3), Fraction(2, 3)]
    assert boolean.fourier_coefficients([0, 1]).tolist() == [Fraction(1, 2), Fraction(1, 2)]
    assert boolean.walsh_hadamard([0.25, 1.0]).dtype == float


def test_large_spectrum_matches_parseval():
    f = np.random.default_rng(0).integers(-9, 10, 2**16)
    assert (boolean.walsh_hadamard(f).astype(object) ** 2).sum() == 2**16 * int((f**2).sum())


@pytest.mark.parametrize("table", [[], [1, 2, 3], [[1, 2], [3, 4]], 3, [1, float("nan")], [1, "a"]])
def test_bad_tables_are_refused(table):
    with pytest.raises(ValueError, match="expected"):
        boolean.table_of(table)


def test_sizes_are_refused_before_the_work():
    for make in (lambda: boolean.bits(21), lambda: boolean.indicator_net([0] * 2**13), lambda: boolean.fourier_net([1]),
                 lambda: ltf.ltf_table([1] * 21), lambda: ltf.threshold_functions(6), lambda: parity_net(0),
                 lambda: short_parity_net(3), lambda: counting.agreement_tail(13, 0.1),
                 lambda: counting.best_agreements(5, 0), lambda: counting.ltf_of_relu_functions(2, 2),
                 lambda: counting.union_bound(0, 3, 0.1), lambda: counting.max_log2_class(3, 0.1, 0),
                 lambda: best_two_gate_error([1, 1, 1, 1]), lambda: ltf.ltf_table([], 1),
                 lambda: ltf.largest_negative([float("nan")])):
        with pytest.raises(ValueError, match="expected"):
            make()


@pytest.mark.parametrize("make", [boolean.indicator_net, boolean.fourier_net, boolean.merged_fourier_net])
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.integers(-3, 3), min_size=2**n, max_size=2**n)))
@settings(max_examples=15)
def test_nets_equal_the_table_with_the_promised_gates(make, f):
    net = make(f)
    assert boolean.computes(net, f)
    counts = {boolean.indicator_net: boolean.indicator_gates, boolean.fourier_net: boolean.fourier_gates}
    if make in counts:
        assert net.size == counts[make](f)
    else:
        assert net.size <= boolean.merged_gates(f)


@pytest.mark.parametrize("make", [boolean.indicator_net, boolean.fourier_net, boolean.merged_fourier_net])
def test_nets_of_float_tables_are_close(make):
    f = np.random.default_rng(1).standard_normal(16)
    # a gate is at most 10 here, and some hundred products are rounded
    assert make(f)(boolean.cube(4))[:, 0] == pytest.approx(f, abs=1000 * np.finfo(float).eps)
    assert not boolean.computes(make(f), -f)


@pytest.mark.parametrize("k", range(1, 9))
def test_parity_takes_k_gates_and_from_four_on_one_fewer(k):
    z = boolean.bits(k)
    parity = z.sum(axis=1) % 2
    nets = [parity_net(k)] + ([short_parity_net(k)] if k >= 4 else [])
    for missing, net in enumerate(nets):
        assert net.size == k - missing
        assert (net(z)[:, 0] == parity).all()
    hinge_at_k = np.maximum(z.sum(axis=1) - k, 0)  # the gate that 2.D adds
    assert not hinge_at_k.any()


def test_largest_negative_by_both_routes():
    rng = np.random.default_rng(2)
    for _ in range(300):
        a, b = [int(v) for v in rng.integers(-5, 6, rng.integers(1, 8))], int(rng.integers(-9, 10))
        values = [sum(v * w for v, w in zip(a, x, strict=True)) + b for x in product((-1, 1), repeat=len(a))]
        slow = max((v for v in values if v < 0), default=None)
        assert ltf._by_enumeration(a, b) == ltf._by_reachable_sums(a, b) == ltf.largest_negative(a, b) == slow


def test_largest_negative_is_exact_where_floats_are_not():
    assert ltf.largest_negative([0.1, 0.2, -0.3]) == -Fraction(1, 2**55)  # 0.1 + 0.2 > 0.3 in binary
    assert ltf.largest_negative([Fraction(1, 3), Fraction(1, 6)], Fraction(1, 12)) == -Fraction(1, 12)
    assert ltf.largest_negative([1] * 1001) == -1
    assert ltf.largest_negative([1, 1], 2) is None
    with pytest.raises(ValueError, match="round the weights"):
        ltf.largest_negative(list(np.random.default_rng(0).standard_normal(17)))


def test_thresholds_of_huge_weights_are_decided_exactly():
    a = [2**80, 2**80, 1]
    assert ltf.ltf_table(a).tolist() == [-1, -1, -1, 1, -1, 1, 1, 1]
    assert boolean.computes(ltf.ltf_to_relu(a), ltf.ltf_table(a))


def summable(table, n):
    """True when two true and two false inputs have one sum: then no threshold separates them; complete for n ≤ 8."""
    X = boolean.cube(n).astype(int)
    true, false = ({tuple(X[i] + X[j]) for i, j in combinations_with_replacement(np.flatnonzero(table == sign), 2)}
                   for sign in (1, -1))
    return bool(true & false)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_threshold_functions_are_those_without_summable_pairs(n):
    tables, gates = ltf.threshold_functions(n)
    found = {tuple(t.tolist()) for t in tables}
    assert found == {t for t in product((-1, 1), repeat=2**n) if not summable(np.array(t), n)}
    for table, gate in zip(tables, gates, strict=True):
        assert (ltf.ltf_table(gate[:-1], gate[-1]) == table).all()


def test_number_of_threshold_functions():
    assert [len(ltf.threshold_functions(n)[0]) for n in range(1, 6)] == [4, 14, 104, 1882, 94572]


def test_codes_and_tables():
    tables = np.array(list(product((-1, 1), repeat=4)))
    assert ltf.as_codes(tables).tolist() == list(range(16))
    assert (ltf.from_codes(np.arange(16), 2) == tables).all()


def test_two_gates_without_constant_by_another_route():
    assert best_two_gate_error(MAJ3)[0] == pytest.approx(1 / 3, abs=1e-6)
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(8), boolean.cube(3)])
    u = rng.normal(0, 1, (2, 200_000, 4))
    outputs = np.maximum(u[0] @ X.T, 0) - np.maximum(u[1] @ X.T, 0)
    assert abs(outputs - MAJ3).max(axis=1).min() >= 1 / 3
    assert best_two_gate_error([1, -1, -1, 1])[0] == pytest.approx(1, abs=1e-6)
    assert best_two_gate_error([-1, 1, 1, 1])[0] == pytest.approx(0, abs=1e-6)


def test_tail_by_enumeration_of_all_functions():
    f = np.array([1, -1, 1, 1])
    for eps in (0, 0.1, 0.25, 0.5):
        hits = sum(np.mean(f == g) >= 0.5 + eps for g in product((-1, 1), repeat=4))
        assert counting.agreement_tail(2, eps) == Fraction(int(hits), 16)


@pytest.mark.parametrize(("eps", "exact", "bound"), [(0.05, 0.0590, 0.2780), (0.1, 6.94e-4, 5.98e-3),
                                                     (0.2, 3.3e-11, 1.3e-9)])
def test_tail_and_bound_of_the_ledger(eps, exact, bound):
    assert float(counting.agreement_tail(8, eps)) == pytest.approx(exact, rel=0.02)
    assert counting.random_agreement_bound(8, eps) == pytest.approx(bound, rel=0.02)


def test_tail_of_a_biased_coin():
    p = Fraction(3, 5)
    by_terms = sum(comb(16, j) * p**j * (1 - p) ** (16 - j) for j in range(10, 17))
    assert counting.agreement_tail(4, 0.125, p=p) == by_terms


def test_class_sizes():
    assert counting.union_bound(1, 8, 0.1) == pytest.approx(exp(-5.12))
    assert counting.union_bound(10**400, 2, 0.1) == float("inf")
    largest = counting.max_log2_class(8, 0.1, 0.01)
    below, above = (counting.union_bound(2**power, 8, 0.1) for power in (int(largest), int(largest) + 1))
    assert below <= 0.01 < above
    assert counting.maass_log2_count(3, 1) == 49 * log2(7)


def test_counts_of_the_ledger_and_beyond():
    counts = {(n, w): counting.count_ltf_of_relu(n, w) for n in (1, 2, 3, 4) for w in (0, 1)}
    assert counts == {(1, 0): 4, (1, 1): 4, (2, 0): 14, (2, 1): 16, (3, 0): 104, (3, 1): 254, (4, 0): 1882,
                      (4, 1): 41614}
    for (n, w), count in counts.items():
        assert log2(count) <= counting.linear_log2_count(n, w)


def feasible(table, n):
    """True when some L ± 1_T u, u ≥ 0 on T and ≤ 0 off it, has the signs of the table: one program a T and sign."""
    from scipy.optimize import linprog

    X = np.column_stack([np.ones(2**n), boolean.cube(n)])
    for on, sign in product(ltf.threshold_functions(n)[0] > 0, (1, -1)):
        rows = [-table[:, None] * np.hstack([X, sign * on[:, None] * X]),
                np.hstack([0 * X, np.where(on, -1, 1)[:, None] * X])]
        b = np.concatenate([-np.ones(2**n), np.zeros(2**n)])
        if linprog(np.zeros(2 * n + 2), A_ub=np.vstack(rows), b_ub=b, bounds=(None, None)).status == 0:
            return True
    return False


def test_one_gate_circuits_by_linear_programs():
    assert all(feasible(np.array(t), 2) for t in product((-1, 1), repeat=4))
    parity = np.prod(boolean.cube(3), axis=1)
    known = counting.ltf_of_relu_functions(3, 1)
    one_flip = np.where(np.arange(8) == 0, -parity, parity)
    for table in (parity, one_flip):
        assert feasible(table, 3) == (ltf.as_codes(table) in known)
    assert ltf.as_codes(parity) not in known


def test_xor_by_one_gate_and_wires():
    u_of_z = LTFOfReLU([[2, 2]], [-2], [-2], [2, 2], -1)  # 1 + u − 2σ(u), u = x_1 + x_2, x = 2z − 1
    assert u_of_z(boolean.bits(2)).tolist() == [0, 1, 1, 0]
    tables = ltf.threshold_functions(2)[0]
    assert not (tables == [-1, 1, 1, -1]).all(axis=1).any()


def test_two_thresholds_all_pairs():
    tables, gates = ltf.threshold_functions(2)
    for (f, first), (g, second) in product(zip(tables, gates, strict=True), repeat=2):
        for both, expected in ((True, np.minimum(f, g)), (False, np.maximum(f, g))):
            circuit = two_thresholds(first, second, both=both)
            assert (2 * circuit(boolean.bits(2)) - 1 == expected).all()
            assert circuit.size == 1


