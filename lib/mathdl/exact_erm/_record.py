"""Keeps what a branch and bound search did, and writes it down as a tree over samples."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm._search import Search
from mathdl.exact_erm.search_tree import Branch, Empty, Leaf, Node, SearchTree, dropped

Labels = NDArray[np.int8]
Bits = tuple[int, ...]


class Record:
    """The splits of a search: the labels of each node (by points), where it was split, and its children."""

    def __init__(self, search: Search):
        self.search = search
        self.labels: list[Labels] = []
        self.splits: dict[int, tuple[int, list[int]]] = {}
        self.roots: list[tuple[Bits, int]] = []
        self.node_at: dict[int, int] = {}
        points = search.setting.point_of
        self.samples = [np.flatnonzero(points == j).tolist() for j in range(search.setting.n_points)]

    def plant(self, slots: list[int]) -> None:
        """The roots, one for each sign vector."""
        self.roots = [(tuple(self.search.pool.signs[slot].tolist()), self._add(slot)) for slot in slots]

    def note(self, slot: int, children: list[int]) -> None:
        """A node was split: its slot, and the slots of its children."""
        parent = self.node_at[slot]
        self.splits[parent] = (int(self.search.pool.sample[slot]), [self._add(child) for child in children])

    def _add(self, slot: int) -> int:
        self.labels.append(self.search.pool.labels[slot].copy())
        self.node_at[slot] = len(self.labels) - 1
        return self.node_at[slot]

    def tree(self) -> SearchTree:
        """All splits as nested nodes over samples."""
        n_samples = self.search.setting.problem.n_samples
        fresh = np.full((self.search.setting.problem.width, n_samples), -1, dtype=np.int8)
        return SearchTree(n_samples, tuple(signs for signs, _ in self.roots),
                          tuple(self._node(root, signs, fresh) for signs, root in self.roots))

    def _node(self, node: int, signs: Bits, path: Labels) -> Node:
        if node not in self.splits:
            return Leaf()
        point, born = self.splits[node]
        by_bits = {tuple(self.labels[child][:, point].tolist()): child for child in born}
        children: list = []
        for bits in product((0, 1), repeat=len(signs)):
            if bits in by_bits:
                children.append(self._below(node, by_bits[bits], signs, path))
            elif dropped(signs, path, bits):
                children.append(None)
            else:  # a label that no child has is impossible: symmetry alone never removes both of a gate's labels
                children.append(Empty(next(i for i, b in enumerate(bits) if all(kept[i] != b for kept in by_bits))))
        return Branch(self.samples[point][0], tuple(children))

    def _below(self, parent: int, child: int, signs: Bits, path: Labels) -> Node:
        """The child under a chain of branches at the samples whose labels follow: copies, and implied points."""
        point, labels = self.splits[parent][0], self.labels[child]
        path = path.copy()
        path[:, self.samples[point][0]] = labels[:, point]
        implied = np.flatnonzero((labels[0] >= 0) & (self.labels[parent][0] < 0))
        follow = self.samples[point][1:] + [s for j in implied if j != point for s in self.samples[j]]
        links = []
        for sample in follow:
            bits = tuple(labels[:, self.search.setting.point_of[sample]].tolist())
            links.append((sample, bits, [None if dropped(signs, path, other) else Empty(_first_difference(other, bits))
                                         for other in product((0, 1), repeat=len(signs)) if other != bits]))
            path[:, sample] = bits
        node = self._node(child, signs, path)
        for sample, bits, others in reversed(links):
            at = int("".join(map(str, bits)), 2)
            node = Branch(sample, (*others[:at], node, *others[at:]))
        return node


def _first_difference(a: Bits, b: Bits) -> int:
    return next(i for i, (p, q) in enumerate(zip(a, b, strict=True)) if p != q)
