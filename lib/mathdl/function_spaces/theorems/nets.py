"""Statements on what a ReLU net is (section 1.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict
from mathdl.nets.entries import as_exact
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet
from mathdl.nets.rounding import rounding_bound

AffineMap = Callable[[np.ndarray], np.ndarray]


@statement("function_spaces/definition-1", "ReLU net", "Mukherjee 2020, Definition 1",
           says=r"f = A_{k+1}\circ\sigma\circ A_k\circ\dots\circ\sigma\circ A_1",
           measures="largest distance between the float64 and the exact values of a net",
           hypotheses=("k ≥ 1", "w_i ≥ 1"))
def relu_net_values(theorem: Theorem, /, *, widths: Sequence[int] = (2, 5, 4, 1), points: int = 100,
                    seed: int = 0) -> Verdict:
    """A random net (widths with inputs and outputs) in float64 against gate-by-gate arithmetic in Fractions.

    The points are dyadic, so both see the same numbers; `error` is the bound of `mathdl.nets.rounding`.
    Source: Mukherjee 2020, Definition 1.
    """
    rng = np.random.default_rng(seed)
    net = random_net(widths, rng=rng)
    x = rng.integers(-64, 65, size=(points, net.n_inputs)) / 16
    exact = np.array([gate_by_gate(net, row) for row in x])
    gap = abs(as_exact(net(x)) - exact).max()
    return theorem.verdict(given=(net.hidden_layers >= 1, min(net.widths, default=1) >= 1), measured=float(gap),
                           equals=0, error=float(rounding_bound(net, x).max()),
                           instance=f"{net!r}, {points} points")


def gate_by_gate(net: ReLUNet, x: Sequence) -> list[Fraction]:
    """The exact outputs at one point x (n_inputs,), each gate summed on its own: slow on purpose, a second route."""
    a = [Fraction(v) for v in x]
    for i, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        a = [max(v, Fraction(0)) for v in a] if i else a
        a = [sum((Fraction(w) * v for w, v in zip(row, a, strict=True)), Fraction(c))
             for row, c in zip(W, b, strict=True)]
    return a


@statement("function_spaces/definition-2", "Nets of given widths", "Mukherjee 2020, Definition 2",
           says=r"\mathcal F_{\{w_i\}} = \{A_{k+1}\circ\sigma\circ\dots\circ\sigma\circ A_1 \mid A_i \text{ affine}\}",
           measures="points where the composition of maps and the net of their matrices differ",
           hypotheses=("every A_i is affine",))
def nets_of_given_widths(theorem: Theorem, /, *, widths: Sequence[int] = (2, 4, 3, 1), points: int = 50,
                         bend: int = 0, seed: int = 0) -> Verdict:
    """Maps A_i given only as functions, composed with σ, against the net that reads W_i, b_i off n + 1 values of each.

    `bend` adds bend · x_1² to every output of A_1, which makes it no affine map. Source: Mukherjee 2020, Definition 2.
    """
    rng = np.random.default_rng(seed)
    model = random_net(widths, rng=rng, exact=True)
    maps = [_map(W, b, bend if i == 0 else 0) for i, (W, b) in enumerate(zip(model.weights, model.biases, strict=True))]
    net = net_of_maps(maps, widths)
    x = as_exact(rng.integers(-30, 31, size=(points, widths[0]))) / 7
    wrong = sum(list(_composition(maps, row)) != list(value) for row, value in zip(x, net(x), strict=True))
    affine = all(is_affine_on(A, n, rng=rng) for A, n in zip(maps, widths, strict=False))
    return theorem.verdict(given=(affine,), measured=wrong, equals=0, instance=f"{net!r}, {points} points")


def net_of_maps(maps: Sequence[AffineMap], widths: Sequence[int]) -> ReLUNet:
    """The net whose layers agree with the maps at 0 and at the unit vectors: b = A(0), W e_j = A(e_j) − A(0)."""
    biases = [A(as_exact([0] * n)) for A, n in zip(maps, widths, strict=False)]
    columns = [[A(e) - b for e in as_exact(np.eye(n, dtype=int))]
               for A, b, n in zip(maps, biases, widths, strict=False)]
    return ReLUNet([np.array(c).T for c in columns], biases)


def is_affine_on(A: AffineMap, n: int, *, rng: np.random.Generator, tries: int = 5) -> bool:
    """Whether A(x + y) + A(0) = A(x) + A(y) at random points; the maps used here are affine or bend somewhere."""
    pairs = as_exact(rng.integers(1, 50, size=(tries, 2, n)))
    return all((A(x + y) + A(0 * x) == A(x) + A(y)).all() for x, y in pairs)


def _map(W: np.ndarray, b: np.ndarray, bend: int) -> AffineMap:
    return lambda x: W @ x + b + bend * x[0] ** 2


def _composition(maps: Sequence[AffineMap], x: np.ndarray) -> np.ndarray:
    for A in maps[:-1]:
        x = np.array([max(v, Fraction(0)) for v in A(x)])
    return maps[-1](x)
