"""Checks for the exercises on representing functions by nets."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from numbers import Real

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.signed_max import SignedMaxes, affine_rows, max_of_rows
from mathdl.function_spaces.sizes_1d import min_size_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

ROOF = PWL1D.from_points([0, 2, 3], [1, 5, 4], 0, -1)  # a flat end on the left
FOUR = ((1, 0, 0), (-1, 0, 0), (0, 1, 1), (0, -1, 1))  # |x₁| and |x₂| + 1
BENDS, JUMPS = (0, 1, 2), (1, 3, -9)


def check_smallest_net(answer: ReLUNet) -> Feedback:
    """Any net with one hidden layer that is ROOF exactly, with the fewest gates there can be."""
    def is_right(net: ReLUNet) -> bool:
        return net.hidden_layers == 1 and PWL1D.from_net(net.exact()) == ROOF and net.size == min_size_1d(ROOF)

    return feedback(answer, is_right, right="No net with one hidden layer has fewer gates.",
                    hint="Give a ReLUNet with one hidden layer that is the function everywhere; look at its flat end.")


def check_left_slope(answer: Real) -> Feedback:
    """Any slope s_L with which bends at 0, 1, 2 and jumps 1, 3, −9 cost three gates, though no outer piece is flat."""
    def is_right(slope: Real) -> bool:
        s = [Fraction(slope)]
        for jump in JUMPS:
            s.append(s[-1] + jump)
        c = [Fraction(0)]
        for jump, at in zip(JUMPS, BENDS, strict=True):
            c.append(c[-1] - jump * at)
        return min_size_1d(PWL1D(BENDS, s, c)) == len(BENDS) and s[0] != 0 != s[-1]

    return feedback(answer, is_right, right="The jumps of the gates that live on the left add up to minus this slope.",
                    hint="Which gates contribute to the leftmost piece, and to what slope can they add up? "
                         "Neither outer piece may be flat.")


def check_signed_maxes(answer: Sequence[tuple[int, Sequence[Sequence[Real]]]]) -> Feedback:
    """Any list of (sign, rows), at most 3 rows each, with the sum max(x₁, −x₁, x₂ + 1, −x₂ + 1) on a rational grid."""
    def is_right(terms: Sequence) -> bool:
        sum_of_terms = SignedMaxes(tuple((int(sign), tuple(affine_rows(rows))) for sign, rows in terms), 2)
        steps = [Fraction(k, 6) for k in range(-24, 25)]
        x = list(product(steps, steps))
        allowed = all(sign in (-1, 1) for sign, _ in terms) and sum_of_terms.largest <= 3
        return allowed and bool((sum_of_terms(x) == max_of_rows(affine_rows(FOUR), x)).all())

    return feedback(answer, is_right, right="Four rows have become terms of at most three.",
                    hint="Find c with Σcᵢ = 0, Σcᵢaᵢ = 0 and Σcᵢbᵢ ≤ 0; which rows may be left out, one at a time?")
