"""The cells of the hyperplanes dual to a sample, collected around their extreme rays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.affine_span import Index, SpanningPoints
from mathdl.exact_erm.hyperplanes import Hyperplanes, hyperplanes

Words = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Cells, rays and who touches whom, for m distinct points that span R^d.

    `patterns` (N, m) bool in lexicographic order; `normals` (R, d + 1) and `signs` (R, m) of the rays, a ray and its
    negative R / 2 rows apart; the rays of cell i are `rays[starts[i]:starts[i + 1]]`.
    """

    patterns: NDArray[np.bool_]
    normals: NDArray[np.float64]
    signs: NDArray[np.int8]
    starts: Index
    rays: Index


def arrangement(points: SpanningPoints) -> Arrangement:
    """All cells from all rays: around a ray lie the dichotomies of the points on it, the other signs being its own."""
    found = hyperplanes(points)
    normals = np.concatenate([found.normals, -found.normals])
    signs = np.concatenate([found.signs, -found.signs])
    words, rays = _around(points, found, pack(signs > 0))
    words, of_incidence = unique_rows(words)
    order = np.lexsort((rays, of_incidence))
    starts = np.concatenate([[0], np.cumsum(np.bincount(of_incidence, minlength=len(words)))]).astype(np.intp)
    return Arrangement(unpack(words, signs.shape[1]), normals, signs, starts, rays[order])


def dichotomies(points: SpanningPoints) -> NDArray[np.bool_]:
    """The patterns (N, m) of all cells, in lexicographic order."""
    return line_dichotomies(points.integers[:, 0]) if points.integers.shape[1] == 1 else arrangement(points).patterns


def line_dichotomies(t: NDArray) -> NDArray[np.bool_]:
    """The 2m dichotomies of m distinct numbers by a threshold, in lexicographic order."""
    m = len(t)
    rank = np.empty(m, dtype=np.intp)
    rank[sorted(range(m), key=t.__getitem__)] = np.arange(m)
    above = rank[None, :] >= np.arange(m)[:, None]  # row 0: all
    return unpack(unique_rows(pack(np.concatenate([above, ~above])))[0], m)


def pack(patterns: NDArray[np.bool_]) -> Words:
    """Rows of bits as unsigned words (N, W), whose lexicographic order is that of the bits."""
    short = np.packbits(patterns, axis=1)
    whole = np.zeros((len(short), -(-max(1, short.shape[1]) // 8) * 8), dtype=np.uint8)
    whole[:, :short.shape[1]] = short
    return whole.view(">u8").astype(np.uint64)


def unpack(words: Words, m: int) -> NDArray[np.bool_]:
    """The m bits of each row of words."""
    return np.unpackbits(words.astype(">u8").view(np.uint8), axis=1, count=m).view(np.bool_)


def unique_rows(words: Words) -> tuple[Words, Index]:
    """The distinct rows in lexicographic order, and the number of each row among them."""
    order = np.lexsort(words.T[::-1])
    in_order = words[order]
    new = np.concatenate([[True], (in_order[1:] != in_order[:-1]).any(axis=1)])
    number = np.empty(len(words), dtype=np.intp)
    number[order] = np.cumsum(new) - 1
    return in_order[new], number


def _around(points: SpanningPoints, found: Hyperplanes, base: Words) -> tuple[Words, Index]:
    """Every incidence (cell, ray): the words of the cell, the number of the ray. `base` (2H, W) has the fixed signs."""
    H, d = found.through.shape
    bit = pack(np.eye(found.signs.shape[1], dtype=bool))
    crowded = (found.signs == 0).sum(axis=1) > d
    simple = np.flatnonzero(~crowded)
    rays = np.concatenate([simple, simple + H])
    local = np.zeros((len(simple), 1, base.shape[1]), dtype=np.uint64)
    for k in range(d):  # d independent points on the hyperplane: all 2^d dichotomies
        local = np.concatenate([local, local | bit[found.through[simple, k]][:, None]], axis=1)
    words = [(base[rays][:, None] | np.concatenate([local, local])).reshape(-1, base.shape[1])]
    owners = [np.repeat(rays, 1 << d)]
    for h in np.flatnonzero(crowded):
        on = np.flatnonzero(found.signs[h] == 0)
        inside = dichotomies(points.subset(on))
        whole = np.zeros((len(inside), len(bit)), dtype=bool)
        whole[:, on] = inside
        for ray in (h, h + H):
            words.append(base[ray] | pack(whole))
            owners.append(np.full(len(inside), ray))
    return np.concatenate(words), np.concatenate(owners)
