"""Statements on zonotope functions: thesis section 2.3.2, its errata E11 to E13, and what is ours beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, permutations, product

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces.central_cones import max_cones
from mathdl.function_spaces.complexity import claimed_size_bound, comp_table, flat_zones
from mathdl.function_spaces.gap import min_size_lower_bound
from mathdl.function_spaces.generators import balancing_signs, is_generic, random_generic
from mathdl.function_spaces.support_net import support_net
from mathdl.function_spaces.thrifty_net import KNOTS, MAXIMUM, thrifty_function, thrifty_net
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.function_spaces.zonotope_function import ZonotopeFunction, even_knots
from mathdl.function_spaces.zonotope_recovery import recover_zonotope
from mathdl.nets.entries import as_exact
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

Rows = tuple[tuple[int, ...], ...]
PLANE_FOUR = ((1, 2), (-2, 0), (0, -1), (-1, -1))  # four times the generators of Figure 2.2
SPACE_SIX = tuple((1, t, t ** 2, t ** 3) for t in range(-3, 3))
SPACE_SEVEN = tuple((1, t, t * t) for t in range(-3, 4))
SAMPLES = 60
GENERIC = "every min(n, m) generators independent"


@statement("function_spaces/definition-6", "Complexity of a family", "Mukherjee 2020, Definition 6",
           says=r"\mathrm{comp}(n, k, w) \ge N(n, m)\, w^{k-1} + c",
           measures="pieces counted on the net of a zonotope function",
           hypotheses=("depth ≤ k + 1", "width ≤ w"))
def family_complexity(theorem: Theorem, /, *, dimension: int = 2, hidden_layers: int = 3, width: int = 4,
                      gates: str = "2m", generators: int | None = None, depth: int | None = None,
                      seed: int = 0) -> Verdict:
    """The entry of `comp_table` against a member of the family, built as a net within the limits and counted.

    `generators` m and `depth` of H are the largest that fit, unless given.
    """
    row = comp_table(dimension, hidden_layers, width, gates)
    B = random_generic(dimension, generators or row.generators, rng=np.random.default_rng(seed))
    f = ZonotopeFunction(1, even_knots(width, depth or hidden_layers - 1), B)
    net = f.net(gates)
    return theorem.verdict(given=(net.depth <= hidden_layers + 1, net.width <= width), measured=f.pieces(),
                           equals=row.zonotope,
                           instance=f"n={dimension}, k={hidden_layers}, w={width}, m={len(B)}")


@statement("function_spaces/definition-7", "Support function of a zonotope", "Mukherjee 2020, Definition 7",
           says=r"\gamma_Z(r) = \max_{x \in Z} \langle r, x \rangle = \sum_i |\langle r, b^i \rangle|",
           measures="largest |linear program − formula| over random directions")
def zonotope_support(theorem: Theorem, /, *, dimension: int = 3, generators: int = 7, directions: int = 100,
                     seed: int = 0) -> Verdict:
    """Σ |⟨r, b⟩| against the maximum of ⟨r, x⟩ over Z by linear programming in x and λ, at Gaussian r."""
    rng = np.random.default_rng(seed)
    B, r = rng.standard_normal((generators, dimension)), rng.standard_normal((directions, dimension))
    Z = Zonotope(B)
    gap = abs(maxima_over_zonotope(B, r) - Z.support(r)).max()
    # Sums of m n products in two orders: each rounds by at most (m + n) eps times the sum of the absolute values.
    slack = 2 * (generators + dimension) * 2 ** -52 * (abs(r) @ abs(B).T).sum(axis=1).max()
    return theorem.verdict(given=(), measured=gap, equals=0, error=slack,
                           instance=f"n={dimension}, m={generators}, {directions} directions")


@statement("function_spaces/theorem-2.3.7", "Vertices of a zonotope", "Mukherjee 2020, Theorem 2.3.7, corrected",
           says=r"|\mathrm{vert}\,Z| = 2 \sum_{i=0}^{n-1} \binom{m-1}{i}",
           measures="vertices, each found with a point inside its normal cone", hypotheses=(GENERIC,))
def zonotope_vertices(theorem: Theorem, /, *, generators: Sequence[Sequence] = SPACE_SEVEN) -> Verdict:
    """The vertices listed with their normal cones against N(n, m); other tuples have fewer."""
    Z = Zonotope(generators)
    m, n = Z.generators.shape
    return theorem.verdict(given=(is_generic(generators),), measured=len(Z.vertices()), equals=max_cones(n, m),
                           instance=f"n={n}, m={m}")


@statement("function_spaces/definition-8", "Extremal tuples are the generic ones", "Mukherjee 2020, Definition 8",
           says=r"(b^1, \dots, b^m) \in S(n, m) \iff \text{every } \min(n, m) \text{ of them are independent}",
           measures="random integer tuples on which determinants and vertex count disagree",
           hypotheses=("n ≥ 2", "some of the tuples are degenerate, some not"))
def extremal_tuples(theorem: Theorem, /, *, dimension: int = 2, generators: int = 5, tuples: int = 200,
                    largest: int = 9, seed: int = 0) -> Verdict:
    """Membership in S(n, m) decided twice, exactly: by determinants, and by counting vertices.

    Entries are drawn from −`largest`..`largest`. For n = 1 the count asks for one non-zero generator only.
    """
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(-largest, largest + 1, (generators, dimension)) for _ in range(tuples)]
    by_minors = [is_generic(B) for B in drawn]
    extremal = [Zonotope(B).count_vertices() == max_cones(dimension, generators) for B in drawn]
    wrong = sum(a != b for a, b in zip(by_minors, extremal, strict=True))
    return theorem.verdict(given=(dimension >= 2, 0 < sum(by_minors) < tuples), measured=wrong,
                           equals=0, instance=f"n={dimension}, m={generators}, {tuples} tuples, "
                                              f"{tuples - sum(by_minors)} degenerate")


@statement("function_spaces/lemma-2.3.8", "A support function is one hidden layer", "Mukherjee 2020, Lemma 2.3.8",
           says=r"\gamma_Z \text{ is a 2-layer net of size } 2m",
           measures="gates of a net that equals γ at every point tried (∞ if it does not)")
def support_as_net(theorem: Theorem, /, *, generators: Sequence[Sequence] = PLANE_FOUR, seed: int = 0) -> Verdict:
    """The net |z| = σ(z) + σ(−z), compared with γ in rational arithmetic in every normal cone and at random points."""
    m = len(generators)
    return theorem.verdict(given=(), measured=size_if_equal(support_net(generators), generators, seed), equals=2 * m,
                           instance=f"m={m}")


@statement("function_spaces/ours-zonotope-net", "Two gates beyond the generators", "ours",
           says=r"\gamma_Z \text{ is a 2-layer net of size } m + 2, \text{ or } m \text{ if } \sum_i \pm b^i = 0",
           measures="gates of a net that equals γ at every point tried (∞ if it does not)",
           hypotheses=("some signs make Σ ± bⁱ = 0, if m gates are claimed",))
def zonotope_net(theorem: Theorem, /, *, generators: Sequence[Sequence] = PLANE_FOUR, gates: str = "m+2",
                 seed: int = 0) -> Verdict:
    """Σ |z_i| = 2 Σ σ(z_i) − Σ z_i: the linear part costs two gates, or none when signs make it vanish."""
    m = len(generators)
    possible = gates != "m" or balancing_signs(generators) is not None
    size = size_if_equal(support_net(generators, gates), generators, seed) if possible else math.inf
    return theorem.verdict(given=(possible,), measured=size, at_most=m if gates == "m" else m + 2, trivial=2 * m,
                           instance=f"m={m}, {gates} gates")


@statement("function_spaces/proposition-2.3.9", "Pieces of a zonotope function",
           "Mukherjee 2020, Proposition 2.3.9, corrected",
           says=r"H \circ \gamma_Z \text{ has } N(n, m)\, w^k + c \text{ pieces}",
           measures="pieces counted exactly on the net", hypotheses=(GENERIC, "w ≥ 2"))
def zonotope_function_pieces(theorem: Theorem, /, *, generators: Sequence[Sequence] = PLANE_FOUR, width: int = 2,
                             depth: int = 2) -> Verdict:
    """The pieces of the net, by a counter that knows nothing of cones (n ≤ 2), or cone by cone, against the formula.

    c is 0 for k = 1 or odd w, else 1, and 2 when the generators have rank 1.
    """
    f = ZonotopeFunction(1, even_knots(width, depth), generators)
    m, n = f.zonotope.generators.shape
    return theorem.verdict(given=(is_generic(generators), width >= 2), measured=f.pieces(),
                           equals=f.predicted_pieces(), instance=f"n={n}, m={m}, w={width}, k={depth}")


@statement("function_spaces/theorem-2.3.10", "The family is parametrised one to one",
           "Mukherjee 2020, Theorem 2.3.10 (iii), corrected",
           says=r"H \circ \gamma_Z \text{ determines } M, a^1, \dots, a^k \text{ and, up to signs and order, } B",
           measures="parameters that are read off the function wrongly",
           hypotheses=(GENERIC, "n ≥ 2 or m = 1", "w ≥ 2"))
def zonotope_parameters(theorem: Theorem, /, *, generators: Sequence[Sequence] = PLANE_FOUR, width: int = 3,
                        depth: int = 2, seed: int = 0) -> Verdict:
    """M, a^1..a^k and B recovered from values of the net alone, exactly, against those that it was built with."""
    rng = np.random.default_rng(seed)
    a = [sorted(Fraction(int(i), 97) for i in rng.choice(np.arange(1, 97), width - 1, replace=False))
         for _ in range(depth)]
    f = ZonotopeFunction(1, a, generators)
    if width == 1:  # H is σ for every M
        maximum, knots, B = None, a, generators
    else:
        maximum, knots, B = recover_zonotope(f.net(), f.hard.widths, rng=rng)
    wrong = (maximum != 1) + sum(x != y for x, y in zip(chain(*knots), chain(*a), strict=True))
    wrong += ((up_to_signs(B) - up_to_signs(generators)) + (up_to_signs(generators) - up_to_signs(B))).total()
    return theorem.verdict(given=(is_generic(generators), len(generators[0]) >= 2 or len(generators) == 1, width >= 2),
                           measured=wrong, equals=0,
                           instance=f"n={len(generators[0])}, m={len(generators)}, w={width}, k={depth}")


@statement("function_spaces/ours-line-restriction", "What a line through the middle forces", "ours",
           says=r"\mathrm{size} \ge k' \left( (2 w^k + m - 1 + 2c)^{1/k'} - 1 \right)",
           measures="gates of a net with k' hidden layers",
           hypotheses=("the net equals f on a line near the origin", "no two generators parallel, none 0"))
def line_restriction_bound(theorem: Theorem, /, *, generators: Sequence[Sequence] = PLANE_FOUR, width: int = 2,
                           depth: int = 2, net: ReLUNet | None = None) -> Verdict:
    """Any net for f (by default the one with m + 2 + wk gates) against the bound, rounded up in integers.

    On a line close to the origin γ bends m times before H turns, and H then runs through its w^k ramps both ways.
    """
    f = ZonotopeFunction(1, even_knots(width, depth), generators)
    net, (p, d) = net or f.net("m+2"), f.central_line()
    on_line = PWL1D.from_net(net.exact().compose(ReLUNet.affine(d[:, None], p)))
    m, pieces = len(generators), 2 * width ** depth + len(generators) - 1 + 2 * flat_zones(f.hard.widths)
    return theorem.verdict(given=(on_line == f.line_restriction(p, d), len(f.lines) == m), measured=net.size,
                           at_least=min_size_lower_bound(pieces, net.hidden_layers),
                           instance=f"n={f.zonotope.dimension}, m={m}, w={width}, k={depth}, k'={net.hidden_layers}")


@statement("function_spaces/erratum-E11", "Vertices of a zonotope, as printed", "Mukherjee 2020, Theorem 2.3.7 (1)",
           says=r"|\mathrm{vert}\,Z| \le \sum_{i=0}^{n-1} \binom{m-1}{i}", measures="vertices",
           erratum="The count of vertices lacks a factor 2: −v is a vertex whenever v is. A parallelogram has 4.",
           expected=State.VIOLATED)
def printed_vertex_count(theorem: Theorem, /, *, generators: Sequence[Sequence] = ((1, 0), (0, 1))) -> Verdict:
    """The vertices of a zonotope, a parallelogram by default, against the printed bound."""
    Z = Zonotope(generators)
    m, n = Z.generators.shape
    return theorem.verdict(given=(), measured=len(Z.vertices()), at_most=max_cones(n, m) // 2,
                           instance=f"n={n}, m={m}")


@statement("function_spaces/erratum-E12", "Pieces of a zonotope function, as printed",
           "Mukherjee 2020, Proposition 2.3.9", says=r"H \circ \gamma_Z \text{ has } (m-1)^{n-1} w^k \text{ pieces}",
           measures="pieces counted exactly", hypotheses=(GENERIC, "w ≥ 2"),
           erratum="The number of pieces is 2 Σ C(m−1, i) w^k + c with i < n; the number printed in the proposition is "
                   "larger or smaller, so it is not even a lower bound. Theorem 2.3.10 (i) prints the sum without the "
                   "factor 2.", expected=State.VIOLATED)
def printed_piece_count(theorem: Theorem, /, *, generators: Sequence[Sequence] = SPACE_SIX, width: int = 2,
                        depth: int = 1, printed: str = "proposition") -> Verdict:
    """The exact count against (m−1)^(n−1) w^k ("proposition") or Σ C(m−1, i) w^k ("theorem")."""
    f = ZonotopeFunction(1, even_knots(width, depth), generators)
    m, n = f.zonotope.generators.shape
    cones = {"proposition": (m - 1) ** (n - 1), "theorem": max_cones(n, m) // 2}[printed]
    return theorem.verdict(given=(is_generic(generators), width >= 2), measured=f.pieces(),
                           equals=cones * width ** depth, instance=f"n={n}, m={m}, w={width}, k={depth}, {printed}")


@statement("function_spaces/erratum-E13", "One to one, as printed", "Mukherjee 2020, Theorem 2.3.10 (iii)",
           says=r"(B, M, a^1, \dots, a^k) \mapsto H \circ \gamma_Z \text{ is one-to-one on } S(n, m) \times \cdots",
           measures="tuples of generators with the same function", hypotheses=(GENERIC, "w ≥ 2"),
           erratum="Signs and order of the generators do not matter, so 2^m m! tuples give one function when n ≥ 2; "
                   "when n = 1 only the sum of the |b| matters. One-to-one holds for n ≥ 2 modulo signs and order.",
           expected=State.VIOLATED)
def printed_one_to_one(theorem: Theorem, /, *, generators: Sequence[Sequence] = ((1, 2), (3, -1)), width: int = 2,
                       depth: int = 2, seed: int = 0) -> Verdict:
    """All signed reorderings of B, each built as a net and compared with the net of B at random rational points."""
    B, knots = np.array(generators, dtype=object), even_knots(width, depth)
    x = random_points(len(generators[0]), SAMPLES, np.random.default_rng(seed))
    images = {tuple(map(tuple, np.array(signs)[:, None] * B[list(order)]))
              for order in permutations(range(len(B))) for signs in product((1, -1), repeat=len(B))}
    f = ZonotopeFunction(1, knots, generators).net()(x)
    same = sum((ZonotopeFunction(1, knots, image).net()(x) == f).all() for image in images)
    return theorem.verdict(given=(is_generic(generators), width >= 2), measured=int(same), equals=1,
                           instance=f"n={len(generators[0])}, m={len(B)}")


@statement("function_spaces/erratum-E13-ii", "Size of shallower nets, as printed",
           "Mukherjee 2020, Theorem 2.3.10 (ii)",
           says=r"\mathrm{size} \ge \max\{\tfrac12 k' w^{k/k'} (m-1)^{(1-1/n)/k'} - 1,\ k' w^{k/k'} n^{-1/k'}\}",
           measures="gates of a net with k' = k hidden layers for a member of the family, w = 5",
           hypotheses=("the net equals f at every point tried", "k' ≤ k", GENERIC),
           erratum="No derivation is printed, and the bound fails: some members with w = 5 have nets with k hidden "
                   "layers that save a gate in every layer. What a proof gives is the bound by restriction to a line.",
           expected=State.VIOLATED)
def printed_size_bound(theorem: Theorem, /, *, generators: Sequence[Sequence] = ((1,),), depth: int = 6,
                       seed: int = 0) -> Verdict:
    """A net with 4k + 5 gates (rank 1) or 4k + 18 + m gates against the printed bound at k' = k. Ours."""
    f, net = thrifty_function(generators, depth), thrifty_net(generators, depth)
    m, n = f.zonotope.generators.shape
    x = MAXIMUM * random_points(n, SAMPLES, np.random.default_rng(seed))
    bound = claimed_size_bound(n, m, len(KNOTS) + 1, depth, depth)
    return theorem.verdict(given=(bool((net(x) == f.net()(x)).all()), net.hidden_layers <= depth,
                                  is_generic(generators)), measured=net.size, at_least=bound,
                           error=16 * math.ulp(bound),  # four roundings, each below two units in the last place
                           instance=f"n={n}, m={m}, w={len(KNOTS) + 1}, k=k'={depth}")


def maxima_over_zonotope(B: np.ndarray, r: np.ndarray) -> np.ndarray:
    """max ⟨r, x⟩ over Z(B) for every row of r (R, n), by linear programming in x = Bᵀ λ, |λ_i| <= 1; shape (R,).

    The value is taken at the solver's λ, moved into [−1, 1]: a point of Z, whatever the solver's tolerance.
    """
    from scipy.optimize import linprog

    m, n = B.shape
    tie = np.hstack([np.eye(n), -B.T])
    limits = [(None, None)] * n + [(-1, 1)] * m
    costs = np.hstack([-r, np.zeros((len(r), m))])
    solutions = np.array([linprog(c, A_eq=tie, b_eq=np.zeros(n), bounds=limits).x[n:] for c in costs])
    return (r * (solutions.clip(-1, 1) @ B)).sum(axis=1)


def size_if_equal(net: ReLUNet, generators: Sequence[Sequence], seed: int) -> float:
    """The size of the net if it equals γ exactly inside every normal cone and at random rationals, else ∞."""
    Z = Zonotope(generators).exact()
    points = np.vstack([Z.vertices().directions, random_points(Z.dimension, SAMPLES, np.random.default_rng(seed))])
    return net.size if (net.exact()(points)[:, 0] == Z.support(points)).all() else math.inf


def random_points(dimension: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Rational points (count, dimension) of the cube [−1, 1]^n with denominator 1009."""
    return as_exact(rng.integers(-1009, 1010, (count, dimension))) / 1009


def up_to_signs(B: Sequence[Sequence]) -> Counter:
    """The rows of B as a multiset, each with the sign that makes it the larger of ±b."""
    return Counter(max(tuple(b), tuple(-b)) for b in as_exact(B))
