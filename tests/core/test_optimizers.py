"""Descent rules: equal to torch.optim in float64, equal to their formulas where torch has none, and one value a run."""

import pytest
import torch

from mathdl.core.optimizers import adam, per_run, rmsprop, sgd

DOUBLE = torch.float64
SCALES = torch.tensor([0.3, 1.0, 4.0, 0.0], dtype=DOUBLE)  # the last coordinate has gradient zero

PEERS = {
    "sgd": (lambda step: sgd(step), lambda p, lr: torch.optim.SGD(p, lr=lr)),
    "momentum": (lambda step: sgd(step, momentum=0.9), lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9)),
    "nesterov": (lambda step: sgd(step, momentum=0.9, nesterov=True),
                 lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True)),
    "rmsprop": (lambda step: rmsprop(step, decay=0.9, shift=1e-3),
                lambda p, lr: torch.optim.RMSprop(p, lr=lr, alpha=0.9, eps=1e-3)),
    "adam": (lambda step: adam(step, decay1=0.8, decay2=0.95, shift=1e-3),
             lambda p, lr: torch.optim.Adam(p, lr=lr, betas=(0.8, 0.95), eps=1e-3)),
}
EVERY = {name: ours for name, (ours, _) in PEERS.items()} | {
    "rmsprop, shift in the root": lambda step: rmsprop(step, shift=1e-3, shift_in="root"),
    "rmsprop of the source": lambda step: rmsprop(step, shift=1e-3, shift_in="recursion"),
    "adam of the source": lambda step: adam(step, bias_correction=False),
}


def gradient(w):
    """Of a quartic whose coordinates differ in scale."""
    return SCALES * w * (1 + w * w)


def begin():
    return torch.linspace(-1, 1, 12, dtype=DOUBLE).reshape(3, 4)


def descended(optimizer, w, updates=50, gradient=gradient):
    memory = optimizer.start(w)
    for _ in range(updates):
        w, memory = optimizer(w, gradient(w), memory)
    return w


@pytest.mark.parametrize("name", PEERS)
def test_equal_to_torch(name):
    ours, theirs = PEERS[name]
    w = begin().requires_grad_()
    peer = theirs([w], 0.05)
    for _ in range(50):
        w.grad = gradient(w.detach())
        peer.step()
    found = descended(ours(0.05), begin())
    assert not torch.equal(found, begin())
    # fifty updates, each rounding about ten times at size 1, add up to 50 * 10 * 2.2e-16 = 1.1e-13
    torch.testing.assert_close(found, w.detach(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("rule", EVERY.values(), ids=EVERY.keys())
def test_a_step_size_a_run_is_each_run_alone(rule):
    steps = torch.tensor([0.01, 0.05, 0.1], dtype=DOUBLE)
    together = descended(rule(steps), begin())
    for r in range(3):
        assert torch.equal(together[r], descended(rule(float(steps[r])), begin()[r]))


def test_every_number_may_differ_between_runs():
    two = torch.tensor([0.5, 0.9], dtype=DOUBLE)
    rules = {"momentum": lambda v: sgd(0.1, momentum=v), "decay": lambda v: rmsprop(0.1, decay=v),
             "shift": lambda v: rmsprop(0.1, shift=v), "decay1": lambda v: adam(0.1, decay1=v),
             "decay2": lambda v: adam(0.1, decay2=v), "adam's shift": lambda v: adam(0.1, shift=v)}
    for name, rule in rules.items():
        together = descended(rule(two), begin()[:2], updates=9)
        alone = torch.stack([descended(rule(float(v)), begin()[r], updates=9) for r, v in enumerate(two)])
        # x ** t of a tensor and of a number may be rounded differently
        torch.testing.assert_close(together, alone, rtol=1e-12, atol=0, msg=name)


@pytest.mark.parametrize("rule", EVERY.values(), ids=EVERY.keys())
def test_nested_parameters_are_descended_leaf_by_leaf(rule):
    w, optimizer = begin(), rule(0.05)
    nested, memory = {"a": w[0], "b": [w[1], (w[2],)]}, None
    memory = optimizer.start(nested)
    for _ in range(9):
        gradients = {"a": gradient(nested["a"]), "b": [gradient(nested["b"][0]), (gradient(nested["b"][1][0]),)]}
        nested, memory = optimizer(nested, gradients, memory)
    found = torch.stack([nested["a"], nested["b"][0], nested["b"][1][0]])
    assert torch.equal(found, descended(optimizer, w, updates=9))


@pytest.mark.parametrize("rule", EVERY.values(), ids=EVERY.keys())
def test_nothing_is_changed_in_place(rule):
    w, optimizer = begin(), rule(0.05)
    _, memory = optimizer(w, gradient(w), optimizer.start(w))
    versions = [t._version for t in (w, *(m for m in memory.values() if isinstance(m, torch.Tensor)))]
    optimizer(w, gradient(w), memory)
    assert versions == [t._version for t in (w, *(m for m in memory.values() if isinstance(m, torch.Tensor)))]


def by_formula(places, step, shift, beta, updates=20):
    """RMSProp in plain Python, coordinate by coordinate, with v solved as a sum over the past."""
    w, past = begin(), []
    for _ in range(updates):
        g = gradient(w)
        past.append(g * g + (shift if places == "recursion" else 0))
        v = sum((1 - beta) * beta ** (len(past) - 1 - k) * each for k, each in enumerate(past))
        root = {"denominator": v.sqrt() + shift, "root": (v + shift).sqrt(), "recursion": v.sqrt()}[places]
        w = w - step * g / root
    return w


@pytest.mark.parametrize("place", ["denominator", "root", "recursion"])
def test_where_the_shift_stands(place):
    found = descended(rmsprop(0.05, decay=0.9, shift=1e-2, shift_in=place), begin(), updates=20)
    torch.testing.assert_close(found, by_formula(place, 0.05, 1e-2, 0.9), rtol=0, atol=1e-13)
    others = {"denominator", "root", "recursion"} - {place}
    assert all((found - by_formula(other, 0.05, 1e-2, 0.9)).abs().max() > 1e-3 for other in others)


def test_adam_of_the_source_is_torch_s_with_another_step_and_shift():
    """Mukherjee 2020, Algorithm 7, with α_t = α √(1-β₂^t)/(1-β₁^t) and shift ε √(1-β₂^t) at time t."""
    w, memory = begin(), None
    for t in range(1, 21):
        root = (1 - 0.999 ** t) ** 0.5
        rule = adam(0.05 * root / (1 - 0.9 ** t), shift=1e-3 * root, bias_correction=False)
        w, memory = rule(w, gradient(w), memory or rule.start(w))
    torch.testing.assert_close(w, descended(adam(0.05, shift=1e-3), begin(), updates=20), rtol=0, atol=1e-13)


def test_a_coordinate_without_gradient_stays_even_without_a_shift():
    for rule in (rmsprop(0.1, shift=0.0), adam(0.1, shift=0.0), rmsprop(0.1, shift=0.0, shift_in="recursion")):
        found = descended(rule, begin(), updates=5)
        assert torch.isfinite(found).all()
        assert torch.equal(found[:, 3], begin()[:, 3])


def test_a_step_may_depend_on_time():
    w = torch.ones(1, dtype=DOUBLE)
    found = descended(sgd(lambda t: 1 / t), w, updates=4, gradient=lambda w: torch.ones_like(w))
    torch.testing.assert_close(found, w - (1 + 1 / 2 + 1 / 3 + 1 / 4), rtol=0, atol=1e-15)


def test_per_run_shapes():
    assert per_run(0.5, torch.zeros(2, 3)) == 0.5
    assert per_run(torch.ones(2), torch.zeros(2, 3, 4)).shape == (2, 1, 1)
    assert per_run(torch.ones(2), torch.zeros(2, dtype=DOUBLE)).dtype == DOUBLE
    for value in (torch.ones(3), torch.ones(2, 1)):
        with pytest.raises(ValueError, match=r"one for each of the R runs that lead the parameters \(2, 3\); got"):
            per_run(value, torch.zeros(2, 3))


def test_refusals():
    with pytest.raises(ValueError, match="momentum > 0"):
        sgd(0.1, nesterov=True)
    with pytest.raises(ValueError, match="'denominator', 'root', 'recursion'.*got 'inside'"):
        rmsprop(0.1, shift_in="inside")


def test_gradients_of_gradients_are_not_kept():
    w = torch.ones(2, requires_grad=True)
    new, _ = sgd(0.1)(w, 2 * w, sgd(0.1).start(w))
    assert not new.requires_grad
