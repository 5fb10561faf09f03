"""The gradient of a tied ReLU autoencoder beside its own matrix products, autograd, and the plain formula.

h = 4096 units, n = 50 inputs, N = 5000 signals, float32, one thread, all on the same weights and signals: entries of
Gaussian columns, units of length 1, and a bias that leaves a tenth of the units on, or about one in a thousand. Before
a peer is timed, its gradient is compared with ours. Ratios are between the best of rounds that alternate, so that a
busy machine slows both.
"""

import platform
from time import perf_counter

import numpy as np
import pytest

from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder

UNITS, INPUTS, SIGNALS = 4096, 50, 5000
DENSE_BIAS, SPARSE_BIAS = 1.3, 3.1  # standard deviations of ⟨W_i, y⟩
ROUNDS = 7
CLOSE = 1e-5  # of the largest entry: sums of 5000 terms in float32, unit 6e-8, in another order


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    W = rng.standard_normal((UNITS, INPUTS)).astype(np.float32)
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    return W, rng.standard_normal((INPUTS, SIGNALS)).astype(np.float32)


def products(W, Y):
    """The five matrix products alone, each in one call, with nothing in between."""
    Q = W @ Y
    F = W.T @ Q
    return Q @ F.T, (W @ F) @ Y.T


def plain(W, Y, bias):
    """The formula as one writes it down."""
    Q = W @ Y
    R = np.maximum(Q - bias, 0)
    F = W.T @ R - Y
    return (R @ F.T + ((bias < Q) * (W @ F)) @ Y.T) / Y.shape[1]


def autograd(W, Y, bias):
    import torch

    W, Y = torch.from_numpy(W).requires_grad_(), torch.from_numpy(Y)
    loss = (W.T @ torch.relu(W @ Y - bias) - Y).square().sum() / (2 * Y.shape[1])
    return torch.autograd.grad(loss, W)[0].numpy()


def best_of_rounds(**tasks):
    """The least time of each, in rounds that do one after the other."""
    times = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = perf_counter()
            task()
            times[name].append(perf_counter() - start)
    return {name: min(spent) for name, spent in times.items()}


@pytest.mark.parametrize(("bias", "path"), [(DENSE_BIAS, "dense"), (SPARSE_BIAS, "active")])
def test_the_gradient_beside_its_products_and_its_peers(benchmark, data, bias, path):
    W, Y = data
    net = TiedReLUAutoencoder(W, bias)
    share = float(net.activity(Y).mean())
    assert (share < 0.01) == (path == "active")  # "auto" then takes this path
    ours = benchmark.pedantic(net.gradient, args=(Y,), kwargs={"path": "auto"}, warmup_rounds=1, rounds=3)
    for peer in (plain, autograd):
        apart = abs(peer(W, Y, bias) - ours).max() / abs(ours).max()
        assert apart <= CLOSE, f"{peer.__name__} differs by {apart:.2g} of the largest entry"
    times = best_of_rounds(ours=lambda: net.gradient(Y), products=lambda: products(W, Y),
                           plain=lambda: plain(W, Y, bias), autograd=lambda: autograd(W, Y, bias))
    ratios = {name: times["ours"] / times[name] for name in ("products", "plain", "autograd")}
    for name, ratio in ratios.items():
        benchmark.extra_info[f"of the time of {name}"] = f"{ratio:.3g}"
    benchmark.extra_info["share of pairs on"] = f"{share:.2g}"
    benchmark.extra_info["hardware"] = platform.processor() or platform.machine()
    print(f"\n{path}, {share:.2g} on: {times['ours']:.3g} s; " + ", ".join(f"{r:.3g} x {n}" for n, r in ratios.items()))
    assert ratios["products"] <= (2 if path == "dense" else 0.7)
    assert ratios["autograd"] < 1


def test_many_small_autoencoders_at_once(benchmark):
    """200 autoencoders of 16 units on 64 signals of length 8: one call, beside a loop over them."""
    rng = np.random.default_rng(0)
    W, Y = rng.standard_normal((200, 16, 8)), rng.standard_normal((8, 64))
    net, single = TiedReLUAutoencoder(W, 0.3), [TiedReLUAutoencoder(w, 0.3) for w in W]
    G = benchmark.pedantic(net.gradient, args=(Y,), warmup_rounds=1, rounds=3)
    assert abs(G - np.array([each.gradient(Y) for each in single])).max() < 1e-12
    times = best_of_rounds(ours=lambda: net.gradient(Y), loop=lambda: [each.gradient(Y) for each in single])
    benchmark.extra_info["times faster than a loop"] = f"{times['loop'] / times['ours']:.3g}"
    print(f"\n{times['loop'] / times['ours']:.3g} times faster than a loop")
    assert times["loop"] > 3 * times["ours"]


@pytest.mark.parametrize("bias", [DENSE_BIAS, SPARSE_BIAS])
def test_the_gradient_on_a_device(benchmark, data, bias):
    """The same gradient in torch: on a GPU when torch sees one, on the CPU else."""
    import torch

    W, Y = data
    device = "cuda" if torch.cuda.is_available() else "cpu"
    net, signals = TiedReLUAutoencoder(W, bias).on(device), torch.from_numpy(Y).to(device)
    found = benchmark.pedantic(lambda: net.gradient(signals).cpu(), warmup_rounds=1, rounds=3).numpy()
    expected = TiedReLUAutoencoder(W, bias).gradient(Y)
    assert abs(found - expected).max() <= CLOSE * abs(expected).max()
    benchmark.extra_info["device"] = torch.cuda.get_device_name() if device == "cuda" else "cpu"
