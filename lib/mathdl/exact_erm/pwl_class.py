"""Which piecewise linear functions on the line a net with w gates represents: exact membership, with its certificate.

Write f(x) = s x + c + Σ κ_j σ(x - a_j) with the left slope s. Each breakpoint a_j needs a gate. A gate that lives on
the left of a_j contributes κ_j σ(a_j - x) = κ_j σ(x - a_j) - κ_j (x - a_j), so with the gates of a set L turned to the
left there remains ρ_L(x) = s x + c + Σ_L κ_j (x - a_j), and everything depends on what ρ_L costs (*ours*).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from numbers import Real

from mathdl.function_spaces.sizes_1d import smallest_net_1d, subset_with_sum
from mathdl.nets.entries import fraction
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

MOST = 16  # breakpoints of which all subsets are tried
Gate = tuple[Fraction, Fraction, Fraction]  # a, b, top weight


@dataclass(frozen=True, eq=False)
class LineClass:
    """The least width of a net for a function on the line, and why no smaller one does.

    `jumps` are the changes of slope at the breakpoints, `target` is minus the left slope, `left` the breakpoints (from
    0) whose jumps add up to it: the certificate that as many gates as breakpoints do. It is None when there is no such
    set; `nearest` is then the subset sum closest to the target, which proves it by its distance.
    """

    pwl: PWL1D
    output_bias: bool
    width: int
    jumps: tuple[Fraction, ...]
    target: Fraction
    left: tuple[int, ...] | None
    nearest: Fraction | None
    net: ReLUNet

    @property
    def breakpoints(self) -> int:
        """How many breakpoints the function has: no net with fewer gates can be it."""
        return len(self.jumps)

    @property
    def certificate(self) -> str:
        """What is needed, and the jumps that add up to it, or the sum that comes nearest."""
        needed = f"needed {_short(self.target)}"
        if not self.jumps:
            return f"{needed}: no jumps to add up"
        if self.left is None:
            return f"{needed}: no subset sum, nearest {_short(self.nearest)}"
        return f"{needed} = " + (" + ".join(f"({_short(self.jumps[j])})" for j in self.left) or "the empty sum")


def smallest_width_of(pwl: PWL1D, output_bias: bool = True) -> int:
    """The least w such that a net with w gates is the function on the whole line (*ours*); at most 40 breakpoints.

    With output bias: p - 1 or p for p ≥ 2 pieces, 2 for a slanted line, 0 for a constant.
    """
    return smallest_net_1d(pwl, output_bias).size


def line_class(pwl: PWL1D, output_bias: bool = True) -> LineClass:
    """The least width with its certificate and a net that attains it, all exact; ValueError above 16 breakpoints."""
    f = pwl.exact()
    kappa, target = jumps(f), -f.slopes[0]
    _few(kappa)
    left = subset_with_sum([(k,) for k in kappa], (target,)) if kappa else None
    sums = {sum(chosen, Fraction(0)) for r in range(len(kappa) + 1) for chosen in combinations(kappa, r)}
    net = smallest_net_1d(f, output_bias)
    return LineClass(f, output_bias, net.size, kappa, target, left, min(sums, key=lambda s: abs(s - target)), net)


def is_represented(pwl: PWL1D, width: int, output_bias: bool = True) -> bool:
    """Whether some net with `width` gates is the function; gates may have weight 0, so more of them never hurt."""
    return smallest_width_of(pwl, output_bias) <= width


def jumps(pwl: PWL1D) -> tuple[Fraction, ...]:
    """κ_j, the change of slope at each breakpoint, exact."""
    s = pwl.exact().slopes
    return tuple(b - a for a, b in pairwise(s))


def restricted(pwl: PWL1D, low: Real, high: Real) -> PWL1D:
    """The function that agrees on [low, high] and has no breakpoints elsewhere, exact; ValueError unless low < high."""
    f, low, high = pwl.exact(), fraction(low), fraction(high)
    if not low < high:
        raise ValueError(f"expected low < high; got {low} and {high}")
    inside = [i for i, t in enumerate(f.breaks) if low < t < high]
    first = sum(t <= low for t in f.breaks)
    pieces = slice(first, first + len(inside) + 1)
    return PWL1D([f.breaks[i] for i in inside], f.slopes[pieces], f.intercepts[pieces])


def smallest_net_on(pwl: PWL1D, low: Real, high: Real, output_bias: bool = True) -> ReLUNet:
    """An exact net with the fewest gates that agrees with the function on [low, high] (*ours*).

    A gate may now bend outside, where nobody looks: a rest ρ_L that does not change its sign costs one gate instead of
    two. Raises ValueError for more than 16 breakpoints inside, or unless low < high.
    """
    f = restricted(pwl, low, high)
    kappa = jumps(f)
    _few(kappa)
    ends = fraction(low), fraction(high)
    found = min((_gates(f, kappa, L, ends, output_bias) for L in _subsets(len(kappa))), key=lambda g: len(g[0]))
    gates, constant = found
    if not gates:
        return ReLUNet.affine([[Fraction(0)]], [constant])
    a, b, top = zip(*gates, strict=True)
    return ReLUNet([[[u] for u in a], [list(top)]], [list(b), [constant]], exact=True)


def _gates(f: PWL1D, kappa: Sequence[Fraction], L: Sequence[int], ends: tuple[Fraction, Fraction],
           output_bias: bool) -> tuple[list[Gate], Fraction]:
    """Gates and output bias with the breakpoints of L turned to the left, and the cheapest gates for the rest ρ_L."""
    gates = [(Fraction(-1), a, k) if j in L else (Fraction(1), -a, k)
             for j, (a, k) in enumerate(zip(f.breaks, kappa, strict=True))]
    r = f.slopes[0] + sum(kappa[j] for j in L)
    c = f.intercepts[0] - sum(kappa[j] * f.breaks[j] for j in L)
    if output_bias:
        lowest = r * min(ends, key=lambda x: r * x)
        return ([*gates, (r, -lowest, Fraction(1))] if r else gates), c + lowest
    if r == c == 0:
        return gates, Fraction(0)
    low, high = (r * x + c for x in ends)
    if low * high >= 0:
        sign = Fraction(1 if low + high > 0 else -1)
        return [*gates, (sign * r, sign * c, sign)], Fraction(0)
    at = -c / r
    if at in f.breaks:  # the two gates at one breakpoint take the rest with them: the jump stays their sum
        i = f.breaks.index(at)
        gates[i] = (Fraction(1), -at, r + (0 if i in L else kappa[i]))
        return [*gates, (Fraction(-1), at, (kappa[i] if i in L else 0) - r)], Fraction(0)
    return [*gates, (r, c, Fraction(1)), (-r, -c, Fraction(-1))], Fraction(0)


def _subsets(m: int) -> Iterator[tuple[int, ...]]:
    for size in range(m + 1):
        yield from combinations(range(m), size)


def _few(kappa: Sequence[Fraction]) -> None:
    if len(kappa) > MOST:
        raise ValueError(f"expected at most {MOST} breakpoints, of which all {2 ** MOST:,} subsets are tried; "
                         f"got {len(kappa)}")


def _short(x: Fraction) -> str:
    return str(x) if len(str(x)) <= 6 else f"{float(x):.4g}"
