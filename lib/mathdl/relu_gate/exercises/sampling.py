"""Checks of the exercises on Algorithm 2."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.relu_gate.laws import FiniteLaw


def check_blind_half(answer: tuple[Sequence[Sequence[int]], Sequence[int]]) -> Feedback:
    """A pair: points of the plane with integer coordinates, equally likely, and a target w_* that cannot be learned."""
    return feedback(answer, _is_blind, hint="All points together must span the plane; those with ⟨w_*, x⟩ > 0 must lie "
                                            "on one line through 0, and there must be some.",
                    right="On the inactive side Algorithm 2 never moves, whatever stands there.")


def check_equality(answer: tuple[Sequence[Sequence[int]], Sequence[int]]) -> Feedback:
    """Points of the plane with integer coordinates, equally likely, none on an axis, and w_* with c₁ = n² λ²/p₊."""
    return feedback(answer, _is_equal, hint="Equality in Cauchy-Schwarz: ‖x‖ is constant where the gate is active. And "
                                            "nλ = tr Σ₊: both eigenvalues are equal.",
                    right="The active points have one length, and Σ₊ is a multiple of the identity.")


def _is_blind(answer: tuple) -> bool:
    points, w_star = _integers(answer)
    p, sigma, _ = FiniteLaw(points).matrices(w_star)
    x = np.array(points, dtype=object)
    return p > 0 and _determinant(sigma) == 0 and _determinant(x.T @ x) != 0


def _is_equal(answer: tuple) -> bool:
    points, w_star = _integers(answer)
    p, sigma, weighted = FiniteLaw(points).matrices(w_star)
    if any(v == 0 for point in points for v in point) or p == 0 or sigma[0, 1] != 0:
        return False
    return np.trace(weighted) == 4 * min(sigma[0, 0], sigma[1, 1]) ** 2 / p


def _integers(answer: tuple) -> tuple[tuple[tuple[Fraction, ...], ...], tuple[Fraction, ...]]:
    points, w_star = answer
    points = tuple(tuple(Fraction(v) for v in point) for point in points)
    if {len(point) for point in points} != {2}:
        raise ValueError("expected points with two coordinates")
    return points, tuple(Fraction(v) for v in w_star)


def _determinant(m: np.ndarray) -> Fraction:
    return m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]
