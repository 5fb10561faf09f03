"""Explorer on benign noise: the four sign patterns of two noisy labels, two of which may drift for long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Slider, explore
from mathdl.core.figures import Picture
from mathdl.relu_gate.activations import relu
from mathdl.relu_gate.figures.benign import patterns_figure
from mathdl.relu_gate.sign_patterns import noise_patterns, two_point
from mathdl.relu_gate.tron_bounds import tron_threshold
from mathdl.relu_gate.tron_pieces import tron_by_pieces

TIMES = 10_000  # ‖w_*‖/ε at the start of the explorer


@dataclass(frozen=True)
class SignPatterns:
    """Inputs 1 and `second_input`, target `target`, noise ±`noise` on both labels."""

    second_input: float = -0.05
    target: float = 0.1
    noise: float = 0.5


def draw_sign_patterns(state: SignPatterns) -> Picture:
    """The four risk curves over 10,000 iterates in closed form, and the gates that they end with."""
    x = np.array([1.0, state.second_input])
    patterns = noise_patterns(two_point(state.noise), 2)
    y = relu(state.target * x) + patterns.values
    run = tron_by_pieces(x[:, None], y, relu, TIMES - 1)
    bound = tron_threshold(1.0, state.target / TIMES, state.noise, state.target) + state.noise ** 2
    return patterns_figure(run, patterns, x, y, bound)


def explore_sign_patterns():
    """Move the second input across 0: when do two patterns drift, and how far? Then make the target beat the noise."""
    return explore(draw_sign_patterns, SignPatterns(), second_input=Slider(-0.5, 0.5, "second input x₂"),
                   target=Slider(0.05, 2, "target w*", 0.05), noise=Slider(0.05, 1, "noise ±ξ", 0.05))
