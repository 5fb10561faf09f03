"""Nets with one hidden layer that compute the support function of a zonotope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.function_spaces.generators import balancing_signs
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.nets.relu_net import ReLUNet


def support_net(generators: Sequence, gates: str = "2m") -> ReLUNet:
    """The net of γ_Z(r) = Σ |⟨r, b^i⟩| with one hidden layer; exact when the generators are.

    With "2m" gates it is Mukherjee 2020, Lemma 2.3.8: |z| = σ(z) + σ(−z). With "m+2" gates (ours): Σ |z_i| =
    2 Σ σ(z_i) − ⟨r, s⟩, s = Σ b^i, where two gates carry the linear part. With "m" gates s is made 0 by flipping signs
    of generators; ValueError when no flips do that.
    """
    B = Zonotope(generators).generators
    m = len(B)
    if gates == "2m":
        rows, out = [*B, *-B], [1] * 2 * m
    elif gates == "m+2":
        s = B.sum(axis=0)
        rows, out = [*B, s, -s], [2] * m + [-1, 1]
    elif gates == "m":
        rows, out = _balanced(B), [2] * m
    else:
        raise ValueError(f'expected gates "2m", "m+2" or "m"; got {gates!r}')
    return ReLUNet([np.array(rows), [out]], [[0] * len(rows), [0]])


def _balanced(B: np.ndarray) -> np.ndarray:
    signs = balancing_signs(B)
    if signs is None:
        raise ValueError('no signs make the sum of the generators 0, so m gates are too few here: use gates="m+2"')
    return signs[:, None] * B
