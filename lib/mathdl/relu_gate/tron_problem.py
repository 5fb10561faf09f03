"""Data for GLM-Tron with a known target: what the theorems ask of it, checked, and the examples that decide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mathdl.relu_gate.activations import Activation, leaky, relu, slope
from mathdl.relu_gate.glm_tron import TronRun, glm_tron

Array = NDArray[np.float64]
HYPOTHESES = ("‖x_i‖ ≤ 1", "|ξ_i| ≤ θ", "σ never falls", "σ is L-Lipschitz", "L < 2")
ROUNDING = 1e-12  # inputs that were scaled to norm 1 have norm 1 + a few 2^-53


@dataclass(frozen=True, eq=False)
class TronProblem:
    """Labels y_i = σ(⟨w_*, x_i⟩) + ξ_i: inputs `x` (S, n), target `w_star` (n,), noise `noise` (S,) within ±θ."""

    x: Array
    w_star: Array
    noise: Array
    theta: float
    activation: Activation = relu

    @cached_property
    def y(self) -> Array:
        """The labels (S,)."""
        return self.activation(self.x @ self.w_star) + self.noise

    @property
    def W(self) -> float:
        """‖w_*‖, the distance of the start w_1 = 0 from the target."""
        return float(np.linalg.norm(self.w_star))

    def run(self, updates: int) -> TronRun:
        """So many updates of Algorithm 4 from 0."""
        return glm_tron(self.x, self.y, self.activation, updates, w_star=self.w_star)

    @cached_property
    def failures(self) -> tuple[str, ...]:
        """For each of HYPOTHESES the empty string, or the witness that it fails here.

        σ is checked at 2001 points of |u| ≤ 2W max ‖x_i‖, where the iterates move until they hit, and at the data.
        """
        norms = np.linalg.norm(self.x, axis=1)
        reach = max(2 * self.W * norms.max(), 1.0)
        check = self.activation.check(np.linspace(-reach, reach, 2001))
        i, j = int(norms.argmax()), int(np.abs(self.noise).argmax())
        L = self.activation.lipschitz
        return (f"‖x_{i + 1}‖ = {norms[i]:.4g}" if norms[i] > 1 + ROUNDING else "",
                f"|ξ_{j + 1}| = {abs(self.noise[j]):.4g} > θ = {self.theta:.4g}"
                if abs(self.noise[j]) > self.theta * (1 + ROUNDING) else "",
                "" if check.is_monotone else check.witness.split("; ")[0],
                "" if check.is_lipschitz else check.witness.split("; ")[-1], f"L = {L:.4g}" if L >= 2 else "")

    @property
    def given(self) -> tuple[bool, ...]:
        """Which of HYPOTHESES hold."""
        return tuple(not failure for failure in self.failures)

    @property
    def witness(self) -> str:
        """The failures in words, `ok` when there is none."""
        return "; ".join(filter(None, self.failures)) or "ok"

    def require(self) -> TronProblem:
        """This problem, when the theorems cover it; ValueError names what fails and where."""
        for name, failure in zip(HYPOTHESES, self.failures, strict=True):
            if failure:
                raise ValueError(f"the theorems on GLM-Tron need {name}; got {failure}. Rescale, or choose another σ")
        return self


def random_problem(samples: int, n_inputs: int, W: float, theta: float, activation: Activation = relu, *,
                   longest: float = 1.0, rng: np.random.Generator) -> TronProblem:
    """Gaussian directions, norms uniform in [0.3, 1] times `longest`, noise ±θ with fair signs, ‖w_*‖ = W."""
    x = rng.standard_normal((samples, n_inputs))
    x *= longest * rng.uniform(0.3, 1, (samples, 1)) / np.linalg.norm(x, axis=1, keepdims=True)
    w = rng.standard_normal(n_inputs)
    return TronProblem(x, W * w / np.linalg.norm(w), theta * rng.choice([-1.0, 1.0], samples), theta, activation)


def slow_problem(W: float, steps: int, L: float = 1.0) -> TronProblem:
    """One sample x = 1/√(2 L T), so short that after T = `steps` iterates the risk is still about L W²/(2eT)."""
    x = min(1.0, 1 / math.sqrt(2 * L * max(steps, 1)))
    return TronProblem(np.array([[x]]), np.array([float(W)]), np.zeros(1), 0.0, leaky(L))


def drifting_problem(distance: float = 1.0, noise: float = -0.5) -> TronProblem:
    """One sample x = 1 where the ReLU is off at w_* = −`distance`, and a negative label: w_t falls for ever."""
    return TronProblem(np.ones((1, 1)), np.array([-distance]), np.array([noise]), abs(noise))


def stubborn_problem(W: float = 10.0, theta: float = 0.5) -> TronProblem:
    """Four samples on which w_t only moves sideways for ever, and the effective risk stays at its start, ≥ 0.36 θ W.

    Three labels −θ, where the ReLU is off, push along (−0.8, 0.6); the first sample, (δ, 0), pushes back along the
    first axis, and δ is chosen such that the two cancel there. ValueError unless 0 < θ/W ≤ 3/17, since else δ > 1.
    """
    tau = theta / W
    if not 0 < tau <= 3 / 17:
        raise ValueError(f"theta: expected at most 3/17 of W = {W:g}; got {theta:g}")
    delta = (tau + math.sqrt(tau ** 2 + 5.76 * tau)) / 1.2  # 0.6 δ² = τ δ + 2.4 τ
    x = np.array([[delta, 0.0]] + [[0.8, -0.6]] * 3)
    return TronProblem(x, W * np.array([0.6, 0.8]), np.full(4, -theta), theta)


def erased_problem(W: float = 1.0, L: float = 1.0, left: float = 0.0) -> TronProblem:
    """One sample x = 1 and noise −(L W − `left`): for `left` = 0 the label is 0 and no step is made."""
    theta = L * W - left
    return TronProblem(np.ones((1, 1)), np.array([float(W)]), np.array([-theta]), theta, slope(L))
