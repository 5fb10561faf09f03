"""Statements on weight cones, block matrices, sign-rank and the Chattopadhyay-Mande function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces.block_matrices import distinct_rows, random_block_matrix, row_groups, row_lower_bound
from mathdl.function_spaces.chattopadhyay_mande import chattopadhyay_mande, cm_ltf_of_ltf, omb_or_xor, omb_weights
from mathdl.function_spaces.cones import cone_id, cones_containing, number_of_cones, same_cone_lp, vertices
from mathdl.function_spaces.sign_rank import (
    cm_block_length,
    cm_factorisation,
    signrank_route,
    xor_norm,
)
from mathdl.function_spaces.weight_restriction import (
    RestrictedCircuit,
    check_def12,
    circuit_computing,
    common_orders,
    gate_matrices,
    output_matrix,
    random_restricted_net,
)
from mathdl.nets.relu_net import ReLUNet

ONE_CONE = "bottom weights as in Definition 12"


@statement("function_spaces/definition-11", "Weight cones", "Mukherjee 2020, Definition 11",
           says=r"P_{m,\sigma} = \{a : \langle a, x^{\sigma(i)}\rangle \le \langle a, x^{\sigma(i+1)}\rangle\}",
           measures="different orders met by random weights, against the exact number of full-dimensional cones")
def weight_cones(theorem: Theorem, /, *, m: int = 3, samples: int = 200_000, seed: int = 0) -> Verdict:
    """The number of orders in which Gaussian weights sort {−1, 1}^m, against Zaslavsky's count; Definition 11."""
    a = np.random.default_rng(seed).standard_normal((samples, m))
    met = len({order.tobytes() for order in cone_id(a)})
    return theorem.verdict(given=(), measured=met, equals=number_of_cones(m), instance=f"m={m}, {samples} samples")


@statement("function_spaces/definition-12", "Weight restriction", "Mukherjee 2020, Definition 12",
           says=r"w_1 \in P_{m,\sigma_1},\ w_2 \in P_{m,\sigma_2},\ \text{integers},\ |w| \le W",
           measures="bottom layers on which the exact test and a linear program disagree")
def weight_restriction(theorem: Theorem, /, *, m: int = 3, layers: int = 40, seed: int = 0) -> Verdict:
    """Disagreements of `check_def12` with linear programs on random bottom layers of 2 gates; Definition 12."""
    rng = np.random.default_rng(seed)
    wrong = accepted = 0
    for cones in (1, 2) * (layers // 2):
        net = random_restricted_net(m, 2, (2,), rng=rng, cones=cones)
        a, b = np.split(net.weights[0], 2, axis=1)
        exact = check_def12(net, 2) is None
        wrong += exact != (same_cone_lp(a) and same_cone_lp(b))
        accepted += exact
    return theorem.verdict(given=(), measured=wrong, equals=0, instance=f"m={m}, {layers} layers, {accepted} accepted")


@statement("function_spaces/theorem-2.5.6", "g by few threshold gates", "Mukherjee 2020, Theorem 2.5.6",
           says=r"g = \mathrm{LTF} \circ \mathrm{LTF} \text{ with } 2n + 1 \text{ gates}",
           measures="inputs on which the circuit differs from g", hypotheses=("top weights grow as 2^i",))
def cm_circuit(theorem: Theorem, /, *, n: int = 3, l: int = 2, growing: bool = True) -> Verdict:
    """The circuit of 2n + 1 gates against g on all 4^m inputs; Theorem 2.5.6, first half."""
    circuit, cube = cm_ltf_of_ltf(n, l, growing=growing), vertices(n * l)
    x = np.hstack([np.repeat(cube, len(cube), axis=0), np.tile(cube, (len(cube), 1))])
    wrong = int((circuit(x) != chattopadhyay_mande(n, l).ravel()).sum())
    grows = bool((abs(circuit.top[:n]) == abs(omb_weights(n))).all())
    return theorem.verdict(given=(grows,), measured=wrong, equals=0,
                           instance=f"n={n}, l={l}, {circuit.size} gates, {len(x)} inputs")


def _log2_sign_rank_upper(n: int) -> tuple[float, int]:
    """log2 of 1 + n(2^l − 1), an upper bound on sign-rank(g), and l, rounded up where n is no power of 8."""
    try:
        l = cm_block_length(n)
    except ValueError:
        l = math.ceil(n ** (1 / 3) + math.log2(n))
    return math.log2(1 + n * (2**l - 1)), l


def _signs_agree(n: int, l: int, samples: int = 20) -> bool:
    """Whether 1 + Σ (−1)^i 2^i [x^(i) = y^(i)], which has rank ≤ 1 + n(2^l − 1), has g's sign at random (x, y).

    Blocks agree with probability 1/n, so that high and low blocks decide in turn. Sums are exact integers.
    """
    rng = np.random.default_rng(n)
    for _ in range(samples):
        x = rng.choice((-1, 1), (n, l))
        on = rng.random(n) < 1 / n
        y = np.where(on[:, None], x, -x)
        total = 1 + sum((-1) ** i * 2**i for i in (np.flatnonzero(on) + 1).tolist())
        if (total > 0) != (omb_or_xor(x.ravel(), y.ravel(), n) == 1):
            return False
    return True


@statement("function_spaces/theorem-2.5.6-sign-rank", "Sign-rank of g", "Mukherjee 2020, Theorem 2.5.6, corrected",
           says=r"\log_2 \operatorname{sign-rank}(g) \ge \tfrac{1}{81} n^{1/3} - 3",
           measures="log2 of an explicit upper bound on the sign-rank",
           hypotheses=("n = 8^k", "the sign-rank itself, known only from above"), expected=State.VACUOUS)
def cm_sign_rank(theorem: Theorem, /, *, n: int = 4096) -> Verdict:
    """log2(1 + n(2^l − 1)) against the corrected exponent; consistency only, since the sign-rank is not computed."""
    upper, l = _log2_sign_rank_upper(n)
    return theorem.verdict(given=(_is_power_of_8(n), None), measured=upper, at_least=n ** (1 / 3) / 81 - 3, trivial=0,
                           error=_log_error(upper), instance=f"n={n}, l={l}")


@statement("function_spaces/erratum-E18", "Sign-rank of g, as printed", "Mukherjee 2020, Theorem 2.5.6",
           says=r"\log_2 \operatorname{sign-rank}(g) \ge \tfrac{n}{81} - 3",
           measures="log2 of an explicit upper bound on the sign-rank",
           hypotheses=("n = 8^k", "the factorisation has the signs of g on sampled entries"),
           erratum="The exponent is n^(1/3)/81 − 3: a sum of n equality matrices of rank 2^l has the signs of g.",
           expected=State.VIOLATED)
def printed_sign_rank(theorem: Theorem, /, *, n: int = 4096) -> Verdict:
    """log2(1 + n(2^l − 1)) ≥ log2 sign-rank(g) against the printed n/81 − 3."""
    upper, l = _log2_sign_rank_upper(n)
    return theorem.verdict(given=(_is_power_of_8(n), _signs_agree(n, l)), measured=upper,
                           at_least=n / 81 - 3, error=_log_error(upper), trivial=0,
                           instance=f"n={n}, l={l}")


@statement("function_spaces/erratum-E18b", "A square that stays under the root",
           "Mukherjee 2020, proof of Theorem 2.5.5",
           says=r"P^2 \ge 2^E \ \Rightarrow\ P \ge 2^E, \qquad P = mW \prod_k w_k",
           measures="P", hypotheses=("P² ≥ 2^E",), expected=State.VIOLATED,
           erratum="Only P ≥ 2^(E/2) follows. But a matrix has rank at most the number of its row groups, so the "
                   "square need not be there at all: P ≥ 2^E up to constants, and the final display stands.")
def square_root_step(theorem: Theorem, /, *, exponent: int = 20) -> Verdict:
    """The smallest P with P² ≥ 2^E against the printed conclusion; proof of Theorem 2.5.5."""
    target = 2**exponent
    P = math.isqrt(target - 1) + 1
    return theorem.verdict(given=(target <= P * P,), measured=P, at_least=target, instance=f"E={exponent}")


@statement("function_spaces/erratum-E18c", "The cones as a disjoint union",
           "Mukherjee 2020, remark after Definition 12", says=r"a \in P_{m,\sigma} \text{ for exactly one } \sigma",
           measures="cones that contain a",
           erratum="The cones share faces: a vector with ties lies in one cone for each way to order the tied "
                   "vertices, and 0 lies in all (2^m)! of them. Vectors without ties lie in exactly one.",
           expected=State.VIOLATED)
def disjoint_cones(theorem: Theorem, /, *, a: Sequence[float] = (0, 0)) -> Verdict:
    """The number of cones that contain a, against one."""
    return theorem.verdict(given=(), measured=cones_containing(a), equals=1, instance=f"a={tuple(a)}")


@statement("function_spaces/ours-sign-rank-sandwich", "Sign-rank between two computable numbers",
           "ours; Forster 2002, Theorem 2.2 below",
           says=r"2^m / \|g\| \le \operatorname{sign-rank}(g) \le 1 + n(2^l - 1)",
           measures="columns of an explicit factorisation", hypotheses=("every entry has the sign of g",))
def sign_rank_sandwich(theorem: Theorem, /, *, n: int = 4, l: int = 2, sharp: bool = True) -> Verdict:
    """The columns of the factorisation, an upper bound, against Forster's exact lower bound 2^m/‖g‖."""
    g, factors = chattopadhyay_mande(n, l), cm_factorisation(n, l, sharp=sharp)
    signs = bool((np.sign(factors.product) == g).all())
    return theorem.verdict(given=(signs,), measured=factors.rank, at_least=Fraction(len(g), xor_norm(g)), trivial=1,
                           instance=f"n={n}, l={l}, {len(g)}x{len(g)}")


@statement("function_spaces/claim-5", "Sums of block-constant matrices", "Mukherjee 2020, Claim 5",
           says=r"\#\text{groups}(A_1 + \dots + A_w) \le w(D-1) + 1", measures="row or column groups of the sum",
           hypotheses=("one common order of rows and columns",))
def sum_of_blocks(theorem: Theorem, /, *, matrices: int = 3, groups: int = 5, size: int = 64, shuffled: bool = False,
                  seed: int = 0) -> Verdict:
    """Groups of a sum of w random (M, M) matrices with D groups each; shuffled: each has its own row order.

    Shuffled rows are counted as different rows, the fewest groups that any single order can reach.
    """
    rng = np.random.default_rng(seed)
    A = [random_block_matrix(size, groups, rng=rng) for _ in range(matrices)]
    A = [M[rng.permutation(size)] for M in A] if shuffled else A
    together = [distinct_rows(M) <= len(row_groups(M)) + 1 <= groups for M in A]
    total = sum(A)
    counts = [distinct_rows(total)] if shuffled else [len(row_groups(total)) + 1, len(row_groups(total.T)) + 1]
    return theorem.verdict(given=(all(together),), measured=max(counts), at_most=matrices * (groups - 1) + 1,
                           trivial=size, instance=f"w={matrices}, D={groups}, M={size}")


def _most_groups(net: ReLUNet, layers: slice, restricted: bool) -> int:
    """The most row or column groups of a gate in these layers, in the orders that the bottom weights share.

    Where they share none, equal rows are counted as one group: no order of the rows does better.
    """
    matrices = [A for layer in gate_matrices(net)[layers] for A in layer]
    if not restricted:
        return max(max(distinct_rows(A), distinct_rows(A.T)) for A in matrices)
    rows, columns = common_orders(net)
    return max(max(len(row_groups(A, rows)), len(row_groups(A.T, columns))) for A in matrices) + 1


@statement("function_spaces/lemma-2.E.1", "Block structure of ReLU circuits", "Mukherjee 2020, Lemma 2.E.1",
           says=r"\#\text{groups} \le mW \prod_{i \le k} w_i + 1", measures="most row or column groups of a top gate",
           hypotheses=(ONE_CONE,))
def block_structure(theorem: Theorem, /, *, m: int = 6, bound: int = 2, widths: Sequence[int] = (2, 2, 4),
                    cones: int = 1, seed: int = 11) -> Verdict:
    """Groups of the gates in the last hidden layer, which share all layers below; the constant in O is made explicit.

    The widths are w_1, …, w_k and the number of circuits in the family. Orders: those that the sum of the bottom
    weights gives.
    """
    net = random_restricted_net(m, bound, widths, rng=np.random.default_rng(seed), cones=cones)
    restricted = check_def12(net, bound) is None
    return theorem.verdict(given=(restricted,), measured=_most_groups(net, slice(-2, -1), restricted), trivial=2**m,
                           at_most=m * bound * math.prod(widths[:-1]) + 1, instance=_about(m, bound, widths))


@statement("function_spaces/ours-block-bound", "Block structure at any depth", "ours, sharpening Lemma 2.E.1",
           says=r"\#\text{groups} \le w_1 m W + 1", measures="most row or column groups of any gate or output",
           hypotheses=(ONE_CONE,))
def block_bound(theorem: Theorem, /, *, m: int = 6, bound: int = 2, widths: Sequence[int] = (2, 4, 4),
                cones: int = 1, net: ReLUNet | None = None, seed: int = 27) -> Verdict:
    """Groups of every gate's matrix, in the orders that the bottom weights share, whatever stands above them."""
    net = net or random_restricted_net(m, bound, widths, rng=np.random.default_rng(seed), cones=cones)
    m = net.n_inputs // 2
    restricted = check_def12(net, bound) is None
    return theorem.verdict(given=(restricted,), measured=_most_groups(net, slice(None), restricted), trivial=2**m,
                           at_most=net.widths[0] * m * bound + 1, instance=_about(m, bound, net.widths))


@statement("function_spaces/ours-row-bound", "Bottom gates from distinct rows", "ours, sharpening Theorem 2.5.5",
           says=r"w_1 \ge \frac{\#\text{distinct rows} - 1}{mW}", measures="gates in the bottom layer",
           hypotheses=(ONE_CONE,))
def row_bound(theorem: Theorem, /, *, net: ReLUNet | None = None, bound: int = 1) -> Verdict:
    """w_1 against the rows of the ±1 output matrix; without a net, `two_gate_circuit()`, where w_1 is the least."""
    net = two_gate_circuit().net if net is None else net
    F, m = np.where(output_matrix(net) >= 0, 1, -1), net.n_inputs // 2
    return theorem.verdict(given=(check_def12(net, bound) is None,), measured=net.widths[0],
                           at_least=row_lower_bound(F, bound), trivial=1,
                           instance=f"{_about(m, bound, net.widths)}, {distinct_rows(F)} distinct rows")


def two_gate_circuit() -> RestrictedCircuit:
    """A depth 3 circuit for g on n = 2 blocks of l = 1 bit with W = 1 and two bottom gates, the fewest possible."""
    a = np.array([[0, 1], [1, 1]])
    return circuit_computing(chattopadhyay_mande(2, 1), a, -a, 1)


@statement("function_spaces/theorem-2.5.5", "Size under the weight restriction", "Mukherjee 2020, Theorem 2.5.5",
           says=r"\mathrm{size} = \Omega\Bigl((d-1)\bigl[2^{m^{1/8}}/(mW)\bigr]^{1/(d-1)}\Bigr)",
           measures="size of an explicit circuit for g, constant 1 in place of Ω",
           hypotheses=(ONE_CONE, "the circuit computes g", "m is large enough for Ω"), expected=State.VACUOUS)
def printed_size_bound(theorem: Theorem, /, *, n: int = 2, l: int = 2) -> Verdict:
    """A depth 3 circuit for g with one bottom gate of weights ±3^i, against the printed bound; Theorem 2.5.5.

    The theorem is asymptotic: no finite instance can confirm or refute it, and below m ≈ 2^44 it says less than that
    a circuit has a gate in each layer.
    """
    m = n * l
    a = 3 ** np.arange(m)[None]
    g, W = chattopadhyay_mande(n, l), int(a.max())
    circuit = circuit_computing(g, a, -a, W)
    bound = 2 ** signrank_route(m, W, circuit.depth).printed
    computes = bool((circuit.output() == g).all())
    return theorem.verdict(given=(check_def12(circuit.net, W) is None, computes, None), measured=circuit.size,
                           at_least=bound, trivial=circuit.depth, instance=f"m={m}, W={W}, d={circuit.depth}")


def _about(m: int, bound: int, widths: Sequence[int]) -> str:
    return f"m={m}, W={bound}, widths {tuple(widths)}"


def _is_power_of_8(n: int) -> bool:
    return n > 1 and n & (n - 1) == 0 and (n.bit_length() - 1) % 3 == 0


def _log_error(x: float) -> float:
    """math.log2 of an exact integer is off by at most a few units in the last place."""
    return 4 * np.finfo(float).eps * abs(x)
