"""Nets with one filter: equal to torch's convolution and to their own ReLU net; what is refused."""

import numpy as np
import pytest
import torch

from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.single_filter import SingleFilterNet, leaky_relu


@pytest.mark.parametrize(("length", "size", "stride", "alpha"), [(11, 3, 1, 0.0), (11, 3, 2, 0.2), (8, 8, 1, 0.5),
                                                                (9, 1, 4, 1.0), (12, 4, 4, 1.7)])
def test_equals_torch_convolution_leaky_relu_and_mean(length, size, stride, alpha):
    rng = np.random.default_rng(length)
    net = SingleFilterNet.from_conv1d(length, size, stride, alpha=alpha)
    x, w = rng.standard_normal((40, length)), rng.standard_normal(size)
    u = torch.nn.functional.conv1d(torch.tensor(x)[:, None], torch.tensor(w)[None, None], stride=stride)
    expected = torch.nn.functional.leaky_relu(u, alpha).mean(-1)[:, 0].numpy()
    assert np.abs(net(w, x) - expected).max() < 1e-12
    assert np.abs(net.as_relu_net(w)(x)[:, 0] - expected).max() < 1e-12
    assert net.k == u.shape[-1]
    assert net.as_relu_net(w).size == (2 * net.k if alpha else net.k)
    net.check_patches()


def test_one_gate_is_a_case():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((30, 4)), rng.standard_normal(4)
    net = SingleFilterNet.gate(4)
    assert (net.k, net.r, net.n, net.alpha) == (1, 4, 4, 0)
    assert np.abs(net(w, x) - labels(x, w)).max() < 1e-14


def test_any_patches_against_a_slow_loop():
    rng = np.random.default_rng(1)
    net = SingleFilterNet(rng.standard_normal((3, 2, 5)), 0.3)
    x, w = rng.standard_normal((7, 5)), rng.standard_normal((7, 2))
    slow = [sum(max(u, 0) + 0.3 * min(u, 0) for u in (w[s] @ A @ x[s] for A in net.A)) / 3 for s in range(7)]
    assert net(w, x) == pytest.approx(slow, abs=1e-13)
    assert net.mean_map == pytest.approx(sum(net.A) / 3)


def test_leaky_relu_with_leak_one_is_linear():
    u = np.linspace(-2, 2, 9)
    assert np.array_equal(leaky_relu(u, 1.0), u)
    assert np.array_equal(leaky_relu(u, 0.0), np.maximum(u, 0))


@pytest.mark.parametrize(("A", "message"), [
    ([[[1, 0], [1, 0]]], "used by two taps"), ([[[1, 1]]], "exactly one 1 in each row"), ([[[0, 0]]], "padding"),
    ([[[2, 0]]], "entries 0 and 1"), ([[[1, 0, 0], [0, 1, 0]], [[0, 1, 0], [0, 1, 0]]], r"A\[1\]")])
def test_what_is_no_convolution_patch(A, message):
    net = SingleFilterNet(A)
    assert not net.is_patchwise
    with pytest.raises(ValueError, match=message):
        net.check_patches()


def test_padding_is_no_case_of_the_definition_but_it_is_one_net():
    padded = SingleFilterNet([[[0, 0], [1, 0]], [[1, 0], [0, 1]], [[0, 1], [0, 0]]])
    x, w = torch.tensor([[1.5, -2.0]]), torch.tensor([0.7, -0.4])
    torch_value = torch.relu(torch.nn.functional.conv1d(x[:, None], w[None, None], padding=1)).mean()
    assert padded(w.numpy(), x.numpy())[0] == pytest.approx(float(torch_value), rel=1e-6)
    assert not padded.is_patchwise


@pytest.mark.parametrize(("make", "message"), [
    (lambda: SingleFilterNet(np.eye(2)), "k matrices"), (lambda: SingleFilterNet(np.eye(2)[None], -0.1), "leak ≥ 0"),
    (lambda: SingleFilterNet([[[np.nan]]]), "finite"), (lambda: SingleFilterNet([[[1.0]]], np.inf), "leak ≥ 0"),
    (lambda: SingleFilterNet.from_conv1d(3, 4), "1 ≤ filter ≤ length"),
    (lambda: SingleFilterNet.from_conv1d(4, 2, 0), "stride ≥ 1"),
    (lambda: SingleFilterNet.gate(3)([1, 2, 3], [[1, 2]]), "3 inputs")])
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
