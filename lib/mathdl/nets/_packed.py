"""A net as flat float64 arrays for the splitting loop, with a bound on the rounding error of each gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

UNIT = 2.0**-53  # unit roundoff of float64
TINY = 2.0**-500  # above all that underflow can add while nothing exceeds LARGEST
LARGEST = 2.0**400


class Packed(NamedTuple):
    """Layers 1..L+1 in turn; column first[l] + i belongs to gate i of layer l (from 0), the last one to the output."""

    widths: np.ndarray  # (L+1,) w_1, ..., w_L, 1
    first: np.ndarray  # (L+1,) first column of each layer
    weights: np.ndarray  # W_2^T, ..., W_{L+1}^T, flattened
    start: np.ndarray  # (L+1,) where W_{l+2}^T starts
    bias: np.ndarray  # (3, columns) (0, 0, b), in the first layer (a_1, a_2, b)
    error: np.ndarray  # (columns,) bound on |computed - exact| of each pre-activation anywhere in the box
    output_error: np.ndarray  # (3,) the same for the gradient and the offset of the output


def pack(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], radius: tuple[float, float]) -> Packed | None:
    """The net packed for a box inside |x| <= radius[0], |y| <= radius[1]; None where float64 might overflow."""
    widths = np.array([len(b) for b in biases])
    first, start = np.zeros(len(widths), dtype=int), np.zeros(len(widths), dtype=int)
    np.cumsum(widths[:-1], out=first[1:])
    np.cumsum(widths[:-1] * widths[1:], out=start[1:])
    flat = np.concatenate([W.T.ravel() for W in weights[1:]] or [np.empty(0)])
    bias = np.zeros((3, widths.sum()))
    bias[:2, :widths[0]] = weights[0].T
    np.concatenate(biases, out=bias[2])
    Rx, Ry = max(radius[0], 1.0), max(radius[1], 1.0)  # at least 1, so that `error` bounds the coefficients' errors too
    error, output_error, largest = error_bounds(widths, first, flat, start, bias, Rx, Ry)
    return Packed(widths, first, flat, start, bias, error, output_error) if largest < LARGEST else None


@njit(cache=True, error_model="numpy")
def error_bounds(widths, first, weights, start, bias, Rx, Ry):
    """Bounds on the rounding errors of all gates and of the output's row, and the largest number that can occur.

    A coefficient is a sum of products of weights, each of which passes through at most n roundings (of its weights, of
    its products, and at most w_l + 1 in each sum), so that it is off by at most gamma_n = n u / (1 - n u) times P, the
    same sum with absolute values. Twice that, n with nine more for the evaluation and for this bound: once for the
    value, once for the coefficients where they multiply the error of a corner (at most 1, or the corner is unknown).
    """
    P = np.abs(bias)
    error, growth, size, n, gamma = np.empty(P.shape[1]), 1.0, 0.0, 9, 0.0
    for l in range(len(widths)):
        o, w, top = first[l], widths[l], 0.0
        if l:
            n += widths[l - 1] + 4
            for j in range(widths[l - 1]):
                for i in range(w):
                    W = abs(weights[start[l - 1] + j * w + i])
                    top = max(top, W)
                    for k in range(3):
                        P[k, o + i] += W * P[k, first[l - 1] + j]
            growth *= max(1.0, top * widths[l - 1])
        gamma = n * UNIT / (1 - n * UNIT)
        for g in range(o, o + w):
            error[g] = P[0, g] * Rx + P[1, g] * Ry + P[2, g]
            size = max(size, error[g])
            error[g] = 2 * gamma * error[g] + TINY
    return error, 2 * gamma * P[:, -1] + TINY, max(growth, size)
