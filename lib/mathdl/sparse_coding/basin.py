"""Gradient descent on the autoencoder's loss from a given distance of the dictionary, and where it ends.

With one active unit a signal (k = 1) the end is known: every atom keeps its direction and is stretched by a factor
s > 1, because the bias takes something off every code and a longer weight vector pays it back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.matching import Matching, match_atoms

Array = NDArray[np.float64]
SUFFICIENT, SHRINK, GROW = 0.1, 0.5, 2.0  # Armijo's rule
TINIEST = 1e-14  # a step this much smaller than the first one cannot lower the loss beyond rounding


@dataclass(frozen=True, eq=False)
class Descent:
    """A run of T steps: `weights` (h, n) at the end; losses, gradient norms and mean column distances, each (T+1,).

    `settled` tells whether the gradient became `tolerance` times as short as at the start.
    """

    weights: Array
    losses: Array
    gradient_norms: Array
    distances: Array
    settled: bool

    def matched(self, planted: ArrayLike) -> Matching:
        """The atoms at the end beside the planted ones, in the order that fits best."""
        return match_atoms(planted, self.weights.T)


def gd_recovery(signals: ArrayLike, start: ArrayLike, bias: ArrayLike, *, planted: ArrayLike, tolerance: float = 2e-5,
                max_steps: int = 500) -> Descent:
    """Gradient descent with Armijo's line search on `signals` (n, N) from weights `start` (h, n).

    Stops when the gradient norm falls below `tolerance` times the first one (Mukherjee 2020, section 4.6.3), when no
    step lowers the loss, or after `max_steps`. Distances are between the columns of Wᵀ and of `planted` (n, h), in the
    order given. Raises ValueError for shapes that do not fit.
    """
    W, A = np.array(start, dtype=float), np.asarray(planted, dtype=float)
    if W.shape != A.T.shape:
        raise ValueError(f"expected start weights of shape {A.T.shape}, the transpose of the dictionary; got {W.shape}")
    loss, G = TiedReLUAutoencoder(W, bias).loss_and_gradient(signals)
    record, step = [(loss, np.linalg.norm(G), mean_distance(W, A))], 1.0
    while len(record) <= max_steps and record[-1][1] > tolerance * record[0][1]:
        moved = _armijo(signals, W, bias, loss, G, step)
        if moved is None:
            break
        W, loss, step = moved
        G = TiedReLUAutoencoder(W, bias).gradient(signals)
        step *= GROW
        record.append((loss, np.linalg.norm(G), mean_distance(W, A)))
    losses, norms, distances = np.array(record).T
    return Descent(W, losses, norms, distances, bool(norms[-1] <= tolerance * norms[0]))


def _armijo(signals: ArrayLike, W: Array, bias: ArrayLike, loss: float, G: Array, step: float):
    """The next weights, their loss and the step taken; None when no step helps."""
    slope, first = float((G ** 2).sum()), step
    while step > TINIEST * first:
        new = W - step * G
        value = TiedReLUAutoencoder(new, bias).loss(signals)
        if value <= loss - SUFFICIENT * step * slope:
            return new, value, step
        step *= SHRINK
    return None


def mean_distance(weights: Array, dictionary: Array) -> float:
    """The mean distance of a row of `weights` (h, n) from the column of `dictionary` (n, h) with the same number."""
    return float(np.linalg.norm(weights - dictionary.T, axis=1).mean())


def start_at_distance(dictionary: ArrayLike, distance: float, *, rng: np.random.Generator) -> Array:
    """Weights (h, n), each row at exactly `distance` from its atom, in a random direction."""
    A = np.asarray(dictionary, dtype=float)
    away = rng.standard_normal(A.T.shape)
    return A.T + distance * away / np.linalg.norm(away, axis=1, keepdims=True)


def zero_baseline(distance: float) -> float:
    """The relative decrease of the distance that W = 0 scores from a start at `distance`: it is at distance 1."""
    if not distance > 0:
        raise ValueError(f"expected a distance > 0; got {distance}")
    return 1 - 1 / distance


def stretch(bias: float, m1: float, m2: float) -> float:
    """The factor s >= 1 at which s A is critical when k = 1 and exactly the right unit is on.

    The loss at s A is E(x − s(s x − ε))²/2; its derivative is 2 m2 s³ − 3 m1 ε s² + (ε² − 2 m2) s + m1 ε. At 1 this is
    −ε(2 m1 − ε) <= 0, so there is a root in [1, ∞); the least is returned. Raises ValueError unless 0 <= ε <= 2 m1.
    """
    if not 0 <= bias <= 2 * m1 <= 2 * np.sqrt(m2) * (1 + 1e-12):
        raise ValueError(f"expected 0 <= bias <= 2 m1 and m1² <= m2; got bias={bias}, m1={m1}, m2={m2}")
    roots = np.roots([2 * m2, -3 * m1 * bias, bias ** 2 - 2 * m2, m1 * bias])
    real = roots.real[np.abs(roots.imag) < 1e-7]
    return float(real[real >= 1 - 1e-9].min())


def gradient_at_dictionary(bias: float, m1: float, atoms: int) -> float:
    """‖∂L/∂W_i‖ at W = Aᵀ when k = 1, exactly the right unit is on, and h = `atoms`: ε(2 m1 − ε)/h."""
    return bias * (2 * m1 - bias) / atoms


def only_own_unit(dictionary: ArrayLike, low: float, high: float, bias: float, scale: float = 1.0) -> bool:
    """Whether at W = `scale` · Aᵀ every signal x A_i, low <= x <= high, turns on unit i and no other one, strictly."""
    A = np.asarray(dictionary, dtype=float)
    products = scale * A.T @ A
    on, off = products.diagonal().min() * low, (products - np.diag(np.diag(products))).max() * high
    return bool(off < bias < on)
