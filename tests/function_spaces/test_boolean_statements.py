"""Statements on Boolean inputs: they hold, are attained, fall silent, and fail where a hypothesis is missing."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.function_spaces import boolean
from mathdl.function_spaces.counting import agreement_tail
from mathdl.function_spaces.ltf import ltf_table, ltf_to_relu, threshold_functions
from mathdl.function_spaces.theorems import boolean as theorems
from mathdl.nets.relu_net import ReLUNet

MAJ3 = (1, 1, 1, 0)


def tables(n, samples, seed=0):
    return np.random.default_rng(seed).integers(-5, 6, (samples, 2**n))


@pytest.mark.statement("function_spaces/lemma-2.5.1")
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_every_table_is_a_sum_of_relu(n):
    for f in tables(n, 8):
        assert theorems.sum_of_relu(table=f).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.5.1")
def test_dense_function_on_six_bits():
    verdict = theorems.sum_of_relu(table=tables(6, 1)[0])
    assert verdict.state is State.HOLDS
    assert verdict.bound == 64
    assert theorems.sum_of_relu(terms=9, seed=3).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.5.1")
def test_sum_of_relu_is_attained_silent_and_needs_its_constant():
    assert theorems.sum_of_relu(table=np.prod(boolean.cube(3), axis=1)).slack == 0
    assert theorems.sum_of_relu(constant=False).state is State.SILENT
    assert boolean.fourier_net([1, 1, 1, 1]).biases[-1].tolist() == [1]  # f = 1 has no gate to say it with


@pytest.mark.statement("function_spaces/lemma-2.5.1")
def test_a_wrong_net_is_violated(monkeypatch):
    monkeypatch.setattr(theorems, "fourier_net", lambda f: boolean.fourier_net(f).scaled(2))
    assert theorems.sum_of_relu().state is State.VIOLATED


@pytest.mark.statement("function_spaces/ours-merged-fourier")
@pytest.mark.parametrize("seed", range(6))
def test_merging_saves_gates(seed):
    verdict = theorems.merged_fourier(n=5, terms=3, seed=seed)
    assert verdict.state in (State.HOLDS, State.VACUOUS)
    assert verdict.bound <= 1 + verdict.trivial
    assert theorems.merged_fourier(constant=False).state is State.SILENT


@pytest.mark.statement("function_spaces/ours-merged-fourier")
def test_merging_is_attained_and_vacuous_on_dense_functions():
    majority = theorems.merged_fourier(table=ltf_table([1, 1, 1]))
    assert (majority.measured, majority.bound, majority.trivial) == (2, 3, 6)  # its linear part cancels
    assert theorems.merged_fourier(table=[3, 1, 1, -1]).slack == 0
    assert theorems.merged_fourier(table=tables(6, 1)[0]).state is State.VACUOUS
    assert boolean.merged_fourier_net([3, -3]).size == 1  # anything linear is one gate
    assert boolean.merged_fourier_net([1, 1, 1, 1]).size == 0


@pytest.mark.statement("function_spaces/ours-parity-gates")
@pytest.mark.parametrize("k", [4, 5, 8])
def test_parity_by_k_minus_one(k):
    assert theorems.parity_gates(k=k).state is State.HOLDS
    assert theorems.parity_gates(k=k).bound == k - 1


@pytest.mark.statement("function_spaces/ours-parity-gates")
def test_parity_is_silent_and_needs_its_constant():
    assert theorems.parity_gates(k=3).state is State.SILENT
    assert theorems.parity_gates(constant=False).state is State.SILENT
    from mathdl.function_spaces.parity import short_parity_net

    without = short_parity_net(4)
    assert without(np.zeros((1, 4)))[0, 0] == 0
    assert ReLUNet(without.weights, [without.biases[0], [0]])(np.zeros((1, 4)))[0, 0] == -6


@pytest.mark.statement("function_spaces/erratum-E14")
def test_without_a_constant_the_printed_count_fails_and_the_corrected_holds():
    for f in ([1, 1, 1, 1], [2, 2], [-1, 1], [1, -1, -1, 1, 0, 0, 0, 0]):
        printed = theorems.no_output_constant(table=f)
        assert printed.state is (State.VIOLATED if printed.measured > printed.bound else State.HOLDS)
        assert theorems.sum_of_relu(table=f).state is State.HOLDS
    assert theorems.no_output_constant().state is State.VIOLATED
    assert theorems.no_output_constant(table=[-1, 1]).state is State.VIOLATED  # x_1 has both signs, one gate has one
    assert theorems.no_output_constant(table=[0, 0, 0, 1]).state is State.HOLDS


@pytest.mark.statement("function_spaces/proposition-2.5.3")
@pytest.mark.parametrize("n", [1, 2, 7, 12])
def test_binary_value(n):
    for gates in (1, 2):
        verdict = theorems.binary_value(n=n, gates=gates)
        assert verdict.state is State.HOLDS
        assert verdict.measured == Fraction(n, gates)


@pytest.mark.statement("function_spaces/proposition-2.5.3")
def test_n_thresholds_suffice_and_fewer_take_too_few_values():
    n = 5
    f = boolean.bits(n).astype(int) @ 2 ** np.arange(1, n + 1)
    assert len(set(f.tolist())) == 32
    assert (f % 2 == 0).all()  # twice the binary number
    by_gates = sum(2**i * (1 + ltf_table(np.eye(n)[i - 1]).astype(int)) // 2 for i in range(1, n + 1))
    assert (by_gates == f).all()
    rng = np.random.default_rng(0)
    thresholds = threshold_functions(4)[0]
    for w in (1, 2, 3):
        picks = thresholds[rng.integers(0, len(thresholds), (200, w))]
        for pick in picks:
            assert len(np.unique(rng.standard_normal(w) @ pick)) <= 2**w


@pytest.mark.statement("function_spaces/claim-4")
def test_all_thresholds_by_two_gates():
    verdict = theorems.ltf_by_two_gates()
    assert verdict.state is State.HOLDS
    assert verdict.slack == 0
    for gate in ((0.3, -1.7, 2.2, 0.1), (1, 1, 2), (-1, 5), (1, 2, 4, 8, 16, 32, 64, Fraction(1, 7))):
        assert theorems.ltf_by_two_gates(gate=gate).state is State.HOLDS


@pytest.mark.statement("function_spaces/claim-4")
def test_thresholds_need_vertices_and_a_constant():
    real = theorems.ltf_by_two_gates(gate=MAJ3, real_inputs=True)
    assert real.state is State.SILENT
    assert not real.satisfied
    net = ltf_to_relu([1, 1, 1])  # p = 1: the ramp differs in the strip (−1, 0) and only there
    u = np.array([-1.5, -1, -0.5, 0, 0.5])
    assert net(np.column_stack([u, 0 * u, 0 * u]))[:, 0].tolist() == [-1, -1, 0, 1, 1]
    assert theorems.ltf_by_two_gates(constant=False).state is State.SILENT


@pytest.mark.statement("function_spaces/claim-4")
def test_a_wrong_gap_is_violated(monkeypatch):
    from mathdl.function_spaces import ltf

    right = ltf.largest_negative
    monkeypatch.setattr(ltf, "largest_negative", lambda a, b=0: right(a, b) and 2 * right(a, b))
    assert theorems.ltf_by_two_gates().state is State.VIOLATED


@pytest.mark.statement("function_spaces/erratum-E19")
def test_two_gates_miss_the_majority_and_a_constant_or_a_third_gate_helps():
    printed = theorems.two_gates_without_constant()
    assert printed.state is State.VIOLATED
    assert printed.measured == pytest.approx(1 / 3, abs=1e-6)
    assert theorems.ltf_by_two_gates(gate=MAJ3).state is State.HOLDS
    two = ltf_to_relu([1, 1, 1])
    third = ReLUNet([[*two.weights[0], [0, 0, 0]], [[*two.weights[1][0], -1]]], [[*two.biases[0], 1], [0]])
    assert boolean.computes(third, ltf_table([1, 1, 1]))
    assert theorems.two_gates_without_constant(gate=(1, 1, 1)).state is State.HOLDS  # OR needs no constant


@pytest.mark.statement("function_spaces/claim-1")
@pytest.mark.parametrize(("n", "eps"), list(product((1, 3, 6, 9), (0.01, 0.1, 0.3, 0.5))))
def test_random_functions_disagree(n, eps):
    assert theorems.random_agreement(n=n, eps=eps).state is State.HOLDS


@pytest.mark.statement("function_spaces/claim-1")
def test_random_agreement_is_tight_in_the_exponent_silent_and_needs_a_fair_coin():
    n = 12  # the tail is exp(−2^(n+1) ε² (1 + o(1))): a constant 3 in its place would be refuted
    tail = float(agreement_tail(n, 0.05))
    assert np.exp(-1.5 * 2**n * 2 * 0.05**2) < tail < np.exp(-(2 ** (n + 1)) * 0.05**2)
    biased = theorems.random_agreement(p=Fraction(3, 5))
    assert biased.state is State.SILENT
    assert not biased.satisfied
    assert theorems.random_agreement(eps=-0.1).state is State.SILENT
    assert not theorems.random_agreement(n=2, eps=-0.5, p=Fraction(1, 2)).measured < 1
    assert theorems.random_agreement(n=1, eps=0).state is State.VACUOUS


@pytest.mark.statement("function_spaces/remark-2.10")
def test_union_over_all_thresholds():
    for n, gates, eps in ((4, 0, 0.5), (4, 0, 0.45), (3, 0, 0.5), (3, 1, 0.5), (2, 0, 0.4)):
        assert theorems.union_over_class(n=n, gates=gates, eps=eps).state in (State.HOLDS, State.VACUOUS)
    assert theorems.union_over_class().measured == Fraction(1882, 65536)
    assert theorems.union_over_class(n=3, gates=1).state is State.VACUOUS
    assert theorems.union_over_class(eps=-0.1).state is State.SILENT


@pytest.mark.statement("function_spaces/definition-13")
@pytest.mark.parametrize("seed", range(3))
def test_circuits_evaluate_as_written(seed):
    assert theorems.ltf_of_relu_circuit(n=4, gates=seed, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-13")
def test_a_wrong_circuit_is_seen(monkeypatch):
    class Wrong(theorems.LTFOfReLU):
        def __call__(self, z):
            return super().__call__(1 - np.asarray(z))

    monkeypatch.setattr(theorems, "LTFOfReLU", Wrong)
    assert theorems.ltf_of_relu_circuit().state is State.VIOLATED


@pytest.mark.statement("function_spaces/ours-one-gate-and-wires")
@pytest.mark.parametrize("n", [2, 3, 4])
def test_one_gate_is_or_and_of_two(n):
    assert theorems.one_gate_and_wires(n=n, samples=100, seed=n).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-one-gate-and-wires")
def test_one_gate_check_can_fail(monkeypatch):
    monkeypatch.setattr(theorems, "ltf_of_relu_functions", lambda n, gates: np.array([0]))
    assert theorems.one_gate_and_wires(samples=20).state is State.VIOLATED


@pytest.mark.statement("function_spaces/remark-2.6")
def test_the_cited_count_says_nothing_at_this_size():
    assert theorems.maass_count().state is State.VACUOUS
    assert theorems.maass_count(n=3).state is State.VACUOUS
    assert theorems.maass_count(constant=0.0815).state is State.HOLDS_IF  # below 2^n it would speak
    assert theorems.maass_count(constant=0.01).state is State.VIOLATED
    without = theorems.maass_count(n=4, gates=0)  # the count forgets the direct wires, which w ≥ 1 gates pay for
    assert without.state is State.SILENT
    assert not without.satisfied


@pytest.mark.statement("function_spaces/ours-linear-count")
@pytest.mark.parametrize(("n", "gates"), [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (1, 1), (2, 1), (3, 1), (4, 1)])
def test_linear_count(n, gates):
    assert theorems.linear_count(n=n, gates=gates).satisfied


@pytest.mark.statement("function_spaces/ours-linear-count")
def test_linear_count_is_attained_and_speaks_at_five_bits():
    assert theorems.linear_count(n=1).slack == 0
    assert theorems.linear_count().state is State.HOLDS
