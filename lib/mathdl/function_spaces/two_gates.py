"""How well two ReLU gates without an output constant can do on the cube: a linear program for each pair of patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from mathdl.function_spaces.boolean import cube
from mathdl.function_spaces.ltf import threshold_functions


def best_two_gate_error(target: Sequence[int]) -> tuple[float, int]:
    """The least max |c_1 σ(u_1) + c_2 σ(u_2) − target| over the cube, and the number of linear programs it took.

    `target` is a table of ±1 with both signs, on n ≤ 3 bits. The sets where u_1, u_2 ≥ 0 are threshold functions;
    each pair of them is one linear program, so nothing is left out (Mukherjee 2020, Claim 4, without its constant).
    """
    target = np.asarray(target)
    n = len(target).bit_length() - 1
    if target.shape != (2**n,) or n > 3 or set(target.tolist()) != {-1, 1}:
        raise ValueError(f"expected a table of 2^n values ±1 of both signs with n <= 3; got {target.tolist()}")
    pairs = list(_activation_pairs(target, n))
    # c_1 c_2 < 0, or the output has one sign; |c_i| can be moved into u_i. The zero net has error 1.
    return min(1.0, float(_least_errors(target, pairs).min(initial=1.0))), len(pairs)


def _activation_pairs(target: np.ndarray, n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The pairs of sets {u_1 ≥ 0}, {u_2 ≥ 0} that can give an error below 1: gate 1 is on wherever the target is 1."""
    patterns = threshold_functions(n)[0] > 0
    first, second = (patterns[patterns[:, target == sign].all(axis=1)] for sign in (1, -1))
    return product(first, second)


def _least_errors(target: np.ndarray, pairs: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """For each pair the min t with |on_1 u_1 − on_2 u_2 − target| ≤ t, u_i ≥ 0 on its set and ≤ 0 off it, u_i affine.

    One program with a block for each pair: their variables are separate, so the sum of the t is least when each t is.
    """
    from scipy.optimize import linprog
    from scipy.sparse import block_diag

    points = np.column_stack([np.ones(len(target)), cube(len(target).bit_length() - 1)])  # (2^n, n + 1)
    A = block_diag([_constraints(points, *pair) for pair in pairs], format="csr")
    b = np.tile(np.concatenate([target, -target, np.zeros(2 * len(target))]), len(pairs))
    variables = 2 * points.shape[1] + 1
    cost = np.tile(np.eye(variables)[-1], len(pairs))
    result = linprog(cost, A_ub=A, b_ub=b, bounds=np.tile([[-np.inf, np.inf]], (len(cost), 1)))
    return result.x[variables - 1::variables]


def _constraints(points: np.ndarray, on_1: np.ndarray, on_2: np.ndarray) -> np.ndarray:
    """The rows ≤ (target, −target, 0, 0) in the variables (u_1, u_2, t)."""
    none, t = np.zeros_like(points), np.ones((len(points), 1))
    output = np.hstack([points * on_1[:, None], -points * on_2[:, None]])
    sides = [np.hstack([points * np.where(on_1, -1, 1)[:, None], none]),
             np.hstack([none, points * np.where(on_2, -1, 1)[:, None]])]
    return np.vstack([np.hstack([output, -t]), np.hstack([-output, -t]), *(np.hstack([side, 0 * t]) for side in sides)])
