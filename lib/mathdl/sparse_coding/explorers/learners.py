"""Explorer on learning a planted dictionary: how many signals, how many atoms in each, how many steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mathdl.core.explore import Slider, Toggle, explore
from mathdl.core.figures import Picture
from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.figures.learners import learning_figure
from mathdl.sparse_coding.learners import Learned, alternating_minimisation
from mathdl.sparse_coding.matching import match_atoms
from mathdl.sparse_coding.model import SparseCodingModel

N_INPUTS, ATOMS = 16, 24


@dataclass(frozen=True)
class Planted:
    """N = `samples` signals of k = `sparsity` of 24 Gaussian atoms in R^16, codes in [1, 2]; `told` gives k away."""

    samples: int = 300
    sparsity: int = 2
    steps: int = 12
    told: bool = True
    seed: int = 0


def draw_planted(state: Planted) -> Picture:
    """Recovery after each step, and the cosines of all planted with all matched atoms at the end."""
    A, learned = planted_run(state)
    shares = learned.curve(A)
    D = learned.dictionary[:, match_atoms(A, learned.dictionary).columns]
    return learning_figure(shares, A.T @ D, samples=state.samples,
                           title=f"{shares[-1]:.0%} of {ATOMS} atoms from {state.samples} signals")


@lru_cache(maxsize=256)
def planted_run(state: Planted) -> tuple[np.ndarray, Learned]:
    """The planted dictionary (16, 24), and the run; an untold k is bounded by 4."""
    rng = np.random.default_rng(state.seed)
    A = gaussian(N_INPUTS, ATOMS, rng=rng)
    Y = SparseCodingModel(A, state.sparsity, 1.0, 2.0).sample(state.samples, rng=rng).signals
    limit, enough = (state.sparsity, 0.0) if state.told else (4, 0.4)
    return A, alternating_minimisation(Y, ATOMS, limit, enough=enough, rng=rng, steps=state.steps)


def explore_planted():
    """Take signals away until recovery breaks; then raise k and see how many more it asks for."""
    return explore(draw_planted, Planted(), samples=Slider(30, 900, "signals N", step=30),
                   sparsity=Slider(1, 4, "atoms in a signal, k"), steps=Slider(1, 20, "steps"),
                   told=Toggle("k is known"), seed=Slider(0, 9, "dictionary"))
