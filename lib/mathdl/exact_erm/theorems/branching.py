"""Statements on branch and bound: its bounds hold at every moment, and the chords that sharpen them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.branch_and_bound import Progress, branch_and_bound
from mathdl.exact_erm.losses import LOSSES, Loss
from mathdl.exact_erm.problem import ERMProblem

ROUNDING = 5e-9  # relative: brute force is exact to 1e-9, and the search stops at a gap of 1e-9


@statement("exact_erm/ours-branch-and-bound", "Bounds that hold at every moment", "ours",
           says=r"L_k \le \min_{\theta, s} \textstyle\sum_j v_j\, \ell(f(x_j), y_j) \le U_k, "
                r"\qquad L_{\mathrm{end}} = U_{\mathrm{end}}",
           measures="how far a bound is on the wrong side, or the last two apart, in units of the loss of the net 0",
           hypotheses=("ℓ ≥ 0 and convex in the prediction", "no limit stopped the search"))
def bounds_hold(theorem: Theorem, /, *, samples: int = 6, dimension: int = 2, width: int = 2,
                loss: str | Loss = "squared", output_bias: bool = False, node_limit: int | None = None,
                seed: int = 0) -> Verdict:
    """Every (lower, upper) that the search reports against the optimum of Algorithm 1, which looks at all cells.

    The hypothesis on ℓ is tried out on a grid of predictions for the labels of the instance.
    """
    problem = drawn(samples, dimension, width, loss, output_bias, seed)
    seen: list[Progress] = []
    result = branch_and_bound(problem, node_limit=node_limit, on_node=seen.append)
    optimum = erm_bruteforce(problem).value
    wrong = max((max(p.lower - optimum, optimum - p.upper) for p in seen), default=0.0)
    wrong = max(wrong, result.lower - optimum, optimum - result.value, result.gap)
    size = abs(problem.losses(np.zeros(samples)).sum())
    return theorem.verdict(given=(convex_and_positive(problem), result.status == "optimal"), measured=wrong / size,
                           at_most=0, error=ROUNDING,
                           instance=f"D={samples}, n={dimension}, w={width}, {problem.loss.name} loss, "
                                    f"{len(seen)} splits")


@statement("exact_erm/ours-chord-bound", "A gate below its chords", "ours",
           says=r"\sigma(\theta \cdot \bar x) \le \sum_r c_r\, \sigma(r \cdot \bar x) "
                r"\quad \text{for } \theta = \sum_r c_r r",
           measures="largest excess of the gate over its chords, relative to them",
           hypotheses=("all coefficients c ≥ 0",))
def chords_bound(theorem: Theorem, /, *, rays: int = 5, dimension: int = 2, points: int = 200, smallest: float = 0.0,
                 seed: int = 0) -> Verdict:
    """Random rays r, coefficients c from `smallest` to 1, and points x: the output of the gate and of its chords."""
    rng = np.random.default_rng(seed)
    r, c = rng.standard_normal((rays, dimension + 1)), rng.uniform(smallest, 1, rays)
    x = np.column_stack([rng.standard_normal((points, dimension)), np.ones(points)])
    gate, chords = np.maximum(x @ (c @ r), 0), np.maximum(x @ r.T, 0) @ c
    size = (abs(x) @ abs(r).T @ abs(c)).max()
    # two sums of rays (n + 1) products in different orders
    return theorem.verdict(given=(bool((c >= 0).all()),), measured=(gate - chords).max() / size, at_most=0,
                           error=2 * rays * (dimension + 2) * 2.0 ** -52,
                           instance=f"n={dimension}, {rays} rays, {points} points")


def drawn(samples: int, dimension: int, width: int, loss: str | Loss, output_bias: bool, seed: int) -> ERMProblem:
    """Gaussian inputs; labels of a planted net with signs +-+... and noise 0.3, or ±1 of them for the hinge loss."""
    rng = np.random.default_rng(seed)
    x, gates = rng.standard_normal((samples, dimension)), rng.standard_normal((width, dimension + 1))
    signs = np.array([(-1) ** i for i in range(width)])
    y = signs @ np.maximum(gates @ np.column_stack([x, np.ones(samples)]).T, 0) + 0.3 * rng.standard_normal(samples)
    if loss == "hinge":
        y = np.where(y > np.median(y), 1.0, -1.0)
    return ERMProblem(x, y, width, loss, output_bias)


def convex_and_positive(problem: ERMProblem) -> bool:
    """Whether the losses of the labels at hand are >= 0 with non-negative second differences on a grid."""
    loss = LOSSES.get(problem.loss.name, problem.loss)
    reach = 3 * abs(problem.y).max() + 3
    grid = np.linspace(-reach, reach, 201)
    values: NDArray = np.array([loss.value(np.full(len(problem.y), f), problem.y) for f in grid])
    slack = 1e-12 * abs(values).max()
    return bool(values.min() >= -slack and np.diff(values, 2, axis=0).min() >= -slack)
