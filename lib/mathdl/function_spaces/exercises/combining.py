"""Exercises on nets put together and on counting their pieces."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.core.exercise import Feedback, feedback
from mathdl.function_spaces.gap import min_size_lower_bound
from mathdl.nets.entries import as_exact
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.relu_net import ReLUNet


def check_max_of_two(answer: Any) -> Feedback:
    """Whether the ReLUNet `answer` is max(x, y) with three gates, at 200 pairs of rational numbers."""
    return feedback(answer, lambda net: net.size == 3 and net.hidden_layers == 1 and _is_maximum(net),
                    right="Three gates suffice, one less than in the source's Figure 2.A.1.",
                    hint="max(x, y) = y + σ(x − y), and y itself is a difference of two gates.")


def check_least_size(answer: Any, pieces: int = 1000, hidden_layers: int = 3) -> Feedback:
    """Whether `answer` is the least size that k(p^(1/k) − 1) allows a net with these numbers."""
    return feedback(answer, lambda s: s == min_size_lower_bound(pieces, hidden_layers, "sharp"),
                    right="A zigzag net has exactly this size and these pieces: nothing is lost.",
                    hint="Which whole number w has (w + 1)^k = p? Then count the gates of k layers.")


def check_seven_pieces(answer: Any) -> Feedback:
    """Whether the ReLUNet `answer` has one input, two hidden layers of two gates, and at least seven pieces."""
    return feedback(answer, lambda net: (net.n_inputs, net.widths, net.n_outputs) == (1, (2, 2), 1)
                    and count_pieces_1d(net) >= 7,
                    right="Seven is the most: a sum of two gates crosses 0 at most twice, which leaves 3 + 2·2.",
                    hint="Fold [0, 1] onto itself first; or search among random nets and keep the best.")


def _is_maximum(net: ReLUNet) -> bool:
    x = as_exact(np.random.default_rng(0).integers(-60, 61, size=(200, 2))) / 7
    return bool((net.exact()(x)[:, 0] == x.max(axis=1)).all())
