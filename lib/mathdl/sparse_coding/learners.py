"""Learners of a dictionary from signals alone, all with the same result, so that they can be laid side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import process_time
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.sparse_coding.matching import match_atoms
from mathdl.sparse_coding.pursuit import SparseCodes, dots, orthogonal_pursuit

Array = NDArray[np.floating]
TWINS = 0.9  # two atoms with a larger |cosine| count as one learned twice
RARE = 0.15  # an atom with less than this share of the median energy counts as unused
RIDGE = 1e-3  # of the mean diagonal: pulls an atom that few signals use towards where it was
SETTLED = 4  # the last steps replace no atom


@dataclass(frozen=True, eq=False)
class Learned:
    """A dictionary (n, h), and what it was after `seconds[i]`, `history[i]`: matching costs the learner no time.

    Seconds of processor time of this process, all threads added up: other programs on the machine do not count.
    """

    name: str
    dictionary: Array
    seconds: tuple[float, ...]
    history: tuple[Array, ...] = field(repr=False)

    def curve(self, planted: ArrayLike, *, threshold: float = 0.95, signed: bool = True) -> Array:
        """The share of planted atoms (n, h) that each entry of the history has found."""
        return np.array([match_atoms(planted, D, signed=signed).recovered(threshold) for D in self.history])

    def seconds_to(self, planted: ArrayLike, share: float, *, signed: bool = True) -> float:
        """When the share was first reached; inf if it never was."""
        good = np.flatnonzero(self.curve(planted, signed=signed) >= share)
        return self.seconds[good[0]] if len(good) else float("inf")


class _Clock:
    """Keeps the history of a learner and leaves the keeping out of its time."""

    def __init__(self) -> None:
        self.seconds, self.history, self._spent, self._since = [], [], 0.0, process_time()

    def keep(self, dictionary: Array) -> None:
        self._spent += process_time() - self._since
        self.seconds.append(self._spent)
        self.history.append(np.array(dictionary))
        self._since = process_time()

    def learned(self, name: str) -> Learned:
        return Learned(name, self.history[-1], tuple(self.seconds), tuple(self.history))


def alternating_minimisation(signals: ArrayLike, atoms: int, sparsity: int, *, rng: np.random.Generator,
                             steps: int = 30, nonnegative: bool = True, enough: float = 0.0,
                             start: Array | None = None) -> Learned:
    """Codes by orthogonal matching pursuit, then the dictionary by least squares, in turns, on `signals` (n, N).

    The method of optimal directions (Engan, Aase and Husoy 1999) in float32, from `atoms` random signals or from
    `start` (n, h). After each step but the last four, atoms that few signals use and one of each pair of twins are
    replaced by what is left of badly explained signals. `sparsity` is the number of atoms a signal may take, an upper
    bound when the true one is not known; then let a signal stop at a residual of `enough` times its length, say 0.4.
    Raises ValueError for shapes that do not fit, numbers that are not finite, and fewer signals than atoms.
    """
    rows = signal_rows(signals, atoms)
    D = random_signals(rows, atoms, rng=rng) if start is None else np.asarray(start, dtype=rows.dtype)
    if D.shape != (rows.shape[1], atoms):
        raise ValueError(f"expected a start of shape {(rows.shape[1], atoms)}; got {D.shape}")
    clock = _Clock()
    clock.keep(D)
    for step in range(steps):
        codes = orthogonal_pursuit(D, rows, sparsity, nonnegative=nonnegative, enough=enough)
        D, energy = least_squares_dictionary(rows, codes, D)
        if step < steps - SETTLED:
            D = _restarted(D, energy, rows, codes.residuals, rng)
        clock.keep(D)
    return clock.learned("alternating minimisation")


def least_squares_dictionary(rows: Array, codes: SparseCodes, previous: Array) -> tuple[Array, Array]:
    """The unit-column dictionary (n, h) that explains `rows` (N, n) best with these codes; the energy (h,) of each row.

    A small ridge around `previous` makes the problem definite; an atom that no signal uses stays where it was.
    """
    from scipy.sparse import csr_array

    N, k = codes.atoms.shape
    X = csr_array((codes.weights.ravel(), codes.atoms.ravel(), np.arange(0, N * k + 1, k)), (N, previous.shape[1]))
    gram = (X.T @ X).toarray()
    energy, unit = gram.diagonal().copy(), np.eye(len(gram), dtype=gram.dtype)
    ridge = max(RIDGE * float(energy.mean()), np.finfo(gram.dtype).tiny)
    D = np.linalg.solve(gram + ridge * unit, X.T @ rows + ridge * previous.T).T
    return D / np.maximum(np.linalg.norm(D, axis=0), np.finfo(D.dtype).tiny), energy


def minibatch_learning(signals: ArrayLike, atoms: int, *, seed: int, epochs: int = 20, penalty: float = 1.0,
                       nonnegative: bool = True, every: int = 20) -> Learned:
    """scikit-learn's MiniBatchDictionaryLearning (Mairal, Bach, Ponce and Sapiro 2009) on `signals` (n, N).

    Batches of 256, coordinate descent on the lasso with weight `penalty`; `every` counts the batches between two
    entries of the history. Its lasso may stop before it has converged, as it does by default, without a warning
    here. Raises ValueError as `alternating_minimisation` does.
    """
    from sklearn.decomposition import MiniBatchDictionaryLearning
    from sklearn.exceptions import ConvergenceWarning

    rows, clock, batches = signal_rows(signals, atoms, dtype=np.float64), _Clock(), [0]

    def keep(state: dict) -> None:
        batches[0] += 1
        if batches[0] % every == 0:
            clock.keep(state["dictionary"].T)

    learner = MiniBatchDictionaryLearning(n_components=atoms, alpha=penalty, max_iter=epochs, batch_size=256,
                                          fit_algorithm="cd", positive_code=nonnegative, max_no_improvement=None,
                                          tol=0.0, random_state=seed, callback=keep)
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        learner.fit(rows)
    clock.keep(learner.components_.T)
    return clock.learned("MiniBatchDictionaryLearning")


def autoencoder_descent(signals: ArrayLike, atoms: int, bias: float, *, rng: np.random.Generator, steps: int = 300,
                        rate: float = 0.02, every: int = 10, start: Array | None = None) -> Learned:
    """Adam (Kingma and Ba 2015) on the loss of the tied ReLU autoencoder, whole batches of `signals` (n, N), float32.

    Starts at `atoms` random signals scaled to length 1, or at `start` (n, h); the dictionary is Wᵀ as it is, not
    normalised. Raises ValueError as `alternating_minimisation` does.
    """
    from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder

    rows = signal_rows(signals, atoms)
    Y, first, second = np.ascontiguousarray(rows.T), 0.0, 0.0
    W = (random_signals(rows, atoms, rng=rng) if start is None else np.asarray(start, np.float32)).T
    clock = _Clock()
    clock.keep(W.T)
    for t in range(1, steps + 1):
        G = TiedReLUAutoencoder(W, bias).gradient(Y)
        first, second = 0.9 * first + 0.1 * G, 0.999 * second + 0.001 * G ** 2
        move = first / (1 - 0.9 ** t) / (np.sqrt(second / (1 - 0.999 ** t)) + 1e-8)
        W = (W - rate * move).astype(np.float32)
        if t % every == 0 or t == steps:
            clock.keep(W.T)
    return clock.learned("autoencoder, Adam")


def random_signals(rows: Array, atoms: int, *, rng: np.random.Generator) -> Array:
    """`atoms` different signals that are not zero, scaled to length 1, as columns (n, atoms)."""
    lengths = np.sqrt(dots(rows, rows))
    good = np.flatnonzero(lengths > 0)
    if len(good) < atoms:
        raise ValueError(f"expected at least {atoms} signals that are not zero; got {len(good)}. Sample more")
    chosen = rng.choice(good, atoms, replace=False)
    return np.ascontiguousarray((rows[chosen] / lengths[chosen, None]).T)


def signal_rows(signals: ArrayLike, atoms: int, dtype: type = np.float32) -> Array:
    """`signals` (n, N), checked, as rows (N, n)."""
    Y = np.asarray(signals, dtype=dtype)
    if Y.ndim != 2 or atoms < 1:
        raise ValueError(f"expected signals (n, N) and at least one atom; got shape {Y.shape} and {atoms} atoms")
    if not np.isfinite(Y).all():
        raise ValueError("expected signals with finite numbers; got NaN or infinity. Remove those columns")
    if Y.shape[1] < atoms:
        raise ValueError(f"expected at least as many signals as atoms, {atoms}; got {Y.shape[1]}. Signals are columns")
    return np.ascontiguousarray(Y.T)


def _restarted(D: Array, energy: Array, rows: Array, residuals: Array, rng: np.random.Generator) -> Array:
    """The dictionary with unused and doubled atoms replaced by badly explained signals, or by what is left of them.

    What is left is the better guess when the other atoms of a signal are known, the signal when none is: a fair coin.
    """
    gone = set(np.flatnonzero(energy < RARE * np.median(energy)).tolist())
    for i, j in zip(*np.nonzero(np.triu(np.abs(D.T @ D), 1) > TWINS), strict=True):
        if i not in gone and j not in gone:
            gone.add(int(i if energy[i] < energy[j] else j))
    lengths = dots(residuals, residuals)
    worst = np.argsort(-lengths)[:max(len(lengths) // 10, len(gone))]
    worst = worst[lengths[worst] > 0]
    columns = sorted(gone)[:len(worst)]
    if columns:
        chosen = rng.choice(worst, len(columns), replace=False)
        D = D.copy()
        new = np.where(rng.random(len(chosen))[:, None] < 0.5, rows[chosen], residuals[chosen])
        D[:, columns] = (new / np.linalg.norm(new, axis=1, keepdims=True)).T
    return D
