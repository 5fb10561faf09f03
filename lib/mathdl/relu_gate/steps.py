"""One update of each of the chapter's algorithms, for numpy arrays and torch tensors alike.

Leading dimensions are runs: `w` is (..., n). Every function returns new iterates and changes nothing in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def modified_sgd_step(w: Any, x: Any, y: Any, step: Any) -> Any:
    """One update of Algorithm 2 on one fresh sample a run: inputs `x` (..., n), labels `y` (...,).

    `step` is η|α| > 0, a number or one a run (...,). Source: Mukherjee 2020, Algorithm 2.
    """
    return w + (step * (y > 0) * (y - (w * x).sum(-1)))[..., None] * x


def gate_gradient(w: Any, x: Any, y: Any) -> Any:
    """The sub-gradient g_t of Algorithm 3 on the sample `x` (S, n), `y` (..., S): shape (..., n)."""
    u = w @ x.T
    return ((u >= 0) * (u - y)) @ x / len(x)


def noisy_gd_step(w: Any, x: Any, y: Any, step: Any, noise1: Any, noise2: Any) -> Any:
    """One update of Algorithm 3: w − η (g + ξ₁) + √η ξ₂ with noises of the shape of `w`, `step` a number > 0."""
    return w - step * (gate_gradient(w, x, y) + noise1) + step ** 0.5 * noise2


def glm_tron_step(w: Any, x: Any, y: Any, activation: Callable[[Any], Any]) -> Any:
    """One update of Algorithm 4: w + (1/S) Σ (y_i − σ(⟨w, x_i⟩)) x_i; labels `y` (..., S)."""
    return w + (y - activation(w @ x.T)) @ x / len(x)
