"""Explorers of Algorithm 2: paths in the plane for several laws and steps, and fans of the distance to the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.figures.sampling import fan_figure, paths_figure
from mathdl.relu_gate.laws import Gaussian, HalfSpace, InputLaw, Pareto, SkewExponential, StudentT, cross_polytope
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.runs import GateRuns

LAWS: dict[str, Callable[[int], InputLaw]] = {
    "Gaussian": Gaussian, "skew exponential": SkewExponential, "Student t, 9 degrees": StudentT,
    "points ±e_i": cross_polytope, "Pareto, tail 3": Pareto}
KINDS = {"λ/c₁, the source's": "seed", "λ/Λ, sharp": "sharp"}
TARGET = np.array([1.5, 1.0])
START = np.array([-1.0, -1.5])
EPS, DELTA = 0.3, 0.1
LONGEST = 1500  # updates drawn at most


@dataclass(frozen=True)
class Paths:
    """The step as a multiple of λ/c₁, and the law of the inputs."""

    ratio: float = 1.0
    law: str = "Gaussian"
    seed: int = 0


def draw_paths(state: Paths) -> Picture:
    """Nine runs in the plane, the mean of 200, and the bounds on its slope at this step: with c₁, and with Λ."""
    law = LAWS[state.law](2)
    moments, reason = judged(law, TARGET)
    used = moments or GateMoments.gaussian(2)
    step = state.ratio * used.step_size()
    runs = modified_sgd(law, TARGET, START, step=step, updates=80, runs=200, rng=np.random.default_rng(state.seed),
                        keep=True)
    slopes = [] if moments is None else [("bound with c₁", moments.rate(step)),
                                         ("bound with Λ", moments.rate(step, "sharp"))]
    note = reason or f"step {step:.3f}, {state.ratio:g} times λ/c₁"
    return paths_figure(runs.path[:, :9], runs.squared_distance, TARGET, slopes, note)


def explore_paths():
    """Raise the step: where is the fastest, where do the bounds stop promising anything, where do runs diverge?"""
    return explore(draw_paths, Paths(), ratio=Slider(0.1, 4.0, "step / (λ/c₁)", step=0.1),
                   law=Choice(tuple(LAWS), "inputs"), seed=Slider(0, 20, "seed"))


@dataclass(frozen=True)
class Fan:
    """The number of inputs, their law, and which step."""

    n: int = 4
    law: str = "Gaussian"
    kind: str = "λ/c₁, the source's"


FAN_LAWS = {**LAWS, "half-space supported": HalfSpace}


def draw_fan(state: Fan) -> Picture:
    """log ‖v_t‖² of 60 runs with w_* along (1, ..., 1) (e₁ for the half-space law), ‖v_1‖ = 1; ε = .3, δ = .1."""
    half = state.law == "half-space supported"
    n = max(state.n, 3) if half else state.n
    law, kind = FAN_LAWS[state.law](n), KINDS[state.kind]
    w_star = np.eye(n)[0] if half else np.full(n, n ** -0.5)
    w1 = w_star + (np.eye(n)[1] + np.eye(n)[2]) / 2 ** 0.5 if half else np.zeros(n)
    moments, reason = judged(law, w_star)
    used = moments or GateMoments.gaussian(n)
    T = used.required_steps(EPS, DELTA, 1.0, kind)
    updates = min(max(int(1.15 * T), 12), LONGEST)
    runs = modified_sgd(law, w_star, w1, step=used.step_size(kind), updates=updates, runs=60,
                        rng=np.random.default_rng(0))
    if moments is None:
        return fan_figure(runs.squared_distance, [], None, EPS ** 2, f"n = {n}: {reason}")
    slopes = [("1 - λ²/c₁, for λ/c₁", moments.rate()), ("1 - λ²/Λ, for λ/Λ", moments.rate(kind="sharp"))]
    at = T if updates + 1 >= T else None
    late = "" if at else f" (T = {T} is outside)"
    return fan_figure(runs.squared_distance, slopes, at, EPS ** 2, f"n = {n}, {law.name}: {arrival(runs)}{late}")


def arrival(runs: GateRuns) -> str:
    """When half of the runs are within ε, in words."""
    there = np.flatnonzero(np.median(runs.squared_distance, axis=1) <= EPS ** 2)
    return f"half of the runs arrive by t = {runs.times[there[0]]}" if there.size else "most runs have not arrived"


def explore_fan():
    """More inputs, other laws, the other step: how long does it take, and how far beyond its goal is T?"""
    return explore(draw_fan, Fan(), n=Slider(1, 10, "inputs n"), law=Choice(tuple(FAN_LAWS), "law"),
                   kind=Choice(tuple(KINDS), "step"))


def judged(law: InputLaw, w_star: np.ndarray) -> tuple[GateMoments | None, str]:
    """The moments when the theorem speaks about this law, else None and which hypothesis is false."""
    broken = law.breaks(w_star)
    return (None, f"silent, not {' and '.join(broken)}") if broken else (law.moments(w_star), "")
