"""Any piecewise linear function as a net with ⌈log2(n + 1)⌉ hidden layers, constructively."""

from __future__ import annotations

from dataclasses import dataclass

from mathdl.function_spaces.max_sum import MaxSum, combination
from mathdl.function_spaces.max_trees import net_of_signed_maxes
from mathdl.function_spaces.signed_max import SignedMaxes, alternating_reduction, signed_term
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True)
class FlatCertificate:
    """What flattening cost: terms of (2.1), rows of the largest one, and (hidden layers, size) before and after."""

    terms: int
    largest: int
    before: tuple[int, int]
    after: tuple[int, int]


def to_signed_maxes(f: ReLUNet | PWL1D, *, limit: int = 20_000) -> SignedMaxes:
    """f = Σ_j s_j max_{i ∈ S_j} ℓ_i with |S_j| <= n + 1, exactly (Mukherjee 2020, Theorem 2.2.1, eq. 2.1).

    f is a net with one output or a function on the line; floats are taken at their binary value. The single rows are
    added up to one. Raises ValueError, with the number, before a step that would form more than `limit` rows, or could
    (by a bound that is generous by a factor of about ten) need more than 50 times as many terms.
    """
    f = MaxSum.of(f, limit)
    small = ((sign * weight, MaxSum.maximum(S, limit)) for rows, weight in f.weights.items()
             for sign, S in alternating_reduction(rows, limit=50 * limit).terms)
    f = combination(f.affine, small)
    terms = [signed_term(w, S) for S, w in sorted(f.weights.items())]
    affine = [(1, (f.affine,))] if any(f.affine) or not terms else []
    return SignedMaxes((*affine, *terms), len(f.affine) - 1)


def flatten_depth(net: ReLUNet, *, limit: int = 20_000) -> tuple[ReLUNet, FlatCertificate]:
    """An exact net of the same function with at most ⌈log2(n + 1)⌉ hidden layers (Mukherjee 2020, Theorem 2.2.1).

    Raises ValueError when the net has more than one output, and before a step that could form more than `limit` rows.
    """
    maxes = to_signed_maxes(net, limit=limit)
    flat = net_of_signed_maxes(maxes)
    return flat, FlatCertificate(maxes.n_terms, maxes.largest, (net.hidden_layers, net.size),
                                 (flat.hidden_layers, flat.size))


def hidden_layers_needed(n: int) -> int:
    """⌈log2(n + 1)⌉, the hidden layers that suffice in n variables."""
    return n.bit_length()
