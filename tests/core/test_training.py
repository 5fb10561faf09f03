"""The trainer: one Step per update, stopping by `break`, refusals, and what happens when a loss is not finite."""

import math

import pytest
import torch

from mathdl.core.divergence import NonFiniteLoss
from mathdl.core.training import seeded, train, training_steps

DOUBLE = torch.float64


def noisy(state, generator):
    """Gradient descent on |w|²/2 with noise, for one run or many."""
    w = state["w"]
    noise = torch.randn(w.shape, generator=generator, dtype=w.dtype)
    return {"w": w - 0.1 * (w + noise)}, (w * w).sum(-1) / 2


def scaling(factors):
    """w <- factor * w for each run: a factor above 1 diverges; the loss is |w|²."""
    factors = torch.tensor(factors, dtype=DOUBLE)[:, None]
    return lambda state, generator: ({"w": state["w"] * factors}, (state["w"] ** 2).sum(1))


def start(*shape):
    return {"w": torch.ones(*shape, dtype=DOUBLE)}


class Listener:
    """An `on_step` that remembers how it was called."""

    def __init__(self):
        self.calls = []

    def start(self, number, steps):
        self.calls.append(("start", number, steps))

    def __call__(self, step):
        self.calls.append(step.number)

    def close(self):
        self.calls.append("close")


def test_steps_are_those_of_a_plain_loop():
    generator, w, losses = seeded(3), torch.ones(4, dtype=DOUBLE), []
    for _ in range(20):
        losses.append((w * w).sum() / 2)
        w = w - 0.1 * (w + torch.randn(4, generator=generator, dtype=DOUBLE))
    steps = list(training_steps(noisy, start(4), steps=20, generator=seeded(3)))
    assert [step.number for step in steps] == list(range(1, 21))
    assert torch.equal(torch.stack([step.loss for step in steps]), torch.stack(losses))
    assert torch.equal(steps[-1].state["w"], w)


def test_train_returns_the_last_step_and_the_seed_decides():
    ends = [train(noisy, start(4), steps=9, generator=seeded(seed)).state["w"] for seed in (1, 1, 2)]
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])


def test_no_global_seed_is_touched_or_used():
    before = torch.get_rng_state()
    first = train(noisy, start(4), steps=9, generator=seeded(1)).state["w"]
    assert torch.equal(torch.get_rng_state(), before)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        assert torch.equal(train(noisy, start(4), steps=9, generator=seeded(1)).state["w"], first)


def test_callbacks_are_started_called_and_closed():
    listener = Listener()
    train(noisy, start(2), steps=3, generator=seeded(0), on_step=[listener])
    assert listener.calls == [("start", 0, 3), 1, 2, 3, "close"]


def test_break_stops_early_and_closes():
    listener = Listener()
    for step in training_steps(noisy, start(2), steps=100, generator=seeded(0), on_step=[listener]):
        if step.number == 2:
            break
    assert listener.calls == [("start", 0, 100), 1, 2, "close"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupt_or_an_error_in_the_update_closes_every_callback(error):
    def interrupted(state, generator):
        if generator.draws == 2:
            raise error
        generator.draws += 1
        return state, torch.tensor(0.0)

    class Generator:
        draws = 0

        def get_state(self):
            return torch.zeros(1)

    first, second = Listener(), Listener()
    with pytest.raises(error):
        train(interrupted, start(2), steps=9, generator=Generator(), on_step=[first, second])
    assert first.calls == second.calls == [("start", 0, 9), 1, 2, "close"]


def test_a_callback_that_fails_to_close_does_not_keep_others_open():
    first, last, broken = Listener(), Listener(), Listener()
    broken.close = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        train(noisy, start(2), steps=1, generator=seeded(0), on_step=[first, broken, last])
    assert first.calls[-1] == last.calls[-1] == "close"


def test_plain_functions_are_callbacks():
    numbers = []
    train(noisy, start(2), steps=3, generator=seeded(0), on_step=[lambda step: numbers.append(step.number)])
    assert numbers == [1, 2, 3]


def test_no_graph_is_kept():
    def with_graph(state, generator):
        w = state["w"].requires_grad_()
        loss = (w * w).sum()
        return {"w": w - 0.1 * torch.autograd.grad(loss, w, create_graph=True)[0]}, loss

    step = train(with_graph, start(2), steps=3, generator=seeded(0))
    assert step.state["w"].grad_fn is None
    assert not step.loss.requires_grad


# --- losses that are not finite

def first_overflow(factor):
    """The update whose loss n² factor^(2 (number - 1)) overflows, for n = 1 unit of weight in 3 entries."""
    w, number = torch.ones(3, dtype=DOUBLE), 1
    while torch.isfinite((w ** 2).sum()):
        w, number = w * factor, number + 1
    return number


@pytest.mark.parametrize("check_every", [1, 7, 10_000])
def test_a_diverging_run_is_named_with_its_step(check_every):
    number = first_overflow(40.0)
    with pytest.raises(NonFiniteLoss, match=rf"step {number}: .*inf in run 1 of 3.*smaller step size") as caught:
        train(scaling([0.5, 40.0, 0.9]), start(3, 3), steps=2000, generator=seeded(0), check_every=check_every)
    error = caught.value
    assert (error.number, error.runs) == (number, (1,))
    assert isinstance(error, ArithmeticError)
    last_look = (number - 1) // check_every * check_every
    assert error.state_number == (last_look if check_every == 1 else max(0, last_look))
    expected = torch.tensor([0.5, 40.0, 0.9], dtype=DOUBLE)[:, None] ** error.state_number
    assert torch.allclose(error.state["w"], expected.expand(3, 3), rtol=1e-12)
    assert f"after {error.state_number} updates" in str(error)


def test_one_run_alone_has_no_run_number():
    with pytest.raises(NonFiniteLoss, match="got inf. Try a smaller step size; the state") as caught:
        train(lambda s, g: ({"w": s["w"] * 1e200}, (s["w"] ** 2).sum()), start(3), steps=9, generator=seeded(0))
    assert caught.value.runs == ()
    assert caught.value.number == 2


def test_the_kept_state_is_finite_even_when_the_last_one_is_not():
    def jumps(state, generator):  # the loss is finite in update 2, the state that it leaves is not
        w = state["w"]
        return {"w": w * (math.inf if w[0] > 1 else 2.0)}, w.sum()

    with pytest.raises(NonFiniteLoss) as caught:
        train(jumps, start(2), steps=9, generator=seeded(0))
    assert (caught.value.number, caught.value.state_number) == (3, 1)
    assert torch.equal(caught.value.state["w"], torch.full((2,), 2.0, dtype=DOUBLE))


def test_many_diverging_runs_are_counted():
    with pytest.raises(NonFiniteLoss, match="runs 0, 1, 2, 3, 4, 5, 6, 7 and 2 more of 10"):
        train(scaling([1e200] * 10), start(10, 1), steps=9, generator=seeded(0))


def test_freezing_holds_a_diverging_run_and_leaves_the_others_alone():
    alone = train(scaling([0.5, 0.9]), start(2, 3), steps=500, generator=seeded(0))
    both = train(scaling([0.5, 40.0, 0.9]), start(3, 3), steps=500, generator=seeded(0), diverged="freeze")
    assert torch.equal(both.state["w"][[0, 2]], alone.state["w"])
    assert torch.equal(both.loss[[0, 2]], alone.loss)
    assert both.loss[1] == math.inf
    expected = torch.ones(3, dtype=DOUBLE)
    for _ in range(first_overflow(40.0) - 1):
        expected = expected * 40.0
    assert torch.equal(both.state["w"][1], expected)


def test_a_frozen_run_stays_frozen_when_a_later_loss_would_be_finite():
    def once(state, generator):
        t = state["t"] + 1
        return {"w": state["w"] + 1, "t": t}, torch.tensor([1.0, math.nan if t == 2 else 1.0])

    step = train(once, {"w": torch.zeros(2), "t": 0}, steps=5, generator=seeded(0), diverged="freeze")
    assert step.state["w"].tolist() == [5.0, 1.0]
    assert step.loss.tolist() == [1.0, math.inf]


def test_a_run_whose_weights_overflow_is_frozen_before_its_loss_tells():
    def jumps(state, generator):
        return {"w": state["w"] * torch.tensor([[1.0], [math.inf]])}, torch.tensor([1.0, 1.0])

    step = train(jumps, {"w": torch.ones(2, 3)}, steps=3, generator=seeded(0), diverged="freeze")
    assert torch.equal(step.state["w"], torch.ones(2, 3))
    assert step.loss.tolist() == [1.0, math.inf]


def test_when_every_run_is_frozen_the_training_ends():
    with pytest.raises(NonFiniteLoss, match="runs 0, 1 of 2"):
        train(scaling([1e200, 1e100]), start(2, 1), steps=99, generator=seeded(0), diverged="freeze")


def test_freezing_needs_runs():
    with pytest.raises(ValueError, match="one loss a run"):
        train(noisy, start(3), steps=2, generator=seeded(0), diverged="freeze")


# --- refusals

@pytest.mark.parametrize(("options", "message"), [
    ({"steps": 0}, "steps >= 1"), ({"check_every": 0}, "check_every >= 1"),
    ({"diverged": "stop"}, 'expected "raise" or "freeze"; got'),
    ({"state": {"w": torch.tensor([math.nan])}}, "finite numbers to start from"),
    ({"state": {"w": object()}}, "tensors and plain numbers.*got a object"),
    ({"state": torch.return_types.max((torch.ones(1), torch.ones(1)))}, "expected dict, list or tuple; got a max"),
    ({"update": lambda s, g: s}, r"step 1: expected update to return \(state, loss\); got a dict"),
    ({"update": lambda s, g: (s, torch.ones(2, 3))}, r"shape \(\) or \(R,\); got float32 \(2, 3\)"),
    ({"update": lambda s, g: (s, torch.tensor(1))}, "expected a real loss.*int64"),
    ({"update": lambda s, g: ({"w": s["w"].mul_(0.5)}, s["w"].sum())}, "changed in place.*Return new tensors"),
    ({"update": lambda s, g: ({"w": s["w"].float()}, s["w"].sum())}, r"\['w'\].*keep it float64 \(4,\); got float32"),
    ({"update": lambda s, g: ({**s, "v": s["w"]}, s["w"].sum())}, r"state\['v'\].*keep it absent"),
])
def test_refusals_say_what_to_do(options, message):
    arguments = {"update": noisy, "state": start(4), "steps": 3, "generator": seeded(0), **options}
    with pytest.raises(ValueError, match=message):
        train(arguments.pop("update"), arguments.pop("state"), **arguments)


def test_a_generator_elsewhere_is_refused():
    class Elsewhere(torch.Generator):
        device = torch.device("cuda")

    with pytest.raises(ValueError, match="on the CPU, so that every device sees the same numbers"):
        train(noisy, start(2), steps=1, generator=Elsewhere())


def test_there_is_no_training_without_a_generator():
    with pytest.raises(TypeError, match="generator"):
        train(noisy, start(2), steps=1)
