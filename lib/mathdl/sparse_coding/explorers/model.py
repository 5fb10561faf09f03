"""Explorer on dictionaries: the Gram matrix of four families, with coherence and the Welch bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.sparse_coding.dictionaries import (
    alternating_projection,
    devore,
    gaussian,
    identity_hadamard,
    is_prime,
    welch_bound,
)
from mathdl.sparse_coding.figures.model import gram_figure, refusal_figure

FAMILIES = ("Gaussian", "identity and Hadamard", "DeVore", "alternating projection")
ROUNDS = 8  # of the projections: what a picture has time for
SQUARES = {q * q: q for q in range(3, 8) if is_prime(q)}


@dataclass(frozen=True)
class Gram:
    """A dictionary with `h` atoms in dimension `n`, of one of the `FAMILIES`."""

    h: int = 48
    n: int = 16
    family: str = "Gaussian"
    seed: int = 0


def dictionary_of(state: Gram) -> np.ndarray:
    """The dictionary of the state; raises ValueError, in words for the reader, where the family has none."""
    n, h, rng = state.n, state.h, np.random.default_rng(state.seed)
    if state.family == "Gaussian":
        return gaussian(n, h, rng=rng)
    if state.family == "alternating projection":
        if h <= n:
            raise ValueError(f"With h = {h} atoms in dimension {n} nothing needs to be pushed:\n"
                             "orthonormal atoms have coherence 0. Raise h.")
        return alternating_projection(n, h, welch_bound(n, h), rng=rng, steps=ROUNDS)
    if state.family == "DeVore":
        if n not in SQUARES or h > n * SQUARES[n]:
            raise ValueError("Quadratics over F_q need n = q² with q a prime, and h ≤ q³;\n"
                             f"got n = {n}, h = {h}. Try n = 25 or 49.")
        return devore(SQUARES[n], 2, h, rng=rng)
    if n & (n - 1) or h > 2 * n:
        raise ValueError(f"A Hadamard matrix of this kind needs n = 2, 4, 8, …, and h ≤ 2n;\ngot n = {n}, h = {h}. "
                         "Try n = 16 or 32.")
    return identity_hadamard(n)[:, 2 * n - h:]


def draw_gram(state: Gram) -> Picture:
    """The Gram matrix of the state's dictionary, or why there is none."""
    try:
        A = dictionary_of(state)
    except ValueError as error:
        return refusal_figure(str(error))
    return gram_figure(A, state.family)


def explore_gram():
    """Change the number of atoms, then the dimension, then the family; how far above the Welch bound is C?"""
    return explore(draw_gram, Gram(), h=Slider(2, 120, "atoms h"), n=Slider(2, 49, "dimension n"),
                   family=Choice(FAMILIES, "family"))
