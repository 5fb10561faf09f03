"""Checks of the exercises on the tied autoencoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.orthogonal import orthogonality_defect


def check_bias_loss(answer: Real) -> Feedback:
    """Orthogonal A, W = Aᵀ, one entry of the code uniform on [0, 1] and the others 0, ε = ½: the loss, to 0.001."""
    exact = (0.5 ** 3 / 3 + 0.5 * 0.5 ** 2) / 2
    return feedback(answer, lambda loss: math.isclose(float(loss), exact, abs_tol=1e-3),
                    right="A small entry is lost whole, and a large one loses ε.",
                    hint="½ E min(x, ½)². Integrate x² up to ½ and a constant from there to 1.")


def check_other_minimum(answer: Sequence[Sequence[Real]]) -> Feedback:
    """Another orthogonal 2 × 2 matrix W, not I, without loss for A = I, ε = 0 and all codes x ≥ 0."""
    return feedback(answer, _loses_nothing, right="It gives the two atoms each other's names.",
                    hint="W x must have no negative entry for x = (1, 0) and x = (0, 1), and W must not be I.")


def _loses_nothing(answer: Sequence[Sequence[Real]]) -> bool:
    W = np.asarray(answer, dtype=float)
    if W.shape != (2, 2):
        raise ValueError(f"expected two rows of two numbers; got shape {W.shape}")
    net = TiedReLUAutoencoder(W)
    return orthogonality_defect(W) < 1e-9 and net.loss(np.eye(2)) < 1e-18 and not np.allclose(W, np.eye(2))
