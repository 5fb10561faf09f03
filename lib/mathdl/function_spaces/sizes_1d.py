"""The least number of gates of a net with one hidden layer for a function on the line, with a net that attains it.

A gate of such a net bends at one point, so each breakpoint has a gate, and its jump of slope κ_i is the sum of what the
gates there contribute. Only gates that live on the left contribute to the leftmost piece. With one gate at each
breakpoint, the ones on the left must add up to it: that is a subset sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from mathdl.function_spaces.flaps import Flap, Flaps, flaps_of, kept
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

Vector = tuple[Fraction, ...]


def min_size_1d(f: PWL1D, output_bias: bool = True) -> int:
    """The least number of gates of any net with one hidden layer that is f (ours, by subset sums of the slope jumps).

    Raises ValueError when f has more than 40 breakpoints, where subset sums would take too long.
    """
    return smallest_net_1d(f, output_bias).size


def smallest_net_1d(f: PWL1D, output_bias: bool = True) -> ReLUNet:
    """An exact net of f with one hidden layer and the least number of gates (none if f is constant and may be)."""
    f = f.exact()
    flaps = _smallest_with_bias(f) if output_bias else _smallest_without_bias(f)
    return flaps.to_net(output_bias)


def subset_with_sum(vectors: Sequence[Vector], target: Vector) -> tuple[int, ...] | None:
    """Indices of vectors that add up to the target, or None; 2^(m/2) work by meeting in the middle.

    Raises ValueError for more than 40 vectors.
    """
    m = len(vectors)
    if m > 40:
        raise ValueError(f"subset sums of {m} breakpoints would take {2 ** (m // 2):,} steps and as much memory; "
                         "expected at most 40")
    zero = (Fraction(0),) * len(target)
    first = _subset_sums(vectors[:m // 2], zero)
    for rest, chosen in _subset_sums(vectors[m // 2:], zero).items():
        wanted = tuple(t - r for t, r in zip(target, rest, strict=True))
        if wanted in first:
            return (*first[wanted], *(i + m // 2 for i in chosen))
    return None


def _subset_sums(vectors: Sequence[Vector], zero: Vector) -> dict[Vector, tuple[int, ...]]:
    """Every subset sum with a shortest subset that has it."""
    sums = {zero: ()}
    for i, v in enumerate(vectors):
        for total, chosen in list(sums.items()):
            sums.setdefault(tuple(a + b for a, b in zip(total, v, strict=True)), (*chosen, i))
    return sums


def _jumps(f: PWL1D) -> list[Fraction]:
    """κ_i, the change of slope at each breakpoint."""
    return [right - left for left, right in zip(f.slopes, f.slopes[1:], strict=False)]


def _hinges(f: PWL1D, left: Sequence[int]) -> list[Flap]:
    """One flap for each breakpoint with its whole jump; those in `left` live on the left."""
    return [Flap(a, -k, False) if i in left else Flap(a, k, True)
            for i, (a, k) in enumerate(zip(f.breaks, _jumps(f), strict=True))]


def _shared(f: PWL1D, left: Sequence[int], i: int) -> list[Flap]:
    """The same with two flaps at breakpoint i, which take what the left slope still needs; i is not in `left`."""
    missing = f.slopes[0] + sum(_jumps(f)[j] for j in left)
    flaps = _hinges(f, left)
    flaps[i] = Flap(f.breaks[i], _jumps(f)[i] + missing, True)
    return [*flaps, Flap(f.breaks[i], missing, False)]


def _with_constant(f: PWL1D, flaps: Sequence[Flap]) -> Flaps:
    """The flaps, which have the slopes of f, with the constant that makes them f."""
    x = f.breaks[0] if len(f.breaks) else Fraction(0)
    there = sum(flap.slope * (x - flap.at) for flap in flaps if (x > flap.at) == flap.right)
    return kept(flaps, f(x) - there)


def _smallest_with_bias(f: PWL1D) -> Flaps:
    """p − 1 flaps when −s_L is a sum of some of the jumps (those flaps live on the left), p otherwise."""
    if f.n_pieces == 1:
        return flaps_of(f)
    left = subset_with_sum([(k,) for k in _jumps(f)], (-f.slopes[0],))
    return _with_constant(f, _shared(f, (), 0) if left is None else _hinges(f, left))


def _smallest_without_bias(f: PWL1D) -> Flaps:
    """As with bias, but the intercept must come out right too: from p − 1 to p + 1 gates."""
    if f.n_pieces == 1:
        return flaps_of(f)
    jumps, s, c = _jumps(f), f.slopes[0], f.intercepts[0]
    left = subset_with_sum([(k, k * a) for k, a in zip(jumps, f.breaks, strict=True)], (-s, c))
    if left is not None:
        return _with_constant(f, _hinges(f, left))
    left = subset_with_sum([(k,) for k in jumps], (-s,))
    if left is not None:  # the slopes come out with p − 1 flaps, and a gate of weight 0 makes the constant
        return _with_constant(f, _hinges(f, left))
    for i, at in enumerate(f.breaks):  # two flaps at breakpoint i: the others on the left must make the value there
        others = [j for j in range(len(jumps)) if j != i]
        chosen = subset_with_sum([(jumps[j] * (f.breaks[j] - at),) for j in others], (c + s * at,))
        if chosen is not None:
            return _with_constant(f, _shared(f, [others[j] for j in chosen], i))
    return _with_constant(f, _shared(f, (), 0))
