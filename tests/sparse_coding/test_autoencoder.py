"""The tied autoencoder: its gradient against autograd, a loop, differences and itself on other paths; bad input."""

import numpy as np
import pytest
import torch

from mathdl.sparse_coding import autoencoder as module
from mathdl.sparse_coding import hidden_block
from mathdl.sparse_coding.autoencoder import ACTIVE_SHARE, PATHS, TiedReLUAutoencoder
from mathdl.sparse_coding.kink import KinkCase, one_sided_slopes, printed_gradient

CLOSE = {np.float64: 1e-12, np.float32: 1e-6}  # of the largest entry: tens of units of rounding


def instance(lead=(), h=37, n=11, N=201, dtype=np.float64, seed=0, low=0.0):
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((*lead, h, n))
    W /= np.linalg.norm(W, axis=-1, keepdims=True)
    bias, Y = rng.uniform(low, low + 1, (*lead, h)), rng.standard_normal((n, N))
    return W.astype(dtype), bias.astype(dtype), Y.astype(dtype)


def by_autograd(W, bias, Y):
    W = torch.tensor(W, requires_grad=True)
    bias, Y = torch.tensor(bias), torch.tensor(Y)
    output = W.mT @ torch.relu(W @ Y - bias[..., None])
    loss = (output - Y).square().sum((-2, -1)) / (2 * Y.shape[1])
    slope, = torch.autograd.grad(loss.sum(), W)
    return output.detach().numpy(), loss.detach().numpy(), slope.numpy()


def by_hand(W, bias, Y):
    """One sample and one unit at a time."""
    h, n = W.shape
    output, total, G = np.zeros(Y.shape), 0.0, np.zeros(W.shape)
    for s, y in enumerate(Y.T):
        r = [max(W[i] @ y - bias[i], 0.0) for i in range(h)]
        output[:, s] = sum((r[i] * W[i] for i in range(h)), np.zeros(n))
        f = output[:, s] - y
        total += f @ f / 2
        for i in range(h):
            if W[i] @ y > bias[i]:
                G[i] += r[i] * f + (W[i] @ f) * y
    return output, total / Y.shape[1], G / Y.shape[1]


def same(found, expected, close):
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    assert abs(found - expected).max() <= close * max(abs(expected).max(), 1e-3)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
def test_autograd_gives_the_same(path, dtype, lead):
    W, bias, Y = instance(lead, dtype=dtype)
    output, loss, slope = by_autograd(W, bias, Y)
    net = TiedReLUAutoencoder(W, bias)
    found, G = net.loss_and_gradient(Y, path=path)
    assert G.dtype == dtype
    same(G, slope, CLOSE[dtype])
    same(net.gradient(Y, path=path), slope, CLOSE[dtype])
    same(found, loss, CLOSE[dtype])
    same(net.loss(Y, path=path), loss, CLOSE[dtype])
    same(net.forward(Y, path=path), output, CLOSE[dtype])
    tensors, T = net.on("cpu"), torch.tensor(Y)
    total, H = tensors.loss_and_gradient(T, path=path)
    assert isinstance(total, float) if lead == () else isinstance(total, torch.Tensor)
    same(H, slope, CLOSE[dtype])
    same(total, loss, CLOSE[dtype])
    same(tensors.forward(T, path=path), output, CLOSE[dtype])


@pytest.mark.parametrize("seed", range(3))
def test_a_loop_over_samples_and_units_gives_the_same(seed):
    W, bias, Y = instance(h=7, n=4, N=13, seed=seed)
    net = TiedReLUAutoencoder(W, bias)
    output, loss, slope = by_hand(W, bias, Y)
    same(net.forward(Y), output, 1e-13)
    same(net.loss(Y), loss, 1e-13)
    same(net.gradient(Y), slope, 1e-13)
    same(net.hidden(Y), np.maximum(W @ Y - bias[:, None], 0), 1e-13)
    assert net.activity(Y).tolist() == ((W @ Y - bias[:, None] > 0).sum(1) / 13).tolist()


def test_central_differences_give_the_same():
    W, bias, Y = instance(h=6, n=4, N=9)
    G = TiedReLUAutoencoder(W, bias).gradient(Y)
    for i, j in ((0, 0), (2, 3), (5, 1)):
        losses = []
        for t in (-1e-6, 1e-6):
            V = W.copy()
            V[i, j] += t
            losses.append(TiedReLUAutoencoder(V, bias).loss(Y))
        assert G[i, j] == pytest.approx((losses[1] - losses[0]) / 2e-6, abs=1e-8)  # rounding 1e-16/1e-6, t² = 1e-12


@pytest.mark.parametrize("blocks", [1, 300, 5000])
@pytest.mark.parametrize("path", PATHS)
def test_blocks_make_no_difference(monkeypatch, blocks, path):
    """Blocks of 64 samples and one set of weights, with a rest; and pairs gathered seven at a time."""
    W, bias, Y = instance((5,))
    expected = TiedReLUAutoencoder(W, bias).loss_and_gradient(Y, path="dense")
    monkeypatch.setattr(module, "ON_CPU", blocks)
    monkeypatch.setattr(hidden_block, "PAIRS", 7)
    whole = TiedReLUAutoencoder(W, bias)
    for net, signals in ((whole, Y), (whole.on("cpu"), torch.tensor(Y))):
        loss, G = net.loss_and_gradient(signals, path=path)
        same(G, expected[1], 1e-12)
        same(loss, expected[0], 1e-12)
        same(net.activity(signals), (W @ Y - bias[..., None] > 0).mean(-1), 1e-15)
        same(net.hidden(signals), np.maximum(W @ Y - bias[..., None], 0), 1e-12)


def test_memory_stays_within_blocks():
    """The largest arrays that are made: h · N would be 20 million numbers."""
    import tracemalloc

    W, _, Y = instance(h=1000, n=10, N=20_000, dtype=np.float32)
    net = TiedReLUAutoencoder(W, 0.3)
    tracemalloc.start()
    net.loss_and_gradient(Y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * 4 * module.ON_CPU < 4 * 1000 * 20_000


@pytest.mark.parametrize(("low", "sparse"), [(2.5, True), (0.5, False)])
def test_few_active_pairs_are_visited_one_by_one(monkeypatch, low, sparse):
    calls = []
    for name in ("_add_active", "_add_dense"):
        method = getattr(hidden_block.HiddenBlock, name)
        monkeypatch.setattr(hidden_block.HiddenBlock, name,
                            lambda self, G, name=name, method=method: (calls.append(name), method(self, G)))
    W, bias, Y = instance(low=low)
    net = TiedReLUAutoencoder(W, bias)
    assert (0 < net.activity(Y).mean() <= ACTIVE_SHARE) == sparse
    net.gradient(Y)
    assert calls == ["_add_active" if sparse else "_add_dense"]


def test_no_unit_on_at_all():
    W, _, Y = instance()
    net = TiedReLUAutoencoder(W, 100.0)
    for path in PATHS:
        assert not net.gradient(Y, path=path).any()
        assert not net.forward(Y, path=path).any()
        assert net.loss(Y, path=path) == pytest.approx((Y ** 2).sum() / (2 * Y.shape[1]), rel=1e-14)


@pytest.mark.parametrize("path", PATHS)
def test_at_the_kink_a_unit_is_off(path):
    case = KinkCase()
    assert not case.net.activity(case.signals).any()
    assert not case.net.gradient(case.signals, path=path).any()
    assert not case.net.on("cpu").gradient(torch.tensor(case.signals), path=path).any()
    _, _, slope = by_autograd(case.net.weights, case.net.bias, case.signals)  # torch has the same convention
    assert not slope.any()
    above = KinkCase(1 - 2.0 ** -52)
    assert above.net.activity(above.signals).tolist() == [1 / 8] * 8


def test_the_printed_gradient_is_the_slope_to_one_side_and_ours_to_the_other():
    case = KinkCase()
    outward = case.dictionary.T
    before, after = one_sided_slopes(case.net, case.signals, outward)
    assert before == 0
    assert after == pytest.approx((printed_gradient(case.net, case.signals) * outward).sum(), abs=1e-4)
    assert after < -0.9
    W, bias, Y = instance()
    net = TiedReLUAutoencoder(W, bias)
    same(printed_gradient(net, Y), net.gradient(Y), 1e-13)  # away from kinks there is no difference


def test_one_bias_for_all_and_other_number_types():
    W, _, Y = instance((2,))
    wide = TiedReLUAutoencoder(W, 0.5)
    assert wide.bias.shape == (2, 37)
    same(wide.gradient(Y), TiedReLUAutoencoder(W, np.full((2, 37), 0.5)).gradient(Y), 0)
    whole = TiedReLUAutoencoder([[1, 0], [0, 1]])
    assert whole.weights.dtype == np.float64
    assert whole.forward([[1], [2]]).tolist() == [[1], [2]]
    single = TiedReLUAutoencoder(W.astype(np.float32), 0.5)
    assert single.gradient(Y).dtype == np.float32
    assert single.on("cpu").weights.dtype == torch.float32
    assert single.on("cpu", double=True).weights.dtype == torch.float64
    assert (single.hidden_units, single.inputs) == (37, 11)


def test_the_caller_keeps_what_is_his():
    W, bias, Y = instance()
    kept = [v.copy() for v in (W, bias, Y)]
    net = TiedReLUAutoencoder(W, bias)
    net.gradient(Y)
    bias += 1
    assert (net.bias == kept[1]).all()
    assert np.array_equal(W, kept[0])
    assert np.array_equal(Y, kept[2])


@pytest.mark.parametrize(("change", "message"), [
    ({"W": np.ones(3)}, "weights: expected"), ({"W": np.ones((0, 3))}, "weights: expected"),
    ({"W": np.full((2, 3), np.nan)}, "weights: expected finite"), ({"W": np.ones((2, 3), complex)}, "real numbers"),
    ({"W": torch.ones(2, 3, dtype=torch.float16)}, "float32 or float64"),
    ({"bias": np.ones(3)}, "bias: expected"), ({"bias": np.inf}, "bias: expected finite"),
    ({"Y": np.ones((2, 5))}, "signals: expected"), ({"Y": np.ones(3)}, "signals: expected"),
    ({"Y": np.ones((3, 0))}, "signals: expected"), ({"Y": np.full((3, 5), np.inf)}, "signals: expected finite"),
    ({"Y": torch.ones(3, 5)}, "same kind"), ({"path": "sparse"}, "path: expected")])
def test_bad_input_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        TiedReLUAutoencoder(change.get("W", np.ones((2, 3))), change.get("bias", 0.0)).gradient(
            change.get("Y", np.ones((3, 5))), path=change.get("path", "auto"))


def test_numpy_signals_for_weights_in_torch_are_refused():
    with pytest.raises(ValueError, match="same kind"):
        TiedReLUAutoencoder(torch.ones(2, 3)).gradient(np.ones((3, 5)))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cuda_agrees_with_the_cpu(path, dtype):
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device, and torch sees none here")
    W, bias, Y = instance((4,), h=300, n=40, N=2000, dtype=dtype)
    net = TiedReLUAutoencoder(W, bias)
    loss, G = net.loss_and_gradient(Y)
    total, H = net.on("cuda").loss_and_gradient(torch.tensor(Y), path=path)
    assert H.device.type == "cuda"
    same(H.cpu(), G, 10 * CLOSE[dtype])
    same(total, loss, 10 * CLOSE[dtype])
