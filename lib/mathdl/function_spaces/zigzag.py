"""Zigzags that meet the product bound: w gates, w + 1 pieces, and every piece runs over the whole next zigzag."""

from __future__ import annotations

import numpy as np

from mathdl.nets.relu_net import ReLUNet


def zigzag(width: int) -> ReLUNet:
    """One hidden layer of w ≥ 3 gates whose w + 1 pieces each take all values in (0, w + 1); ours.

    Breakpoints 1, …, w, values there w + 1 and 0 in turn, slopes 2m, −m, m, … with m = w + 1. The gate at 3 faces left
    and supplies the slope of the left piece; with w ≤ 2 gates no choice of directions does. ValueError when w < 3.
    """
    if width < 3:
        raise ValueError(f"expected width >= 3; got {width}: so few gates cannot turn w times and slope at both ends")
    m, a = width + 1, np.arange(1, width + 1)
    jumps = np.where(a % 2 == 1, -2 * m, 2 * m)
    jumps[0] = -3 * m
    faces = np.where(a == 3, -1, 1)
    return ReLUNet([faces[:, None], [jumps]], [-faces * a, [5 * m]])


def zigzag_net(width: int, hidden_layers: int) -> ReLUNet:
    """The zigzag composed with itself: k hidden layers of w gates and (w + 1)^k pieces, all that ∏ (w_i + 1) allows."""
    if hidden_layers < 1:
        raise ValueError(f"expected at least one hidden layer; got {hidden_layers}")
    step = net = zigzag(width)
    for _ in range(hidden_layers - 1):
        net = step.compose(net)
    return net
