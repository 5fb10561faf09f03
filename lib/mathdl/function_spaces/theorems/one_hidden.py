"""Statements on sums of ReLU gates over the plane: Proposition 2.5.2 and the decision procedure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict
from mathdl.function_spaces.one_hidden_layer import is_one_hidden_layer, jump_across
from mathdl.nets.combine import max_net
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet


def max_of_linear(*rows: Sequence[int]) -> ReLUNet:
    """The exact net of max(0, a·x, b·x, …) for the given rows a, b, … with 2 entries, by a tree of max gates."""
    affine = [ReLUNet.affine([[Fraction(v) for v in row]], [0]) for row in ((0, 0), *rows)]
    return max_net(affine, gate="3")[0]


def random_points(n: int, *, rng: np.random.Generator) -> np.ndarray:
    """n random rational points of the square [−9, 9]², shape (n, 2)."""
    return np.array([[Fraction(int(v), 101) for v in pair] for pair in rng.integers(-909, 910, (n, 2))])


@statement("function_spaces/proposition-2.5.2", "max(0, x1, x2) is no sum of gates",
           "Mukherjee 2020, Proposition 2.5.2",
           says=r"\max\{0, a\cdot x, b\cdot x\} \ne c_0 + \sum_i c_i\,\sigma(a^i\cdot x + b_i)",
           measures="lines along which the gradient jump is not constant",
           hypotheses=("0, a, b not on one line", "a net with two hidden layers computes it"))
def max_is_no_sum(theorem: Theorem, /, *, a: Sequence[int] = (1, 0), b: Sequence[int] = (0, 1)) -> Verdict:
    """Broken lines of max(0, a·x, b·x), at least one, and its net with two hidden layers against the maximum itself."""
    net, x = max_of_linear(a, b), random_points(50, rng=np.random.default_rng(0))
    direct = np.maximum(np.maximum(x @ np.array(a), x @ np.array(b)), 0)
    computes = net.hidden_layers == 2 and bool((net(x)[:, 0] == direct).all())
    broken = len(is_one_hidden_layer(net).witnesses)
    return theorem.verdict(given=(a[0] * b[1] != a[1] * b[0], computes), measured=broken, at_least=1,
                           instance=f"a={tuple(a)}, b={tuple(b)}")


def certificate_holds(net: ReLUNet, *, rng: np.random.Generator) -> bool:
    """Whether the answer of `is_one_hidden_layer` passes checks that use values of the net only, not its cells.

    A net must agree with the given one at random rational points; a witness must show two different jumps on one line.
    """
    answer = is_one_hidden_layer(net)
    if answer:
        x = random_points(40, rng=rng)
        return answer.net.hidden_layers <= 1 and bool((answer.net(x) == net.exact()(x)).all())
    line = [w.edge.line for w in answer.witnesses]
    here = [jump_across(net, l, w.here) == w.edge.jump for l, w in zip(line, answer.witnesses, strict=True)]
    there = [jump_across(net, l, w.there) == w.jump_there for l, w in zip(line, answer.witnesses, strict=True)]
    return all(here) and all(there) and all(w.edge.jump != w.jump_there for w in answer.witnesses)


@statement("function_spaces/ours-one-hidden-layer-test", "Deciding one hidden layer", "ours, after Proposition 2.5.2",
           says=r"f \text{ is a sum of gates} \iff \text{its jump is constant along every kink line}",
           measures="random nets whose answer fails an independent check, or is wrong for a one-layer net")
def decision_is_right(theorem: Theorem, /, *, nets: int = 12, seed: int = 0) -> Verdict:
    """Answers for random nets of one and of two hidden layers, each checked by its certificate."""
    rng = np.random.default_rng(seed)
    wrong = accepted = 0
    for widths in ((5,), (3, 2)) * (nets // 2):
        net = random_net((2, *widths, 1), rng=rng, exact=True)
        yes = bool(is_one_hidden_layer(net))
        wrong += not certificate_holds(net, rng=rng) or (len(widths) == 1 and not yes)
        accepted += yes
    return theorem.verdict(given=(), measured=wrong, equals=0, instance=f"{nets} nets, {accepted} accepted")
