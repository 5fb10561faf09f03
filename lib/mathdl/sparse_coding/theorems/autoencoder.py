"""Statements on the tied autoencoder, its loss and its gradient, and on orthogonal weights."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.nets.relu_net import ReLUNet
from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.kink import KinkCase
from mathdl.sparse_coding.orthogonal import UNIT, orthogonal_loss, orthogonality_defect, random_rotation, rounding

Array = NDArray[np.float64]
ORTHOGONAL = "A square and orthogonal"


@statement("sparse_coding/equation-1.3", "The tied autoencoder", "Mukherjee 2020, (1.3)",
           says=r"\hat y = W^\top \mathrm{ReLU}(W y - \epsilon)", measures="largest difference from the exact net",
           hypotheses=("the outer weights are Wᵀ",))
def tied_net(theorem: Theorem, /, *, n_inputs: int = 3, hidden: int = 7, samples: int = 8, tied: bool = True,
             seed: int = 0) -> Verdict:
    """The library's output against a net of depth 2 in fractions, on numbers for which floats do not round."""
    net, Y = binary_instance(n_inputs, hidden, samples, seed)
    inner, eps = as_fractions(net.weights), as_fractions(net.bias)
    outer = inner.T if tied else -inner.T
    exact = ReLUNet([inner, outer], [-eps, [0] * n_inputs], exact=True)
    apart = net.forward(Y) - exact(as_fractions(Y.T)).astype(float).T
    return theorem.verdict(given=(np.array_equal(outer, inner.T),), measured=abs(apart).max(), equals=0,
                           instance=f"n={n_inputs}, h={hidden}, N={samples}")


@statement("sparse_coding/equation-4.1", "The squared loss", "Mukherjee 2020, (4.1), averaged",
           says=r"L = \frac{1}{2N} \sum_{s=1}^N \|\hat y_s - y_s\|^2", measures="loss of the library",
           hypotheses=("N a power of 2, so that no float rounds",))
def squared_loss(theorem: Theorem, /, *, n_inputs: int = 3, hidden: int = 7, samples: int = 8,
                 seed: int = 0) -> Verdict:
    """The library's loss against a sum in fractions."""
    net, Y = binary_instance(n_inputs, hidden, samples, seed)
    exact = ReLUNet.tied_autoencoder(as_fractions(net.weights), as_fractions(net.bias))
    total = ((exact(as_fractions(Y.T)) - as_fractions(Y.T)) ** 2).sum()
    return theorem.verdict(given=(samples & (samples - 1) == 0,), measured=net.loss(Y),
                           equals=float(Fraction(total) / (2 * samples)), instance=f"n={n_inputs}, h={hidden}, "
                           f"N={samples}")


@statement("sparse_coding/remark-orthogonal", "Nothing is lost", "Mukherjee 2020, after (4.1)",
           says=r"A^* \text{ orthogonal}, \; x^* \ge 0, \; W = A^{*\top}, \; \epsilon = 0 \;\Rightarrow\; L = 0",
           measures="loss at W = Aᵀ", hypotheses=(ORTHOGONAL, "x ≥ 0", "ε = 0"))
def orthogonal_minimum(theorem: Theorem, /, *, n: int = 16, samples: int = 200, bias: float = 0.0,
                       signed: bool = False, orthogonal: bool = True, seed: int = 0) -> Verdict:
    """Codes uniform on [0, 1], or on [−1, 1]; a random rotation, or random unit columns. Rounding: see the error."""
    A, X = orthogonal_instance(n, samples, signed, orthogonal, seed)
    net, defect = TiedReLUAutoencoder(A.T, bias), orthogonality_defect(A)
    # ReLU does not stretch distances and keeps x ≥ 0, so ‖r − x‖ ≤ ‖(AᵀA − I)x‖, within `rounding`; so are products.
    error = (X ** 2).sum(0).mean() * (2 * rounding(n)) ** 2 if defect <= rounding(n) else 0
    return theorem.verdict(given=(defect <= rounding(n), (X >= 0).all(), (net.bias == 0).all()),
                           measured=net.loss(A @ X), at_most=0, error=error,
                           instance=f"n=h={n}, N={samples}, ε={bias:g}")


@statement("sparse_coding/ours-orthogonal-loss", "What orthogonal weights lose", "ours, beside Mukherjee 2020, (4.1)",
           says=r"W \text{ orthogonal} \Rightarrow L = \tfrac12 E \sum_i \min(\langle W_i, y \rangle, \epsilon_i)^2",
           measures="loss", hypotheses=("W square and orthogonal",))
def orthogonal_weights(theorem: Theorem, /, *, n: int = 16, samples: int = 200, bias: float = 0.1,
                       signed: bool = False, orthogonal: bool = True, seed: int = 0) -> Verdict:
    """The loss of the autoencoder against the formula, at the rows of a rotation or at rows that are only unit."""
    A, X = orthogonal_instance(n, samples, signed, orthogonal, seed)
    net, Y, defect = TiedReLUAutoencoder(A.T, bias), A @ X, orthogonality_defect(A)
    if defect <= rounding(n):
        formula = orthogonal_loss(A.T, Y, bias)
    else:
        formula = 0.5 * (np.minimum(A.T @ Y, bias) ** 2).sum(0).mean()
    # F = Wᵀ(r − q) up to τ‖y‖ and ‖r − q‖ ≤ s = ‖y‖ + √n |ε|: squares differ by 2τs² + τ²s², halved by the loss.
    tau, s = 2 * rounding(n), np.linalg.norm(Y, axis=0) + math.sqrt(n) * abs(bias)
    error = (tau + tau ** 2) * (s ** 2).mean() if defect <= rounding(n) else 0
    return theorem.verdict(given=(defect <= rounding(n),), measured=net.loss(Y), equals=formula, error=error,
                           instance=f"n=h={n}, N={samples}, ε={bias:g}")


@statement("sparse_coding/ours-gradient", "The gradient in closed form", "ours, from Mukherjee 2020, (4.1)",
           says=r"\frac{\partial L}{\partial W} = \frac1N \big(R F^\top + (M \circ W F) Y^\top\big), \; "
                r"M = 1[Q > \epsilon]", measures="largest difference from slopes by five-point differences",
           hypotheses=("no unit switches between the five points",))
def closed_form(theorem: Theorem, /, *, n_inputs: int = 4, hidden: int = 6, samples: int = 20, directions: int = 10,
                at_kink: bool = False, path: str = "dense", seed: int = 0) -> Verdict:
    """Slopes along random directions. Where no unit switches L is a quartic, whose five-point differences are exact."""
    net, Y = binary_instance(n_inputs, hidden, samples, seed, at_kink=at_kink)
    D = np.random.default_rng(seed + 1).standard_normal((directions, hidden, n_inputs))
    D /= np.linalg.norm(D, axis=(1, 2), keepdims=True)
    distance, speed = abs(net.weights @ Y - net.bias[:, None]), abs(D @ Y)
    step = (distance[distance > 0].min() / speed.max()) / 3
    nets = TiedReLUAutoencoder(net.weights + step * np.multiply.outer([-2, -1, 1, 2], D), net.bias)
    losses = nets.loss(Y)
    slopes = np.array([1, -8, 8, -1]) @ losses / (12 * step)
    kept = np.array_equal(nets.hidden(Y) > 0, np.broadcast_to(net.hidden(Y) > 0, (4, directions, hidden, samples)))
    G = net.gradient(Y, path=path)
    # Sums of n + h + N terms, three times over; the differences have weights 18/12 and are divided by the step.
    unit = 3 * (n_inputs + hidden + samples) * UNIT * (1 + abs(net.weights).max()) ** 4 * max(1, abs(Y).max()) ** 2
    return theorem.verdict(given=(kept,), measured=abs(slopes - np.tensordot(D, G, 2)).max(), equals=0,
                           error=1.5 * unit * losses.max() / step, instance=f"n={n_inputs}, h={hidden}, N={samples}, "
                           f"{directions} directions, {path}")


@statement("sparse_coding/erratum-E4.2", "On at the kink, as printed", "Mukherjee 2020, proof of Theorem 4.3.1",
           says=r"Q_i - \epsilon \ge 0 \;\Rightarrow\; r_i \ne 0", measures="share of the support with rᵢ ≠ 0",
           hypotheses=("unit columns", "Q_i ≥ ε for every i in the support"),
           erratum="At Q_i = ε the unit is off, r_i = 0. The proof needs Q_i > ε, and Th(u) = 1[u ≥ 0] must be "
                   "1[u > 0] to be the indicator of r_i ≠ 0.", expected=State.VIOLATED)
def printed_on_at_the_kink(theorem: Theorem, /, *, bias_scale: float = 1.0) -> Verdict:
    """Eight atoms with C = ½, one at a time with the value 1: the bias of the theorem is 1, and so is Q_i."""
    case = KinkCase(bias_scale)
    on_support = case.codes > 0
    Q = case.net.weights @ case.signals
    unit = (np.square(case.dictionary).sum(0) == 1).all()
    return theorem.verdict(given=(unit, (Q[on_support] >= case.bias).all()),
                           measured=(case.net.hidden(case.signals)[on_support] != 0).mean(), at_least=1,
                           instance=f"n=4, h=8, k=1, ε={case.bias:g}")


def binary_instance(n: int, h: int, samples: int, seed: int, *, at_kink: bool = False) -> tuple[TiedReLUAutoencoder,
                                                                                               Array]:
    """Weights and signals in eighths, biases in odd 128ths: exact in floats. `at_kink` puts one unit on its kink."""
    rng = np.random.default_rng(seed)
    W, Y = rng.integers(-8, 9, (h, n)) / 8, rng.integers(-16, 17, (n, samples)) / 8
    bias = (2 * rng.integers(0, 40, h) + 1) / 128  # never a multiple of 1/64, as all Q are
    if at_kink:
        bias[0] = (W[0] @ Y).max()
    return TiedReLUAutoencoder(W, bias), Y


def orthogonal_instance(n: int, samples: int, signed: bool, orthogonal: bool, seed: int) -> tuple[Array, Array]:
    """A dictionary (n, n), a rotation or random unit columns, and codes (n, N)."""
    rng = np.random.default_rng(seed)
    A = random_rotation(n, rng=rng) if orthogonal else rng.standard_normal((n, n))
    return A / np.linalg.norm(A, axis=0), rng.uniform(-1 if signed else 0, 1, (n, samples))


def as_fractions(values: Array) -> NDArray[np.object_]:
    """The same numbers as Fractions."""
    return np.vectorize(Fraction, otypes=[object])(values)
