"""Algorithms 2, 3 and 4 for thousands of runs at once with torch, on the CPU or a GPU, through the book's trainer.

Randomness is the same on every device. Each update draws one 62-bit number from the generator on the CPU; the numbers
of all runs are hashes (splitmix64) of it and of their place, computed where the runs are. Integer arithmetic is exact
everywhere, so devices differ in the last digits of logarithms, cosines and sums only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from mathdl.core.devices import resolve_device
from mathdl.core.training import Update, train
from mathdl.relu_gate.steps import glm_tron_step, modified_sgd_step, noisy_gd_step

ALGORITHMS = ("Algorithm 2", "Algorithm 3", "Algorithm 4")
MASK = [(1 << (64 - k)) - 1 for k in (30, 27, 31)]  # torch shifts with the sign; these bits are the logical shift
GAMMA, FIRST, SECOND = (c - (1 << 64) for c in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True, eq=False)
class DeviceRuns:
    """`w` (R, n) after `updates` updates; `squared_distance` (R,) their ‖w − w_*‖², both in float64 on the CPU.

    `seconds` is the time of the updates, `hardware` the name of what computed them.
    """

    algorithm: str
    w: Tensor
    squared_distance: Tensor
    updates: int
    seconds: float
    hardware: str


def device_normals(seed: Tensor | int, runs: int, n: int, *, device: str, dtype: torch.dtype) -> Tensor:
    """Standard normal numbers (runs, n): numbers of place and `seed` alone, by Box and Muller from 32 bits each.

    Row r depends on r, not on how many rows there are. At most 6.7 in size.
    """
    place = torch.arange(runs * n, device=device, dtype=torch.int64)
    z = (place + 1) * GAMMA + torch.as_tensor(seed, dtype=torch.int64).to(device)
    z = (z ^ ((z >> 30) & MASK[0])) * FIRST
    z = (z ^ ((z >> 27) & MASK[1])) * SECOND
    z = z ^ ((z >> 31) & MASK[2])
    radius = ((((z >> 32) & 0xFFFFFFFF).to(dtype) + 0.5) * 2.0 ** -32).clamp(max=1.0)
    angle = (z & 0xFFFFFFFF).to(dtype) * (2 * math.pi * 2.0 ** -32)
    return ((-2 * radius.log()).sqrt() * angle.cos()).reshape(runs, n)


def modified_sgd_update(w_star: Tensor, step: float) -> Update:
    """Algorithm 2 on fresh Gaussian samples; the loss is ‖w − w_*‖² before the update."""
    def update(state: dict, generator: torch.Generator) -> tuple[dict, Tensor]:
        w = state["w"]
        x = _normals(generator, w)
        y = (x @ w_star).clamp(min=0)
        return {"w": modified_sgd_step(w, x, y, step)}, _squares(w, w_star)

    return update


def noisy_gd_update(x: Tensor, w_star: Tensor, step: float, bound: float, sigma: float) -> Update:
    """Algorithm 3 on the sample x (S, n): ‖ξ₁‖ = `bound` in a uniform direction, ξ₂ Gaussian, `sigma`."""
    y = (x @ w_star).clamp(min=0)

    def update(state: dict, generator: torch.Generator) -> tuple[dict, Tensor]:
        w = state["w"]
        noise1, noise2 = _normals(generator, w), _normals(generator, w)
        noise1 = bound * noise1 / noise1.norm(dim=-1, keepdim=True)
        return {"w": noisy_gd_step(w, x, y, step, noise1, sigma * noise2)}, _squares(w, w_star)

    return update


def glm_tron_update(x: Tensor, y: Tensor, w_star: Tensor,
                    activation: Callable[[Tensor], Tensor] = torch.relu) -> Update:
    """Algorithm 4 on the sample x (S, n), with labels y (R, S) of each run's own."""
    def update(state: dict, generator: torch.Generator) -> tuple[dict, Tensor]:
        w = state["w"]
        return {"w": glm_tron_step(w, x, y, activation)}, _squares(w, w_star)

    return update


def run_on_device(algorithm: str, *, runs: int, updates: int, generator: torch.Generator, n: int = 20,
                  samples: int = 100, device: str = "auto", dtype: torch.dtype = torch.float32) -> DeviceRuns:
    """One of the three algorithms with n inputs, from the origin, ‖w_*‖ = 1, for all runs at once.

    Algorithm 2: fresh Gaussian inputs, the sharp step 1/(n+2). Algorithms 3 and 4: `samples` inputs of length 1; 3
    with step 1/10, noises of length 1/10 and deviation 1/100; 4 with label noise of each run's own, at most 1/10.
    Target and inputs come from `generator`, in float64, so that every device and number type gets the same problem.
    ValueError for an unknown algorithm, or numbers that are not positive.
    """
    if algorithm not in ALGORITHMS or min(runs, updates, n, samples) < 1:
        raise ValueError(f"expected one of {ALGORITHMS} and runs, updates, n, samples >= 1; got {algorithm!r}, {runs}, "
                         f"{updates}, {n}, {samples}")
    device = resolve_device(device, double=dtype == torch.float64)
    where = {"device": device, "dtype": dtype}
    w_star, x = (torch.randn(k, n, generator=generator, dtype=torch.float64) for k in (1, samples))
    w_star, x = (w_star / w_star.norm())[0].to(**where), (x / x.norm(dim=1, keepdim=True)).to(**where)
    if algorithm == "Algorithm 2":
        update = modified_sgd_update(w_star, 1 / (n + 2))
    elif algorithm == "Algorithm 3":
        update = noisy_gd_update(x, w_star, 0.1, 0.1, 0.01)
    else:
        noise = 0.05 * _normals(generator, torch.empty(runs, samples, **where)).clamp(-2, 2)
        update = glm_tron_update(x, (x @ w_star).clamp(min=0) + noise, w_star)
    state = {"w": torch.zeros(runs, n, **where)}
    start = perf_counter()
    last = train(update, state, steps=updates, generator=generator, check_every=updates)
    w = last.state["w"].to("cpu", torch.float64)  # waits for the device
    seconds = perf_counter() - start
    return DeviceRuns(algorithm, w, _squares(w, w_star.to("cpu", torch.float64)), updates, seconds, hardware(device))


@dataclass(frozen=True)
class ExperimentRow:
    """One algorithm on one device: the mean of ‖w − w_*‖² over the runs, what rounding did to it, and the time.

    `error` is the largest distance between the iterates in the number type used and in float64, on the first runs.
    """

    algorithm: str
    runs: int
    updates: int
    mean_squared_distance: float
    error: float
    seconds: float
    hardware: str


def experiment(runs: int = 10_000, updates: int = 1000, device: str = "auto", *, seed: int = 0,
               dtype: torch.dtype = torch.float32, compared: int = 100) -> tuple[ExperimentRow, ...]:
    """The three algorithms for so many runs, with time and hardware; `compared` of them again in float64 on the CPU.

    The first call on a GPU also loads its kernels, so a few updates of each algorithm run before the clock starts.
    """
    rows = []
    for algorithm in ALGORITHMS:
        options = {"device": device, "dtype": dtype}
        run_on_device(algorithm, runs=runs, updates=3, generator=_seeded(seed), **options)
        found = run_on_device(algorithm, runs=runs, updates=updates, generator=_seeded(seed), **options)
        exact = run_on_device(algorithm, runs=min(compared, runs), updates=updates, generator=_seeded(seed),
                              device="cpu", dtype=torch.float64)
        error = (found.w[:len(exact.w)] - exact.w).norm(dim=1).max()
        rows.append(ExperimentRow(algorithm, runs, updates, float(found.squared_distance.mean()), float(error),
                                  found.seconds, found.hardware))
    return tuple(rows)


def hardware(device: str) -> str:
    """The name of what computes: the GPU's, or the processor's."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    import platform

    return f"{device} ({platform.processor() or platform.machine()}, {torch.get_num_threads()} threads)"


def _normals(generator: torch.Generator, like: Tensor) -> Tensor:
    seed = torch.randint(2 ** 62, (), generator=generator)
    return device_normals(seed, *like.shape, device=str(like.device), dtype=like.dtype)


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _squares(w: Tensor, w_star: Tensor) -> Tensor:
    return (w - w_star).square().sum(-1)
