"""An instance of Theorem 3.4.1: data, start, noises, and which hypotheses of which form hold on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.relu_gate.confinement import Confinement
from mathdl.relu_gate.gates import checked_sample, labels
from mathdl.relu_gate.noise import FiniteNoise, GaussianNoise, NoiseLaw
from mathdl.relu_gate.noise_law import EPS, is_zero

Array = NDArray[np.float64]
PRINTED = ("labels are realizable", "‖ξ₁‖ ≤ S₁ < ∞", "Eξ₁ = 0", "η below the limit", "C_L < √n", "Eξ₂ = 0",
           "E‖ξ₂‖² < n")
CORRECTED = (*PRINTED[:5], "Eξ₂' = 0")
IMPROVED = (*PRINTED[:3], "η ≤ 2/C²", "Eξ₂' = 0")
HYPOTHESES = {"printed": PRINTED, "corrected": CORRECTED, "improved": IMPROVED, "variance": IMPROVED}


@dataclass(frozen=True, eq=False)
class NoisyDescent:
    """Algorithm 3 with a constant step on data `x` (S, n), `y` (S,), from `w0` (n,), and what the theorem is told.

    `w_star` (n,) is the target, `noise1` and `noise2` the laws of ξ₁ and ξ₂, drawn independently of each other and of
    the past; `step` η, `updates` i_max, `margin` λ, `cutoff` C_L. Labels that `w_star` does not make and biased noise
    are allowed here, and named by `hypotheses`. Raises ValueError when dimensions differ.
    """

    x: Array
    y: Array
    w0: Array
    w_star: Array
    noise1: NoiseLaw
    noise2: NoiseLaw
    step: float
    updates: int
    margin: float
    cutoff: float

    def __post_init__(self):
        x, y = checked_sample(self.x, self.y)
        vectors = {name: np.asarray(getattr(self, name), dtype=float) for name in ("w0", "w_star")}
        wrong = [name for name, v in vectors.items() if v.shape != x.shape[1:]]
        wrong += [name for name in ("noise1", "noise2") if getattr(self, name).n != x.shape[1]]
        if wrong:
            raise ValueError(f"expected dimension n = {x.shape[1]} as in x; it differs in {', '.join(wrong)}")
        for name, value in {"x": x, "y": y, **vectors}.items():
            object.__setattr__(self, name, value)

    def setting(self) -> Confinement:
        """The numbers of the bounds, from the data and the exact moments of the noises.

        An unbounded ξ₁ counts as 0 here; `hypotheses` then says that the theorem does not apply.
        """
        S1 = self.noise1.bound if math.isfinite(self.noise1.bound) else 0.0
        return Confinement(
            n=self.x.shape[1], step=self.step, updates=self.updates, margin=self.margin, cutoff=self.cutoff,
            start=float(np.linalg.norm(self.w0 - self.w_star)), data_norm=float(np.linalg.norm(self.x, axis=1).max()),
            noise1_bound=S1, tail=self.noise2.tail(self.cutoff),
            second_moment=min(self.noise2.truncated_second_moment(self.cutoff), self.cutoff ** 2),
            spread=spread(self.noise2, self.cutoff), noise1_spread=spread(self.noise1, S1) if S1 else 0.0)

    def hypotheses(self, kind: str = "corrected") -> dict[str, bool]:
        """Each hypothesis of that form of the theorem, evaluated on this instance.

        ξ₁ and ξ₂' are independent here, so E⟨ξ₁, ξ₂'⟩ = ⟨Eξ₁, Eξ₂'⟩ is zero as soon as both means are.
        """
        s, two = self.setting(), self.noise2
        rounding = 8 * EPS * self.x.shape[1] * np.abs(self.x * self.w_star).sum(1).max()
        broken = set(two.breaks(self.cutoff)) | set(two.breaks(self.cutoff, "printed"))
        answers = {
            "labels are realizable": bool(np.abs(labels(self.x, self.w_star) - self.y).max() <= rounding),
            "‖ξ₁‖ ≤ S₁ < ∞": math.isfinite(self.noise1.bound),
            "Eξ₁ = 0": is_zero(self.noise1.mean, s.noise1_bound), "η below the limit": s.step < s.step_limit,
            "η ≤ 2/C²": s.step * s.data_norm ** 2 <= 2}
        return {name: answers.get(name, name not in broken) for name in HYPOTHESES[kind]}


def spread(noise: NoiseLaw, C_L: float) -> float:
    """At least the largest eigenvalue of E ξ' ξ'ᵀ, for the noise truncated at C_L > 0; equal to it for laws on points.

    Laws on balls and spheres: E‖ξ'‖²/n. Gaussian: the smaller of max σ_i² (shortening a vector shortens each
    coordinate) and the trace. Any other law: the trace.
    """
    trace = min(noise.truncated_second_moment(C_L), C_L ** 2)
    if isinstance(noise, FiniteNoise):
        points = noise.truncated(C_L).points
        return float(min(np.linalg.eigvalsh(points.T * noise.weights @ points)[-1].clip(0), trace))
    if isinstance(noise, GaussianNoise):
        return min(max(noise.sigmas) ** 2, trace)
    return trace / noise.n if getattr(noise, "radius", None) is not None else trace
