"""Many single gates at once beside their peers: the same samples in the same order, the same weights, and the ratio.

One gate of n = 20 inputs, 1000 runs of 2000 steps of sub-gradient descent on 1000 noisy samples, float32, one thread;
every run has its own start and its own order of samples. Peers: a Python loop over runs and steps with torch's
autograd, and torch.func.vmap of torch.func.grad over the runs. They are timed on fewer runs or steps and scaled by
run-steps; before that, their weights there are compared with ours.
"""

from time import perf_counter

import numpy as np
import pytest

from mathdl.relu_gate.fast_gates import sample_order, train_gates

RUNS, UPDATES, INPUTS, SAMPLES = 1000, 2000, 20, 1000
NOISE, STEP = 0.3, 0.02
LOOP = (3, 300)  # runs and updates of the loop that are timed
VMAP = (RUNS, 200)
# Weights of length about 1 after a few hundred steps in float32 with unit 6e-8: rounding stays under 1e-5. Where
# rounding switches a gate at its kink the weights differ by STEP · |y| · |x|, so a few runs may be farther apart.
CLOSE, FEW = 1e-5, 0.01


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((SAMPLES, INPUTS)).astype(np.float32)
    w_star = rng.standard_normal(INPUTS) / np.sqrt(INPUTS)
    y = (np.maximum(x @ w_star, 0) + NOISE * rng.standard_normal(SAMPLES)).astype(np.float32)
    w0 = (rng.standard_normal((RUNS, INPUTS)) / np.sqrt(INPUTS)).astype(np.float32)
    return x, y, w0, rng.integers(2 ** 64, size=RUNS, dtype=np.uint64)


def squared_loss(w, x, y):
    """Half the mean squared error of one gate on a batch x (b, n), y (b,)."""
    return 0.5 * ((x @ w).relu() - y).square().mean()


def loop(x, y, w0, order):
    """Autograd, one run and one step at a time."""
    import torch

    x, y = torch.from_numpy(x), torch.from_numpy(y)
    finals = []
    for start, batches in zip(w0, torch.from_numpy(order.astype(np.int64)), strict=True):
        w = torch.from_numpy(start.copy()).requires_grad_()
        for batch in batches:
            slope, = torch.autograd.grad(squared_loss(w, x[batch], y[batch]), w)
            with torch.no_grad():
                w -= STEP * slope
        finals.append(w.detach().numpy())
    return np.array(finals)


def vmap(x, y, w0, order):
    """One vectorised gradient for all runs, one step at a time."""
    import torch

    x, y, w = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(w0.copy())
    slopes = torch.func.vmap(torch.func.grad(squared_loss))
    for batch in torch.from_numpy(order.astype(np.int64)).unbind(1):
        w = w - STEP * slopes(w, x[batch], y[batch])
    return w.numpy()


def seconds_a_run_step(peer, share, data, batch):
    """After the peer has given our weights on its share of the work: the least of two times, by run-steps."""
    x, y, w0, seeds = data
    runs, updates = share
    order = sample_order(seeds[:runs], len(x), updates, batch)
    w = peer(x, y, w0[:runs], order)
    ours = train_gates(x, y, w0[:runs], step=STEP, updates=updates, batch=batch, order=order).w
    apart = abs(w - ours).max(axis=1)
    assert (apart > CLOSE).mean() <= FEW, f"{(apart > CLOSE).sum()} of {runs} runs differ, by {apart.max():.2g} at most"
    times = []
    for _ in range(2):
        start = perf_counter()
        peer(x, y, w0[:runs], order)
        times.append(perf_counter() - start)
    return min(times) / (runs * updates)


@pytest.mark.parametrize(("batch", "over_loop", "over_vmap"), [(1, 2000, 10), (16, 200, 3)])
def test_many_gates_beside_torch(benchmark, data, batch, over_loop, over_vmap):
    x, y, w0, seeds = data
    benchmark.pedantic(train_gates, args=(x, y, w0), warmup_rounds=1, rounds=5,
                       kwargs={"step": STEP, "updates": UPDATES, "batch": batch, "seeds": seeds})
    ours = benchmark.stats["min"] / (RUNS * UPDATES)
    ratios = {}
    for name, peer, share in (("an autograd loop", loop, LOOP), ("torch.func.vmap", vmap, VMAP)):
        ratios[name] = seconds_a_run_step(peer, share, data, batch) / ours
        benchmark.extra_info[f"times faster than {name}"] = f"{ratios[name]:.3g}"
    benchmark.extra_info["nanoseconds a step of a run"] = f"{1e9 * ours:.3g}"
    benchmark.extra_info["of the loop's run-steps timed"] = f"{LOOP[0] * LOOP[1]} of {RUNS * UPDATES}"
    benchmark.extra_info["of vmap's"] = f"{VMAP[0] * VMAP[1]}"
    print(f"\nbatch {batch}: {1e9 * ours:.3g} ns a step; " + "; ".join(f"{r:.3g} times {n}" for n, r in ratios.items()))
    assert ratios["an autograd loop"] >= over_loop
    assert ratios["torch.func.vmap"] >= over_vmap


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_and_types(benchmark, data, dtype, threads):
    """The same training in both number types; what two threads give on this machine."""
    x, y, w0, seeds = data
    benchmark.pedantic(train_gates, args=(x, y, w0), warmup_rounds=1, rounds=3, kwargs={
        "step": STEP, "updates": UPDATES, "seeds": seeds, "dtype": dtype, "threads": threads})
    nanoseconds = 1e9 * benchmark.stats["min"] / (RUNS * UPDATES)
    benchmark.extra_info["nanoseconds a step of a run"] = f"{nanoseconds:.3g}"


@pytest.mark.parametrize("algorithm", ["Algorithm 2", "Algorithm 3", "Algorithm 4"])
def test_ten_thousand_runs_on_a_device(benchmark, algorithm):
    """10,000 runs of n = 20 inputs at once: 1000 updates on a GPU, when torch sees one, and 20 on the CPU else."""
    import torch

    from mathdl.relu_gate.on_device import run_on_device

    updates = 1000 if torch.cuda.is_available() else 20
    found = benchmark.pedantic(run_on_device, rounds=2, warmup_rounds=1, setup=lambda: (
        (algorithm,), {"runs": 10_000, "updates": updates, "generator": torch.Generator().manual_seed(0)}))
    assert torch.isfinite(found.w).all()
    benchmark.extra_info["hardware"] = found.hardware
    benchmark.extra_info["updates"] = updates
    benchmark.extra_info["nanoseconds an update of a run"] = f"{1e9 * found.seconds / (10_000 * updates):.3g}"
