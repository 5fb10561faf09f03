"""How many pieces a family of functions reaches at given dimension, depth and width, and what that says about size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, prod

from mathdl.function_spaces.central_cones import max_cones
from mathdl.function_spaces.hard import total_pieces
from mathdl.nets.piece_bounds import region_bound


@dataclass(frozen=True)
class Complexity:
    """comp_F(n, k, w) for four families, and what no net can pass (Mukherjee 2020, Definition 6).

    `zonotope` has `generators` of them; `ridge` is x ↦ H(⟨u, x⟩), a hard function in one direction; `montufar` is None
    where that construction needs wider layers; `ceiling` bounds every net with k hidden layers of w gates.
    """

    zonotope: int
    generators: int
    ridge: int
    montufar: int | None
    ceiling: int


def flat_zones(widths: Sequence[int], *, rank_one: bool = False) -> int:
    """c, the pieces of H ∘ γ_Z on γ_Z > M that continue no other: 0, or 1 when a layer before the last has even width.

    With generators of rank 1 the zone has two parts, and c is 2.
    """
    return (2 if rank_one else 1) * any(w % 2 == 0 for w in widths[:-1])


def zonotope_pieces(cones: int, widths: Sequence[int], *, rank_one: bool = False) -> int:
    """V ∏ w_i + c, the pieces of H ∘ γ_Z for a zonotope with V = `cones` vertices (Theorem 2.3.10, corrected; ours)."""
    return cones * prod(widths) + flat_zones(widths, rank_one=rank_one)


def comp_table(dimension: int, hidden_layers: int, width: int, gates: str = "2m") -> Complexity:
    """comp_F(n, k, w) of each family at n = `dimension`, k = `hidden_layers`, w = `width`.

    The zonotope function spends one hidden layer on γ_Z, with as many generators as fit ("2m" or "m+2" gates), the
    other k − 1 on H. Raises ValueError when no generator fits or there is no layer for H.
    """
    n, k, w = dimension, hidden_layers, width
    fits = {"2m": w // 2, "m+2": w - 2}
    if gates not in fits:
        raise ValueError(f'expected gates "2m" or "m+2"; got {gates!r}')
    m = fits[gates]
    if n < 1 or k < 2 or m < 1:
        raise ValueError(f"expected dimension >= 1, hidden_layers >= 2 and a width in which one generator fits; "
                         f"got {n}, {k} and {w} with {gates} gates")
    rank_one = min(n, m) == 1
    return Complexity(zonotope=zonotope_pieces(max_cones(n, m), (w,) * (k - 1), rank_one=rank_one), generators=m,
                      ridge=total_pieces((w,) * k), montufar=montufar_pieces(n, k, w),
                      ceiling=region_bound((w,) * k, n))


def montufar_pieces(dimension: int, hidden_layers: int, width: int) -> int | None:
    """⌊w/n⌋^((k−1)n) Σ_{j<=n} C(w, j), reached by Montufar et al. 2014, Theorem 4; None when w < n."""
    n, k, w = dimension, hidden_layers, width
    return (w // n) ** ((k - 1) * n) * sum(comb(w, j) for j in range(n + 1)) if w >= n else None


def crossover(dimension: int, width: int, gates: str = "2m", deepest: int = 60) -> int | None:
    """The least number of hidden layers (up to `deepest`) at which the zonotope family has more pieces than Montufar's.

    None when it has not up to there.
    """
    for k in range(2, deepest + 1):
        row = comp_table(dimension, k, width, gates)
        if row.montufar is None or row.zonotope > row.montufar:
            return k
    return None


def claimed_size_bound(dimension: int, generators: int, width: int, depth: int, shallow: int) -> float:
    """max{½ k' w^(k/k') (m−1)^((1−1/n)/k') − 1, k' w^(k/k') / n^(1/k')}, as printed in Theorem 2.3.10 (ii).

    n = `dimension`, m = `generators`, k = `depth`, k' = `shallow`. No derivation is printed, and it fails for some f.
    Raises ValueError for numbers below 1, or a width below 2.
    """
    n, m, w, k, q = dimension, generators, width, depth, shallow
    if min(n, m, k, q) < 1 or w < 2:
        raise ValueError(f"expected dimension, generators, depth, shallow >= 1 and width >= 2; "
                         f"got {n}, {m}, {k}, {q}, {w}")
    slab = q * w ** (k / q)
    return max(slab / 2 * (m - 1) ** ((1 - 1 / n) / q) - 1, slab / n ** (1 / q))
