"""Checks of the exercises on criticality."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.sparse_coding.certificate import Neighbourhood, gradient_certificate
from mathdl.sparse_coding.criticality import uniform_neighbourhood


def check_crossing(answer: Real) -> Feedback:
    """The smallest n, a power of 2, from which on the lemma gives ρ < 1: identity and Hadamard, k = 2, δ = C/2."""
    return feedback(answer, lambda n: float(n) == crossing("lemma"),
                    right="A theorem can be true for every size and say something only for enormous ones.",
                    hint="Ask gradient_certificate(..., kind='lemma').ratio for n = 2, 4, 8, ... with h = 2n.")


def check_common_product(answer: Sequence[Sequence[Real]]) -> Feedback:
    """Two rows of W, each within 1/10 of its axis in the plane, whose inner product exceeds δ + C = 1/10."""
    return feedback(answer, _product_too_large,
                    right="Both rows may err, and their errors add up: nearly 2δ instead of δ.",
                    hint="Two rows such as [[1, 0], [0, 1]]. Where should each of the two lean?")


def crossing(kind: str, k: int = 2) -> int:
    """The smallest n = 2^e with a certificate below 1 there and at every larger power up to 2^40."""
    above = [e for e in range(1, 41) if gradient_certificate(_hadamard(e, k), kind=kind).ratio >= 1]
    return 2 ** (max(above) + 1)


def _hadamard(exponent: int, k: int) -> Neighbourhood:
    C = 2.0 ** (-exponent / 2)
    return uniform_neighbourhood(2 ** (exponent + 1), k, C, C / 2)


def _product_too_large(rows: Sequence[Sequence[Real]]) -> bool:
    W = np.array(rows, dtype=float)
    if W.shape != (2, 2):
        raise ValueError(f"two rows of two numbers are needed, not shape {W.shape}")
    return bool((np.linalg.norm(W - np.eye(2), axis=1) <= 0.1 + 1e-12).all() and abs(W[0] @ W[1]) > 0.1 + 1e-12)
