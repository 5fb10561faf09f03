"""Many nets in one batch beside a Python loop over them: the same first weights, the same batches, the same results.

R = 32 nets of one width with one hidden layer on 256 samples with 8 inputs, plain stochastic gradient descent on
batches of 16, one thread. The peer trains one torch module after the other with torch.optim.SGD on the batches that
`RunGenerators` gives the same run, drawn before the clock starts; ours draws them while the clock runs.
"""

from time import perf_counter

import numpy as np
import pytest
import torch
from torch import nn

from mathdl.core.batched_runs import minibatch_training, stack_nets
from mathdl.core.generators import RunGenerators
from mathdl.core.optimizers import sgd
from mathdl.core.seeded_layers import relu_net
from mathdl.core.training import seeded, train

RUNS, INPUTS, SAMPLES, BATCH, STEP = 32, 8, 256, 16, 0.05
UPDATES = 200
CLOSE = 1e-4  # of weights of size 1 after 200 updates in float32, unit 6e-8, sums in different orders


def make(width):
    return lambda generator: relu_net([INPUTS, width, 1], generator=generator)


def samples():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((SAMPLES, INPUTS))
    y = np.abs(x[:, :1]) + 0.1 * rng.standard_normal((SAMPLES, 1))
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def mean_square(outputs, targets):
    return (outputs - targets).square().mean()


def in_one_batch(width, x, y):
    nets = stack_nets(make(width), seeds=range(RUNS))
    update, state = minibatch_training(nets, x, y, loss=mean_square, optimizer=sgd(STEP), batch=BATCH)
    return train(update, state, steps=UPDATES, generator=RunGenerators(range(RUNS)), check_every=UPDATES)


def one_by_one(nets, x, y, batches):
    for net, rows in zip(nets, batches, strict=True):
        optimizer = torch.optim.SGD(net.parameters(), lr=STEP)
        for row in rows:
            optimizer.zero_grad()
            mean_square(net(x[row]), y[row]).backward()
            optimizer.step()


@pytest.mark.parametrize("width", [16, 64])
def test_many_nets_beside_a_loop(benchmark, width):
    x, y = samples()
    last = benchmark.pedantic(in_one_batch, args=(width, x, y), rounds=3, warmup_rounds=1)
    streams = RunGenerators(range(RUNS))
    batches = torch.stack([streams.batch(SAMPLES, BATCH) for _ in range(UPDATES)], 1)
    nets: list[nn.Module] = [make(width)(seeded(seed)) for seed in range(RUNS)]
    start = perf_counter()
    one_by_one(nets, x, y, batches)
    seconds = perf_counter() - start
    for name in dict(nets[0].named_parameters()):
        loop = torch.stack([dict(net.named_parameters())[name].detach() for net in nets])
        assert (loop - last.state["parameters"][name]).abs().max() < CLOSE
    ratio = seconds / benchmark.stats["min"]
    benchmark.extra_info["times faster than a loop"] = f"{ratio:.3g}"
    benchmark.extra_info["microseconds an update of a net"] = f"{1e6 * benchmark.stats['min'] / (RUNS * UPDATES):.3g}"
    print(f"\nwidth {width}: {ratio:.3g} times faster than a loop over nets")
    assert ratio >= 5
