"""What the sliders move: weight cones of the square, block matrices of restricted circuits, two lower bounds, g."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mathdl.core.figures import Picture
from mathdl.function_spaces.block_matrices import distinct_rows, row_groups
from mathdl.function_spaces.chattopadhyay_mande import chattopadhyay_mande
from mathdl.function_spaces.cones import cone_conflict, vertices
from mathdl.function_spaces.figures.cones import (
    Layers,
    block_heat_map,
    g_matrix,
    plane_of_cones,
    sign_rank_exponents,
    size_bounds,
    vertex_name,
)
from mathdl.function_spaces.sign_rank import cm_block_length, forster_bound, signrank_route
from mathdl.function_spaces.weight_restriction import check_def12, common_orders, gate_matrices, random_restricted_net


@dataclass(frozen=True)
class WeightPlane:
    """Weight vectors of gates on two input bits."""

    weights: tuple[tuple[float, float], ...] = ((1.0, 2.5), (2.5, 1.0))


def draw_weight_plane(state: WeightPlane) -> Picture:
    """The cones of the plane, the weight vectors in them, and whether all sort the square in one order."""
    a, cube = np.array(state.weights), vertices(2)
    names = [vertex_name(x) for x in cube]
    clash = cone_conflict(a)
    pair = clash and tuple(cube.tolist().index(list(x)) for x in (clash.x, clash.x_prime))
    verdict = f"{names[pair[0]]} and {names[pair[1]]} change places" if clash else "one order suits all gates"
    return plane_of_cones(a, a @ cube.T, names, pair, verdict)


def explore_weight_plane():
    """Drag two weight vectors: lines cross on the right exactly when the vectors leave their common cone."""
    from mathdl.core.explore import Points, explore

    return explore(draw_weight_plane, WeightPlane(), weights=Points("weights (a1, a2)", x=(-4, 4), y=(-4, 4)))


@dataclass(frozen=True)
class Blocks:
    """A circuit on 2m bits with `depth` layers of gates, w_1 = `gates` in the bottom layer, four in those between."""

    depth: int = 4
    gates: int = 2
    bound: int = 2
    two_cones: bool = False
    m: int = 6
    seed: int = 27


def draw_blocks(state: Blocks) -> Picture:
    """The circuit's matrix in the order of its cones, and the number of row groups layer by layer."""
    widths = (state.gates, *(4,) * (state.depth - 2))
    net = random_restricted_net(state.m, state.bound, widths, rng=np.random.default_rng(state.seed),
                                cones=1 + state.two_cones)
    rows, columns = common_orders(net)
    layers, restricted = gate_matrices(net), check_def12(net, state.bound) is None
    measured = [max(len(row_groups(A, rows)) + 1 if restricted else distinct_rows(A) for A in layer)
                for layer in layers]
    base, products = state.m * state.bound, np.cumprod(net.widths)
    counts = Layers(measured, [base + 1, *(int(base * p) + 1 for p in products)], base * state.gates + 1, 2**state.m)
    top = layers[-1][0]
    return block_heat_map(top[np.ix_(rows, columns)], row_groups(top, rows), row_groups(top.T, columns), counts,
                          _verdict(restricted, max(measured), counts.ours))


def _verdict(restricted: bool, groups: int, ours: int) -> str:
    if restricted:
        return f"one cone: at most {groups} groups ({ours} allowed)"
    return f"two cones: {groups} different rows" + (f", over {ours}" if groups > ours else f", still within {ours}")


def explore_blocks():
    """Depth does not add row groups, more bottom gates and larger weights do, and a second cone breaks the bound."""
    from mathdl.core.explore import Slider, Toggle, explore

    return explore(draw_blocks, Blocks(), depth=Slider(2, 6, "layers of gates d"),
                   gates=Slider(1, 5, "bottom gates w1"), bound=Slider(1, 6, "largest weight W"),
                   two_cones=Toggle("weights from two cones"), seed=Slider(0, 30, "seed"))


@dataclass(frozen=True)
class TwoRoutes:
    """Circuits of this depth for g with bottom weights up to 2^log2_bound."""

    depth: int = 3
    log2_bound: int = 0


def draw_two_routes(state: TwoRoutes) -> Picture:
    """Lower bounds on size by sign-rank and by counting rows, as m grows."""
    log2_m = np.linspace(1, 64, 127)
    bounds = [signrank_route(2.0**t, 2**state.log2_bound, state.depth) for t in log2_m]
    instance = f"d = {state.depth}, W = 2^{state.log2_bound}"
    return size_bounds(log2_m, bounds, _takes_over(state), instance)


def _takes_over(state: TwoRoutes) -> float:
    """log2 of the m beyond which the printed bound exceeds one gate a layer, by bisection; it only grows there."""
    low, high = 24.0, 100.0  # m^(1/8) − log2 m falls until m^(1/8) = 8/ln 2, so until log2 m ≈ 28, where it is < 0
    while high - low > 1e-6:
        t = (low + high) / 2
        bounds = signrank_route(2.0**t, 2**state.log2_bound, state.depth)
        low, high = (low, t) if bounds.printed > bounds.trivial else (t, high)
    return high


def explore_two_routes():
    """Depth takes a root of the printed bound and leaves the row count alone; the weight W moves both."""
    from mathdl.core.explore import Slider, explore

    return explore(draw_two_routes, TwoRoutes(), depth=Slider(2, 12, "depth d"), log2_bound=Slider(0, 40, "log2 W"))


@dataclass(frozen=True)
class CMFunction:
    """g on n blocks of l bits."""

    n: int = 3
    l: int = 2


def draw_cm_function(state: CMFunction) -> Picture:
    """The matrix of g, with Forster's bound, the explicit factorisation, and the number of distinct rows."""
    n, l = state.n, state.l
    g = chattopadhyay_mande(n, l)
    numbers = [("Forster,\nfrom below", forster_bound(g)), ("factorisation,\nfrom above", 1 + n * (2**l - 1)),
               ("distinct rows", distinct_rows(g))]
    return g_matrix(g, numbers, f"n = {n}, l = {l}: {numbers[2][1]} distinct rows of {len(g)}")


def explore_cm_function():
    """Whatever n and l, all rows of g differ, while its sign-rank stays small."""
    from mathdl.core.explore import Slider, explore

    return explore(draw_cm_function, CMFunction(), n=Slider(1, 4, "blocks n"), l=Slider(1, 2, "bits a block l"))


def draw_exponents(largest: int = 8) -> Picture:
    """Printed, corrected and possible exponents of the sign-rank of g at n = 8, 64, …, 8^largest."""
    k = range(1, largest + 1)
    n = [8**i for i in k]
    upper = [math.log2(1 + m * (2 ** cm_block_length(m) - 1)) for m in n]
    return sign_rank_exponents(k, [m / 81 - 3 for m in n], [2**i / 81 - 3 for i in k], upper)
