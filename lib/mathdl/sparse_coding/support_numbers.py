"""The rows of numbers behind the figures on support recovery, for a dictionary or a few laws at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mathdl.sparse_coding.code_laws import TwoValued
from mathdl.sparse_coding.dictionaries import coherence
from mathdl.sparse_coding.finite_entries import FiniteEntries, finite_law, shared_tail
from mathdl.sparse_coding.support_recovery import promise
from mathdl.sparse_coding.supports import support_size
from mathdl.sparse_coding.worst_case import largest_input, range_of_products

EXPONENTS = (0.01, 0.1, 0.2, 0.3, 0.5)  # p of the source's table: k = h^p, and δ = h^(−2p)


def bias_ranges(dictionary: np.ndarray, sparsities: Sequence[int], low: float,
                high: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For W = Aᵀ and each k: largest silent input, least active input, the theorem's bias for uniform entries."""
    G, C = dictionary.T @ dictionary, coherence(dictionary).C
    ends = np.array([range_of_products(G, k, low, high).bias_interval for k in sparsities])
    return ends[:, 0], ends[:, 1], np.array([(low + high) * k * C for k in sparsities])


def tail_rows(laws: dict[str, TwoValued | FiniteEntries],
              sparsities: Sequence[int]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """By name: P[Σx_j > 2 m1 k] for each k, and exp(−2 k m1²/(b − a)²)."""
    exact = {name: np.array([shared_tail(finite_law(law), k) for k in sparsities], dtype=float)
             for name, law in laws.items()}
    return exact, {name: np.array([math.exp(-2 * k * law.m1 ** 2 / (law.high - law.low) ** 2) for k in sparsities])
                   for name, law in laws.items()}


def dead_rows(dictionary: np.ndarray, low: float, high: float) -> tuple[list[str], np.ndarray, np.ndarray]:
    """For each p of the source: p with k = ⌈h^p⌉, the theorem's bias at δ = h^(−2p), the largest input at W = Aᵀ."""
    h, C = dictionary.shape[1], coherence(dictionary).C
    sparsities = [support_size(h, p) for p in EXPONENTS]
    biases = [promise(C=C, delta=h ** (-2 * p), sparsity=k, low=low, high=high, m1=(low + high) / 2).bias
              for p, k in zip(EXPONENTS, sparsities, strict=True)]
    inputs = [largest_input(dictionary.T, dictionary, k, high) for k in sparsities]
    names = [f"p = {p:g}, k = {k}" for p, k in zip(EXPONENTS, sparsities, strict=True)]
    return names, np.array(biases), np.array(inputs)
