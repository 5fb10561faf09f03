"""PARITY of k bits by one hidden layer, whose gates all read the number of ones."""

from __future__ import annotations

from fractions import Fraction

from mathdl.nets.relu_net import ReLUNet


def parity_net(k: int) -> ReLUNet:
    """The net σ(y) − 2σ(y − 1) + 2σ(y − 2) − …, y = x_1 + … + x_k, with k gates: PARITY of x ∈ {0, 1}^k.

    Mukherjee 2020, 2.D, without the gate hinged at k, which is 0 on the cube. Exact. Raises ValueError for k < 1.
    """
    _check(k)
    return _net_of_the_sum(k, [(1, 0, 1), *((1, -h, 2 * (-1) ** h) for h in range(1, k))], 0)


def short_parity_net(k: int) -> ReLUNet:
    """PARITY of x ∈ {0, 1}^k, k ≥ 4, by k − 1 gates and an output constant, the fewest that read only the sum (ours).

    Exact. Raises ValueError for k < 4, where `parity_net` has one gate more.
    """
    if k < 4:
        raise ValueError(f"expected k >= 4; got k = {k}: use parity_net(k)")
    # Two gates that look to the left let the first slope be +1 and the one after 10/3 be −2 without a gate for it.
    start = [(1, -1, -2), (-1, 2, 2), (-1, Fraction(10, 3), -3)]
    rest = [(1, -h, 3 if h == 4 else 2 * (-1) ** h) for h in range(4, k)]
    return _net_of_the_sum(k, start + rest, 6)


def _net_of_the_sum(k: int, gates: list, constant: int) -> ReLUNet:
    """Σ c σ(s y + b) + constant over gates (s, b, c), y the sum of the k inputs."""
    return ReLUNet([[[s] * k for s, _, _ in gates], [[c for _, _, c in gates]]], [[b for _, b, _ in gates], [constant]],
                   exact=True)


def _check(k: int) -> None:
    if k < 1:
        raise ValueError(f"expected at least one bit; got k = {k}")
