"""Reading the parameters of a zonotope function off its values: the inverse of the parametrisation. Ours."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import prod

import numpy as np

from mathdl.function_spaces.generators import canonicalize
from mathdl.function_spaces.hard import recover_parameters, total_pieces
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.nets.entries import as_exact
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

PATIENCE = 100  # halvings of a step: more than the bits of any entry that a reader types
NO_ZONOTOPE = "expected H ∘ γ_Z for a zonotope Z; got a function whose bends fit no generators"
Knots = tuple[tuple[Fraction, ...], ...]


def recover_zonotope(net: ReLUNet, widths: Sequence[int], *,
                     rng: np.random.Generator) -> tuple[Fraction, Knots, np.ndarray]:
    """(M, (a^1..a^k), B) with net = H ∘ γ_Z and B canonical, from the net's function alone, exactly.

    A ray shows H stretched by γ_Z of its direction, and the end of the last ramp, at γ_Z = M, shows by how much. Near
    the origin γ_Z is the net over the first slope of H, and on a random line it bends once for each generator b, where
    its gradient jumps by 2 b. `widths` are those of H. Raises ValueError when the function is no such composition.
    """
    n, net = net.n_inputs, net.exact()
    stretched = [_on_line(net, 0 * e, e) for e in as_exact(np.eye(n, dtype=int))]
    scales = [_scale(phi, widths) if phi.n_pieces > 1 else Fraction(0) for phi in stretched]
    axis = next((i for i, g in enumerate(scales) if g), None)
    if axis is None:
        raise ValueError("expected a net that is not constant along every axis; got one that is")
    H = _right_half(stretched[axis]).compose(PWL1D([], [1 / scales[axis]], [0]))
    M, knots = recover_parameters(H, widths)
    gamma = _Support(net, H, scales)
    for _ in range(20):  # two bends coincide on a random line with probability below m²/2000
        p, d, *probes = as_exact(rng.integers(-1000, 1001, (2 * n + 4, n)))
        if gamma(p) and gamma(d):
            B = canonicalize(gamma.generators(p, d))
            if all(Zonotope(B).support(probes) == [gamma(r) for r in probes]):
                return M, knots, B
    raise ValueError(NO_ZONOTOPE)


class _Support:
    """γ_Z, read from the net near the origin."""

    def __init__(self, net: ReLUNet, H: PWL1D, scales: Sequence[Fraction]):
        self.net, self.scales = net, scales
        self.first_turn = next(t for t in H.breaks if t > 0)
        self.slope = H(self.first_turn) / self.first_turn

    def shrink(self, r: np.ndarray) -> Fraction:
        """A factor ε with γ_Z(ε r) at most half the first turn: γ_Z(r) <= Σ |r_i| γ_Z(e_i)."""
        return self.first_turn / (2 * (abs(r) @ self.scales) + 1)

    def __call__(self, r: np.ndarray) -> Fraction:
        eps = self.shrink(r)
        return self.net([eps * r])[0, 0] / (eps * self.slope)

    def gradient(self, r: np.ndarray) -> np.ndarray:
        """The gradient where γ_Z is linear: a convex function with equal steps to both sides is affine between them."""
        return np.array([self._partial(r, e) for e in as_exact(np.eye(len(r), dtype=int))])

    def _partial(self, r: np.ndarray, e: np.ndarray) -> Fraction:
        here = self(r)
        for step in (Fraction(1, 2 ** i) for i in range(PATIENCE)):
            ahead = self(r + step * e)
            if ahead - here == here - self(r - step * e):
                return (ahead - here) / step
        raise ValueError(NO_ZONOTOPE)

    def generators(self, p: np.ndarray, d: np.ndarray) -> np.ndarray:
        """Half the jumps of the gradient along the line p + t d: one row a bend, a generator if it bends alone."""
        bends = self._bends(p, d)
        between = [bends[0] - 1, *((s + t) / 2 for s, t in pairwise(bends)), bends[-1] + 1]
        gradients = [self.gradient(p + t * d) for t in between]
        return as_exact([(right - left) / 2 for left, right in pairwise(gradients)])

    def _bends(self, p: np.ndarray, d: np.ndarray) -> list[Fraction]:
        """All t at which γ_Z(p + t d) bends: on a line so near the origin that the outermost slopes are ±γ_Z(d)."""
        steepest, start = self(d), self.first_turn / (4 * self(p) + 1)
        reach = self.first_turn / (4 * steepest)  # γ is at most half the first turn for |t| <= reach
        for eps in (start / 4 ** i for i in range(PATIENCE)):
            f = _on_line(self.net, eps * p, d)
            seen = [i for i, t in enumerate(f.breaks) if abs(t) <= reach]
            if seen and f.slopes[seen[0]] == -steepest * self.slope == -f.slopes[seen[-1] + 1]:
                return [f.breaks[i] / eps for i in seen]
        raise ValueError(NO_ZONOTOPE)


def _on_line(net: ReLUNet, point: np.ndarray, direction: np.ndarray) -> PWL1D:
    return PWL1D.from_net(net.compose(ReLUNet.affine(direction[:, None], point)))


def _right_half(phi: PWL1D) -> PWL1D:
    return phi.compose(PWL1D([0], [0, 1], [0, 0]))


def _scale(phi: PWL1D, widths: Sequence[int]) -> Fraction:
    """γ_Z(d) from t ↦ H(γ_Z(d) |t|): M over the t at which ramp number ∏ w_i ends."""
    half = _right_half(phi)
    if half.n_pieces != total_pieces(widths):
        raise ValueError(f"expected {total_pieces(widths)} pieces along an axis, as H of widths {tuple(widths)} has; "
                         f"got {half.n_pieces}")
    M, start, slope = half(half.breaks[1]), half.breaks[prod(widths) - 1], half.slopes[prod(widths)]
    return M / (start + (M - 2 * half(start)) / slope)
