"""Small instances on which the expected gradient, its proxy and the gap between them can be computed exactly."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.code_laws import TwoValued
from mathdl.sparse_coding.dictionaries import coherence, gaussian
from mathdl.sparse_coding.model import Samples, SparseCodingModel, samples_from
from mathdl.sparse_coding.population_gradient import every_support
from mathdl.sparse_coding.proxy import every_code, finite_values

Array = NDArray[np.float64]
EQUAL = 1e-9


@dataclass(frozen=True, eq=False)
class Instance:
    """A model with weights W (h, n) and bias (h,)."""

    model: SparseCodingModel
    weights: Array
    bias: Array


def random_instance(n: int = 6, h: int = 7, k: int = 4, *, law: str = "two-valued", support: object = "uniform",
                    distance: float = 0.3, equal_bias: bool = False, seed: int = 0) -> Instance:
    """A Gaussian dictionary, rows of W at `distance` from the atoms, and biases drawn from [0, 1]."""
    rng = np.random.default_rng(seed)
    A = gaussian(n, h, rng=rng)
    bias = rng.uniform(0, 1, h)
    model = SparseCodingModel(A, k, 0.5, 2.0, support=support, law=law)
    return Instance(model, moved(A, distance, rng=rng), np.full(h, bias[0]) if equal_bias else bias)


def moved(dictionary: Array, distance: float, *, rng: np.random.Generator) -> Array:
    """Rows (h, n) that are exactly `distance` away from the atoms, each in a random direction."""
    steps = gaussian(*dictionary.shape, rng=rng)
    return (dictionary + distance * steps).T


def equiangular(atoms: int, cosine: float, *, alone: int = 0) -> Array:
    """`atoms` unit columns of R^h with every inner product `cosine`, and `alone` further ones orthogonal to all.

    Square, h = atoms + alone. Raises ValueError unless 0 <= cosine < 1.
    """
    if not 0 <= cosine < 1:
        raise ValueError(f"expected a cosine in [0, 1); got {cosine}")
    gram = np.full((atoms, atoms), cosine)
    np.fill_diagonal(gram, 1.0)
    values, vectors = np.linalg.eigh(gram)
    A = np.eye(atoms + alone)
    A[:atoms, :atoms] = (vectors * np.sqrt(values)) @ vectors.T
    return A / np.linalg.norm(A, axis=0)


def false_alarms(*, k: int = 4, h: int = 8, alone: int = 0, cosine: float = 0.02, distance: float = 0.002,
                 high: float = 2.5, chance: float = 0.05, factor: float = 1.0, seed: int = 0) -> Instance:
    """Entries 1, rarely `high`, and `factor` times the bias of Theorem 4.3.1: gates of the support are always right.

    When all entries are `high`, and high > 2 m1, gates outside the support open: a rare event of known probability.
    """
    A = equiangular(h - alone, cosine, alone=alone)
    model = SparseCodingModel(A, k, 1.0, high, law=TwoValued(1.0, high, chance))
    bias = factor * theorem_bias(model, distance)
    return Instance(model, moved(A, distance, rng=np.random.default_rng(seed)), np.full(h, bias))


def theorem_bias(model: SparseCodingModel, distance: float) -> float:
    """ε = 2 m1 k (δ + C), the bias of Mukherjee 2020, Theorem 4.3.1."""
    return 2 * model.m1 * model.sparsity * (distance + coherence(model.dictionary).C)


def codes_together(model: SparseCodingModel) -> tuple[Samples, Array]:
    """Codes whose entries are all equal: each has its law, and given the support they are not independent."""
    values, chances = finite_values(model.entry_law)
    blocks = list(every_support(model))
    S, weights = np.vstack([s for s, _ in blocks]), np.concatenate([w for _, w in blocks])
    x = np.repeat(np.array(values)[None, :], len(S), 0).ravel()
    entries = np.tile(x[:, None], (1, model.sparsity))
    return samples_from(model.dictionary, np.repeat(S, len(values), 0), entries), np.outer(weights, chances).ravel()


def codes_of(model: SparseCodingModel, together: bool) -> tuple[Samples, Array]:
    """All codes with their probabilities: independent entries, or all entries equal."""
    return codes_together(model) if together else every_code(model)


def factorises(samples: Samples, chances: Array, m1: float, m2: float) -> bool:
    """Whether E x_i x_j given the support is m1² for i ≠ j and m2 for i = j, on every support that occurs."""
    _, place = np.unique(samples.supports, axis=0, return_inverse=True)
    place, x = place.ravel(), samples.entries
    total, products = np.bincount(place, chances), x[:, :, None] * x[:, None, :]
    second = np.zeros((len(total), *products.shape[1:]))
    np.add.at(second, place, chances[:, None, None] * products)
    wanted = np.full(second.shape[1:], m1 ** 2)
    np.fill_diagonal(wanted, m2)
    return bool(np.allclose(second / total[:, None, None], wanted, rtol=EQUAL, atol=0))


def independent(samples: Samples, chances: Array, model: SparseCodingModel) -> bool:
    """Whether given its support every code has the product of the probabilities of its entries."""
    values, single = finite_values(model.entry_law)
    _, place = np.unique(samples.supports, axis=0, return_inverse=True)
    total = np.bincount(place.ravel(), chances)[place.ravel()]
    each = np.array(single)[np.searchsorted(values, samples.entries)]
    return bool(np.allclose(chances / total, each.prod(1), rtol=EQUAL, atol=0))


def exchangeable(model: SparseCodingModel, order: int = 4) -> bool:
    """Whether r given atoms are in the support with a probability that does not depend on which, r = 1 to `order`."""
    blocks = list(every_support(model))
    S, weights = np.vstack([s for s, _ in blocks]), np.concatenate([w for _, w in blocks])
    member = np.zeros((len(S), model.atoms))
    np.put_along_axis(member, S, 1.0, axis=1)
    for r in range(1, min(order, model.atoms) + 1):
        chances = [weights @ member[:, atoms].prod(1) for atoms in combinations(range(model.atoms), r)]
        if max(chances) - min(chances) > EQUAL:
            return False
    return True
