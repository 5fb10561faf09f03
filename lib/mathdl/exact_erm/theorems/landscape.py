"""Statements on the landscape of the risk and on what a certified optimum is good for; all ours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict
from mathdl.exact_erm.algorithm1 import erm_bruteforce
from mathdl.exact_erm.atlas import Atlas, CellMinimum, landscape_atlas
from mathdl.exact_erm.descent import restarts
from mathdl.exact_erm.leave_one_out import leave_one_out
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.smallest_width import breakpoints_needed, smallest_width

SETTLED = 1e-6  # of sum v y²: a run this close to the minimum of its own cells has come to rest
WAVE = (0, 1, 3, 2, 1, 2, 4)  # labels at 0, 1, ..., 6


@statement("exact_erm/ours-cell-minima", "When a cell minimum is a local minimum", "ours",
           says=r"\theta \text{ is a local minimum of } R_s \iff R_s(\theta) = \min_P R_s "
                r"\text{ for all closed products } P \ni \theta",
           measures="cell minima on which the criterion and small steps of θ disagree",
           hypotheses=("some cell minima are genuine, some fake",))
def cell_minima(theorem: Theorem, /, *, samples: int = 7, inputs: int = 1, width: int = 1, steps: int = 200,
                output_bias: bool = False, seed: int = 0) -> Verdict:
    """Each cell minimum is tried: random steps, and steps towards every other cell minimum of its signs.

    All steps end before they cross a wall that does not pass through the point. A fake one must go down by one of
    them, since the risk is convex towards the better neighbour; a genuine one must not go down at all.
    """
    rng = np.random.default_rng(seed)
    problem = planted(samples, inputs, width, output_bias=output_bias, rng=rng)
    atlas = landscape_atlas(problem)
    goes_down = [descends(atlas, m, steps, rng) for m in atlas.minima]
    wrong = sum(down == m.genuine for down, m in zip(goes_down, atlas.minima, strict=True))
    genuine = sum(m.genuine for m in atlas.minima)
    return theorem.verdict(given=(0 < genuine < len(atlas.minima),), measured=wrong, equals=0,
                           instance=f"D={samples}, n={inputs}, w={width}, {genuine} genuine of {len(atlas.minima)}")


@statement("exact_erm/ours-atlas", "Where training comes to rest", "ours",
           says=r"\text{at rest} \Rightarrow R_s(\theta) \in \{ \text{values of genuine local minima} \}",
           measures="largest distance of a run's value from the nearest genuine minimum",
           hypotheses=("every run settled", "no top weight ended at 0"))
def atlas_contains_restarts(theorem: Theorem, /, *, samples: int = 6, inputs: int = 1, width: int = 2,
                            runs: int = 60, steps: int = 20_000, step: float = 0.05, method: str = "adam",
                            decay: bool = True, seed: int = 0) -> Verdict:
    """Values of many restarts against the values of the atlas.

    A run is settled when it is within 10⁻⁶ Σ y² of the least value of its own cells; that is also the error.
    """
    rng = np.random.default_rng(seed)
    problem = planted(samples, inputs, width, rng=rng)
    atlas = landscape_atlas(problem)
    ended = restarts(problem, runs, steps=steps, step=step, method=method, decay=decay, rng=rng)
    distance = abs(ended.values[:, None] - atlas.values()).min(axis=1).max()
    return theorem.verdict(given=(atlas.settled(ended, within=SETTLED).all(), (ended.top != 0).all()),
                           measured=distance, equals=0, error=SETTLED * float(problem.y @ problem.y) + atlas.tolerance,
                           instance=f"D={samples}, n={inputs}, w={width}, {runs} runs, "
                                    f"{len(atlas.values())} genuine values")


@statement("exact_erm/ours-leave-one-out", "Leave one out, solving few cells again", "ours",
           says=r"V_{-j} = \min \{ v_P^{-j} : \mathrm{LS}_P - r_j^2 / (1 - h_j) < V - \ell_j(f^*) \}"
                r"\cup \{ V - \ell_j(f^*) \}",
           measures="largest |optimum from the window − optimum from all cells| over the samples",
           hypotheses=("fewer subproblems solved than there are",))
def leave_one_out_window(theorem: Theorem, /, *, samples: int = 6, inputs: int = 1, width: int = 2,
                         noise: float = 0.3, output_bias: bool = False, seed: int = 0) -> Verdict:
    """The optimum without each sample from the window, against Algorithm 1 on the other samples."""
    problem = planted(samples, inputs, width, noise=noise, output_bias=output_bias, rng=np.random.default_rng(seed))
    found = leave_one_out(problem)
    plain = [erm_bruteforce(without(problem, j)).value for j in range(samples)]
    # cells within 10⁻¹² Σ y² of the best are skipped, and each value is rounded by less than that
    return theorem.verdict(given=(found.n_solved < found.n_subproblems,), measured=abs(found.values - plain).max(),
                           equals=0, error=3e-12 * float(problem.y @ problem.y),
                           instance=f"D={samples}, n={inputs}, w={width}, {found.n_solved} of "
                                    f"{found.n_subproblems} solved")


@statement("exact_erm/ours-breakpoints", "Every gate bends at most once", "ours",
           says=r"w_{\min} \ge k_{\min}", measures="smallest width with value 0, searched from one gate on",
           hypotheses=("the labels are not constant",))
def width_from_below(theorem: Theorem, /, *, labels: tuple[float, ...] = WAVE, output_bias: bool = True) -> Verdict:
    """The smallest width for labels at 0, 1, ... by exact search, against the fewest breakpoints of an interpolant."""
    found = smallest_width(np.arange(len(labels)), labels, output_bias=output_bias, from_below=True)
    return theorem.verdict(given=(len(set(labels)) > 1,), measured=found.width, at_least=found.breakpoints, trivial=1,
                           instance=f"D={len(labels)}")


@statement("exact_erm/ours-smallest-width", "One gate more than breakpoints", "ours",
           says=r"w_{\min} \le k_{\min} + 1 \le D - 1 \text{ with output bias}, \quad "
                r"w_{\min} \le k_{\min} + 2 \le D \text{ without}",
           measures="smallest width with value 0, searched from one gate on", hypotheses=("one label for each point",))
def width_from_above(theorem: Theorem, /, *, points: tuple[float, ...] | None = None,
                     labels: tuple[float, ...] = WAVE, output_bias: bool = True) -> Verdict:
    """The smallest width by exact search against the breakpoint count; with two labels at one point there is none."""
    points = tuple(range(len(labels))) if points is None else points
    single = len(set(zip(points, labels, strict=True))) == len(set(points))
    width = bends = np.inf
    if single:
        width = smallest_width(points, labels, output_bias=output_bias, from_below=True).width
        bends = breakpoints_needed(points, labels)
    return theorem.verdict(given=(single,), measured=width, at_most=bends + (1 if output_bias else 2),
                           instance=f"D={len(labels)}, {bends} breakpoints")


def descends(atlas: Atlas, minimum: CellMinimum, steps: int, rng: np.random.Generator) -> bool:
    """Whether some step from the point of a cell minimum, inside the products that touch it, lowers the risk."""
    problem = atlas.problem
    here = np.append(minimum.theta, minimum.bias)
    away = rng.standard_normal((steps, len(here))) * (np.linalg.norm(here) or 1.0)
    towards = np.array([np.append(m.theta, m.bias) - here for m in atlas.minima if (m.signs == minimum.signs).all()])
    directions = np.vstack([away, towards])
    directions[:, -1] *= problem.output_bias
    room = _room(problem, minimum.theta, directions[:, :-1].reshape(len(directions), *minimum.theta.shape))
    tried = here + np.vstack([directions * t[:, None] for t in (room / 2, room / 200)])
    theta = tried[:, :-1].reshape(len(tried), *minimum.theta.shape)
    predictions = np.einsum("w,twj->tj", minimum.signs, np.maximum(theta @ problem.lifted.T, 0)) + tried[:, -1:]
    values = (predictions - problem.y) ** 2 @ problem.sample_weight
    return bool(values.min() < minimum.value - 1e-10 * (problem.sample_weight @ problem.y ** 2))


def _room(problem: ERMProblem, theta: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """How far each direction (T, w, n+1) can be followed before a gate leaves a wall behind, at most 2."""
    size = np.linalg.norm(theta, axis=1)[:, None] * np.linalg.norm(problem.lifted, axis=1)
    now, speed = theta @ problem.lifted.T, directions @ problem.lifted.T
    ends = np.where((abs(now) > 1e-9 * size) & (now * speed < 0), -now / np.where(speed == 0, 1, speed), 2.0)
    return ends.min(axis=(1, 2)).clip(max=2.0)


def without(problem: ERMProblem, j: int) -> ERMProblem:
    """The problem without sample j."""
    keep = np.arange(problem.n_samples) != j
    return replace(problem, x=problem.x[keep], y=problem.y[keep], sample_weight=problem.sample_weight[keep])
