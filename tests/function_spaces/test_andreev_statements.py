"""Statements on Andreev's function: they hold, are attained, fall silent, and fail where a hypothesis is missing."""

from fractions import Fraction
from math import comb, sqrt

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.function_spaces.andreev import Andreev, fourier_size
from mathdl.function_spaces.andreev_bound import explicit_andreev_bound
from mathdl.function_spaces.restrictions import equal_parts, survival_bound
from mathdl.function_spaces.theorems import andreev as theorems


@pytest.mark.statement("function_spaces/definition-10")
@pytest.mark.parametrize("n", [4, 5, 8, 11])
def test_andreev_is_its_definition(n):
    assert theorems.andreev_function(n=n).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-10")
def test_andreev_needs_four_bits_and_its_check_can_fail(monkeypatch):
    assert theorems.andreev_function(n=3).state is State.SILENT

    class Reversed(Andreev):
        def address(self, z):
            return super().address(np.asarray(z)[:, ::-1])

    monkeypatch.setattr(theorems, "Andreev", Reversed)
    assert theorems.andreev_function().state is State.VIOLATED


@pytest.mark.statement("function_spaces/erratum-E15")
def test_some_powers_of_two_ignore_bits():
    assert theorems.andreev_reads_all().state is State.VIOLATED
    states = {2**j: theorems.andreev_reads_all(n=2**j).state for j in range(2, 18)}
    # corrected: exactly where k = j − 1 divides 2^k
    assert {n for n, state in states.items() if state is State.HOLDS} == {4, 8, 32, 512, 2**17}
    assert theorems.andreev_reads_all(n=24).state is State.SILENT
    assert all(Andreev(n).used_bits <= n for n in range(4, 300))


@pytest.mark.statement("function_spaces/definition-14")
@pytest.mark.parametrize(("n", "gates", "eps"), [(2, 0, 0.75), (3, 0, 0.74), (3, 1, 1.125), (3, 0, 0)])
def test_escaping_by_two_routes(n, gates, eps):
    assert theorems.escaping(n=n, gates=gates, eps=eps).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-14")
def test_escaping_is_silent_and_its_check_can_fail(monkeypatch):
    assert theorems.escaping(eps=-1).state is State.SILENT
    monkeypatch.setattr(theorems, "escaping_functions", lambda n, gates, eps: np.arange(5))
    assert theorems.escaping().state is State.VIOLATED


@pytest.mark.statement("function_spaces/ours-escape-symmetric")
@pytest.mark.parametrize(("n", "gates", "eps"), [(3, 0, 0.75), (3, 1, 1.125), (4, 0, 0.75), (2, 0, 0.75)])
def test_escaping_is_symmetric(n, gates, eps):
    assert theorems.escape_symmetric(n=n, gates=gates, eps=eps).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-escape-symmetric")
def test_symmetry_is_silent_and_its_check_can_fail(monkeypatch):
    assert theorems.escape_symmetric(n=3, eps=-1).state is State.SILENT
    monkeypatch.setattr(theorems, "escaping_functions", lambda n, gates, eps: np.array([1]))
    assert theorems.escape_symmetric(n=3).state is State.VIOLATED


@pytest.mark.statement("function_spaces/definition-15")
@pytest.mark.parametrize("n", [8, 16, 40])
def test_restrictions_of_andreev(n):
    assert theorems.andreev_restricted(n=n, samples=5, seed=n).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-15")
def test_restriction_check_can_fail(monkeypatch):
    monkeypatch.setattr(theorems, "restrict", lambda f, rho: lambda y: 1 - f(rho.fill(y)))
    assert theorems.andreev_restricted(n=8, samples=1).state is State.VIOLATED


@pytest.mark.statement("function_spaces/claim-2")
def test_restricted_table_in_all_cases():
    assert theorems.restricted_table().state is State.HOLDS
    assert theorems.restricted_table(n=6).state is State.HOLDS


@pytest.mark.statement("function_spaces/claim-2")
def test_two_free_bits_in_a_row_leave_only_their_xor():
    verdict = theorems.restricted_table(free_bits=2)
    assert verdict.state is State.SILENT
    assert not verdict.satisfied
    A, table = Andreev(8), np.array([0, 1, 1, 1])
    values = {}
    for a in np.ndindex(2, 2, 2, 2):
        value = A(np.array([[*table, *a]]))[0]
        assert values.setdefault((a[0] ^ a[1], a[2] ^ a[3]), value) == value


@pytest.mark.statement("function_spaces/erratum-E16")
def test_printed_table_is_wrong_144_times_and_the_corrected_never():
    printed, corrected = theorems.restricted_table_as_printed(), theorems.restricted_table()
    assert printed.state is State.VIOLATED
    assert printed.measured == 144
    assert printed.instance == corrected.instance == "n=8, 256 restrictions"
    assert corrected.measured == 0


@pytest.mark.statement("function_spaces/lemma-2.6.1")
def test_gates_die_for_random_weights():
    rng = np.random.default_rng(0)
    for n, parts in ((256, 2), (256, 4), (64, 1), (512, 8)):
        for _ in range(3):
            weights = rng.integers(-20, 21, n).tolist()
            bias = int(rng.integers(-50, 51))
            assert theorems.gates_die(weights=weights, parts=parts, bias=bias).state is State.HOLDS


@pytest.mark.statement("function_spaces/lemma-2.6.1")
def test_gates_die_near_the_limit_for_majority():
    verdict = theorems.gates_die()
    assert verdict.state is State.HOLDS
    assert verdict.measured == pytest.approx(sqrt(2 / np.pi), abs=0.03)
    assert theorems.gates_die(n=1, parts=1).measured == 1
    assert theorems.gates_die(n=16, parts=4).state is State.VACUOUS  # |P|/√n = 1


@pytest.mark.statement("function_spaces/lemma-2.6.1")
def test_gates_need_equal_parts_to_die():
    weights = [300, *[1] * 255]  # one weight above the sum of the others, alone in its part
    parts = ((0,), *[tuple(range(i, 256, 3)) for i in (1, 2, 3)])
    unequal = theorems.gates_die(weights=weights, parts=parts)
    assert unequal.state is State.SILENT
    assert not unequal.satisfied
    assert theorems.gates_die(weights=weights, parts=4).satisfied
    assert theorems.gates_die(weights=[2**i for i in range(1024)], parts=8).measured == pytest.approx(8 / 1024 * 4)
    assert theorems.gates_die(n=8, parts=((0, 1), (2, 3))).state is State.SILENT


@pytest.mark.statement("function_spaces/ours-survival-bound")
@pytest.mark.parametrize(("n", "parts"), [(8, 1), (9, 1), (12, 2), (12, 3), (48, 4), (20, 5)])
def test_survival_bound(n, parts):
    rng = np.random.default_rng(n)
    for scale in (1, 3, 30):
        weights = rng.integers(-scale, scale + 1, n).tolist()
        verdict = theorems.survival_bound_holds(weights=weights, parts=parts, bias=int(rng.integers(-5, 6)))
        assert verdict.state in (State.HOLDS, State.VACUOUS)
        assert verdict.bound <= survival_bound(n, parts) + 1e-12


@pytest.mark.statement("function_spaces/ours-survival-bound")
def test_survival_bound_is_attained_by_one_part_and_needs_equal_parts():
    for n in (5, 8, 21):
        verdict = theorems.survival_bound_holds(n=n, parts=1)
        assert verdict.measured == pytest.approx(comb(n - 1, (n - 1) // 2) / 2 ** (n - 1), rel=1e-12)
        assert abs(verdict.slack) <= verdict.error
    unequal = theorems.survival_bound_holds(weights=[8, 1, 1, 1, 1, 1, 1, 1], parts=((0,), tuple(range(1, 8))))
    assert unequal.state is State.SILENT
    assert unequal.measured == 1
    assert not unequal.satisfied


@pytest.mark.statement("function_spaces/remark-2.12")
@pytest.mark.parametrize("seed", range(3))
def test_few_survive(seed):
    assert theorems.few_survive(left=12, seed=seed).state is State.HOLDS
    assert theorems.few_survive(left=5, seed=seed).state is State.VACUOUS
    assert theorems.few_survive(left=0).state is State.SILENT


@pytest.mark.statement("function_spaces/remark-2.12")
def test_markov_is_attained_when_all_gates_live_or_die_together(monkeypatch):
    from mathdl.function_spaces.circuits import LTFOfReLU

    def one_slot(n, gates, *, rng):
        W = np.zeros((gates, n), dtype=int)
        W[:, 16] = 2  # the first bit of the first row: it is free with probability 1/4
        return LTFOfReLU(W, -np.ones(gates), np.ones(gates), np.zeros(n))

    monkeypatch.setattr(theorems, "random_circuit", one_slot)
    verdict = theorems.few_survive(gates=20, left=19, restrictions=2000)
    assert verdict.bound == pytest.approx(20 / 4 / 19)
    assert verdict.measured == pytest.approx(1 / 4, abs=0.05)  # 2000 draws: five standard deviations
    # a bound smaller by a quarter would be refuted
    assert verdict.measured > 0.75 * verdict.bound
    monkeypatch.setattr(theorems, "expected_survivors", lambda circuit, parts: 0.0)
    assert theorems.few_survive(gates=20, left=19, restrictions=2000).state is State.VIOLATED


@pytest.mark.statement("function_spaces/claim-3")
def test_small_circuits_miss():
    assert theorems.small_circuits_miss().state is State.HOLDS
    assert theorems.small_circuits_miss(n=2**17, gates=0, eps=0.4).state is State.HOLDS
    assert theorems.small_circuits_miss(gates=30, samples=20).state is State.VACUOUS


@pytest.mark.statement("function_spaces/claim-3")
def test_at_32_bits_claim_3_is_silent_and_the_majority_beats_it():
    verdict = theorems.small_circuits_miss(n=32, gates=0, eps=0.05)
    assert verdict.state is State.SILENT
    assert float(verdict.measured) == pytest.approx(0.598, abs=5e-4)
    assert verdict.measured > Fraction(1, 2) + Fraction(9, 100)  # so ε < .09 is out of reach at n = 32
    assert not verdict.satisfied
    assert theorems.small_circuits_miss(n=2**13, gates=1, samples=40).state is State.SILENT  # s = 0


@pytest.mark.statement("function_spaces/ours-best-agreement")
def test_agreement_at_small_n():
    assert theorems.best_agreement().state is State.HOLDS
    for n, left in ((4, 0), (8, 0), (16, 0), (16, 1), (32, 1), (62, 0)):
        expected = State.VACUOUS if n == 4 else State.HOLDS  # every function of one bit is a threshold function
        assert theorems.best_agreement(n=n, left=left).state is expected
    assert theorems.best_agreement(n=32, gates=20, left=1, samples=500).satisfied
    with pytest.raises(ValueError, match="n <= 4"):
        theorems.best_agreement(n=64)


@pytest.mark.statement("function_spaces/ours-best-agreement")
def test_agreement_bound_for_every_threshold_of_eight_bits_tried():
    from mathdl.function_spaces.boolean import bits

    A, z = Andreev(8), bits(8)
    y, bound = A(z), float(theorems.best_agreement(n=8).bound)
    rng = np.random.default_rng(1)
    found = [np.mean((z @ rng.standard_normal(8) + rng.standard_normal() >= 0) == y) for _ in range(3000)]
    assert 0.6 < max(found) <= bound == 0.96875


@pytest.mark.statement("function_spaces/ours-andreev-circuit")
@pytest.mark.parametrize("n", [4, 6, 8])
def test_circuit_for_andreev(n):
    assert theorems.andreev_circuit(n=n).state is State.HOLDS


@pytest.mark.statement("function_spaces/ours-andreev-circuit")
def test_circuit_is_cubic_and_its_check_can_fail(monkeypatch):
    for n in (8, 32, 512):  # k divides 2^k: kc = n/2
        assert fourier_size(Andreev(n)) == n * n * (n + 4) // 16
    monkeypatch.setattr(theorems, "fourier_size", lambda A: 47)
    assert theorems.andreev_circuit().state is State.VIOLATED


@pytest.mark.statement("function_spaces/theorem-2.5.4")
def test_almost_linear_bound_is_conditional():
    assert theorems.almost_linear().state is State.HOLDS_IF
    assert theorems.almost_linear(n=2**40, delta=0.1, eps=0.25).state is State.HOLDS_IF
    for broken in ({"delta": 0.0}, {"delta": 0.5}, {"n": 32}, {"eps": 0.6}, {"eps": 0.001}):
        assert theorems.almost_linear(**broken).state is State.SILENT
    assert theorems.almost_linear(constant=1e30).state is State.VIOLATED  # the constant is not given


@pytest.mark.statement("function_spaces/ours-andreev-bound")
@pytest.mark.parametrize("power", [13, 15, 17, 33, 60])
def test_explicit_bound_on_the_known_circuit(power):
    verdict = theorems.explicit_bound(n=2**power)
    assert verdict.state is (State.HOLDS if verdict.bound > 0 else State.VACUOUS)
    assert theorems.explicit_bound(n=2**power, eps=0.01).satisfied


@pytest.mark.statement("function_spaces/ours-andreev-bound")
def test_explicit_bound_has_its_place():
    assert theorems.explicit_bound(n=512).state is State.VACUOUS
    assert theorems.explicit_bound().bound == pytest.approx(26.66, abs=0.01)
    assert explicit_andreev_bound(2**60, 0.5).size > 2**60  # more than linear in the end
    # without the advantage there is no bound: a circuit without gates agrees with A_n on more than half
    assert theorems.small_circuits_miss(n=2**17, gates=0, eps=0.4).measured > Fraction(1, 2)


@pytest.mark.statement("function_spaces/erratum-E17")
@pytest.mark.parametrize("delta", [Fraction(1, 10), Fraction(1, 4), Fraction(9, 20)])
def test_printed_exponent_is_too_small(delta):
    printed = theorems.threshold_exponent(delta=delta)
    assert printed.state is State.VIOLATED
    assert printed.measured == 2 / (1 - 2 * delta)  # the corrected exponent
    theta = printed.measured - 2
    assert theta / (2 * (2 + theta)) == delta
    assert theorems.threshold_exponent(delta=Fraction(1, 2)).state is State.SILENT
    assert theorems.threshold_exponent(delta=0).state is State.SILENT


def test_parts_given_as_a_list_are_taken():
    assert theorems.gates_die(n=64, parts=equal_parts(64, 4)) == theorems.gates_die(n=64, parts=4)
