"""Triangle waves against functions with few pieces, in L¹[0, 1]: exact errors, the lower bound, the best fits known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import ceil, floor, sqrt
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from mathdl.function_spaces.gap import ceil_root, min_size_lower_bound
from mathdl.function_spaces.hard import HardFunction, as_pwl, hard_function, hinge_net, sawtooth
from mathdl.nets.entries import fraction
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

if TYPE_CHECKING:
    import torch

HALF = Fraction(1, 2)


def triangle_wave(width: int, depth: int) -> HardFunction:
    """s_q, q = width^depth ramps on [0, 1]: `depth` times the sawtooth with breakpoints i / width (Theorem 2.3.6)."""
    if width < 1 or depth < 1:
        raise ValueError(f"expected width >= 1 and depth >= 1; got {width} and {depth}")
    return hard_function(1, [[Fraction(i, width) for i in range(1, width)]] * depth)


def ramps(q: int) -> PWL1D:
    """The triangle wave with q ramps on [0, 1] for any q ≥ 1, up from 0 first."""
    if q < 1:
        raise ValueError(f"expected at least one ramp; got q = {q}")
    return sawtooth(1, [Fraction(i, q) for i in range(1, q)])


def l1_distance(f: HardFunction | ReLUNet | PWL1D, g: HardFunction | ReLUNet | PWL1D) -> Fraction:
    """∫ |f − g| over [0, 1], as a rational number."""
    return as_pwl(f).l1_distance(as_pwl(g), 0, 1)


def l1_lower_bound(q: int, pieces: int) -> Fraction:
    """max(0, ⌊q/2⌋ − (p − 1)) / 2q ≤ ‖s_q − g‖ for every g with p pieces on [0, 1] (proof of Theorem 2.3.6)."""
    if q < 1 or pieces < 1:
        raise ValueError(f"expected q >= 1 ramps and at least one piece; got {q} and {pieces}")
    return Fraction(max(0, q // 2 - (pieces - 1)), 2 * q)


def fewest_pieces(q: int, delta: Real) -> int:
    """The fewest pieces with which the lower bound still allows an error of at most δ."""
    _check_delta(delta)
    return max(1, ceil(q // 2 + 1 - 2 * q * fraction(delta)))


def printed_size(width: int, depth: int, shallow: int, delta: Real) -> float:
    """k' w^{k/k'} (1 − 4δ)^{1/k'} / 2^{1 + 1/k'}, the size in Theorem 2.3.6 as printed; needs 0 < δ < ¼."""
    _check_delta(delta)
    return shallow / 2 * (width**depth * (1 - 4 * float(delta)) / 2) ** (1 / shallow)


def allowed_size(width: int, depth: int, shallow: int, delta: Real) -> int:
    """The integer part of `printed_size`, in integers: largest s with (2s/k')^{k'} ≤ q (1 − 4δ) / 2."""
    _check_delta(delta)
    limit = floor(width**depth * (1 - 4 * fraction(delta)) * shallow**shallow / 2)
    return (ceil_root(limit + 1, shallow) - 1) // 2


def size_needed(q: int, shallow: int, delta: Real) -> int:
    """The least size of a net with at most k' hidden layers within δ of the wave with q ramps. Ours: whoever is that
    close has `fewest_pieces`, and (1 + s/j)^j, which bounds the pieces of j layers and s gates, grows with j."""
    return min_size_lower_bound(fewest_pieces(q, delta), shallow, "sharp")


def most_pieces(size: int, shallow: int) -> int:
    """max ∏ (w_i + 1) over at most k' layers with `size` gates in all: no such net has more pieces on the line."""
    if size < 0 or shallow < 1:
        raise ValueError(f"expected size >= 0 and at least one hidden layer; got {size} and {shallow}")
    layers = max(1, min(size, shallow))
    small, large = divmod(size, layers)
    return (small + 2) ** large * (small + 1) ** (layers - large)


def triangle_error(left: Real, right: Real) -> Fraction:
    """q ∫ |s_q − g| over one triangle, for g affine with values y₁ = `left` and y₂ = `right` at its feet; exact."""
    tent = PWL1D.from_points([0, 1, 2], [0, 1, 0], 0, 0).exact()
    y1, y2 = fraction(left), fraction(right)
    return tent.l1_distance(PWL1D([], [(y2 - y1) / 2], [y1]), 0, 2)


def triangle_closed_form(left: Real, right: Real) -> Fraction:
    """−3 + y₁ + y₂ + 2y₁²/(2+y₁−y₂) + 2(2−y₁)²/(2−y₁+y₂) as printed; right for y ≥ 0, y₁ + y₂ ≤ 2, |y₁ − y₂| < 2."""
    y1, y2 = fraction(left), fraction(right)
    if abs(y1 - y2) == 2:
        raise ValueError(f"expected |y1 - y2| != 2, where the printed formula divides by 0; got {left} and {right}")
    return -3 + y1 + y2 + 2 * y1**2 / (2 + y1 - y2) + 2 * (2 - y1) ** 2 / (2 - y1 + y2)


@dataclass(frozen=True)
class L1Fit:
    """A function with at most `pieces` pieces on [0, 1] and its exact distance to the wave with q ramps."""

    q: int
    pieces: int
    function: PWL1D
    error: Fraction


@lru_cache(maxsize=512)
def best_l1_fit(q: int, pieces: int) -> L1Fit:
    """The best L¹ fit known to the wave with q ramps; its error is exact, and an upper bound on the best possible.

    With p ≥ q pieces it is the wave. Else it follows the wave up to a point τ of ramp p − 1 and leaves it on one line
    to (1, y): two numbers to search. With p = 1 it is the constant ½ (q even, optimal) or the best line y, 1 − y. The
    shape was found by searching all knots and values, and no linear program on a knot grid does better (tested); that
    it is the best is a conjecture.
    """
    l1_lower_bound(q, pieces)  # refuses what is out of range
    follow = min(pieces, q) - 1
    if pieces >= q:
        g = ramps(q)
    elif pieces == 1:
        y = HALF if q % 2 == 0 else _rounded(_best_line(q))
        g = PWL1D([], [1 - 2 * y if q % 2 else 0], [y]).exact()
    else:
        tau, y = map(_rounded, _leave(q, follow))
        xs = [Fraction(i, q) for i in range(follow)] + [tau / q, Fraction(1)]
        ys = [Fraction(i % 2) for i in range(follow)] + [_height(tau), y]
        g = PWL1D.from_points(xs, ys, q, (ys[-1] - ys[-2]) / (xs[-1] - xs[-2]))
    return L1Fit(q, pieces, g, l1_distance(ramps(q), g))


def l1_fit_at_knots(q: int, knots: Sequence[Real], *, samples: int = 40) -> L1Fit:
    """The best fit with the given knots in (0, 1): a linear program for its values, `samples` midpoints to a ramp.

    The program has one variable for each value and one for each sample, and is solved by HiGHS.
    """
    from scipy.optimize import linprog

    t = np.array([0, *sorted(float(x) for x in knots), 1])
    if (np.diff(t) <= 0).any():
        raise ValueError(f"expected different knots strictly between 0 and 1; got {list(knots)}")
    n, m = samples * q, len(t)
    x = (np.arange(n) + 0.5) / n
    s = np.interp(x * q, range(q + 1), [i % 2 for i in range(q + 1)])
    B = np.stack([np.interp(x, t, hat) for hat in np.eye(m)], axis=1)  # (n, m): g(x) = B y
    slack = -np.eye(n)
    program = linprog(np.r_[np.zeros(m), np.full(n, 1 / n)], np.block([[B, slack], [-B, slack]]), np.r_[s, -s],
                      bounds=[(None, None)] * m + [(0, None)] * n, method="highs")
    y = program.x[:m]
    slopes = np.diff(y) / np.diff(t)
    g = PWL1D.from_points(t, y, slopes[0], slopes[-1]).exact()
    return L1Fit(q, m - 1, g, l1_distance(ramps(q), g))


def shallow_net(g: PWL1D) -> ReLUNet:
    """A net with one hidden layer that equals g on [0, 1]: a gate for the slope at 0 and one for each breakpoint."""
    inner = [t for t in g.breaks if 0 < t < 1]
    xs = [Fraction(0), *inner, Fraction(1)]
    ys = [g(x) for x in xs]
    if set(ys) == {ys[0]}:
        return ReLUNet.affine([[Fraction(0)]], [ys[0]])
    return hinge_net(PWL1D.from_points(xs, ys, 0, (ys[-1] - ys[-2]) / (1 - xs[-2])))


def cheapest_net(q: int, delta: Real) -> ReLUNet:
    """The net with one hidden layer for the best fit known with the fewest pieces whose error is at most δ."""
    fits = (best_l1_fit(q, p) for p in range(1, q + 1))
    return shallow_net(next(fit.function for fit in fits if fit.error <= delta))


def one_gate_fit(q: int) -> ReLUNet:
    """½ ± q σ(x − 1 + 1/2q): constant ½, then along the last half ramp; error ¼ − 1/8q with a single gate. Ours."""
    sign = -1 if q % 2 == 0 else 1
    return ReLUNet([[[1]], [[sign * q]]], [[Fraction(1, 2 * q) - 1], [HALF]], exact=True)


def quadratic_triangle_fit() -> tuple[float, float, float]:
    """(c, d, error) of the best c + d (x − 1)² for a triangle on [0, 2], error (√5 − 2)/2 ≈ 0.118 in units of 1/q.

    Ours. The difference has to change sign at distances a and a + ½ from the peak, where 4a² + 2a = 1: then its sign
    is orthogonal to 1 and (x − 1)². An affine function has error ½.
    """
    a = (sqrt(5) - 1) / 4
    d = -1 / (2 * a + 0.5)  # through (a, 1 - a) and (a + 1/2, 1/2 - a)
    return 1 - a - d * a**2, d, (sqrt(5) - 2) / 2


def trained_errors(q: int, gates: Sequence[int], *, runs: int, steps: int, generator: torch.Generator) -> np.ndarray:
    """L¹ errors, shape (len(gates), runs), of one-hidden-layer nets trained on the wave with q ramps by Adam.

    Hinges start uniformly in [0, 1], slopes ±1; the loss is the mean of |s − g| at 16 q points, and the step decays
    from 0.03 to 0. The error returned is the integral of |s − g| itself, of the trained net and not of the sample.
    """
    import torch

    n, m = len(gates) * runs, max(gates)
    on = (torch.arange(m) < torch.tensor(gates).repeat_interleave(runs)[:, None]).double()  # (n, m)
    W = torch.where(torch.rand(n, m, generator=generator) < 0.5, -1.0, 1.0).double()
    b = -W * torch.rand(n, m, generator=generator).double()
    v = torch.randn(n, m, generator=generator).double() * on
    c = torch.full((n,), 0.5).double()
    x = (torch.arange(16 * q) + 0.5).double() / (16 * q)
    s = torch.from_numpy(np.asarray(ramps(q).rounded()(x.numpy())))
    parameters = [z.requires_grad_() for z in (W, b, v, c)]
    adam = torch.optim.Adam(parameters, lr=0.03)
    for step in range(steps):
        adam.param_groups[0]["lr"] = 0.03 * (1 - step / steps)
        hidden = torch.relu(W[:, :, None] * x + b[:, :, None])  # (n, m, samples)
        g = ((v * on)[:, None, :] @ hidden)[:, 0] + c[:, None]
        adam.zero_grad()
        (g - s).abs().mean(1).sum().backward()
        adam.step()
    W, b, v, c = (z.detach().numpy() for z in parameters)
    nets = [ReLUNet([W[i, :k, None], v[i, None, :k]], [b[i, :k], c[i, None]])
            for i, k in enumerate(np.repeat(gates, runs))]
    wave = ramps(q).rounded()
    return np.array([wave.l1_distance(PWL1D.from_net(net), 0, 1) for net in nets]).reshape(len(gates), runs)


def _check_delta(delta: Real) -> None:
    if not 0 < delta < Fraction(1, 4):
        raise ValueError(f"expected 0 < delta < 1/4, since the constant 1/2 has error 1/4; got {delta}")


def _rounded(x: float) -> Fraction:
    return Fraction(float(x)).limit_denominator(10**4)


def _height(x: Real) -> Real:
    """The wave with ramps of length 1 at x ≥ 0."""
    return 1 - abs(x % 2 - 1)


def _line_error(q: int, x: float, left: float, right: float) -> float:
    """∫ |s − line| / q over [x, q] for the wave with ramps of length 1 and the line from (x, left) to (q, right)."""
    t = np.concatenate([[x], np.arange(floor(x) + 1, q + 1)])
    d = left + (right - left) * (t - x) / (q - x) - _height(t)
    a, b = abs(d[:-1]), abs(d[1:])
    opposite = d[:-1] * d[1:] < 0
    cell = np.where(opposite, (a**2 + b**2) / np.where(opposite, 2 * (a + b), 1), (a + b) / 2)
    return float(cell @ np.diff(t)) / q


def _best_line(q: int) -> float:
    """y of the best line from (0, y) to (1, 1 − y): for q odd the wave has this symmetry, and the error is convex."""
    from scipy.optimize import minimize_scalar

    return minimize_scalar(lambda y: _line_error(q, 0, y, 1 - y), bounds=(0, 1), method="bounded").x


def _leave(q: int, follow: int) -> tuple[float, float]:
    """(τ, y): follow q x-ramps up to τ in [follow − 1, follow], then one line to (q, y); best of a grid, polished."""
    from scipy.optimize import minimize

    def error(at: Sequence[float]) -> float:
        tau = min(max(at[0], follow - 1), follow)
        return _line_error(q, tau, _height(tau), at[1])

    start = min(product(np.linspace(follow - 1, follow, 21), np.linspace(0, 1, 21)), key=error)
    tau, y = minimize(error, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}).x
    return min(max(tau, follow - 1), follow), y
