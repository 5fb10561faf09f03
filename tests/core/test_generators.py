"""Streams of random numbers: each run's own, the same alone and in a batch, and put back where they stood."""

import hashlib

import numpy as np
import pytest
import torch

from mathdl.core.generators import BLOCK, RunGenerators
from mathdl.core.intervals import ALARM, mean_error

DRAWS = {
    "normal": lambda g: g.normal(3),
    "normal matrix": lambda g: g.normal(4, 5, dtype=torch.float64),
    "one number": lambda g: g.uniform(),
    "more than a block": lambda g: g.normal(BLOCK + 1),
    "integers": lambda g: g.integers(10, 6),
    "batch": lambda g: g.batch(7, 3),
    "long batch": lambda g: g.batch(700, 300),
}


@pytest.fixture(params=DRAWS.values(), ids=DRAWS.keys())
def draw(request):
    return request.param


def test_a_run_alone_sees_what_it_sees_among_others(draw):
    together, alone = RunGenerators([5, 11, 2**64 - 1]), RunGenerators([11])
    for _ in range(300):
        assert torch.equal(draw(together)[1:2], draw(alone))


def test_numbers_are_those_of_philox_with_this_key_and_counter():
    words = int.from_bytes(hashlib.sha256(b"normal torch.float64 (2,)").digest()[:8], "little")
    generators, rows = RunGenerators([6]), 256
    found = torch.cat([generators.normal(2, dtype=torch.float64) for _ in range(3 * rows)]).numpy()
    expected = [np.random.Generator(np.random.Philox(key=6 | words << 64, counter=block << 192)).normal(size=(rows, 2))
                for block in range(3)]
    np.testing.assert_array_equal(found, np.concatenate(expected))


def test_state_puts_the_streams_back_between_and_inside_blocks(draw):
    for before in (0, 1, 2, 5, 40, 260):
        generators = RunGenerators([5, 6])
        for _ in range(before):
            draw(generators)
        state = generators.get_state()
        expected = [draw(generators) for _ in range(5)]
        fresh = RunGenerators([5, 6])
        draw(fresh)
        fresh.set_state(state)
        assert all(torch.equal(draw(fresh), numbers) for numbers in expected)


def test_rows_kinds_and_seeds_differ():
    generators = RunGenerators([0, 1])
    rows = [generators.normal(3) for _ in range(400)]
    kinds = [generators.uniform(3), generators.normal(3, 1)[..., 0], RunGenerators([2, 3]).normal(3)]
    assert len({tuple(row.tolist()) for pair in [*rows, *kinds] for row in pair}) == 2 * 403


def test_equal_seeds_give_equal_numbers():
    numbers = RunGenerators([4, 4]).normal(8)
    assert torch.equal(numbers[0], numbers[1])


@pytest.mark.parametrize(("n_samples", "size"), [(12, 4), (7, 3), (5, 5), (1, 1), (300, 7)])
def test_each_epoch_holds_every_sample_once(n_samples, size):
    generators = RunGenerators([0, 1])
    epochs = 4 * size  # a whole number of batches
    order = torch.cat([generators.batch(n_samples, size) for _ in range(epochs * n_samples // size)], 1)
    order = order.reshape(2, epochs, n_samples)
    assert torch.equal(order.sort(-1).values, torch.arange(n_samples).expand(2, epochs, n_samples))
    if n_samples > 5:
        assert len({tuple(epoch.tolist()) for run in order for epoch in run}) == 2 * epochs


def test_long_orders_are_shuffled_too():
    generators = RunGenerators([0, 1])
    orders = [generators.batch(1000, 1000) for _ in range(2)]
    assert len({tuple(order.tolist()) for order in (*torch.cat(orders), torch.arange(1000))}) == 5


def test_orders_are_uniform():
    """Each of the six orders of three samples, by its frequency among 6,000; the alarm is shared between the six."""
    generators = RunGenerators(range(60))
    orders = torch.cat([generators.batch(3, 3) for _ in range(100)])
    codes = orders[:, 0] * 3 + orders[:, 1]
    for code in (1, 2, 3, 5, 6, 7):
        hits = (codes == code).numpy().astype(float)
        assert abs(hits.mean() - 1 / 6) <= mean_error(hits, ALARM / 6)


def test_moments():
    generators = RunGenerators(range(100))
    normal = torch.stack([generators.normal(10) for _ in range(20)]).double().flatten().numpy()
    assert abs(normal.mean()) <= mean_error(normal, ALARM / 2)
    assert abs((normal ** 2).mean() - 1) <= mean_error(normal ** 2, ALARM / 2)


def test_no_global_seed_is_touched():
    ours, theirs = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    RunGenerators([1]).normal(3)
    assert torch.equal(torch.get_rng_state(), ours)
    np.testing.assert_array_equal(np.random.get_state()[1], theirs)  # noqa: NPY002


@pytest.mark.parametrize("seeds", [[], [-1], [2**64]])
def test_other_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match=r"integers from 0 to 2\^64 - 1"):
        RunGenerators(seeds)


def test_refusals():
    generators = RunGenerators([1])
    with pytest.raises(ValueError, match="expected 1 to 5 samples a batch; got 6"):
        generators.batch(5, 6)
    with pytest.raises(ValueError, match="float32 or torch.float64"):
        generators.normal(2, dtype=torch.float16)
    with pytest.raises(ValueError, match=r"seeds \(1,\); got \[2\]"):
        generators.set_state(RunGenerators([2]).get_state())
