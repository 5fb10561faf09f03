"""Checks of the exercises on pieces: each takes every right answer, decided without rounding."""

from __future__ import annotations

from typing import Any

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.piece_examples import agreement_sets, example_nets
from mathdl.nets.entries import fraction
from mathdl.nets.pwl2d import PWL2D
from mathdl.nets.regions import exact_regions

LIMIT = 2000


def check_hidden_kinks(answer: Any) -> Feedback:
    """A net with two inputs that has more regions than pieces."""
    def right(net) -> bool:
        regions = exact_regions(net, limit=LIMIT)
        return regions.n_regions > regions.pieces()

    return feedback(answer, right, right="Some gate bends there, but the sum does not.",
                    hint="Give a ReLUNet with two inputs in which kinks of different gates cancel, or in which a gate "
                         "that bends has weight 0 in the output.")


def check_touching_pieces(answer: Any) -> Feedback:
    """A net with two inputs whose pieces are counted differently by "open" and "closed"."""
    def right(net) -> bool:
        regions = exact_regions(net, limit=LIMIT)
        return regions.pieces("open") != regions.pieces("closed")

    return feedback(answer, right, right="Two parts with one affine function meet in a point and nowhere else.",
                    hint="Think of a chessboard's corner: f equals the same affine function on two cells that touch in "
                         "a point, and something else on the cells between them.")


def check_another_set(answer: Any) -> Feedback:
    """An affine function (a1, a2, c) that agrees with |x1| on a maximal connected set that is no piece, and new."""
    f = PWL2D.from_net(example_nets()["|x1|"])

    def right(row) -> bool:
        a1, a2, c = (fraction(v) for v in row)
        return bool(agreement_sets(f, (a1, a2, c))) and (a1, a2, c) not in f.functions and (a1, a2) != (0, 1)

    return feedback(answer, right, right="Two rays with a common end, and no other affine function agrees there.",
                    hint="Where does a1 x1 + a2 x2 + c equal x1, for x1 >= 0? And −x1, for x1 <= 0? The two parts must "
                         "meet, must not lie on one line, and (a1, a2) = (0, 1) is taken.")
