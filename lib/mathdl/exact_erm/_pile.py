"""The part of `batched` that runs on the device: many small nonnegative least squares problems in lockstep (torch)."""

from __future__ import annotations

import torch
from torch import Tensor

STEPS = 6  # exchanges allowed a column; Lawson and Hanson's method rarely needs two
DEPENDENT = {torch.float64: 1e-11, torch.float32: 1e-5}  # squared distance of a unit column to the span of the others
FLAT = {torch.float64: 1e-13, torch.float32: 1e-6}  # gradient, relative to ‖y‖, that counts as 0


def passive_sets(A: Tensor, y: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Which columns carry weight in min ‖Aᵀc − y‖², c >= 0, and how much: (B, k) each; rows of A have norm 1 or 0.

    Lawson and Hanson's method with one exchange a step. The tableau is [A Aᵀ | A y] after principal pivots on the
    passive columns: its last column holds their weights, and the gradient at the others. A subproblem that does not
    finish keeps its last set: the caller checks what comes out.
    """
    size = y.norm().clamp_min(torch.finfo(y.dtype).tiny)
    T = torch.cat([A @ A.mT, (A @ (y / size))[:, :, None]], dim=2).to(dtype)
    B, k = T.shape[:2]
    sets = torch.zeros((B, k), dtype=torch.bool, device=A.device)
    weights = torch.zeros((B, k), dtype=dtype, device=A.device)
    alive, P, c = torch.arange(B, device=A.device), sets.clone(), weights.clone()
    for _ in range(STEPS * k + 2):
        c, pivot, done = _choose(T, P, c)
        if bool(done.any()):
            sets[alive[done]], weights[alive[done]] = P[done], c[done]
            T, P, c, alive, pivot = (a[~done] for a in (T, P, c, alive, pivot))
        if len(alive) == 0:
            break
        _exchange(T, pivot)
        rows = torch.arange(len(pivot), device=A.device)
        P[rows, pivot] = ~P[rows, pivot]
    sets[alive], weights[alive] = P, c
    return sets, weights.to(A.dtype).nan_to_num(0, 0, 0).clamp_min(0) * size


def _choose(T: Tensor, P: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The next feasible weights, the column to exchange, and where there is none because the optimum is reached."""
    last, zero = T[:, :, -1], torch.zeros((), dtype=T.dtype, device=T.device)
    aim = torch.where(P, last, zero)
    bad = P & (aim <= 0)
    blocked = bad.any(dim=1)
    step, leaves = torch.where(bad, c / (c - aim).clamp_min(1e-300 if T.dtype == torch.float64 else 1e-37),
                               torch.inf).min(dim=1)
    c = torch.where(blocked[:, None], c + step.clamp(0, 1)[:, None] * (aim - c), aim)
    own = torch.diagonal(T[:, :, :-1], dim1=1, dim2=2)
    gain = torch.where(~P & (own > DEPENDENT[T.dtype]) & (last > FLAT[T.dtype]), last ** 2 / own, -torch.inf)
    best, enters = gain.max(dim=1)
    return c, torch.where(blocked, leaves, enters), ~blocked & (best == -torch.inf)


def _exchange(T: Tensor, pivot: Tensor) -> None:
    """Principal pivot on entry (j, j) of each tableau, in place; a second one on the same entry undoes it."""
    rows = torch.arange(len(pivot), device=T.device)
    column, row = T[rows, :, pivot].clone(), T[rows, pivot].clone()
    d = row[rows, pivot]
    row /= d[:, None]
    T.baddbmm_(column[:, :, None], row[:, None, :], alpha=-1)
    T[rows, pivot] = row
    T[rows, :, pivot] = -column / d[:, None]
    T[rows, pivot, pivot] = 1 / d


def weights_on(A: Tensor, y: Tensor, P: Tensor) -> Tensor:
    """The least squares weights (B, k) on the columns P alone, 0 elsewhere, in float64; negative ones become 0.

    Cholesky's factor of the Gram matrix, with two corrections from the residual. Where the factor fails: all 0.
    """
    on = P.to(A.dtype)
    gram = A @ A.mT * (on[:, :, None] * on[:, None, :]) + torch.diag_embed(1 - on)
    factor, failed = torch.linalg.cholesky_ex(gram)
    c = torch.zeros_like(on)
    for _ in range(3):
        residual = y - (c[:, None, :] @ A)[:, 0]
        gradient = (A @ residual[:, :, None])[:, :, 0] * on
        c = c + torch.cholesky_solve(gradient[:, :, None], factor)[:, :, 0] * on
    return torch.where((failed == 0)[:, None], c, torch.zeros_like(c)).nan_to_num(0, 0, 0).clamp_min(0)


def gradient(A: Tensor, y: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """The residual z = y - Aᵀc (B, D), and the largest entry of A z or 0 (B,)."""
    z = y - (c[:, None, :] @ A)[:, 0]
    return z, (A @ z[:, :, None])[:, :, 0].amax(dim=1).clamp_min(0)
