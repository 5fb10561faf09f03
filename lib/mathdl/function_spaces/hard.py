"""Hard functions on the line: compositions of sawtooths, which a deep net builds cheaply and a shallow one does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from itertools import combinations, pairwise
from math import prod
from numbers import Real

import numpy as np

from mathdl.function_spaces.simplex import Simplex
from mathdl.nets.entries import fraction
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

Breakpoints = tuple[Fraction, ...]


@dataclass(frozen=True)
class HardFunction:
    """H = h_{a^k} ∘ … ∘ h_{a^1} with parameters M and a^i ∈ Δ_M^{p_i} (Mukherjee 2020, Definition 5).

    `breakpoints` holds a^1, …, a^k, which may differ in length; make one with `hard_function`, which checks them.
    """

    maximum: Fraction
    breakpoints: tuple[Breakpoints, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """(w_1, …, w_k) with w_i = p_i + 1: gates of layer i, and pieces of h_{a^i} on [0, M]."""
        return tuple(len(a) + 1 for a in self.breakpoints)

    @cached_property
    def teeth(self) -> tuple[PWL1D, ...]:
        """h_{a^1}, …, h_{a^k}."""
        return tuple(sawtooth(self.maximum, a) for a in self.breakpoints)

    @cached_property
    def pwl(self) -> PWL1D:
        """H itself, with exact breakpoints, slopes and intercepts."""
        return reduce(lambda inner, h: h.compose(inner), self.teeth)

    @cached_property
    def net(self) -> ReLUNet:
        """The net with k hidden layers of exactly w_1, …, w_k gates (Mukherjee 2020, Theorem 2.3.2)."""
        return reduce(lambda inner, h: hinge_net(h).compose(inner), self.teeth[1:], hinge_net(self.teeth[0]))


def hard_function(maximum: Real, breakpoints: Sequence[Sequence[Real]]) -> HardFunction:
    """The function H of M = `maximum` and [a^1, …, a^k] (Mukherjee 2020, Definition 5); floats at their binary value.

    An empty a^i is allowed: then h_{a^i} is σ. Raises ValueError unless M > 0 and 0 < a^i_1 < … < a^i_p < M.
    """
    M = fraction(maximum)
    if not len(breakpoints):
        raise ValueError("expected at least one tuple of breakpoints, such as [(1/3, 2/3)]; got none")
    return HardFunction(M, tuple(_checked(M, i, a) for i, a in enumerate(breakpoints, start=1)))


def random_hard_function(widths: Sequence[int], *, maximum: Real = 1, rng: np.random.Generator) -> HardFunction:
    """A hard function whose breakpoints are drawn without ties from the 10,006 interior points i M / 10007."""
    M, grid = fraction(maximum), 10007
    draws = [sorted(rng.choice(np.arange(1, grid), size=w - 1, replace=False)) for w in widths]
    return hard_function(M, [[M * int(i) / grid for i in draw] for draw in draws])


def sawtooth(maximum: Real, breakpoints: Sequence[Real]) -> PWL1D:
    """h_a: 0 for x ≤ 0, then up to M and down to 0 in turn at the breakpoints, last piece continued (Definition 5).

    p + 2 pieces for p breakpoints. Raises ValueError unless 0 < a_1 < … < a_p < M.
    """
    M = fraction(maximum)
    a = _checked(M, 1, breakpoints)
    xs, ys = (Fraction(0), *a, M), [M * (i % 2) for i in range(len(a) + 2)]
    return PWL1D.from_points(xs, ys, 0, (ys[-1] - ys[-2]) / (xs[-1] - xs[-2]))


def hinge_net(f: PWL1D) -> ReLUNet:
    """The net with one gate at each breakpoint of a function that is constant on the left (Corollary 2.A.1)."""
    if f.slopes[0] != 0 or f.n_pieces < 2:
        raise ValueError(f"expected a function with a breakpoint, constant to its left; got slope {f.slopes[0]} "
                         f"and {f.n_pieces} pieces")
    jumps = [right - left for left, right in pairwise(f.slopes)]
    return ReLUNet([[[1]] * len(jumps), [jumps]], [[-t for t in f.breaks], [f.intercepts[0]]], exact=f.is_exact)


def count_ramps(f: PWL1D, maximum: Real) -> int:
    """The number of pieces of f inside [0, M] on which it runs from 0 to M or from M to 0 (Lemma 2.3.5)."""
    M = fraction(maximum)
    values = [f(x) for x in (Fraction(0), *(t for t in f.breaks if 0 < t < M), M)]
    return sum({left, right} == {0, M} for left, right in pairwise(values))


def total_pieces(widths: Sequence[int]) -> int:
    """The pieces of H on the whole line: ∏ w_i + 1, and one more if a layer before the last has even width.

    Ours. Left of 0 there is one flat piece. Beyond M the last ramp goes on, unless a layer before the last ends in a
    falling ramp (even width): the next layer sends its negative values to 0, and H is flat from M on.
    """
    return prod(widths) + 1 + any(w % 2 == 0 for w in widths[:-1])


def recover_parameters(function: HardFunction | ReLUNet | PWL1D,
                       widths: Sequence[int]) -> tuple[Fraction, tuple[Breakpoints, ...]]:
    """(M, (a^1, …, a^k)) of a hard function with the given widths, read off its graph; inverse of `hard_function`.

    With b_0 = 0 < b_1 < … the breakpoints of H: M = H(b_1), and on its first ramp the composition of the first l − 1
    sawtooths is x ∏_{i<l} M / a^i_1, so a^l_j is b_m times that slope, m = j ∏_{i>l} w_i. Raises ValueError when the
    function is no hard function of these widths, and when all widths are 1 (H = σ for every M).
    """
    H = as_pwl(function)
    if not len(widths) or min(widths) < 1 or max(widths) == 1:
        raise ValueError(f"expected widths >= 1, one of them >= 2, since M is the height of a peak; got {widths}")
    if H.n_pieces != total_pieces(widths) or not H.is_exact:
        raise ValueError(f"expected an exact function with {total_pieces(widths)} pieces, as every hard function of "
                         f"widths {tuple(widths)}; got {H!r}")
    M, slope, found = H(H.breaks[1]), Fraction(1), []
    for layer, w in enumerate(widths, start=1):
        step = prod(widths[layer:])
        found.append(tuple(slope * H.breaks[j * step] for j in range(1, w)))
        slope *= M / (*found[-1], M)[0]
    if hard_function(M, found).pwl != H:
        raise ValueError(f"expected a hard function of widths {tuple(widths)}; got another with as many pieces")
    return M, tuple(found)


def collapse(function: HardFunction, hidden_layers: int) -> ReLUNet:
    """The same function by a net with fewer hidden layers: neighbouring sawtooths are multiplied out. Ours.

    On [0, M] a composition of sawtooths is again a sawtooth, so a block of layers becomes one layer with as many gates
    as the block has ramps. Blocks are chosen for the smallest size. Raises ValueError unless 1 ≤ layers ≤ k.
    """
    k = len(function.widths)
    if not 1 <= hidden_layers <= k:
        raise ValueError(f"expected between 1 and {k} hidden layers; got {hidden_layers}")
    cuts = min(combinations(range(1, k), hidden_layers - 1), key=lambda cut: _gates(function.widths, cut))
    *first, last = [HardFunction(function.maximum, function.breakpoints[i:j]) for i, j in pairwise([0, *cuts, k])]
    # Beyond M an early block may fall below 0 instead of staying at 0: the next block sends both to 0.
    layers = [hinge_net(sawtooth(b.maximum, _inner_breaks(b.pwl, b.maximum))) for b in first]
    tail_is_flat = any(prod(b.widths) % 2 == 0 for b in first)
    top = sawtooth(last.maximum, _inner_breaks(last.pwl, last.maximum)) if tail_is_flat else last.pwl
    return reduce(lambda inner, outer: outer.compose(inner), [*layers, hinge_net(top)])


def as_pwl(function: HardFunction | ReLUNet | PWL1D) -> PWL1D:
    """The function on the line as an exact PWL1D, whatever holds it."""
    if isinstance(function, HardFunction):
        return function.pwl
    return PWL1D.from_net(function.exact()) if isinstance(function, ReLUNet) else function.exact()


def _gates(widths: Sequence[int], cuts: Sequence[int]) -> int:
    return sum(prod(widths[i:j]) for i, j in pairwise([0, *cuts, len(widths)]))


def _inner_breaks(f: PWL1D, maximum: Fraction) -> list[Fraction]:
    return [t for t in f.breaks if 0 < t < maximum]


def _checked(M: Fraction, layer: int, breakpoints: Sequence[Real]) -> Breakpoints:
    a = tuple(fraction(x) for x in breakpoints)
    if M <= 0:
        raise ValueError(f"expected M > 0; got M = {M}")
    if a and not Simplex(M, len(a)).contains(a):
        raise ValueError(f"layer {layer}: expected 0 < a_1 < … < a_p < M = {M} without ties, since h has to be 0 and M "
                         f"in turn at these points; got {', '.join(map(str, a))}. Sort them and move equal ones apart")
    return a
