"""Statements on Boolean inputs: nets for every function, threshold gates, random functions, and counting circuits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from numbers import Real

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces.boolean import (
    bits,
    computes,
    fourier_gates,
    fourier_net,
    from_spectrum,
    indicator_net,
    merged_fourier_net,
    merged_gates,
    table_of,
)
from mathdl.function_spaces.circuits import LTFOfReLU, two_thresholds
from mathdl.function_spaces.counting import (
    agreement_tail,
    best_agreements,
    count_ltf_of_relu,
    linear_log2_count,
    ltf_of_relu_functions,
    maass_log2_count,
    random_agreement_bound,
    union_bound,
)
from mathdl.function_spaces.ltf import as_codes, ltf_table, ltf_to_relu, threshold_functions
from mathdl.function_spaces.parity import short_parity_net
from mathdl.function_spaces.two_gates import best_two_gate_error
from mathdl.nets.relu_net import ReLUNet

CONSTANT = "the output may add a constant"


def sparse_function(n: int, terms: int, seed: int) -> np.ndarray:
    """The integer table of a function with so many random Fourier coefficients from ±1, …, ±5."""
    rng = np.random.default_rng(seed)
    coefficients = np.zeros(2**n, dtype=np.int64)
    coefficients[rng.choice(2**n, terms, replace=False)] = rng.integers(1, 6, terms) * rng.choice([-1, 1], terms)
    return from_spectrum(coefficients)


@statement("function_spaces/lemma-2.5.1", "Every function on the cube is a Sum-of-ReLU", "Mukherjee 2020, Lemma 2.5.1",
           says=r"\text{gates} \le \min\{2^n,\ \textstyle\sum_{\hat f(S)\ne0}|S|\}",
           measures="gates of the smaller of the two nets that equal the function", hypotheses=(CONSTANT,))
def sum_of_relu(theorem: Theorem, /, *, table: Sequence[Real] | None = None, n: int = 6, terms: int = 4, seed: int = 0,
                constant: bool = True) -> Verdict:
    """Gates of the smaller net, infinite when either net misses a value; a sparse random function without a table."""
    f = table_of(sparse_function(n, terms, seed) if table is None else table)
    nets = indicator_net(f), fourier_net(f)
    exact = all(computes(net, f) for net in nets)
    return theorem.verdict(given=(constant,), measured=min(net.size for net in nets) if exact else math.inf,
                           at_most=min(len(f), fourier_gates(f)), instance=f"n={len(f).bit_length() - 1}")


@statement("function_spaces/ours-merged-fourier", "One gate for everything linear", "ours, after Mukherjee 2020, 2.D",
           says=r"\text{gates} \le 1 + \textstyle\sum_{\hat f(S)\ne0,\,S\ne\emptyset}(|S| - 1)",
           measures="gates of the merged Fourier net that equals the function", hypotheses=(CONSTANT,))
def merged_fourier(theorem: Theorem, /, *, table: Sequence[Real] | None = None, n: int = 6, terms: int = 4,
                   seed: int = 0, constant: bool = True) -> Verdict:
    """Gates when all hinges at 0 share one gate, against the count; known without it: Lemma 2.5.1."""
    f = table_of(sparse_function(n, terms, seed) if table is None else table)
    net = merged_fourier_net(f)
    return theorem.verdict(given=(constant,), measured=net.size if computes(net, f) else math.inf,
                           at_most=merged_gates(f), trivial=min(len(f), fourier_gates(f)),
                           instance=f"n={net.n_inputs}")


@statement("function_spaces/ours-parity-gates", "PARITY by k - 1 gates", "ours, after Mukherjee 2020, 2.D",
           says=r"\text{gates} = k - 1\ \text{for a net that reads } x_1+\dots+x_k",
           measures="gates of the net that equals PARITY, against the turns it must make",
           hypotheses=("k ≥ 4", CONSTANT))
def parity_gates(theorem: Theorem, /, *, k: int = 6, constant: bool = True) -> Verdict:
    """The k − 1 gates of `short_parity_net`, against the changes of direction of 0, 1, 0, … at 0, …, k."""
    turns = int((np.diff(np.diff(np.arange(k + 1) % 2)) != 0).sum())
    net = short_parity_net(max(k, 4))
    right = (net(bits(net.n_inputs))[:, 0] == bits(net.n_inputs).sum(axis=1) % 2).all()
    return theorem.verdict(given=(k >= 4, constant), measured=net.size if right else math.inf, equals=turns,
                           instance=f"k={k}")


@statement("function_spaces/erratum-E14", "Sum-of-ReLU without a constant", "Mukherjee 2020, Lemma 2.5.1 and 2.D",
           says=r"\text{gates} \le \min\{2^n,\ \textstyle\sum_{\hat f(S)\ne0}|S|\}\ \text{for } \sum_i c_i\sigma(u_i)",
           measures="gates that any sum without a constant needs, one for each sign of the function",
           erratum="The printed sums have no constant, and f = 1 has no set to pay for. Corrected: an output constant "
                   "is added. 2.D spends k + 1 gates on PARITY where the lemma counts k: the hinge at k does nothing "
                   "on the cube.",
           expected=State.VIOLATED)
def no_output_constant(theorem: Theorem, /, *, table: Sequence[Real] = (1, 1, 1, 1)) -> Verdict:
    """A gate c σ(u) has one sign, so a function with values of j signs needs j of them; Lemma 2.5.1 as printed."""
    f = table_of(table)
    return theorem.verdict(given=(), measured=int((f > 0).any()) + int((f < 0).any()),
                           at_most=min(len(f), fourier_gates(f)), instance=f"f = {f.tolist()}")


@statement("function_spaces/proposition-2.5.3", "One ReLU gate against n thresholds",
           "Mukherjee 2020, Proposition 2.5.3", says=r"\frac{\text{LTF gates}}{\text{ReLU gates}} \ge \frac n2",
           measures="LTF gates that the values of f require, for each ReLU gate used")
def binary_value(theorem: Theorem, /, *, n: int = 10, gates: int = 2) -> Verdict:
    """f = Σ 2^i (1 + x_i)/2: log2 of the number of values, since w LTFs give at most 2^w, over the gates of the net.

    Two gates σ(u) − σ(−u) as in the source, or one, since f ≥ 0 on the cube.
    """
    powers = 2 ** np.arange(1, n + 1)
    f = bits(n).astype(np.int64) @ powers
    row, bias = powers // 2, int(powers.sum()) // 2
    net = ReLUNet([[row, -row][:gates], [[1, -1][:gates]]], [[bias, -bias][:gates], [0]])
    needed = math.ceil(math.log2(len(np.unique(f))))
    return theorem.verdict(given=(), measured=Fraction(needed, net.size) if computes(net, f) else 0,
                           at_least=Fraction(n, 2), instance=f"n={n}, {net.size} ReLU gates")


@statement("function_spaces/claim-4", "A threshold by two ReLU gates", "Mukherjee 2020, Claim 4",
           says=r"-1 + \tfrac2p\,[\sigma(u + p) - \sigma(u)] = \mathrm{LTF}(x),\quad u = \langle a, x\rangle + b",
           measures="most gates used, infinite when a value is wrong",
           hypotheses=("the inputs are vertices of the cube", CONSTANT))
def ltf_by_two_gates(theorem: Theorem, /, *, gate: Sequence[Real] | None = None, real_inputs: bool = False,
                     constant: bool = True, seed: int = 0) -> Verdict:
    """The exact nets of one gate (a, b), or of all 104 LTFs on 3 bits, on the cube or on 200 random points of it."""
    most = 0
    for *a, b in threshold_functions(3)[1] if gate is None else [gate]:
        net = ltf_to_relu(a, b)
        if real_inputs:
            points = np.random.default_rng(seed).uniform(-1, 1, (200, len(a)))
            right = (net(points)[:, 0] == np.where(points @ np.array(a, dtype=float) + float(b) >= 0, 1, -1)).all()
        else:
            right = computes(net, ltf_table(a, b))
        most = max(most, net.size if right else math.inf)
    instance = "all 104 LTFs on 3 bits" if gate is None else f"(a, b) = ({', '.join(map(str, gate))})"
    return theorem.verdict(given=(not real_inputs, constant), measured=most, at_most=2, instance=instance)


@statement("function_spaces/erratum-E19", "Two gates and no constant", "Mukherjee 2020, Claim 4",
           says=r"\min_{u_1,u_2,c}\ \max_x\,|c_1\sigma(u_1) + c_2\sigma(u_2) - \mathrm{LTF}(x)| = 0",
           measures="least error of two gates, over every pair of activation patterns",
           erratum="Two gates need an output constant (or a third gate): without it the majority of three bits is "
                   "missed by 1/3 at some vertex.", expected=State.VIOLATED)
def two_gates_without_constant(theorem: Theorem, /, *, gate: Sequence[int] = (1, 1, 1, 0)) -> Verdict:
    """The best two gates for an LTF that is not constant, n ≤ 3 bits, by linear programs; Claim 4 as printed."""
    error, programs = best_two_gate_error(ltf_table(gate[:-1], gate[-1]))
    # HiGHS leaves constraints unmet by at most 1e-7; the optimum moves by a small multiple of that.
    return theorem.verdict(given=(), measured=error, at_most=0, error=1e-5,
                           instance=f"(a, b) = {tuple(gate)}, {programs} linear programs")


@statement("function_spaces/claim-1", "A random function disagrees with a fixed one", "Mukherjee 2020, Claim 1",
           says=r"P_g\bigl[P_x[f(x) = g(x)] \ge \tfrac12 + \epsilon\bigr] \le e^{-2^{n+1}\epsilon^2}",
           measures="chance of that agreement, exact", hypotheses=("g is uniform", "ε ≥ 0"))
def random_agreement(theorem: Theorem, /, *, n: int = 8, eps: float = 0.1, p: Fraction = Fraction(1, 2)) -> Verdict:
    """The binomial tail when each value of g agrees with probability p (½ when g is uniform), against Hoeffding's."""
    bound = random_agreement_bound(n, eps)
    # exp and its argument are rounded three times, which moves exp(-t) by at most 4 (1 + t) eps.
    error = 4 * (1 + 2.0 ** (n + 1) * eps**2) * np.finfo(float).eps * bound
    return theorem.verdict(given=(p == Fraction(1, 2), eps >= 0), measured=agreement_tail(n, eps, p=p), at_most=bound,
                           error=error, trivial=1, instance=f"n={n}, ε={eps:g}")


@statement("function_spaces/remark-2.10", "A random function escapes a small class", "Mukherjee 2020, equation (2.10)",
           says=r"P_g\bigl[\exists C:\ P_x[C(x) = g(x)] \ge \tfrac12 + \epsilon\bigr] \le N e^{-2^{n+1}\epsilon^2}",
           measures="fraction of all functions that some circuit matches so well", hypotheses=("ε ≥ 0",))
def union_over_class(theorem: Theorem, /, *, n: int = 4, gates: int = 0, eps: float = 0.5) -> Verdict:
    """All 2^(2^n) functions, each with its best LTF (or LTF-of-ReLU circuit with one gate), n ≤ 4; equation (2.10)."""
    matched = best_agreements(n, gates) >= 2**n * (Fraction(1, 2) + Fraction(eps))
    return theorem.verdict(given=(eps >= 0,), measured=Fraction(int(matched.sum()), len(matched)),
                           at_most=union_bound(count_ltf_of_relu(n, gates), n, eps), trivial=1,
                           instance=f"n={n}, {count_ltf_of_relu(n, gates)} circuits, ε={eps:g}")


@statement("function_spaces/definition-13", "LTF-of-ReLU circuits", "Mukherjee 2020, Definition 13",
           says=r"D(z) = 1[c + \langle d, z\rangle + \textstyle\sum_j\alpha_j\sigma(W_j z + b_j) \ge 0]",
           measures="inputs on which the circuit and the formula, term by term in integers, disagree")
def ltf_of_relu_circuit(theorem: Theorem, /, *, n: int = 5, gates: int = 3, seed: int = 0) -> Verdict:
    """A random circuit with small integer weights on all inputs, against the definition term by term."""
    rng = np.random.default_rng(seed)
    W, b, alpha, d, c = (rng.integers(-4, 5, shape).tolist() for shape in ((gates, n), gates, gates, n, ()))
    outputs, wrong = LTFOfReLU(W, b, alpha, d, c)(bits(n)).tolist(), 0
    for z, output in zip(bits(n).tolist(), outputs, strict=True):
        hidden = [max(0, _dot(row, z) + t) for row, t in zip(W, b, strict=True)]
        wrong += output != (c + _dot(d, z) + _dot(alpha, hidden) >= 0)
    return theorem.verdict(given=(), measured=wrong, equals=0, instance=f"n={n}, w={gates}")


@statement("function_spaces/ours-one-gate-and-wires", "One ReLU gate with direct wires", "ours",
           says=r"\{\mathrm{LTF}(L \pm \sigma(u))\} = \{f \vee g,\ f \wedge g:\ f, g \text{ LTFs}\}",
           measures="circuits that are no such function, and such functions that the circuit built for them misses")
def one_gate_and_wires(theorem: Theorem, /, *, n: int = 3, samples: int = 300, seed: int = 0) -> Verdict:
    """Random one-gate circuits looked up among the ORs and ANDs, and random ORs and ANDs rebuilt as circuits."""
    rng = np.random.default_rng(seed)
    known, (_, gates), wrong = ltf_of_relu_functions(n, 1), threshold_functions(n), 0
    for _ in range(samples):
        random = LTFOfReLU(*(rng.standard_normal(shape) for shape in ((1, n), 1, 1, n, ())))
        wrong += as_codes(random(bits(n))) not in known
        first, second = gates[rng.integers(0, len(gates), 2)]
        pair = [ltf_table(gate[:-1], gate[-1]) for gate in (first, second)]
        for both, table in ((True, np.minimum(*pair)), (False, np.maximum(*pair))):
            wrong += (2 * two_thresholds(first, second, both=both)(bits(n)) - 1 != table).any()
    return theorem.verdict(given=(), measured=int(wrong), equals=0,
                           instance=f"n={n}, {len(known)} functions, {samples} samples")


@statement("function_spaces/remark-2.6", "The counting step", "Mukherjee 2020, section 2.6, after Maass 1997",
           says=r"\log_2 N \le C\,(wn + 2w + 2)^2\log_2(wn + 2w + 2)",
           measures="log2 of the number of functions, counted", hypotheses=("w ≥ 1", "C is the cited constant"),
           expected=State.VACUOUS)
def maass_count(theorem: Theorem, /, *, n: int = 4, gates: int = 1, constant: float = 1.0) -> Verdict:
    """The exact count against the cited bound, whose constant is not given; there are only 2^(2^n) functions."""
    return theorem.verdict(given=(gates >= 1, None), measured=math.log2(count_ltf_of_relu(n, gates)),
                           at_most=maass_log2_count(n, gates, constant), trivial=2**n,
                           instance=f"n={n}, w={gates}, C={constant:g}")


@statement("function_spaces/ours-linear-count", "A count that is linear in the gates", "ours",
           says=r"\log_2 N \le (2w + 1)n^2 + w(n + 2) + 1", measures="log2 of the number of functions, counted")
def linear_count(theorem: Theorem, /, *, n: int = 5, gates: int = 0) -> Verdict:
    """The exact count against the bound from the regions of a hyperplane arrangement; proof in the text."""
    # log2 of an integer is rounded once
    return theorem.verdict(given=(), measured=math.log2(count_ltf_of_relu(n, gates)), error=2**n * np.finfo(float).eps,
                           at_most=linear_log2_count(n, gates), trivial=2**n, instance=f"n={n}, w={gates}")


def _dot(a: Sequence[int], z: Sequence[int]) -> int:
    return sum(v * w for v, w in zip(a, z, strict=True))
