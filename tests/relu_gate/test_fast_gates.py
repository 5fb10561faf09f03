"""The fast path for many gates: the slow path's numbers, run by run, whatever runs beside it."""

import numpy as np
import pytest

from mathdl.relu_gate.fast_gates import sample_order, slow_gates, train_gates

RNG = np.random.default_rng(0)
X, W0 = RNG.standard_normal((30, 7)), RNG.standard_normal((21, 7))
Y = np.maximum(X @ RNG.standard_normal(7), 0) + 0.1 * RNG.standard_normal(30)
SEEDS = np.arange(21)


@pytest.mark.statement("relu_gate/ours-fast-gates")
@pytest.mark.parametrize("mode", ["gradient", "labels"])
@pytest.mark.parametrize("batch", [1, 2, 4, 7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_fast_path_is_the_slow_path(mode, batch, dtype):
    order = sample_order(SEEDS, 30, 12, batch)
    fast = train_gates(X, Y, W0, step=0.05, updates=12, batch=batch, order=order, mode=mode, dtype=dtype).w
    slow = slow_gates(X, Y, W0, order, step=0.05, mode=mode, dtype=dtype)
    apart = np.linalg.norm(fast - slow.w, axis=1)
    assert slow.decided.mean() > 0.8
    assert (apart <= slow.bound)[slow.decided].all()
    assert (slow.bound < (1e-3 if dtype == np.float32 else 1e-11)).all()


@pytest.mark.statement("relu_gate/ours-fast-gates")
def test_the_bound_follows_rounding_that_a_large_step_blows_up():
    """Starts at the target: nothing moves but rounding, which a step of 3 stretches more than tenfold."""
    w_star = W0[:3].astype(np.float32).astype(float)
    for r in range(3):
        y, order = np.maximum(X @ w_star[r], 0), sample_order([r], 30, 30)
        options = {"step": 3.0, "mode": "labels"}
        fast = train_gates(X, y, w_star[r:r + 1], updates=30, order=order, **options).w
        slow = slow_gates(X, y, w_star[r:r + 1], order, **options)
        assert 1e-3 < np.linalg.norm(fast - slow.w) <= slow.bound[0]


@pytest.mark.statement("relu_gate/ours-fast-gates")
@pytest.mark.parametrize("batch", [1, 4, 6])
def test_a_run_alone_has_the_same_bits(batch):
    options = {"updates": 50, "batch": batch}
    steps = np.linspace(0.01, 0.1, 21)
    together = train_gates(X, Y, W0, step=steps, seeds=SEEDS, **options).w
    for r in (0, 5, 15, 16, 20):
        alone = train_gates(X, Y, W0[r:r + 1], step=steps[r], seeds=SEEDS[r:r + 1], **options).w
        assert (alone[0] == together[r]).all()
    threads = train_gates(X, Y, W0, step=steps, seeds=SEEDS, threads=3, **options).w
    assert (threads == together).all()


def test_order_seeds_and_rng_say_the_same():
    options = {"step": 0.05, "updates": 9, "batch": 3}
    order = sample_order(SEEDS, 30, 9, 3)
    by_seeds = train_gates(X, Y, W0, seeds=SEEDS, **options).w
    assert (train_gates(X, Y, W0, order=order, **options).w == by_seeds).all()
    drawn = np.random.default_rng(5).integers(2 ** 64, size=21, dtype=np.uint64)
    by_rng = train_gates(X, Y, W0, rng=np.random.default_rng(5), **options).w
    assert (train_gates(X, Y, W0, seeds=drawn, **options).w == by_rng).all()


def test_splitmix64_and_its_frequencies():
    """The first numbers of seed 1234567 as published with the generator, and every sample equally often."""
    high = [z >> 32 for z in (6457827717110365317, 3203168211198807973, 9817491932198370423)]
    samples = 2 ** 31 - 1
    assert sample_order([1234567], samples, 3)[0, :, 0].tolist() == [h * samples >> 32 for h in high]
    counts = np.bincount(sample_order(np.arange(40), 10, 2500).ravel(), minlength=10)
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 45  # chi-square with 9 degrees exceeds 45 with chance 1e-6


def test_every_and_the_path():
    whole = train_gates(X, Y, W0, step=0.05, updates=10, seeds=SEEDS, every=4)
    assert whole.times.tolist() == [0, 4, 8, 10]
    assert (whole.path[0] == W0.astype(np.float32)).all()
    for t, w in zip(whole.times, whole.path, strict=True):
        assert (train_gates(X, Y, W0, step=0.05, updates=int(t), seeds=SEEDS).w == w).all()
    assert (whole.w == whole.path[-1]).all()
    assert train_gates(X, Y, W0, step=0.05, updates=10, seeds=SEEDS).path.shape == (1, 21, 7)


def test_long_orders_are_drawn_in_parts(monkeypatch):
    whole = train_gates(X, Y, W0, step=0.05, updates=40, batch=2, seeds=SEEDS).w
    monkeypatch.setattr("mathdl.relu_gate.fast_gates.DRAWN", 100)
    assert (train_gates(X, Y, W0, step=0.05, updates=40, batch=2, seeds=SEEDS).w == whole).all()


def test_labels_mode_finds_the_target_and_a_large_step_overflows():
    w_star = RNG.standard_normal(7)
    y = np.maximum(X @ w_star, 0)
    assert (y > 0).sum() >= 7
    found = train_gates(X, y, W0, step=0.1, updates=6000, seeds=SEEDS, mode="labels", dtype=np.float64).w
    assert abs(found - w_star).max() < 1e-6
    assert not np.isfinite(train_gates(X, y, W0, step=10.0, updates=200, seeds=SEEDS, mode="labels").w).all()


def test_a_wrong_kernel_is_seen(monkeypatch):
    """With the indicator of the other mode the distance leaves the bound."""
    order = sample_order(SEEDS, 30, 12, 1)
    other = train_gates(X, Y, W0, step=0.05, updates=12, order=order, mode="labels").w
    slow = slow_gates(X, Y, W0, order, step=0.05, mode="gradient")
    assert (np.linalg.norm(other - slow.w, axis=1) > slow.bound).any()


@pytest.mark.parametrize(("change", "words"), [
    ({"w0": W0[:, :3]}, "one start a row"), ({"step": -0.1}, "number > 0"), ({"step": np.ones(3)}, "one a run"),
    ({"updates": -1}, "updates >= 0"), ({"batch": 0}, "batch >= 1"), ({"mode": "newton"}, "mode"),
    ({"dtype": np.float16}, "float32 or float64"), ({"seeds": None}, "exactly one"), ({"seeds": np.arange(3)}, "seeds"),
    ({"seeds": None, "order": np.zeros((21, 5), int)}, "order: expected integers"),
    ({"seeds": None, "order": np.full((21, 5, 1), 30)}, "row numbers from 0 to 29"),
    ({"y": Y[:5]}, "one label a sample")])
def test_bad_input(change, words):
    options = {"x": X, "y": Y, "w0": W0, "step": 0.1, "updates": 5, "seeds": SEEDS, **change}
    with pytest.raises(ValueError, match=words):
        train_gates(options.pop("x"), options.pop("y"), options.pop("w0"), **options)
    with pytest.raises(ValueError, match="samples"):
        sample_order([1], 0, 3)
