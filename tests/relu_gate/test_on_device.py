"""Algorithms 2 to 4 for many runs on a torch device: the numbers of the numpy steps, and of every other device."""

import numpy as np
import pytest
import torch

from mathdl.core.intervals import mean_error
from mathdl.relu_gate.on_device import ALGORITHMS, device_normals, experiment, run_on_device
from mathdl.relu_gate.second_moment import SecondMoment
from mathdl.relu_gate.steps import glm_tron_step, modified_sgd_step

# 30 updates that do not stretch distances (steps under their limits), each off by about n units of rounding on numbers
# of size 10 at most: 30 * 20 * 10 * 6e-8 = 4e-4; float64 has the unit 1e-16.
CLOSE = {torch.float32: 4e-4, torch.float64: 1e-12}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_numbers_are_normal():
    z = device_normals(5, 2000, 50, device="cpu", dtype=torch.float64).numpy().ravel()
    for power, expected in ((1, 0), (2, 1), (3, 0), (4, 3)):
        assert abs((z ** power).mean() - expected) <= mean_error(z ** power)
    assert abs(z).max() < 6.8
    other = device_normals(6, 2000, 50, device="cpu", dtype=torch.float64).numpy().ravel()
    assert abs((z * other).mean()) <= mean_error(z * other)
    assert abs((z[1:] * z[:-1]).mean()) <= mean_error(z[1:] * z[:-1])


def test_the_numbers_are_splitmix64_and_box_muller():
    """The same in numpy's unsigned integers, whose shifts need no masks."""
    with np.errstate(over="ignore"):
        z = np.arange(1, 61, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(2 ** 61 + 5)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    high, low = (z >> np.uint64(32)).astype(float), (z & np.uint64(2 ** 32 - 1)).astype(float)
    expected = np.sqrt(-2 * np.log((high + 0.5) / 2 ** 32)) * np.cos(2 * np.pi * low / 2 ** 32)
    found = device_normals(2 ** 61 + 5, 20, 3, device="cpu", dtype=torch.float64).numpy().ravel()
    assert abs(found - expected).max() < 1e-12


def test_rows_do_not_depend_on_how_many_there_are():
    many, few = (device_normals(7, rows, 4, device="cpu", dtype=torch.float64) for rows in (9, 3))
    assert torch.equal(many[:3], few)
    single = device_normals(7, 9, 4, device="cpu", dtype=torch.float32)
    assert (single - many).abs().max() < 1e-5


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_float32_beside_float64_and_a_run_beside_fewer(algorithm):
    options = {"updates": 30, "n": 6, "samples": 20, "device": "cpu"}
    double = run_on_device(algorithm, runs=40, generator=generator(), dtype=torch.float64, **options)
    single = run_on_device(algorithm, runs=40, generator=generator(), dtype=torch.float32, **options)
    fewer = run_on_device(algorithm, runs=8, generator=generator(), dtype=torch.float64, **options)
    assert (single.w - double.w).abs().max() < CLOSE[torch.float32]
    assert (fewer.w - double.w[:8]).abs().max() < CLOSE[torch.float64]
    assert double.w.dtype == torch.float64
    assert double.squared_distance.shape == (40,)


def test_algorithm_2_by_hand_and_its_exact_mean():
    found = run_on_device("Algorithm 2", runs=3000, updates=40, n=5, generator=generator(), device="cpu",
                          dtype=torch.float64)
    again, w = generator(), torch.zeros(3000, 5, dtype=torch.float64)
    w_star = torch.randn(1, 5, generator=again, dtype=torch.float64)
    w_star = (w_star / w_star.norm())[0]
    torch.randn(100, 5, generator=again, dtype=torch.float64)
    for _ in range(40):
        x = device_normals(torch.randint(2 ** 62, (), generator=again), 3000, 5, device="cpu", dtype=torch.float64)
        w = modified_sgd_step(w, x, (x @ w_star).clamp(min=0), 1 / 7)
    assert (w - found.w).abs().max() < 1e-12
    exact = SecondMoment.gaussian(5).mean_squares(np.eye(5)[0], 1 / 7, 40)[-1]
    assert abs(found.squared_distance.numpy().mean() - exact) <= mean_error(found.squared_distance.numpy())


def test_algorithm_3_confines_and_algorithm_4_fits():
    start = 1.0
    for algorithm, limit in (("Algorithm 3", 2.0), ("Algorithm 4", start)):
        found = run_on_device(algorithm, runs=50, updates=300, n=5, samples=60, generator=generator(), device="cpu")
        assert found.squared_distance.max() < limit
        assert found.squared_distance.mean() < start
    x, y, w = np.eye(2), np.array([[1.0, 0.5]]), np.zeros((1, 2))
    assert glm_tron_step(w, x, y, lambda u: np.maximum(u, 0)).tolist() == [[0.5, 0.25]]


def test_the_experiment_says_what_and_how_long():
    rows = experiment(runs=20, updates=10, device="cpu", compared=5)
    assert [row.algorithm for row in rows] == list(ALGORITHMS)
    for row in rows:
        assert row.error < CLOSE[torch.float32]
        assert row.seconds > 0
        assert row.hardware.startswith("cpu")
        assert np.isfinite(row.mean_squared_distance)
    exact = experiment(runs=20, updates=10, device="cpu", compared=5, dtype=torch.float64)
    assert all(row.error < 1e-12 for row in exact)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_cuda_agrees_with_the_cpu(algorithm, dtype):
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device, and torch sees none here")
    options = {"runs": 1000, "updates": 30, "n": 20, "dtype": dtype}
    here, there = (run_on_device(algorithm, generator=generator(), device=d, **options) for d in ("cpu", "cuda"))
    assert (here.w - there.w).abs().max() < CLOSE[dtype]


def test_bad_input():
    for change in ({"algorithm": "Algorithm 5"}, {"runs": 0}, {"updates": 0}):
        options = {"algorithm": "Algorithm 2", "runs": 1, "updates": 1, **change}
        with pytest.raises(ValueError, match="expected one of"):
            run_on_device(generator=generator(), device="cpu", **options)
    with pytest.raises(ValueError, match="device"):
        run_on_device("Algorithm 2", runs=1, updates=1, generator=generator(), device="abacus")
