"""Explorer on support recovery: the inputs of the units, the bias between them, and what the theorem promises."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mathdl.core.explore import Choice, Slider, Toggle, explore
from mathdl.core.figures import Picture
from mathdl.core.intervals import binomial_interval
from mathdl.sparse_coding.code_laws import CodeLaw, TwoValued, UniformEntries
from mathdl.sparse_coding.dictionaries import coherence, devore, gaussian, identity_hadamard
from mathdl.sparse_coding.figures.support import Inputs, inputs_figure
from mathdl.sparse_coding.support_recovery import SupportCertificate, SupportConfusion, promise
from mathdl.sparse_coding.supports import UniformSupports
from mathdl.sparse_coding.worst_case import ROUNDING, range_of_products

RUNS = 200
PRIMES = {16: 5, 64: 7, 256: 17}  # DeVore's n = q² near the n asked for
CHANCE = 0.1  # of the high value, when it is rare
FAMILIES = ("identity and Hadamard", "DeVore", "random")


@dataclass(frozen=True)
class Recovery:
    """Weights at distance `delta` from a dictionary of about `n` rows; entries in [low, low + spread]; `times` the
    theorem's bias; with `rare` only the two ends as values, the high one with probability 0.1."""

    sparsity: int = 3
    delta: float = 0.02
    low: float = 0.9
    spread: float = 0.2
    times: float = 1.0
    family: str = FAMILIES[0]
    n: int = 256
    rare: bool = False
    seed: int = 0


def draw_recovery(state: Recovery) -> Picture:
    """Two hundred codes: histogram of the inputs with the bias, and the share of supports found beside the promise."""
    found, law = recovery_promise_of(state), entry_law(state)
    G, moved, _ = dictionary_products(state.family, state.n, state.seed)
    P, rng = G + state.delta * moved, np.random.default_rng(state.seed)
    S = UniformSupports(len(P), state.sparsity).draw(RUNS, rng=rng)
    x = law.draw(S.shape, rng=rng)
    rows, heard = np.ascontiguousarray(P.T), np.zeros((RUNS, len(P)))
    for j in range(state.sparsity):
        heard += rows[S[:, j]] * x[:, j, None]
    used = np.zeros(heard.shape, dtype=bool)
    np.put_along_axis(used, S, True, axis=1)
    seen = confusion(heard > found.bias, used)
    silent, active = range_of_products(P, state.sparsity, law.low, law.high).bias_interval
    slack = ROUNDING * (abs(silent) + abs(active) + found.bias)
    inputs = Inputs(heard[used], heard[~used], RUNS, seen, binomial_interval(round(seen.exact * RUNS), RUNS),
                    silent <= found.bias + slack and found.bias < active - slack)
    return inputs_figure(inputs, found, name=f"{state.family}, h = {len(P)}, coherence {found.C:.3g}")


def explore_recovery():
    """Raise k until the units fall asleep, then wake them with a smaller bias."""
    return explore(draw_recovery, Recovery(), sparsity=Slider(1, 12, "sparsity k"),
                   delta=Slider(0, 0.5, "distance δ of the weights", step=0.01),
                   low=Slider(0.1, 2, "low end a", step=0.1), spread=Slider(0.1, 5, "spread b − a", step=0.1),
                   times=Slider(0.1, 1.5, "bias, times the theorem's", step=0.05),
                   family=Choice(FAMILIES, "dictionary"), n=Choice(tuple(PRIMES), "rows n, about"),
                   rare=Toggle("high entries rare"))


def entry_law(state: Recovery) -> CodeLaw:
    """The entries of the state."""
    high = state.low + state.spread
    return TwoValued(state.low, high, CHANCE) if state.rare else UniformEntries(state.low, high)


def recovery_promise_of(state: Recovery) -> SupportCertificate:
    """The promise of the theorem for the state's bias."""
    law, C = entry_law(state), dictionary_products(state.family, state.n, state.seed)[2]
    numbers = {"C": C, "delta": state.delta, "sparsity": state.sparsity, "low": law.low, "high": law.high, "m1": law.m1}
    return promise(**numbers, bias=state.times * promise(**numbers).bias)


def confusion(on: np.ndarray, used: np.ndarray) -> SupportConfusion:
    """The shares of misses, false alarms and supports found, from which units are on and which should be, (N, h)."""
    return SupportConfusion(float((used & ~on).sum() / used.sum()), float((on & ~used).sum() / (~used).sum()),
                            float((on == used).all(axis=1).mean()))


@lru_cache(maxsize=6)
def dictionary_products(family: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """AᵀA and D A for rows D of length 1 in random directions, both (h, h), and the coherence; W = Aᵀ + δ D."""
    rng = np.random.default_rng(seed)
    q = PRIMES[n]
    A = {FAMILIES[0]: lambda: identity_hadamard(n), FAMILIES[1]: lambda: devore(q, 2, 2 * q * q, rng=rng),
         FAMILIES[2]: lambda: gaussian(n, 2 * n, rng=rng)}[family]()
    D = rng.standard_normal(A.T.shape)
    D /= np.sqrt((D * D).sum(axis=1, keepdims=True))
    return A.T @ A, D @ A, coherence(A).C
