"""Checks of the exercises on zonotopes."""

from __future__ import annotations

from collections.abc import Sequence

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.central_cones import max_cones
from mathdl.function_spaces.complexity import zonotope_pieces
from mathdl.function_spaces.generators import balancing_signs, canonicalize
from mathdl.function_spaces.zonotope import Zonotope

Rows = Sequence[Sequence[float]]


def check_piece_count(answer: int) -> Feedback:
    """Pieces of a zonotope function of the plane with m = 6 generic generators and two layers of w = 3 gates in H."""
    return feedback(answer, lambda pieces: pieces == zonotope_pieces(max_cones(2, 6), (3, 3)),
                    right="Twelve cones, nine slabs in each, and no flat zone since w is odd.",
                    hint="Count the cones first, then the slabs in one cone, and ask whether H ends flat beyond M.")


def check_four_gates(answer: Rows) -> Feedback:
    """Four generators of the plane, none zero and no two parallel, whose support function a net of 4 gates computes."""
    return feedback(answer, lambda B: _shape(B) == (4, 2) and len(canonicalize(B)) == 4
                    and balancing_signs(B) is not None,
                    right="With the right signs the generators add up to zero, and the linear part is gone.",
                    hint="Four rows of two numbers, no two on one line, and signs that make their sum vanish.")


def check_flat_triple(answer: Rows) -> Feedback:
    """Five generators of space, none zero and no two parallel, with fewer vertices than N(3, 5)."""
    return feedback(answer, lambda B: _shape(B) == (5, 3) and len(canonicalize(B)) == 5
                    and Zonotope(B).count_vertices() < max_cones(3, 5),
                    right="Some of your generators lie in a plane together, and a cone has shrunk to nothing.",
                    hint="Five rows of three numbers, no two on one line; what else can make a determinant vanish?")


def _shape(B: Rows) -> tuple[int, int]:
    return Zonotope(B).generators.shape
