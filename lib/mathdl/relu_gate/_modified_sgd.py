"""The compiled loop of Algorithm 2 over a block of fresh samples, for all runs."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def advance(w, w_star, x, noise, step, squared_distance, path):
    """Update w (R, n) in place with one sample of x (B, R, n) after the other.

    The label is max(0, <w_star, x>) plus noise (B, R), or (0, R) for none. Row t of squared_distance (B, R) is
    ||w - w_star||^2 after update t, and row t of path (B, R, n), or (0, R, n), is w.
    """
    B, R, n = x.shape
    for t in range(B):
        for r in range(R):
            label, guess = 0.0, 0.0
            for k in range(n):
                label += w_star[k] * x[t, r, k]
                guess += w[r, k] * x[t, r, k]
            label = max(label, 0.0)
            if noise.shape[0]:
                label += noise[t, r]
            move = step[r] * (label - guess) if label > 0.0 else 0.0
            total = 0.0
            for k in range(n):
                w[r, k] += move * x[t, r, k]
                total += (w[r, k] - w_star[k]) ** 2
            squared_distance[t, r] = total
            if path.shape[0]:
                for k in range(n):
                    path[t, r, k] = w[r, k]
