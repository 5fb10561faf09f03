"""The experiments of section 4.6: dictionary, signals, bias and points, with every unprinted choice named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.dictionaries import Coherence, coherence, gaussian
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.supports import support_size

INPUTS, LOW, HIGH = 50, 1.0, 10.0  # n, and the interval of the non-zero entries, as printed


@dataclass(frozen=True, eq=False)
class Section46:
    """One cell: a Gaussian dictionary, `h` atoms in R^n, and `N` signals of k = h^p atoms, entries uniform on [1, 10].

    The dictionary depends on `seed` and h alone, as in the source; signals on p, too. `rounding` makes h^p whole.
    Signals are float32, in which one gradient is good to 1e-6 of its size.
    """

    h: int
    p: float
    N: int = 5000
    seed: int = 0
    rounding: str = "ceil"
    n: int = INPUTS

    @cached_property
    def dictionary(self) -> np.ndarray:
        """A, (n, h)."""
        return gaussian(self.n, self.h, rng=np.random.default_rng([self.seed, self.h]))

    @cached_property
    def model(self) -> SparseCodingModel:
        """The law of the signals."""
        return SparseCodingModel(self.dictionary, self.k, LOW, HIGH)

    @cached_property
    def coherence(self) -> Coherence:
        """Of the dictionary."""
        return coherence(self.dictionary)

    @property
    def k(self) -> int:
        """h^p as a whole number."""
        return support_size(self.h, self.p, self.rounding)

    @property
    def delta(self) -> float:
        """δ = h^(−2p), the radius around the dictionary."""
        return self.h ** (-2 * self.p)

    @property
    def scale(self) -> float:
        """max(m1², m2) k/h, what Theorem 4.3.2 compares a gradient with."""
        return max(self.model.m1 ** 2, self.model.m2) * self.k / self.h

    @cached_property
    def signals(self) -> np.ndarray:
        """Y, (n, N), float32."""
        return self.model.sample(self.N, rng=self.rng(0)).signals.astype(np.float32)

    def rng(self, stream: int) -> np.random.Generator:
        """Independent random numbers of this cell: stream 0 draws signals, 1 points, 2 directions."""
        return np.random.default_rng([self.seed, self.h, round(1e6 * self.p), stream])

    def bias(self, rule: str) -> float:
        """The bias of all units by one of BIAS_RULES; raises ValueError for another name."""
        if rule not in BIAS_RULES:
            raise ValueError(f"expected a bias rule among {', '.join(BIAS_RULES)}; got {rule!r}")
        return BIAS_RULES[rule](self)

    def autoencoder(self, weights: np.ndarray, rule: str) -> TiedReLUAutoencoder:
        """The net with weights (..., h, n), rows beside atoms, in float32."""
        return TiedReLUAutoencoder(np.asarray(weights, dtype=np.float32), np.float32(self.bias(rule)))

    def around(self, distance: float, count: int, *, rng: np.random.Generator) -> np.ndarray:
        """`count` random points W (count, h, n), every row at `distance` of its atom, in a direction of its own."""
        away = gaussian(self.n, count * self.h, rng=rng).T.reshape(count, self.h, self.n)
        return self.dictionary.T + distance * away


# The source prints 2 m1 k (δ + C), with which all units are dead; "seed-fit" is our guess at what was run: the same
# with 1 for m1 and, for C, the mean over atoms of their largest |inner product|. "low" lets one typical entry through.
BIAS_RULES: dict[str, Callable[[Section46], float]] = {
    "theorem": lambda s: 2 * s.model.m1 * s.k * (s.delta + s.coherence.C),
    "seed-fit": lambda s: 2 * s.k * (s.delta + s.coherence.mean_row_max),
    "low": lambda s: 1.1 * s.k}
