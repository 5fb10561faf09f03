"""Statements on cells: the partitions of Algorithm 1, how many there are (erratum E4), and how to list them (ours)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import comb

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.exact_erm.cells import cells, cover_count
from mathdl.exact_erm.hyperplanes import cofactors
from mathdl.exact_erm.rays import extreme_rays
from mathdl.function_spaces.generators import is_generic

Rows = Sequence[Sequence[int]]
GRID = tuple(product(range(3), repeat=2))
SQUARE = ((0, 0), (1, 0), (0, 1), (2, 1), (1, 2))


@statement("exact_erm/claim-partitions", "Partitions are cells", "Mukherjee 2020, section 2.4, proof of Theorem 2.4.1",
           says=r"\{P_+(\theta) : \theta \in \mathbb R^{n+1}\} = \{\text{cells}\}, \qquad "
                r"\theta \in K_p \Rightarrow \sigma(\langle \theta, \bar x_j \rangle) = p_j \langle \theta, \bar x_j "
                r"\rangle",
           measures="partitions not listed, cells never met, functionals in no closed cell, wrong gate values",
           hypotheses=("all and none are on the list",))
def partitions_are_cells(theorem: Theorem, /, *, points: Rows = GRID, reach: int = 4, trivial: bool = True) -> Verdict:
    """Every functional with integer entries, a up to 2 `reach` in absolute value, against the list of cells; exact.

    Many of them vanish on samples. P_+(θ) must be a cell, and on every closed cell that holds θ the gate must be the
    linear function of the cell. `trivial=False` drops the cells all and none.
    """
    x = np.array(points)
    listed = cells(x).patterns
    listed = listed if trivial else listed[listed.any(axis=1) & ~listed.all(axis=1)]
    values = _functionals(x, reach) @ np.column_stack([x, np.ones(len(x), dtype=int)]).T
    active = values > 0
    met = {row.tobytes() for row in active}
    known = {row.tobytes() for row in listed}
    strange = len(met - known)
    holds = ((2 * listed - 1)[:, None] * values >= 0).all(axis=2)  # (cell, functional): θ in K_p
    wrong = ((listed[:, None] * values != np.maximum(values, 0)).any(axis=2) & holds).sum()
    homeless = (~holds.any(axis=0)).sum()
    return theorem.verdict(given=(trivial,), measured=int(strange + wrong + homeless + len(known - met)), equals=0,
                           instance=f"D={len(x)}, n={x.shape[1]}, {len(listed)} cells, {len(values)} functionals")


@statement("exact_erm/claim-cell-count", "A power of D", "Mukherjee 2020, proof of Theorem 2.4.1",
           says=r"N \le D^n", measures="cells, counted", hypotheses=("n ≥ 2", "D ≥ 2"))
def power_count(theorem: Theorem, /, *, n_samples: int = 12, n_inputs: int = 2, seed: int = 0) -> Verdict:
    """The cells of Gaussian samples against D^n; vacuous where that is no less than 2^D, the number of labellings."""
    x = np.random.default_rng(seed).standard_normal((n_samples, n_inputs))
    return theorem.verdict(given=(n_inputs >= 2, n_samples >= 2), measured=cells(x).n_cells,
                           at_most=n_samples ** n_inputs, trivial=2 ** n_samples,
                           instance=f"D={n_samples}, n={n_inputs}")


@statement("exact_erm/erratum-E4", "A binomial coefficient, as printed", "Mukherjee 2020, proof of Theorem 2.4.1",
           says=r"N \le 2 \binom Dn", measures="cells, counted", hypotheses=("n ≥ 2",),
           erratum="The number of partitions is at most 2 Σ C(D−1, i) with i ≤ n, and that many in general position: "
                   "more than 2 C(D, n). The bound D^n, which the theorem needs, holds for n ≥ 2 and D ≥ 2.",
           expected=State.VIOLATED)
def printed_count(theorem: Theorem, /, *, n_samples: int = 3, n_inputs: int = 2, seed: int = 0) -> Verdict:
    """The cells of Gaussian samples, three in the plane by default, against the printed bound."""
    x = np.random.default_rng(seed).standard_normal((n_samples, n_inputs))
    return theorem.verdict(given=(n_inputs >= 2,), measured=cells(x).n_cells, at_most=2 * comb(n_samples, n_inputs),
                           instance=f"D={n_samples}, n={n_inputs}")


@statement("exact_erm/ours-general-position", "Cover's count and general position", "ours, after Cover 1965",
           says=r"N = 2 \sum_{i=0}^{n} \binom{D-1}{i} \iff \text{every } \min(n + 1, D) \text{ samples are affinely "
                r"independent}",
           measures="random integer samples on which determinants and the count disagree",
           hypotheses=("some samples are degenerate, some not",))
def general_position(theorem: Theorem, /, *, n_samples: int = 6, n_inputs: int = 2, samples: int = 60, largest: int = 6,
                     seed: int = 0) -> Verdict:
    """General position decided twice, exactly: by the determinants of lifted points, and by counting cells."""
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(-largest, largest + 1, (n_samples, n_inputs)) for _ in range(samples)]
    generic = [is_generic(np.column_stack([x, np.ones(n_samples, dtype=int)])) for x in drawn]
    full = [cells(x).n_cells == cover_count(n_samples, n_inputs) for x in drawn]
    return theorem.verdict(given=(0 < sum(generic) < samples,),
                           measured=sum(a != b for a, b in zip(generic, full, strict=True)), equals=0,
                           instance=f"D={n_samples}, n={n_inputs}, {samples} samples, "
                                    f"{samples - sum(generic)} degenerate")


@statement("exact_erm/ours-cell-enumeration", "Cells are found around rays", "ours",
           says=r"p \text{ is a cell} \iff p_j = [\langle r, \bar x_j \rangle > 0] \text{ off } r^\perp \text{ and } p "
                r"\text{ is a cell of the samples on } r^\perp, \text{ for some ray } r",
           measures="pairs (cell, ray) on which the enumeration and brute force differ",
           hypotheses=("the samples affinely span the space",))
def cells_around_rays(theorem: Theorem, /, *, points: Rows = GRID) -> Verdict:
    """The enumeration against all 2^D labellings, in exact integers.

    Brute force takes every hyperplane through n samples as a possible ray, finds those that lie in K_p, and calls p a
    cell when the sum of these has all samples strictly on its side.
    """
    found = extreme_rays(points)
    pairs = {(found.cells.patterns[i].tobytes(), found.signs[r].tobytes())
             for i in range(found.cells.n_cells) for r in found.of_cell(i)}
    x = np.array(points)
    spans = np.linalg.matrix_rank(np.column_stack([x, np.ones(len(x))])) == x.shape[1] + 1
    brute = brute_force_pairs(x)
    return theorem.verdict(given=(spans,), measured=len(pairs ^ brute), equals=0,
                           instance=f"D={len(x)}, n={x.shape[1]}, {found.cells.n_cells} cells, {found.n_rays} rays")


@statement("exact_erm/ours-incidences", "How many pairs of a cell and a ray", "ours",
           says=r"\#\{(p, r) : r \text{ an extreme ray of } K_p\} = 2^{n+1} \binom Dn",
           measures="pairs, counted", hypotheses=("general position", "D > n"))
def incidence_count(theorem: Theorem, /, *, points: Rows = SQUARE) -> Verdict:
    """The pairs that the enumeration visits: 2 C(D, n) rays with 2^n cells around each, in general position."""
    D, n = np.shape(points)
    lifted = [(*point, 1) for point in points]
    return theorem.verdict(given=(is_generic(lifted), n < D), measured=extreme_rays(points).n_incidences,
                           equals=2 ** (n + 1) * comb(D, n), instance=f"D={D}, n={n}")


def brute_force_pairs(x: np.ndarray) -> set[tuple[bytes, bytes]]:
    """Every (pattern, signs of a ray of its closed cell) of integer points (D, n), over all 2^D patterns."""
    D, n = x.shape
    subsets = np.array(list(combinations(range(D), n)))
    base = x[subsets[:, 0]]
    a = cofactors(x[subsets[:, 1:]] - base[:, None])
    theta = np.column_stack([a, -(a * base).sum(axis=1)])[a.any(axis=1)]
    values = np.concatenate([theta, -theta]) @ np.column_stack([x, np.ones(D, dtype=int)]).T
    signs = np.sign(values).astype(np.int8)
    pairs = set()
    for pattern in product((False, True), repeat=D):
        side = 2 * np.array(pattern, dtype=int) - 1
        inside = (side * signs >= 0).all(axis=1)
        if (side * values[inside].sum(axis=0) > 0).all():
            pairs |= {(np.array(pattern).tobytes(), row.tobytes()) for row in signs[inside]}
    return pairs


def _functionals(x: np.ndarray, reach: int) -> np.ndarray:
    """(2 a, t) for all integer a up to `reach` and all integer t that matter: only even t vanish on samples."""
    a = np.array(list(product(range(-reach, reach + 1), repeat=x.shape[1])))
    top = 2 * abs(a @ x.T).max() + 1
    return np.array([(*(2 * row), t) for row in a for t in range(-top, top + 1)])
