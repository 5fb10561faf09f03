"""Compile this chapter's numba loops once at set-up, so that no reader waits: `python -m mathdl.relu_gate.warm`."""

from __future__ import annotations

import numpy as np


def fast_gates() -> None:
    """Many gates on one sample, in both number types, one by one and in batches."""
    from mathdl.relu_gate.fast_gates import train_gates

    x, rng = np.eye(2), np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        for batch in (1, 4):
            train_gates(x, np.ones(2), np.zeros((1, 2)), step=0.1, updates=1, batch=batch, rng=rng, dtype=dtype)


def fresh_samples() -> None:
    """Algorithm 2 on fresh samples, with and without what is kept."""
    from mathdl.relu_gate.laws import Gaussian
    from mathdl.relu_gate.modified_sgd import modified_sgd

    for keep in (False, True):
        modified_sgd(Gaussian(2), [1, 0], [0, 0], step=0.1, updates=1, runs=1, rng=np.random.default_rng(0), keep=keep)


def main() -> None:
    """Run each compiled loop on the smallest inputs; the machine code stays in numba's cache on disk."""
    for task in (fast_gates, fresh_samples):
        task()


if __name__ == "__main__":
    main()
