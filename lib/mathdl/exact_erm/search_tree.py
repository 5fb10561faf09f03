"""The tree that a branch and bound search leaves behind: what was split, what was empty, where the search stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int8]


@dataclass(frozen=True)
class Leaf:
    """A node that was not split: its bound is not below the optimum (or the search ended before it was its turn)."""


@dataclass(frozen=True)
class Empty:
    """A child in which the cone of gate `gate` has no interior: no strict dichotomy has these labels."""

    gate: int


@dataclass(frozen=True)
class Branch:
    """A node that was split at `sample`, with one child for each way in which the gates can be on or off there.

    `children[m]` belongs to the m-th tuple of `itertools.product((0, 1), repeat=width)`: entry i of the tuple is the
    label of gate i at `sample` (1 on, 0 off). A child is a `Branch`, a `Leaf`, an `Empty`, or None when it was dropped
    by symmetry: there are gates i < k of equal sign with the same labels on the whole path from the root down to this
    node, and the child would label i with 0 and k with 1 (`dropped` decides; a child that is both dropped and empty is
    None). A sample whose labels follow from the earlier ones is a `Branch` all of whose other children are `Empty` or
    None. No sample is split twice on a path.
    """

    sample: int
    children: tuple[Branch | Leaf | Empty | None, ...]


Node = Branch | Leaf


@dataclass(frozen=True)
class SearchTree:
    """One tree for each sign vector (+..+-..-), `roots[k]` for `signs[k]` (tuples of +1 and -1).

    At a `Leaf`, only the samples that all gates have labels for count towards the bound: minimise the loss of these
    samples over the cones of the gates, K_i = {θ: (2 p_ij - 1) θ·x̄_j >= 0 for the labels p_ij on the path}; the losses
    of the other samples are at least 0. Every net has the values of some net in a leaf: gates of equal sign that agree
    so far can be exchanged, so at each split the gates can be ordered such that the child is not dropped.
    """

    n_samples: int
    signs: tuple[tuple[int, ...], ...]
    roots: tuple[Node, ...]

    @property
    def width(self) -> int:
        """The number of gates."""
        return len(self.signs[0])

    def leaves(self) -> Iterator[tuple[tuple[int, ...], Labels]]:
        """Every leaf as its sign vector and its labels (width, n_samples): 1 on, 0 off, -1 not decided."""
        for signs, root in zip(self.signs, self.roots, strict=True):
            stack: list[tuple[Node, Labels]] = [(root, np.full((len(signs), self.n_samples), -1, dtype=np.int8))]
            while stack:
                node, labels = stack.pop()
                if isinstance(node, Leaf):
                    yield signs, labels
                    continue
                for child, bits in reversed(list(zip(node.children, product((0, 1), repeat=len(signs)), strict=True))):
                    if isinstance(child, (Branch, Leaf)):
                        below = labels.copy()
                        below[:, node.sample] = bits
                        stack.append((child, below))

    def count(self) -> dict[str, int]:
        """How many splits, leaves, empty and dropped children there are."""
        found = {"splits": 0, "leaves": 0, "empty": 0, "dropped": 0}
        stack: list = list(self.roots)
        while stack:
            node = stack.pop()
            if isinstance(node, Branch):
                stack.extend(node.children)
            found[_NAMES[type(node)]] += 1
        return found


_NAMES = {Branch: "splits", Leaf: "leaves", Empty: "empty", type(None): "dropped"}


def dropped(signs: tuple[int, ...], labels: Labels, bits: tuple[int, ...]) -> bool:
    """Whether symmetry drops the child `bits` of a node with these labels (width, n_samples).

    True when gates i < k of equal sign have equal labels so far, and `bits` is 0 at i and 1 at k.
    """
    w = len(signs)
    return any(signs[i] == signs[k] and bits[i] < bits[k] and (labels[i] == labels[k]).all()
               for i in range(w) for k in range(i + 1, w))
