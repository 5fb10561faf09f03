"""Compile the numba loops once at set-up, so that no reader waits for them: `python -m mathdl.nets.warm`."""

from __future__ import annotations

import numpy as np


def main() -> None:
    """Run each compiled loop on the smallest input; the machine code stays in numba's cache on disk."""
    from mathdl.nets.pieces import count_pieces
    from mathdl.nets.regions import linear_regions
    from mathdl.nets.relu_net import ReLUNet

    rng = np.random.default_rng(0)
    for n_inputs in (1, 2):
        shapes = [(3, n_inputs), (3, 3), (1, 3)]
        net = ReLUNet([rng.standard_normal(s) for s in shapes], [rng.standard_normal(s[0]) for s in shapes])
        count_pieces(net)
        if n_inputs == 2:
            linear_regions(net).pieces("closed")


if __name__ == "__main__":
    main()
