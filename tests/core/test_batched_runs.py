"""Many nets at once: each run is what it is alone, whatever runs beside it, in width, step size, seed and batches."""

import pytest
import torch
from torch import nn

from mathdl.core.batched_runs import minibatch_training, run_gradients, stack_nets
from mathdl.core.checkpoint import Checkpoint
from mathdl.core.generators import RunGenerators
from mathdl.core.optimizers import adam, rmsprop, sgd
from mathdl.core.seeded_layers import linear, relu_net
from mathdl.core.training import seeded, train, training_steps

DOUBLE = torch.float64
SEEDS = (3, 8, 8, 20)
UPDATES = 25
# An update rounds sums of at most 64 terms of size about 1 some ten times over: error 64 * 10 * 2.2e-16 = 1.4e-13. Over
# 25 updates of a descent that does not expand these add up to 4e-12.
TOLERANCE = 1e-11


def data(samples=30, inputs=3):
    x = torch.randn(samples, inputs, generator=seeded(0), dtype=DOUBLE)
    return x, (x[:, :1] - x[:, 1:2]).relu() + 0.1 * x[:, 2:3]


def make(generator, width=7):
    return relu_net((3, width, 1), generator=generator, dtype=DOUBLE)


class Odd(nn.Module):
    """A net that only vmap can run: its parts are not in a row."""

    def __init__(self, generator, width=7):
        super().__init__()
        self.first = linear(3, width, generator=generator, dtype=DOUBLE)
        self.skip = linear(3, 1, generator=generator, dtype=DOUBLE, bias=False)
        self.last = linear(width, 1, generator=generator, dtype=DOUBLE)

    def forward(self, x):
        return self.last(torch.sigmoid(self.first(x))) + self.skip(x)


def deep(generator, width=7):
    first, second = (linear(n, width, generator=generator, dtype=DOUBLE) for n in (3, width))
    return nn.Sequential(first, nn.Sigmoid(), second, nn.Tanh(), linear(width, 1, generator=generator, bias=False,
                                                                        dtype=DOUBLE))


NETS = {"one hidden layer": make, "in no row": Odd, "sigmoids, two hidden layers": deep}
RULES = {"sgd": lambda step: sgd(step, momentum=0.5), "rmsprop": lambda step: rmsprop(0.1 * step),
         "adam": lambda step: adam(0.1 * step)}


@pytest.fixture(params=NETS.values(), ids=NETS.keys())
def net(request):
    return request.param


def trained(make, seeds, *, optimizer, widths=None, batch=8, **options):
    nets = stack_nets(make, seeds=seeds, widths=widths)
    update, state = minibatch_training(nets, *data(), loss=nn.functional.mse_loss, optimizer=optimizer, batch=batch)
    step = train(update, state, steps=UPDATES, generator=RunGenerators(seeds), **options)
    return nets, step


def by_hand(make, seed, step, batch=8, width=None):
    """The same run with an nn.Module, autograd and torch.optim."""
    net = make(seeded(seed)) if width is None else make(seeded(seed), width)
    optimizer, generator = torch.optim.SGD(net.parameters(), lr=step, momentum=0.5), RunGenerators([seed])
    x, y = data()
    for _ in range(UPDATES):
        rows = generator.batch(len(x), batch)[0]
        loss = nn.functional.mse_loss(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return dict(net.named_parameters()), loss


def close(mine, other):
    torch.testing.assert_close(mine, other, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_run_in_a_batch_is_the_run_alone(net, rule):
    steps = torch.tensor([0.01, 0.05, 0.1, 0.05], dtype=DOUBLE)
    _, together = trained(net, SEEDS, optimizer=rule(steps))
    for r, seed in enumerate(SEEDS):
        _, alone = trained(net, [seed], optimizer=rule(float(steps[r])))
        for name, w in together.state["parameters"].items():
            close(w[r], alone.state["parameters"][name][0])
        close(together.loss[r], alone.loss[0])


def test_a_run_is_a_loop_with_torch_optim(net):
    steps = torch.tensor([0.01, 0.05, 0.1, 0.05], dtype=DOUBLE)
    _, together = trained(net, SEEDS, optimizer=sgd(steps, momentum=0.5))
    for r, seed in enumerate(SEEDS):
        weights, loss = by_hand(net, seed, float(steps[r]))
        close(together.loss[r], loss.detach())
        for name, w in weights.items():
            close(together.state["parameters"][name][r], w.detach())


def test_widths_are_masks_in_the_widest(net):
    widths = (2, 7, 5, 1)
    nets, together = trained(net, SEEDS, widths=widths, optimizer=sgd(0.05, momentum=0.5))
    for r, (seed, width) in enumerate(zip(SEEDS, widths, strict=True)):
        weights, loss = by_hand(net, seed, 0.05, width=width)
        close(together.loss[r], loss.detach())
        for name, w in weights.items():
            mine = together.state["parameters"][name][r]
            close(mine[tuple(slice(n) for n in w.shape)], w.detach())
            assert (mine[~nets.masks[name][r]] == 0).all()
            assert nets.masks[name][r].sum() == w.numel()


def test_without_different_widths_there_are_no_masks():
    assert stack_nets(make, seeds=SEEDS).masks is None
    assert stack_nets(make, seeds=SEEDS, widths=[4] * 4).masks is None


def test_seeds_decide_first_weights_and_batches():
    nets, step = trained(make, SEEDS, optimizer=sgd(0.05))
    for weights in (nets.parameters, step.state["parameters"]):
        w = weights["0.weight"]
        assert torch.equal(w[1], w[2])  # equal seeds
        assert not torch.isclose(w[0], w[1]).any()
    assert torch.equal(nets.parameters["0.weight"][3], make(seeded(20))[0].weight)


def test_all_samples_at_once_is_gradient_descent():
    nets = stack_nets(make, seeds=[1, 2])
    x, y = data()
    update, state = minibatch_training(nets, x, y, loss=nn.functional.mse_loss, optimizer=sgd(0.1))
    generator = seeded(0)
    step = train(update, state, steps=3, generator=generator)
    assert torch.equal(generator.get_state(), seeded(0).get_state())
    one = make(seeded(2))
    for _ in range(3):
        gradients = torch.autograd.grad(nn.functional.mse_loss(one(x), y), list(one.parameters()))
        with torch.no_grad():
            for w, g in zip(one.parameters(), gradients, strict=True):
                w -= 0.1 * g
    close(step.state["parameters"]["2.weight"][1], one[2].weight.detach())


def test_outputs_and_single_nets(net):
    nets = stack_nets(net, seeds=SEEDS)
    x, _ = data()
    outputs = nets.outputs(nets.parameters, x.expand(4, *x.shape))
    for r, seed in enumerate(SEEDS):
        close(outputs[r], net(seeded(seed))(x).detach())
        close(nets.net(nets.parameters, r)(x), net(seeded(seed))(x).detach())


def test_layers_in_a_row_that_have_weights_of_their_own():
    def normed(generator):
        return nn.Sequential(linear(3, 4, generator=generator, dtype=DOUBLE), nn.LayerNorm(4, dtype=DOUBLE))

    nets, (x, _) = stack_nets(normed, seeds=[1, 2]), data()
    close(nets.outputs(nets.parameters, x.expand(2, *x.shape))[1], normed(seeded(2))(x).detach())


def test_losses_that_need_vmap_for_integers():
    """Cross entropy with class numbers as targets, and convolutions."""
    def images(generator):
        layer = nn.utils.skip_init(nn.Conv2d, 1, 4, 3, dtype=DOUBLE)
        for w in layer.parameters():
            nn.init.normal_(w, generator=generator)
        return nn.Sequential(layer, nn.ReLU(), nn.Flatten(), linear(4 * 9, 3, generator=generator, dtype=DOUBLE))

    x, y = torch.randn(6, 1, 5, 5, generator=seeded(1), dtype=DOUBLE), torch.tensor([0, 1, 2, 0, 1, 2])
    nets = stack_nets(images, seeds=[1, 2])
    losses, gradients = nets.losses_and_gradients(nets.parameters, x.expand(2, *x.shape), y.expand(2, -1),
                                                  nn.functional.cross_entropy)
    alone = images(seeded(2))
    loss = nn.functional.cross_entropy(alone(x), y)
    loss.backward()
    close(losses[1], loss.detach())
    close(gradients["0.weight"][1], alone[0].weight.grad)


def test_gradients_of_a_function_without_a_module():
    w = torch.tensor([[1.0, 2.0], [3.0, -4.0]])
    losses, gradients = run_gradients(lambda p: (p["w"] ** 3).sum(1) + 0 * p["b"], {"w": w, "b": torch.zeros(2)})
    assert losses.tolist() == [9.0, -37.0]
    assert torch.equal(gradients["w"], 3 * w ** 2)
    assert not losses.requires_grad
    bare = run_gradients(lambda w: (w ** 2).sum(), w)
    assert torch.equal(bare[1], 2 * w)


def test_a_batched_training_is_resumed_with_equal_numbers(tmp_path):
    path, widths = tmp_path / "c.pt", (2, 7, 5, 1)
    nets = stack_nets(make, seeds=SEEDS, widths=widths)
    update, state = minibatch_training(nets, *data(), loss=nn.functional.mse_loss, optimizer=adam(0.01), batch=7)
    for step in training_steps(update, state, steps=UPDATES, generator=RunGenerators(SEEDS),
                               on_step=[Checkpoint(path, every=6)]):
        if step.number == 15:
            break
    resumed = train(update, state, steps=UPDATES, generator=RunGenerators(SEEDS), resume=path)
    whole = train(update, state, steps=UPDATES, generator=RunGenerators(SEEDS))
    assert all(torch.equal(w, whole.state["parameters"][name]) for name, w in resumed.state["parameters"].items())
    assert torch.equal(resumed.loss, whole.loss)


def test_a_run_that_diverges_is_named():
    steps = torch.tensor([0.05, 1e6], dtype=DOUBLE)
    with pytest.raises(FloatingPointError, match="run 1 of 2") as caught:
        trained(make, (1, 2), optimizer=sgd(steps))
    assert caught.value.runs == (1,)
    _, step = trained(make, (1, 2), optimizer=sgd(steps), diverged="freeze")
    _, alone = trained(make, (1,), optimizer=sgd(0.05))
    close(step.loss[0], alone.loss[0])


def test_layers_are_drawn_from_their_generator_alone():
    before = torch.get_rng_state()
    first, again, other = (relu_net((3, 4, 1), generator=seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first[0].weight, again[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)
    assert [type(part) for part in first] == [nn.Linear, nn.ReLU, nn.Linear]
    wide = linear(4, 20_000, generator=seeded(0)).weight
    assert 0.499 < wide.abs().max() <= 0.5  # ±1/√4; all of 80,000 below 0.499 has probability 0.998^80000 = 1e-70


def test_a_training_moves_no_global_seed():
    before = torch.get_rng_state()
    trained(make, SEEDS, optimizer=sgd(0.05))
    assert torch.equal(torch.get_rng_state(), before)


def batch_norm(generator):
    return nn.Sequential(linear(3, 2, generator=generator), nn.BatchNorm1d(2))


def other_names(generator, width):
    return make(generator, width) if width < 5 else Odd(generator, width)


def crossing(generator, width):
    return relu_net((3, width, 9 - width, 1), generator=generator)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"seeds": []}, "at least one seed"), ({"seeds": [2**32]}, r"0 to 2\^32 - 1"),
    ({"seeds": [1], "widths": [1, 2]}, "1 seeds .* and 2 widths"),
    ({"make": lambda g: nn.Linear(2, 3)}, "torch's global generator.*seeded_layers"),
    ({"make": batch_norm}, "buffers"), ({"make": lambda g: nn.ReLU()}, "have none"),
    ({"make": other_names, "widths": [2, 6]}, "differ"),
    ({"make": crossing, "widths": [2, 6]}, "as wide as the others"),
])
def test_refusals(arguments, message):
    before = torch.get_rng_state()
    with pytest.raises(ValueError, match=message):
        stack_nets(**{"make": make, "seeds": [1, 2], **arguments})
    assert torch.equal(torch.get_rng_state(), before)


def test_refusals_of_training():
    nets = stack_nets(make, seeds=[1, 2])
    x, y = data()
    options = {"loss": nn.functional.mse_loss, "optimizer": sgd(0.1)}
    with pytest.raises(ValueError, match="got 30 samples, 29 targets"):
        minibatch_training(nets, x, y[1:], **options)
    update, state = minibatch_training(nets, x, y, batch=4, **options)
    for generator in (seeded(0), RunGenerators([1])):
        with pytest.raises(ValueError, match="expected RunGenerators of 2 seeds"):
            train(update, state, steps=1, generator=generator)
    with pytest.raises(ValueError, match="each >= 1"):
        relu_net((3,), generator=seeded(0))


def test_cuda_agrees_with_the_cpu():
    """Same numbers drawn, float64 on both: the difference is rounding, in another order of summation."""
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device; this machine has none")
    ends = []
    for device in ("cpu", "cuda"):
        nets = stack_nets(make, seeds=SEEDS, widths=(2, 7, 5, 1), device=device)
        update, state = minibatch_training(nets, *data(), loss=nn.functional.mse_loss, optimizer=adam(0.01), batch=8)
        ends.append(train(update, state, steps=UPDATES, generator=RunGenerators(SEEDS, device=device)).state)
    for name, w in ends[0]["parameters"].items():
        close(ends[1]["parameters"][name].cpu(), w)
