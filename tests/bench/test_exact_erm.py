"""The enumeration alone: what one call costs at the sizes of the explorers and of the bars, planted and pure noise."""

import numpy as np
import pytest

from mathdl.exact_erm.enumeration import erm_enumerate
from mathdl.exact_erm.problem import ERMProblem

QUICK = [(2, 1, 50), (2, 2, 20), (1, 3, 20), (1, 3, 30), (2, 1, 40), (2, 1, 1000)]


def instance(inputs, width, samples, labels):
    """Gaussian points; labels of a Gaussian net with signs ±1 plus noise of size 0.3, or Gaussian noise alone."""
    rng = np.random.default_rng(1)
    x, gates = rng.normal(size=(samples, inputs)), rng.normal(size=(width, inputs + 1))
    signs = rng.choice([-1, 1], width)
    net = np.maximum(np.column_stack([x, np.ones(samples)]) @ gates.T, 0) @ signs
    y = net + 0.3 * rng.normal(size=samples) if labels == "planted" else rng.normal(size=samples)
    return ERMProblem(x, y, width)


def certify(problem):
    result = erm_enumerate(problem)
    assert result.status == "optimal"
    assert result.gap <= 2e-9 * problem.zero_value
    return result


@pytest.mark.parametrize("labels", ["planted", "noise"])
@pytest.mark.parametrize("size", QUICK, ids=str)
def test_certified_optimum(benchmark, size, labels):
    result = benchmark(certify, instance(*size, labels))
    benchmark.extra_info["subproblems"] = f"{result.n_solved:,} solved of {result.n_subproblems:,}"
