"""Exercises on Boolean inputs: each check takes any right answer and gives none away."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.boolean import bits, computes, fourier_gates, table_of
from mathdl.function_spaces.ltf import largest_negative, ltf_table, ltf_to_relu
from mathdl.nets.relu_net import ReLUNet

GAP_GATE = (3, 1, 1, -1)  # weights and bias of the gate in the exercise on the gap


def check_cheap_table(answer: Any) -> Feedback:
    """Eight values ±1, a function that depends on all three bits and whose parities cost at most 3 gates."""

    def right(table: Sequence[int]) -> bool:
        f = table_of(table)
        x = bits(3) @ (4, 2, 1)
        depends = all((f[x] != f[x ^ flip]).any() for flip in (4, 2, 1))
        return len(f) == 8 and set(f.tolist()) <= {-1, 1} and depends and fourier_gates(f) <= 3

    return feedback(answer, right, right="Its spectrum has a single bar, and that bar costs three gates.",
                    hint="Give eight numbers 1 or -1 in the order of the rows of the cube. Which bars cost at most "
                         "three gates together, and which of them can a function with values 1 and -1 have?")


def check_two_bit_parity(answer: Any) -> Feedback:
    """At most two pairs (hinge h, coefficient c) so that Σ c σ(y − h) is PARITY of two bits with sum y."""

    def right(gates: Sequence[tuple[Real, Real]]) -> bool:
        y = bits(2).sum(axis=1)
        values = sum(float(c) * np.maximum(y - float(h), 0) for h, c in gates)
        # a handful of roundings of numbers below 10
        return len(gates) <= 2 and np.allclose(values, y % 2, rtol=0, atol=1e-12)

    return feedback(answer, right, right="The second gate turns the slope from +1 to -1, and a slope changes by 2.",
                    hint="Give pairs (hinge, coefficient). The sum of the bits is 0, 1 or 2: which values must the "
                         "zigzag take there, and by how much does its slope change at each hinge?")


def check_gap(answer: Any) -> Feedback:
    """The p that the ramp needs for the gate with weights (3, 1, 1) and bias −1."""
    return feedback(answer, lambda p: p == -largest_negative(GAP_GATE[:-1], GAP_GATE[-1]),
                    right="The ramp rises over exactly that gap.",
                    hint="List the values of 3x_1 + x_2 + x_3 - 1 at the eight vertices. Which is the largest below 0?")


def check_three_gates(answer: Any) -> Feedback:
    """A net with three inputs, at most three gates and no output constant that is the majority on the cube."""

    def right(net: ReLUNet) -> bool:
        small = net.hidden_layers == 1 and net.size <= 3 and not net.has_output_bias
        return small and computes(net, ltf_table([1, 1, 1]))

    return feedback(answer, right, right="A gate with weights 0 and bias 1 is a constant in disguise.",
                    hint="Start from ltf_to_relu([1, 1, 1]), and read its weights and biases. What could a third gate "
                         "be, so that it has the same value at every vertex?")


def check_strip(answer: Any) -> Feedback:
    """A point of [−1, 1]^3 where the ramp of the majority gate is neither −1 nor 1."""

    def right(point: Sequence[Real]) -> bool:
        x = np.asarray(point, dtype=float).reshape(1, 3)
        return bool((abs(x) <= 1).all()) and abs(float(ltf_to_relu([1, 1, 1])(x)[0, 0])) < 1

    return feedback(answer, right, right="No threshold gate has that value: on real inputs the ramp shows.",
                    hint="Give three numbers from -1 to 1. The ramp is strictly between its ends where the sum of the "
                         "three lies inside the gap.")
