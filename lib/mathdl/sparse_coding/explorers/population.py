"""Explorer of the expected gradient: what it is made of, unit by unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mathdl.core.explore import Choice, Slider, explore
from mathdl.core.figures import Picture
from mathdl.sparse_coding.decomposition import decompose
from mathdl.sparse_coding.dictionaries import devore, gaussian, identity_hadamard
from mathdl.sparse_coding.exact_one_sparse import one_sparse_gradient
from mathdl.sparse_coding.figures.population import parts_figure
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.population_instances import moved, theorem_bias
from mathdl.sparse_coding.proxy import sampled_true_gradient

Array = NDArray[np.float64]
FAMILIES = ("identity and Hadamard", "DeVore", "Gaussian")
SAMPLES = 1000


@dataclass(frozen=True)
class Parts:
    """Entries uniform on [0.9, 1.1]; `delta` is ‖W_i − A_i‖, `bias` multiplies 2 m1 k (δ + C)."""

    delta: float = 0.1
    sparsity: int = 2
    family: str = FAMILIES[0]
    bias: float = 0.5
    seed: int = 0


@lru_cache(maxsize=32)
def parts_model(family: str, sparsity: int) -> SparseCodingModel:
    """Thirty-two atoms of the family in R^16, or R^25 for DeVore's."""
    rng = np.random.default_rng(0)
    made = {FAMILIES[0]: lambda: identity_hadamard(16), FAMILIES[1]: lambda: devore(5, 2, 32, rng=rng),
            FAMILIES[2]: lambda: gaussian(16, 32, rng=rng)}
    return SparseCodingModel(made[family](), sparsity, 0.9, 1.1)


def draw_parts(state: Parts) -> Picture:
    """Bars of the parts of each unit, the norm of their sum, and the true gradient: exact for k = 1, else sampled."""
    model = parts_model(state.family, state.sparsity)
    rng = np.random.default_rng(state.seed)
    W = moved(model.dictionary, state.delta, rng=rng)
    bias = state.bias * theorem_bias(model, state.delta)
    parts = decompose(model, W, bias)
    true = np.linalg.norm(_true_gradient(model, W, bias, rng), axis=1)
    scale = max(model.m1 ** 2, model.m2) * model.sparsity / model.atoms
    norms = np.linalg.norm(parts.gradient, axis=1)
    told = (f"ε = {bias:.3g}: proxy {norms.mean() / scale:.3g}, truth {true.mean() / scale:.3g}"
            + ("" if state.sparsity == 1 else " (sampled)"))
    return parts_figure(parts, scale=scale, true=true, told=told)


def explore_parts():
    """Move δ towards 0 and the parts along W and A shrink; raise k and the other units take over."""
    return explore(draw_parts, Parts(), delta=Slider(0, 0.5, "distance δ", step=0.01),
                   sparsity=Slider(1, 8, "sparsity k"), family=Choice(FAMILIES, "dictionary"),
                   bias=Slider(0, 2, "bias over the theorem's", step=0.05))


def _true_gradient(model: SparseCodingModel, W: Array, bias: float, rng: np.random.Generator) -> Array:
    if model.sparsity == 1:
        return one_sparse_gradient(model, W, bias)[1]
    return sampled_true_gradient(model, W, bias, samples=SAMPLES, rng=rng)
