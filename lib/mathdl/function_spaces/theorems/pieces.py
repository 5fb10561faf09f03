"""Statements on pieces: Definition 3, the erratum E2 about it, and why regions meet edge to edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces.piece_examples import agreement_sets, example_nets, grid_pieces, step, step_cells
from mathdl.nets._cover import components, segments
from mathdl.nets._exact_cells import PLANE, exact_cells
from mathdl.nets._integer_net import IntegerNet
from mathdl.nets.pieces import count_pieces
from mathdl.nets.pwl2d import PWL2D, is_continuous
from mathdl.nets.random_nets import random_net

STEP = "step"
CONTINUOUS = "finitely many closed polyhedra cover R^n, f affine on each"


def piece_examples() -> tuple[str, ...]:
    """The functions that the checks of Definition 3 know by name."""
    return (*example_nets(), STEP)


@statement("function_spaces/definition-3", "Number of pieces", "Mukherjee 2020, Definition 3, corrected as in E2",
           says=r"\#\text{pieces} = \sum_{\ell} \#\text{components of the interior of } \{f = \ell\}",
           measures="pieces counted on polygons, against flood fill on a grid", hypotheses=(CONTINUOUS,))
def number_of_pieces(theorem: Theorem, /, *, function: str = "|x1| + |x2|", mode: str = "open") -> Verdict:
    """The count on the exact cells of a net against one that only looks at values on a grid (`grid_pieces`).

    `function` is one of `piece_examples()`; "step" is 0 and 1 on two half-planes, which cannot both be closed. With
    mode "closed" sets {f = l} that meet in a point count once. Raises ValueError for another name.
    """
    name = f"{function}, {mode}"
    if function == STEP:
        cells = step_cells()
        labels = components(len(cells), np.empty((0, 2), dtype=int))  # the functions differ: nothing is glued
        return theorem.verdict(given=(is_continuous(cells),), measured=int(labels.max()) + 1,
                               equals=grid_pieces(step, 2, mode), instance=name)
    if function not in example_nets():
        raise ValueError(f"expected one of {', '.join(piece_examples())}; got {function!r}")
    net = example_nets()[function]
    # PWL1D refuses a jump, and so the function of a net with one input is one by construction.
    closed = net.n_inputs == 1 or is_continuous(PWL2D.from_net(net).cells)
    return theorem.verdict(given=(closed,), measured=count_pieces(net, mode),
                           equals=grid_pieces(lambda x: net(x)[:, 0], net.n_inputs, mode), instance=name)


@statement("function_spaces/erratum-E2", "Number of pieces, as printed", "Mukherjee 2020, Definition 3",
           says=r"\#\{\text{maximal connected sets on which } f \text{ is affine}\} \le \#\text{pieces}",
           measures="maximal connected sets found on which f is affine",
           hypotheses=(CONTINUOUS, "n ≥ 1"),
           erratum="On n ≥ 2 inputs there are infinitely many such sets: |x1| agrees with x2 + c on the connected set "
                   "|x1| = x2 + c and on no larger one, for every c. Pieces are the components of the interior of "
                   "{f = l}, l affine.",
           expected=State.VIOLATED)
def maximal_connected_sets(theorem: Theorem, /, *, function: str = "|x1|", sets: int = 12) -> Verdict:
    """The pieces of f and the components of {f = x2 + c}, c = 1, …, `sets`, that lie on no line (`agreement_sets`).

    Each of those is a maximal connected set on which f is affine, see there; two with different c differ, because only
    one affine function agrees with f on each. Raises ValueError for `function` other than those of the plane.
    """
    net = example_nets().get(function)
    if net is None or net.n_inputs != 2 or sets < 0:
        names = ", ".join(name for name, net in example_nets().items() if net.n_inputs == 2)
        raise ValueError(f"expected one of {names} and sets >= 0; got {function!r} and {sets}")
    f = PWL2D.from_net(net)  # refuses cells that are no closed cover or disagree
    rows = [(0, 1, c) for c in range(1, sets + 1)]
    others = sum(len(agreement_sets(f, row)) for row in rows if row not in f.functions)
    return theorem.verdict(given=(is_continuous(f.cells), net.n_inputs >= 1), measured=f.pieces() + others,
                           at_most=f.pieces(), instance=f"{function} on R^2, x2 + c for c = 1, …, {sets}")


@statement("function_spaces/ours-edge-to-edge", "Regions meet edge to edge", "ours",
           says=r"\#\{\text{corners of regions inside an edge of another region}\} = 0",
           measures="corners inside an edge of another cell", hypotheses=("the gates are continuous",))
def edge_to_edge(theorem: Theorem, /, *, widths: Sequence[int] = (2, 5, 4, 1), jump: int = 0, seed: int = 0) -> Verdict:
    """The cells of a random net with whole weights on the whole plane, edges cut at all corners on them.

    `jump` makes each gate t ↦ σ(t) + jump · 1[t > 0], which is not continuous. Proof: when a cell is cut, every later
    pre-activation is continuous across the cut; so it changes its sign at the same points of the cut on both sides.
    """
    net = random_net(widths, rng=np.random.default_rng(seed), exact=True)
    polygons = [cell.polygon for cell in exact_cells(JumpingNet(net.weights, net.biases, jump), PLANE)]
    edges = sum(bool(p[2] or q[2]) for polygon in polygons
                for p, q in zip(polygon, polygon[1:] + polygon[:1], strict=True))
    stretches = sum(len(s.left) + len(s.right) for s in segments(polygons))
    return theorem.verdict(given=(jump == 0,), measured=stretches - edges, equals=0,
                           instance=f"widths {tuple(widths)}, {len(polygons)} cells")


class JumpingNet(IntegerNet):
    """A net whose gates are t ↦ σ(t) + jump · 1[t > 0]."""

    def __init__(self, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], jump: int) -> None:
        super().__init__(weights, biases)
        self.jump = jump

    def _active_rows(self, pattern: tuple[int, ...]) -> np.ndarray:
        return super()._active_rows(pattern) + np.array([0, 0, self.jump * self.scale[len(pattern)]], dtype=object)
