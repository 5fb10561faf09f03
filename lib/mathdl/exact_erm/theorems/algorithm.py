"""Statements on Algorithm 1: the cell subproblem (2.5), the corrected algorithm, its count, and its printed form."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from scipy.optimize import nnls

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.exact_erm.algorithm1 import bias_columns, erm_bruteforce
from mathdl.exact_erm.cell_problem import CellSolution, best_combination, cell_matrices, generators, solve_cell
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.losses import midpoint_witness
from mathdl.exact_erm.printed import printed_objective
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.theorems.problem import TOLERANCE, random_net_value

KKT = 1e-8  # relative: cofactors, a least squares solve and its residual, each good to a few units times a condition


@statement("exact_erm/equation-2.5", "One cell is a convex program", "Mukherjee 2020, (2.5)",
           says=r"M^\top (M\theta - y) = \tfrac12 G^\top \lambda,\quad \lambda \ge 0,\quad \lambda^\top G\theta = 0,"
                r"\quad G\theta \ge 0",
           measures="largest violation, also of: the value is the net's, and the dual program's",
           hypotheses=("G describes the cell of M",))
def cell_subproblem(theorem: Theorem, /, *, cells_tried: int = 40, samples: int = 8, inputs: int = 2, width: int = 2,
                    flip: bool = False, seed: int = 0) -> Verdict:
    """Random cells of random data; with `flip` one sample is put on the wrong side of one gate's constraint."""
    rng = np.random.default_rng(seed)
    worst, full = 0.0, 0
    for _ in range(cells_tried):
        x, y = rng.standard_normal((samples, inputs)), rng.standard_normal(samples)
        problem = ERMProblem(x, y, width)
        signs, patterns = rng.choice([-1, 1], width), problem.lifted @ rng.standard_normal((inputs + 1, width)) > 0
        M, G = cell_matrices(problem.lifted, patterns.T, signs)
        G[0] *= -1 if flip else 1
        solution = solve_cell(M, y, G)
        delivered = problem.value(problem.net(solution.theta.reshape(width, -1), signs))
        worst = max(worst, violation(solution, M, y, G), abs(delivered - solution.value) / (y @ y))
        if np.linalg.matrix_rank(M) == M.shape[1]:
            full += 1
            worst = max(worst, abs(dual_value(M, y, G) - solution.value) / (y @ y))
    return theorem.verdict(given=(not flip,), measured=worst, equals=0, error=KKT,
                           instance=f"{cells_tried} cells, D={samples}, n={inputs}, w={width}, {full} of full rank")


@statement("exact_erm/algorithm-1", "Algorithm 1, corrected", "Mukherjee 2020, Algorithm 1, corrected",
           says=r"\min_{s,\,P^1, \dots, P^w}\ \min_{\theta \text{ in the cells}} \sum_{j=1}^D "
                r"\ell\Bigl(\sum_{i:\, j \in P^i_+} s_i (\tilde a^i \cdot x_j + \tilde b_i),\ y_j\Bigr) "
                r"= \min_{f \in \mathcal F} \sum_j \ell(f(x_j), y_j)",
           measures="optimum of Algorithm 1 over the cells, up to order of the gates",
           hypotheses=("the list of cells is complete",))
def corrected_algorithm(theorem: Theorem, /, *, samples: int = 4, inputs: int = 1, width: int = 2,
                        loss: str = "squared", without: str = "", seed: int = 0) -> Verdict:
    """Against the best of all 2^(wD) activation patterns with all sign vectors, cells or not, in constraint form.

    `without` "all" or "none" removes that cell from the list.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((samples, inputs))
    y = 1 + x[:, 0] ** 2 if without else rng.standard_normal(samples)
    problem = ERMProblem(x, y if loss != "hinge" else np.where(y > 0, 1, -1), width, loss)
    listed = cells(problem.x).patterns
    drop = {"": np.zeros(len(listed), bool), "all": listed.all(axis=1), "none": ~listed.any(axis=1)}[without]
    measured = erm_bruteforce(problem).value if not without else best_over(problem, listed[~drop])
    every = np.array(list(product((False, True), repeat=samples)))
    return theorem.verdict(given=(not drop.any(),), measured=measured, equals=best_over(problem, every),
                           error=TOLERANCE * problem.zero_value,
                           instance=f"{problem.loss.name}, D={samples}, n={inputs}, w={width}")


@statement("exact_erm/theorem-2.4.1", "Polynomially many convex programs", "Mukherjee 2020, Theorem 2.4.1",
           says=r"\text{a global minimum in } 2^w D^{nw} \text{ convex programs of size poly}(D, n, w)",
           measures="subproblems solved by a search that no net tried could beat (∞ if one could)",
           hypotheses=("n ≥ 2", "D ≥ 2", "ℓ is convex in the prediction"))
def polynomial_search(theorem: Theorem, /, *, samples: int = 6, inputs: int = 2, width: int = 1,
                      loss: str = "squared", nets: int = 100, seed: int = 0) -> Verdict:
    """All sign vectors with all tuples of cells, solved and counted; challenged by random nets."""
    rng = np.random.default_rng(seed)
    y = rng.standard_normal(samples)
    problem = ERMProblem(rng.standard_normal((samples, inputs)), y if loss != "hinge" else np.sign(y), width, loss)
    result = erm_bruteforce(problem, symmetry=False)
    beaten = min(random_net_value(problem, rng) for _ in range(nets)) < result.value - TOLERANCE * problem.zero_value
    convex = midpoint_witness(problem.loss.value, problem.y) is None
    return theorem.verdict(given=(inputs >= 2, samples >= 2, convex), measured=math.inf if beaten else result.n_solved,
                           at_most=2 ** width * samples ** (inputs * width),
                           instance=f"{problem.loss.name}, D={samples}, n={inputs}, w={width}")


@statement("exact_erm/erratum-E1", "The objective of Algorithm 1, as printed", "Mukherjee 2020, Algorithm 1, line 8",
           says=r"\min \sum_{j=1}^D \sum_{i:\, j \in P^i_+} \ell(y_j, s_i(\tilde a^i \cdot x_j + \tilde b_i)) "
                r"= \min_{f \in \mathcal F} \sum_j \ell(f(x_j), y_j)",
           measures="minimum of the printed objective",
           erratum="The sum over gates stands outside the loss: samples that no gate is active on cost nothing, and "
                   "the all-inactive cell gives 0 for any data. It belongs inside, an empty sum being 0.",
           expected=State.VIOLATED)
def printed_minimum(theorem: Theorem, /, *, samples: int = 8, inputs: int = 2, width: int = 1,
                    seed: int = 0) -> Verdict:
    """The printed objective minimised over all signs and cells, against the true optimum; Gaussian data."""
    rng = np.random.default_rng(seed)
    problem = ERMProblem(rng.standard_normal((samples, inputs)), rng.standard_normal(samples), width)
    return theorem.verdict(given=(), measured=printed_objective(problem).value, equals=erm_bruteforce(problem).value,
                           error=TOLERANCE * problem.zero_value, instance=f"D={samples}, n={inputs}, w={width}")


@statement("exact_erm/erratum-E9", "Strict or not: a suspicion, dismissed", "Mukherjee 2020, Algorithm 1",
           says=r"\langle \theta, \bar x_j \rangle = 0 \implies \text{either side of the cell gives the same } f(x_j)",
           measures="largest difference of f(x_j) over all ways to settle the ties",
           hypotheses=("some pre-activations are exactly 0",))
def closed_cells(theorem: Theorem, /, *, grid: int = 3, width: int = 2, nets: int = 200, seed: int = 0) -> Verdict:
    """Integer nets on a square grid, in exact arithmetic: the net against M θ with ties on, off, and at random."""
    rng = np.random.default_rng(seed)
    x = np.array(list(product(range(grid), repeat=2)))
    lifted = np.column_stack([x, np.ones(len(x), dtype=int)])
    worst, ties = 0, 0
    for _ in range(nets):
        theta, signs = rng.integers(-2, 3, (width, 3)), rng.choice([-1, 1], width)
        z = theta @ lifted.T
        ties += int((z == 0).sum())
        for settled in (True, False, rng.random(z.shape) < 0.5):
            patterns = np.where(z == 0, settled, z > 0)
            M, _ = cell_matrices(lifted, patterns, signs)
            worst = max(worst, int(abs(M @ theta.ravel() - signs @ np.maximum(z, 0)).max()))
    return theorem.verdict(given=(ties > 0,), measured=worst, equals=0,
                           instance=f"{nets} nets, {grid}×{grid} points, w={width}, {ties} ties")


def violation(solution: CellSolution, M: np.ndarray, y: np.ndarray, G: np.ndarray) -> float:
    """The largest violation, each relative, of: Mᵀ slope = Gᵀ λ, λ >= 0, λ · G θ = 0, G θ >= 0, the value at θ."""
    theta, multipliers = solution.theta, solution.multipliers
    room = G @ theta / np.maximum(abs(G) @ abs(theta), np.finfo(float).tiny)
    return max(solution.stationarity, -multipliers.min(), -room.min(), abs(multipliers @ (G @ theta)) / (y @ y),
               abs(((M @ theta - y) ** 2).sum() - solution.value) / (y @ y))


def dual_value(M: np.ndarray, y: np.ndarray, G: np.ndarray) -> float:
    """The value of the cell by its dual, M of full column rank: nonnegative least squares in one λ for each constraint.

    With M = Q R and q = Qᵀ y the cell is the cone A z >= 0, A = G R⁻¹; by Moreau z - q is the point Aᵀ μ, μ >= 0,
    closest to -q.
    """
    Q, R = np.linalg.qr(M)
    A, q = np.linalg.solve(R.T, G.T).T, Q.T @ y
    size = np.linalg.norm(A, axis=1)
    size[size == 0] = 1
    move = (A / size[:, None]).T @ nnls((A / size[:, None]).T, -q, maxiter=1000)[0]
    return float(y @ y - q @ q + move @ move)


def best_over(problem: ERMProblem, patterns: np.ndarray) -> float:
    """The least subproblem value over all sign vectors and all w-tuples of these patterns (N, D), cells or not.

    A pattern that no hyperplane makes still has a closed cone, with fewer dimensions: its nets are nets of the class.
    """
    features = []
    for p in patterns:
        M, G = cell_matrices(problem.lifted, [p], [1])
        features.append(M @ generators(M, G))
    values = []
    for signs in product((1, -1), repeat=problem.width):
        for chosen in product(features, repeat=problem.width):
            F = np.hstack([s * f for s, f in zip(signs, chosen, strict=True)] + bias_columns(problem))
            values.append(best_combination(F, problem.y, problem.loss, problem.sample_weight).value)
    return min(values)
