"""Algorithm 2 in compiled blocks: against the plain update, against exact means, and where it breaks."""

import numpy as np
import pytest

from mathdl.core.intervals import mean_error
from mathdl.relu_gate import modified_sgd as module
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.laws import FiniteLaw, Gaussian, HalfSpace, Pareto, SkewExponential, StudentT, cross_polytope
from mathdl.relu_gate.modified_sgd import modified_sgd
from mathdl.relu_gate.moments import GateMoments
from mathdl.relu_gate.steps import modified_sgd_step


class Replayed:
    """A law that hands out given inputs, one after the other."""

    def __init__(self, x):
        self.x, self.n, self.used = x, x.shape[-1], 0

    def sample(self, shape, *, rng):
        self.used += shape[0]
        return self.x[self.used - shape[0]:self.used]


@pytest.mark.parametrize("block", [1, 100, 1 << 19])
def test_compiled_blocks_are_the_plain_updates(block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    rng = np.random.default_rng(0)
    x, w_star, w1, steps = (rng.standard_normal(s) for s in ((30, 4, 3), 3, (4, 3), 4))
    runs = modified_sgd(Replayed(x), w_star, w1, step=np.abs(steps) / 5, updates=30, runs=4, rng=rng, keep=True)
    w = w1
    for t in range(30):
        w = modified_sgd_step(w, x[t], labels(x[t], w_star), np.abs(steps) / 5)
        assert np.abs(runs.path[t + 1] - w).max() < 1e-13
    assert np.abs(runs.squared_distance - ((runs.path - w_star) ** 2).sum(-1)).max() < 1e-13
    assert (runs.w == runs.path[-1]).all()
    assert (runs.path[0] == w1).all()


def test_times_start_at_one():
    runs = modified_sgd(Gaussian(2), (1, 0), (0, 0), step=.1, updates=7, runs=3, rng=np.random.default_rng(0))
    assert (runs.t0, runs.times[-1], runs.path) == (1, 8, None)
    assert (runs.at(1) == 1).all()
    with pytest.raises(ValueError, match="from 1 to 8"):
        runs.at(0)


def test_the_starts_are_not_changed():
    w1 = np.zeros((2, 2))
    modified_sgd(Gaussian(2), (1, 0), w1, step=.1, updates=3, runs=2, rng=np.random.default_rng(0))
    assert not w1.any()


def test_memory_is_bounded():
    """No block is larger than BLOCK numbers, unless one sample a run is."""
    class Watched(Gaussian):
        largest = 0

        def sample(self, shape, *, rng):
            Watched.largest = max(Watched.largest, shape[0] * shape[1] * self.n)
            return super().sample(shape, rng=rng)

    modified_sgd(Watched(4), np.ones(4), np.zeros(4), step=.01, updates=3000, runs=100, rng=np.random.default_rng(0))
    assert module.BLOCK / 2 < Watched.largest <= module.BLOCK


@pytest.mark.statement("relu_gate/theorem-3.3.1")
@pytest.mark.parametrize(("n", "updates"), [(2, 32), (5, 116), (10, 378), (20, 902)])
def test_the_mean_is_the_exact_contraction_and_below_the_bound(n, updates):
    """The ledger's table: Gaussian inputs, 400 runs from ‖v_1‖ = 1 with the source's step."""
    m, w_star = GateMoments.gaussian(n), np.eye(n)[0]
    runs = modified_sgd(Gaussian(n), w_star, np.zeros(n), step=m.step_size(), updates=updates, runs=400,
                        rng=np.random.default_rng(0))
    final = runs.at(1 + updates)
    assert abs(final.mean() - m.contraction(m.step_size()) ** updates) <= mean_error(final)
    assert final.mean() <= m.rate() ** updates


@pytest.mark.statement("relu_gate/ours-sharp-step")
@pytest.mark.parametrize("law", [Gaussian(6), StudentT(6, 17), cross_polytope(6)], ids=lambda law: law.name)
def test_the_sharp_rate_is_the_mean_where_both_matrices_are_round(law):
    m = law.moments(np.arange(1.0, 7))
    w_star = np.arange(1.0, 7) / 3
    final = modified_sgd(law, w_star, np.zeros(6), step=m.step_size("sharp"), updates=20, runs=4000,
                         rng=np.random.default_rng(0)).at(21)
    assert abs(final.mean() / (w_star @ w_star) - m.rate(kind="sharp") ** 20) <= mean_error(final) / (w_star @ w_star)


def test_skew_inputs_stay_below_both_bounds():
    law, w_star = SkewExponential(3), np.array([1, 2, -1]) / 6 ** .5
    m = law.moments(w_star)
    for kind in ("seed", "sharp"):
        final = modified_sgd(law, w_star, np.zeros(3), step=m.step_size(kind), updates=150, runs=1000,
                             rng=np.random.default_rng(0)).at(151)
        assert final.mean() - mean_error(final) <= m.rate(kind=kind) ** 150


def test_a_direction_without_active_inputs_is_never_learned():
    runs = modified_sgd(HalfSpace(3), (1, 0, 0), (0, 0, 1), step=.1, updates=3000, runs=5,
                        rng=np.random.default_rng(0))
    assert (runs.w[:, 2] == 1).all()
    assert np.abs(runs.w[:, :2] - (1, 0)).max() < 1e-12


def test_heavy_tails_make_the_mean_grow_with_the_number_of_runs():
    """Pareto tail 3: E v² is infinite after one update, so means grow with the runs and medians do not.

    Exactly: with one input, E min(v_2², M) at the step s is at least P(s x² >= 1 + √M)/2 · M ~ M^(1/4), unbounded.
    """
    def after(runs):
        return modified_sgd(Pareto(1, 3), [1], [0], step=.1, updates=12, runs=runs,
                            rng=np.random.default_rng(0)).at(13)

    few, many = after(100), after(400_000)
    assert many.mean() > 5 * few.mean()
    assert np.median(many) == pytest.approx(np.median(few), abs=.03)
    s, M = .1, 10.0 ** np.arange(2, 14, 3)
    truncated = M * ((1 + M ** .5) / s) ** -1.5 / 2
    assert (np.diff(truncated) > 0).all()


def test_label_noise_leaves_a_floor_and_a_bias():
    """Noise makes labels of inactive samples positive: the iterates stall, and around another point than w_*."""
    def distances(noise):
        return modified_sgd(Gaussian(3), (1, 0, 0), (0, 0, 0), step=.1, updates=1500, runs=200,
                            rng=np.random.default_rng(0), label_noise=noise)

    clean, noisy = distances(None), distances(.3)
    assert clean.at(1501).max() < 1e-20
    late = noisy.squared_distance[500:].mean(axis=1)
    assert late.min() > .15
    assert late[:500].mean() == pytest.approx(late[500:].mean(), rel=.1)
    gap = noisy.w[:, 0] - 1
    assert gap.mean() + mean_error(gap) < -.2


def test_the_wrong_sign_diverges():
    runs = modified_sgd(Gaussian(3), (1, 0, 0), (0, 0, 0), step=-.1, updates=200, runs=50, rng=np.random.default_rng(0))
    assert np.median(runs.at(201)) > 1e3


@pytest.mark.parametrize(("change", "message"), [
    ({"runs": 0}, "runs >= 1"), ({"updates": -1}, "updates >= 0"), ({"w1": (0, 0, 0)}, "w1 of shape"),
    ({"step": (.1, .1, .1)}, "step a number"), ({"step": np.nan}, "finite"), ({"w1": (np.inf, 0)}, "finite"),
    ({"w_star": (1, 0, 0)}, "expected 2 finite"), ({"label_noise": -1.0}, "standard deviation")])
def test_bad_input_is_refused(change, message):
    good = {"w_star": (1, 0), "w1": (0, 0), "step": .1, "updates": 1, "runs": 2}
    with pytest.raises(ValueError, match=message):
        modified_sgd(Gaussian(2), rng=np.random.default_rng(0), **{**good, **change})


def test_no_updates_and_exact_hits():
    law = FiniteLaw(((1,),))
    assert modified_sgd(law, [2], [0], step=1, updates=0, runs=1, rng=np.random.default_rng(0)).at(1)[0] == 4
    assert modified_sgd(law, [2], [0], step=1, updates=1, runs=1, rng=np.random.default_rng(0)).at(2)[0] == 0
