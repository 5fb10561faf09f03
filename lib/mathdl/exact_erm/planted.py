"""Random problems whose labels come from a net, plus noise."""

from __future__ import annotations

import numpy as np

from mathdl.exact_erm.problem import ERMProblem


def planted(samples: int, inputs: int, width: int, *, noise: float = 0.3, teacher: int = 2, output_bias: bool = False,
            rng: np.random.Generator) -> ERMProblem:
    """Standard normal points, labelled by `teacher` gates of signs +1 and -1 in turn, plus normal noise.

    The points, then the gates (a_i, b_i), then the noise are drawn; the problem asks for the best net of `width` gates.
    """
    x, gates = rng.standard_normal((samples, inputs)), rng.standard_normal((teacher, inputs + 1))
    hidden = np.maximum(x @ gates[:, :-1].T + gates[:, -1], 0)
    y = hidden @ np.where(np.arange(teacher) % 2, -1, 1) + noise * rng.standard_normal(samples)
    return ERMProblem(x, y, width, output_bias=output_bias)
