"""Statements on putting nets together and on counting their pieces on the line (appendix 2.A)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from numbers import Real

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces.gap import size_bound
from mathdl.function_spaces.unmerged import count_without_merging
from mathdl.function_spaces.zigzag import zigzag_net
from mathdl.nets.combine import max_net, pad
from mathdl.nets.entries import as_exact
from mathdl.nets.piece_bounds import printed_bound, product_bound, region_bound
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

EPS = float(np.finfo(float).eps)
SIZE = "size of a net with k hidden layers and p pieces"
MAX_SIZE = r"\mathrm{size} \le s_1 + \dots + s_m + 4(2m-1)"


@statement("function_spaces/lemma-2.A.2", "Composition", "Mukherjee 2020, Lemma 2.A.2",
           says=r"\mathrm{size}(f_2\circ f_1) = s_1 + s_2,\quad \mathrm{depth} = k_1 + k_2 + 1",
           measures="size of a net of that depth that agrees with f₂∘f₁ at all points tried (∞ if it does not)",
           hypotheses=("outputs of f₁ = inputs of f₂",))
def composition(theorem: Theorem, /, *, inner: Sequence[int] = (2, 4, 3), outer: Sequence[int] = (3, 5, 2, 1),
                seed: int = 0) -> Verdict:
    """Two random exact nets (widths with inputs and outputs), composed. Source: Mukherjee 2020, Lemma 2.A.2."""
    rng = np.random.default_rng(seed)
    f1, f2 = random_net(inner, rng=rng, exact=True), random_net(outer, rng=rng, exact=True)
    fits = f1.n_outputs == f2.n_inputs
    measured: Real = math.nan  # there is no composition to measure
    if fits:
        x, net = _points(f1.n_inputs, rng), f2.compose(f1)
        right = (net(x) == f2(f1(x))).all() and net.depth == f1.hidden_layers + f2.hidden_layers + 1
        measured = net.size if right else math.inf
    return theorem.verdict(given=(fits,), measured=measured, equals=f1.size + f2.size, instance=f"{f2!r} ∘ {f1!r}")


@statement("function_spaces/lemma-2.A.3", "Addition", "Mukherjee 2020, Lemma 2.A.3",
           says=r"\mathrm{size}(f_1 + f_2) = s_1 + s_2,\quad \mathrm{depth} = k + 1",
           measures="size of a net that agrees with f₁ + f₂ at all points tried (∞ if it does not)",
           hypotheses=("equal depth k + 1",))
def addition(theorem: Theorem, /, *, first: Sequence[int] = (2, 4, 3, 1), second: Sequence[int] = (2, 5, 2, 1),
             seed: int = 0) -> Verdict:
    """Two random exact nets side by side; at unequal depth the shallower one is padded, which costs gates.

    Source: Mukherjee 2020, Lemma 2.A.3.
    """
    rng = np.random.default_rng(seed)
    f1, f2 = random_net(first, rng=rng, exact=True), random_net(second, rng=rng, exact=True)
    x, net = _points(f1.n_inputs, rng), f1.add(f2)
    right = (net(x) == f1(x) + f2(x)).all() and net.depth == max(f1.depth, f2.depth)
    return theorem.verdict(given=(f1.depth == f2.depth,), measured=net.size if right else math.inf,
                           equals=f1.size + f2.size, instance=f"{f1!r} + {f2!r}")


@statement("function_spaces/lemma-2.A.4", "Maximum of m nets", "Mukherjee 2020, Lemma 2.A.4", says=MAX_SIZE,
           measures="size of the net that the proof builds, of depth ≤ k + ⌈log₂ m⌉ + 1 (∞ if it is not the maximum)",
           hypotheses=("equal depths k + 1",))
def maximum(theorem: Theorem, /, *, hidden: Sequence[int] = (2, 2, 2, 2, 2), gate: str = "4", seed: int = 0) -> Verdict:
    """Random exact nets with the given numbers of hidden layers, joined by a tree of max gates.

    Source: Mukherjee 2020, Lemma 2.A.4, with the hypothesis that its proof needs (erratum E6).
    """
    size, sizes = _maximum(hidden, gate, seed)
    return theorem.verdict(given=(len(set(hidden)) == 1,), measured=size,
                           at_most=sum(sizes) + 4 * (2 * len(hidden) - 1),
                           instance=f"m={len(hidden)}, hidden layers {_short(hidden)}, {gate}-gate")


@statement("function_spaces/erratum-E6", "Maximum of m nets, as printed", "Mukherjee 2020, Lemma 2.A.4 and its proof",
           says=MAX_SIZE, measures="size of the net that the proof builds (∞ if it is not the maximum)",
           hypotheses=("m ≥ 1",), expected=State.VIOLATED,
           erratum="The proof needs nets of equal depth: a shallower one must be carried along at 2 gates a layer. "
                   "Corrected: size ≤ s_1 + … + s_m + 5(m−1) + 2 Σ (k_max − k_i), depth ≤ k_max + ⌈log₂ m⌉ + 1.")
def maximum_as_printed(theorem: Theorem, /, *, hidden: Sequence[int] = (60, 1), seed: int = 0) -> Verdict:
    """The printed bound for any depths, against the construction of its proof. Source: Mukherjee 2020, Lemma 2.A.4."""
    size, sizes = _maximum(hidden, "4", seed)
    return theorem.verdict(given=(len(hidden) >= 1,), measured=size, at_most=sum(sizes) + 4 * (2 * len(hidden) - 1),
                           instance=f"hidden layers {_short(hidden)}, sizes {_short(sizes)}")


@statement("function_spaces/ours-max-size", "Maximum of m nets of any depths", "ours, correcting Lemma 2.A.4",
           says=r"\mathrm{size} \le \sum s_i + c\,(m-1) + 2\sum (k_{\max} - k_i),\ c = 5 \text{ or } 4",
           measures="size of the net that the proof builds, depth ≤ k_max + ⌈log₂ m⌉ + 1 (∞ if it is not the maximum)",
           hypotheses=("m ≥ 1",))
def maximum_of_any_depths(theorem: Theorem, /, *, hidden: Sequence[int] = (4, 1, 2), gate: str = "4",
                          seed: int = 0) -> Verdict:
    """The corrected form of E6: c = 5 with the 4-node gate, c = 4 with the 3-node gate; padding is counted."""
    size, sizes = _maximum(hidden, gate, seed)
    padding = 2 * sum(max(hidden) - k for k in hidden)
    return theorem.verdict(given=(len(hidden) >= 1,), measured=size,
                           at_most=sum(sizes) + (int(gate) + 1) * (len(hidden) - 1) + padding,
                           instance=f"m={len(hidden)}, hidden layers {_short(hidden)}, {gate}-gate")


@statement("function_spaces/lemma-2.A.5", "Affine maps with one hidden layer", "Mukherjee 2020, Lemma 2.A.5",
           says=r"T = \sigma\circ T - \sigma\circ(-T):\quad \mathrm{size} = 2m",
           measures="size of the net σ∘T − σ∘(−T) (∞ if it is not T at all points tried)", hypotheses=("T is affine",))
def affine_map(theorem: Theorem, /, *, inputs: int = 3, outputs: int = 2, hidden: int = 0, seed: int = 0) -> Verdict:
    """A random exact map T, a pair of gates for each output; with `hidden` layers T is a net and has gates of its own.

    Source: Mukherjee 2020, Lemma 2.A.5.
    """
    rng = np.random.default_rng(seed)
    T = random_net((inputs, *[2] * hidden, outputs), rng=rng, exact=True)
    x, net = _points(inputs, rng), pad(T, hidden + 1)
    return theorem.verdict(given=(T.hidden_layers == 0,), measured=net.size if (net(x) == T(x)).all() else math.inf,
                           equals=2 * outputs, instance=f"T = {T!r}")


@statement("function_spaces/lemma-2.A.6", "How many pieces a net can make", "Mukherjee 2020, Lemma 2.A.6",
           says=r"p \le 2^{k-1}(w_1 + 1)\, w_2 \cdots w_k", measures="most pieces of the nets tried, counted exactly",
           hypotheses=("one input", "k ≥ 1", "equal neighbours are one piece"))
def piece_upper_bound(theorem: Theorem, /, *, widths: Sequence[int] = (3, 3), nets: int = 100, inputs: int = 1,
                      duplicates: bool = False, merge: bool = True, seed: int = 0) -> Verdict:
    """The most pieces among random exact nets; `duplicates` makes all gates of a layer the same gate, and without
    `merge` a wrong count is measured. Source: Mukherjee 2020, Lemma 2.A.6.
    """
    tried = [_instance((inputs, *widths, 1), duplicates, seed + i) for i in range(1 if duplicates else nets)]
    measured = max(_pieces(net) if merge else count_without_merging(net) for net in tried)
    return theorem.verdict(given=(inputs == 1, len(widths) >= 1, merge), measured=measured,
                           at_most=printed_bound(widths), instance=f"widths {_short(widths)}, nets: {len(tried)}")


@statement("function_spaces/ours-product-bound", "Product bound on the pieces", "ours, sharpening Lemma 2.A.6",
           says=r"p \le (w_1 + 1)(w_2 + 1)\cdots(w_k + 1)", measures="pieces of a net with one input, counted exactly",
           hypotheses=("one input",))
def product_piece_bound(theorem: Theorem, /, *, width: int = 3, depth: int = 4, seed: int | None = None,
                        inputs: int = 1) -> Verdict:
    """The zigzag net of `depth` hidden layers, which attains the bound, or a random net when a seed is given."""
    random = seed is not None or inputs != 1
    net = _instance((inputs, *[width] * depth, 1), False, seed or 0) if random else zigzag_net(width, depth)
    return theorem.verdict(given=(inputs == 1,), measured=_pieces(net), at_most=product_bound(net.widths),
                           trivial=printed_bound(net.widths), instance=f"{'random' if random else 'zigzag'}, {net!r}")


@statement("function_spaces/ours-region-bound", "Regions in n dimensions", "Montúfar 2017; not in Mukherjee 2020",
           says=r"\#\mathrm{regions} \le \prod_{l=1}^k \sum_{j=0}^{n} \binom{w_l}{j}",
           measures="activation regions of a net with two inputs, counted exactly", hypotheses=("k ≥ 1",))
def regions_in_the_plane(theorem: Theorem, /, *, widths: Sequence[int] = (4, 3), seed: int = 0) -> Verdict:
    """A random exact net with n = 2: w lines cut a convex region into at most 1 + w + C(w, 2), layer by layer."""
    from mathdl.nets.regions import exact_regions

    net = _instance((2, *widths, 1), False, seed)
    return theorem.verdict(given=(net.hidden_layers >= 1,), measured=exact_regions(net).n_regions,
                           at_most=region_bound(widths, 2), instance=f"{net!r}, seed {seed}")


@statement("function_spaces/lemma-2.A.7", "What depth costs", "Mukherjee 2020, Lemma 2.A.7",
           says=r"\mathrm{size} \ge \tfrac12 k\, p^{1/k} - 1", measures=SIZE, hypotheses=("one input", "k ≥ 1"))
def depth_size_trade_off(theorem: Theorem, /, *, width: int = 7, depth: int = 3, inputs: int = 1) -> Verdict:
    """The zigzag net, which makes as many pieces as its gates allow, against the printed bound.

    Source: Mukherjee 2020, Lemma 2.A.7. With two inputs the pieces of a random net are counted in the plane.
    """
    net = zigzag_net(width, depth) if inputs == 1 and depth else _instance((inputs, *[width] * depth, 1), False, 0)
    p, k = _pieces(net), max(depth, 1)
    bound = size_bound(p, k, "printed")
    return theorem.verdict(given=(inputs == 1, depth >= 1), measured=net.size, at_least=bound, trivial=k,
                           error=_root_error(bound, p), instance=f"k={depth}, w={width}, p={p}")


@statement("function_spaces/ours-depth-size", "What depth costs, sharper", "ours, sharpening Lemma 2.A.7",
           says=r"\mathrm{size} \ge k\,(p^{1/k} - 1)", measures=SIZE, hypotheses=("one input", "k ≥ 1"))
def sharp_depth_size(theorem: Theorem, /, *, widths: Sequence[int] = (), width: int = 3, depth: int = 4,
                     inputs: int = 1, seed: int = 0) -> Verdict:
    """The zigzag net attains the bound; `widths` asks for a random net with these hidden widths instead."""
    zigzag = not widths and inputs == 1 and depth >= 1
    hidden = tuple(widths) or (width,) * depth
    net = zigzag_net(width, depth) if zigzag else _instance((inputs, *hidden, 1), False, seed)
    p, k = _pieces(net), max(net.hidden_layers, 1)
    bound = size_bound(p, k, "sharp")
    return theorem.verdict(given=(inputs == 1, net.hidden_layers >= 1), measured=net.size, at_least=bound, trivial=k,
                           error=_root_error(bound, p), instance=f"{'zigzag' if zigzag else 'random'} {net!r}, p={p}")


@statement("function_spaces/erratum-E7", "Converse of the depth-size trade-off (suspicion dismissed)",
           "Mukherjee 2020, Lemma 2.A.7, second part",
           says=r"2^{k-1}(w_1+1)\,w_2\cdots w_k \le \Bigl(\frac{2s}{k}\Bigr)^k",
           measures="largest ratio of the two sides over all width vectors tried", hypotheses=("every w_i ≥ 1",))
def converse_of_trade_off(theorem: Theorem, /, *, layers: int = 6, largest: int = 6,
                          smallest: Fraction = Fraction(1)) -> Verdict:
    """All width vectors with up to `layers` entries in smallest, smallest + 1, …, largest; ratios are rational numbers.

    AM-GM alone gives ½ (2(s+1)/k)^k, which may exceed the printed (2s/k)^k; w_1 + 1 ≤ 2 w_1 closes the gap.
    Source: Mukherjee 2020, Lemma 2.A.7, "Conversely".
    """
    entries = [smallest + i for i in range(math.floor(largest - smallest) + 1)]
    # The order of w_2, …, w_k does not matter.
    vectors = ((first, *rest) for k in range(layers) for first in entries
               for rest in combinations_with_replacement(entries, k))
    ratio = max(map(_ratio, vectors))
    return theorem.verdict(given=(smallest >= 1,), measured=ratio, at_most=1,
                           instance=f"k ≤ {layers}, w_i from {smallest} to {entries[-1]}")


def _ratio(w: Sequence[Fraction]) -> Fraction:
    """2^(k−1) (w_1 + 1) w_2 ⋯ w_k over (2s/k)^k."""
    k = len(w)
    return 2 ** (k - 1) * (w[0] + 1) * math.prod(w[1:]) / (Fraction(2 * sum(w)) / k) ** k


def _instance(widths: Sequence[int], duplicates: bool, seed: int) -> ReLUNet:
    """A random exact net; with duplicates all gates of a layer are the same gate."""
    net = random_net(widths, rng=np.random.default_rng(seed), exact=True)
    if not duplicates:
        return net
    hidden = range(net.hidden_layers)
    weights = [np.ones((widths[i + 1], widths[i]), dtype=int) for i in hidden] + [net.weights[-1]]
    return ReLUNet(weights, [[0] * w for w in widths[1:-1]] + [net.biases[-1]])


def _maximum(hidden: Sequence[int], gate: str, seed: int) -> tuple[Real, tuple[int, ...]]:
    """Size of the net of the maximum (∞ if wrong), and sizes of random exact nets with widths 1 or 2 that it joins."""
    rng = np.random.default_rng(seed)
    nets = [random_net((2, *rng.integers(1, 3, size=k), 1), rng=rng, exact=True) for k in hidden]
    net, cost = max_net(nets, gate)
    x = _points(2, rng, 10)
    right = (net(x)[:, 0] == np.max([f(x)[:, 0] for f in nets], axis=0)).all()
    right &= cost.depth <= max(hidden) + math.ceil(math.log2(len(hidden))) + 1
    return (cost.size if right else math.inf), tuple(f.size for f in nets)


def _points(n: int, rng: np.random.Generator, count: int = 30) -> np.ndarray:
    return as_exact(rng.integers(-30, 31, size=(count, n))) / 7


def _pieces(net: ReLUNet) -> int:
    """Pieces of the function: on the line by exact propagation, in the plane by exact regions."""
    if net.n_inputs == 1:
        return count_pieces_1d(net)
    from mathdl.nets.pieces import count_pieces

    return count_pieces(net)


def _root_error(bound: Real, p: int) -> float:
    """exp(log(p) / k) errs by a few units in the last place of log(p) and of the result; 0 when the root is exact."""
    return 0.0 if isinstance(bound, Fraction) else 8 * EPS * (1 + math.log(p)) * (abs(bound) + 1)


def _short(numbers: Sequence[int]) -> str:
    return "(" + ", ".join(map(str, numbers)) + ")"
