"""Three risks of a trained gate and what ties them: the noise that was trained on is not the noise of a fresh label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.activations import Activation

Array = NDArray[np.float64]
ROUNDING = 1e-9  # of θ or of the largest label: decimals that add up to a label are good to about 1e-16 of it


@dataclass(frozen=True, eq=False)
class TronRisks:
    """Risks of iterates (..., n) on noisy labels y = σ(⟨w_*, x⟩) + ξ: L_S = L̃_S + `noise` − 2 `cross`, exactly.

    `risk` (...) is L_S on the labels given, `effective` (...) is L̃_S against the labels without noise, `noise` (...)
    the mean of ξ_i², and `cross` (...) the mean of ξ_i (σ(⟨w, x_i⟩) − σ(⟨w_*, x_i⟩)).
    """

    risk: Array
    effective: Array
    noise: Array
    cross: Array

    def on_fresh_labels(self, second_moment: float) -> Array:
        """The expected risk L̃_S + Eξ² on labels whose centred noise the iterate has not seen: there is no cross term.

        Given w, the cross term of fresh noise ξ' has the mean (1/S) Σ E[ξ'_i] (σ(⟨w, x_i⟩) − σ(⟨w_*, x_i⟩)) = 0.
        """
        return self.effective + second_moment


def tron_risk_report(w: ArrayLike, x: ArrayLike, y: ArrayLike, activation: Activation, w_star: ArrayLike, *,
                     theta: float | None = None) -> TronRisks:
    """The risks of iterates `w` (..., n) on the sample `x` (S, n) with labels `y`, shape (..., S) up to broadcasting.

    Pass the training labels, or fresh ones. ValueError as in `label_noise`. Source: Mukherjee 2020, proof of 3.5.3.
    """
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    noise = label_noise(x, y, activation, w_star, theta=theta)
    deviation = activation(w @ x.T) - activation(x @ np.asarray(w_star, dtype=float))
    risk = ((deviation - noise) ** 2).mean(-1)
    return TronRisks(risk, (deviation ** 2).mean(-1), (noise ** 2).mean(-1), (noise * deviation).mean(-1))


def label_noise(x: ArrayLike, y: ArrayLike, activation: Activation, w_star: ArrayLike, *,
                theta: float | None = None) -> Array:
    """ξ = y − σ(⟨w_*, x⟩), the shape of `y` (..., S).

    With `theta`, ValueError names the sample when labels are not of the form σ(⟨w_*, x_i⟩) + ξ_i with |ξ_i| ≤ θ.
    """
    x, y, w_star = (np.asarray(a, dtype=float) for a in (x, y, w_star))
    if x.ndim != 2 or w_star.shape != x.shape[1:] or y.shape[-1:] != x.shape[:1]:
        raise ValueError(f"expected x (S, n), y (..., S), w_star (n,); got shapes {x.shape}, {y.shape}, {w_star.shape}")
    noise = y - activation(x @ w_star)
    if theta is not None:
        _check_bound(noise, y, theta)
    return noise


def _check_bound(noise: Array, y: Array, theta: float) -> None:
    largest = np.abs(noise).max()
    if not largest <= theta + ROUNDING * max(theta, np.abs(y).max()):
        sample = int(np.argmax(np.abs(noise))) % noise.shape[-1]
        raise ValueError(f"theta: expected labels y_i = σ(⟨w_*, x_i⟩) + ξ_i with |ξ_i| ≤ θ = {theta:g}; got |ξ| = "
                         f"{largest:.6g} at sample {sample}. Take θ from theta_for_confidence, or leave the sample out")


@dataclass(frozen=True, eq=False)
class LinearGateRisks:
    """Exact expectations over centred noise of variance s², one row a time t = 1, …, U + 1.

    `effective` E L̃_S, `risk` E L_S on the training labels, `cross` E of the cross term, `degrees` the degrees of
    freedom tr P_t of the fit h_t = P_t y. cross = s² degrees/S, so it grows with every direction that has been fitted.
    """

    effective: Array
    risk: Array
    cross: Array
    degrees: Array


def linear_gate_risks(x: ArrayLike, w_star: ArrayLike, second_moment: float, updates: int,
                      L: float = 1.0) -> LinearGateRisks:
    """E L̃_S, E L_S and the cross term of Algorithm 4 with σ(u) = L u, in closed form, for any centred iid noise.

    The predictions are h_t = P_t y with P_t = I − (I − L G)^(t−1), G = X Xᵀ/S; so with the noiseless labels y*
    E L̃_S = (‖(I − P_t) y*‖² + s² ‖P_t‖²)/S, E L_S = (‖(I − P_t) y*‖² + s² ‖I − P_t‖²)/S (Frobenius norms), and
    the cross term has the mean s² tr P_t/S > 0: the proof of Theorem 3.5.3 (Mukherjee 2020) takes it for zero.
    """
    x = np.asarray(x, dtype=float)
    g, Q = np.linalg.eigh(x @ x.T / len(x))
    left = (1 - L * np.maximum(g, 0)) ** np.arange(updates + 1)[:, None]  # eigenvalues of I − P_t
    bias = (left * (Q.T @ (L * x @ np.asarray(w_star, dtype=float)))) ** 2
    fitted = 1 - left
    return LinearGateRisks((bias + second_moment * fitted ** 2).mean(1), (bias + second_moment * left ** 2).mean(1),
                           second_moment * fitted.mean(1), fitted.sum(1))
