"""Statements on one-dimensional inputs: what width-w nets are on a line, and the algorithm that fits pieces instead."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.cell_problem import solve_cell
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.pwl_cells import (
    breakpoint_cells,
    cell_count,
    piece_values,
    printed_constraints,
    pwl_constraints,
    segments,
)
from mathdl.exact_erm.pwl_class import is_represented, jumps, smallest_width_of
from mathdl.exact_erm.pwl_enumerate import lines_in_cell
from mathdl.exact_erm.pwl_fit import line_data, pwl_fit_1d, rebuild
from mathdl.exact_erm.pwl_interpolation import fewest_pieces
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.random_nets import random_net

Array = NDArray[np.float64]
TENT = (0, 1, 2, 3, 2, 1, 0, -1)  # up to the fourth sample, then down
ROUNDING = 1e-9  # of Σ y²: two solvers of small least squares problems, each good to about 1e-13


@statement("exact_erm/ours-pwl-class", "What w gates are on the line", "ours, beside Mukherjee 2020, (2.6)",
           says=r"f \in \mathcal F_w^{\mathrm{bias}} \iff \#\text{breaks} < w \text{ or } \#\text{breaks} = w, "
                r"-s_L \in \Sigma(\text{jumps})",
           measures="functions on which the rule and a search over all places of gates disagree",
           hypotheses=("some functions are represented, some are not",))
def pwl_class(theorem: Theorem, /, *, width: int = 2, functions: int = 60, output_bias: bool = True,
              seed: int = 0) -> Verdict:
    """`smallest_width_of` against least squares over every choice of `width` gates that could be the function."""
    rng = np.random.default_rng(seed)
    drawn = [random_pwl(int(rng.integers(1, width + 3)), rng=rng) for _ in range(functions)]
    by_rule = [is_represented(f, width, output_bias) for f in drawn]
    wrong = sum(a != found_by_search(f, width, output_bias) for a, f in zip(by_rule, drawn, strict=True))
    return theorem.verdict(given=(0 < sum(by_rule) < functions,), measured=wrong, equals=0,
                           instance=f"w={width}, {functions} functions, {sum(by_rule)} represented")


@statement("exact_erm/ours-pwl-inclusions", "Strictly between w and w + 1 pieces", "ours",
           says=r"\mathrm{PWL}_w \subsetneq \mathcal F_w^{\mathrm{bias}} \subsetneq \mathrm{PWL}_{w+1}",
           measures="functions that break an inclusion, and witnesses of strictness that fail", hypotheses=("w ≥ 2",))
def pwl_inclusions(theorem: Theorem, /, *, width: int = 3, functions: int = 60, seed: int = 0) -> Verdict:
    """Random functions with w pieces and a slanted line are nets, random nets have w + 1 pieces; and two witnesses.

    The witnesses have w breakpoints where the slope rises by 1: with left slope 0 it is a net with w gates and no
    function with w pieces, with left slope -1/2 it has w + 1 pieces and is no net with w gates.
    """
    rng = np.random.default_rng(seed)
    few = [random_pwl(width, rng=rng) for _ in range(functions)] + [PWL1D([], [1], [0])]
    nets = [random_net((1, width, 1), rng=rng, exact=True) for _ in range(functions)]
    wrong = sum(smallest_width_of(f) > width for f in few) + sum(PWL1D.from_net(g).n_pieces > width + 1 for g in nets)
    inside, outside = (convex_staircase(width, s) for s in (Fraction(0), Fraction(-1, 2)))
    wrong += smallest_width_of(inside) > width or inside.n_pieces <= width
    wrong += smallest_width_of(outside) <= width or outside.n_pieces > width + 1
    return theorem.verdict(given=(width >= 2,), measured=int(wrong), equals=0,
                           instance=f"w={width}, {2 * functions + 3} functions")


@statement("exact_erm/ours-line-sandwich", "On data, between w and w + 1 pieces", "ours",
           says=r"\min_{\mathrm{PWL}_{w+1}} \le \min_{\mathcal F_w^{\mathrm{bias}}} \le \min_{\mathrm{PWL}_w}",
           measures="how far the best net leaves the interval between the two fits",
           hypotheses=("the output has a bias",))
def line_sandwich(theorem: Theorem, /, *, samples: int = 7, width: int = 2, output_bias: bool = True,
                  seed: int = 0) -> Verdict:
    """The best net against the best fits with w and w + 1 pieces; a breakpoint may stand outside the data."""
    x, y = noisy_samples(samples, seed)
    net = best_net_value(x, y, width, output_bias)
    above, below = (pwl_fit_1d(x, y, w).value for w in (width, width + 1))
    return theorem.verdict(given=(output_bias,), measured=max(net - above, below - net, 0.0), equals=0,
                           error=ROUNDING * y @ y, instance=f"D={samples}, w={width}: {below:.4g} ≤ {net:.4g} ≤ "
                                                            f"{above:.4g}")


@statement("exact_erm/problem-2.6", "The best fit with w pieces", "Mukherjee 2020, problem (2.6)",
           says=r"\min \{ \textstyle\sum_i \ell(f(x_i), y_i) : f \text{ continuous with at most } w \text{ pieces} \}",
           measures="largest difference of two exact methods, relative to Σ y²")
def best_fit(theorem: Theorem, /, *, samples: int = 8, pieces: int = 3, instances: int = 6, lattice: bool = False,
             seed: int = 0) -> Verdict:
    """Dynamic programming in Fractions against one convex program a cell, on random or on lattice data."""
    rng = np.random.default_rng(seed)
    gaps = []
    for _ in range(instances):
        x, y = rng.integers(-3, 4, (2, samples)).astype(float) if lattice else rng.standard_normal((2, samples))
        f, g = pwl_fit_1d(x, y, pieces, exact=True), pwl_fit_1d(x, y, pieces, method="cells")
        gaps.append(abs(float(f.value) - g.value) / max(y @ y, 1))
    return theorem.verdict(given=(), measured=max(gaps), equals=0, error=ROUNDING,
                           instance=f"D={samples}, w={pieces}, {instances} data sets")


@statement("exact_erm/ours-fewest-pieces", "How many pieces interpolation needs", "ours",
           says=r"\min \{ w : f(x_i) = y_i \} = 1 + \sum_{\text{runs}} \lceil m / 2 \rceil",
           measures="data sets on which the fit with that many pieces, or with one fewer, says otherwise")
def interpolation(theorem: Theorem, /, *, samples: int = 7, instances: int = 6, seed: int = 0) -> Verdict:
    """The count by runs of equal turns against exact values: 0 with that many pieces, above 0 with one fewer."""
    rng = np.random.default_rng(seed)
    wrong = 0
    for _ in range(instances):
        x, y = rng.choice(3 * samples, samples, replace=False), rng.integers(-2, 3, samples)
        w = fewest_pieces(x, y)
        wrong += pwl_fit_1d(x, y, w, exact=True).value != 0
        wrong += w > 1 and pwl_fit_1d(x, y, w - 1, exact=True).value == 0
    return theorem.verdict(given=(), measured=int(wrong), equals=0, instance=f"D={samples}, {instances} data sets")


@statement("exact_erm/equation-2.7", "A breakpoint between two samples", "Mukherjee 2020, (2.7), corrected",
           says=r"S_j (g_{j+1} - g_j)(x_{i_j}) \le 0 \le S_j (g_{j+1} - g_j)(x_{i_j+1})",
           measures="lines on which the inequalities and the place of the breakpoint disagree",
           hypotheses=("both answers occur", "x strictly increasing"))
def breakpoint_inequalities(theorem: Theorem, /, *, lines: int = 400, seed: int = 0, x: Sequence = range(6)) -> Verdict:
    """Random integer lines and cells with w = 3: G θ ≥ 0 against the crossings and turns themselves, exactly."""
    rng = np.random.default_rng(seed)
    x = np.array(x, dtype=float)
    says, is_so = [], []
    for _ in range(lines):
        I, S = sorted(rng.integers(1, len(x), 2)), rng.choice((1, -1), 2)
        pieces = [rng.integers(-2, 3, 2)]
        for i in I:  # the next line meets this one at, inside or outside the ends of its interval, or is parallel
            turn, at = rng.choice((-2, 0, 2)), x[i - 1] + rng.integers(-1, 4) / 2
            pieces.append(pieces[-1] + [turn, -turn * at if turn else rng.integers(0, 2)])
        says.append(bool((pwl_constraints(I, S, x) @ np.ravel(pieces) >= 0).all()))
        is_so.append(all(crosses(pieces[j], pieces[j + 1], x[i - 1], x[i], S[j]) for j, i in enumerate(I)))
    return theorem.verdict(given=(0 < sum(is_so) < lines, bool((np.diff(x) > 0).all())),
                           measured=sum(a != b for a, b in zip(says, is_so, strict=True)), equals=0,
                           instance=f"{lines} triples of lines, {sum(is_so)} inside their cells")


@statement("exact_erm/equation-2.8", "One cell is one convex program", "Mukherjee 2020, (2.8)",
           says=r"\min_{f \in \mathrm{PWL}_{I,S}} \sum_i \ell(f(x_i), y_i) = "
                r"\min_{(2.7)} \sum_j \sum_{i \in D_j} \ell(a_j x_i + b_j, y_i)",
           measures="largest failure, over all cells, of feasibility, optimality and of the value of the function")
def cell_programs(theorem: Theorem, /, *, samples: int = 6, pieces: int = 3, seed: int = 0) -> Verdict:
    """For every cell: lines, multipliers that prove them optimal among all that obey (2.7), and the joined function.

    With the squared loss θ is optimal exactly when G θ ≥ 0, 2 Mᵀ(M θ - y) = Gᵀ λ, λ ≥ 0 and λ · G θ = 0.
    """
    x, y = noisy_samples(samples, seed)
    data, failures = line_data(x, y), []
    for I, S in all_cells(samples, pieces):
        lines = lines_in_cell(data, I, S)
        f = rebuild(lines, np.bincount(segments(I, samples), minlength=pieces), x)
        value = ((piece_values(I, x) @ lines.ravel() - y) ** 2).sum()
        failures += [abs(((f(x) - y) ** 2).sum() - value) / (y @ y), float(f.n_pieces > pieces),
                     *optimality_gaps(piece_values(I, x), y, pwl_constraints(I, S, x), lines.ravel())]
    return theorem.verdict(given=(), measured=max(failures), equals=0, error=ROUNDING,
                           instance=f"D={samples}, w={pieces}, {len(failures) // 5} cells")


@statement("exact_erm/claim-running-time", "How many convex programs", "Mukherjee 2020, after (2.8)",
           says=r"|\mathcal I|\,|\mathcal S| = 2^{w-1} \tbinom{D+w-2}{w-1} \le (2D)^w",
           measures="cells (I, S), listed one by one", hypotheses=("D ≥ 1", "w ≥ 1"))
def running_time(theorem: Theorem, /, *, samples: int = 8, pieces: int = 3, printed_bound: bool = False) -> Verdict:
    """The list of all cells with i_j in 1..D against its count, or against the bound that the source concludes with."""
    listed = len(breakpoint_cells(samples, pieces, last=samples)) * 2 ** (pieces - 1)
    bound = {"at_most": (2 * samples) ** pieces} if printed_bound else {"equals": cell_count(samples, pieces)}
    return theorem.verdict(given=(samples >= 1, pieces >= 1), measured=listed, **bound,
                           instance=f"D={samples}, w={pieces}")


@statement("exact_erm/erratum-E5", "Width w is w pieces, as printed", "Mukherjee 2020, (2.6)",
           says=r"\min_{\mathcal F_{\{1,w,1\}}} = \min \{ f \text{ piecewise linear with } w \text{ pieces} \}",
           measures="value of the best net",
           erratum="Nets of width w are not the functions with w pieces: with output bias they lie strictly between w "
                   "and w + 1 pieces, and without one neither class contains the other.", expected=State.VIOLATED)
def printed_equivalence(theorem: Theorem, /, *, x: Sequence = (-1, 0, 1, 2), y: Sequence = (0, 0, 1, 2),
                        width: int = 1, output_bias: bool = False) -> Verdict:
    """The least value of (2.3) by trying all cells of the gates, against that of (2.6)."""
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    return theorem.verdict(given=(), measured=best_net_value(x, y, width, output_bias),
                           equals=pwl_fit_1d(x, y, width).value, error=ROUNDING * y @ y,
                           instance=f"D={len(x)}, w={width}, {'a' if output_bias else 'no'} bias")


@statement("exact_erm/erratum-E6", "The inequalities, as printed", "Mukherjee 2020, (2.7)",
           says=r"S_j (g_{j+1} - g_j)(x_{i_j}) \ge 0 \ge S_j (g_{j+1} - g_j)(x_{i_j+1}), \; S_j (a_{j+1} - a_j) \ge 0",
           measures="least value over all cells with the printed inequalities",
           erratum="The first two signs are exchanged. With the third they force all pieces to be equal, so the fit is "
                   "the regression line. The printed index of the second point is that of the next breakpoint.",
           expected=State.VIOLATED)
def printed_inequalities(theorem: Theorem, /, *, y: Sequence = TENT, pieces: int = 2) -> Verdict:
    """The enumeration with the printed rows against the best fit with w pieces, at x = 0, 1, 2, …"""
    y = np.array(y, dtype=float)
    x = np.arange(float(len(y)))
    least = min(solve_cell(piece_values(I, x), y, printed_constraints(I, S, x)).value
                for I, S in all_cells(len(x), pieces))
    return theorem.verdict(given=(), measured=least, equals=pwl_fit_1d(x, y, pieces).value, error=ROUNDING * y @ y,
                           instance=f"D={len(x)}, w={pieces}")


@statement("exact_erm/erratum-E7", "The number of tuples, as printed", "Mukherjee 2020, after (2.8)",
           says=r"|\mathcal I| = \tbinom{D}{w}", measures="weakly increasing tuples with entries in 1..D",
           erratum="There are C(D + w - 2, w - 1) such tuples. The entry D needs a sample x_{D+1}; without it there "
                   "are C(D + w - 3, w - 1). Samples are taken as sorted and distinct.", expected=State.VIOLATED)
def printed_tuples(theorem: Theorem, /, *, samples: int = 8, pieces: int = 3) -> Verdict:
    """The tuples listed, against the printed binomial coefficient."""
    return theorem.verdict(given=(), measured=len(breakpoint_cells(samples, pieces, last=samples)),
                           equals=comb(samples, pieces), instance=f"D={samples}, w={pieces}")


def all_cells(samples: int, pieces: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every pair (I, S) with i_j ≤ D - 1."""
    return list(product(breakpoint_cells(samples, pieces), product((1, -1), repeat=pieces - 1)))


def optimality_gaps(M: Array, y: Array, G: Array, theta: Array) -> tuple[float, float, float]:
    """How far θ is from G θ ≥ 0, from 2 Mᵀ(M θ - y) = Gᵀ λ for some λ ≥ 0, and from λ · G θ = 0, relative to sizes.

    Of three inequalities the last follows from the others and is left out, so that the rows of G are independent.
    """
    G = np.delete(G, np.s_[2::3], axis=0)
    slope, size = 2 * M.T @ (M @ theta - y), max(np.abs(G).max(initial=0) * np.abs(theta).max(), 1.0)
    multipliers, rest = nnls(G.T, slope) if len(G) else (np.zeros(0), np.linalg.norm(slope))
    scale = np.linalg.norm(M) * np.linalg.norm(y)
    return (max(0.0, -(G @ theta).min(initial=0)) / size, float(rest / scale),
            float(abs(multipliers @ (G @ theta)) / (scale * size)))


def noisy_samples(samples: int, seed: int) -> tuple[Array, Array]:
    """Increasing x and normal y."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.standard_normal(samples)), rng.standard_normal(samples)


def best_net_value(x: Array, y: Array, width: int, output_bias: bool) -> float:
    """The global minimum of (2.3) for the squared loss, by the corrected Algorithm 1."""
    return erm_bruteforce(ERMProblem(x, y, width, output_bias=output_bias)).value


def random_pwl(pieces: int, *, rng: np.random.Generator) -> PWL1D:
    """At most so many pieces with integer breakpoints, and slopes so small that subset sums often fit; exact."""
    t = np.sort(rng.choice(np.arange(-4, 5), pieces - 1, replace=False)).tolist()
    s = rng.integers(-2, 3, pieces).tolist()
    c = [int(rng.integers(-2, 3))]
    for a, left, right in zip(t, s, s[1:], strict=False):
        c.append(c[-1] + (left - right) * a)
    return PWL1D(t, s, c)


def convex_staircase(breaks: int, left_slope: Fraction) -> PWL1D:
    """Breakpoints 0, 1, …, at each of which the slope rises by 1."""
    values = np.cumsum([Fraction(0), *(left_slope + 1 + k for k in range(breaks - 1))])
    return PWL1D.from_points([Fraction(k) for k in range(breaks)], values, left_slope, left_slope + breaks)


def found_by_search(f: PWL1D, width: int, output_bias: bool) -> bool:
    """Whether least squares finds f among the sums of `width` gates that can be f at all.

    Gates that bend where f does not must cancel there: two of them, whose sum is an affine function that vanishes
    there. So besides gates at breakpoints and the constant gate, pairs at the zeros of all possible rests are tried.
    Slopes are small integers, so a residual is 0 or far from rounding.
    """
    zeros = {Fraction(0), *rest_zeros(f)}
    x = np.unique([*np.linspace(-9, 9, 37), *map(float, f.breaks)])
    gates = [np.maximum(side * (x - float(t)), 0) for t in f.breaks for side in (1, -1)] + [np.ones_like(x)]
    y, bias = f.rounded()(x), [np.ones_like(x)] * output_bias
    tried = [(width, []), *((width - 2, [x - float(t)]) for t in zeros if width >= 2)]
    return any(fits([*chosen, *pair, *bias], y)
               for n, pair in tried for chosen in combinations(gates, min(n, len(gates))))


def fits(columns: list[Array], y: Array) -> bool:
    """Whether a combination of the columns is y, up to rounding."""
    A = np.column_stack([*columns, np.zeros_like(y)])
    return bool(abs(A @ np.linalg.lstsq(A, y, rcond=None)[0] - y).max() < 1e-9)


def rest_zeros(f: PWL1D) -> list[Fraction]:
    """Where s x + c + Σ_L κ_j (x - a_j) vanishes, for every set L of breakpoints."""
    kappa, found = jumps(f), []
    for L in product((0, 1), repeat=len(kappa)):
        r = f.slopes[0] + sum(k for k, chosen in zip(kappa, L, strict=True) if chosen)
        c = f.intercepts[0] - sum(k * a for k, a, chosen in zip(kappa, f.breaks, L, strict=True) if chosen)
        found += [-c / r] if r else []
    return found


def crosses(g: Sequence, h: Sequence, left: float, right: float, sign: int) -> bool:
    """Whether h takes over from g somewhere between the two points and turns by `sign` there, or is the same line."""
    turn, lift = int(h[0] - g[0]), int(h[1] - g[1])
    if turn == 0:
        return lift == 0
    return turn * sign > 0 and min(left, right) <= Fraction(-lift, turn) <= max(left, right)
