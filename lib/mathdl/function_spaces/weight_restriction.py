"""Circuits with small integer bottom weights from one cone for x, one for y (Mukherjee 2020, Definition 12)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from mathdl.function_spaces.cones import (
    ConeConflict,
    cone_conflict,
    cone_id,
    cone_representatives,
    integer_vectors_in_cone,
    vertices,
)
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True)
class Violation:
    """Where a bottom layer breaks Definition 12: on the "x" or the "y" half, and at which gates.

    `conflict` names the two vertices that the two gates sort oppositely; None when a weight is no integer or too large.
    """

    half: str
    gates: tuple[int, ...]
    reason: str
    conflict: ConeConflict | None = None

    def __str__(self) -> str:
        return f"{self.half}-weights, gates {', '.join(map(str, self.gates))}: {self.reason}"


def check_def12(net: ReLUNet, bound: int) -> Violation | None:
    """None when the bottom layer of the net on 2m bits satisfies Definition 12 with W = bound; else what breaks it.

    Biases are free, as in the definition. Raises ValueError for a net without hidden layer or with 2m + 1 inputs.
    """
    if net.n_inputs % 2 or net.hidden_layers < 1:
        raise ValueError(f"expected a net with a hidden layer and 2m inputs (x, y); got {net.hidden_layers} hidden "
                         f"layers, {net.n_inputs} inputs")
    for half, a in zip("xy", np.split(net.weights[0], 2, axis=1), strict=True):
        bad = np.flatnonzero(((a % 1 != 0) | (abs(a) > bound)).any(axis=1))
        if len(bad):
            return Violation(half, (int(bad[0]),), f"a weight is no integer of magnitude at most {bound}")
        conflict = cone_conflict(a)
        if conflict:
            return Violation(half, (conflict.first, conflict.second), str(conflict).replace("vector", "gate"), conflict)
    return None


@dataclass(frozen=True, eq=False)
class RestrictedCircuit:
    """LTF ∘ net on (x, y) in {−1, 1}^m x {−1, 1}^m with bottom weights as in Definition 12, |w| ≤ bound.

    The net has one output, the argument of the top gate 2·1_{u ≥ 0} − 1. Raises ValueError with the violated gates and
    vertices when the bottom layer is not restricted so.
    """

    net: ReLUNet
    bound: int

    def __post_init__(self) -> None:
        violation = check_def12(self.net, self.bound)
        if violation or self.net.n_outputs != 1:
            raise ValueError(f"expected a net with one output and a bottom layer as in Definition 12; got "
                             f"{self.net.n_outputs} outputs, {violation or 'a good bottom layer'}")

    @property
    def depth(self) -> int:
        """Layers of gates, the top LTF among them."""
        return self.net.depth

    @property
    def size(self) -> int:
        """All gates, the top LTF among them."""
        return self.net.size + 1

    def output(self) -> np.ndarray:
        """The values in {−1, 1} on all inputs, shape (2^m, 2^m): rows x, columns y, vertices in lexicographic order."""
        return np.where(output_matrix(self.net) >= 0, 1, -1)


def common_orders(net: ReLUNet) -> tuple[np.ndarray, np.ndarray]:
    """An order of the rows x and one of the columns y, each the order in which the sum of the bottom weights sorts.

    When the bottom layer satisfies Definition 12, every bottom gate sorts the vertices in these orders too.
    """
    a, b = np.split(net.weights[0], 2, axis=1)
    return cone_id(a.sum(axis=0)), cone_id(b.sum(axis=0))


def gate_matrices(net: ReLUNet) -> list[np.ndarray]:
    """The values of all gates on all inputs, one array (w_i, 2^m, 2^m) a layer, the net's outputs last.

    Equal rows are equal bit by bit: values are exact, in float64 if all entries are integers and small enough, else in
    Fractions. Raises ValueError above m = 8, where a matrix has more than 65536 entries.
    """
    m = net.n_inputs // 2
    if m > 8 or net.n_inputs % 2:
        raise ValueError(f"expected a net on 2m bits with m <= 8 (its matrices have 4^m entries); "
                         f"got {net.n_inputs} inputs")
    net = net if _float_is_exact(net) else net.exact()
    cube = vertices(m)
    a = np.hstack([np.repeat(cube, 2**m, axis=0), np.tile(cube, (2**m, 1))]).astype(net.weights[0].dtype)
    matrices = []
    for i, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        a = a @ W.T + b
        a = a if i == net.hidden_layers else np.maximum(a, 0 * b)
        matrices.append(a.T.reshape(-1, 2**m, 2**m))
    return matrices


def output_matrix(net: ReLUNet) -> np.ndarray:
    """The exact value of the net on all inputs (x, y), shape (2^m, 2^m), rows x and columns y (m ≤ 8)."""
    return gate_matrices(net)[-1][0]


def random_restricted_net(m: int, bound: int, widths: Sequence[int], *, rng: np.random.Generator,
                          cones: int = 1) -> ReLUNet:
    """A net on 2m bits with hidden layers of these widths, its bottom weights drawn from one random cone a half.

    Upper weights and all biases are small integers, so that values are exact. With cones > 1 the gates take their
    weights from that many random cones in turn, and Definition 12 is broken (unless the cones share the vectors).
    """
    if not widths or min(m, bound, cones, *widths) < 1:
        raise ValueError(f"expected m, bound, cones >= 1 and at least one hidden layer; got m = {m}, bound = {bound}, "
                         f"cones = {cones}, widths = {tuple(widths)}")
    halves = []
    for _ in "xy":
        pools = [_random_pool(m, bound, rng) for _ in range(cones)]
        halves.append(np.array([rng.choice(pools[p % cones]) for p in range(widths[0])]))
    sizes = [*widths, 1]
    weights = [np.hstack(halves)] + [rng.integers(-2, 3, (w, v)) for v, w in pairwise(sizes)]
    biases = [rng.integers(-m, m + 1, w) for w in sizes]
    return ReLUNet(weights, biases)


def bit_gates(m: int) -> ReLUNet:
    """The m gates σ(x_i + 1) on 2m bits, weighted by 1, 2, 4, …: they tell all x apart with W = 1, in no one cone."""
    return ReLUNet([np.eye(m, 2 * m), [2.0 ** np.arange(m)]], [np.ones(m), [0]])


def circuit_computing(F: np.ndarray, a: Sequence, b: Sequence, bound: int) -> RestrictedCircuit:
    """A depth 3 circuit for F of shape (2^m, 2^m), entries ±1, with bottom weights (a_p, b_p), both of shape (w, m).

    The bottom gates pass <a_p, x> + <b_p, y> on unchanged, one number t codes them all, and hinges in t do the rest.
    Raises ValueError when F is not a function of these w numbers, or when a or b break Definition 12.
    """
    a, b, F = np.atleast_2d(a), np.atleast_2d(b), np.asarray(F)
    cube = vertices(a.shape[1])
    shift = np.abs(a).sum(axis=1) + np.abs(b).sum(axis=1)  # makes every bottom argument non-negative
    if math.prod(2 * int(s) + 1 for s in shift) >= 2**53:
        raise ValueError(f"expected weights whose code fits in 2^53; got {len(a)} gates with bound {bound}: use fewer")
    digits = (cube @ a.T)[:, None, :] + (cube @ b.T)[None, :, :] + shift
    base = np.concatenate([[1], np.cumprod(2 * shift[:-1] + 1)])
    t, at, code = np.unique(digits @ base, return_index=True, return_inverse=True)
    values = F.ravel()[at]
    if (values[code].reshape(F.shape) != F).any():
        raise ValueError("expected F to depend on (x, y) only through <a_p, x> + <b_p, y>; two inputs with equal "
                         "numbers have different values of F. Use more or other bottom weights")
    jumps = np.flatnonzero(values[1:] != values[:-1])  # F climbs or falls by 2 between t[j] and t[j + 1]
    hinges, slopes = _steps(t, values, jumps)
    weights = [np.hstack([a, b]), np.tile(base, (len(hinges), 1)), [slopes]]
    return RestrictedCircuit(ReLUNet(weights, [shift, -hinges, [values[0]]]), bound)


def fewest_gates(m: int, bound: int, *, at_most: int = 4) -> int | None:
    """The fewest weight vectors of one cone, |w| ≤ bound, under which all 2^m vertices x get different values.

    None when even `at_most` vectors do not suffice. Exhaustive over all cones; one of each orbit of the symmetries of
    the cube stands for the others. Raises ValueError outside 2 ≤ m ≤ 4.
    """
    if m not in (2, 3, 4):
        raise ValueError(f"expected m = 2, 3 or 4; got {m}: already m = 5 has 516 orbits of cones and far more subsets")
    cones = [integer_vectors_in_cone(order, bound) for order in cone_id(cone_representatives(m, 10))]
    for w in range(1, at_most + 1):
        for pool in cones:
            values = pool @ vertices(m).T
            if any(len(np.unique(values[list(c)], axis=1).T) == 2**m for c in combinations(range(len(pool)), w)):
                return w
    return None


def _steps(t: np.ndarray, values: np.ndarray, jumps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hinges and slopes of the sum of ReLUs in t that is values[j] at the integer t[j]: a jump is a ramp of width 1."""
    height = values[jumps + 1] - values[jumps]
    return np.concatenate([t[jumps + 1] - 1, t[jumps + 1]]), np.concatenate([height, -height])


def _random_pool(m: int, bound: int, rng: np.random.Generator) -> np.ndarray:
    """All non-zero integer vectors up to the bound in a cone that contains a random one of them."""
    base = rng.integers(-bound, bound + 1, m)
    base[rng.integers(m)] = bound
    ties_broken = cone_id(base + rng.standard_normal(m) / (100 * m))
    pool = integer_vectors_in_cone(ties_broken, bound)
    return pool[pool.any(axis=1)]


def _float_is_exact(net: ReLUNet) -> bool:
    """True when all entries are integers and no value on the cube, partial sums included, can reach 2^53."""
    size = 1.0
    for W, b in zip(net.weights, net.biases, strict=True):
        if net.is_exact or (W % 1 != 0).any() or (b % 1 != 0).any():
            return False
        size = float((np.abs(W).sum(axis=1) * size + np.abs(b)).max())
        if size >= 2.0**53:
            return False
    return True
