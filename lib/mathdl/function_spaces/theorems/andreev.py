"""Statements on random restrictions and Andreev's function; asymptotic ones through their finite steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces.andreev import (
    Andreev,
    fourier_size,
    majority_agreement,
    sampled_agreement,
    table_majority,
    xor_permuted,
)
from mathdl.function_spaces.andreev_bound import epsilon_threshold, explicit_andreev_bound
from mathdl.function_spaces.boolean import bits, computes, fourier_gates, fourier_net
from mathdl.function_spaces.circuits import expected_survivors, random_circuit, survivors
from mathdl.function_spaces.counting import best_agreements, escaping_functions, ltf_of_relu_functions
from mathdl.function_spaces.ltf import as_codes, from_codes
from mathdl.function_spaces.restrictions import (
    Parts,
    diagonal_bound,
    equal_parts,
    restrict,
    sample_restriction,
    survival_probability,
    truth_table,
)

MISS = 1e-6  # chance that a sampled verdict errs on its bound `error`


@statement("function_spaces/definition-10", "Andreev's function", "Mukherjee 2020, Definition 10",
           says=r"A_n(x, a) = x_{\mathrm{bin}(z)},\quad z_i = \textstyle\sum_j a_{ij} \bmod 2",
           measures="inputs on which the function and the definition, bit by bit, disagree", hypotheses=("n ≥ 4",))
def andreev_function(theorem: Theorem, /, *, n: int = 10) -> Verdict:
    """All 2^n inputs for n ≤ 12, each looked up once more with integers and strings."""
    if n < 4:
        return theorem.verdict(given=(False,), measured=0, equals=0, instance=f"n={n}")
    rows = int(math.log2(n // 2))
    columns, wrong = n // (2 * rows), 0
    for z, output in zip(bits(n).tolist(), Andreev(n)(bits(n)).tolist(), strict=True):
        matrix = [z[n // 2 + i * columns:n // 2 + (i + 1) * columns] for i in range(rows)]
        wrong += output != z[int("".join(str(sum(row) % 2) for row in matrix), 2)]
    return theorem.verdict(given=(True,), measured=wrong, equals=0, instance=f"n={n}, {rows}x{columns} matrix")


@statement("function_spaces/erratum-E15", "Andreev's function on n bits", "Mukherjee 2020, Definition 10 and 15",
           says=r"\lfloor n/2\rfloor + \text{rows}\cdot\text{columns} = n", measures="bits that A_n reads",
           hypotheses=("n = 2^(k+1)",), expected=State.VIOLATED,
           erratum="The bijection of {0, 1}^n with table and matrix needs k | 2^k besides n = 2^(k+1); otherwise some "
                   "bits are ignored. The table is indexed from 0.")
def andreev_reads_all(theorem: Theorem, /, *, n: int = 16) -> Verdict:
    """The bits of table and matrix against n; equal for n = 8, 32, 512, where k = 2, 4, 8 divides 2^k."""
    return theorem.verdict(given=(n >= 4 and n.bit_count() == 1,), measured=Andreev(n).used_bits, equals=n,
                           instance=f"n={n}")


@statement("function_spaces/definition-14", "The functions that escape", "Mukherjee 2020, Definition 14, completed",
           says=r"F^* = \{f : P_y[f(y) = D(y)] \le \tfrac12 + \tfrac\epsilon3\ \text{for all } D,\ |D| \le s\}",
           measures="functions on which two ways to decide membership disagree", hypotheses=("ε ≥ 0",))
def escaping(theorem: Theorem, /, *, n: int = 3, gates: int = 0, eps: float = 0.75) -> Verdict:
    """Breadth-first distances to the class against a comparison with every circuit, for all functions, n ≤ 3."""
    codes = np.arange(2**2**n)
    matrix = from_codes(ltf_of_relu_functions(n, gates), n).astype(int)
    agree = (2**n + from_codes(codes, n) @ matrix.T) / 2  # (functions, circuits)
    inside = agree.max(axis=1) <= 2**n * (0.5 + eps / 3)
    found = escaping_functions(n, gates, eps)
    return theorem.verdict(given=(eps >= 0,), measured=int((inside != np.isin(codes, found)).sum()), equals=0,
                           instance=f"n={n}, s={gates}, ε={eps:g}, {len(found)} of {len(codes)} escape")


@statement("function_spaces/ours-escape-symmetric", "Escaping does not depend on names", "ours, for Definition 14",
           says=r"f \in F^* \Rightarrow f(\cdot\oplus c) \in F^*", measures="functions of F* that some xor takes out",
           hypotheses=("ε ≥ 0",))
def escape_symmetric(theorem: Theorem, /, *, n: int = 4, gates: int = 0, eps: float = 0.6) -> Verdict:
    """Every function of F*, n ≤ 4, at every input shifted by xor: the class is closed under negating inputs."""
    found, left = escaping_functions(n, gates, eps), 0
    for c in bits(n):
        moved = as_codes(np.array([xor_permuted(table, c) for table in from_codes(found, n)]).reshape(-1, 2**n))
        left += int((~np.isin(moved, found)).sum())
    return theorem.verdict(given=(eps >= 0,), measured=left, equals=0, instance=f"n={n}, s={gates}, |F*|={len(found)}")


@statement("function_spaces/definition-15", "Restrictions of Andreev's function", "Mukherjee 2020, Definition 15",
           says=r"A_n|_\rho : \{0,1\}^{\lfloor\log(n/2)\rfloor} \to \{0,1\}",
           measures="values of the restricted function that filling in by hand does not give")
def andreev_restricted(theorem: Theorem, /, *, n: int = 32, samples: int = 20, seed: int = 0) -> Verdict:
    """Random restrictions with one free bit a row, all values of the free bits, each input written out bit by bit."""
    A, rng, wrong = Andreev(n), np.random.default_rng(seed), 0
    for _ in range(samples):
        rho = sample_restriction(n, A.parts, rng=rng)
        table = truth_table(restrict(A, rho), A.rows)
        for y, value in zip(bits(A.rows).tolist(), table, strict=True):
            free = dict(zip(rho.free, y, strict=True))
            z = [free.get(i, rho.values[i]) for i in range(n)]
            wrong += int(A(np.array([z]))[0] != value)
    return theorem.verdict(given=(), measured=wrong, equals=0, instance=f"n={n}, {samples} restrictions")


def _all_restrictions(n: int):
    """Every (table, restriction) of A_n with one free bit a row, the free bits' own values left at 0."""
    A = Andreev(n)
    for table in product((0, 1), repeat=A.table_bits):
        for columns in product(range(A.columns), repeat=A.rows):
            for fixed in product((0, 1), repeat=A.rows * (A.columns - 1)):
                rows = np.array(fixed, dtype=int).reshape(A.rows, -1)
                matrix = [np.insert(row, column, 0) for row, column in zip(rows, columns, strict=True)]
                yield table, A.restriction(table, columns, np.array(matrix))


@statement("function_spaces/claim-2", "What the restricted function is", "Mukherjee 2020, Claim 2, corrected",
           says=r"A_n|_\rho(y) = x_{\mathrm{bin}(y\oplus c)},\quad c = \text{parities of the fixed bits}",
           measures="restrictions whose truth table is another", hypotheses=("one bit in each row is free",))
def restricted_table(theorem: Theorem, /, *, n: int = 8, free_bits: int = 1) -> Verdict:
    """Every table, every choice of free bits and every value of the others, n = 8: 256 restrictions of A_8.

    With `free_bits` = 2 nothing of the matrix is fixed, and the claim is read with y the first free bit of each row.
    """
    A, wrong, total = Andreev(n), 0, 0
    if free_bits == 1:
        for table, rho in _all_restrictions(n):
            wrong += (truth_table(restrict(A, rho), A.rows) != xor_permuted(table, A.fixed_parities(rho))).any()
            total += 1
    else:
        everything = bits(A.rows * A.columns)
        first = everything.reshape(-1, A.rows, A.columns)[:, :, 0] @ (1 << np.arange(A.rows - 1, -1, -1))
        for table in bits(A.table_bits):
            z = np.hstack([np.tile(table, (len(everything), 1)), everything])
            wrong += (A(z) != table[first]).any()
            total += 1
    return theorem.verdict(given=(free_bits == 1,), measured=int(wrong), equals=0,
                           instance=f"n={n}, {total} restrictions")


@statement("function_spaces/erratum-E16", "The restricted table as printed", "Mukherjee 2020, Claim 2",
           says=r"A_n|_\rho \text{ has the truth table } x", measures="restrictions whose truth table is another",
           hypotheses=("one bit in each row is free",), expected=State.VIOLATED,
           erratum="The table is x permuted by xor with the parities of the fixed bits. Harmless for the proof, since "
                   "F* is closed under that permutation, and a uniform x still gives a uniform function.")
def restricted_table_as_printed(theorem: Theorem, /, *, n: int = 8) -> Verdict:
    """Every restriction of A_8, its truth table compared with x itself."""
    A, wrong, total = Andreev(n), 0, 0
    for table, rho in _all_restrictions(n):
        wrong += (truth_table(restrict(A, rho), A.rows) != np.array(table)[:2**A.rows]).any()
        total += 1
    return theorem.verdict(given=(True,), measured=int(wrong), equals=0, instance=f"n={n}, {total} restrictions")
    # True by construction: _all_restrictions frees one bit in each row


@statement("function_spaces/lemma-2.6.1", "Gates die under random restrictions", "Mukherjee 2020, Lemma 2.6.1",
           says=r"P[\text{not forced}] \le 2\,\frac{|P|}{\sqrt n}", measures="P[not forced] √n / |P|, exact",
           hypotheses=("the parts partition the n bits", "all parts have equal size"))
def gates_die(theorem: Theorem, /, *, weights: Sequence[int] | None = None, n: int = 1024, parts: int | Parts = 8,
              bias: int = 0) -> Verdict:
    """The exact probability for integer weights (majority unless given); C = 2 is ours, the source cites O(·).

    No probability exceeds 1, so √n / |P| is known without the lemma.
    """
    a = [1] * n if weights is None else list(weights)
    cells = equal_parts(len(a), parts) if isinstance(parts, int) else parts
    ratio = math.sqrt(len(a)) / len(cells)
    error = 3 * (len(a) + 1) * np.finfo(float).eps * ratio
    partition = sorted(i for part in cells for i in part) == list(range(len(a)))
    return theorem.verdict(given=(partition, len(set(map(len, cells))) == 1), at_most=2, error=error, trivial=ratio,
                           measured=survival_probability(a, cells, bias=bias) * ratio,
                           instance=f"n={len(a)}, {len(cells)} parts")


@statement("function_spaces/ours-survival-bound", "Lemma 2.6.1 without a hidden constant", "ours, for Lemma 2.6.1",
           says=r"P[\text{not forced}] \le \mathrm{TV}(B, B + (1,\dots,1)) \le \tfrac{|P|}{\sqrt n}\sqrt{1 + 3|P|/n}",
           measures="P[not forced], exact", hypotheses=("all parts have equal size",))
def survival_bound_holds(theorem: Theorem, /, *, weights: Sequence[int] | None = None, n: int = 64,
                         parts: int | Parts = 4, bias: int = 0) -> Verdict:
    """The exact probability (majority unless weights are given) against the total variation of the first inequality.

    B is the law of |P| independent Binomial(n/|P| − 1, ½); proof in the text.
    """
    a = [1] * n if weights is None else list(weights)
    cells = equal_parts(len(a), parts) if isinstance(parts, int) else parts
    # both sides are sums of products of numbers ≥ 0 with at most 3 (n + 1) roundings each
    error = 6 * (len(a) + 1) * np.finfo(float).eps
    return theorem.verdict(given=(len(set(map(len, cells))) == 1,), error=error, trivial=1,
                           measured=survival_probability(a, cells, bias=bias),
                           at_most=diagonal_bound(len(a), len(cells)), instance=f"n={len(a)}, {len(cells)} parts")


@statement("function_spaces/remark-2.12", "Few gates survive", "Mukherjee 2020, equation (2.12)",
           says=r"P[\text{survivors} > s] \le \frac{w(1-\eta)}{s}",
           measures="fraction of random restrictions with more than s survivors", hypotheses=("s ≥ 1",))
def few_survive(theorem: Theorem, /, *, n: int = 32, gates: int = 20, left: int = 10, restrictions: int = 300,
                seed: int = 0) -> Verdict:
    """Gates of a random circuit on the inputs of A_n, w(1 − η) as the exact sum of their probabilities to survive."""
    A, rng = Andreev(n), np.random.default_rng(seed)
    circuit = random_circuit(n, gates, rng=rng)
    counts = [survivors(circuit, sample_restriction(n, A.parts, rng=rng)) for _ in range(restrictions)]
    return theorem.verdict(given=(left >= 1,), measured=float(np.mean(np.array(counts) > left)), trivial=1,
                           at_most=expected_survivors(circuit, A.parts) / left if left else math.inf,
                           error=hoeffding(restrictions), instance=f"n={n}, w={gates}, s={left}, {restrictions} draws")


def hoeffding(samples: int) -> float:
    """How far a frequency of independent draws may lie above its probability, but for a chance of one in a million."""
    return math.sqrt(math.log(1 / MISS) / (2 * samples))


@statement("function_spaces/claim-3", "Small circuits miss Andreev's function", "Mukherjee 2020, Claim 3",
           says=r"P_z[C(z) = A_n(z)] \le \tfrac12 + \tfrac{2\epsilon}3 + \frac{w(1-\eta)}s",
           measures="agreement of the circuit with A_n",
           hypotheses=("all but a fraction ε/3 of the functions escape (2.11)", "s ≥ 1"))
def small_circuits_miss(theorem: Theorem, /, *, n: int = 2**15, gates: int = 3, eps: float = 0.5, samples: int = 300,
                        seed: int = 0) -> Verdict:
    """A random circuit with w gates (none: the majority of the table), s and 1 − η from the explicit chain.

    Sampled, unless the circuit is the majority, whose agreement is known exactly.
    """
    A, rng, chain = Andreev(n), np.random.default_rng(seed), explicit_andreev_bound(n, eps)
    s = max(1, int(chain.gates_left))
    if gates:
        measured = sampled_agreement(random_circuit(n, gates, rng=rng), A, samples, rng=rng)
    else:
        measured = majority_agreement(A)
    return theorem.verdict(given=(chain.escapes and chain.gates_left >= 0, chain.gates_left >= 1), trivial=1,
                           measured=measured, at_most=0.5 + 2 * eps / 3 + gates * chain.alive / s,
                           error=hoeffding(samples) if gates else 0,
                           instance=f"n={n}, ε={eps:g}, w={gates}, s={chain.gates_left:g}")


@statement("function_spaces/ours-best-agreement", "A bound on the agreement for small n", "ours, after Claim 3",
           says=r"P_z[C(z) = A_n(z)] \le E_f\bigl[\max_{|D|\le s} P_y[D = f]\bigr] + P[\text{survivors} > s]",
           measures="agreement of the circuit with A_n")
def best_agreement(theorem: Theorem, /, *, n: int = 32, gates: int = 0, left: int = 0, samples: int = 4000,
                   seed: int = 0) -> Verdict:
    """The mean over all 2^(2^k) functions, n < 64, of the best circuit with s ≤ 1 gates, plus Markov's bound.

    For w = 0 the circuit is the majority of the table, whose agreement is exact; otherwise random and sampled.
    """
    A, rng = Andreev(n), np.random.default_rng(seed)
    circuit = random_circuit(n, gates, rng=rng) if gates else table_majority(A)
    measured = sampled_agreement(circuit, A, samples, rng=rng) if gates else majority_agreement(A)
    mean = Fraction(int(best_agreements(A.rows, left).sum()), 2**A.rows * 2**2**A.rows)
    bound = mean + (Fraction(expected_survivors(circuit, A.parts)) / (left + 1) if gates else 0)
    return theorem.verdict(given=(), measured=measured, at_most=bound, trivial=1,
                           error=hoeffding(samples) if gates else 0, instance=f"n={n}, w={gates}, s={left}")


@statement("function_spaces/ours-andreev-circuit", "A circuit for Andreev's function", "ours, by Lemma 2.5.1",
           says=r"\text{gates} = 4^k(1 + kc/2)\ \text{for a } k\times c \text{ matrix}",
           measures="gates of the Fourier net that equals A_n")
def andreev_circuit(theorem: Theorem, /, *, n: int = 8) -> Verdict:
    """The Fourier net of A_n on all inputs, n ≤ 10, against the count; about n³/16 gates."""
    A = Andreev(n)
    f = A(bits(n))
    return theorem.verdict(given=(), measured=fourier_gates(f) if computes(fourier_net(f), f) else math.inf,
                           equals=fourier_size(A), instance=f"n={n}, {A.rows}x{A.columns} matrix")


@statement("function_spaces/theorem-2.5.4", "Almost linear lower bound", "Mukherjee 2020, Theorem 2.5.4, corrected",
           says=r"\text{size} \ge C\,\epsilon^{2(1-\delta)}n^{1-\delta}", measures="size of a circuit that equals A_n",
           hypotheses=("0 < δ < 1/2", "ε > √(2 log^(2/(1-2δ))(n) / n)", "the circuit agrees on 1/2 + ε", "n ≥ N(δ)"),
           expected=State.HOLDS_IF)
def almost_linear(theorem: Theorem, /, *, n: int = 2**33, delta: float = 0.25, eps: float = 0.5,
                  constant: float = 1.0) -> Verdict:
    """The Fourier circuit, which agrees everywhere, against the bound; asymptotic: no finite run can test it.

    N(δ) and the constant are not given, and 1 is known without the theorem, since A_n is no threshold function.
    """
    in_range = 0 < delta < 0.5
    return theorem.verdict(given=(in_range, in_range and eps > epsilon_threshold(n, delta), eps <= 0.5, None),
                           measured=fourier_size(Andreev(n)), at_least=constant * (eps * eps * n) ** (1 - delta),
                           trivial=1, instance=f"n={n}, δ={delta:g}, ε={eps:g}, C={constant:g}")


@statement("function_spaces/ours-andreev-bound", "A lower bound with all its constants", "ours, after Theorem 2.5.4",
           says=r"\text{size} \ge \frac{\epsilon(s+1)}{3(1-\eta)} = \Omega(\epsilon^3 n^{3/2}/\log^3 n)",
           measures="size of a circuit that equals A_n", hypotheses=("n ≥ 4", "the circuit agrees on 1/2 + ε"))
def explicit_bound(theorem: Theorem, /, *, n: int = 2**17, eps: float = 0.5) -> Verdict:
    """The Fourier circuit, which agrees everywhere (so with any ε ≤ ½), against `explicit_andreev_bound`."""
    return theorem.verdict(given=(n >= 4, eps <= 0.5), measured=fourier_size(Andreev(n)), trivial=0,
                           at_least=explicit_andreev_bound(n, eps).size, instance=f"n={n}, ε={eps:g}")


@statement("function_spaces/erratum-E17", "The exponent of the logarithm", "Mukherjee 2020, Theorem 2.5.4",
           says=r"2 + \theta = \frac2{2-\delta}\ \text{where}\ \delta = \frac\theta{2(2+\theta)}",
           measures="2 + θ from the proof's δ", hypotheses=("0 < δ < 1/2",), expected=State.VIOLATED,
           erratum="The exponent is 2/(1 - 2δ). The proof's w also has log(n/2)/log(n) where 1/(log(n/2) log(n)) "
                   "is right, so a factor log² n is lost; and Definition 14 lacks its ≤ 1/2 + ε/3.")
def threshold_exponent(theorem: Theorem, /, *, delta: Fraction = Fraction(1, 4)) -> Verdict:
    """δ = θ/(2(2 + θ)) solved for θ exactly, against the exponent of the printed statement."""
    delta = Fraction(delta)
    theta = 4 * delta / (1 - 2 * delta) if delta != Fraction(1, 2) else Fraction(0)
    return theorem.verdict(given=(0 < delta < Fraction(1, 2),), measured=2 + theta, equals=2 / (2 - delta),
                           instance=f"δ={delta}")
