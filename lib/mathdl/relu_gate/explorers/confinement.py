"""Explorers on confinement: the fan of distances with its bounds, and a search for what breaks the printed theorem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from mathdl.core.explore import Choice, Slider, Toggle, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.confinement import confinement_bound, scientific
from mathdl.relu_gate.confinement_audit import audit
from mathdl.relu_gate.confinement_examples import coin_descent, far_coin
from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.exit_probability import walk_exit
from mathdl.relu_gate.figures.confinement import break_figure, fan_figure
from mathdl.relu_gate.noise import BallNoise, FiniteNoise, GaussianNoise, SphereNoise
from mathdl.relu_gate.noisy_gd import noisy_gd

LENGTH = 0.5  # of the noise, and C_L
LAWS = {"coin": None, "sphere": SphereNoise(2, LENGTH), "ball": BallNoise(2, LENGTH),
        "Gaussian": GaussianNoise((0.1, 0.1))}
PUSH, CHANCE = 0.04, 1e-3  # the one-sided noise: E‖ξ₂‖² = PUSH² (1 − CHANCE)/CHANCE = 1.6 < n = 2
RUNS = 200


@dataclass(frozen=True)
class Fan:
    """Algorithm 3 in the plane with C = 1, S_1 = 0, C_L = 0.5; `step` is log₁₀ η."""

    step: float = -3.0
    start: float = 0.5
    margin: float = 1.0
    updates: int = 100
    noise: str = "coin"
    symmetric: bool = True
    seed: int = 0


def fan_descent(state: Fan) -> NoisyDescent:
    """The instance of the state; one-sided noise pushes outwards by 0.04 = C_L, with rare long jumps back."""
    d = coin_descent(step=10 ** state.step, updates=state.updates, margin=state.margin, start=state.start,
                     size=LENGTH, cutoff=LENGTH, noise1_size=0.0)
    if not state.symmetric:
        e1 = np.eye(2)[0]
        noise = FiniteNoise([PUSH * e1, -PUSH * (1 - CHANCE) / CHANCE * e1], [1 - CHANCE, CHANCE])
        return replace(d, noise2=noise, cutoff=PUSH)
    return d if LAWS[state.noise] is None else replace(d, noise2=LAWS[state.noise])


def draw_fan(state: Fan) -> Picture:
    """Two hundred runs with the radii, and each bound beside the exit probability, exact when the noise is finite."""
    d, rng = fan_descent(state), np.random.default_rng(state.seed)
    runs = noisy_gd(d.x, d.y, d.w0, w_star=d.w_star, step=d.step, noise1=d.noise1, noise2=d.noise2,
                    updates=d.updates, runs=RUNS, rng=rng)
    distances = np.sqrt(runs.squared_distance)
    finite = isinstance(d.noise2, FiniteNoise)
    found = audit(d) if finite else audit(d, peaks=distances[1:].max(0))
    return fan_figure(distances, found, name=state.noise if state.symmetric else "one-sided")


def explore_fan():
    """Move the step, the start and the margin; then untick the box, lower λ, and watch the bounds fall silent."""
    return explore(draw_fan, Fan(), step=Slider(-4, -1, "log₁₀ of the step η"), start=Slider(0, 2, "distance of w₀"),
                   margin=Slider(0.02, 4, "margin λ", step=0.02), updates=Slider(10, 300, "updates", step=10),
                   noise=Choice(tuple(LAWS), "noise ξ₂"), symmetric=Toggle("symmetric noise"))


@dataclass(frozen=True)
class Break:
    """A coin walk in R⁴ with step 1: `distance` is log₁₀ ‖w_0 − w_*‖, `units` is λ/(size · distance · √i_max)."""

    distance: float = 0.0
    units: float = 1.0
    updates: int = 10
    size: float = 1.9
    cutoff: float = 1.95


def draw_break(state: Break) -> Picture:
    """Exact exit probability, printed and corrected bound for all margins, and whether the printed one is refuted."""
    R, T, size = 10 ** state.distance, state.updates, state.size
    grid = np.linspace(0.1, 3, 30)
    at = int(np.abs(grid - state.units).argmin())
    grid[at] = state.units
    cases = [far_coin(R, units=u, updates=T, size=size, cutoff=state.cutoff) for u in grid]
    bounds = {kind: [confinement_bound(d.setting(), kind) for d in cases] for kind in ("printed", "corrected")}
    exits = np.array([coin_exit(T, *levels(R, size, b.radius, T)) for b in bounds["printed"]])
    with np.errstate(divide="ignore"):
        logs = np.log10(exits)
    return break_figure(grid, logs, bounds, at=at, verdict=_verdict(cases[at], exits[at], bounds["printed"][at].log10))


def levels(distance: float, size: float, radius: float, updates: int) -> tuple[int, int]:
    """By how many moves outwards, or inwards, the coin leaves the ball; at most updates + 1, which is never."""
    up = int(np.floor((radius - distance) / size)) + 1
    down = int(np.floor((radius + distance) / size)) + 1
    return min(up, updates + 1), min(down, updates + 1)


@lru_cache(maxsize=4096)
def coin_exit(updates: int, up: int, down: int) -> float:
    """P[a fair ±1 walk from 0 reaches `up` or −`down` within `updates` moves]."""
    return walk_exit((down - up) / 2, [1.0, -1.0], [0.5, 0.5], updates=updates, radius=(up + down) / 2 - 0.25).value


def _verdict(d: NoisyDescent, exits: float, printed: float) -> str:
    broken = [name for name, true in d.hypotheses("printed").items() if not true]
    if broken:
        return f"The printed theorem is silent here: not {broken[0]}"
    seen = f"exits {exits:.3g}, printed bound {scientific(printed)}"
    return f"You found a violation: {seen}" if np.log10(max(exits, 1e-300)) > printed else f"No violation here: {seen}"


def explore_break():
    """Find a distance and a margin at which the exit probability is above the printed bound."""
    return explore(draw_break, Break(), distance=Slider(0, 4, "log₁₀ of the distance of w₀"),
                   units=Slider(0.1, 3, "margin λ, in units", step=0.05), updates=Slider(1, 40, "updates"),
                   size=Slider(0.1, 2.2, "size of the noise", step=0.05),
                   cutoff=Slider(0.1, 2.2, "cutoff C_L", step=0.05))
