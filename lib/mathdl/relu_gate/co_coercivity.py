"""How the sub-gradient of Algorithm 3 points: Lemma 3.4.2 and its sharper form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.relu_gate.gates import relu

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Monotonicity:
    """For each instance (...,): the inner product ⟨w − w_*, g⟩ and two quantities that it is at least.

    `squares`: (1/S) Σ 1[⟨w, x_i⟩ >= 0] (f_w(x_i) − y_i)², Lemma 3.4.2. `gradient`: ‖g‖²/C² with C = max ‖x_i‖, ours.
    `scale` = C²(‖w‖ + ‖w_*‖)² is at least all of them when labels are realizable; rounding is relative to it.
    """

    inner: Array
    squares: Array
    gradient: Array
    scale: Array


def monotonicity(x: ArrayLike, w: ArrayLike, w_star: ArrayLike, *, label_noise: ArrayLike = 0.0,
                 activation: Callable[[Array], Array] = relu) -> Monotonicity:
    """Both sides of Lemma 3.4.2 for data `x` (..., S, n), `w` and `w_star` (..., n); one C for each instance.

    `label_noise` (..., S) is added to the labels f_{w_*}(x_i): the lemma needs it to be zero. `activation` replaces
    the ReLU: the lemma needs it to be non-decreasing with slope at most 1.
    """
    x, w, w_star = (np.asarray(a, dtype=float) for a in (x, w, w_star))
    a, b = (np.einsum("...sn,...n->...s", x, v) for v in (w, w_star))
    miss = (a >= 0) * (activation(a) - activation(b) - label_noise)
    g = np.einsum("...s,...sn->...n", miss, x) / x.shape[-2]
    norms = np.einsum("...sn,...sn->...s", x, x)
    largest = np.where(norms.max(axis=-1) > 0, norms.max(axis=-1), 1.0)
    scale = largest * (np.linalg.norm(w, axis=-1) + np.linalg.norm(w_star, axis=-1)) ** 2
    inner, squares = np.mean((a - b) * miss, axis=-1), np.mean(miss ** 2, axis=-1)
    return Monotonicity(inner, squares, (g ** 2).sum(-1) / largest, scale)
