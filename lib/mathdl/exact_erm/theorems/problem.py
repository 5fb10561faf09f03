"""Statements on the problem (2.3): that it has a solution, its homogeneity (2.4), and two errata of its definition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.exact_erm.algorithm1 import Subproblem, erm_bruteforce, subproblems
from mathdl.exact_erm.cell_problem import best_combination
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.homogeneity import normalize_top
from mathdl.exact_erm.losses import midpoint_witness, quantile
from mathdl.exact_erm.problem import ERMProblem
from mathdl.nets.relu_net import ReLUNet

Row = Sequence[float]
TOLERANCE = 1e-8  # of the value of f = 0: ten times the gap that the tangent solver leaves, far above least squares
RUN = 40.0  # how far a sample runs before we look: its logistic loss is then below e^-40
KINK = (-1, 0, 1, 2)
LIFTED = tuple(1 + max(t, 0) for t in KINK)  # E3: 1 + σ(x) at four points
COLUMNS = (0,) * 6 + (1,) * 6, (1, 2, 3, 4, 5, 10, 2, 4, 6, 8, 10, 20)


@statement("exact_erm/problem-2.3", "The minimum exists", "Mukherjee 2020, problem (2.3)",
           says=r"\min_{f \in \mathcal F_{n,w}} \sum_j \ell(f(x_j), y_j) \text{ is attained}",
           measures="value of the best net that has one, against everything else that was tried",
           hypotheses=("ℓ is convex in the prediction", "ℓ has a minimum on every closed cell"))
def minimum_exists(theorem: Theorem, /, *, x: Sequence[Row] | Row | None = None, y: Row | None = None,
                   loss: str = "squared", width: int = 1, weight: Row | None = None, nets: int = 50,
                   seed: int = 0) -> Verdict:
    """The best net of all cells that have a minimum against the infima of all cells and `nets` nets with random gates.

    A random net gets the best positive factors for its gates. Without `x` and `y`: 6 Gaussian samples in the plane.
    """
    rng = np.random.default_rng(seed)
    x, y = (rng.standard_normal((6, 2)), rng.standard_normal(6)) if x is None else (x, y)
    problem = ERMProblem(x, y, width, loss, sample_weight=weight)
    iterates = list(subproblems(problem, cells(problem.x).patterns, prune=False))
    best = min((s for s in iterates if not s.runs_away.any()), key=lambda s: s.best.value)
    value = problem.value(problem.net(best.theta, best.signs, best.bias))
    tried = [s.best.value for s in iterates] + [random_net_value(problem, rng) for _ in range(nets)]
    convex = midpoint_witness(problem.loss.value, problem.y) is None
    return theorem.verdict(given=(convex, problem.loss.attained), measured=value, at_most=min(tried),
                           error=TOLERANCE * problem.zero_value,
                           instance=f"{problem.loss.name}, D={problem.n_samples}, n={problem.n_inputs}, w={width}")


@statement("exact_erm/ours-attained", "When logistic regression with gates has a minimum", "ours",
           says=r"\inf_{\text{cell}} \sum_j \ell(f(x_j), y_j) = \min_{\text{cell}} \sum_{j \notin J} \ell(f(x_j), y_j)",
           measures="largest difference between the value far out in a cell and the predicted infimum",
           hypotheses=("labels −1 and +1", "some cell has a sample that runs away"))
def logistic_infimum(theorem: Theorem, /, *, x: Sequence[Row] | Row = (0, 1, 2), y: Row = (1, -1, 1),
                     width: int = 1) -> Verdict:
    """Every cell: its optimum without the samples J that run away, moved far along the direction that moves them."""
    problem = ERMProblem(x, y, width, "logistic")
    iterates = list(subproblems(problem, cells(problem.x).patterns, prune=False))
    running = [s for s in iterates if s.runs_away.any()]
    differences = [abs(value_far_out(problem, s) - s.best.value) for s in running]
    return theorem.verdict(given=(bool(np.isin(problem.y, (-1, 1)).all()), bool(running)),
                           measured=max(differences, default=0.0), equals=0,
                           error=TOLERANCE * problem.zero_value,
                           instance=f"D={problem.n_samples}, w={width}, {len(running)} of {len(iterates)} cells")


@statement("exact_erm/equation-2.4", "Top weights of size one", "Mukherjee 2020, equation (2.4)",
           says=r"\sum_i a'_i \sigma(a^i \cdot x + b_i) = \sum_i s_i \sigma(\tilde a^i \cdot x + \tilde b_i),"
                r"\ s_i = \pm 1",
           measures="largest difference of outputs, relative to the sizes of the terms",
           hypotheses=("the gate passes positive factors through",))
def unit_top_weights(theorem: Theorem, /, *, nets: int = 200, inputs: int = 3, width: int = 4, gate: str = "relu",
                     seed: int = 0) -> Verdict:
    """Random nets against their normal form at random points; `gate` "tanh" is not homogeneous."""
    rng = np.random.default_rng(seed)
    act = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "leaky": lambda z: np.where(z > 0, z, 0.1 * z)}[gate]
    worst, x = 0.0, np.column_stack([rng.standard_normal((40, inputs)), np.ones(40)])
    for _ in range(nets):
        theta, top = rng.standard_normal((width, inputs + 1)), rng.standard_normal(width)
        net = ReLUNet([theta[:, :-1], top[None]], [theta[:, -1], [0]])
        signs, normal, _ = normalize_top(net)
        size = abs(x) @ abs(normal).sum(axis=0)
        worst = max(worst, float((abs(act(x @ theta.T) @ top - act(x @ normal.T) @ signs) / size).max()))
    z = rng.standard_normal(50)
    homogeneous = bool((abs(act(3 * z) - 3 * act(z)) <= 1e-14 * abs(z)).all())
    # Each of the w terms is a sum of n + 1 products; either order rounds fewer than 2 (n + w + 3) times.
    return theorem.verdict(given=(homogeneous,), measured=worst, equals=0, error=2 * (inputs + width + 3) * 2.0 ** -53,
                           instance=f"{nets} nets, n={inputs}, w={width}, {gate}")


@statement("exact_erm/erratum-E2", "Arguments of the loss, as printed in Algorithm 1", "Mukherjee 2020, Algorithm 1",
           says=r"\operatorname{argmin} \sum_j \ell(y_j, f(x_j)) = \operatorname{argmin} \sum_j \ell(f(x_j), y_j)",
           measures="value in (2.3) of the net that minimises with exchanged arguments",
           erratum="(2.3) has the prediction first, Algorithm 1 the label. For a loss that is not symmetric these are "
                   "two problems: exchanged arguments turn the quantile q into 1 − q. Prediction first throughout.",
           expected=State.VIOLATED)
def printed_arguments(theorem: Theorem, /, *, q: float = 0.8, x: Row = COLUMNS[0],
                      y: Row = COLUMNS[1]) -> Verdict:
    """The quantile loss, once as in (2.3) and once with exchanged arguments; both nets valued by (2.3)."""
    right, loss = ERMProblem(x, y, 1, quantile(q)), quantile(q)
    exchanged = ERMProblem(x, y, 1, lambda f, label: loss.value(label, f))
    return theorem.verdict(given=(), measured=right.value(erm_bruteforce(exchanged).net),
                           equals=erm_bruteforce(right).value, error=TOLERANCE * right.zero_value,
                           instance=f"quantile {q:g}, D={right.n_samples}, w=1")


@statement("exact_erm/erratum-E3", "The class of nets, as printed in (2.3)", "Mukherjee 2020, problem (2.3)",
           says=r"\min_{f \in \mathcal F_{n,w,1}} \equiv \min_{T_1 \in \mathcal A_n^w,\ T_2 \in \mathcal L_w^1}",
           measures="optimum with a linear last map", hypotheses=(),
           erratum="The class of Definition 2 has an affine last map. A linear one gives strictly fewer functions: "
                   "1 + σ(x) needs the free constant. Add it (output_bias) when that class is meant.",
           expected=State.VIOLATED)
def printed_class(theorem: Theorem, /, *, x: Row = KINK, y: Row = LIFTED, width: int = 1) -> Verdict:
    """The optimum without output bias against the optimum with one."""
    linear, affine = (ERMProblem(x, y, width, output_bias=bias) for bias in (False, True))
    return theorem.verdict(given=(), measured=erm_bruteforce(linear).value, equals=erm_bruteforce(affine).value,
                           error=TOLERANCE * linear.zero_value, instance=f"D={linear.n_samples}, w={width}")


def random_net_value(problem: ERMProblem, rng: np.random.Generator) -> float:
    """The value of a net with Gaussian gates and signs, with the best positive factors for its gates if they exist."""
    theta = rng.standard_normal((problem.width, problem.n_inputs + 1))
    signs = rng.choice([-1.0, 1.0], problem.width)
    F = signs * np.maximum(problem.lifted @ theta.T, 0)
    if not problem.loss.attained:
        return float(problem.losses(F.sum(axis=1)).sum())
    F = F[:, F.any(axis=0)]
    return best_combination(F, problem.y, problem.loss, problem.sample_weight).value


def value_far_out(problem: ERMProblem, s: Subproblem) -> float:
    """The value of the optimum of a cell after moving so far along its escape that running samples cost e^-RUN each."""
    here = abs(problem.net(s.theta, s.signs, s.bias)(problem.x)).max()
    direction, bias = s.escape  # running samples move by at least 1
    return problem.value(problem.net(s.theta + (RUN + here) * direction, s.signs, s.bias + (RUN + here) * bias))
