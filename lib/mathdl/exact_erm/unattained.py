"""Where the minimum of a loss that only tends to 0 (logistic) is attained, and where it is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.tangents import TIGHT

Array = NDArray[np.float64]


def runaway(F: Array, y: Array, weight: Array) -> tuple[NDArray[np.bool_], Array]:
    """The largest set J of samples (D,) whose losses a cell pushes to 0 without raising others, and a direction c (k,).

    J = {j : y_j (F c)_j > 0 for some c >= 0 with y_k (F c)_k >= 0 for all k}, labels -1 and +1, F (D, k) the features
    of the cell; samples of weight 0 do not count. For a loss that decreases in y f towards 0 (logistic) the infimum
    over the cell is the minimum over the samples outside J, which is attained; the cell attains it only if J is empty.
    Proof: c in the definition can be the same for all of J (add them up). Moving by t c, t → ∞, sends the losses of J
    to 0 and, as (F c)_k = 0 elsewhere, leaves the others; with J non-empty every net of the cell is improved this way.
    Outside J no direction but 0 has all y_k (F c)_k >= 0, since adding a large multiple of the first c would make it
    a member of the definition; so the remaining sum grows in every direction and has a minimum.
    """
    from scipy.optimize import linprog

    D, k = F.shape
    away = np.zeros(D, dtype=bool)
    used = np.flatnonzero(weight > 0)
    if not k:
        return away, np.zeros(k)
    size = np.maximum(abs(F).max(axis=0), np.finfo(float).tiny)
    A, m = y[used, None] * F[used] / size, len(used)
    program = linprog(np.concatenate([np.zeros(k), -np.ones(m)]), A_ub=np.hstack([-A, np.eye(m)]), b_ub=np.zeros(m),
                      bounds=[(0, None)] * k + [(0, 1)] * m, method="highs", options=TIGHT)
    if program.status != 0:
        raise ValueError(f"the linear program of a cell was not solved: {program.message} Rescale x to size 1")
    away[used] = program.x[k:] > 0.5  # 0 or 1 at an optimum: a positive entry can be scaled up to 1
    return away, np.maximum(program.x[:k], 0) / size
