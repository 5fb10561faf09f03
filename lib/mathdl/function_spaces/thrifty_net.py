"""Zonotope functions that nets with a layer less compute, with fewer gates than the printed lower bound. Ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

from mathdl.function_spaces.generators import canonicalize
from mathdl.function_spaces.hard import sawtooth
from mathdl.function_spaces.support_net import support_net
from mathdl.function_spaces.zonotope_function import ZonotopeFunction
from mathdl.nets.entries import as_exact
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

# The ramps of this sawtooth have slopes 23/2, −23/3, 23/6, −23/6, 23/6. Two coincidences save the gates:
# s_2 = s_4 + s_5 and s_1 = s_2 + s_5.
MAXIMUM, KNOTS = 23, (2, 5, 11, 17)


def thrifty_function(generators: Sequence[Sequence], depth: int) -> ZonotopeFunction:
    """f = H ∘ γ_Z with M = 23 and a^1 = … = a^k = (2, 5, 11, 17), k = `depth`: a member of the family with w = 5."""
    return ZonotopeFunction(MAXIMUM, [KNOTS] * depth, generators)


def thrifty_net(generators: Sequence[Sequence], depth: int) -> ReLUNet:
    """A net with k = `depth` hidden layers for `thrifty_function`: 4k + 5 gates if the generators have rank 1.

    Otherwise 4k + 18 + m gates. Every layer has one gate at each breakpoint and none for a linear part. Raises
    ValueError for a depth below 1, or below 2 when the rank is 2 or more.
    """
    rows = canonicalize(as_exact(generators))
    h = sawtooth(MAXIMUM, KNOTS)
    folded = PWL1D([0], [-1, 1], [0, 0])  # x ↦ |x|
    if len(rows) == 1:
        inner = hinges_both_ways(h.compose(folded), (4, 5)).compose(ReLUNet.affine(rows, [0]))
    else:
        inner = hinges_both_ways(_right_part(h.compose(h)), (0, 3)).compose(support_net(as_exact(generators), "m+2"))
    if depth < inner.hidden_layers:
        raise ValueError(f"expected depth >= {inner.hidden_layers} for {len(rows)} directions; got {depth}")
    for _ in range(depth - inner.hidden_layers):
        inner = hinges_both_ways(_right_part(h), (0, 3)).compose(inner)
    return inner


def hinges_both_ways(f: PWL1D, leftward: Collection[int]) -> ReLUNet:
    """The net with one gate at each breakpoint t_i of f, which is σ(t_i − x) for i in `leftward` and σ(x − t_i) else.

    Raises ValueError unless the slope jumps in `leftward` sum to minus the leftmost slope.
    """
    jumps = [right - left for left, right in pairwise(f.slopes)]
    if sum(jumps[i] for i in leftward) != -f.slopes[0]:
        raise ValueError(f"expected slope jumps that sum to {-f.slopes[0]}; got {[str(jumps[i]) for i in leftward]}")
    sides = np.array([-1 if i in leftward else 1 for i in range(len(jumps))], dtype=object)
    hinges = ReLUNet([sides[:, None], [jumps]], [-sides * f.breaks, [0]], exact=True)
    at_zero = hinges([[0]])[0, 0]
    return ReLUNet(hinges.weights, [hinges.biases[0], [f(0) - at_zero]])


def _right_part(h: PWL1D) -> PWL1D:
    """h on [0, ∞), its first ramp continued to the left."""
    return PWL1D(h.breaks[1:], h.slopes[1:], h.intercepts[1:])
