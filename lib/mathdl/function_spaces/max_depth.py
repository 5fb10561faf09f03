"""The least depth of a net for the maximum of a few numbers."""

from __future__ import annotations

import numpy as np

from mathdl.nets.combine import max_net
from mathdl.nets.relu_net import ReLUNet


def least_depth(n: int) -> int:
    """The depth of the balanced tree for max(x_1, …, x_{n+1}), n <= 3, which no net undercuts.

    Across x_1 = x_2 the maximum bends where the other numbers are lower, so it is not affine: depth 1 is too little.
    Where another is higher it does not bend; but a kink of one hidden layer runs along its whole hyperplane, up to a
    null set, so then depth 2 is too little as well. Raises ValueError for n > 3, which kinks alone do not decide.
    """
    if not 0 <= n <= 3:
        raise ValueError(f"expected n from 0 to 3, where kinks decide the least depth; got {n}")
    tree, cost = max_net([ReLUNet.affine([[int(i == j) for j in range(n + 1)]], [0]) for i in range(n + 1)])
    if n == 0:
        return cost.depth
    kinks = [_kink(tree.exact(), np.array([0, 0] + [level] * (n - 1))) for level in (-1, 1)]
    needed = 1 if not any(kinks) else 2 if all(kinks) else 3
    if needed != cost.depth:
        raise ValueError(f"kinks {kinks} ask for depth {needed}, and the tree has depth {cost.depth}")
    return needed


def _kink(f: ReLUNet, x: np.ndarray) -> bool:
    """Whether f bends at x across x_1 = x_2, by an exact second difference on a short segment."""
    h = np.array([1, -1] + [0] * (len(x) - 2))
    below, at, above = f([3 * x - h, 3 * x, 3 * x + h])[:, 0]
    return below + above != 2 * at
